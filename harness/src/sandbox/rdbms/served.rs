//! What Spin makes of a server's answer: what it gives, and what it cannot read
//! (`crates/factor-outbound-pg/src/client.rs`, `crates/factor-outbound-mysql/src/client.rs`).

use super::DatabaseServer;
use super::answer::StatementAnswer;
use super::column::{ColumnType, SqlColumn};
use super::failure::SqlFailure;
use super::value::ServerValue;
use crate::sandbox::service::{Failure, MYSQL_3, ServiceInterface, SqlOperation};

/// What comes back of a statement.
#[derive(Debug, Default)]
pub(crate) struct SqlReply {
    pub columns: Vec<SqlColumn>,
    pub rows: Vec<Vec<ServerValue>>,
    pub affected: u64,
    /// What ended the rows before their end, where they are a stream; nothing elsewhere.
    pub broken_off: Option<SqlFailure>,
}

impl SqlReply {
    pub(super) fn size(&self) -> usize {
        self.rows.iter().flatten().map(ServerValue::size).sum()
    }
}

/// The kind of server that an interface is for.
pub(super) fn server_of(interface: &ServiceInterface) -> DatabaseServer {
    match interface.family {
        "mysql" => DatabaseServer::MySql,
        _ => DatabaseServer::Postgres,
    }
}

/// What Spin makes of an answer, and what a person should know of that.
pub(super) fn made_of(
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
        // Asked for rows, MySQL's client gives none, and no columns (`read_result_set` in `mysql_async`).
        StatementAnswer::Affected(affected) => Ok(SqlReply {
            affected,
            ..SqlReply::default()
        }),
        StatementAnswer::Rows(_, rows) if !is_query => Ok(SqlReply {
            // Postgres counts the rows that a SELECT gives; none are given back.
            affected: rows.len() as u64,
            ..SqlReply::default()
        }),
        StatementAnswer::Rows(columns, rows) => match server {
            DatabaseServer::Postgres => Ok(of_postgres(columns, rows)),
            DatabaseServer::MySql => of_mysql(is_stream, columns, rows),
        },
    };
    through_interface(interface, operation, reply)
}

/// What gets through an interface, and what a person should know of that: the newest one of MySQL loses an error.
pub(super) fn through_interface(
    interface: &'static ServiceInterface,
    operation: SqlOperation,
    reply: Result<SqlReply, Failure>,
) -> (Result<SqlReply, Failure>, Option<String>) {
    let is_stream = std::ptr::eq(interface, &MYSQL_3);
    let is_query = operation == SqlOperation::Query;
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

/// A value of a type that Spin does not know ends a query (`convert_value` in the client of MySQL); NULL is none.
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
            broken_off: Some(failure.into()),
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

#[cfg(test)]
mod tests;
