//! What is left of a scenario's world when it has ended: what runs of one scenario are compared by, and what the next
//! ones are made of.

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
