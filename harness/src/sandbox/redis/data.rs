//! What a Redis database holds: values of five types, which may be there for a time only.

use super::reply::Refusal;
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

/// The value of a key. Never empty but for a string: Redis has no empty collections.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Bytes.
    String(Bytes),
    /// Fields with values.
    Hash(BTreeMap<Bytes, Bytes>),
    /// Elements in order.
    List(VecDeque<Bytes>),
    /// Members, each once.
    Set(BTreeSet<Bytes>),
    /// Members with scores.
    SortedSet(BTreeMap<Bytes, f64>),
}

/// What a type of value is made of and recognised by.
pub(super) trait Kind: Default {
    fn of(value: &Value) -> Option<&Self>;
    fn of_mut(value: &mut Value) -> Option<&mut Self>;
    fn into_value(self) -> Value;
    fn is_empty(&self) -> bool;
}

macro_rules! kind {
    ($type:ty, $case:ident) => {
        impl Kind for $type {
            fn of(value: &Value) -> Option<&Self> {
                match value {
                    Value::$case(it) => Some(it),
                    _ => None,
                }
            }

            fn of_mut(value: &mut Value) -> Option<&mut Self> {
                match value {
                    Value::$case(it) => Some(it),
                    _ => None,
                }
            }

            fn into_value(self) -> Value {
                Value::$case(self)
            }

            fn is_empty(&self) -> bool {
                self.is_empty()
            }
        }
    };
}

kind!(BTreeMap<Bytes, Bytes>, Hash);
kind!(VecDeque<Bytes>, List);
kind!(BTreeSet<Bytes>, Set);
kind!(BTreeMap<Bytes, f64>, SortedSet);

impl Value {
    /// What the command TYPE calls it.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::String(_) => "string",
            Self::Hash(_) => "hash",
            Self::List(_) => "list",
            Self::Set(_) => "set",
            Self::SortedSet(_) => "zset",
        }
    }

    /// It as bytes: a string as it is, any other as JSON, members and fields in the order of their bytes. What is no
    /// UTF-8 in those is replaced.
    pub fn to_bytes(&self) -> Bytes {
        use serde_json::{Map, Value as Json};
        let text = |bytes: &Bytes| String::from_utf8_lossy(bytes).into_owned();
        let strings = |items: &mut dyn Iterator<Item = &Bytes>| -> Json {
            items.map(|item| Json::String(text(item))).collect()
        };
        let json = match self {
            Self::String(bytes) => return bytes.clone(),
            Self::List(items) => strings(&mut items.iter()),
            Self::Set(members) => strings(&mut members.iter()),
            Self::Hash(fields) => Json::Object(
                fields
                    .iter()
                    .map(|(field, value)| (text(field), Json::String(text(value))))
                    .collect(),
            ),
            Self::SortedSet(members) => {
                let mut object = Map::new();
                for (member, score) in members {
                    // Infinities are no numbers of JSON.
                    let number = serde_json::Number::from_f64(*score).map(Json::Number);
                    let infinite = || Json::String(super::number::float_text(*score));
                    object.insert(text(member), number.unwrap_or_else(infinite));
                }
                Json::Object(object)
            }
        };
        json.to_string().into()
    }
}

#[derive(Clone, Debug)]
struct Entry {
    value: Value,
    /// When it ends, in milliseconds since the Unix epoch.
    ends: Option<i64>,
}

/// One database of a server.
#[derive(Clone, Debug, Default)]
pub struct Database {
    entries: BTreeMap<Bytes, Entry>,
    /// No entry ends before this time.
    next_end: Option<i64>,
}

impl Database {
    /// Removes what has ended by `now`, in milliseconds since the Unix epoch. Redis keeps a key to the end of its last
    /// millisecond; here it goes with its beginning, so that after `EX 60` and a minute it has gone.
    pub fn expire(&mut self, now: i64) {
        if self.next_end.is_none_or(|end| end > now) {
            return;
        }
        self.entries
            .retain(|_, entry| entry.ends.is_none_or(|end| end > now));
        self.next_end = self.entries.values().filter_map(|entry| entry.ends).min();
    }

