//! A request as a client sends it, and a response as the client sees it.

use bytes::Bytes;
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

/// A request that cannot be sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Not a method.
    #[error("`{0}` is no HTTP method; expected a word such as GET, POST or DELETE")]
    Method(String),
    /// Not a path.
    #[error("`{0}` is no path; expected one that begins with `/`, such as `/visit?name=x`")]
    Path(String),
    /// Not a header's name.
    #[error("`{0}` is no header name; expected letters, digits and `-`")]
    HeaderName(String),
    /// Not a header's value.
    #[error("the value of header `{0}` has characters that a header cannot carry")]
    HeaderValue(String),
}

impl Request {
    /// A request without headers and body.
    ///
    /// # Errors
    ///
    /// The method or the path is none.
    pub fn new(method: &str, path: &str) -> Result<Self, RequestError> {
        let bad_method = || RequestError::Method(method.to_owned());
        let bad_path = || RequestError::Path(path.to_owned());
        let method = Method::from_bytes(method.as_bytes()).map_err(|_| bad_method())?;
        if !path.starts_with('/') {
            return Err(bad_path());
        }
        let uri = encode_path(path).parse().map_err(|_| bad_path())?;
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
    /// The name or the value cannot stand in a header.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self, RequestError> {
        let name: HeaderName = name
            .parse()
            .map_err(|_| RequestError::HeaderName(name.to_owned()))?;
        let value = HeaderValue::from_str(value)
            .or_else(|_| HeaderValue::from_bytes(value.as_bytes()))
            .map_err(|_| RequestError::HeaderValue(name.to_string()))?;
        self.headers.append(name, value);
        Ok(self)
    }

    /// Sets the body.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
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
