//! The state of one instance: what it has open, who it is, and the sandbox it calls into.

use super::Stop;
use super::handles::Handles;
use super::key_value::CasHandle;
use super::outgoing_http::OutgoingRequests;
use super::redis::RedisConnection;
use super::sockets;
use super::tcp::Socket;
use crate::engine::CompiledComponent;
use crate::sandbox::{
    Bound, Bounds, Broker, Caller, Chain, GuestLog, LogStream, OpenStore, Purpose, Session,
    SqlConnection, SqliteHandle, Target,
};
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use wasmtime::component::{Access, GuestTaskId, HasSelf};
use wasmtime::{AsContextMut as _, ResourceLimiter};
use wasmtime_wasi::p2::pipe::{MemoryInputPipe, MemoryOutputPipe};
use wasmtime_wasi::{FsPerms, ResourceTable, WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

/// What wasmtime keeps for one instance.
pub(crate) struct InstanceState {
    pub session: Session,
    pub caller: Caller,
    pub stop: Arc<Stop>,
    pub stores: Handles<OpenStore>,
    pub cas: Handles<CasHandle>,
    pub redis: Handles<RedisConnection>,
    pub databases: Handles<SqliteHandle>,
    pub mqtt: Handles<Broker>,
    /// The ids of spans that it started and has not ended.
    pub spans: BTreeSet<String>,
    /// The fuel that it was given.
    pub fuel: u64,
    /// Connections of every version of Postgres's interface, as in Spin.
    pub postgres: Handles<SqlConnection>,
    /// Addresses that connections are to be made to.
    pub postgres_builders: Handles<String>,
    pub mysql: Handles<SqlConnection>,
    /// Sockets that were told to connect, by their numbers.
    pub tcp: BTreeMap<u32, Socket>,
    /// Whether it serves several requests at once.
    pub shared: bool,
    /// Which request each task serves, where the instance serves several at once.
    pub tasks: Vec<(GuestTaskId, u32)>,
    limiter: MemoryBound,
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    hooks: OutgoingRequests,
}

impl InstanceState {
    /// The state of a fresh instance of `component`, to serve a request: its number among those sent at once, and what it
    /// is chained to.
    ///
    /// # Errors
    ///
    /// A folder that the manifest mounts cannot be opened.
    pub fn new(
        session: &Session,
        component: &CompiledComponent,
        lane: u32,
        chain: Arc<Chain>,
    ) -> wasmtime::Result<Self> {
        Self::made(session, component, lane, chain, None)
    }

    /// The same for a program that runs once: what it is called with, and where its output goes.
    ///
    /// # Errors
    ///
    /// As [`InstanceState::new`].
    pub fn of_program(
        session: &Session,
        component: &CompiledComponent,
        lane: u32,
        chain: Arc<Chain>,
        program: Program,
    ) -> wasmtime::Result<Self> {
        Self::made(session, component, lane, chain, Some(program))
    }

    fn made(
        session: &Session,
        component: &CompiledComponent,
        lane: u32,
        chain: Arc<Chain>,
        program: Option<Program>,
    ) -> wasmtime::Result<Self> {
        let instance = session.next_instance();
        let bounds = &session.options().bounds;
        let stop = Arc::new(Stop::new(bounds));
        let caller = Caller {
            component: Arc::clone(component.id()),
            instance,
            lane,
            stop: Arc::clone(&stop),
            chain,
        };
        let hooks = OutgoingRequests {
            session: session.for_guest(),
            caller: caller.clone(),
        };
        Ok(Self {
            wasi: wasi_context(session, component, &caller, &stop, program)?,
            limiter: MemoryBound {
                used: 0,
                bounds: *bounds,
                stop: Arc::clone(&stop),
            },
            session: session.for_guest(),
            caller,
            stop,
            stores: Handles::default(),
            cas: Handles::default(),
            redis: Handles::default(),
            databases: Handles::default(),
            mqtt: Handles::default(),
            spans: BTreeSet::new(),
            fuel: 0,
            postgres: Handles::default(),
            postgres_builders: Handles::default(),
            mysql: Handles::default(),
            tcp: BTreeMap::new(),
            shared: false,
            tasks: Vec::new(),
            table: ResourceTable::new(),
            http: WasiHttpCtx::new(),
            hooks,
        })
    }

    /// Goes on to another request, on behalf of which it calls from now on.
    pub fn serve(&mut self, lane: u32, chain: Arc<Chain>) {
        self.caller.lane = lane;
        self.caller.chain = chain;
        self.tasks.clear();
        self.hooks.caller = self.caller.clone();
    }

    /// What answers the requests that it sends, and says which headers are the connection's own.
    pub fn outgoing_requests(&self) -> OutgoingRequests {
        OutgoingRequests {
            session: self.session.clone(),
            caller: self.caller.clone(),
        }
    }

    /// The limiter that keeps its memory within bounds.
    pub fn limiter(&mut self) -> &mut dyn ResourceLimiter {
        &mut self.limiter
    }

    /// The store behind a handle, cloned so that nothing of the instance is borrowed while the call waits.
    pub fn open_store(&self, handle: u32) -> Option<OpenStore> {
        self.stores.get(handle).cloned()
    }
}

/// Who makes an asynchronous call: where the instance serves several requests at once, by the task that the call belongs
/// to. A synchronous import can't be told apart so; its calls count as those of the instance's first request.
pub(crate) fn asynchronous_caller<T>(
    access: &mut Access<'_, T, HasSelf<InstanceState>>,
) -> wasmtime::Result<Caller> {
    let mut caller = access.get().caller.clone();
    if access.get().tasks.is_empty() {
        return Ok(caller);
    }
    // The oldest of the stack is the one that the request started.
    let task = access.as_context_mut().async_call_stack()?.last();
    let tasks = &access.get().tasks;
    let lane = task.and_then(|task| tasks.iter().find(|(known, _)| *known == task));
    if let Some((_, lane)) = lane {
        caller.lane = *lane;
    }
    Ok(caller)
}

/// The target of a call on a handle.
pub(crate) fn on(store: Option<&OpenStore>) -> Target<'_> {
    store.map_or(Target::Dead, Target::Handle)
}

