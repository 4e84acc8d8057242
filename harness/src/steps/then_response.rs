//! Then steps about one response: status, headers, body, the time it took.

use super::{Failed, World};
use crate::diff::diff_text;
use crate::trigger::Response;
use crate::value::{
    Expectation, Value, compile_regex, parse_duration, show, show_duration, visible,
};
use cucumber::gherkin::Step;
use cucumber::then;
use std::time::Duration;

#[then(expr = "the response status is {int}")]
fn status_is(world: &mut World, status: String) -> Result<(), Failed> {
    let actual = world.response()?.status();
    if require_status(&status)? == actual {
        return Ok(());
    }
    Err(world.unexpected(differs("the response status", &status, &actual.to_string())))
}

/// A status as a step says it. Others than these are invalid (RFC 9110, section 15).
pub(super) fn require_status(text: &str) -> Result<u16, Failed> {
    let status = text.parse().ok();
    status
        .filter(|status| (100..600).contains(status))
        .ok_or_else(|| {
            Failed::new(format!(
                "`{text}` is no status of a response: those are numbers from 100 to 599"
            ))
        })
}

#[then(regex = r"^the response status is one of (\d+(?:(?:, ?| or |, or )\d+)*)$")]
fn status_is_one_of(world: &mut World, statuses: String) -> Result<(), Failed> {
    let actual = world.response()?.status().to_string();
    let listed = statuses.split(|c: char| !c.is_ascii_digit());
    let mut found = false;
    for status in listed.filter(|status| !status.is_empty()) {
        require_status(status)?;
        found |= status == actual;
    }
    if found {
        return Ok(());
    }
    Err(world.unexpected(differs(
        "the response status",
        &format!("one of {statuses}"),
        &actual,
    )))
}

#[then(expr = "the response header {string} is {string}")]
fn header_is(world: &mut World, name: String, expected: String) -> Result<(), Failed> {
    let (name, expected) = (world.text(&name)?, world.text(&expected)?);
    let values = header_values(world.response()?, &name)?;
    if values.join(", ") == expected {
        return Ok(());
    }
    Err(world.header_differs(&name, &show(expected.as_bytes()), &values))
}

#[then(expr = "the response header {string} contains {string}")]
fn header_contains(world: &mut World, name: String, part: String) -> Result<(), Failed> {
    let (name, part) = (world.text(&name)?, world.text(&part)?);
    let values = header_values(world.response()?, &name)?;
    if values.iter().any(|value| value.contains(&part)) {
        return Ok(());
    }
    let expected = format!("something with {}", show(part.as_bytes()));
    Err(world.header_differs(&name, &expected, &values))
}

#[then(expr = "the response header {string} matches {string}")]
fn header_matches(world: &mut World, name: String, pattern: String) -> Result<(), Failed> {
    let (name, pattern) = (world.text(&name)?, world.text(&pattern)?);
    let regex = compile_regex(&pattern).map_err(Failed::explained)?;
    let values = header_values(world.response()?, &name)?;
    if values.iter().any(|value| regex.is_match(value.as_bytes())) {
        return Ok(());
    }
    let expected = format!("a match of /{}/", visible(&pattern));
    Err(world.header_differs(&name, &expected, &values))
}

#[then(expr = "the response header {string} is absent")]
fn header_is_absent(world: &mut World, name: String) -> Result<(), Failed> {
    let name = world.text(&name)?;
    match world.response()?.header(&name) {
        None => Ok(()),
        Some(value) => Err(world.header_differs(&name, "no such header", &[value])),
    }
}

#[then(expr = "the response body is {string}")]
fn body_is(world: &mut World, expected: String) -> Result<(), Failed> {
    let expected = world.text(&expected)?;
    let expected = Expectation::parse(&expected, world.base_dir()?).map_err(Failed::explained)?;
    let actual = world.response()?.body();
    let Err(mismatch) = expected.check(actual) else {
        return Ok(());
    };
    let difference = match &expected {
        Expectation::Equals(value) => {
            difference("the response body", value.bytes(), actual, world.color())
        }
        _ => differs("the response body", &mismatch.expected, &mismatch.actual),
    };
    Err(world
        .unexpected(difference)
        .note(&mismatch.detail.unwrap_or_default()))
}

