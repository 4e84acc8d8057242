//! A feature file, and the scenarios of it that are to run.

use super::parse::{self, Unparsable};
use super::planned::PlannedScenario;
use super::selection::Filter;
use super::suspicious::Mistyped;
use super::{feature_text, outline, suspicious, syntax_error};
use crate::app::{Problem, SourceFile};
use cucumber::gherkin::{Feature, Rule, Scenario};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A feature file to be read.
#[derive(Clone, Debug)]
pub struct FeatureSource {
    /// The file, as the user named it or as it was found.
    pub path: PathBuf,
    /// How messages and seeds name it: relative to the folder of the run, with `/`.
    pub place: Arc<str>,
    /// The lines whose scenarios are to run; none means all.
    pub lines: BTreeSet<usize>,
}

/// A feature file, parsed.
#[derive(Debug)]
pub struct FeatureFile {
    /// The file, as the user named it or as it was found.
    pub path: Arc<Path>,
    /// How messages and seeds name it: relative to the folder of the run, with `/`.
    pub place: Arc<str>,
    /// What is suspicious in it.
    pub warnings: Vec<Problem>,
    pub(super) feature: Feature,
    pub(super) entries: Vec<Entry>,
    /// Scenarios without a step whose first one was probably mistyped, by rule and number.
    mistyped: BTreeMap<(Option<usize>, usize), Mistyped>,
    /// Lines of the file; 0 where its text is not known.
    last_line: usize,
}

/// One scenario, or one row of an outline.
#[derive(Debug)]
pub(super) struct Entry {
    pub rule: Option<usize>,
    pub scenario: usize,
    /// Which table of examples, and which of its rows under the headings.
    pub row: Option<(usize, usize)>,
    /// The line of the scenario, or of the row.
    pub line: usize,
    /// Tells the rows of an outline apart, and scenarios of one name.
    pub label: Option<Arc<str>>,
}

impl FeatureFile {
    /// Reads and parses a feature file, and picks the scenarios that are to run.
    ///
    /// # Errors
    ///
    /// It cannot be read, is too large, is no text, does not parse, or has no scenario at a line that was asked for.
    pub fn read(source: &FeatureSource, filter: &Filter) -> Result<Self, Box<Problem>> {
        let text = feature_text::read(source)?;
        let mut whole = Self::parse(text, &source.path, Arc::clone(&source.place))?;
        whole.select(source, filter)?;
        Ok(whole)
    }

    /// Parses the text of a feature file that would stand at `path`, and picks the scenarios that are to run.
    ///
    /// # Errors
    ///
    /// It is too large or does not parse.
    pub(super) fn of_text(
        text: &str,
        path: &Path,
        place: Arc<str>,
        filter: &Filter,
    ) -> Result<Self, Box<Problem>> {
        let source = FeatureSource {
            path: path.to_owned(),
            place,
            lines: BTreeSet::new(),
        };
        let text = feature_text::check(text.as_bytes().to_vec(), &source.place)?;
        let mut whole = Self::parse(text, path, Arc::clone(&source.place))?;
        whole.select(&source, filter)?;
        Ok(whole)
    }

    fn parse(text: String, path: &Path, place: Arc<str>) -> Result<Self, Box<Problem>> {
        let file = SourceFile::new(&*place, text);
        let feature = parse::parse(file.text()).map_err(|why| match why {
            Unparsable::Line(line) => syntax_error::explain(&file, line),
            Unparsable::TooLong => Problem::error(
                "feature::too_long",
                format!("{}: more than {} lines in one scenario", file.name(), parse::MOST_LINES),
            )
            .help("split the outline into several; a feature that is not in English may have no more lines in all"),
        })?;
        if let Some(problem) = syntax_error::overlooked(&feature, &file) {
            return Err(Box::new(problem));
        }
        let lines = row_lines(&feature, file.text());
        let mut whole = Self::of(feature, Arc::from(path), place, &lines, file.text());
        whole.last_line = file.text().lines().count();
        whole.warnings = suspicious::in_feature(&whole.feature, &file);
        Ok(whole)
    }

    /// A feature that something else has parsed; its outlines may have been expanded.
    pub(super) fn of_parsed(feature: Feature, place: Arc<str>) -> Self {
        let path = feature.path.clone().unwrap_or_default();
        Self::of(feature, Arc::from(path), place, &BTreeMap::new(), "")
    }

