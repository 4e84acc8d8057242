//! What lies between the guest and the client: the headers that a server adds or takes away.

use super::exchange::{Request, Response};
use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, DATE, HOST, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
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
    /// Whether the instance has failed; a body that ends after that was cut.
    pub broken: bool,
    /// Virtual time at which the body ended.
    pub ended: Option<Duration>,
    /// Why there is no head, or no whole body.
    pub problem: Option<String>,
}

/// The request as it leaves the client: with a host, and a length where there is a body.
pub(crate) fn as_sent(mut request: Request, authority: &str) -> Request {
    if !request.headers.contains_key(HOST)
        && let Ok(host) = HeaderValue::from_str(authority)
    {
        request.headers.insert(HOST, host);
    }
    if !request.body.is_empty() && !request.headers.contains_key(CONTENT_LENGTH) {
        let length = HeaderValue::from(request.body.len());
        request.headers.insert(CONTENT_LENGTH, length);
    }
    // Only the connection between client and server knows it.
    request.headers.remove(CONNECTION);
    request
}

/// A response that the host gives itself; its length is known, so the client is told.
pub(crate) fn from_host(
    status: StatusCode,
    content_type: Option<&str>,
    body: impl Into<Bytes>,
) -> Response {
    let body = body.into();
    let mut headers = HeaderMap::new();
    if let Some(value) = content_type.and_then(|value| HeaderValue::from_str(value).ok()) {
        headers.insert(http::header::CONTENT_TYPE, value);
    }
    headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    Response {
        status,
        headers,
        body,
        trailers: HeaderMap::new(),
        took: Duration::ZERO,
        component: None,
        cut: false,
        problem: None,
    }
}

/// A guest's answer as the client sees it; without a head it is Spin's 500, empty.
pub(crate) fn from_guest(
    answer: Answer,
    method: &Method,
    component: &Arc<str>,
    sent: Duration,
    now: Duration,
) -> Response {
    let took = answer.ended.unwrap_or(now).saturating_sub(sent);
    let Some((status, mut headers)) = answer.head else {
        return Response {
            took,
            component: Some(Arc::clone(component)),
            problem: answer.problem,
            ..from_host(StatusCode::INTERNAL_SERVER_ERROR, None, Bytes::new())
        };
    };
    headers.remove(DATE);
    headers.remove(TRANSFER_ENCODING);
    // These carry no body, whatever the guest sent.
    let bodiless = method == Method::HEAD
        || status.is_informational()
        || status == StatusCode::NO_CONTENT
        || status == StatusCode::NOT_MODIFIED;
    Response {
        status,
        headers,
        body: if bodiless {
            Bytes::new()
        } else {
            answer.body.into()
        },
        trailers: answer.trailers,
        took,
        component: Some(Arc::clone(component)),
        cut: !answer.complete && !bodiless,
        problem: answer.problem,
    }
}
