//! Reads the text of a feature file, if it is one.

use super::feature_file::FeatureSource;
use crate::app::Problem;

/// Largest feature file that is read, in bytes.
pub const MOST_BYTES: u64 = 8 << 20;

/// The text of a feature file, without a byte order mark.
pub(super) fn read(source: &FeatureSource) -> Result<String, Box<Problem>> {
    let path = &source.path;
    let problem = |code, message: String| {
        let message = format!("{}: {message}", source.place);
        Box::new(Problem::error(code, message))
    };
    let metadata = std::fs::metadata(path)
        .map_err(|error| problem("feature::unreadable", error.to_string()))?;
    if !metadata.is_file() {
        return Err(problem("feature::unreadable", "not a file".to_owned()));
    }
    if metadata.len() > MOST_BYTES {
        return Err(too_large(&source.place));
    }
    let bytes =
        std::fs::read(path).map_err(|error| problem("feature::unreadable", error.to_string()))?;
    check(bytes, &source.place)
}

/// As [`read`], of what has been read.
pub(super) fn check(bytes: Vec<u8>, place: &str) -> Result<String, Box<Problem>> {
    let problem =
        |code, message: String| Box::new(Problem::error(code, format!("{place}: {message}")));
    if bytes.len() as u64 > MOST_BYTES {
        return Err(too_large(place));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
        problem(
            "feature::not_text",
            format!("not a text: no UTF-8 in line {line}"),
        )
    })?;
    if let Some(offset) = text.find('\0') {
        let line = text[..offset].matches('\n').count() + 1;
        return Err(problem(
            "feature::not_text",
            format!("not a text: a zero byte in line {line}"),
        ));
    }
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

fn too_large(place: &str) -> Box<Problem> {
    let message = format!("{place}: larger than {} MiB", MOST_BYTES >> 20);
    Box::new(Problem::error("feature::too_large", message))
}