#[then(expr = "the response body is:")]
fn body_is_text(world: &mut World, step: &Step) -> Result<(), Failed> {
    let expected = world.doc_string(step)?;
    let actual = world.response()?.body();
    if actual == expected.as_bytes() {
        return Ok(());
    }
    Err(world.unexpected(difference(
        "the response body",
        expected.as_bytes(),
        actual,
        world.color(),
    )))
}

#[then(expr = "the response body contains {string}")]
fn body_contains(world: &mut World, part: String) -> Result<(), Failed> {
    let part = world.text(&part)?;
    let part = Value::parse(&part, world.base_dir()?).map_err(Failed::explained)?;
    let actual = world.response()?.body();
    if contains(actual, part.bytes()) {
        return Ok(());
    }
    let expected = format!("something with {}", show(part.bytes()));
    Err(world.unexpected(differs(
        "the response body",
        &expected,
        &show_searched(actual),
    )))
}

#[then(expr = "the response body matches {string}")]
fn body_matches(world: &mut World, pattern: String) -> Result<(), Failed> {
    let pattern = world.text(&pattern)?;
    let regex = compile_regex(&pattern).map_err(Failed::explained)?;
    let actual = world.response()?.body();
    if regex.is_match(actual) {
        return Ok(());
    }
    let expected = format!("a match of /{}/", visible(&pattern));
    Err(world.unexpected(differs(
        "the response body",
        &expected,
        &show_searched(actual),
    )))
}

#[then(expr = "the response body is empty")]
fn body_is_empty(world: &mut World) -> Result<(), Failed> {
    let actual = world.response()?.body();
    if actual.is_empty() {
        return Ok(());
    }
    Err(world.unexpected(differs("the response body", "nothing", &show(actual))))
}

#[then(regex = r"^the response took (\d+(?:\.\d+)? ?[A-Za-z]+)$")]
fn took(world: &mut World, time: String) -> Result<(), Failed> {
    let expected = parse_duration(&time).map_err(Failed::explained)?;
    let actual = world.response()?.took();
    if in_milliseconds(actual) == expected {
        return Ok(());
    }
    Err(world.unexpected(differs(
        "the time the response took",
        &show_duration(expected),
        &show_duration(in_milliseconds(actual)),
    )))
}

#[then(regex = r"^the response took at most (\d+(?:\.\d+)? ?[A-Za-z]+)$")]
fn took_at_most(world: &mut World, time: String) -> Result<(), Failed> {
    let expected = parse_duration(&time).map_err(Failed::explained)?;
    let actual = world.response()?.took();
    if in_milliseconds(actual) <= expected {
        return Ok(());
    }
    let expected = format!("at most {}", show_duration(expected));
    Err(world.unexpected(differs(
        "the time the response took",
        &expected,
        &show_duration(in_milliseconds(actual)),
    )))
}

impl World {
    /// A response that is not as expected: with what is known about why.
    pub(super) fn unexpected(&self, difference: String) -> Failed {
        let mut failed = Failed::new(difference);
        for reason in super::reasons::reasons(self) {
            failed = failed.note(&reason);
        }
        failed
    }

    fn header_differs(&self, name: &str, expected: &str, values: &[String]) -> Failed {
        let actual: Vec<_> = values
            .iter()
            .map(|value| show_searched(value.as_bytes()))
            .collect();
        self.unexpected(differs(
            &format!("the response header \"{name}\""),
            expected,
            &actual.join(" and "),
        ))
    }
}

