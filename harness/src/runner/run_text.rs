//! Runs the scenarios of a text that need not stand in a file.

use super::context::RunOptions;
use super::events::ScenarioResult;
use super::execute::broken_by;
use super::feature_file::FeatureFile;
use super::panics;
use super::pool::Setup;
use super::step_table::StepTable;
use crate::app::{Problem, seen_from};
use crate::explore;
use crate::snapshot::Mode;
use std::path::Path;
use std::sync::Arc;

/// Runs every scenario of the text of a feature file, one after the other on this thread, and gives what came of each.
///
/// `path` is where the file would stand: paths in steps start from its folder, and messages name it. Snapshots are
/// compared and never written. The thread must not be inside a tokio runtime.
///
/// # Errors
///
/// The text is no feature file.
pub fn run_text(
    text: &str,
    path: &Path,
    options: RunOptions,
) -> Result<Vec<ScenarioResult>, Box<Problem>> {
    let setup = Setup::new(options, Mode::Check);
    run_text_with(text, path, &setup)
}

/// As [`run_text`], with apps, seed, filter and snapshots that several texts share. What `setup` says about threads is
/// not for it.
///
/// # Errors
///
/// As [`run_text`].
pub fn run_text_with(
    text: &str,
    path: &Path,
    setup: &Setup,
) -> Result<Vec<ScenarioResult>, Box<Problem>> {
    let here = std::env::current_dir().unwrap_or_default();
    let place = Arc::from(seen_from(path, &here));
    let file = Arc::new(FeatureFile::of_text(text, path, place, &setup.filter)?);
    let table = StepTable::shared();
    let results = file.planned().map(|planned| {
        let result = panics::caught(|| {
            let resolved = planned.resolve();
            let context = setup.context(&planned, &resolved);
            explore::run(&planned, resolved, context, &table, None)
        });
        result.unwrap_or_else(|panic| broken_by(&planned, planned.seed(setup.seed), panic))
    });
    Ok(results.collect())
}

#[cfg(test)]
mod tests {
    use super::super::events::Verdict;
    use super::*;

    #[test]
    fn a_text_is_run_as_a_file_would_be() {
        let text = "Feature: f\n  Scenario: a\n    Given the app \"fixtures/apps/visits\"\n    When I send GET \"/visit\"\n    Then the response body is \"1\"\n  Scenario: b\n    When I dance\n";
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../x.feature");
        let results = run_text(text, &path, RunOptions::default()).unwrap();
        let verdicts: Vec<_> = results.iter().map(|result| result.verdict).collect();
        assert_eq!(verdicts, [Verdict::Passed, Verdict::Undefined]);
        assert!(run_text("no feature", &path, RunOptions::default()).is_err());
    }

    #[test]
    fn what_stands_below_a_step_that_takes_nothing_is_an_error() {
        let text = "Feature: f\n  Scenario: a\n    Given the key-value store \"default\" is empty\n      | key | value |\n      | a | b |\n  Scenario: b\n    Given the app \"fixtures/apps/visits\"\n    When I send POST \"/visit\" with body \"x\"\n      \"\"\"\n      y\n      \"\"\"\n  Scenario: c\n    Given the key-value store \"default\" contains:\n      \"\"\"\n      y\n      \"\"\"\n";
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../x.feature");
        let results = run_text(text, &path, RunOptions::default()).unwrap();
        let messages: Vec<_> = results
            .iter()
            .map(|result| result.failure().map_or("", |(_, why)| &*why.message))
            .collect();
        assert!(
            messages[0].starts_with("a table stands below this step, which takes none\n"),
            "{messages:#?}"
        );
        assert!(messages[0].contains("store \"default\" contains:  | key | value |"));
        assert!(
            messages[1].starts_with("a text stands below this step, which takes none\n"),
            "{messages:#?}"
        );
        assert!(messages[1].contains("with the body:"), "{messages:#?}");
        assert_eq!(
            messages[2],
            "a text stands below this step, which takes none, but a table"
        );
    }
}
