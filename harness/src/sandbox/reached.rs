//! Whether the calls were made that were to fail.

use super::service::AnyOperation;
use super::session::Session;
use super::state::State;

impl Session {
    /// What is wrong if calls were never made that were to fail: which, and how many of their operation there were.
    pub(crate) fn never_reached(&self) -> Option<String> {
        let state = self.state();
        let lines: Vec<_> = state
            .faults
            .unreached()
            .map(|injection| {
                format!(
                    "the run never reached {injection}\n{}",
                    made(&state, injection.operation)
                )
            })
            .collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}

fn made(state: &State, operation: AnyOperation) -> String {
    let calls = state.journal.calls().iter();
    let same = calls.filter(|call| call.operation() == Some(operation));
    match same.count() {
        0 => format!("it never called \"{operation}\""),
        1 => format!("it called \"{operation}\" once"),
        many => format!("it called \"{operation}\" {many} times"),
    }
}
