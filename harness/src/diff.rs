//! Shows how an actual text or table differs from the expected one, short enough for a terminal.
//!
//! The output depends on the two inputs alone: no time limits, no terminal width, and control
//! characters of a guest's output are escaped so that they can't garble the reader's terminal.

use std::fmt::Write as _;
use std::ops::Range;

use anstyle::{AnsiColor, Effects, Style};
use similar::{Algorithm, ChangeTag, DiffOp, TextDiff, capture_diff_slices, group_diff_ops};

use crate::value::visible;

/// Lines of output after which the rest is only counted.
const MAX_LINES: usize = 60;
/// Lines shown of one side of one changed block, so that a long removal can't hide what came instead.
const MAX_BLOCK: usize = 20;
/// Equal lines shown around a change.
const CONTEXT: usize = 3;
/// Lines of each side that are compared once the equal beginning is set aside. The comparison
/// takes quadratic time at worst, and nobody reads on past the first hundred.
const MAX_COMPARED: usize = 2_000;
/// Characters shown of a long line.
const MAX_WIDTH: usize = 160;
/// Characters shown before the first difference of a long line.
const LEAD: usize = 40;
/// Characters shown of a table cell.
const MAX_CELL: usize = 60;
/// Below this similarity, marking words inside two lines is noise.
const MIN_RATIO: f32 = 0.4;

const REMOVED: Style = AnsiColor::Red.on_default();
const ADDED: Style = AnsiColor::Green.on_default();
const FAINT: Style = Style::new().effects(Effects::DIMMED);

/// The differences as unified hunks, `-` expected and `+` actual; empty if the texts are equal.
///
/// At most about 60 lines; what is left out is counted. Long lines are shortened around their
/// first difference, control characters are escaped, and spaces at the end of a changed line
/// are shown as `·`. With `color`, changed words are emphasised with ANSI codes.
pub fn diff_text(expected: &str, actual: &str, color: bool) -> String {
    if expected == actual {
        return String::new();
    }
    let (old, new) = (lines(expected), lines(actual));
    let mut page = Page::new(color);
    page.push(REMOVED, "--- expected".into());
    page.push(ADDED, "+++ actual".into());

    let compared = Compared::new(&old, &new);
    for group in group_diff_ops(compared.ops(&old, &new), CONTEXT) {
        page.push(FAINT, hunk_header(&group));
        for op in &group {
            match op.tag() {
                similar::DiffTag::Equal => {
                    for line in &new[op.new_range()] {
                        page.push(Style::new(), format!(" {}", visible(&cut(line, 0))));
                    }
                }
                _ => changed_block(&mut page, &old[op.old_range()], &new[op.new_range()]),
            }
        }
    }
    if compared.left_out > 0 {
        let note = format!("… {} further lines were not compared", compared.left_out);
        page.note(note);
    }
    let end = |text: &str| text.ends_with('\n');
    // A text that isn't there has no end to speak of: every line of the other is shown already.
    if !expected.is_empty() && !actual.is_empty() && end(expected) != end(actual) {
        let (with, without) = if end(expected) {
            ("expected", "actual")
        } else {
            ("actual", "expected")
        };
        page.note(format!(
            "(the {with} text ends with a newline, the {without} one does not)"
        ));
    }
    page.finish()
}

