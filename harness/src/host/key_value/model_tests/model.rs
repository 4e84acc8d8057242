//! What Spin's stores do, said a second time in as few words as possible, apart from the harness's own store.

use super::backend::{AT_ONCE, Answer, Backend, HANDLES, Operation};
use crate::app::Provider;
use std::collections::BTreeMap;

/// A compare-and-swap handle: its key, and the value and the number of changes it saw.
type Handle = (String, Option<Vec<u8>>, Option<usize>);

pub struct Model {
    is_redis: bool,
    tuples: BTreeMap<String, Vec<u8>>,
    /// The keys that were written or removed, one after the other.
    changes: Vec<String>,
    handles: [Option<Handle>; HANDLES + 1],
}

impl Model {
    pub fn new(provider: Provider) -> Self {
        Self {
            is_redis: provider == Provider::Redis,
            tuples: BTreeMap::new(),
            changes: Vec::new(),
            handles: Default::default(),
        }
    }

    fn put(&mut self, key: &str, value: Vec<u8>) {
        self.changes.push(key.to_owned());
        self.tuples.insert(key.to_owned(), value);
    }

    fn remove(&mut self, key: &str) {
        if self.tuples.remove(key).is_some() {
            self.changes.push(key.to_owned());
        }
    }

    fn changes_of(&self, key: &str) -> usize {
        self.changes
            .iter()
            .filter(|changed| *changed == key)
            .count()
    }

    /// The number in a value, as the store counts; `None` if it is none.
    fn number(&self, value: &[u8]) -> Option<i64> {
        if !self.is_redis {
            return Some(i64::from_le_bytes(value.try_into().ok()?));
        }
        let digits = value.strip_prefix(b"-").unwrap_or(value);
        let plain = digits.iter().all(u8::is_ascii_digit) && !digits.starts_with(b"0");
        (plain || value == b"0")
            .then(|| String::from_utf8_lossy(value).parse().ok())
            .flatten()
    }

    fn increment(&mut self, key: &str, delta: i64) -> Answer {
        let error = |text| {
            Answer::Error(format!(
                "An error was signalled by the server - ResponseError: {text}"
            ))
        };
        let current = match self.tuples.get(key) {
            None => 0,
            Some(value) => match self.number(value) {
                Some(number) => number,
                None => return error("value is not an integer or out of range"),
            },
        };
        let sum = i128::from(current) + i128::from(delta);
        let sum = match i64::try_from(sum) {
            Ok(sum) => sum,
            Err(_) if self.is_redis => return error("increment or decrement would overflow"),
            Err(_) => sum as i64,
        };
        let stored = match self.is_redis {
            true => sum.to_string().into_bytes(),
            false => sum.to_le_bytes().to_vec(),
        };
        self.put(key, stored);
        Answer::Number(sum)
    }

    fn get_many(&self, keys: &[String]) -> Answer {
        if !self.is_redis {
            let found = self.tuples.iter().filter(|(key, _)| keys.contains(key));
            return Answer::Tuples(
                found
                    .map(|(key, value)| (key.clone(), Some(value.clone())))
                    .collect(),
            );
        }
        match keys.len() {
            0 => Answer::Tuples(Vec::new()),
            1 if self.tuples.contains_key(&keys[0]) => Answer::Trap,
            1 => Answer::Tuples(Vec::new()),
            _ => Answer::Error(
                "An error was signalled by the server - ResponseError: \
                 wrong number of arguments for 'keys' command"
                    .to_owned(),
            ),
        }
    }

    fn current(&mut self, place: usize) -> Answer {
        let Some((key, _, watched)) = self.handles[place].take() else {
            return Answer::NoHandle;
        };
        let value = self.tuples.get(&key).cloned();
        let watched = watched.unwrap_or_else(|| self.changes_of(&key));
        self.handles[place] = Some((key, value.clone(), Some(watched)));
        Answer::Value(value)
    }

    fn swap(&mut self, place: usize, value: Vec<u8>) -> Answer {
        let Some((key, seen, watched)) = self.handles[place].take() else {
            return Answer::NoHandle;
        };
        let holds = match self.is_redis {
            true => watched.is_none_or(|watched| watched == self.changes_of(&key)),
            false => seen.is_none() || seen.as_ref() == self.tuples.get(&key),
        };
        if holds {
            self.put(&key, value);
        }
        if holds && !self.is_redis {
            return Answer::Done;
        }
        self.handles[place] = Some((key, None, None));
        self.current(place);
        Answer::CasFailed
    }

    /// A wrong swap, for the test of the test: it looks at nothing.
    pub fn swap_blindly(&mut self, place: usize, value: Vec<u8>) -> Answer {
        match self.handles[place].take() {
            None => Answer::NoHandle,
            Some((key, ..)) => {
                self.put(&key, value);
                Answer::Done
            }
        }
    }
}

impl Backend for Model {
    fn name(&self) -> &'static str {
        "model"
    }

    fn begin(&mut self) {
        self.tuples.clear();
        self.changes.clear();
        self.handles = Default::default();
    }

    fn apply(&mut self, operation: &Operation) -> Answer {
        match operation {
            Operation::Get(key) => return Answer::Value(self.tuples.get(key).cloned()),
            Operation::Set(key, value) => self.put(key, value.clone()),
            Operation::Delete(key) => self.remove(key),
            Operation::Exists(key) => return Answer::Exists(self.tuples.contains_key(key)),
            Operation::GetKeys => return Answer::Keys(self.tuples.keys().cloned().collect()),
            Operation::GetMany(keys) => return self.get_many(keys),
            Operation::SetMany(tuples) => tuples
                .iter()
                .for_each(|(key, value)| self.put(key, value.clone())),
            Operation::DeleteMany(keys) => keys.iter().for_each(|key| self.remove(key)),
            Operation::Increment(key, delta) => return self.increment(key, *delta),
            Operation::CasNew(place, key) => self.handles[*place] = Some((key.clone(), None, None)),
            Operation::CasCurrent(place) => return self.current(*place),
            Operation::Swap(place, value) => return self.swap(*place, value.clone()),
            Operation::SwapAtOnce {
                key,
                current,
                value,
            } => {
                self.handles[AT_ONCE] = Some((key.clone(), None, None));
                if *current {
                    self.current(AT_ONCE);
                }
                return self.swap(AT_ONCE, value.clone());
            }
        }
        Answer::Done
    }

    fn would_poison(&self, operation: &Operation) -> bool {
        match operation {
            Operation::Increment(key, _) if !self.is_redis => {
                self.tuples.get(key).is_some_and(|value| value.len() != 8)
            }
            _ => false,
        }
    }
}
