//! When steps that send requests.

use super::table::Column;
use super::world::number;
use super::{Failed, World};
use crate::trigger::Request;
use crate::value::{Value, parse_json};
use bytes::Bytes;
use cucumber::gherkin::Step;
use cucumber::when;

/// As many requests as a machine can be expected to serve at once.
const MAX_AT_ONCE: usize = 10_000;

#[when(expr = "I send {word} {string}")]
async fn send(world: &mut World, method: String, path: String) -> Result<(), Failed> {
    let request = world.request(&method, &path)?;
    world.send(request).await
}

#[when(expr = "I send {word} {string} with body {string}")]
async fn send_body(
    world: &mut World,
    method: String,
    path: String,
    body: String,
) -> Result<(), Failed> {
    let request = world
        .request(&method, &path)?
        .body(world.body(&world.text(&body)?)?);
    world.send(request).await
}

#[when(expr = "I send {word} {string} with the body:")]
async fn send_doc_string(
    world: &mut World,
    method: String,
    path: String,
    step: &Step,
) -> Result<(), Failed> {
    let request = world.request(&method, &path)?.body(world.doc_string(step)?);
    world.send(request).await
}

#[when(expr = "I send {word} {string} with JSON:")]
async fn send_json(
    world: &mut World,
    method: String,
    path: String,
    step: &Step,
) -> Result<(), Failed> {
    let body = world.doc_string(step)?;
    parse_json(body.as_bytes())?;
    let request = world
        .request(&method, &path)?
        .header("content-type", "application/json")?
        .body(body);
    world.send(request).await
}

#[when(expr = "I send {word} {string} with the body of file {string}")]
async fn send_file(
    world: &mut World,
    method: String,
    path: String,
    file: String,
) -> Result<(), Failed> {
    let file = format!("file:{}", world.text(&file)?);
    let request = world.request(&method, &path)?.body(world.body(&file)?);
    world.send(request).await
}

#[when(expr = "I send {word} {string} with the headers:")]
async fn send_headers(
    world: &mut World,
    method: String,
    path: String,
    step: &Step,
) -> Result<(), Failed> {
    let mut request = world.request(&method, &path)?;
    let columns = [Column::Needed("name"), Column::Needed("value")];
    for [name, value] in world.table(step, columns)?.rows {
        request = request.header(&name, &value)?;
    }
    world.send(request).await
}

#[when(expr = "I send the request:")]
async fn send_raw(world: &mut World, step: &Step) -> Result<(), Failed> {
    let request = parse_request(&world.doc_string(step)?)?;
    world.send(request).await
}

#[when(expr = "{int} client(s) send(s) {word} {string} at once")]
async fn at_once(
    world: &mut World,
    clients: String,
    method: String,
    path: String,
) -> Result<(), Failed> {
    let request = world.request(&method, &path)?;
    world.send_copies(&clients, request).await
}

#[when(expr = "{int} client(s) send(s) {word} {string} with body {string} at once")]
async fn bodies_at_once(
    world: &mut World,
    clients: String,
    method: String,
    path: String,
    body: String,
) -> Result<(), Failed> {
    let request = world
        .request(&method, &path)?
        .body(world.body(&world.text(&body)?)?);
    world.send_copies(&clients, request).await
}

#[when(expr = "these requests are sent at once:")]
async fn these_at_once(world: &mut World, step: &Step) -> Result<(), Failed> {
    let columns = [
        Column::Needed("method"),
        Column::Needed("path"),
        Column::Optional("body"),
    ];
    let mut requests = Vec::new();
    for [method, path, body] in world.table(step, columns)?.rows {
        let request = Request::new(&method, &path)?;
        requests.push(if body.is_empty() {
            request
        } else {
            request.body(world.body(&body)?)
        });
    }
    world.send_at_once(requests).await
}

impl World {
    fn request(&self, method: &str, path: &str) -> Result<Request, Failed> {
        Ok(Request::new(method, &self.text(path)?)?)
    }

    /// The bytes that a value states.
    pub(super) fn body(&self, value: &str) -> Result<Bytes, Failed> {
        let value = Value::parse(value, self.base_dir()?).map_err(Failed::explained)?;
        Ok(value.into_bytes())
    }

    async fn send_copies(&mut self, clients: &str, request: Request) -> Result<(), Failed> {
        let clients: usize = number(clients, "a number of clients")?;
        if clients == 0 {
            return Err(Failed::new(
                "0 clients send nothing: at least 1 is needed for something to happen",
            ));
        }
        if clients > MAX_AT_ONCE {
            return Err(Failed::new(format!(
                "at most {MAX_AT_ONCE} clients can send at once"
            )));
        }
        self.send_at_once(vec![request; clients]).await
    }
}

/// A request as it is written down: request line, headers, an empty line, the body.
fn parse_request(text: &str) -> Result<Request, Failed> {
    let mut lines = text.split_inclusive('\n');
    let first = lines.next().unwrap_or_default().trim_end();
    let mut words = first.split_whitespace();
    let mut request = match (words.next(), words.next(), words.next(), words.next()) {
        (Some(method), Some(path), None, None) => Request::new(method, path)?,
        (Some(method), Some(path), Some(version), None) if version.starts_with("HTTP/") => {
            Request::new(method, path)?
        }
        _ => {
            return Err(Failed::new(format!(
                "`{first}` is no request line; expected one such as `POST /orders HTTP/1.1`"
            )));
        }
    };
    let mut body = String::new();
    while let Some(line) = lines.next() {
        let header = line.trim_end_matches(['\r', '\n']);
        if header.trim().is_empty() {
            body = lines.collect();
            break;
        }
        let Some((name, value)) = header.split_once(':') else {
            return Err(Failed::new(format!(
                "`{header}` is no header; expected `name: value`, and an empty line before the body"
            )));
        };
        request = request.header(name.trim(), value.trim())?;
    }
    Ok(request.body(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_as_it_is_written() {
        let request =
            parse_request("POST /orders?x=1 HTTP/1.1\r\nContent-Type: text/plain\nx-time: 10:30\n\nfirst\n\nsecond").unwrap();
        assert_eq!(request.to_string(), "POST /orders?x=1");
        assert_eq!(request.headers["content-type"], "text/plain");
        assert_eq!(request.headers["x-time"], "10:30");
        assert_eq!(request.body, "first\n\nsecond");
    }

    #[test]
    fn a_request_needs_a_line_and_headers() {
        assert!(parse_request("GET /").is_ok());
        for bad in [
            "",
            "GET",
            "GET orders",
            "GET / HTTP/1.1 x",
            "GET / x",
            "GET /\nno header",
            "G(T /",
            "GET /\na b: c",
        ] {
            assert!(parse_request(bad).is_err(), "{bad:?}");
        }
    }
}
