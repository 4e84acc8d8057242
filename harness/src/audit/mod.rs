//! Permissions: what the manifest grants, what components import, what stands behind each label, and what scenarios used.
//!
//! [`Audit::of`] runs nothing and compiles nothing. [`Audit::with_observed`] adds what scenarios did, and the least manifest that
//! would still have passed.
//!
//! ```
//! use spin_harness::audit::{Audit, Code, Levels};
//!
//! let audit = Audit::of("../fixtures/apps/grants/spin.toml".as_ref(), None)?.judged(&Levels::new());
//! assert!(audit.findings.iter().all(|finding| finding.code != Code::UnusedGrant));
//! # Ok::<(), spin_harness::app::LoadError>(())
//! ```

mod binary;
mod code;
mod cut;
mod finding;
mod interfaces;
pub mod least;
mod observed;
pub mod observed_file;
mod rules;

pub use binary::{Binary, BinaryError, Nested};
pub use code::{Code, Level, Levels, Selection, Severity, UnknownCode};
pub use finding::{Finding, Place};
pub use interfaces::{Reach, Service};
pub use least::{Least, LeastError, Removed};
pub use observed::{ComponentUse, Observed, ObservedApp, Observer, Use};

pub(crate) use observed::{is_denial, of_session};

use std::path::Path;
use std::sync::Arc;

use crate::app::{
    Component, ComponentSource, DependencyTarget, GrantKind, InheritConfiguration, LoadError,
    Manifest, Problem, RuntimeConfig, SqliteBackend, StoreBackend,
};

/// What is known of the permissions of an app.
#[derive(Clone, Debug)]
pub struct Audit {
    /// The app's name.
    pub app: String,
    /// The manifest, as the user named it.
    pub manifest: String,
    /// The runtime config, as the user named it; without one there are only the defaults.
    pub runtime_config: Option<String>,
    /// The components in the order of the manifest.
    pub components: Vec<AuditedComponent>,
    /// What was found, in the order of the files.
    pub findings: Vec<Finding>,
    /// How many findings were left out since they are allowed.
    pub allowed: usize,
    /// What scenarios did, if that is known.
    pub observed: Option<Observed>,
    /// The manifest without the grants that they did not use, where that is another one.
    pub least: Option<Least>,
    /// Why there is none though scenarios were observed, if not for want of grants that they did not use.
    pub no_least: Option<LeastError>,
}

/// A component, what it is granted and what it could use of that.
#[derive(Clone, Debug)]
pub struct AuditedComponent {
    /// Its id.
    pub id: String,
    /// Where its code is, as the manifest says.
    pub source: String,
    /// What its code says of itself, or why nothing can be said.
    pub binary: Result<Binary, String>,
    /// What its imports reach, those excepted that dependencies satisfy.
    pub reach: Reach,
    /// Its dependencies in the order of the manifest.
    pub dependencies: Vec<AuditedDependency>,
    /// What the manifest grants it.
    pub grants: Vec<AuditedGrant>,
    /// Where its id stands.
    pub place: Option<Place>,
}

/// A component that satisfies an import of another.
#[derive(Clone, Debug)]
pub struct AuditedDependency {
    /// The import.
    pub name: String,
    /// Where its code is.
    pub source: String,
    /// What its code says of itself, or why nothing can be said.
    pub binary: Result<Binary, String>,
    /// What its imports reach.
    pub reach: Reach,
    /// The fields of the manifest whose grants it inherits.
    pub inherits: Inherits,
    /// Where it stands.
    pub place: Place,
}

/// Which permissions a dependency inherits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inherits {
    /// None: whatever it tries is denied.
    Nothing,
    /// All of them.
    Everything,
    /// Those in these fields.
    Fields(Vec<String>),
}

impl Inherits {
    /// Whether grants of a kind are among them.
    pub fn includes(&self, kind: GrantKind) -> bool {
        match self {
            Self::Nothing => false,
            Self::Everything => true,
            Self::Fields(fields) => fields.iter().any(|field| field == kind.field()),
        }
    }
}

