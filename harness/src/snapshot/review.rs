//! Reviewing what a run left: which snapshots wait, what changed in them, taking them or not.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::SnapshotError;
use super::file::{self, Stored};
use crate::diff::diff_text;

/// A snapshot that waits for review.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pending {
    /// The snapshot, which exists unless this is a new one.
    pub path: PathBuf,
    /// What a run left for it.
    pub new_path: PathBuf,
}

/// Every `.snap.new` under `roots`, sorted, each once. A root that doesn't exist has none.
///
/// Hidden folders, `target` and `node_modules` are passed over.
///
/// # Errors
///
/// If a folder can't be read.
pub fn pending<P: AsRef<Path>>(roots: &[P]) -> Result<Vec<Pending>, SnapshotError> {
    let mut seen = BTreeSet::new();
    let mut all = BTreeSet::new();
    for root in roots {
        for new_path in files(root.as_ref(), ".snap.new")? {
            // One file under two roots, or under two spellings of one.
            let same = fs::canonicalize(&new_path).unwrap_or_else(|_| new_path.clone());
            if seen.insert(same) {
                let path = new_path.with_extension("");
                all.insert(Pending { path, new_path });
            }
        }
    }
    Ok(all.into_iter().collect())
}

/// Makes the new content the expected one.
///
/// # Errors
///
/// If the new file is gone, damaged or binary, or the snapshot can't be written.
pub fn accept(pending: &Pending) -> Result<(), SnapshotError> {
    let new = new_content(pending)?;
    if new.is_binary() {
        return Err(SnapshotError::Binary {
            path: pending.new_path.clone(),
        });
    }
    file::write(&pending.path, &new.without_line().to_string())?;
    remove(&pending.new_path)
}

/// Removes the new content; the snapshot stays as it is.
///
/// # Errors
///
/// If the new file is gone or can't be removed.
pub fn reject(pending: &Pending) -> Result<(), SnapshotError> {
    remove(&pending.new_path)
}

/// What would change, see [`diff_text`]. A damaged snapshot is compared as plain text.
///
/// # Errors
///
/// If a file can't be read, or the new one is damaged.
pub fn diff(pending: &Pending, color: bool) -> Result<String, SnapshotError> {
    let new = new_content(pending)?;
    let old = match file::read(&pending.path) {
        Ok(old) => old.map_or_else(String::new, |old| old.content),
        Err(SnapshotError::Damaged { path, .. }) => {
            let bytes =
                file::read_bytes(&path).map_err(|error| SnapshotError::io("read", &path, error))?;
            String::from_utf8_lossy(&bytes).into_owned()
        }
        Err(other) => return Err(other),
    };
    Ok(diff_text(&old, &new.content, color))
}

/// The `.snap` files under `dir` that aren't in `used` (see [`super::Snapshots::used`]), sorted.
/// Says something only after a run of all scenarios.
///
/// # Errors
///
/// If a folder can't be read.
pub fn unreferenced(dir: &Path, used: &BTreeSet<PathBuf>) -> Result<Vec<PathBuf>, SnapshotError> {
    let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let used: BTreeSet<_> = used.iter().map(|path| real(path)).collect();
    let mut found = files(dir, ".snap")?;
    found.retain(|path| !used.contains(&real(path)));
    Ok(found)
}

fn new_content(pending: &Pending) -> Result<Stored, SnapshotError> {
    let new = file::read(&pending.new_path)?.ok_or_else(|| SnapshotError::Gone {
        path: pending.new_path.clone(),
    })?;
    Ok(new)
}

fn remove(path: &Path) -> Result<(), SnapshotError> {
    fs::remove_file(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => SnapshotError::Gone {
            path: path.to_path_buf(),
        },
        _ => SnapshotError::io("remove", path, error),
    })
}

fn files(root: &Path, ending: &str) -> Result<Vec<PathBuf>, SnapshotError> {
    if matches!(fs::metadata(root), Err(error) if error.kind() == io::ErrorKind::NotFound) {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in WalkDir::new(root).into_iter().filter_entry(is_searched) {
        let entry = entry.map_err(|error| {
            let path = error.path().unwrap_or(root).to_path_buf();
            let error = error
                .into_io_error()
                .unwrap_or_else(|| io::Error::other("a loop of links"));
            SnapshotError::io("read", path, error)
        })?;
        let name = entry.file_name().as_encoded_bytes();
        if entry.file_type().is_file() && name.ends_with(ending.as_bytes()) {
            found.push(entry.into_path());
        }
    }
    found.sort();
    Ok(found)
}

/// Roots are searched whatever their name: someone asked for them.
fn is_searched(entry: &DirEntry) -> bool {
    let name: &OsStr = entry.file_name();
    let skipped = name.as_encoded_bytes().starts_with(b".")
        || name == OsStr::new("target")
        || name == OsStr::new("node_modules");
    entry.depth() == 0 || !entry.file_type().is_dir() || !skipped
}
