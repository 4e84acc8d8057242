//! SQLite with the table and the statements of Spin's store for `type = "spin"` (`crates/key-value-spin/src/store.rs`).

use super::backend::{AT_ONCE, Answer, Backend, HANDLES, Operation};
use rusqlite::types::Value;
use rusqlite::{Connection, Result, params};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Mutex;

/// The label; Spin keeps every store of a file in one table.
const STORE: &str = "default";

const TABLE: &str = "CREATE TABLE spin_key_value (
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

/// A compare-and-swap handle: its key and the value it saw.
type Handle = (String, Option<Vec<u8>>);

pub struct Sqlite {
    /// Behind a lock that a panic poisons, as in Spin.
    connection: Mutex<Connection>,
    handles: [Option<Handle>; HANDLES + 1],
}

impl Sqlite {
    pub fn new() -> Self {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute(TABLE, []).unwrap();
        rusqlite::vtab::array::load_module(&connection).unwrap();
        // A neighbour in the same table that no operation may see or change.
        let neighbour = params!["cache", "a", b"not yours".as_slice()];
        connection.execute(UPSERT, neighbour).unwrap();
        Self {
            connection: Mutex::new(connection),
            handles: Default::default(),
        }
    }

    fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        value_of(&self.connection.lock().unwrap(), key)
    }

    fn set(&self, key: &str, value: &[u8]) -> Result<usize> {
        put(&self.connection.lock().unwrap(), key, value)
    }

    fn keys(&self) -> Result<Vec<String>> {
        let connection = self.connection.lock().unwrap();
        let mut statement = connection.prepare_cached(SELECT_KEYS)?;
        statement.query_map([STORE], |row| row.get(0))?.collect()
    }

    fn get_many(&self, keys: &[String]) -> Result<Vec<(String, Option<Vec<u8>>)>> {
        let connection = self.connection.lock().unwrap();
        let mut statement = connection.prepare_cached(SELECT_MANY)?;
        let rows = statement.query_map(params![STORE, array(keys)], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        rows.collect()
    }

    fn set_many(&self, tuples: &[(String, Vec<u8>)]) -> Result<()> {
        let mut connection = self.connection.lock().unwrap();
        let transaction = connection.transaction()?;
        for (key, value) in tuples {
            put(&transaction, key, value)?;
        }
        transaction.commit()
    }

    fn increment(&self, key: &str, delta: i64) -> Result<i64> {
        let mut connection = self.connection.lock().unwrap();
        let transaction = connection.transaction()?;
        let current = value_of(&transaction, key)?.map_or(0, |value| {
            // Spin panics here too, with the lock in its hand.
            i64::from_le_bytes(value.try_into().expect("another length"))
        });
        // Spin is built without overflow checks.
        let sum = current.wrapping_add(delta);
        put(&transaction, key, &sum.to_le_bytes())?;
        transaction.commit()?;
        Ok(sum)
    }

    fn current(&mut self, place: usize) -> Result<Answer> {
        let Some((key, _)) = self.handles[place].clone() else {
            return Ok(Answer::NoHandle);
        };
        let found = self.get(&key)?;
        self.handles[place] = Some((key, found.clone()));
        Ok(Answer::Value(found))
    }

    fn swap(&mut self, place: usize, value: &[u8]) -> Result<Answer> {
        let Some((key, seen)) = self.handles[place].take() else {
            return Ok(Answer::NoHandle);
        };
        let rows = match seen {
            None => self.set(&key, value)?,
            Some(seen) => {
                let connection = self.connection.lock().unwrap();
                let mut statement = connection.prepare_cached(SWAP)?;
                statement.execute(params![STORE, key, seen, value])?
            }
        };
        if rows == 1 {
            return Ok(Answer::Done);
        }
        // Spin makes a new handle and reads its value before the guest gets it.
        self.handles[place] = Some((key, None));
        self.current(place)?;
        Ok(Answer::CasFailed)
    }

    fn call(&mut self, operation: &Operation) -> Result<Answer> {
        Ok(match operation {
            // Spin answers an empty batch without its store.
            Operation::GetMany(keys) if keys.is_empty() => Answer::Tuples(Vec::new()),
            Operation::SetMany(tuples) if tuples.is_empty() => Answer::Done,
            Operation::DeleteMany(keys) if keys.is_empty() => Answer::Done,
            Operation::Get(key) => Answer::Value(self.get(key)?),
            Operation::Set(key, value) => {
                self.set(key, value)?;
                Answer::Done
            }
            Operation::Delete(key) => {
                let connection = self.connection.lock().unwrap();
                connection.prepare_cached(DELETE)?.execute([STORE, key])?;
                Answer::Done
            }
            // In Spin a `get` whose value is thrown away.
            Operation::Exists(key) => Answer::Exists(self.get(key)?.is_some()),
            Operation::GetKeys => Answer::Keys(self.keys()?),
            Operation::GetMany(keys) => Answer::Tuples(self.get_many(keys)?),
            Operation::SetMany(tuples) => {
                self.set_many(tuples)?;
                Answer::Done
            }
            Operation::DeleteMany(keys) => {
                let connection = self.connection.lock().unwrap();
                let mut statement = connection.prepare_cached(DELETE_MANY)?;
                statement.execute(params![STORE, array(keys)])?;
                Answer::Done
            }
            Operation::Increment(key, delta) => Answer::Number(self.increment(key, *delta)?),
            Operation::CasNew(place, key) => {
                self.handles[*place] = Some((key.clone(), None));
                Answer::Done
            }
            Operation::CasCurrent(place) => self.current(*place)?,
            Operation::Swap(place, value) => self.swap(*place, value)?,
            Operation::SwapAtOnce {
                key,
                current,
                value,
            } => {
                self.handles[AT_ONCE] = Some((key.clone(), None));
                if *current {
                    self.current(AT_ONCE)?;
                }
                self.swap(AT_ONCE, value)?
            }
        })
    }
}

fn value_of(connection: &Connection, key: &str) -> Result<Option<Vec<u8>>> {
    let mut statement = connection.prepare_cached(SELECT)?;
    let mut rows = statement.query_map([STORE, key], |row| row.get(0))?;
    rows.next().transpose()
}

fn put(connection: &Connection, key: &str, value: &[u8]) -> Result<usize> {
    let mut statement = connection.prepare_cached(UPSERT)?;
    statement.execute(params![STORE, key, value])
}

fn array(keys: &[String]) -> Rc<Vec<Value>> {
    Rc::new(keys.iter().cloned().map(Value::from).collect())
}

impl Backend for Sqlite {
    fn name(&self) -> &'static str {
        "SQLite"
    }

    fn begin(&mut self) {
        let connection = self.connection.lock().unwrap();
        let emptied = connection.execute("DELETE FROM spin_key_value WHERE store = ?1", [STORE]);
        emptied.unwrap();
        let left = connection.query_row("SELECT key, value FROM spin_key_value", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        });
        assert_eq!(left, Ok(("a".to_owned(), b"not yours".to_vec())));
        drop(connection);
        self.handles = Default::default();
    }

    fn apply(&mut self, operation: &Operation) -> Answer {
        match catch_unwind(AssertUnwindSafe(|| self.call(operation))) {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => Answer::Error(format!("{error:?}")),
            Err(_) => Answer::Trap,
        }
    }
}
