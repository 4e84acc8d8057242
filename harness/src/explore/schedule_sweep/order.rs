//! One run as a partial order: which turns could have changed places, and which only stand where they stand by chance.

use crate::sandbox::{Place, Trace, Turn};

/// Two turns of different lanes that depend on each other and have nothing in between that keeps them apart: the second
/// could have come first. By their places in the trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Race {
    pub earlier: usize,
    pub later: usize,
}

/// What the turns of a run have to do with each other.
pub(super) struct Order<'a> {
    turns: &'a [Turn],
    /// For each turn the turns of the same sending at once that come before it in every equivalent order.
    past: Vec<Bits>,
    levels: Vec<usize>,
    races: Vec<Race>,
}

impl<'a> Order<'a> {
    /// Works a run out. Where the order matters whatever the calls are, nothing is independent.
    pub fn of(trace: &'a Trace, order_matters: bool) -> Self {
        let turns = trace.turns();
        let mut order = Self {
            turns,
            past: Vec::with_capacity(turns.len()),
            levels: Vec::with_capacity(turns.len()),
            races: Vec::new(),
        };
        let mut start = 0;
        for (later, turn) in turns.iter().enumerate() {
            if turns[start].step != turn.step {
                start = later;
            }
            let mut past = Bits::default();
            let mut level = 0;
            for earlier in (start..later).rev() {
                let other = &turns[earlier];
                let ordered = past.has(earlier)
                    || (!order_matters && other.access.is_independent_of(&turn.access));
                if ordered {
                    continue;
                }
                past.add_all(&order.past[earlier]);
                past.add(earlier);
                level = level.max(order.levels[earlier] + 1);
                if other.lane() != turn.lane() {
                    order.races.push(Race { earlier, later });
                }
            }
            order.past.push(past);
            order.levels.push(level);
        }
        order
    }

    /// Every race, by its later turn.
    pub fn races(&self) -> &[Race] {
        &self.races
    }

    /// With which lanes the part of the run can begin that has the race's later turn, but not its earlier one.
    pub fn initials(&self, race: Race) -> Vec<u32> {
        let mut part = Bits::default();
        let mut lanes = Vec::new();
        for turn in race.earlier + 1..=race.later {
            let stays = turn != race.later && self.past[turn].has(race.earlier);
            if stays {
                continue;
            }
            if !self.past[turn].meets(&part) {
                lanes.push(self.turns[turn].lane());
            }
            part.add(turn);
        }
        lanes
    }

    /// The same for all orders that differ only by swapping independent calls: the Foata normal form.
    pub fn canonical(&self) -> [u8; 32] {
        let mut places: Vec<usize> = (0..self.turns.len()).collect();
        places.sort_by_key(|place| {
            let turn = &self.turns[*place];
            (turn.step, self.levels[*place], turn.lane())
        });
        let mut hasher = blake3::Hasher::new();
        for place in places {
            let turn = &self.turns[place];
            let access = &turn.access;
            for number in [
                turn.step,
                self.levels[place],
                turn.lane() as usize,
                usize::from(access.waking),
                access.keys.len(),
            ] {
                hasher.update(&(number as u64).to_le_bytes());
            }
            let place = match &access.place {
                None => String::new(),
                Some(Place::Store(number)) => number.to_string(),
                Some(Place::Service(family, label)) => format!("{family} {label}"),
            };
            let texts = [access.operation.name(), &place];
            for text in texts
                .into_iter()
                .chain(access.keys.iter().map(String::as_str))
            {
                hasher.update(&(text.len() as u64).to_le_bytes());
                hasher.update(text.as_bytes());
            }
        }
        *hasher.finalize().as_bytes()
    }
}

/// A set of places.
#[derive(Clone, Debug, Default)]
struct Bits(Vec<u64>);

impl Bits {
    fn has(&self, place: usize) -> bool {
        self.0
            .get(place / 64)
            .is_some_and(|word| word >> (place % 64) & 1 == 1)
    }

    fn add(&mut self, place: usize) {
        self.grow(place / 64 + 1);
        self.0[place / 64] |= 1 << (place % 64);
    }

    fn add_all(&mut self, other: &Self) {
        self.grow(other.0.len());
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word |= other;
        }
    }

    fn meets(&self, other: &Self) -> bool {
        self.0
            .iter()
            .zip(&other.0)
            .any(|(word, other)| word & other != 0)
    }

    fn grow(&mut self, words: usize) {
        if self.0.len() < words {
            self.0.resize(words, 0);
        }
    }
}
