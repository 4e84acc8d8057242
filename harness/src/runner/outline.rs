//! Makes a scenario of one row of a scenario outline.
//!
//! `cucumber`'s own expansion copies the whole table of examples for each of its rows; here a row is expanded when its
//! turn comes, so an outline of a hundred thousand rows costs no more memory than its text.

use crate::value::nearest;
use cucumber::gherkin::{Scenario, Step};

/// The scenario that a row of an outline's `Examples` stands for. A `<name>` that is no column stays as it is;
/// [`unfilled`] says so.
pub(super) fn expand(outline: &Scenario, examples: usize, row: usize) -> Option<Scenario> {
    let table = outline.examples.get(examples)?;
    let rows = &table.table.as_ref()?.rows;
    let (columns, values) = (rows.first()?, rows.get(row + 1)?);
    let fill = |text: &str| fill(text, columns, values);
    Some(Scenario {
        keyword: outline.keyword.clone(),
        name: fill(&outline.name),
        description: outline.description.clone(),
        steps: outline
            .steps
            .iter()
            .map(|step| fill_step(step, &fill))
            .collect(),
        examples: Vec::new(),
        tags: outline.tags.iter().chain(&table.tags).cloned().collect(),
        span: outline.span,
        position: outline.position,
    })
}

/// What is wrong with a step of an outline that means a column which its examples do not have. A doc string may hold
/// markup, and is not looked at.
pub(super) fn unfilled(step: &Step, outline: &Scenario, examples: usize) -> Option<String> {
    let table = outline.examples.get(examples)?.table.as_ref()?;
    let columns = table.rows.first()?;
    let cells = step
        .table
        .iter()
        .flat_map(|table| table.rows.iter().flatten());
    let mut names = std::iter::once(&step.value)
        .chain(cells)
        .flat_map(|text| placeholders(text));
    let name = names.find(|name| !columns.iter().any(|column| column == name))?;
    let quoted: Vec<String> = columns.iter().map(|column| format!("<{column}>")).collect();
    let meant = nearest(name, columns.iter().map(String::as_str))
        .map_or_else(String::new, |near| format!("did you mean <{near}>? "));
    Some(format!(
        "<{name}> is no column of the examples: {meant}there are {}",
        quoted.join(", ")
    ))
}

/// The names in angle brackets.
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    let is_name = |name: &&str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || " _-".contains(c))
    };
    text.split('<')
        .skip(1)
        .filter_map(|after| after.split_once('>'))
        .map(|(name, _)| name)
        .filter(is_name)
}

/// The name of a row, without expanding the rest of it.
pub(super) fn name(outline: &Scenario, examples: usize, row: usize) -> String {
    let rows = outline
        .examples
        .get(examples)
        .and_then(|examples| examples.table.as_ref())
        .map(|table| &table.rows);
    match rows.and_then(|rows| Some((rows.first()?, rows.get(row + 1)?))) {
        Some((columns, values)) => fill(&outline.name, columns, values),
        None => outline.name.clone(),
    }
}

fn fill_step(step: &Step, fill: &impl Fn(&str) -> String) -> Step {
    let mut step = step.clone();
    step.value = fill(&step.value);
    step.docstring = step.docstring.as_deref().map(fill);
    if let Some(table) = &mut step.table {
        for cell in table.rows.iter_mut().flatten() {
            *cell = fill(cell);
        }
    }
    step
}

/// Replaces every `<column>` in one pass: a value that looks like a column is not replaced again.
fn fill(text: &str, columns: &[String], values: &[String]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        let (before, from) = rest.split_at(start);
        filled.push_str(before);
        let column = from.find('>').and_then(|end| {
            let name = &from[1..end];
            let column = columns.iter().position(|column| column == name)?;
            Some((values.get(column)?, end + 1))
        });
        match column {
            Some((value, length)) => {
                filled.push_str(value);
                rest = &from[length..];
            }
            None => {
                filled.push('<');
                rest = &from[1..];
            }
        }
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::fill;

    fn filled(text: &str) -> String {
        let columns = ["n", "the name", "n2"].map(str::to_owned);
        let values = ["1", "<n>", ""].map(str::to_owned);
        fill(text, &columns, &values)
    }

    #[test]
    fn columns_are_replaced_once_and_everything_else_stays() {
        assert_eq!(filled("a <n> b<n><n2>c"), "a 1 b1c");
        assert_eq!(filled("<the name>"), "<n>");
        assert_eq!(
            filled("<html><n></html> 1 < 2 <N> <"),
            "<html>1</html> 1 < 2 <N> <"
        );
        assert_eq!(filled("<<n>>"), "<1>");
        assert_eq!(filled(""), "");
    }
}
