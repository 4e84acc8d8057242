//! Reads a recording: a TOML file of `[[exchange]]` tables.

use super::exchange::Exchange;
use crate::app::document::{self, Fields, Located};
use crate::app::{LoadError, Problem, Report, SourceFile, Span};
use crate::sandbox::outgoing::url::without_user;
use crate::value::Value;
use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use std::path::{Path, PathBuf};

/// What is wrong in a recording.
const INVALID: &str = "recording::invalid";

/// Answers that were recorded once.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    /// The file.
    pub path: PathBuf,
    /// What is in it, in its order.
    pub exchanges: Vec<Exchange>,
}

impl Recording {
    /// Reads a recording.
    ///
    /// ```toml
    /// [[exchange]]
    /// method = "POST"
    /// url = "https://api.example.com/orders"
    /// request_headers = ["content-type: application/json"]     # to be read; no request is matched by them
    /// request_body = '{"item": "tea"}'                         # none, if it is left out; so is the body
    /// status = 201
    /// headers = ["content-type: application/json"]
    /// body = '{"id": 7}'                                       # or base64:… or file:…, as values of steps
    /// ```
    ///
    /// # Errors
    ///
    /// There is no such file, or what is wrong in it, with the places.
    pub fn load(path: &Path) -> Result<Self, LoadError> {
        if !path.exists() {
            let text = format!("there is no recording {}", path.display());
            return Err(Problem::error("recording::missing", text)
                .help(
                    "`spin-harness test --record ORIGIN=URL` makes it, from a server on this machine, such as \
                     `--record https://api.example.com=http://127.0.0.1:8080`",
                )
                .into());
        }
        let recording = Self::read(path)?;
        if recording.exchanges.is_empty() {
            let text = format!("there is no exchange in the recording {}", path.display());
            return Err(Problem::error("recording::none", text)
                .help("an exchange is a table `[[exchange]]` with `method`, `url` and `status`")
                .into());
        }
        Ok(recording)
    }

    /// As [`Self::load`], of a file that may yet have to be made.
    pub(crate) fn load_if_there(path: &Path) -> Result<Self, LoadError> {
        match path.exists() {
            true => Self::read(path),
            false => Ok(Self {
                path: path.to_owned(),
                exchanges: Vec::new(),
            }),
        }
    }

    fn read(path: &Path) -> Result<Self, LoadError> {
        let file = document::read_text(path, "the recording")?;
        let report = Report::new(file.clone());
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut exchanges = Vec::new();
        let document = report.under(INVALID, || document::parse(&report, file.text()));
        let is_toml = document.is_some();
        if let Some(document) = document {
            report.under(INVALID, || {
                let span = 0..file.text().len().min(1);
                let fields = Fields::of_table(&report, document.get_ref(), span);
                for node in fields.array("exchange") {
                    if let Some(fields) = Fields::of(&report, node) {
                        exchanges.extend(exchange(&fields, folder));
                    }
                }
                fields.refuse_others();
            });
        }
        report.finish().map_err(|error| match is_toml {
            true => error,
            false => advised(error, &file),
        })?;
        Ok(Self {
            path: path.to_owned(),
            exchanges,
        })
    }
}

/// With what to do about a file that was damaged.
fn advised(error: LoadError, file: &SourceFile) -> LoadError {
    let mut problems: Vec<Problem> = error.problems().cloned().collect();
    if let Some(first) = problems.first_mut()
        && first.help.is_none()
    {
        first.help = Some(format!(
            "mend it, or remove {} and record it again with `spin-harness test --record ORIGIN=URL`",
            file.name()
        ));
    }
    match LoadError::from_problems(problems) {
        Err(advised) => advised,
        Ok(()) => error,
    }
}

