//! How an event enters an app.

mod bounded;
mod cgi;
mod chain;
mod client;
mod dispatch;
mod drive;
mod exchange;
mod inbound_http;
mod instantiate;
mod redis;
pub(crate) mod reuse;
mod wagi;

pub use exchange::{Request, RequestError, Response};
pub use redis::{MessageHandling, MessageOutcome, RedisMessage};
