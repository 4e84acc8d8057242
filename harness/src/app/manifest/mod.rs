//! The manifest, `spin.toml`, in one shape whatever its version: what components there are, what they may do, what triggers them.

mod component;
mod dependency;
mod load;
mod normalize;
mod profile;
mod read;
mod read_v1;
mod runs;
mod trigger;

pub(crate) use runs::Run;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::document::Located;
use super::paths::seen_from;
use super::problem::{LoadError, Problem, SourceFile, Span, Warning};
use super::settings::HarnessSettings;
use super::template::Template;

/// A parsed, checked and normalised manifest. Version 1 has become version 2, inline components have ids, triggers have ids.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The file, as the user named it; for messages.
    pub path: PathBuf,
    /// The folder that relative paths of the manifest start from; absolute.
    pub root: PathBuf,
    /// `spin_manifest_version` of the file: 1 or 2.
    pub manifest_version: u8,
    /// The app's name.
    pub name: String,
    /// The app's version; empty where the manifest has none.
    pub version: String,
    /// What the app is for.
    pub description: Option<String>,
    /// Who wrote it.
    pub authors: Vec<String>,
    /// Environments that the app should run in; for `spin build`, unused here.
    pub targets: Vec<toml::Value>,
    /// The app's variables by name.
    pub variables: BTreeMap<String, VariableDeclaration>,
    /// The components in the order of the file, inline ones last.
    pub components: Vec<Component>,
    /// The triggers of all types in the order of the file.
    pub triggers: Vec<Trigger>,
    /// Settings for all triggers of a type: `[application.trigger.TYPE]`.
    pub trigger_settings: BTreeMap<String, toml::Table>,
    /// Where the `address` of all Redis triggers stands, if there is one.
    pub redis_address_span: Option<Span>,
    /// `[application.tool.harness]`.
    pub harness: HarnessSettings,
    /// What is suspicious in the file, though the app loads.
    pub warnings: Vec<Warning>,
    /// The text of the file, for later messages.
    pub source: SourceFile,
}

/// A variable of the app: `[variables]`.
#[derive(Clone, Debug)]
pub struct VariableDeclaration {
    /// What it is for.
    pub description: Option<String>,
    /// The value where no provider has one. A variable without a default is required.
    pub default: Option<String>,
    /// Whether its value is to be kept out of what people read.
    pub secret: bool,
    /// Where its name stands.
    pub span: Span,
}

impl VariableDeclaration {
    /// Whether a provider must have a value.
    pub fn is_required(&self) -> bool {
        self.default.is_none()
    }
}

/// A component and all that it is granted.
#[derive(Clone, Debug)]
pub struct Component {
    /// Its id; for an inline component the one Spin would give it.
    pub id: String,
    /// Where its code is.
    pub source: ComponentSource,
    /// What it is for.
    pub description: Option<String>,
    /// Its variables: templates over the app's variables.
    pub variables: BTreeMap<String, Template>,
    /// Its environment variables.
    pub environment: BTreeMap<String, String>,
    /// The files it sees.
    pub files: Vec<Located<FilesMount>>,
    /// Patterns of files that it does not see although [`Component::files`] has them.
    pub exclude_files: Vec<Located<String>>,
    /// Hosts it may call, `allowed_http_hosts` included; may be templates.
    pub allowed_outbound_hosts: Vec<String>,
    /// Labels of the key-value stores that it may open.
    pub key_value_stores: Vec<String>,
    /// Labels of the SQLite databases that it may open.
    pub sqlite_databases: Vec<String>,
    /// Models that it may ask.
    pub ai_models: Vec<String>,
    /// How it is built.
    pub build: Option<Build>,
    /// Environments it should run in; unused here.
    pub targets: Option<Vec<toml::Value>>,
    /// Whether its dependencies may do what it may do.
    pub dependencies_inherit_configuration: Option<bool>,
    /// Components that satisfy its imports, in the order of the file.
    pub dependencies: Vec<Dependency>,
    /// What other build profiles change, by name.
    pub profiles: BTreeMap<String, Profile>,
    /// Tables of other tools: `[component.ID.tool.NAME]`.
    pub tool: BTreeMap<String, toml::Table>,
    /// Whether it was written inside a trigger.
    pub inline: bool,
    /// Where things stand in the manifest.
    pub spans: ComponentSpans,
}

