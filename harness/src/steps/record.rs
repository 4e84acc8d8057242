//! What is left of a scenario's world when it has ended: what runs of one scenario are compared by, and what the next
//! ones are made of.

use super::{Failed, World};
use crate::runner::Exploration;
use crate::sandbox::{Journal, Log, Trace};
use crate::trigger::Response;

/// What happened in one run of a scenario.
#[derive(Debug, Default)]
pub(crate) struct Record {
    /// Every call of every guest.
    pub journal: Journal,
    /// What guests wrote.
    pub log: Log,
    /// All responses of the scenario in their order, where the run was asked to keep them.
    pub responses: Vec<Response>,
    /// Every turn of requests at once, where they followed an order.
    pub trace: Option<Trace>,
    /// Whether calls may depend on each other through more than what they read and write.
    pub order_matters: bool,
}

impl World {
    /// Whether what this run was to differ in from a plain one came about.
    pub(crate) fn went_as_asked(&self) -> Result<(), Failed> {
        self.injections_were_reached()?;
        self.schedule_was_followed()
    }

    /// Whether every call was made that was to fail in this run.
    fn injections_were_reached(&self) -> Result<(), Failed> {
        let exploration = self.exploration();
        let Some(exploration) = exploration.filter(|it| !it.injections.is_empty()) else {
            return Ok(());
        };
        let message = match self.started() {
            Some(session) => session.never_reached(),
            None => {
                let never = exploration.injections.iter();
                let never =
                    never.map(|it| format!("the run never reached {it}\nno request was sent"));
                Some(never.collect::<Vec<_>>().join("\n"))
            }
        };
        message.map_or(Ok(()), |message| Err(Failed::new(message)))
    }

    /// Whether requests at once went on in the order that this run was to follow.
    fn schedule_was_followed(&self) -> Result<(), Failed> {
        let off = self.started().and_then(|session| {
            let trace = session.trace()?;
            trace.off_schedule().map(ToString::to_string)
        });
        off.map_or(Ok(()), |message| Err(Failed::new(message)))
    }

    /// Tells whoever takes that down what the scenario used.
    pub(crate) fn observe(&self, passed: bool) {
        let Ok(context) = self.context() else { return };
        if let (Some(observer), Some(session)) = (&context.observer, self.started()) {
            observer.add(session, &context.feature_path, context.seed.0, passed);
        }
    }

    /// What happened in the scenario, at its end.
    pub(crate) fn into_record(mut self) -> Record {
        if self.exploration().is_none() {
            // A plain run: nobody looks.
            return Record::default();
        }
        let responses = std::mem::take(&mut self.all_responses);
        let Some(session) = self.started() else {
            return Record {
                responses,
                ..Record::default()
            };
        };
        let (trace, order_matters) = (session.trace(), session.order_matters());
        let mut state = session.state();
        Record {
            journal: std::mem::take(&mut state.journal),
            log: std::mem::take(&mut state.log),
            responses,
            trace,
            order_matters,
        }
    }

    /// Keeps responses, where the run was asked to.
    pub(super) fn keep(&mut self, responses: &[Response]) {
        if self.exploration().is_some_and(|it| it.keeps_responses) {
            self.all_responses.extend_from_slice(responses);
        }
    }

    /// How this run differs from a plain one.
    fn exploration(&self) -> Option<&Exploration> {
        self.context().ok()?.exploration.as_deref()
    }
}
