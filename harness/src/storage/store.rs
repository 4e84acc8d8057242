//! One key-value store: an ordered map of byte strings, and what each operation does to it.
//!
//! Behaves as the store of `spin up` does for its provider: SQLite for `spin` (`crates/key-value-spin/src/store.rs` in
//! Spin), and Redis where the two differ (`crates/key-value-redis`).

mod providers;

use super::history::{History, Past};
use super::{Error, Reply, Request};
use crate::app::Provider;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::mem::size_of;
use std::time::Duration;

/// Most bytes that Spin hands a guest in one result (`MAX_HOST_BUFFERED_BYTES` in Spin's `crates/world`): 128 MiB.
pub const MAX_RESULT_BYTES: usize = 128 << 20;

/// The tuples of one store, in the order of their keys' bytes.
#[derive(Clone, Debug, Default)]
pub struct Store {
    provider: Provider,
    tuples: BTreeMap<String, Bytes>,
    /// Set by what makes Spin's SQLite store panic while it holds its lock.
    poisoned: bool,
    /// What the last writes replaced; nothing of what was put in past the gate.
    history: History,
    /// Virtual time of the call under way.
    now: Duration,
    consistency: Consistency,
    /// How often each key was written or removed: what `WATCH` of Redis goes by. Kept for that provider only.
    changes: BTreeMap<String, u64>,
}

/// What reads of a store see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Consistency {
    /// Every write before them.
    #[default]
    Strong,
    /// Every write, though its provider does not promise it.
    Lenient,
    /// Sometimes not the last write.
    Eventual,
}

/// Stores are equal that hold the same; how they came to it makes no difference.
impl PartialEq for Store {
    fn eq(&self, other: &Self) -> bool {
        (self.provider, self.poisoned) == (other.provider, other.poisoned)
            && self.tuples == other.tuples
    }
}

impl Eq for Store {}

/// A call that ends the instance instead of returning: Spin's own host panics there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Abort(pub String);

impl Store {
    /// An empty store that behaves as this provider's.
    pub fn new(provider: Provider) -> Self {
        Self {
            provider,
            ..Self::default()
        }
    }

    /// The same store, whose provider does not promise that a read sees the last write.
    #[must_use]
    pub fn without_consistent_reads(mut self) -> Self {
        self.consistency = Consistency::Lenient;
        self
    }

    /// From here on reads sometimes miss the last write; `false` where the provider promises that they don't.
    pub fn read_eventually(&mut self) -> bool {
        let may = self.consistency != Consistency::Strong;
        if may {
            self.consistency = Consistency::Eventual;
        }
        may
    }

    /// Whether its reads sometimes miss the last write.
    pub fn is_eventually_consistent(&self) -> bool {
        self.consistency == Consistency::Eventual
    }

    /// Which provider's behaviour it has.
    pub fn provider(&self) -> Provider {
        self.provider
    }

    /// Number of tuples.
    pub fn len(&self) -> usize {
        self.tuples.len()
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.tuples.is_empty()
    }

    /// Whether it holds this key.
    pub fn contains(&self, key: &str) -> bool {
        self.tuples.contains_key(key)
    }

    /// The value of a key.
    pub fn value(&self, key: &str) -> Option<&Bytes> {
        self.tuples.get(key)
    }

