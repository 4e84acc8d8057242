//! The database of one scenario: a copy of the one that scenarios begin with.

use super::{NotConnected, PATIENCE, RealServerError, connect};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config};

/// How long a server may take to copy a database, and to drop the copy. Real time.
const COPYING: Duration = Duration::from_secs(60);

/// How long it is tried again while somebody else is connected to the database.
const BUSY: Duration = Duration::from_secs(10);

/// What the names of copies begin with: whoever meets one may drop it when no test runs.
const PREFIX: &str = "spin_harness_";

/// The number of the next copy of this process.
static NEXT: AtomicU64 = AtomicU64::new(1);

/// A database that is a copy of another.
pub(super) struct Copied {
    /// Leads to the copy.
    config: Config,
    /// Leads to another database of the server, from which copies are made and dropped.
    beside: Config,
    name: String,
}

impl Copied {
    /// Makes one of the database that `config` leads to.
    pub async fn make(mut config: Config, url: String) -> Result<Self, RealServerError> {
        let original = config.get_dbname().or(config.get_user());
        let original = original.unwrap_or("postgres").to_owned();
        let mut beside = config.clone();
        // A database is not copied while somebody is connected to it. Every server has these two.
        beside.dbname(match original.as_str() {
            "postgres" => "template1",
            _ => "postgres",
        });
        let name = new_name();
        let unusable = |failed: NotConnected| match failed {
            NotConnected::TooSlow => RealServerError::TooSlow {
                url: url.clone(),
                limit: PATIENCE,
            },
            failed => RealServerError::Unusable {
                url: url.clone(),
                reason: failed.for_people(),
            },
        };
        let connected = connect(&beside).await.map_err(unusable)?;
        let made = copied(&connected.client, &original, &name).await;
        connected.close().await;
        match made {
            Ok(()) => {}
            Err(None) => {
                return Err(RealServerError::TooSlow {
                    url,
                    limit: COPYING,
                });
            }
            Err(Some(error)) => {
                return Err(RealServerError::NoCopy {
                    url,
                    database: original,
                    reason: super::said::for_people(&error),
                    code: error.code().map_or("", SqlState::code).to_owned(),
                });
            }
        }
        config.dbname(&name);
        Ok(Self {
            config,
            beside,
            name,
        })
    }

    /// Leads to the copy.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Drops it, whoever is still connected to it.
    pub async fn remove(&self) -> Result<(), NotConnected> {
        let connected = connect(&self.beside).await?;
        let end = "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1";
        let drop = format!("drop database if exists {}", quoted(&self.name));
        let dropping = async {
            connected.client.query(end, &[&self.name]).await?;
            connected.client.batch_execute(&drop).await
        };
        let dropped = tokio::time::timeout(COPYING, dropping).await;
        connected.close().await;
        match dropped {
            Ok(dropped) => dropped.map_err(NotConnected::Refused),
            Err(_) => Err(NotConnected::TooSlow),
        }
    }
}

/// Copies a database; again, for a while, where somebody is connected to it. No error where it took too long.
async fn copied(
    client: &Client,
    original: &str,
    name: &str,
) -> Result<(), Option<tokio_postgres::Error>> {
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
            Ok(Err(error)) => return Err(Some(error)),
            Err(_) => return Err(None),
        }
    }
}

/// A name that no other process has, nor this one.
fn new_name() -> String {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    // Another machine may have a process of this number and use the same server.
    let random = RandomState::new().hash_one(number);
    format!("{PREFIX}{}_{number}_{random:016x}", std::process::id())
}

/// A name as SQL has it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_new_and_short_enough_for_a_server() {
        let (one, other) = (new_name(), new_name());
        assert_ne!(one, other);
        // Postgres cuts what is longer (`NAMEDATALEN`).
        assert!(one.len() < 64 && one.starts_with(PREFIX), "{one}");
    }

    #[test]
    fn a_name_cannot_end_its_quotes() {
        assert_eq!(quoted("a\"; drop"), "\"a\"\"; drop\"");
    }
}
