//! Limit and effect: what a call does to the store, within what the store may hold.

use super::consequence::{exceeded, held};
use super::{CallTrap, Passage, Passing};
use crate::sandbox::Quota;
use crate::sandbox::faults::Cause;
use crate::sandbox::random::Purpose;
use crate::sandbox::state::State;
use crate::storage::real::Answered;
use crate::storage::{Abort, Limits, Past, ProviderLimits, Store};
use smallvec::SmallVec;
use std::sync::Arc;
use std::time::Duration;

/// How long after a write a read of an eventually consistent store may miss it. DynamoDB's documentation says that
/// copies agree "usually within a second".
const CONVERGENCE: Duration = Duration::from_secs(1);

/// What the journal says of a read that missed the last write of an eventually consistent store.
const EVENTUAL: &str = "the store is eventually consistent: this read misses the last write";

/// What came of a call in the process, before a real store is asked.
pub(super) enum Here {
    /// The store answered.
    Answered(Answered),
    /// Something else did in its place: a limit, a quota, what an eventually consistent store had before.
    Refused(Passage),
}

impl Here {
    /// Whether the store did what it was asked for.
    pub fn succeeded(&self) -> bool {
        matches!(self, Self::Answered(Ok(Ok(_))))
    }

    /// What the guest gets where no real store is asked.
    pub fn passage(self) -> Passage {
        match self {
            Self::Answered(answer) => ended(answer),
            Self::Refused(passage) => passage,
        }
    }
}

impl Passing<'_> {
    /// Limit and effect.
    pub(super) fn take_effect(&self, state: &mut State, index: usize) -> Passage {
        let here = self.take_effect_here(state, index);
        self.take_effect_there(state, index, here)
    }

    /// Limits, those of the rules too, and effect.
    pub(super) fn take_effect_within(
        &self,
        state: &mut State,
        index: usize,
        quotas: &[(Quota, Cause)],
    ) -> Passage {
        let here = self.take_effect_here_within(state, index, quotas);
        self.take_effect_there(state, index, here)
    }

    /// The effect on a real store, if one is beside that in the process. What it answers is what the guest gets.
    pub(super) fn take_effect_there(&self, state: &mut State, index: usize, here: Here) -> Passage {
        match here {
            Here::Answered(answer) => {
                let (answer, mistake) = state.real.ask(index, self.request, answer);
                state.mistakes.extend(mistake);
                ended(answer)
            }
            Here::Refused(passage) => passage,
        }
    }

    /// Limits, those of the rules too, and effect, in the process alone.
    pub(super) fn take_effect_here_within(
        &self,
        state: &mut State,
        index: usize,
        quotas: &[(Quota, Cause)],
    ) -> Here {
        let before: SmallVec<[u64; 1]> = quotas
            .iter()
            .map(|(quota, _)| held(&state.stores[index], *quota))
            .collect();
        let here = self.take_effect_here(state, index);
        if !here.succeeded() {
            return here;
        }
        for ((quota, cause), before) in quotas.iter().zip(before) {
            let store = &mut state.stores[index];
            if let Some(error) = exceeded(*quota, before, held(store, *quota)) {
                // What an operation adds is the store's affair, so it is tried, and taken back.
                store.undo();
                state.faults.fired(cause);
                return Here::Refused(Passage {
                    fault: Some(Arc::clone(&cause.text)),
                    ..Passage::error(error)
                });
            }
        }
        here
    }

    /// Limit and effect, in the process alone.
    fn take_effect_here(&self, state: &mut State, index: usize) -> Here {
        let now = self.session.clock().elapsed();
        let sequence = state.journal.calls().len() as u64;
        let store = &mut state.stores[index];
        if self.session.limits() == Limits::Documented {
            let provider = ProviderLimits::of(store.provider());
            if let Err(exceeded) = provider.check(self.request, store) {
                state.nearly_full = true;
                return Here::Refused(Passage::error(exceeded.into()));
            }
            state.nearly_full |= provider.tuples.is_some_and(|most| store.len() * 2 > most);
        }
        let past = Past::Writes(1);
        if self.misses_a_write(store, now, sequence) && store.hides_a_write(self.request, past) {
            return Here::Refused(Passage {
                fault: Some(Arc::from(EVENTUAL)),
                ..ended(store.apply_in(past, self.request))
            });
        }
        if self.request.operation().is_write() {
            store.set_time(now);
        }
        Here::Answered(store.apply(self.request))
    }

    /// Whether the seed makes this read of an eventually consistent store one that misses a write of the last second.
    fn misses_a_write(&self, store: &Store, now: Duration, sequence: u64) -> bool {
        let recent = now.checked_sub(CONVERGENCE);
        let seed = self.session.options().seed;
        store.is_eventually_consistent()
            && self.request.operation().is_read()
            && recent.is_none_or(|then| store.hides_a_write(self.request, Past::At(then)))
            && seed.fraction(Purpose::Staleness, sequence) < 0.5
    }
}

pub(super) fn ended(applied: Answered) -> Passage {
    Passage::plain(applied.map_err(|Abort(why)| CallTrap(why)))
}
