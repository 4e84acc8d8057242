//! The sentences of the vocabulary, and what a person must know to use them.

mod assertions;
mod messages;
mod preparations;
mod services;

use super::reference::{Keyword, StepHelp, Subject, Takes};
use std::sync::LazyLock;

const fn given(sentence: &'static str, takes: Takes) -> StepHelp {
    StepHelp {
        keyword: Keyword::Given,
        sentence,
        takes,
    }
}

const fn when(sentence: &'static str, takes: Takes) -> StepHelp {
    StepHelp {
        keyword: Keyword::When,
        sentence,
        takes,
    }
}

const fn then(sentence: &'static str, takes: Takes) -> StepHelp {
    StepHelp {
        keyword: Keyword::Then,
        sentence,
        takes,
    }
}

const NOTHING: Takes = Takes::Nothing;
const TEXT: Takes = Takes::DocString;
const FAULTS: Takes = Takes::Table(&["operation", "store", "key", "component", "when", "effect"]);
const TUPLES: Takes = Takes::Table(&["key", "value"]);

/// In the order of the documentation.
pub(super) static SUBJECTS: LazyLock<Vec<Subject>> = LazyLock::new(|| {
    let subjects = preparations::SUBJECTS.iter().chain(services::SUBJECTS);
    let subjects = subjects.chain(assertions::SUBJECTS);
    subjects.chain(messages::SUBJECTS).copied().collect()
});
