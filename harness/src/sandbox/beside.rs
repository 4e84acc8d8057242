//! The real stores of a sandbox, beside those in the process that stand for them.

use super::mistake::Mistake;
use crate::engine::App;
use crate::storage::real::{Answered, Backend};
use crate::storage::{RealStore, RealStoreError, Reply, Request, Store};
use crate::value::show;
use bytes::Bytes;
use std::collections::BTreeMap;

/// The real stores of a sandbox, by the index of the store in the process.
#[derive(Default)]
pub(crate) struct RealStores(BTreeMap<usize, Beside>);

/// A real store beside one in the process.
struct Beside {
    /// The label, for messages: the first of those that share it.
    label: String,
    /// Which one it is, without secrets.
    name: String,
    backend: Box<dyn Backend>,
    /// Whether an answer has differed: all that follows may differ for that reason alone.
    differed: bool,
}

/// The stores that labels have in place of the app's.
pub(super) type Labels = BTreeMap<String, usize>;

impl RealStores {
    /// Opens the real stores that a sandbox is to have, and adds to `stores` one for each that holds the same.
    pub fn open(
        app: &App,
        wanted: &BTreeMap<String, RealStore>,
        stores: &mut Vec<Store>,
    ) -> Result<(Self, Labels), Mistake> {
        let (mut real, mut labels) = (Self::default(), Labels::new());
        let mut shared: Vec<(&RealStore, usize)> = Vec::new();
        for (label, source) in wanted {
            app.require_store(label)?;
            let failed = |error: RealStoreError| Mistake::RealStore {
                label: label.clone(),
                reason: error.to_string(),
            };
            // As in Spin, labels on one Redis database are one store; in one file each has its own.
            let same_text = shared.iter().find(|(other, _)| *other == source);
            let known = match same_text.map(|(_, index)| *index) {
                None if source.is_shared() && !shared.is_empty() => {
                    real.of_identity(source.identity().map_err(failed)?)
                }
                known => known,
            };
            if let Some(index) = known {
                labels.insert(label.clone(), index);
                continue;
            }
            let mut backend = source.open(label).map_err(failed)?;
            let mut store = Store::new(source.provider());
            for (key, value) in backend.tuples().map_err(failed)? {
                store.put(key, value);
            }
            let index = stores.len();
            stores.push(store);
            labels.insert(label.clone(), index);
            if source.is_shared() {
                shared.push((source, index));
            }
            let beside = Beside {
                label: label.clone(),
                name: source.to_string(),
                backend,
                differed: false,
            };
            real.0.insert(index, beside);
        }
        Ok((real, labels))
    }

    /// The index of the store on the database of this identity.
    fn of_identity(&self, identity: Option<String>) -> Option<usize> {
        let identity = identity?;
        let mut open = self.0.iter();
        let found = open.find(|(_, beside)| beside.backend.identity() == Some(&identity));
        found.map(|(index, _)| *index)
    }

    /// Whether a store in the process has a real one beside it.
    pub fn has(&self, index: usize) -> bool {
        self.0.contains_key(&index)
    }

    /// What the guest gets: the answer of the real store, or where there is none, that of the one in the process. The first
    /// time the two differ is a mistake.
    pub fn ask(
        &mut self,
        index: usize,
        request: &Request,
        here: Answered,
    ) -> (Answered, Option<Mistake>) {
        let Some(beside) = self.0.get_mut(&index) else {
            return (here, None);
        };
        let real = beside.backend.ask(request);
        let same = match (&real, &here) {
            (Ok(real), Ok(here)) => real == here,
            // Why each would panic is told in words of its own; those of the one in the process say what to do.
            (real, here) => real.is_err() && here.is_err(),
        };
        if same {
            return (here, None);
        }
        let first = !std::mem::replace(&mut beside.differed, true);
        let mistake = first.then(|| Mistake::Differs {
            call: called(request),
            label: beside.label.clone(),
            store: beside.name.clone(),
            real: answered(&real),
            here: answered(&here),
        });
        (real, mistake)
    }

    /// Asks the real store for what it remembers of it: the answer makes no difference.
    pub fn tell(&mut self, index: usize, request: &Request) {
        if let Some(beside) = self.0.get_mut(&index) {
            let _ = beside.backend.ask(request);
        }
    }

    /// A compare-and-swap handle is no more.
    pub fn forget(&mut self, index: usize, handle: u64) {
        if let Some(beside) = self.0.get_mut(&index) {
            beside.backend.forget(handle);
        }
    }

    /// Stores a value in the real store, or removes its key.
    pub fn put(&mut self, index: usize, key: &str, value: Option<&Bytes>) -> Result<(), Mistake> {
        let Some(beside) = self.0.get_mut(&index) else {
            return Ok(());
        };
        let put = beside.backend.put(key, value);
        put.map_err(|error| Mistake::RealStore {
            label: beside.label.clone(),
            reason: error.to_string(),
        })
    }

    /// Makes the real store hold what the one in the process was changed to.
    pub fn follow(
        &mut self,
        index: usize,
        before: &BTreeMap<String, Bytes>,
        after: &Store,
    ) -> Result<(), Mistake> {
        for key in before.keys().filter(|key| !after.contains(key)) {
            self.put(index, key, None)?;
        }
        for (key, value) in after.tuples() {
            if before.get(key) != Some(value) {
                self.put(index, key, Some(value))?;
            }
        }
        Ok(())
    }
}

/// A call, in a message: `set of key "a"`.
fn called(request: &Request) -> String {
    let keys: Vec<_> = request
        .keys()
        .iter()
        .map(|key| format!("{key:?}"))
        .collect();
    let operation = request.operation();
    match keys.as_slice() {
        [] => format!("`{operation}`"),
        [key] => format!("`{operation}` of key {key}"),
        keys => format!("`{operation}` of keys {}", keys.join(", ")),
    }
}

/// An answer, in a message.
fn answered(answer: &Answered) -> String {
    let value = |value: &Option<Bytes>| match value {
        Some(value) => show(value),
        None => "no value".to_owned(),
    };
    match answer {
        Err(abort) => format!("a panic of Spin's ({})", abort.0),
        Ok(Err(error)) => format!("the error `{error}`"),
        Ok(Ok(Reply::Done)) => "that it is done".to_owned(),
        Ok(Ok(Reply::Value(found))) => value(found),
        Ok(Ok(Reply::Exists(exists))) => exists.to_string(),
        Ok(Ok(Reply::Number(number))) => number.to_string(),
        Ok(Ok(Reply::Keys(keys) | Reply::Torn(keys, _))) => match keys.as_slice() {
            [] => "no keys".to_owned(),
            keys => listed(keys.iter().map(|key| format!("{key:?}"))),
        },
        Ok(Ok(Reply::Tuples(tuples))) => match tuples.as_slice() {
            [] => "no tuples".to_owned(),
            tuples => listed(
                tuples
                    .iter()
                    .map(|(key, found)| format!("{key:?} = {}", value(found))),
            ),
        },
    }
}

/// The first of several, and how many there are if they are many.
fn listed(all: impl ExactSizeIterator<Item = String>) -> String {
    const MOST: usize = 10;
    let count = all.len();
    let first: Vec<_> = all.take(MOST).collect();
    let first = first.join(", ");
    match count > MOST {
        true => format!("{first} … ({count} in all)"),
        false => first,
    }
}
