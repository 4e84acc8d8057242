//! Intervals as Postgres writes them: `1 year 2 mons 3 days 04:05:06.5`.

use super::super::value::Interval;

/// Reads numbers with units, and at the end a time.
pub(super) fn of(cell: &str) -> Option<Interval> {
    let mut interval = Interval::default();
    let mut words = cell.split_whitespace();
    let mut any = false;
    while let Some(word) = words.next() {
        any = true;
        if word.contains(':') {
            add_micros(&mut interval, clock(word)?)?;
            continue;
        }
        let number: i32 = word.parse().ok()?;
        let unit = words.next()?;
        match unit.trim_end_matches(['s', ',']) {
            "year" => add(&mut interval.months, number.checked_mul(12)?)?,
            "mon" | "month" => add(&mut interval.months, number)?,
            "week" => add(&mut interval.days, number.checked_mul(7)?)?,
            "day" => add(&mut interval.days, number)?,
            "hour" => add_micros(&mut interval, i64::from(number) * 3_600_000_000)?,
            "min" | "minute" => add_micros(&mut interval, i64::from(number) * 60_000_000)?,
            "sec" | "second" => add_micros(&mut interval, i64::from(number) * 1_000_000)?,
            _ => return None,
        }
    }
    any.then_some(interval)
}

fn add(to: &mut i32, number: i32) -> Option<()> {
    *to = to.checked_add(number)?;
    Some(())
}

fn add_micros(interval: &mut Interval, micros: i64) -> Option<()> {
    interval.micros = interval.micros.checked_add(micros)?;
    Some(())
}

/// `[-]HH:MM:SS[.ffffff]` in microseconds; there may be more than 24 hours.
fn clock(word: &str) -> Option<i64> {
    let (sign, word) = match word.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, word),
    };
    let (whole, fraction) = word.split_once('.').unwrap_or((word, "0"));
    let mut parts = whole.split(':').map(|part| part.parse::<u32>().ok());
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    let is_fraction =
        (1..=6).contains(&fraction.len()) && fraction.bytes().all(|it| it.is_ascii_digit());
    if parts.next().is_some() || minutes > 59 || seconds > 59 || !is_fraction {
        return None;
    }
    let micros: i64 = format!("{fraction:0<6}").parse().ok()?;
    let seconds = i64::from(hours) * 3600 + i64::from(minutes) * 60 + i64::from(seconds);
    Some(sign * (seconds * 1_000_000 + micros))
}
