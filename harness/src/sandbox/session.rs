//! One scenario's world: everything that a scenario may change, made fresh and dropped after.

use super::beside::Labels;
use super::bounds::{Bound, Bounds};
use super::clock::{Clock, DEFAULT_TIME};
use super::faults::Faults;
use super::journal::{Call, Changes, Journal, Outcome, Service};
use super::log::{Log, LogStream};
use super::mistake::Mistake;
use super::permissions::Instead;
use super::random::{Purpose, Seed};
use super::schedule::{Guide, Schedule, Trace};
use super::state::State;
use crate::app::GrantOverrides;
use crate::engine::App;
use crate::storage::{Limits, RealStore, Request, Store};
use crate::trigger::reuse::IdleInstances;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How a sandbox differs from what the app's files say.
#[derive(Clone, Debug)]
pub struct SandboxOptions {
    /// The seed of everything random. Default: 0.
    pub seed: Seed,
    /// The wall clock at the start, as time since the Unix epoch. Default: 2026-01-01T00:00:00Z.
    pub time: Duration,
    /// Which limits the stores enforce.
    pub limits: Limits,
    /// The bounds of each request.
    pub bounds: Bounds,
    /// Whether WASI 0.3 instances serve several requests, as under `spin up`.
    pub reuse_instances: bool,
    /// Grants that replace the manifest's, by component and kind.
    pub grants: GrantOverrides,
    /// Environment variables that every component gets besides the manifest's.
    pub environment: Vec<(String, String)>,
    /// The address that requests come from. Default: `127.0.0.1:1`.
    pub client_address: String,
    /// The authority that requests are sent to. Default: `localhost:3000`.
    pub authority: String,
    /// Real stores that calls are made on too, by label: what they answer is what guests get, and an answer of the store in
    /// the process that differs is a [`Mistake`]. They are filled from there, and its provider is theirs.
    pub real_stores: BTreeMap<String, RealStore>,
}

impl Default for SandboxOptions {
    fn default() -> Self {
        Self {
            seed: Seed(0),
            time: DEFAULT_TIME,
            limits: Limits::default(),
            bounds: Bounds::default(),
            reuse_instances: false,
            grants: GrantOverrides::default(),
            environment: Vec::new(),
            client_address: "127.0.0.1:1".to_owned(),
            authority: "localhost:3000".to_owned(),
            real_stores: BTreeMap::new(),
        }
    }
}

/// An instance that ended before its work was done.
#[derive(Clone, Debug)]
pub struct Trap {
    /// The component.
    pub component: Arc<str>,
    /// The instance, counted from 1 in the scenario.
    pub instance: u32,
    /// Why, in one line.
    pub reason: String,
    /// The wasm functions that were active, innermost first, where known.
    pub backtrace: Vec<String>,
    /// The bound that was exceeded, if that was why.
    pub bound: Option<Bound>,
}

impl fmt::Display for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "component \"{}\" trapped: {}",
            self.component, self.reason
        )?;
        for (depth, frame) in self.backtrace.iter().enumerate() {
            write!(f, "\n  {depth}: {frame}")?;
        }
        Ok(())
    }
}

/// What happens in a scenario as it happens, for `-v`.
#[derive(Clone, Debug)]
pub enum Happening {
    /// A guest called a service.
    Call(Call),
    /// A guest wrote to its log.
    Log(Arc<str>, String),
    /// A step sent a request: its number among those sent at once, if there are several, and its lines.
    Sent(Option<usize>, Vec<String>),
    /// What came back: the number of the request, the lines, and why the app gave no whole answer of its own, if so.
    Received(Option<usize>, Vec<String>, Option<String>),
}

/// Where happenings go.
pub type Watcher = Arc<dyn Fn(Happening) + Send + Sync>;

struct Inner {
    app: App,
    options: SandboxOptions,
    /// What components are granted where that differs from the manifest.
    instead: Instead,
    schedule: Schedule,
    clock: Clock,
    watcher: Option<Watcher>,
    no_label: Arc<str>,
    /// Labels whose store is another than the app's.
    labels: Labels,
    state: Mutex<State>,
}

