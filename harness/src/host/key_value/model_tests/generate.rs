//! Random operations from a seed: few keys, so that they meet, and values of every kind that some operation minds.

use super::backend::{HANDLES, Operation};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

/// Which operations are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mix {
    /// All of them, on compare-and-swap handles that live for some time.
    Handles,
    /// Those that one HTTP request can carry: no handle outlives it, and keys and batches are plain text.
    OneRequestEach,
}

/// Few enough to meet, and some that are easy to get wrong: empty, in another script, upper and lower case, one the
/// beginning of another. Without the signs that Redis takes for patterns.
const KEYS: [&str; 7] = ["a", "b", "A", "ab", "", "ключ", "a\0b"];

/// The keys that a URL and a body of lines can carry.
const PLAIN_KEYS: [&str; 4] = ["a", "b", "A", "ab"];

/// Draws operations.
pub struct Generator {
    random: ChaCha8Rng,
    mix: Mix,
}

impl Generator {
    pub fn new(seed: u64, mix: Mix) -> Self {
        Self {
            random: ChaCha8Rng::seed_from_u64(seed),
            mix,
        }
    }

    /// A number below `end`.
    fn below(&mut self, end: usize) -> usize {
        (self.random.next_u64() % end as u64) as usize
    }

    fn key(&mut self) -> String {
        let keys: &[&str] = match self.mix {
            Mix::Handles => &KEYS,
            Mix::OneRequestEach => &PLAIN_KEYS,
        };
        // The first is drawn most: chains of operations on one key are where stores differ.
        let first = self.below(2) == 0;
        let index = if first { 0 } else { self.below(keys.len()) };
        keys[index].to_owned()
    }

    fn number(&mut self) -> i64 {
        match self.below(8) {
            0 => i64::MAX,
            1 => i64::MIN,
            2 => 0,
            3 => self.random.next_u64() as i64,
            _ => self.below(7) as i64 - 3,
        }
    }

    fn value(&mut self) -> Vec<u8> {
        match self.below(8) {
            0 => Vec::new(),
            // What SQLite counts in, and what Redis does, and what is nearly that.
            1 | 2 => self.number().to_le_bytes().to_vec(),
            3 => self.number().to_string().into_bytes(),
            4 => {
                let nearly = [
                    "+5",
                    "007",
                    "-0",
                    " 5",
                    "5 ",
                    "5.0",
                    "-",
                    "9223372036854775808",
                ];
                nearly[self.below(nearly.len())].as_bytes().to_vec()
            }
            5 => {
                let len = self.below(40);
                (0..len).map(|_| self.random.next_u32() as u8).collect()
            }
            // Equal values often: A-B-A.
            _ => [b"x".to_vec(), b"y".to_vec()][self.below(2)].clone(),
        }
    }

    /// A value of one line.
    fn line(&mut self) -> Vec<u8> {
        let mut value = self.value();
        value.retain(|byte| *byte != b'\n');
        value
    }

    fn keys(&mut self) -> Vec<String> {
        let len = self.below(4);
        (0..len).map(|_| self.key()).collect()
    }

    pub fn operation(&mut self) -> Operation {
        let mut kind = self.below(16);
        if self.mix == Mix::OneRequestEach && kind >= 11 {
            kind = 16;
        }
        match kind {
            0 => Operation::Get(self.key()),
            1 | 2 => Operation::Set(self.key(), self.value()),
            3 => Operation::Delete(self.key()),
            4 => Operation::Exists(self.key()),
            5 => Operation::GetKeys,
            6 => Operation::GetMany(self.keys()),
            7 => {
                let keys = self.keys();
                let tuples = keys.into_iter().map(|key| (key, self.line())).collect();
                Operation::SetMany(tuples)
            }
            8 => Operation::DeleteMany(self.keys()),
            9 | 10 => Operation::Increment(self.key(), self.number()),
            11 | 12 => Operation::CasNew(self.below(HANDLES), self.key()),
            13 => Operation::CasCurrent(self.below(HANDLES)),
            14 | 15 => Operation::Swap(self.below(HANDLES), self.value()),
            _ => Operation::SwapAtOnce {
                key: self.key(),
                current: self.below(2) == 0,
                value: self.value(),
            },
        }
    }
}
