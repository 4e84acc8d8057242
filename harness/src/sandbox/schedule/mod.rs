//! Which of several requests at once goes on: every call whose order another can tell waits for its turn here.
//!
//! All requests run on one thread until each of them waits for a turn, sleeps or is over; then one of those that wait
//! is chosen: by the seed, or as a guide says. The order of calls is therefore the only thing that is left to chance, and
//! the seed decides chance.

mod access;
mod control;
mod guide;
mod progress;
#[cfg(test)]
pub(crate) mod simulator;
mod trace;

pub(crate) use access::{About, Asking};
pub use access::{Access, Place};
pub(crate) use guide::Then;
pub use guide::{BadSchedule, Guide};
pub(crate) use progress::{all_others, within_this_moment};
pub use trace::{OffSchedule, Trace, Turn};

use super::journal::Call;
use super::random::Random;
use control::Control;
use progress::Progress;
use rand_chacha::rand_core::Rng as _;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use tokio::task::unconstrained;

/// The turns of a scenario's requests.
#[derive(Debug)]
pub(crate) struct Schedule {
    inner: Mutex<Inner>,
    /// Whether a guide is followed, to be asked without a lock.
    controlled: AtomicBool,
}

#[derive(Debug)]
struct Inner {
    /// Whether several requests are under way: alone, a request never waits.
    concurrent: bool,
    next_ticket: u64,
    waiting: Vec<Waiting>,
    random: Random,
    control: Option<Box<Control>>,
}

#[derive(Debug)]
struct Waiting {
    ticket: u64,
    /// What the call is about; known only where a guide is followed.
    access: Option<Arc<Access>>,
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
                control: None,
            }),
            controlled: AtomicBool::new(false),
        }
    }

    /// Follows a guide from now on, in place of the seed, and keeps a record of every turn.
    pub fn follow(&self, guide: Guide) {
        self.controlled.store(true, Ordering::Relaxed);
        self.lock().control = Some(Box::new(Control::new(guide)));
    }

    /// Every turn since a guide is followed; to be asked for when the scenario is over.
    pub fn trace(&self) -> Option<Trace> {
        self.lock().control.as_ref().map(|control| control.trace())
    }

    /// Hears of a call that ended.
    pub fn journaled(&self, call: &Call) {
        if self.controlled.load(Ordering::Relaxed)
            && let Some(control) = &mut self.lock().control
        {
            control.journaled(call);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether several requests are under way: alone, a call has no turn to wait for.
    pub fn is_concurrent(&self) -> bool {
        self.lock().concurrent
    }

    /// Waits until it is this call's turn. A call that slept after its turn asks again when it wakes.
    pub async fn turn(&self, asking: Asking<'_>) {
        let (ticket, access) = {
            let mut inner = self.lock();
            if !inner.concurrent {
                return;
            }
            inner.next_ticket += 1;
            let controlled = inner.control.is_some();
            let access = controlled.then(|| Arc::new(Access::from(asking)));
            (inner.next_ticket, access)
        };
        self.wait(ticket, access).await;
    }

    /// Waits until it is the turn of a call that meets no other's, such as one on variables. Where a guide is followed it
    /// does not wait: there is nothing to choose.
    pub async fn turn_of_no_consequence(&self) {
        let ticket = {
            let mut inner = self.lock();
            if !inner.concurrent || inner.control.is_some() {
                return;
            }
            inner.next_ticket += 1;
            inner.next_ticket
        };
        self.wait(ticket, None).await;
    }

    async fn wait(&self, ticket: u64, mut access: Option<Arc<Access>>) {
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
                        access: access.take(),
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
        let controlled = {
            let mut inner = self.lock();
            inner.concurrent = true;
            if let Some(control) = &mut inner.control {
                control.begin();
            }
            inner.control.is_some()
        };
        let _alone_again = Alone { schedule: self };
        let mut requests = pin!(requests);
        let progress = Progress::new();
        let waker = Waker::from(Arc::clone(&progress));
        poll_fn(move |cx| {
            progress.follow(cx.waker());
            loop {
                progress.begin();
                let mut cx = Context::from_waker(&waker);
                let polled = match controlled {
                    // A request that tokio made wait, to be fair to other tasks, would not be among those that can go on.
                    true => pin!(unconstrained(requests.as_mut())).poll(&mut cx),
                    false => requests.as_mut().poll(&mut cx),
                };
                if polled.is_ready() {
                    return polled;
                }
                if !progress.was_made() && !self.grant_one() {
                    // Everyone sleeps: only now may virtual time move.
                    return Poll::Pending;
                }
            }
        })
        .await
    }

    /// Lets one of those that wait go on; `false` where nobody waits.
    fn grant_one(&self) -> bool {
        let mut guard = self.lock();
        let inner = &mut *guard;
        let waiting: Vec<usize> = (0..inner.waiting.len())
            .filter(|index| !inner.waiting[*index].granted)
            .collect();
        let chosen = match waiting.as_slice() {
            [] => return false,
            waiting => match &mut inner.control {
                Some(control) => {
                    let accesses: Vec<_> = waiting
                        .iter()
                        .filter_map(|index| inner.waiting[*index].access.clone())
                        .collect();
                    // Those that came before the guide did have none; there are none, since no step changes it half-way.
                    match accesses.len() == waiting.len() {
                        true => waiting[control.choose(&accesses)],
                        false => waiting[0],
                    }
                }
                None if waiting.len() == 1 => waiting[0],
                // The bias of the remainder is below 2^-50 and harms no order's chance.
                None => waiting[(inner.random.next_u64() % waiting.len() as u64) as usize],
            },
        };
        inner.waiting[chosen].granted = true;
        let waker = inner.waiting[chosen].waker.clone();
        drop(guard);
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
        if let Some(control) = &mut inner.control {
            control.end();
        }
    }
}

#[cfg(test)]
mod tests;
