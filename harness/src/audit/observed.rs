//! What scenarios really did with what components are granted, read off their journals.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::interfaces;
use crate::app::{AllowedHost, GrantKind, RuntimeConfig, VariableError};
use crate::sandbox::service::variables::GET;
use crate::sandbox::{Call, Outcome, Service, Session};
use crate::storage::{Error, Operation};

/// Kinds of keys that are kept of a store: the first ones in byte order.
const MOST_KEYS: usize = 100;

/// The operation of a test that asked whether a grant is there: it would not have passed without it.
const CHECKED: &str = "checked";

/// What the scenarios of a run did with one app.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observed {
    /// The app's name.
    pub app: String,
    /// How many scenarios used the app.
    pub scenarios: usize,
    /// How many of them did not pass.
    #[serde(default)]
    pub failed: usize,
    /// What runtime configs of scenarios defined: `key-value store cache`.
    #[serde(default)]
    pub defined: BTreeSet<String>,
    /// What each component used; one that did nothing is left out.
    pub components: BTreeMap<String, ComponentUse>,
}

/// What a component used, by kind and name; the name of a host is the entry that allowed it. An empty name is something
/// that the harness does not know.
pub type ComponentUse = BTreeMap<GrantKind, BTreeMap<String, Use>>;

/// How something was used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Use {
    /// How often each operation was called where the manifest's grants held.
    #[serde(default)]
    pub operations: BTreeMap<String, u64>,
    /// How often the component was refused it by the manifest's grants.
    #[serde(default)]
    pub denied: u64,
    /// Calls in scenarios that said what the component may use: they say nothing of the manifest.
    #[serde(default)]
    pub under_other_grants: u64,
    /// The keys that were used by what they begin with, with the number of calls: `user:*`.
    #[serde(default)]
    pub keys: BTreeMap<String, u64>,
    /// Whether there were more kinds of keys than these.
    #[serde(default)]
    pub more_keys: bool,
}

impl Use {
    /// How often it was used where the manifest's grants held.
    pub fn calls(&self) -> u64 {
        self.operations
            .values()
            .fold(0, |sum, count| u64::saturating_add(sum, *count))
    }

    /// Whether a guest used it.
    pub(crate) fn is_use(&self) -> bool {
        self.operations.keys().any(|operation| operation != CHECKED)
    }

    /// The operations that a guest called, joined by commas.
    pub(crate) fn operation_names(&self) -> String {
        let operations = self.operations.keys().map(String::as_str);
        let operations: Vec<&str> = operations.filter(|it| *it != CHECKED).collect();
        operations.join(", ")
    }

    /// The scenario said what the component may use.
    fn not_by_the_manifest(&mut self) {
        *self = Self {
            under_other_grants: self.calls() + self.denied,
            ..Self::default()
        };
    }

    fn add(&mut self, other: Self) {
        for (operation, count) in other.operations {
            add(self.operations.entry(operation).or_default(), count);
        }
        for (key, count) in other.keys {
            add(self.keys.entry(key).or_default(), count);
        }
        add(&mut self.denied, other.denied);
        add(&mut self.under_other_grants, other.under_other_grants);
        self.more_keys |= other.more_keys;
        // The first ones are the same in whatever order scenarios end, and so are their counts.
        while self.keys.len() > MOST_KEYS {
            self.keys.pop_last();
            self.more_keys = true;
        }
    }
}

/// A file of what was observed may say anything.
fn add(to: &mut u64, count: u64) {
    *to = to.saturating_add(count);
}

impl Observed {
    /// How a grant was used. An address that the harness does not know may be of any host that the interface can speak to.
    pub fn calls(&self, component: &str, kind: GrantKind, name: &str) -> u64 {
        let Some(uses) = self.components.get(component).and_then(|it| it.get(&kind)) else {
            return 0;
        };
        let unknown = uses.get("").map_or(0, |unknown| match kind {
            GrantKind::OutboundHost => unknown
                .operations
                .iter()
                .filter(|(operation, _)| {
                    let interface = operation.split('#').next().unwrap_or_default();
                    interfaces::Service::of_import(interface)
                        .is_some_and(|service| service.can_use_host(name))
                })
                .fold(0, |sum, (_, count)| u64::saturating_add(sum, *count)),
            _ => unknown.calls(),
        });
        uses.get(name).map_or(0, Use::calls).saturating_add(unknown)
    }

    /// Everything that components used or were refused: component, kind, name and how.
    pub fn uses(&self) -> impl Iterator<Item = (&str, GrantKind, &str, &Use)> {
        self.components.iter().flat_map(|(component, kinds)| {
            kinds.iter().flat_map(move |(kind, uses)| {
                uses.iter()
                    .map(move |(name, one)| (component.as_str(), *kind, name.as_str(), one))
            })
        })
    }

