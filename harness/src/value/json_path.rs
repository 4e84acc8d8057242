//! JSON paths (RFC 9535), for steps that look at one place of a response.

use std::fmt;

use serde_json::Value;

use super::{show, show_json};

/// Bounds of a path. The parser recurses and backtracks, and each `..` multiplies the work.
const MAX_PATH: usize = 1_000;
const MAX_NESTING: usize = 6;
const MAX_DESCENDANTS: usize = 3;

/// A JSON path as in RFC 9535, such as `$.a[0].b`.
#[derive(Debug, Clone)]
pub struct JsonPath {
    text: String,
    path: serde_json_path::JsonPath,
}

impl JsonPath {
    /// The path that `text` states.
    ///
    /// # Errors
    ///
    /// If it isn't a path, or is longer or nested deeper than anyone writes by hand.
    pub fn parse(text: &str) -> Result<Self, JsonPathError> {
        let syntax = |reason: String| JsonPathError::Syntax {
            path: show(text.as_bytes()),
            reason,
        };
        if let Some(reason) = too_complex(text) {
            return Err(syntax(reason));
        }
        match serde_json_path::JsonPath::parse(text) {
            Ok(path) => Ok(Self {
                text: text.to_string(),
                path,
            }),
            Err(_) if !text.starts_with('$') => Err(syntax("it does not begin with `$`".into())),
            Err(error) => Err(syntax(format!(
                "{} (at character {})",
                error.message(),
                text.get(..error.position())
                    .map_or(0, |before| before.chars().count())
                    + 1
            ))),
        }
    }

    /// The path as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Everything at this path, in document order.
    pub fn all<'a>(&self, json: &'a Value) -> Vec<&'a Value> {
        self.path.query(json).all()
    }

    /// Whether anything is at this path; `null` is something.
    pub fn exists(&self, json: &Value) -> bool {
        !self.path.query(json).is_empty()
    }

    /// The one value at this path.
    ///
    /// # Errors
    ///
    /// If there is none, or are several.
    pub fn one<'a>(&self, json: &'a Value) -> Result<&'a Value, JsonPathError> {
        match self.all(json)[..] {
            [value] => Ok(value),
            [] => Err(JsonPathError::Nothing {
                path: self.text.clone(),
                actual: show_json(json),
            }),
            ref all => Err(JsonPathError::Several {
                path: self.text.clone(),
                count: all.len(),
                actual: show_json(json),
            }),
        }
    }

    /// JSON with everything at this path replaced.
    pub fn replace(&self, json: &mut Value, replacement: &Value) {
        let places: Vec<_> = self
            .path
            .query_located(json)
            .iter()
            .map(|node| node.location().to_json_pointer())
            .collect();
        for place in places {
            // Gone, if a value around it was replaced before.
            if let Some(value) = json.pointer_mut(&place) {
                value.clone_from(replacement);
            }
        }
    }
}

impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Why a JSON path gives no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum JsonPathError {
    /// It isn't a path.
    #[error("{path} is not a JSON path: {reason}")]
    #[diagnostic(help("JSON paths are those of RFC 9535, such as $.items[0].name"))]
    Syntax {
        /// The path, shortened.
        path: String,
        /// What is wrong, and where.
        reason: String,
    },
    /// Nothing is there.
    #[error("nothing is at {path} in {actual}")]
    Nothing {
        /// The path as written.
        path: String,
        /// The whole JSON, shortened.
        actual: String,
    },
    /// Several values are there where one is needed.
    #[error("{count} values are at {path}, where one is needed, in {actual}")]
    Several {
        /// The path as written.
        path: String,
        /// How many there are.
        count: usize,
        /// The whole JSON, shortened.
        actual: String,
    },
}

/// Why a path isn't even given to the parser.
fn too_complex(text: &str) -> Option<String> {
    if text.len() > MAX_PATH {
        return Some(format!("it is longer than {MAX_PATH} bytes"));
    }
    let (mut depth, mut deepest) = (0_usize, 0);
    let mut quote = None;
    let mut escaped = false;
    for character in text.chars() {
        match (quote, character) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), _) if open == character => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(character),
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => depth = depth.saturating_sub(1),
            (None, _) => {}
        }
        deepest = depth.max(deepest);
    }
    if deepest > MAX_NESTING {
        return Some(format!("it is nested deeper than {MAX_NESTING} levels"));
    }
    if text.matches("..").count() > MAX_DESCENDANTS {
        return Some(format!("it has more than {MAX_DESCENDANTS} times `..`"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn path(text: &str) -> JsonPath {
        JsonPath::parse(text).unwrap()
    }

    #[test]
    fn a_path_gives_one_value_or_says_why_not() {
        let json = json!({"a": [{"b": 3}, {"b": null}], "a key": "x"});
        assert_eq!(path("$.a[0].b").one(&json), Ok(&json!(3)));
        assert_eq!(path("$['a key']").one(&json), Ok(&json!("x")));
        assert!(path("$.a[1].b").exists(&json) && !path("$.a[2]").exists(&json));
        assert_eq!(
            path("$.c").one(&json).unwrap_err().to_string(),
            r#"nothing is at $.c in {"a":[{"b":3},{"b":null}],"a key":"x"}"#
        );
        let error = path("$.a[*].b").one(&json).unwrap_err();
        assert!(matches!(error, JsonPathError::Several { count: 2, .. }));
        assert_eq!(path("$..b").all(&json), [&json!(3), &json!(null)]);
    }

    #[test]
    fn a_replacement_goes_everywhere() {
        let mut json = json!({"a": [{"id": 1, "in": {"id": 2}}, {"id": {"id": 3}}]});
        path("$..id").replace(&mut json, &json!("[id]"));
        assert_eq!(
            json,
            json!({"a": [{"id": "[id]", "in": {"id": "[id]"}}, {"id": "[id]"}]})
        );
        path("$").replace(&mut json, &json!(0));
        assert_eq!(json, json!(0));
    }

    #[test]
    fn bad_paths_are_errors_and_quick_ones() {
        let nested = |open: &str, depth| format!("$[?{}", open.repeat(depth));
        for text in [
            "",
            "a.b",
            "$.",
            "$[",
            "$.a[99999999999999999999]",
            "$[::9007199254740992]",
            "$ .a é",
            "$.é[",
            &nested("(", 100_000),
            &nested("(", 5),
            &nested("count(", 5),
            &nested("@[?", 5),
            &nested("!(", 5),
            &"$..*".repeat(4),
            &format!("$.{}", "a".repeat(100_000)),
        ] {
            let error = JsonPath::parse(text).unwrap_err();
            assert!(error.to_string().len() < 500, "{error}");
        }
        let error = JsonPath::parse("visits").unwrap_err().to_string();
        assert_eq!(
            error,
            "\"visits\" is not a JSON path: it does not begin with `$`"
        );
    }

    #[test]
    fn extreme_slices_do_no_harm() {
        let json = json!([1, 2, 3]);
        for text in [
            "$[-9007199254740991:9007199254740991:-9007199254740991]",
            "$[9007199254740991:-9007199254740991:9007199254740991]",
            "$[::0]",
            "$[::-1]",
            "$[-9007199254740991]",
        ] {
            let _ = path(text).all(&json);
        }
        assert_eq!(
            path("$[::-1]").all(&json),
            [&json!(3), &json!(2), &json!(1)]
        );
    }
}
