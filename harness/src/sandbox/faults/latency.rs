//! How long a call takes, in virtual time: always the same, or drawn by the seed.

use crate::value::{MAX_DURATION, show_duration};
use std::fmt;
use std::time::Duration;

/// How long a call takes, in virtual time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Latency {
    /// Always so long.
    Fixed(Duration),
    /// From the first to the second, all of it equally likely.
    Uniform(Duration, Duration),
    /// Log-normal, as latencies of networks tend to be: half of the calls take at most the median, all but one in a
    /// hundred at most the 99th percentile.
    LogNormal {
        /// What half of the calls stay below.
        median: Duration,
        /// What all but one in a hundred stay below.
        p99: Duration,
    },
}

/// The 99th percentile of the standard normal distribution.
const NORMAL_P99: f64 = 2.326_347_874_040_841;

impl Latency {
    /// One latency. `draw` gives numbers of 0 and more and below 1. The result is in whole milliseconds, rounded up.
    pub(in crate::sandbox) fn sample(self, mut draw: impl FnMut() -> f64) -> Duration {
        let duration = match self {
            Self::Fixed(duration) => duration,
            Self::Uniform(from, to) => from + to.saturating_sub(from).mul_f64(draw()),
            Self::LogNormal { median, p99 } => {
                // Box and Muller 1958. `libm` gives the same bits on every machine, the system's functions may not.
                let (a, b) = (1.0 - draw(), draw());
                let normal =
                    libm::sqrt(-2.0 * libm::log(a)) * libm::cos(2.0 * std::f64::consts::PI * b);
                let (median, p99) = (median.as_secs_f64(), p99.as_secs_f64());
                let sigma = libm::log(p99 / median) / NORMAL_P99;
                let seconds = median * libm::exp(sigma * normal);
                Duration::try_from_secs_f64(seconds).map_or(MAX_DURATION, |d| d.min(MAX_DURATION))
            }
        };
        // Durations of over 500 million years would not fit; `MAX_DURATION` bounds them all.
        let millis = duration.as_nanos().div_ceil(1_000_000);
        Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
    }
}

/// As after `takes`: `250 ms`, `100 ms to 300 ms`, `20 ms (p99 400 ms)`.
impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(duration) => f.write_str(&show_duration(*duration)),
            Self::Uniform(from, to) => {
                write!(f, "{} to {}", show_duration(*from), show_duration(*to))
            }
            Self::LogNormal { median, p99 } => {
                write!(
                    f,
                    "{} (p99 {})",
                    show_duration(*median),
                    show_duration(*p99)
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::Seed;
    use crate::sandbox::random::Purpose;

    fn samples(latency: Latency) -> Vec<u128> {
        let mut number = 0;
        let mut samples: Vec<_> = (0..10_000)
            .map(|_| {
                let draw = || {
                    number += 1;
                    Seed(7).fraction(Purpose::Fault, number)
                };
                latency.sample(draw).as_millis()
            })
            .collect();
        samples.sort_unstable();
        samples
    }

    #[test]
    fn a_uniform_latency_fills_its_range() {
        let (from, to) = (Duration::from_millis(100), Duration::from_millis(300));
        let samples = samples(Latency::Uniform(from, to));
        assert!(samples[0] <= 101 && samples[0] >= 100, "{}", samples[0]);
        assert!(samples[9_999] >= 299 && samples[9_999] <= 300);
        assert!((195..=205).contains(&samples[5_000]), "{}", samples[5_000]);
    }

    #[test]
    fn a_log_normal_latency_has_its_median_and_its_tail() {
        let latency = Latency::LogNormal {
            median: Duration::from_millis(20),
            p99: Duration::from_millis(400),
        };
        let samples = samples(latency);
        assert!((19..=22).contains(&samples[5_000]), "{}", samples[5_000]);
        assert!((340..=460).contains(&samples[9_900]), "{}", samples[9_900]);
        assert!(samples[9_999] > 600);
    }

    #[test]
    fn whole_milliseconds_rounded_up() {
        let latency = Latency::Fixed(Duration::from_micros(1_001));
        assert_eq!(latency.sample(|| 0.0), Duration::from_millis(2));
    }
}
