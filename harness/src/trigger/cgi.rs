//! CGI as Spin's executor `wagi` has it: what a request becomes for a program, and what a program's output becomes
//! (`crates/http/src/wagi/mod.rs`).

use super::client::Answer;
use crate::app::RouteMatch;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, LOCATION};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// How a program is called.
#[derive(Debug, Default)]
pub(crate) struct ProgramCall {
    pub arguments: Vec<String>,
    /// Besides the component's own environment.
    pub environment: Vec<(String, String)>,
}

/// What a program is told of a request.
pub(super) struct Told<'a> {
    pub route: &'a RouteMatch,
    pub method: &'a Method,
    /// With its authority.
    pub uri: &'a Uri,
    pub headers: &'a HeaderMap,
    /// Bytes of the body.
    pub length: usize,
    /// As the component is told it.
    pub full_url: &'a str,
    /// The address that the request came from.
    pub client: &'a str,
}

/// Where nobody names one (`WagiHttpExecutor::execute`).
const DEFAULT_HOST: &str = "default_host";

impl ProgramCall {
    /// By the executor's template of arguments.
    pub(super) fn new(argv: &str, told: &Told<'_>) -> Self {
        let parameters = told.uri.query().unwrap_or_default().replace('&', " ");
        let argv = argv
            .replace("${SCRIPT_NAME}", told.uri.path())
            .replace("${ARGS}", &parameters);
        Self {
            arguments: argv.split(' ').map(str::to_owned).collect(),
            environment: environment(told).into_iter().collect(),
        }
    }
}

