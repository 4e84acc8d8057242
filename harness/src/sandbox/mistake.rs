//! What a scenario asks for that cannot be, as it is told.

use super::DatabaseServer;
use crate::app::GrantKind;
use crate::value::{quoted, quoted_for_step, visible};
use std::net::SocketAddr;
use std::sync::Arc;

/// Something the scenario asks for that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mistake {
    /// A store that the runtime config does not define.
    #[error(
        "no key-value store has the label \"{label}\"; the runtime config defines {}",
        list(defined)
    )]
    NoSuchStore {
        /// The label that was asked for.
        label: String,
        /// The labels there are.
        defined: Vec<String>,
    },
    /// A grant of something that there is not.
    #[error("{}", unknown_grant(*kind, name, component, defined))]
    UnknownGrant {
        /// What kind of grant.
        kind: GrantKind,
        /// The label, name or pattern.
        name: String,
        /// The component it was granted to.
        component: String,
        /// What there is of that kind.
        defined: Vec<String>,
    },
    /// A grant of an outbound host that is none.
    #[error("component \"{component}\" cannot be granted the outbound host \"{host}\": {reason}")]
    BadHost {
        /// What was granted.
        host: String,
        /// The component it was granted to.
        component: String,
        /// Why it is none.
        reason: String,
    },
    /// Files that cannot be laid out as a scenario grants them.
    #[error("the files of component \"{component}\" cannot be laid out: {reason}")]
    BadFiles {
        /// The component.
        component: String,
        /// Why not.
        reason: String,
    },
    /// A component that the app does not have.
    #[error("the app has no component \"{component}\"; it has {}", list(defined))]
    NoSuchComponent {
        /// The id that was asked for.
        component: String,
        /// The ids there are.
        defined: Vec<String>,
    },
    /// An outgoing request that no step answers.
    #[error(
        "nothing answers {method} {}{}",
        start_of(url),
        advice(nearest, method, url)
    )]
    Unanswered {
        /// Its method.
        method: String,
        /// Where it went.
        url: String,
        /// The requests that are answered, the most similar first.
        nearest: Vec<String>,
    },
    /// An outgoing request that no step answers, and that was not recorded.
    #[error(
        "nothing answers {}, and it is not in {}{}; to record it: `spin-harness test --record {origin}=URL`, with the URL of \
         the real server on this machine",
        visible(request),
        in_recordings(recordings),
        nearest_of(nearest)
    )]
    NotInRecording {
        /// Its method and URL, and its body if it has one.
        request: String,
        /// Scheme, host and port of its URL.
        origin: String,
        /// The recordings of the scenario.
        recordings: Vec<String>,
        /// The requests that are answered, the most similar first.
        nearest: Vec<String>,
    },
    /// An outgoing request that was to be recorded, and could not be.
    #[error("{method} {url} cannot be recorded from {server}: {reason}")]
    NotRecorded {
        /// Its method.
        method: String,
        /// Where it went.
        url: String,
        /// The server that was asked.
        server: String,
        /// Why not.
        reason: String,
    },
    /// A real store that cannot be used, or fails.
    #[error("the real store of \"{label}\" cannot be used: {reason}")]
    RealStore {
        /// The label that it is to stand behind.
        label: String,
        /// Why not.
        reason: String,
    },
    /// A real store that answers otherwise than the one in the process.
    #[error(
        "the real store of \"{label}\" ({store}) answers {call} with {real}; the store in the process, with {here}"
    )]
    Differs {
        /// The call.
        call: String,
        /// The label.
        label: String,
        /// The real store, without secrets.
        store: String,
        /// What the real store answered, and the guest got.
        real: String,
        /// What the one in the process answered.
        here: String,
    },
    /// A real server that cannot be reached any more, or does not answer.
    #[error("the real server at {url} is in trouble: {reason}")]
    RealServer {
        /// Its address, without secrets.
        url: String,
        /// What became of it.
        reason: String,
    },
    /// A statement to a database server that no step answers.
    #[error(
        "nothing answers the {server} statement {}{} at \"{address}\"{}",
        quoted(statement),
        parameters_of(parameters),
        advice_to(nearest, || format!("Given the {server} query like {} returns:", like(statement)))
    )]
    UnansweredStatement {
        /// Which kind of server it was sent to.
        server: DatabaseServer,
        /// The address that it was sent to, without secrets.
        address: String,
        /// The statement, on one line.
        statement: String,
        /// Its parameters, as steps write them.
        parameters: String,
        /// The statements that are answered, the most similar first.
        nearest: Vec<String>,
    },
    /// Something that a guest asks of a Redis server, and that is not played here.
    #[error("component \"{component}\" asks for what spin-harness's Redis cannot do: {what}")]
    RedisLacks {
        /// The component.
        component: String,
        /// What it cannot do.
        what: String,
    },
    /// A Redis message that nobody listens for.
    #[error(
        "no trigger of the app listens for Redis messages on channel \"{channel}\"{}; {}",
        of_server(server.as_deref()),
        listening(listened)
    )]
    NoListener {
        /// The channel.
        channel: String,
        /// The server, where the scenario names one.
        server: Option<String>,
        /// What triggers listen on, the most similar first.
        listened: Vec<String>,
    },
    /// A Redis message on a channel that several servers have.
    #[error(
        "triggers listen on channel \"{channel}\" of {}; say which: `… arrives on channel \"{channel}\" of \"{}\"`",
        list(servers),
        servers.first().map_or("", String::as_str)
    )]
    SeveralServers {
        /// The channel.
        channel: String,
        /// The servers.
        servers: Vec<String>,
    },
    /// A prompt that no step answers.
    #[error(
        "nothing answers the prompt {} of model {}{}",
        quoted(prompt),
        quoted(model),
        advice_to(nearest, || format!("Given the model {} answers \"text\"", quoted(model)))
    )]
    UnansweredPrompt {
        /// The model that was asked.
        model: String,
        /// What it was asked.
        prompt: String,
        /// The prompts that are answered, the most similar first.
        nearest: Vec<String>,
    },
    /// A text whose embedding no step gives.
    #[error(
        "no step gives the embedding of {} by model {}{}",
        quoted(text),
        quoted(model),
        advice_to(nearest, || format!("Given the embedding of \"text\" by model {} is \"0.1, 0.2\"", quoted(model)))
    )]
    UnknownEmbedding {
        /// The model that was asked.
        model: String,
        /// The text.
        text: String,
        /// The texts whose embeddings are given, the most similar first.
        nearest: Vec<String>,
    },
    /// A use of the network that the manifest allows.
    #[error(
        "component \"{component}\" reached for {scheme}://{address}, and spin-harness has no network{}",
        socket_advice(scheme, address)
    )]
    NoNetwork {
        /// The component.
        component: String,
        /// `tcp` or `udp`.
        scheme: &'static str,
        /// The address.
        address: String,
    },
    /// Something that a TCP server is not said to wait for.
    #[error(
        "component \"{component}\" sent {sent} to the TCP server at {address}, which waits for {expected}"
    )]
    UnexpectedOverTcp {
        /// The component.
        component: String,
        /// The server.
        address: SocketAddr,
        /// What was sent.
        sent: String,
        /// What its next line waits for.
        expected: String,
    },
    /// A real server that does not answer.
    #[error(
        "the TCP server at {address} is real, and kept the component waiting: for 10 s of real time in which it neither sent nor took anything, or for a minute in all; is it the right one, and was it asked?"
    )]
    SilentServer {
        /// The server.
        address: SocketAddr,
    },
    /// A fault that the interface in use has no way to express.
    #[error("the rule `{rule}` cannot hold: {interface} has no way to {deed}")]
    Inexpressible {
        /// The rule, as the scenario wrote it.
        rule: Arc<str>,
        /// What it asks for, with the operation that met it.
        deed: String,
        /// The interface that the call came through.
        interface: &'static str,
    },
}

