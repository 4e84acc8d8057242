//! The files that a component may read, laid out once per app in a folder of their own.
//!
//! Spin copies what `files` names into one folder and mounts that (`crates/loader`); so do we, and give every copy the
//! same time, since guests see it. Guests may only read.

use crate::app::MountedFile;
use std::collections::BTreeSet;
use std::fs::{File, FileTimes};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

/// A folder of this machine that a guest sees under another name.
#[derive(Clone, Debug)]
pub(crate) struct Mount {
    pub host: PathBuf,
    pub guest: String,
    /// Keeps the folder until the last instance that sees it is gone.
    _folder: Arc<TempDir>,
}

/// When everything was last changed, as guests see it: 2026-01-01T00:00:00Z, in seconds since 1970.
const CHANGED: u64 = 1_767_225_600;

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
    // In the order of their names, which some file systems list them in.
    let mut files: Vec<&MountedFile> = files.iter().collect();
    files.sort_by(|one, other| one.guest.cmp(&other.guest));
    // Parents come before what is in them.
    let mut folders = BTreeSet::from([folder.path().to_owned()]);
    for file in files {
        let guest = inside(Path::new(&file.guest));
        let to = folder.path().join(&guest);
        place(&file.host, &to).map_err(|error| {
            io::Error::new(
                error.kind(),
                format!("cannot mount {}: {error}", file.host.display()),
            )
        })?;
        let above = guest.ancestors().skip(1);
        folders.extend(above.map(|above| folder.path().join(above)));
    }
    // Only now: each entry that is made changes its folder.
    for folder in folders {
        date(&folder)?;
    }
    Ok(vec![Mount {
        host: folder.path().to_owned(),
        guest: "/".to_owned(),
        _folder: Arc::new(folder),
    }])
}

fn place(from: &Path, to: &Path) -> io::Result<()> {
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder)?;
    }
    if to.exists() {
        std::fs::remove_file(to)?;
    }
    std::fs::copy(from, to)?;
    date(to)
}

fn date(path: &Path) -> io::Result<()> {
    let changed = SystemTime::UNIX_EPOCH + Duration::from_secs(CHANGED);
    let times = FileTimes::new().set_modified(changed).set_accessed(changed);
    File::open(path)?.set_times(times)
}

/// A guest path without what would lead out of the folder.
fn inside(path: &Path) -> PathBuf {
    path.components()
        .filter(|part| matches!(part, Component::Normal(_)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn copies_have_one_time_and_leave_the_originals_alone() {
        let sources = tempfile::tempdir().unwrap();
        let host = sources.path().join("original");
        fs::write(&host, "text").unwrap();
        // A copy that cannot be written is dated all the same.
        let mut permissions = fs::metadata(&host).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&host, permissions).unwrap();
        let before = fs::metadata(&host).unwrap().modified().unwrap();
        let files =
            ["/z.txt", "/deep/er/leaf.txt", "/deep/a.txt", "/z.txt"].map(|guest| MountedFile {
                host: host.clone(),
                guest: guest.to_owned(),
            });
        let mounts = lay_out(&files).unwrap();
        let root = &mounts[0].host;
        for path in [
            "",
            "deep",
            "deep/a.txt",
            "deep/er",
            "deep/er/leaf.txt",
            "z.txt",
        ] {
            let modified = fs::metadata(root.join(path)).unwrap().modified().unwrap();
            let since = modified.duration_since(SystemTime::UNIX_EPOCH).unwrap();
            assert_eq!(since, Duration::from_secs(1_767_225_600), "{path:?}");
        }
        assert_eq!(fs::read(root.join("deep/er/leaf.txt")).unwrap(), b"text");
        assert_eq!(fs::metadata(&host).unwrap().modified().unwrap(), before);
    }

    #[test]
    fn a_file_that_is_gone_is_named() {
        let gone = MountedFile {
            host: PathBuf::from("/nowhere/at-all.txt"),
            guest: "/x".to_owned(),
        };
        let error = lay_out(&[gone]).unwrap_err().to_string();
        assert!(error.contains("/nowhere/at-all.txt"), "{error}");
    }
}
