//! The databases that scenarios work in: copies of the one that scenarios begin with.

use super::PATIENCE;
use super::client::{Client, NotConnected, NotCopied};
use super::error::RealServerError;
use crate::sandbox::rdbms::DatabaseServer;
use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// How long a server may take to copy a database, and to drop the copy. Real time.
pub(super) const COPYING: Duration = Duration::from_secs(60);

/// What the names of copies begin with: whoever meets one may drop it when no test runs.
pub(super) const PREFIX: &str = "spin_harness_";

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
    server: DatabaseServer,
    /// Without secrets.
    url: String,
    remove: Remove,
    /// Whether the server has answered: before, there is nothing to drop yet.
    is_made: bool,
}

/// Drops the copy of a name. The error is for people.
type Remove = Box<dyn FnOnce(&Runtime, &str) -> Result<(), String> + Send>;

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
        let failed = (it.remove)(&runtime, &name).err()?;
        let (server, url) = (it.server, it.url);
        Some(format!("\"{name}\" of the {server} at {url}: {failed}"))
    });
    dropped.collect()
}

/// Drops a copy for the last time that it is tried.
async fn removed_at_last<C: Client>(beside: &C::Address, name: &str) -> Result<(), String> {
    let removed = match C::remove(beside, name).await {
        // Who was on the way to it when it was closed is there now.
        Err(NotConnected::Refused(error)) if C::is_in_use(&error) => C::remove(beside, name).await,
        removed => removed,
    };
    removed.map_err(|failed| failed.for_people::<C>())
}

/// A database that is a copy of another.
pub(super) struct Copied<C: Client> {
    /// Leads to the copy.
    address: C::Address,
    /// Leads to the server beside it, from where copies are made and dropped.
    beside: C::Address,
    name: String,
    around: C::Around,
}

impl<C: Client> Copied<C> {
    /// Makes one of the database that an address leads to.
    pub async fn make(address: &C::Address, url: String) -> Result<Self, RealServerError> {
        let server = C::SERVER;
        let original = C::database(address);
        let beside = C::to_database(address, None);
        let name = new_name();
        let unusable = |failed: NotConnected<C::Error>| match failed {
            NotConnected::TooSlow => RealServerError::TooSlow {
                server,
                url: url.clone(),
                limit: PATIENCE,
            },
            failed => RealServerError::Unusable {
                server,
                url: url.clone(),
                reason: failed.for_people::<C>(),
            },
        };
        let mut client = C::connect(&beside).await.map_err(unusable)?;
        let of_removal = beside.clone();
        let coming = There {
            server,
            url: url.clone(),
            remove: Box::new(move |runtime, name| {
                runtime.block_on(removed_at_last::<C>(&of_removal, name))
            }),
            is_made: false,
        };
        if !there().begin(&name, coming) {
            client.close().await;
            return Err(RealServerError::RunEnded { server, url });
        }
        match client.copy(&original, &name).await {
            Ok(around) => {
                note(&name, true);
                client.close().await;
                let address = C::to_database(address, Some(&name));
                Ok(Self {
                    address,
                    beside,
                    name,
                    around,
                })
            }
            Err(why) => {
                // Where something stays, it is tried once more at the end of the run.
                let is_gone = client.discard(&beside, &name, &why).await;
                note(&name, !is_gone);
                Err(match why {
                    NotCopied::TooSlow => RealServerError::TooSlow {
                        server,
                        url,
                        limit: COPYING,
                    },
                    NotCopied::Refused { reason, code } => RealServerError::NoCopy {
                        server,
                        url,
                        database: original,
                        reason,
                        code,
                    },
                })
            }
        }
    }

    /// Leads to the copy.
    pub fn address(&self) -> &C::Address {
        &self.address
    }

    /// What tells statements about more than the copy from others.
    pub fn around(&self) -> &C::Around {
        &self.around
    }

    /// Drops it. Where that fails, it is tried once more at the end of the run.
    pub async fn remove(&self) {
        if C::remove(&self.beside, &self.name).await.is_ok() {
            note(&self.name, false);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_new_and_short_enough_for_a_server() {
        let (one, other) = (new_name(), new_name());
        assert_ne!(one, other);
        // Postgres cuts what is longer (`NAMEDATALEN`), and MySQL refuses it.
        assert!(one.len() < 64 && one.starts_with(PREFIX), "{one}");
    }

    #[test]
    fn a_run_that_has_ended_makes_no_copies() {
        let mut copies = Copies {
            by_name: BTreeMap::new(),
            are_all: false,
        };
        let coming = || There {
            server: DatabaseServer::Postgres,
            url: String::new(),
            remove: Box::new(|_, _| Ok(())),
            is_made: false,
        };
        assert!(copies.begin("a", coming()));
        copies.are_all = true;
        assert!(!copies.begin("b", coming()));
        assert_eq!(copies.by_name.len(), 1);
    }
}
