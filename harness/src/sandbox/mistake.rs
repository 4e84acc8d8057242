//! What a scenario asks for that cannot be, as it is told.

use super::Interface;
use std::sync::Arc;

/// Something the scenario asks for that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mistake {
    /// A store that the runtime config does not define.
    #[error(
        "no key-value store has the label \"{label}\"; the runtime config defines {}",
        list(defined)
    )]
    NoSuchStore {
        /// The label that was asked for.
        label: String,
        /// The labels there are.
        defined: Vec<String>,
    },
    /// A grant of a store that the runtime config does not define.
    #[error(
        "unknown key_value_stores label {label:?} for component {component:?}: \
         the runtime config defines {}",
        list(defined)
    )]
    UnknownGrant {
        /// The label.
        label: String,
        /// The component it was granted to.
        component: String,
        /// The labels there are.
        defined: Vec<String>,
    },
    /// A component that the app does not have.
    #[error("the app has no component \"{component}\"; it has {}", list(defined))]
    NoSuchComponent {
        /// The id that was asked for.
        component: String,
        /// The ids there are.
        defined: Vec<String>,
    },
    /// A fault that the interface in use has no way to express.
    #[error("the rule `{rule}` cannot hold: {interface} has no way to {deed}")]
    Inexpressible {
        /// The rule, as the scenario wrote it.
        rule: Arc<str>,
        /// What it asks for, with the operation that met it.
        deed: String,
        /// The interface that the call came through.
        interface: Interface,
    },
}

fn list(names: &[String]) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    let quoted: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
    quoted.join(", ")
}
