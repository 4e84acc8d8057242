//! Then steps about the responses to several requests at once.

use super::then_response::require_status;
use super::world::number;
use super::{Failed, World};
use crate::value::{Expectation, show};
use cucumber::gherkin::Step;
use cucumber::then;
use std::collections::BTreeMap;

#[then(expr = "every response status is {int}")]
fn every_status(world: &mut World, status: String) -> Result<(), Failed> {
    let status = require_status(&status)?;
    let statuses = world.statuses()?;
    if statuses.keys().eq([&status]) {
        return Ok(());
    }
    Err(world.unexpected(format!(
        "not every response has status {status}: {}",
        counted(&statuses)
    )))
}

#[then(expr = "{int} response(s) has/have status {int}")]
fn so_many_have_status(world: &mut World, count: String, status: String) -> Result<(), Failed> {
    let count: usize = number(&count, "a number of responses")?;
    let status = require_status(&status)?;
    let statuses = world.statuses()?;
    let actual = statuses.get(&status).copied().unwrap_or(0);
    if actual == count {
        return Ok(());
    }
    let have = match actual {
        1 => "response has",
        _ => "responses have",
    };
    Err(world.unexpected(format!(
        "{actual} {have} status {status}, and not {count}; there were {}",
        counted(&statuses)
    )))
}

#[then(expr = "the response bodies are, in any order:")]
fn bodies_are(world: &mut World, step: &Step) -> Result<(), Failed> {
    world.statuses()?;
    let folder = world.base_dir()?;
    let expected = world
        .list(step)?
        .iter()
        .map(|cell| Expectation::parse(cell, folder))
        .collect::<Result<Vec<_>, _>>()
        .map_err(Failed::explained)?;
    let actual: Vec<_> = world
        .responses()
        .map(|response| response.body().as_ref())
        .collect();
    let pairs = pair(&expected, &actual);
    let missing: Vec<_> = (0..expected.len())
        .filter(|index| !pairs.contains(&Some(*index)))
        .map(|index| format!("\n  - {}", expected[index]))
        .collect();
    let surplus: Vec<_> = pairs
        .iter()
        .zip(&actual)
        .filter(|(pair, _)| pair.is_none())
        .map(|(_, body)| format!("\n  + {}", show(body)))
        .collect();
    if missing.is_empty() && surplus.is_empty() {
        return Ok(());
    }
    let mut message = "the response bodies are not as expected (- expected, + actual):".to_owned();
    message.extend(missing);
    message.extend(surplus);
    Err(world.unexpected(message))
}

impl World {
    /// How many responses have which status.
    fn statuses(&self) -> Result<BTreeMap<u16, usize>, Failed> {
        let mut statuses = BTreeMap::new();
        for response in self.responses() {
            *statuses.entry(response.status()).or_default() += 1;
        }
        if statuses.is_empty() {
            return Err(Failed::new(
                "there is no response yet: send requests first, such as `When 10 clients send POST \"/\" at once`",
            ));
        }
        Ok(statuses)
    }
}

fn counted(statuses: &BTreeMap<u16, usize>) -> String {
    let counts: Vec<_> = statuses
        .iter()
        .map(|(status, count)| format!("{count} × {status}"))
        .collect();
    counts.join(", ")
}

/// For each body the expectation that is paired with it; as many pairs as there can be.
///
/// A pattern may fit several bodies, so an earlier pair gives way where its body finds another expectation.
fn pair(expected: &[Expectation], actual: &[&[u8]]) -> Vec<Option<usize>> {
    fn place(
        index: usize,
        fits: &[Vec<bool>],
        tried: &mut [bool],
        pairs: &mut [Option<usize>],
    ) -> bool {
        for body in 0..pairs.len() {
            if !fits[index][body] || std::mem::replace(&mut tried[body], true) {
                continue;
            }
            if pairs[body].is_none_or(|other| place(other, fits, tried, pairs)) {
                pairs[body] = Some(index);
                return true;
            }
        }
        false
    }
    let fits: Vec<Vec<_>> = expected
        .iter()
        .map(|expected| actual.iter().map(|body| expected.is_met_by(body)).collect())
        .collect();
    let mut pairs = vec![None; actual.len()];
    for index in 0..expected.len() {
        place(index, &fits, &mut vec![false; actual.len()], &mut pairs);
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn a_pattern_gives_way_to_what_fits_only_one() {
        let expected: Vec<_> = ["matches:.", "a", "matches:[bc]"]
            .iter()
            .map(|cell| Expectation::parse(cell, Path::new("")).unwrap())
            .collect();
        let actual: [&[u8]; 3] = [b"a", b"b", b"c"];
        let mut pairs = pair(&expected, &actual);
        assert_eq!(pairs[0], Some(1));
        pairs.sort();
        assert_eq!(pairs, [Some(0), Some(1), Some(2)]);
        assert_eq!(
            pair(&expected, &[b"x", b"x", b"a"])
                .iter()
                .flatten()
                .count(),
            2
        );
    }
}
