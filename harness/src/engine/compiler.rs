//! Turns wasm into linked components: from the cache where it can, on all cores where it must, each content once a run.

use super::cache::Cache;
use super::component::{Handler, Linked};
use super::compose::{COMPOSITION, ComposeError, Middleware, Plug, compose, wrap};
use super::config::MEMORIES_IN_POOL;
use super::config::{Allocation, engine, is_component};
use super::early_wasi::prepared;
use super::module::{MAKING, componentize};
use crate::app::InheritConfiguration;
use crate::host::{InstanceState, link_component, linker};
use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use wasmtime::Engine;
use wasmtime::component::{Component, Linker};

/// Why a component cannot be run.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum CompileError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is no component and no module.
    #[error("{} is no WebAssembly file: {reason}", path.display())]
    #[diagnostic(help(
        "build the component again (`--build`), or point `source` to what the build makes"
    ))]
    NotWasm {
        /// The file.
        path: PathBuf,
        /// What stands there instead.
        reason: String,
    },
    /// A core module of which no component can be made.
    #[error("{} is a core module that cannot be made a component: {reason}", path.display())]
    #[diagnostic(help("build it with a Spin SDK for `wasm32-wasip1` or `wasm32-wasip2`"))]
    Componentize {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// wasmtime refuses it.
    #[error("{} cannot be compiled: {reason}", path.display())]
    #[diagnostic(help(
        "the file may be damaged or use a WebAssembly proposal that Spin does not support; build it again"
    ))]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// Its imports cannot be linked.
    #[error("{} cannot be linked: {reason}", path.display())]
    Link {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// It exports two kinds of handler.
    #[error(
        "{}: component exports multiple different handlers but it's expected to export only one", path.display()
    )]
    SeveralHandlers {
        /// The file.
        path: PathBuf,
    },
    /// It and its dependencies cannot be put together.
    #[error(transparent)]
    #[diagnostic(forward(0))]
    Compose(Box<ComposeError>),
    /// wasmtime itself cannot start.
    #[error("wasmtime cannot start on this machine: {0}")]
    Engine(String),
}

/// What is told while components are compiled.
pub type Progress = Arc<dyn Fn(&Path) + Send + Sync>;

/// Compiles and links, and remembers what it made.
pub struct Compiler {
    cache: Cache,
    progress: Option<Progress>,
    pooling: SharedEngine,
    on_demand: SharedEngine,
    made: Mutex<HashMap<blake3::Hash, Arc<Linked>>>,
}

/// An engine with what the host links to it.
pub(crate) struct EngineAndLinker {
    pub engine: Engine,
    pub linker: Linker<InstanceState>,
}

/// An engine that is made when first needed.
#[derive(Clone)]
pub(crate) struct SharedEngine {
    allocation: Allocation,
    made: Arc<OnceLock<Result<EngineAndLinker, String>>>,
}

impl SharedEngine {
    fn new(allocation: Allocation) -> Self {
        Self {
            allocation,
            made: Arc::default(),
        }
    }

    /// The engine.
    pub fn get(&self) -> Result<&EngineAndLinker, CompileError> {
        let make = || {
            let engine = engine(self.allocation).map_err(|error| format!("{error:#}"))?;
            let linker = linker(&engine).map_err(|error| format!("{error:#}"))?;
            Ok(EngineAndLinker { engine, linker })
        };
        let made = self.made.get_or_init(make);
        made.as_ref()
            .map_err(|reason| CompileError::Engine(reason.clone()))
    }
}

impl Compiler {
    /// A compiler over a cache; `progress` is told of each file that has to be compiled.
    pub fn new(cache: Cache, progress: Option<Progress>) -> Self {
        Self {
            cache,
            progress,
            pooling: SharedEngine::new(Allocation::Pooling),
            on_demand: SharedEngine::new(Allocation::OnDemand),
            made: Mutex::new(HashMap::new()),
        }
    }

    /// The one that [`App::load`](super::App::load) uses: over the user's cache, made once a process.
    pub fn shared() -> Arc<Self> {
        static SHARED: OnceLock<Arc<Compiler>> = OnceLock::new();
        Arc::clone(SHARED.get_or_init(|| Arc::new(Self::new(Cache::of_user(), None))))
    }

    /// The pooling engine; where the machine lacks the address space for a pool, the other.
    fn first_engine(&self) -> Result<&EngineAndLinker, CompileError> {
        self.pooling.get().or_else(|_| self.on_demand.get())
    }

