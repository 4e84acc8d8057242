//! One connection to a scenario's database: what a statement gives, and what it costs.

use super::vfs;
use crate::sandbox::journal::Changes;
use crate::sandbox::random::{Purpose, Seed};
use rusqlite::backup::StepResult;
use rusqlite::functions::FunctionFlags;
use rusqlite::hooks::{AuthAction, Authorization};
use rusqlite::limits::Limit;
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A value as SQLite has it.
pub use rusqlite::types::Value as SqlValue;

/// How many steps of SQLite's machine go by between two looks at what may still be spent.
const STEPS: i32 = 1_000;
/// Fuel that so many steps cost: both are about 10 µs of compute.
const FUEL_OF_STEPS: u64 = 80_000;
/// The longest text or blob, in bytes. SQLite's own bound is 1 GB, which a loop of statements could fill memory with.
const LONGEST: i32 = 256 << 20;
/// Bytes that the rows of a streamed result may have in all.
const MOST_STREAMED: usize = 1 << 30;

// What a result costs of Spin's bound on it: sizes of Spin's own types on a 64-bit machine (`crates/world/src/lib.rs`).
const BYTES_OF_A_RESULT: usize = 48;
const BYTES_OF_A_VALUE: usize = 32;
/// The most that a result may be (`MAX_HOST_BUFFERED_BYTES`).
const MOST: usize = 128 << 20;

thread_local! {
    /// Fuel that the statement under way may still cost.
    static FUEL: Cell<u64> = const { Cell::new(0) };
    /// Whether SQLite would have waited for another connection.
    static WOULD_WAIT: Cell<bool> = const { Cell::new(false) };
}

/// What a statement gives.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The rows, a value for each column.
    pub rows: Vec<Vec<SqlValue>>,
}

impl Rows {
    /// Bytes that go to the guest.
    pub(super) fn size(&self) -> usize {
        self.rows.iter().flatten().map(bytes_of).sum()
    }
}

/// Bytes of what a value holds.
pub(super) fn bytes_of(value: &SqlValue) -> usize {
    match value {
        Value::Null => 0,
        Value::Integer(_) | Value::Real(_) => 8,
        Value::Text(text) => text.len(),
        Value::Blob(bytes) => bytes.len(),
    }
}

/// How a statement ended.
#[derive(Debug)]
pub(super) enum Ran {
    Done(Rows),
    /// With SQLite's message, and the rows that came before it.
    Failed(String, Rows),
    /// Another connection holds the database; SQLite waits for it before it gives up with this message.
    Busy(String),
    /// It cost more than was left.
    OutOfFuel,
}

/// A connection, as several handles and the scenario itself can hold it.
#[derive(Clone, Debug)]
pub(crate) struct SqliteConnection {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug)]
struct Inner {
    connection: Connection,
    /// Whether a text that is no UTF-8 was read: Spin's connection answers nothing more after it.
    broken: bool,
}

