//! Requests that an app sends to itself: they wait here for whoever drives the instance that sends them, and knows how
//! to run a component.

use super::Answer;
use bytes::Bytes;
use http::{HeaderMap, Method, Uri};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Waker};
use tokio::sync::oneshot;

/// How deep requests of an app to itself may be nested: an app that calls itself without end must end.
const DEEPEST: u32 = 16;

/// How many requests to itself one request may lead an app to: where each sends several, depth alone is no bound.
const MOST: u64 = 1_000;

/// The domain below which each component of an app has its name (`crates/outbound-networking-config/src/allowed_hosts.rs`).
const COMPONENTS: &str = "spin.internal";

/// The host that means the app itself, for SDKs that cannot send a path alone (`crates/factor-outbound-http/src/wasi.rs`).
const ITSELF: &str = "self.alt";

/// Who answers a request that an app sends to itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    /// The component of this name, whatever its route.
    Component(String),
    /// Whatever the routes of the app say, as for a client's request.
    Routes,
}

impl Destination {
    /// Where a URL leads that stays within the app; nothing where it leaves it.
    pub fn of(url: &str) -> Option<Self> {
        if url.starts_with('/') {
            return Some(Self::Routes);
        }
        let uri: Uri = url.parse().ok()?;
        let host = uri.host()?;
        if host == ITSELF {
            return Some(Self::Routes);
        }
        let (name, domain) = host.split_once('.')?;
        (domain == COMPONENTS).then(|| Self::Component(name.to_owned()))
    }
}

/// A request that an app sends to itself.
#[derive(Debug)]
pub(crate) struct Chained {
    pub destination: Destination,
    pub method: Method,
    /// Path and query.
    pub path: String,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// The request to the app that it belongs to, counted from 1 among those sent at once.
    pub lane: u32,
    /// Where the answer goes. Nobody waits there any more where the guest gave the request up: it is served all the same.
    pub reply: oneshot::Sender<Result<Answer, NotChained>>,
}

/// Why a request of an app to itself has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotChained {
    /// No HTTP trigger names the component (`handle_trigger_route` in `crates/trigger-http/src/server.rs`).
    #[error("unknown routing destination '{0}': no HTTP trigger of the app names such a component")]
    NoSuchComponent(String),
    /// Spin's server gives none, or none that the client can read; why.
    #[error("{0}")]
    Closed(String),
}

/// Why an app may send no further request to itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TooManyChained {
    #[error(
        "requests of the app to itself are nested {DEEPEST} deep: does it call itself without end?"
    )]
    Nested,
    #[error(
        "one request has led the app to {MOST} requests to itself: does it call itself without end?"
    )]
    InAll,
}

/// What one instance asks of its own app, and how far down the chain it stands.
#[derive(Debug, Default)]
pub(crate) struct Chain {
    depth: u32,
    /// That of the request which a client sent, where this is a chained one.
    root: Option<Arc<Self>>,
    /// Fuel that all chained requests have used together; only that of the root counts.
    used: AtomicU64,
    /// How many there have been; as well.
    sent: AtomicU64,
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    requests: VecDeque<Chained>,
    driver: Option<Waker>,
}

impl Chain {
    /// The chain of an instance that serves a request of this one's.
    pub fn next(self: &Arc<Self>) -> Arc<Self> {
        Arc::new(Self {
            depth: self.depth + 1,
            root: Some(Arc::clone(self.root())),
            ..Self::default()
        })
    }

    /// Whether a client, or another event, began it: nobody in the app waits for what it asks.
    pub fn is_at_the_top(&self) -> bool {
        self.root.is_none()
    }

    fn root(self: &Arc<Self>) -> &Arc<Self> {
        self.root.as_ref().unwrap_or(self)
    }

    /// Counts a request further down.
    ///
    /// # Errors
    ///
    /// It would be nested too deep, or one too many.
    pub fn count(self: &Arc<Self>) -> Result<(), TooManyChained> {
        if self.depth >= DEEPEST {
            return Err(TooManyChained::Nested);
        }
        // A scenario runs on one thread; the atomic only makes it shareable.
        match self.root().sent.fetch_add(1, Ordering::Relaxed) {
            before if before < MOST => Ok(()),
            _ => Err(TooManyChained::InAll),
        }
    }

    /// The fuel that an instance of this chain may use, of what one request may: chained ones share as much again.
    pub fn fuel(self: &Arc<Self>, bound: u64) -> u64 {
        match &self.root {
            None => bound,
            Some(root) => bound.saturating_sub(root.used.load(Ordering::Relaxed)),
        }
    }

    /// Counts what an instance of this chain has used.
    pub fn burn(&self, fuel: u64) {
        if let Some(root) = &self.root {
            let used = root.used.load(Ordering::Relaxed);
            root.used
                .store(used.saturating_add(fuel), Ordering::Relaxed);
        }
    }

    /// Has a request served by whoever drives the instance.
    pub fn push(&self, request: Chained) {
        let mut waiting = self.lock();
        waiting.requests.push_back(request);
        if let Some(driver) = waiting.driver.take() {
            driver.wake();
        }
    }

    /// The next request that waits, if one does; otherwise the driver is woken by the next one.
    pub fn pop(&self, cx: &Context<'_>) -> Option<Chained> {
        let mut waiting = self.lock();
        let next = waiting.requests.pop_front();
        if next.is_none() {
            match &mut waiting.driver {
                Some(driver) => driver.clone_from(cx.waker()),
                none => *none = Some(cx.waker().clone()),
            }
        }
        next
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_urls_stay_within_the_app() {
        let component = |name: &str| Some(Destination::Component(name.to_owned()));
        assert_eq!(Destination::of("/x?y=1"), Some(Destination::Routes));
        assert_eq!(
            Destination::of("http://self.alt/x"),
            Some(Destination::Routes)
        );
        assert_eq!(
            Destination::of("http://a-b.spin.internal/x"),
            component("a-b")
        );
        assert_eq!(
            Destination::of("https://a.spin.internal:8080/"),
            component("a")
        );
        for other in [
            "http://self/x",
            "http://spin.internal/",
            "http://a.b.spin.internal/",
            "http://a.spin.internal.com/",
            "https://example.com/a.spin.internal",
        ] {
            assert_eq!(Destination::of(other), None, "{other}");
        }
    }

    #[test]
    fn a_chain_ends_and_its_fuel_is_shared() {
        let root = Arc::new(Chain::default());
        let mut chain = Arc::clone(&root);
        for _ in 0..DEEPEST {
            assert_eq!(chain.count(), Ok(()));
            chain = chain.next();
        }
        let nested = chain.count().unwrap_err();
        assert!(nested.to_string().contains("16 deep"));
        chain.burn(30);
        root.burn(50);
        assert_eq!(root.next().fuel(100), 70);
        assert_eq!(root.fuel(100), 100);
        let further = (0..MOST).map(|_| root.next().count());
        let refused: Vec<_> = further.filter(Result::is_err).collect();
        assert_eq!(refused, vec![Err(TooManyChained::InAll); DEEPEST as usize]);
    }
}
