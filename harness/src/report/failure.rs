//! Why a scenario failed, as the terminal shows it: what was wrong, then everything that helps to find out why.

use super::paint::{BAD, FAINT, Paint, SENT, plain};
use super::table::{narrow, row};
use crate::runner::Failure;
use crate::sandbox::Seed;
use crate::steps::Evidence;

/// Calls that are shown: the last ones.
const MOST_CALLS: usize = 40;
/// Requests sent at once that are shown.
const MOST_EXCHANGES: usize = 5;

/// The lines about a failure, without indentation; tables take at most `width` columns where they can. `run` is
/// the run's seed.
pub(super) fn lines(failure: &Failure, paint: Paint, width: usize, run: Seed) -> Vec<String> {
    let mut lines: Vec<String> = paint
        .message(&failure.message)
        .lines()
        .map(str::to_owned)
        .collect();
    if let Some(place) = &failure.panicked_at {
        lines.push(paint.with(FAINT, format!("panicked at {}", plain(place))));
    }
    if let Some(evidence) = &failure.evidence {
        about(evidence, &failure.message, paint, width, &mut lines);
        if let Some(seed) = evidence.seed {
            let from = match evidence.seed_is_given {
                true => String::new(),
                false => format!(" (from the run's seed {} and its place)", run.0),
            };
            lines.push(String::new());
            lines.push(paint.with(FAINT, format!("seed {seed}{from}")));
        }
    }
    lines
}

