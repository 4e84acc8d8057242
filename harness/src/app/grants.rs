//! What a component may be granted, by kind, and what the manifest grants it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::manifest::{Component, FilesMount};
use super::problem::Span;

/// A kind of grant, in the order in which reports list them.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub enum GrantKind {
    /// A label in `key_value_stores`.
    #[serde(rename = "key_value_stores")]
    KeyValueStore,
    /// A label in `sqlite_databases`.
    #[serde(rename = "sqlite_databases")]
    SqliteDatabase,
    /// A model in `ai_models`.
    #[serde(rename = "ai_models")]
    AiModel,
    /// An entry of `allowed_outbound_hosts`.
    #[serde(rename = "allowed_outbound_hosts")]
    OutboundHost,
    /// A component variable.
    #[serde(rename = "variables")]
    Variable,
    /// An environment variable.
    #[serde(rename = "environment")]
    EnvironmentVariable,
    /// An entry of `files`.
    #[serde(rename = "files")]
    File,
}

impl GrantKind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::KeyValueStore,
        Self::SqliteDatabase,
        Self::AiModel,
        Self::OutboundHost,
        Self::Variable,
        Self::EnvironmentVariable,
        Self::File,
    ];

    /// The field of the manifest (version 2) that grants it.
    pub fn field(self) -> &'static str {
        match self {
            Self::KeyValueStore => "key_value_stores",
            Self::SqliteDatabase => "sqlite_databases",
            Self::AiModel => "ai_models",
            Self::OutboundHost => "allowed_outbound_hosts",
            Self::Variable => "variables",
            Self::EnvironmentVariable => "environment",
            Self::File => "files",
        }
    }

    /// What one of them is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::KeyValueStore => "key-value store",
            Self::SqliteDatabase => "SQLite database",
            Self::AiModel => "AI model",
            Self::OutboundHost => "outbound host",
            Self::Variable => "variable",
            Self::EnvironmentVariable => "environment variable",
            Self::File => "file",
        }
    }

    /// The kind that is called so, in the singular or the plural.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| name == kind.name() || name.strip_suffix('s') == Some(kind.name()))
    }

    /// Whether a journal shows that such a grant was used. Files and the environment are the guest's own business: nothing
    /// calls the host for each of them.
    pub fn is_observed(self) -> bool {
        !matches!(self, Self::EnvironmentVariable | Self::File)
    }
}

impl fmt::Display for GrantKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl Component {
    /// What the manifest grants of a kind, in its order, with the place where it has one: hosts that were added for other
    /// fields have none. The name of a file is its pattern, or `SOURCE -> DESTINATION`.
    pub fn grants(&self, kind: GrantKind) -> Vec<(String, Option<Span>)> {
        let with = |names: &[String], spans: &[Span]| {
            let spans = spans.iter().cloned().map(Some);
            let spans = spans.chain(std::iter::repeat(None));
            names.iter().cloned().zip(spans).collect()
        };
        match kind {
            GrantKind::KeyValueStore => with(&self.key_value_stores, &self.spans.key_value_stores),
            GrantKind::SqliteDatabase => with(&self.sqlite_databases, &self.spans.sqlite_databases),
            GrantKind::AiModel => with(&self.ai_models, &self.spans.ai_models),
            GrantKind::OutboundHost => with(
                &self.allowed_outbound_hosts,
                &self.spans.allowed_outbound_hosts,
            ),
            GrantKind::Variable => self
                .variables
                .keys()
                .map(|name| (name.clone(), self.spans.variables.get(name).cloned()))
                .collect(),
            GrantKind::EnvironmentVariable => self
                .environment
                .keys()
                .map(|name| (name.clone(), self.spans.environment.get(name).cloned()))
                .collect(),
            GrantKind::File => self
                .files
                .iter()
                .map(|mount| (mount.value.to_string(), Some(mount.span.clone())))
                .collect(),
        }
    }
}

impl fmt::Display for FilesMount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pattern(pattern) => formatter.write_str(pattern),
            Self::Placement {
                source,
                destination,
            } => write!(formatter, "{source} -> {destination}"),
        }
    }
}

/// Grants that hold in place of the manifest's, by component and kind; of what is not named the manifest's hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GrantOverrides(BTreeMap<String, BTreeMap<GrantKind, BTreeSet<String>>>);

impl GrantOverrides {
    /// Grants a component these of a kind and no others, whatever was said before.
    pub fn set(
        &mut self,
        component: impl Into<String>,
        kind: GrantKind,
        names: impl IntoIterator<Item = String>,
    ) {
        self.0
            .entry(component.into())
            .or_default()
            .insert(kind, names.into_iter().collect());
    }

    /// What a component is granted of a kind, if that is said.
    pub fn get(&self, component: &str, kind: GrantKind) -> Option<&BTreeSet<String>> {
        // Asked at every `open`: nearly no scenario says anything.
        if self.0.is_empty() {
            return None;
        }
        self.0.get(component)?.get(&kind)
    }

    /// All that is said.
    pub fn iter(&self) -> impl Iterator<Item = (&str, GrantKind, &BTreeSet<String>)> {
        self.0.iter().flat_map(|(component, kinds)| {
            kinds
                .iter()
                .map(move |(kind, names)| (component.as_str(), *kind, names))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_found_by_their_names() {
        for kind in GrantKind::ALL {
            assert_eq!(GrantKind::named(kind.name()), Some(kind));
            assert_eq!(GrantKind::named(&format!("{kind}s")), Some(kind));
        }
        assert_eq!(GrantKind::named("store"), None);
    }
}