    fn of(
        feature: Feature,
        path: Arc<Path>,
        place: Arc<str>,
        lines: &RowLines,
        text: &str,
    ) -> Self {
        let mistyped = scenarios(&feature)
            .filter_map(|(rule, index, scenario)| {
                Some(((rule, index), suspicious::mistyped(scenario, text)?))
            })
            .collect();
        let mut entries = Vec::new();
        // How many scenarios had a name so far, and where the last of them began: cucumber's parser makes a scenario of
        // each row, and those of one outline begin at one place.
        let mut names: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        let mut rows_of: BTreeMap<usize, usize> = BTreeMap::new();
        for (rule, index, scenario) in scenarios(&feature) {
            let start = scenario.span.start;
            let (same_name, last) = names
                .entry(scenario.name.trim().to_lowercase())
                .or_default();
            if *same_name == 0 || *last != start {
                (*same_name, *last) = (*same_name + 1, start);
            }
            let again = (*same_name > 1).then_some(*same_name);
            if scenario.examples.is_empty() {
                let label = again.map(|number| Arc::from(number.to_string()));
                entries.push(Entry {
                    rule,
                    scenario: index,
                    row: None,
                    line: scenario.position.line,
                    label,
                });
                continue;
            }
            let number = rows_of.entry(start).or_default();
            for (examples, table) in scenario.examples.iter().enumerate() {
                let Some(rows) = table.table.as_ref().map(|table| table.rows.len()) else {
                    continue;
                };
                let is_row_itself = scenario.position.line > table.position.line;
                for row in 0..rows.saturating_sub(1) {
                    *number += 1;
                    let label = match again {
                        Some(again) => format!("{again}-row-{number}"),
                        None => format!("row-{number}"),
                    };
                    let guess = if is_row_itself {
                        scenario.position.line
                    } else {
                        table.position.line + row + 2
                    };
                    let start = table.table.as_ref().map_or(0, |table| table.span.start);
                    let line = lines
                        .get(&start)
                        .and_then(|lines| lines.get(row + 1))
                        .copied()
                        .unwrap_or(guess);
                    entries.push(Entry {
                        rule,
                        scenario: index,
                        row: Some((examples, row)),
                        line,
                        label: Some(Arc::from(label)),
                    });
                }
            }
        }
        Self {
            path,
            place,
            warnings: Vec::new(),
            feature,
            entries,
            mistyped,
            last_line: 0,
        }
    }

    /// The scenario, or the outline, behind an entry.
    pub(super) fn scenario(&self, entry: &Entry) -> Option<&Scenario> {
        match entry.rule {
            Some(rule) => self.feature.rules.get(rule)?.scenarios.get(entry.scenario),
            None => self.feature.scenarios.get(entry.scenario),
        }
    }

    pub(super) fn mistyped(&self, entry: &Entry) -> Option<&Mistyped> {
        self.mistyped.get(&(entry.rule, entry.scenario))
    }

    pub(super) fn rule(&self, entry: &Entry) -> Option<&Rule> {
        self.feature.rules.get(entry.rule?)
    }

