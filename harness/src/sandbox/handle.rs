//! A sandbox that can be used from anywhere: it brings a runtime with virtual time for the scenario's world.

use super::elsewhere::elsewhere;
use super::faults::{Fault, Faults, Injection};
use super::journal::Journal;
use super::llm::Llm;
use super::mistake::Mistake;
use super::mqtt::Mqtt;
use super::outgoing::Outgoing;
use super::rdbms::DatabaseServers;
use super::redis::Redis;
use super::session::{SandboxOptions, Session, Trap};
use super::sqlite::{DatabaseError, Rows};
use super::tcp::Tcp;
use super::telemetry::Telemetry;
use crate::engine::App;
use crate::storage::Store;
use crate::trigger::{MessageHandling, RedisMessage, Request, RequestError, Response};
use bytes::Bytes;
use futures::lock::Mutex;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;

/// One scenario's world, for tests that use no Gherkin: stores, faults, requests, the journal.
///
/// It owns a runtime whose clock is virtual. Asked from a plain `#[test]` the work is done on the thread that asks;
/// asked inside another tokio runtime, whose clock is not ours, it is done on a thread of the sandbox's own. Requests
/// that are awaited together follow each other; [`send_at_once`](Self::send_at_once) has them at once.
pub struct Sandbox {
    session: Session,
    runtime: Arc<VirtualTime>,
    /// Two pieces of work at a time on one runtime would not be in one order; they follow each other.
    busy: Arc<Mutex<()>>,
}

/// A current-thread runtime with a paused clock, which may be dropped anywhere.
struct VirtualTime(Option<Runtime>);

impl VirtualTime {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build();
        // Without a reactor for input and output there is nothing that could fail to start.
        Self(Some(
            runtime.unwrap_or_else(|error| panic!("no runtime: {error}")),
        ))
    }

    fn runtime(&self) -> &Runtime {
        match &self.0 {
            Some(runtime) => runtime,
            None => unreachable!("it is taken only when dropped"),
        }
    }
}

impl Drop for VirtualTime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            // An ordinary drop panics inside another runtime.
            runtime.shutdown_background();
        }
    }
}

impl Sandbox {
    pub(crate) fn new(app: &App) -> Self {
        // The defaults grant nothing beyond the manifest, so there is nothing that could be a mistake.
        Self::with_options(app, SandboxOptions::default())
            .unwrap_or_else(|mistake| unreachable!("{mistake}"))
    }

    /// A sandbox that differs from the app's files: another seed, other grants, other limits.
    ///
    /// # Errors
    ///
    /// A grant that names a component or a store that does not exist; a real store that cannot be used.
    pub fn with_options(app: &App, options: SandboxOptions) -> Result<Self, Mistake> {
        let runtime = Arc::new(VirtualTime::new());
        let session = {
            let _clock = runtime.runtime().enter();
            Session::new(app.clone(), options, None)?
        };
        Ok(Self {
            session,
            runtime,
            busy: Arc::default(),
        })
    }

    /// The store behind a label.
    pub fn key_value<'a>(&'a self, label: &'a str) -> KeyValueStore<'a> {
        KeyValueStore {
            session: &self.session,
            label,
        }
    }

