//! Then steps about what the SQLite databases hold.

use super::given_databases::require_shared;
use super::{Failed, World};
use crate::diff::diff_rows;
use crate::sandbox::{Rows, Session, SqlValue};
use crate::value::Expectation;
use base64::Engine as _;
use cucumber::gherkin::Step;
use cucumber::then;

#[then(expr = "the query {string} on the SQLite database {string} returns:")]
fn returns(world: &mut World, query: String, label: String, step: &Step) -> Result<(), Failed> {
    let (query, label) = (world.text(&query)?, world.text(&label)?);
    let (headings, expected) = world.free_table(step)?;
    let found = rows_of(world.session()?, &label, &query)?;
    if headings != found.columns {
        return Err(Failed::new(format!(
            "the columns of `{query}` are | {} |, and not | {} |",
            found.columns.join(" | "),
            headings.join(" | ")
        )));
    }
    let folder = world.base_dir()?.to_owned();
    let cells = expected.iter().map(|row| {
        let cells = row.iter().map(|cell| Cell::parse(cell, &folder));
        cells.collect::<Result<Vec<_>, _>>()
    });
    let cells = cells.collect::<Result<Vec<_>, Failed>>()?;
    let fits = |row: &[Cell], values: &[SqlValue]| {
        let mut pairs = row.iter().zip(values);
        pairs.all(|(cell, value)| cell.fits(value))
    };
    let mut rows = cells.iter().zip(&found.rows);
    if cells.len() == found.rows.len() && rows.all(|(row, values)| fits(row, values)) {
        return Ok(());
    }
    // A cell that fits is shown as what stands there, so that only what differs is marked.
    let expected: Vec<Vec<String>> = expected
        .into_iter()
        .zip(&cells)
        .enumerate()
        .map(|(at, (row, cells))| match found.rows.get(at) {
            Some(values) if fits(cells, values) => texts(values),
            _ => row,
        })
        .collect();
    let actual: Vec<Vec<String>> = found.rows.iter().map(|row| texts(row)).collect();
    Err(Failed::new(format!(
        "`{query}` does not return what is expected\n{}",
        diff_rows(&expected, &actual, &headings, world.color())
    )))
}

#[then(expr = "the query {string} on the SQLite database {string} returns nothing")]
fn returns_nothing(world: &mut World, query: String, label: String) -> Result<(), Failed> {
    let (query, label) = (world.text(&query)?, world.text(&label)?);
    let found = rows_of(world.session()?, &label, &query)?;
    if found.rows.is_empty() {
        return Ok(());
    }
    let none: [Vec<String>; 0] = [];
    let actual: Vec<Vec<String>> = found.rows.iter().map(|row| texts(row)).collect();
    Err(Failed::new(format!(
        "`{query}` returns something\n{}",
        diff_rows(&none, &actual, &found.columns, world.color())
    )))
}

fn rows_of(session: &Session, label: &str, query: &str) -> Result<Rows, Failed> {
    require_shared(session, label)?;
    Ok(session.query_sql(label, query)?)
}

/// All tables of a database with their rows, for a snapshot.
pub(super) fn content(session: &Session, label: &str) -> Result<Vec<(String, Rows)>, Failed> {
    let names = rows_of(
        session,
        label,
        "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name",
    )?;
    let mut tables = Vec::new();
    for name in names.rows.into_iter().flatten() {
        let SqlValue::Text(name) = name else { continue };
        let quoted = name.replace('"', "\"\"");
        let rows = rows_of(session, label, &format!("select * from \"{quoted}\""))?;
        tables.push((name, rows));
    }
    Ok(tables)
}

/// A row as a table shows it.
pub(super) fn texts(row: &[SqlValue]) -> Vec<String> {
    row.iter().map(text).collect()
}

fn text(value: &SqlValue) -> String {
    match value {
        SqlValue::Null => "null".to_owned(),
        SqlValue::Integer(number) => number.to_string(),
        SqlValue::Real(number) => format!("{number:?}"),
        // A text that a table would take for something else is written as one.
        SqlValue::Text(text) if text == "null" => "text:null".to_owned(),
        SqlValue::Text(text) => text.clone(),
        SqlValue::Blob(bytes) => {
            let base64 = base64::engine::general_purpose::STANDARD.encode(bytes);
            format!("base64:{base64}")
        }
    }
}

/// What a cell of the expected table asks for.
enum Cell {
    Null,
    Value(Expectation),
}

impl Cell {
    fn parse(cell: &str, folder: &std::path::Path) -> Result<Self, Failed> {
        if cell == "null" {
            return Ok(Self::Null);
        }
        let expectation = Expectation::parse(cell, folder);
        expectation.map(Self::Value).map_err(Failed::explained)
    }

    fn fits(&self, value: &SqlValue) -> bool {
        match (self, value) {
            (Self::Null, value) => *value == SqlValue::Null,
            (Self::Value(_), SqlValue::Null) => false,
            (Self::Value(expected), SqlValue::Blob(bytes)) => expected.is_met_by(bytes),
            (Self::Value(expected), SqlValue::Text(text)) => expected.is_met_by(text.as_bytes()),
            (Self::Value(expected), number) => expected.is_met_by(text(number).as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn cells_fit_values_of_every_type() {
        let fits =
            |cell: &str, value: SqlValue| Cell::parse(cell, Path::new("")).unwrap().fits(&value);
        assert!(fits("null", SqlValue::Null));
        assert!(!fits("null", SqlValue::Text("null".into())));
        assert!(fits("text:null", SqlValue::Text("null".into())));
        assert!(!fits("", SqlValue::Null));
        assert!(fits("", SqlValue::Text(String::new())));
        assert!(fits("41", SqlValue::Integer(41)));
        assert!(!fits("41", SqlValue::Integer(42)));
        assert!(fits("1.5", SqlValue::Real(1.5)));
        assert!(fits("base64:AAE=", SqlValue::Blob(vec![0, 1])));
        assert!(fits("json:{\"a\": 1}", SqlValue::Text("{\"a\":1}".into())));
        assert!(fits("matches:^a.c$", SqlValue::Text("abc".into())));
    }

    #[test]
    fn every_value_reads_back_as_it_is_shown() {
        for value in [
            SqlValue::Null,
            SqlValue::Integer(-1),
            SqlValue::Real(1.0),
            SqlValue::Text("null".into()),
            SqlValue::Text("a b".into()),
            SqlValue::Blob(vec![255]),
        ] {
            let cell = Cell::parse(&text(&value), Path::new("")).unwrap();
            assert!(cell.fits(&value), "{value:?}");
        }
    }
}