fn exchange(fields: &Fields<'_>, folder: &Path) -> Option<Exchange> {
    let wrong = |span: Span, message: String| {
        fields.report.add(span, Problem::error(INVALID, message));
    };
    let method = fields.required_string("method");
    let method = method.and_then(|method| match read_method(&method.value) {
        Ok(method) => Some(method),
        Err(reason) => {
            wrong(method.span, reason);
            None
        }
    });
    let url = fields.required_string("url");
    let url = url.and_then(|url| match check_url(&url.value) {
        Ok(()) => Some(url.value),
        Err(reason) => {
            wrong(url.span, reason);
            None
        }
    });
    let request_headers = headers(fields, "request_headers");
    let request_body = body(fields, "request_body", folder);
    let status = fields.required("status");
    let status = status.and_then(|node| {
        let number = document::unsigned(fields.report, node)?;
        match u16::try_from(number) {
            Ok(status) if (100..1000).contains(&status) => Some(status),
            _ => {
                wrong(
                    node.span(),
                    format!("{number} is no status; there are 100 to 999"),
                );
                None
            }
        }
    });
    let (answer_headers, length) = match headers(fields, "headers") {
        Some(Lines { headers, length }) => (Some(headers), length),
        None => (None, None),
    };
    let answer_body = body(fields, "body", folder);
    fields.refuse_others();
    let exchange = Exchange {
        method: method?,
        url: without_user(&url?).into_owned(),
        request_headers: request_headers?.headers,
        request_body: request_body?,
        status: status?,
        headers: answer_headers?,
        body: answer_body?,
    };
    if let Some(stated) = wrong_length(&exchange) {
        wrong(
            length.unwrap_or_default(),
            format!(
                "`content-length: {stated}` is not the length of the body, which is {} bytes; change it, or leave it out",
                exchange.body.len()
            ),
        );
        return None;
    }
    Some(exchange)
}

/// A method as requests have it.
fn read_method(text: &str) -> Result<Method, String> {
    const STANDARD: [Method; 9] = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
        Method::TRACE,
        Method::CONNECT,
    ];
    let Ok(method) = text.parse::<Method>() else {
        return Err(format!("{text:?} is no method; write one such as GET"));
    };
    let mut standard = STANDARD.iter();
    match standard.find(|it| **it != method && it.as_str().eq_ignore_ascii_case(text)) {
        Some(meant) => Err(format!(
            "no request is asked by {text:?}: methods have capital letters; write {meant}"
        )),
        None => Ok(method),
    }
}

/// Whether a request can have this URL. What stands for nothing else is no mistake in a path: `*` may be just that.
fn check_url(text: &str) -> Result<(), String> {
    let no_request = |reason: String| Err(format!("{text:?} is no URL of a request; {reason}"));
    let parsed = match url::Url::parse(text) {
        Ok(parsed) if matches!(parsed.scheme(), "http" | "https") => parsed,
        _ => return no_request("write one such as https://api.example.com/users".to_owned()),
    };
    if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return no_request("there is a blank in it; write it as requests do, `%20`".to_owned());
    }
    if let Some(fragment) = parsed.fragment() {
        return no_request(format!(
            "the fragment `#{fragment}` of a URL is never sent; leave it out"
        ));
    }
    if parsed.host_str().is_some_and(|host| host.contains('*')) {
        return no_request(
            "`*` does not stand for any host in a recording; write the one that is asked"
                .to_owned(),
        );
    }
    Ok(())
}

/// A stated length that the body does not have. What answers HEAD, or says that nothing has changed, states the length of
/// a body that it does not have.
fn wrong_length(exchange: &Exchange) -> Option<String> {
    if exchange.method == Method::HEAD || exchange.status == 304 {
        return None;
    }
    let stated = exchange.headers.get(CONTENT_LENGTH)?;
    let stated = String::from_utf8_lossy(stated.as_bytes());
    (stated != exchange.body.len().to_string()).then(|| stated.into_owned())
}

/// Headers as a recording has them.
struct Lines {
    headers: HeaderMap,
    /// Where the first `content-length` stands.
    length: Option<Span>,
}

/// Lines `name: value`; `None` if some are wrong.
fn headers(fields: &Fields<'_>, name: &'static str) -> Option<Lines> {
    let mut headers = HeaderMap::new();
    let mut length = None;
    let mut sound = true;
    for line in fields.strings(name) {
        match header(&line.value) {
            Some((name, value)) => {
                if name == CONTENT_LENGTH && length.is_none() {
                    length = Some(line.span);
                }
                headers.append(name, value);
            }
            None => {
                let message = format!("{:?} is no header; write `name: value`", line.value);
                fields
                    .report
                    .add(line.span, Problem::error(INVALID, message));
                sound = false;
            }
        }
    }
    sound.then_some(Lines { headers, length })
}

fn header(line: &str) -> Option<(HeaderName, HeaderValue)> {
    let (name, value) = line.split_once(':')?;
    let value = HeaderValue::from_bytes(value.trim().as_bytes()).ok()?;
    Some((name.trim().parse().ok()?, value))
}