/// The differences of two tables as aligned rows, `-` expected and `+` actual; empty if equal.
///
/// Rows may be ragged. Cells are shortened, and runs of equal rows are left out and counted.
pub fn diff_rows<H: AsRef<str>>(
    expected: &[Vec<String>],
    actual: &[Vec<String>],
    headings: &[H],
    color: bool,
) -> String {
    if expected == actual {
        return String::new();
    }
    let compared = Compared::new(expected, actual);
    let groups = group_diff_ops(compared.ops(expected, actual), CONTEXT);

    let mut table: Vec<(Style, char, Row)> = Vec::new();
    if !headings.is_empty() {
        let cells = headings.iter().map(|h| cell(h.as_ref())).collect();
        table.push((Style::new(), ' ', Row::Cells(cells)));
    }
    let mut shown = 0;
    for op in groups.iter().flatten() {
        let (old, new) = (op.old_range(), op.new_range());
        if new.start > shown && op.tag() == similar::DiffTag::Equal {
            table.push((FAINT, ' ', Row::Equal(new.start - shown)));
        }
        shown = new.end;
        if op.tag() == similar::DiffTag::Equal {
            rows(&mut table, Style::new(), ' ', &actual[new]);
        } else {
            rows(&mut table, REMOVED, '-', &expected[old]);
            rows(&mut table, ADDED, '+', &actual[new]);
        }
    }
    let rest = actual.len().saturating_sub(shown);
    if compared.left_out == 0 && rest > 0 {
        table.push((FAINT, ' ', Row::Equal(rest)));
    }

    let widths = widths(&table);
    let mut page = Page::new(color);
    for (style, mark, row) in table {
        match row {
            Row::Cells(cells) => page.push(style, align(mark, &cells, &widths)),
            Row::Equal(1) => page.push(style, "  … 1 equal row".into()),
            Row::Equal(count) => page.push(style, format!("  … {count} equal rows")),
            Row::More(count) => page.push(style, format!("{mark} … {count} more rows")),
        }
    }
    if compared.left_out > 0 {
        let note = format!("… {} further rows were not compared", compared.left_out);
        page.note(note);
    }
    page.finish()
}

/// Which part of two sequences is compared: all but the equal beginning and end, up to the limit.
struct Compared {
    start: usize,
    old: Range<usize>,
    new: Range<usize>,
    left_out: usize,
}

impl Compared {
    fn new<T: PartialEq>(old: &[T], new: &[T]) -> Self {
        let equal = old.iter().zip(new).take_while(|(a, b)| a == b).count();
        let rest = old[equal..].iter().rev().zip(new[equal..].iter().rev());
        let equal_end = rest.take_while(|(a, b)| a == b).count();
        let kept_end = equal_end.saturating_sub(CONTEXT);

        let start = equal.saturating_sub(CONTEXT);
        let end = |len: usize| (len - kept_end).min(equal + MAX_COMPARED);
        let (old_end, new_end) = (end(old.len()), end(new.len()));
        let left_out = (old.len() - kept_end - old_end).max(new.len() - kept_end - new_end);
        Self {
            start,
            old: start..old_end,
            new: start..new_end,
            left_out,
        }
    }

    fn ops<T: std::hash::Hash + Ord>(&self, old: &[T], new: &[T]) -> Vec<DiffOp> {
        let (old, new) = (&old[self.old.clone()], &new[self.new.clone()]);
        let shift = |op: DiffOp| shifted(op, self.start);
        let mut ops: Vec<_> = capture_diff_slices(Algorithm::Myers, old, new)
            .into_iter()
            .map(shift)
            .collect();
        // Where the comparison was cut off, one side usually runs on: that is no difference.
        let one_sided = |op: &DiffOp| op.old_range().is_empty() || op.new_range().is_empty();
        if self.left_out > 0 && ops.len() > 2 && ops.last().is_some_and(one_sided) {
            ops.pop();
        }
        ops
    }
}

/// `op` with indices that count from the beginning of the whole sequences.
fn shifted(op: DiffOp, by: usize) -> DiffOp {
    let (old, new) = (op.old_range(), op.new_range());
    let (old_index, new_index) = (old.start + by, new.start + by);
    match op.tag() {
        similar::DiffTag::Equal => DiffOp::Equal {
            old_index,
            new_index,
            len: old.len(),
        },
        similar::DiffTag::Delete => DiffOp::Delete {
            old_index,
            new_index,
            old_len: old.len(),
        },
        similar::DiffTag::Insert => DiffOp::Insert {
            old_index,
            new_index,
            new_len: new.len(),
        },
        similar::DiffTag::Replace => DiffOp::Replace {
            old_index,
            new_index,
            old_len: old.len(),
            new_len: new.len(),
        },
    }
}

