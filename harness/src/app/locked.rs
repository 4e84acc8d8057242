//! An app ready to run: manifest, runtime config and values of variables, checked against each other.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::allowed_hosts::AllowedHost;
use super::manifest::{Component, Manifest};
use super::names;
use super::problem::{LoadError, Problem, Warning, suggest};
use super::routes::Router;
use super::runtime_config::{RuntimeConfig, StoreBackend, VariablesProvider};
use super::template::Template;
use crate::value::nearest;

/// What a scenario runs. Immutable: what a scenario says of grants stands in [`GrantOverrides`](super::GrantOverrides).
#[derive(Clone, Debug)]
pub struct LockedApp {
    /// What the manifest says.
    pub manifest: Arc<Manifest>,
    /// What stands behind labels and variables.
    pub runtime_config: Arc<RuntimeConfig>,
    /// Finds the trigger for a path.
    pub router: Arc<Router>,
    /// What is suspicious in the values given.
    pub warnings: Vec<Warning>,
    /// The values of the app's variables.
    values: Arc<BTreeMap<String, String>>,
    variables: Arc<BTreeMap<String, Values>>,
    hosts: Arc<BTreeMap<String, Vec<OutboundHost>>>,
}

/// The variables of one component by name.
type Values = BTreeMap<String, Result<String, VariableError>>;

/// An entry of `allowed_outbound_hosts`.
#[derive(Clone, Debug)]
pub(crate) struct OutboundHost {
    /// As it is written, perhaps with variables.
    pub entry: String,
    /// What it allows, which is nothing where empty variables switch it off; or why that is not known. Spin denies a
    /// component with such an entry every host (`crates/outbound-networking-config/src/allowed_hosts.rs`).
    pub allows: Result<Option<AllowedHost>, String>,
}

impl OutboundHost {
    fn new(entry: &str, values: &BTreeMap<String, String>) -> Self {
        Self {
            entry: entry.to_owned(),
            allows: Self::resolved(entry, values),
        }
    }

    fn resolved(
        entry: &str,
        values: &BTreeMap<String, String>,
    ) -> Result<Option<AllowedHost>, String> {
        let template = Template::parse(entry)?;
        if template.is_literal() {
            return AllowedHost::parse(entry).map(Some);
        }
        let value = |name: &str| {
            values
                .get(name)
                .cloned()
                .ok_or_else(|| format!("the app has no variable \"{name}\" with a value"))
        };
        let resolved = template.resolve(value)?;
        match AllowedHost::is_switched_off(&resolved) {
            true => Ok(None),
            false => AllowedHost::parse(&resolved).map(Some),
        }
    }
}

