//! Durations as steps write them: `250 ms`, `30 s`, `5 minutes`, `2 hours`.

use std::time::Duration;

use super::show;

/// The longest duration a step may state: ten years of 365 days.
pub const MAX_DURATION: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// Units by every name they have, in nanoseconds.
const UNITS: &[(&str, u128)] = &[
    ("ms", 1_000_000),
    ("millisecond", 1_000_000),
    ("milliseconds", 1_000_000),
    ("s", 1_000_000_000),
    ("second", 1_000_000_000),
    ("seconds", 1_000_000_000),
    ("minute", 60_000_000_000),
    ("minutes", 60_000_000_000),
    ("hour", 3_600_000_000_000),
    ("hours", 3_600_000_000_000),
];

/// The duration that `text` states: a number, which may have a fraction, and a unit.
///
/// The result is in whole milliseconds, the resolution of virtual time, rounded up.
///
/// # Errors
///
/// For anything else, and above [`MAX_DURATION`].
pub fn parse_duration(text: &str) -> Result<Duration, DurationError> {
    let trimmed = text.trim();
    let shown = || show(text.as_bytes());
    let end = trimmed
        .find(|character: char| !character.is_ascii_digit() && character != '.')
        .unwrap_or(trimmed.len());
    let (number, unit) = trimmed.split_at(end);
    let unit = unit.trim_start();

    let (whole, fraction) = match number.split_once('.') {
        Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
        Some(_) => return Err(DurationError::Number { text: shown() }),
        None => (number, ""),
    };
    if whole.is_empty() || fraction.contains('.') {
        return Err(DurationError::Number { text: shown() });
    }
    let Some((_, nanos)) = UNITS.iter().find(|(name, _)| *name == unit) else {
        return Err(match unit {
            "" => DurationError::NoUnit { text: shown() },
            _ => DurationError::Unit {
                unit: show(unit.as_bytes()),
            },
        });
    };

    let too_long = || DurationError::TooLong { text: shown() };
    // Eighteen digits of the largest unit fit 128 bits; more are too long in any unit.
    let whole = whole.trim_start_matches('0');
    if whole.len() > 18 {
        return Err(too_long());
    }
    // Nine digits of an hour are finer than a nanosecond of it can matter after rounding.
    let fraction = &fraction[..fraction.len().min(9)];
    let scale = 10_u128.pow(fraction.len() as u32);
    let digits = |text: &str| text.parse::<u128>().unwrap_or(0);
    let total = digits(whole) * nanos + (digits(fraction) * nanos).div_ceil(scale);
    let millis = u64::try_from(total.div_ceil(1_000_000)).map_err(|_| too_long())?;
    let duration = Duration::from_millis(millis);
    match duration <= MAX_DURATION {
        true => Ok(duration),
        false => Err(too_long()),
    }
}

/// A duration as [`parse_duration`] reads it, in the largest unit that it is a whole number of.
///
/// Less than a millisecond is not shown: virtual time has none.
pub fn show_duration(duration: Duration) -> String {
    let millis = duration.as_millis();
    let (unit, names) = [
        (3_600_000, ["hour", "hours"]),
        (60_000, ["minute", "minutes"]),
        (1_000, ["s", "s"]),
    ]
    .into_iter()
    .find(|(unit, _)| millis > 0 && millis.is_multiple_of(*unit))
    .unwrap_or((1, ["ms", "ms"]));
    let count = millis / unit;
    let [one, several] = names;
    format!("{count} {}", if count == 1 { one } else { several })
}

/// Why a text states no duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[diagnostic(help("durations are written `250 ms`, `30 s`, `5 minutes` or `2 hours`"))]
#[non_exhaustive]
pub enum DurationError {
    /// It doesn't begin with a number that isn't negative.
    #[error("{text} is not a duration: it does not begin with a number")]
    Number {
        /// The text, shortened.
        text: String,
    },
    /// The unit is missing.
    #[error("{text} is not a duration: the unit is missing")]
    NoUnit {
        /// The text, shortened.
        text: String,
    },
    /// The unit isn't one.
    #[error("{unit} is not a unit of time")]
    Unit {
        /// What stands after the number, shortened.
        unit: String,
    },
    /// It is above [`MAX_DURATION`].
    #[error("{text} is longer than a duration may be: ten years")]
    TooLong {
        /// The text, shortened.
        text: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_back_as_they_are_shown() {
        for (millis, shown) in [
            (0, "0 ms"),
            (250, "250 ms"),
            (1_000, "1 s"),
            (90_000, "90 s"),
            (60_000, "1 minute"),
            (300_000, "5 minutes"),
            (3_600_000, "1 hour"),
            (7_200_001, "7200001 ms"),
        ] {
            let duration = Duration::from_millis(millis);
            assert_eq!(show_duration(duration), shown);
            assert_eq!(parse_duration(shown), Ok(duration));
        }
    }

    #[test]
    fn every_unit_has_its_length() {
        for (text, millis) in [
            ("250 ms", 250),
            ("250ms", 250),
            ("30 s", 30_000),
            ("1.5 s", 1_500),
            ("1 second", 1_000),
            ("5 minutes", 300_000),
            ("1 minute", 60_000),
            ("2 hours", 7_200_000),
            (" 0 ms ", 0),
            ("007 s", 7_000),
            ("0.25 hours", 900_000),
        ] {
            assert_eq!(
                parse_duration(text),
                Ok(Duration::from_millis(millis)),
                "{text}"
            );
        }
    }

    #[test]
    fn parts_of_a_millisecond_round_up() {
        assert_eq!(parse_duration("0.2 ms"), Ok(Duration::from_millis(1)));
        assert_eq!(parse_duration("1.0001 s"), Ok(Duration::from_millis(1_001)));
        assert_eq!(parse_duration("2.000 ms"), Ok(Duration::from_millis(2)));
    }

    #[test]
    fn anything_else_is_an_error() {
        for text in ["", "ms", "-1 s", "a while", ".5 s", "1. s", "1.2.3 s", "é"] {
            let error = parse_duration(text).unwrap_err();
            assert!(
                matches!(error, DurationError::Number { .. }),
                "{text}: {error}"
            );
        }
        assert!(matches!(
            parse_duration("5"),
            Err(DurationError::NoUnit { .. })
        ));
        for text in ["1 day", "1 S", "1 s s", "1e3 s", "1_000 ms", "1 µs"] {
            let error = parse_duration(text).unwrap_err();
            assert!(
                matches!(error, DurationError::Unit { .. }),
                "{text}: {error}"
            );
        }
    }

    #[test]
    fn lengths_are_bounded() {
        assert_eq!(parse_duration("87600 hours"), Ok(MAX_DURATION));
        let digits = format!("{} hours", "9".repeat(100_000));
        for text in ["87600.001 hours", "999999999999999999 hours", &digits] {
            let error = parse_duration(text).unwrap_err();
            assert!(matches!(error, DurationError::TooLong { .. }), "{error}");
        }
        let fraction = format!("0.{} s", "3".repeat(100_000));
        assert_eq!(parse_duration(&fraction), Ok(Duration::from_millis(334)));
    }
}