/// Where the parts of a component stand in the manifest.
#[derive(Clone, Debug, Default)]
pub struct ComponentSpans {
    /// The id; of an inline component its table.
    pub id: Span,
    /// The value of `source`.
    pub source: Span,
    /// Each label of `key_value_stores`, in its order.
    pub key_value_stores: Vec<Span>,
    /// Each host of `allowed_outbound_hosts`, in its order; those that were added for other fields have none.
    pub allowed_outbound_hosts: Vec<Span>,
    /// Each label of `sqlite_databases`, in its order.
    pub sqlite_databases: Vec<Span>,
    /// Each model of `ai_models`, in its order.
    pub ai_models: Vec<Span>,
    /// The name of each environment variable.
    pub environment: BTreeMap<String, Span>,
    /// The value of each variable.
    pub variables: BTreeMap<String, Span>,
}

/// Where a component's code is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ComponentSource {
    /// A file; absolute.
    LocalPath(PathBuf),
    /// A file that Spin downloads and checks.
    Url {
        /// Where from.
        url: String,
        /// `sha256:` and the digest in hexadecimal.
        digest: String,
    },
    /// A package of a registry.
    Registry {
        /// The registry; none is the one that the machine's configuration names.
        registry: Option<String>,
        /// `namespace:name`.
        package: String,
        /// The exact version.
        version: String,
    },
}

/// What a component sees of the file system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilesMount {
    /// A path or a glob pattern relative to the manifest; files keep their path.
    Pattern(String),
    /// A file or folder put at another path.
    Placement {
        /// Relative to the manifest.
        source: String,
        /// The guest's path, absolute.
        destination: String,
    },
}

/// How a component is built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// Shell commands to run one after the other.
    pub commands: Vec<String>,
    /// The folder to run them in, relative to the manifest.
    pub workdir: Option<String>,
    /// Paths and globs of the sources, relative to `workdir`.
    pub watch: Vec<String>,
}

/// What a build profile changes in a component.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    /// Where its `source` stands.
    pub source_span: Option<Span>,
    /// Another source.
    pub source: Option<ComponentSource>,
    /// Environment variables added or replaced.
    pub environment: BTreeMap<String, String>,
    /// Dependencies added or replaced.
    pub dependencies: Vec<Dependency>,
    /// Other build commands; empty means the component's own.
    pub build_commands: Vec<String>,
}

/// Another component that satisfies an import.
#[derive(Clone, Debug)]
pub struct Dependency {
    /// The import: a package (`foo:bar/baz@1.0.0`) or a plain name.
    pub name: String,
    /// Which component.
    pub target: DependencyTarget,
    /// Which export of it to take.
    pub export: Option<String>,
    /// What it may do of what the component may do.
    pub inherit_configuration: Option<InheritConfiguration>,
    /// Where the name stands.
    pub span: Span,
}

/// Where a dependency's code is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DependencyTarget {
    /// A package of a registry.
    Package {
        /// The registry; none is the machine's default.
        registry: Option<String>,
        /// The package; none is the dependency's own name.
        package: Option<String>,
        /// A version requirement.
        version: String,
    },
    /// A file; absolute.
    LocalPath(PathBuf),
    /// A file to download.
    Url {
        /// Where from.
        url: String,
        /// `sha256:` and the digest.
        digest: String,
    },
    /// A component of this app.
    Component(String),
}

/// What a dependency may do of what the component that uses it may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InheritConfiguration {
    /// All (`true`) or nothing (`false`).
    All(bool),
    /// The permissions in these fields of the manifest.
    Some(Vec<String>),
}

/// What makes a component run.
#[derive(Clone, Debug)]
pub struct Trigger {
    /// Its id, given or made by Spin's rule.
    pub id: String,
    /// The type: `http`, `redis` or any other.
    pub kind: String,
    /// The component it runs; a trigger with a static response has none.
    pub component: Option<String>,
    /// Components by role; no trigger of Spin itself uses this.
    pub components: BTreeMap<String, Vec<String>>,
    /// Components put around the component by role: an HTTP trigger's `middleware`.
    pub dependencies: BTreeMap<String, Vec<Dependency>>,
    /// The keys that belong to the type.
    pub config: toml::Table,
    /// The same, understood, for a trigger of type `http`.
    pub http: Option<HttpTrigger>,
    /// The same, understood, for a trigger of type `redis`.
    pub redis: Option<RedisTrigger>,
    /// Where it stands: the header of its table.
    pub span: Span,
}