/// Output lines, up to the limit; the rest is counted.
struct Page {
    color: bool,
    lines: Vec<String>,
    left_out: usize,
    notes: Vec<String>,
}

impl Page {
    fn new(color: bool) -> Self {
        Self {
            color,
            lines: Vec::new(),
            left_out: 0,
            notes: Vec::new(),
        }
    }

    fn push(&mut self, style: Style, line: String) {
        self.push_spans(style, &[(false, line)]);
    }

    /// One line of which the spans marked `true` are emphasised.
    fn push_spans(&mut self, style: Style, spans: &[(bool, String)]) {
        if self.lines.len() >= MAX_LINES {
            self.left_out += 1;
            return;
        }
        let mut line = String::new();
        for (strong, text) in spans {
            let style = match strong {
                true => style.effects(Effects::BOLD | Effects::UNDERLINE),
                false => style,
            };
            if self.color && style != Style::new() && !text.is_empty() {
                // Writing to a String can't fail.
                let _ = write!(line, "{style}{text}{style:#}");
            } else {
                line.push_str(text);
            }
        }
        self.lines.push(line);
    }

    /// A remark that is shown even when the lines before it are cut off.
    fn note(&mut self, text: String) {
        self.notes.push(text);
    }

    fn finish(mut self) -> String {
        match self.left_out {
            0 => {}
            1 => self.notes.insert(0, "… 1 more line of differences".into()),
            count => self
                .notes
                .insert(0, format!("… {count} more lines of differences")),
        }
        self.lines.append(&mut self.notes);
        self.lines.join("\n")
    }
}

/// Lines without their ends; a final newline makes no line of its own.
fn lines(text: &str) -> Vec<&str> {
    if text.is_empty() {
        return Vec::new();
    }
    text.strip_suffix('\n')
        .unwrap_or(text)
        .split('\n')
        .collect()
}

fn hunk_header(group: &[DiffOp]) -> String {
    let range = |ranges: Vec<Range<usize>>| {
        let start = ranges.first().map_or(0, |r| r.start);
        let len = ranges.last().map_or(0, |r| r.end) - start;
        // As in POSIX: an empty range names the line before it.
        let first = if len == 0 { start } else { start + 1 };
        match len {
            1 => format!("{first}"),
            _ => format!("{first},{len}"),
        }
    };
    let old = range(group.iter().map(DiffOp::old_range).collect());
    let new = range(group.iter().map(DiffOp::new_range).collect());
    format!("@@ -{old} +{new} @@")
}

/// The expected lines, then the actual ones; the first with the first is compared word by word.
fn changed_block(page: &mut Page, old: &[&str], new: &[&str]) {
    let pairs: Vec<_> = old
        .iter()
        .zip(new)
        .take(MAX_BLOCK)
        .map(|(old, new)| emphasised(old, new, page.color))
        .collect();
    block_side(page, REMOVED, '-', old, pairs.iter().map(|pair| &pair.0));
    block_side(page, ADDED, '+', new, pairs.iter().map(|pair| &pair.1));
}

fn block_side<'a>(
    page: &mut Page,
    style: Style,
    mark: char,
    lines: &[&str],
    pairs: impl ExactSizeIterator<Item = &'a Vec<(bool, String)>>,
) {
    let paired = pairs.len();
    let mut push = |spans: &[(bool, String)]| {
        let mut all = vec![(false, mark.to_string())];
        all.extend_from_slice(spans);
        page.push_spans(style, &all);
    };
    for spans in pairs {
        push(spans);
    }
    let shown = lines.len().min(MAX_BLOCK);
    for line in &lines[paired..shown] {
        push(&[(false, ends_visible(visible(&cut(line, 0)).into_owned()))]);
    }
    match lines.len() - shown {
        0 => {}
        1 => push(&[(false, "… 1 more such line".into())]),
        count => push(&[(false, format!("… {count} more such lines"))]),
    }
}

