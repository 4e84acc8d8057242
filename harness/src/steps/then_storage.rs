//! Then steps about what the stores hold.

use super::table::Column;
use super::then_response::{contains, difference, differs, show_searched};
use super::world::{number, quoted};
use super::{Failed, World};
use crate::diff::diff_rows;
use crate::storage::Store;
use crate::value::{Expectation, Value, compile_regex, show, visible};
use bytes::Bytes;
use cucumber::gherkin::Step;
use cucumber::then;
use std::collections::BTreeMap;

/// Keys that a message names.
const KEYS_SHOWN: usize = 10;

#[then(expr = "the key-value store {string} contains:")]
fn store_contains(world: &mut World, label: String, step: &Step) -> Result<(), Failed> {
    world.compare_store(&label, step, false)
}

#[then(expr = "the key-value store {string} contains exactly:")]
fn store_contains_exactly(world: &mut World, label: String, step: &Step) -> Result<(), Failed> {
    world.compare_store(&label, step, true)
}

#[then(expr = "the key {string} of store {string} is {string}")]
fn key_is(world: &mut World, key: String, label: String, expected: String) -> Result<(), Failed> {
    let expected = world.text(&expected)?;
    let expected = Expectation::parse(&expected, world.base_dir()?).map_err(Failed::explained)?;
    let (what, actual) = world.stored(&key, &label)?;
    let Err(mismatch) = expected.check(&actual) else {
        return Ok(());
    };
    let difference = match &expected {
        Expectation::Equals(value) => difference(&what, value.bytes(), &actual, world.color()),
        _ => differs(&what, &mismatch.expected, &mismatch.actual),
    };
    Err(Failed::new(difference).note(&mismatch.detail.unwrap_or_default()))
}

#[then(expr = "the key {string} of store {string} contains {string}")]
fn key_contains(world: &mut World, key: String, label: String, part: String) -> Result<(), Failed> {
    let part = world.text(&part)?;
    let part = Value::parse(&part, world.base_dir()?).map_err(Failed::explained)?;
    let (what, actual) = world.stored(&key, &label)?;
    if contains(&actual, part.bytes()) {
        return Ok(());
    }
    let expected = format!("something with {}", show(part.bytes()));
    Err(Failed::new(differs(
        &what,
        &expected,
        &show_searched(&actual),
    )))
}

#[then(expr = "the key {string} of store {string} matches {string}")]
fn key_matches(
    world: &mut World,
    key: String,
    label: String,
    pattern: String,
) -> Result<(), Failed> {
    let pattern = world.text(&pattern)?;
    let regex = compile_regex(&pattern).map_err(Failed::explained)?;
    let (what, actual) = world.stored(&key, &label)?;
    if regex.is_match(&actual) {
        return Ok(());
    }
    let expected = format!("a match of /{}/", visible(&pattern));
    Err(Failed::new(differs(
        &what,
        &expected,
        &show_searched(&actual),
    )))
}

#[then(expr = "the key-value store {string} has no key {string}")]
fn has_no_key(world: &mut World, label: String, key: String) -> Result<(), Failed> {
    let (label, key) = (world.text(&label)?, world.text(&key)?);
    let found = world
        .session()?
        .with_store(&label, |store| store.value(&key).cloned())?;
    match found {
        None => Ok(()),
        Some(value) => Err(Failed::new(format!(
            "the key-value store \"{label}\" has the key {}: its value is {}",
            show(key.as_bytes()),
            show(&value)
        ))),
    }
}

#[then(expr = "the key-value store {string} is empty")]
fn is_empty(world: &mut World, label: String) -> Result<(), Failed> {
    let label = world.text(&label)?;
    world.session()?.with_store(&label, |store| {
        if store.is_empty() {
            return Ok(());
        }
        Err(Failed::new(format!(
            "the key-value store \"{label}\" is not empty: {}",
            holdings(store)
        )))
    })?
}

#[then(expr = "the key-value store {string} holds {int} tuple(s)")]
fn holds(world: &mut World, label: String, count: String) -> Result<(), Failed> {
    let label = world.text(&label)?;
    let count: usize = number(&count, "a number of tuples")?;
    world.session()?.with_store(&label, |store| {
        if store.len() == count {
            return Ok(());
        }
        let what = format!("the number of tuples in the key-value store \"{label}\"");
        let difference = differs(&what, &count.to_string(), &store.len().to_string());
        Err(Failed::new(difference).note(&holdings(store)))
    })?
}

#[then(expr = "the key-value store {string} is unchanged")]
fn is_unchanged(world: &mut World, label: String) -> Result<(), Failed> {
    let (label, color) = (world.text(&label)?, world.color());
    let session = world.session()?.clone();
    let given = world.given_store(&label)?;
    session.with_store(&label, |store| {
        if store.tuples().eq(given.tuples()) {
            return Ok(());
        }
        let rows = |store: &Store| {
            store
                .tuples()
                .map(|(key, value)| row(key, show(value)))
                .collect::<Vec<_>>()
        };
        Err(Failed::new(format!(
            "the key-value store \"{label}\" is not as the Given steps made it\n{}",
            diff_rows(&rows(given), &rows(store), &["key", "value"], color)
        )))
    })?
}