    pub(super) fn tags<'f>(&'f self, entry: &Entry) -> impl Iterator<Item = &'f String> + Clone {
        let scenario = self.scenario(entry);
        // Where cucumber's parser has made a scenario of a row, it has their tags already.
        let examples = entry
            .row
            .and_then(|(examples, _)| scenario?.examples.get(examples))
            .filter(|examples| {
                scenario.is_some_and(|scenario| scenario.position.line < examples.position.line)
            });
        let rule = self.rule(entry);
        let of_rule = rule.into_iter().flat_map(|rule| &rule.tags);
        let of_scenario = scenario.into_iter().flat_map(|scenario| &scenario.tags);
        let of_examples = examples.into_iter().flat_map(|examples| &examples.tags);
        self.feature
            .tags
            .iter()
            .chain(of_rule)
            .chain(of_scenario)
            .chain(of_examples)
    }

    /// Keeps the entries that the lines and the filter ask for.
    fn select(&mut self, source: &FeatureSource, filter: &Filter) -> Result<(), Box<Problem>> {
        let mut keep = vec![source.lines.is_empty(); self.entries.len()];
        for &line in &source.lines {
            if line > self.last_line {
                let (lines, s) = (self.last_line, if self.last_line == 1 { "" } else { "s" });
                return Err(Box::new(Problem::error(
                    "feature::no_scenario",
                    format!(
                        "no scenario stands at {}:{line}: the file has {lines} line{s}",
                        self.place
                    ),
                )));
            }
            let found = self.at_line(line);
            if found.is_empty() {
                let problem = Problem::error(
                    "feature::no_scenario",
                    format!("no scenario stands at {}:{line}", self.place),
                )
                .help(
                    "name the line of a scenario, of one of its steps, or of a row of its examples",
                );
                return Err(Box::new(problem));
            }
            found.into_iter().for_each(|index| keep[index] = true);
        }
        for (index, keep) in keep.iter_mut().enumerate() {
            let entry = &self.entries[index];
            *keep = *keep
                && filter.admits_tags(self.tags(entry))
                && (!filter.looks_at_names() || filter.admits_name(&self.name(entry)));
        }
        let mut keep = keep.into_iter();
        self.entries.retain(|_| keep.next().unwrap_or(false));
        Ok(())
    }

    /// The scenarios that a line stands in: a row, a scenario with all its rows, a rule, or the whole feature.
    fn at_line(&self, line: usize) -> Vec<usize> {
        let all = || self.entries.iter().enumerate();
        let rows: Vec<usize> = all()
            .filter(|(_, entry)| entry.row.is_some() && entry.line == line)
            .map(|(index, _)| index)
            .collect();
        if !rows.is_empty() {
            return rows;
        }
        // What stands at or before the line, the nearest last.
        let mut nearest: Option<(usize, Option<usize>, Option<usize>)> = None;
        let mut last_line = 0;
        let mut consider = |at: usize, rule: Option<usize>, scenario: Option<usize>| {
            if at <= line && nearest.is_none_or(|(before, ..)| before <= at) {
                nearest = Some((at, rule, scenario));
            }
        };
        consider(self.feature.position.line, None, None);
        for (number, rule) in self.feature.rules.iter().enumerate() {
            consider(rule.position.line, Some(number), None);
        }
        for (rule, index, scenario) in scenarios(&self.feature) {
            // Tags stand on lines of their own before it; a comment or two may, too.
            consider(
                scenario
                    .position
                    .line
                    .saturating_sub(usize::from(!scenario.tags.is_empty())),
                rule,
                Some(index),
            );
            let steps = scenario.steps.iter().map(|step| step.position.line).max();
            last_line = last_line.max(steps.unwrap_or(scenario.position.line));
        }
        last_line = self
            .entries
            .iter()
            .map(|entry| entry.line)
            .max()
            .unwrap_or(0)
            .max(last_line);
        let Some((_, rule, scenario)) = nearest else {
            return Vec::new();
        };
        // A table or a doc string may follow the last step.
        if line > last_line + 1_000 {
            return Vec::new();
        }
        all()
            .filter(|(_, entry)| match (rule, scenario) {
                (rule, Some(scenario)) => entry.rule == rule && entry.scenario == scenario,
                (Some(rule), None) => entry.rule == Some(rule),
                (None, None) => true,
            })
            .map(|(index, _)| index)
            .collect()
    }

    fn name(&self, entry: &Entry) -> Arc<str> {
        let Some(scenario) = self.scenario(entry) else {
            return Arc::from("");
        };
        match entry.row {
            Some((examples, row)) => Arc::from(outline::name(scenario, examples, row)),
            None => Arc::from(&*scenario.name),
        }
    }

    /// The scenarios of it that are to run, in its order.
    pub fn planned(self: &Arc<Self>) -> impl ExactSizeIterator<Item = PlannedScenario> + use<'_> {
        (0..self.entries.len()).map(|index| PlannedScenario::new(Arc::clone(self), index))
    }

    /// The scenario at a place among those of [`FeatureFile::planned`].
    pub(super) fn planned_at(self: &Arc<Self>, index: usize) -> PlannedScenario {
        PlannedScenario::new(Arc::clone(self), index)
    }

    /// The feature's name.
    pub fn name_of_feature(&self) -> &str {
        &self.feature.name
    }
}

/// The lines of the rows of each table of examples, by the table's first byte.
type RowLines = BTreeMap<usize, Vec<usize>>;

/// Where the rows of examples stand: comments and empty lines may stand between them.
fn row_lines(feature: &Feature, text: &str) -> RowLines {
    let tables = scenarios(feature)
        .flat_map(|(_, _, scenario)| &scenario.examples)
        .filter_map(|examples| examples.table.as_ref());
    let mut lines = BTreeMap::new();
    // Tables come in the order of the file, so lines are counted once.
    let (mut line, mut counted) = (1, 0);
    for table in tables {
        let (start, end) = (table.span.start, table.span.end.min(text.len()));
        let Some(before) = text.get(counted..start) else {
            continue;
        };
        line += before.matches('\n').count();
        let Some(inside) = text.get(start..end) else {
            continue;
        };
        let rows = inside
            .split('\n')
            .enumerate()
            .filter(|(_, row)| row.trim_start().starts_with('|'))
            .map(|(index, _)| line + index);
        lines.insert(start, rows.collect());
        counted = start;
    }
    lines
}

/// Every scenario of a feature with the rule it stands in and its number there, in the order of the file.
pub(super) fn scenarios(
    feature: &Feature,
) -> impl Iterator<Item = (Option<usize>, usize, &Scenario)> {
    let own = feature
        .scenarios
        .iter()
        .enumerate()
        .map(|(index, scenario)| (None, index, scenario));
    let in_rules = feature.rules.iter().enumerate().flat_map(|(number, rule)| {
        rule.scenarios
            .iter()
            .enumerate()
            .map(move |(index, scenario)| (Some(number), index, scenario))
    });
    own.chain(in_rules)
}

#[cfg(test)]
mod tests;
