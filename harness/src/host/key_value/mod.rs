//! Key-value for guests: four interfaces, a module each, over one gate.

#[cfg(test)]
mod model_tests;
mod unversioned;
mod v2;
mod v3;
mod wasi;

#[cfg(test)]
pub(crate) use model_tests::RedisServer;

use crate::sandbox::OpenStore;
use crate::storage::{Error, Reply};
use bytes::Bytes;

/// A compare-and-swap handle of wasi:keyvalue.
#[derive(Clone, Debug)]
pub(crate) struct CasHandle {
    pub store: OpenStore,
    pub key: String,
    /// Which of the handles of the scenario.
    pub number: u64,
    /// What `current` last found.
    pub seen: Option<Bytes>,
    /// How often the key had changed when `current` first read it, where the store goes by that.
    pub watched: Option<u64>,
}

/// The answer of a call that gives nothing back.
fn done(outcome: Result<Reply, Error>) -> Result<(), Error> {
    outcome.map(|_| ())
}

/// The answer of a call that gives a value.
fn value(outcome: Result<Reply, Error>) -> Result<Option<Vec<u8>>, Error> {
    outcome.map(|reply| match reply {
        Reply::Value(value) => value.map(Vec::from),
        _ => None,
    })
}

/// The answer of `exists`.
fn truth(outcome: Result<Reply, Error>) -> Result<bool, Error> {
    outcome.map(|reply| matches!(reply, Reply::Exists(true)))
}

/// The answer of a listing.
fn keys(outcome: Result<Reply, Error>) -> Result<Vec<String>, Error> {
    outcome.map(|reply| match reply {
        Reply::Keys(keys) => keys,
        _ => Vec::new(),
    })
}
