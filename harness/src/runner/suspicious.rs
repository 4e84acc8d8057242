//! What parses and yet is probably not what its author meant.

use super::feature_file::scenarios;
use super::syntax_error;
use crate::app::{Problem, SourceFile};
use cucumber::gherkin::{Feature, Scenario};

/// Warnings about scenarios that would pass without having checked what they were written for.
pub(super) fn in_feature(feature: &Feature, file: &SourceFile) -> Vec<Problem> {
    let warning = |scenario: &Scenario, message: String| {
        let start = scenario.span.start.min(file.text().len());
        let line = file
            .text()
            .get(start..)
            .map_or(0, |rest| rest.find('\n').unwrap_or(rest.len()));
        Problem::warning("feature::suspicious", message).at(file, start..start + line)
    };
    let mut found = Vec::new();
    for (_, _, scenario) in scenarios(feature) {
        let rows = |scenario: &Scenario| {
            scenario
                .examples
                .iter()
                .filter_map(|examples| examples.table.as_ref())
                .map(|table| table.rows.len().saturating_sub(1))
                .sum::<usize>()
        };
        if scenario.steps.is_empty() {
            let problem = warning(
                scenario,
                format!("the scenario \"{}\" has no steps", scenario.name),
            );
            let described = scenario.description.as_deref().unwrap_or_default();
            let help = "its text is a description: steps begin with Given, When, Then, And, But or *, and a space";
            found.push(match described.trim().is_empty() {
                true => problem,
                false => problem.help(help),
            });
        } else if !scenario.examples.is_empty() && rows(scenario) == 0 {
            found.push(warning(
                scenario,
                format!(
                    "the examples of \"{}\" have no rows: it never runs",
                    scenario.name
                ),
            ));
        } else if scenario.examples.is_empty() && scenario.keyword.contains("Outline") {
            let problem = warning(
                scenario,
                format!(
                    "the outline \"{}\" has no examples: it runs once, as it stands",
                    scenario.name
                ),
            );
            found.push(problem.help("add `Examples:` with a table below its steps"));
        }
        let misspelt = scenario
            .description
            .as_deref()
            .unwrap_or_default()
            .lines()
            .find(|line| syntax_error::is_almost_a_step(line));
        if let Some(line) = misspelt {
            let problem = warning(
                scenario,
                format!(
                    "`{}` is no step: text before the first step is a description",
                    line.trim()
                ),
            );
            found.push(
                problem.help("steps begin with Given, When, Then, And, But or *, and a space"),
            );
        }
    }
    found
}
