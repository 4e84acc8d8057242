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
        if keeper.changes_by(statement).any() {
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
        let image = image(path).map_err(unreadable)?;
        let keeper = self.keeper(label, seed)?;
        keeper.copy_from(&image).map_err(unreadable)
    }

    fn keeper(&mut self, label: &str, seed: Seed) -> Result<&SqliteConnection, DatabaseError> {
        let database = self.database(label, seed);
        let database = database.map_err(|error| said(label, error))?;
        Ok(&database.keeper)
    }
}

/// A database file in memory, with what its write-ahead log holds.
fn image(path: &Path) -> rusqlite::Result<rusqlite::Connection> {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let file = rusqlite::Connection::open_with_flags(path, flags)?;
    let pages: i64 = file.query_row("pragma page_count", [], |row| row.get(0))?;
    let mut image = rusqlite::Connection::open_in_memory()?;
    if pages == 0 {
        return Ok(image);
    }
    let mut bytes = file.serialize(rusqlite::DatabaseName::Main)?.to_vec();
    // The two versions of the file format, of which 2 is a write-ahead log: memory has none.
    if let Some(versions) = bytes.get_mut(18..20) {
        versions.fill(1);
    }
    let length = bytes.len();
    let main = rusqlite::DatabaseName::Main;
    image.deserialize_read_exact(main, &bytes[..], length, true)?;
    Ok(image)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_with_a_write_ahead_log_is_loaded_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("wal.db");
        let writer = rusqlite::Connection::open(&path).unwrap();
        writer
            .execute_batch(
                "pragma journal_mode = wal; create table t (x); insert into t values (7)",
            )
            .unwrap();
        let mut databases = Databases::default();
        let at = Duration::ZERO;
        // Still open, so that the row is in the log alone.
        databases.load("default", &path, Seed(1)).unwrap();
        let rows = databases.query("default", "select x from t", Seed(1), at);
        assert_eq!(rows.unwrap().rows, [[SqlValue::Integer(7)]]);
        let written = databases.run("default", "insert into t values (8)", Seed(1), at);
        assert!(written.is_ok(), "{written:?}");
    }

    #[test]
    fn an_empty_file_is_an_empty_database_and_another_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let mut databases = Databases::default();
        let (empty, other) = (dir.path().join("empty.db"), dir.path().join("other.db"));
        std::fs::write(&empty, "").unwrap();
        std::fs::write(
            &other,
            "no database at all, but long enough for its header".repeat(9),
        )
        .unwrap();
        databases.load("default", &empty, Seed(1)).unwrap();
        let error = databases.load("default", &other, Seed(1)).unwrap_err();
        assert!(
            error.to_string().contains("file is not a database"),
            "{error}"
        );
    }

    #[test]
    fn a_database_that_someone_holds_is_not_half_loaded() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("some.db");
        let writer = rusqlite::Connection::open(&path).unwrap();
        writer.execute_batch("create table t (x)").unwrap();
        let mut databases = Databases::default();
        let guest = databases.connect("default", Seed(1)).unwrap();
        guest
            .run_all(
                "create table u (x); begin immediate; insert into u values (1)",
                Duration::ZERO,
            )
            .unwrap();
        let error = databases.load("default", &path, Seed(1)).unwrap_err();
        assert!(error.to_string().contains("locked"), "{error}");
    }
}
