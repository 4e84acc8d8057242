//! What is known of one component: what it is granted, what its code imports, what stands behind its labels.

use std::path::Path;

use super::{Binary, BinaryError, Place, Reach};
use crate::app::{
    Component, ComponentSource, Dependency, GrantKind, InheritConfiguration, Manifest,
    RuntimeConfig, SqliteBackend, StoreBackend, satisfies, seen_from,
};
use crate::value::without_secrets;

/// A component, what it is granted and what it could use of that.
#[derive(Clone, Debug)]
pub struct AuditedComponent {
    /// Its id.
    pub id: String,
    /// Where its code is, as the manifest says.
    pub source: String,
    /// What its code says of itself, or why nothing can be said.
    pub binary: Result<Binary, BinaryError>,
    /// What its imports reach, those excepted that dependencies satisfy.
    pub reach: Reach,
    /// Its dependencies in the order of the manifest, and then what its triggers put before it.
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
    pub binary: Result<Binary, BinaryError>,
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

/// Looks at a component of a manifest.
pub(super) fn audited(
    manifest: &Manifest,
    component: &Component,
    config: &RuntimeConfig,
) -> AuditedComponent {
    let (source, binary) = code(manifest, &component.source);
    let middleware = manifest.middleware_around(&component.id);
    let dependencies: Vec<AuditedDependency> = component
        .dependencies
        .iter()
        .chain(middleware)
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
    /// Whether the manifest grants it something of this very name.
    pub(super) fn is_granted(&self, kind: GrantKind, name: &str) -> bool {
        let mut grants = self.grants.iter();
        grants.any(|grant| grant.kind == kind && grant.name == name)
    }

    /// Whether something that it imports, or that a dependency imports for which the grant is inherited, could use a grant.
    /// Nothing where some code could not be read, and nothing that could be read says so.
    pub(super) fn can_use(&self, kind: GrantKind, name: &str) -> Option<bool> {
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

fn audited_dependency(manifest: &Manifest, dependency: &Dependency) -> AuditedDependency {
    let (source, binary) = match manifest.code_of(dependency) {
        Some((source, _)) => code(manifest, &source),
        None => (dependency.name.clone(), Err(BinaryError::Elsewhere)),
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

/// Where code is, and what it says of itself.
fn code(manifest: &Manifest, source: &ComponentSource) -> (String, Result<Binary, BinaryError>) {
    match source {
        ComponentSource::LocalPath(path) => (shown(&manifest.root, path), Binary::read(path)),
        ComponentSource::Url { url, .. } => (url.clone(), Err(BinaryError::Elsewhere)),
        ComponentSource::Registry {
            package, version, ..
        } => (format!("{package}@{version}"), Err(BinaryError::InRegistry)),
    }
}

/// A path as seen from the manifest's folder.
fn shown(root: &Path, path: &Path) -> String {
    seen_from(path, root)
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
                    StoreBackend::Redis { url } => format!("redis at {}", without_secrets(url)),
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
                        format!("libsql at {}", without_secrets(url))
                    }
                })
        }
        _ => None,
    }
}
