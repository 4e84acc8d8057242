//! From a path or a text to a manifest: which file is meant, and what to say where there is none.

use super::{Manifest, read};
use crate::app::document;
use crate::app::paths::lexically_normal;
use crate::app::problem::{LoadError, Problem, SourceFile};
use std::path::{Path, PathBuf};

impl Manifest {
    /// Reads and checks a manifest. A folder stands for the `spin.toml` in it. Of the build profiles the one holds that its
    /// `[application.tool.harness]` names, if it names one.
    ///
    /// That the components' code exists is not checked: it may yet have to be built. See [`Manifest::check_sources`].
    ///
    /// # Errors
    ///
    /// The file can't be read or says something that Spin would refuse; all such places are reported together.
    pub fn load(path: &Path) -> Result<Self, LoadError> {
        Self::load_with_profile(path, None)
    }

    /// As [`Manifest::load`], with a build profile, as `spin up --profile` does: what components define for it takes the
    /// place of what they define else (`crates/manifest/src/normalize.rs`).
    ///
    /// # Errors
    ///
    /// As [`Manifest::load`]; and no component defines the profile.
    pub fn load_with_profile(path: &Path, profile: Option<&str>) -> Result<Self, LoadError> {
        let path = Self::file(path)?;
        let source = document::read_text(&path, "the manifest")?;
        read::manifest(&path, root(&path)?, source, profile)
    }

    /// As [`Manifest::load`], for who wants to know everything that is wrong: the manifest as far as it could be read, with
    /// all problems and warnings in the order of the file.
    ///
    /// # Errors
    ///
    /// The file can't be read, is no TOML, or says no version.
    pub fn examine(path: &Path) -> Result<(Self, Vec<Problem>), LoadError> {
        Self::examine_with_profile(path, None)
    }

    /// As [`Manifest::examine`], with a build profile.
    ///
    /// # Errors
    ///
    /// As [`Manifest::examine`].
    pub fn examine_with_profile(
        path: &Path,
        profile: Option<&str>,
    ) -> Result<(Self, Vec<Problem>), LoadError> {
        let path = Self::file(path)?;
        let source = document::read_text(&path, "the manifest")?;
        read::examined(&path, root(&path)?, source, profile)
    }

    /// As [`Manifest::load`], with the text at hand; `path` says where relative paths start.
    ///
    /// # Errors
    ///
    /// The text says something that Spin would refuse.
    pub fn parse(path: &Path, text: &str) -> Result<Self, LoadError> {
        Self::parse_with_profile(path, text, None)
    }

    /// As [`Manifest::parse`], with a build profile.
    ///
    /// # Errors
    ///
    /// As [`Manifest::parse`]; and no component defines the profile.
    pub fn parse_with_profile(
        path: &Path,
        text: &str,
        profile: Option<&str>,
    ) -> Result<Self, LoadError> {
        let source = SourceFile::new(path.display().to_string(), text);
        read::manifest(path, root(path)?, source, profile)
    }

    /// The manifest's file; a folder stands for the `spin.toml` in it.
    fn file(path: &Path) -> Result<PathBuf, LoadError> {
        let path = if path.is_dir() {
            path.join("spin.toml")
        } else {
            path.to_owned()
        };
        match path.exists() {
            true => Ok(path),
            false => Err(missing(&path).into()),
        }
    }
}

/// The folder that relative paths of a manifest start from.
fn root(path: &Path) -> Result<PathBuf, LoadError> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let root = std::path::absolute(folder).map_err(|error| {
        Problem::error(
            "app::unreadable",
            format!("Invalid manifest dir `{}`: {error}", folder.display()),
        )
    })?;
    Ok(lexically_normal(&root))
}

fn missing(path: &Path) -> Problem {
    let problem = Problem::error(
        "app::no_manifest",
        format!("there is no {}", path.display()),
    );
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if !folder.is_dir() {
        return problem.help(format!("there is no folder {} either", folder.display()));
    }
    problem.help("name the app's manifest, or the folder that it is in (`test -f PATH`, `audit PATH`), or run this where it is")
}