/// A grant of a component.
#[derive(Clone, Debug)]
pub struct AuditedGrant {
    /// What kind.
    pub kind: GrantKind,
    /// The label, model, host, name or pattern.
    pub name: String,
    /// Where it stands, if anywhere.
    pub place: Option<Place>,
    /// What the runtime config puts behind it: `redis`, `spin in memory`.
    pub backing: Option<String>,
    /// Whether something that the component imports could use it; nothing where that is not known.
    pub usable: Option<bool>,
    /// How often scenarios used it, where they were observed and such uses can be.
    pub used: Option<u64>,
}

impl Audit {
    /// Looks at an app without running or compiling anything. A folder stands for the `spin.toml` in it. What Spin would
    /// refuse is among the findings, as far as something can be read at all.
    ///
    /// # Errors
    ///
    /// The manifest can't be read, is no TOML, or says no version.
    pub fn of(
        manifest: &Path,
        runtime_config: Option<Arc<RuntimeConfig>>,
    ) -> Result<Self, LoadError> {
        let (manifest, problems) = Manifest::examine(manifest)?;
        Ok(Self::of_examined(&manifest, &problems, runtime_config))
    }

    /// As [`Audit::of`], of a manifest that has been read.
    pub fn of_examined(
        manifest: &Manifest,
        problems: &[Problem],
        runtime_config: Option<Arc<RuntimeConfig>>,
    ) -> Self {
        let config = runtime_config.unwrap_or_default();
        let components: Vec<AuditedComponent> = manifest
            .components
            .iter()
            .map(|component| audited(manifest, component, &config))
            .collect();
        let subject = rules::Subject {
            manifest,
            problems,
            config: &config,
            components: &components,
        };
        let mut audit = Self {
            app: manifest.name.clone(),
            manifest: manifest.source.name().to_owned(),
            runtime_config: config
                .source
                .as_ref()
                .map(|source| source.name().to_owned()),
            findings: rules::all(&subject),
            components,
            allowed: 0,
            observed: None,
            least: None,
            no_least: None,
        };
        audit.sort();
        audit
    }

    /// Adds what scenarios did, and what follows from that: findings, and the least manifest.
    #[must_use]
    pub fn with_observed(mut self, observed: Observed, manifest: &Manifest) -> Self {
        for component in &mut self.components {
            // What is run by no trigger that the harness runs had no occasion to use anything.
            let runs = manifest.used_components().any(|it| it.id == component.id);
            for grant in &mut component.grants {
                grant.used = (runs && grant.kind.is_observed())
                    .then(|| observed.calls(&component.id, grant.kind, &grant.name));
            }
        }
        self.findings.retain(|finding| {
            // A scenario may bring a runtime config that defines it.
            let undefined = [Code::UndefinedStore, Code::UndefinedDatabase];
            let subject = finding.subject.as_ref();
            !(undefined.contains(&finding.code)
                && subject.is_some_and(|subject| observed.defined.contains(subject)))
        });
        self.findings.extend(rules::observed(&self, &observed));
        self.observed = Some(observed);
        match least::least(&self, manifest) {
            Ok(least) => self.least = least,
            Err(error) => self.no_least = Some(error),
        }
        self.sort();
        self
    }

    /// Marks findings that are denied, and leaves out those that are allowed.
    #[must_use]
    pub fn judged(mut self, levels: &Levels) -> Self {
        let before = self.findings.len();
        self.findings.retain_mut(|finding| {
            let level = levels.of(finding.code, finding.severity);
            finding.denied = level == Level::Denied;
            level != Level::Allowed
        });
        self.allowed += before - self.findings.len();
        self
    }

    /// Whether a finding is denied.
    pub fn is_denied(&self) -> bool {
        self.findings.iter().any(|finding| finding.denied)
    }

