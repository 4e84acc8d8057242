//! One scenario that is to run, and what it says once everything is filled in.

use super::feature_file::{Entry, FeatureFile};
use super::outline;
use super::suspicious::Mistyped;
use crate::sandbox::Seed;
use cucumber::gherkin::{Scenario, Step};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A scenario that is to run. Cheap to clone.
#[derive(Clone, Debug)]
pub struct PlannedScenario {
    file: Arc<FeatureFile>,
    index: usize,
}

/// A scenario with everything filled in: name, tags, and the steps of its backgrounds first.
#[derive(Clone, Debug)]
pub struct ResolvedScenario {
    /// Its name, with the values of its row.
    pub name: Arc<str>,
    /// Its tags, with those of feature, rule and examples; without `@`.
    pub tags: Vec<String>,
    /// How many of the steps come from backgrounds.
    pub background: usize,
    /// The steps.
    pub steps: Vec<Step>,
    /// What is wrong with some of them before anything is known of what they mean, by their place.
    pub unfilled: BTreeMap<usize, String>,
}

impl PlannedScenario {
    pub(super) fn new(file: Arc<FeatureFile>, index: usize) -> Self {
        Self { file, index }
    }

    fn entry(&self) -> &Entry {
        // Indices come from `FeatureFile::planned` alone, and entries are never removed after it.
        &self.file.entries[self.index]
    }

    /// The file that it stands in.
    pub fn file(&self) -> &Arc<FeatureFile> {
        &self.file
    }

    /// The line of the scenario, or of its row.
    pub fn line(&self) -> usize {
        self.entry().line
    }

    /// `features/visits.feature:12`: where it stands, and what runs it alone.
    pub fn place(&self) -> String {
        format!("{}:{}", self.file.place, self.line())
    }

    /// What tells it apart from other scenarios of its name: `row-2` of an outline.
    pub fn label(&self) -> Option<&Arc<str>> {
        self.entry().label.as_ref()
    }

    /// Which row of its outline it is, for people: nothing for a plain scenario.
    pub fn is_row(&self) -> bool {
        self.entry().row.is_some()
    }

    /// Its number of the rule that it stands in, and that rule's name.
    pub fn rule(&self) -> Option<(usize, &str)> {
        let entry = self.entry();
        Some((entry.rule?, &*self.file.rule(entry)?.name))
    }

    pub(super) fn rule_number(&self) -> Option<usize> {
        self.entry().rule
    }

    /// The scenario, or its outline, as it was parsed.
    pub(super) fn parsed(&self) -> Option<&Scenario> {
        self.file.scenario(self.entry())
    }

    /// Its only step, where that was probably mistyped and so is a description for Gherkin.
    pub(super) fn mistyped(&self) -> Option<&Mistyped> {
        self.file.mistyped(self.entry())
    }

    /// Its own seed: it follows from the run's and from its place, so running it alone gives the same.
    pub fn seed(&self, run: Seed) -> Seed {
        run.derive(&self.place())
    }

    /// Whether one of its steps begins like this; for what must be known before it runs.
    pub fn has_step(&self, begins: &str) -> bool {
        let entry = self.entry();
        let backgrounds = [
            self.file.feature.background.as_ref(),
            self.file
                .rule(entry)
                .and_then(|rule| rule.background.as_ref()),
        ];
        let steps = backgrounds
            .into_iter()
            .flatten()
            .flat_map(|background| &background.steps);
        let own = self
            .file
            .scenario(entry)
            .into_iter()
            .flat_map(|scenario| &scenario.steps);
        steps.chain(own).any(|step| step.value.starts_with(begins))
    }

    /// The scenario with everything filled in.
    pub fn resolve(&self) -> ResolvedScenario {
        let entry = self.entry();
        let mut unfilled = BTreeMap::new();
        let expanded;
        let own = match (entry.row, self.file.scenario(entry)) {
            (Some((examples, row)), Some(outline)) => {
                let steps = outline.steps.iter().enumerate();
                unfilled = steps
                    .filter_map(|(place, step)| {
                        Some((place, outline::unfilled(step, outline, examples)?))
                    })
                    .collect();
                expanded = outline::expand(outline, examples, row);
                expanded.as_ref()
            }
            (_, scenario) => scenario,
        };
        let backgrounds = [
            self.file.feature.background.as_ref(),
            self.file
                .rule(entry)
                .and_then(|rule| rule.background.as_ref()),
        ];
        let mut steps: Vec<Step> = backgrounds
            .into_iter()
            .flatten()
            .flat_map(|background| background.steps.iter().cloned())
            .collect();
        let background = steps.len();
        steps.extend(
            own.into_iter()
                .flat_map(|scenario| scenario.steps.iter().cloned()),
        );
        ResolvedScenario {
            name: own.map_or_else(|| Arc::from(""), |scenario| Arc::from(&*scenario.name)),
            tags: self.file.tags(entry).cloned().collect(),
            background,
            steps,
            unfilled: unfilled
                .into_iter()
                .map(|(place, what)| (background + place, what))
                .collect(),
        }
    }
}
