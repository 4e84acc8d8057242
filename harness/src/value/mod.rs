//! The values a step or a table cell can state, and how to compare, read and show them.
//!
//! A value is plain text unless it begins with one of these words:
//!
//! | value | means |
//! |---|---|
//! | `text:…` | the rest as it stands, for text that would begin with one of these words |
//! | `json:{…}` | the JSON as it is written, checked |
//! | `base64:…` | the bytes that the rest encodes (standard alphabet, padding optional) |
//! | `file:path` | the content of a file, relative to the feature file |
//! | `bytes:N` | N times the letter `x`, up to 256 MiB |
//!
//! What a Then step expects may also be `matches:REGEX`: see [`Expectation`].

mod address;
mod causes;
mod count;
mod duration;
mod expectation;
mod json;
mod json_path;
mod show;
mod text;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;

pub(crate) use address::without_secrets;
pub(crate) use causes::causes;
pub(crate) use count::{plural, times};
pub use duration::{DurationError, MAX_DURATION, parse_duration, show_duration};
pub use expectation::{Expectation, Mismatch, RegexError, compile_regex};
pub use json::{JsonDifference, JsonDifferences, NotJson, contains_json, equal_json, parse_json};
pub use json_path::{JsonPath, JsonPathError};
pub use show::{quoted, quoted_for_step, show, show_json, visible};
pub(crate) use text::nearest;
pub(crate) use text::without_media_type;
pub use text::{UnknownName, doc_string, interpolate, unescape};

/// The largest value a step may state, in bytes: 256 MiB.
pub const MAX_VALUE: u64 = 256 * 1024 * 1024;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Bytes that a step or a table cell states. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Value {
    bytes: Bytes,
    json: Option<serde_json::Value>,
}

impl Value {
    /// The value that `cell` states; `base_dir` is the folder of the feature file.
    ///
    /// # Errors
    ///
    /// For a prefix whose rest isn't what the prefix promises, and for values above
    /// [`MAX_VALUE`]. Text without a known prefix is never an error.
    pub fn parse(cell: &str, base_dir: &Path) -> Result<Self, ValueError> {
        if let Some(text) = cell.strip_prefix("text:") {
            Ok(Self::text(text))
        } else if let Some(text) = cell.strip_prefix("json:") {
            let text = text.trim();
            let json = serde_json::from_str(text).map_err(|error| ValueError::Json {
                reason: error.to_string(),
                value: show(text.as_bytes()),
            })?;
            Ok(Self {
                bytes: Bytes::copy_from_slice(text.as_bytes()),
                json: Some(json),
            })
        } else if let Some(text) = cell.strip_prefix("base64:") {
            let bytes = BASE64
                .decode(text.trim())
                .map_err(|error| ValueError::Base64 {
                    reason: error.to_string(),
                    value: show(text.as_bytes()),
                })?;
            Ok(Self::from(bytes))
        } else if let Some(path) = cell.strip_prefix("file:") {
            read_file(&base_dir.join(path.trim())).map(Self::from)
        } else if let Some(count) = cell.strip_prefix("bytes:") {
            Ok(Self::from(vec![b'x'; parse_count(count.trim())?]))
        } else {
            Ok(Self::text(cell))
        }
    }

    /// Whether a cell is text that says nothing of what it is.
    pub(crate) fn is_plain(cell: &str) -> bool {
        let kinds = ["text:", "json:", "base64:", "file:", "bytes:"];
        !kinds.iter().any(|kind| cell.starts_with(kind))
    }

    /// Plain text, whatever it begins with.
    pub fn text(text: &str) -> Self {
        Self::from(text.as_bytes().to_vec())
    }

    /// What is stored, sent or compared.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The bytes, without a copy.
    pub fn into_bytes(self) -> Bytes {
        self.bytes
    }

    /// The parsed JSON, if the value was stated as `json:`.
    pub fn json(&self) -> Option<&serde_json::Value> {
        self.json.as_ref()
    }

    /// Whether the value was stated as `json:`.
    pub fn is_json(&self) -> bool {
        self.json.is_some()
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self {
            bytes: bytes.into(),
            json: None,
        }
    }
}

/// Two values are equal if their bytes are.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Value {}

/// Why a stated value means nothing.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum ValueError {
    /// `json:` before something that isn't one JSON value.
    #[error("`json:` needs one JSON value, got {value}: {reason}")]
    #[diagnostic(help("write `text:` before it to have it as plain text"))]
    Json {
        /// What stands after `json:`, shortened.
        value: String,
        /// What the JSON parser says, with line and column.
        reason: String,
    },
    /// `base64:` before something else.
    #[error("`base64:` needs base64 in the standard alphabet, got {value}: {reason}")]
    Base64 {
        /// What stands after `base64:`, shortened.
        value: String,
        /// What the decoder says.
        reason: String,
    },
    /// The file of a `file:` value can't be read.
    #[error("cannot read the file {path:?} of a value")]
    #[diagnostic(help("`file:` paths are relative to the feature file"))]
    File {
        /// Where the file was looked for.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A `file:` value names a folder, a pipe or a device.
    #[error("{path:?} is not a file, so it can't be a value")]
    NotAFile {
        /// What the value names.
        path: PathBuf,
    },
    /// The number of a `bytes:` value isn't one.
    #[error("`bytes:` needs a number of bytes, got {value}")]
    #[diagnostic(help("for instance bytes:1048577"))]
    Count {
        /// What stands after `bytes:`, shortened.
        value: String,
    },
    /// More than [`MAX_VALUE`].
    #[error("{what} is larger than a value may be: {MAX_VALUE} bytes (256 MiB)")]
    TooLarge {
        /// `bytes:N`, or the file.
        what: String,
    },
    /// The pattern of `matches:` can't be compiled.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Regex(#[from] RegexError),
}

