//! Tables of what happened, row by row: a table of the scenario beside what guests did.

use super::table::Table;
use super::{Failed, World};
use crate::diff::diff_rows;

impl World {
    /// Whether the rows of a table are those of what happened, in order; an empty cell means any.
    pub(super) fn rows_are<const N: usize>(
        &self,
        what: &str,
        table: &Table<N>,
        actual: &[[String; N]],
        headings: &[&str; N],
    ) -> Result<(), Failed> {
        let fits = |expected: &[String; N], actual: &[String; N]| {
            let mut cells = expected.iter().zip(actual);
            cells.all(|(expected, actual)| expected.is_empty() || expected == actual)
        };
        let expected = &table.rows;
        if expected.len() == actual.len() && expected.iter().zip(actual).all(|(a, b)| fits(a, b)) {
            return Ok(());
        }
        let shown: Vec<usize> = (0..N).filter(|at| table.has[*at]).collect();
        let cut = |rows: &[[String; N]]| -> Vec<Vec<String>> {
            let row = |row: &[String; N]| shown.iter().map(|at| row[*at].clone()).collect();
            rows.iter().map(row).collect()
        };
        // A cell that means any is shown as what stands there.
        let expected: Vec<[String; N]> = expected
            .iter()
            .enumerate()
            .map(|(at, row)| match actual.get(at) {
                Some(actual) if fits(row, actual) => actual.clone(),
                _ => row.clone(),
            })
            .collect();
        let headings: Vec<_> = shown.iter().map(|at| headings[*at]).collect();
        Err(Failed::new(format!(
            "{what} are not as expected\n{}",
            diff_rows(&cut(&expected), &cut(actual), &headings, self.color())
        )))
    }
}