    /// Every tuple in byte order of its key.
    pub fn tuples(&self) -> impl ExactSizeIterator<Item = (&str, &Bytes)> {
        self.tuples.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// Stores a tuple without going through the gate: what a Given step does. No stale read sees what was there before.
    pub fn put(&mut self, key: impl Into<String>, value: impl Into<Bytes>) {
        let key = key.into();
        self.history.forget(&key);
        self.note_change(&key);
        self.tuples.insert(key, value.into());
    }

    fn note_change(&mut self, key: &str) {
        if self.provider == Provider::Redis {
            *self.changes.entry(key.to_owned()).or_default() += 1;
        }
    }

    /// What a compare-and-swap handle remembers of a key when it first reads it, where its provider compares changes and
    /// not values.
    pub fn watch(&self, key: &str) -> Option<u64> {
        (self.provider == Provider::Redis).then(|| self.changes.get(key).copied().unwrap_or(0))
    }

    /// Removes every tuple. No stale read sees what was there before.
    pub fn clear(&mut self) {
        self.history = History::default();
        for key in std::mem::take(&mut self.tuples).into_keys() {
            self.note_change(&key);
        }
    }

    /// Bytes of all keys and values.
    pub fn bytes(&self) -> usize {
        let sizes = self.tuples.iter();
        sizes.map(|(key, value)| key.len() + value.len()).sum()
    }

    /// Says what time it is, for the history of the calls that follow.
    pub(crate) fn set_time(&mut self, now: Duration) {
        self.now = now;
    }

    /// Takes the last write of a guest back, as if it had never reached the store.
    pub(crate) fn undo(&mut self) {
        for (key, before) in self.history.pop() {
            if (before.is_some() || self.tuples.contains_key(&key))
                && let Some(changes) = self.changes.get_mut(&key)
            {
                *changes -= 1;
            }
            match before {
                Some(value) => self.tuples.insert(key, value),
                None => self.tuples.remove(&key),
            };
        }
    }

    /// Whether a guest's write to what `request` reads is recent enough to be missed by a read of the past.
    pub(crate) fn hides_a_write(&self, request: &Request, past: Past) -> bool {
        self.history.hides(request, past)
    }

    /// Carries out a read on the store as it was.
    ///
    /// # Errors
    ///
    /// As [`Store::apply`].
    pub(crate) fn apply_in(
        &self,
        past: Past,
        request: &Request,
    ) -> Result<Result<Reply, Error>, Abort> {
        let tuples = match request {
            Request::GetKeys => self.history.all(&self.tuples, past),
            _ => {
                let keys = request.keys();
                let values = keys.iter().filter_map(|key| {
                    let value = self.history.value(key, self.tuples.get(*key), past)?;
                    Some(((*key).to_owned(), value))
                });
                values.collect()
            }
        };
        let mut view = Self {
            provider: self.provider,
            poisoned: self.poisoned,
            tuples,
            ..Self::default()
        };
        view.apply(request)
    }

    /// Changes a value that was just written, past the history.
    pub(crate) fn damage(&mut self, key: &str, damage: impl FnOnce(&Bytes) -> Bytes) {
        if let Some(value) = self.tuples.get_mut(key) {
            *value = damage(value);
        }
    }

    fn write(&mut self, key: &str, value: Option<Bytes>) -> (String, Option<Bytes>) {
        let is_set = value.is_some();
        let before = match value {
            Some(value) => self.tuples.insert(key.to_owned(), value),
            None => self.tuples.remove(key),
        };
        if is_set || before.is_some() {
            self.note_change(key);
        }
        (key.to_owned(), before)
    }

    /// Writes tuples (or removes them) and remembers what was there.
    fn write_all<'k>(&mut self, writes: impl Iterator<Item = (&'k str, Option<Bytes>)>) {
        let before = writes.map(|(key, value)| self.write(key, value)).collect();
        self.history.push(self.now, before);
    }

    /// Carries out a request.
    ///
    /// # Errors
    ///
    /// The inner error is what the guest sees; the outer one ends its instance.
    pub fn apply(&mut self, request: &Request) -> Result<Result<Reply, Error>, Abort> {
        if self.poisoned && providers::takes_the_lock(request) {
            return Err(Abort(
                "the store's lock is poisoned by an earlier panic of the host, as in Spin's SQLite store".to_owned(),
            ));
        }
        Ok(match request {
            Request::Open | Request::CasNew { .. } => Ok(Reply::Done),
            Request::Get { key } | Request::CasCurrent { key, .. } => {
                within_result_limit(Reply::Value(self.tuples.get(key).cloned()))
            }
            Request::Set { key, value } => {
                self.write_all([(key.as_str(), Some(value.clone()))].into_iter());
                Ok(Reply::Done)
            }
            Request::Delete { key } => {
                self.write_all([(key.as_str(), None)].into_iter());
                Ok(Reply::Done)
            }
            Request::Exists { key } => Ok(Reply::Exists(self.contains(key))),
            Request::GetKeys => {
                within_result_limit(Reply::Keys(self.tuples.keys().cloned().collect()))
            }
            Request::GetMany { keys } => return self.get_many(keys),
            Request::SetMany { tuples } => {
                let writes = tuples.iter();
                self.write_all(writes.map(|(key, value)| (key.as_str(), Some(value.clone()))));
                Ok(Reply::Done)
            }
            Request::DeleteMany { keys } => {
                self.write_all(keys.iter().map(|key| (key.as_str(), None)));
                Ok(Reply::Done)
            }
            Request::Increment { key, delta } => return self.increment(key, *delta),
            Request::Swap {
                key,
                watched,
                value,
                ..
            } if self.provider == Provider::Redis => {
                if watched.is_none_or(|watched| self.watch(key) == Some(watched)) {
                    self.write_all([(key.as_str(), Some(value.clone()))].into_iter());
                }
                // Spin then sends `UNWATCH` with the key, which Redis refuses; Spin takes that for a lost race.
                Err(Error::CasFailed)
            }
            Request::Swap {
                key, seen, value, ..
            } => match (seen, self.tuples.get(key)) {
                (Some(seen), current) if current != Some(seen) => Err(Error::CasFailed),
                // Without a value that was seen, Spin's SQLite store overwrites whatever is there by then.
                _ => {
                    self.write_all([(key.as_str(), Some(value.clone()))].into_iter());
                    Ok(Reply::Done)
                }
            },
        })
    }
}

/// A reply as far as it is no larger than what Spin hands to a guest. The sizes are those of Spin's own types.
pub(super) fn within_result_limit(reply: Reply) -> Result<Reply, Error> {
    let bytes = match &reply {
        Reply::Value(value) => size_of::<Option<Vec<u8>>>() + value.as_ref().map_or(0, Bytes::len),
        Reply::Keys(keys) => {
            let keys = keys.iter().map(|key| size_of::<String>() + key.len());
            size_of::<Vec<String>>() + keys.sum::<usize>()
        }
        Reply::Tuples(tuples) => {
            let row = size_of::<(String, Option<Vec<u8>>)>();
            let rows = tuples
                .iter()
                .map(|(key, value)| row + key.len() + value.as_ref().map_or(0, Bytes::len));
            size_of::<Vec<String>>() + rows.sum::<usize>()
        }
        Reply::Done | Reply::Exists(_) | Reply::Number(_) | Reply::Torn(..) => 0,
    };
    if bytes > MAX_RESULT_BYTES {
        return Err(Error::Other(format!(
            "query result exceeds limit of {MAX_RESULT_BYTES} bytes"
        )));
    }
    Ok(reply)
}

#[cfg(test)]
mod tests;