fn advice(nearest: &[String], method: &str, url: &str) -> String {
    match nearest {
        [] => format!(
            "; say what does: `Given {method} {} answers 200`",
            quoted_for_step(url, "*")
        ),
        nearest => format!("; what is answered: {}", nearest.join(", ")),
    }
}

fn in_recordings(recordings: &[String]) -> String {
    match recordings {
        [one] => format!("the recording {one}"),
        several => format!("any of the recordings {}", several.join(", ")),
    }
}

fn nearest_of(nearest: &[String]) -> String {
    match nearest {
        [] => String::new(),
        nearest => format!("; what is answered: {}", nearest.join(", ")),
    }
}

fn parameters_of(parameters: &str) -> String {
    match parameters {
        "" => String::new(),
        parameters => format!(" with parameters {}", quoted(parameters)),
    }
}

/// A statement as a pattern that it fits.
fn like(statement: &str) -> String {
    // Cut before it is escaped, so that no half of an escape is left.
    let (start, rest) = match statement.char_indices().nth(150) {
        Some((end, _)) => (&statement[..end], "%"),
        None => (statement, ""),
    };
    quoted_for_step(&format!("{}{rest}", start.replace('\\', "\\\\")), "%")
}

/// A URL as a sentence has it.
fn start_of(url: &str) -> String {
    match url.char_indices().nth(300) {
        Some((end, _)) => format!("{}…", visible(&url[..end])),
        None => visible(url).into_owned(),
    }
}