impl World {
    fn compare_store(&mut self, label: &str, step: &Step, exactly: bool) -> Result<(), Failed> {
        let (label, color) = (self.text(label)?, self.color());
        let expected = self.expected_tuples(step)?;
        let what = format!("the key-value store \"{label}\"");
        self.session()?.with_store(&label, |store| {
            compare_content(&what, &expected, store, exactly, color)
        })?
    }

    /// The tuples of a table: a key and what its value must be.
    pub(super) fn expected_tuples(&self, step: &Step) -> Result<Expected, Failed> {
        let folder = self.base_dir()?;
        let mut expected = BTreeMap::new();
        for [key, value] in self
            .table(step, [Column::Needed("key"), Column::Needed("value")])?
            .rows
        {
            let value = Expectation::parse(&value, folder).map_err(Failed::explained)?;
            if expected.insert(key.clone(), value).is_some() {
                return Err(Failed::new(format!("the table has the key {key:?} twice")));
            }
        }
        Ok(expected)
    }

    /// What a key of a store is called in messages, and its value.
    fn stored(&mut self, key: &str, label: &str) -> Result<(String, Bytes), Failed> {
        let (key, label) = (self.text(key)?, self.text(label)?);
        let what = format!("the key {} of store \"{label}\"", show(key.as_bytes()));
        self.session()?
            .with_store(&label, |store| match store.value(&key) {
                Some(value) => Ok((what, value.clone())),
                None => Err(Failed::new(format!(
                    "{what} does not exist: {}",
                    holdings(store)
                ))),
            })?
    }
}

/// What the values of keys must be.
pub(super) type Expected = BTreeMap<String, Expectation>;

/// Whether a store holds what is expected, and nothing else where that is all of it.
pub(super) fn compare_content(
    what: &str,
    expected: &Expected,
    store: &Store,
    exactly: bool,
    color: bool,
) -> Result<(), Failed> {
    let met = expected.iter().all(|(key, expected)| {
        store
            .value(key)
            .is_some_and(|value| expected.is_met_by(value))
    });
    if met && (!exactly || store.len() == expected.len()) {
        return Ok(());
    }
    let (rows, details) = compare(expected, store, exactly);
    let difference = diff_rows(&rows.expected, &rows.actual, &["key", "value"], color);
    let what = format!("{what} does not contain what is expected\n{difference}");
    Err(Failed::new(what).note(&details))
}

struct Rows {
    expected: Vec<Vec<String>>,
    actual: Vec<Vec<String>>,
}

/// The rows to compare, equal where an expectation is met; and how JSON differs.
fn compare(
    expected: &BTreeMap<String, Expectation>,
    store: &Store,
    exactly: bool,
) -> (Rows, String) {
    let mut details = String::new();
    let mut rows = Rows {
        expected: Vec::new(),
        actual: Vec::new(),
    };
    for (key, expectation) in expected {
        let shown = match store
            .value(key)
            .map(|value| (value, expectation.check(value)))
        {
            Some((value, Ok(()))) => show(value),
            Some((_, Err(mismatch))) => {
                if let Some(detail) = mismatch.detail {
                    details.push_str(&format!("\n{}: {detail}", show(key.as_bytes())));
                }
                mismatch.expected
            }
            None => expectation.to_string(),
        };
        rows.expected.push(row(key, shown));
    }
    for (key, value) in store.tuples() {
        if exactly || expected.contains_key(key) {
            rows.actual.push(row(key, show(value)));
        }
    }
    (rows, details.trim_start().to_owned())
}

fn row(key: &str, value: String) -> Vec<String> {
    vec![key.to_owned(), value]
}

fn holdings(store: &Store) -> String {
    match store.len() {
        0 => "the store is empty".to_owned(),
        len @ ..=KEYS_SHOWN => {
            let keys = quoted(store.tuples().map(|(key, _)| key));
            format!(
                "it holds {len} {}: {keys}",
                if len == 1 { "tuple" } else { "tuples" }
            )
        }
        len => {
            let keys = quoted(store.tuples().take(KEYS_SHOWN).map(|(key, _)| key));
            format!("it holds {len} tuples: {keys} …")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn what_is_met_looks_the_same_on_both_sides() {
        let mut store = Store::default();
        store.put("a", r#"{"x": 1}"#);
        store.put("b", "2");
        let expected = [("a", r#"json:{"x":1.0}"#), ("c", "matches:^3")]
            .map(|(key, cell)| {
                (
                    key.to_owned(),
                    Expectation::parse(cell, Path::new("")).unwrap(),
                )
            })
            .into();
        let (rows, _) = compare(&expected, &store, false);
        assert_eq!(rows.expected[0], rows.actual[0]);
        assert_eq!(rows.expected[1], ["c", "a match of /^3/"]);
        assert_eq!(rows.actual.len(), 1, "other keys do not matter");
        let (rows, _) = compare(&expected, &store, true);
        assert_eq!(rows.actual.len(), 2);
    }
}
