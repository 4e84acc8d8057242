//! Rows below each other in columns, no wider than the terminal where that can be.

use std::borrow::Cow;
use textwrap::core::display_width;

/// What a column is at least left, however narrow the terminal.
const NARROWEST: usize = 8;

/// A row of a table; columns of no width are left out.
pub(super) fn row<'a>(cells: impl Iterator<Item = &'a str>, widths: &[usize]) -> String {
    let mut line = String::from(" ");
    for (cell, width) in cells.zip(widths).filter(|(_, width)| **width > 0) {
        let cell = cut(cell, *width);
        // Some characters take two columns.
        let missing = width.saturating_sub(display_width(&cell));
        line.push_str(&format!(" {cell}{} ", " ".repeat(missing)));
    }
    line.trim_end().to_owned()
}

/// A row whose cells are never cut: one that is wider than its column goes on in the next line.
pub(super) fn whole_row(cells: &[String], widths: &[usize]) -> Vec<String> {
    let options = |width: usize| {
        textwrap::Options::new(width.max(1))
            .word_separator(textwrap::WordSeparator::AsciiSpace)
            .word_splitter(textwrap::WordSplitter::NoHyphenation)
    };
    let cells: Vec<Vec<Cow<'_, str>>> = cells
        .iter()
        .zip(widths)
        .map(|(cell, width)| textwrap::wrap(cell, options(*width)))
        .collect();
    let lines = cells.iter().map(Vec::len).max().unwrap_or(0);
    (0..lines)
        .map(|line| {
            let cells = cells
                .iter()
                .map(|cell| cell.get(line).map_or("", |it| &**it));
            row(cells, widths)
        })
        .collect()
}

/// Takes from the widest columns until a row of them all is no wider than `width`, or nothing more can be taken.
pub(super) fn narrow(widths: &mut [usize], width: usize) {
    loop {
        let shown = widths.iter().filter(|width| **width > 0);
        // A blank before and after each cell but for the last, and one before the row.
        let whole: usize = shown.map(|width| width + 2).sum();
        let too_wide = whole.saturating_sub(width);
        let Some(widest) = widths.iter_mut().max_by_key(|width| **width) else {
            return;
        };
        if too_wide == 0 || *widest <= NARROWEST {
            return;
        }
        *widest -= 1;
    }
}

/// A cell in a column of this width.
pub(super) fn cut(cell: &str, width: usize) -> Cow<'_, str> {
    if display_width(cell) <= width {
        return Cow::Borrowed(cell);
    }
    let mut kept = String::new();
    for character in cell.chars() {
        let next = format!("{kept}{character}");
        if display_width(&next) + 1 > width {
            break;
        }
        kept = next;
    }
    Cow::Owned(format!("{kept}…"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_is_too_wide_goes_on_below() {
        let cells = ["api", "environment variable", "https://example.com"].map(str::to_owned);
        assert_eq!(
            whole_row(&cells, &[3, 11, 10]),
            [
                "  api  environment  https://ex",
                "       variable     ample.com"
            ]
        );
    }
}
