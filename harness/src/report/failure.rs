//! Why a scenario failed, as the terminal shows it: what was wrong, then everything that helps to find out why.

use super::paint::{BAD, FAINT, Paint, SENT, plain};
use crate::runner::Failure;
use crate::steps::Evidence;

/// Calls that are shown: the last ones.
const MOST_CALLS: usize = 40;
/// Requests sent at once that are shown.
const MOST_EXCHANGES: usize = 5;
/// Widest cell of a table but for the last columns, which end a line.
const WIDEST: usize = 40;

/// The lines about a failure, without indentation.
pub(super) fn lines(failure: &Failure, paint: Paint) -> Vec<String> {
    let mut lines: Vec<String> = paint
        .message(&failure.message)
        .lines()
        .map(str::to_owned)
        .collect();
    if let Some(place) = &failure.panicked_at {
        lines.push(paint.with(FAINT, format!("panicked at {}", plain(place))));
    }
    if let Some(evidence) = &failure.evidence {
        about(evidence, paint, &mut lines);
    }
    lines
}

fn about(evidence: &Evidence, paint: Paint, lines: &mut Vec<String>) {
    let title = |lines: &mut Vec<String>, text: String| {
        lines.push(String::new());
        lines.push(paint.with(FAINT, text));
    };
    for (index, exchange) in evidence.exchanges.iter().take(MOST_EXCHANGES).enumerate() {
        let number = match evidence.exchanges.len() {
            1 => String::new(),
            all => format!(" {} of {all}", index + 1),
        };
        title(lines, format!("request{number}"));
        lines.extend(
            exchange
                .request
                .iter()
                .map(|line| paint.with(SENT, format!("  {line}"))),
        );
        title(lines, format!("response{number}"));
        lines.extend(exchange.response.iter().map(|line| format!("  {line}")));
        if let Some(problem) = &exchange.problem {
            lines.extend(
                problem
                    .lines()
                    .map(|line| paint.with(BAD, format!("  {}", plain(line)))),
            );
        }
    }
    if let Some(more) = evidence
        .exchanges
        .len()
        .checked_sub(MOST_EXCHANGES)
        .filter(|more| *more > 0)
    {
        lines.push(paint.with(FAINT, format!("  … and {more} more")));
    }
    let tables = [
        (
            "storage calls",
            &Evidence::STORAGE_CALL_HEADINGS[..],
            &evidence.storage_calls,
        ),
        (
            "other calls",
            &Evidence::OTHER_CALL_HEADINGS[..],
            &evidence.other_calls,
        ),
    ];
    for (name, headings, rows) in tables {
        if rows.is_empty() {
            continue;
        }
        title(lines, name.to_owned());
        table(headings, rows, paint, lines);
    }
    if !evidence.log.is_empty() {
        title(lines, "log".to_owned());
        lines.extend(evidence.log.iter().map(|line| {
            format!(
                "  {} {}",
                paint.with(FAINT, format!("{}:", plain(&line.component))),
                line.text
            )
        }));
    }
}

/// Rows below each other; columns that are empty in every row are left out.
fn table(headings: &[&str], rows: &[Vec<String>], paint: Paint, lines: &mut Vec<String>) {
    let left_out = rows.len().saturating_sub(MOST_CALLS);
    let rows: Vec<Vec<String>> = rows[left_out..]
        .iter()
        .map(|row| row.iter().map(|cell| plain(cell).into_owned()).collect())
        .collect();
    let cell =
        |row: &Vec<String>, column: usize| row.get(column).map_or(0, |cell| cell.chars().count());
    let widths: Vec<usize> = (0..headings.len())
        .map(
            |column| match rows.iter().map(|row| cell(row, column)).max() {
                None | Some(0) => 0,
                Some(width) => width.max(headings[column].chars().count()).min(WIDEST),
            },
        )
        .collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let mut line = String::from(" ");
        for (cell, width) in cells.zip(&widths).filter(|(_, width)| **width > 0) {
            line.push_str(&format!(" {cell:width$} "));
        }
        line.trim_end().to_owned()
    };
    lines.push(paint.with(FAINT, line(&mut headings.iter().copied())));
    if left_out > 0 {
        lines.push(paint.with(FAINT, format!("  … {left_out} earlier ones")));
    }
    for row in &rows {
        lines.push(line(&mut row.iter().map(String::as_str)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_calls_are_shown_without_empty_columns() {
        let row = |number: usize| {
            ["", "0 ms", "api", "get", "default", "visits", "ok", ""].map(|cell| match cell {
                "" => String::new(),
                "visits" => format!("visits{number}"),
                other => other.to_owned(),
            })
        };
        let evidence = Evidence {
            storage_calls: (0..50).map(|n| row(n).to_vec()).collect(),
            ..Evidence::default()
        };
        let failure = Failure {
            message: "no".into(),
            evidence: Some(Box::new(evidence)),
            ..Failure::default()
        };
        let lines = lines(&failure, Paint(false));
        assert_eq!(
            lines[..5],
            [
                "no",
                "",
                "storage calls",
                "  time  component  operation  store    key       outcome",
                "  … 10 earlier ones"
            ]
        );
        assert_eq!(
            lines.last().unwrap(),
            "  0 ms  api        get        default  visits49  ok"
        );
    }

    #[test]
    fn colours_of_a_message_are_kept_only_where_there_are_colours() {
        let failure = Failure {
            message: "\u{1b}[31mred\u{1b}[0m".into(),
            ..Failure::default()
        };
        assert_eq!(lines(&failure, Paint(false)), ["red"]);
        assert_eq!(lines(&failure, Paint(true)), ["\u{1b}[31mred\u{1b}[0m"]);
    }
}
