//! SQLite with the table and the statements of Spin's store for `type = "spin"` (`crates/key-value-spin/src/store.rs`).

use super::{Answered, Backend, IN_MEMORY, RealStoreError, needs_no_store};
use crate::storage::spin_file::{self, SpinFileError};
use crate::storage::store::within_result_limit;
use crate::storage::{Abort, Error, Reply, Request};
use bytes::Bytes;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::types::Value;
use rusqlite::{Connection, Result, params};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use tempfile::TempDir;

const TABLE: &str = "CREATE TABLE IF NOT EXISTS spin_key_value (
    store TEXT NOT NULL,
    key TEXT NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (store, key))";
const SELECT: &str = "SELECT value FROM spin_key_value WHERE store = ?1 AND key = ?2";
const UPSERT: &str = "INSERT INTO spin_key_value (store, key, value) VALUES (?1, ?2, ?3) \
    ON CONFLICT (store, key) DO UPDATE SET value = ?3";
const DELETE: &str = "DELETE FROM spin_key_value WHERE store = ?1 AND key = ?2";
const SELECT_KEYS: &str = "SELECT key FROM spin_key_value WHERE store = ?1";
const SELECT_MANY: &str =
    "SELECT key, value FROM spin_key_value WHERE store = ?1 AND key IN rarray(?2)";
const DELETE_MANY: &str = "DELETE FROM spin_key_value WHERE store = ?1 AND key IN rarray(?2)";
const SWAP: &str =
    "UPDATE spin_key_value SET value = ?4 WHERE store = ?1 AND key = ?2 AND value = ?3";

/// Spin's SQLite store of one label.
pub(crate) struct RealSqlite {
    connection: Connection,
    label: String,
    /// Spin panicked while it held the lock of its connection: whatever takes that lock panics too.
    poisoned: bool,
    /// The user's file, and where its copy lies; that is gone when the scenario ends.
    copied: Option<(PathBuf, TempDir)>,
}

/// A panic of Spin's.
struct Panics(String);

/// How an operation ends.
enum Ends {
    Fails(rusqlite::Error),
    Panics(String),
}

impl From<rusqlite::Error> for Ends {
    fn from(error: rusqlite::Error) -> Self {
        Self::Fails(error)
    }
}

impl From<Panics> for Ends {
    fn from(Panics(why): Panics) -> Self {
        Self::Panics(why)
    }
}

impl RealSqlite {
    /// Whether a file is one of Spin's.
    pub fn check(path: &Path) -> std::result::Result<(), RealStoreError> {
        original(path).map(drop)
    }

    /// A copy of a file, of which nothing but the copy changes. The file may be in use.
    pub fn copy_of(path: &Path, label: &str) -> std::result::Result<Self, RealStoreError> {
        let original = original(path)?;
        let folder = tempfile::tempdir().map_err(|source| RealStoreError::NoPlace {
            path: path.to_owned(),
            source,
        })?;
        let mut copy = Connection::open(folder.path().join("sqlite_key_value.db"))?;
        match Backup::new(&original, &mut copy)?.step(-1)? {
            StepResult::Done => {}
            _ => return Err(RealStoreError::Busy(path.to_owned())),
        }
        // Nobody needs the copy after a crash, and waiting for the disk would take most of the time.
        copy.pragma_update(None, "synchronous", "OFF")?;
        Self::of(copy, label, Some((path.to_owned(), folder)))
    }

    /// A store that no file holds.
    pub fn in_memory(label: &str) -> std::result::Result<Self, RealStoreError> {
        Self::of(Connection::open_in_memory()?, label, None)
    }

    fn of(
        connection: Connection,
        label: &str,
        copied: Option<(PathBuf, TempDir)>,
    ) -> std::result::Result<Self, RealStoreError> {
        connection.execute(TABLE, [])?;
        rusqlite::vtab::array::load_module(&connection)?;
        Ok(Self {
            connection,
            label: label.to_owned(),
            poisoned: false,
            copied,
        })
    }

    /// The connection, as whoever has Spin's lock of it.
    fn lock(&mut self) -> std::result::Result<&mut Connection, Panics> {
        match self.poisoned {
            true => Err(Panics("the lock of its connection is poisoned".to_owned())),
            false => Ok(&mut self.connection),
        }
    }

    fn get(&mut self, key: &str) -> std::result::Result<Option<Vec<u8>>, Ends> {
        let label = self.label.clone();
        Ok(value_of(self.lock()?, &label, key)?)
    }

    fn increment(&mut self, key: &str, delta: i64) -> std::result::Result<i64, Ends> {
        let label = self.label.clone();
        let transaction = self.lock()?.transaction()?;
        let current = match value_of(&transaction, &label, key)? {
            None => 0,
            Some(value) => match value.try_into() {
                Ok(bytes) => i64::from_le_bytes(bytes),
                Err(value) => {
                    drop(transaction);
                    self.poisoned = true;
                    let why = format!(
                        "increment of a value that is {} bytes long, not 8",
                        value.len()
                    );
                    return Err(Ends::Panics(why));
                }
            },
        };
        // Spin is built without overflow checks.
        let sum = current.wrapping_add(delta);
        put(&transaction, &label, key, &sum.to_le_bytes())?;
        transaction.commit()?;
        Ok(sum)
    }

