//! The way of a statement through the gate, and what Spin makes of the server's answer.

use super::address::{self, Host};
use super::answer::{ServerError, StatementAnswer};
use super::column::{ColumnType, SqlColumn};
use super::parameters::unsendable;
use super::value::{ServerValue, show_parameters};
use super::{DatabaseServer, Statement};
use crate::sandbox::gate::{Asked, CallTrap, Caller, Keep, Served, unfinished};
use crate::sandbox::journal::Outcome;
use crate::sandbox::service::{
    Failure, MYSQL_3, ServiceInterface, SqlOperation, sql_operation,
};
use crate::sandbox::session::Session;
use crate::sandbox::{KeyPattern, Mistake};
use crate::value::without_secrets;
use std::sync::{Arc, Mutex, PoisonError};

/// A connection that a guest has open.
#[derive(Clone, Debug)]
pub(crate) struct SqlConnection {
    pub(super) server: DatabaseServer,
    /// The address as journals have it.
    pub label: Arc<str>,
    hosts: Vec<String>,
}

impl SqlConnection {
    /// Whether a pattern means its server.
    pub(super) fn is_at(&self, pattern: &KeyPattern) -> bool {
        address::is_at(pattern, &self.label, &self.hosts)
    }
}

/// What comes back of a statement.
#[derive(Debug, Default)]
pub(crate) struct SqlReply {
    pub columns: Vec<SqlColumn>,
    pub rows: Vec<Vec<ServerValue>>,
    pub affected: u64,
    /// What ended the rows before their end, where they are a stream; nothing elsewhere.
    pub broken_off: Option<Failure>,
}

/// Why a statement failed.
#[derive(Debug)]
pub(crate) struct SqlFailure {
    pub failure: Failure,
    /// What the server said, where a scenario has it taken apart.
    pub server: Option<ServerError>,
}

/// Why a call is refused before it reaches a server: as the guest is told, which may be with a password, and as journals,
/// which others read, have it.
#[derive(Clone, Debug)]
struct Refused {
    told: Failure,
    journaled: Failure,
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self {
            told: failure.clone(),
            journaled: failure,
        }
    }
}

fn connection_failed(text: String) -> Failure {
    Failure::with_text("connection-failed", text)
}

/// A statement as the guest sent it.
pub(crate) struct SqlCall<'a> {
    pub interface: &'static ServiceInterface,
    pub operation: SqlOperation,
    pub statement: String,
    /// Or why the interface cannot hand them on.
    pub parameters: Result<Vec<ServerValue>, Failure>,
    pub connection: Reach<'a>,
}

/// How a statement reaches its server.
pub(crate) enum Reach<'a> {
    /// Through a connection; none where the handle is dead.
    Connection(Option<SqlConnection>),
    /// By an address, as in Spin 1: a connection for this one statement.
    Address(&'a str),
}

impl Session {
    /// Opens a connection. The outer error ends the instance.
    pub(crate) async fn sql_open(
        &self,
        caller: &Caller,
        interface: &'static ServiceInterface,
        address: &str,
    ) -> Result<Result<SqlConnection, Failure>, CallTrap> {
        let server = server_of(interface);
        let connected = self.connect(caller, server, address);
        let label = without_secrets(address);
        let asked = Asked {
            interface,
            operation: sql_operation(server, SqlOperation::Open),
            label: &label,
            key: String::new(),
            size: address.len(),
            writes: false,
            admitted: connected
                .as_ref()
                .map(drop)
                .map_err(|refused| refused.journaled.clone()),
        };
        let answering = |_| async {
            Ok(Served {
                reply: connected
                    .clone()
                    .map_err(|refused| refused.journaled),
                size: 0,
                note: None,
            })
        };
        let passed = self.service_call(caller, asked, answering).await?;
        Ok(passed.map_err(|failure| match connected {
            Err(refused) if refused.journaled == failure => refused.told,
            _ => failure,
        }))
    }

