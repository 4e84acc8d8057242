//! What a real MySQL says, as guests are told it (`crates/factor-outbound-mysql/src/client.rs` and `host.rs`).

use crate::sandbox::rdbms::failure::Said;
use crate::sandbox::rdbms::parameters::caused;
use crate::sandbox::service::Failure;
use crate::value::{causes, visible};
use mysql_async::Error;

/// What Spin says of a statement: all of the error, as the client shows it to programmers.
pub(super) fn of_statement(error: &Error) -> Said {
    let told = Failure::with_text("query-failed", format!("{error:?}"));
    let journaled = match error {
        Error::Server(_) => Failure::with_text("query-failed", for_people(error)),
        _ => told.clone(),
    };
    Said {
        journaled,
        told: Box::new(told.into()),
    }
}

/// What Spin says of rows that break off.
pub(super) fn of_rows(error: &Error) -> Failure {
    Failure::with_text("other", error.to_string())
}

/// What Spin says of a connection.
pub(super) fn of_connection(error: &Error) -> Said {
    let text = error.to_string();
    let text = match std::error::Error::source(error) {
        Some(source) => caused(text, source),
        None => text,
    };
    Said::plain("connection-failed", text)
}

/// MySQL's own number of an error.
pub(super) fn number(error: &Error) -> Option<u16> {
    match error {
        Error::Server(server) => Some(server.code),
        _ => None,
    }
}

/// An error for people, with its number.
pub(super) fn for_people(error: &Error) -> String {
    let text = match error {
        Error::Server(server) => format!("{} ({})", server.message, server.code),
        // Each cause has the text of the next one in its own.
        other => causes(other).pop().unwrap_or_default(),
    };
    visible(&text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use mysql_async::ServerError;

    /// The texts are those of the client's `Debug`, and of an error of `anyhow`.
    #[test]
    fn as_spin_says_it() {
        let error = Error::Server(ServerError {
            code: 1146,
            message: "Table 'shop.x' doesn't exist".to_owned(),
            state: "42S02".to_owned(),
        });
        let said = of_statement(&error);
        assert_eq!(
            said.told.failure.text(),
            "Server(ServerError { code: 1146, message: \"Table 'shop.x' doesn't exist\", state: \"42S02\" })"
        );
        assert_eq!(
            said.journaled.to_string(),
            "query-failed: Table 'shop.x' doesn't exist (1146)"
        );
        // Spin's version of the client has the state before the number.
        let shown = "ERROR 42S02 (1146): Table 'shop.x' doesn't exist";
        assert_eq!(
            of_connection(&error).told.failure.text(),
            format!("Server error: `{shown}'\n\nCaused by:\n    {shown}")
        );
        assert_eq!(of_rows(&error).text(), format!("Server error: `{shown}'"));
    }
}
