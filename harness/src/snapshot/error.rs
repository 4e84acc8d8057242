//! What can go wrong with a snapshot, each with what to do about it.

use std::io;
use std::path::PathBuf;

use crate::diff::diff_text;

/// A snapshot that can't be compared, or isn't as stored.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum SnapshotError {
    /// It is missing or different.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Mismatch(Box<SnapshotMismatch>),
    /// Two steps of one run mean the same file and differ.
    #[error("two steps give different content for the snapshot {path:?}: {first}, and {second}")]
    #[diagnostic(help("give the snapshots or the scenarios different names"))]
    Collision {
        /// The file.
        path: PathBuf,
        /// One step: feature file, line and scenario.
        first: String,
        /// The other.
        second: String,
    },
    /// The file isn't a snapshot (any more).
    #[error("{}:{line}: not a readable snapshot: {reason}", path.display())]
    #[diagnostic(help(
        "restore the file, or replace it with `spin-harness snapshots accept` after a run, or \
         with `spin-harness test --snapshots update`"
    ))]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        reason: String,
    },
    /// A binary snapshot, which only insta writes.
    #[error("{path:?} is a binary snapshot, which spin-harness does not write")]
    #[diagnostic(help("review it with `cargo insta review`"))]
    Binary {
        /// The file.
        path: PathBuf,
    },
    /// Nothing is left to accept or reject.
    #[error("{path:?} is gone: it has been accepted or rejected already")]
    Gone {
        /// The `.snap.new`.
        path: PathBuf,
    },
    /// A file or folder can't be read or written.
    #[error("cannot {action} {path:?}: {source}")]
    Io {
        /// `read`, `write`, `remove`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl SnapshotError {
    pub(super) fn conflict(path: PathBuf, line: usize) -> Self {
        Self::Damaged {
            path,
            line,
            reason: "it contains an unresolved merge conflict".into(),
        }
    }

    pub(super) fn io(action: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::Io {
            action,
            path: path.into(),
            source,
        }
    }
}

/// A snapshot that isn't as stored. Its text shows the difference and how to accept it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotMismatch {
    /// The name in the step.
    pub name: String,
    /// What is stored; nothing if there is no such snapshot yet.
    pub expected: Option<String>,
    /// What came, redacted.
    pub actual: String,
    /// The file of the snapshot.
    pub path: PathBuf,
    /// The file left for review, if one was.
    pub new_path: Option<PathBuf>,
}

impl SnapshotMismatch {
    /// The difference, see [`diff_text`]; for a new snapshot all of it, as added lines.
    pub fn diff(&self, color: bool) -> String {
        diff_text(self.expected.as_deref().unwrap_or(""), &self.actual, color)
    }

    /// What is wrong, in one line.
    pub fn summary(&self) -> String {
        let (name, path) = (&self.name, self.path.display());
        match self.expected {
            Some(_) => format!("the snapshot \"{name}\" is different: {path}"),
            None => format!("the snapshot \"{name}\" does not exist yet: {path}"),
        }
    }

    /// How to make it the expected one.
    pub fn advice(&self) -> String {
        match &self.new_path {
            Some(new) => format!(
                "to accept it: `spin-harness snapshots accept {}`, or \
                 `spin-harness test --snapshots update` for all",
                new.display()
            ),
            None => "nothing was written; to accept it: `spin-harness test --snapshots update`, \
                     or run without CI set and then `spin-harness snapshots accept`"
                .into(),
        }
    }
}

impl std::fmt::Display for SnapshotMismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (summary, diff, advice) = (self.summary(), self.diff(false), self.advice());
        match diff.is_empty() {
            true => write!(f, "{summary}\n(it is empty)\n{advice}"),
            false => write!(f, "{summary}\n{diff}\n{advice}"),
        }
    }
}

impl std::error::Error for SnapshotMismatch {}

/// The advice is part of the text already.
impl miette::Diagnostic for SnapshotMismatch {}