    /// How many findings are of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        let found = self.findings.iter();
        found.filter(|finding| finding.severity == severity).count()
    }

    /// How many findings are denied.
    pub fn denied(&self) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.denied)
            .count()
    }

    /// `3 of 4 grants used by 12 scenarios`, where they were observed.
    pub fn coverage_text(&self) -> Option<String> {
        let (used, all) = self.coverage()?;
        let scenarios = self.observed.as_ref()?.scenarios;
        let plural = |count: usize| if count == 1 { "" } else { "s" };
        Some(format!(
            "{used} of {all} grant{} used by {scenarios} scenario{}",
            plural(all),
            plural(scenarios)
        ))
    }

    /// Grants that scenarios used and all that they could have been seen using, where they were observed.
    pub fn coverage(&self) -> Option<(usize, usize)> {
        self.observed.as_ref()?;
        let grants = self.components.iter().flat_map(|it| &it.grants);
        let used: Vec<u64> = grants.filter_map(|grant| grant.used).collect();
        Some((used.iter().filter(|count| **count > 0).count(), used.len()))
    }

    fn sort(&mut self) {
        // The manifest first, then the runtime config.
        let manifest = self.manifest.clone();
        let order = |finding: &Finding| {
            let file = finding.place.as_ref().map(|place| &place.file);
            (
                finding.place.is_none(),
                file.is_some_and(|file| *file != manifest),
                finding.place.clone(),
                finding.code,
                finding.message.clone(),
            )
        };
        self.findings.sort_by_cached_key(order);
        self.findings.dedup();
    }
}

fn audited(manifest: &Manifest, component: &Component, config: &RuntimeConfig) -> AuditedComponent {
    let (source, binary) = match &component.source {
        ComponentSource::LocalPath(path) => (
            shown(&manifest.root, path),
            Binary::read(path).map_err(|error| error.to_string()),
        ),
        ComponentSource::Url { url, .. } => (url.clone(), Err("it is elsewhere".to_owned())),
        ComponentSource::Registry {
            package, version, ..
        } => (
            format!("{package}@{version}"),
            Err("it is in a registry".to_owned()),
        ),
    };
    let dependencies: Vec<AuditedDependency> = component
        .dependencies
        .iter()
        .map(|dependency| audited_dependency(manifest, dependency))
        .collect();
    let reach = match &binary {
        Ok(binary) => {
            let from_host = binary.imports.iter().filter(|import| {
                let mut dependencies = dependencies.iter();
                !dependencies.any(|dependency| satisfies(&dependency.name, import))
            });
            Reach::of(&from_host.cloned().collect::<Vec<_>>(), &binary.producers)
        }
        Err(_) => Reach::default(),
    };
    let mut audited = AuditedComponent {
        id: component.id.clone(),
        source,
        binary,
        reach,
        dependencies,
        grants: Vec::new(),
        place: Some(Place::new(&manifest.source, &component.spans.id)),
    };
    audited.grants = GrantKind::ALL
        .into_iter()
        .flat_map(|kind| component.grants(kind).into_iter().map(move |it| (kind, it)))
        .map(|(kind, (name, span))| AuditedGrant {
            kind,
            place: span.map(|span| Place::new(&manifest.source, &span)),
            backing: backing(config, kind, &name),
            usable: audited.can_use(kind, &name),
            used: None,
            name,
        })
        .collect();
    audited
}

impl AuditedComponent {
    /// Whether something that it imports, or that a dependency imports for which the grant is inherited, could use a grant.
    /// Nothing where some code could not be read, and nothing that could be read says so.
    fn can_use(&self, kind: GrantKind, name: &str) -> Option<bool> {
        let of_dependencies = self
            .dependencies
            .iter()
            .filter(|dependency| dependency.inherits.includes(kind));
        let mut unknown = self.binary.is_err();
        let mut reaches = vec![&self.reach];
        for dependency in of_dependencies {
            unknown |= dependency.binary.is_err();
            reaches.push(&dependency.reach);
        }
        match reaches.iter().any(|reach| reach.can_use(kind, name)) {
            true => Some(true),
            false => (!unknown).then_some(false),
        }
    }
}