/// Every value of a header; those that are no text are shown with replacements.
fn header_values(response: &Response, name: &str) -> Result<Vec<String>, Failed> {
    let values: Vec<_> = response
        .headers()
        .filter(|(other, _)| other.eq_ignore_ascii_case(name))
        .map(|(_, value)| String::from_utf8_lossy(value).into_owned())
        .collect();
    if values.is_empty() {
        return Err(no_such_header(response, name));
    }
    Ok(values)
}

pub(super) fn no_such_header(response: &Response, name: &str) -> Failed {
    let mut names: Vec<_> = response.headers().map(|(name, _)| name).collect();
    names.dedup();
    Failed::new(format!(
        "the response has no header \"{name}\"; it has {}",
        super::world::quoted(names)
    ))
}

pub(super) fn contains(text: &[u8], part: &[u8]) -> bool {
    // `windows` can't be of length 0, and everything contains nothing.
    part.is_empty() || text.windows(part.len()).any(|window| window == part)
}

/// As [`show`], with so much of a text that a person can see why something is not found in it.
pub(super) fn show_searched(value: &[u8]) -> String {
    const MAX: usize = 2_000;
    let shown = show(value);
    match std::str::from_utf8(value) {
        // Bytes that are UTF-8 by chance are shown as bytes.
        Ok(text) if shown.starts_with('"') => {
            let end = text.char_indices().nth(MAX).map(|(end, _)| end);
            let part = &text[..end.unwrap_or(text.len())];
            let part = part.replace('\\', "\\\\").replace('"', "\\\"");
            let part = visible(&part);
            match end {
                Some(_) => format!("\"{part}…\" ({} bytes)", text.len()),
                None => format!("\"{part}\""),
            }
        }
        _ => shown,
    }
}

/// What was expected and what came, below each other.
pub(super) fn differs(what: &str, expected: &str, actual: &str) -> String {
    format!("{what} is not as expected\n  expected: {expected}\n    actual: {actual}")
}

/// As [`differs`], as a diff by lines where the texts have several.
pub(super) fn difference(what: &str, expected: &[u8], actual: &[u8], color: bool) -> String {
    const ONE_LINE: usize = 80;
    if let (Ok(expected), Ok(actual)) = (std::str::from_utf8(expected), std::str::from_utf8(actual))
    {
        let short = |text: &str| text.len() <= ONE_LINE && !text.contains('\n');
        if !(short(expected) && short(actual)) {
            return format!(
                "{what} is not as expected\n{}",
                diff_text(expected, actual, color)
            );
        }
    }
    differs(what, &show(expected), &show(actual))
}

/// The resolution of virtual time; what is less counts as one more.
fn in_milliseconds(time: Duration) -> Duration {
    let whole = u64::try_from(time.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX);
    Duration::from_millis(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_searched_text_is_shown_as_any_other_but_longer() {
        for value in ["", "41", "a\n\"b\\\u{1b}", "\0"] {
            assert_eq!(show_searched(value.as_bytes()), show(value.as_bytes()));
        }
        assert_eq!(show_searched(&[0xff]), show(&[0xff]));
        let long = "é".repeat(2_000);
        assert_eq!(show_searched(long.as_bytes()), format!("\"{long}\""));
        let cut = show_searched(format!("{long}!").as_bytes());
        assert_eq!(cut, format!("\"{long}…\" (4001 bytes)"));
    }

    #[test]
    fn short_texts_stand_below_each_other_and_long_ones_are_a_diff() {
        assert_eq!(
            difference("x", b"41", b"42", false),
            "x is not as expected\n  expected: \"41\"\n    actual: \"42\""
        );
        let diff = difference("x", b"a\nb", b"a\nc", false);
        assert!(diff.contains("\n-b\n+c"), "{diff}");
    }

    #[test]
    fn nothing_is_in_everything() {
        assert!(
            contains(b"", b"")
                && contains(b"ab", b"b")
                && !contains(b"ab", b"c")
                && !contains(b"", b"a")
        );
    }
}
