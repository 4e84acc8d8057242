//! Every step there is, and which of them a sentence means.

use crate::steps::{Keyword, Takes, World, reference};
use cucumber::codegen::{LazyRegex, StepConstructor, WorldInventory};
use cucumber::gherkin::StepType;
use cucumber::step::{CaptureName, Location};
use regex::{CaptureLocations, Captures, Regex};
use std::cell::RefCell;
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
    /// What may stand below it, as the reference says of every sentence that it fits; nothing is known of steps of the
    /// user's own. Looked up only for steps below which something stands.
    takes: OnceLock<Vec<Takes>>,
    /// Compiled when first needed: compiling all of them takes far longer than running a scenario.
    pattern: OnceLock<Pattern>,
}

/// A step's expression, with what every sentence that it fits begins with: comparing that first spares nearly all of
/// the regular expressions.
struct Pattern {
    beginning: String,
    regex: Regex,
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
            Arc::new(Self {
                given: collect::<<World as WorldInventory>::Given>(),
                when: collect::<<World as WorldInventory>::When>(),
                then: collect::<<World as WorldInventory>::Then>(),
            })
        }))
    }

    /// Compiles every expression: on a thread of its own, while the first scenario's app is loaded.
    pub(super) fn warm_up(&self) {
        for definition in self.when.iter().chain(&self.given).chain(&self.then) {
            definition.regex();
        }
    }

    /// The step that a sentence means.
    pub fn find(&self, kind: StepType, text: &str) -> StepMatch {
        if let Some(known) = recall(kind, text) {
            return known;
        }
        let found = self.look_up(kind, text);
        remember(kind, text, &found);
        found
    }

    fn look_up(&self, kind: StepType, text: &str) -> StepMatch {
        let definitions = self.of_kind(kind);
        let mut found = definitions
            .iter()
            .filter_map(|definition| Some((definition, definition.captures(text)?)));
        let Some((first, captures)) = found.next() else {
            return StepMatch::None;
        };
        let Some((second, _)) = found.next() else {
            return first.matched(&captures);
        };
        let first = [first, second].into_iter();
        let found = first.chain(found.map(|(definition, _)| definition));
        StepMatch::Several(found.map(Definition::candidate).collect())
    }

    /// What may stand below the step that is defined there; nothing for one of the user's own.
    pub(super) fn takes(&self, kind: StepType, location: Location) -> &[Takes] {
        let mut definitions = self.of_kind(kind).iter();
        let Some(definition) = definitions.find(|definition| definition.location == location)
        else {
            return &[];
        };
        definition.takes.get_or_init(|| {
            let keyword = Keyword::from(kind);
            let regex = definition.regex();
            reference()
                .iter()
                .filter(|help| help.keyword == keyword && regex.is_match(help.sentence))
                .map(|help| help.takes)
                .collect()
        })
    }

    /// What cucumber's events say of the one step that a sentence means: what it captured and where it stands.
    pub(super) fn location(
        &self,
        kind: StepType,
        text: &str,
    ) -> Option<(CaptureLocations, Location)> {
        let StepMatch::One { location, .. } = self.find(kind, text) else {
            return None;
        };
        let definition = self
            .of_kind(kind)
            .iter()
            .find(|definition| definition.location == location)?;
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
    fn pattern(&self) -> &Pattern {
        self.pattern.get_or_init(|| {
            let regex = (self.make)();
            let beginning = literal_beginning(regex.as_str());
            Pattern { beginning, regex }
        })
    }

    fn regex(&self) -> &Regex {
        &self.pattern().regex
    }

    fn captures<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        let pattern = self.pattern();
        if !text.starts_with(&pattern.beginning) {
            return None;
        }
        pattern.regex.captures(text)
    }

    fn matched(&self, captures: &Captures<'_>) -> StepMatch {
        let names = self.regex().capture_names();
        let names = names.map(|name| name.map(str::to_owned));
        let values = captures
            .iter()
            .map(|value| value.map_or("", |value| value.as_str()).to_owned());
        StepMatch::One {
            function: self.function,
            location: self.location,
            matches: names.zip(values).collect(),
        }
    }

    fn candidate(&self) -> Candidate {
        Candidate {
            pattern: self.regex().as_str().to_owned(),
            location: self.location.to_string(),
        }
    }
}

