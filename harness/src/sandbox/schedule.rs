//! Which of several requests at once goes on: every storage call waits for its turn here.
//!
//! All requests run on one thread until each of them waits for a turn, sleeps or is over; then one of those that wait
//! is chosen by the seed. The order of calls is therefore the only thing chance decides, and the seed decides chance.

use super::random::Random;
use rand_chacha::rand_core::Rng as _;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// The turns of a scenario's requests.
#[derive(Debug)]
pub(crate) struct Schedule {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// Whether several requests are under way: alone, a request never waits.
    concurrent: bool,
    next_ticket: u64,
    waiting: Vec<Waiting>,
    random: Random,
}

#[derive(Debug)]
struct Waiting {
    ticket: u64,
    granted: bool,
    waker: Waker,
}

impl Schedule {
    pub fn new(random: Random) -> Self {
        Self {
            inner: Mutex::new(Inner {
                concurrent: false,
                next_ticket: 0,
                waiting: Vec::new(),
                random,
            }),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until it is this call's turn.
    pub async fn turn(&self) {
        let ticket = {
            let mut inner = self.lock();
            if !inner.concurrent {
                return;
            }
            inner.next_ticket += 1;
            inner.next_ticket
        };
        let _withdraw = Withdraw {
            schedule: self,
            ticket,
        };
        poll_fn(|cx| {
            let mut inner = self.lock();
            match inner
                .waiting
                .iter_mut()
                .find(|waiting| waiting.ticket == ticket)
            {
                Some(waiting) if waiting.granted => Poll::Ready(()),
                Some(waiting) => {
                    waiting.waker.clone_from(cx.waker());
                    Poll::Pending
                }
                None => {
                    inner.waiting.push(Waiting {
                        ticket,
                        granted: false,
                        waker: cx.waker().clone(),
                    });
                    Poll::Pending
                }
            }
        })
        .await;
    }

    /// Runs requests at once to their end. Only one such call may be under way in a scenario.
    pub async fn interleave<F: Future>(&self, requests: F) -> F::Output {
        self.lock().concurrent = true;
        let _alone_again = Alone { schedule: self };
        let mut requests = pin!(requests);
        let progress = Arc::new(Progress {
            made: AtomicBool::new(false),
            outer: Mutex::new(Waker::noop().clone()),
        });
        let waker = Waker::from(Arc::clone(&progress));
        poll_fn(move |cx| {
            progress.follow(cx.waker());
            loop {
                progress.made.store(false, Ordering::Relaxed);
                if let Poll::Ready(output) =
                    requests.as_mut().poll(&mut Context::from_waker(&waker))
                {
                    return Poll::Ready(output);
                }
                if !progress.made.load(Ordering::Relaxed) && !self.grant_one() {
                    // Everyone sleeps: only now may virtual time move.
                    return Poll::Pending;
                }
            }
        })
        .await
    }

    /// Lets one of those that wait go on; `false` where nobody waits.
    fn grant_one(&self) -> bool {
        let mut inner = self.lock();
        let waiting: Vec<usize> = (0..inner.waiting.len())
            .filter(|index| !inner.waiting[*index].granted)
            .collect();
        let chosen = match waiting.as_slice() {
            [] => return false,
            [only] => *only,
            // The bias of the remainder is below 2^-50 and harms no order's chance.
            several => several[(inner.random.next_u64() % several.len() as u64) as usize],
        };
        inner.waiting[chosen].granted = true;
        let waker = inner.waiting[chosen].waker.clone();
        drop(inner);
        waker.wake();
        true
    }
}

/// Takes a ticket back when its call goes on or is dropped.
struct Withdraw<'a> {
    schedule: &'a Schedule,
    ticket: u64,
}

impl Drop for Withdraw<'_> {
    fn drop(&mut self) {
        let mut inner = self.schedule.lock();
        inner
            .waiting
            .retain(|waiting| waiting.ticket != self.ticket);
    }
}

/// Ends concurrency, also where the requests are dropped half-way.
struct Alone<'a> {
    schedule: &'a Schedule,
}

impl Drop for Alone<'_> {
    fn drop(&mut self) {
        let mut inner = self.schedule.lock();
        inner.concurrent = false;
        inner.waiting.clear();
    }
}

/// Notes that some request was woken, and passes it on to the runtime.
struct Progress {
    made: AtomicBool,
    outer: Mutex<Waker>,
}

impl Progress {
    fn follow(&self, waker: &Waker) {
        self.outer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone_from(waker);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::random::{Purpose, Seed};
    use futures::future::join_all;

    fn order(seed: u64) -> Vec<(usize, usize)> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let schedule = Schedule::new(Seed(seed).random(Purpose::Schedule, 0));
        let calls = Mutex::new(Vec::new());
        let requests = join_all((0..3).map(|request| {
            let (schedule, calls) = (&schedule, &calls);
            async move {
                for call in 0..3 {
                    schedule.turn().await;
                    calls.lock().unwrap().push((request, call));
                    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
                }
            }
        }));
        runtime.block_on(schedule.interleave(requests));
        calls.into_inner().unwrap()
    }

    #[test]
    fn a_seed_always_gives_the_same_order_and_seeds_differ() {
        assert_eq!(order(1), order(1));
        let orders: std::collections::BTreeSet<_> = (0..20).map(order).collect();
        assert!(orders.len() > 5, "{orders:?}");
    }

    #[test]
    fn a_request_keeps_the_order_of_its_own_calls() {
        for seed in 0..20 {
            let order = order(seed);
            assert_eq!(order.len(), 9);
            for request in 0..3 {
                let own: Vec<_> = order.iter().filter(|(r, _)| *r == request).collect();
                assert!(own.is_sorted(), "{order:?}");
            }
        }
    }
}
