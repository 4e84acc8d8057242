//! `spin-harness snapshots`: what a run left for review.

use super::Outcome;
use super::output::Output;
use crate::app::{Manifest, seen_from};
use crate::snapshot::{self, Pending, SnapshotError};
use clap::{Args, Subcommand};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Look at snapshots that differ, and accept or reject them.
#[derive(Args, Debug)]
pub(super) struct SnapshotsArguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the snapshots that wait for review
    List(Which),
    /// Show what is different in them
    Diff(Which),
    /// Make what came the expected content
    Accept(Which),
    /// Throw away what came
    Reject(Which),
}

#[derive(Args, Debug)]
struct Which {
    /// Files, folders, or parts of the names of snapshots [default: all under the current folder]
    names: Vec<String>,
    /// Where the snapshots are, as `spin-harness test --snapshots-dir` says
    #[arg(long, value_name = "DIR")]
    snapshots_dir: Option<PathBuf>,
}

/// Runs the command.
pub(super) fn run(arguments: &SnapshotsArguments, output: &Output) -> Outcome {
    let (Command::List(which)
    | Command::Diff(which)
    | Command::Accept(which)
    | Command::Reject(which)) = &arguments.command;
    let pending = match selected(&which.names, which.snapshots_dir.as_deref()) {
        Ok(pending) => pending,
        Err(error) => {
            output.diagnostic(&error);
            return Outcome::Unable;
        }
    };
    if pending.is_empty() && !which.names.is_empty() {
        output.error(format_args!(
            "no snapshot that waits for review is called {}",
            which.names.join(", ")
        ));
        return Outcome::Unable;
    }
    let here = std::env::current_dir().unwrap_or_default();
    let mut out = std::io::stdout().lock();
    let mut outcome = Outcome::Passed;
    for pending in &pending {
        match one(&arguments.command, pending, &here, output) {
            Ok(text) => {
                // Whoever read this has read enough; what was asked for is still done.
                let _ = writeln!(out, "{}", text.trim_end());
            }
            Err(error) => {
                output.diagnostic(&error);
                outcome = Outcome::Unable;
            }
        }
    }
    if pending.is_empty() {
        let _ = writeln!(out, "no snapshots wait for review");
    }
    outcome
}

fn one(
    command: &Command,
    pending: &Pending,
    here: &Path,
    output: &Output,
) -> Result<String, SnapshotError> {
    let name = seen_from(&pending.path, here);
    let new = !pending.path.exists();
    match command {
        Command::List(_) => Ok(format!("{name}{}", if new { " (new)" } else { "" })),
        Command::Diff(_) => {
            let diff = snapshot::diff(pending, output.color)?;
            let diff = if diff.is_empty() {
                "(no difference)".to_owned()
            } else {
                diff
            };
            Ok(format!(
                "{name}{}\n{diff}\n",
                if new { " (new)" } else { "" }
            ))
        }
        Command::Accept(_) => snapshot::accept(pending).map(|()| format!("accepted {name}")),
        Command::Reject(_) => snapshot::reject(pending).map(|()| format!("rejected {name}")),
    }
}

/// What waits and was named: paths are searched, other words are parts of file names.
fn selected(names: &[String], folder: Option<&Path>) -> Result<Vec<Pending>, SnapshotError> {
    let (paths, words): (Vec<_>, Vec<_>) = names.iter().partition(|name| Path::new(name).exists());
    let mut roots: Vec<PathBuf> = paths
        .iter()
        .map(|path| containing(Path::new(path)))
        .collect();
    if let Some(folder) = folder {
        roots.push(folder.to_owned());
    } else if paths.is_empty() || !words.is_empty() {
        roots.push(PathBuf::from("."));
        // The manifest may keep them elsewhere.
        roots.extend(
            Manifest::load(Path::new("spin.toml"))
                .ok()
                .and_then(|manifest| manifest.harness.snapshots),
        );
    }
    let pending = snapshot::pending(&roots)?;
    if names.is_empty() {
        return Ok(pending);
    }
    let is_named = |pending: &Pending| {
        let under =
            |path: &&String| is_under(&pending.path, path) || is_under(&pending.new_path, path);
        let file = pending
            .path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        paths.iter().any(under) || words.iter().any(|word| file.contains(file_name(word)))
    };
    Ok(pending.into_iter().filter(is_named).collect())
}

/// A folder, or the folder of a file.
fn containing(path: &Path) -> PathBuf {
    match path.is_dir() {
        true => path.to_owned(),
        false => path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or(Path::new("."))
            .to_owned(),
    }
}

fn is_under(file: &Path, root: &str) -> bool {
    let whole = |path: &Path| {
        std::path::absolute(path)
            .map(|path| seen_from(&path, Path::new("/")))
            .unwrap_or_default()
    };
    let (file, root) = (whole(file), whole(Path::new(root)));
    file == root
        || file
            .strip_prefix(&root)
            .is_some_and(|rest| rest.starts_with('/') || root.is_empty())
}

/// The last part of a path, without the ending that tools add: what people paste.
fn file_name(word: &str) -> &str {
    let last = word.rsplit(['/', '\\']).next().unwrap_or(word);
    last.strip_suffix(".new").unwrap_or(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_under_itself_and_its_folders() {
        assert!(is_under(Path::new("/a/b/c.snap"), "/a/b"));
        assert!(is_under(Path::new("/a/b/c.snap"), "/a/x/../b/c.snap"));
        assert!(!is_under(Path::new("/a/bb/c.snap"), "/a/b"));
    }

    #[test]
    fn names_may_be_pasted() {
        assert_eq!(
            file_name("features/snapshots/a__b__c.snap.new"),
            "a__b__c.snap"
        );
        assert_eq!(file_name("first visit"), "first visit");
    }
}