    /// The value of a key.
    pub fn get(&self, key: &[u8]) -> Option<&Value> {
        self.entries.get(key).map(|entry| &entry.value)
    }

    /// Every key with its value, in the order of their bytes.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Bytes, &Value)> {
        self.entries.iter().map(|(key, entry)| (key, &entry.value))
    }

    /// Number of keys.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Sets a key to a value that does not end.
    pub fn put(&mut self, key: Bytes, value: Value) {
        self.entries.insert(key, Entry { value, ends: None });
    }

    /// Removes a key; whether it was there.
    pub fn remove(&mut self, key: &[u8]) -> Option<Value> {
        self.entries.remove(key).map(|entry| entry.value)
    }

    /// Removes every key.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// When a key ends: `None` where there is no such key, `Some(None)` where it does not end.
    pub(super) fn end(&self, key: &[u8]) -> Option<Option<i64>> {
        self.entries.get(key).map(|entry| entry.ends)
    }

    /// How long a key will be there: `None` where there is no such key, `Some(None)` where it does not end.
    pub fn left(&self, key: &[u8], now: i64) -> Option<Option<Duration>> {
        let left = |end: i64| u64::try_from(end - now).unwrap_or_default();
        let end = self.end(key)?;
        Some(end.map(|end| Duration::from_millis(left(end))))
    }

    /// Lets a key end then, or not at all.
    pub(super) fn end_at(&mut self, key: &[u8], end: Option<i64>) {
        let Some(entry) = self.entries.get_mut(key) else {
            return;
        };
        entry.ends = end;
        if let Some(end) = end {
            self.next_end = Some(self.next_end.map_or(end, |next| next.min(end)));
        }
    }

    /// Gives a key another name, with its value and its end.
    pub(super) fn rename(&mut self, from: &[u8], to: Bytes) -> bool {
        let entry = self.entries.remove(from);
        let found = entry.is_some();
        if let Some(entry) = entry {
            self.entries.insert(to, entry);
        }
        found
    }

    /// The string at a key.
    pub(super) fn string(&self, key: &[u8]) -> Result<Option<&Bytes>, Refusal> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::String(bytes)) => Ok(Some(bytes)),
            Some(_) => Err(Refusal::wrong_type()),
        }
    }

    /// Sets a key to a string and leaves its end as it is.
    pub(super) fn replace_string(&mut self, key: &Bytes, bytes: Bytes) {
        let value = Value::String(bytes);
        match self.entries.get_mut(key) {
            Some(entry) => entry.value = value,
            None => self.put(key.clone(), value),
        }
    }

    /// The collection of one kind at a key.
    pub(super) fn of_kind<K: Kind>(&self, key: &[u8]) -> Result<Option<&K>, Refusal> {
        match self.get(key) {
            None => Ok(None),
            Some(value) => K::of(value).map(Some).ok_or_else(Refusal::wrong_type),
        }
    }

    /// Changes the collection of one kind at a key: a new one where there is none. One that is empty then is removed.
    pub(super) fn change<K: Kind, R>(
        &mut self,
        key: &Bytes,
        change: impl FnOnce(&mut K) -> Result<R, Refusal>,
    ) -> Result<R, Refusal> {
        if let Some(entry) = self.entries.get_mut(key) {
            let collection = K::of_mut(&mut entry.value).ok_or_else(Refusal::wrong_type)?;
            let result = change(collection);
            if collection.is_empty() {
                self.entries.remove(key);
            }
            return result;
        }
        let mut collection = K::default();
        let result = change(&mut collection)?;
        if !collection.is_empty() {
            self.put(key.clone(), collection.into_value());
        }
        Ok(result)
    }
}
