//! A feature file, and the scenarios of it that are to run.

use super::outline;
use super::parse::{self, Unparsable};
use super::selection::Filter;
use super::syntax_error;
use crate::app::{Problem, SourceFile};
use crate::sandbox::Seed;
use cucumber::gherkin::{Feature, Rule, Scenario, Step};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Largest feature file that is read, in bytes.
pub const MOST_BYTES: u64 = 8 << 20;

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
    feature: Feature,
    entries: Vec<Entry>,
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
}

impl FeatureFile {
    /// Reads and parses a feature file, and picks the scenarios that are to run.
    ///
    /// # Errors
    ///
    /// It cannot be read, is too large, is no text, does not parse, or has no scenario at a line that was asked for.
    pub fn read(source: &FeatureSource, filter: &Filter) -> Result<Self, Problem> {
        let text = read_text(source)?;
        let file = SourceFile::new(&*source.place, text);
        let feature = parse::parse(file.text()).map_err(|why| match why {
            Unparsable::Line(line) => syntax_error::explain(&file, line),
            Unparsable::TooLong => Problem::error(
                "feature::too_long",
                format!("{}: more than {} lines in one scenario", file.name(), parse::MOST_LINES),
            )
            .help("split the outline into several; a feature that is not in English may have no more lines in all"),
        })?;
        if let Some(problem) = syntax_error::overlooked(&file) {
            return Err(problem);
        }
        let lines = row_lines(&feature, file.text());
        let mut whole = Self::of(feature, Arc::from(&*source.path), Arc::clone(&source.place), &lines);
        whole.warnings = whole.suspicious(&file);
        whole.select(source, filter)?;
        Ok(whole)
    }

    /// A feature that something else has parsed; its outlines may have been expanded.
    pub(super) fn of_parsed(feature: Feature, place: Arc<str>) -> Self {
        let path = feature.path.clone().unwrap_or_default();
        Self::of(feature, Arc::from(path), place, &BTreeMap::new())
    }

    fn of(feature: Feature, path: Arc<Path>, place: Arc<str>, lines: &RowLines) -> Self {
        let mut entries = Vec::new();
        let mut names: BTreeMap<String, usize> = BTreeMap::new();
        for (rule, index, scenario) in scenarios(&feature) {
            let same_name = names.entry(scenario.name.trim().to_lowercase()).or_default();
            *same_name += 1;
            let again = (*same_name > 1).then_some(*same_name);
            if scenario.examples.is_empty() {
                let label = again.map(|number| Arc::from(number.to_string()));
                entries.push(Entry { rule, scenario: index, row: None, line: scenario.position.line, label });
                continue;
            }
            let mut number = 0;
            for (examples, table) in scenario.examples.iter().enumerate() {
                let Some(rows) = table.table.as_ref().map(|table| table.rows.len()) else { continue };
                for row in 0..rows.saturating_sub(1) {
                    number += 1;
                    let label = match again {
                        Some(again) => format!("{again}-row-{number}"),
                        None => format!("row-{number}"),
                    };
                    let guess = table.position.line + row + 2;
                    let start = table.table.as_ref().map_or(0, |table| table.span.start);
                    let line = lines.get(&start).and_then(|lines| lines.get(row + 1)).copied().unwrap_or(guess);
                    entries.push(Entry { rule, scenario: index, row: Some((examples, row)), line, label: Some(Arc::from(label)) });
                }
            }
        }
        Self { path, place, warnings: Vec::new(), feature, entries }
    }

    /// Gives every scenario its rule and its number among the scenarios of the rule, or of the feature itself.
    fn scenario(&self, entry: &Entry) -> Option<&Scenario> {
        match entry.rule {
            Some(rule) => self.feature.rules.get(rule)?.scenarios.get(entry.scenario),
            None => self.feature.scenarios.get(entry.scenario),
        }
    }

    fn rule(&self, entry: &Entry) -> Option<&Rule> {
        self.feature.rules.get(entry.rule?)
    }

