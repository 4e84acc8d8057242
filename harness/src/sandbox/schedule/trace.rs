//! The record of a controlled run: every turn, who had it, and who else could have had it.

use super::access::Access;
use super::guide::{Guide, Then};
use crate::sandbox::journal::Outcome;
use crate::value::{plural, times};
use std::fmt;
use std::sync::Arc;

/// Every turn of a scenario's requests at once, in order.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    pub(crate) turns: Vec<Turn>,
    /// How often requests were sent at once.
    pub(crate) steps: usize,
    pub(crate) off: Option<OffSchedule>,
}

/// A call that was let go on.
#[derive(Clone, Debug)]
pub struct Turn {
    /// The how-manieth sending at once it belongs to, from 0.
    pub step: usize,
    /// What the call was about to do.
    pub access: Arc<Access>,
    /// What the others that waited were about to do, in the order in which they came.
    pub others: Vec<Arc<Access>>,
    /// How the call ended; `None` where it slept, or never ended.
    pub outcome: Option<Outcome>,
}

impl Turn {
    /// The request that went on.
    pub fn lane(&self) -> u32 {
        self.access.lane
    }
}

impl Trace {
    /// The turns, in order.
    pub fn turns(&self) -> &[Turn] {
        &self.turns
    }

    /// The order as a whole, for it to be followed again.
    pub fn schedule(&self) -> Guide {
        let mut steps = vec![Vec::new(); self.steps];
        for turn in &self.turns {
            steps[turn.step].push(turn.lane());
        }
        Guide {
            steps,
            then: Then::default(),
        }
    }

    /// Where the guide could not be followed, if so.
    pub fn off_schedule(&self) -> Option<&OffSchedule> {
        self.off.as_ref()
    }
}

/// Why an order could not be followed; the requests then went on by the default.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OffSchedule {
    /// The request whose turn it was to be does not wait for one.
    #[error(
        "the schedule does not fit: at turn {turn}{} request {lane} is to go on, but it makes no storage call then; \
         there {}", at_once(*step), Waiting(waiting)
    )]
    NotWaiting {
        /// The how-manieth sending at once, from 0.
        step: usize,
        /// The turn, from 1.
        turn: usize,
        /// The request that was to go on.
        lane: u32,
        /// Who could have gone on, and with what.
        waiting: Vec<(u32, String)>,
    },
    /// The requests were over before the schedule was.
    #[error(
        "the schedule does not fit: it goes on with request {lane} after turn {turns}{}, but there the requests make no \
         further storage call", at_once(*step)
    )]
    Over {
        /// The how-manieth sending at once, from 0.
        step: usize,
        /// How many turns there were.
        turns: usize,
        /// The request that was to go on.
        lane: u32,
    },
    /// Requests were sent at once less often than the schedule says.
    #[error(
        "the schedule does not fit: it has {scheduled} part{} between ` / `, but requests were sent at once {} in the \
         scenario", plural(*scheduled), times(*sent)
    )]
    TooFewSteps {
        /// Parts of the schedule.
        scheduled: usize,
        /// How often requests were sent at once.
        sent: usize,
    },
}

fn at_once(step: usize) -> String {
    match step {
        0 => String::new(),
        step => format!(" of part {}", step + 1),
    }
}

struct Waiting<'a>(&'a [(u32, String)]);

impl fmt::Display for Waiting<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.len() == 1 { "waits" } else { "wait" })?;
        for (index, (lane, what)) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma} request {lane} (`{what}`)")?;
        }
        Ok(())
    }
}
