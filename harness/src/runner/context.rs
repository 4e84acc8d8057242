//! What a scenario is given by whoever runs it: the apps of the run, its place, its seed, and the options of the run.

use crate::app::{LoadError, Manifest, RuntimeConfig};
use crate::audit::Observer;
use crate::engine::{App, AppError, AppSource, Compiler};
use crate::explore::SweepOptions;
use crate::sandbox::{Bounds, Guide, Injection, Recorder, Seed, Watcher};
use crate::snapshot::Snapshots;
use crate::storage::{Limits, RealStore};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// What the command line, or a test that runs scenarios itself, says for every scenario.
///
/// A step of the scenario goes before what stands here.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// The app of scenarios that name none: a manifest or a folder with a `spin.toml`. Default: the current folder's.
    pub app: PathBuf,
    /// The build profile of that app; no other app is asked to have it.
    pub profile: Option<String>,
    /// The runtime config of scenarios that name none.
    pub runtime_config: Option<PathBuf>,
    /// Application variables.
    pub variables: BTreeMap<String, String>,
    /// Environment variables of every component.
    pub environment: Vec<(String, String)>,
    /// Tuples that every scenario finds in the store `default`.
    pub key_values: Vec<(String, String)>,
    /// Real stores behind labels, in every scenario.
    pub real_stores: BTreeMap<String, RealStore>,
    /// SQL statements that a SQLite database has run in every scenario, with its label.
    pub sql: Vec<(String, String)>,
    /// Which limits the stores enforce.
    pub limits: Limits,
    /// The bounds of each request.
    pub bounds: Bounds,
    /// The address that requests come from, if not `127.0.0.1:1`.
    pub client_address: Option<String>,
    /// The authority that requests go to, if not `localhost:3000`.
    pub authority: Option<String>,
    /// Response headers left out of snapshots, besides the usual ones.
    pub volatile_headers: Vec<String>,
    /// Whether failures may use colour.
    pub color: bool,
    /// Which scenarios run many times, besides those whose tags say so.
    pub sweeps: SweepOptions,
}

/// An error that several scenarios may meet: an app is loaded once a run, whoever asks first.
pub type SharedError = Arc<AppError>;

/// The apps of a run, each loaded and compiled once.
pub struct Apps {
    compiler: Arc<Compiler>,
    /// Texts that stand for those of some manifests, by their absolute paths.
    texts: BTreeMap<PathBuf, String>,
    manifests: Memo<(PathBuf, Option<String>), Result<Arc<Manifest>, SharedError>>,
    runtime_configs: Memo<ConfigKey, Result<Arc<RuntimeConfig>, SharedError>>,
    apps: Memo<AppKey, Result<App, SharedError>>,
}

/// Where a runtime config comes from.
#[derive(Clone, Debug)]
pub enum ConfigKey {
    /// A file.
    File(PathBuf),
    /// Text that stands in a feature file: the name that messages give it, and the text.
    Inline(String, String),
}

impl ConfigKey {
    fn parts(&self) -> (u8, &OsStr, &str) {
        match self {
            Self::File(path) => (0, path.as_os_str(), ""),
            Self::Inline(name, text) => (1, OsStr::new(name), text),
        }
    }
}

// Paths compare part by part, which takes far longer than to compare what was written; every scenario looks its app up.
impl Ord for ConfigKey {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parts().cmp(&other.parts())
    }
}

impl PartialEq for ConfigKey {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Eq for ConfigKey {}

impl PartialOrd for ConfigKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct AppKey {
    manifest: OsString,
    profile: Option<String>,
    runtime_config: Option<ConfigKey>,
    variables: BTreeMap<String, String>,
}

/// Values made once each, also when several threads ask at once.
struct Memo<K, V>(Mutex<BTreeMap<K, Arc<OnceLock<V>>>>);

impl<K: Ord + Clone, V: Clone> Memo<K, V> {
    fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    fn get(&self, key: &K, make: impl FnOnce() -> V) -> V {
        let slot = {
            let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            match slots.get(key) {
                Some(slot) => Arc::clone(slot),
                None => Arc::clone(slots.entry(key.clone()).or_default()),
            }
        };
        slot.get_or_init(make).clone()
    }

    fn keys(&self) -> Vec<K> {
        let slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        slots.keys().cloned().collect()
    }
}

impl RunOptions {
    /// The manifest of the app of scenarios that name none.
    ///
    /// # Errors
    ///
    /// Why it cannot be loaded.
    pub(crate) fn manifest(&self, apps: &Apps) -> Result<Arc<Manifest>, SharedError> {
        apps.manifest(&self.app, self.profile.as_deref())
    }
}

impl Apps {
    /// No app yet.
    pub fn new(compiler: Arc<Compiler>) -> Self {
        Self {
            compiler,
            texts: BTreeMap::new(),
            manifests: Memo::new(),
            runtime_configs: Memo::new(),
            apps: Memo::new(),
        }
    }

    /// No app yet, and other texts in place of those of some manifests, by their absolute paths.
    pub(crate) fn with_texts(&self, texts: BTreeMap<PathBuf, String>) -> Self {
        Self {
            texts,
            ..Self::new(Arc::clone(&self.compiler))
        }
    }

