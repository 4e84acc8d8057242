//! Fault rules in a TOML file: `[[fault]]` tables with the columns of a table of faults.

use super::cursor::FaultSyntaxError;
use super::effect::Effect;
use super::matching::Match;
use super::rule::{BadFault, Fault};
use crate::app::document::{self, Fields, Located};
use crate::app::{LoadError, Problem, Report, SourceFile, Span};
use std::path::Path;
use std::sync::Arc;

/// The rules of a TOML file, in its order.
///
/// ```toml
/// [[fault]]
/// operation = "set"          # any, if it is left out; so are store, key and component
/// key = "user:*"
/// when = "from 2 to 4"       # always, if it is left out
/// effect = "takes 250 ms then other: timeout"
/// optional = true            # it need not fire
/// ```
///
/// # Errors
///
/// What is wrong in the file, with the places.
pub fn load_faults(path: &Path) -> Result<Vec<Fault>, LoadError> {
    let file = document::read_text(path, "the fault rules")?;
    let report = Report::new(file.clone());
    let mut faults = Vec::new();
    if let Some(document) = document::parse(&report, file.text()) {
        let span = 0..file.text().len().min(1);
        let fields = Fields::of_table(&report, document.get_ref(), span);
        for node in fields.array("fault") {
            if let Some(fields) = Fields::of(&report, node) {
                faults.extend(rule(&file, &fields));
            }
        }
        fields.refuse_others();
    }
    report.finish()?;
    if faults.is_empty() {
        let problem = Problem::error(
            "fault::none",
            format!("there is no fault rule in {}", file.name()),
        );
        return Err(problem
            .help("a rule is a table `[[fault]]` with an `effect`, such as `effect = \"other: disk full\"`")
            .into());
    }
    Ok(faults)
}

fn rule(file: &SourceFile, fields: &Fields<'_>) -> Option<Fault> {
    let said = |name: &'static str| fields.text(name).filter(|text| !text.is_empty());
    let read = |string: &Located<String>, problem: Reading| {
        fields
            .report
            .add(problem.span(file, string), problem.problem());
    };
    let operation = fields.string("operation");
    let operation = match operation.filter(|text| !matches!(text.value.as_str(), "" | "*")) {
        None => Some(None),
        Some(text) => match text.value.parse() {
            Ok(operation) => Some(Some(operation)),
            Err(error) => {
                read(&text, Reading::Whole(format!("{error}")));
                None
            }
        },
    };
    let mut matches = Match {
        operation: operation.flatten(),
        ..Match::default()
    };
    let key = match fields.string("key") {
        None => Some(None),
        Some(text) => match matches.key_pattern(&text.value) {
            Ok(pattern) => Some(pattern),
            Err(error) => {
                read(&text, Reading::Whole(format!("{error}")));
                None
            }
        },
    };
    let store_place = fields.string("store");
    let (store, component) = (said("store"), said("component"));
    let when = match fields.string("when") {
        None => Some(Default::default()),
        Some(text) => match text.value.parse() {
            Ok(when) => Some(when),
            Err(error) => {
                read(&text, Reading::Within(error));
                None
            }
        },
    };
    let required = fields.required_string("effect");
    let about = matches.operation;
    let read_effect = |text: &Located<String>| Effect::read_for(&text.value, about);
    let effect = required.as_ref().and_then(|text| match read_effect(text) {
        Ok(effect) => Some(effect),
        Err(error) => {
            read(text, Reading::Within(error));
            None
        }
    });
    let optional = fields.boolean("optional").unwrap_or(false);
    fields.refuse_others();
    operation?;
    (matches.component, matches.store) = (component.map(Arc::from), store.map(Arc::from));
    matches.key = key?;
    let fault = Fault {
        matches,
        when: when?,
        effect: effect?,
        optional,
    };
    if let Err(error) = fault.check() {
        let place = match error {
            BadFault::Unlabelled { .. } => store_place.or(required),
            _ => required,
        };
        if let Some(text) = place {
            read(&text, Reading::Whole(error.to_string()));
        }
        return None;
    }
    Some(fault)
}

/// What is wrong with a string of the file.
enum Reading {
    /// All of it.
    Whole(String),
    /// A part of it.
    Within(FaultSyntaxError),
}

impl Reading {
    /// Where it stands: within the quotes, where the string is written as it is.
    fn span(&self, file: &SourceFile, string: &Located<String>) -> Span {
        let Self::Within(error) = self else {
            return string.span.clone();
        };
        let inner = string.span.start + 1..string.span.end.saturating_sub(1);
        if file.text().get(inner.clone()) != Some(&string.value) {
            return string.span.clone();
        }
        let span = error.span();
        let start = inner.start + span.start;
        // Where something is missing, the closing quote is underlined.
        start..(inner.start + span.end).max(start + 1)
    }

    fn problem(self) -> Problem {
        match self {
            Self::Whole(message) => Problem::error("fault::invalid", message),
            Self::Within(error) => Problem::error("fault::syntax", error.message()),
        }
    }
}
