//! At which of the calls that match a rule is due.

use crate::value::show_duration;
use std::fmt;
use std::time::Duration;

/// At which of the calls that match a rule is due. Calls are counted from 1, from the moment the rule is stated.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum When {
    /// At every one.
    #[default]
    Always,
    /// At this one only.
    Nth(u64),
    /// At the first so many.
    First(u64),
    /// At every so-manieth: with 3 at the 3rd, the 6th, the 9th.
    Every(u64),
    /// At all that come after the first so many.
    After(u64),
    /// From this one to that one, both included.
    FromTo(u64, u64),
    /// With this probability, above 0 and at most 1; which calls these are follows from the seed.
    Chance(f64),
    /// While this much virtual time has passed since the start of the scenario: from the first (included) to the
    /// second (not included).
    Between(Duration, Duration),
}

impl When {
    /// Whether a rule is due at the `count`th call that matched, at `time` since the start of the scenario. `chance`
    /// draws a number of 0 and more and below 1.
    pub(super) fn due(self, count: u64, time: Duration, chance: impl FnOnce() -> f64) -> bool {
        match self {
            Self::Always => true,
            Self::Nth(n) => count == n,
            Self::First(n) => count <= n,
            Self::Every(n) => count.is_multiple_of(n),
            Self::After(n) => count > n,
            Self::FromTo(from, to) => (from..=to).contains(&count),
            Self::Chance(probability) => chance() < probability,
            Self::Between(from, to) => (from..to).contains(&time),
        }
    }

    /// Whether it depends on which calls came before, and so on their order.
    pub(super) fn depends_on_order(self) -> bool {
        self != Self::Always
    }
}

/// As a table has it: `nth 2`, `from 2 to 4`, `chance 0.25`.
impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Always => f.write_str("always"),
            Self::Nth(n) => write!(f, "nth {n}"),
            Self::First(n) => write!(f, "first {n}"),
            Self::Every(n) => write!(f, "every {n}"),
            Self::After(n) => write!(f, "after {n}"),
            Self::FromTo(from, to) => write!(f, "from {from} to {to}"),
            Self::Chance(probability) => write!(f, "chance {probability}"),
            Self::Between(from, to) => write!(
                f,
                "between {} and {}",
                show_duration(*from),
                show_duration(*to)
            ),
        }
    }
}

/// The English ending of an ordinal: 1st, 2nd, 3rd, 4th, 11th.
pub(super) fn ordinal_suffix(n: u64) -> &'static str {
    match (n % 10, n % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    }
}
