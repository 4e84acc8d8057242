//! How an event enters an app.

mod chain;
mod client;
mod dispatch;
mod drive;
mod exchange;
pub(crate) mod reuse;

pub use exchange::{Request, RequestError, Response};