type Spans = Vec<(bool, String)>;

/// Two lines, shortened around their first difference; with `words`, the changed ones marked.
fn emphasised(old: &str, new: &str, words: bool) -> (Spans, Spans) {
    let equal = old
        .chars()
        .zip(new.chars())
        .take_while(|(a, b)| a == b)
        .count();
    let shown = |line: &str| ends_visible(visible(&cut(line, equal)).into_owned());
    let (old, new) = (shown(old), shown(new));
    if !words {
        return (vec![(false, old)], vec![(false, new)]);
    }
    let diff = TextDiff::from_words(old.as_str(), new.as_str());
    if diff.ratio() < MIN_RATIO {
        return (vec![(false, old.clone())], vec![(false, new.clone())]);
    }
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for change in diff.iter_all_changes() {
        let text = change.value().to_string();
        match change.tag() {
            ChangeTag::Equal => {
                left.push((false, text.clone()));
                right.push((false, text));
            }
            ChangeTag::Delete => left.push((true, text)),
            ChangeTag::Insert => right.push((true, text)),
        }
    }
    (left, right)
}

/// A long line cut to `MAX_WIDTH` characters, from shortly before character `around`.
fn cut(line: &str, around: usize) -> String {
    // Bytes bound characters: no counting for the usual short line.
    if line.len() <= MAX_WIDTH {
        return line.to_string();
    }
    let total = line.chars().count();
    if total <= MAX_WIDTH {
        return line.to_string();
    }
    let start = match around < MAX_WIDTH - LEAD {
        true => 0,
        false => (around - LEAD).min(total - MAX_WIDTH),
    };
    let mut out = String::new();
    if start > 0 {
        out.push_str(&format!("({start} characters) …"));
    }
    out.extend(line.chars().skip(start).take(MAX_WIDTH));
    let rest = total - start - MAX_WIDTH;
    if rest > 0 {
        out.push_str(&format!("… ({rest} more characters)"));
    }
    out
}

/// `line` with the spaces at its end as dots: otherwise the commonest invisible difference.
fn ends_visible(mut line: String) -> String {
    let kept = line.trim_end_matches(' ').len();
    let spaces = line.len() - kept;
    if spaces > 0 {
        line.truncate(kept);
        line.push_str(&"·".repeat(spaces));
    }
    line
}

enum Row {
    Cells(Vec<String>),
    Equal(usize),
    More(usize),
}

fn rows(table: &mut Vec<(Style, char, Row)>, style: Style, mark: char, rows: &[Vec<String>]) {
    for row in rows.iter().take(MAX_BLOCK) {
        let cells = row.iter().map(|text| cell(text)).collect();
        table.push((style, mark, Row::Cells(cells)));
    }
    if rows.len() > MAX_BLOCK {
        table.push((style, mark, Row::More(rows.len() - MAX_BLOCK)));
    }
}

fn cell(text: &str) -> String {
    let shown: String = text.chars().take(MAX_CELL).collect();
    let more = if shown.len() < text.len() { "…" } else { "" };
    visible(&shown).replace('|', "\\|") + more
}

fn widths(table: &[(Style, char, Row)]) -> Vec<usize> {
    let mut widths = Vec::new();
    for (_, _, row) in table {
        let Row::Cells(cells) = row else { continue };
        widths.resize(widths.len().max(cells.len()), 0);
        for (width, cell) in widths.iter_mut().zip(cells) {
            *width = cell.chars().count().max(*width);
        }
    }
    widths
}

fn align(mark: char, cells: &[String], widths: &[usize]) -> String {
    let mut line = format!("{mark} |");
    for (index, width) in widths.iter().enumerate() {
        let cell = cells.get(index).map_or("", String::as_str);
        let padding = " ".repeat(width.saturating_sub(cell.chars().count()));
        line.push_str(&format!(" {cell}{padding} |"));
    }
    line
}

#[cfg(test)]
mod tests;
