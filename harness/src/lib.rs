//! A test harness and mock runtime for Spin apps.
pub mod app;
pub mod diff;
pub mod engine;
mod host;
pub mod sandbox;
pub mod snapshot;
pub mod storage;
pub mod trigger;
pub mod value;

pub use engine::{App, AppError};
pub use sandbox::{Fault, Sandbox};
pub use storage::{Error, Operation};