/// The configuration of an HTTP trigger.
#[derive(Clone, Debug)]
pub struct HttpTrigger {
    /// Which requests it takes.
    pub route: HttpRoute,
    /// Where the route stands.
    pub route_span: Span,
    /// How the component is called.
    pub executor: HttpExecutor,
    /// What Spin answers itself, without a component.
    pub static_response: Option<StaticResponse>,
}

/// The configuration of a Redis trigger (`TriggerConfig` in `crates/trigger-redis/src/lib.rs`).
#[derive(Clone, Debug)]
pub struct RedisTrigger {
    /// The channel that it listens on; a template.
    pub channel: String,
    /// Where the channel stands.
    pub channel_span: Span,
    /// The server, in place of that of the application; a template.
    pub address: Option<String>,
    /// Where the address stands, if there is one.
    pub address_span: Option<Span>,
}

/// Which requests an HTTP trigger takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HttpRoute {
    /// A pattern of paths.
    Route(String),
    /// None from outside: only other components of the app can call it.
    Private,
}

/// How a component of an HTTP trigger is called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum HttpExecutor {
    /// By whichever HTTP handler it exports.
    #[default]
    Http,
    /// As a CGI program.
    Wagi {
        /// The template of its arguments.
        argv: String,
    },
}

/// What Spin answers itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StaticResponse {
    /// The status; none is 200.
    pub status_code: Option<u16>,
    /// The headers in the order of the file.
    pub headers: Vec<(String, String)>,
    /// The body; none is an empty one.
    pub body: Option<String>,
}

impl Manifest {
    /// Its file, absolute: the same however the user named it.
    pub fn file_path(&self) -> PathBuf {
        self.root.join(self.path.file_name().unwrap_or_default())
    }

    /// The runtime config that its `[application.tool.harness]` names, if it does.
    ///
    /// # Errors
    ///
    /// There is no such file.
    pub fn runtime_config_file(&self) -> Result<Option<&Path>, LoadError> {
        let Some(named) = &self.harness.runtime_config_file else {
            return Ok(None);
        };
        match named.value.is_file() {
            true => Ok(Some(&named.value)),
            false => {
                let file = seen_from(&named.value, &self.root);
                let text = format!("there is no runtime config {file}");
                let problem = Problem::error("app::no_runtime_config", text);
                Err(problem
                    .at(&self.source, named.span.clone())
                    .labelled("no such file")
                    .help("correct the path, which starts from the manifest's folder, or leave the setting out")
                    .into())
            }
        }
    }

    /// The component of this id.
    pub fn component(&self, id: &str) -> Option<&Component> {
        self.components.iter().find(|component| component.id == id)
    }

    /// The HTTP triggers in the order of the file.
    pub fn http_triggers(&self) -> impl Iterator<Item = (&Trigger, &HttpTrigger)> {
        self.triggers
            .iter()
            .filter_map(|trigger| Some((trigger, trigger.http.as_ref()?)))
    }

    /// The Redis triggers in the order of the file.
    pub fn redis_triggers(&self) -> impl Iterator<Item = (&Trigger, &RedisTrigger)> {
        self.triggers
            .iter()
            .filter_map(|trigger| Some((trigger, trigger.redis.as_ref()?)))
    }

    /// The triggers of types that the harness does not run yet, in the order of the file.
    pub fn skipped_triggers(&self) -> impl Iterator<Item = &Trigger> {
        self.triggers
            .iter()
            .filter(|trigger| trigger.http.is_none() && trigger.redis.is_none())
    }

    /// The components that some trigger the harness runs can reach, in the order of the file.
    pub fn used_components(&self) -> impl Iterator<Item = &Component> {
        let used: BTreeSet<&str> = self
            .triggers
            .iter()
            .filter(|trigger| trigger.http.is_some() || trigger.redis.is_some())
            .filter_map(|trigger| trigger.component.as_deref())
            .collect();
        self.components
            .iter()
            .filter(move |component| used.contains(component.id.as_str()))
    }
}
