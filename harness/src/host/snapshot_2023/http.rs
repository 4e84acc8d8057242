//! Headers of the first snapshot, and what it can say of a failed request.

use super::{Instance, Store};
use wasmtime::component::{ComponentType, Lift, Lower, Resource};
use wasmtime_wasi_http::p2::HeaderResult;
use wasmtime_wasi_http::p2::bindings::http::types::{self, ErrorCode, Fields, HostFields as _};
use wasmtime_wasi_http::{WasiHttpCtxView, WasiHttpView as _};

/// How a request can fail, as far as the snapshot tells.
#[derive(Clone, Debug, ComponentType, Lift, Lower)]
#[component(variant)]
pub(super) enum Error {
    #[component(name = "invalid-url")]
    InvalidUrl(String),
    #[component(name = "timeout-error")]
    Timeout(String),
    #[component(name = "protocol-error")]
    Protocol(String),
    #[component(name = "unexpected-error")]
    Unexpected(String),
}

impl From<ErrorCode> for Error {
    /// Spin tells them all in one way.
    fn from(code: ErrorCode) -> Self {
        Self::Unexpected(code.to_string())
    }
}

impl From<Error> for ErrorCode {
    fn from(error: Error) -> Self {
        Self::InternalError(Some(match error {
            Error::InvalidUrl(text) => format!("invalid url: {text}"),
            Error::Timeout(text) => format!("timeout: {text}"),
            Error::Protocol(text) => format!("protocol error: {text}"),
            Error::Unexpected(text) => format!("unexpected error: {text}"),
        }))
    }
}

pub(super) type FieldList = Vec<(String, Vec<u8>)>;

/// What the functions of 0.2 beneath are called on.
pub(super) fn http_of<'a>(store: &'a mut Store<'_>) -> WasiHttpCtxView<'a> {
    store.data_mut().http()
}

/// Links what both snapshots say of headers.
pub(super) fn link_fields_of_both(into: &mut Instance<'_>) -> wasmtime::Result<()> {
    resource!(into, "fields": Fields, HostFields {
        "get" => get(name: String),
        "entries" => entries(),
        "clone" => clone(),
    });
    Ok(())
}

/// Links the headers.
pub(super) fn link_fields(into: &mut Instance<'_>) -> wasmtime::Result<()> {
    type It = Resource<Fields>;
    link_fields_of_both(into)?;
    into.func_wrap(
        "[constructor]fields",
        |mut store, (entries,): (FieldList,)| Ok((valid(http_of(&mut store).from_list(entries))?,)),
    )?;
    into.func_wrap(
        "[method]fields.set",
        |mut store, (it, name, values): (It, String, Vec<Vec<u8>>)| {
            let set = types::HostFields::set(&mut http_of(&mut store), it, name, values);
            valid(set)
        },
    )?;
    into.func_wrap(
        "[method]fields.delete",
        |mut store, (it, name): (It, String)| valid(http_of(&mut store).delete(it, name)),
    )?;
    into.func_wrap(
        "[method]fields.append",
        |mut store, (it, name, value): (It, String, Vec<u8>)| {
            valid(http_of(&mut store).append(it, name, value))
        },
    )
}

/// The snapshot has no way to say that a header is refused: that ends the instance.
fn valid<T>(result: HeaderResult<T>) -> wasmtime::Result<T> {
    result.map_err(|error| match error.downcast() {
        Ok(error) => wasmtime::Error::msg(error.to_string()),
        Err(trap) => trap,
    })
}
