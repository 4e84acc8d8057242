//! What is left of a scenario's world when it has ended: what runs of one scenario are compared by, and what the next
//! ones are made of.

use crate::sandbox::{Injection, Journal, Log, Trace};
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

/// What is wrong with a run that never made the calls which were to fail.
pub(super) fn never_reached<'i>(
    unreached: impl Iterator<Item = &'i Injection>,
    journal: &Journal,
) -> Option<String> {
    let lines = unreached.map(|injection| {
        let operation = injection.operation;
        let calls = journal.storage_calls();
        let made = calls.filter(|call| call.storage_operation() == Some(operation));
        let made = match made.count() {
            0 => format!("it never called \"{operation}\""),
            1 => format!("it called \"{operation}\" once"),
            many => format!("it called \"{operation}\" {many} times"),
        };
        let (ordinal, effect) = (injection.ordinal, &injection.effect);
        format!("the run never reached {operation}#{ordinal}: {effect}\n{made}")
    });
    let lines: Vec<_> = lines.collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}