    /// Reads, compiles and links the component in a file.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from running; the message names the file.
    pub(crate) fn load(&self, path: &Path) -> Result<Arc<Linked>, CompileError> {
        self.load_bytes(path, read(path)?)
    }

    /// The same with the dependencies of the component of this id, each of which says which file is to satisfy what, and
    /// with what its trigger puts before it.
    ///
    /// # Errors
    ///
    /// As [`Compiler::load`]; and dependencies that do not fit.
    pub(crate) fn load_composed(
        &self,
        component: &str,
        path: &Path,
        dependencies: &[FileOfDependency<'_>],
        middleware: &[FileOfDependency<'_>],
    ) -> Result<Arc<Linked>, CompileError> {
        if dependencies.is_empty() && middleware.is_empty() {
            return self.load(path);
        }
        let wasm = read(path)?;
        let mut inputs = blake3::Hasher::new();
        hash_all(&mut inputs, &COMPOSITION);
        hash_all(&mut inputs, &[MAKING]);
        hash_all(&mut inputs, &[component.as_bytes(), &wasm]);
        let mut codes = Vec::new();
        for it in dependencies {
            codes.push(it.read(&mut inputs)?);
        }
        hash_all(&mut inputs, &[b"middleware"]);
        let mut codes_before = Vec::new();
        for it in middleware {
            codes_before.push(it.read(&mut inputs).map_err(in_middleware)?);
        }
        let inputs = inputs.finalize();
        if let Some(linked) = self.made().get(&inputs) {
            return Ok(Arc::clone(linked));
        }
        // To put components together takes longer than all of the above: the machine code is known by what it is made of.
        let compose = || {
            let mut plugs = Vec::new();
            for (it, wasm) in dependencies.iter().zip(codes) {
                plugs.push(Plug {
                    name: it.name,
                    wasm: it.component(wasm)?,
                    export: it.export,
                    inherits: it.inherits,
                });
            }
            let mut before = Vec::new();
            for (it, wasm) in middleware.iter().zip(codes_before) {
                before.push(Middleware {
                    name: it.name,
                    number: it.number,
                    wasm: it.component(wasm).map_err(in_middleware)?,
                    inherits: it.inherits,
                });
            }
            let mut composed = component_of(path, wasm)?;
            if !plugs.is_empty() {
                composed = compose(component, composed, plugs)?;
            }
            if !before.is_empty() {
                composed = wrap(component, composed, &before)?;
            }
            Ok(composed)
        };
        let linked = Arc::new(self.make(path, inputs.as_bytes(), compose)?);
        Ok(Arc::clone(self.made().entry(inputs).or_insert(linked)))
    }

    fn made(&self) -> MutexGuard<'_, HashMap<blake3::Hash, Arc<Linked>>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn load_bytes(&self, path: &Path, wasm: Vec<u8>) -> Result<Arc<Linked>, CompileError> {
        let content = blake3::hash(&wasm);
        if let Some(linked) = self.made().get(&content) {
            return Ok(Arc::clone(linked));
        }
        let source = match is_component(&wasm) {
            true => Cow::Borrowed(&wasm),
            false => Cow::Owned([MAKING, &wasm].concat()),
        };
        let linked = Arc::new(self.make(path, &source, || component_of(path, wasm.clone()))?);
        Ok(Arc::clone(self.made().entry(content).or_insert(linked)))
    }

    /// Links what is kept of a source, or else compiles the component that it gives.
    fn make(
        &self,
        path: &Path,
        source: &[u8],
        component: impl FnOnce() -> Result<Vec<u8>, CompileError>,
    ) -> Result<Linked, CompileError> {
        let pooling = self.first_engine()?;
        let kept = self.cache.path(&pooling.engine, source);
        if let Some(kept) = kept.as_deref().filter(|kept| Cache::is_whole(kept))
            && let Ok(linked) = self.open(path, |engine| {
                // SAFETY: the file's checksum holds, so it is what this version of wasmtime wrote for these settings,
                // and it is never changed in place, only replaced by renaming.
                unsafe { Component::deserialize_file(engine, kept) }
            })
        {
            return Ok(linked);
        }
        let component = component()?;
        if let Some(progress) = &self.progress {
            progress(path);
        }
        let code = pooling
            .engine
            .precompile_component(&prepared(&component))
            .map_err(|error| CompileError::Invalid {
                path: path.to_owned(),
                reason: format!("{error:#}"),
            })?;
        if let Some(kept) = kept {
            // A cache that cannot be written costs the next run a compilation, and nothing else.
            let _ = Cache::keep(&kept, &code);
        }
        self.open(path, |engine| {
            // SAFETY: these bytes come from `precompile_component` above.
            unsafe { Component::deserialize(engine, &code) }
        })
    }

    /// Puts machine code on the pooling engine, or on the other where it does not fit into a slot of the pool, or has more
    /// memories than there are for each of them.
    fn open(
        &self,
        path: &Path,
        load: impl Fn(&Engine) -> wasmtime::Result<Component>,
    ) -> Result<Linked, CompileError> {
        let pooling = self.first_engine()?;
        let fits = |component: &Component| {
            let needed = component.resources_required();
            needed.is_some_and(|needed| needed.num_memories <= MEMORIES_IN_POOL)
        };
        if let Ok(component) = load(&pooling.engine)
            && fits(&component)
        {
            return self.link(path, &pooling.linker, &component);
        }
        let on_demand = self.on_demand.get()?;
        let component = load(&on_demand.engine).map_err(|error| CompileError::Invalid {
            path: path.to_owned(),
            reason: format!("{error:#}"),
        })?;
        self.link(path, &on_demand.linker, &component)
    }

    fn link(
        &self,
        path: &Path,
        linker: &Linker<InstanceState>,
        component: &Component,
    ) -> Result<Linked, CompileError> {
        let pre = link_component(linker, component).map_err(|error| CompileError::Link {
            path: path.to_owned(),
            reason: format!("{error:#}"),
        })?;
        let handler = Handler::of(&pre).ok_or_else(|| CompileError::SeveralHandlers {
            path: path.to_owned(),
        })?;
        Ok(Linked::new(&pre, handler, self.on_demand.clone()))
    }
}

impl From<ComposeError> for CompileError {
    fn from(error: ComposeError) -> Self {
        Self::Compose(Box::new(error))
    }
}

/// The same of what stands before a component: a dependency may have its name.
fn in_middleware(error: ComposeError) -> ComposeError {
    ComposeError::InMiddleware(Box::new(error))
}

/// A dependency of a component or its trigger, and where its code is.
pub(crate) struct FileOfDependency<'a> {
    /// Its name in the manifest.
    pub name: &'a str,
    /// Its number, by which the host knows what it is denied.
    pub number: usize,
    pub path: &'a Path,
    /// Which of its exports to use.
    pub export: Option<&'a str>,
    /// What it may do of what the component may do.
    pub inherits: Option<&'a InheritConfiguration>,
}

