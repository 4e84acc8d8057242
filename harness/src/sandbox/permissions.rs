//! What a component may use in a scenario: what the manifest grants it, unless the scenario says otherwise.

use super::mistake::Mistake;
use super::session::{SandboxOptions, Session};
use crate::app::{GrantKind, GrantOverrides, OutboundHost, VariableError};
use crate::engine::{App, CompiledComponent, Mount, lay_out};
use crate::storage::Error;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// What a scenario grants in place of the manifest, as far as it is more than names.
pub(super) struct Instead {
    /// What components see of the file system.
    mounts: BTreeMap<String, Vec<Mount>>,
    /// The hosts that components may reach.
    hosts: BTreeMap<String, Vec<OutboundHost>>,
}

impl Instead {
    /// Checks that what a scenario grants exists, and makes it ready.
    ///
    /// # Errors
    ///
    /// A component, store, database, variable or file that there is not, a host that is none, or files that cannot be laid
    /// out.
    pub fn of(app: &App, options: &SandboxOptions) -> Result<Self, Mistake> {
        check(app, options)?;
        Ok(Self {
            mounts: mounts(app, &options.grants)?,
            hosts: hosts(app, &options.grants)?,
        })
    }
}

/// Checks that there is what a scenario grants.
fn check(app: &App, options: &SandboxOptions) -> Result<(), Mistake> {
    for (component, kind, names) in options.grants.iter() {
        app.require_component(component)?;
        for name in names {
            let defined = match kind {
                GrantKind::KeyValueStore => app.store_labels(),
                GrantKind::SqliteDatabase => {
                    let databases = &app.locked().runtime_config.sqlite_databases;
                    databases.keys().cloned().collect()
                }
                GrantKind::Variable => variables_of(app, component),
                GrantKind::EnvironmentVariable => environment_of(app, options, component),
                // Models have no list; hosts and files are looked at where they are made ready.
                GrantKind::AiModel | GrantKind::OutboundHost | GrantKind::File => continue,
            };
            if !defined.contains(name) {
                return Err(Mistake::UnknownGrant {
                    kind,
                    name: name.clone(),
                    component: component.to_owned(),
                    defined,
                });
            }
        }
    }
    Ok(())
}

/// The variables that a component could have: its own, and those of the app.
fn variables_of(app: &App, component: &str) -> Vec<String> {
    let mut names: BTreeSet<String> = app.manifest().variables.keys().cloned().collect();
    names.extend(app.variable_names(component));
    names.into_iter().collect()
}

fn environment_of(app: &App, options: &SandboxOptions, component: &str) -> Vec<String> {
    let component = app.manifest().component(component);
    let of_manifest = component
        .into_iter()
        .flat_map(|component| component.environment.keys());
    let of_scenario = options.environment.iter().map(|(name, _)| name);
    of_manifest.chain(of_scenario).cloned().collect()
}

/// Reads the hosts that a scenario grants.
fn hosts(
    app: &App,
    grants: &GrantOverrides,
) -> Result<BTreeMap<String, Vec<OutboundHost>>, Mistake> {
    let mut hosts = BTreeMap::new();
    for (component, kind, entries) in grants.iter() {
        if kind != GrantKind::OutboundHost {
            continue;
        }
        let of_component: Vec<OutboundHost> = entries
            .iter()
            .map(|entry| app.locked().outbound_host(entry))
            .collect();
        for host in &of_component {
            if let Err(reason) = &host.allows {
                return Err(Mistake::BadHost {
                    host: host.entry.clone(),
                    component: component.to_owned(),
                    reason: reason.clone(),
                });
            }
        }
        hosts.insert(component.to_owned(), of_component);
    }
    Ok(hosts)
}

