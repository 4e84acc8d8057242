//! Steps, durations and commands as the report writes them.

use super::paint::plain;
use cucumber::gherkin::Step;
use std::time::Duration;

/// Rows of a step's table and lines of its doc string that are shown.
pub(super) const MOST_ROWS: usize = 20;

/// Keyword and sentence.
pub(super) fn words(step: &Step) -> String {
    format!("{} {}", step.keyword.trim(), plain(&step.value))
}

/// The table of a step with its columns aligned, or its doc string.
pub(super) fn below(step: &Step) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(table) = &step.table {
        let escaped: Vec<Vec<String>> = table
            .rows
            .iter()
            .take(MOST_ROWS + 1)
            .map(|row| {
                row.iter()
                    .map(|cell| plain(&cell.replace('|', "\\|")).into_owned())
                    .collect()
            })
            .collect();
        let widths: Vec<usize> = (0..table.row_width())
            .map(|column| {
                escaped
                    .iter()
                    .filter_map(|row| row.get(column))
                    .map(|cell| cell.chars().count())
                    .max()
                    .unwrap_or(0)
                    .min(60)
            })
            .collect();
        for row in &escaped {
            let cells: Vec<_> = row
                .iter()
                .zip(&widths)
                .map(|(cell, width)| format!("{cell:width$}"))
                .collect();
            lines.push(format!("| {} |", cells.join(" | ")));
        }
        lines.extend((escaped.len()..table.rows.len()).map(|_| String::new()));
    }
    if let Some(text) = &step.docstring {
        lines.push("\"\"\"".to_owned());
        lines.extend(crate::value::doc_string(text).lines().map(str::to_owned));
        lines.push("\"\"\"".to_owned());
    }
    lines
}

/// A duration, three digits of it: `850 µs`, `12 ms`, `3.41 s`, `2 min 5 s`.
pub(super) fn shown(time: Duration) -> String {
    match time {
        _ if time < Duration::from_millis(1) => format!("{} µs", time.as_micros()),
        _ if time < Duration::from_secs(1) => format!("{} ms", time.as_millis()),
        _ if time < Duration::from_secs(60) => format!("{:.2} s", time.as_secs_f64()),
        _ => format!("{} min {} s", time.as_secs() / 60, time.as_secs() % 60),
    }
}

/// A word that a shell takes as it is.
pub fn shell_word(word: &str) -> String {
    let harmless =
        |character: char| character.is_ascii_alphanumeric() || "-_./:=,+@%".contains(character);
    match !word.is_empty() && word.chars().all(harmless) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

/// A text with blanks, between double quotes where a shell takes it as it is there.
pub fn shell_text(text: &str) -> String {
    match text.contains(['"', '$', '`', '\\', '!']) {
        true => shell_word(text),
        false => format!("\"{text}\""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_fitting_unit() {
        let shown = |micros| shown(Duration::from_micros(micros));
        assert_eq!(shown(850), "850 µs");
        assert_eq!(shown(12_300), "12 ms");
        assert_eq!(shown(3_414_000), "3.41 s");
        assert_eq!(shown(125_000_000), "2 min 5 s");
    }

    #[test]
    fn words_are_quoted_for_a_shell_where_they_must_be() {
        assert_eq!(shell_word("features/a.feature:12"), "features/a.feature:12");
        assert_eq!(
            shell_word("my features/a.feature"),
            "'my features/a.feature'"
        );
        assert_eq!(shell_word("it's"), r"'it'\''s'");
        assert_eq!(shell_word(""), "''");
        assert_eq!(shell_text("set#2: lost"), "\"set#2: lost\"");
        assert_eq!(shell_text("set#2: other: $1"), "'set#2: other: $1'");
    }
}
