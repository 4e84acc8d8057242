//! A sandbox that can be used from anywhere: it keeps a thread and a runtime of its own for the scenario's world.

use super::faults::{Fault, Faults};
use super::journal::Journal;
use super::session::{Mistake, SandboxOptions, Session, Trap};
use crate::engine::App;
use crate::storage::Store;
use crate::trigger::{Request, RequestError, Response};
use bytes::Bytes;
use futures::channel::oneshot;
use futures::future::{BoxFuture, FutureExt as _};
use std::sync::mpsc;
use std::time::Duration;

type Job = Box<dyn FnOnce(Session) -> BoxFuture<'static, ()> + Send>;

/// One scenario's world, for tests that use no Gherkin: stores, faults, requests, the journal.
///
/// It owns a thread with a runtime whose clock is virtual, so it works in `#[test]` with
/// [`send_blocking`](Self::send_blocking) and in any asynchronous test with the other methods. Dropped, it takes its
/// thread with it.
pub struct Sandbox {
    session: Session,
    jobs: mpsc::Sender<Job>,
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
    /// A grant that names a component or a store that does not exist.
    pub fn with_options(app: &App, options: SandboxOptions) -> Result<Self, Mistake> {
        let (jobs, received) = mpsc::channel::<Job>();
        let (made, session) = mpsc::channel();
        let app = app.clone();
        std::thread::spawn(move || {
            // Without timers there is nothing that could fail to start.
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_time()
                .start_paused(true)
                .build()
                .unwrap_or_else(|error| panic!("no runtime for a sandbox: {error}"));
            let session = runtime.block_on(async { Session::new(app, options, None) });
            if made.send(session.clone()).is_err() {
                return;
            }
            let Ok(session) = session else { return };
            while let Ok(job) = received.recv() {
                runtime.block_on(job(session.clone()));
            }
        });
        let session = session
            .recv()
            .unwrap_or_else(|_| unreachable!("the sandbox's thread sends its session first"))?;
        Ok(Self { session, jobs })
    }

    /// The store behind a label.
    pub fn key_value<'a>(&'a self, label: &'a str) -> KeyValueStore<'a> {
        KeyValueStore {
            session: &self.session,
            label,
        }
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
        let job = self.job(|session| async move { session.send(request).await }.boxed());
        job.await
            .unwrap_or_else(|_| unreachable!("the sandbox's thread lives as long as the sandbox"))
    }

    /// Sends requests at once; the seed decides in which order their storage calls happen.
    pub async fn send_at_once(&self, requests: Vec<Request>) -> Vec<Response> {
        let job = self.job(|session| async move { session.send_at_once(requests).await }.boxed());
        job.await
            .unwrap_or_else(|_| unreachable!("the sandbox's thread lives as long as the sandbox"))
    }

    /// Sends a request and blocks this thread until it is answered; for tests without a runtime.
    pub fn send_blocking(&self, request: Request) -> Response {
        futures::executor::block_on(self.send(request))
    }

    /// Lets virtual time pass. Takes no real time.
    pub async fn pass(&self, time: Duration) {
        let job = self.job(move |session| async move { session.pass(time).await }.boxed());
        // Nothing to hand back; the sandbox's thread lives as long as the sandbox.
        let _ = job.await;
    }

    fn job<T: Send + 'static>(
        &self,
        work: impl FnOnce(Session) -> BoxFuture<'static, T> + Send + 'static,
    ) -> oneshot::Receiver<T> {
        let (done, result) = oneshot::channel();
        let job: Job = Box::new(move |session| {
            async move {
                // Who asked may have gone.
                let _ = done.send(work(session).await);
            }
            .boxed()
        });
        // The thread ends only when the sandbox is dropped.
        let _ = self.jobs.send(job);
        result
    }
}

/// A key-value store of a sandbox, past the gate: what a test puts in and looks at.
///
/// # Panics
///
/// Every method panics where the runtime config defines no store of that label: a mistake in the test.
#[derive(Clone, Copy)]
pub struct KeyValueStore<'a> {
    session: &'a Session,
    label: &'a str,
}

impl KeyValueStore<'_> {
    fn with<R>(&self, look: impl FnOnce(&mut Store) -> R) -> R {
        match self.session.with_store_mut(self.label, look) {
            Ok(result) => result,
            Err(mistake) => panic!("{mistake}"),
        }
    }

    /// Stores a tuple.
    pub fn set(&self, key: impl Into<String>, value: impl Into<Bytes>) {
        self.with(|store| store.put(key, value));
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

/// The fault rules of a sandbox.
pub struct FaultRules<'a> {
    session: &'a Session,
}

impl FaultRules<'_> {
    /// Puts a rule in force.
    pub fn push(&mut self, fault: Fault) {
        self.session.with_faults(|faults| faults.push(fault));
    }

    /// From here on no rule stated so far holds.
    pub fn recover(&mut self) {
        self.session.with_faults(Faults::recover);
    }
}
