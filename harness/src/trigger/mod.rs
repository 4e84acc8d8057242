//! How an event enters an app.

mod cgi;
mod chain;
mod client;
mod dispatch;
mod drive;
mod exchange;
mod inbound_http;
pub(crate) mod reuse;
mod wagi;

pub use exchange::{Request, RequestError, Response};