/// What is answered that is most similar, or which step would answer it.
fn advice_to(nearest: &[String], step: impl FnOnce() -> String) -> String {
    match nearest {
        [] => format!("; say what does: `{}`", step()),
        nearest => format!("; what is answered: {}", nearest.join("; ")),
    }
}

/// Which step says what becomes of a connection.
fn socket_advice(scheme: &str, address: &str) -> String {
    match scheme {
        "tcp" => format!(
            "; say what is there: `Given the TCP server at \"{address}\" takes everything`, or what becomes of it: `Given every \"sockets connect\" on store \"{address}\" fails with \
             \"connection-refused\"`"
        ),
        _ => String::new(),
    }
}

fn unknown_grant(kind: GrantKind, name: &str, component: &str, defined: &[String]) -> String {
    let defined = list(defined);
    match kind {
        GrantKind::KeyValueStore | GrantKind::SqliteDatabase => format!(
            "unknown {} label {name:?} for component {component:?}: the runtime config defines {defined}",
            kind.field()
        ),
        GrantKind::Variable => format!(
            "component \"{component}\" cannot be granted the variable \"{name}\": neither it nor the app declares one; \
             there are {defined}"
        ),
        _ => format!(
            "component \"{component}\" cannot be granted the {kind} \"{name}\": the manifest gives it {defined}"
        ),
    }
}

fn of_server(server: Option<&str>) -> String {
    server.map_or_else(String::new, |server| format!(" of {server}"))
}

fn listening(listened: &[String]) -> String {
    match listened {
        [] => "it has no Redis trigger".to_owned(),
        listened => format!("it listens on {}", listened.join(", ")),
    }
}

fn list(names: &[String]) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    let quoted: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
    quoted.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::LikePattern;
    use crate::value::unescape;

    fn unanswered(statement: &str) -> String {
        let mistake = Mistake::UnansweredStatement {
            server: DatabaseServer::Postgres,
            address: "postgres://localhost".to_owned(),
            statement: statement.to_owned(),
            parameters: "\u{1b}[31m, \"a\"".to_owned(),
            nearest: Vec::new(),
        };
        mistake.to_string()
    }

    #[test]
    fn the_step_that_would_answer_a_statement_does() {
        let long = format!("select '{}', 1", "x".repeat(1_000_000));
        for statement in [r#"select "a" from t where x = '\'"#, &long] {
            let told = unanswered(statement);
            assert!(told.len() < 1_000, "{} bytes", told.len());
            let (_, step) = told.split_once("query like \"").unwrap();
            let (pattern, _) = step.split_once("\" returns:`").unwrap();
            let pattern = LikePattern::new(&unescape(pattern));
            assert!(pattern.fits(statement), "{told}");
        }
        assert!(unanswered("x").contains(r#" with parameters "\u{1b}[31m, \"a\"" at"#));
    }

    #[test]
    fn prompts_and_urls_are_told_on_one_line_and_not_whole() {
        let prompt = Mistake::UnansweredPrompt {
            model: "llama2-chat".to_owned(),
            prompt: "say \"hi\"\nnow".to_owned(),
            nearest: Vec::new(),
        };
        assert_eq!(
            prompt.to_string(),
            r#"nothing answers the prompt "say \"hi\"\nnow" of model "llama2-chat"; say what does: `Given the model "llama2-chat" answers "text"`"#
        );
        let request = Mistake::Unanswered {
            method: "GET".to_owned(),
            url: format!("https://api.example.com/{}", "x".repeat(1_000_000)),
            nearest: Vec::new(),
        };
        let told = request.to_string();
        assert!(
            told.len() < 1_000 && told.ends_with("xxx*\" answers 200`"),
            "{}",
            told.len()
        );
    }
}
