//! Comparing JSON by meaning: equality, and whether it contains a part.

use std::fmt;

use serde_json::{Number, Value};

use super::{show, show_json};

/// Differences that are kept; more are counted.
const MAX_DIFFERENCES: usize = 10;
/// The JSON in `bytes`, such as a response's body.
///
/// # Errors
///
/// If they aren't exactly one JSON value.
pub fn parse_json(bytes: &[u8]) -> Result<Value, NotJson> {
    serde_json::from_slice(bytes).map_err(|error| NotJson {
        actual: show(bytes),
        reason: format!("not JSON: {error}"),
    })
}

/// Bytes that should have been JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{actual} is {reason}")]
pub struct NotJson {
    /// The bytes, shortened.
    pub actual: String,
    /// What the parser says, with line and column.
    pub reason: String,
}

/// Whether `actual` and `expected` mean the same: objects in any order, numbers by value.
///
/// # Errors
///
/// Where they differ.
pub fn equal_json(actual: &Value, expected: &Value) -> Result<(), JsonDifferences> {
    compare(actual, expected, true)
}

/// Whether `actual` contains `expected`.
///
/// An object contains another if it has its members, and each contains the expected one. An
/// array needs exactly as many elements as the expected one, each containing the one at the
/// same place. Anything else is equal.
///
/// # Errors
///
/// Where it doesn't.
pub fn contains_json(actual: &Value, expected: &Value) -> Result<(), JsonDifferences> {
    compare(actual, expected, false)
}

/// One place where JSON isn't as expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: expected {expected}, got {actual}")]
pub struct JsonDifference {
    /// The place, as a JSON path.
    pub path: String,
    /// What was expected there, shortened; `nothing` for a member too many.
    pub expected: String,
    /// What is there, shortened; `nothing` for a missing member.
    pub actual: String,
}

/// Where JSON isn't as expected: the first ten places, in document order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JsonDifferences {
    /// The first places.
    pub first: Vec<JsonDifference>,
    /// How many there are altogether.
    pub total: usize,
}

impl std::error::Error for JsonDifferences {}

impl fmt::Display for JsonDifferences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, difference) in self.first.iter().enumerate() {
            let end = if index == 0 { "" } else { "\n" };
            write!(f, "{end}{difference}")?;
        }
        match self.total - self.first.len() {
            0 => Ok(()),
            1 => write!(f, "\n… 1 more difference"),
            more => write!(f, "\n… {more} more differences"),
        }
    }
}

impl JsonDifferences {
    fn add(&mut self, path: &str, expected: &str, actual: &str) {
        self.total += 1;
        if self.first.len() < MAX_DIFFERENCES {
            self.first.push(JsonDifference {
                path: path.to_string(),
                expected: expected.to_string(),
                actual: actual.to_string(),
            });
        }
    }
}

fn compare(actual: &Value, expected: &Value, exact: bool) -> Result<(), JsonDifferences> {
    let mut walk = Walk {
        exact,
        path: String::from("$"),
        found: JsonDifferences::default(),
    };
    // serde_json reads nothing that is nested deeper than 128 levels.
    walk.value(actual, expected);
    match walk.found.total {
        0 => Ok(()),
        _ => Err(walk.found),
    }
}

struct Walk {
    exact: bool,
    path: String,
    found: JsonDifferences,
}

