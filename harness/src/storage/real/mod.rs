//! Real stores: what Spin itself would ask, asked for each call of a guest beside the store in the process, so that the
//! one is checked by the other and a file of production can be met in a test.

mod error;
mod in_use;
mod redis;
mod sqlite;

pub use error::{BadRealStore, RealStoreError};
pub(crate) use redis::RealRedis;
pub(crate) use sqlite::RealSqlite;

use super::{Abort, Error, Reply, Request};
use crate::app::Provider;
use crate::value::without_secrets;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// SQLite's own name for a database that no file holds.
const IN_MEMORY: &str = ":memory:";

/// Which real store stands behind a label: `sqlite:PATH`, `sqlite::memory:` or `redis:URL`.
///
/// The store in the process then behaves as that one's provider, whatever the runtime config says of the label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RealStore {
    /// The file of Spin's own key-value stores, of which each scenario gets a copy.
    Sqlite(PathBuf),
    /// Spin's SQLite store without a file: empty at first.
    InMemory,
    /// A Redis database, by its URL. It must be empty when a scenario begins; what was written is removed when it ends. One
    /// process at a time may use it.
    Redis(String),
}

/// What a real store answered: as [`Store::apply`](super::Store::apply) has it, an outer error is a panic of Spin's host.
pub(crate) type Answered = Result<Result<Reply, Error>, Abort>;

/// A real store that is open.
pub(crate) trait Backend: Send {
    /// Asks what Spin asks for a request. Where it cannot be asked at all, that is an answer too: Spin hands the text of the
    /// error to the guest.
    fn ask(&mut self, request: &Request) -> Answered;

    /// Everything it holds of its label.
    fn tuples(&mut self) -> Result<BTreeMap<String, Bytes>, RealStoreError>;

    /// Stores a value, or removes the key: what a Given step does.
    fn put(&mut self, key: &str, value: Option<&Bytes>) -> Result<(), RealStoreError>;

    /// Which database it is, where labels may share one.
    fn identity(&self) -> Option<&str> {
        None
    }

    /// A compare-and-swap handle is no more.
    fn forget(&mut self, _handle: u64) {}
}

impl RealStore {
    /// Whose behaviour it has.
    pub fn provider(&self) -> Provider {
        match self {
            Self::Sqlite(_) | Self::InMemory => Provider::Spin,
            Self::Redis(_) => Provider::Redis,
        }
    }

    /// Whether scenarios change the very thing, so that only one may run at a time. Of a file each has a copy.
    pub fn is_shared(&self) -> bool {
        matches!(self, Self::Redis(_))
    }

    /// The same, with a relative path starting from a folder.
    #[must_use]
    pub fn seen_from(self, folder: &Path) -> Self {
        match self {
            Self::Sqlite(path) => Self::Sqlite(folder.join(path)),
            other => other,
        }
    }

    /// Whether it is there and can be used. Changes nothing.
    ///
    /// # Errors
    ///
    /// No such file, no file of Spin's; a server that cannot be reached, a database that is not empty.
    pub fn check(&self) -> Result<(), RealStoreError> {
        match self {
            Self::Sqlite(path) => RealSqlite::check(path),
            Self::InMemory => Ok(()),
            Self::Redis(url) => RealRedis::check(url),
        }
    }

    /// Which database it is, however it is written, where labels may share one.
    ///
    /// # Errors
    ///
    /// The server cannot be reached.
    pub(crate) fn identity(&self) -> Result<Option<String>, RealStoreError> {
        match self {
            Self::Sqlite(_) | Self::InMemory => Ok(None),
            Self::Redis(url) => RealRedis::identity_of(url).map(Some),
        }
    }

    /// Opens it for a scenario, as the store of a label.
    ///
    /// # Errors
    ///
    /// As [`RealStore::check`]; and a copy that cannot be made.
    pub(crate) fn open(&self, label: &str) -> Result<Box<dyn Backend>, RealStoreError> {
        Ok(match self {
            Self::Sqlite(path) => Box::new(RealSqlite::copy_of(path, label)?),
            Self::InMemory => Box::new(RealSqlite::in_memory(label)?),
            Self::Redis(url) => Box::new(RealRedis::open(url)?),
        })
    }
}

/// As it is written, without the password of a URL.
impl fmt::Display for RealStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::InMemory => write!(f, "sqlite:{IN_MEMORY}"),
            Self::Redis(url) => f.write_str(&without_secrets(url)),
        }
    }
}

impl FromStr for RealStore {
    type Err = BadRealStore;

    fn from_str(text: &str) -> Result<Self, BadRealStore> {
        match text.split_once(':') {
            Some(("sqlite", IN_MEMORY)) => Ok(Self::InMemory),
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(path.into())),
            // Both `redis:redis://localhost` and the URL alone.
            Some(("redis", rest)) if rest.starts_with("//") => Ok(Self::Redis(text.to_owned())),
            Some(("redis", url)) if !url.is_empty() => Ok(Self::Redis(url.to_owned())),
            _ => Err(BadRealStore(without_secrets(text))),
        }
    }
}

/// Whether Spin answers a request without its store: an empty batch, and what only makes a handle.
fn needs_no_store(request: &Request) -> Option<Reply> {
    match request {
        Request::Open | Request::CasNew { .. } => Some(Reply::Done),
        Request::GetMany { keys } if keys.is_empty() => Some(Reply::Tuples(Vec::new())),
        Request::SetMany { tuples } if tuples.is_empty() => Some(Reply::Done),
        Request::DeleteMany { keys } if keys.is_empty() => Some(Reply::Done),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_real_store_is_written_as_its_kind_and_its_place() {
        let parsed = |text: &str| text.parse::<RealStore>();
        assert_eq!(
            parsed("sqlite:.spin/sqlite_key_value.db"),
            Ok(RealStore::Sqlite(".spin/sqlite_key_value.db".into()))
        );
        assert_eq!(parsed("sqlite::memory:"), Ok(RealStore::InMemory));
        let redis = RealStore::Redis("redis://:secret@localhost/1".to_owned());
        assert_eq!(
            parsed("redis:redis://:secret@localhost/1"),
            Ok(redis.clone())
        );
        assert_eq!(parsed("redis://:secret@localhost/1"), Ok(redis.clone()));
        assert_eq!(redis.to_string(), "redis://localhost/1");
        for text in ["", "sqlite", "sqlite:", "redis:", "postgres://localhost"] {
            let message = parsed(text).unwrap_err().to_string();
            assert!(message.contains("`sqlite:PATH`"), "{text}: {message}");
        }
        let message = parsed("mysql://user:secret@host").unwrap_err().to_string();
        assert!(!message.contains("secret"), "{message}");
    }

    #[test]
    fn only_a_path_starts_from_a_folder() {
        let from = |text: &str| {
            let store: RealStore = text.parse().unwrap();
            store.seen_from(Path::new("/app")).to_string()
        };
        assert_eq!(from("sqlite:a.db"), "sqlite:/app/a.db");
        assert_eq!(from("sqlite:/b.db"), "sqlite:/b.db");
        assert_eq!(from("sqlite::memory:"), "sqlite::memory:");
        assert_eq!(from("redis://localhost"), "redis://localhost");
    }
}
