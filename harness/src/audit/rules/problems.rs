//! What the readers of the files have found already: names that are refused, fields that are deprecated, two triggers on
//! one route.

use miette::Severity as OfProblem;

use super::{Code, Finding, Subject};
use crate::app::{BAD_SETTING, Problem};
use crate::audit::Severity;

pub(super) fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let of_files = subject.problems.iter().chain(&subject.config.warnings);
    let mut found: Vec<Finding> = of_files.filter_map(finding).collect();
    for trigger in &subject.manifest.triggers {
        // Spin takes the name of its first version for the executor still (`crates/http/src/config.rs`).
        let executor = trigger.config.get("executor");
        let kind = executor.and_then(|executor| executor.get("type"));
        if kind.and_then(toml::Value::as_str) == Some("spin") {
            let message = format!(
                "the executor of trigger \"{}\" is called `spin`",
                trigger.id
            );
            let help = "write `type = \"http\"`, or leave `executor` out";
            let place = (&subject.manifest.source, &trigger.span);
            found.push(Finding::new(Code::DeprecatedField, message, help).at(place.0, place.1));
        }
    }
    found.extend(old_version(subject));
    found.extend(subject.config.deprecated.iter().filter_map(finding));
    found
}

/// Version 1 of the manifest, which `spin doctor` replaces (`crates/doctor/src/manifest/upgrade.rs`).
fn old_version(subject: &Subject<'_>) -> Option<Finding> {
    let manifest = subject.manifest;
    if manifest.manifest_version != 1 {
        return None;
    }
    let text = manifest.source.text();
    // The key stands at the beginning of a line: before every table.
    let mut start = 0;
    let key = text.split_inclusive('\n').find_map(|line| {
        let line_start = start;
        start += line.len();
        let blanks = line.len() - line.trim_start().len();
        let keys = ["spin_manifest_version", "spin_version"];
        let key = keys
            .into_iter()
            .find(|key| line[blanks..].starts_with(key))?;
        Some(line_start + blanks..line_start + blanks + key.len())
    })?;
    let finding = Finding::new(
        Code::DeprecatedField,
        "the manifest is of version 1",
        "write version 2: `spin_manifest_version = 2`, `[component.ID]`, `[[trigger.http]]`; `spin doctor` does it",
    );
    Some(finding.at(&manifest.source, &key))
}

/// What a reader said, as a finding; nothing where it says nothing of the app.
pub(super) fn finding(problem: &Problem) -> Option<Finding> {
    let is_error = problem.severity == OfProblem::Error;
    let (code, why) = match (problem.code, is_error) {
        ("app::deprecated", true) => (Code::DeprecatedField, Some("Spin refuses to load the app")),
        ("app::deprecated", false) => (Code::DeprecatedField, None),
        ("app::bad_name" | "app::bad_label", true) => (Code::RefusedName, None),
        ("app::bad_name" | "app::bad_label", false) => (
            Code::RefusedName,
            Some("no component can be granted it: Spin refuses such a label in a manifest"),
        ),
        // Spin loads the app, and then it does not do what the manifest says.
        ("app::undefined_variable", _) => {
            return Some(Finding::of_problem(Code::UndefinedVariable, problem));
        }
        ("app::duplicate_route", _) => (Code::DuplicateRoute, None),
        ("app::reserved_route", _) => (
            Code::DuplicateRoute,
            Some("Spin answers there itself: what the trigger names never runs"),
        ),
        ("app::outside_file", _) => (Code::OutsideFile, Some(Code::RefusedManifest.why())),
        // What the harness lacks, or is told, says nothing of the app.
        ("app::not_composed" | BAD_SETTING, _) => return None,
        (_, true) => (Code::RefusedManifest, None),
        ("app::duplicate", false) => (
            Code::IgnoredField,
            Some("whatever names a trigger by its id can mean either"),
        ),
        (_, false) => (Code::IgnoredField, None),
    };
    let mut finding = Finding::of_problem(code, problem);
    // Spin says of some names only what they should be, and not which it means.
    if let (Code::RefusedName, Some(name)) = (code, problem.underlined())
        && !finding.message.contains(name.trim_matches('"'))
    {
        finding.message = format!("{name}: {}", finding.message);
    }
    finding.why = why.unwrap_or(finding.why);
    finding.severity = match is_error {
        true => Severity::Error,
        false => Severity::Warning,
    };
    Some(finding)
}
