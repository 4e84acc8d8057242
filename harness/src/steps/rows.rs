//! Tables of what happened, row by row: a table of the scenario beside what guests did.

use super::table::Table;
use super::{Failed, World};
use crate::diff::diff_rows;

/// Whether a cell of a table fits one of what happened; of which column, too.
pub(super) type Fits<'a> = &'a dyn Fn(usize, &str, &str) -> bool;

impl World {
    /// Whether the rows of a table are those of what happened, in order; an empty cell means any.
    pub(super) fn rows_are<const N: usize>(
        &self,
        what: &str,
        table: &Table<N>,
        actual: &[[String; N]],
        headings: &[&str; N],
    ) -> Result<(), Failed> {
        self.rows_are_by(what, table, actual, headings, &|_, _, _| false)
    }

    /// As [`World::rows_are`], where a cell fits also what is not the same text.
    pub(super) fn rows_are_by<const N: usize>(
        &self,
        what: &str,
        table: &Table<N>,
        actual: &[[String; N]],
        headings: &[&str; N],
        also: Fits<'_>,
    ) -> Result<(), Failed> {
        let fits = |at: usize, expected: &str, actual: &str| {
            expected.is_empty() || expected == actual || also(at, expected, actual)
        };
        let row_fits = |expected: &[String; N], actual: &[String; N]| {
            let mut cells = expected.iter().zip(actual).enumerate();
            cells.all(|(at, (expected, actual))| fits(at, expected, actual))
        };
        let mut pairs = table.rows.iter().zip(actual);
        if table.rows.len() == actual.len() && pairs.all(|(row, actual)| row_fits(row, actual)) {
            return Ok(());
        }
        let shown = || (0..N).filter(|at| table.has[*at]);
        // A cell that is met is shown as what stands there, where it is known which row it is to meet.
        let of_one_length = table.rows.len() == actual.len();
        let cell = |row: usize, at: usize| {
            let expected = &table.rows[row][at];
            let met = actual
                .get(row)
                .map(|actual| (&actual[at], row_fits(&table.rows[row], actual)));
            let met = met.filter(|(_, fits)| of_one_length || *fits);
            met.map(|(actual, _)| actual)
                .filter(|actual| fits(at, expected, actual))
                .unwrap_or(expected)
                .clone()
        };
        let rows = 0..table.rows.len();
        let expected: Vec<Vec<String>> = rows
            .map(|row| shown().map(|at| cell(row, at)).collect())
            .collect();
        let actual: Vec<Vec<String>> = actual
            .iter()
            .map(|row| shown().map(|at| row[at].clone()).collect())
            .collect();
        let headings: Vec<_> = shown().map(|at| headings[at]).collect();
        Err(Failed::new(format!(
            "{what} are not as expected\n{}",
            diff_rows(&expected, &actual, &headings, self.color())
        )))
    }
}