    fn tags<'f>(&'f self, entry: &Entry) -> impl Iterator<Item = &'f String> + Clone {
        let scenario = self.scenario(entry);
        let examples = entry.row.and_then(|(examples, _)| scenario?.examples.get(examples));
        let rule = self.rule(entry);
        let of_rule = rule.into_iter().flat_map(|rule| &rule.tags);
        let of_scenario = scenario.into_iter().flat_map(|scenario| &scenario.tags);
        let of_examples = examples.into_iter().flat_map(|examples| &examples.tags);
        self.feature.tags.iter().chain(of_rule).chain(of_scenario).chain(of_examples)
    }

    /// Keeps the entries that the lines and the filter ask for.
    fn select(&mut self, source: &FeatureSource, filter: &Filter) -> Result<(), Problem> {
        let mut keep = vec![source.lines.is_empty(); self.entries.len()];
        for &line in &source.lines {
            let found = self.at_line(line);
            if found.is_empty() {
                return Err(Problem::error("feature::no_scenario", format!("no scenario stands at {}:{line}", self.place))
                    .help("name the line of a scenario, of one of its steps, or of a row of its examples"));
            }
            found.into_iter().for_each(|index| keep[index] = true);
        }
        for (index, keep) in keep.iter_mut().enumerate() {
            let entry = &self.entries[index];
            *keep = *keep && filter.admits_tags(self.tags(entry)) && (!filter.looks_at_names() || filter.admits_name(&self.name(entry)));
        }
        let mut keep = keep.into_iter();
        self.entries.retain(|_| keep.next().unwrap_or(false));
        Ok(())
    }

    /// The scenarios that a line stands in: a row, a scenario with all its rows, a rule, or the whole feature.
    fn at_line(&self, line: usize) -> Vec<usize> {
        let all = || self.entries.iter().enumerate();
        let rows: Vec<usize> = all().filter(|(_, entry)| entry.row.is_some() && entry.line == line).map(|(index, _)| index).collect();
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
            consider(scenario.position.line.saturating_sub(usize::from(!scenario.tags.is_empty())), rule, Some(index));
            let steps = scenario.steps.iter().map(|step| step.position.line).max();
            last_line = last_line.max(steps.unwrap_or(scenario.position.line));
        }
        last_line = self.entries.iter().map(|entry| entry.line).max().unwrap_or(0).max(last_line);
        let Some((_, rule, scenario)) = nearest else { return Vec::new() };
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
        let Some(scenario) = self.scenario(entry) else { return Arc::from("") };
        match entry.row {
            Some((examples, row)) => Arc::from(outline::name(scenario, examples, row)),
            None => Arc::from(&*scenario.name),
        }
    }

    /// Scenarios that would pass without having checked anything.
    fn suspicious(&self, file: &SourceFile) -> Vec<Problem> {
        let warning = |scenario: &Scenario, message: String| {
            let start = scenario.span.start.min(file.text().len());
            let line = file.text().get(start..).map_or(0, |rest| rest.find('\n').unwrap_or(rest.len()));
            Problem::warning("feature::suspicious", message).at(file, start..start + line)
        };
        let mut found = Vec::new();
        for (_, _, scenario) in scenarios(&self.feature) {
            let rows = |scenario: &Scenario| {
                scenario.examples.iter().filter_map(|examples| examples.table.as_ref()).map(|table| table.rows.len().saturating_sub(1)).sum::<usize>()
            };
            if scenario.steps.is_empty() {
                found.push(warning(scenario, format!("the scenario \"{}\" has no steps", scenario.name)));
            } else if !scenario.examples.is_empty() && rows(scenario) == 0 {
                found.push(warning(scenario, format!("the examples of \"{}\" have no rows: it never runs", scenario.name)));
            } else if scenario.examples.is_empty() && scenario.keyword.contains("Outline") {
                let problem = warning(scenario, format!("the outline \"{}\" has no examples: it runs once, as it stands", scenario.name));
                found.push(problem.help("add `Examples:` with a table below its steps"));
            }
            let misspelt = scenario.description.as_deref().unwrap_or_default().lines().find(|line| syntax_error::is_almost_a_step(line));
            if let Some(line) = misspelt {
                let problem = warning(scenario, format!("`{}` is no step: text before the first step is a description", line.trim()));
                found.push(problem.help("steps begin with Given, When, Then, And, But or *, and a space"));
            }
        }
        found
    }

    /// The scenarios of it that are to run, in its order.
    pub fn planned(self: &Arc<Self>) -> impl ExactSizeIterator<Item = PlannedScenario> + use<'_> {
        (0..self.entries.len()).map(|index| PlannedScenario { file: Arc::clone(self), index })
    }

    /// The scenario at a place among those of [`FeatureFile::planned`].
    pub(super) fn planned_at(self: &Arc<Self>, index: usize) -> PlannedScenario {
        PlannedScenario { file: Arc::clone(self), index }
    }

    /// The feature's name.
    pub fn name_of_feature(&self) -> &str {
        &self.feature.name
    }
}

impl PlannedScenario {
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

    /// Its own seed: it follows from the run's and from its place, so running it alone gives the same.
    pub fn seed(&self, run: Seed) -> Seed {
        run.derive(&self.place())
    }

