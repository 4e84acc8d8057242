//! Requests that come in and responses to those that were sent: most of it is the same in both snapshots.

use super::Instance;
use super::http::{Error, http_of};
use wasmtime::component::Resource;
use wasmtime_wasi_http::WasiHttpCtxView;
use wasmtime_wasi_http::p2::bindings::http::types::{
    self, ErrorCode, Fields, FutureIncomingResponse, FutureTrailers, IncomingBody, IncomingRequest,
    IncomingResponse,
};

/// Links what both snapshots say of them.
pub(super) fn link_both(into: &mut Instance<'_>) -> wasmtime::Result<()> {
    resource!(into, "incoming-request": IncomingRequest, HostIncomingRequest {
        "method" => method(),
        "path-with-query" => path_with_query(),
        "scheme" => scheme(),
        "authority" => authority(),
        "headers" => headers(),
        "consume" => consume(),
    });
    resource!(into, "incoming-response": IncomingResponse, HostIncomingResponse {
        "status" => status(),
        "headers" => headers(),
        "consume" => consume(),
    });
    resource!(into, "incoming-body": IncomingBody, HostIncomingBody {
        "stream" => stream(),
    });
    into.func_wrap(
        "[static]incoming-body.finish",
        |mut store, (it,): (Resource<IncomingBody>,)| {
            let mut http = http_of(&mut store);
            Ok((types::HostIncomingBody::finish(&mut http, it)?,))
        },
    )?;
    resource!(into, "future-trailers": FutureTrailers, HostFutureTrailers {
        "subscribe" => subscribe(),
    });
    resource!(into, "future-incoming-response": FutureIncomingResponse, HostFutureIncomingResponse {
        "subscribe" => subscribe(),
    });
    Ok(())
}

/// Links them as the first one has them.
pub(super) fn link(into: &mut Instance<'_>) -> wasmtime::Result<()> {
    link_both(into)?;
    into.func_wrap(
        "[method]future-trailers.get",
        |mut store, (it,): (Resource<FutureTrailers>,)| {
            Ok((trailers(&mut http_of(&mut store), it)?,))
        },
    )?;
    into.func_wrap(
        "[method]future-incoming-response.get",
        |mut store, (it,): (Resource<FutureIncomingResponse>,)| {
            let mut http = http_of(&mut store);
            let response = types::HostFutureIncomingResponse::get(&mut http, it)?;
            let with_error = |it: Result<Result<Resource<IncomingResponse>, ErrorCode>, ()>| {
                it.map(|it| it.map_err(Error::from))
            };
            Ok((response.map(with_error),))
        },
    )
}

/// Trailers once they are there: the snapshot cannot say that there are none, and gives empty ones.
fn trailers(
    http: &mut WasiHttpCtxView<'_>,
    future: Resource<FutureTrailers>,
) -> wasmtime::Result<Option<Result<Resource<Fields>, Error>>> {
    Ok(match types::HostFutureTrailers::get(http, future)? {
        None => None,
        Some(Err(())) => wasmtime::bail!("the trailers were taken before"),
        Some(Ok(Err(code))) => Some(Err(code.into())),
        Some(Ok(Ok(Some(trailers)))) => Some(Ok(trailers)),
        Some(Ok(Ok(None))) => Some(Ok(types::HostFields::new(http)?)),
    })
}
