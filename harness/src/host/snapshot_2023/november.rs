//! `wasi:http/types` of `0.2.0-rc-2023-11-10`. Trailers are given in one layer less than in 0.2.0, and timeouts have other
//! names: they are nanoseconds all the same, as in Spin.

use super::http::{FieldList, http_of, link_fields_of_both};
use super::{Instance, incoming};
use wasmtime::component::Resource;
use wasmtime_wasi::p2::bindings::io::error::Error as IoError;
use wasmtime_wasi_http::p2::HeaderResult;
use wasmtime_wasi_http::p2::bindings::http::types::{
    self, ErrorCode, Fields, FutureIncomingResponse, FutureTrailers, HeaderError, HostFields as _,
    Method, OutgoingBody, OutgoingRequest, OutgoingResponse, RequestOptions, ResponseOutparam,
    Scheme,
};

/// Links it.
pub(super) fn link(into: &mut Instance<'_>) -> wasmtime::Result<()> {
    into.func_wrap(
        "http-error-code",
        |mut store, (error,): (Resource<IoError>,)| {
            Ok((types::Host::http_error_code(
                &mut http_of(&mut store),
                error,
            )?,))
        },
    )?;
    link_fields(into)?;
    incoming::link_both(into)?;
    link_futures(into)?;
    link_requests(into)?;
    link_responses(into)
}

/// What a change of headers answers.
fn changed<T>(result: HeaderResult<T>) -> wasmtime::Result<(Result<T, HeaderError>,)> {
    match result {
        Ok(value) => Ok((Ok(value),)),
        Err(error) => Ok((Err(error.downcast()?),)),
    }
}

fn link_fields(into: &mut Instance<'_>) -> wasmtime::Result<()> {
    type It = Resource<Fields>;
    link_fields_of_both(into)?;
    into.func_wrap("[constructor]fields", |mut store, ()| {
        Ok((types::HostFields::new(&mut http_of(&mut store))?,))
    })?;
    into.func_wrap(
        "[static]fields.from-list",
        |mut store, (entries,): (FieldList,)| changed(http_of(&mut store).from_list(entries)),
    )?;
    into.func_wrap(
        "[method]fields.set",
        |mut store, (it, name, values): (It, String, Vec<Vec<u8>>)| {
            changed(types::HostFields::set(
                &mut http_of(&mut store),
                it,
                name,
                values,
            ))
        },
    )?;
    into.func_wrap(
        "[method]fields.delete",
        |mut store, (it, name): (It, String)| changed(http_of(&mut store).delete(it, name)),
    )?;
    into.func_wrap(
        "[method]fields.append",
        |mut store, (it, name, value): (It, String, Vec<u8>)| {
            changed(http_of(&mut store).append(it, name, value))
        },
    )
}

fn link_futures(into: &mut Instance<'_>) -> wasmtime::Result<()> {
    into.func_wrap(
        "[method]future-trailers.get",
        |mut store, (it,): (Resource<FutureTrailers>,)| {
            let trailers = types::HostFutureTrailers::get(&mut http_of(&mut store), it)?;
            match trailers.transpose() {
                Ok(trailers) => Ok((trailers,)),
                Err(()) => wasmtime::bail!("the trailers were taken before"),
            }
        },
    )?;
    into.func_wrap(
        "[method]future-incoming-response.get",
        |mut store, (it,): (Resource<FutureIncomingResponse>,)| {
            let mut http = http_of(&mut store);
            Ok((types::HostFutureIncomingResponse::get(&mut http, it)?,))
        },
    )
}

fn link_requests(into: &mut Instance<'_>) -> wasmtime::Result<()> {
    resource!(into, "outgoing-request": OutgoingRequest, HostOutgoingRequest {
        "body" => body(),
        "method" => method(),
        "set-method" => set_method(method: Method),
        "path-with-query" => path_with_query(),
        "set-path-with-query" => set_path_with_query(path: Option<String>),
        "scheme" => scheme(),
        "set-scheme" => set_scheme(scheme: Option<Scheme>),
        "authority" => authority(),
        "set-authority" => set_authority(authority: Option<String>),
        "headers" => headers(),
    });
    into.func_wrap(
        "[constructor]outgoing-request",
        |mut store, (headers,): (Resource<Fields>,)| {
            let mut http = http_of(&mut store);
            Ok((types::HostOutgoingRequest::new(&mut http, headers)?,))
        },
    )?;
    resource!(into, "request-options": RequestOptions, HostRequestOptions {
        "connect-timeout-ms" => connect_timeout(),
        "set-connect-timeout-ms" => set_connect_timeout(timeout: Option<u64>),
        "first-byte-timeout-ms" => first_byte_timeout(),
        "set-first-byte-timeout-ms" => set_first_byte_timeout(timeout: Option<u64>),
        "between-bytes-timeout-ms" => between_bytes_timeout(),
        "set-between-bytes-timeout-ms" => set_between_bytes_timeout(timeout: Option<u64>),
    });
    into.func_wrap("[constructor]request-options", |mut store, ()| {
        Ok((types::HostRequestOptions::new(&mut http_of(&mut store))?,))
    })
}

fn link_responses(into: &mut Instance<'_>) -> wasmtime::Result<()> {
    type Response = Result<Resource<OutgoingResponse>, ErrorCode>;

    resource!(into, "outgoing-response": OutgoingResponse, HostOutgoingResponse {
        "status-code" => status_code(),
        "set-status-code" => set_status_code(status: u16),
        "headers" => headers(),
        "body" => body(),
    });
    into.func_wrap(
        "[constructor]outgoing-response",
        |mut store, (headers,): (Resource<Fields>,)| {
            let mut http = http_of(&mut store);
            Ok((types::HostOutgoingResponse::new(&mut http, headers)?,))
        },
    )?;
    resource!(into, "outgoing-body": OutgoingBody, HostOutgoingBody {
        "write" => write(),
    });
    into.func_wrap(
        "[static]outgoing-body.finish",
        |mut store, (it, trailers): (Resource<OutgoingBody>, Option<Resource<Fields>>)| {
            let mut http = http_of(&mut store);
            match types::HostOutgoingBody::finish(&mut http, it, trailers) {
                Ok(()) => Ok((Ok(()),)),
                Err(error) => Ok((Err::<_, ErrorCode>(error.downcast()?),)),
            }
        },
    )?;
    resource!(into, "response-outparam": ResponseOutparam, HostResponseOutparam {});
    into.func_wrap(
        "[static]response-outparam.set",
        |mut store, (out, response): (Resource<ResponseOutparam>, Response)| {
            types::HostResponseOutparam::set(&mut http_of(&mut store), out, response)
        },
    )
}
