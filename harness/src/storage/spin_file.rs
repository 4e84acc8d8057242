//! Reads the file in which Spin keeps the key-value stores of `type = "spin"`, such as `.spin/sqlite_key_value.db`
//! (`crates/key-value-spin/src/store.rs`): what a person met in production can be met in a test.

use bytes::Bytes;
use rusqlite::{Connection, OpenFlags};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// How every SQLite file begins.
const HEAD: &[u8; 16] = b"SQLite format 3\0";

/// Bytes of all values that are read: a test that holds more is about something else.
const MOST_BYTES: usize = 1 << 30;

/// Why a file gives no store.
#[derive(Debug, thiserror::Error)]
pub enum SpinFileError {
    /// SQLite cannot read it.
    #[error("cannot read {} as a SQLite database: {source}", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: rusqlite::Error,
    },
    /// It is of another program.
    #[error("{} is no file of Spin's key-value stores: it has no table `spin_key_value`", path.display())]
    NoTable {
        /// The file.
        path: PathBuf,
    },
    /// It holds nothing of that store.
    #[error("{} holds nothing of the store \"{label}\"; it has {}", path.display(), listed(stores))]
    NoStore {
        /// The file.
        path: PathBuf,
        /// The store that was asked for.
        label: String,
        /// The stores that it holds something of.
        stores: Vec<String>,
    },
    /// It holds more than a test may.
    #[error("the store \"{label}\" in {} holds more than 1 GiB", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The store.
        label: String,
    },
}

fn listed(stores: &[String]) -> String {
    match stores {
        [] => "no tuples at all".to_owned(),
        stores => format!("\"{}\"", stores.join("\", \"")),
    }
}

/// Whether a file begins as SQLite's do. One that cannot be read does not.
pub fn is_database(path: &Path) -> bool {
    let mut head = [0; HEAD.len()];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok() && head == *HEAD
}

/// The tuples of one store in a file. The file is only read, and may be in use.
///
/// # Errors
///
/// See [`SpinFileError`].
pub fn read(path: &Path, label: &str) -> Result<BTreeMap<String, Bytes>, SpinFileError> {
    let failed = failed(path);
    let connection = open(path)?;
    let tuples = tuples(&connection, label).map_err(&failed)?;
    let tuples = tuples.ok_or_else(|| SpinFileError::TooLarge {
        path: path.to_owned(),
        label: label.to_owned(),
    })?;
    if tuples.is_empty() {
        return Err(SpinFileError::NoStore {
            path: path.to_owned(),
            label: label.to_owned(),
            stores: stores(&connection).map_err(failed)?,
        });
    }
    Ok(tuples)
}

/// A file with Spin's table, to be read only.
pub(super) fn open(path: &Path) -> Result<Connection, SpinFileError> {
    let failed = failed(path);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(&failed)?;
    match has_table(&connection).map_err(&failed)? {
        true => Ok(connection),
        false => Err(SpinFileError::NoTable {
            path: path.to_owned(),
        }),
    }
}

fn failed(path: &Path) -> impl Fn(rusqlite::Error) -> SpinFileError {
    |source| SpinFileError::Sqlite {
        path: path.to_owned(),
        source,
    }
}

fn has_table(connection: &Connection) -> Result<bool, rusqlite::Error> {
    let question = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'spin_key_value'";
    connection.prepare(question)?.exists([])
}

/// Nothing where there are too many bytes.
pub(super) fn tuples(
    connection: &Connection,
    label: &str,
) -> Result<Option<BTreeMap<String, Bytes>>, rusqlite::Error> {
    let mut statement =
        connection.prepare("SELECT key, value FROM spin_key_value WHERE store = ?1")?;
    let mut rows = statement.query([label])?;
    let mut tuples = BTreeMap::new();
    let mut bytes = 0_usize;
    while let Some(row) = rows.next()? {
        let key: String = row.get(0)?;
        let value = row.get_ref(1)?.as_bytes()?;
        bytes = bytes.saturating_add(key.len() + value.len());
        if bytes > MOST_BYTES {
            return Ok(None);
        }
        tuples.insert(key, Bytes::copy_from_slice(value));
    }
    Ok(Some(tuples))
}

/// The stores that a file holds something of, sorted.
fn stores(connection: &Connection) -> Result<Vec<String>, rusqlite::Error> {
    let mut statement =
        connection.prepare("SELECT DISTINCT store FROM spin_key_value ORDER BY store LIMIT 20")?;
    statement.query_map([], |row| row.get(0))?.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Spin makes it.
    const TABLE: &str = "CREATE TABLE spin_key_value (store TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, \
                         PRIMARY KEY (store, key))";

    fn file(statements: &[&str]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sqlite_key_value.db");
        let connection = Connection::open(&path).unwrap();
        for statement in statements {
            connection.execute(statement, []).unwrap();
        }
        (folder, path)
    }

    #[test]
    fn the_tuples_of_one_store_are_read() {
        let (_folder, path) = file(&[
            TABLE,
            "INSERT INTO spin_key_value VALUES ('default', 'a', x'00ff'), ('default', 'b', x''), ('cache', 'a', 'text')",
        ]);
        assert!(is_database(&path));
        let tuples = read(&path, "default").unwrap();
        let expected = [("a", &[0, 255][..]), ("b", &[])];
        let tuples: Vec<_> = tuples
            .iter()
            .map(|(key, value)| (key.as_str(), &value[..]))
            .collect();
        assert_eq!(tuples, expected);
        assert_eq!(read(&path, "cache").unwrap()["a"], "text");
    }

    #[test]
    fn a_store_that_is_not_there_names_those_that_are() {
        let (_folder, path) = file(&[
            TABLE,
            "INSERT INTO spin_key_value VALUES ('cache', 'a', x'00')",
        ]);
        let message = read(&path, "default").unwrap_err().to_string();
        assert!(
            message.ends_with("holds nothing of the store \"default\"; it has \"cache\""),
            "{message}"
        );
        let (_folder, path) = file(&[TABLE]);
        let message = read(&path, "default").unwrap_err().to_string();
        assert!(message.ends_with("it has no tuples at all"), "{message}");
    }

    #[test]
    fn other_files_and_damaged_ones_are_errors() {
        let (_folder, path) = file(&["CREATE TABLE other (x)"]);
        let message = read(&path, "default").unwrap_err().to_string();
        assert!(
            message.contains("it has no table `spin_key_value`"),
            "{message}"
        );
        let (_folder, path) = file(&[
            TABLE,
            "INSERT INTO spin_key_value VALUES ('default', x'ff', x'00')",
        ]);
        assert!(matches!(
            read(&path, "default"),
            Err(SpinFileError::Sqlite { .. })
        ));
        let (_folder, path) = file(&[
            TABLE,
            "INSERT INTO spin_key_value VALUES ('default', 'a', x'00')",
        ]);
        let mut bytes = std::fs::read(&path).unwrap();
        for place in (16..bytes.len()).step_by(7) {
            bytes[place] ^= 0x55;
        }
        std::fs::write(&path, &bytes).unwrap();
        assert!(is_database(&path));
        assert!(read(&path, "default").is_err());
        bytes.truncate(20);
        std::fs::write(&path, &bytes).unwrap();
        assert!(read(&path, "default").is_err());
        assert!(!is_database(Path::new("/nowhere")));
    }
}
