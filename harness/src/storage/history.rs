//! What the last writes of guests replaced: for reads that are stale, and for writes that are lost.

use super::Request;
use bytes::Bytes;
use smallvec::SmallVec;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// Bytes of replaced keys and values that are kept; what is older is forgotten.
const MOST_BYTES: usize = 16 << 20;

/// Writes that are kept.
const MOST_WRITES: usize = 10_000;

/// What a key had before a write.
pub(super) type Before = (String, Option<Bytes>);

/// The writes of guests, newest last, each with what it replaced.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    writes: VecDeque<Write>,
    bytes: usize,
}

#[derive(Clone, Debug)]
struct Write {
    time: Duration,
    before: SmallVec<[Before; 1]>,
}

/// How a read of the past sees the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Past {
    /// As it was before this many of the last writes to what is read.
    Writes(u64),
    /// As it was at this virtual time.
    At(Duration),
}

impl Write {
    fn bytes(&self) -> usize {
        let sizes = self.before.iter();
        sizes
            .map(|(key, value)| key.len() + value.as_ref().map_or(0, Bytes::len) + 64)
            .sum()
    }

    /// What a key had before: of several writes of one batch to it the first counts.
    fn before(&self, key: &str) -> Option<&Option<Bytes>> {
        let mut before = self.before.iter();
        before
            .find(|(other, _)| other == key)
            .map(|(_, value)| value)
    }
}

impl History {
    /// Notes a write.
    pub fn push(&mut self, time: Duration, before: SmallVec<[Before; 1]>) {
        if before.is_empty() {
            return;
        }
        let write = Write { time, before };
        self.bytes += write.bytes();
        self.writes.push_back(write);
        // The last write stays, however large: it may have to be taken back.
        while self.writes.len() > 1 && (self.bytes > MOST_BYTES || self.writes.len() > MOST_WRITES)
        {
            if let Some(oldest) = self.writes.pop_front() {
                self.bytes -= oldest.bytes();
            }
        }
    }

    /// Forgets the last write; gives what it replaced, what was replaced last first.
    pub fn pop(&mut self) -> impl Iterator<Item = Before> {
        let write = self.writes.pop_back();
        self.bytes -= write.as_ref().map_or(0, Write::bytes);
        write
            .into_iter()
            .flat_map(|write| write.before.into_iter().rev())
    }

    /// Forgets what was ever written to a key: it was stored anew, past the guests.
    pub fn forget(&mut self, key: &str) {
        self.writes.retain_mut(|write| {
            let bytes = write.bytes();
            write.before.retain(|(other, _)| other != key);
            self.bytes -= bytes - write.bytes();
            !write.before.is_empty()
        });
    }

    /// The writes that a read of the past does not see, newest first. `touches` says which of them are counted.
    fn hidden(&self, past: Past, touches: impl Fn(&Write) -> bool) -> impl Iterator<Item = &Write> {
        let most = match past {
            Past::Writes(writes) => usize::try_from(writes).unwrap_or(usize::MAX),
            Past::At(_) => usize::MAX,
        };
        let newest_first = self.writes.iter().rev();
        newest_first
            .take_while(move |write| match past {
                Past::Writes(_) => true,
                Past::At(time) => write.time > time,
            })
            .filter(move |write| touches(write))
            .take(most)
    }

    /// Whether a read of the past misses some write.
    pub fn hides(&self, request: &Request, past: Past) -> bool {
        let keys = request.keys();
        let touches = |write: &Write| {
            matches!(request, Request::GetKeys)
                || keys.iter().any(|key| write.before(key).is_some())
        };
        self.hidden(past, touches).next().is_some()
    }

    /// The value of a key as it was.
    pub fn value(&self, key: &str, now: Option<&Bytes>, past: Past) -> Option<Bytes> {
        let hidden = self.hidden(past, |write| write.before(key).is_some());
        match hidden.last().and_then(|oldest| oldest.before(key)) {
            Some(before) => before.clone(),
            None => now.cloned(),
        }
    }

    /// All tuples as they were.
    pub fn all(&self, now: &BTreeMap<String, Bytes>, past: Past) -> BTreeMap<String, Bytes> {
        let mut tuples = now.clone();
        for write in self.hidden(past, |_| true) {
            for (key, before) in write.before.iter().rev() {
                match before {
                    Some(value) => tuples.insert(key.clone(), value.clone()),
                    None => tuples.remove(key),
                };
            }
        }
        tuples
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Reply, Store};
    use super::*;

