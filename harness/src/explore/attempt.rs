//! One run of many of a scenario.

use super::determinism;
use super::results::RunFailure;
use crate::runner::{Exploration, Failure, Once, Prepared, ScenarioContext, Watch};
use std::sync::Arc;

/// What all runs of a scenario have in common.
pub(super) struct Attempts<'a> {
    pub prepared: &'a Prepared,
    pub context: &'a ScenarioContext,
    /// Who follows the first run.
    pub watch: Option<&'a Watch<'a>>,
    /// Whether every run is made twice and compared.
    pub twice: bool,
}

impl Attempts<'_> {
    /// The first run, which the scenario's steps are reported of.
    pub fn first(&self, exploration: Exploration) -> Once {
        self.run(self.context.clone(), exploration, self.watch, true)
    }

    /// Another run; nobody follows it. `evidence` says whether a failure is told with what led to it.
    pub fn further(&self, exploration: Exploration, evidence: bool) -> Once {
        let context = ScenarioContext {
            watcher: None,
            ..self.context.clone()
        };
        self.run(context, exploration, None, evidence)
    }

    fn run(
        &self,
        mut context: ScenarioContext,
        mut exploration: Exploration,
        watch: Option<&Watch<'_>>,
        evidence: bool,
    ) -> Once {
        if !self.twice {
            context.exploration = Some(Arc::new(exploration));
            return self.prepared.run(context, watch, evidence);
        }
        exploration.keeps_responses = true;
        context.exploration = Some(Arc::new(exploration.clone()));
        let mut first = self.prepared.run(context.clone(), watch, evidence);
        exploration.again = true;
        context.exploration = Some(Arc::new(exploration));
        context.watcher = None;
        let second = self.prepared.run(context, None, false);
        if let Some(message) = determinism::difference(&first, &second)
            && first.afterwards.is_none()
        {
            first.afterwards = Some(Failure {
                message,
                ..Failure::default()
            });
        }
        first
    }
}

/// Failing runs of a scenario that are told with everything that led to them.
pub(super) const TOLD_IN_FULL: usize = 3;

/// Why a run did not pass, if it did not.
pub(super) fn failure_of(once: Once) -> Option<RunFailure> {
    let of_step = once.steps.into_iter().find_map(|result| {
        let failure = result.failure?;
        Some(RunFailure {
            step: Some(result.step),
            failure,
        })
    });
    of_step.or_else(|| {
        let failure = once.afterwards?;
        Some(RunFailure {
            step: None,
            failure,
        })
    })
}
