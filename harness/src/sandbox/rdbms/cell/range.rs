//! Ranges as Postgres writes them: `[1,10)`, `(,10]`, `empty`.

use super::super::value::{Bound, Range};
use std::str::FromStr;

/// Reads a range. An empty one has no ends in Spin's interfaces.
pub(super) fn of<T>(cell: &str, value: impl Fn(&str) -> Option<T>) -> Option<Range<T>> {
    let cell = cell.trim();
    if cell.eq_ignore_ascii_case("empty") {
        return Some(Range {
            lower: None,
            upper: None,
        });
    }
    let (lower_in, upper_in) = (cell.starts_with('['), cell.ends_with(']'));
    let inside = cell.strip_prefix(['[', '('])?.strip_suffix([']', ')'])?;
    let (lower, upper) = inside.split_once(',')?;
    let bound = |text: &str, inclusive| match text.trim() {
        "" => Some(None),
        text => value(text).map(|value| Some(Bound { value, inclusive })),
    };
    Some(Range {
        lower: bound(lower, lower_in)?,
        upper: bound(upper, upper_in)?,
    })
}

/// A range of whole numbers, which the server gives with its lower end in it and its upper end out of it.
pub(super) fn whole<T: FromStr + PartialOrd + Copy>(
    cell: &str,
    one: T,
    add: impl Fn(T, T) -> Option<T>,
) -> Option<Range<T>> {
    let Range { lower, upper } = of(cell, |text| text.parse().ok())?;
    let moved = |bound: Option<Bound<T>>, inclusive: bool| match bound {
        Some(bound) if bound.inclusive != inclusive => {
            let value = add(bound.value, one)?;
            Some(Some(Bound { value, inclusive }))
        }
        bound => Some(bound),
    };
    let (lower, upper) = (moved(lower, true)?, moved(upper, false)?);
    match (&lower, &upper) {
        (Some(lower), Some(upper)) if lower.value > upper.value => None,
        // Nothing lies between them.
        (Some(lower), Some(upper)) if lower.value == upper.value => Some(Range {
            lower: None,
            upper: None,
        }),
        _ => Some(Range { lower, upper }),
    }
}
