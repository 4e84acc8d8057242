//! `--check-determinism`: what differs between two runs of one scenario with one seed.

use crate::runner::{Once, StepStatus};
use crate::sandbox::{Call, LogEntry};
use crate::trigger::Response;
use crate::value::{show, visible};
use std::fmt::Write as _;

/// What may make runs differ, for whoever wonders.
const ADVICE: &str = "something in it depends on more than the seed: a step of your own that asks the machine for the time \
                      or for chance, or a file that it changes";

/// The first difference between two runs, with both sides of it.
pub(super) fn difference(first: &Once, second: &Once) -> Option<String> {
    let (what, one, other) = calls(first, second)
        .or_else(|| log(first, second))
        .or_else(|| responses(first, second))
        .or_else(|| steps(first, second))?;
    let mut message = format!("two runs with the same seed differ in {what}");
    for (name, side) in [("first run: ", one), ("second run:", other)] {
        let side = side.unwrap_or_else(|| "nothing".to_owned());
        let side = side.replace('\n', "\n              ");
        let _ = write!(message, "\n  {name} {side}");
    }
    Some(format!("{message}\n{ADVICE}"))
}

type Sides = (String, Option<String>, Option<String>);

/// The first place in which two lists differ.
fn first_of<T>(
    what: &str,
    one: &[T],
    other: &[T],
    same: impl Fn(&T, &T) -> bool,
    shown: impl Fn(&T) -> String,
) -> Option<Sides> {
    let place = (0..one.len().max(other.len())).find(|place| {
        let pair = one.get(*place).zip(other.get(*place));
        !pair.is_some_and(|(one, other)| same(one, other))
    })?;
    let what = format!("{what} {}", place + 1);
    Some((
        what,
        one.get(place).map(&shown),
        other.get(place).map(&shown),
    ))
}

fn calls(first: &Once, second: &Once) -> Option<Sides> {
    let (one, other) = (first.record.journal.calls(), second.record.journal.calls());
    first_of("call", one, other, Call::eq, |call| {
        let mut line = format!(
            "{} ms, {} {}",
            call.time.as_millis(),
            call.component,
            call.operation_name()
        );
        for part in [&*call.store, &call.key] {
            if !part.is_empty() {
                let _ = write!(line, " {}", visible(part));
            }
        }
        let _ = write!(
            line,
            ": {} ({} bytes)",
            visible(&call.outcome.to_string()),
            call.size
        );
        line
    })
}

fn log(first: &Once, second: &Once) -> Option<Sides> {
    let (one, other) = (first.record.log.entries(), second.record.log.entries());
    let same = |one: &LogEntry, other: &LogEntry| {
        one.component == other.component
            && one.instance == other.instance
            && one.stream == other.stream
            && one.bytes == other.bytes
    };
    first_of("log entry", one, other, same, |entry| {
        format!("{}: {}", entry.component, show(&entry.bytes))
    })
}

fn responses(first: &Once, second: &Once) -> Option<Sides> {
    let (one, other) = (&first.record.responses, &second.record.responses);
    let same = |one: &Response, other: &Response| {
        one.status == other.status
            && one.headers == other.headers
            && one.body == other.body
            && one.trailers == other.trailers
            && one.took == other.took
            && one.component == other.component
            && one.cut == other.cut
            && one.problem == other.problem
    };
    first_of("response", one, other, same, |response| {
        let mut text = format!("{} after {} ms", response.status, response.took.as_millis());
        for (name, value) in response.headers() {
            let value = String::from_utf8_lossy(value);
            let _ = write!(text, "\n{name}: {}", visible(&value));
        }
        let _ = write!(text, "\n{}", show(&response.body));
        text
    })
}

/// A step of the user's own may differ by itself.
fn steps(first: &Once, second: &Once) -> Option<Sides> {
    let ended = |once: &Once| -> Vec<(String, StepStatus, String)> {
        let steps = once.steps.iter().map(|step| {
            let failure = step.failure.as_ref().map_or("", |failure| &failure.message);
            (step.step.value.clone(), step.status, failure.to_owned())
        });
        let mut ended: Vec<_> = steps.collect();
        if let Some(failure) = &once.afterwards {
            let end = "the end".to_owned();
            ended.push((end, StepStatus::Failed, failure.message.clone()));
        }
        ended
    };
    let (one, other) = (ended(first), ended(second));
    let same = |one: &(_, StepStatus, _), other: &(_, StepStatus, _)| one.1 == other.1;
    first_of("step", &one, &other, same, |(step, status, message)| {
        let how = match status {
            StepStatus::Passed => "passed",
            StepStatus::Skipped => "skipped",
            _ => "failed",
        };
        format!("{step}: {how}\n{message}").trim_end().to_owned()
    })
}
