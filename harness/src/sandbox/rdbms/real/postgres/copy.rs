//! Copies of a Postgres database: the server makes them as a whole.

use crate::sandbox::rdbms::real::PATIENCE;
use crate::sandbox::rdbms::real::client::{NotConnected, NotCopied};
use crate::sandbox::rdbms::real::copies::COPYING;
use std::time::{Duration, Instant};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, NoTls};

/// How long it is tried again while somebody else is connected to the database.
const BUSY: Duration = Duration::from_secs(10);

/// Copies a database; again, for a while, where somebody is connected to it.
pub(super) async fn make(client: &Client, original: &str, name: &str) -> Result<(), NotCopied> {
    let create = format!(
        "create database {} template {}",
        quoted(name),
        quoted(original)
    );
    let began = Instant::now();
    loop {
        let creating = tokio::time::timeout(COPYING, client.batch_execute(&create));
        match creating.await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error))
                if error.code() == Some(&SqlState::OBJECT_IN_USE) && began.elapsed() < BUSY =>
            {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            Ok(Err(error)) => {
                return Err(NotCopied::Refused {
                    reason: super::said::for_people(&error),
                    code: error.code().map_or("", SqlState::code).to_owned(),
                });
            }
            Err(_) => return Err(NotCopied::TooSlow),
        }
    }
}

/// Ends the making of a copy that takes too long, and drops what there is of it. Gives whether that worked.
pub(super) async fn given_up(client: &Client, name: &str) -> bool {
    let cancelling = client.cancel_token();
    let _ = tokio::time::timeout(PATIENCE, cancelling.cancel_query(NoTls)).await;
    // The server takes it when the other statement has ended, so that it finds what that made.
    let drop = drop_statement(name);
    let dropping = tokio::time::timeout(PATIENCE, client.batch_execute(&drop));
    matches!(dropping.await, Ok(Ok(())))
}

/// Drops a copy, with the connections of the same user to it. Those of others are none of ours, and keep it from being dropped.
pub(super) async fn remove(
    client: &Client,
    name: &str,
) -> Result<(), NotConnected<tokio_postgres::Error>> {
    let end = "select pg_terminate_backend(pid) from pg_stat_activity \
               where datname = $1 and usename = current_user and pid <> pg_backend_pid()";
    let close = format!("alter database {} allow_connections false", quoted(name));
    let drop = drop_statement(name);
    let dropping = async {
        // A scenario that still runs would connect again before the next statements. Where it fails, the last of them does.
        let _ = client.batch_execute(&close).await;
        // Whether there were any tells the next statement.
        let _ = client.query(end, &[&name]).await;
        client.batch_execute(&drop).await
    };
    match tokio::time::timeout(COPYING, dropping).await {
        Ok(dropped) => dropped.map_err(NotConnected::Refused),
        Err(_) => Err(NotConnected::TooSlow),
    }
}

fn drop_statement(name: &str) -> String {
    format!("drop database if exists {}", quoted(name))
}

/// A name as SQL has it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_end_its_quotes() {
        assert_eq!(quoted("a\"; drop"), "\"a\"\"; drop\"");
    }
}
