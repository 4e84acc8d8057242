//! The tables and doc strings below a step.

use super::{Failed, World};
use crate::value;
use cucumber::gherkin::Step;

/// A column that a step's table may have.
#[derive(Clone, Copy, Debug)]
pub(super) enum Column {
    /// The table must have it.
    Needed(&'static str),
    /// Without it, its cells are empty.
    Optional(&'static str),
}

impl Column {
    fn name(self) -> &'static str {
        match self {
            Self::Needed(name) | Self::Optional(name) => name,
        }
    }
}

/// A table's rows; the cells in the order of the columns asked for, whatever order the table has them in.
#[derive(Clone, Debug)]
pub(super) struct Table<const N: usize> {
    pub rows: Vec<[String; N]>,
    /// Which of the columns the table has.
    pub has: [bool; N],
}

impl World {
    /// The table below a step with whatever columns it has: their names and the rows; remembered values are filled in.
    pub(super) fn free_table(
        &self,
        step: &Step,
    ) -> Result<(Vec<String>, Vec<Vec<String>>), Failed> {
        let table = step.table.as_ref().filter(|table| !table.rows.is_empty());
        let Some((headings, rows)) = table.and_then(|table| table.rows.split_first()) else {
            return Err(Failed::new(
                "this step needs a table below it, which begins with the names of the columns",
            ));
        };
        let filled = |row: &Vec<String>| {
            let cells = row.iter().map(|cell| self.interpolate(cell));
            cells.collect::<Result<Vec<_>, _>>()
        };
        let rows = rows.iter().map(filled).collect::<Result<_, _>>()?;
        Ok((headings.clone(), rows))
    }

    /// The table below a step, whose first row names its columns; remembered values are filled in.
    pub(super) fn table<const N: usize>(
        &self,
        step: &Step,
        columns: [Column; N],
    ) -> Result<Table<N>, Failed> {
        let usual = || {
            let names = columns.map(Column::name);
            format!("| {} |", names.join(" | "))
        };
        let table = step.table.as_ref().filter(|table| !table.rows.is_empty());
        let Some((headings, rows)) = table.and_then(|table| table.rows.split_first()) else {
            return Err(Failed::new(format!(
                "this step needs a table below it, which begins with the headings {}",
                usual()
            )));
        };
        let mut places = [None; N];
        for (place, heading) in headings.iter().enumerate() {
            let Some(column) = columns.iter().position(|column| column.name() == heading) else {
                return Err(Failed::new(format!(
                    "the table has the heading \"{}\"; this step knows {}",
                    value::visible(heading),
                    usual()
                )));
            };
            if places[column].replace(place).is_some() {
                return Err(Failed::new(format!(
                    "the table has the heading \"{heading}\" twice"
                )));
            }
        }
        for (column, place) in columns.iter().zip(places) {
            if let (Column::Needed(name), None) = (column, place) {
                return Err(Failed::new(format!(
                    "the table lacks the heading \"{name}\"; this step knows {}",
                    usual()
                )));
            }
        }
        let mut read = Vec::with_capacity(rows.len());
        for row in rows {
            let mut cells = std::array::from_fn(|_| String::new());
            for (cell, place) in cells.iter_mut().zip(places) {
                if let Some(text) = place.and_then(|place| row.get(place)) {
                    *cell = self.interpolate(text)?;
                }
            }
            read.push(cells);
        }
        Ok(Table {
            rows: read,
            has: places.map(|place| place.is_some()),
        })
    }

    /// The cells of a table with one column and no heading.
    pub(super) fn list(&self, step: &Step) -> Result<Vec<String>, Failed> {
        let rows = step.table.as_ref().map_or(&[][..], |table| &table.rows);
        if rows.is_empty() {
            return Err(Failed::new(
                "this step needs a table below it: one column, no heading",
            ));
        }
        rows.iter()
            .map(|row| match row.as_slice() {
                [cell] => self.interpolate(cell),
                cells => Err(Failed::new(format!(
                    "this step needs a table of one column, without a heading; this one has {}",
                    cells.len()
                ))),
            })
            .collect()
    }

