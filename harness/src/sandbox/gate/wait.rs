//! Latency: a call that takes virtual time, or never ends, and what becomes of it when nobody waits for it any more.

use super::wrong::joined;
use super::{Caller, Passing};
use crate::sandbox::faults::{Action, Cause, Decided};
use crate::sandbox::journal::{Call, Outcome};
use std::sync::Arc;

impl Passing<'_> {
    /// Latency, in virtual time; for ever, where the call hangs. A call that is dropped meanwhile is written down then.
    pub(super) async fn wait(&self, decided: &Decided) {
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
}

/// What becomes of a call that is dropped before it ended, and why.
pub(in crate::sandbox) fn unfinished(caller: &Caller) -> (Outcome, &'static str) {
    match caller.stop.has_ended() {
        true => (Outcome::Trap, "it had not ended when its instance did"),
        false => (Outcome::Cancelled, "the guest gave it up before it ended"),
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
        let (outcome, note) = unfinished(self.passing.caller);
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
pub(super) fn causes(decided: &Decided, other: Option<&Cause>) -> Option<Arc<str>> {
    let slow = decided.slowed_by.iter().map(Arc::clone);
    let all = slow.chain(other.map(|cause| Arc::clone(&cause.text)));
    all.fold(None, |before, next| joined(before, Some(next)))
}
