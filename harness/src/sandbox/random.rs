//! Seeds and the random numbers that follow from them: the same on every machine, for every number of workers.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;

/// The random numbers of one purpose in one scenario.
pub(crate) type Random = ChaCha8Rng;

/// A scenario's seed: everything that is random in it follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Seed(pub u64);

impl Seed {
    /// The seed of a scenario within a run: it follows from the run's seed and the scenario's place, so running it
    /// alone gives the same.
    pub fn derive(self, place: &str) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.0.to_le_bytes());
        hasher.update(place.as_bytes());
        let mut seed = [0; 8];
        seed.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
        Self(u64::from_le_bytes(seed))
    }

    /// Random numbers for one purpose; different purposes and numbers do not disturb each other.
    pub(crate) fn random(self, purpose: Purpose, number: u64) -> Random {
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&self.0.to_le_bytes());
        seed[8..16].copy_from_slice(&number.to_le_bytes());
        seed[16] = purpose as u8;
        ChaCha8Rng::from_seed(seed)
    }
}

impl Seed {
    /// One number for one purpose, where a generator would cost more than it is worth: a mix of the seed after
    /// SplitMix64 (Steele, Lea and Flood 2014).
    pub(crate) fn number(self, purpose: Purpose, number: u64) -> u64 {
        let mut mixed = self.0;
        for word in [purpose as u64, number] {
            mixed = (mixed ^ word).wrapping_add(0x9e37_79b9_7f4a_7c15);
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^= mixed >> 31;
        }
        mixed
    }
}

impl Seed {
    /// As [`Seed::number`], as a fraction of 0 and more and below 1.
    pub(crate) fn fraction(self, purpose: Purpose, number: u64) -> f64 {
        // 53 bits are what a double holds exactly.
        (self.number(purpose, number) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// What random numbers are drawn for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    /// Which of the requests that wait goes on.
    Schedule = 1,
    /// `wasi:random/random` of one instance.
    Guest = 2,
    /// `wasi:random/insecure` of one instance.
    GuestInsecure = 3,
    /// `wasi:random/insecure-seed` of one instance: the seed of a guest's hash maps.
    GuestSeed = 4,
    /// Whether a rule with a chance is due, and how long a call takes.
    Fault = 5,
    /// How a value is damaged.
    Corruption = 6,
    /// Whether an eventually consistent read is stale.
    Staleness = 7,
    /// How long another host takes to answer.
    OutgoingLatency = 8,
    /// What SQL draws: `random()`.
    Sql = 9,
    /// The ids of the spans that the host opens for requests.
    Trace = 10,
}
