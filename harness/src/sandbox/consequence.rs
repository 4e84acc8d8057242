//! What faults do to values and to what a store may hold.

use super::faults::{Corruption, Quota};
use crate::storage::{Error, Reply, Request, Store};
use bytes::Bytes;

/// How a value is damaged, with what the seed drew for it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Damage {
    pub corruption: Corruption,
    pub draw: u64,
}

impl Damage {
    /// The damaged value; an empty one has nothing that could be.
    pub fn of(self, value: &Bytes) -> Bytes {
        if value.is_empty() {
            return value.clone();
        }
        // The lowest bit chooses the kind, the others the place.
        let truncate = match self.corruption {
            Corruption::Either => self.draw & 1 == 1,
            Corruption::Flipped => false,
            Corruption::Truncated => true,
        };
        let place = self.draw >> 1;
        if truncate {
            let kept = place % value.len() as u64;
            return value.slice(..usize::try_from(kept).unwrap_or(0));
        }
        let bit = place % (value.len() as u64 * 8);
        let mut damaged = value.to_vec();
        damaged[usize::try_from(bit / 8).unwrap_or(0)] ^= 1 << (bit % 8);
        Bytes::from(damaged)
    }

    /// Which of the keys that a request writes a value to is hit; `None` for a read.
    pub fn key_written(self, request: &Request) -> Option<&str> {
        match request {
            Request::Set { key, .. } | Request::Swap { key, .. } => Some(key),
            Request::Increment { key, .. } => Some(key),
            Request::SetMany { tuples } => {
                let chosen = self.draw % tuples.len().max(1) as u64;
                let tuple = tuples.get(usize::try_from(chosen).unwrap_or(0));
                tuple.map(|(key, _)| key.as_str())
            }
            _ => None,
        }
    }
}

/// Damages a value that a read gives; `false` where it gives none that could be.
pub(super) fn damaged(reply: &mut Reply, damage: Damage) -> bool {
    let value = match reply {
        Reply::Value(Some(value)) => value,
        Reply::Tuples(tuples) => {
            let mut values: Vec<_> = tuples
                .iter_mut()
                .filter_map(|(_, value)| value.as_mut())
                .filter(|value| !value.is_empty())
                .collect();
            if values.is_empty() {
                return false;
            }
            let chosen = damage.draw % values.len() as u64;
            values.swap_remove(usize::try_from(chosen).unwrap_or(0))
        }
        _ => return false,
    };
    let before = value.clone();
    *value = damage.of(value);
    *value != before
}

/// How much of what a quota is about a store holds.
pub(super) fn held(store: &Store, quota: Quota) -> u64 {
    match quota {
        Quota::Tuples(_) => store.len() as u64,
        Quota::Bytes(_) => store.bytes() as u64,
    }
}

/// The error of a write that took a store from `before` to `after`, past a quota. What makes it no larger passes.
pub(super) fn exceeded(quota: Quota, before: u64, after: u64) -> Option<Error> {
    let (Quota::Tuples(most) | Quota::Bytes(most)) = quota;
    (after > most && after > before)
        .then(|| Error::other(format!("quota exceeded: the store holds at most {quota}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn damage(corruption: Corruption, draw: u64) -> Damage {
        Damage { corruption, draw }
    }

    #[test]
    fn one_bit_is_flipped_or_the_end_is_gone() {
        let value = Bytes::from("value");
        for draw in 0..1_000 {
            let flipped = damage(Corruption::Flipped, draw).of(&value);
            let bits = value
                .iter()
                .zip(&flipped)
                .map(|(a, b)| (a ^ b).count_ones());
            assert_eq!((flipped.len(), bits.sum::<u32>()), (5, 1));
            let truncated = damage(Corruption::Truncated, draw).of(&value);
            assert!(truncated.len() < 5 && value.starts_with(&truncated));
        }
        assert!(
            damage(Corruption::Truncated, 3)
                .of(&Bytes::new())
                .is_empty()
        );
    }

    #[test]
    fn every_bit_can_be_hit() {
        let hit: std::collections::BTreeSet<_> = (0..200)
            .map(|draw| damage(Corruption::Flipped, draw).of(&Bytes::from("ab")))
            .collect();
        assert_eq!(hit.len(), 16);
    }

    #[test]
    fn a_full_store_takes_what_makes_it_no_larger() {
        let refused = |quota, before, after| exceeded(quota, before, after).is_some();
        assert!(refused(Quota::Tuples(2), 2, 3));
        assert!(!refused(Quota::Tuples(2), 1, 2));
        assert!(!refused(Quota::Bytes(5), 9, 9));
        assert!(!refused(Quota::Bytes(5), 9, 8));
        assert!(refused(Quota::Bytes(5), 9, 10));
        assert!(refused(Quota::Tuples(0), 0, 1));
    }
}
