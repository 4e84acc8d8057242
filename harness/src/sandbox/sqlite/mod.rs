//! SQLite: a real one, in memory, a database for each label, made when it is first used and dropped with the scenario.

mod call;
mod connection;
mod vfs;

pub use connection::{Rows, SqlValue};

pub(crate) use call::{Executed as SqliteExecuted, SqliteHandle, Statement as SqliteStatement};
pub(crate) use connection::SqliteConnection;

use super::random::Seed;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The databases of a scenario.
#[derive(Debug, Default)]
pub(crate) struct Databases {
    by_label: BTreeMap<String, Database>,
    /// How often SQL drew a number.
    drawn: Arc<AtomicU64>,
}

/// A database that was used.
#[derive(Debug)]
struct Database {
    /// What SQLite calls it: no other scenario of the process has one of that name.
    name: String,
    /// Keeps it while no guest is connected.
    keeper: SqliteConnection,
}

/// Why a database cannot be used as a step wants.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// SQLite says so.
    #[error("the SQLite database \"{label}\" says: {error}")]
    Sqlite {
        /// Its label.
        label: String,
        /// SQLite's message.
        error: rusqlite::Error,
    },
    /// The statement changes something.
    #[error("`{statement}` is no query: a Then step only looks at the database \"{label}\"")]
    NoQuery {
        /// The database's label.
        label: String,
        /// The statement.
        statement: String,
    },
    /// It went on for too long.
    #[error("the statement took more steps than a scenario may spend")]
    Endless,
    /// The file cannot be read.
    #[error("{path} cannot be read as a SQLite database: {error}")]
    File {
        /// The file.
        path: String,
        /// What SQLite says.
        error: rusqlite::Error,
    },
}

impl Databases {
    /// A new connection to the database of a label.
    fn connect(&mut self, label: &str, seed: Seed) -> rusqlite::Result<SqliteConnection> {
        let database = self.database(label, seed)?;
        let name = database.name.clone();
        SqliteConnection::open(&name, seed, &self.drawn)
    }

    /// A connection to a database that no other connection shares.
    fn connect_alone(&self, seed: Seed) -> rusqlite::Result<SqliteConnection> {
        SqliteConnection::open(&unused_name(), seed, &self.drawn)
    }

    fn database(&mut self, label: &str, seed: Seed) -> rusqlite::Result<&Database> {
        if !self.by_label.contains_key(label) {
            let name = unused_name();
            let keeper = SqliteConnection::open(&name, seed, &self.drawn)?;
            let database = Database { name, keeper };
            self.by_label.insert(label.to_owned(), database);
        }
        Ok(&self.by_label[label])
    }

    /// Runs statements on a database, past the gate.
    ///
    /// # Errors
    ///
    /// What SQLite says.
    pub fn run(
        &mut self,
        label: &str,
        statements: &str,
        seed: Seed,
        now: Duration,
    ) -> Result<(), DatabaseError> {
        let keeper = self.keeper(label, seed)?;
        keeper
            .run_all(statements, now)
            .map_err(|error| said(label, error))
    }

    /// Asks a database, past the gate.
    ///
    /// # Errors
    ///
    /// What SQLite says, or that the statement is no query.
    pub fn query(
        &mut self,
        label: &str,
        statement: &str,
        seed: Seed,
        now: Duration,
    ) -> Result<Rows, DatabaseError> {
        let keeper = self.keeper(label, seed)?;
        if keeper.writes(statement) {
            return Err(DatabaseError::NoQuery {
                label: label.to_owned(),
                statement: statement.to_owned(),
            });
        }
        /// About as much as a request may spend.
        const FUEL: u64 = 40_000_000_000;
        let (ran, _) = keeper.run(statement, &[], false, false, (now, FUEL));
        match ran {
            connection::Ran::Done(rows) => Ok(rows),
            connection::Ran::OutOfFuel => Err(DatabaseError::Endless),
            connection::Ran::Failed(message, _) | connection::Ran::Busy(message) => {
                let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_ERROR);
                let error = rusqlite::Error::SqliteFailure(code, Some(message));
                Err(said(label, error))
            }
        }
    }

    /// Fills a database from a SQLite file, such as Spin's own `.spin/sqlite_db.db`.
    ///
    /// # Errors
    ///
    /// The file is none.
    pub fn load(&mut self, label: &str, path: &Path, seed: Seed) -> Result<(), DatabaseError> {
        let unreadable = |error| DatabaseError::File {
            path: path.display().to_string(),
            error,
        };
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        let file = rusqlite::Connection::open_with_flags(path, flags).map_err(unreadable)?;
        let keeper = self.keeper(label, seed)?;
        keeper.copy_from(&file).map_err(unreadable)
    }

    fn keeper(&mut self, label: &str, seed: Seed) -> Result<&SqliteConnection, DatabaseError> {
        let database = self.database(label, seed);
        let database = database.map_err(|error| said(label, error))?;
        Ok(&database.keeper)
    }
}

fn said(label: &str, error: rusqlite::Error) -> DatabaseError {
    DatabaseError::Sqlite {
        label: label.to_owned(),
        error,
    }
}

/// A name that no database of this process has had.
fn unused_name() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("/spin-harness-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}
