//! Chooses who goes on by a guide, and keeps the record of it.

use super::access::Access;
use super::guide::{Guide, Then};
use super::trace::{OffSchedule, Trace, Turn};
use crate::sandbox::journal::Call;
use crate::sandbox::random::{Purpose, Random, Seed};
use rand_chacha::rand_core::Rng as _;
use std::sync::Arc;

/// A guide while it is followed.
#[derive(Debug)]
pub(super) struct Control {
    guide: Guide,
    /// Who sleeps where the guide ends, and since.
    asleep: Vec<Arc<Access>>,
    random: Option<Random>,
    trace: Trace,
    /// Turns before the present step.
    before: usize,
}

impl Control {
    pub fn new(mut guide: Guide) -> Self {
        let (asleep, random) = match &mut guide.then {
            Then::Stay { asleep } => (std::mem::take(asleep), None),
            Then::Chance(seed) => {
                let random = Seed(*seed).random(Purpose::Schedule, 0);
                (Vec::new(), Some(random))
            }
        };
        Self {
            guide,
            asleep,
            random,
            trace: Trace::default(),
            before: 0,
        }
    }

    /// What happened so far; said of a scenario that is over.
    pub fn trace(&self) -> Trace {
        let mut trace = self.trace.clone();
        let scheduled = self.guide.steps.len();
        if scheduled > trace.steps && trace.off.is_none() {
            trace.off = Some(OffSchedule::TooFewSteps {
                scheduled,
                sent: trace.steps,
            });
        }
        trace
    }

    /// Requests are sent at once.
    pub fn begin(&mut self) {
        self.trace.steps += 1;
        self.before = self.trace.turns.len();
    }

    /// They are over.
    pub fn end(&mut self) {
        let (step, turns) = self.place();
        if let Some(lane) = self.guide.lane(step, turns) {
            self.off(OffSchedule::Over { step, turns, lane });
        }
    }

    /// The present step and its next turn, from 0.
    fn place(&self) -> (usize, usize) {
        let step = self.trace.steps.saturating_sub(1);
        (step, self.trace.turns.len() - self.before)
    }

    fn off(&mut self, why: OffSchedule) {
        // What comes after the first is its consequence.
        self.trace.off.get_or_insert(why);
    }

    /// Which of those that wait goes on: its place among `waiting`, which is not empty.
    pub fn choose(&mut self, waiting: &[Arc<Access>]) -> usize {
        let able: Vec<usize> = (0..waiting.len())
            .filter(|index| may_go(waiting, *index))
            .collect();
        let chosen = self.choose_able(waiting, &able);
        let access = Arc::clone(&waiting[chosen]);
        let (step, turn) = self.place();
        if self.guide.lane(step, turn).is_none() {
            self.asleep
                .retain(|asleep| asleep.is_independent_of(&access));
        }
        self.trace.turns.push(Turn {
            step,
            others: able
                .iter()
                .filter(|index| **index != chosen)
                .map(|index| Arc::clone(&waiting[*index]))
                .collect(),
            access,
            outcome: None,
        });
        chosen
    }

    fn choose_able(&mut self, waiting: &[Arc<Access>], able: &[usize]) -> usize {
        let first_of = |lane: u32| {
            let mut able = able.iter().copied();
            able.find(|index| waiting[*index].lane == lane)
        };
        let (step, turn) = self.place();
        if let Some(lane) = self.guide.lane(step, turn)
            && self.trace.off.is_none()
        {
            if let Some(index) = first_of(lane) {
                return index;
            }
            self.off(OffSchedule::NotWaiting {
                step,
                turn: turn + 1,
                lane,
                waiting: able
                    .iter()
                    .map(|index| (waiting[*index].lane, in_short(&waiting[*index])))
                    .collect(),
            });
        }
        let mut lanes: Vec<u32> = able.iter().map(|index| waiting[*index].lane).collect();
        lanes.sort_unstable();
        lanes.dedup();
        if let Some(random) = &mut self.random {
            let lane = lanes[(random.next_u64() % lanes.len() as u64) as usize];
            return first_of(lane).unwrap_or_default();
        }
        let sleeps = |lane: u32| self.asleep.iter().any(|asleep| asleep.lane == lane);
        if lanes.iter().any(|lane| !sleeps(*lane)) {
            lanes.retain(|lane| !sleeps(*lane));
        }
        let last = self.trace.turns[self.before..].last().map(Turn::lane);
        let stays = last.filter(|last| lanes.contains(last));
        let lane = stays.or(lanes.first().copied());
        lane.and_then(first_of).unwrap_or_default()
    }

    /// A storage call was written down: how the turn ended that was granted last.
    pub fn journaled(&mut self, call: &Call) {
        if let Some(turn) = self.trace.turns.last_mut()
            && turn.outcome.is_none()
            && turn.access.instance == call.instance
            && Some(turn.access.operation) == call.operation()
        {
            turn.outcome = Some(call.outcome.clone());
        }
    }
}

/// A call as a sentence can name it: keys may be of any length.
fn in_short(access: &Access) -> String {
    let whole = access.to_string();
    match whole.char_indices().nth(60) {
        None => whole,
        Some((end, _)) => format!("{}…", &whole[..end]),
    }
}

/// Whether a call would go on if it were let: not while a synchronous call holds its instance.
fn may_go(waiting: &[Arc<Access>], index: usize) -> bool {
    waiting.iter().enumerate().all(|(other, access)| {
        other == index || !access.holds || access.instance != waiting[index].instance
    })
}
