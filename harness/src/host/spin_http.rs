//! `fermyon:spin/http`, requests of Spin 1: records in memory, one error for nearly all that can go wrong
//! (`crates/factor-outbound-http/src/spin.rs`).

use super::InstanceState;
use super::bindings::http_1::Host;
use super::bindings::http_types_1::{self as types, HttpError, Method, Request, Response};
use crate::sandbox::{Answered, Destination, Failure, Sending, service};
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_LENGTH};
use http::{HeaderMap, HeaderName, HeaderValue, Uri};

impl types::Host for InstanceState {}

impl Host for InstanceState {
    async fn send_request(
        &mut self,
        request: Request,
    ) -> wasmtime::Result<Result<Response, HttpError>> {
        let caller = self.caller.clone();
        let sending = sending(request);
        let passed = self.session.send_outgoing(&caller, sending).await?;
        Ok(passed.map(response).map_err(|failure| error(&failure)))
    }
}

/// The request as it leaves, or with what is wrong with it.
fn sending(request: Request) -> Sending {
    let body = Bytes::from(request.body.unwrap_or_default());
    let uri = request.uri.parse::<Uri>();
    // What goes straight to a component of the app never sees the client that adds headers.
    let to_component = matches!(
        Destination::of(&request.uri),
        Some(Destination::Component(_))
    );
    let is_url = uri.is_ok_and(|uri| request.uri.starts_with('/') || uri.scheme().is_some());
    let (headers, malformed) = match headers(&request.headers) {
        Some(headers) if to_component => (headers, None),
        Some(headers) => (as_sent(headers, body.len()), None),
        None => (HeaderMap::new(), Some(Failure::new("runtime-error"))),
    };
    Sending {
        interface: &service::SPIN_HTTP,
        method: method(request.method),
        url: request.uri,
        headers,
        body,
        first_byte_timeout: None,
        malformed: match is_url {
            true => malformed,
            false => Some(Failure::new("invalid-url")),
        },
    }
}

fn headers(given: &types::Headers) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (name, value) in given {
        let name: HeaderName = name.parse().ok()?;
        let value: HeaderValue = value.parse().ok()?;
        headers.try_append(name, value).ok()?;
    }
    Some(headers)
}

/// With what Spin's client for this interface (`reqwest`) adds.
fn as_sent(mut headers: HeaderMap, length: usize) -> HeaderMap {
    headers
        .entry(ACCEPT)
        .or_insert(HeaderValue::from_static("*/*"));
    if length > 0 {
        headers
            .entry(CONTENT_LENGTH)
            .or_insert(HeaderValue::from(length));
    }
    headers
}

fn method(method: Method) -> http::Method {
    match method {
        Method::Get => http::Method::GET,
        Method::Post => http::Method::POST,
        Method::Put => http::Method::PUT,
        Method::Delete => http::Method::DELETE,
        Method::Patch => http::Method::PATCH,
        Method::Head => http::Method::HEAD,
        Method::Options => http::Method::OPTIONS,
    }
}

/// Headers that are not text are left out, as in Spin.
fn response(answered: Answered) -> Response {
    let headers = answered.headers.iter().filter_map(|(name, value)| {
        let value = value.to_str().ok()?;
        Some((name.to_string(), value.to_owned()))
    });
    Response {
        status: answered.status,
        headers: Some(headers.collect()),
        body: Some(answered.body.into()),
    }
}

/// What cannot be said in this interface is a `runtime-error`.
fn error(failure: &Failure) -> HttpError {
    match failure.case() {
        "destination-not-allowed" => HttpError::DestinationNotAllowed,
        "invalid-url" => HttpError::InvalidUrl,
        "request-error" => HttpError::RequestError,
        "too-many-requests" => HttpError::TooManyRequests,
        _ => HttpError::RuntimeError,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(uri: &str, headers: &[(&str, &str)], body: &str) -> Sending {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        sending(Request {
            method: Method::Post,
            uri: uri.to_owned(),
            headers: headers.iter().map(owned).collect(),
            params: Vec::new(),
            body: Some(body.into()),
        })
    }

    #[test]
    fn what_is_wrong_is_said_in_the_words_of_the_interface() {
        let wrong = |uri, headers: &[(&str, &str)]| {
            let malformed = asked(uri, headers, "").malformed;
            malformed.map(|failure| failure.to_string())
        };
        assert_eq!(wrong("https://a.example/x", &[("x-a", "1")]), None);
        assert_eq!(wrong("/x", &[]), None);
        assert_eq!(wrong("a.example", &[]).as_deref(), Some("invalid-url"));
        let bad = wrong("https://a.example", &[("not a name", "1")]);
        assert_eq!(bad.as_deref(), Some("runtime-error"));
    }

    #[test]
    fn the_client_adds_headers_where_there_is_one() {
        let sent = asked("https://a.example/x", &[("accept", "text/plain")], "tea");
        assert_eq!(sent.headers[ACCEPT], "text/plain");
        assert_eq!(sent.headers[CONTENT_LENGTH], "3");
        let sent = asked("https://a.example/x", &[], "");
        assert_eq!(sent.headers[ACCEPT], "*/*");
        assert!(!sent.headers.contains_key(CONTENT_LENGTH));
        let chained = asked("http://a.spin.internal/x", &[], "tea");
        assert!(chained.headers.is_empty());
    }
}
