//! Which files a component sees, and where (`crates/loader/src/local.rs`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::document::Located;
use super::manifest::{Component, FilesMount, Manifest};
use super::problem::{LoadError, Problem, Span};

const LEARN_MORE: &str = "If you want to include a directory, use source-destination form, or a glob pattern ending in **/*.";

/// A file that a component sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MountedFile {
    /// Where it is; absolute.
    pub host: PathBuf,
    /// Where the guest sees it: absolute, with `/`, without `.` and `..`.
    pub guest: String,
}

impl Manifest {
    /// All files that a component sees, sorted by the guest's path. Of two for one path the later one stays, as in Spin.
    ///
    /// # Errors
    ///
    /// A source does not exist or lies outside the app's folder, or a pattern is none.
    pub fn resolve_files(&self, component: &Component) -> Result<Vec<MountedFile>, LoadError> {
        let mut excluded = Vec::new();
        let mut problems = Vec::new();
        for pattern in &component.exclude_files {
            match glob::Pattern::new(&pattern.value) {
                Ok(pattern) => excluded.push(pattern),
                Err(error) => {
                    let text = format!(
                        "Invalid exclude_files glob pattern {:?}: {error}",
                        pattern.value
                    );
                    problems.push(self.problem(&pattern.span, Unmountable::Entry(text)));
                }
            }
        }
        let mut mounts = Mounts {
            root: &self.root,
            excluded,
            files: BTreeMap::new(),
        };
        for mount in &component.files {
            if let Err(reason) = mounts.add(mount) {
                problems.push(self.problem(&mount.span, reason));
            }
        }
        LoadError::from_problems(problems)?;
        Ok(mounts
            .files
            .into_iter()
            .map(|(guest, host)| MountedFile { host, guest })
            .collect())
    }

    fn problem(&self, span: &Span, reason: Unmountable) -> Problem {
        let (code, text, help) = match reason {
            Unmountable::Outside(text) => {
                ("app::outside_file", text, "put it into the app's folder")
            }
            Unmountable::Entry(text) => {
                ("app::bad_files", text, "correct the entry, or take it out")
            }
        };
        Problem::error(code, text)
            .at(&self.source, span.clone())
            .labelled("cannot be mounted")
            .help(help)
    }
}

/// Why an entry of `files` mounts nothing, in Spin's words.
enum Unmountable {
    /// It leads out of the app's folder.
    Outside(String),
    /// The entry is wrong.
    Entry(String),
}

impl From<String> for Unmountable {
    fn from(text: String) -> Self {
        Self::Entry(text)
    }
}

struct Mounts<'a> {
    root: &'a Path,
    excluded: Vec<glob::Pattern>,
    files: BTreeMap<String, PathBuf>,
}

impl Mounts<'_> {
    fn add(&mut self, mount: &Located<FilesMount>) -> Result<(), Unmountable> {
        match &mount.value {
            FilesMount::Pattern(pattern) => self.add_pattern(pattern),
            FilesMount::Placement {
                source,
                destination,
            } => self.add_placement(source, destination),
        }
    }

    fn add_pattern(&mut self, pattern: &str) -> Result<(), Unmountable> {
        for (end, name) in [
            ("..", "parent directory path (..)"),
            (".", "current directory path (.)"),
        ] {
            if pattern == end || pattern.ends_with(&format!("/{end}")) {
                return Err(format!("A file pattern can't end in a {name}\n{LEARN_MORE}").into());
            }
        }
        let path = self.root.join(pattern);
        if path.is_dir() {
            // Spin puts what is in the folder under the folder's path twice over.
            self.add_glob(&path, "**/*", self.root, pattern)
        } else if path.exists() {
            self.add_file(&path, pattern)
        } else if glob::Pattern::escape(pattern) != pattern {
            self.add_glob(self.root, pattern, self.root, "")
        } else {
            Err(Unmountable::Entry(format!(
                "{pattern:?} does not exist and doesn't appear to be a glob pattern"
            )))
        }
    }

    fn add_placement(&mut self, source: &str, destination: &str) -> Result<(), Unmountable> {
        let path = self.root.join(source);
        let metadata = std::fs::metadata(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => format!("File or directory {source:?} does not exist"),
            _ => format!("invalid file mount source {source:?}: {error}"),
        })?;
        if metadata.is_dir() {
            return self.add_glob(&path, "**/*", &path, destination);
        }
        if destination.ends_with(['/', '.']) {
            return Err(format!("{destination:?} is not a valid destination file name").into());
        }
        self.add_file(&path, destination)
    }

    /// Adds the files under `folder` that fit `pattern`. The guest sees them under `destination`, at their path from `prefix`.
    fn add_glob(
        &mut self,
        folder: &Path,
        pattern: &str,
        prefix: &Path,
        destination: &str,
    ) -> Result<(), Unmountable> {
        let text = folder
            .to_str()
            .ok_or_else(|| format!("invalid (non-utf8) file pattern {folder:?}"))?;
        // The folder's own name may look like a pattern.
        let pattern = format!(
            "{}/{pattern}",
            glob::Pattern::escape(text.trim_end_matches('/'))
        );
        let paths = glob::glob(&pattern)
            .map_err(|error| format!("Failed to resolve glob pattern {pattern:?}: {error}"))?;
        for path in paths {
            let path = path.map_err(|error| error.to_string())?;
            if !path.is_file() {
                continue;
            }
            let from_root = path
                .strip_prefix(self.root)
                .map_err(|_| outside(&pattern))?;
            if self
                .excluded
                .iter()
                .any(|excluded| excluded.matches_path(from_root))
            {
                continue;
            }
            let relative = path.strip_prefix(prefix).map_err(|_| outside(&pattern))?;
            let guest = Path::new(destination.trim_start_matches('/')).join(relative);
            let guest = guest
                .to_str()
                .ok_or_else(|| format!("invalid (non-utf8) file name {guest:?}"))?
                .to_owned();
            self.add_file(&path, &guest)?;
        }
        Ok(())
    }

    fn add_file(&mut self, host: &Path, guest: &str) -> Result<(), Unmountable> {
        let host = super::paths::lexically_normal(host);
        if !host.starts_with(self.root) {
            return Err(outside(&host.display().to_string()));
        }
        let mut parts = Vec::new();
        for part in guest.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    return Err(format!("{guest:?} is not a valid destination file name").into());
                }
                part => parts.push(part),
            }
        }
        self.files.insert(format!("/{}", parts.join("/")), host);
        Ok(())
    }
}

fn outside(path: &str) -> Unmountable {
    Unmountable::Outside(format!(
        "{path} cannot be mapped because it is outside the application directory. Files must be within the application directory."
    ))
}
