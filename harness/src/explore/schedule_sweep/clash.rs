//! Which two calls to point at when an order fails.

use super::order::Order;
use crate::sandbox::{Trace, Turn};

/// The two calls that clash, by their places in the trace, the earlier first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Clash {
    pub first: usize,
    pub second: usize,
}

/// A turn by what it is in every order: the how-manieth of its lane, in which sending at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Name {
    step: usize,
    lane: u32,
    nth: usize,
}

impl Name {
    pub fn of(trace: &Trace, place: usize) -> Self {
        let (before, turn) = (&trace.turns()[..place], &trace.turns()[place]);
        let (step, lane) = (turn.step, turn.lane());
        let same = |other: &&Turn| other.step == step && other.lane() == lane;
        Self {
            step,
            lane,
            nth: before.iter().filter(same).count(),
        }
    }

    fn find(self, trace: &Trace) -> Option<usize> {
        let mut places = (0..trace.turns().len()).filter(|place| {
            let turn = &trace.turns()[*place];
            turn.step == self.step && turn.lane() == self.lane
        });
        places.nth(self.nth)
    }
}

impl Clash {
    /// Of a failing order: a read that became old before its request wrote; else `reversed`, the two whose order was the
    /// only thing that a run which passed had otherwise; else the first race. The first is what a run of the order alone
    /// finds too.
    pub(super) fn of(
        trace: &Trace,
        order: &Order<'_>,
        reversed: Option<(Name, Name)>,
    ) -> Option<Self> {
        let reversed = reversed.and_then(|(a, b)| {
            let (a, b) = (a.find(trace)?, b.find(trace)?);
            Some(Self {
                first: a.min(b),
                second: a.max(b),
            })
        });
        // Calls of one instance depend on each other whatever they touch; those that meet in a store say more.
        let first_race = || {
            let turns = trace.turns();
            let meets =
                |first: usize, second: usize| turns[first].access.meets(&turns[second].access);
            let mut races = order.races().iter().map(|race| (race.earlier, race.later));
            let any = races.clone().next();
            let (first, second) = races
                .find(|(first, second)| meets(*first, *second))
                .or(any)?;
            Some(Self { first, second })
        };
        overtaken(trace.turns()).or(reversed).or_else(first_race)
    }
}

/// The first read of a lane that another's write makes old before the lane itself writes.
fn overtaken(turns: &[Turn]) -> Option<Clash> {
    let is_write = |turn: &Turn| turn.access.writes;
    for (first, read) in turns.iter().enumerate() {
        if !read.access.reads() {
            continue;
        }
        let meets = |turn: &Turn| {
            turn.step == read.step && is_write(turn) && turn.access.meets(&read.access)
        };
        let after = || turns.iter().enumerate().skip(first + 1);
        let own = after().find(|(_, turn)| turn.lane() == read.lane() && meets(turn));
        let other = after().find(|(_, turn)| turn.lane() != read.lane() && meets(turn));
        if let (Some((own, _)), Some((second, _))) = (own, other)
            && second < own
        {
            return Some(Clash { first, second });
        }
    }
    None
}
