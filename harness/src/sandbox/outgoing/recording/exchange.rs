//! One request and what a server answered.

use crate::sandbox::outgoing::Answer;
use crate::sandbox::outgoing::url::{normal, without_user};
use crate::value::{equal_json, parse_json, show};
use bytes::Bytes;
use http::header::{AUTHORIZATION, PROXY_AUTHORIZATION, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Method};
use std::fmt;

/// What stands in a recording for a secret.
const LEFT_OUT: &str = "[left out]";

/// What the names of headers contain whose values are secrets. A header too many is left out without harm, since no
/// request is matched by its headers.
const SECRET_IN_REQUESTS: [&str; 8] = [
    "auth",
    "cookie",
    "key",
    "password",
    "secret",
    "session",
    "signature",
    "token",
];

/// The same of answers, which the guest may need: `www-authenticate` and `etag-key` tell no secrets.
const SECRET_IN_ANSWERS: [&str; 8] = [
    "api-key",
    "authorization",
    "cookie",
    "password",
    "secret",
    "session",
    "signature",
    "token",
];

/// A request and what a server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The request's method.
    pub method: Method,
    /// Where it went, whole.
    pub url: String,
    /// The request's headers. They are there to be read: no request is matched by them.
    pub request_headers: HeaderMap,
    /// The request's body.
    pub request_body: Bytes,
    /// The status of the answer.
    pub status: u16,
    /// The headers of the answer.
    pub headers: HeaderMap,
    /// The body of the answer.
    pub body: Bytes,
}

impl Exchange {
    /// Whether a request is this one: the same method, URL and body, whatever its headers.
    pub(crate) fn is_asked_by(&self, method: &Method, url: &str, body: &[u8]) -> bool {
        self.method == *method
            && normal(&without_user(&self.url)) == normal(&without_user(url))
            && same_body(&self.request_body, body)
    }

    /// Whether both are about the same request.
    pub(crate) fn asks_as(&self, other: &Self) -> bool {
        self.is_asked_by(&other.method, &other.url, &other.request_body)
    }

    /// In what the answers differ, if they do.
    pub(crate) fn difference(&self, other: &Self) -> Option<String> {
        if self.status != other.status {
            return Some(format!("the statuses {} and {}", self.status, other.status));
        }
        let values =
            |it: &Self, name| -> Vec<_> { it.headers.get_all(name).iter().cloned().collect() };
        let mut names = self.headers.keys().chain(other.headers.keys());
        if let Some(name) = names.find(|name| values(self, *name) != values(other, *name)) {
            return Some(format!("the header `{name}`"));
        }
        (self.body != other.body).then(|| {
            let (one, other) = (show(&self.body), show(&other.body));
            format!("the bodies {one} and {other}")
        })
    }

    /// The answer, as a stub gives it.
    pub(crate) fn answer(&self) -> Answer {
        Answer {
            status: self.status,
            headers: self.headers.clone(),
            body: self.body.clone(),
            ..Answer::default()
        }
    }

    /// As it may be read by everybody: without the user of its URL and the values of headers that are secrets. Of a cookie that is set its name
    /// and attributes stay, of credentials their scheme.
    pub(crate) fn without_secrets(mut self) -> Self {
        self.url = without_user(&self.url).into_owned();
        self.request_headers = without_secrets(&self.request_headers, &SECRET_IN_REQUESTS);
        self.headers = without_secrets(&self.headers, &SECRET_IN_ANSWERS);
        self
    }
}

impl fmt::Display for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, without_user(&self.url))?;
        if self.request_body.is_empty() {
            return Ok(());
        }
        write!(f, " with the body {}", show(&self.request_body))
    }
}

/// Whether two bodies are the same, of JSON as JSON: in which order a guest writes the members of an object may follow
/// from its seed.
fn same_body(one: &[u8], other: &[u8]) -> bool {
    let structured = |body: &[u8]| {
        let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
        matches!(first, Some(b'{' | b'['))
    };
    one == other
        || (structured(one)
            && structured(other)
            && matches!(
                (parse_json(one), parse_json(other)),
                (Ok(one), Ok(other)) if equal_json(&one, &other).is_ok()
            ))
}

fn without_secrets(headers: &HeaderMap, secret: &[&str]) -> HeaderMap {
    let mut readable = HeaderMap::new();
    for (name, value) in headers {
        let shown = match value.to_str() {
            _ if !secret.iter().any(|part| name.as_str().contains(part)) => None,
            Ok(text) if *name == SET_COOKIE => Some(cookie(text)),
            Ok(text) if *name == AUTHORIZATION || *name == PROXY_AUTHORIZATION => {
                let scheme = text.split_once(' ').map(|(scheme, _)| format!("{scheme} "));
                Some(format!("{}{LEFT_OUT}", scheme.unwrap_or_default()))
            }
            _ => Some(LEFT_OUT.to_owned()),
        };
        let shown = shown.map(|shown| {
            // What it is made of stood in a header before.
            HeaderValue::try_from(shown).unwrap_or(HeaderValue::from_static(LEFT_OUT))
        });
        readable.append(name.clone(), shown.unwrap_or_else(|| value.clone()));
    }
    readable
}

