//! wasmtime: compile, cache, link once, instantiate often. Knows no Spin semantics beyond what it links.

mod app;
mod assemble;
mod cache;
mod compiler;
mod component;
mod compose;
mod config;
mod early_wasi;
mod module;
mod mounts;
mod redis_handler;
mod rename;

pub use app::{App, AppBuilder, AppError, AppSource};
pub use cache::Cache;
pub use compiler::{CompileError, Compiler, Progress};
pub(crate) use component::{CompiledComponent, Handler, Spin1Pre, Unpooled, is_called};
pub use compose::ComposeError;
pub(crate) use module::name_of_today;
pub(crate) use mounts::{Mount, lay_out};
pub(crate) use redis_handler::{RedisChannel, RedisHandler};
