//! Finds the feature files that a run is about.

pub use super::feature_file::FeatureSource;
pub use super::feature_text::MOST_BYTES;
pub use super::selection::FilterError;

use super::selection::split_lines;
use crate::app::{Problem, seen_from};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use walkdir::{DirEntry, WalkDir};

/// The feature files behind what the user named: files, files with lines (`visits.feature:12`), folders.
///
/// They come in the order in which they were named, those of a folder sorted; each comes once. `base` is the folder
/// from which messages and seeds name them. What cannot be found is a problem, and the rest is still there.
pub fn find(named: &[PathBuf], base: &Path) -> (Vec<FeatureSource>, Vec<Problem>) {
    let mut found = Files {
        base,
        sources: Vec::new(),
        known: BTreeMap::new(),
        problems: Vec::new(),
    };
    for argument in named {
        found.argument(argument);
    }
    (found.sources, found.problems)
}

struct Files<'b> {
    base: &'b Path,
    sources: Vec<FeatureSource>,
    /// The place of each file among the sources, by its real path.
    known: BTreeMap<PathBuf, usize>,
    problems: Vec<Problem>,
}

impl Files<'_> {
    fn argument(&mut self, argument: &Path) {
        if argument.is_dir() {
            return self.folder(argument);
        }
        if argument.exists() {
            return self.add(argument, BTreeSet::new());
        }
        let with_lines = argument.to_str().and_then(split_lines);
        let (path, lines) = with_lines.map_or((argument, BTreeSet::new()), |(path, lines)| {
            (Path::new(path), lines)
        });
        if path.is_file() {
            return self.add(path, lines);
        }
        let problem = match path.is_dir() {
            true => Problem::error(
                "feature::missing",
                format!("{} is a folder: a line needs a file", path.display()),
            ),
            false => Problem::error(
                "feature::missing",
                format!("there is no file or folder `{}`", path.display()),
            )
            .maybe_help(neighbour(path).map(|near| format!("did you mean {}?", near.display()))),
        };
        self.problems.push(problem);
    }

    fn folder(&mut self, folder: &Path) {
        let mut paths = Vec::new();
        for entry in WalkDir::new(folder)
            .follow_links(true)
            .into_iter()
            .filter_entry(is_searched)
        {
            match entry {
                Ok(entry)
                    if entry.file_type().is_file()
                        && entry
                            .path()
                            .extension()
                            .is_some_and(|ending| ending == "feature") =>
                {
                    paths.push(entry.into_path());
                }
                Ok(_) => {}
                Err(error) => {
                    let problem = Problem::error(
                        "feature::unreadable",
                        format!("cannot search {}: {error}", folder.display()),
                    );
                    self.problems.push(problem);
                }
            }
        }
        paths.sort();
        for path in paths {
            self.add(&path, BTreeSet::new());
        }
    }

    /// Adds a file, or lines of it; a file that is named without lines runs whole.
    fn add(&mut self, path: &Path, lines: BTreeSet<usize>) {
        let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        match self.known.get(&real) {
            Some(&index) => {
                let before = &mut self.sources[index].lines;
                match before.is_empty() || lines.is_empty() {
                    true => before.clear(),
                    false => before.extend(lines),
                }
            }
            None => {
                self.known.insert(real, self.sources.len());
                let place = Arc::from(seen_from(path, self.base));
                self.sources.push(FeatureSource {
                    path: path.to_owned(),
                    place,
                    lines,
                });
            }
        }
    }
}

/// Roots are searched whatever their name: someone asked for them.
fn is_searched(entry: &DirEntry) -> bool {
    let name = entry.file_name().as_encoded_bytes();
    let skipped = name.starts_with(b".") || name == b"target" || name == b"node_modules";
    entry.depth() == 0 || !entry.file_type().is_dir() || !skipped
}

/// A file or folder beside a missing one with nearly its name.
fn neighbour(path: &Path) -> Option<PathBuf> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let name = path.file_name()?.to_string_lossy();
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .ok()?
        .take(1_000)
        .filter_map(|entry| Some(entry.ok()?.file_name()))
        .collect();
    names.sort();
    let likeness = |other: &std::ffi::OsString| {
        strsim::normalized_damerau_levenshtein(&name, &other.to_string_lossy())
    };
    let best = names
        .into_iter()
        .filter(|other| likeness(other) > 0.7)
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    Some(path.with_file_name(best))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn files_come_in_order_once_with_the_lines_that_were_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for name in [
            "b.feature",
            "a.feature",
            "sub/c.feature",
            "note.txt",
            ".hidden/d.feature",
            "target/e.feature",
        ] {
            fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
            fs::write(root.join(name), "").unwrap();
        }
        let find = |named: &[&str]| {
            let named: Vec<_> = named.iter().map(|name| root.join(name)).collect();
            let (sources, problems) = find(&named, root);
            let shown: Vec<_> = sources
                .iter()
                .map(|source| format!("{}{:?}", source.place, source.lines))
                .collect();
            (shown.join(" "), problems.len())
        };
        assert_eq!(find(&["."]).0, "a.feature{} b.feature{} sub/c.feature{}");
        assert_eq!(
            find(&["sub", "b.feature", "."]).0,
            "sub/c.feature{} b.feature{} a.feature{}"
        );
        assert_eq!(
            find(&["a.feature:3:9", "a.feature:4"]),
            ("a.feature{3, 4, 9}".to_owned(), 0)
        );
        assert_eq!(find(&["a.feature:3", "a.feature"]).0, "a.feature{}");
        assert_eq!(find(&["note.txt"]).0, "note.txt{}");
        assert_eq!(
            find(&["nowhere.feature", "b.feature", "sub:3"]),
            ("b.feature{}".to_owned(), 2)
        );
        assert_eq!(find(&[".hidden"]).0, ".hidden/d.feature{}");
    }

    #[test]
    fn a_misspelt_name_has_a_neighbour() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("visits.feature"), "").unwrap();
        let (_, problems) = find(&[folder.path().join("vists.feature")], folder.path());
        assert!(
            problems[0]
                .help
                .as_deref()
                .unwrap()
                .contains("visits.feature")
        );
    }
}
