//! A real Postgres server behind the gate: what the scenario answers no statement with goes there.
//!
//! A scenario works in a database of its own, a copy of the one that the address names, which is made when the server is
//! stated and dropped with the scenario. So scenarios run at once and again and always begin with the same rows, guests may
//! use transactions and several connections as they like. The harness only reads the named database, and statements that are
//! plainly about others are not sent.

mod copy;
mod elsewhere;
mod error;
mod row;
mod said;
mod statement;
mod worker;

pub(crate) use copy::drop_copies;
pub use error::RealServerError;
#[cfg(test)]
pub(crate) use said::shown_as_error;
pub(super) use statement::Sent;

use super::failure::Said;
use super::served::SqlReply;
use crate::value::without_secrets;
use copy::Copied;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Config, NoTls};
use worker::Worker;

/// How long a server may take to be reached, and to answer a statement. Real time: a scenario's own stands still meanwhile.
const PATIENCE: Duration = Duration::from_secs(10);

/// A real Postgres server, with a database of its own for one scenario. The database is dropped with it.
///
/// ```no_run
/// use spin_harness::sandbox::RealServer;
/// # let app = spin_harness::App::load("spin.toml")?;
/// let mut sandbox = app.sandbox();
/// let server = RealServer::postgres("postgres://tester:secret@localhost/shop")?;
/// sandbox.database_servers(|servers| servers.pass_on(server));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct RealServer {
    inner: Arc<Inner>,
}

struct Inner {
    /// Without secrets.
    url: String,
    worker: Worker<Connections>,
}

impl fmt::Debug for RealServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RealServer").field(&self.inner.url).finish()
    }
}

impl RealServer {
    /// Makes a copy of the database that an address names, `postgres://USER:PASSWORD@HOST:PORT/DATABASE` or
    /// `host=HOST user=USER dbname=DATABASE`. Waits for the server, in real time.
    ///
    /// # Errors
    ///
    /// The address is none, the server cannot be used, or the database cannot be copied.
    pub fn postgres(url: &str) -> Result<Self, RealServerError> {
        let shown = without_secrets(url);
        let bad = |reason: String| RealServerError::BadUrl {
            url: shown.clone(),
            reason,
        };
        if let Some((scheme, _)) = url.split_once("://")
            && !matches!(scheme, "postgres" | "postgresql")
        {
            return Err(bad(format!("its scheme is `{scheme}`")));
        }
        let authority = url
            .split("://")
            .nth(1)
            .and_then(|rest| rest.split(['/', '?']).next());
        if authority.is_some_and(|it| it.matches('@').count() > 1) {
            return Err(bad("an `@` in a password is written `%40`".to_owned()));
        }
        let config: Config = url.parse().map_err(|error| bad(said::for_people(&error)))?;
        if config.get_ssl_mode() == SslMode::Require {
            return Err(RealServerError::Tls { url: shown });
        }
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(bad("it names no host".to_owned()));
        }
        let of_worker = shown.clone();
        let make = move || Connections::to_copy_of(config, of_worker);
        let worker = Worker::start(make).map_err(|error| RealServerError::Unusable {
            url: shown.clone(),
            reason: error.to_string(),
        })??;
        let inner = Inner { url: shown, worker };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Its address, without secrets.
    pub fn url(&self) -> &str {
        &self.inner.url
    }

    /// Opens a connection for a guest.
    pub(super) fn connect(&self) -> Result<RealConnection, Trouble> {
        let connected = self.inner.worker.ask(Connections::open);
        let number = connected.unwrap_or_else(|| Err(Trouble::gone("connection-failed")))?;
        let server = Arc::clone(&self.inner);
        Ok(RealConnection { server, number })
    }
}

/// A guest's connection to a real server; closed when it is dropped.
pub(super) struct RealConnection {
    server: Arc<Inner>,
    number: u64,
}

impl fmt::Debug for RealConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_tuple("RealConnection");
        shown.field(&self.server.url).field(&self.number).finish()
    }
}

/// Something that no guest should meet: the scenario fails too.
#[derive(Debug)]
pub(super) struct Trouble {
    /// What the guest is told.
    pub said: Said,
    /// What a person is told.
    pub reason: String,
}

impl Trouble {
    fn gone(case: &str) -> Self {
        let reason = "what talks to the real server has ended";
        Self {
            said: Said::plain(case, reason),
            reason: reason.to_owned(),
        }
    }
}

impl RealConnection {
    /// The server's address, without secrets.
    pub fn url(&self) -> &str {
        &self.server.url
    }