    /// What a component is told of an address: Spin's own checks. There is no server that could refuse it.
    fn connect(
        &self,
        caller: &Caller,
        server: DatabaseServer,
        address: &str,
    ) -> Result<SqlConnection, Refused> {
        let failed = |text: String| Refused::from(connection_failed(text));
        let mut hosts = Vec::new();
        for host in address::hosts(server, address).map_err(|it| failed(it.to_owned()))? {
            let Host::Network(host) = host else {
                let why = "Unix sockets are not supported on WebAssembly";
                return Err(failed(why.to_owned()));
            };
            if self
                .allowed_host(&caller.component, &host, server.scheme())
                .is_none()
            {
                return Err(match server {
                    DatabaseServer::Postgres => {
                        failed(format!("address postgres://{host} is not permitted"))
                    }
                    DatabaseServer::MySql => {
                        let told = |address: &str| {
                            connection_failed(format!("address {address} is not permitted"))
                        };
                        Refused {
                            told: told(&host),
                            journaled: told(&without_secrets(&host)),
                        }
                    }
                });
            }
            hosts.push(host);
        }
        if hosts.is_empty() {
            let why = "Error occurred while creating a new object: invalid configuration\n\nCaused by:\n    \
                       0: invalid configuration\n    1: both host and hostaddr are missing";
            return Err(failed(why.to_owned()));
        }
        let label: Arc<str> = without_secrets(address).into();
        if server == DatabaseServer::MySql {
            let host = label.split_once("://").map_or(&*label, |(_, rest)| rest);
            hosts = vec![host.split('/').next().unwrap_or_default().to_owned()];
        }
        Ok(SqlConnection {
            server,
            label,
            hosts,
        })
    }

    /// Takes a statement through the gate. The outer error ends the instance.
    pub(crate) async fn sql_call(
        &self,
        caller: &Caller,
        call: SqlCall<'_>,
    ) -> Result<Result<SqlReply, SqlFailure>, CallTrap> {
        let SqlCall {
            interface,
            operation,
            statement,
            parameters,
            connection,
        } = call;
        let server = server_of(interface);
        let (label, connection) = match connection {
            Reach::Address(address) => (
                Arc::from(without_secrets(address)),
                self.connect(caller, server, address),
            ),
            Reach::Connection(Some(connection)) => (Arc::clone(&connection.label), Ok(connection)),
            Reach::Connection(None) => {
                let dead = connection_failed("no connection found".to_owned());
                (self.no_label(), Err(Refused::from(dead)))
            }
        };
        let admitted = connection.and_then(|connection| {
            let parameters = parameters?;
            checked(server, operation, &parameters)?;
            Ok((connection, parameters))
        });
        let sent = admitted.as_ref().ok().map(|(connection, parameters)| Statement {
            component: Arc::clone(&caller.component),
            server,
            address: Arc::clone(&label),
            hosts: connection.hosts.clone(),
            text: statement.clone(),
            parameters: parameters.clone(),
            outcome: Outcome::Trap,
        });
        let mut on_its_way = OnItsWay {
            session: self,
            caller,
            sent,
        };
        let size = admitted.as_ref().map_or(0, |(_, parameters)| {
            parameters.iter().map(ServerValue::size).sum()
        });
        let asked = Asked {
            interface,
            operation: sql_operation(server, operation),
            label: &label,
            key: statement.clone(),
            size,
            writes: changes_something(&statement),
            admitted: admitted
                .as_ref()
                .map(drop)
                .map_err(|refused| refused.journaled.clone()),
        };
        let told: Mutex<Option<ServerError>> = Mutex::new(None);
        let answering = |_: Keep| async {
            // What was not admitted is not answered.
            let answer = match &admitted {
                Ok((connection, parameters)) => {
                    self.answer_statement(connection, &statement, parameters)
                }
                Err(refused) => StatementAnswer::Fails(refused.journaled.clone()),
            };
            if let StatementAnswer::Refused(error) = &answer {
                *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.clone());
            }
            let (reply, note) = made_of(interface, operation, answer);
            Ok(Served {
                size: reply.as_ref().map_or(0, SqlReply::size),
                reply,
                note,
            })
        };
        let passed = self.service_call(caller, asked, answering).await;
        on_its_way.ended(match &passed {
            Ok(Ok(SqlReply {
                broken_off: Some(failure),
                ..
            }))
            | Ok(Err(failure)) => Outcome::Failed(failure.to_string()),
            Ok(Ok(_)) => Outcome::Ok,
            Err(_) => Outcome::Trap,
        });
        let told = told.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(passed?.map_err(|failure| SqlFailure {
            // A fault may have hit the call after all.
            server: told.filter(|error| error.failure() == failure),
            failure: match admitted {
                Err(refused) if refused.journaled == failure => refused.told,
                _ => failure,
            },
        }))
    }

    /// What the scenario answers; a statement that it says nothing of is a mistake in it.
    fn answer_statement(
        &self,
        connection: &SqlConnection,
        statement: &str,
        parameters: &[ServerValue],
    ) -> StatementAnswer {
        let mut state = self.state();
        let answer = state.servers.answer(connection, statement, parameters);
        answer.unwrap_or_else(|| {
            let nearest = state.servers.nearest(connection.server, statement);
            state.mistakes.push(Mistake::UnansweredStatement {
                server: connection.server,
                statement: one_line(statement),
                parameters: show_parameters(parameters),
                nearest,
            });
            let why = "the scenario says nothing of this statement";
            StatementAnswer::Fails(Failure::with_text("query-failed", why))
        })
    }
}

