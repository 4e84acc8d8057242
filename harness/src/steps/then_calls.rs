//! Then steps about the calls that guests made on storage.

use super::table::Column;
use super::world::number;
use super::{Failed, World};
use crate::diff::diff_rows;
use crate::sandbox::{AnyOperation, Call};
use crate::storage::{Error, Operation};
use crate::value::{compile_regex, times};
use cucumber::gherkin::Step;
use cucumber::then;
use regex::bytes::Regex;
use std::borrow::Cow;

/// The columns of a table of calls.
const COLUMNS: [&str; 5] = ["component", "operation", "store", "key", "outcome"];
const OPERATION: usize = 1;
const OUTCOME: usize = 4;

/// Two lists longer than this are compared row by row: pairing them best takes the product of their lengths.
const MAX_PAIRED: usize = 1_000;

#[then(expr = "the storage calls are:")]
fn storage_calls_are(world: &mut World, step: &Step) -> Result<(), Failed> {
    calls_are(world, step, Of::Storage)
}

#[then(expr = "the service calls are:")]
fn service_calls_are(world: &mut World, step: &Step) -> Result<(), Failed> {
    calls_are(world, step, Of::Services)
}

/// Which calls a table is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    /// Those on key-value stores.
    Storage,
    /// Those on all other services that faults can hit.
    Services,
}

impl Of {
    fn takes_in(self, call: &Call) -> bool {
        let of_store = |operation: AnyOperation| operation.of_store().is_some();
        call.operation()
            .is_some_and(|operation| of_store(operation) == (self == Self::Storage))
    }

    fn name(self) -> &'static str {
        match self {
            Self::Storage => "storage",
            Self::Services => "service",
        }
    }
}

fn calls_are(world: &mut World, step: &Step, of: Of) -> Result<(), Failed> {
    let table = world.table(step, COLUMNS.map(Column::Optional))?;
    let expected = table
        .rows
        .into_iter()
        .map(|row| ExpectedCall::parse(row, of))
        .collect::<Result<Vec<_>, _>>()?;
    let color = world.color();
    world.session()?.with_journal(|journal| {
        let calls = journal.calls().iter();
        let actual: Vec<_> = calls.filter(|call| of.takes_in(call)).collect();
        let mut pairs = expected.iter().zip(&actual);
        if actual.len() == expected.len() && pairs.all(|(expected, call)| expected.fits(call)) {
            return Ok(());
        }
        let shown: Vec<_> = (0..COLUMNS.len())
            .filter(|column| table.has[*column])
            .collect();
        let row = |cells: [Cow<'_, str>; COLUMNS.len()]| -> Vec<String> {
            shown
                .iter()
                .map(|column| cells[*column].clone().into_owned())
                .collect()
        };
        let pairs = pair(&expected, &actual);
        let expected_rows: Vec<_> = expected
            .iter()
            .zip(pairs)
            .map(|(expected, pair)| match pair {
                Some(index) => row(cells(actual[index])),
                None => row(expected.cells()),
            })
            .collect();
        let actual_rows: Vec<_> = actual.iter().map(|call| row(cells(call))).collect();
        let headings: Vec<_> = shown.iter().map(|column| COLUMNS[*column]).collect();
        Err(Failed::new(format!(
            "the {} calls are not as expected\n{}",
            of.name(),
            diff_rows(&expected_rows, &actual_rows, &headings, color)
        )))
    })
}

#[then(expr = "{string} was called {int} time(s) on store {string}")]
fn was_called_on(
    world: &mut World,
    operation: String,
    count: String,
    store: String,
) -> Result<(), Failed> {
    world.expect_calls(
        &operation,
        number(&count, "a number of calls")?,
        Some(&store),
    )
}

#[then(expr = "{string} was called {int} time(s)")]
fn was_called(world: &mut World, operation: String, count: String) -> Result<(), Failed> {
    world.expect_calls(&operation, number(&count, "a number of calls")?, None)
}

#[then(expr = "{string} was never called on store {string}")]
fn was_never_called_on(world: &mut World, operation: String, store: String) -> Result<(), Failed> {
    world.expect_calls(&operation, 0, Some(&store))
}

#[then(expr = "{string} was never called")]
fn was_never_called(world: &mut World, operation: String) -> Result<(), Failed> {
    world.expect_calls(&operation, 0, None)
}