/// One scenario's world, for use inside the scenario's own tokio runtime.
///
/// Copies are the same world. [`Sandbox`](crate::Sandbox) wraps one so that it can be used from anywhere.
#[derive(Clone)]
pub struct Session {
    inner: Arc<Inner>,
    /// Instances that wait for a next request; a guest's copy has none, so that no instance keeps itself alive.
    idle: Option<Arc<IdleInstances>>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}

impl Session {
    /// A fresh world for an app. Must be called inside a current-thread tokio runtime whose clock is paused.
    ///
    /// # Errors
    ///
    /// A grant that names a component or a store that does not exist; a real store that cannot be used.
    pub fn new(
        app: App,
        options: SandboxOptions,
        watcher: Option<Watcher>,
    ) -> Result<Self, Mistake> {
        let instead = Instead::of(&app, &options)?;
        let (state, labels) = State::of(&app, &options)?;
        let inner = Inner {
            schedule: Schedule::new(options.seed.random(Purpose::Schedule, 0)),
            clock: Clock::starting_at(options.time),
            no_label: Arc::from(""),
            labels,
            app,
            options,
            instead,
            watcher,
            state: Mutex::new(state),
        };
        Ok(Self {
            inner: Arc::new(inner),
            idle: Some(Arc::default()),
        })
    }

    /// The app it belongs to.
    pub fn app(&self) -> &App {
        &self.inner.app
    }

    /// What it was made with.
    pub fn options(&self) -> &SandboxOptions {
        &self.inner.options
    }

    /// Its clock.
    pub fn clock(&self) -> Clock {
        self.inner.clock
    }

    /// Every call so far.
    pub fn calls(&self) -> Journal {
        self.state().journal.clone()
    }

    /// Looks at the journal without copying it. `look` must not use the session.
    pub fn with_journal<R>(&self, look: impl FnOnce(&Journal) -> R) -> R {
        look(&self.state().journal)
    }

    /// What guests wrote so far.
    pub fn log(&self) -> Log {
        self.state().log.clone()
    }

    /// The instances that trapped so far.
    pub fn traps(&self) -> Vec<Trap> {
        self.state().traps.clone()
    }

    /// What the scenario asked for that cannot be, found while requests ran.
    pub fn mistakes(&self) -> Vec<Mistake> {
        self.state().mistakes.clone()
    }

    /// Looks at the store behind a label. `look` must not use the session.
    ///
    /// # Errors
    ///
    /// No store has that label.
    pub fn with_store<R>(&self, label: &str, look: impl FnOnce(&Store) -> R) -> Result<R, Mistake> {
        let index = self.require_store(label)?;
        Ok(look(&self.state().stores[index]))
    }

    /// Changes the store behind a label, past the gate; a real store beside it changes too. `change` must not use the
    /// session.
    ///
    /// # Errors
    ///
    /// No store has that label; a real store fails.
    pub fn with_store_mut<R>(
        &self,
        label: &str,
        change: impl FnOnce(&mut Store) -> R,
    ) -> Result<R, Mistake> {
        let index = self.require_store(label)?;
        let state = &mut *self.state();
        let store = &mut state.stores[index];
        if !state.real.has(index) {
            return Ok(change(store));
        }
        let tuples = store.tuples();
        let before = tuples.map(|(key, value)| (key.to_owned(), value.clone()));
        let before = before.collect();
        let result = change(store);
        state.real.follow(index, &before, store)?;
        Ok(result)
    }

    /// Looks at the fault rules or adds to them. `change` must not use the session.
    pub fn with_faults<R>(&self, change: impl FnOnce(&mut Faults) -> R) -> R {
        change(&mut self.state().faults)
    }

    /// Has requests that are sent at once follow an order from now on, in place of the seed, and keeps a record of it.
    pub fn follow(&self, guide: Guide) {
        self.schedule().follow(guide);
    }

    /// The record of every turn since an order is followed; ask for it when the scenario is over.
    pub fn trace(&self) -> Option<Trace> {
        self.schedule().trace()
    }

