//! The snapshot of WASI that `spin-sdk` 2 names, `0.2.0-rc-2023-10-18`, as far as its components use it: HTTP and what that
//! needs of `wasi:io`. Each function is that of 0.2.0 beneath, with what the snapshot says otherwise
//! (`crates/factor-wasi/src/wasi_2023_10_18.rs`, `crates/factor-outbound-http/src/wasi_2023_10_18.rs` in Spin).

use super::InstanceState;
use wasmtime::StoreContextMut;
use wasmtime::component::{
    ComponentType, Lift, Linker, LinkerInstance, Lower, Resource, ResourceType,
};
use wasmtime_wasi::p2::bindings::io::error::HostError;
use wasmtime_wasi::p2::bindings::io::poll::{Host as _, HostPollable as _, Pollable};
use wasmtime_wasi::p2::bindings::io::streams::{
    self, Error as StreamFailure, Host as _, HostInputStream as _, HostOutputStream as _,
    InputStream, OutputStream,
};
use wasmtime_wasi::p2::{StreamError, StreamResult};
use wasmtime_wasi::{ResourceTable, WasiView as _};
use wasmtime_wasi_http::p2::HeaderResult;
use wasmtime_wasi_http::p2::bindings::http::outgoing_handler::Host as _;
use wasmtime_wasi_http::p2::bindings::http::types::{
    self, ErrorCode, Fields, FutureIncomingResponse, FutureTrailers, HostFields as _,
    HostIncomingBody as _, HostIncomingResponse as _, HostOutgoingRequest as _,
    HostOutgoingResponse as _, HostRequestOptions as _, IncomingBody, IncomingRequest,
    IncomingResponse, Method, OutgoingBody, OutgoingRequest, OutgoingResponse, ResponseOutparam,
    Scheme,
};
use wasmtime_wasi_http::{WasiHttpCtxView, WasiHttpView as _};

/// What is linked of it.
pub(super) const INTERFACES: [&str; 4] = [
    "wasi:io/poll@0.2.0-rc-2023-10-18",
    "wasi:io/streams@0.2.0-rc-2023-10-18",
    "wasi:http/types@0.2.0-rc-2023-10-18",
    "wasi:http/outgoing-handler@0.2.0-rc-2023-10-18",
];