/// A cookie as it is set, without its value.
fn cookie(text: &str) -> String {
    let (pair, attributes) = match text.split_once(';') {
        Some((pair, attributes)) => (pair, format!(";{attributes}")),
        None => (text, String::new()),
    };
    match pair.split_once('=') {
        Some((name, _)) => format!("{name}={LEFT_OUT}{attributes}"),
        None => format!("{LEFT_OUT}{attributes}"),
    }
}

#[cfg(test)]
pub(super) fn exchange(method: Method, path: &str, request_body: &str, body: &str) -> Exchange {
    Exchange {
        method,
        url: format!("https://api.example.com{path}"),
        request_headers: HeaderMap::new(),
        request_body: Bytes::copy_from_slice(request_body.as_bytes()),
        status: 200,
        headers: HeaderMap::new(),
        body: Bytes::copy_from_slice(body.as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderName;

    #[test]
    fn a_request_is_known_by_method_url_and_body() {
        let known = exchange(Method::POST, "/a", r#"{"a": 1, "b": [2]}"#, "");
        let asks = |method, url: &str, body: &str| known.is_asked_by(&method, url, body.as_bytes());
        let url = "https://api.example.com/a";
        assert!(asks(Method::POST, url, r#"{"b":[2],"a":1}"#));
        assert!(!asks(Method::PUT, url, r#"{"a": 1, "b": [2]}"#));
        assert!(!asks(Method::POST, url, r#"{"a": 1, "b": [2, 3]}"#));
        assert!(!asks(
            Method::POST,
            "https://api.example.com/b",
            r#"{"a": 1, "b": [2]}"#
        ));
        let known = exchange(Method::GET, "", "1.0", "");
        assert!(known.is_asked_by(&Method::GET, "https://api.example.com/", b"1.0"));
        // A number alone is text.
        assert!(!known.is_asked_by(&Method::GET, "https://api.example.com/", b"1"));
    }

    #[test]
    fn a_user_in_a_url_makes_no_other_request() {
        let given = exchange(Method::GET, "/a", "", "");
        let url = "https://user:pa55@api.example.com/a";
        assert!(given.is_asked_by(&Method::GET, url, b""));
        // One that somebody wrote, or that was recorded with it.
        let given = Exchange {
            url: url.to_owned(),
            ..given
        };
        assert!(given.is_asked_by(&Method::GET, url, b""));
        assert!(given.is_asked_by(&Method::GET, "https://api.example.com/a", b""));
        assert_eq!(given.to_string(), "GET https://api.example.com/a");
    }

    #[test]
    fn secrets_are_left_out() {
        let mut given = exchange(Method::GET, "/", "", "");
        for (name, value) in [
            ("authorization", "Bearer abc"),
            ("cookie", "sid=abc"),
            ("x-api-key", "abc"),
            ("x-amz-security-token", "abc"),
            ("accept", "*/*"),
        ] {
            given.request_headers.insert(name, value.parse().unwrap());
        }
        for name in ["authorization", "x-session-id"] {
            given.headers.insert(name, "abc".parse().unwrap());
        }
        let challenge = "Basic realm=\"shop\"".parse().unwrap();
        given.headers.append("www-authenticate", challenge);
        for cookie in ["sid=abc; Path=/; HttpOnly", "abc"] {
            let cookie = cookie.parse().unwrap();
            given.headers.append("set-cookie", cookie);
        }
        let shown = given.without_secrets();
        let texts = |headers: &HeaderMap| -> Vec<String> {
            let text = |(name, value): (&HeaderName, &HeaderValue)| {
                format!("{name}: {}", value.to_str().unwrap())
            };
            headers.iter().map(text).collect()
        };
        assert_eq!(
            texts(&shown.request_headers),
            [
                "authorization: Bearer [left out]",
                "cookie: [left out]",
                "x-api-key: [left out]",
                "x-amz-security-token: [left out]",
                "accept: */*"
            ]
        );
        assert_eq!(
            texts(&shown.headers),
            [
                "authorization: [left out]",
                "x-session-id: [left out]",
                "www-authenticate: Basic realm=\"shop\"",
                "set-cookie: sid=[left out]; Path=/; HttpOnly",
                "set-cookie: [left out]"
            ]
        );
    }
}
