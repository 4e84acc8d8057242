//! Build profiles: what a component defines for one takes the place of what it defines else
//! (`apply_profile_overrides` in `crates/manifest/src/normalize.rs`).

use std::collections::BTreeSet;

use super::super::document::Located;
use super::super::problem::{Problem, Report};
use super::{Build, Component, Profile};
use crate::value::nearest;

/// Applies a profile. A component that does not define it stays as it is, and some component must define it.
pub(super) fn apply(report: &Report, profile: &Located<String>, components: &mut [Component]) {
    let name = profile.value.as_str();
    let defined: BTreeSet<&str> = components
        .iter()
        .flat_map(|component| component.profiles.keys().map(String::as_str))
        .collect();
    if !defined.contains(name) {
        let help = match (nearest(name, defined.iter().copied()), defined.is_empty()) {
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, true) => format!("no component has a table `[component.ID.profile.{name}]`"),
            (None, false) => {
                let defined: Vec<&str> = defined.into_iter().collect();
                format!("there is {}", defined.join(", "))
            }
        };
        let text = format!("Profile {name} is not defined in this application");
        report.add(
            profile.span.clone(),
            Problem::error("app::no_profile", text)
                .labelled("no component defines it")
                .help(help),
        );
        return;
    }
    for component in components {
        if let Some(profile) = component.profiles.get(name).cloned() {
            override_with(component, profile);
        }
    }
}

fn override_with(component: &mut Component, profile: Profile) {
    if !profile.build_commands.is_empty() {
        match &mut component.build {
            Some(build) => build.commands = profile.build_commands,
            None => {
                component.build = Some(Build {
                    commands: profile.build_commands,
                    workdir: None,
                    watch: Vec::new(),
                });
            }
        }
    }
    if let Some(source) = profile.source {
        component.source = source;
        if let Some(span) = profile.source_span {
            component.spans.source = span;
        }
    }
    component.environment.extend(profile.environment);
    for dependency in profile.dependencies {
        component
            .dependencies
            .retain(|other| other.name != dependency.name);
        component.dependencies.push(dependency);
    }
}