/// Why a guest does not get a variable. The texts are Spin's (`crates/expressions`, `crates/factor-variables/src/host.rs`).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VariableError {
    /// The name breaks the rules for names.
    #[error("{0}")]
    InvalidName(String),
    /// The component has no such variable.
    #[error("{0}")]
    Undefined(String),
    /// Nobody has a value for it.
    #[error("{0}")]
    Provider(String),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl LockedApp {
    /// Checks the parts against each other. `variables` are values that come before those of any provider.
    ///
    /// # Errors
    ///
    /// A granted store or database has nothing behind it, or a required variable has no value.
    pub fn new(
        manifest: Arc<Manifest>,
        runtime_config: Arc<RuntimeConfig>,
        variables: &BTreeMap<String, String>,
    ) -> Result<Self, LoadError> {
        let mut problems = undefined_stores(&manifest, &runtime_config);
        problems.extend(undefined_databases(&manifest, &runtime_config));
        let values = values(&manifest, &runtime_config, variables);
        problems.extend(unresolvable(&manifest, &runtime_config, &values));
        LoadError::from_problems(problems)?;
        let hosts = |component: &Component| {
            let entries = component.allowed_outbound_hosts.iter();
            entries
                .map(|entry| OutboundHost::new(entry, &values))
                .collect()
        };
        let hosts = manifest
            .components
            .iter()
            .map(|component| (component.id.clone(), hosts(component)))
            .collect();
        let resolved = manifest
            .components
            .iter()
            .map(|component| (component.id.clone(), resolve_all(component, &values)))
            .collect();
        Ok(Self {
            router: Arc::new(Router::new(&manifest.triggers)),
            warnings: undeclared(&manifest, variables),
            variables: Arc::new(resolved),
            hosts: Arc::new(hosts),
            values: Arc::new(values),
            manifest,
            runtime_config,
        })
    }

    /// Whether the manifest lets a component open a key-value store.
    pub fn may_open(&self, component: &str, label: &str) -> bool {
        self.manifest
            .component(component)
            .is_some_and(|component| component.key_value_stores.iter().any(|it| it == label))
    }

    /// The outbound hosts that the manifest lets a component reach.
    pub(crate) fn outbound_hosts(&self, component: &str) -> &[OutboundHost] {
        self.hosts.get(component).map_or(&[], Vec::as_slice)
    }

    /// An entry of `allowed_outbound_hosts`, with the values of the app's variables.
    pub(crate) fn outbound_host(&self, entry: &str) -> OutboundHost {
        OutboundHost::new(entry, &self.values)
    }

    /// A text with the values of the app's variables in it.
    ///
    /// # Errors
    ///
    /// It is no template, or a variable has no value.
    pub(crate) fn resolve(&self, text: &str) -> Result<String, String> {
        let value = |name: &str| {
            self.values
                .get(name)
                .cloned()
                .ok_or_else(|| format!("the app has no variable \"{name}\" with a value"))
        };
        Template::parse(text)?.resolve(value)
    }

    /// What stands behind the label of a key-value store.
    pub fn store(&self, label: &str) -> Option<&StoreBackend> {
        self.runtime_config.key_value_stores.get(label)
    }

    /// The value of a component's variable.
    ///
    /// # Errors
    ///
    /// As a guest would meet them.
    pub fn variable(&self, component: &str, name: &str) -> Result<String, VariableError> {
        names::check_key(name).map_err(VariableError::InvalidName)?;
        let Some(variables) = self.variables.get(component) else {
            return Err(VariableError::Undefined(format!(
                "no variable for component {component:?}"
            )));
        };
        match variables.get(name) {
            Some(value) => value.clone(),
            None => self.undefined_variable(component, name),
        }
    }

    /// As [`LockedApp::variable`]; one that only the app has is taken from there.
    pub(crate) fn variable_or_of_app(
        &self,
        component: &str,
        name: &str,
    ) -> Result<String, VariableError> {
        match (self.variable(component, name), self.values.get(name)) {
            (Err(VariableError::Undefined(_)), Some(value)) => Ok(value.clone()),
            (value, _) => value,
        }
    }

    /// What a component hears of a variable that it does not have.
    pub(crate) fn undefined_variable(
        &self,
        component: &str,
        name: &str,
    ) -> Result<String, VariableError> {
        names::check_key(name).map_err(VariableError::InvalidName)?;
        Err(VariableError::Undefined(format!(
            "no variable for {component:?}.{name:?}"
        )))
    }

    /// All variables of a component, sorted by name.
    ///
    /// # Errors
    ///
    /// One of them has no value.
    pub fn variables(&self, component: &str) -> Result<Vec<(String, String)>, VariableError> {
        self.variables
            .get(component)
            .into_iter()
            .flatten()
            .map(|(name, value)| Ok((name.clone(), value.clone()?)))
            .collect()
    }
}

/// The value of each of the app's variables that has one.
fn values(
    manifest: &Manifest,
    runtime_config: &RuntimeConfig,
    given: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let provided = |name: &String| {
        runtime_config
            .variables_providers
            .iter()
            .find_map(|provider| match provider {
                VariablesProvider::Static { values } => values.get(name),
                _ => None,
            })
    };
    manifest
        .variables
        .iter()
        .filter_map(|(name, declaration)| {
            let value = given
                .get(name)
                .or_else(|| provided(name))
                .or(declaration.default.as_ref())?;
            Some((name.clone(), value.clone()))
        })
        .collect()
}

fn resolve_all(component: &Component, values: &BTreeMap<String, String>) -> Values {
    let value = |name: &str| {
        values.get(name).cloned().ok_or_else(|| {
            VariableError::Provider(format!("no provider resolved required variable {name:?}"))
        })
    };
    component
        .variables
        .iter()
        .map(|(name, template)| (name.clone(), template.resolve(value)))
        .collect()
}

