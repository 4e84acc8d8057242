//! An app, ready to run: parsed, checked, compiled and linked once, shared by every scenario on every thread.

use super::assemble::{compile, plan_stores};
use super::compiler::{CompileError, Compiler};
use super::component::CompiledComponent;
use super::redis_handler::{self, RedisChannel};
use crate::app::{LoadError, LockedApp, Manifest, Router, RuntimeConfig, Warning};
use crate::sandbox::{Interface, Mistake};
use crate::storage::Store;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why an app cannot be run.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum AppError {
    /// Its files say something that Spin would refuse.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Load(#[from] LoadError),
    /// One of its components cannot be compiled or linked.
    #[error("{problem}")]
    #[diagnostic(forward(problem))]
    Compile {
        /// The component's id.
        component: String,
        /// Why.
        reason: CompileError,
        /// The same with its place in the manifest.
        problem: LoadError,
    },
    /// A component that does not take what its trigger gives it: HTTP requests or Redis messages.
    #[error("{problem}")]
    #[diagnostic(forward(problem))]
    NoHandler {
        /// The component's id.
        component: String,
        /// What it exports.
        exports: Vec<String>,
        /// The same with its place in the manifest.
        problem: LoadError,
    },
    /// The files that a component mounts cannot be laid out.
    #[error("component \"{component}\": {source}")]
    Mount {
        /// The component's id.
        component: String,
        /// Why.
        source: std::io::Error,
    },
}

/// Which app, with which settings: what the command line or the Given steps of a scenario say.
#[derive(Clone, Debug, Default)]
pub struct AppSource {
    /// The manifest, or the folder that holds `spin.toml`.
    pub manifest: PathBuf,
    /// The build profile; without one that which the manifest's `[application.tool.harness]` names, if it names one.
    pub profile: Option<String>,
    /// The runtime config, read already; without one only the store `default` exists.
    pub runtime_config: Option<Arc<RuntimeConfig>>,
    /// Values of application variables, which go before every other provider.
    pub variables: BTreeMap<String, String>,
}

/// A component as some triggers run it, or a variant of it.
struct Running {
    compiled: CompiledComponent,
    /// The HTTP trigger by which other components call it.
    trigger: Option<String>,
}

struct Inner {
    locked: LockedApp,
    /// What runs, by the ids that Spin has for it.
    running: BTreeMap<String, Running>,
    /// Which of it an HTTP trigger runs.
    run_of: BTreeMap<String, String>,
    warnings: Vec<Warning>,
    /// Index of the store behind each label; labels of one Redis URL share theirs.
    stores: BTreeMap<String, usize>,
    /// One for each store there is, empty.
    templates: Vec<Store>,
    /// What its Redis triggers listen on.
    channels: Vec<RedisChannel>,
}

/// An app, ready to run. Immutable and cheap to clone.
///
/// ```no_run
/// use spin_harness::App;
/// let app = App::load("spin.toml")?;
/// # Ok::<(), spin_harness::AppError>(())
/// ```
#[derive(Clone)]
pub struct App(Arc<Inner>);

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("App").field(&self.manifest().name).finish()
    }
}

/// Loads an app with more than its manifest.
#[derive(Clone, Debug)]
pub struct AppBuilder {
    source: AppSource,
}

impl AppBuilder {
    /// Uses a build profile, as `spin up --profile` does.
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.source.profile = Some(name.into());
        self
    }

    /// Uses a runtime config.
    pub fn runtime_config(mut self, config: RuntimeConfig) -> Self {
        self.source.runtime_config = Some(Arc::new(config));
        self
    }

    /// Gives an application variable a value.
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.source.variables.insert(name.into(), value.into());
        self
    }

    /// Loads, compiles and links.
    ///
    /// # Errors
    ///
    /// See [`AppError`].
    pub fn load(self) -> Result<App, AppError> {
        let profile = self.source.profile.as_deref();
        let manifest = Manifest::load_with_profile(&self.source.manifest, profile)?;
        let manifest = Arc::new(manifest);
        App::assemble(&Compiler::shared(), manifest, &self.source)
    }
}

impl App {
    /// Loads the app of a manifest, or of a folder with a `spin.toml`, with the stores that Spin has by default.
    ///
    /// # Errors
    ///
    /// See [`AppError`].
    pub fn load(manifest: impl AsRef<Path>) -> Result<Self, AppError> {
        Self::from(manifest).load()
    }

    /// Begins to load an app with a runtime config or variables.
    pub fn from(manifest: impl AsRef<Path>) -> AppBuilder {
        AppBuilder {
            source: AppSource {
                manifest: manifest.as_ref().to_owned(),
                ..AppSource::default()
            },
        }
    }