fn about(evidence: &Evidence, message: &str, paint: Paint, width: usize, lines: &mut Vec<String>) {
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
        // Most failures say it themselves.
        let problem = exchange
            .problem
            .as_deref()
            .filter(|problem| !says(message, problem));
        if let Some(problem) = problem {
            lines.push(String::new());
            lines.extend(problem.lines().enumerate().map(|(index, line)| {
                let mark = if index == 0 { "!" } else { " " };
                paint.with(BAD, format!("  {mark} {}", plain(line)))
            }));
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
        table(headings, rows, paint, width, lines);
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

/// Whether a message has all lines of a problem, however they are indented.
fn says(message: &str, problem: &str) -> bool {
    let message: Vec<&str> = message.lines().map(str::trim).collect();
    let problem: Vec<&str> = problem.lines().map(str::trim).collect();
    let Some((first, rest)) = problem.split_first() else {
        return true;
    };
    message
        .iter()
        .enumerate()
        .any(|(index, line)| line.ends_with(first) && message[index + 1..].starts_with(rest))
}

/// The column whose cells stand on a line of their own below their row, since they are sentences.
const SENTENCES: &str = "fault";

/// The columns whose cells are never cut: one that does not fit stands below its row, too.
const WHOLE: [&str; 2] = ["subject", "outcome"];

/// Rows below each other; columns that are empty in every row are left out, and the widest cells are cut where a row
/// would be wider than `width`.
fn table(
    headings: &[&str],
    rows: &[Vec<String>],
    paint: Paint,
    width: usize,
    lines: &mut Vec<String>,
) {
    let left_out = rows.len().saturating_sub(MOST_CALLS);
    let rows: Vec<Vec<String>> = rows[left_out..]
        .iter()
        .map(|row| row.iter().map(|cell| plain(cell).into_owned()).collect())
        .collect();
    let sentences = headings.iter().position(|heading| *heading == SENTENCES);
    let cell =
        |row: &Vec<String>, column: usize| row.get(column).map_or(0, |cell| cell.chars().count());
    let mut widths: Vec<usize> = (0..headings.len())
        .map(
            |column| match rows.iter().map(|row| cell(row, column)).max() {
                None | Some(0) => 0,
                Some(_) if sentences == Some(column) => 0,
                Some(width) => width.max(headings[column].chars().count()),
            },
        )
        .collect();
    narrow(&mut widths, width);
    let line = |cells: &mut dyn Iterator<Item = &str>| row(cells, &widths);
    lines.push(paint.with(FAINT, line(&mut headings.iter().copied())));
    if left_out > 0 {
        lines.push(paint.with(FAINT, format!("  … {left_out} earlier ones")));
    }
    let is_whole = |column: usize| {
        let heading = headings.get(column);
        heading.is_some_and(|heading| WHOLE.contains(heading))
    };
    for row in &rows {
        let below = |column: usize| is_whole(column) && cell(row, column) > widths[column];
        let cells = row.iter().enumerate();
        lines.push(line(&mut cells.map(|(column, cell)| match below(column) {
            true => "↳",
            false => cell.as_str(),
        })));
        let cells = row.iter().enumerate();
        let too_long = cells.filter(|(column, _)| below(*column));
        lines.extend(too_long.map(|(_, cell)| format!("     ↳ {cell}")));
        let sentence = sentences.and_then(|column| row.get(column));
        if let Some(sentence) = sentence.filter(|sentence| !sentence.is_empty()) {
            lines.push(paint.with(FAINT, format!("     ↳ {sentence}")));
        }
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
        let lines = lines(&failure, Paint(false), 80, Seed(1));
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
    fn the_widest_cells_give_way() {
        let mut lines = Vec::new();
        let keys = [
            vec!["1".to_owned(), "k".repeat(60), "ok".to_owned()],
            vec!["2".to_owned(), "short".to_owned(), "other: ".repeat(9)],
        ];
        table(
            &["#", "key", "outcome"],
            &keys,
            Paint(false),
            50,
            &mut lines,
        );
        let whole = format!("     ↳ {}", "other: ".repeat(9));
        assert!(
            lines
                .iter()
                .all(|line| line.chars().count() <= 50 || *line == whole),
            "{lines:#?}"
        );
        assert!(lines[1].ends_with("kk…  ok"), "{lines:#?}");
        // What came of a call is never cut.
        assert!(lines[2].ends_with('↳'), "{lines:#?}");
        assert_eq!(lines[3], whole);
        // Nor is what it was about, which stands first.
        lines.clear();
        let rows = [["1", "http://", "other: "]
            .map(|cell| cell.repeat(9))
            .to_vec()];
        table(
            &["#", "subject", "outcome"],
            &rows,
            Paint(false),
            50,
            &mut lines,
        );
        let below = ["http://", "other: "].map(|cell| format!("     ↳ {}", cell.repeat(9)));
        assert_eq!(lines[2..], below, "{lines:#?}");
        // Where nothing fits, every column still shows something.
        lines.clear();
        table(&["#", "key", "outcome"], &keys, Paint(false), 0, &mut lines);
        assert_eq!(lines[1], "  1  kkkkkkk…  ok");
    }

    #[test]
    fn what_went_wrong_with_a_response_is_told_once() {
        let exchange = crate::steps::ExchangeEvidence {
            request: vec!["GET /".into()],
            response: vec!["500 Internal Server Error".into()],
            problem: Some("it trapped\n  0: f".into()),
        };
        let shown = |message: &str| {
            let failure = Failure {
                message: message.into(),
                evidence: Some(Box::new(Evidence {
                    exchanges: vec![exchange.clone()],
                    ..Evidence::default()
                })),
                ..Failure::default()
            };
            lines(&failure, Paint(false), 80, Seed(1))
        };
        let apart = shown("no");
        assert_eq!(
            apart[apart.len() - 4..],
            [
                "  500 Internal Server Error",
                "",
                "  ! it trapped",
                "      0: f"
            ]
        );
        let within = shown("no\nit trapped\n  0: f");
        assert_eq!(within.last().unwrap(), "  500 Internal Server Error");
    }

    #[test]
    fn colours_of_a_message_are_kept_only_where_there_are_colours() {
        let failure = Failure {
            message: "\u{1b}[31mred\u{1b}[0m".into(),
            ..Failure::default()
        };
        assert_eq!(lines(&failure, Paint(false), 80, Seed(1)), ["red"]);
        assert_eq!(
            lines(&failure, Paint(true), 80, Seed(1)),
            ["\u{1b}[31mred\u{1b}[0m"]
        );
    }
}
