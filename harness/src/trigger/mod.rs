//! How an event enters an app.

mod chain;
mod client;
mod dispatch;
mod drive;
mod exchange;
mod redis;
pub(crate) mod reuse;

pub use exchange::{Request, RequestError, Response};
pub use redis::{MessageHandling, MessageOutcome, RedisMessage};