fn wasi_context(
    session: &Session,
    component: &CompiledComponent,
    caller: &Caller,
    stop: &Arc<Stop>,
    program: Option<Program>,
) -> wasmtime::Result<WasiCtx> {
    let log = |stream| GuestLog {
        session: session.for_guest(),
        component: Arc::clone(&caller.component),
        instance: caller.instance,
        stream,
        stop: Arc::clone(stop),
    };
    let number = u64::from(caller.instance);
    let seed = session.options().seed;
    let hash_seed = |half| u128::from(seed.number(Purpose::GuestSeed, 2 * number + half));
    let mut wasi = WasiCtx::builder();
    wasi.allow_blocking_current_thread(true)
        .stdout(log(LogStream::Out))
        .stderr(log(LogStream::Err))
        .wall_clock(session.clock())
        .monotonic_clock(session.clock())
        .secure_random(seed.random(Purpose::Guest, number))
        .insecure_random(seed.random(Purpose::GuestInsecure, number))
        .insecure_random_seed(hash_seed(0) << 64 | hash_seed(1))
        .envs(&session.environment(component));
    sockets::refuse_all(&mut wasi, session, caller);
    for mount in session.files(component) {
        wasi.preopened_dir(&mount.host, &mount.guest, FsPerms::ReadOnly)?;
    }
    if let Some(program) = program {
        wasi.args(&program.arguments)
            .envs(&program.environment)
            .stdin(MemoryInputPipe::new(program.input))
            .stdout(program.output);
    }
    Ok(wasi.build())
}

/// What a program is called with, and where its output goes.
pub(crate) struct Program {
    pub arguments: Vec<String>,
    /// Besides that of its component.
    pub environment: Vec<(String, String)>,
    pub input: Bytes,
    pub output: MemoryOutputPipe,
}

impl WasiView for InstanceState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for InstanceState {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            hooks: &mut self.hooks,
            table: &mut self.table,
            ctx: &mut self.http,
        }
    }
}

impl InstanceState {
    /// Nothing is held any more of an instance that did not come about.
    pub(crate) fn forget_memory(&mut self) {
        self.limiter.used = 0;
    }
}

/// Ends an instance whose memory grows past its bound.
struct MemoryBound {
    used: usize,
    bounds: Bounds,
    stop: Arc<Stop>,
}

impl ResourceLimiter for MemoryBound {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            // The memory's own limit: the guest is told that it cannot grow.
            return Ok(false);
        }
        // Several memories of one component share the bound.
        self.used += desired.saturating_sub(current);
        if self.used as u64 > self.bounds.memory {
            self.stop.exceed(Bound::Memory);
            wasmtime::bail!("{}", Bound::Memory.explain(&self.bounds));
        }
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        // Eight bytes an element: what the host spends on it.
        if desired as u64 * 8 > self.bounds.memory {
            self.stop.exceed(Bound::Memory);
            wasmtime::bail!("{}", Bound::Memory.explain(&self.bounds));
        }
        Ok(true)
    }
}

impl wasmtime_wasi::p3::bindings::cli::types::Host for InstanceState {}
