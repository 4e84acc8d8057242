//! The one gate through which every call of every interface goes: turn, grant, handle, fault before, limit, effect,
//! fault after, journal.
//!
//! Faults, limits, the journal and the scheduling of concurrent requests live here once, whatever the interface.

use super::faults::Effect;
use super::journal::{Call, Outcome, Service};
use super::schedule::Asking;
use super::session::{Mistake, Session, State};
use super::{Bound, Interface};
use crate::host::Stop;
use crate::storage::{Abort, Error, Limits, Operation, ProviderLimits, Reply, Request, Store};
use std::sync::Arc;

/// Who calls.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub component: Arc<str>,
    pub instance: u32,
    /// The request that the call belongs to, counted from 1 among those sent at once.
    pub lane: u32,
    pub stop: Arc<Stop>,
}

/// Fuel that a call costs besides that of its bytes: guests spend nearly none of their own on it, and a loop of calls has
/// to meet the bound on compute too.
const FUEL_OF_A_CALL: u64 = 100_000;

/// Bytes of a key that the journal keeps.
const KEY_IN_JOURNAL: usize = 2048;

/// What a call is made on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target<'a> {
    /// `open` of a label.
    Label(&'a Arc<str>),
    /// A handle that is open, and the store it stands for.
    Handle(&'a OpenStore),
    /// A handle that is not open.
    Dead,
}

/// What an open handle stands for.
#[derive(Clone, Debug)]
pub(crate) struct OpenStore {
    pub label: Arc<str>,
    /// Index among the sandbox's stores.
    pub index: usize,
}

/// Why a call ended its instance.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct CallTrap(pub String);

/// What passing through the gate gave.
struct Passage {
    outcome: Result<Result<Reply, Error>, CallTrap>,
    fault: Option<Arc<str>>,
}

impl Passage {
    fn error(error: Error) -> Self {
        Self {
            outcome: Ok(Err(error)),
            fault: None,
        }
    }

    fn trap(why: impl Into<String>) -> Self {
        Self {
            outcome: Err(CallTrap(why.into())),
            fault: None,
        }
    }
}

impl Session {
    /// Takes a key-value call through the gate.
    ///
    /// The inner error is the guest's answer; the outer one ends its instance.
    pub(crate) async fn storage_call(
        &self,
        caller: &Caller,
        interface: Interface,
        target: Target<'_>,
        request: Request,
    ) -> Result<Result<Reply, Error>, CallTrap> {
        self.take_turn(caller, interface, target, &request, false)
            .await;
        let passage = match self.charge(caller, request.bytes()) {
            Ok(()) => {
                let mut state = self.state();
                self.go_through(&mut state, caller, interface, target, &request)
            }
            Err(CallTrap(why)) => Passage::trap(why),
        };
        self.record(caller, interface, target, &request, passage)
    }

    /// Journals a call that the interface answers by itself, whatever the store.
    pub(crate) async fn storage_refusal(
        &self,
        caller: &Caller,
        interface: Interface,
        target: Target<'_>,
        request: Request,
        error: Error,
    ) -> Result<Result<Reply, Error>, CallTrap> {
        self.take_turn(caller, interface, target, &request, false)
            .await;
        let passage = match self.charge(caller, request.bytes()) {
            Ok(()) => Passage::error(error),
            Err(CallTrap(why)) => Passage::trap(why),
        };
        self.record(caller, interface, target, &request, passage)
    }

    /// Takes a call of another service through the gate: its turn, its price, its line in the journal. `effect` gives
    /// the answer with its size in bytes, and how it is to be written down.
    pub(crate) async fn other_call<T>(
        &self,
        caller: &Caller,
        service: Service,
        key: &str,
        effect: impl FnOnce() -> (T, usize, Outcome, Option<String>),
    ) -> Result<T, CallTrap> {
        self.schedule().turn_of_no_consequence().await;
        let charged = self.charge(caller, key.len());
        let (answer, size, outcome, note) = match charged {
            Ok(()) => {
                let (answer, size, outcome, note) = effect();
                (Ok(answer), size, outcome, note)
            }
            Err(trap) => {
                let why = trap.0.clone();
                (Err(trap), 0, Outcome::Trap, Some(why))
            }
        };
        self.journal(Call {
            sequence: 0,
            time: self.clock().elapsed(),
            component: Arc::clone(&caller.component),
            instance: caller.instance,
            service,
            store: self.no_label(),
            key: shortened(key.to_owned()),
            size,
            outcome,
            fault: None,
            note,
        });
        answer
    }

    /// Waits for a storage call's turn; once more, as `waking`, where it slept after it.
    async fn take_turn(
        &self,
        caller: &Caller,
        interface: Interface,
        target: Target<'_>,
        request: &Request,
        waking: bool,
    ) {
        let asking = Asking {
            caller,
            interface,
            target,
            request,
            waking,
        };
        self.schedule().turn(asking).await;
    }

    /// Counts a call against the bound on compute.
    fn charge(&self, caller: &Caller, bytes: usize) -> Result<(), CallTrap> {
        if caller.stop.spend(FUEL_OF_A_CALL + bytes as u64) {
            return Ok(());
        }
        caller.stop.exceed(Bound::Compute);
        Err(CallTrap(self.explain(Bound::Compute)))
    }

    fn go_through(
        &self,
        state: &mut State,
        caller: &Caller,
        interface: Interface,
        target: Target<'_>,
        request: &Request,
    ) -> Passage {
        let operation = request.operation();
        let (label, index) = match target {
            Target::Label(label) => {
                if !self.grants(&caller.component, label) {
                    return Passage::error(Error::AccessDenied);
                }
                match self.store_index(label) {
                    Some(index) => (label, index),
                    None => return Passage::error(Error::NoSuchStore),
                }
            }
            Target::Handle(open) => (&open.label, open.index),
            Target::Dead => return dead_handle(interface, operation),
        };
        let keys = request.keys();
        // Spin answers an empty batch before it reaches the store, so nothing can go wrong with it.
        let empty_batch = keys.is_empty()
            && matches!(
                operation,
                Operation::GetMany | Operation::SetMany | Operation::DeleteMany
            );
        let verdict = if empty_batch || state.faults.is_empty() {
            None
        } else {
            state
                .faults
                .decide(&caller.component, label, operation, &keys)
        };
        if let Some(verdict) = &verdict
            && !interface.can_say(verdict.effect.error(), operation)
        {
            let mistake = Mistake::Inexpressible {
                rule: Arc::clone(&verdict.rule),
                error: verdict.effect.error().clone(),
                operation,
                interface,
            };
            let why = mistake.to_string();
            state.mistakes.push(mistake);
            return Passage::trap(why);
        }
        let (before, after, fault) = match verdict {
            None => (None, None, None),
            Some(verdict) => match verdict.effect {
                Effect::Fails(error) => (Some(error), None, Some(verdict.rule)),
                Effect::AppliedThen(error) => (None, Some(error), Some(verdict.rule)),
            },
        };
        let outcome = match before {
            Some(error) => Ok(Err(error)),
            None => match take_effect(&mut state.stores[index], self.limits(), request) {
                Ok(Ok(reply)) => Ok(after.map_or(Ok(reply), Err)),
                // The rule would have come after an effect that never was: the store decided, not the rule.
                Ok(Err(error)) => {
                    return Passage {
                        outcome: Ok(Err(error)),
                        fault: fault.and_then(|rule| state.faults.take_back(&rule)),
                    };
                }
                Err(Abort(why)) => Err(CallTrap(why)),
            },
        };
        Passage { outcome, fault }
    }

    fn record(
        &self,
        caller: &Caller,
        interface: Interface,
        target: Target<'_>,
        request: &Request,
        passage: Passage,
    ) -> Result<Result<Reply, Error>, CallTrap> {
        let (outcome, note, reply_size) = match &passage.outcome {
            Ok(Ok(reply)) => (Outcome::Ok, None, reply.size()),
            Ok(Err(error)) => (Outcome::Error(error.clone()), None, 0),
            Err(CallTrap(why)) => (Outcome::Trap, Some(why.clone()), 0),
        };
        self.journal(Call {
            sequence: 0,
            time: self.clock().elapsed(),
            component: Arc::clone(&caller.component),
            instance: caller.instance,
            service: Service::KeyValue(interface, request.operation()),
            store: match target {
                Target::Label(label) => Arc::clone(label),
                Target::Handle(open) => Arc::clone(&open.label),
                Target::Dead => self.no_label(),
            },
            key: shortened(request.journal_key()),
            size: request.size() + reply_size,
            outcome,
            fault: passage.fault,
            note,
        });
        passage.outcome
    }
}

/// A key as the journal keeps it: whole, unless it is longer than any store would take.
fn shortened(mut key: String) -> String {
    if key.len() <= KEY_IN_JOURNAL {
        return key;
    }
    let len = key.len();
    let end = (0..=KEY_IN_JOURNAL)
        .rev()
        .find(|end| key.is_char_boundary(*end));
    key.truncate(end.unwrap_or(0));
    format!("{key}… ({len} bytes)")
}

fn take_effect(
    store: &mut Store,
    limits: Limits,
    request: &Request,
) -> Result<Result<Reply, Error>, Abort> {
    if limits == Limits::Documented
        && let Err(exceeded) = ProviderLimits::of(store.provider()).check(request, store)
    {
        return Ok(Err(exceeded.into()));
    }
    store.apply(request)
}

/// What each interface does with a handle that is not open (`crates/factor-key-value/src/host.rs` in Spin).
fn dead_handle(interface: Interface, operation: Operation) -> Passage {
    match (interface, operation) {
        (Interface::WasiKeyValue, _) => Passage::error(Error::NoSuchStore),
        (Interface::KeyValue3, operation) if operation != Operation::GetKeys => {
            Passage::error(Error::NoSuchStore)
        }
        _ => Passage::trap("invalid store"),
    }
}
