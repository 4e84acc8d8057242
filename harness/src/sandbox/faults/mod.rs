//! Fault rules: which calls go wrong, when, and how.
//!
//! A rule is a [`Match`], a [`When`] and an [`Effect`]. It counts every call that its match fits, from the moment it is
//! stated. Latencies add up; of the other effects the first rule that is due wins.

mod cursor;
mod effect;
mod file;
mod grammar;
mod injection;
mod latency;
mod matching;
mod rule;
mod rules;
mod when;

pub use cursor::FaultSyntaxError;
pub use effect::{Action, Corruption, Effect, Ending, Quota, Staleness};
pub use file::load_faults;
pub use injection::{BadInjection, Injection};
pub use latency::Latency;
pub use matching::{BadKeyPattern, KeyPattern, Match};
pub use rule::{BadFault, Fault, FaultBuilder};
pub use rules::Faults;
pub use when::When;

pub(crate) use effect::TOO_MANY_REQUESTS;
pub(crate) use rules::{Arrival, Cause, Decided, Missed};

#[cfg(test)]
mod tests;