impl SqliteConnection {
    /// Connects to the database of this name, in memory.
    ///
    /// # Errors
    ///
    /// SQLite is out of memory.
    pub fn open(name: &str, seed: Seed, drawn: &Arc<AtomicU64>) -> rusqlite::Result<Self> {
        let flags = OpenFlags::default();
        let connection = Connection::open_with_flags_and_vfs(name, flags, vfs::name()?)?;
        connection.busy_handler(Some(|_| {
            WOULD_WAIT.set(true);
            false
        }))?;
        connection.progress_handler(
            STEPS,
            Some(|| {
                let left = FUEL.get();
                FUEL.set(left.saturating_sub(FUEL_OF_STEPS));
                left < FUEL_OF_STEPS
            }),
        );
        // As Spin does it: only new databases may be attached (`crates/sqlite-inproc/src/lib.rs`).
        connection.authorizer(Some(
            |context: rusqlite::hooks::AuthContext<'_>| match context.action {
                AuthAction::Attach { filename } if !matches!(filename, "" | ":memory:") => {
                    Authorization::Deny
                }
                _ => Authorization::Allow,
            },
        ));
        connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST)?;
        random_by_seed(&connection, seed, drawn)?;
        let broken = false;
        Ok(Self {
            inner: Arc::new(Mutex::new(Inner { connection, broken })),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a statement changes if it takes effect. One that SQLite cannot read yet, perhaps since its table is made
    /// before its turn comes, is judged by its first word.
    pub fn changes_by(&self, statement: &str) -> Changes {
        let word = first_word(statement);
        let by_word = match word.as_str() {
            "insert" | "update" | "delete" | "replace" | "create" | "drop" | "alter" | "commit"
            | "end" => Changes::Undoably,
            "rollback" | "release" | "vacuum" | "reindex" | "analyze" => Changes::ForGood,
            _ => Changes::Nothing,
        };
        match word.as_str() {
            // To SQLite, what ends a transaction is no write.
            "commit" | "end" | "rollback" | "release" => return by_word,
            // Some take effect when they are read, which is not to happen before its turn.
            "pragma" => {
                return match statement.contains('=') {
                    true => Changes::ForGood,
                    false => Changes::Nothing,
                };
            }
            _ => {}
        }
        let inner = self.lock();
        // Reading a schema may take steps.
        FUEL.set(u64::MAX);
        match inner.connection.prepare_cached(statement) {
            Err(_) => by_word,
            Ok(read) if read.readonly() || read.is_explain() != 0 => Changes::Nothing,
            // It is an insert, update or delete then.
            Ok(_) if word == "with" => Changes::Undoably,
            Ok(_) if by_word.any() => by_word,
            Ok(_) => Changes::ForGood,
        }
    }

    /// Runs a statement at a time, since the Unix epoch, with so much fuel, and gives what is left of it. `lost` undoes
    /// what it does. A streamed result is bound by its rows, another one by all of it.
    pub(super) fn run(
        &self,
        statement: &str,
        parameters: &[SqlValue],
        lost: bool,
        streamed: bool,
        (now, fuel): (Duration, u64),
    ) -> (Ran, u64) {
        let mut inner = self.lock();
        vfs::set_time(now);
        FUEL.set(fuel);
        WOULD_WAIT.set(false);
        let ran = match lost {
            false => inner.run(statement, parameters, streamed),
            true => inner.run_and_undo(statement, parameters, streamed),
        };
        (ran, FUEL.get())
    }

    /// Runs several statements, for a Given step.
    ///
    /// # Errors
    ///
    /// What SQLite says.
    pub fn run_all(&self, statements: &str, now: Duration) -> rusqlite::Result<()> {
        vfs::set_time(now);
        FUEL.set(u64::MAX);
        self.lock().connection.execute_batch(statements)
    }

    /// How many rows the last INSERT, UPDATE or DELETE changed. It passes no gate, since Spin's call cannot fail, and what it
    /// gives is this connection's own.
    pub fn changes(&self) -> u64 {
        self.lock().connection.changes()
    }

    /// The row id of the last INSERT; it passes no gate either.
    pub fn last_insert_rowid(&self) -> i64 {
        self.lock().connection.last_insert_rowid()
    }

    /// Copies all of another database into this one.
    ///
    /// # Errors
    ///
    /// What SQLite says, or that another connection holds one of the two.
    pub fn copy_from(&self, other: &Connection) -> rusqlite::Result<()> {
        let mut inner = self.lock();
        FUEL.set(u64::MAX);
        let backup = rusqlite::backup::Backup::new(other, &mut inner.connection)?;
        let code = match backup.step(-1)? {
            StepResult::Done => None,
            StepResult::Locked => Some(rusqlite::ffi::SQLITE_LOCKED),
            _ => Some(rusqlite::ffi::SQLITE_BUSY),
        };
        if let Some(code) = code {
            let code = rusqlite::ffi::Error::new(code);
            return Err(rusqlite::Error::SqliteFailure(code, None));
        }
        drop(backup);
        let look = "select count(*) from sqlite_schema";
        inner.connection.query_row(look, [], |_| Ok(()))
    }
}

impl Inner {
    fn run(&mut self, statement: &str, parameters: &[SqlValue], streamed: bool) -> Ran {
        if self.broken {
            return Ran::Failed(BROKEN.to_owned(), Rows::default());
        }
        let mut found = Rows::default();
        let ended = fill(
            &self.connection,
            statement,
            parameters,
            streamed,
            &mut found,
        );
        let message = match ended {
            Ok(()) => return Ran::Done(found),
            Err(Stop::Sqlite(error)) => match error.sqlite_error_code() {
                Some(ErrorCode::OperationInterrupted) => return Ran::OutOfFuel,
                Some(ErrorCode::DatabaseBusy) if WOULD_WAIT.get() => {
                    return Ran::Busy(error.to_string());
                }
                _ => error.to_string(),
            },
            Err(Stop::TooLarge(most)) => format!("query result exceeds limit of {most} bytes"),
            Err(Stop::NoText) => {
                self.broken = true;
                BROKEN.to_owned()
            }
        };
        Ran::Failed(message, found)
    }

    /// The same, with nothing left of it. What ends a transaction takes all of it back.
    fn run_and_undo(&mut self, statement: &str, parameters: &[SqlValue], streamed: bool) -> Ran {
        if ["commit", "end"].contains(&first_word(statement).as_str()) {
            return self.run("rollback", &[], streamed);
        }
        if let Err(error) = self.connection.execute_batch("savepoint spin_harness_lost") {
            return Ran::Failed(error.to_string(), Rows::default());
        }
        let ran = self.run(statement, parameters, streamed);
        // A statement that failed may have ended the savepoint; then there is nothing to undo.
        let _ = self
            .connection
            .execute_batch("rollback to spin_harness_lost; release spin_harness_lost");
        ran
    }
}

/// What Spin says where it could not read a text: its thread panicked (`crates/sqlite-inproc/src/lib.rs`).
const BROKEN: &str = "internal runtime error";

/// Why a statement gives no more rows.
enum Stop {
    Sqlite(rusqlite::Error),
    TooLarge(usize),
    NoText,
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

fn fill(
    connection: &Connection,
    statement: &str,
    parameters: &[SqlValue],
    streamed: bool,
    found: &mut Rows,
) -> Result<(), Stop> {
    let mut statement = connection.prepare_cached(statement)?;
    let columns = statement.column_names().into_iter().map(str::to_owned);
    found.columns = columns.collect();
    let width = found.columns.len();
    let mut rows = statement.query(rusqlite::params_from_iter(parameters))?;
    let (mut all, mut bytes) = (0, BYTES_OF_A_RESULT);
    while let Some(row) = rows.next()? {
        let mut values = Vec::with_capacity(width);
        let mut of_row = 0;
        for column in 0..width {
            let value = match row.get_ref(column)? {
                ValueRef::Text(text) => match std::str::from_utf8(text) {
                    Ok(text) => Value::Text(text.to_owned()),
                    Err(_) => return Err(Stop::NoText),
                },
                ValueRef::Null => Value::Null,
                ValueRef::Integer(number) => Value::Integer(number),
                ValueRef::Real(number) => Value::Real(number),
                ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
            };
            let held = match &value {
                Value::Text(_) | Value::Blob(_) => bytes_of(&value),
                _ => 0,
            };
            of_row += BYTES_OF_A_VALUE + held;
            values.push(value);
        }
        all += of_row;
        bytes += of_row;
        let (counted, most) = match streamed {
            true if all > MOST_STREAMED => (all, MOST_STREAMED),
            true => (of_row, MOST),
            false => (bytes, MOST),
        };
        if counted > most {
            return Err(Stop::TooLarge(most));
        }
        found.rows.push(values);
    }
    Ok(())
}

/// The first word of a statement, in lower case. Comments may stand before it, which do not nest in SQLite.
fn first_word(statement: &str) -> String {
    let mut rest = statement;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ';');
        rest = if let Some(comment) = rest.strip_prefix("--") {
            comment.split_once('\n').map_or("", |(_, after)| after)
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.split_once("*/").map_or("", |(_, after)| after)
        } else {
            break;
        };
    }
    let word = rest.split(|c: char| !c.is_alphabetic());
    word.into_iter().next().unwrap_or_default().to_lowercase()
}

/// Has what SQL draws at random follow from the scenario's seed.
fn random_by_seed(
    connection: &Connection,
    seed: Seed,
    drawn: &Arc<AtomicU64>,
) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8;
    let count = Arc::clone(drawn);
    connection.create_scalar_function("random", 0, flags, move |_| {
        let number = count.fetch_add(1, Ordering::Relaxed);
        Ok(seed.number(Purpose::Sql, number).cast_signed())
    })?;
    let count = Arc::clone(drawn);
    connection.create_scalar_function("randomblob", 1, flags, move |context| {
        // As SQLite has it: less than one byte is one.
        let length = context.get_raw(0).as_i64().unwrap_or(0).max(1);
        if length > i64::from(LONGEST) {
            let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_TOOBIG);
            return Err(rusqlite::Error::SqliteFailure(code, None));
        }
        let mut bytes = vec![0; usize::try_from(length).unwrap_or(1)];
        for chunk in bytes.chunks_mut(8) {
            let number = count.fetch_add(1, Ordering::Relaxed);
            let drawn = seed.number(Purpose::Sql, number).to_le_bytes();
            chunk.copy_from_slice(&drawn[..chunk.len()]);
        }
        Ok(bytes)
    })
}

#[cfg(test)]
mod tests;
