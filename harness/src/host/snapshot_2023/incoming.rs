//! Requests that come in and responses to those that were sent.

use super::Instance;
use super::http::{Error, http_of};
use wasmtime::component::{Resource, ResourceType};
use wasmtime_wasi_http::WasiHttpCtxView;
use wasmtime_wasi_http::p2::bindings::http::types::{
    self, ErrorCode, Fields, FutureIncomingResponse, FutureTrailers, HostIncomingBody as _,
    HostIncomingResponse as _, IncomingBody, IncomingRequest, IncomingResponse,
};

/// Links them.
pub(super) fn link(into: &mut Instance<'_>) -> wasmtime::Result<()> {
    type Request = Resource<IncomingRequest>;
    type Response = Resource<IncomingResponse>;
    type Body = Resource<IncomingBody>;
    type Trailers = Resource<FutureTrailers>;
    type Future = Resource<FutureIncomingResponse>;

    into.resource(
        "incoming-request",
        ResourceType::host::<IncomingRequest>(),
        |mut store, rep| {
            let request: Request = Resource::new_own(rep);
            types::HostIncomingRequest::drop(&mut http_of(&mut store), request)
        },
    )?;
    into.func_wrap(
        "[method]incoming-request.method",
        |mut store, (it,): (Request,)| {
            Ok((types::HostIncomingRequest::method(
                &mut http_of(&mut store),
                it,
            )?,))
        },
    )?;
    into.func_wrap(
        "[method]incoming-request.path-with-query",
        |mut store, (it,): (Request,)| {
            let mut http = http_of(&mut store);
            Ok((types::HostIncomingRequest::path_with_query(&mut http, it)?,))
        },
    )?;
    into.func_wrap(
        "[method]incoming-request.scheme",
        |mut store, (it,): (Request,)| {
            Ok((types::HostIncomingRequest::scheme(
                &mut http_of(&mut store),
                it,
            )?,))
        },
    )?;
    into.func_wrap(
        "[method]incoming-request.authority",
        |mut store, (it,): (Request,)| {
            let mut http = http_of(&mut store);
            Ok((types::HostIncomingRequest::authority(&mut http, it)?,))
        },
    )?;
    into.func_wrap(
        "[method]incoming-request.headers",
        |mut store, (it,): (Request,)| {
            let mut http = http_of(&mut store);
            Ok((types::HostIncomingRequest::headers(&mut http, it)?,))
        },
    )?;
    into.func_wrap(
        "[method]incoming-request.consume",
        |mut store, (it,): (Request,)| {
            let mut http = http_of(&mut store);
            Ok((types::HostIncomingRequest::consume(&mut http, it)?,))
        },
    )?;

    into.resource(
        "incoming-response",
        ResourceType::host::<IncomingResponse>(),
        |mut store, rep| {
            let response: Response = Resource::new_own(rep);
            types::HostIncomingResponse::drop(&mut http_of(&mut store), response)
        },
    )?;
    into.func_wrap(
        "[method]incoming-response.status",
        |mut store, (it,): (Response,)| Ok((http_of(&mut store).status(it)?,)),
    )?;
    into.func_wrap(
        "[method]incoming-response.headers",
        |mut store, (it,): (Response,)| {
            let mut http = http_of(&mut store);
            Ok((types::HostIncomingResponse::headers(&mut http, it)?,))
        },
    )?;
    into.func_wrap(
        "[method]incoming-response.consume",
        |mut store, (it,): (Response,)| {
            let mut http = http_of(&mut store);
            Ok((types::HostIncomingResponse::consume(&mut http, it)?,))
        },
    )?;

    into.resource(
        "incoming-body",
        ResourceType::host::<IncomingBody>(),
        |mut store, rep| {
            let body: Body = Resource::new_own(rep);
            types::HostIncomingBody::drop(&mut http_of(&mut store), body)
        },
    )?;
    into.func_wrap(
        "[method]incoming-body.stream",
        |mut store, (it,): (Body,)| Ok((http_of(&mut store).stream(it)?,)),
    )?;
    into.func_wrap(
        "[static]incoming-body.finish",
        |mut store, (it,): (Body,)| {
            Ok((types::HostIncomingBody::finish(
                &mut http_of(&mut store),
                it,
            )?,))
        },
    )?;

    into.resource(
        "future-trailers",
        ResourceType::host::<FutureTrailers>(),
        |mut store, rep| {
            let trailers: Trailers = Resource::new_own(rep);
            types::HostFutureTrailers::drop(&mut http_of(&mut store), trailers)
        },
    )?;
    into.func_wrap(
        "[method]future-trailers.subscribe",
        |mut store, (it,): (Trailers,)| {
            let mut http = http_of(&mut store);
            Ok((types::HostFutureTrailers::subscribe(&mut http, it)?,))
        },
    )?;
    into.func_wrap(
        "[method]future-trailers.get",
        |mut store, (it,): (Trailers,)| Ok((trailers(&mut http_of(&mut store), it)?,)),
    )?;

    into.resource(
        "future-incoming-response",
        ResourceType::host::<FutureIncomingResponse>(),
        |mut store, rep| {
            let future: Future = Resource::new_own(rep);
            types::HostFutureIncomingResponse::drop(&mut http_of(&mut store), future)
        },
    )?;
    into.func_wrap(
        "[method]future-incoming-response.get",
        |mut store, (it,): (Future,)| {
            let mut http = http_of(&mut store);
            let response = types::HostFutureIncomingResponse::get(&mut http, it)?;
            let with_error =
                |it: Result<Result<Response, ErrorCode>, ()>| it.map(|it| it.map_err(Error::from));
            Ok((response.map(with_error),))
        },
    )?;
    into.func_wrap(
        "[method]future-incoming-response.subscribe",
        |mut store, (it,): (Future,)| {
            let mut http = http_of(&mut store);
            Ok((types::HostFutureIncomingResponse::subscribe(&mut http, it)?,))
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