/// Sentences that are remembered by a thread and kind.
const MOST_KNOWN: usize = 1_024;

/// A sentence that means one step.
#[derive(Clone)]
struct Known {
    function: cucumber::Step<World>,
    location: Location,
    matches: Vec<(CaptureName, String)>,
}

thread_local! {
    /// Sentences that this thread has looked up before: those of feature files repeat, and expressions cost more than
    /// all else that a step does. There is one table in a program, so a sentence means the same everywhere.
    static KNOWN: RefCell<[HashMap<String, Known>; 3]> = RefCell::default();
}

fn recall(kind: StepType, text: &str) -> Option<StepMatch> {
    KNOWN.with_borrow(|known| {
        let known = known[kind as usize].get(text)?.clone();
        Some(StepMatch::One {
            function: known.function,
            location: known.location,
            matches: known.matches,
        })
    })
}

fn remember(kind: StepType, text: &str, found: &StepMatch) {
    let StepMatch::One {
        function,
        location,
        matches,
    } = found
    else {
        return;
    };
    KNOWN.with_borrow_mut(|known| {
        let known = &mut known[kind as usize];
        if known.len() >= MOST_KNOWN {
            known.clear();
        }
        let meaning = Known {
            function: *function,
            location: *location,
            matches: matches.clone(),
        };
        known.insert(text.to_owned(), meaning);
    });
}

/// The text that everything which fits an anchored expression begins with, as far as it is plain.
fn literal_beginning(expression: &str) -> String {
    let Some(rest) = expression.strip_prefix('^') else {
        return String::new();
    };
    let mut depth = 0_usize;
    let mut escaped = false;
    for c in rest.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            // Alternatives begin differently.
            '|' if depth == 0 => return String::new(),
            _ => {}
        }
    }
    let plain = rest.find(|c| "\\.+*?()|[]{}^$".contains(c));
    let plain = plain.unwrap_or(rest.len());
    let mut beginning = rest[..plain].to_owned();
    if rest[plain..].starts_with(['?', '*', '{']) {
        // It is about the last character, which need not be there.
        beginning.pop();
    }
    beginning
}

fn collect<C>() -> Vec<Definition>
where
    C: cucumber::codegen::inventory::Collect + StepConstructor<World>,
{
    let mut definitions: Vec<_> = cucumber::codegen::inventory::iter::<C>
        .into_iter()
        .map(|step| {
            let (location, make, function) = step.inner();
            Definition {
                location,
                function,
                make,
                takes: OnceLock::new(),
                pattern: OnceLock::new(),
            }
        })
        .collect();
    // The order in which a linker happens to put them must not show in a report.
    definitions.sort_by_key(|definition| definition.location);
    definitions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plain_beginning_of_an_expression() {
        for (expression, beginning) in [
            ("^the status is (\\d+)$", "the status is "),
            ("^it failed$", "it failed"),
            ("^colou?r$", "colo"),
            ("^a{2}b$", ""),
            ("^1\\.5 s$", "1"),
            ("^(?:a|b) c$", ""),
            ("^a|b$", ""),
            ("a step", ""),
            ("^(a)|b$", ""),
        ] {
            assert_eq!(literal_beginning(expression), beginning, "{expression}");
        }
    }

    #[test]
    fn a_sentence_means_one_step_or_none() {
        let table = StepTable::shared();
        assert!(matches!(
            table.find(StepType::When, r#"I send GET "/visit""#),
            StepMatch::One { .. }
        ));
        assert!(matches!(
            table.find(StepType::Given, r#"I send GET "/visit""#),
            StepMatch::None
        ));
        assert!(matches!(table.find(StepType::When, ""), StepMatch::None));
    }
}