fn audited_dependency(
    manifest: &Manifest,
    dependency: &crate::app::Dependency,
) -> AuditedDependency {
    let local = |path: &Path| {
        (
            shown(&manifest.root, path),
            Binary::read(path).map_err(|error| error.to_string()),
        )
    };
    let elsewhere = |what: String| (what, Err("it is elsewhere".to_owned()));
    let (source, binary) = match &dependency.target {
        DependencyTarget::LocalPath(path) => local(path),
        DependencyTarget::Component(id) => match manifest.component(id).map(|it| &it.source) {
            Some(ComponentSource::LocalPath(path)) => local(path),
            _ => elsewhere(format!("component {id}")),
        },
        DependencyTarget::Url { url, .. } => elsewhere(url.clone()),
        DependencyTarget::Package {
            package, version, ..
        } => {
            let package = package.as_ref().unwrap_or(&dependency.name);
            elsewhere(format!("{package}@{version}"))
        }
    };
    let reach = match &binary {
        Ok(binary) => Reach::of(&binary.imports, &binary.producers),
        Err(_) => Reach::default(),
    };
    AuditedDependency {
        name: dependency.name.clone(),
        source,
        binary,
        reach,
        inherits: match &dependency.inherit_configuration {
            None | Some(InheritConfiguration::All(false)) => Inherits::Nothing,
            Some(InheritConfiguration::All(true)) => Inherits::Everything,
            Some(InheritConfiguration::Some(fields)) => Inherits::Fields(fields.clone()),
        },
        place: Place::new(&manifest.source, &dependency.span),
    }
}

/// Whether a dependency of this name satisfies an import: it is one interface, or all of a package.
fn satisfies(dependency: &str, import: &str) -> bool {
    if dependency == import {
        return true;
    }
    let split = |name: &str| -> (String, Option<String>) {
        match name.split_once('@') {
            Some((name, version)) => (name.to_owned(), Some(version.to_owned())),
            None => (name.to_owned(), None),
        }
    };
    let ((dependency, version), (import, of_import)) = (split(dependency), split(import));
    let same_version = version.is_none() || version == of_import;
    let package = import.split('/').next().unwrap_or_default();
    same_version && (dependency == import || dependency == package)
}

/// A path as seen from the manifest's folder.
fn shown(root: &Path, path: &Path) -> String {
    crate::runner::plan::place(path, root)
}

/// What stands behind a label; never with what is secret in it.
fn backing(config: &RuntimeConfig, kind: GrantKind, label: &str) -> Option<String> {
    let file = |path: &Option<std::path::PathBuf>| match path {
        Some(path) => format!("spin at {}", path.display()),
        None => "spin".to_owned(),
    };
    match kind {
        GrantKind::KeyValueStore => {
            config
                .key_value_stores
                .get(label)
                .map(|backend| match backend {
                    StoreBackend::Spin { path } => file(path),
                    StoreBackend::Redis { url } => format!("redis at {}", without_password(url)),
                    other => other.type_name().to_owned(),
                })
        }
        GrantKind::SqliteDatabase => {
            config
                .sqlite_databases
                .get(label)
                .map(|backend| match backend {
                    SqliteBackend::Spin { path, .. } => file(path),
                    SqliteBackend::LibSql { url, .. } => {
                        format!("libsql at {}", without_password(url))
                    }
                })
        }
        _ => None,
    }
}

/// A URL without what it says of the user, and without its query, which may hold a password too: reports are read by others.
fn without_password(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let start = url.find("://").map_or(0, |end| end + 3);
    let end = url[start..].find('/').map_or(url.len(), |at| start + at);
    match url[start..end].rfind('@') {
        Some(at) => format!("{}{}", &url[..start], &url[start + at + 1..]),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests;
