//! The one gate through which every call of every interface goes: turn, grant, handle, fault before, limit, effect,
//! fault after, journal.
//!
//! Faults, limits, the journal and the scheduling of concurrent requests live here once, whatever the interface.

mod consequence;
mod dependency;
mod effect;
mod service;
mod wait;
mod wrong;

pub(crate) use dependency::Refused;
pub(crate) use service::{Asked, Keep, Served};
pub(in crate::sandbox) use wait::unfinished;

use super::faults::{Arrival, Decided};
use super::journal::{Call, Changes, Outcome, Service};
use super::mistake::Mistake;
use super::schedule::{About, Asking};
use super::session::Session;
use super::state::State;
use super::{Bound, Chain, Interface};
use crate::host::Stop;
use crate::storage::{Error, Operation, Reply, Request};
use std::borrow::Cow;
use std::sync::Arc;

/// Who calls.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub component: Arc<str>,
    pub instance: u32,
    /// The request that the call belongs to, counted from 1 among those sent at once.
    pub lane: u32,
    pub stop: Arc<Stop>,
    /// What it asks of its own app.
    pub chain: Arc<Chain>,
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

impl Target<'_> {
    fn label(&self) -> Option<&Arc<str>> {
        match self {
            Self::Label(label) => Some(label),
            Self::Handle(open) => Some(&open.label),
            Self::Dead => None,
        }
    }
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

/// How a call ended.
type Ended = Result<Result<Reply, Error>, CallTrap>;

/// What passing through the gate gave.
struct Passage {
    ended: Ended,
    fault: Option<Arc<str>>,
    injected: bool,
}

impl Passage {
    fn plain(ended: Ended) -> Self {
        Self {
            ended,
            fault: None,
            injected: false,
        }
    }

    fn error(error: Error) -> Self {
        Self::plain(Ok(Err(error)))
    }

    fn trap(why: impl Into<String>) -> Self {
        Self::plain(Err(CallTrap(why.into())))
    }
}

/// A call on its way through the gate.
struct Passing<'a> {
    session: &'a Session,
    caller: &'a Caller,
    interface: Interface,
    target: Target<'a>,
    request: &'a Request,
    ordinal: u64,
    can_fail: bool,
}

/// What came of a call when it arrived.
enum Arrived {
    /// It ended at once.
    Ended(Passage),
    /// It goes on to the store of this index, with what the rules decided.
    GoesOn(usize, Option<Box<Decided>>),
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
    ) -> Ended {
        let (mut passing, charged) =
            Passing::begin(self, caller, interface, target, &request).await;
        let arrived = match charged {
            Ok(()) => passing.arrive(&mut self.state()),
            Err(CallTrap(why)) => Arrived::Ended(Passage::trap(why)),
        };
        let passage = match arrived {
            Arrived::Ended(passage) => passage,
            Arrived::GoesOn(index, None) => passing.take_effect(&mut self.state(), index),
            Arrived::GoesOn(index, Some(decided)) => {
                passing.wait(&decided).await;
                passing.go_wrong(&mut self.state(), index, *decided)
            }
        };
        passing.record(passage)
    }

    /// Journals a call that the interface answers by itself, whatever the store.
    pub(crate) async fn storage_refusal(
        &self,
        caller: &Caller,
        interface: Interface,
        target: Target<'_>,
        request: Request,
        error: Error,
    ) -> Ended {
        let (passing, charged) = Passing::begin(self, caller, interface, target, &request).await;
        let passage = match charged {
            Ok(()) => Passage::error(error),
            Err(CallTrap(why)) => Passage::trap(why),
        };
        passing.record(passage)
    }

    /// Takes a call that nothing can go wrong with through the gate: its turn, its price, its line in the journal.
    /// `effect` gives the answer with its size in bytes, and how it is to be written down.
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
        let component = Arc::clone(&caller.component);
        self.journal(Call {
            key: shortened(key),
            size,
            note,
            ..self.call(component, caller.instance, service, outcome)
        });
        answer
    }

    /// Counts a call against the bound on compute, or something else that costs as much as so many bytes.
    pub(crate) fn charge(&self, caller: &Caller, bytes: usize) -> Result<(), CallTrap> {
        if caller.stop.spend(FUEL_OF_A_CALL + bytes as u64) {
            return Ok(());
        }
        caller.stop.exceed(Bound::Compute);
        Err(CallTrap(self.explain(Bound::Compute)))
    }
}

