//! Lanes without wasm, to try schedules on: each a list of calls on a small store, chosen among by the real control.

use super::access::{Access, Place};
use super::control::Control;
use super::guide::Guide;
use super::trace::Trace;
use crate::storage::Operation;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The calls of one request, in order. What follows an `exists` is only called where that found something.
pub(crate) type Lane = Vec<Access>;

/// A call of a lane whose instance is its own.
pub(crate) fn call(lane: u32, operation: Operation, store: usize, key: &str) -> Access {
    let keys = match operation {
        Operation::Open | Operation::GetKeys => Vec::new(),
        _ => vec![key.to_owned()],
    };
    Access {
        lane,
        instance: lane,
        operation: operation.into(),
        writes: operation.is_write(),
        place: (operation != Operation::Open).then_some(Place::Store(store)),
        label: Arc::from(["default", "cache"][store]),
        keys,
        waking: false,
        holds: true,
    }
}

/// Requests that open a store, read a key, and write back one more.
pub(crate) fn counters(keys: &[&str]) -> Vec<Lane> {
    use Operation::{Get, Open, Set};
    (1..)
        .zip(keys)
        .map(|(lane, key)| [Open, Get, Set].map(|operation| call(lane, operation, 0, key)))
        .map(Vec::from)
        .collect()
}

/// The same lanes in one instance that is shared by all.
pub(crate) fn shared(mut lanes: Vec<Lane>) -> Vec<Lane> {
    for call in lanes.iter_mut().flatten() {
        call.instance = 1;
        call.holds = false;
    }
    lanes
}

/// What the lanes leave in the stores, and what each of them saw.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Left {
    pub stores: BTreeMap<(usize, String), u64>,
    pub seen: Vec<Vec<u64>>,
}

/// Runs the lanes once, each sending at once after the other, and gives the record and what is left.
pub(crate) fn run(sendings: &[Vec<Lane>], guide: Guide) -> (Trace, Left) {
    let mut control = Control::new(guide);
    let mut left = Left::default();
    for lanes in sendings {
        control.begin();
        let mut next = vec![0; lanes.len()];
        let mut seen = vec![Vec::new(); lanes.len()];
        loop {
            let (who, waiting): (Vec<usize>, Vec<_>) = (0..lanes.len())
                .filter_map(|lane| Some((lane, Arc::new(lanes[lane].get(next[lane])?.clone()))))
                .unzip();
            if waiting.is_empty() {
                break;
            }
            let lane = who[control.choose(&waiting)];
            let call = &lanes[lane][next[lane]];
            apply(call, &mut left, &mut seen[lane]);
            let found_nothing = call.operation == Operation::Exists && seen[lane].ends_with(&[0]);
            next[lane] += if found_nothing { 2 } else { 1 };
        }
        control.end();
        left.seen.extend(seen);
    }
    (control.trace(), left)
}

fn apply(access: &Access, left: &mut Left, seen: &mut Vec<u64>) {
    let (Some(Place::Store(store)), Some(operation)) = (&access.place, access.operation.of_store())
    else {
        return;
    };
    let store = *store;
    let key = (store, access.keys.first().cloned().unwrap_or_default());
    let found = left.stores.get(&key).copied();
    match operation {
        Operation::Get => seen.push(found.unwrap_or(0)),
        Operation::Exists => seen.push(u64::from(found.is_some())),
        Operation::GetKeys => seen.extend(
            left.stores
                .keys()
                .filter(|(of, _)| *of == store)
                .map(|(_, key)| key.bytes().map(u64::from).sum::<u64>()),
        ),
        Operation::Set => {
            let value = seen.last().copied().unwrap_or(0) + 1;
            left.stores.insert(key, value);
        }
        Operation::Increment => {
            let value = found.unwrap_or(0) + 1;
            left.stores.insert(key, value);
            seen.push(value);
        }
        Operation::Delete => {
            left.stores.remove(&key);
        }
        other => unreachable!("the simulator knows no {other}"),
    }
}
