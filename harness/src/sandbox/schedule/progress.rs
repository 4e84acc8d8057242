//! Whether work was woken since it was last looked at: what was not, waits for time to pass.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// A waker that notes that it was used, and passes it on to the runtime.
pub(super) struct Progress {
    made: AtomicBool,
    outer: Mutex<Waker>,
}

impl Progress {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            made: AtomicBool::new(false),
            outer: Mutex::new(Waker::noop().clone()),
        })
    }

    /// Passes wakes on to this waker from now on.
    pub fn follow(&self, waker: &Waker) {
        self.outer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone_from(waker);
    }

    /// Forgets earlier wakes.
    pub fn begin(&self) {
        self.made.store(false, Ordering::Relaxed);
    }

    /// Whether it was woken since the beginning.
    pub fn was_made(&self) -> bool {
        self.made.load(Ordering::Relaxed)
    }
}

impl Wake for Progress {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.made.store(true, Ordering::Relaxed);
        self.outer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .wake_by_ref();
    }
}

/// Goes on with work for as long as it has something to do at this very moment, its turns among other requests included:
/// what comes of it, or nothing where it waits for time to pass.
pub(crate) async fn within_this_moment<F: Future>(mut work: Pin<&mut F>) -> Option<F::Output> {
    let progress = Progress::new();
    let waker = Waker::from(Arc::clone(&progress));
    loop {
        progress.begin();
        let polled = poll_fn(|cx| {
            progress.follow(cx.waker());
            Poll::Ready(work.as_mut().poll(&mut Context::from_waker(&waker)))
        });
        if let Poll::Ready(done) = polled.await {
            return Some(done);
        }
        all_others().await;
        if !progress.was_made() {
            return None;
        }
    }
}

/// Waits until every other request that can go on has done so; time stands still meanwhile.
pub(crate) async fn all_others() {
    // Polled again for another's sake, `yield_now` would be over before it was woken.
    let woken = Progress::new();
    let waker = Waker::from(Arc::clone(&woken));
    let mut yielding = Some(tokio::task::yield_now());
    poll_fn(|cx| {
        woken.follow(cx.waker());
        if let Some(yielding) = yielding.take() {
            let _ = pin!(yielding).poll(&mut Context::from_waker(&waker));
        }
        match woken.was_made() {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    })
    .await;
}
