//! The operations of the comparison, as a guest's arrive at a real store.

use super::backend::{AT_ONCE, Answer, HANDLES, Operation};
use crate::storage::real::Backend;
use crate::storage::{Error, Reply, Request};
use bytes::Bytes;

/// The compare-and-swap handles of a guest.
#[derive(Default)]
pub struct Handles {
    places: [Option<Handle>; HANDLES + 1],
    made: u64,
}

/// A handle: its key, its number, and the value it saw.
#[derive(Clone)]
struct Handle {
    key: String,
    number: u64,
    seen: Option<Bytes>,
}

impl Handles {
    /// Puts a new handle in a place.
    fn renew(&mut self, store: &mut impl Backend, place: usize, key: &str) -> u64 {
        self.made += 1;
        let handle = Handle {
            key: key.to_owned(),
            number: self.made,
            seen: None,
        };
        if let Some(old) = self.places[place].replace(handle) {
            store.forget(old.number);
        }
        self.made
    }

    fn current(&mut self, store: &mut impl Backend, place: usize) -> Answer {
        let Some(handle) = &mut self.places[place] else {
            return Answer::NoHandle;
        };
        let request = Request::CasCurrent {
            key: handle.key.clone(),
            handle: handle.number,
        };
        let answered = store.ask(&request);
        if let Ok(Ok(Reply::Value(found))) = &answered {
            handle.seen.clone_from(found);
        }
        told(answered)
    }

    fn swap(&mut self, store: &mut impl Backend, place: usize, value: &[u8]) -> Answer {
        let Some(handle) = self.places[place].take() else {
            return Answer::NoHandle;
        };
        let request = Request::Swap {
            key: handle.key.clone(),
            handle: handle.number,
            seen: handle.seen,
            watched: None,
            value: Bytes::copy_from_slice(value),
        };
        let answer = told(store.ask(&request));
        if answer == Answer::CasFailed {
            // Spin makes a new handle and reads its value before the guest gets it.
            self.renew(store, place, &handle.key);
            self.current(store, place);
        }
        answer
    }
}

/// What a real store answers.
pub fn answer(store: &mut impl Backend, handles: &mut Handles, operation: &Operation) -> Answer {
    let request = match operation.clone() {
        Operation::Get(key) => Request::Get { key },
        Operation::Set(key, value) => Request::Set {
            key,
            value: value.into(),
        },
        Operation::Delete(key) => Request::Delete { key },
        Operation::Exists(key) => Request::Exists { key },
        Operation::GetKeys => Request::GetKeys,
        Operation::GetMany(keys) => Request::GetMany { keys },
        Operation::SetMany(tuples) => {
            let tuples = tuples.into_iter();
            let tuples = tuples.map(|(key, value)| (key, Bytes::from(value)));
            Request::SetMany {
                tuples: tuples.collect(),
            }
        }
        Operation::DeleteMany(keys) => Request::DeleteMany { keys },
        Operation::Increment(key, delta) => Request::Increment { key, delta },
        Operation::CasNew(place, key) => {
            handles.renew(store, place, &key);
            return Answer::Done;
        }
        Operation::CasCurrent(place) => return handles.current(store, place),
        Operation::Swap(place, value) => return handles.swap(store, place, &value),
        Operation::SwapAtOnce {
            key,
            current,
            value,
        } => {
            handles.renew(store, AT_ONCE, &key);
            if current {
                handles.current(store, AT_ONCE);
            }
            return handles.swap(store, AT_ONCE, &value);
        }
    };
    told(store.ask(&request))
}

fn told(answered: crate::storage::real::Answered) -> Answer {
    let reply = match answered {
        Err(_) => return Answer::Trap,
        Ok(Err(Error::CasFailed)) => return Answer::CasFailed,
        Ok(Err(Error::Other(text))) => return Answer::Error(text),
        Ok(Err(error)) => panic!("a store that is open and granted answered {error}"),
        Ok(Ok(reply)) => reply,
    };
    match reply {
        Reply::Done => Answer::Done,
        Reply::Value(value) => Answer::Value(value.map(Vec::from)),
        Reply::Exists(exists) => Answer::Exists(exists),
        Reply::Keys(keys) => Answer::Keys(keys),
        Reply::Tuples(tuples) => {
            let tuples = tuples.into_iter();
            Answer::Tuples(
                tuples
                    .map(|(key, value)| (key, value.map(Vec::from)))
                    .collect(),
            )
        }
        Reply::Number(number) => Answer::Number(number),
        Reply::Torn(..) => panic!("a real store tears nothing"),
    }
}
