//! The one gate through which every call of every interface goes: turn, grant, handle, fault before, limit, effect,
//! fault after, journal.
//!
//! Faults, limits, the journal and the scheduling of concurrent requests live here once, whatever the interface.

use super::consequence::{Damage, damaged, exceeded, held};
use super::faults::{Action, Arrival, Cause, Decided, Ending, Staleness, TOO_MANY_REQUESTS};
use super::journal::{Call, Outcome, Service};
use super::random::Purpose;
use super::schedule::Asking;
use super::session::{Mistake, Session, State};
use super::{Bound, Interface};
use crate::host::Stop;
use crate::storage::{
    Abort, Error, Limits, Operation, Past, ProviderLimits, Reply, Request, Store,
};
use smallvec::SmallVec;
use std::sync::Arc;
use std::time::Duration;

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

/// How long after a write a read of an eventually consistent store may miss it. DynamoDB's documentation says that
/// copies agree "usually within a second".
const CONVERGENCE: Duration = Duration::from_secs(1);

/// What the journal says of a read that missed the last write of an eventually consistent store.
const EVENTUAL: &str = "the store is eventually consistent: this read misses the last write";

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
        let mut passing = Passing {
            session: self,
            caller,
            interface,
            target,
            request: &request,
            ordinal: 0,
            can_fail: false,
        };
        passing.turn(false).await;
        let arrived = match self.charge(caller, request.bytes()) {
            Ok(()) => passing.arrive(&mut self.state()),
            Err(CallTrap(why)) => {
                passing.count(&mut self.state());
                Arrived::Ended(Passage::trap(why))
            }
        };
        let passage = match arrived {
            Arrived::Ended(passage) => passage,
            Arrived::GoesOn(index, None) => {
                let limits = self.limits();
                passing.take_effect(&mut self.state(), index, limits)
            }
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
        let mut passing = Passing {
            session: self,
            caller,
            interface,
            target,
            request: &request,
            ordinal: 0,
            can_fail: false,
        };
        passing.turn(false).await;
        passing.count(&mut self.state());
        let passage = match self.charge(caller, request.bytes()) {
            Ok(()) => Passage::error(error),
            Err(CallTrap(why)) => Passage::trap(why),
        };
        passing.record(passage)
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
        let component = Arc::clone(&caller.component);
        self.journal(Call {
            key: shortened(key.to_owned()),
            size,
            note,
            ..self.call(component, caller.instance, service, outcome)
        });
        answer
    }

    /// Counts a call against the bound on compute.
    fn charge(&self, caller: &Caller, bytes: usize) -> Result<(), CallTrap> {
        if caller.stop.spend(FUEL_OF_A_CALL + bytes as u64) {
            return Ok(());
        }
        caller.stop.exceed(Bound::Compute);
        Err(CallTrap(self.explain(Bound::Compute)))
    }
}