impl World {
    fn expect_calls(
        &mut self,
        operation: &str,
        expected: usize,
        store: Option<&str>,
    ) -> Result<(), Failed> {
        let operation: AnyOperation = self.text(operation)?.parse()?;
        let store = store.map(|store| self.text(store)).transpose()?;
        if let (Some(store), Some(family)) = (&store, operation.family())
            && family.label_words.is_none()
        {
            return Err(Failed::new(format!(
                "\"{operation}\" is made on nothing that has a label, such as \"{store}\"; leave `on store` out"
            )));
        }
        let store = store.map(|store| operation.normal_label(&store));
        self.session()?.with_journal(|journal| {
            let calls: Vec<_> = journal
                .calls()
                .iter()
                .filter(|call| call.operation() == Some(operation))
                .filter(|call| store.as_deref().is_none_or(|store| *call.store == *store))
                .collect();
            if calls.len() == expected {
                return Ok(());
            }
            let on = store
                .as_ref()
                .map_or_else(String::new, |store| format!(" on store \"{store}\""));
            let mut failed = Failed::new(format!(
                "\"{operation}\" was called {} and not {}{on}",
                times(calls.len()),
                times(expected)
            ));
            for call in calls.iter().take(10) {
                failed = failed.note(&format!("  {}", described(call)));
            }
            Err(failed)
        })
    }
}

/// A row of the expected table: an empty cell fits anything.
struct ExpectedCall([Cell; COLUMNS.len()]);

enum Cell {
    Any,
    Is(String),
    Matches(Box<Regex>, String),
}

impl ExpectedCall {
    fn parse(cells: [String; COLUMNS.len()], of: Of) -> Result<Self, Failed> {
        let mut read = [const { Cell::Any }; COLUMNS.len()];
        for (column, (cell, text)) in read.iter_mut().zip(cells).enumerate() {
            *cell = Cell::parse(column, text, of)?;
        }
        Ok(Self(read))
    }

    fn fits(&self, call: &Call) -> bool {
        self.0
            .iter()
            .zip(cells(call))
            .all(|(cell, actual)| match cell {
                Cell::Any => true,
                Cell::Is(text) => *text == *actual,
                Cell::Matches(regex, _) => regex.is_match(actual.as_bytes()),
            })
    }

    fn cells(&self) -> [Cow<'_, str>; COLUMNS.len()] {
        self.0.each_ref().map(|cell| match cell {
            Cell::Any => Cow::Borrowed("(any)"),
            Cell::Is(text) | Cell::Matches(_, text) => Cow::Borrowed(text.as_str()),
        })
    }
}

impl Cell {
    /// Operations and outcomes are of a fixed set: a mistyped one would only never fit.
    fn parse(column: usize, text: String, of: Of) -> Result<Self, Failed> {
        if text.is_empty() {
            return Ok(Self::Any);
        }
        if let Some(pattern) = text.strip_prefix("matches:") {
            let regex = compile_regex(pattern).map_err(Failed::explained)?;
            return Ok(Self::Matches(Box::new(regex), text));
        }
        Ok(Self::Is(match (column, text.as_str()) {
            (OPERATION, name) if of == Of::Storage => name.parse::<Operation>()?.name().to_owned(),
            (OPERATION, name) => name.parse::<AnyOperation>()?.name().to_owned(),
            // Every service has outcomes of its own.
            (OUTCOME, _) if of == Of::Services => text,
            (OUTCOME, "ok" | "trap" | "cancelled") => text,
            (OUTCOME, error) => error
                .parse::<Error>()
                .map_err(|unknown| {
                    Failed::from(unknown).note("an outcome may also be `ok`, `trap` or `cancelled`")
                })?
                .to_string(),
            _ => text,
        }))
    }
}

/// A call in the columns of a table.
fn cells(call: &Call) -> [Cow<'_, str>; COLUMNS.len()] {
    [
        Cow::Borrowed(&*call.component),
        match call.operation() {
            Some(operation) => Cow::Borrowed(operation.name()),
            None => call.operation_name(),
        },
        Cow::Borrowed(&*call.store),
        Cow::Borrowed(&*call.key),
        Cow::Owned(call.outcome.to_string()),
    ]
}

