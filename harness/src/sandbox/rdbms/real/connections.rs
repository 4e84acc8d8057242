//! The connections of a scenario to its copy of a real server's database: what the thread of a server keeps.

use super::client::{Client, NotConnected, Sent};
use super::copies::Copied;
use super::error::RealServerError;
use super::{PATIENCE, Trouble};
use crate::sandbox::rdbms::failure::Said;
use crate::sandbox::rdbms::served::SqlReply;
use std::collections::BTreeMap;
use tokio::runtime::{Builder, Runtime};

/// Connections to a server, whatever its kind. They have numbers.
pub(super) trait Connections {
    fn open(&mut self) -> Result<u64, Trouble>;

    /// Sends a statement, and gives what Spin makes of the answer.
    fn send(&mut self, number: u64, sent: &Sent) -> Result<Result<SqlReply, Said>, Trouble>;

    fn close(&mut self, number: u64);
}

/// Those of one kind, and the database that they are to, which is dropped with them.
pub(super) struct ToCopy<C: Client> {
    open: BTreeMap<u64, C>,
    last: u64,
    copy: Copied<C>,
    runtime: Runtime,
}

impl<C: Client> ToCopy<C> {
    /// Makes a copy of the database that an address leads to.
    pub fn of(address: &C::Address, url: String) -> Result<Self, RealServerError> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| RealServerError::Unusable {
            server: C::SERVER,
            url: url.clone(),
            reason: error.to_string(),
        })?;
        let copy = runtime.block_on(Copied::make(address, url))?;
        Ok(Self {
            open: BTreeMap::new(),
            last: 0,
            copy,
            runtime,
        })
    }
}

impl<C: Client> Connections for ToCopy<C> {
    fn open(&mut self) -> Result<u64, Trouble> {
        let connecting = C::connect(self.copy.address());
        let client = self.runtime.block_on(connecting).map_err(|failed| {
            let reason = failed.for_people::<C>();
            let said = match &failed {
                NotConnected::Refused(error) => C::said(error),
                NotConnected::TooSlow => Said::plain("connection-failed", reason.clone()),
            };
            Trouble { said, reason }
        })?;
        self.last += 1;
        self.open.insert(self.last, client);
        Ok(self.last)
    }

    fn send(&mut self, number: u64, sent: &Sent) -> Result<Result<SqlReply, Said>, Trouble> {
        if let Some(what) = C::reaches(self.copy.around(), &sent.text) {
            return Err(not_sent(&sent.text, &what));
        }
        let connections = self.open.len();
        let Some(client) = self.open.get_mut(&number) else {
            return Err(Trouble::gone("query-failed"));
        };
        self.runtime.block_on(async {
            match tokio::time::timeout(PATIENCE, client.send(sent)).await {
                Ok(answer) => answer,
                Err(_) => {
                    client.cancel().await;
                    Err(too_slow(connections))
                }
            }
        })
    }

    fn close(&mut self, number: u64) {
        if let Some(client) = self.open.remove(&number) {
            self.runtime.block_on(client.close());
        }
    }
}

impl<C: Client> Drop for ToCopy<C> {
    fn drop(&mut self) {
        let open = std::mem::take(&mut self.open);
        self.runtime.block_on(async {
            for client in open.into_values() {
                client.close().await;
            }
            self.copy.remove().await;
        });
    }
}

/// A statement about more than the copy.
fn not_sent(statement: &str, what: &str) -> Trouble {
    let reason = format!(
        "it was not sent `{}`, which is about {what}: a scenario has a copy of one database, and nothing would take \
         that back; state its answer",
        statement.trim()
    );
    Trouble {
        said: Said::plain("query-failed", "not sent"),
        reason,
    }
}

/// A statement that waits for a lock of another connection waits for ever: no other guest moves meanwhile.
fn too_slow(connections: usize) -> Trouble {
    let mut reason = format!("it did not answer within {} s", PATIENCE.as_secs());
    if connections > 1 {
        reason.push_str(
            "; statements are sent one at a time, so that one that waits for a lock which another connection of the \
             scenario holds is never answered",
        );
    }
    Trouble {
        said: Said::plain("query-failed", reason.clone()),
        reason,
    }
}
