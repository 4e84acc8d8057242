//! An order of storage calls as a diagram. (Stands in for the one to come.)

use crate::explore::schedule_sweep::Clash;
use crate::sandbox::Trace;

pub(crate) fn diagram(trace: &Trace, _clash: Option<Clash>, _width: usize) -> Vec<String> {
    let turns = trace.turns().iter();
    turns
        .map(|turn| format!("{} {}", turn.lane(), turn.access.operation))
        .collect()
}
