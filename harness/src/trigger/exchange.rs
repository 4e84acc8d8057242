//! A request as a client sends it, and a response as the client sees it.

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use std::sync::Arc;
use std::time::Duration;

/// An HTTP request to an app.
#[derive(Clone, Debug)]
pub struct Request {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// As long as a path can be once it is encoded, in bytes (`http::Uri`).
const MAX_PATH: usize = 65_534;

/// A request that cannot be sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Not a method.
    #[error("`{0}` is no HTTP method; expected a word such as GET, POST or DELETE")]
    Method(String),
    /// Not a path.
    #[error("`{0}` is no path; expected one that begins with `/`, such as `/visit?name=x`")]
    Path(String),
    /// A path that is too long; its length in bytes, once encoded.
    #[error("the path is {0} bytes long; a request carries at most {MAX_PATH}")]
    PathLength(usize),
    /// Not a header's name.
    #[error("`{0}` is no header name; expected letters, digits and `-`")]
    HeaderName(String),
    /// Not a header's value.
    #[error("the value of header `{0}` has characters that a header cannot carry")]
    HeaderValue(String),
    /// More headers than a request carries; how many.
    #[error("{0} headers are more than a request carries")]
    TooManyHeaders(usize),
    /// A length that is not the body's.
    #[error(
        "the header `content-length` says `{stated}`, but the body has {body} bytes; without that header the right one is sent"
    )]
    ContentLength {
        /// What the header says.
        stated: String,
        /// The body's length in bytes.
        body: usize,
    },
}

impl Request {
    /// A request without headers and body.
    ///
    /// # Errors
    ///
    /// The method or the path is none, or the path is too long.
    pub fn new(method: &str, path: &str) -> Result<Self, RequestError> {
        let bad_method = || RequestError::Method(method.to_owned());
        let bad_path = || RequestError::Path(path.to_owned());
        let method = Method::from_bytes(method.as_bytes()).map_err(|_| bad_method())?;
        if !path.starts_with('/') {
            return Err(bad_path());
        }
        let encoded = encode_path(path);
        if encoded.len() > MAX_PATH {
            return Err(RequestError::PathLength(encoded.len()));
        }
        let uri = encoded.parse().map_err(|_| bad_path())?;
        Ok(Self {
            method,
            uri,
            headers: HeaderMap::new(),
            body: Bytes::new(),
        })
    }

    /// Adds a header, besides others of its name.
    ///
    /// # Errors
    ///
    /// The name or the value cannot stand in a header, or there are too many.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self, RequestError> {
        let name: HeaderName = name
            .parse()
            .map_err(|_| RequestError::HeaderName(name.to_owned()))?;
        let value = HeaderValue::from_str(value)
            .or_else(|_| HeaderValue::from_bytes(value.as_bytes()))
            .map_err(|_| RequestError::HeaderValue(name.to_string()))?;
        if self.headers.try_append(name, value).is_err() {
            return Err(RequestError::TooManyHeaders(self.headers.len() + 1));
        }
        Ok(self)
    }

    /// Sets the body.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Looks at headers and body together. A request that fails this is not sent: its response is 400, and its
    /// [`problem`](Response::problem) this error.
    ///
    /// # Errors
    ///
    /// A stated `content-length` is not the body's.
    pub fn check(&self) -> Result<(), RequestError> {
        let right = |stated: &&HeaderValue| {
            let stated = stated.to_str().ok();
            stated.and_then(|text| text.parse().ok()) == Some(self.body.len())
        };
        let mut stated = self.headers.get_all(CONTENT_LENGTH).iter();
        match stated.find(|stated| !right(stated)) {
            None => Ok(()),
            Some(wrong) => Err(RequestError::ContentLength {
                stated: String::from_utf8_lossy(wrong.as_bytes()).into_owned(),
                body: self.body.len(),
            }),
        }
    }

    /// Whether it has a header of that name already.
    pub fn has_header(&self, name: &str) -> bool {
        self.headers.contains_key(name)
    }
}

impl std::fmt::Display for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.uri)
    }
}

/// Percent-encodes what a client would: blanks, control characters and everything beyond ASCII.
fn encode_path(path: &str) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'`' | b'#') {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// What the client saw, and what the harness knows about how it came to be.
#[derive(Clone, Debug)]
pub struct Response {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) trailers: HeaderMap,
    pub(crate) took: Duration,
    pub(crate) component: Option<Arc<str>>,
    pub(crate) cut: bool,
    pub(crate) problem: Option<String>,
    /// Whether Spin would close the connection and send nothing.
    pub(crate) closed: bool,
}

impl Response {
    /// The status code.
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// The headers in order, without `date` and `transfer-encoding`. Those of one name stand together.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_bytes()))
    }

    /// The first header of that name, as text where it is text.
    pub fn header(&self, name: &str) -> Option<String> {
        let value = self.headers.get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    }

    /// The body.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The body as text; what is no UTF-8 is replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The trailers, in order.
    pub fn trailers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.trailers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_bytes()))
    }

    /// Virtual time from the sending of the request to the end of the body.
    pub fn took(&self) -> Duration {
        self.took
    }

    /// The component that the request was routed to.
    pub fn component(&self) -> Option<&str> {
        self.component.as_deref()
    }

    /// Whether the connection ended before the body did.
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    /// Why the app gave no answer of its own, or not a whole one.
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_may_have_any_length_that_a_uri_can_have() {
        assert!(Request::new("GET", &format!("/{}", "a".repeat(65_533))).is_ok());
        let error = Request::new("GET", &format!("/{}", "a".repeat(65_534))).unwrap_err();
        assert_eq!(error, RequestError::PathLength(65_535));
        // Each byte beyond ASCII takes three.
        let error = Request::new("GET", &format!("/{}", "ü".repeat(11_000))).unwrap_err();
        assert_eq!(error, RequestError::PathLength(66_001));
        assert!(error.to_string().len() < 100);
    }

    #[test]
    fn very_many_headers_are_an_error() {
        let mut request = Request::new("GET", "/").unwrap();
        let mut failed = None;
        for number in 0..40_000 {
            match request.header(&format!("x-{number}"), "1") {
                Ok(more) => request = more,
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        assert!(matches!(failed, Some(RequestError::TooManyHeaders(_))));
    }

    #[test]
    fn a_stated_length_must_be_the_bodys() {
        let with = |length: &str, body: &'static str| {
            let request = Request::new("POST", "/").unwrap();
            request
                .header("content-length", length)
                .unwrap()
                .body(body)
                .check()
        };
        assert_eq!(with("7", "seven b"), Ok(()));
        assert_eq!(with("0", ""), Ok(()));
        for (length, body) in [
            ("3", "seven b"),
            ("9", "seven b"),
            ("abc", "abc"),
            ("1", ""),
        ] {
            let error = with(length, body).unwrap_err().to_string();
            assert!(error.contains(&format!("`{length}`")), "{error}");
            assert!(error.contains(&format!("{} bytes", body.len())), "{error}");
        }
    }
}
