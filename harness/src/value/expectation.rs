//! What a Then step's table cell expects of a value.

use std::fmt;
use std::path::Path;

use regex::bytes::Regex;
use serde_json::Value as Json;

use super::{Value, ValueError, equal_json, parse_json, show, show_json, visible};

/// A table cell of a Then step: a value, JSON, or a pattern.
#[derive(Debug, Clone)]
pub enum Expectation {
    /// The same bytes.
    Equals(Value),
    /// `json:…`: JSON with the same meaning, however it is spelled.
    Json(Json),
    /// `matches:REGEX`: the pattern is found anywhere.
    Matches(Regex),
}

impl Expectation {
    /// What `cell` expects; `base_dir` is the folder of the feature file.
    ///
    /// # Errors
    ///
    /// As for [`Value::parse`], and for a pattern that doesn't compile.
    pub fn parse(cell: &str, base_dir: &Path) -> Result<Self, ValueError> {
        if let Some(pattern) = cell.strip_prefix("matches:") {
            return Ok(Self::Matches(compile_regex(pattern)?));
        }
        let value = Value::parse(cell, base_dir)?;
        Ok(match value.json() {
            Some(json) => Self::Json(json.clone()),
            None => Self::Equals(value),
        })
    }

    /// Whether `actual` is what is expected.
    pub fn is_met_by(&self, actual: &[u8]) -> bool {
        match self {
            Self::Equals(value) => value.bytes() == actual,
            Self::Matches(regex) => regex.is_match(actual),
            Self::Json(json) => {
                parse_json(actual).is_ok_and(|actual| equal_json(&actual, json).is_ok())
            }
        }
    }

    /// As [`Self::is_met_by`], with a report of what is wrong.
    ///
    /// # Errors
    ///
    /// If `actual` isn't what is expected.
    pub fn check(&self, actual: &[u8]) -> Result<(), Mismatch> {
        let mismatch = |detail| Mismatch {
            expected: self.to_string(),
            actual: show(actual),
            detail,
        };
        match self {
            Self::Json(expected) => {
                let json = parse_json(actual).map_err(|error| mismatch(Some(error.reason)))?;
                equal_json(&json, expected)
                    .map_err(|differences| mismatch(Some(differences.to_string())))
            }
            _ if self.is_met_by(actual) => Ok(()),
            _ => Err(mismatch(None)),
        }
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Equals(value) => f.write_str(&show(value.bytes())),
            Self::Json(json) => write!(f, "the JSON {}", show_json(json)),
            Self::Matches(regex) => write!(f, "a match of /{}/", visible(regex.as_str())),
        }
    }
}

/// A value that isn't what was expected, both as [`show`] shows them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}, got {actual}{}", on_its_own_line(.detail.as_deref()))]
pub struct Mismatch {
    /// What was expected.
    pub expected: String,
    /// What was there.
    pub actual: String,
    /// For JSON: where they differ, or why the actual value isn't JSON.
    pub detail: Option<String>,
}

fn on_its_own_line(detail: Option<&str>) -> String {
    detail.map_or_else(String::new, |detail| format!("\n{detail}"))
}

/// The pattern of a `matches` step or cell, found anywhere in a value, which needn't be UTF-8.
///
/// # Errors
///
/// If it doesn't compile, or would take too much memory.
pub fn compile_regex(pattern: &str) -> Result<Regex, RegexError> {
    // The message of a failure repeats the pattern.
    if pattern.len() > MAX_PATTERN {
        return Err(RegexError {
            reason: format!(
                "it is {} bytes long, {MAX_PATTERN} are allowed",
                pattern.len()
            ),
        });
    }
    Regex::new(pattern).map_err(|error| RegexError {
        reason: error.to_string(),
    })
}

/// The longest pattern, in bytes.
const MAX_PATTERN: usize = 10_000;

/// A pattern that can't be compiled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("the regular expression is not usable: {reason}")]
#[diagnostic(help("the syntax is that of Rust's regex crate: no look-around, no backreferences"))]
pub struct RegexError {
    /// What the compiler says; several lines with the place marked.
    pub reason: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(cell: &str) -> Expectation {
        Expectation::parse(cell, Path::new("/nonexistent")).unwrap()
    }

    #[test]
    fn plain_values_are_compared_byte_by_byte() {
        assert!(parse("41").is_met_by(b"41"));
        assert!(!parse("41").is_met_by(b"41\n"));
        assert!(parse("base64:AP8=").is_met_by(&[0, 255]));
        assert!(parse("text:matches:a").is_met_by(b"matches:a"));
        assert_eq!(
            parse("41").check(b"\xff").unwrap_err().to_string(),
            "expected \"41\", got binary, 1 byte: ff"
        );
    }

    #[test]
    fn json_is_compared_by_meaning() {
        let expected = parse(r#"json:{"a": 1, "b": [1.0]}"#);
        assert!(expected.check(br#"{"b":[1],"a":1}"#).is_ok());
        let error = expected.check(br#"{"b":[2],"a":1}"#).unwrap_err();
        assert!(error.to_string().contains("$.b[0]"), "{error}");
        // A part is not enough.
        assert!(!expected.is_met_by(br#"{"a":1,"b":[1],"c":0}"#));
        let error = expected.check(b"nonsense").unwrap_err();
        assert!(error.detail.is_some(), "{error}");
    }

    #[test]
    fn patterns_are_found_anywhere() {
        assert!(parse(r"matches:\d+").is_met_by(b"a 41 b"));
        assert!(parse(r"matches:\d+").is_met_by(b"\xff41"));
        assert!(!parse(r"matches:^\d+$").is_met_by(b"a 41"));
        assert!(parse("matches:").is_met_by(b""));
    }

    #[test]
    fn hostile_patterns_are_errors() {
        let huge = "a".repeat(1_000_000);
        let deep = format!("{}a{}", "(".repeat(4_000), ")".repeat(4_000));
        for pattern in ["(", "a{99999}{99999}", "(?=a)", &huge, &deep] {
            let error = compile_regex(pattern).unwrap_err();
            assert!(!error.reason.is_empty());
        }
    }
}
