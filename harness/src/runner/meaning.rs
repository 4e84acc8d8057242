//! What a sentence of a scenario means: found out once, however often the scenario runs.

use super::step_table::{Candidate, StepMatch, StepTable};
use crate::steps::{self, Takes, World};
use crate::value::visible;
use cucumber::gherkin::Step;
use cucumber::step::{CaptureName, Location};

/// Sentences that are named when a step is missing.
const NEAREST: usize = 3;

/// What a sentence means; or what is wrong with it, as a person is told.
pub(super) enum Meaning {
    /// One step.
    One {
        /// The function to call.
        function: cucumber::Step<World>,
        /// Where it stands.
        location: Location,
        /// What it is given.
        matches: Vec<(CaptureName, String)>,
    },
    /// One step, and something stands below the sentence that it would pass over.
    Superfluous(String),
    /// No step.
    None(String),
    /// Several.
    Several(String),
}

impl Meaning {
    /// What a step means.
    pub fn of(step: &Step, table: &StepTable) -> Self {
        match table.find(step.ty, &step.value) {
            StepMatch::None => Self::None(missing(step)),
            StepMatch::Several(candidates) => Self::Several(ambiguous(&candidates)),
            StepMatch::One {
                function,
                location,
                matches,
            } => {
                let bare = step.table.is_none() && step.docstring.is_none();
                let takes = if bare {
                    &[]
                } else {
                    table.takes(step.ty, location)
                };
                match superfluous(step, takes) {
                    Some(message) => Self::Superfluous(message),
                    None => Self::One {
                        function,
                        location,
                        matches,
                    },
                }
            }
        }
    }
}

/// What stands below a step that takes no such thing: it would be passed over without a word.
fn superfluous(step: &Step, takes: &[Takes]) -> Option<String> {
    if takes.is_empty() {
        return None;
    }
    let takes_table = takes.iter().any(|takes| matches!(takes, Takes::Table(_)));
    let takes_text = takes.contains(&Takes::DocString);
    let (what, wanted): (_, fn(&Takes) -> bool) = match (&step.table, &step.docstring) {
        (Some(_), _) if !takes_table => ("table", |takes| matches!(takes, Takes::Table(_))),
        (_, Some(_)) if !takes_text => ("text", |takes| *takes == Takes::DocString),
        _ => return None,
    };
    let own = match (takes_table, takes_text) {
        (true, _) => ", but a table",
        (_, true) => ", but a text between lines of `\"\"\"`",
        (false, false) => "",
    };
    let mut message = format!("a {what} stands below this step, which takes none{own}");
    if !own.is_empty() {
        return Some(message);
    }
    let likely = steps::nearest(step.ty.into(), &step.value, usize::MAX);
    if let Some(help) = likely.into_iter().find(|help| wanted(&help.takes)) {
        message.push_str(&format!("\nthe nearest that takes one is:\n  {help}"));
    }
    Some(message)
}

fn missing(step: &Step) -> String {
    if let Some(wrong) = steps::wrong_argument(step.ty.into(), &step.value) {
        return format!(
            "`{}` stands where {} is expected:\n  {}",
            visible(&wrong.given),
            wrong.expected,
            wrong.help
        );
    }
    let nearest = steps::nearest(step.ty.into(), &step.value, NEAREST);
    if nearest.is_empty() {
        return "no step has these words; `spin-harness steps` lists all there are".to_owned();
    }
    let mut message = "no step has these words; the nearest are:".to_owned();
    for help in nearest {
        message.push_str(&format!("\n  {help}"));
    }
    message
}

fn ambiguous(candidates: &[Candidate]) -> String {
    let mut message = "several steps have these words:".to_owned();
    for candidate in candidates {
        message.push_str(&format!(
            "\n  {} ({})",
            candidate.pattern, candidate.location
        ));
    }
    message
}
