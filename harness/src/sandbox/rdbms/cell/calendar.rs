//! Dates and times: `2026-01-31`, `12:30:00.5`, `2026-01-31T12:30:00`.

use super::super::value::{Date, DateTime, Time};

/// Whether there is such a day.
fn is_date((year, month, day): Date) -> bool {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day)
}

/// Whether there is such a time of the day.
fn is_time((hour, minute, second, nanos): Time) -> bool {
    hour < 24 && minute < 60 && second < 60 && nanos < 1_000_000_000
}

/// A number of just so many digits.
fn digits<T: std::str::FromStr>(text: &str, count: usize) -> Option<T> {
    (text.len() == count && text.bytes().all(|it| it.is_ascii_digit()))
        .then(|| text.parse().ok())?
}

pub(super) fn date(cell: &str) -> Option<Date> {
    let mut parts = cell.trim().split('-');
    let date = (
        digits(parts.next()?, 4)?,
        digits(parts.next()?, 2)?,
        digits(parts.next()?, 2)?,
    );
    (parts.next().is_none() && is_date(date)).then_some(date)
}

pub(super) fn time(cell: &str) -> Option<Time> {
    let (whole, fraction) = cell.trim().split_once('.').unwrap_or((cell.trim(), "0"));
    let mut parts = whole.split(':');
    let (hour, minute) = (digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let second = digits(parts.next()?, 2)?;
    let count = fraction.len();
    if count > 9 || parts.next().is_some() {
        return None;
    }
    let nanos = digits::<u32>(fraction, count)? * 10_u32.pow(9 - count as u32);
    let time = (hour, minute, second, nanos);
    is_time(time).then_some(time)
}

/// Always UTC, as in the interfaces.
pub(super) fn date_time(cell: &str) -> Option<DateTime> {
    let cell = cell.trim().trim_end_matches('Z');
    let (day, clock) = cell.split_once(['T', ' '])?;
    let (year, month, day) = date(day)?;
    let (hour, minute, second, nanos) = time(clock)?;
    Some((year, month, day, hour, minute, second, nanos))
}
