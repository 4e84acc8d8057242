//! The file that a run leaves for a later audit: what scenarios did, by the manifests of their apps.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Observed;
use crate::app::{Manifest, seen_from};

/// What the file says it is.
const FORMAT: &str = "spin-harness-observed";
/// A file larger than this is none.
const LARGEST: u64 = 256 << 20;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contents {
    format: String,
    version: u32,
    /// By the path of the manifest from the folder of the run.
    apps: BTreeMap<String, Observed>,
}

/// Why a file says nothing of an app.
#[derive(Debug, thiserror::Error)]
pub enum ObservedError {
    /// It can't be read.
    #[error("cannot read {}: {reason}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// It is another kind of file.
    #[error("{}: {reason}; `spin-harness test --audit --observed FILE` writes such a file", path.display())]
    NotObserved {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        reason: String,
    },
    /// The app has changed since.
    #[error(
        "{} is of an earlier {app}: it has no component \"{component}\" any more; run the scenarios again with \
         `spin-harness test --audit --observed FILE`",
        path.display()
    )]
    Stale {
        /// The file.
        path: PathBuf,
        /// The manifest.
        app: String,
        /// A component that was observed and is gone.
        component: String,
    },
    /// No scenario of the run used the app.
    #[error("{} says nothing of {app}; {}", path.display(), about(apps))]
    OtherApps {
        /// The file.
        path: PathBuf,
        /// The manifest that was asked for.
        app: String,
        /// The manifests that it is about.
        apps: Vec<String>,
    },
}

fn about(apps: &[String]) -> String {
    match apps {
        [] => "it is about no app at all".to_owned(),
        apps => format!(
            "it is about {}, as seen from the folder in which it was written",
            apps.join(", ")
        ),
    }
}

/// What the scenarios of a run did with an app.
///
/// # Errors
///
/// The file can't be read, is another kind of file, or is about other apps.
pub fn read(path: &Path, manifest: &Manifest) -> Result<Observed, ObservedError> {
    let unreadable = |reason: String| ObservedError::Read {
        path: path.to_owned(),
        reason,
    };
    let metadata = std::fs::metadata(path).map_err(|error| unreadable(error.to_string()))?;
    if !metadata.is_file() || metadata.len() > LARGEST {
        return Err(unreadable("it is no file of at most 256 MiB".to_owned()));
    }
    let text = std::fs::read(path).map_err(|error| unreadable(error.to_string()))?;
    let other = |reason: String| ObservedError::NotObserved {
        path: path.to_owned(),
        reason,
    };
    if !text.trim_ascii_start().starts_with(b"{") {
        return Err(other("it is no JSON object".to_owned()));
    }
    let contents: Contents =
        serde_json::from_slice(&text).map_err(|error| other(error.to_string()))?;
    if contents.format != FORMAT || contents.version != 1 {
        return Err(other(format!(
            "it is of the format {:?}, version {}, and not {FORMAT:?}, version 1",
            contents.format, contents.version
        )));
    }
    let wanted = manifest.file_path();
    let from_root = |path: &Path| seen_from(path, Path::new("/"));
    let beside = path.parent().unwrap_or(Path::new(""));
    // As seen from here, from the file, or at least by its last folder: a file may be read elsewhere than it was written.
    let is_it = |name: &str| {
        let named = [PathBuf::from(name), beside.join(name)];
        let mut absolute = named.iter().filter_map(|it| std::path::absolute(it).ok());
        let has_folder = Path::new(name).components().count() > 1;
        absolute.any(|it| from_root(&it) == from_root(&wanted))
            || has_folder && !name.starts_with("..") && wanted.ends_with(name)
    };
    let apps: Vec<String> = contents
        .apps
        .iter()
        .map(|(name, observed)| format!("{name} (\"{}\")", observed.app))
        .collect();
    let mut found = contents.apps.into_iter();
    match found.find(|(name, observed)| observed.app == manifest.name && is_it(name)) {
        Some((_, observed)) => {
            let mut components = observed.components.keys();
            match components.find(|id| manifest.component(id).is_none()) {
                None => Ok(observed),
                Some(component) => Err(ObservedError::Stale {
                    path: path.to_owned(),
                    app: manifest.source.name().to_owned(),
                    component: component.clone(),
                }),
            }
        }
        None => Err(ObservedError::OtherApps {
            path: path.to_owned(),
            app: format!("{} (\"{}\")", manifest.source.name(), manifest.name),
            apps,
        }),
    }
}

/// Writes what scenarios did.
///
/// # Errors
///
/// The file cannot be written.
pub fn write(path: &Path, apps: BTreeMap<String, Observed>) -> std::io::Result<()> {
    let contents = Contents {
        format: FORMAT.to_owned(),
        version: 1,
        apps,
    };
    let mut text = serde_json::to_string_pretty(&contents)?;
    text.push('\n');
    std::fs::write(path, text)
}
