//! Which statements a scenario answers, and how.

use super::DatabaseServer;
use super::column::SqlColumn;
use super::connection::SqlConnection;
use super::like::LikePattern;
use super::value::{ServerValue, show_parameters};
use crate::sandbox::{BadKeyPattern, Failure, KeyPattern};
use crate::value::without_secrets;
use std::fmt;

/// What a statement is answered with.
#[derive(Clone, Debug, PartialEq)]
pub enum StatementAnswer {
    /// Rows, each with a value for every column.
    Rows(Vec<SqlColumn>, Vec<Vec<ServerValue>>),
    /// So many rows were changed.
    Affected(u64),
    /// The guest gets this error.
    Fails(Failure),
    /// The server refuses it, with all that Postgres says of an error.
    Refused(ServerError),
}

/// An error of a Postgres server, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerError {
    /// `ERROR`, mostly.
    pub severity: String,
    /// The five characters of SQLSTATE.
    pub code: String,
    /// What a person reads first.
    pub message: String,
    /// What else a person should read.
    pub detail: Option<String>,
    /// More, by the names that Spin has for it: `constraint`, `table`, `column`, `hint` …
    pub extras: Vec<(String, String)>,
    /// All of it as `tokio-postgres` shows it to programmers, where that has it from a server; else it is made of the rest.
    pub shown: Option<String>,
}

/// What [`ServerError::extras`] may hold, in Spin's order (`pg_extras` in `crates/factor-outbound-pg/src/client.rs`).
pub(crate) const EXTRAS: [&str; 10] = [
    "column",
    "constraint",
    "routine",
    "hint",
    "table",
    "datatype",
    "schema",
    "file",
    "line",
    "where_",
];

impl ServerError {
    /// As the journal has it.
    pub(super) fn failure(&self) -> Failure {
        Failure::with_text("query-failed", format!("{} ({})", self.message, self.code))
    }

    /// All of it in one text, which is what interfaces before 4.0.0 get: how `tokio-postgres` shows it to programmers.
    pub(crate) fn as_text(&self) -> String {
        if let Some(shown) = &self.shown {
            return shown.clone();
        }
        let extra = |name: &str| {
            let known = self.extras.iter().find(|(known, _)| known == name);
            known.map(|(_, value)| value)
        };
        // A number there, and so without quotes.
        let line = extra("line").map(|line| line.parse::<u32>().unwrap_or_default());
        let severity = match self.severity.as_str() {
            "ERROR" => "Some(Error)",
            "FATAL" => "Some(Fatal)",
            "PANIC" => "Some(Panic)",
            _ => "None",
        };
        format!(
            "Error {{ kind: Db, cause: Some(DbError {{ severity: {:?}, parsed_severity: {severity}, code: SqlState(E{}), \
             message: {:?}, detail: {:?}, hint: {:?}, position: None, where_: {:?}, schema: {:?}, table: {:?}, \
             column: {:?}, datatype: {:?}, constraint: {:?}, file: {:?}, line: {line:?}, routine: {:?} }}) }}",
            self.severity,
            self.code,
            self.message,
            self.detail,
            extra("hint"),
            extra("where_"),
            extra("schema"),
            extra("table"),
            extra("column"),
            extra("datatype"),
            extra("constraint"),
            extra("file"),
            extra("routine"),
        )
    }
}

/// Answers to the statements that fit.
#[derive(Clone, Debug)]
pub struct StatementStub {
    server: DatabaseServer,
    like: LikePattern,
    at: Option<KeyPattern>,
    parameters: Option<String>,
    answers: Vec<StatementAnswer>,
    given: usize,
}

impl StatementStub {
    /// Answers statements on any server of a kind, one after the other; the last is repeated.
    pub fn new(
        server: DatabaseServer,
        like: LikePattern,
        answers: impl IntoIterator<Item = StatementAnswer>,
    ) -> Self {
        Self {
            server,
            like,
            at: None,
            parameters: None,
            answers: answers.into_iter().collect(),
            given: 0,
        }
    }

    /// Only those sent to this address: a pattern of addresses without user and password, or of `HOST` and `HOST:PORT`.
    ///
    /// # Errors
    ///
    /// An unfinished `[…]` or `{…}`.
    pub fn at(mut self, address: &str) -> Result<Self, BadKeyPattern> {
        self.at = Some(KeyPattern::new(&without_secrets(address))?);
        Ok(self)
    }

    /// Only those with these parameters, as [`show_parameters`] shows them: `1, Ann, NULL`.
    #[must_use]
    pub fn with_parameters(mut self, parameters: &str) -> Self {
        self.parameters = Some(parameters.trim().to_owned());
        self
    }

    pub(super) fn is_in_turn(&self) -> bool {
        self.answers.len() > 1
    }

    /// Adds an answer for the next time.
    pub fn then(&mut self, answer: StatementAnswer) {
        self.answers.push(answer);
    }

    pub(super) fn server(&self) -> DatabaseServer {
        self.server
    }

    pub(super) fn fits(
        &self,
        connection: &SqlConnection,
        statement: &str,
        parameters: &[ServerValue],
    ) -> bool {
        self.server == connection.server
            && self.like.fits(statement)
            && self.at.as_ref().is_none_or(|at| connection.is_at(at))
            && self
                .parameters
                .as_ref()
                .is_none_or(|wanted| *wanted == show_parameters(parameters))
    }

    /// The next answer; the last one again, once all were given.
    pub(super) fn next_answer(&mut self) -> StatementAnswer {
        let answer = self.answers.get(self.given).or(self.answers.last());
        let answer = answer.cloned().unwrap_or(StatementAnswer::Affected(0));
        self.given += 1;
        answer
    }

    /// The pattern of the statements that fit.
    pub(super) fn like(&self) -> String {
        self.like.to_string()
    }
}

/// Without its answers, as the step has it.
impl fmt::Display for StatementStub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "like \"{}\"", self.like)?;
        if let Some(at) = &self.at {
            write!(f, " at \"{}\"", at.as_str())?;
        }
        if let Some(parameters) = &self.parameters {
            write!(f, " with parameters \"{parameters}\"")?;
        }
        Ok(())
    }
}