/// The problem of required variables without a value: Spin names them all at once.
fn unresolvable(
    manifest: &Manifest,
    runtime_config: &RuntimeConfig,
    values: &BTreeMap<String, String>,
) -> Option<Problem> {
    let missing: Vec<_> = manifest
        .variables
        .iter()
        .filter(|(name, _)| !values.contains_key(*name))
        .collect();
    let (first, declaration) = missing.first()?;
    let names: Vec<&str> = missing.iter().map(|(name, _)| name.as_str()).collect();
    let how = format!(
        "give it a value: `--variable {first}=VALUE`, `Given the variable \"{first}\" is \"VALUE\"`, \
         or a `[[variables_provider]]` of type \"static\" in the runtime config"
    );
    let remote = runtime_config.variables_providers.iter().find(|provider| {
        matches!(
            provider,
            VariablesProvider::Vault { .. } | VariablesProvider::AzureKeyVault { .. }
        )
    });
    let problem = if let Some(remote) = remote {
        // Spin would start and ask it.
        let text = format!(
            "only the {} provider of the runtime config could have a value for required variable(s): {}; tests don't ask it",
            remote.type_name(),
            names.join(", ")
        );
        Problem::error("app::no_value", text)
    } else {
        let keys: Vec<String> = names.iter().map(|name| format!("Key({name:?})")).collect();
        let text = format!(
            "provider error: no provider resolved required variable(s): [{}]",
            keys.join(", ")
        );
        Problem::error("app::no_value", text)
    };
    Some(
        problem
            .at(&manifest.source, declaration.span.clone())
            .labelled("required, and has no value")
            .help(how),
    )
}

fn undefined_stores(manifest: &Manifest, runtime_config: &RuntimeConfig) -> Vec<Problem> {
    let mut problems = Vec::new();
    for component in &manifest.components {
        for (label, span) in component
            .key_value_stores
            .iter()
            .zip(&component.spans.key_value_stores)
        {
            if !runtime_config.key_value_stores.contains_key(label) {
                let problem = undefined_store(&component.id, label, runtime_config);
                problems.push(
                    problem
                        .at(&manifest.source, span.clone())
                        .labelled("no store has this label"),
                );
            }
        }
    }
    problems
}

/// The problem of a granted key-value store that nothing stands behind, without its place.
pub(crate) fn undefined_store(
    component: &str,
    label: &str,
    runtime_config: &RuntimeConfig,
) -> Problem {
    let known = runtime_config.key_value_stores.keys().map(String::as_str);
    let mut help = nearest(label, known)
        .map(|near| format!("did you mean `{near}`? "))
        .unwrap_or_default();
    help.push_str(&format!(
        "to have such a store, write `[key_value_store.{label}]` with a `type` in the runtime config"
    ));
    Problem::error(
        "app::no_store",
        format!("unknown key_value_stores label {label:?} for component {component:?}"),
    )
    .help(help)
}

/// The problem of databases that nothing stands behind: Spin names them all at once (`crates/factor-sqlite/src/lib.rs`).
fn undefined_databases(manifest: &Manifest, runtime_config: &RuntimeConfig) -> Option<Problem> {
    let missing: Vec<_> = manifest
        .components
        .iter()
        .flat_map(|component| {
            let labels = component
                .sqlite_databases
                .iter()
                .zip(&component.spans.sqlite_databases);
            labels.map(move |(label, span)| (&component.id, label, span))
        })
        .filter(|(_, label, _)| !runtime_config.sqlite_databases.contains_key(*label))
        .collect();
    let (_, first, span) = missing.first()?;
    let mut text = "One or more components use SQLite databases which are not defined.\n\
                    Check the spelling, or pass a runtime configuration file that defines these stores.\n\
                    See https://spinframework.dev/dynamic-configuration#sqlite-storage-runtime-configuration\n\
                    Details:"
        .to_owned();
    for (component, label, _) in &missing {
        text.push_str(&format!(
            "\n- Component {component} uses database '{label}'"
        ));
    }
    let known = runtime_config.sqlite_databases.keys().map(String::as_str);
    Some(
        Problem::error("app::no_database", text)
            .at(&manifest.source, (*span).clone())
            .labelled("no database has this label")
            .maybe_help(suggest(first, known, "the databases are")),
    )
}

/// Values for variables that the app does not have: Spin never looks at them.
fn undeclared(manifest: &Manifest, given: &BTreeMap<String, String>) -> Vec<Warning> {
    let known = || manifest.variables.keys().map(String::as_str);
    given
        .keys()
        .filter(|name| !manifest.variables.contains_key(*name))
        .map(|name| {
            Problem::warning(
                "app::no_variable",
                format!("the app has no variable {name:?}, its value is not used"),
            )
            .maybe_help(suggest(name, known(), "the app's variables are"))
        })
        .collect()
}
