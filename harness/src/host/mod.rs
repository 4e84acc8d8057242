//! What a guest may call: one module per interface family, each turning a guest's call into a call on the sandbox.

pub(crate) mod bindings;
mod denied;
mod handles;
mod instance;
mod key_value;
mod link;
mod llm;
mod mqtt;
mod outgoing_http;
mod rdbms;
mod redis;
mod snapshot_2023;
mod sockets;
mod spin_http;
mod sqlite;
mod stop;
pub mod support;
mod tcp;
mod telemetry;
mod unprovided;
mod variables;

pub(crate) use bindings::http_types_1::{Request as Spin1Request, Response as Spin1Response};
pub(crate) use denied::denied_import;
pub(crate) use instance::{InstanceState, Program};
#[cfg(test)]
pub(crate) use key_value::RedisServer;
pub(crate) use link::{link_component, linker};
pub(crate) use stop::Stop;
pub(crate) use unprovided::SPIN_PACKAGES;