/// The variables that CGI has, those that Wagi adds, and one for each header.
fn environment(told: &Told<'_>) -> BTreeMap<String, String> {
    let Told { route, headers, .. } = told;
    let (host, port) = server(told);
    let client_ip = match told.client.parse::<SocketAddr>() {
        Ok(address) => address.ip().to_string(),
        Err(_) => told.client.to_owned(),
    };
    // Spin looks for a header of this name, with its underscore: that of the same name with a hyphen is another.
    let content_type = headers.get("content_type");
    let content_type = content_type.and_then(|value| value.to_str().ok());
    let mut variables: BTreeMap<String, String> = [
        ("AUTH_TYPE", ""),
        ("CONTENT_LENGTH", &told.length.to_string()),
        ("CONTENT_TYPE", content_type.unwrap_or_default()),
        ("GATEWAY_INTERFACE", "CGI/1.1"),
        ("PATH_TRANSLATED", &percent_decoded(&route.path_info)),
        ("QUERY_STRING", told.uri.query().unwrap_or_default()),
        ("REMOTE_ADDR", &client_ip),
        ("REMOTE_HOST", &client_ip),
        ("REMOTE_USER", ""),
        ("REQUEST_METHOD", told.method.as_str()),
        ("SCRIPT_NAME", without_rest(&route.based_route)),
        ("SERVER_NAME", &host),
        ("SERVER_PORT", &port),
        ("SERVER_PROTOCOL", "HTTP/1.1"),
        ("SERVER_SOFTWARE", "WAGI/1"),
        ("X_RAW_PATH_INFO", &route.path_info),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    for (name, value) in *headers {
        let name = name.as_str().to_uppercase().replace('-', "_");
        if name != "AUTHORIZATION" && name != "CONNECTION" {
            let value = value.to_str().unwrap_or("CORRUPT VALUE");
            variables.insert(format!("HTTP_{name}"), value.to_owned());
        }
    }
    // What every component is told goes before (`compute_default_headers` in `crates/trigger-http/src/headers.rs`).
    for (name, value) in [
        ("PATH_INFO", route.path_info.as_str()),
        ("X_FULL_URL", told.full_url),
        ("X_MATCHED_ROUTE", &route.based_route),
        ("X_BASE_PATH", "/"),
        ("X_RAW_COMPONENT_ROUTE", &route.raw_route),
        ("X_COMPONENT_ROUTE", route.component_route()),
        ("X_CLIENT_ADDR", told.client),
    ] {
        variables.insert(name.to_owned(), value.to_owned());
    }
    for (name, value) in &route.wildcards {
        let name = format!("X_PATH_MATCH_{}", name.to_ascii_uppercase());
        variables.insert(name, value.clone());
    }
    variables
}

/// As in URLs; an escape that is none stays as it is, and what is no UTF-8 is replaced.
fn percent_decoded(text: &str) -> String {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, others)) = rest.split_first() {
        let escaped = others.get(..2).filter(|_| *first == b'%');
        let escaped = escaped.and_then(|digits| std::str::from_utf8(digits).ok());
        // `from_str_radix` would take a sign.
        let escaped = escaped.filter(|digits| digits.bytes().all(|it| it.is_ascii_hexdigit()));
        match escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                rest = &others[2..];
            }
            None => {
                decoded.push(*first);
                rest = others;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn without_rest(route: &str) -> &str {
    route.strip_suffix("/...").unwrap_or(route)
}

/// Name and port of the server: by the header, or else by the URL (`parse_host_header_uri`).
fn server(told: &Told<'_>) -> (String, String) {
    let header = told.headers.get(HOST);
    let header = header
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    let (name, port) = header.split_once(':').unwrap_or((header, ""));
    let of_url = told.uri.port_u16().unwrap_or(80).to_string();
    let or = |given: &str, default: &str| match given {
        "" => default.to_owned(),
        given => given.to_owned(),
    };
    (or(name, DEFAULT_HOST), or(port, &of_url))
}

/// Reads what a program wrote: headers, an empty line, the body. Where it is no answer, the client has Spin's.
pub(super) fn answer_of(answer: &mut Answer, component: &str, output: Bytes) {
    if output.is_empty() {
        answer.problem = Some(format!(
            "component \"{component}\" is run by the executor `wagi` and wrote nothing to its standard output; is it a CGI program?"
        ));
        return;
    }
    let (head, body) = parts(&output);
    match respond(&head) {
        Ok((status, headers)) => {
            let sufficient = headers.is_some();
            let refusal = b"Exactly one of 'location' or 'content-type' must be specified";
            answer.head = Some((status, headers.unwrap_or_default()));
            answer.body = if sufficient { body } else { refusal.to_vec() };
            answer.complete = true;
            answer.in_one = true;
        }
        Err(why) => answer.problem = Some(why),
    }
}

/// The headers without carriage returns, and the body; where no empty line ends the headers, there is only a body.
fn parts(output: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mut head = Vec::new();
    let mut last = 0;
    for (index, byte) in output.iter().copied().enumerate() {
        match byte {
            b'\r' => continue,
            b'\n' if last == b'\n' => return (head, output[index + 1..].to_vec()),
            _ => head.push(byte),
        }
        last = byte;
    }
    (Vec::new(), head)
}

/// Status and headers; no headers where those that are there make no answer.
fn respond(head: &[u8]) -> Result<(StatusCode, Option<HeaderMap>), String> {
    let head = std::str::from_utf8(head).map_err(|_| "its headers are not text".to_owned())?;
    let mut headers = HeaderMap::new();
    let (mut status, mut sufficient, mut moved) = (None, false, false);
    for line in head.trim().split('\n') {
        // A line without a colon is passed over.
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        let (name, value) = (name.trim().to_lowercase(), value.trim());
        if name == "status" {
            let code = value.split_once(' ').map_or(value, |(code, _)| code);
            status = Some(code.parse().unwrap_or(StatusCode::BAD_GATEWAY));
            sufficient = true;
            continue;
        }
        let Ok(header) = HeaderName::from_lowercase(name.as_bytes()) else {
            continue;
        };
        let value = HeaderValue::from_str(value);
        let value = value.map_err(|_| format!("the value of its header `{name}` is none"))?;
        sufficient |= header == CONTENT_TYPE || header == LOCATION;
        moved |= header == LOCATION;
        let inserted = headers.try_insert(header, value);
        inserted.map_err(|_| "it has too many headers".to_owned())?;
    }
    if !sufficient {
        return Ok((StatusCode::INTERNAL_SERVER_ERROR, None));
    }
    let default = match moved {
        true => StatusCode::FOUND,
        false => StatusCode::OK,
    };
    Ok((status.unwrap_or(default), Some(headers)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(output: &'static str) -> Answer {
        let mut answer = Answer::default();
        answer_of(&mut answer, "c", Bytes::from(output));
        answer
    }

    fn head(output: &'static str) -> (u16, Vec<(String, String)>) {
        let (status, headers) = answered(output).head.unwrap();
        let text = |value: &HeaderValue| value.to_str().unwrap().to_owned();
        let headers = headers
            .iter()
            .map(|(name, value)| (name.to_string(), text(value)));
        (status.as_u16(), headers.collect())
    }

    #[test]
    fn escapes_are_decoded() {
        assert_eq!(percent_decoded("/a%20b%C3%BC"), "/a b\u{fc}");
        assert_eq!(percent_decoded("%+1%2%%41"), "%+1%2%A");
        assert_eq!(percent_decoded("%ff"), "\u{fffd}");
    }

    #[test]
    fn headers_end_at_an_empty_line() {
        let answer = answered("Content-Type: text/plain\r\n\r\na\r\n\r\nb");
        assert_eq!(answer.body, b"a\r\n\r\nb");
        assert!(answer.complete && answer.in_one);
        assert_eq!(head("content-type: a/b\n\n").0, 200);
    }

    #[test]
    fn a_status_may_have_a_reason_and_must_be_one() {
        assert_eq!(head("status: 418 I'm a teapot\n\n").0, 418);
        assert_eq!(head("status: 404\nlocation: /x\n\n").0, 404);
        assert_eq!(head("status: tea\n\n").0, 502);
        let moved = head("location: /x\n\n");
        assert_eq!(moved, (302, vec![("location".to_owned(), "/x".to_owned())]));
    }

    #[test]
    fn what_says_too_little_is_no_answer() {
        for output in ["hello", "x-a: 1\n\nhello"] {
            assert_eq!(head(output), (500, Vec::new()));
            assert!(answered(output).body.starts_with(b"Exactly one of"));
        }
        assert!(answered("").problem.unwrap().contains("wrote nothing"));
        let bad = answered("content-type: a\u{1}b\n\n");
        assert!(bad.head.is_none());
        assert!(bad.problem.unwrap().contains("`content-type`"));
    }
}
