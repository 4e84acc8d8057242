//! What the readers of the files have found already: names that are refused, fields that are deprecated, two triggers on
//! one route.

use miette::Severity as OfProblem;

use super::{Code, Finding, Subject};
use crate::app::Problem;
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
    let key = ["spin_manifest_version", "spin_version"]
        .into_iter()
        .find_map(|key| text.find(key).map(|start| start..start + key.len()))?;
    let finding = Finding::new(
        Code::DeprecatedField,
        "the manifest is of version 1",
        "write version 2: `spin_manifest_version = 2`, `[component.ID]`, `[[trigger.http]]`; `spin doctor` does it",
    );
    Some(finding.at(&manifest.source, &key))
}

fn finding(problem: &Problem) -> Option<Finding> {
    let is_error = problem.severity == OfProblem::Error;
    let code = match problem.code {
        "app::deprecated" => Code::DeprecatedField,
        "app::bad_name" | "app::bad_label" => Code::RefusedName,
        "app::duplicate_route" => Code::DuplicateRoute,
        // What the harness lacks says nothing of the app.
        "app::not_composed" => return None,
        _ if is_error => Code::RefusedManifest,
        _ => Code::IgnoredField,
    };
    let mut finding = Finding::of_problem(code, problem);
    finding.severity = match is_error {
        true => Severity::Error,
        false => Severity::Warning,
    };
    Some(finding)
}