    /// The SQLite database behind a label.
    ///
    /// ```
    /// # let manifest = "../fixtures/apps/orders/spin.toml";
    /// let mut sandbox = spin_harness::App::load(manifest)?.sandbox();
    /// sandbox.sqlite("default").run("create table t (x); insert into t values (41)")?;
    /// assert_eq!(sandbox.sqlite("default").query("select x from t")?.rows.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn sqlite<'a>(&'a self, label: &'a str) -> SqliteDatabase<'a> {
        SqliteDatabase {
            sandbox: self,
            label,
        }
    }

    /// Looks at what other hosts answer and at what was sent to them, or adds to it.
    ///
    /// ```
    /// use spin_harness::App;
    /// use spin_harness::sandbox::{Answer, Stub, UrlPattern};
    ///
    /// # let manifest = "../fixtures/apps/outgoing/spin.toml";
    /// let sandbox = App::load(manifest)?.sandbox();
    /// let charge = UrlPattern::new("https://api.example.com/*")?;
    /// let refused = Answer { status: 402, ..Answer::default() };
    /// sandbox.outgoing(|hosts| hosts.push(Stub::new(None, charge, vec![refused])));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn outgoing<R>(&self, change: impl FnOnce(&mut Outgoing) -> R) -> R {
        self.session.with_outgoing(change)
    }

    /// Looks at what Postgres and MySQL servers answer and at what was sent to them, or adds to it.
    pub fn database_servers<R>(&self, change: impl FnOnce(&mut DatabaseServers) -> R) -> R {
        self.session.with_database_servers(change)
    }

    /// Looks at what language models answer and at what they were asked, or adds to it.
    pub fn llm<R>(&self, change: impl FnOnce(&mut Llm) -> R) -> R {
        self.session.with_llm(change)
    }

    /// Looks at what was published to MQTT brokers.
    pub fn mqtt<R>(&self, look: impl FnOnce(&Mqtt) -> R) -> R {
        self.session.with_mqtt(look)
    }

    /// Looks at what TCP servers do and at the connections to them, or says what they do.
    ///
    /// ```no_run
    /// use spin_harness::{App, sandbox::TcpServer};
    /// let sandbox = App::load("spin.toml")?.sandbox();
    /// let database = "10.0.0.7:5432".parse()?;
    /// sandbox.tcp(|tcp| tcp.serve(database, TcpServer::TakesEverything));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn tcp<R>(&self, change: impl FnOnce(&mut Tcp) -> R) -> R {
        self.session.with_tcp(change)
    }

    /// Looks at the spans, metrics and log records of guests.
    pub fn telemetry<R>(&self, look: impl FnOnce(&Telemetry) -> R) -> R {
        self.session.with_telemetry(look)
    }

    /// The fault rules, to add to them.
    pub fn faults(&mut self) -> FaultRules<'_> {
        FaultRules {
            session: &self.session,
        }
    }

    /// Every call that guests made so far.
    pub fn journal(&self) -> Journal {
        self.session.calls()
    }

    /// What was asked for that cannot be, and where a real store answered otherwise than the one in the process.
    pub fn mistakes(&self) -> Vec<Mistake> {
        self.session.mistakes()
    }

    /// The instances that trapped so far.
    pub fn traps(&self) -> Vec<Trap> {
        self.session.traps()
    }

    /// What a component wrote to its log so far.
    pub fn log_of(&self, component: &str) -> String {
        self.session.log().text_of(component)
    }

    /// Sends `GET path`.
    ///
    /// # Errors
    ///
    /// The path is none.
    pub async fn get(&self, path: &str) -> Result<Response, RequestError> {
        Ok(self.send(Request::new("GET", path)?).await)
    }

    /// Sends `POST path` with a body.
    ///
    /// # Errors
    ///
    /// The path is none.
    pub async fn post(&self, path: &str, body: impl Into<Bytes>) -> Result<Response, RequestError> {
        Ok(self.send(Request::new("POST", path)?.body(body)).await)
    }

    /// Sends a request.
    pub async fn send(&self, request: Request) -> Response {
        self.run(|session| async move { session.send(request).await })
            .await
    }

    /// Sends requests at once; the seed decides in which order their storage calls happen.
    pub async fn send_at_once(&self, requests: Vec<Request>) -> Vec<Response> {
        self.run(|session| async move { session.send_at_once(requests).await })
            .await
    }

    /// Lets a message arrive on a Redis channel, and waits until every component that listens has no work left.
    ///
    /// # Errors
    ///
    /// No trigger listens there, or it is not clear on which server.
    pub async fn deliver(&self, message: RedisMessage) -> Result<Vec<MessageHandling>, Mistake> {
        self.run(|session| async move { session.deliver(message).await })
            .await
    }

    /// Looks at the Redis servers or changes them, past the gate. They are asked at a time, for what has ended by then:
    /// `change` is given the scenario's, in milliseconds since the Unix epoch.
    pub fn redis<R>(&self, change: impl FnOnce(&mut Redis, i64) -> R) -> R {
        let _clock = self.runtime.runtime().enter();
        let now = self.session.clock().unix_milliseconds();
        self.session.with_redis(|redis| change(redis, now))
    }

    /// Sends a request and blocks this thread until it is answered; for tests without a runtime.
    pub fn send_blocking(&self, request: Request) -> Response {
        futures::executor::block_on(self.send(request))
    }

    /// Lets virtual time pass. Takes no real time.
    pub async fn pass(&self, time: Duration) {
        self.run(move |session| async move { session.pass(time).await })
            .await;
    }

    /// Does work in the sandbox's runtime: here, or on another thread where this one belongs to another runtime.
    async fn run<T, F>(&self, work: impl FnOnce(Session) -> F + Send + 'static) -> T
    where
        T: Send + 'static,
        F: Future<Output = T>,
    {
        let session = self.session.clone();
        if tokio::runtime::Handle::try_current().is_err() {
            return self.runtime.runtime().block_on(work(session));
        }
        let runtime = Arc::clone(&self.runtime);
        let turn = Arc::clone(&self.busy).lock_owned().await;
        elsewhere(move || {
            // Held until the work is done, also where whoever asked has gone.
            let _turn = turn;
            runtime.runtime().block_on(work(session))
        })
        .await
    }
}