    fn add(&mut self, other: BTreeMap<String, ComponentUse>) {
        for (component, kinds) in other {
            let into = self.components.entry(component).or_default();
            for (kind, uses) in kinds {
                let into = into.entry(kind).or_default();
                for (name, one) in uses {
                    into.entry(name).or_default().add(one);
                }
            }
        }
    }
}

/// What happened in a scenario so far, by component.
pub(crate) fn of_session(session: &Session) -> BTreeMap<String, ComponentUse> {
    let mut components: BTreeMap<String, ComponentUse> = BTreeMap::new();
    session.with_journal(|journal| {
        for call in journal.calls() {
            let Some((kind, name, denied, operation)) = use_of(session, call) else {
                continue;
            };
            let uses = components.entry(call.component.to_string()).or_default();
            let uses = uses.entry(kind).or_default();
            let one = uses.entry(name).or_default();
            if denied {
                one.denied += 1;
            } else {
                *one.operations.entry(operation).or_default() += 1;
                for key in keys(call) {
                    *one.keys.entry(kind_of_key(key)).or_default() += 1;
                }
            }
        }
    });
    for (component, kind, name) in session.state().checked.clone() {
        let name = match kind {
            GrantKind::OutboundHost => session.allowed_host(&component, &name, "https"),
            _ => Some(name),
        };
        if let Some(name) = name.filter(|_| kind.is_observed()) {
            let uses = components.entry(component).or_default();
            let one = uses.entry(kind).or_default().entry(name).or_default();
            *one.operations.entry(CHECKED.to_owned()).or_default() += 1;
        }
    }
    components
}

/// What a call used, whether it was refused for want of a grant, and its operation.
fn use_of(session: &Session, call: &Call) -> Option<(GrantKind, String, bool, String)> {
    let (kind, name, denied, operation) = use_by_grants(session, call)?;
    // Whatever the component itself may do.
    let denied = denied || call.denied_to.is_some();
    Some((kind, name, denied, operation))
}

/// The same, where no dependency was refused it.
fn use_by_grants(session: &Session, call: &Call) -> Option<(GrantKind, String, bool, String)> {
    match &call.service {
        Service::KeyValue(_, operation) => {
            // A dead handle stands for no store.
            (!call.store.is_empty()).then(|| {
                let denied = is_denial(call);
                (
                    GrantKind::KeyValueStore,
                    call.store.to_string(),
                    denied,
                    operation.name().to_owned(),
                )
            })
        }
        Service::Called(_, operation) if *operation == &GET => {
            let (component, name) = (&*call.component, call.key.as_str());
            let value = session.variable(component, name);
            if matches!(value, Err(VariableError::InvalidName(_))) {
                // No manifest could grant it.
                return None;
            }
            let denied = matches!(value, Err(VariableError::Undefined(_)));
            Some((
                GrantKind::Variable,
                name.to_owned(),
                denied,
                "get".to_owned(),
            ))
        }
        Service::OutgoingHttp(_, method) => {
            let entry = session.allowed_host(&call.component, &call.key, "https");
            let denied = entry.is_none();
            let name = entry.unwrap_or_else(|| origin(&call.key, "https"));
            Some((GrantKind::OutboundHost, name, denied, method.to_string()))
        }
        Service::Unprovided(..) | Service::Called(..) => {
            let (interface, operation, target) = match &call.service {
                Service::Unprovided(interface, function) => {
                    (&**interface, format!("{interface}#{function}"), &*call.key)
                }
                _ => (
                    call.interface_name(),
                    call.operation_name().into_owned(),
                    &*call.store,
                ),
            };
            let service = interfaces::Service::of_import(interface)?;
            let kind = service.grant();
            if kind != GrantKind::OutboundHost || target.is_empty() {
                let granted = target.is_empty() || session.may_use(&call.component, kind, target);
                return Some((kind, target.to_owned(), !granted, operation));
            }
            let scheme = service.scheme();
            let addresses = service.addresses(target);
            let mut entries = addresses
                .iter()
                .map(|address| session.allowed_host(&call.component, address, scheme));
            // Spin refuses a connection for the first address that is not allowed.
            let entry = match entries.next() {
                Some(Some(first)) if entries.all(|entry| entry.is_some()) => Some(first),
                _ => None,
            };
            Some(match entry {
                Some(entry) => (kind, entry, false, operation),
                None => {
                    let first = addresses.first().map_or(target, String::as_str);
                    (kind, origin(first, scheme), true, operation)
                }
            })
        }
        Service::Instance(_) => None,
    }
}

/// What a call was refused for want of a grant.
pub(crate) fn denied(session: &Session, call: &Call) -> Option<(GrantKind, String)> {
    let (kind, name, denied, _) = use_of(session, call)?;
    denied.then_some((kind, name))
}

