//! Snapshots of responses, stores and journals, in the file format of the `insta` crate.
//!
//! The files can be reviewed with `cargo insta review` or with [`pending`], [`accept`] and
//! [`reject`]. insta's own macros aren't used: they look for a Cargo workspace by running cargo,
//! read environment variables, and its reader panics on some damaged files. Nothing here does.

mod error;
mod file;
mod name;
mod redact;
mod review;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use sha2::{Digest, Sha256};

pub use error::{SnapshotError, SnapshotMismatch};
pub use name::SnapshotName;
pub use redact::{RedactionError, Redactions};
pub use review::{Pending, accept, diff, pending, reject, unreferenced};

use file::{Stored, new_path_of, normalized};

/// What happens to a snapshot that is missing or different.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It fails, and nothing is written: for CI.
    Check,
    /// It fails, and a `.snap.new` is left for review.
    Review,
    /// It is written and passes.
    Update,
}

impl Mode {
    /// The default, given the value of the environment variable `CI`: [`Mode::Check`] if it is
    /// set to anything but `false`, `0` or nothing, as insta takes it; else [`Mode::Review`].
    pub fn for_ci(ci: Option<&str>) -> Self {
        match ci {
            None | Some("" | "0" | "false") => Self::Review,
            Some(_) => Self::Check,
        }
    }
}

/// What a snapshot file says about its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meta {
    /// The feature file, relative and with `/`, so that the file is the same on every machine.
    pub source: String,
    /// The line of the step. Only a `.snap.new` has it: a `.snap` shouldn't change when a
    /// scenario moves.
    pub line: Option<u32>,
    /// The text of the step.
    pub expression: String,
}

/// How a snapshot passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is as stored.
    Matched,
    /// It was missing or different and has been written, in [`Mode::Update`].
    Written,
}

/// The snapshots of one folder during one run. Scenarios on several threads share it.
#[derive(Debug)]
pub struct Snapshots {
    dir: PathBuf,
    mode: Mode,
    redactions: Redactions,
    claims: Mutex<BTreeMap<String, Claim>>,
}

/// Who used a file first in this run, and with which content.
#[derive(Debug)]
struct Claim {
    path: PathBuf,
    owner: Option<String>,
    content: Option<[u8; 32]>,
}

impl Snapshots {
    /// The snapshots in `dir`, which needn't exist.
    pub fn new(dir: impl Into<PathBuf>, mode: Mode) -> Self {
        Self {
            dir: dir.into(),
            mode,
            redactions: Redactions::default(),
            claims: Mutex::default(),
        }
    }

    /// With redactions applied to every content before it is compared or written.
    #[must_use]
    pub fn with_redactions(mut self, redactions: Redactions) -> Self {
        self.redactions = redactions;
        self
    }

    /// What is redacted, for content of which JSON is only a part: see [`Redactions::apply_to_json`].
    pub fn redactions(&self) -> &Redactions {
        &self.redactions
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What happens to missing and different snapshots.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Compares `content` with the stored snapshot, as [`Mode`] says.
    ///
    /// Whitespace at the end and the kind of line ends don't count, as in insta. A match removes
    /// the `.snap.new` of an earlier run (not in [`Mode::Check`], which writes nothing).
    ///
    /// # Errors
    ///
    /// If the snapshot is missing or different, its file is damaged or can't be read or written,
    /// or another step of this run gave other content for the same file. In [`Mode::Update`] a
    /// damaged file is replaced.
    pub fn check(
        &self,
        name: &SnapshotName,
        content: &str,
        meta: &Meta,
    ) -> Result<Outcome, SnapshotError> {
        let path = self.dir.join(name.file_name());
        let content = normalized(&self.redactions.apply(content));
        self.claim(name, &path, &content, meta)?;

        let damage = match file::read(&path) {
            Ok(Some(stored)) if stored.content == content => {
                if self.mode != Mode::Check {
                    // Usually there is none; one that can't be removed is only stale.
                    let _ = fs::remove_file(new_path_of(&path));
                }
                return Ok(Outcome::Matched);
            }
            Ok(stored) => Ok(stored),
            Err(damaged @ SnapshotError::Damaged { .. }) => Err(damaged),
            Err(other) => return Err(other),
        };
        let new = Stored::new(meta, content);
        match self.mode {
            Mode::Update => {
                file::write(&path, &new.without_line().to_string())?;
                let _ = fs::remove_file(new_path_of(&path));
                return Ok(Outcome::Written);
            }
            Mode::Review => file::write(&new_path_of(&path), &new.to_string())?,
            Mode::Check => {}
        }
        // With the new content left for review, accepting it also repairs a damaged file.
        let stored = damage?;
        Err(self.mismatch(name, path, stored, new.content, self.mode == Mode::Review))
    }

    /// Compares `content` with the stored snapshot and writes nothing, whatever the mode: for
    /// runs of a scenario with an injected failure.
    ///
    /// # Errors
    ///
    /// As for [`Self::check`], but for other content given for the same file.
    pub fn compare(&self, name: &SnapshotName, content: &str) -> Result<(), SnapshotError> {
        let path = self.dir.join(name.file_name());
        let content = normalized(&self.redactions.apply(content));
        self.claims().entry(key(name)).or_insert_with(|| Claim {
            path: path.clone(),
            owner: None,
            content: None,
        });
        match file::read(&path)? {
            Some(stored) if stored.content == content => Ok(()),
            stored => Err(self.mismatch(name, path, stored, content, false)),
        }
    }

    /// The files that this run has used, for [`unreferenced`].
    pub fn used(&self) -> BTreeSet<PathBuf> {
        self.claims()
            .values()
            .map(|claim| claim.path.clone())
            .collect()
    }

    fn mismatch(
        &self,
        name: &SnapshotName,
        path: PathBuf,
        stored: Option<Stored>,
        actual: String,
        left: bool,
    ) -> SnapshotError {
        // Looked for only now: a matching snapshot may well contain such lines.
        if let Some(line) = stored.as_ref().and_then(Stored::conflict) {
            return SnapshotError::conflict(path, line);
        }
        let expected = stored.map(|stored| stored.content);
        SnapshotError::Mismatch(Box::new(SnapshotMismatch {
            name: name.snapshot().to_string(),
            expected,
            actual,
            new_path: left.then(|| new_path_of(&path)),
            path,
        }))
    }

    fn claim(
        &self,
        name: &SnapshotName,
        path: &Path,
        content: &str,
        meta: &Meta,
    ) -> Result<(), SnapshotError> {
        let owner = name.owner(meta);
        let content: [u8; 32] = Sha256::digest(content).into();
        let mut claims = self.claims();
        let claim = claims.entry(key(name)).or_insert_with(|| Claim {
            path: path.to_path_buf(),
            owner: None,
            content: None,
        });
        let first = claim.owner.get_or_insert_with(|| owner.clone());
        if *claim.content.get_or_insert(content) == content {
            return Ok(());
        }
        let mut owners = [first.clone(), owner];
        owners.sort();
        let [first, second] = owners;
        Err(SnapshotError::Collision {
            path: path.to_path_buf(),
            first,
            second,
        })
    }

    /// A thread that panicked can't have left a claim half made, so the map is sound.
    fn claims(&self) -> MutexGuard<'_, BTreeMap<String, Claim>> {
        self.claims.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Names that differ in case only are one file on macOS and Windows: one claim everywhere.
fn key(name: &SnapshotName) -> String {
    name.file_name().to_ascii_lowercase()
}

#[cfg(test)]
mod tests;