/// A value as steps write it; `None` if it is wrong, and no bytes if it is not there.
fn body(fields: &Fields<'_>, name: &'static str, folder: &Path) -> Option<Bytes> {
    let Some(Located { value, span }) = fields.string(name) else {
        return Some(Bytes::new());
    };
    match Value::parse(&value, folder) {
        Ok(value) => Some(value.into_bytes()),
        Err(error) => {
            fields
                .report
                .add(span, Problem::error(INVALID, error.to_string()));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::exchange::exchange as plain;
    use super::super::write::text;
    use super::*;

    fn load(text: &str) -> Result<Recording, LoadError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("api.toml");
        std::fs::write(&path, text).unwrap();
        Recording::load(&path)
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut exchanges = Vec::new();
        for body in [
            "",
            "plain",
            "{\"a\": \"it's\"}\n",
            "two\nlines\r\n\tand 'quotes' \"of\" both '''kinds''' \"\"\" \\",
            "\n",
            "base64:AAEC",
            "text:",
            "\u{1b}[31m",
            "ünï",
        ] {
            let mut exchange = plain(Method::POST, &format!("/{}", exchanges.len()), body, body);
            exchange
                .headers
                .append("x-twice", HeaderValue::from_static("a"));
            exchange.headers.append(
                "x-twice",
                HeaderValue::from_bytes("ü: b".as_bytes()).unwrap(),
            );
            exchange
                .request_headers
                .insert("accept", HeaderValue::from_static(""));
            exchanges.push(exchange);
        }
        let mut binary = plain(Method::GET, "/binary", "", "");
        binary.status = 404;
        binary.body = Bytes::from_static(&[0, 255, 10]);
        exchanges.push(binary);
        let written = text(&exchanges).unwrap();
        assert!(written.contains("body = \"base64:AP8K\""), "{written}");
        assert_eq!(load(&written).unwrap().exchanges, exchanges);
    }

    #[track_caller]
    fn refused(text: &str, parts: &[&str]) {
        let error = load(text).unwrap_err();
        let problem = error.problems().next().unwrap();
        let place = problem.location().unwrap_or_default();
        let all = format!(
            "{place} {} {}",
            problem.message,
            problem.help.clone().unwrap_or_default()
        );
        for part in parts {
            assert!(all.contains(part), "{all}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let whole = "[[exchange]]\nmethod = \"GET\"\nurl = \"https://a.example/\"\nstatus = 200\nbody = \"one\"\n";
        assert!(load(whole).is_ok());
        // Cut off in the middle of a write that was not ours.
        refused(
            &whole[..whole.len() - 3],
            &["api.toml:5:", "record it again with"],
        );
        refused(&whole[..28], &["api.toml:1:", "missing field `url`"]);
        refused(
            &whole.replace("GET", "G T"),
            &["api.toml:2:10", "is no method"],
        );
        refused(
            &whole.replace("https", "htps"),
            &["api.toml:3:7", "is no URL of a request"],
        );
        // What no request could ever be.
        refused(
            &whole.replace("GET", "get"),
            &[
                "api.toml:2:10",
                "no request is asked by \"get\"",
                "write GET",
            ],
        );
        assert!(load(&whole.replace("GET", "purge")).is_ok());
        refused(
            &whole.replace("example/", "example/x#top"),
            &[
                "api.toml:3:7",
                "`#top` of a URL is never sent; leave it out",
            ],
        );
        refused(
            &whole.replace("a.example", "*.example"),
            &["api.toml:3:7", "`*` does not stand for any host"],
        );
        assert!(load(&whole.replace("example/", "example/*?x=*")).is_ok());
        refused(
            &whole.replace("example/", "example/a b"),
            &["api.toml:3:7", "there is a blank in it", "`%20`"],
        );
        refused(
            &whole.replace("200", "2000"),
            &["api.toml:4:10", "2000 is no status"],
        );
        refused(
            &whole.replace("one", "base64:?"),
            &["api.toml:5:8", "needs base64"],
        );
        refused(
            &whole.replace("body", "bdy"),
            &[
                "api.toml:5:1",
                "unknown field `bdy`",
                "did you mean `body`?",
            ],
        );
        let header = |header: &str| format!("{whole}headers = [\"{header}\"]\n");
        refused(&header("x-first"), &["api.toml:6:12", "is no header"]);
        refused(
            &header("x-other: 1\", \"content-length: 4"),
            &[
                "api.toml:6:26",
                "`content-length: 4` is not the length of the body, which is 3 bytes",
            ],
        );
        assert!(load(&header("content-length: 3")).is_ok());
        refused("", &["there is no exchange in the recording"]);
        let missing = Recording::load(Path::new("no/such.toml")).unwrap_err();
        let missing = missing.problems().next().unwrap();
        assert_eq!(missing.message, "there is no recording no/such.toml");
        assert!(
            missing
                .help
                .clone()
                .unwrap()
                .contains("--record ORIGIN=URL")
        );
    }
}
