//! What lies between the guest and the client: the headers that a server adds or takes away.

use super::exchange::{Request, RequestError, Response};
use crate::app::StaticResponse;
use bytes::Bytes;
use http::header::{
    CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, DATE, HOST, TRAILER, TRANSFER_ENCODING,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use std::sync::Arc;
use std::time::Duration;

/// What an instance gave, as far as it came.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    /// Status and headers, once the guest has sent them.
    pub head: Option<(StatusCode, HeaderMap)>,
    pub body: Vec<u8>,
    pub trailers: HeaderMap,
    /// Whether the body came to its end.
    pub complete: bool,
    /// Whether it came in one piece, so that the server states its length.
    pub in_one: bool,
    /// Whether the instance has failed; a body that ends after that was cut.
    pub broken: bool,
    /// Virtual time at which the body ended.
    pub ended: Option<Duration>,
    /// Why there is no head, or no whole body.
    pub problem: Option<String>,
}

/// As many headers as Spin's server reads (hyper's default); more of them are answered by 431.
const MAX_HEADERS: usize = 100;

/// The request as it leaves the client: the host first, and at last a length where there is a body.
///
/// # Errors
///
/// What the server answers by itself, since it cannot read the request.
pub(crate) fn as_sent(mut request: Request, authority: &str) -> Result<Request, Box<Response>> {
    if let Err(error) = request.check() {
        return Err(refused(&request, StatusCode::BAD_REQUEST, &error));
    }
    let given = std::mem::take(&mut request.headers);
    let mut headers = HeaderMap::new();
    // Room for what the client, and later Spin, adds: the map grows once.
    let room = headers.try_reserve(given.keys_len() + 16);
    let lacks_host = !given.contains_key(HOST);
    let states_length = given.contains_key(CONTENT_LENGTH) || given.contains_key(TRANSFER_ENCODING);
    let lacks_length = !request.body.is_empty() && !states_length;
    let many = given.len() + usize::from(lacks_host) + usize::from(lacks_length);
    if room.is_err() || many > MAX_HEADERS {
        let error = RequestError::TooManyHeaders(many);
        let status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
        return Err(refused(&request, status, &error));
    }
    if lacks_host {
        if let Ok(host) = HeaderValue::from_str(authority) {
            headers.insert(HOST, host);
        }
    } else {
        for host in given.get_all(HOST) {
            headers.append(HOST, host.clone());
        }
    }
    for (name, value) in &given {
        if name != HOST {
            headers.append(name, value.clone());
        }
    }
    if lacks_length {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(request.body.len()));
    }
    // Only the connection between client and server knows it. Spin too removes it by moving the last header there.
    headers.remove(CONNECTION);
    request.headers = headers;
    Ok(request)
}

/// The request as the app's own client sends it to the app (hyper's `proto/h1/role.rs`): a guest's body has no length
/// but what a header says, and with these methods then none is sent.
pub(crate) fn as_self_sent(mut request: Request, host: &'static str) -> Request {
    let bodiless = matches!(request.method, Method::GET | Method::HEAD | Method::CONNECT);
    if bodiless && !request.headers.contains_key(CONTENT_LENGTH) {
        request.body = Bytes::new();
    }
    request
        .headers
        .entry(HOST)
        .or_insert(HeaderValue::from_static(host));
    request.headers.remove(CONNECTION);
    request
}

fn refused(request: &Request, status: StatusCode, error: &RequestError) -> Box<Response> {
    let mut headers = HeaderMap::new();
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    Box::new(Response {
        problem: Some(error.to_string()),
        ..with_length(&request.method, status, headers, Bytes::new())
    })
}

/// A response that the host gives itself.
pub(crate) fn from_host(
    method: &Method,
    status: StatusCode,
    content_type: Option<&'static str>,
    body: impl Into<Bytes>,
) -> Response {
    let mut headers = HeaderMap::new();
    if let Some(value) = content_type {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(value));
    }
    with_length(method, status, headers, body.into())
}

/// An empty 500, and why.
pub(crate) fn failed(method: &Method, problem: impl Into<String>) -> Response {
    Response {
        problem: Some(problem.into()),
        ..from_host(method, StatusCode::INTERNAL_SERVER_ERROR, None, "")
    }
}

/// Where Spin fails before it has an answer, its server closes the connection, and the client has no status at all.
pub(crate) fn unanswered(method: &Method, why: &str) -> Response {
    Response {
        closed: true,
        ..failed(method, why)
    }
}

/// The same as a scenario gets it, which has to be given a status; a component that asked its own app is given none.
pub(crate) fn stand_in(response: Response) -> Response {
    let stands = |why| {
        format!("{why} (Spin closes the connection without an answer; this 500 stands for that)")
    };
    Response {
        problem: response.problem.map(stands),
        ..response
    }
}