    fn set(store: &mut Store, second: u64, key: &str, value: &'static str) {
        store.set_time(Duration::from_secs(second));
        let (key, value) = (key.to_owned(), Bytes::from(value));
        store.apply(&Request::Set { key, value }).unwrap().unwrap();
    }

    fn get(store: &Store, past: Past, key: &str) -> Option<String> {
        let request = Request::Get {
            key: key.to_owned(),
        };
        match store.apply_in(past, &request).unwrap().unwrap() {
            Reply::Value(value) => value.map(|value| String::from_utf8(value.to_vec()).unwrap()),
            other => panic!("{other:?}"),
        }
    }

    fn keys(store: &Store, past: Past) -> Vec<String> {
        match store.apply_in(past, &Request::GetKeys).unwrap().unwrap() {
            Reply::Keys(keys) => keys,
            other => panic!("{other:?}"),
        }
    }

    fn written() -> Store {
        let mut store = Store::default();
        store.put("a", "given");
        set(&mut store, 1, "a", "first");
        set(&mut store, 2, "b", "other");
        set(&mut store, 3, "a", "second");
        store
    }

    #[test]
    fn a_stale_read_counts_the_writes_to_its_own_key() {
        let store = written();
        let a = |writes| get(&store, Past::Writes(writes), "a").unwrap();
        assert_eq!([a(1), a(2), a(9)], ["first", "given", "given"]);
        assert_eq!(get(&store, Past::Writes(1), "b"), None);
        assert_eq!(get(&store, Past::Writes(1), "c"), None);
    }

    #[test]
    fn a_read_of_a_time_sees_what_was_written_by_then() {
        let store = written();
        let at = |millis| get(&store, Past::At(Duration::from_millis(millis)), "a").unwrap();
        assert_eq!(
            [at(0), at(999), at(1_000), at(2_999), at(3_000)],
            ["given", "given", "first", "first", "second"]
        );
    }

    #[test]
    fn a_stale_listing_lacks_the_last_keys() {
        let mut store = written();
        assert_eq!(keys(&store, Past::Writes(1)), ["a", "b"]);
        assert_eq!(keys(&store, Past::Writes(2)), ["a"]);
        let key = "a".to_owned();
        store.apply(&Request::Delete { key }).unwrap().unwrap();
        assert_eq!(keys(&store, Past::Writes(0)), ["b"]);
        assert_eq!(keys(&store, Past::Writes(1)), ["a", "b"]);
    }

    #[test]
    fn only_writes_to_what_is_read_are_hidden() {
        let store = written();
        let hides = |key: &str, past| {
            let key = key.to_owned();
            store.hides_a_write(&Request::Get { key }, past)
        };
        assert!(hides("a", Past::Writes(1)));
        assert!(!hides("c", Past::Writes(1)));
        assert!(hides("a", Past::At(Duration::from_secs(2))));
        assert!(!hides("a", Past::At(Duration::from_secs(3))));
        assert!(store.hides_a_write(&Request::GetKeys, Past::Writes(1)));
    }

    #[test]
    fn a_batch_is_taken_back_whole_even_with_one_key_twice() {
        let mut store = written();
        let before = store.clone();
        let tuples = [("a", "x"), ("c", "y"), ("a", "z")]
            .map(|(key, value)| (key.to_owned(), Bytes::from(value)));
        let batch = Request::SetMany {
            tuples: tuples.to_vec(),
        };
        store.apply(&batch).unwrap().unwrap();
        assert_eq!(get(&store, Past::Writes(1), "a").unwrap(), "second");
        assert_ne!(store, before);
        store.undo();
        assert_eq!(store, before);
    }

    #[test]
    fn what_is_stored_past_the_guests_is_never_older() {
        let mut store = written();
        store.put("a", "anew");
        assert_eq!(get(&store, Past::Writes(9), "a").unwrap(), "anew");
        assert_eq!(get(&store, Past::Writes(1), "b"), None);
        set(&mut store, 4, "a", "third");
        assert_eq!(get(&store, Past::Writes(9), "a").unwrap(), "anew");
        store.clear();
        store.put("c", "given");
        assert_eq!(keys(&store, Past::Writes(9)), ["c"]);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut store = Store::default();
        for _ in 0..40 {
            let value = Bytes::from(vec![b'x'; 1 << 20]);
            let key = "k".to_owned();
            store.apply(&Request::Set { key, value }).unwrap().unwrap();
        }
        // A history without bound would find the state before the first write, in which there is no such key.
        assert!(get(&store, Past::Writes(40), "k").is_some());
    }
}
