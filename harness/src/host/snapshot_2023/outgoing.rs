//! Responses that are given and requests that are sent, as the first snapshot has them.

use super::Instance;
use super::http::{Error, http_of};
use wasmtime::component::{ComponentType, Lift, Resource};
use wasmtime_wasi_http::WasiHttpCtxView;
use wasmtime_wasi_http::p2::bindings::http::outgoing_handler::Host as _;
use wasmtime_wasi_http::p2::bindings::http::types::{
    self, ErrorCode, Fields, FutureIncomingResponse, HostOutgoingRequest as _,
    HostOutgoingResponse as _, Method, OutgoingBody, OutgoingRequest, OutgoingResponse,
    ResponseOutparam, Scheme,
};

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

/// Links `wasi:http/outgoing-handler`.
pub(super) fn link_handler(into: &mut Instance<'_>) -> wasmtime::Result<()> {
    into.func_wrap("handle", |mut store, (request, options)| {
        Ok((send(&mut http_of(&mut store), request, options)?,))
    })
}

/// Links what is given and sent.
pub(super) fn link(into: &mut Instance<'_>) -> wasmtime::Result<()> {
    type Response = Resource<OutgoingResponse>;

    resource!(into, "outgoing-request": OutgoingRequest, HostOutgoingRequest {
        "write" => body(),
    });
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
    resource!(into, "outgoing-response": OutgoingResponse, HostOutgoingResponse {
        "write" => body(),
    });
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
    resource!(into, "outgoing-body": OutgoingBody, HostOutgoingBody {
        "write" => write(),
    });
    into.func_wrap(
        "[static]outgoing-body.finish",
        |mut store, (it, trailers): (Resource<OutgoingBody>, Option<Resource<Fields>>)| {
            let finished = types::HostOutgoingBody::finish(&mut http_of(&mut store), it, trailers);
            // The snapshot cannot say that it failed: that ends the instance.
            finished.map_err(|error| match error.downcast() {
                Ok(code) => wasmtime::Error::msg(code.to_string()),
                Err(trap) => trap,
            })
        },
    )?;
    resource!(into, "response-outparam": ResponseOutparam, HostResponseOutparam {});
    into.func_wrap(
        "[static]response-outparam.set",
        |mut store, (out, response): (Resource<ResponseOutparam>, Result<Response, Error>)| {
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

/// Sends a request.
fn send(
    http: &mut WasiHttpCtxView<'_>,
    request: Resource<OutgoingRequest>,
    options: Option<RequestOptions>,
) -> wasmtime::Result<Result<Resource<FutureIncomingResponse>, Error>> {
    let has_timeouts = |it: RequestOptions| it.connect.or(it.first_byte).or(it.between_bytes);
    if options.and_then(has_timeouts).is_some() {
        // Spin 4.1 sets them on the request, where its options belong (`handle` in its `wasi_2023_10_18.rs`).
        wasmtime::bail!(
            "a request of wasi:http@0.2.0-rc-2023-10-18 that has timeouts ends its instance under Spin 4.1"
        );
    }
    match http.handle(request, None) {
        Ok(future) => Ok(Ok(future)),
        Err(error) => Ok(Err(error.downcast()?.into())),
    }
}
