//! Replacing what is different in every run before a snapshot is compared.

use regex::Regex;
use serde_json::Value;

use crate::value::{JsonPath, JsonPathError, RegexError};

/// What is replaced in the content of snapshots, in the order it was added: first everything by
/// JSON path, then everything by regular expression.
#[derive(Debug, Clone, Default)]
pub struct Redactions {
    paths: Vec<(JsonPath, Value)>,
    patterns: Vec<(Regex, String)>,
}

impl Redactions {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// Replaces everything at a JSON path by a string, such as `$.id` by `[id]`.
    ///
    /// # Errors
    ///
    /// If it isn't a path.
    pub fn json_path(mut self, path: &str, replacement: &str) -> Result<Self, RedactionError> {
        self.paths
            .push((JsonPath::parse(path)?, replacement.into()));
        Ok(self)
    }

    /// Replaces everything that a pattern matches. As with insta's filters, `$1` and `${name}`
    /// in the replacement are groups of the pattern, and `$$` is a dollar sign.
    ///
    /// # Errors
    ///
    /// If the pattern doesn't compile.
    pub fn regex(mut self, pattern: &str, replacement: &str) -> Result<Self, RedactionError> {
        let regex = Regex::new(pattern).map_err(|error| RegexError {
            reason: error.to_string(),
        })?;
        self.patterns.push((regex, replacement.to_string()));
        Ok(self)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty() && self.patterns.is_empty()
    }

    /// Redacts JSON by the paths, for content of which JSON is a part (a body after its head).
    pub fn apply_to_json(&self, json: &mut Value) {
        for (path, replacement) in &self.paths {
            path.replace(json, replacement);
        }
    }

    /// Redacts text by the patterns.
    pub fn apply_to_text(&self, text: &str) -> String {
        let mut text = text.to_string();
        for (regex, replacement) in &self.patterns {
            text = regex.replace_all(&text, replacement).into_owned();
        }
        text
    }

    /// Redacts the content of a snapshot. If there are JSON paths and all of it is JSON, those
    /// are applied and the JSON is laid out over several lines.
    pub fn apply(&self, content: &str) -> String {
        if self.paths.is_empty() {
            return self.apply_to_text(content);
        }
        match serde_json::from_str::<Value>(content) {
            Ok(mut json) => {
                self.apply_to_json(&mut json);
                self.apply_to_text(&format!("{json:#}"))
            }
            Err(_) => self.apply_to_text(content),
        }
    }
}

/// A redaction that can't be applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum RedactionError {
    /// The path isn't one.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Path(#[from] JsonPathError),
    /// The pattern doesn't compile.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Pattern(#[from] RegexError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_patterns_are_replaced_everywhere() {
        let redactions = Redactions::new()
            .json_path("$..id", "[id]")
            .and_then(|all| all.regex(r"\d{4}-(\d\d)-\d\d", "[date in $1]"))
            .unwrap();
        assert_eq!(
            redactions.apply(r#"{"id":7,"at":"2026-01-02","in":[{"id":{}}]}"#),
            "{\n  \"id\": \"[id]\",\n  \"at\": \"[date in 01]\",\n  \"in\": [\n    {\n      \
             \"id\": \"[id]\"\n    }\n  ]\n}"
        );
        assert_eq!(
            redactions.apply("not JSON 2026-01-02"),
            "not JSON [date in 01]"
        );
    }

    #[test]
    fn without_paths_json_keeps_its_layout() {
        let redactions = Redactions::new().regex("b+", "$$5").unwrap();
        assert_eq!(redactions.apply("{ \"a\":\"abba\"}"), "{ \"a\":\"a$5a\"}");
        assert!(Redactions::new().is_empty() && !redactions.is_empty());
    }

    #[test]
    fn mistakes_are_errors() {
        let path = Redactions::new().json_path("id", "x").unwrap_err();
        assert!(matches!(path, RedactionError::Path(_)), "{path}");
        let pattern = Redactions::new().regex("(", "x").unwrap_err();
        assert!(matches!(pattern, RedactionError::Pattern(_)), "{pattern}");
    }
}