    /// Lets virtual time pass.
    pub async fn pass(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    fn require_store(&self, label: &str) -> Result<usize, Mistake> {
        match self.inner.labels.get(label) {
            Some(index) => Ok(*index),
            None => self.inner.app.require_store(label),
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // A panic while it is locked ends the scenario; nobody reads a half-changed state as if it were whole.
        self.inner
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// What components are granted where the scenario says so.
    pub(super) fn instead(&self) -> &Instead {
        &self.inner.instead
    }

    pub(crate) fn schedule(&self) -> &Schedule {
        &self.inner.schedule
    }

    /// The copy that an instance holds: the same world, without the instances that wait in it.
    pub(crate) fn for_guest(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            idle: None,
        }
    }

    /// Instances that wait for a next request; dropped with the last copy that is not a guest's.
    pub(crate) fn idle_instances(&self) -> Option<&IdleInstances> {
        self.idle.as_deref()
    }

    pub(crate) fn limits(&self) -> Limits {
        self.inner.options.limits
    }

    pub(crate) fn no_label(&self) -> Arc<str> {
        Arc::clone(&self.inner.no_label)
    }

    pub(crate) fn store_index(&self, label: &str) -> Option<usize> {
        let own = self.inner.labels.get(label).copied();
        own.or_else(|| self.inner.app.store_index(label))
    }

    /// The number of a new compare-and-swap handle.
    pub(crate) fn next_cas_handle(&self) -> u64 {
        self.state().next_cas_handle()
    }

    /// Notes that a compare-and-swap handle is no more.
    pub(crate) fn forget_cas(&self, index: usize, handle: u64) {
        self.state().real.forget(index, handle);
    }

    /// A handle in place of one whose swap failed, of which Spin has read the value already: its number, the value, and
    /// what it goes by where that is not the value.
    pub(crate) fn fresh_cas(&self, index: usize, key: &str) -> (u64, Option<Bytes>, Option<u64>) {
        let state = &mut *self.state();
        let handle = state.next_cas_handle();
        let current = Request::CasCurrent {
            key: key.to_owned(),
            handle,
        };
        state.real.tell(index, &current);
        let store = state.stores.get(index);
        let seen = store.and_then(|store| store.value(key).cloned());
        (handle, seen, store.and_then(|store| store.watch(key)))
    }

    /// Whether what happens to a call may depend on the calls before it, other than through what the store holds: calls
    /// on different keys are not independent then.
    pub fn order_matters(&self) -> bool {
        let state = self.state();
        let eventual = state.stores.iter().any(Store::is_eventually_consistent);
        state.nearly_full || eventual || state.faults.order_matters()
    }

    /// A line of the journal that says so much.
    pub(crate) fn call(
        &self,
        component: Arc<str>,
        instance: u32,
        service: Service,
        outcome: Outcome,
    ) -> Call {
        Call {
            sequence: 0,
            time: self.clock().elapsed(),
            component,
            instance,
            service,
            store: self.no_label(),
            key: String::new(),
            size: 0,
            outcome,
            ordinal: 0,
            entries: 0,
            changes: Changes::Nothing,
            can_fail: false,
            injected: false,
            fault: None,
            denied_to: None,
            note: None,
        }
    }

    /// Writes a call down and tells whoever watches, who may look at the session.
    pub(crate) fn journal(&self, call: Call) {
        self.schedule().journaled(&call);
        let Some(watcher) = &self.inner.watcher else {
            self.state().journal.push(call);
            return;
        };
        let call = self.state().journal.push(call).clone();
        watcher(Happening::Call(call));
    }

    pub(crate) fn log_write(
        &self,
        component: &Arc<str>,
        instance: u32,
        stream: LogStream,
        bytes: &[u8],
    ) {
        self.state().log.write(component, instance, stream, bytes);
        if let Some(watcher) = &self.inner.watcher {
            let text = String::from_utf8_lossy(bytes).into_owned();
            watcher(Happening::Log(Arc::clone(component), text));
        }
    }

    /// The number of the next instance.
    pub(crate) fn next_instance(&self) -> u32 {
        let mut state = self.state();
        state.instances += 1;
        state.instances
    }

    /// Writes down that an instance ended early: in the journal, with the bound if one was reached, and among the traps.
    pub(crate) fn trapped(&self, trap: Trap) {
        let component = Arc::clone(&trap.component);
        let service = Service::Instance(trap.bound);
        self.journal(Call {
            note: Some(trap.reason.clone()),
            ..self.call(component, trap.instance, service, Outcome::Trap)
        });
        self.state().traps.push(trap);
    }

    pub(crate) fn explain(&self, bound: Bound) -> String {
        bound.explain(&self.inner.options.bounds)
    }
}