impl FileOfDependency<'_> {
    /// Its code; all that matters of it is hashed.
    fn read(&self, inputs: &mut blake3::Hasher) -> Result<Vec<u8>, ComposeError> {
        let wasm = read(self.path).map_err(|reason| self.unusable(reason))?;
        let settings = format!("{:?}", (self.number, self.export, self.inherits));
        hash_all(inputs, &[self.name.as_bytes(), settings.as_bytes(), &wasm]);
        Ok(wasm)
    }

    /// Its code as a component.
    fn component(&self, wasm: Vec<u8>) -> Result<Vec<u8>, ComposeError> {
        component_of(self.path, wasm).map_err(|reason| self.unusable(reason))
    }

    fn unusable(&self, reason: CompileError) -> ComposeError {
        ComposeError::Unusable {
            dependency: self.name.to_owned(),
            reason: Box::new(reason),
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, CompileError> {
    std::fs::read(path).map_err(|source| CompileError::Read {
        path: path.to_owned(),
        source,
    })
}

/// Hashes several texts, and where each of them ends.
fn hash_all(into: &mut blake3::Hasher, texts: &[&[u8]]) {
    for text in texts {
        into.update(&(text.len() as u64).to_le_bytes());
        into.update(text);
    }
}

/// A component as it is, or one that is made of a module.
fn component_of(path: &Path, wasm: Vec<u8>) -> Result<Vec<u8>, CompileError> {
    check_preamble(path, &wasm)?;
    if is_component(&wasm) {
        return Ok(wasm);
    }
    componentize(path, &wasm)
}

fn check_preamble(path: &Path, wasm: &[u8]) -> Result<(), CompileError> {
    if wasm.starts_with(b"\0asm") && wasm.len() >= 8 {
        return Ok(());
    }
    let reason = if wasm.is_empty() {
        "it is empty".to_owned()
    } else if wasm.starts_with(b"version https://git-lfs.") {
        "it is a pointer of Git LFS, for which `git lfs pull` fetches the file".to_owned()
    } else {
        let start = crate::value::show(&wasm[..wasm.len().min(16)]);
        format!("it starts with {start}")
    };
    Err(CompileError::NotWasm {
        path: path.to_owned(),
        reason,
    })
}