    /// The doc string below a step, remembered values filled in.
    pub(super) fn doc_string(&self, step: &Step) -> Result<String, Failed> {
        match &step.docstring {
            Some(text) => self.interpolate(value::doc_string(text)),
            None => Err(Failed::new(
                "this step needs a text below it, between lines of `\"\"\"`",
            )),
        }
    }

    /// JSON in a step, in which remembered values are filled in: inside its strings where it is JSON as it stands,
    /// else anywhere.
    pub(super) fn json(&self, text: &str) -> Result<serde_json::Value, Failed> {
        match serde_json::from_str(text) {
            Ok(mut json) => {
                if text.contains("${") {
                    self.fill_in(&mut json)?;
                }
                Ok(json)
            }
            Err(_) => Ok(value::parse_json(self.interpolate(text)?.as_bytes())?),
        }
    }

    fn fill_in(&self, json: &mut serde_json::Value) -> Result<(), Failed> {
        match json {
            serde_json::Value::String(text) => *text = self.interpolate(text)?,
            serde_json::Value::Array(items) => {
                for item in items {
                    self.fill_in(item)?;
                }
            }
            serde_json::Value::Object(members) => {
                for member in members.values_mut() {
                    self.fill_in(member)?;
                }
            }
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use cucumber::gherkin::{self, StepType};

    /// A step with a table.
    pub fn step_with(rows: &[&[&str]]) -> Step {
        let rows = rows
            .iter()
            .map(|row| row.iter().map(|cell| (*cell).to_owned()).collect())
            .collect();
        Step {
            table: Some(gherkin::Table {
                rows,
                span: gherkin::Span::default(),
                position: gherkin::LineCol::default(),
            }),
            ..step(StepType::Given, "a step")
        }
    }

    /// A step with nothing below it.
    pub fn step(ty: StepType, value: &str) -> Step {
        Step {
            keyword: format!("{ty:?}"),
            ty,
            value: value.to_owned(),
            docstring: None,
            table: None,
            span: gherkin::Span::default(),
            position: gherkin::LineCol::default(),
        }
    }

    const COLUMNS: [Column; 2] = [Column::Needed("key"), Column::Optional("value")];

    fn read(rows: &[&[&str]]) -> Result<Vec<[String; 2]>, Failed> {
        World::default()
            .table(&step_with(rows), COLUMNS)
            .map(|table| table.rows)
    }

    #[test]
    fn columns_may_stand_in_any_order() {
        let rows = read(&[&["value", "key"], &["1", "a"]]).unwrap();
        assert_eq!(rows, [["a".to_owned(), "1".to_owned()]]);
        let rows = read(&[&["key"], &["a"]]).unwrap();
        assert_eq!(rows, [["a".to_owned(), String::new()]]);
    }

    #[test]
    fn wrong_headings_are_refused_with_those_there_are() {
        let message = |rows: &[&[&str]]| read(rows).unwrap_err().to_string();
        assert!(message(&[&["key", "val"]]).contains("\"val\"; this step knows | key | value |"));
        assert!(message(&[&["value"]]).contains("lacks the heading \"key\""));
        assert!(message(&[&["key", "key"]]).contains("twice"));
        assert!(message(&[]).contains("needs a table"));
    }

    #[test]
    fn remembered_values_reach_cells_and_json() {
        let mut world = World::default();
        world.remember("id", "7");
        let table = world
            .table(&step_with(&[&["key"], &["user:${id}"]]), COLUMNS)
            .unwrap();
        assert_eq!(table.rows[0][0], "user:7");
        assert_eq!(
            world.json(r#"{"id": "${id}"}"#).unwrap(),
            serde_json::json!({"id": "7"})
        );
        assert_eq!(
            world.json(r#"{"id": ${id}}"#).unwrap(),
            serde_json::json!({"id": 7})
        );
        assert!(world.json("{").is_err());
    }
}