/// Lays out the files of the components that a scenario grants other files than the manifest.
fn mounts(app: &App, grants: &GrantOverrides) -> Result<BTreeMap<String, Vec<Mount>>, Mistake> {
    let mut mounts = BTreeMap::new();
    for (id, kind, patterns) in grants.iter() {
        let Some(component) = app.manifest().component(id) else {
            continue;
        };
        if kind != GrantKind::File {
            continue;
        }
        let unusable = |reason: String| Mistake::BadFiles {
            component: id.to_owned(),
            reason,
        };
        let mut files = app
            .manifest()
            .resolve_files(component)
            .map_err(|error| unusable(error.to_string()))?;
        for pattern in patterns {
            if !files.iter().any(|file| fits(pattern, &file.guest)) {
                return Err(Mistake::UnknownGrant {
                    kind,
                    name: pattern.clone(),
                    component: id.to_owned(),
                    defined: files.into_iter().map(|file| file.guest).collect(),
                });
            }
        }
        files.retain(|file| patterns.iter().any(|pattern| fits(pattern, &file.guest)));
        let laid_out = lay_out(&files).map_err(|error| unusable(error.to_string()))?;
        mounts.insert(id.to_owned(), laid_out);
    }
    Ok(mounts)
}

/// Whether a guest's path fits a pattern; both may begin with a `/`.
fn fits(pattern: &str, guest: &str) -> bool {
    let relative = |path: &str| path.trim_start_matches('/').to_owned();
    let options = glob::MatchOptions {
        require_literal_separator: true,
        ..glob::MatchOptions::new()
    };
    glob::Pattern::new(&relative(pattern))
        .is_ok_and(|pattern| pattern.matches_with(&relative(guest), options))
}

impl Session {
    /// What a scenario grants a component in place of the manifest.
    fn granted_instead(&self, component: &str, kind: GrantKind) -> Option<&BTreeSet<String>> {
        self.options().grants.get(component, kind)
    }

    /// The grant stage of the gate: the store that a component opens under a label, or why it may not.
    ///
    /// # Errors
    ///
    /// [`Error::AccessDenied`] where it is not granted, whether it exists or not; else [`Error::NoSuchStore`] where
    /// nothing has that label.
    pub(crate) fn open_store(&self, component: &str, label: &str) -> Result<usize, Error> {
        let granted = match self.granted_instead(component, GrantKind::KeyValueStore) {
            Some(labels) => labels.contains(label),
            None => self.app().locked().may_open(component, label),
        };
        if !granted {
            return Err(Error::AccessDenied);
        }
        self.store_index(label).ok_or(Error::NoSuchStore)
    }

    /// Whether a component may use something, as [`Session::may_use`] says, and a note that a test wanted to know.
    pub fn check_grant(&self, component: &str, kind: GrantKind, name: &str) -> bool {
        let granted = self.may_use(component, kind, name);
        if granted {
            let checked = (component.to_owned(), kind, name.to_owned());
            self.state().checked.push(checked);
        }
        granted
    }

    /// Whether a component may use something: open a store or a database of that label, ask that model, reach that
    /// address, read that variable or environment variable, see the file of that path.
    pub fn may_use(&self, component: &str, kind: GrantKind, name: &str) -> bool {
        if kind == GrantKind::KeyValueStore {
            return self.open_store(component, name).is_ok();
        }
        let Some(of_manifest) = self.app().manifest().component(component) else {
            return false;
        };
        let instead = self.granted_instead(component, kind);
        match kind {
            GrantKind::OutboundHost => self.allowed_host(component, name, "https").is_some(),
            GrantKind::File => match self.app().manifest().resolve_files(of_manifest) {
                Ok(files) => {
                    let wanted = format!("/{}", name.trim_start_matches('/'));
                    let fits = |patterns: &BTreeSet<String>| {
                        patterns.iter().any(|pattern| fits(pattern, &wanted))
                    };
                    files.iter().any(|file| file.guest == wanted) && instead.is_none_or(fits)
                }
                Err(_) => false,
            },
            _ => match instead {
                Some(names) => names.contains(name),
                None => {
                    let given = &self.options().environment;
                    let grants = of_manifest.grants(kind);
                    grants.iter().any(|(granted, _)| granted == name)
                        || kind == GrantKind::EnvironmentVariable
                            && given.iter().any(|(given, _)| given == name)
                }
            },
        }
    }

