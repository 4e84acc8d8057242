//! The files that a component may read, laid out once per app in a folder of their own.
//!
//! Spin copies what `files` names into one folder and mounts that (`crates/loader`); so do we, with hard links where
//! the file system allows them. Guests may only read.

use crate::app::MountedFile;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// A folder of this machine that a guest sees under another name.
#[derive(Clone, Debug)]
pub(crate) struct Mount {
    pub host: PathBuf,
    pub guest: String,
    /// Keeps the folder until the last instance that sees it is gone.
    _folder: Arc<TempDir>,
}

/// Lays out files for one component; no mount where it has none.
///
/// # Errors
///
/// A file cannot be read, or the temporary folder not be written; the message names the file.
pub(crate) fn lay_out(files: &[MountedFile]) -> io::Result<Vec<Mount>> {
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let folder = tempfile::Builder::new().prefix("spin-harness-").tempdir()?;
    for file in files {
        let to = folder.path().join(inside(Path::new(&file.guest)));
        let placed = to
            .parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| place(&file.host, &to));
        placed.map_err(|error| {
            io::Error::new(
                error.kind(),
                format!("cannot mount {}: {error}", file.host.display()),
            )
        })?;
    }
    Ok(vec![Mount {
        host: folder.path().to_owned(),
        guest: "/".to_owned(),
        _folder: Arc::new(folder),
    }])
}

fn place(from: &Path, to: &Path) -> io::Result<()> {
    if to.exists() {
        std::fs::remove_file(to)?;
    }
    // Across file systems, and where links are not allowed, a copy serves as well.
    std::fs::hard_link(from, to).or_else(|_| std::fs::copy(from, to).map(drop))
}

/// A guest path without what would lead out of the folder.
fn inside(path: &Path) -> PathBuf {
    path.components()
        .filter(|part| matches!(part, Component::Normal(_)))
        .collect()
}
