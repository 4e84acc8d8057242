//! What faults do to values and to what a store may hold.

use crate::sandbox::faults::{Corruption, KeyPattern, Quota};
use crate::storage::{Error, Reply, Request, Store};
use bytes::Bytes;

/// How a value is damaged, with what the seed drew for it.
#[derive(Clone, Debug)]
pub(super) struct Damage {
    pub corruption: Corruption,
    pub draw: u64,
    /// Which keys of a batch the rule is about.
    pub keys: Option<KeyPattern>,
}

impl Damage {
    /// The damaged value; an empty one has nothing that could be.
    pub fn of(&self, value: &Bytes) -> Bytes {
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
    pub fn key_written<'r>(&self, request: &'r Request) -> Option<&'r str> {
        match request {
            Request::Set { key, .. } | Request::Swap { key, .. } => Some(key),
            Request::Increment { key, .. } => Some(key),
            Request::SetMany { tuples } => {
                let mut keys: Vec<_> = tuples
                    .iter()
                    .filter(|(key, value)| self.may_hit(key, value))
                    .map(|(key, _)| key.as_str())
                    .collect();
                match keys.is_empty() {
                    // Nothing can be damaged, whichever it is.
                    true => tuples.first().map(|(key, _)| key.as_str()),
                    false => Some(keys.swap_remove(self.chosen(keys.len()))),
                }
            }
            _ => None,
        }
    }

    /// Whether this tuple of a batch may be the one that is hit.
    fn may_hit(&self, key: &str, value: &Bytes) -> bool {
        !value.is_empty() && self.keys.as_ref().is_none_or(|keys| keys.fits(key))
    }

    /// Which of several is hit.
    fn chosen(&self, several: usize) -> usize {
        // Other bits than those that choose the kind of damage and its place.
        usize::try_from((self.draw >> 40) % several as u64).unwrap_or(0)
    }
}

/// Damages a value that a read gives; `false` where it gives none that could be.
pub(super) fn damaged(reply: &mut Reply, damage: &Damage) -> bool {
    let value = match reply {
        Reply::Value(Some(value)) => value,
        Reply::Tuples(tuples) => {
            let mut values: Vec<_> = tuples
                .iter_mut()
                .filter_map(|(key, value)| {
                    let value = value.as_mut()?;
                    damage.may_hit(key, value).then_some(value)
                })
                .collect();
            if values.is_empty() {
                return false;
            }
            values.swap_remove(damage.chosen(values.len()))
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
        Damage {
            corruption,
            draw,
            keys: None,
        }
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
    fn of_a_batch_only_a_key_of_the_rule_is_hit() {
        let value = |text: &'static str| Bytes::from(text);
        let tuples = [
            ("a", value("1")),
            ("user:1", value("2")),
            ("user:2", value("")),
        ];
        let tuples = tuples.map(|(key, value)| (key.to_owned(), value)).to_vec();
        let read = tuples.iter().cloned();
        let read: Vec<_> = read.map(|(key, value)| (key, Some(value))).collect();
        let request = Request::SetMany { tuples };
        for draw in 0..100 {
            let damage = Damage {
                keys: Some(KeyPattern::new("user:*").unwrap()),
                ..damage(Corruption::Either, draw)
            };
            assert_eq!(damage.key_written(&request), Some("user:1"));
            let mut reply = Reply::Tuples(read.clone());
            assert!(damaged(&mut reply, &damage));
            let Reply::Tuples(after) = reply else {
                panic!("{reply:?}")
            };
            assert_ne!(after[1], read[1]);
            assert_eq!((&after[0], &after[2]), (&read[0], &read[2]));
        }
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