/// The calls so far in the columns of a table, for snapshots.
pub(super) fn snapshot_rows<'a>(calls: impl Iterator<Item = &'a Call>) -> Vec<Vec<String>> {
    let headings = COLUMNS.map(str::to_owned).to_vec();
    std::iter::once(headings)
        .chain(calls.map(|call| cells(call).map(Cow::into_owned).to_vec()))
        .collect()
}

/// A call as a sentence of a message.
pub(super) fn described(call: &Call) -> String {
    let operation = call.operation();
    let (of, on) = operation.map_or(("of key", "on store"), AnyOperation::words);
    let key = match &*call.key {
        "" => String::new(),
        key => format!(" {of} \"{}\"", crate::value::visible(key)),
    };
    let on = match (call.storage_operation(), &*call.store) {
        (None, "") => String::new(),
        (_, label) => format!(" {on} \"{label}\""),
    };
    format!(
        "\"{}\"{key}{on} by component \"{}\": {}",
        operation.map_or("", AnyOperation::name),
        call.component,
        crate::value::visible(&call.outcome.to_string())
    )
}

/// For each expected call the actual one it is paired with, in order, as many as can be: the longest common subsequence.
fn pair(expected: &[ExpectedCall], actual: &[&Call]) -> Vec<Option<usize>> {
    let (rows, columns) = (expected.len(), actual.len());
    if rows > MAX_PAIRED || columns > MAX_PAIRED {
        let fits = |index: usize| {
            actual
                .get(index)
                .is_some_and(|call| expected[index].fits(call))
        };
        return (0..rows)
            .map(|index| fits(index).then_some(index))
            .collect();
    }
    // longest[i][j]: pairs among expected[i..] and actual[j..].
    let mut longest = vec![vec![0_u32; columns + 1]; rows + 1];
    for i in (0..rows).rev() {
        for j in (0..columns).rev() {
            longest[i][j] = if expected[i].fits(actual[j]) {
                longest[i + 1][j + 1] + 1
            } else {
                longest[i + 1][j].max(longest[i][j + 1])
            };
        }
    }
    let mut pairs = vec![None; rows];
    let (mut i, mut j) = (0, 0);
    while i < rows && j < columns {
        if expected[i].fits(actual[j]) {
            pairs[i] = Some(j);
            (i, j) = (i + 1, j + 1);
        } else if longest[i + 1][j] >= longest[i][j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::sandbox::{Interface, Outcome, Service};
    use std::sync::Arc;
    use std::time::Duration;

    pub fn call(operation: Operation, key: &str) -> Call {
        Call {
            sequence: 1,
            time: Duration::ZERO,
            component: Arc::from("api"),
            instance: 1,
            service: Service::KeyValue(Interface::KeyValue2, operation),
            store: Arc::from("default"),
            key: key.to_owned(),
            size: 0,
            outcome: Outcome::Ok,
            ordinal: 1,
            entries: 0,
            changes: crate::sandbox::Changes::of_store(operation),
            can_fail: true,
            injected: false,
            fault: None,
            denied_to: None,
            note: None,
        }
    }

    fn expected(operation: &str, key: &str, outcome: &str) -> Result<ExpectedCall, Failed> {
        ExpectedCall::parse(
            ["", operation, "", key, outcome].map(str::to_owned),
            Of::Storage,
        )
    }

    #[test]
    fn an_empty_cell_fits_anything_and_a_mistyped_one_is_refused() {
        let set = call(Operation::Set, "user:1");
        assert!(expected("", "", "").unwrap().fits(&set));
        assert!(expected("set", "matches:^user:", "ok").unwrap().fits(&set));
        assert!(!expected("get", "", "").unwrap().fits(&set));
        assert!(
            !expected("set", "user:1", "other: disk full")
                .unwrap()
                .fits(&set)
        );
        assert!(expected("sett", "", "").is_err());
        assert!(expected("set", "", "okay").is_err());
    }

    #[test]
    fn calls_are_paired_in_order() {
        let calls = [
            call(Operation::Open, ""),
            call(Operation::Get, "a"),
            call(Operation::Set, "a"),
        ];
        let actual: Vec<_> = calls.iter().collect();
        let rows: Vec<_> = ["get", "delete", "set"]
            .map(|name| expected(name, "", "").unwrap())
            .into();
        assert_eq!(pair(&rows, &actual), [Some(1), None, Some(2)]);
    }
}
