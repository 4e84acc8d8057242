//! Postgres and MySQL: statements of guests are matched to the answers that a scenario states, or passed on to a real
//! server where it names one, and written down.

mod address;
mod answer;
mod call;
mod cell;
mod column;
mod connection;
mod failure;
mod like;
mod parameters;
mod real;
mod served;
mod value;

pub use answer::{ServerError, StatementAnswer, StatementStub};
pub use cell::{BadCell, read_cell};
pub use column::{BadColumnType, ColumnType, SqlColumn};
pub use like::LikePattern;
pub(crate) use real::drop_copies;
pub use real::{RealServer, RealServerError};
pub use value::{Bound, Interval, Range, ServerValue, show_parameters};

pub(crate) use address::postgres_hosts;
pub(crate) use answer::EXTRAS as ERROR_EXTRAS;
pub(crate) use call::{Reach, SqlCall};
pub(crate) use connection::{LONGEST_ADDRESS, SqlConnection};
pub(crate) use failure::SqlFailure;
#[cfg(test)]
pub(crate) use real::shown_as_error;
pub(crate) use served::SqlReply;

use super::journal::Outcome;
use super::kept::Kept;
use super::nearest::nearest_shown;
use super::{BadKeyPattern, KeyPattern};
use crate::value::without_secrets;
use std::fmt;
use std::sync::Arc;

/// Which kind of server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DatabaseServer {
    /// PostgreSQL.
    Postgres,
    /// MySQL.
    MySql,
}

impl DatabaseServer {
    /// The scheme of its addresses, which is the first word of its operations too.
    pub(crate) fn scheme(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::MySql => "mysql",
        }
    }
}

/// As steps call it.
impl fmt::Display for DatabaseServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Postgres => "Postgres",
            Self::MySql => "MySQL",
        })
    }
}

/// A statement that a guest sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// The component that sent it.
    pub component: Arc<str>,
    /// To which kind of server.
    pub server: DatabaseServer,
    /// The server's address, without what it says of the user.
    pub address: Arc<str>,
    /// The hosts in it.
    hosts: Vec<String>,
    /// Its text.
    pub text: String,
    /// What it was given.
    pub parameters: Vec<ServerValue>,
    /// What came of it, as in the journal.
    pub outcome: Outcome,
}

impl Statement {
    /// Whether a pattern means the server that it was sent to: its address, its host, or its host and port.
    pub(crate) fn is_at(&self, pattern: &KeyPattern) -> bool {
        address::is_at(pattern, &self.address, &self.hosts)
    }
}

/// The answers that a scenario states, and the statements that were sent so far.
#[derive(Debug, Default)]
pub struct DatabaseServers {
    stubs: Vec<StatementStub>,
    /// Real servers, and at which addresses guests meet them: at all where none are said.
    real: Vec<(Option<KeyPattern>, RealServer)>,
    statements: Vec<Statement>,
    /// Bytes of those, and of their parameters.
    pub(in crate::sandbox) kept: Kept,
}

impl DatabaseServers {
    /// Adds answers. Of several that fit a statement the one stated last answers it.
    pub fn push(&mut self, stub: StatementStub) {
        self.stubs.push(stub);
    }

    /// Passes what no stated answer fits on to a real server, whatever the address that guests use.
    pub fn pass_on(&mut self, server: RealServer) {
        self.real.push((None, server));
    }

    /// The same of this address only: a pattern of addresses without user and password, or of `HOST` and `HOST:PORT`. Of
    /// several real servers that an address fits the one stated last is asked.
    ///
    /// # Errors
    ///
    /// An unfinished `[…]` or `{…}`.
    pub fn pass_on_at(&mut self, address: &str, server: RealServer) -> Result<(), BadKeyPattern> {
        let at = KeyPattern::new(&without_secrets(address))?;
        self.real.push((Some(at), server));
        Ok(())
    }

    /// The real server that a connection leads to. There is none but Postgres.
    fn real_for(&self, connection: &SqlConnection) -> Option<RealServer> {
        let mut fitting = self.real.iter().rev().filter(|(at, _)| {
            connection.server == DatabaseServer::Postgres
                && at.as_ref().is_none_or(|at| connection.is_at(at))
        });
        fitting.next().map(|(_, server)| server.clone())
    }

    /// Whether one statement to servers of a kind is answered differently when it comes again. Of a real server nobody knows.
    pub(crate) fn answers_in_turn(&self, server: DatabaseServer) -> bool {
        let is_real = server == DatabaseServer::Postgres && !self.real.is_empty();
        let mut stubs = self.stubs.iter().filter(|stub| stub.server() == server);
        is_real || stubs.any(StatementStub::is_in_turn)
    }

    /// What was sent to servers of a kind, in the order in which the statements ended. Those that never reached a server,
    /// since its address is not allowed, are not among them.
    pub fn statements(&self, server: DatabaseServer) -> impl Iterator<Item = &Statement> {
        let sent = self.statements.iter();
        sent.filter(move |statement| statement.server == server)
    }

    /// The next answer to a statement, if there is one.
    fn answer(
        &mut self,
        connection: &SqlConnection,
        statement: &str,
        parameters: &[ServerValue],
    ) -> Option<StatementAnswer> {
        let mut fitting = self.stubs.iter_mut().rev();
        fitting
            .find(|stub| stub.fits(connection, statement, parameters))
            .map(StatementStub::next_answer)
    }

    /// The stated statements that are most like one that none of them fits.
    fn nearest(&self, server: DatabaseServer, statement: &str) -> Vec<String> {
        let stubs = self.stubs.iter().filter(|stub| stub.server() == server);
        nearest_shown(statement, stubs.map(|stub| (stub.like(), stub.to_string())))
    }
}