    /// The app of a manifest with these settings; loaded when first asked for.
    ///
    /// # Errors
    ///
    /// Why it cannot be loaded, the same for everyone who asks.
    pub fn get(
        &self,
        manifest: &Path,
        profile: Option<&str>,
        runtime_config: Option<&ConfigKey>,
        variables: &BTreeMap<String, String>,
    ) -> Result<App, SharedError> {
        let key = AppKey {
            manifest: manifest.as_os_str().to_owned(),
            profile: profile.map(str::to_owned),
            runtime_config: runtime_config.cloned(),
            variables: variables.clone(),
        };
        self.apps.get(&key, || {
            let manifest = self.manifest(manifest, profile)?;
            let runtime_config = match runtime_config {
                Some(config) => Some(self.runtime_config(config)?),
                None => None,
            };
            let source = AppSource {
                manifest: PathBuf::from(&key.manifest),
                profile: key.profile.clone(),
                runtime_config,
                variables: variables.clone(),
            };
            App::assemble(&self.compiler, manifest, &source).map_err(Arc::new)
        })
    }

    /// A manifest with a build profile, parsed and checked, without compiling its components.
    ///
    /// # Errors
    ///
    /// Why it cannot be loaded.
    pub fn manifest(
        &self,
        path: &Path,
        profile: Option<&str>,
    ) -> Result<Arc<Manifest>, SharedError> {
        let key = (path.to_owned(), profile.map(str::to_owned));
        self.manifests.get(&key, || {
            let manifest = Manifest::load_with_profile(path, profile).map_err(shared)?;
            let manifest = match self.texts.get(&manifest.file_path()) {
                Some(text) => {
                    Manifest::parse_with_profile(&manifest.path, text, profile).map_err(shared)?
                }
                None => manifest,
            };
            Ok(Arc::new(manifest))
        })
    }

    /// The manifests of the apps that someone has asked for so far, each once, sorted by their paths.
    pub fn used(&self) -> Vec<Arc<Manifest>> {
        let mut used: Vec<Arc<Manifest>> = Vec::new();
        for key in self.apps.keys() {
            // A folder and the manifest in it are one app.
            let profile = key.profile.as_deref();
            let Ok(manifest) = self.manifest(Path::new(&key.manifest), profile) else {
                continue;
            };
            let file = manifest.file_path();
            if !used.iter().any(|other| other.file_path() == file) {
                used.push(manifest);
            }
        }
        used
    }

    fn runtime_config(&self, config: &ConfigKey) -> Result<Arc<RuntimeConfig>, SharedError> {
        self.runtime_configs.get(config, || {
            let parsed = match config {
                ConfigKey::File(path) => RuntimeConfig::load(path),
                ConfigKey::Inline(name, text) => RuntimeConfig::parse(name, text),
            };
            parsed.map(Arc::new).map_err(shared)
        })
    }
}

fn shared(error: LoadError) -> SharedError {
    Arc::new(AppError::from(error))
}

/// What one scenario is given.
#[derive(Clone)]
pub struct ScenarioContext {
    /// The apps of the run.
    pub apps: Arc<Apps>,
    /// The options of the run.
    pub options: Arc<RunOptions>,
    /// The snapshots of the run.
    pub snapshots: Arc<Snapshots>,
    /// The feature file as the user named it or as it was found.
    pub feature_path: Arc<Path>,
    /// The scenario's name.
    pub scenario: Arc<str>,
    /// Which row of an outline it is (`row-2`), or a label that tells scenarios of one name apart.
    pub row: Option<Arc<str>>,
    /// The scenario's own seed.
    pub seed: Seed,
    /// Who is told what happens as it happens.
    pub watcher: Option<Watcher>,
    /// How this run of the scenario differs from a plain one, if it does.
    pub exploration: Option<Arc<Exploration>>,
    /// Who takes down what scenarios use, if anybody does.
    pub observer: Option<Arc<Observer>>,
    /// What asks real servers and writes down what they answer, if the run is recorded.
    pub recorder: Option<Recorder>,
}

/// How one of many runs of a scenario differs from a plain one.
#[derive(Clone, Debug, Default)]
pub struct Exploration {
    /// The failures that are put into it.
    pub injections: Vec<Injection>,
    /// The order that requests at once follow, in place of the seed.
    pub schedule: Option<Guide>,
    /// Whether it is one besides the clean run: fault rules need not fire, since a failure may end what they wait for,
    /// and snapshots are compared and never written.
    pub faulted: bool,
    /// Whether it repeats a run to be compared with it: snapshots are compared and never written.
    pub again: bool,
    /// Whether all responses of the scenario are kept.
    pub keeps_responses: bool,
}

impl ScenarioContext {
    /// Whether fault rules have to fire.
    pub(crate) fn judges_rules(&self) -> bool {
        self.exploration.as_ref().is_none_or(|it| !it.faulted)
    }

    /// Whether this run of the scenario is the one that is recorded: the others get what that one got.
    pub(crate) fn is_recorded(&self) -> bool {
        let exploration = self.exploration.as_ref();
        exploration.is_none_or(|it| !it.faulted && !it.again && it.injections.is_empty())
    }

    /// Whether snapshots may be written.
    pub(crate) fn writes_snapshots(&self) -> bool {
        let exploration = self.exploration.as_ref();
        exploration.is_none_or(|it| !it.faulted && !it.again)
    }
}