    /// Whether one of its steps begins like this; for what must be known before it runs.
    pub fn has_step(&self, begins: &str) -> bool {
        let entry = self.entry();
        let backgrounds = [self.file.feature.background.as_ref(), self.file.rule(entry).and_then(|rule| rule.background.as_ref())];
        let steps = backgrounds.into_iter().flatten().flat_map(|background| &background.steps);
        let own = self.file.scenario(entry).into_iter().flat_map(|scenario| &scenario.steps);
        steps.chain(own).any(|step| step.value.starts_with(begins))
    }

    /// The scenario with everything filled in.
    pub fn resolve(&self) -> ResolvedScenario {
        let entry = self.entry();
        let expanded;
        let own = match (entry.row, self.file.scenario(entry)) {
            (Some((examples, row)), Some(outline)) => {
                expanded = outline::expand(outline, examples, row);
                expanded.as_ref()
            }
            (_, scenario) => scenario,
        };
        let backgrounds = [self.file.feature.background.as_ref(), self.file.rule(entry).and_then(|rule| rule.background.as_ref())];
        let mut steps: Vec<Step> = backgrounds.into_iter().flatten().flat_map(|background| background.steps.iter().cloned()).collect();
        let background = steps.len();
        steps.extend(own.into_iter().flat_map(|scenario| scenario.steps.iter().cloned()));
        ResolvedScenario {
            name: own.map_or_else(|| Arc::from(""), |scenario| Arc::from(&*scenario.name)),
            tags: self.file.tags(entry).cloned().collect(),
            background,
            steps,
        }
    }
}

/// The lines of the rows of each table of examples, by the table's first byte.
type RowLines = BTreeMap<usize, Vec<usize>>;

/// Where the rows of examples stand: comments and empty lines may stand between them.
fn row_lines(feature: &Feature, text: &str) -> RowLines {
    let tables = scenarios(feature).flat_map(|(_, _, scenario)| &scenario.examples).filter_map(|examples| examples.table.as_ref());
    let mut lines = BTreeMap::new();
    // Tables come in the order of the file, so lines are counted once.
    let (mut line, mut counted) = (1, 0);
    for table in tables {
        let (start, end) = (table.span.start, table.span.end.min(text.len()));
        let Some(before) = text.get(counted..start) else { continue };
        line += before.matches('\n').count();
        let Some(inside) = text.get(start..end) else { continue };
        let rows = inside.split('\n').enumerate().filter(|(_, row)| row.trim_start().starts_with('|')).map(|(index, _)| line + index);
        lines.insert(start, rows.collect());
        counted = start;
    }
    lines
}

/// Every scenario of a feature with the rule it stands in and its number there, in the order of the file.
fn scenarios(feature: &Feature) -> impl Iterator<Item = (Option<usize>, usize, &Scenario)> {
    let own = feature.scenarios.iter().enumerate().map(|(index, scenario)| (None, index, scenario));
    let in_rules = feature.rules.iter().enumerate().flat_map(|(number, rule)| {
        rule.scenarios.iter().enumerate().map(move |(index, scenario)| (Some(number), index, scenario))
    });
    own.chain(in_rules)
}

