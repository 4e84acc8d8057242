//! Numbers as Redis reads and writes them.

use super::reply::Refusal;
use bytes::Bytes;

/// A whole number, written in the one way that Redis takes: no sign but `-`, no zeros before it (`string2ll`).
pub fn integer(bytes: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(bytes).ok()?;
    let number: i64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

/// A whole number that a command takes.
pub fn integer_argument(bytes: &[u8]) -> Result<i64, Refusal> {
    integer(bytes).ok_or_else(Refusal::not_an_integer)
}

/// A score that a command takes.
pub fn float_argument(bytes: &[u8]) -> Result<f64, Refusal> {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    match text.parse::<f64>() {
        Ok(number) if !number.is_nan() => Ok(number),
        _ => Err(Refusal::server("ERR value is not a valid float")),
    }
}

/// A whole number as a string.
pub fn integer_bytes(number: i64) -> Bytes {
    number.to_string().into()
}

/// A score as Redis writes it since 7.2: as few digits as say which number it is, in powers of ten where it is very large or
/// small. (Before, it wrote 17 digits, and so `1.1000000000000001`.)
pub fn float_text(number: f64) -> String {
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let magnitude = number.abs();
    if number == 0.0 || (1e-5..1e17).contains(&magnitude) {
        return number.to_string();
    }
    let text = format!("{number:e}");
    match text.split_once('e') {
        Some((digits, power)) if !power.starts_with('-') => format!("{digits}e+{power}"),
        _ => text,
    }
}