impl Walk {
    fn value(&mut self, actual: &Value, expected: &Value) {
        match (actual, expected) {
            (Value::Object(actual), Value::Object(expected)) => {
                for (key, expected) in expected {
                    let len = self.path.len();
                    push_key(&mut self.path, key);
                    match actual.get(key) {
                        Some(actual) => self.value(actual, expected),
                        None => self.found.add(&self.path, &show_json(expected), "nothing"),
                    }
                    self.path.truncate(len);
                }
                if self.exact {
                    for (key, actual) in actual
                        .iter()
                        .filter(|(key, _)| !expected.contains_key(*key))
                    {
                        let len = self.path.len();
                        push_key(&mut self.path, key);
                        self.found.add(&self.path, "nothing", &show_json(actual));
                        self.path.truncate(len);
                    }
                }
            }
            (Value::Array(actual), Value::Array(expected)) => {
                if actual.len() != expected.len() {
                    let elements = |count| match count {
                        1 => "1 element".to_string(),
                        count => format!("{count} elements"),
                    };
                    let (expected, actual) = (elements(expected.len()), elements(actual.len()));
                    self.found.add(&self.path, &expected, &actual);
                }
                for (index, (actual, expected)) in actual.iter().zip(expected).enumerate() {
                    let len = self.path.len();
                    self.path.push_str(&format!("[{index}]"));
                    self.value(actual, expected);
                    self.path.truncate(len);
                }
            }
            (Value::Number(actual), Value::Number(expected)) if same_number(actual, expected) => {}
            _ if actual == expected => {}
            _ => self
                .found
                .add(&self.path, &show_json(expected), &show_json(actual)),
        }
    }
}

/// JSON has one kind of number: `1`, `1.0` and `1e0` are the same.
fn same_number(a: &Number, b: &Number) -> bool {
    let exact = |number: &Number| {
        let integer = number.as_i64().map(i128::from);
        integer.or_else(|| number.as_u64().map(i128::from))
    };
    match (exact(a), exact(b)) {
        (Some(a), Some(b)) => a == b,
        (None, None) => a.as_f64() == b.as_f64(),
        (Some(integer), None) => same_as_float(integer, b),
        (None, Some(integer)) => same_as_float(integer, a),
    }
}

fn same_as_float(integer: i128, float: &Number) -> bool {
    // Exact: a float that is whole and below 2^64 converts without loss.
    float
        .as_f64()
        .is_some_and(|float| float.fract() == 0.0 && float as i128 == integer)
}

fn push_key(path: &mut String, key: &str) {
    let plain = |c: char| c.is_alphanumeric() || c == '_';
    match key.starts_with(|c: char| plain(c) && !c.is_numeric()) && key.chars().all(plain) {
        true => {
            path.push('.');
            path.push_str(key);
        }
        false => {
            let key: String = key.escape_debug().collect();
            path.push_str(&format!("['{}']", key.replace("\\\"", "\"")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_are_equal_by_value() {
        let same = |a: &str, b: &str| {
            let parse = |text: &str| parse_json(text.as_bytes()).unwrap();
            equal_json(&parse(a), &parse(b)).is_ok()
        };
        assert!(same("1", "1.0") && same("10", "1e1") && same("-0.0", "0"));
        assert!(same("18446744073709551615", "18446744073709551615"));
        assert!(!same("9007199254740993", "9007199254740992.0"));
        assert!(!same("1", "1.5") && !same("1", "\"1\"") && !same("0", "false"));
    }

    #[test]
    fn a_part_is_contained_with_its_differences() {
        let actual = json!({"a": 1, "list": [{"x": 1, "y": 2}, {"x": 3}], "o k": {}});
        assert!(contains_json(&actual, &json!({"list": [{"x": 1}, {}]})).is_ok());
        assert!(contains_json(&actual, &json!({})).is_ok());
        assert!(contains_json(&actual, &json!({"list": [{"x": 1}]})).is_err());
        let error = contains_json(
            &actual,
            &json!({"a": "1", "list": [{"x": 2}], "o k": {"it's": 1}}),
        )
        .unwrap_err();
        assert_eq!(
            error.to_string(),
            "$.a: expected \"1\", got 1\n\
             $.list: expected 1 element, got 2 elements\n\
             $.list[0].x: expected 2, got 1\n\
             $['o k']['it\\'s']: expected 1, got nothing"
        );
    }

    #[test]
    fn equality_names_what_is_too_much() {
        let error = equal_json(&json!({"a": 1, "b": 2}), &json!({"a": 1})).unwrap_err();
        assert_eq!(error.to_string(), "$.b: expected nothing, got 2");
        let many = |n: usize| Value::from((0..n).map(|i| i + n).collect::<Vec<_>>());
        let error = equal_json(&many(5_000), &many(6_000)).unwrap_err();
        assert_eq!((error.first.len(), error.total), (10, 5_001));
        assert!(error.to_string().ends_with("\n… 4991 more differences"));
    }
}