    /// The entry of `allowed_outbound_hosts`, as it is written, that lets a component reach an address. `scheme` is that
    /// of an address without one.
    pub(crate) fn allowed_host(
        &self,
        component: &str,
        address: &str,
        scheme: &str,
    ) -> Option<String> {
        let app = self.app();
        let hosts = match self.instead().hosts.get(component) {
            Some(hosts) => hosts,
            None => app.locked().outbound_hosts(component),
        };
        let ids = || {
            let components = app.manifest().components.iter();
            let components = components.map(|it| it.id.as_str());
            components.chain(app.called_by_name())
        };
        let mut allowing = None;
        for host in hosts {
            // Of one that cannot be resolved Spin says nothing, and denies them all.
            let allowed = host.allows.as_ref().ok()?.as_ref();
            if allowing.is_none() && allowed.is_some_and(|it| it.allows(address, scheme, ids())) {
                allowing = Some(host.entry.clone());
            }
        }
        allowing
    }

    /// The first entry of `allowed_outbound_hosts`, as it is written, that is for a scheme, or for any.
    pub(crate) fn allowed_scheme(&self, component: &str, scheme: &str) -> Option<String> {
        let hosts = match self.instead().hosts.get(component) {
            Some(hosts) => hosts,
            None => self.app().locked().outbound_hosts(component),
        };
        let is_for_it = |host: &&OutboundHost| {
            let allowed = host.allows.as_ref().ok().and_then(Option::as_ref);
            allowed.is_some_and(|it| it.scheme().is_none_or(|known| known == scheme))
        };
        hosts.iter().find(is_for_it).map(|host| host.entry.clone())
    }

    /// The value of a component's variable.
    ///
    /// # Errors
    ///
    /// As a guest meets them; one that the scenario does not grant is undefined.
    pub(crate) fn variable(&self, component: &str, name: &str) -> Result<String, VariableError> {
        let locked = self.app().locked();
        let Some(granted) = self.granted_instead(component, GrantKind::Variable) else {
            return locked.variable(component, name);
        };
        match granted.contains(name) {
            true => locked.variable_or_of_app(component, name),
            false => locked.undefined_variable(component, name),
        }
    }

    /// The names of a component's variables, sorted.
    pub(crate) fn variable_names(&self, component: &str) -> Vec<String> {
        match self.granted_instead(component, GrantKind::Variable) {
            Some(granted) => granted.iter().cloned().collect(),
            None => self.app().variable_names(component),
        }
    }

    /// The manifest's environment, in which the scenario's values replace those of the same name, as `spin up --env` does;
    /// of it what the scenario grants, where it says so.
    pub(crate) fn environment<'a>(
        &'a self,
        component: &'a CompiledComponent,
    ) -> Cow<'a, [(String, String)]> {
        let of_manifest = component.environment();
        let of_scenario = &self.options().environment;
        let granted = self.granted_instead(component.id(), GrantKind::EnvironmentVariable);
        if of_scenario.is_empty() && granted.is_none() {
            return Cow::Borrowed(of_manifest);
        }
        let replaced: BTreeMap<&String, &String> = of_manifest
            .iter()
            .chain(of_scenario)
            .filter(|(name, _)| granted.is_none_or(|granted| granted.contains(name)))
            .map(|(name, value)| (name, value))
            .collect();
        Cow::Owned(
            replaced
                .into_iter()
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        )
    }

    /// The folders of this machine that a component sees.
    pub(crate) fn files<'a>(&'a self, component: &'a CompiledComponent) -> &'a [Mount] {
        let instead = self.instead().mounts.get(&**component.id());
        instead.map_or(component.mounts(), Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_fits_paths_with_and_without_a_slash_before_them() {
        assert!(fits("assets/*.txt", "/assets/a.txt"));
        assert!(fits("/assets/**/*", "/assets/deep/a.txt"));
        assert!(!fits("assets/*", "/assets/deep/a.txt"));
        assert!(!fits("[", "/["));
    }
}
