//! Why an instance must end: a bound that it reached, noted where it is met and acted on where the instance is driven.

use crate::sandbox::{Bound, Bounds};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Shared between an instance's host calls and whoever drives it.
#[derive(Debug)]
pub(crate) struct Stop {
    exceeded: Mutex<Option<Bound>>,
    /// Why it traps, where a call that cannot trap by itself says so.
    trap: Mutex<Option<String>>,
    log_room: AtomicU64,
    /// Fuel that calls may still cost.
    fuel: AtomicU64,
    /// Whether the instance is over before its work was done.
    over: AtomicBool,
}

impl Stop {
    pub fn new(bounds: &Bounds) -> Self {
        Self {
            exceeded: Mutex::new(None),
            trap: Mutex::new(None),
            log_room: AtomicU64::new(bounds.log),
            fuel: AtomicU64::new(bounds.fuel),
            over: AtomicBool::new(false),
        }
    }

    /// Notes that a bound was reached; the first one counts.
    pub fn exceed(&self, bound: Bound) {
        self.exceeded
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert(bound);
    }

    /// The bound that was reached, if any.
    pub fn exceeded(&self) -> Option<Bound> {
        *self.exceeded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that the instance is to trap: whoever drives it ends it when it next waits.
    pub fn trap(&self, why: String) {
        let mut trap = self.trap.lock().unwrap_or_else(PoisonError::into_inner);
        trap.get_or_insert(why);
    }

    /// Why it is to trap, if it is.
    pub fn trapped(&self) -> Option<String> {
        let trap = self.trap.lock().unwrap_or_else(PoisonError::into_inner);
        trap.clone()
    }

    /// Notes that the instance is over: calls that are under way end with it.
    pub fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    /// Whether it is.
    pub fn has_ended(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// Takes up to `wanted` bytes of what may still be logged.
    pub fn log_room(&self, wanted: u64) -> u64 {
        // An instance runs on one thread; the atomic only makes the state shareable.
        let room = self.log_room.load(Ordering::Relaxed);
        let taken = wanted.min(room);
        self.log_room.store(room - taken, Ordering::Relaxed);
        taken
    }

    /// Takes from the fuel that calls may cost; `false` once it is spent.
    pub fn spend(&self, fuel: u64) -> bool {
        let left = self.fuel.load(Ordering::Relaxed);
        self.fuel
            .store(left.saturating_sub(fuel), Ordering::Relaxed);
        left >= fuel
    }

    /// The fuel that calls may still cost.
    pub fn fuel(&self) -> u64 {
        self.fuel.load(Ordering::Relaxed)
    }

    /// Gives new requests their own log and fuel.
    pub fn renew(&self, bounds: &Bounds, requests: u64) {
        self.log_room.store(bounds.log, Ordering::Relaxed);
        self.fuel
            .store(bounds.fuel.saturating_mul(requests), Ordering::Relaxed);
    }
}
