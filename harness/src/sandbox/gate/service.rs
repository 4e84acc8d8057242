//! The way of a call of any service but key-value through the gate: turn, grant, handle, fault before, effect, fault
//! after, journal.

use super::wait::{causes, unfinished};
use super::wrong::joined;
use super::{CallTrap, Caller, shortened};
use crate::sandbox::Mistake;
use crate::sandbox::faults::{Action, Arrival, Cause, Decided, Ending};
use crate::sandbox::journal::{Call, Changes, Outcome, Service};
use crate::sandbox::schedule::{About, Asking};
use crate::sandbox::service::{AnyOperation, Failure, ServiceInterface, ServiceOperation, Turns};
use crate::sandbox::session::Session;
use std::sync::Arc;

/// What a guest asks of a service.
#[derive(Clone, Debug)]
pub(crate) struct Asked<'a> {
    pub interface: &'static ServiceInterface,
    pub operation: &'static ServiceOperation,
    /// The label of a database, the address of a server; empty where the key says it all.
    pub label: &'a str,
    /// What it is about, as the journal and the rules have it: a statement, a key, a channel, a URL.
    pub key: String,
    /// Bytes that it carries towards the service.
    pub size: usize,
    /// What this very call changes if it takes effect: of the operations that can change something, not every call does.
    pub changes: Changes,
    /// What grant and handle say; what they refuse no fault can hit.
    pub admitted: Result<(), Failure>,
}

/// Whether what a call does is to last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    Kept,
    /// It is undone, and the guest is told that it succeeded.
    Lost,
}

/// What a service answers.
#[derive(Debug)]
pub(crate) struct Served<T> {
    pub reply: Result<T, Failure>,
    /// Bytes that go back.
    pub size: usize,
    /// What else a person should know.
    pub note: Option<String>,
}

/// How a call ended, with what the journal says of it.
struct Passed<T> {
    ended: Result<Result<T, Failure>, CallTrap>,
    size: usize,
    note: Option<String>,
    fault: Option<Arc<str>>,
    injected: bool,
}

impl<T> Passed<T> {
    fn plain(ended: Result<Result<T, Failure>, CallTrap>) -> Self {
        Self {
            ended,
            size: 0,
            note: None,
            fault: None,
            injected: false,
        }
    }

    fn served(served: Result<Served<T>, CallTrap>) -> Self {
        match served {
            Ok(served) => Self {
                size: served.size,
                note: served.note,
                ..Self::plain(Ok(served.reply))
            },
            Err(trap) => Self::plain(Err(trap)),
        }
    }
}

impl Session {
    /// Takes a call of a service through the gate. An effect that sleeps has to ask for its turn again when it wakes:
    /// [`Session::turn_again`]. The inner error is the guest's answer; the outer one ends its
    /// instance. `effect` is what the service does; it is asked at most once, and not at all where a fault comes before.
    pub(crate) async fn service_call<T, F>(
        &self,
        caller: &Caller,
        asked: Asked<'_>,
        effect: impl FnOnce(Keep) -> F + Send,
    ) -> Result<Result<T, Failure>, CallTrap>
    where
        T: Send,
        F: Future<Output = Result<Served<T>, CallTrap>> + Send,
    {
        let service = Service::Called(asked.interface, asked.operation);
        let ok = |_: &T| Outcome::Ok;
        self.service_call_as(caller, &asked, service, ok, effect)
            .await
    }

    /// Waits for the turn of a call that slept within its effect: of several that wake at once, any may go on first.
    pub(in crate::sandbox) async fn turn_again(&self, caller: &Caller, asked: &Asked<'_>) {
        turn(self, caller, asked, true).await;
    }

    /// As [`Session::service_call`], with what the journal names it and how it writes an answer down. One that it writes
    /// down as failed did not succeed, whatever the guest's call gives.
    pub(in crate::sandbox) async fn service_call_as<T, F>(
        &self,
        caller: &Caller,
        asked: &Asked<'_>,
        service: Service,
        outcome: impl Fn(&T) -> Outcome + Send + Sync,
        effect: impl FnOnce(Keep) -> F + Send,
    ) -> Result<Result<T, Failure>, CallTrap>
    where
        T: Send,
        F: Future<Output = Result<Served<T>, CallTrap>> + Send,
    {
        let mut calling = Calling {
            session: self,
            caller,
            asked,
            service,
            ordinal: 0,
            can_fail: false,
            injected: false,
            fault: None,
            unfinished: false,
        };
        turn(self, caller, asked, false).await;
        let passed = calling.pass(effect, &outcome).await;
        calling.record(&passed, outcome);
        passed.ended
    }
}