/// What a trigger answers without a component.
pub(crate) fn from_static(method: &Method, answer: Option<&StaticResponse>) -> Response {
    let answer = answer.cloned().unwrap_or_default();
    let Ok(status) = StatusCode::from_u16(answer.status_code.unwrap_or(200)) else {
        return unanswered(method, "the status of the static response is none");
    };
    let mut headers = HeaderMap::new();
    for (name, value) in &answer.headers {
        let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::try_from(value))
        else {
            let why = format!("the header `{name}` of the static response is none");
            return unanswered(method, &why);
        };
        if headers.try_append(name, value).is_err() {
            return unanswered(method, "the static response has too many headers");
        }
    }
    with_length(
        method,
        status,
        headers,
        answer.body.unwrap_or_default().into(),
    )
}

/// A response whose body is known whole: the server states the length, where it may and nobody else did.
fn with_length(
    method: &Method,
    status: StatusCode,
    mut headers: HeaderMap,
    body: Bytes,
) -> Response {
    if body.is_empty() && method != Method::HEAD {
        headers = without(headers, |name| name == CONTENT_LENGTH);
    }
    let chunked = headers.contains_key(TRANSFER_ENCODING) && !has_no_body(method, status);
    // To HEAD, an empty body says nothing of the body that GET would have.
    let allowed = if method == Method::HEAD {
        !body.is_empty() && !has_no_body(&Method::GET, status)
    } else {
        !has_no_body(method, status)
    };
    if allowed && !chunked && !headers.contains_key(CONTENT_LENGTH) {
        // Only where there are more headers than a map can have, which is no matter of the length.
        let _ = headers.try_append(CONTENT_LENGTH, HeaderValue::from(body.len()));
    }
    as_client_sees(method, status, headers, body)
}

/// A guest's answer; without a head it is Spin's 500, empty.
pub(crate) fn from_guest(
    answer: Answer,
    method: &Method,
    component: &Arc<str>,
    sent: Duration,
    now: Duration,
) -> Response {
    let mut response = match answer.head {
        None => Response {
            problem: answer.problem,
            ..from_host(method, StatusCode::INTERNAL_SERVER_ERROR, None, "")
        },
        Some((status, headers)) => {
            let body = answer.body.into();
            let mut response = match answer.in_one {
                true => with_length(method, status, headers, body),
                false => as_client_sees(method, status, headers, body),
            };
            if !has_no_body(method, status) {
                response.cut |= !answer.complete;
                response.trailers = answer.trailers;
            }
            // A status that cannot be sent says more than what befell the guest after it.
            response.problem = match response.status == status {
                true => answer.problem.or(response.problem),
                false => response.problem.or(answer.problem),
            };
            response
        }
    };
    response.took = answer.ended.unwrap_or(now).saturating_sub(sent);
    response.component = Some(Arc::clone(component));
    response
}

/// What comes through of a response, by the rules of the server that Spin uses (hyper's `proto/h1/role.rs`).
fn as_client_sees(
    method: &Method,
    status: StatusCode,
    headers: HeaderMap,
    mut body: Bytes,
) -> Response {
    if status.is_informational() && status != StatusCode::SWITCHING_PROTOCOLS {
        let why = format!(
            "the answer has the status {}, which announces another answer; Spin's server cannot send it, and sends an empty 500",
            status.as_u16()
        );
        return failed(method, why);
    }
    let bodiless = has_no_body(method, status);
    let headers = without(headers, |name| {
        name == DATE || name == TRANSFER_ENCODING || (bodiless && name == TRAILER)
    });
    let (mut cut, mut problem) = (false, None);
    if bodiless {
        body = Bytes::new();
    } else if let Some(stated) = headers.get(CONTENT_LENGTH) {
        // The client reads as much as it is told, and waits for what is missing until the connection ends.
        let length = stated.to_str().ok();
        let length = length.and_then(|text| text.parse::<usize>().ok());
        if length != Some(body.len()) {
            problem = Some(format!(
                "the header `content-length` says `{}`, but the body has {} bytes",
                String::from_utf8_lossy(stated.as_bytes()),
                body.len()
            ));
            cut = length.is_none_or(|length| length > body.len());
            body.truncate(length.unwrap_or(0));
        }
    }
    Response {
        status,
        headers,
        body,
        trailers: HeaderMap::new(),
        took: Duration::ZERO,
        component: None,
        cut,
        problem,
        closed: false,
    }
}

/// Whether such a response carries no body, whatever was to be sent.
fn has_no_body(method: &Method, status: StatusCode) -> bool {
    method == Method::HEAD
        || (method == Method::CONNECT && status.is_success())
        || status.is_informational()
        || status == StatusCode::NO_CONTENT
        || status == StatusCode::NOT_MODIFIED
}

/// The headers but for some, in their order: removing from the map would move its last to the gap.
fn without(headers: HeaderMap, unwanted: impl Fn(&HeaderName) -> bool) -> HeaderMap {
    if !headers.keys().any(&unwanted) {
        return headers;
    }
    let mut kept = HeaderMap::with_capacity(headers.keys_len());
    for (name, value) in &headers {
        if !unwanted(name) {
            kept.append(name, value.clone());
        }
    }
    kept
}

#[cfg(test)]
mod tests;
