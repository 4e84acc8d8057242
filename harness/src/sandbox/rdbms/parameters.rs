//! What Spin finds wrong with parameters before it asks the server (`crates/factor-outbound-pg/src/types/convert.rs`).

use super::cell::{decimal, is_date, is_time};
use super::value::ServerValue;

/// The first parameter that cannot be sent to Postgres, as Spin tells it.
pub(super) fn unsendable(parameters: &[ServerValue]) -> Option<String> {
    parameters.iter().find_map(wrong)
}

fn wrong(parameter: &ServerValue) -> Option<String> {
    match parameter {
        ServerValue::Date(date) if !is_date(*date) => Some(bad_date(*date)),
        ServerValue::Time(time) if !is_time(*time) => Some(bad_time(*time)),
        ServerValue::DateTime((year, month, day, hour, minute, second, nanos)) => {
            let date = (*year, *month, *day);
            let time = (*hour, *minute, *second, *nanos);
            match (is_date(date), is_time(time)) {
                (false, _) => Some(bad_date(date)),
                (true, false) => Some(bad_time(time)),
                (true, true) => None,
            }
        }
        ServerValue::Uuid(text) if !is_uuid(text) => Some(format!("invalid UUID {text}")),
        ServerValue::Jsonb(bytes) => {
            let error = serde_json::from_slice::<serde_json::Value>(bytes).err()?;
            let text = String::from_utf8_lossy(bytes);
            Some(format!("invalid JSON {text}\n\nCaused by:\n    {error}"))
        }
        ServerValue::Decimal(text) => bad_decimal(text),
        ServerValue::RangeDecimal(range) => {
            let mut ends = range.lower.iter().chain(&range.upper);
            ends.find_map(|end| bad_decimal(&end.value))
        }
        ServerValue::ArrayDecimal(all) => all.iter().flatten().find_map(|it| bad_decimal(it)),
        _ => None,
    }
}

fn bad_date((year, month, day): (i32, u8, u8)) -> String {
    format!("invalid date y={year}, m={month}, d={day}")
}

fn bad_time((hour, minute, second, nanos): (u8, u8, u8, u32)) -> String {
    format!("invalid time {hour}:{minute}:{second}:{nanos}")
}

fn bad_decimal(text: &str) -> Option<String> {
    let why = decimal(text).err()?;
    Some(format!("invalid decimal {text}\n\nCaused by:\n    {why}"))
}

/// Also without hyphens, in braces and as a URN.
fn is_uuid(text: &str) -> bool {
    let text = text.strip_prefix("urn:uuid:").unwrap_or(text);
    let braced = text.strip_prefix('{').and_then(|it| it.strip_suffix('}'));
    let text = braced.unwrap_or(text);
    let hex = |it: &str| it.bytes().all(|it| it.is_ascii_hexdigit());
    text.len() == 32 && hex(text) || super::cell::uuid(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_spin_says_it() {
        for (parameter, told) in [
            (
                ServerValue::Date((2026, 2, 30)),
                "invalid date y=2026, m=2, d=30",
            ),
            (ServerValue::Time((25, 0, 0, 1)), "invalid time 25:0:0:1"),
            (ServerValue::Uuid("7".to_owned()), "invalid UUID 7"),
            (
                ServerValue::Decimal("1e5".to_owned()),
                "invalid decimal 1e5\n\nCaused by:\n    Invalid decimal: unknown character",
            ),
            (
                ServerValue::Jsonb(b"{".to_vec()),
                "invalid JSON {\n\nCaused by:\n    EOF while parsing an object at line 1 column 1",
            ),
        ] {
            assert_eq!(
                unsendable(&[ServerValue::Null, parameter]).as_deref(),
                Some(told)
            );
        }
        let uuid = "{6f1d3c1e-8a1b-4f0e-9d63-0a4c1d2e3f40}".to_owned();
        assert_eq!(
            unsendable(&[ServerValue::Uuid(uuid), ServerValue::Int32(1)]),
            None
        );
    }
}
