//! What there is to find, a module per subject. Each rule looks at the same subject and adds what it finds.

mod dependencies;
mod files;
mod grants;
mod hosts;
mod observed;
mod problems;
mod stores;
mod variables;

pub(super) use observed::observed;

use super::{AuditedComponent, Code, Finding};
use crate::app::{Component, GrantKind, Manifest, Problem, RuntimeConfig};

/// What rules look at.
pub(super) struct Subject<'a> {
    pub manifest: &'a Manifest,
    /// What the manifest's reader said.
    pub problems: &'a [Problem],
    pub config: &'a RuntimeConfig,
    /// In the order of the manifest's components.
    pub components: &'a [AuditedComponent],
}

impl<'a> Subject<'a> {
    /// The components as the manifest has them and as they were looked at.
    fn components(&self) -> impl Iterator<Item = (&'a Component, &'a AuditedComponent)> {
        self.manifest.components.iter().zip(self.components)
    }

    /// The field of this manifest that grants a kind.
    fn field(&self, kind: GrantKind) -> &'static str {
        match (kind, self.manifest.manifest_version) {
            (GrantKind::Variable, 1) => "config",
            (kind, _) => kind.field(),
        }
    }

    /// A finding about a component, at its id.
    fn at_component(
        &self,
        component: &Component,
        code: Code,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Finding {
        Finding::new(code, message, help)
            .of(&component.id)
            .at(&self.manifest.source, &component.spans.id)
    }
}

/// Everything that can be found without running anything.
pub(super) fn all(subject: &Subject<'_>) -> Vec<Finding> {
    let rules = [
        problems::find,
        grants::find,
        stores::find,
        hosts::find,
        files::find,
        variables::find,
        dependencies::find,
    ];
    rules.iter().flat_map(|rule| rule(subject)).collect()
}

/// Several names for a message: `"a", "b" and "c"`.
fn quoted<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names
        .into_iter()
        .map(|name| format!("\"{name}\""))
        .collect();
    match names.split_last() {
        None => "none".to_owned(),
        Some((only, [])) => only.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}
