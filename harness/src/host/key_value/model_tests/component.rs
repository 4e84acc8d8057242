//! The harness with all of it: HTTP requests to a real component that calls `wasi:keyvalue`.

use super::backend::{Answer, Backend, Operation};
use crate::engine::App;
use crate::sandbox::{Sandbox, SandboxOptions};
use crate::storage::Limits;
use crate::trigger::Request;

pub struct ThroughComponent {
    app: App,
    sandbox: Sandbox,
}

impl ThroughComponent {
    pub fn new(app: &App) -> Self {
        Self {
            app: app.clone(),
            sandbox: fresh(app),
        }
    }

    /// The status and the body.
    fn ask(&self, path: &str, body: &[u8]) -> (u16, Vec<u8>) {
        let request = Request::new("POST", path).unwrap().body(body.to_vec());
        let response = self.sandbox.send_blocking(request);
        (response.status(), response.body().to_vec())
    }
}

fn fresh(app: &App) -> Sandbox {
    let options = SandboxOptions {
        limits: Limits::None,
        ..SandboxOptions::default()
    };
    Sandbox::with_options(app, options).unwrap()
}

fn lines(tuples: &[(String, Vec<u8>)]) -> Vec<u8> {
    let lines: Vec<_> = tuples
        .iter()
        .map(|(key, value)| [key.as_bytes(), b"=", value].concat())
        .collect();
    lines.join(&b'\n')
}

/// The tuples in lines `key=value`. A value may go on in the next line: what begins a tuple is one of the keys asked for.
fn tuples(body: &[u8], keys: &[String]) -> Vec<(String, Option<Vec<u8>>)> {
    let mut tuples: Vec<(String, Option<Vec<u8>>)> = Vec::new();
    for line in body.split(|byte| *byte == b'\n') {
        let begins = |key: &&String| line.strip_prefix(key.as_bytes())?.strip_prefix(b"=");
        match keys.iter().find_map(|key| Some((key, begins(&key)?))) {
            Some((key, value)) => tuples.push((key.clone(), Some(value.to_vec()))),
            None => {
                if let Some((_, Some(value))) = tuples.last_mut() {
                    value.push(b'\n');
                    value.extend(line);
                }
            }
        }
    }
    tuples
}

impl Backend for ThroughComponent {
    fn name(&self) -> &'static str {
        "component"
    }

    fn begin(&mut self) {
        self.sandbox = fresh(&self.app);
    }

    fn apply(&mut self, operation: &Operation) -> Answer {
        let no_body: &[u8] = &[];
        let (status, body) = match operation {
            Operation::Get(key) => self.ask(&format!("/get?key={key}"), no_body),
            Operation::Set(key, value) => self.ask(&format!("/set?key={key}"), value),
            Operation::Delete(key) => self.ask(&format!("/delete?key={key}"), no_body),
            Operation::Exists(key) => self.ask(&format!("/exists?key={key}"), no_body),
            Operation::GetKeys => self.ask("/get-keys", no_body),
            Operation::GetMany(keys) => {
                self.ask(&format!("/get-many?keys={}", keys.join(",")), no_body)
            }
            Operation::SetMany(tuples) => self.ask("/set-many", &lines(tuples)),
            Operation::DeleteMany(keys) => {
                self.ask(&format!("/delete-many?keys={}", keys.join(",")), no_body)
            }
            Operation::Increment(key, delta) => {
                self.ask(&format!("/increment?key={key}&delta={delta}"), no_body)
            }
            Operation::SwapAtOnce {
                key,
                current,
                value,
            } => {
                let current = if *current { "yes" } else { "no" };
                self.ask(&format!("/swap?key={key}&current={current}"), value)
            }
            Operation::CasNew(..) | Operation::CasCurrent(_) | Operation::Swap(..) => {
                panic!("{operation} needs a handle that outlives its request")
            }
        };
        let text = || String::from_utf8(body.clone()).unwrap();
        match (status, operation) {
            (404, Operation::Get(_)) => Answer::Value(None),
            (200, Operation::Get(_)) => Answer::Value(Some(body)),
            (200, Operation::Exists(_)) => Answer::Exists(text() == "true"),
            (200, Operation::GetKeys) => Answer::Keys(text().lines().map(str::to_owned).collect()),
            (200, Operation::GetMany(keys)) => Answer::Tuples(tuples(&body, keys)),
            (200, Operation::Increment(..)) => Answer::Number(text().parse().unwrap()),
            (200, _) => Answer::Done,
            (500, _) if body.is_empty() => Answer::Trap,
            (500, _) if body.starts_with(b"cas-failed") => Answer::CasFailed,
            (500, _) => match text().strip_prefix("other: ") {
                Some(error) => Answer::Error(error.to_owned()),
                None => panic!("{operation}: {}", text()),
            },
            _ => panic!("{operation}: {status} {}", text()),
        }
    }
}
