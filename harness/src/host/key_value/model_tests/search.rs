//! Runs random sequences on several backends, and makes the first one short on which they differ.

use super::backend::{Answer, Backend, Operation};
use super::generate::{Generator, Mix};
use crate::app::Provider;
use std::collections::BTreeMap;
use std::fmt;

/// Operations of one sequence; each begins with an empty store.
const SEQUENCE: usize = 200;

/// How much is compared. Sequences are numbered from 0, and the number is the seed.
pub struct Search {
    pub operations: usize,
    pub mix: Mix,
}

/// How often each operation gave each kind of answer.
#[derive(Default)]
pub struct Counts(BTreeMap<(&'static str, &'static str), usize>);

impl Counts {
    fn count(&mut self, operation: &Operation, answer: &Answer) {
        let kind = match answer {
            Answer::Value(None) | Answer::Exists(false) => "missing",
            Answer::Error(_) => "error",
            Answer::CasFailed => "cas-failed",
            Answer::Trap => "trap",
            Answer::NoHandle => "no handle",
            _ => "ok",
        };
        *self.0.entry((operation.name(), kind)).or_default() += 1;
    }

    /// A comparison of what never happens would prove nothing.
    pub fn assert_that_everything_happened(&self, provider: Provider) {
        let on_both = [
            ("get", "ok"),
            ("get", "missing"),
            ("set", "ok"),
            ("delete", "ok"),
            ("exists", "ok"),
            ("exists", "missing"),
            ("get-keys", "ok"),
            ("get-many", "ok"),
            ("set-many", "ok"),
            ("delete-many", "ok"),
            ("increment", "ok"),
            ("cas-new", "ok"),
            ("cas-current", "ok"),
            ("cas-current", "missing"),
            ("swap", "cas-failed"),
        ];
        let more: &[_] = match provider {
            Provider::Redis => &[
                ("increment", "error"),
                ("get-many", "error"),
                ("get-many", "trap"),
            ],
            _ => &[("swap", "ok")],
        };
        for case in on_both.iter().chain(more) {
            let count = self.0.get(case).copied().unwrap_or(0);
            assert!(count >= 100, "{case:?} happened {count} times");
        }
    }
}

/// Two backends that answered one sequence differently.
pub struct Divergence {
    seed: u64,
    pub operations: Vec<Operation>,
    difference: Difference,
}

/// The first call that was answered differently.
struct Difference {
    /// Its place in the sequence, or the length of the sequence where the call is part of the look at the end.
    index: usize,
    call: Operation,
    answers: Vec<(&'static str, Answer)>,
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "stores differ (sequence {}, made short):", self.seed)?;
        for operation in &self.operations {
            writeln!(f, "  {operation}")?;
        }
        if self.difference.index == self.operations.len() {
            writeln!(f, "  after which {}", self.difference.call)?;
        }
        for (name, answer) in &self.difference.answers {
            writeln!(f, "    {name}: {answer}")?;
        }
        Ok(())
    }
}

impl Search {
    /// Gives how often what happened, or the first divergence.
    pub fn run(&self, backends: &mut [&mut dyn Backend]) -> Result<Counts, Divergence> {
        let (mut counts, mut seed, mut left) = (Counts::default(), 0, self.operations);
        while left > 0 {
            let mut generator = Generator::new(seed, self.mix);
            let operations: Vec<_> = (0..SEQUENCE).map(|_| generator.operation()).collect();
            match compare(backends, &operations, left, &mut counts) {
                Ok(done) => left -= done,
                Err(difference) => {
                    let (operations, difference) = shorten(backends, operations, difference);
                    return Err(Divergence {
                        seed,
                        operations,
                        difference,
                    });
                }
            }
            seed += 1;
        }
        Ok(counts)
    }
}

/// Runs at most `most` operations; gives how many were calls, or the first difference. Ends with a look at everything
/// that is stored.
fn compare(
    backends: &mut [&mut dyn Backend],
    operations: &[Operation],
    most: usize,
    counts: &mut Counts,
) -> Result<usize, Difference> {
    backends.iter_mut().for_each(|backend| backend.begin());
    let mut done = 0;
    for (index, operation) in operations.iter().enumerate() {
        if done == most {
            break;
        }
        if backends.iter().any(|it| it.would_poison(operation)) {
            continue;
        }
        let answer = agree(backends, index, operation)?;
        counts.count(operation, &answer);
        done += usize::from(answer != Answer::NoHandle);
    }
    let end = operations.len();
    if let Answer::Keys(keys) = agree(backends, end, &Operation::GetKeys)? {
        for key in keys {
            agree(backends, end, &Operation::Get(key))?;
        }
    }
    Ok(done)
}

/// The answer that all backends give to one call, or all their answers.
fn agree(
    backends: &mut [&mut dyn Backend],
    index: usize,
    call: &Operation,
) -> Result<Answer, Difference> {
    let mut answers: Vec<_> = backends
        .iter_mut()
        .map(|backend| (backend.name(), backend.apply(call)))
        .collect();
    if answers.iter().all(|(_, answer)| *answer == answers[0].1) {
        return Ok(answers.swap_remove(0).1);
    }
    Err(Difference {
        index,
        call: call.clone(),
        answers,
    })
}

/// Leaves out what is not needed for a difference: halves first, then quarters, down to single operations, until nothing
/// more can go.
fn shorten(
    backends: &mut [&mut dyn Backend],
    mut operations: Vec<Operation>,
    mut difference: Difference,
) -> (Vec<Operation>, Difference) {
    operations.truncate(difference.index + 1);
    let mut chunk = operations.len().div_ceil(2);
    while chunk > 0 {
        let (mut start, mut shorter) = (0, false);
        while start < operations.len() {
            let mut fewer = operations.clone();
            fewer.drain(start..(start + chunk).min(operations.len()));
            match compare(backends, &fewer, usize::MAX, &mut Counts::default()) {
                Err(smaller) => {
                    fewer.truncate(smaller.index + 1);
                    (operations, difference, shorter) = (fewer, smaller, true);
                }
                Ok(_) => start += chunk,
            }
        }
        if !shorter || chunk > 1 {
            chunk /= 2;
        }
    }
    (operations, difference)
}