/// A statement on one line, as messages have it.
fn one_line(statement: &str) -> String {
    let words: Vec<&str> = statement.split_whitespace().collect();
    words.join(" ")
}

fn server_of(interface: &ServiceInterface) -> DatabaseServer {
    match interface.family {
        "mysql" => DatabaseServer::MySql,
        _ => DatabaseServer::Postgres,
    }
}

/// What Spin refuses before it asks Postgres. The two functions differ in the error that they have for it
/// (`crates/factor-outbound-pg/src/client.rs`); MySQL's client takes everything.
fn checked(
    server: DatabaseServer,
    operation: SqlOperation,
    parameters: &[ServerValue],
) -> Result<(), Failure> {
    let wrong = match server {
        DatabaseServer::Postgres => unsendable(parameters),
        DatabaseServer::MySql => None,
    };
    let case = match operation {
        SqlOperation::Query => "bad-parameter",
        _ => "value-conversion-failed",
    };
    wrong.map_or(Ok(()), |text| Err(Failure::with_text(case, text)))
}

/// Whether a statement may change something: what begins with none of these words may.
fn changes_something(statement: &str) -> bool {
    const ASKS: [&str; 7] = [
        "select", "show", "explain", "describe", "desc", "values", "table",
    ];
    const CHANGES: [&str; 4] = ["insert", "update", "delete", "merge"];
    let lower = statement.to_lowercase();
    let mut words = lower
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty());
    match words.next() {
        Some("with") => words.any(|word| CHANGES.contains(&word)),
        Some(first) => !ASKS.contains(&first),
        None => false,
    }
}

/// What Spin makes of an answer, and what a person should know of that.
fn made_of(
    interface: &'static ServiceInterface,
    operation: SqlOperation,
    answer: StatementAnswer,
) -> (Result<SqlReply, Failure>, Option<String>) {
    let server = server_of(interface);
    let is_stream = std::ptr::eq(interface, &MYSQL_3);
    let is_query = operation == SqlOperation::Query;
    let reply = match answer {
        StatementAnswer::Refused(error) => Err(error.failure()),
        StatementAnswer::Fails(failure) => Err(failure),
        StatementAnswer::Affected(_) if is_query && server == DatabaseServer::MySql => {
            // A statement that gives no rows, asked for rows (`query` in `crates/factor-outbound-mysql/src/client.rs`).
            let failure = Failure::with_text("other", "unable to stream query result");
            streamed(is_stream, SqlReply::default(), failure)
        }
        StatementAnswer::Affected(affected) => Ok(SqlReply {
            affected,
            ..SqlReply::default()
        }),
        StatementAnswer::Rows(columns, rows) if !is_query => Ok(SqlReply {
            // Postgres counts the rows that a SELECT gives; none are given back.
            affected: rows.len() as u64,
            columns: columns.into_iter().take(0).collect(),
            ..SqlReply::default()
        }),
        StatementAnswer::Rows(columns, rows) => match server {
            DatabaseServer::Postgres => Ok(of_postgres(columns, rows)),
            DatabaseServer::MySql => of_mysql(is_stream, columns, rows),
        },
    };
    match reply {
        // The task that asks the server ends before it has told the columns, and its error is lost with it.
        Err(failure) if is_stream && is_query && failure.case() == "query-failed" => {
            let note = format!("what the server said, {failure}, does not get through Spin");
            let lost = Failure::with_text("other", "async error: channel closed");
            (Err(lost), Some(note))
        }
        reply => (reply, None),
    }
}