impl<'a> Passing<'a> {
    /// What every call has, whatever comes of it: its turn, its number among those of its operation, its price.
    async fn begin(
        session: &'a Session,
        caller: &'a Caller,
        interface: Interface,
        target: Target<'a>,
        request: &'a Request,
    ) -> (Self, Result<(), CallTrap>) {
        let mut passing = Self {
            session,
            caller,
            interface,
            target,
            request,
            ordinal: 0,
            can_fail: false,
        };
        passing.turn(false).await;
        passing.ordinal = {
            let mut state = session.state();
            let ordinal = &mut state.ordinals[request.operation() as usize];
            *ordinal += 1;
            *ordinal
        };
        let charged = session.charge(caller, request.bytes());
        (passing, charged)
    }
}

impl Passing<'_> {
    /// Waits for the call's turn; once more, as `waking`, where it slept after it.
    async fn turn(&self, waking: bool) {
        let about = About::Store {
            interface: self.interface,
            target: self.target,
            request: self.request,
        };
        let asking = Asking {
            caller: self.caller,
            about,
            waking,
        };
        self.session.schedule().turn(asking).await;
    }

    /// Grant and handle; then what the rules decide.
    fn arrive(&mut self, state: &mut State) -> Arrived {
        let operation = self.request.operation();
        let (label, index) = match self.target {
            Target::Label(label) => match self.session.open_store(&self.caller.component, label) {
                Ok(index) => (label, index),
                Err(error) => return Arrived::Ended(Passage::error(error)),
            },
            Target::Handle(open) => (&open.label, open.index),
            Target::Dead => return Arrived::Ended(dead_handle(self.interface, operation)),
        };
        // Spin answers an empty batch before it reaches the store, so nothing can go wrong with it.
        let is_batch = matches!(
            operation,
            Operation::GetMany | Operation::SetMany | Operation::DeleteMany
        );
        if is_batch && self.request.entries() == 0 {
            return Arrived::GoesOn(index, None);
        }
        self.can_fail = !state.faults.has_recovered();
        if state.faults.is_empty() {
            return Arrived::GoesOn(index, None);
        }
        let decided = state.faults.decide(&Arrival {
            component: &self.caller.component,
            store: label,
            operation: operation.into(),
            ordinal: self.ordinal,
            keys: &self.request.keys(),
            time: self.session.clock().elapsed(),
        });
        if let Some((action, cause)) = &decided.action
            && !action.can_be_said(self.interface, operation)
        {
            let mistake = Mistake::Inexpressible {
                rule: Arc::clone(&cause.text),
                deed: action.deed_of(operation.into()),
                interface: self.interface.name(),
            };
            let why = mistake.to_string();
            state.mistakes.push(mistake);
            return Arrived::Ended(Passage::trap(why));
        }
        let nothing =
            decided.action.is_none() && decided.quotas.is_empty() && decided.slowed_by.is_empty();
        Arrived::GoesOn(index, (!nothing).then(|| Box::new(decided)))
    }

    /// The call's line in the journal.
    fn record(&self, passage: Passage) -> Ended {
        let (outcome, note, reply_size) = match &passage.ended {
            Ok(Ok(Reply::Torn(_, error))) => (Outcome::Error(error.clone()), None, 0),
            Ok(Ok(reply)) => (Outcome::Ok, None, reply.size()),
            Ok(Err(error)) => (Outcome::Error(error.clone()), None, 0),
            Err(CallTrap(why)) => (Outcome::Trap, Some(why.clone()), 0),
        };
        let listed = match &passage.ended {
            Ok(Ok(Reply::Keys(keys))) => keys.len(),
            _ => 0,
        };
        self.session.journal(Call {
            size: self.request.size() + reply_size,
            entries: self.request.entries().max(listed),
            injected: passage.injected,
            fault: passage.fault,
            note,
            ..self.line(outcome)
        });
        passage.ended
    }

    fn line(&self, outcome: Outcome) -> Call {
        let service = Service::KeyValue(self.interface, self.request.operation());
        let component = Arc::clone(&self.caller.component);
        let call = self
            .session
            .call(component, self.caller.instance, service, outcome);
        Call {
            store: self.target.label().map_or(call.store, Arc::clone),
            key: shortened(self.request.journal_key()),
            ordinal: self.ordinal,
            can_fail: self.can_fail,
            changes: Changes::of_store(self.request.operation()),
            ..call
        }
    }
}

/// A key as the journal keeps it: whole, unless it is longer than any store would take.
fn shortened<'k>(key: impl Into<Cow<'k, str>>) -> String {
    let key = key.into();
    if key.len() <= KEY_IN_JOURNAL {
        return key.into_owned();
    }
    let start = &key[..key.floor_char_boundary(KEY_IN_JOURNAL)];
    format!("{start}… ({} bytes)", key.len())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_key_is_cut_between_two_characters() {
        let longest = "x".repeat(KEY_IN_JOURNAL);
        assert_eq!(shortened(&*longest), longest);
        let cut = shortened(format!("{}é and more", &longest[1..]));
        assert_eq!(cut, format!("{}… (2058 bytes)", &longest[1..]));
    }
}
