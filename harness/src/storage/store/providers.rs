//! Where the stores of Spin's providers differ: batches of reads, increments, and what a panic of the host leaves behind.

use super::{Abort, Store, within_result_limit};
use crate::app::Provider;
use crate::storage::{Error, Reply, Request};
use bytes::Bytes;

impl Store {
    /// SQLite answers with the rows that exist, in key order, each once; Azure and AWS give what exists too, their order is
    /// not documented. For Redis see [`redis_get_many`](Self::redis_get_many).
    pub(super) fn get_many(&self, keys: &[String]) -> Result<Result<Reply, Error>, Abort> {
        if self.provider == Provider::Redis {
            return self.redis_get_many(keys);
        }
        let mut wanted: Vec<&String> = keys.iter().collect();
        wanted.sort_unstable();
        wanted.dedup();
        let tuples: Vec<_> = wanted
            .into_iter()
            .filter_map(|key| Some((key.clone(), Some(self.tuples.get(key)?.clone()))))
            .collect();
        Ok(within_result_limit(Reply::Tuples(tuples)))
    }

    /// Spin asks Redis with `KEYS key…` where `MGET` would do. `KEYS` takes one pattern, so several keys are an error; of
    /// one key it gives the names that fit, and Spin panics where it takes them for pairs of key and value.
    fn redis_get_many(&self, keys: &[String]) -> Result<Result<Reply, Error>, Abort> {
        match keys {
            [] => Ok(Ok(Reply::Tuples(Vec::new()))),
            [key] if !self.contains(key) => Ok(Ok(Reply::Tuples(Vec::new()))),
            [key] => Err(Abort(format!(
                "get-many of a key that exists (`{key}`): Spin's Redis store panics on it, \
                 since it asks Redis for names and takes them for tuples; use `get`"
            ))),
            _ => Ok(Err(
                self.refused("wrong number of arguments for 'keys' command")
            )),
        }
    }

    /// The error of a server, for Redis in the words in which Spin hands it to the guest.
    fn refused(&self, text: &str) -> Error {
        Error::Other(match self.provider {
            Provider::Redis => {
                format!("An error was signalled by the server - ResponseError: {text}")
            }
            _ => text.to_owned(),
        })
    }

    /// SQLite keeps eight little-endian bytes, the others a decimal number.
    pub(super) fn increment(
        &mut self,
        key: &str,
        delta: i64,
    ) -> Result<Result<Reply, Error>, Abort> {
        let stored = self.tuples.get(key);
        let (number, bytes) = if self.provider != Provider::Spin {
            let Some(current) = stored.map_or(Some(0), |value| decimal(value)) else {
                return Ok(Err(self.refused("value is not an integer or out of range")));
            };
            let Some(sum) = current.checked_add(delta) else {
                return Ok(Err(self.refused("increment or decrement would overflow")));
            };
            (sum, Bytes::from(sum.to_string()))
        } else {
            let Some(current) = stored.map_or(Some(0), |value| {
                Some(i64::from_le_bytes(value.as_ref().try_into().ok()?))
            }) else {
                self.poisoned = true;
                return Err(Abort(format!(
                    "increment of a value that is not eight bytes long (key `{key}`): \
                     Spin's SQLite store panics on it, and on every later call"
                )));
            };
            let sum = current.wrapping_add(delta);
            (sum, Bytes::copy_from_slice(&sum.to_le_bytes()))
        };
        self.write_all([(key, Some(bytes))].into_iter());
        Ok(Ok(Reply::Number(number)))
    }
}

/// Whether Spin's SQLite store takes the lock of its connection for this. Spin answers empty batches without it.
pub(super) fn takes_the_lock(request: &Request) -> bool {
    match request {
        Request::Open | Request::CasNew { .. } => false,
        Request::GetMany { keys } | Request::DeleteMany { keys } => !keys.is_empty(),
        Request::SetMany { tuples } => !tuples.is_empty(),
        _ => true,
    }
}

/// A number as Redis reads it: as it would write it, so neither `+5` nor `007`.
fn decimal(value: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(value).ok()?;
    let number = text.parse::<i64>().ok()?;
    (number.to_string() == text).then_some(number)
}
