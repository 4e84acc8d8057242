//! What a real Postgres says of a statement, as guests are told it (`query_failed`, `query` and `query_async` in
//! `crates/factor-outbound-pg/src/client.rs`).

use crate::sandbox::rdbms::answer::ServerError;
use crate::sandbox::rdbms::failure::{Said, SqlFailure};
use crate::sandbox::rdbms::parameters::{DecimalInRange, caused};
use crate::sandbox::service::Failure;
use crate::value::{causes, visible};
use std::any::type_name;
use tokio_postgres::error::DbError;

impl Said {
    /// What the client says of a statement.
    pub fn of_statement(error: &tokio_postgres::Error) -> Self {
        let shown = as_spins(&format!("{error:?}"));
        let Some(server) = error.as_db_error() else {
            return Self::plain("query-failed", shown);
        };
        of_server(server, shown).into()
    }

    /// What the client says of a value that it cannot read.
    pub fn of_value(error: &tokio_postgres::Error) -> Self {
        let source = std::error::Error::source(error);
        let text = error.to_string();
        let text = source.map_or_else(|| text.clone(), |source| caused(text.clone(), source));
        Self::plain("query-failed", as_spins(&text))
    }

    /// What the client says of a connection.
    pub fn of_connection(error: &tokio_postgres::Error) -> Self {
        // The pool's own words come first.
        let text = "Error occurred while creating a new object".to_owned();
        Self::plain(
            "connection-failed",
            caused(format!("{text}: {error}"), error),
        )
    }

    /// The same, where it ended rows that had begun to come and that the guest wants all at once. Spin then shows its own error
    /// as one for programmers, and what the server said is in there.
    pub fn among_rows(self) -> Self {
        let text = shown_as_error(&self.told);
        Self {
            told: Box::new(Failure::with_text("query-failed", text).into()),
            ..self
        }
    }
}

/// A failed query as the error of Spin's newest interface shows it to programmers.
pub(crate) fn shown_as_error(failure: &SqlFailure) -> String {
    let error = match &failure.server {
        Some(error) => format!("QueryError::DbError({})", shown(error)),
        None => format!("QueryError::Text({:?})", failure.failure.text()),
    };
    format!("Error::QueryFailed({error})")
}

/// The client's texts name types of Rust; two of ours stand for two of Spin's.
fn as_spins(text: &str) -> String {
    let of_spin = "spin_factor_outbound_pg::types";
    text.replace(
        type_name::<DecimalInRange>(),
        &format!("{of_spin}::decimal::RangeableDecimal"),
    )
    .replace(
        type_name::<crate::sandbox::rdbms::value::Interval>(),
        &format!("{of_spin}::interval::Interval"),
    )
}

fn of_server(error: &DbError, shown: String) -> ServerError {
    let extras = [
        ("column", error.column().map(str::to_owned)),
        ("constraint", error.constraint().map(str::to_owned)),
        ("routine", error.routine().map(str::to_owned)),
        ("hint", error.hint().map(str::to_owned)),
        ("table", error.table().map(str::to_owned)),
        ("datatype", error.datatype().map(str::to_owned)),
        ("schema", error.schema().map(str::to_owned)),
        ("file", error.file().map(str::to_owned)),
        ("line", error.line().map(|line| line.to_string())),
        ("where_", error.where_().map(str::to_owned)),
    ];
    let extras = extras.into_iter();
    ServerError {
        severity: error.severity().to_owned(),
        code: error.code().code().to_owned(),
        message: error.message().to_owned(),
        detail: error.detail().map(str::to_owned),
        extras: extras
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect(),
        shown: Some(shown),
    }
}

/// An error as the record of Spin's interface shows it to programmers: with the names that the interface has.
fn shown(error: &ServerError) -> String {
    format!(
        "DbError {{ as-text: {:?}, severity: {:?}, code: {:?}, message: {:?}, detail: {:?}, extras: {:?} }}",
        error.as_text(),
        error.severity,
        error.code,
        error.message,
        error.detail,
        error.extras,
    )
}

/// An error of a server, for people: with its detail and its code.
pub(super) fn for_people(error: &tokio_postgres::Error) -> String {
    let Some(server) = error.as_db_error() else {
        return visible(&causes(error).join(": ")).into_owned();
    };
    let detail = server.detail().map(|it| format!(": {it}"));
    let text = format!(
        "{}{} ({})",
        server.message(),
        detail.unwrap_or_default(),
        server.code().code()
    );
    visible(&text).into_owned()
}
