//! The database of one scenario: a copy of the one that scenarios begin with.

use super::{NotConnected, PATIENCE, RealServerError, connect};
use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime::Builder;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, NoTls};

/// How long a server may take to copy a database, and to drop the copy. Real time.
const COPYING: Duration = Duration::from_secs(60);

/// How long it is tried again while somebody else is connected to the database.
const BUSY: Duration = Duration::from_secs(10);

/// What the names of copies begin with: whoever meets one may drop it when no test runs.
const PREFIX: &str = "spin_harness_";

/// The number of the next copy of this process.
static NEXT: AtomicU64 = AtomicU64::new(1);

/// What there is of this process on servers.
static THERE: Mutex<Copies> = Mutex::new(Copies {
    by_name: BTreeMap::new(),
    are_all: false,
});

/// Tells of each copy that has been made.
static MADE: Condvar = Condvar::new();

struct Copies {
    by_name: BTreeMap<String, There>,
    /// Whether there will be no others: what is left of a run that has ended would make them after the last look.
    are_all: bool,
}

/// A copy, or what may become one.
struct There {
    /// Without secrets.
    url: String,
    /// Leads to another database of its server.
    beside: Config,
    /// Whether the server has answered: before, there is nothing to drop yet.
    is_made: bool,
}

impl Copies {
    /// Notes that one is being made, unless there are to be no others.
    fn begin(&mut self, name: &str, coming: There) -> bool {
        if !self.are_all {
            self.by_name.insert(name.to_owned(), coming);
        }
        !self.are_all
    }
}

fn there() -> MutexGuard<'static, Copies> {
    THERE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Notes what became of a copy that was asked for.
fn note(name: &str, is_there: bool) {
    let mut there = there();
    match (is_there, there.by_name.get_mut(name)) {
        (true, Some(copy)) => copy.is_made = true,
        (true, None) => {}
        (false, _) => drop(there.by_name.remove(name)),
    }
    MADE.notify_all();
}

/// Drops every copy of this process, also those that a scenario works in, and lets no other be made. For the end of a
/// process that does not wait for all of its scenarios.
///
/// Gives what is left behind, and why.
pub(crate) fn drop_copies() -> Vec<String> {
    let all = {
        let mut there = there();
        there.are_all = true;
        let waiting = MADE.wait_timeout_while(there, PATIENCE, |there| {
            there.by_name.values().any(|it| !it.is_made)
        });
        let (mut there, _) = waiting.unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut there.by_name)
    };
    if all.is_empty() {
        return Vec::new();
    }
    let runtime = match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return vec![format!("databases named {PREFIX}…: {error}")],
    };
    let dropped = all.into_iter().filter_map(|(name, it)| {
        let removed = runtime.block_on(async {
            match remove(&it.beside, &name).await {
                // Who was on the way to it when it was closed is there now.
                Err(NotConnected::Refused(error))
                    if error.code() == Some(&SqlState::OBJECT_IN_USE) =>
                {
                    remove(&it.beside, &name).await
                }
                removed => removed,
            }
        });
        let failed = removed.err()?;
        Some(format!(
            "\"{name}\" of the Postgres at {}: {}",
            it.url,
            failed.for_people()
        ))
    });
    dropped.collect()
}

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
        let coming = There {
            url: url.clone(),
            beside: beside.clone(),
            is_made: false,
        };
        if !there().begin(&name, coming) {
            connected.close().await;
            return Err(RealServerError::RunEnded { url });
        }
        let made = copied(&connected.client, &original, &name).await;
        // A server that is still at it may make it yet.
        note(&name, matches!(made, Ok(()) | Err(None)));
        if let Err(None) = made {
            given_up(&connected.client, &name).await;
        }
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

    /// Drops it. Where that fails, it is tried once more at the end of the run.
    pub async fn remove(&self) {
        if remove(&self.beside, &self.name).await.is_ok() {
            note(&self.name, false);
        }
    }
}

/// Ends the making of a copy that takes too long, and drops what there is of it. Where that fails, it is tried once more at
/// the end of the run.
async fn given_up(client: &Client, name: &str) {
    let cancelling = client.cancel_token();
    let _ = tokio::time::timeout(PATIENCE, cancelling.cancel_query(NoTls)).await;
    // The server takes it when the other statement has ended, so that it finds what that made.
    let drop = drop_statement(name);
    let dropping = tokio::time::timeout(PATIENCE, client.batch_execute(&drop));
    if let Ok(Ok(())) = dropping.await {
        note(name, false);
    }
}

/// Drops a copy, with the connections of the same user to it. Those of others are none of ours, and keep it from being dropped.
async fn remove(beside: &Config, name: &str) -> Result<(), NotConnected> {
    let connected = connect(beside).await?;
    let end = "select pg_terminate_backend(pid) from pg_stat_activity \
               where datname = $1 and usename = current_user and pid <> pg_backend_pid()";
    let close = format!("alter database {} allow_connections false", quoted(name));
    let drop = drop_statement(name);
    let dropping = async {
        // A scenario that still runs would connect again before the next statements. Where it fails, the last of them does.
        let _ = connected.client.batch_execute(&close).await;
        // Whether there were any tells the next statement.
        let _ = connected.client.query(end, &[&name]).await;
        connected.client.batch_execute(&drop).await
    };
    let dropped = tokio::time::timeout(COPYING, dropping).await;
    connected.close().await;
    match dropped {
        Ok(dropped) => dropped.map_err(NotConnected::Refused),
        Err(_) => Err(NotConnected::TooSlow),
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
    fn names_are_new_and_short_enough_for_a_server() {
        let (one, other) = (new_name(), new_name());
        assert_ne!(one, other);
        // Postgres cuts what is longer (`NAMEDATALEN`).
        assert!(one.len() < 64 && one.starts_with(PREFIX), "{one}");
    }

    #[test]
    fn a_run_that_has_ended_makes_no_copies() {
        let mut copies = Copies {
            by_name: BTreeMap::new(),
            are_all: false,
        };
        let coming = || There {
            url: String::new(),
            beside: Config::new(),
            is_made: false,
        };
        assert!(copies.begin("a", coming()));
        copies.are_all = true;
        assert!(!copies.begin("b", coming()));
        assert_eq!(copies.by_name.len(), 1);
    }

    #[test]
    fn a_name_cannot_end_its_quotes() {
        assert_eq!(quoted("a\"; drop"), "\"a\"\"; drop\"");
    }
}
