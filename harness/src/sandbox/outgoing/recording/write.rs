//! Writes a recording.

use super::exchange::Exchange;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;

/// The largest recording, in bytes.
pub(crate) const LARGEST_RECORDING: usize = 16 << 20;

/// What everybody who opens one should know.
const HEAD: &str = "\
# What other hosts answered, recorded by `spin-harness test --record`. Credentials and cookies in headers are left out;
# what else must not be read by everybody, such as in a URL or a body, has to be taken out here.
";

/// More was recorded than a recording can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "it would be larger than {} MiB: a recording is a file that people read; give some scenarios another one",
    LARGEST_RECORDING >> 20
)]
pub(crate) struct RecordingTooLarge;

/// The text of a recording of these exchanges, without their secrets.
///
/// # Errors
///
/// It is too large.
pub(super) fn text(exchanges: &[Exchange]) -> Result<String, RecordingTooLarge> {
    let mut text = HEAD.to_owned();
    for exchange in exchanges {
        let exchange = exchange.clone().without_secrets();
        text.push_str("\n[[exchange]]\n");
        field(&mut text, "method", exchange.method.as_str());
        field(&mut text, "url", &exchange.url);
        // A guest may order them as its seed says.
        headers(
            &mut text,
            "request_headers",
            &exchange.request_headers,
            true,
        );
        body(&mut text, "request_body", &exchange.request_body);
        // Writing to a string does not fail.
        let _ = writeln!(text, "status = {}", exchange.status);
        headers(&mut text, "headers", &exchange.headers, false);
        body(&mut text, "body", &exchange.body);
        if text.len() > LARGEST_RECORDING {
            return Err(RecordingTooLarge);
        }
    }
    Ok(text)
}

fn field(text: &mut String, name: &str, value: &str) {
    // Writing to a string does not fail.
    let _ = writeln!(text, "{name} = {}", toml_edit::Value::from(value));
}

fn headers(text: &mut String, name: &str, headers: &HeaderMap, sorted: bool) {
    if headers.is_empty() {
        return;
    }
    let mut lines: Vec<(&str, String)> = headers
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            (name.as_str(), format!("{name}: {value}"))
        })
        .collect();
    if sorted {
        lines.sort_by_key(|(name, _)| *name);
    }
    let _ = writeln!(text, "{name} = [");
    for (_, line) in lines {
        let _ = writeln!(text, "  {},", toml_edit::Value::from(line));
    }
    text.push_str("]\n");
}

/// As a value of a step: text as it is, everything else as base64.
fn body(text: &mut String, name: &str, body: &[u8]) {
    // Words that values begin with, and have another meaning there.
    const WORDS: [&str; 5] = ["text:", "json:", "base64:", "file:", "bytes:"];
    if body.is_empty() {
        return;
    }
    let is_text = |text: &&str| !text.contains(|c: char| c.is_control() && !"\n\r\t".contains(c));
    let value = match std::str::from_utf8(body).ok().filter(is_text) {
        Some(text) if WORDS.iter().any(|word| text.starts_with(word)) => format!("text:{text}"),
        Some(text) => text.to_owned(),
        None => format!("base64:{}", STANDARD.encode(body)),
    };
    field(text, name, &value);
}

/// Writes a recording so that nobody ever sees half of it, unless it is there already.
///
/// # Errors
///
/// The system's, and one for a recording that would be too large.
pub(crate) fn write(path: &Path, exchanges: &[Exchange]) -> io::Result<()> {
    let text = text(exchanges).map_err(io::Error::other)?;
    if std::fs::read(path).is_ok_and(|there| there == text.as_bytes()) {
        return Ok(());
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".spin-harness-").suffix(".tmp");
    // A temporary file is private by default, a recording is as any file one writes.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.persist(path)?;
    Ok(())
}