    fn call(&mut self, request: &Request) -> std::result::Result<Result<Reply, Error>, Ends> {
        let label = self.label.clone();
        let reply = match request {
            Request::Get { key } | Request::CasCurrent { key, .. } => {
                return Ok(within_result_limit(Reply::Value(
                    self.get(key)?.map(Bytes::from),
                )));
            }
            // In Spin a `get` whose value is thrown away.
            Request::Exists { key } => Reply::Exists(self.get(key)?.is_some()),
            Request::GetKeys => {
                let connection = self.lock()?;
                let mut statement = connection.prepare_cached(SELECT_KEYS)?;
                let keys = statement.query_map([label], |row| row.get(0))?;
                return Ok(within_result_limit(Reply::Keys(
                    keys.collect::<Result<_>>()?,
                )));
            }
            Request::GetMany { keys } => {
                let connection = self.lock()?;
                let mut statement = connection.prepare_cached(SELECT_MANY)?;
                let rows = statement.query_map(params![label, array(keys)], |row| {
                    let value: Option<Vec<u8>> = row.get(1)?;
                    Ok((row.get(0)?, value.map(Bytes::from)))
                })?;
                return Ok(within_result_limit(Reply::Tuples(
                    rows.collect::<Result<_>>()?,
                )));
            }
            Request::Set { key, value } => {
                put(self.lock()?, &label, key, value)?;
                Reply::Done
            }
            Request::SetMany { tuples } => {
                let transaction = self.lock()?.transaction()?;
                for (key, value) in tuples {
                    put(&transaction, &label, key, value)?;
                }
                transaction.commit()?;
                Reply::Done
            }
            Request::Delete { key } => {
                remove(self.lock()?, &label, key)?;
                Reply::Done
            }
            Request::DeleteMany { keys } => {
                let connection = self.lock()?;
                let mut statement = connection.prepare_cached(DELETE_MANY)?;
                statement.execute(params![label, array(keys)])?;
                Reply::Done
            }
            Request::Increment { key, delta } => Reply::Number(self.increment(key, *delta)?),
            Request::Swap {
                key, seen, value, ..
            } => {
                let connection = self.lock()?;
                let rows = match seen {
                    None => put(connection, &label, key, value)?,
                    Some(seen) => {
                        let mut statement = connection.prepare_cached(SWAP)?;
                        statement.execute(params![label, key, &seen[..], &value[..]])?
                    }
                };
                match rows {
                    1 => Reply::Done,
                    _ => return Ok(Err(Error::CasFailed)),
                }
            }
            // Answered before they come here.
            Request::Open | Request::CasNew { .. } => Reply::Done,
        };
        Ok(Ok(reply))
    }
}

impl Backend for RealSqlite {
    fn ask(&mut self, request: &Request) -> Answered {
        if let Some(reply) = needs_no_store(request) {
            return Ok(Ok(reply));
        }
        match self.call(request) {
            Ok(answer) => Ok(answer),
            // Spin hands errors to the guest as they print for debugging.
            Err(Ends::Fails(error)) => Ok(Err(Error::Other(format!("{error:?}")))),
            Err(Ends::Panics(why)) => Err(Abort(why)),
        }
    }

    fn tuples(&mut self) -> std::result::Result<BTreeMap<String, Bytes>, RealStoreError> {
        let path = || match &self.copied {
            Some((path, _)) => path.clone(),
            None => PathBuf::from(IN_MEMORY),
        };
        match spin_file::tuples(&self.connection, &self.label) {
            Ok(Some(tuples)) => Ok(tuples),
            Ok(None) => Err(SpinFileError::TooLarge {
                path: path(),
                label: self.label.clone(),
            }
            .into()),
            Err(source) => Err(SpinFileError::Sqlite {
                path: path(),
                source,
            }
            .into()),
        }
    }

    fn put(&mut self, key: &str, value: Option<&Bytes>) -> std::result::Result<(), RealStoreError> {
        match value {
            Some(value) => put(&self.connection, &self.label, key, value)?,
            None => remove(&self.connection, &self.label, key)?,
        };
        Ok(())
    }
}

/// A file of Spin's, to read from.
fn original(path: &Path) -> std::result::Result<Connection, RealStoreError> {
    if path.is_dir() {
        return Err(RealStoreError::Folder(path.to_owned()));
    }
    if !path.is_file() {
        return Err(RealStoreError::NoFile(path.to_owned()));
    }
    if !spin_file::is_database(path) {
        return Err(RealStoreError::NoDatabase(path.to_owned()));
    }
    Ok(spin_file::open(path)?)
}

fn value_of(connection: &Connection, label: &str, key: &str) -> Result<Option<Vec<u8>>> {
    let mut statement = connection.prepare_cached(SELECT)?;
    let mut rows = statement.query_map([label, key], |row| row.get(0))?;
    rows.next().transpose()
}

fn put(connection: &Connection, label: &str, key: &str, value: &[u8]) -> Result<usize> {
    let mut statement = connection.prepare_cached(UPSERT)?;
    statement.execute(params![label, key, value])
}

fn remove(connection: &Connection, label: &str, key: &str) -> Result<usize> {
    connection.prepare_cached(DELETE)?.execute([label, key])
}

fn array(keys: &[String]) -> Rc<Vec<Value>> {
    Rc::new(keys.iter().cloned().map(Value::from).collect())
}
