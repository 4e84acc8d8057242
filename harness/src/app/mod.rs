//! What the user's files say: manifest, runtime config, variables, grants, routes. Pure data: no wasm, and no I/O but reading files.
//!
//! [`Manifest::load`] reads `spin.toml`, [`RuntimeConfig::load`] the runtime config, and [`LockedApp::new`] checks one against the other
//! and works out the variables: what a scenario then runs. Everything that is wrong is a [`Problem`] with its place in the file.

mod allowed_hosts;
mod build;
pub(crate) mod document;
mod files;
mod grants;
mod import_name;
mod locked;
mod manifest;
mod names;
mod paths;
mod problem;
mod routes;
mod runtime_config;
mod settings;
mod template;
mod well_known;

#[cfg(test)]
mod tests;

pub use allowed_hosts::AllowedHost;
pub use build::BuildStep;
pub use document::Located;
pub use files::MountedFile;
pub use grants::{GrantKind, GrantOverrides};
pub use locked::{LockedApp, VariableError};
pub use manifest::{
    Build, Component, ComponentSource, ComponentSpans, Dependency, DependencyTarget, FilesMount,
    HttpExecutor, HttpRoute, HttpTrigger, InheritConfiguration, Manifest, Profile, RedisTrigger,
    StaticResponse, Trigger, VariableDeclaration,
};
pub use problem::{LoadError, Problem, SourceFile, Span, Warning};
pub use routes::{RouteHandler, RouteMatch, Router, spin_headers};
pub use runtime_config::{
    LlmBackend, Provider, RuntimeConfig, SqliteBackend, StoreBackend, VariablesProvider,
};
pub use settings::{
    Bounds, ComputeBound, HarnessSettings, KeyValueStoreSetting, Limits, Redaction, parse_duration,
    parse_size,
};
pub use template::Template;

pub(crate) use crate::value::nearest;
pub(crate) use import_name::{early_versions, of_no_version, package_of, released, satisfies};
pub(crate) use locked::{OutboundHost, undefined_store};
pub(crate) use manifest::Run;
pub(crate) use paths::{lexically_normal, seen_from};
pub(crate) use problem::{Report, suggest};
pub(crate) use settings::BAD_SETTING;
pub use well_known::{WELL_KNOWN_PREFIX, WellKnownResponse, well_known};

/// Whether a store or a database may have this label.
pub(crate) fn is_label(label: &str) -> bool {
    names::check_label(label).is_ok()
}
