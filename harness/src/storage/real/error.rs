//! Why a real store cannot be used.

use crate::storage::spin_file::SpinFileError;
use std::path::PathBuf;

/// A text that names no real store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no real store: expected `sqlite:PATH` with the file of Spin's key-value stores (`sqlite::memory:` for none), \
     or `redis:URL`"
)]
pub struct BadRealStore(pub(super) String);

/// Why a real store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RealStoreError {
    /// No such file. Spin makes it when an app first opens a store.
    #[error(
        "there is no file {}; `spin up` keeps its stores in `.spin/sqlite_key_value.db` beside the manifest",
        .0.display()
    )]
    NoFile(PathBuf),
    /// A folder in its place.
    #[error(
        "{} is a folder; `spin up` keeps its stores in a file, `.spin/sqlite_key_value.db` beside the manifest",
        .0.display()
    )]
    Folder(PathBuf),
    /// The file is another thing.
    #[error("{} is no SQLite database", .0.display())]
    NoDatabase(PathBuf),
    /// The file is no store of Spin's, or a damaged one.
    #[error(transparent)]
    File(#[from] SpinFileError),
    /// Another program writes to it and does not end.
    #[error("{} cannot be copied: another program writes to it", .0.display())]
    Busy(PathBuf),
    /// A folder for the copy cannot be made.
    #[error("there is no place for a copy of {}: {source}", path.display())]
    NoPlace {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// SQLite fails on the copy.
    #[error("SQLite fails: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The URL is none.
    #[error("{url} is no URL of a Redis database: {source}")]
    BadUrl {
        /// The URL, without secrets.
        url: String,
        /// Why not.
        source: redis::RedisError,
    },
    /// The server does not answer.
    #[error("Redis at {url} cannot be used: {source}")]
    Redis {
        /// The URL, without secrets.
        url: String,
        /// Why not.
        source: redis::RedisError,
    },
    /// The database holds something, which scenarios would change.
    #[error(
        "the Redis database at {url} is not empty ({keys} {}): scenarios change it and remove what they wrote when they end, \
         so it must hold nothing before, and nobody else may write to it; name another (`redis://HOST/1` is the second one of a server), or empty it yourself \
         (`redis-cli -u URL FLUSHDB`)",
        if *keys == 1 { "key" } else { "keys" }
    )]
    NotEmpty {
        /// The URL, without secrets.
        url: String,
        /// How many keys it holds.
        keys: u64,
    },
    /// Another sandbox has it and does not end.
    #[error(
        "the Redis database at {url} is used by another sandbox of this process; waited {seconds} s for it"
    )]
    InUse {
        /// The URL, without secrets.
        url: String,
        /// How long it was waited for.
        seconds: u64,
    },
}