    /// Compiles and links what a manifest names.
    ///
    /// # Errors
    ///
    /// See [`AppError`].
    pub fn assemble(
        compiler: &Compiler,
        manifest: Arc<Manifest>,
        source: &AppSource,
    ) -> Result<Self, AppError> {
        let runtime_config = source.runtime_config.clone().unwrap_or_default();
        let locked = LockedApp::new(
            Arc::clone(&manifest),
            Arc::clone(&runtime_config),
            &source.variables,
        )?;
        let mut warnings = manifest.warnings.clone();
        warnings.extend(runtime_config.warnings.iter().cloned());
        warnings.extend(locked.warnings.iter().cloned());
        warnings.extend(manifest.check_sources()?);
        let (mut running, mut run_of) = (BTreeMap::new(), BTreeMap::new());
        for run in manifest.runs() {
            let compiled = compile(compiler, &manifest, &run)?;
            let triggers = run.http_triggers();
            run_of.extend(triggers.map(|(trigger, _)| (trigger.id.clone(), run.id.clone())));
            let trigger = run.http_trigger().map(|(trigger, _)| trigger.id.clone());
            running.insert(run.id, Running { compiled, trigger });
        }
        let channels = redis_handler::channels(&locked)?;
        let (stores, templates) = plan_stores(&runtime_config);
        Ok(Self(Arc::new(Inner {
            locked,
            running,
            run_of,
            warnings,
            stores,
            templates,
            channels,
        })))
    }

    /// What the app's files say.
    pub fn locked(&self) -> &LockedApp {
        &self.0.locked
    }

    /// Its manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.0.locked.manifest
    }

    /// What is suspicious in its files, though it runs.
    pub fn warnings(&self) -> &[Warning] {
        &self.0.warnings
    }

    /// A sandbox with the defaults: seed 0, documented limits, the manifest's grants.
    pub fn sandbox(&self) -> crate::Sandbox {
        crate::Sandbox::new(self)
    }

    pub(crate) fn router(&self) -> &Router {
        &self.0.locked.router
    }

    /// What its Redis triggers listen on, in the order of the manifest.
    pub(crate) fn redis_channels(&self) -> &[RedisChannel] {
        &self.0.channels
    }

    /// What runs under an id of Spin's: a component, or a variant of one.
    pub(crate) fn component(&self, id: &str) -> Option<&CompiledComponent> {
        self.0.running.get(id).map(|running| &running.compiled)
    }

    /// What an HTTP trigger runs.
    pub(crate) fn run_by(&self, trigger: &str) -> Option<&CompiledComponent> {
        self.component(self.0.run_of.get(trigger)?)
    }

    /// The HTTP trigger by which other components call what runs under an id of Spin's.
    pub(crate) fn trigger_of(&self, id: &str) -> Option<&str> {
        self.0.running.get(id)?.trigger.as_deref()
    }

    /// The ids under which components can be called by others.
    pub(crate) fn called_by_name(&self) -> impl Iterator<Item = &str> {
        let all = self.0.running.iter();
        all.filter(|(_, running)| running.trigger.is_some())
            .map(|(id, _)| id.as_str())
    }

    fn all_compiled(&self) -> impl Iterator<Item = &CompiledComponent> {
        self.0.running.values().map(|running| &running.compiled)
    }

    pub(crate) fn require_component(&self, id: &str) -> Result<(), Mistake> {
        if self.manifest().component(id).is_some() {
            return Ok(());
        }
        Err(Mistake::NoSuchComponent {
            component: id.to_owned(),
            defined: self
                .manifest()
                .components
                .iter()
                .map(|c| c.id.clone())
                .collect(),
        })
    }

    /// The names of what its components import, with versions.
    pub(crate) fn imports(&self) -> impl Iterator<Item = &str> {
        self.all_compiled().flat_map(CompiledComponent::imports)
    }

    /// The key-value interfaces that some component of the app imports.
    pub(crate) fn key_value_interfaces(&self) -> Vec<Interface> {
        let mut interfaces: Vec<_> = self
            .all_compiled()
            .flat_map(CompiledComponent::key_value_interfaces)
            .collect();
        interfaces.sort_unstable();
        interfaces.dedup();
        interfaces
    }

    pub(crate) fn store_index(&self, label: &str) -> Option<usize> {
        self.0.stores.get(label).copied()
    }

    /// The index of the store behind a label.
    pub(crate) fn require_store(&self, label: &str) -> Result<usize, Mistake> {
        self.store_index(label).ok_or_else(|| Mistake::NoSuchStore {
            label: label.to_owned(),
            defined: self.store_labels(),
        })
    }

    pub(crate) fn store_labels(&self) -> Vec<String> {
        self.0.stores.keys().cloned().collect()
    }

    pub(crate) fn empty_stores(&self) -> Vec<Store> {
        self.0.templates.clone()
    }

    /// The names of a component's variables, sorted.
    pub(crate) fn variable_names(&self, component: &str) -> Vec<String> {
        self.manifest()
            .component(component)
            .map(|component| component.variables.keys().cloned().collect())
            .unwrap_or_default()
    }
}
