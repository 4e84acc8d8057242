//! The file of one snapshot: a YAML header between `---` lines, then the content, as insta has it.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::{Meta, SnapshotError};

/// The largest snapshot file that is read, in bytes.
const MAX_FILE: u64 = 256 * 1024 * 1024;

/// A snapshot as it stands in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stored {
    /// The lines of the header. Kept as they are: insta may have written fields we don't.
    header: Vec<String>,
    /// The content, [`normalized`].
    pub content: String,
}

impl Stored {
    pub fn new(meta: &Meta, content: String) -> Self {
        // In insta's order, so that insta changes nothing when it saves the file again.
        let mut header = vec![format!("source: {}", scalar(&meta.source))];
        header.extend(meta.line.map(|line| format!("assertion_line: {line}")));
        header.push(format!("expression: {}", scalar(&meta.expression)));
        Self { header, content }
    }

    /// As a `.snap` has it: where the step stands is of no interest once it is accepted.
    pub fn without_line(mut self) -> Self {
        self.header
            .retain(|line| !line.starts_with("assertion_line:"));
        self
    }

    /// Whether the content is in a file beside this one.
    pub fn is_binary(&self) -> bool {
        let kind = |line: &String| Some(line.strip_prefix("snapshot_kind:")?.trim() == "binary");
        self.header.iter().find_map(kind).unwrap_or(false)
    }

    fn parse(bytes: &[u8]) -> Result<Self, (usize, String)> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let before = &bytes[..error.valid_up_to()];
            let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            (line, "it is not UTF-8 text".to_string())
        })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut rest = text;
        let mut header = Vec::new();
        for number in 1.. {
            let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
            let line = line.trim_end();
            match (number, line) {
                (_, line) if is_conflict(line) => {
                    let reason = "it contains an unresolved merge conflict";
                    return Err((number, reason.into()));
                }
                (1, "---") => {}
                (1, _) => return Err((1, "it does not begin with a line `---`".into())),
                (_, "---") => {
                    let content = normalized(after);
                    return Ok(Self { header, content });
                }
                _ if rest.is_empty() => {
                    return Err((number, "it ends before the second line `---`".into()));
                }
                (_, line) if !is_header(line) => {
                    let line = crate::value::show(line.as_bytes());
                    return Err((number, format!("{line} is no header line")));
                }
                (_, line) => header.push(line.to_string()),
            }
            rest = after;
        }
        // The lines of a text are finite, so the loop has returned.
        Err((1, "it is endless".into()))
    }
}

/// The text of the file.
impl fmt::Display for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("---\n")?;
        for line in &self.header {
            writeln!(f, "{line}")?;
        }
        writeln!(f, "---\n{}", self.content)
    }
}

/// What is compared: without whitespace at the end, lines ending in `\n`; as insta does.
pub(super) fn normalized(content: &str) -> String {
    content.trim_end().replace("\r\n", "\n")
}

/// The file that is left for review beside a snapshot.
pub(super) fn new_path_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_os_string();
    name.push(".new");
    PathBuf::from(name)
}

/// The snapshot in `path`; nothing if there is no such file.
pub(super) fn read(path: &Path) -> Result<Option<Stored>, SnapshotError> {
    let damaged = |(line, reason)| SnapshotError::Damaged {
        path: path.to_path_buf(),
        line,
        reason,
    };
    match read_bytes(path) {
        Ok(bytes) => Stored::parse(&bytes).map(Some).map_err(damaged),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(SnapshotError::io("read", path, error)),
    }
}

/// The whole of a file.
pub(super) fn read_bytes(path: &Path) -> io::Result<Vec<u8>> {
    // Before opening: opening a pipe would wait for its writer.
    if !path.metadata()?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?
        .take(MAX_FILE + 1)
        .read_to_end(&mut bytes)?;
    match bytes.len() as u64 > MAX_FILE {
        true => Err(io::Error::other("it is larger than 256 MiB")),
        false => Ok(bytes),
    }
}

/// Writes a file so that nobody ever sees half of it.
pub(super) fn write(path: &Path, text: &str) -> Result<(), SnapshotError> {
    let dir = path.parent().unwrap_or(Path::new("."));
    let write = || -> io::Result<()> {
        fs::create_dir_all(dir)?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(".spin-harness-").suffix(".tmp");
        // A temporary file is private by default, a snapshot is as any file one writes.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut file = builder.tempfile_in(dir)?;
        file.write_all(text.as_bytes())?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(|error| SnapshotError::io("write", path, error))
}

/// The line (in the content, from 1) at which a merge conflict begins, if it is a whole one.
fn conflict_in(content: &str) -> Option<usize> {
    let mut lines = content.lines().enumerate();
    let (start, _) = lines.find(|(_, line)| line.starts_with("<<<<<<< "))?;
    lines.find(|(_, line)| line.starts_with("======="))?;
    lines.find(|(_, line)| line.starts_with(">>>>>>> "))?;
    Some(start + 1)
}

impl Stored {
    /// The line of the file at which a merge conflict begins in the content, if one does.
    pub fn conflict(&self) -> Option<usize> {
        // The header has its two `---` lines.
        Some(conflict_in(&self.content)? + self.header.len() + 2)
    }
}

fn is_conflict(line: &str) -> bool {
    line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> ") || line == "======="
}

/// A field, or what continues one (YAML blocks are indented, their lists may not be).
fn is_header(line: &str) -> bool {
    let continued = |c: char| c.is_whitespace() || matches!(c, '-' | '#' | ']' | '}');
    line.is_empty() || line.starts_with(continued) || (line.contains(':') && !line.contains('\0'))
}

/// A string as a YAML scalar: plain where insta writes it plain, else in double quotes.
fn scalar(text: &str) -> String {
    if is_plain(text) {
        return text.to_string();
    }
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            // Line separators of YAML, and what its readers reject, are escaped too.
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Whether a YAML reader takes the bare text for just this string.
fn is_plain(text: &str) -> bool {
    let reserved = "&*?|-<>=!%@.~";
    let special = ":{}[],#`\"'\\\u{2028}\u{2029}\u{feff}";
    let words = ["yes", "no", "true", "false", "on", "off", "null"];
    !text.is_empty()
        && text.trim() == text
        && !text.starts_with(|c| reserved.contains(c))
        && !text.contains(|c: char| c.is_control() || special.contains(c))
        && !words.contains(&text.to_lowercase().as_str())
        && !text.starts_with("0x")
        && !text.starts_with("0o")
        && text.parse::<f64>().is_err()
}
