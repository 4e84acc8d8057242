//! A scenario's clock: virtual time that moves only while requests run, and never by itself.

use std::time::Duration;
use tokio::time::Instant;
use wasmtime_wasi::{HostMonotonicClock, HostWallClock};

/// The wall clock at the start of a scenario that does not set it: 2026-01-01T00:00:00Z, as time since the Unix epoch.
pub const DEFAULT_TIME: Duration = Duration::from_secs(1_767_225_600);

/// What a guest's monotonic clock shows at the start of a scenario. Not 0: Go's runtime takes that for no clock, and ends.
const MONOTONIC_START: Duration = Duration::from_secs(1);

/// Reads a scenario's time. Copies read the same clock.
///
/// Must be read inside the scenario's tokio runtime, whose clock is paused: elsewhere tokio gives the machine's time.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
    epoch: Duration,
}

impl Clock {
    /// A clock that starts now at `epoch` (time since the Unix epoch).
    pub(crate) fn starting_at(epoch: Duration) -> Self {
        Self {
            start: Instant::now(),
            epoch,
        }
    }

    /// Virtual time since the start of the scenario.
    pub fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    /// The wall clock, in milliseconds since the Unix epoch.
    pub(crate) fn unix_milliseconds(&self) -> i64 {
        i64::try_from(HostWallClock::now(self).as_millis()).unwrap_or(i64::MAX)
    }
}

impl HostWallClock for Clock {
    fn resolution(&self) -> Duration {
        Duration::from_millis(1)
    }

    fn now(&self) -> Duration {
        self.epoch.saturating_add(self.elapsed())
    }
}

impl HostMonotonicClock for Clock {
    fn resolution(&self) -> u64 {
        1_000_000
    }

    fn now(&self) -> u64 {
        // A scenario would have to run for 584 virtual years to exceed it.
        let nanoseconds = (MONOTONIC_START + self.elapsed()).as_nanos();
        u64::try_from(nanoseconds).unwrap_or(u64::MAX)
    }
}