/// How a request can fail, as far as the snapshot tells.
#[derive(Clone, Debug, ComponentType, Lift, Lower)]
#[component(variant)]
enum Error {
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

/// How long a request may take.
#[derive(Clone, Copy, Debug, ComponentType, Lift)]
#[component(record)]
struct RequestOptions {
    #[component(name = "connect-timeout-ms")]
    connect: Option<u32>,
    #[component(name = "first-byte-timeout-ms")]
    first_byte: Option<u32>,
    #[component(name = "between-bytes-timeout-ms")]
    between_bytes: Option<u32>,
}

type Store<'a> = StoreContextMut<'a, InstanceState>;
type Instance<'a> = LinkerInstance<'a, InstanceState>;
type FieldList = Vec<(String, Vec<u8>)>;

/// Links it.
pub(super) fn link(linker: &mut Linker<InstanceState>) -> wasmtime::Result<()> {
    let [poll, streams, http, outgoing] = INTERFACES;
    link_poll(&mut linker.instance(poll)?)?;
    let into = &mut linker.instance(streams)?;
    link_input(into)?;
    link_output(into)?;
    let into = &mut linker.instance(http)?;
    link_fields(into)?;
    link_incoming(into)?;
    link_outgoing(into)?;
    linker
        .instance(outgoing)?
        .func_wrap("handle", |mut store, (request, options)| {
            Ok((send(&mut http_of(&mut store), request, options)?,))
        })
}

fn table<'a>(store: &'a mut Store<'_>) -> &'a mut ResourceTable {
    store.data_mut().ctx().table
}

fn http_of<'a>(store: &'a mut Store<'_>) -> WasiHttpCtxView<'a> {
    store.data_mut().http()
}

/// What a stream answers, with its failure as the guest has it.
fn told<T>(
    table: &mut ResourceTable,
    result: StreamResult<T>,
) -> wasmtime::Result<(Result<T, streams::StreamError>,)> {
    match result {
        Ok(value) => Ok((Ok(value),)),
        Err(error) => Ok((Err(failure(table, error)?),)),
    }
}

fn failure(
    table: &mut ResourceTable,
    error: StreamError,
) -> wasmtime::Result<streams::StreamError> {
    table.convert_stream_error(error)
}

fn link_poll(into: &mut Instance<'_>) -> wasmtime::Result<()> {
    type It = Resource<Pollable>;
    into.resource(
        "pollable",
        ResourceType::host::<Pollable>(),
        |mut store, rep| {
            let pollable: It = Resource::new_own(rep);
            wasmtime_wasi::p2::bindings::io::poll::HostPollable::drop(table(&mut store), pollable)
        },
    )?;
    into.func_wrap_async("poll-list", |mut store, (all,): (Vec<It>,)| {
        Box::new(async move { Ok((table(&mut store).poll(all).await?,)) })
    })?;
    into.func_wrap_async("poll-one", |mut store, (it,): (It,)| {
        Box::new(async move { table(&mut store).block(it).await })
    })
}

fn link_input(into: &mut Instance<'_>) -> wasmtime::Result<()> {
    type It = Resource<InputStream>;
    into.resource(
        "error",
        ResourceType::host::<StreamFailure>(),
        |mut store, rep| {
            let error = Resource::<StreamFailure>::new_own(rep);
            HostError::drop(table(&mut store), error)
        },
    )?;
    into.func_wrap(
        "[method]error.to-debug-string",
        |mut store, (error,): (Resource<StreamFailure>,)| {
            Ok((table(&mut store).to_debug_string(error)?,))
        },
    )?;
    into.resource_async(
        "input-stream",
        ResourceType::host::<InputStream>(),
        |mut store, rep| {
            Box::new(async move {
                let stream: It = Resource::new_own(rep);
                streams::HostInputStream::drop(table(&mut store), stream).await
            })
        },
    )?;
    into.func_wrap(
        "[method]input-stream.read",
        |mut store, (it, length): (It, u64)| {
            let table = table(&mut store);
            let read = table.read(it, length);
            told(table, read)
        },
    )?;
    into.func_wrap_async(
        "[method]input-stream.blocking-read",
        |mut store, (it, length): (It, u64)| {
            Box::new(async move {
                let table = table(&mut store);
                let read = table.blocking_read(it, length).await;
                told(table, read)
            })
        },
    )?;
    into.func_wrap(
        "[method]input-stream.skip",
        |mut store, (it, length): (It, u64)| {
            let table = table(&mut store);
            let skipped = table.skip(it, length);
            told(table, skipped)
        },
    )?;
    into.func_wrap_async(
        "[method]input-stream.blocking-skip",
        |mut store, (it, length): (It, u64)| {
            Box::new(async move {
                let table = table(&mut store);
                let skipped = table.blocking_skip(it, length).await;
                told(table, skipped)
            })
        },
    )?;
    into.func_wrap(
        "[method]input-stream.subscribe",
        |mut store, (it,): (It,)| {
            Ok((streams::HostInputStream::subscribe(table(&mut store), it)?,))
        },
    )
}

fn link_output(into: &mut Instance<'_>) -> wasmtime::Result<()> {
    type It = Resource<OutputStream>;
    type From = Resource<InputStream>;
    into.resource_async(
        "output-stream",
        ResourceType::host::<OutputStream>(),
        |mut store, rep| {
            Box::new(async move {
                let stream: It = Resource::new_own(rep);
                streams::HostOutputStream::drop(table(&mut store), stream).await
            })
        },
    )?;
    into.func_wrap(
        "[method]output-stream.check-write",
        |mut store, (it,): (It,)| {
            let table = table(&mut store);
            let room = table.check_write(it);
            told(table, room)
        },
    )?;
    into.func_wrap(
        "[method]output-stream.write",
        |mut store, (it, bytes): (It, Vec<u8>)| {
            let table = table(&mut store);
            let written = streams::HostOutputStream::write(table, it, bytes);
            told(table, written)
        },
    )?;
    into.func_wrap_async(
        "[method]output-stream.blocking-write-and-flush",
        |mut store, (it, bytes): (It, Vec<u8>)| {
            Box::new(async move {
                let table = table(&mut store);
                let written = table.blocking_write_and_flush(it, bytes).await;
                told(table, written)
            })
        },
    )?;
    into.func_wrap("[method]output-stream.flush", |mut store, (it,): (It,)| {
        let table = table(&mut store);
        let flushed = table.flush(it);
        told(table, flushed)
    })?;
    into.func_wrap_async(
        "[method]output-stream.blocking-flush",
        |mut store, (it,): (It,)| {
            Box::new(async move {
                let table = table(&mut store);
                let flushed = table.blocking_flush(it).await;
                told(table, flushed)
            })
        },
    )?;
    into.func_wrap(
        "[method]output-stream.subscribe",
        |mut store, (it,): (It,)| {
            Ok((streams::HostOutputStream::subscribe(table(&mut store), it)?,))
        },
    )?;
    into.func_wrap(
        "[method]output-stream.write-zeroes",
        |mut store, (it, length): (It, u64)| {
            let table = table(&mut store);
            let written = table.write_zeroes(it, length);
            told(table, written)
        },
    )?;
    into.func_wrap_async(
        "[method]output-stream.blocking-write-zeroes-and-flush",
        |mut store, (it, length): (It, u64)| {
            Box::new(async move {
                let table = table(&mut store);
                let written = table.blocking_write_zeroes_and_flush(it, length).await;
                told(table, written)
            })
        },
    )?;
    into.func_wrap_async(
        "[method]output-stream.splice",
        |mut store, (it, from, length): (It, From, u64)| {
            Box::new(async move {
                let table = table(&mut store);
                let spliced = table.splice(it, from, length);
                told(table, spliced)
            })
        },
    )?;
    into.func_wrap_async(
        "[method]output-stream.blocking-splice",
        |mut store, (it, from, length): (It, From, u64)| {
            Box::new(async move {
                let table = table(&mut store);
                let spliced = table.blocking_splice(it, from, length).await;
                told(table, spliced)
            })
        },
    )?;
    into.func_wrap(
        "[method]output-stream.forward",
        |_, _: (It, From)| -> wasmtime::Result<(Result<u64, streams::StreamError>,)> {
            // Nor does Spin have it.
            wasmtime::bail!("forward is not implemented in this snapshot of WASI")
        },
    )
}

fn link_fields(into: &mut Instance<'_>) -> wasmtime::Result<()> {
    type It = Resource<Fields>;
    into.resource(
        "fields",
        ResourceType::host::<Fields>(),
        |mut store, rep| {
            let fields: It = Resource::new_own(rep);
            types::HostFields::drop(&mut http_of(&mut store), fields)
        },
    )?;
    into.func_wrap(
        "[constructor]fields",
        |mut store, (entries,): (FieldList,)| Ok((valid(http_of(&mut store).from_list(entries))?,)),
    )?;
    into.func_wrap(
        "[method]fields.get",
        |mut store, (it, name): (It, String)| {
            Ok((types::HostFields::get(&mut http_of(&mut store), it, name)?,))
        },
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
    )?;
    into.func_wrap("[method]fields.entries", |mut store, (it,): (It,)| {
        Ok((http_of(&mut store).entries(it)?,))
    })?;
    into.func_wrap("[method]fields.clone", |mut store, (it,): (It,)| {
        Ok((types::HostFields::clone(&mut http_of(&mut store), it)?,))
    })
}

/// The snapshot has no way to say that a header is refused: that ends the instance.
fn valid<T>(result: HeaderResult<T>) -> wasmtime::Result<T> {
    result.map_err(|error| match error.downcast() {
        Ok(error) => wasmtime::Error::msg(error.to_string()),
        Err(trap) => trap,
    })
}

fn link_incoming(into: &mut Instance<'_>) -> wasmtime::Result<()> {
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

fn link_outgoing(into: &mut Instance<'_>) -> wasmtime::Result<()> {
    type Request = Resource<OutgoingRequest>;
    type Response = Resource<OutgoingResponse>;
    type Body = Resource<OutgoingBody>;
    type Out = Resource<ResponseOutparam>;

    into.resource(
        "outgoing-request",
        ResourceType::host::<OutgoingRequest>(),
        |mut store, rep| {
            let request: Request = Resource::new_own(rep);
            types::HostOutgoingRequest::drop(&mut http_of(&mut store), request)
        },
    )?;
    into.func_wrap(
        "[constructor]outgoing-request",
        |mut store, (method, path, scheme, authority, headers)| {
            let asked = Asked {
                method,
                path,
                scheme,
                authority,
            };
            Ok((request(&mut http_of(&mut store), asked, headers)?,))
        },
    )?;
    into.func_wrap(
        "[method]outgoing-request.write",
        |mut store, (it,): (Request,)| {
            let mut http = http_of(&mut store);
            Ok((types::HostOutgoingRequest::body(&mut http, it)?,))
        },
    )?;

    into.resource(
        "outgoing-response",
        ResourceType::host::<OutgoingResponse>(),
        |mut store, rep| {
            let response: Response = Resource::new_own(rep);
            types::HostOutgoingResponse::drop(&mut http_of(&mut store), response)
        },
    )?;
    into.func_wrap(
        "[constructor]outgoing-response",
        |mut store, (status, headers): (u16, Resource<Fields>)| {
            let mut http = http_of(&mut store);
            let headers = types::HostFields::clone(&mut http, headers)?;
            let response = types::HostOutgoingResponse::new(&mut http, headers)?;
            let lent = Resource::new_borrow(response.rep());
            match http.set_status_code(lent, status)? {
                Ok(()) => Ok((response,)),
                Err(()) => wasmtime::bail!("{status} is no status of a response"),
            }
        },
    )?;
    into.func_wrap(
        "[method]outgoing-response.write",
        |mut store, (it,): (Response,)| {
            let mut http = http_of(&mut store);
            Ok((types::HostOutgoingResponse::body(&mut http, it)?,))
        },
    )?;

    into.resource(
        "outgoing-body",
        ResourceType::host::<OutgoingBody>(),
        |mut store, rep| {
            let body: Body = Resource::new_own(rep);
            types::HostOutgoingBody::drop(&mut http_of(&mut store), body)
        },
    )?;
    into.func_wrap(
        "[method]outgoing-body.write",
        |mut store, (it,): (Body,)| {
            Ok((types::HostOutgoingBody::write(
                &mut http_of(&mut store),
                it,
            )?,))
        },
    )?;
    into.func_wrap(
        "[static]outgoing-body.finish",
        |mut store, (it, trailers): (Body, Option<Resource<Fields>>)| {
            let finished = types::HostOutgoingBody::finish(&mut http_of(&mut store), it, trailers);
            // The snapshot cannot say that it failed: that ends the instance.
            finished.map_err(|error| match error.downcast() {
                Ok(code) => wasmtime::Error::msg(code.to_string()),
                Err(trap) => trap,
            })
        },
    )?;

    into.resource(
        "response-outparam",
        ResourceType::host::<ResponseOutparam>(),
        |mut store, rep| {
            let out: Out = Resource::new_own(rep);
            types::HostResponseOutparam::drop(&mut http_of(&mut store), out)
        },
    )?;
    into.func_wrap(
        "[static]response-outparam.set",
        |mut store, (out, response): (Out, Result<Response, Error>)| {
            let response = response.map_err(ErrorCode::from);
            types::HostResponseOutparam::set(&mut http_of(&mut store), out, response)
        },
    )
}

/// Whom a request is for.
struct Asked {
    method: Method,
    path: Option<String>,
    scheme: Option<Scheme>,
    authority: Option<String>,
}

/// A request with all that the snapshot says when it is made. Without an authority it has only a port, as in Spin.
fn request(
    http: &mut WasiHttpCtxView<'_>,
    asked: Asked,
    headers: Resource<Fields>,
) -> wasmtime::Result<Resource<OutgoingRequest>> {
    let headers = types::HostFields::clone(http, headers)?;
    let made = types::HostOutgoingRequest::new(http, headers)?;
    let lent = || Resource::new_borrow(made.rep());
    let port = match asked.scheme {
        Some(Scheme::Http | Scheme::Other(_)) => ":80",
        Some(Scheme::Https) | None => ":443",
    };
    let authority = asked.authority.unwrap_or_else(|| port.to_owned());
    let set = [
        ("method", http.set_method(lent(), asked.method)?),
        ("path", http.set_path_with_query(lent(), asked.path)?),
        ("scheme", http.set_scheme(lent(), asked.scheme)?),
        ("authority", http.set_authority(lent(), Some(authority))?),
    ];
    match set.into_iter().find(|(_, set)| set.is_err()) {
        None => Ok(made),
        Some((what, _)) => wasmtime::bail!("the {what} of the request is invalid"),
    }
}

/// Sends a request. Its bounds hold, which they do not in Spin 4.1: there a request with any ends the instance.
fn send(
    http: &mut WasiHttpCtxView<'_>,
    request: Resource<OutgoingRequest>,
    options: Option<RequestOptions>,
) -> wasmtime::Result<Result<Resource<FutureIncomingResponse>, Error>> {
    const NANOSECONDS: u64 = 1_000_000;
    let mut bounds = None;
    if let Some(options) = options {
        let made = types::HostRequestOptions::new(http)?;
        let lent = || Resource::new_borrow(made.rep());
        let duration = |it: Option<u32>| it.map(|it| u64::from(it) * NANOSECONDS);
        let set = [
            http.set_connect_timeout(lent(), duration(options.connect))?,
            http.set_first_byte_timeout(lent(), duration(options.first_byte))?,
            http.set_between_bytes_timeout(lent(), duration(options.between_bytes))?,
        ];
        if set.contains(&Err(())) {
            wasmtime::bail!("the bounds of the request are invalid");
        }
        bounds = Some(made);
    }
    match http.handle(request, bounds) {
        Ok(future) => Ok(Ok(future)),
        Err(error) => Ok(Err(error.downcast()?.into())),
    }
}