/// Spin takes the columns from the first row: without rows there are none.
fn of_postgres(columns: Vec<SqlColumn>, rows: Vec<Vec<ServerValue>>) -> SqlReply {
    SqlReply {
        columns: match rows.is_empty() {
            true => Vec::new(),
            false => columns,
        },
        rows,
        ..SqlReply::default()
    }
}

/// A value of a type that Spin does not know ends a query (`convert_value` in the same file); NULL is none.
fn of_mysql(
    is_stream: bool,
    columns: Vec<SqlColumn>,
    mut rows: Vec<Vec<ServerValue>>,
) -> Result<SqlReply, Failure> {
    let is_unreadable = |(column, value): &(&SqlColumn, &ServerValue)| {
        matches!(column.ty, ColumnType::Other(_)) && **value != ServerValue::Null
    };
    let unreadable = rows.iter().enumerate().find_map(|(at, row)| {
        let (column, value) = columns.iter().zip(row).find(is_unreadable)?;
        let text = format!(
            "Cannot convert value {} in column {} data type DbDataType::Other",
            as_mysql_shows(value),
            column.name
        );
        Some((at, Failure::with_text("value-conversion-failed", text)))
    });
    let Some((at, failure)) = unreadable else {
        return Ok(SqlReply {
            columns,
            rows,
            ..SqlReply::default()
        });
    };
    rows.truncate(at);
    let before = SqlReply {
        columns,
        rows,
        ..SqlReply::default()
    };
    streamed(is_stream, before, failure)
}

/// An error after the first rows: a stream gives those.
fn streamed(is_stream: bool, before: SqlReply, failure: Failure) -> Result<SqlReply, Failure> {
    match is_stream {
        true => Ok(SqlReply {
            broken_off: Some(failure),
            ..before
        }),
        false => Err(failure),
    }
}

/// A value as MySQL's client shows it to programmers (`src/value/mod.rs` in `mysql_common`).
fn as_mysql_shows(value: &ServerValue) -> String {
    let bytes = |bytes: &[u8]| {
        let start = String::from_utf8_lossy(&bytes[..bytes.len().min(8)]).replace('\n', "\\n");
        match bytes.len() > 8 {
            true => format!("Bytes({:?})", format!("{start}..")),
            false => format!("Bytes({start:?})"),
        }
    };
    match value {
        ServerValue::Date((year, month, day)) => {
            format!("Date(\"'{year:04}-{month:02}-{day:02}'\")")
        }
        ServerValue::DateTime((year, month, day, 0, 0, 0, 0)) => {
            format!("Date(\"'{year:04}-{month:02}-{day:02}'\")")
        }
        ServerValue::DateTime((year, month, day, hour, minute, second, nanos)) => {
            let micros = fraction(*nanos);
            format!(
                "Date(\"'{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}{micros}'\")"
            )
        }
        ServerValue::Time((hour, minute, second, nanos)) => {
            let micros = fraction(*nanos);
            format!("Time(\"'{hour:03}:{minute:02}:{second:02}{micros}'\")")
        }
        ServerValue::Decimal(text) => bytes(text.as_bytes()),
        ServerValue::Unsupported(all) => bytes(all),
        other => bytes(other.to_string().as_bytes()),
    }
}

fn fraction(nanos: u32) -> String {
    match nanos / 1000 {
        0 => String::new(),
        micros => format!(".{micros:06}"),
    }
}

impl SqlReply {
    fn size(&self) -> usize {
        self.rows.iter().flatten().map(ServerValue::size).sum()
    }
}

/// A statement that has been sent and not been answered. If it is dropped, its instance has ended, or the guest no longer
/// wanted the answer: it was sent all the same.
struct OnItsWay<'a> {
    session: &'a Session,
    caller: &'a Caller,
    sent: Option<Statement>,
}

impl OnItsWay<'_> {
    fn ended(&mut self, outcome: Outcome) {
        if let Some(sent) = self.sent.take() {
            let mut state = self.session.state();
            state.servers.statements.push(Statement { outcome, ..sent });
        }
    }
}

impl Drop for OnItsWay<'_> {
    fn drop(&mut self) {
        let (outcome, _) = unfinished(self.caller);
        self.ended(outcome);
    }
}

#[cfg(test)]
mod tests;