impl Passing<'_> {
    /// Waits for the call's turn; once more, as `waking`, where it slept after it.
    async fn turn(&self, waking: bool) {
        let asking = Asking {
            caller: self.caller,
            interface: self.interface,
            target: self.target,
            request: self.request,
            waking,
        };
        self.session.schedule().turn(asking).await;
    }

    /// Gives the call its number among those of its operation.
    fn count(&mut self, state: &mut State) {
        let ordinal = &mut state.ordinals[self.request.operation() as usize];
        *ordinal += 1;
        self.ordinal = *ordinal;
    }

    /// Grant and handle; then what the rules decide.
    fn arrive(&mut self, state: &mut State) -> Arrived {
        self.count(state);
        let operation = self.request.operation();
        let (label, index) = match self.target {
            Target::Label(label) => {
                if !self.session.grants(&self.caller.component, label) {
                    return Arrived::Ended(Passage::error(Error::AccessDenied));
                }
                match self.session.store_index(label) {
                    Some(index) => (label, index),
                    None => return Arrived::Ended(Passage::error(Error::NoSuchStore)),
                }
            }
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
            operation,
            ordinal: self.ordinal,
            keys: &self.request.keys(),
            time: self.session.clock().elapsed(),
        });
        if let Some((action, cause)) = &decided.action
            && !action.can_be_said(self.interface, operation)
        {
            let mistake = Mistake::Inexpressible {
                rule: Arc::clone(&cause.text),
                deed: action.deed_of(operation),
                interface: self.interface,
            };
            let why = mistake.to_string();
            state.mistakes.push(mistake);
            return Arrived::Ended(Passage::trap(why));
        }
        let nothing =
            decided.action.is_none() && decided.quotas.is_empty() && decided.slowed_by.is_empty();
        Arrived::GoesOn(index, (!nothing).then(|| Box::new(decided)))
    }

    /// Latency, in virtual time; for ever, where the call hangs. A call that is dropped meanwhile is written down then.
    async fn wait(&self, decided: &Decided) {
        let hangs = match &decided.action {
            Some((Action::Hangs, cause)) => Some(cause),
            _ => None,
        };
        if let Some(cause) = hangs {
            self.session.state().faults.fired(cause);
        }
        if hangs.is_none() && decided.takes.is_zero() {
            return;
        }
        let mut unfinished = Unfinished {
            passing: self,
            fault: causes(decided, hangs),
            injected: hangs.is_some_and(Cause::is_injected),
            done: false,
        };
        tokio::time::sleep(decided.takes).await;
        if hangs.is_some() {
            std::future::pending::<()>().await;
        }
        // Of several that wake at once, any may go on first.
        self.turn(true).await;
        unfinished.done = true;
    }

    /// What the rules decided, around limit and effect.
    fn go_wrong(&self, state: &mut State, index: usize, decided: Decided) -> Passage {
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
        quotas: &[(super::Quota, Cause)],
    ) -> (Passage, bool) {
        let request = self.request;
        match action {
            Action::Fails(error) => (Passage::error(error.clone()), true),
            Action::Throttled(_) => (Passage::error(Error::other(TOO_MANY_REQUESTS)), true),
            Action::Traps => (
                Passage::trap(format!("the fault rule ended it: {}", cause.text)),
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
                    Ending::Error(error) => Passage::error(error.clone()),
                    Ending::Trap => Passage::trap(format!(
                        "the fault rule ended it, after the call took effect: {}",
                        cause.text
                    )),
                };
                (ended, true)
            }
            Action::Lost => {
                let passage = self.take_effect_within(state, index, quotas);
                let succeeded = matches!(passage.ended, Ok(Ok(_)));
                if succeeded {
                    state.stores[index].undo();
                }
                (passage, succeeded)
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
                match store.hides_a_write(request, past) {
                    true => (ended(store.apply_in(past, request)), true),
                    false => (self.take_effect(state, index, self.session.limits()), false),
                }
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
                let error = error
                    .clone()
                    .unwrap_or_else(|| Error::other(format!("torn after {after}")));
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
        quotas: &[(super::Quota, Cause)],
    ) -> (Passage, bool) {
        let mut passage = self.take_effect_within(state, index, quotas);
        let mut came_about = false;
        if let Ok(Ok(reply)) = &mut passage.ended {
            came_about = match damage.key_written(self.request) {
                Some(key) => {
                    let store = &mut state.stores[index];
                    let before = store.value(key).cloned();
                    store.damage(key, |value| damage.of(value));
                    store.value(key) != before.as_ref()
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
        quotas: &[(super::Quota, Cause)],
    ) -> (Passage, bool) {
        if *self.request == Request::GetKeys {
            let passage = self.take_effect(state, index, self.session.limits());
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

    /// Limits, those of the rules too, and effect.
    fn take_effect_within(
        &self,
        state: &mut State,
        index: usize,
        quotas: &[(super::Quota, Cause)],
    ) -> Passage {
        let before: SmallVec<[u64; 1]> = quotas
            .iter()
            .map(|(quota, _)| held(&state.stores[index], *quota))
            .collect();
        let passage = self.take_effect(state, index, self.session.limits());
        if !matches!(passage.ended, Ok(Ok(_))) {
            return passage;
        }
        for ((quota, cause), before) in quotas.iter().zip(before) {
            let store = &mut state.stores[index];
            if let Some(error) = exceeded(*quota, before, held(store, *quota)) {
                // What an operation adds is the store's affair, so it is tried, and taken back.
                store.undo();
                state.faults.fired(cause);
                return Passage {
                    fault: Some(Arc::clone(&cause.text)),
                    ..Passage::error(error)
                };
            }
        }
        passage
    }

    /// Limit and effect.
    fn take_effect(&self, state: &mut State, index: usize, limits: Limits) -> Passage {
        let now = self.session.clock().elapsed();
        let sequence = state.journal.calls().len() as u64;
        let store = &mut state.stores[index];
        if limits == Limits::Documented {
            let provider = ProviderLimits::of(store.provider());
            if let Err(exceeded) = provider.check(self.request, store) {
                state.nearly_full = true;
                return Passage::error(exceeded.into());
            }
            state.nearly_full |= provider.tuples.is_some_and(|most| store.len() * 2 > most);
        }
        let past = Past::Writes(1);
        if self.misses_a_write(store, now, sequence) && store.hides_a_write(self.request, past) {
            return Passage {
                fault: Some(Arc::from(EVENTUAL)),
                ..ended(store.apply_in(past, self.request))
            };
        }
        if self.request.operation().is_write() {
            store.set_time(now);
        }
        ended(store.apply(self.request))
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
            ..call
        }
    }
}

/// A call that waits. If it is dropped while it does, its instance has ended, or the guest no longer wanted it.
struct Unfinished<'a> {
    passing: &'a Passing<'a>,
    fault: Option<Arc<str>>,
    injected: bool,
    done: bool,
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        if self.done {
            return;
        }
        let ended = self.passing.caller.stop.has_ended();
        let (outcome, note) = match ended {
            true => (Outcome::Trap, "it had not ended when its instance did"),
            false => (Outcome::Cancelled, "the guest gave it up before it ended"),
        };
        self.passing.session.journal(Call {
            size: self.passing.request.size(),
            entries: self.passing.request.entries(),
            injected: self.injected,
            fault: self.fault.take(),
            note: Some(note.to_owned()),
            ..self.passing.line(outcome)
        });
    }
}

/// The texts of the rules that slowed a call down, and of one more.
fn causes(decided: &Decided, other: Option<&Cause>) -> Option<Arc<str>> {
    let slow = decided.slowed_by.iter().map(Arc::clone);
    let all = slow.chain(other.map(|cause| Arc::clone(&cause.text)));
    all.fold(None, |before, next| joined(before, Some(next)))
}

/// Several rules that hit one call, each told once.
fn joined(first: Option<Arc<str>>, second: Option<Arc<str>>) -> Option<Arc<str>> {
    match (first, second) {
        (Some(first), Some(second)) if first != second => {
            Some(Arc::from(format!("{first}; {second}")))
        }
        (Some(only), _) | (None, Some(only)) => Some(only),
        (None, None) => None,
    }
}

fn ended(applied: Result<Result<Reply, Error>, Abort>) -> Passage {
    Passage::plain(applied.map_err(|Abort(why)| CallTrap(why)))
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
