//! Takes entries out of a TOML text and leaves every other byte as it is: of comments only those behind what goes.

use std::ops::Range;

/// Something to take out, by the bytes where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// An entry of an array or of an inline table, which commas part from the others.
    Element {
        /// The entry without its comma.
        at: Range<usize>,
        /// Where the entry before it ends, if there is one.
        previous_end: Option<usize>,
    },
    /// A key with its value, on lines of its own.
    Lines(Range<usize>),
}

impl Entry {
    fn start(&self) -> usize {
        match self {
            Self::Element { at, .. } | Self::Lines(at) => at.start,
        }
    }
}

/// The text without these entries.
pub(super) fn without(text: &str, mut entries: Vec<Entry>) -> String {
    // From the end, so that what is before stays where it is.
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.start()));
    entries.dedup();
    let mut text = text.to_owned();
    for entry in entries {
        match entry {
            Entry::Lines(at) => cut_lines(&mut text, at),
            Entry::Element { at, previous_end } => cut_element(&mut text, at, previous_end),
        }
    }
    text
}

/// Takes out whole lines, with the comment behind the value.
fn cut_lines(text: &mut String, at: Range<usize>) {
    let start = line_start(text, at.start);
    let end = line_end(text, at.end);
    text.replace_range(start..end, "");
}

/// Takes out an entry and the comma that parted it from the next one, or else from the one before.
fn cut_element(text: &mut String, at: Range<usize>, previous_end: Option<usize>) {
    let after = next_token(text, at.end);
    let has_comma = text[after..].starts_with(',');
    if has_comma && text[at.end..after].trim().is_empty() {
        // The usual form: `"a", `.
        cut(text, at.start..after + 1);
        return;
    }
    if has_comma {
        // A comment stands between the entry and its comma.
        cut(text, after..after + 1);
        cut(text, at);
        return;
    }
    let comma = previous_end.map(|end| next_token(text, end));
    if let Some(comma) = comma.filter(|comma| text[*comma..].starts_with(','))
        && text[comma + 1..at.start]
            .trim_matches([' ', '\t'])
            .is_empty()
    {
        // The last of a line: `, "z"`.
        cut(text, comma..at.end);
        return;
    }
    cut(text, at);
    if let Some(previous_end) = previous_end {
        let comma = next_token(text, previous_end);
        if text[comma..].starts_with(',') {
            cut(text, comma..comma + 1);
        }
    }
}

/// Takes out some bytes and, where nothing but a comment is left of the line, that line; else the blanks that parted them
/// from what follows.
fn cut(text: &mut String, range: Range<usize>) {
    let was_first = text[line_start(text, range.start)..range.start]
        .trim()
        .is_empty();
    let start = range.start;
    text.replace_range(range, "");
    let (from, to) = (line_start(text, start), line_end(text, start));
    let left = text[from..to].trim();
    let rest = &text[start..to];
    let is_comment = left.is_empty() || left.starts_with('#') && was_first;
    // Within one line there is nothing to take out but what was there.
    let has_line_end = to > from && text[..to].ends_with('\n');
    if was_first && is_comment && has_line_end {
        text.replace_range(from..to, "");
        return;
    }
    let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    let ends_line = rest.trim().is_empty();
    if blanks > 0 && !ends_line && !rest[blanks..].starts_with([']', '}', '#']) {
        text.replace_range(start..start + blanks, "");
    }
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

/// After the line's end.
fn line_end(text: &str, at: usize) -> usize {
    text[at..]
        .find('\n')
        .map_or(text.len(), |newline| at + newline + 1)
}

/// Where the next thing stands that is neither white space nor a comment.
fn next_token(text: &str, mut at: usize) -> usize {
    loop {
        let rest = &text[at..];
        let blanks = rest.len() - rest.trim_start().len();
        at += blanks;
        if !text[at..].starts_with('#') {
            return at;
        }
        at = line_end(text, at);
    }
}