/// An address as a manifest would grant it: without what it says of the user, and without a path.
fn origin(address: &str, scheme: &str) -> String {
    match AllowedHost::origin(address, scheme) {
        Some(origin) => origin,
        None if address.starts_with('/') => format!("{scheme}://self"),
        None => "an address that is none".to_owned(),
    }
}

/// Whether a component was refused a store that it is not granted.
pub(crate) fn is_denial(call: &Call) -> bool {
    call.storage_operation() == Some(Operation::Open)
        && call.outcome == Outcome::Error(Error::AccessDenied)
        && call.fault.is_none()
}

/// The keys of a call on a store. Those of a batch are told apart only where none of them holds what joins them.
fn keys(call: &Call) -> Vec<&str> {
    let Some(operation) = call.storage_operation() else {
        return Vec::new();
    };
    match operation {
        Operation::GetMany | Operation::SetMany | Operation::DeleteMany => {
            let keys: Vec<&str> = call.key.split(", ").collect();
            match keys.len() == call.entries {
                true => keys,
                false => Vec::new(),
            }
        }
        _ if call.key.is_empty() => Vec::new(),
        _ => vec![&call.key],
    }
}

/// What a key begins with, up to what is likely to differ: `user:*` of `user:42`, `page*` of `page7`.
fn kind_of_key(key: &str) -> String {
    let separators = [':', '/', '|', '#', '.'];
    let end = key.char_indices().find_map(|(at, c)| {
        if separators.contains(&c) {
            return Some(at + c.len_utf8());
        }
        c.is_ascii_digit().then_some(at)
    });
    match end {
        Some(end) if end < key.len() => format!("{}*", &key[..end]),
        _ => key.to_owned(),
    }
}

/// Takes down what scenarios do, on whatever thread they run. What comes of it does not depend on their order.
#[derive(Debug, Default)]
pub struct Observer {
    apps: Mutex<BTreeMap<PathBuf, ObservedApp>>,
}

/// What is kept of an app.
#[derive(Clone, Debug, Default)]
pub struct ObservedApp {
    observed: Observed,
    scenarios: BTreeMap<(PathBuf, u64), bool>,
    /// The runtime configs that scenarios used it with, by their names; nothing is one that a scenario wrote itself, or
    /// none at all.
    runtime_configs: BTreeMap<String, Option<Arc<RuntimeConfig>>>,
}

impl ObservedApp {
    /// The file that all scenarios used as runtime config, if all used the same.
    pub fn runtime_config(&self) -> Option<Arc<RuntimeConfig>> {
        match self.runtime_configs.values().collect::<Vec<_>>()[..] {
            [only] => only.clone(),
            _ => None,
        }
    }

    /// What its components did.
    pub fn observed(&self) -> &Observed {
        &self.observed
    }
}

impl Observer {
    /// Adds what happened in a session: a run of the scenario that `feature` and `seed` tell from all others.
    pub(crate) fn add(&self, session: &Session, feature: &Path, seed: u64, passed: bool) {
        let mut components = of_session(session);
        for (component, kinds) in &mut components {
            for (kind, uses) in kinds {
                if session.options().grants.get(component, *kind).is_some() {
                    uses.values_mut().for_each(Use::not_by_the_manifest);
                }
            }
        }
        let locked = session.app().locked();
        let mut apps = self.apps.lock().unwrap_or_else(PoisonError::into_inner);
        let app = apps.entry(locked.manifest.file_path()).or_default();
        app.observed.app.clone_from(&locked.manifest.name);
        app.observed.add(components);
        let all = app
            .scenarios
            .entry((feature.to_owned(), seed))
            .or_insert(true);
        *all &= passed;
        app.observed.scenarios = app.scenarios.len();
        app.observed.failed = app.scenarios.values().filter(|passed| !**passed).count();
        if locked.runtime_config.source.is_some() {
            let defines = |kind: GrantKind, label: &String| format!("{kind} {label}");
            let stores = locked.runtime_config.key_value_stores.keys();
            let stores = stores.map(|label| defines(GrantKind::KeyValueStore, label));
            let databases = locked.runtime_config.sqlite_databases.keys();
            let databases = databases.map(|label| defines(GrantKind::SqliteDatabase, label));
            app.observed.defined.extend(stores.chain(databases));
        }
        let source = locked.runtime_config.source.as_ref();
        let file = source
            .map(|source| source.name())
            .filter(|name| Path::new(name).is_file());
        app.runtime_configs
            .entry(file.unwrap_or_default().to_owned())
            .or_insert_with(|| file.map(|_| Arc::clone(&locked.runtime_config)));
    }

    /// What was done with the app of a manifest, by its absolute path; nothing was, where no scenario used it.
    pub fn app(&self, manifest: &Path) -> ObservedApp {
        let apps = self.apps.lock().unwrap_or_else(PoisonError::into_inner);
        apps.get(manifest).cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
