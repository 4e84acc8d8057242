//! Every step there is, and which of them a sentence means.

use crate::steps::World;
use cucumber::codegen::{LazyRegex, StepConstructor, WorldInventory};
use cucumber::gherkin::StepType;
use cucumber::step::{CaptureName, Location};
use regex::{CaptureLocations, Regex};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// The steps of a run: those of the vocabulary, and those that the program adds to the same [`World`].
pub struct StepTable {
    given: Vec<Definition>,
    when: Vec<Definition>,
    then: Vec<Definition>,
}

struct Definition {
    location: Location,
    function: cucumber::Step<World>,
    make: LazyRegex,
    /// Compiled when a sentence first may match: compiling all of them takes longer than running a scenario.
    regex: OnceLock<Regex>,
    /// What every sentence that matches begins with, as far as that is known without compiling.
    prefix: String,
}

/// A step that a sentence may mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its regular expression.
    pub pattern: String,
    /// Where its function stands.
    pub location: String,
}

/// Which step a sentence means.
pub enum StepMatch {
    /// Exactly one.
    One {
        /// The function to call.
        function: cucumber::Step<World>,
        /// Where it stands.
        location: Location,
        /// What it is given: the whole sentence first, then what its expression captured.
        matches: Vec<(CaptureName, String)>,
    },
    /// None.
    None,
    /// Several, in the order of their places.
    Several(Vec<Candidate>),
}

impl StepTable {
    /// All steps of [`World`] in this program. The same table, once made.
    pub fn shared() -> Arc<Self> {
        static SHARED: OnceLock<Arc<StepTable>> = OnceLock::new();
        Arc::clone(SHARED.get_or_init(|| {
            let prefixes = prefixes();
            Arc::new(Self {
                given: collect::<<World as WorldInventory>::Given>(&prefixes),
                when: collect::<<World as WorldInventory>::When>(&prefixes),
                then: collect::<<World as WorldInventory>::Then>(&prefixes),
            })
        }))
    }

    /// The step that a sentence means.
    pub fn find(&self, kind: StepType, text: &str) -> StepMatch {
        let definitions = self.of_kind(kind);
        let may_match = definitions.iter().filter(|definition| text.starts_with(&definition.prefix));
        let mut found = may_match.filter(|definition| definition.regex().is_match(text));
        let Some(first) = found.next() else { return StepMatch::None };
        let Some(second) = found.next() else { return first.capture(text) };
        StepMatch::Several([first, second].into_iter().chain(found).map(Definition::candidate).collect())
    }

    /// What cucumber's events say of the one step that a sentence means: what it captured and where it stands.
    pub(super) fn location(&self, kind: StepType, text: &str) -> Option<(CaptureLocations, Location)> {
        let StepMatch::One { location, .. } = self.find(kind, text) else { return None };
        let definition = self.of_kind(kind).iter().find(|definition| definition.location == location)?;
        let regex = definition.regex();
        let mut captures = regex.capture_locations();
        regex.captures_read(&mut captures, text)?;
        Some((captures, location))
    }

    fn of_kind(&self, kind: StepType) -> &[Definition] {
        match kind {
            StepType::Given => &self.given,
            StepType::When => &self.when,
            StepType::Then => &self.then,
        }
    }
}

impl Definition {
    fn regex(&self) -> &Regex {
        self.regex.get_or_init(self.make)
    }

    fn capture(&self, text: &str) -> StepMatch {
        let regex = self.regex();
        let Some(captures) = regex.captures(text) else { return StepMatch::None };
        let names = regex.capture_names().map(|name| name.map(str::to_owned));
        let values = captures.iter().map(|value| value.map_or("", |value| value.as_str()).to_owned());
        StepMatch::One { function: self.function, location: self.location, matches: names.zip(values).collect() }
    }

    fn candidate(&self) -> Candidate {
        Candidate { pattern: self.regex().as_str().to_owned(), location: self.location.to_string() }
    }
}

fn collect<C>(prefixes: &HashMap<(&str, u32), String>) -> Vec<Definition>
where
    C: cucumber::codegen::inventory::Collect + StepConstructor<World>,
{
    let mut definitions: Vec<_> = cucumber::codegen::inventory::iter::<C>
        .into_iter()
        .map(|step| {
            let (location, make, function) = step.inner();
            let prefix = prefixes.get(&(location.path, location.line)).cloned().unwrap_or_default();
            Definition { location, function, make, regex: OnceLock::new(), prefix }
        })
        .collect();
    // The order in which a linker happens to put them must not show in a report.
    definitions.sort_by_key(|definition| definition.location);
    definitions
}

fn prefixes() -> HashMap<(&'static str, u32), String> {
    HashMap::new()
}

/// What every sentence that a cucumber expression matches begins with.
fn literal_prefix(expression: &str) -> &str {
    let end = expression.find(['{', '(', '/', '\\']).unwrap_or(expression.len());
    let prefix = &expression[..end];
    // The word before a slash is one of several.
    match expression[end..].starts_with('/') {
        true => prefix.rfind(' ').map_or("", |space| &prefix[..=space]),
        false => prefix,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_ends_where_the_expression_may_vary() {
        assert_eq!(literal_prefix("the app {string}"), "the app ");
        assert_eq!(literal_prefix("it holds {int} tuple(s)"), "it holds ");
        assert_eq!(literal_prefix("it holds one tuple(s)"), "it holds one tuple");
        assert_eq!(literal_prefix("store/bucket x"), "");
        assert_eq!(literal_prefix("the store/bucket x"), "the ");
        assert_eq!(literal_prefix("a \\(b\\)"), "a ");
        assert_eq!(literal_prefix("plain"), "plain");
    }

    #[test]
    fn a_sentence_means_one_step_or_none() {
        let table = StepTable::shared();
        assert!(matches!(table.find(StepType::When, r#"I send GET "/visit""#), StepMatch::One { .. }));
        assert!(matches!(table.find(StepType::Given, r#"I send GET "/visit""#), StepMatch::None));
        assert!(matches!(table.find(StepType::When, ""), StepMatch::None));
    }
}