/// A call on its way. If it is dropped before it ended, its instance has ended, or the guest no longer wanted it.
struct Calling<'a> {
    session: &'a Session,
    caller: &'a Caller,
    asked: &'a Asked<'a>,
    service: Service,
    ordinal: u64,
    can_fail: bool,
    /// What hit it so far.
    injected: bool,
    fault: Option<Arc<str>>,
    unfinished: bool,
}

/// Waits for a call's turn, where another call could tell in which order they came.
async fn turn(session: &Session, caller: &Caller, asked: &Asked<'_>, waking: bool) {
    let schedule = session.schedule();
    if !schedule.is_concurrent() {
        return;
    }
    let (takes, in_turn) = match asked.interface.turns {
        Turns::Always => (true, false),
        Turns::Never => (false, false),
        Turns::WhereTold => {
            let state = session.state();
            let in_turn = (asked.operation.family().answers_in_turn)(&state);
            (in_turn || state.faults.order_matters(), in_turn)
        }
    };
    if !takes {
        return schedule.turn_of_no_consequence().await;
    }
    let about = About::Service { asked, in_turn };
    let asking = Asking {
        caller,
        about,
        waking,
    };
    schedule.turn(asking).await;
}

impl Calling<'_> {
    /// From the turn to the answer.
    async fn pass<T, F>(
        &mut self,
        effect: impl FnOnce(Keep) -> F,
        outcome: &impl Fn(&T) -> Outcome,
    ) -> Passed<T>
    where
        F: Future<Output = Result<Served<T>, CallTrap>>,
    {
        self.ordinal = self.session.state().next_ordinal(self.asked.operation);
        // From here on it has come to the gate, and the journal has a line for it whatever happens.
        self.unfinished = true;
        let bytes = self.asked.key.len() + self.asked.size;
        if let Err(trap) = self.session.charge(self.caller, bytes) {
            return Passed::plain(Err(trap));
        }
        if let Err(refused) = &self.asked.admitted {
            return Passed::plain(Ok(Err(refused.clone())));
        }
        let decided = match self.decide() {
            Ok(None) => return Passed::served(effect(Keep::Kept).await),
            Ok(Some(decided)) => decided,
            Err(trap) => return Passed::plain(Err(trap)),
        };
        self.wait(&decided).await;
        let Some((action, cause)) = decided.action else {
            let passed = Passed::served(effect(Keep::Kept).await);
            return Passed {
                fault: self.fault.clone(),
                ..passed
            };
        };
        self.go_wrong(&action, &cause, effect, outcome).await
    }

    /// What the rules decide about it, if anything.
    fn decide(&mut self) -> Result<Option<Decided>, CallTrap> {
        let mut state = self.session.state();
        let family = self.asked.operation.family();
        let (app, component) = (self.session.app().locked(), &self.caller.component);
        let swept = (family.swept)(app, component, &self.asked.key);
        self.can_fail = swept && !state.faults.has_recovered();
        if state.faults.is_empty() {
            return Ok(None);
        }
        let operation = AnyOperation::Service(self.asked.operation);
        let decided = state.faults.decide(&Arrival {
            component: &self.caller.component,
            store: self.asked.label,
            operation,
            ordinal: self.ordinal,
            keys: &[&self.asked.key],
            time: self.session.clock().elapsed(),
        });
        if let Some((action, cause)) = &decided.action
            && !action.can_be_said_of(self.asked.interface, self.asked.operation)
        {
            let mistake = Mistake::Inexpressible {
                rule: Arc::clone(&cause.text),
                deed: action.deed_of(operation),
                interface: self.asked.interface.name,
            };
            let why = mistake.to_string();
            state.mistakes.push(mistake);
            return Err(CallTrap(why));
        }
        let nothing = decided.action.is_none() && decided.slowed_by.is_empty();
        Ok((!nothing).then_some(decided))
    }

    /// Latency, in virtual time; for ever, where the call hangs.
    async fn wait(&mut self, decided: &Decided) {
        let hangs = match &decided.action {
            Some((Action::Hangs, cause)) => Some(cause),
            _ => None,
        };
        self.fault = causes(decided, hangs);
        if let Some(cause) = hangs {
            self.injected = cause.is_injected();
            self.session.state().faults.fired(cause);
        }
        if hangs.is_none() && decided.takes.is_zero() {
            return;
        }
        tokio::time::sleep(decided.takes).await;
        if hangs.is_some() {
            std::future::pending::<()>().await;
        }
        // Of several that wake at once, any may go on first.
        turn(self.session, self.caller, self.asked, true).await;
    }

    async fn go_wrong<T, F>(
        &mut self,
        action: &Action,
        cause: &Cause,
        effect: impl FnOnce(Keep) -> F,
        outcome: &impl Fn(&T) -> Outcome,
    ) -> Passed<T>
    where
        F: Future<Output = Result<Served<T>, CallTrap>>,
    {
        let slow = self.fault.clone();
        // For the journal, should nobody wait for its end: the rule has not come about by then.
        self.injected = cause.is_injected();
        let succeeded = |passed: &Passed<T>| match &passed.ended {
            Ok(Ok(reply)) => !matches!(outcome(reply), Outcome::Failed(_)),
            _ => false,
        };
        let (passed, came_about) = match action {
            Action::Fails(failure) => (Passed::plain(Ok(Err(failure.clone()))), true),
            Action::Traps => {
                let why = format!("ended by a fault: {}", cause.text);
                (Passed::plain(Err(CallTrap(why))), true)
            }
            Action::AppliedThen(ending) if self.asked.changes.any() => {
                let passed = Passed::served(effect(Keep::Kept).await);
                match ending {
                    _ if !succeeded(&passed) => (passed, false),
                    Ending::Error(failure) => (Passed::plain(Ok(Err(failure.clone()))), true),
                    Ending::Trap => {
                        let cause = &cause.text;
                        let why = format!("ended by a fault, after the call took effect: {cause}");
                        (Passed::plain(Err(CallTrap(why))), true)
                    }
                }
            }
            Action::Lost if self.asked.changes == Changes::Undoably => {
                let passed = Passed::served(effect(Keep::Lost).await);
                let succeeded = succeeded(&passed);
                (passed, succeeded)
            }
            // A read changes nothing that could be applied before it fails, and not all can be undone.
            Action::AppliedThen(_) | Action::Lost => {
                let changes = self.asked.changes;
                self.session.state().faults.ruled_out(cause, changes);
                (Passed::served(effect(Keep::Kept).await), false)
            }
            // One that hangs never comes this far. Rules that do not concern a service are refused when they are stated.
            _ => (Passed::served(effect(Keep::Kept).await), false),
        };
        if came_about {
            self.session.state().faults.fired(cause);
        }
        Passed {
            fault: match came_about {
                true => joined(slow, Some(Arc::clone(&cause.text))),
                false => slow,
            },
            injected: cause.is_injected(),
            ..passed
        }
    }

    /// The call's line in the journal.
    fn record<T>(&mut self, passed: &Passed<T>, outcome: impl Fn(&T) -> Outcome) {
        self.unfinished = false;
        let (outcome, why) = match &passed.ended {
            Ok(Ok(reply)) => (outcome(reply), None),
            Ok(Err(failure)) => (Outcome::Failed(failure.to_string()), None),
            Err(CallTrap(why)) => (Outcome::Trap, Some(why.clone())),
        };
        self.session.journal(Call {
            size: self.asked.size + passed.size,
            injected: passed.injected,
            fault: passed.fault.clone(),
            note: why.or_else(|| passed.note.clone()),
            ..self.line(outcome)
        });
    }

    fn line(&self, outcome: Outcome) -> Call {
        let component = Arc::clone(&self.caller.component);
        let (instance, service) = (self.caller.instance, self.service.clone());
        let call = self.session.call(component, instance, service, outcome);
        Call {
            store: match self.asked.label {
                "" => call.store,
                label => Arc::from(label),
            },
            key: shortened(&*self.asked.key),
            ordinal: self.ordinal,
            can_fail: self.can_fail,
            changes: self.asked.changes,
            ..call
        }
    }
}

impl Drop for Calling<'_> {
    fn drop(&mut self) {
        if !self.unfinished {
            return;
        }
        let (outcome, note) = unfinished(self.caller);
        self.session.journal(Call {
            size: self.asked.size,
            injected: self.injected,
            fault: self.fault.take(),
            note: Some(note.to_owned()),
            ..self.line(outcome)
        });
    }
}

#[cfg(test)]
mod tests;