fn parse_count(text: &str) -> Result<usize, ValueError> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        let value = show(text.as_bytes());
        return Err(ValueError::Count { value });
    }
    // Digits that don't fit 64 bits are too large as well.
    match text.parse::<u64>() {
        Ok(count) if count <= MAX_VALUE => Ok(count as usize),
        _ => Err(ValueError::TooLarge {
            what: format!("bytes:{}", shortened(text)),
        }),
    }
}

fn shortened(digits: &str) -> String {
    match digits.len() {
        0..=40 => digits.to_string(),
        len => format!("{}… ({len} digits)", &digits[..40]),
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>, ValueError> {
    let failed = |source| ValueError::File {
        path: path.to_path_buf(),
        source,
    };
    // Before opening: opening a pipe would wait for its writer.
    if !path.metadata().map_err(failed)?.is_file() {
        return Err(ValueError::NotAFile {
            path: path.to_path_buf(),
        });
    }
    let mut bytes = Vec::new();
    // Some files, as those of /proc, are longer than their metadata says.
    File::open(path)
        .and_then(|file| file.take(MAX_VALUE + 1).read_to_end(&mut bytes))
        .map_err(failed)?;
    if bytes.len() as u64 > MAX_VALUE {
        return Err(ValueError::TooLarge {
            what: format!("the file {path:?}"),
        });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(cell: &str) -> Result<Value, ValueError> {
        Value::parse(cell, Path::new("/nonexistent"))
    }

    #[test]
    fn plain_text_stays_as_it_is() {
        for text in [
            "",
            "41",
            " spaced ",
            "http://x",
            "Text:x",
            "jsn:{}",
            "matches:a",
        ] {
            let value = parse(text).unwrap();
            assert_eq!(value.bytes(), text.as_bytes());
            assert!(!value.is_json());
        }
        assert_eq!(parse("text:json:{").unwrap().bytes(), "json:{".as_bytes());
    }

    #[test]
    fn json_keeps_its_spelling_and_is_checked() {
        let value = parse(r#"json: {"b": 1.50, "a":2} "#).unwrap();
        assert_eq!(value.bytes(), r#"{"b": 1.50, "a":2}"#.as_bytes());
        assert_eq!(value.json().unwrap()["a"], 2);
        for bad in ["json:", "json:{", "json:{} {}", "json:nul"] {
            let error = parse(bad).unwrap_err();
            assert!(matches!(error, ValueError::Json { .. }), "{bad}: {error}");
        }
        let deep = format!("json:{}", "[".repeat(100_000));
        assert!(parse(&deep).unwrap_err().to_string().len() < 300);
    }

    #[test]
    fn base64_takes_padding_or_not() {
        assert_eq!(parse("base64:AP8=").unwrap().bytes(), &[0, 255][..]);
        assert_eq!(parse("base64:AP8").unwrap().bytes(), &[0, 255][..]);
        assert_eq!(parse("base64:").unwrap().bytes(), &[][..]);
        for bad in ["base64:A", "base64:A*8=", "base64:é"] {
            assert!(
                matches!(parse(bad), Err(ValueError::Base64 { .. })),
                "{bad}"
            );
        }
    }

    #[test]
    fn bytes_are_bounded() {
        assert_eq!(parse("bytes:1048577").unwrap().bytes().len(), 1_048_577);
        assert_eq!(parse("bytes:3").unwrap().bytes(), "xxx".as_bytes());
        for bad in ["bytes:", "bytes:-1", "bytes:1e3", "bytes:+5", "bytes:1 000"] {
            assert!(matches!(parse(bad), Err(ValueError::Count { .. })), "{bad}");
        }
        let huge = format!("bytes:{}", "9".repeat(1_000));
        for bad in ["bytes:268435457", "bytes:99999999999999999999", &huge] {
            let error = parse(bad).unwrap_err();
            assert!(matches!(error, ValueError::TooLarge { .. }), "{bad}");
            assert!(error.to_string().len() < 200);
        }
    }

    #[test]
    fn files_are_read_beside_the_feature() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("order.bin"), [0, 1, 2]).unwrap();
        let value = Value::parse("file:order.bin", dir.path()).unwrap();
        assert_eq!(value.bytes(), &[0, 1, 2][..]);
        let missing = Value::parse("file:nope", dir.path()).unwrap_err();
        assert!(missing.to_string().contains("nope"), "{missing}");
        let folder = Value::parse("file:.", dir.path()).unwrap_err();
        assert!(matches!(folder, ValueError::NotAFile { .. }), "{folder}");
        let nul = Value::parse("file:a\0b", dir.path()).unwrap_err();
        assert!(matches!(nul, ValueError::File { .. }), "{nul}");
    }
}