    /// Sends a statement, and gives what Spin makes of the answer.
    pub fn send(&self, sent: Sent) -> Result<Result<SqlReply, Said>, Trouble> {
        if let Some(what) = elsewhere::reaches(&sent.text) {
            let reason = format!(
                "it was not sent `{}`, which is about {what}: a scenario has a copy of one database, and nothing would take \
                 that back; state its answer",
                sent.text.trim()
            );
            return Err(Trouble {
                said: Said::plain("query-failed", "not sent"),
                reason,
            });
        }
        let number = self.number;
        let worker = &self.server.worker;
        let answer = worker.ask(move |connections| connections.send(number, &sent));
        answer.unwrap_or_else(|| Err(Trouble::gone("query-failed")))
    }
}

impl Drop for RealConnection {
    fn drop(&mut self) {
        let number = self.number;
        let worker = &self.server.worker;
        worker.leave(move |connections| connections.close(number));
    }
}

/// A connection, and the task that moves its bytes.
struct Connected {
    client: Client,
    moved: JoinHandle<()>,
}

/// What the thread of a server keeps: its connections, and the database that they are to. Dropped in this order.
struct Connections {
    open: BTreeMap<u64, Connected>,
    last: u64,
    copy: Copied,
    runtime: Runtime,
}

impl Connections {
    fn to_copy_of(config: Config, url: String) -> Result<Self, RealServerError> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| RealServerError::Unusable {
            url: url.clone(),
            reason: error.to_string(),
        })?;
        let copy = runtime.block_on(Copied::make(config, url))?;
        Ok(Self {
            open: BTreeMap::new(),
            last: 0,
            copy,
            runtime,
        })
    }

    fn open(&mut self) -> Result<u64, Trouble> {
        let connecting = connect(self.copy.config());
        let connected = self.runtime.block_on(connecting).map_err(|failed| {
            let said = match &failed {
                NotConnected::Refused(error) => Said::of_connection(error),
                NotConnected::TooSlow => Said::plain("connection-failed", failed.for_people()),
            };
            Trouble {
                said,
                reason: failed.for_people(),
            }
        })?;
        self.last += 1;
        self.open.insert(self.last, connected);
        Ok(self.last)
    }

    fn send(&mut self, number: u64, sent: &Sent) -> Result<Result<SqlReply, Said>, Trouble> {
        let Some(connected) = self.open.get(&number) else {
            return Err(Trouble::gone("query-failed"));
        };
        let answered = async {
            let answer = statement::send(&connected.client, sent);
            match tokio::time::timeout(PATIENCE, answer).await {
                Ok(answer) => answer,
                Err(_) => {
                    let canceled = connected.client.cancel_token();
                    let canceling = canceled.cancel_query(NoTls);
                    // Where that fails, the server ends the statement with its database.
                    let _ = tokio::time::timeout(Duration::from_secs(1), canceling).await;
                    Err(too_slow(self.open.len()))
                }
            }
        };
        self.runtime.block_on(answered)
    }

    fn close(&mut self, number: u64) {
        if let Some(connected) = self.open.remove(&number) {
            self.runtime.block_on(connected.close());
        }
    }
}

impl Drop for Connections {
    fn drop(&mut self) {
        let open = std::mem::take(&mut self.open);
        self.runtime.block_on(async {
            for connected in open.into_values() {
                connected.close().await;
            }
            self.copy.remove().await;
        });
    }
}

impl Connected {
    /// Says goodbye, so that the server need not find out.
    async fn close(self) {
        drop(self.client);
        let _ = tokio::time::timeout(Duration::from_secs(1), self.moved).await;
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

/// Why there is no connection.
enum NotConnected {
    Refused(tokio_postgres::Error),
    TooSlow,
}

impl NotConnected {
    fn for_people(&self) -> String {
        match self {
            Self::Refused(error) => said::for_people(error),
            Self::TooSlow => format!("it did not answer within {} s", PATIENCE.as_secs()),
        }
    }
}

async fn connect(config: &Config) -> Result<Connected, NotConnected> {
    let connecting = tokio::time::timeout(PATIENCE, config.connect(NoTls));
    let (client, connection) = connecting
        .await
        .map_err(|_| NotConnected::TooSlow)?
        .map_err(NotConnected::Refused)?;
    let moved = tokio::spawn(async move {
        // What ends a connection is told by the statement that finds it closed.
        let _ = connection.await;
    });
    Ok(Connected { client, moved })
}