fn read_text(source: &FeatureSource) -> Result<String, Problem> {
    let path = &source.path;
    let problem = |code, message: String| Problem::error(code, format!("{}: {message}", source.place));
    let metadata = std::fs::metadata(path).map_err(|error| problem("feature::unreadable", error.to_string()))?;
    if !metadata.is_file() {
        return Err(problem("feature::unreadable", "not a file".to_owned()));
    }
    let too_large = || problem("feature::too_large", format!("larger than {} MiB", MOST_BYTES >> 20));
    if metadata.len() > MOST_BYTES {
        return Err(too_large());
    }
    let bytes = std::fs::read(path).map_err(|error| problem("feature::unreadable", error.to_string()))?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(too_large());
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
        problem("feature::not_text", format!("not a text: no UTF-8 in line {line}"))
    })?;
    if let Some(offset) = text.find('\0') {
        let line = text[..offset].matches('\n').count() + 1;
        return Err(problem("feature::not_text", format!("not a text: a zero byte in line {line}")));
    }
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "@all\nFeature: f\n  Background:\n    Given b\n\n  @one\n  Scenario: same\n    When w\n\n  Scenario: same\n    When w\n\n  \
        Scenario Outline: o <n>\n    When <n>\n    Examples:\n      | n |\n      | 1 |\n      # a comment\n      | 2 |\n    @more\n    \
        Examples: others\n      | n |\n      | 3 |\n\n  Rule: r\n    Background:\n      Given c\n    @in-rule\n    Scenario: in rule\n      Then t\n";

    fn read(text: &str, lines: &[usize], filter: &Filter) -> Result<Arc<FeatureFile>, Problem> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.feature");
        std::fs::write(&path, text).unwrap();
        let source = FeatureSource { path, place: Arc::from("a.feature"), lines: lines.iter().copied().collect() };
        FeatureFile::read(&source, filter).map(Arc::new)
    }

    fn places(text: &str, lines: &[usize], filter: &Filter) -> Vec<String> {
        read(text, lines, filter).unwrap().planned().map(|scenario| scenario.place()).collect()
    }

    #[test]
    fn scenarios_have_a_place_a_label_and_all_their_steps_and_tags() {
        let file = read(TEXT, &[], &Filter::default()).unwrap();
        let planned: Vec<_> = file.planned().collect();
        let shown: Vec<_> = planned
            .iter()
            .map(|scenario| {
                let resolved = scenario.resolve();
                let steps: Vec<_> = resolved.steps.iter().map(|step| &*step.value).collect();
                let label = scenario.label().map_or("-", |label| label);
                format!("{} {label} {} [{}] {}", scenario.line(), resolved.name, resolved.tags.join(" "), steps.join(","))
            })
            .collect();
        assert_eq!(
            shown,
            [
                "7 - same [all one] b,w",
                "10 2 same [all] b,w",
                "17 row-1 o 1 [all] b,1",
                "19 row-2 o 2 [all] b,2",
                "23 row-3 o 3 [all more] b,3",
                "29 - in rule [all in-rule] b,c,t",
            ]
        );
    }

    #[test]
    fn a_line_selects_what_stands_there() {
        let at = |lines: &[usize]| places(TEXT, lines, &Filter::default());
        assert_eq!(at(&[7]), ["a.feature:7"]);
        assert_eq!(at(&[6]), ["a.feature:7"]);
        assert_eq!(at(&[8, 11]), ["a.feature:7", "a.feature:10"]);
        assert_eq!(at(&[19]), ["a.feature:19"]);
        assert_eq!(at(&[13]), ["a.feature:17", "a.feature:19", "a.feature:23"]);
        assert_eq!(at(&[25]), ["a.feature:29"]);
        assert_eq!(at(&[2]).len(), 6);
        assert!(read(TEXT, &[5_000], &Filter::default()).is_err());
    }

    #[test]
    fn tags_and_names_filter() {
        let tags = |expression: &str| places(TEXT, &[], &Filter::default().tags(expression).unwrap());
        assert_eq!(tags("@one or @more"), ["a.feature:7", "a.feature:23"]);
        assert_eq!(tags("@all and not (@one or @more)").len(), 4);
        assert_eq!(tags("@al"), [""; 0]);
        let name = Filter::default().name("^o [23]$").unwrap();
        assert_eq!(places(TEXT, &[], &name), ["a.feature:19", "a.feature:23"]);
        assert!(Filter::default().tags("@a and").is_err());
        assert!(Filter::default().tags(&"(".repeat(3_000)).is_err());
        assert!(Filter::default().name("(").is_err());
    }

    #[test]
    fn a_scenario_has_its_own_seed_however_it_is_selected() {
        let seed = |lines: &[usize]| {
            let file = read(TEXT, lines, &Filter::default()).unwrap();
            let last = file.planned().next_back().unwrap();
            (last.place(), last.seed(Seed(7)))
        };
        assert_eq!(seed(&[]), seed(&[29]));
        assert_ne!(seed(&[7]).1, seed(&[10]).1);
    }

    #[test]
    fn damaged_files_are_refused_with_a_reason() {
        let message = |text: &str| read(text, &[], &Filter::default()).unwrap_err().to_string();
        assert_eq!(message("Feature: f\nScenario: s\n\0"), "a.feature: not a text: a zero byte in line 3");
        assert_eq!(message("Feature: f\n Scenario: s\n  Given a\n  Whne b\n"), "unexpected `Whne b`");
        let ragged = "Feature: f\n Scenario: s\n  Given a:\n   | a |\n   | b | c |\n";
        assert!(message(ragged).starts_with("this row has 2 cells"));
        assert!(read("\u{feff}Feature: f\r\n  Scenario: s\r\n    Given a\r\n", &[], &Filter::default()).is_ok());
    }

    #[test]
    fn scenarios_that_check_nothing_are_suspicious() {
        let text = "Feature: f\n Scenario: empty\n\n Scenario: typo\n  Givne a\n  Then b\n\n Scenario Outline: o\n  Then <x>\n\n Scenario: fine\n  Given the words\n  Then b\n";
        let file = read(text, &[], &Filter::default()).unwrap();
        let warnings: Vec<_> = file.warnings.iter().map(|warning| format!("{} {warning}", warning.location().unwrap())).collect();
        assert_eq!(
            warnings,
            [
                "a.feature:2:2 the scenario \"empty\" has no steps",
                "a.feature:4:2 `Givne a` is no step: text before the first step is a description",
                "a.feature:8:2 the outline \"o\" has no examples: it runs once, as it stands",
            ]
        );
    }
}
