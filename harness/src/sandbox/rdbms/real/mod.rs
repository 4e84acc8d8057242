//! A real server behind the gate: what the scenario answers no statement with goes there.
//!
//! A scenario works in a database of its own, a copy of the one that the address names, which is made when the server is
//! stated and dropped with the scenario. So scenarios run at once and again and always begin with the same rows, guests may
//! use transactions and several connections as they like. The harness only reads the named database, and statements that are
//! plainly about others are not sent.

mod client;
mod connections;
mod copies;
mod error;
mod mysql;
mod postgres;
mod worker;

pub(super) use client::Sent;
pub(crate) use copies::drop_copies;
pub use error::RealServerError;
#[cfg(test)]
pub(crate) use postgres::shown_as_error;

use super::DatabaseServer;
use super::failure::Said;
use super::served::SqlReply;
use crate::value::without_secrets;
use client::Client;
use connections::{Connections, ToCopy};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use worker::Worker;

/// How long a server may take to be reached, and to answer a statement. Real time: a scenario's own stands still meanwhile.
const PATIENCE: Duration = Duration::from_secs(10);

/// A real Postgres or MySQL server, with a database of its own for one scenario. The database is dropped with it.
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
    server: DatabaseServer,
    /// Without secrets.
    url: String,
    worker: Worker<Box<dyn Connections>>,
}

impl fmt::Debug for RealServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RealServer").field(&self.inner.url).finish()
    }
}

impl RealServer {
    /// Makes a copy of the database that the address of a server names: see [`RealServer::postgres`] and
    /// [`RealServer::mysql`].
    ///
    /// # Errors
    ///
    /// The address is none, the server cannot be used, or the database cannot be copied.
    pub fn new(server: DatabaseServer, url: &str) -> Result<Self, RealServerError> {
        match server {
            DatabaseServer::Postgres => Self::postgres(url),
            DatabaseServer::MySql => Self::mysql(url),
        }
    }

    /// Makes a copy of the database that an address names, `postgres://USER:PASSWORD@HOST:PORT/DATABASE` or
    /// `host=HOST user=USER dbname=DATABASE`. Waits for the server, in real time.
    ///
    /// # Errors
    ///
    /// The address is none, the server cannot be used, or the database cannot be copied.
    pub fn postgres(url: &str) -> Result<Self, RealServerError> {
        Self::start::<postgres::Postgres>(postgres::address(url)?, url)
    }

    /// Makes a copy of the database that an address names, `mysql://USER:PASSWORD@HOST:PORT/DATABASE`; the host is this
    /// machine. Waits for the server, in real time.
    ///
    /// # Errors
    ///
    /// The address is none, the server cannot be used, or the database cannot be copied.
    pub fn mysql(url: &str) -> Result<Self, RealServerError> {
        Self::start::<mysql::MySql>(mysql::address(url)?, url)
    }

    fn start<C: Client>(address: C::Address, url: &str) -> Result<Self, RealServerError> {
        let url = without_secrets(url);
        let of_worker = url.clone();
        let make = move || {
            let connections = ToCopy::<C>::of(&address, of_worker)?;
            Ok(Box::new(connections) as Box<dyn Connections>)
        };
        let worker = Worker::start(make).map_err(|error| RealServerError::Unusable {
            server: C::SERVER,
            url: url.clone(),
            reason: error.to_string(),
        })??;
        let server = C::SERVER;
        Ok(Self {
            inner: Arc::new(Inner {
                server,
                url,
                worker,
            }),
        })
    }

    /// Its kind.
    pub fn server(&self) -> DatabaseServer {
        self.inner.server
    }

    /// Its address, without secrets.
    pub fn url(&self) -> &str {
        &self.inner.url
    }

    /// Opens a connection for a guest.
    pub(super) fn connect(&self) -> Result<RealConnection, Trouble> {
        let connected = self.inner.worker.ask(|connections| connections.open());
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
