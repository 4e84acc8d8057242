//! What the fault rules do to a call, around limit and effect.

use super::consequence::{Damage, damaged};
use super::effect::ended;
use super::wait::causes;
use super::{Passage, Passing};
use crate::sandbox::Quota;
use crate::sandbox::faults::{Action, Cause, Decided, Ending, Staleness, TOO_MANY_REQUESTS};
use crate::sandbox::service::Failure;
use crate::sandbox::state::State;
use crate::storage::{Error, Operation, Past, Reply, Request};
use std::sync::Arc;

impl Passing<'_> {
    /// What the rules decided, around limit and effect.
    pub(super) fn go_wrong(&self, state: &mut State, index: usize, decided: Decided) -> Passage {
        let slow = causes(&decided, None);
        let Decided { action, quotas, .. } = decided;
        let Some((action, cause)) = action else {
            let passage = self.take_effect_within(state, index, &quotas);
            return Passage {
                fault: joined(slow, passage.fault),
                ..passage
            };
        };
        let injected = cause.is_injected();
        let (passage, came_about) = self.act(state, index, &action, &cause, &quotas);
        if came_about {
            state.faults.fired(&cause);
        }
        let fault = match came_about {
            true => joined(slow, Some(cause.text)),
            false => joined(slow, passage.fault),
        };
        Passage {
            fault,
            injected,
            ..passage
        }
    }

    /// Does what a rule says, and tells whether that came about: the store may have decided otherwise.
    fn act(
        &self,
        state: &mut State,
        index: usize,
        action: &Action,
        cause: &Cause,
        quotas: &[(Quota, Cause)],
    ) -> (Passage, bool) {
        let request = self.request;
        match action {
            Action::Fails(failure) => (Passage::error(of_store(failure)), true),
            Action::Throttled(_) => (Passage::error(Error::other(TOO_MANY_REQUESTS)), true),
            Action::Traps => (
                Passage::trap(format!("ended by a fault: {}", cause.text)),
                true,
            ),
            // A call that hangs never comes this far.
            Action::Hangs | Action::Quota(_) => {
                (self.take_effect_within(state, index, quotas), false)
            }
            Action::AppliedThen(ending) => {
                let passage = self.take_effect_within(state, index, quotas);
                if !matches!(passage.ended, Ok(Ok(_))) {
                    return (passage, false);
                }
                let ended = match ending {
                    Ending::Error(failure) => Passage::error(of_store(failure)),
                    Ending::Trap => Passage::trap(format!(
                        "ended by a fault, after the call took effect: {}",
                        cause.text
                    )),
                };
                (ended, true)
            }
            Action::Lost => {
                let here = self.take_effect_here_within(state, index, quotas);
                if !here.succeeded() {
                    return (self.take_effect_there(state, index, here), false);
                }
                // It never reaches a real store.
                state.stores[index].undo();
                (here.passage(), true)
            }
            Action::Stale(staleness) => {
                let past = match staleness {
                    Staleness::Writes(writes) => Past::Writes(*writes),
                    // Before the scenario began, the store was as the Given steps left it.
                    Staleness::By(time) => {
                        match self.session.clock().elapsed().checked_sub(*time) {
                            Some(then) => Past::At(then),
                            None => Past::Writes(u64::MAX),
                        }
                    }
                };
                let store = &state.stores[index];
                if !store.hides_a_write(request, past) {
                    return (self.take_effect(state, index), false);
                }
                if self.request.operation() == Operation::CasCurrent {
                    // Redis watches the key from here on, whatever it says of it.
                    state.real.tell(index, request);
                }
                (ended(store.apply_in(past, request)), true)
            }
            Action::Corrupt(corruption) => {
                let damage = Damage {
                    corruption: *corruption,
                    draw: state.faults.drawn(cause),
                    keys: state.faults.keys_of(cause),
                };
                self.corrupt(state, index, &damage, quotas)
            }
            Action::Torn { after, error } => {
                let after = usize::try_from(*after).unwrap_or(usize::MAX);
                let error = match error {
                    Some(failure) => of_store(failure),
                    None => Error::other(format!("torn after {after}")),
                };
                self.tear(state, index, after, error, quotas)
            }
        }
    }

    /// Damages the value that a read gives or a write stores; there may be none.
    fn corrupt(
        &self,
        state: &mut State,
        index: usize,
        damage: &Damage,
        quotas: &[(Quota, Cause)],
    ) -> (Passage, bool) {
        let mut passage = self.take_effect_within(state, index, quotas);
        let mut came_about = false;
        if let Ok(Ok(reply)) = &mut passage.ended {
            came_about = match damage.key_written(self.request) {
                Some(key) => {
                    let store = &mut state.stores[index];
                    let before = store.value(key).cloned();
                    store.damage(key, |value| damage.of(value));
                    let after = store.value(key);
                    let put = state.real.put(index, key, after);
                    state.mistakes.extend(put.err());
                    after != before.as_ref()
                }
                None => damaged(reply, damage),
            };
        }
        (passage, came_about)
    }

    /// Delivers the first entries of a batch or a listing, if it has so many.
    fn tear(
        &self,
        state: &mut State,
        index: usize,
        after: usize,
        error: Error,
        quotas: &[(Quota, Cause)],
    ) -> (Passage, bool) {
        if *self.request == Request::GetKeys {
            let passage = self.take_effect(state, index);
            return match passage.ended {
                Ok(Ok(Reply::Keys(mut keys))) if keys.len() >= after => {
                    keys.truncate(after);
                    (Passage::plain(Ok(Ok(Reply::Torn(keys, error)))), true)
                }
                _ => (passage, false),
            };
        }
        if self.request.entries() < after {
            return (self.take_effect_within(state, index, quotas), false);
        }
        let first = Passing {
            request: &self.request.truncated(after),
            ..*self
        };
        let passage = first.take_effect_within(state, index, quotas);
        match passage.ended {
            Ok(Ok(_)) => (Passage::error(error), true),
            _ => (passage, false),
        }
    }
}

/// What a store answers with; the gate has asked before whether it can.
fn of_store(failure: &Failure) -> Error {
    failure
        .of_store()
        .unwrap_or_else(|| Error::other(failure.to_string()))
}

/// Several rules that hit one call, each told once.
pub(super) fn joined(first: Option<Arc<str>>, second: Option<Arc<str>>) -> Option<Arc<str>> {
    match (first, second) {
        (Some(first), Some(second)) if first != second => {
            Some(Arc::from(format!("{first}; {second}")))
        }
        (Some(only), _) | (None, Some(only)) => Some(only),
        (None, None) => None,
    }
}
