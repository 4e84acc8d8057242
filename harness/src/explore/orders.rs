//! `@schedule-sweep`: runs a scenario once for each order in which the storage calls of its requests at once can
//! interleave. Which orders those are is the search's business.

use super::attempt::{Attempts, TOLD_IN_FULL, failure_of};
use super::results::{FailedOrder, Order, ScheduleSweep};
use super::schedule_sweep::{Search, clash};
use crate::runner::{Exploration, Once, Verdict};

/// Runs a scenario in at most `bound` orders. Unless it had a `clean` run before, the first order is what its steps are
/// reported of.
pub(super) fn sweep(
    attempts: &Attempts<'_>,
    bound: usize,
    clean: Option<Once>,
) -> (ScheduleSweep, Once) {
    let mut search = Search::new(attempts.context.seed, bound);
    let mut found = ScheduleSweep::default();
    let mut reported = clean;
    while let Some(guide) = search.next() {
        let exploration = Exploration {
            schedule: Some(guide),
            faulted: reported.is_some(),
            ..Exploration::default()
        };
        let is_first = reported.is_none();
        let evidence = found.failed.len() < TOLD_IN_FULL;
        let mut once = match is_first {
            true => attempts.first(exploration),
            false => attempts.further(exploration, evidence),
        };
        let trace = once.record.trace.take().unwrap_or_default();
        let passed = once.verdict() == Verdict::Passed;
        if is_first && !passed && trace.turns().is_empty() {
            // It fails before there is an order of anything.
            return (found, once);
        }
        found.concurrent |= !trace.turns().is_empty();
        let learned = search.learn(&trace, once.record.order_matters, passed);
        if !passed && learned.new {
            found.failed.push(FailedOrder {
                schedule: trace.schedule().to_string(),
                order: evidence.then_some(Order {
                    trace,
                    clash: learned.clash,
                }),
                failure: match is_first {
                    true => None,
                    false => failure_of(std::mem::take(&mut once)),
                },
            });
        }
        if is_first {
            reported = Some(once);
        }
    }
    found.orders = search.orders();
    found.bounded_at = search.bounded();
    (found, reported.unwrap_or_default())
}

/// The order of a run that was given one and did not pass.
pub(super) fn followed(once: &mut Once) -> Option<Order> {
    let passed = once.verdict() == Verdict::Passed;
    let trace = once.record.trace.take().filter(|_| !passed)?;
    let clash = clash(&trace, once.record.order_matters);
    let several = !trace.turns().is_empty();
    several.then_some(Order { trace, clash })
}