/// A key-value store of a sandbox, past the gate: what a test puts in and looks at.
///
/// # Panics
///
/// Every method panics where the runtime config defines no store of that label, and where a real store fails: a mistake in
/// the test.
#[derive(Clone, Copy)]
pub struct KeyValueStore<'a> {
    session: &'a Session,
    label: &'a str,
}

impl KeyValueStore<'_> {
    fn with<R>(&self, look: impl FnOnce(&Store) -> R) -> R {
        match self.session.with_store(self.label, look) {
            Ok(result) => result,
            Err(mistake) => panic!("{mistake}"),
        }
    }

    /// Stores a tuple.
    pub fn set(&self, key: impl Into<String>, value: impl Into<Bytes>) {
        let put = |store: &mut Store| store.put(key, value);
        if let Err(mistake) = self.session.with_store_mut(self.label, put) {
            panic!("{mistake}");
        }
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<Bytes> {
        self.with(|store| store.value(key).cloned())
    }

    /// Every tuple in byte order of its key.
    pub fn tuples(&self) -> Vec<(String, Bytes)> {
        self.with(|store| {
            store
                .tuples()
                .map(|(key, value)| (key.to_owned(), value.clone()))
                .collect()
        })
    }

    /// Number of tuples.
    pub fn len(&self) -> usize {
        self.with(|store| store.len())
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A SQLite database of a sandbox, past grants and faults.
pub struct SqliteDatabase<'a> {
    sandbox: &'a Sandbox,
    label: &'a str,
}

impl SqliteDatabase<'_> {
    /// Runs SQL statements on it.
    ///
    /// # Errors
    ///
    /// What SQLite says.
    pub fn run(&self, statements: &str) -> Result<(), DatabaseError> {
        // Time is virtual inside the sandbox's runtime only.
        let _inside = self.sandbox.runtime.runtime().enter();
        self.sandbox.session.run_sql(self.label, statements)
    }

    /// What a query finds in it.
    ///
    /// # Errors
    ///
    /// What SQLite says, or that the statement is no query.
    pub fn query(&self, query: &str) -> Result<Rows, DatabaseError> {
        let _inside = self.sandbox.runtime.runtime().enter();
        self.sandbox.session.query_sql(self.label, query)
    }
}

/// The fault rules of a sandbox.
pub struct FaultRules<'a> {
    session: &'a Session,
}

impl FaultRules<'_> {
    /// Puts a rule in force.
    pub fn push(&mut self, fault: Fault) {
        self.session.with_faults(|faults| faults.push(fault));
    }

    /// Makes one call fail: it goes before every rule.
    pub fn inject(&mut self, injection: Injection) {
        self.session.with_faults(|faults| faults.inject(injection));
    }

    /// What is wrong if a call was never made that was to fail.
    pub(crate) fn never_reached(&self) -> Option<String> {
        self.session.never_reached()
    }

    /// From here on no rule stated so far holds.
    pub fn recover(&mut self) {
        self.session.with_faults(Faults::recover);
    }
}
