//! How components are built, and whether what was built is there and up to date.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::import_name::package_of;
use super::manifest::{Build, Component, ComponentSource, Dependency, DependencyTarget, Manifest};
use super::paths::lexically_normal;
use super::problem::{LoadError, Problem, Warning};

/// At most this many files are looked at to see whether a component is up to date.
const MOST_FILES: usize = 20_000;

/// What to do about code that is not there, and that the manifest does not say how to build.
const BUILD_IT: &str = "build it first, or correct the path";

/// The commands that build one component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildStep {
    /// The component's id.
    pub component: String,
    /// Shell commands to run one after the other.
    pub commands: Vec<String>,
    /// The folder to run them in; absolute.
    pub workdir: PathBuf,
}

impl Manifest {
    /// What `spin build` would run, in the order of the file. Components without build commands are left out.
    pub fn build_steps(&self) -> Vec<BuildStep> {
        self.components
            .iter()
            .filter_map(|component| {
                let build = component.build.as_ref()?;
                let workdir = workdir(&self.root, build);
                Some(BuildStep {
                    component: component.id.clone(),
                    commands: build.commands.clone(),
                    workdir,
                })
            })
            .collect()
    }

    /// Checks that the code of every component that a trigger can reach is there, and warns of code older than its sources.
    ///
    /// # Errors
    ///
    /// A component's file is missing, or its code would have to be downloaded.
    pub fn check_sources(&self) -> Result<Vec<Warning>, LoadError> {
        let mut problems: Vec<Problem> = self
            .used_components()
            .flat_map(|component| {
                let dependencies = component.dependencies.iter();
                let of_dependencies =
                    dependencies.filter_map(move |it| self.check_dependency(component, it));
                self.check_source(component)
                    .into_iter()
                    .chain(of_dependencies)
            })
            .collect();
        problems.extend(self.middleware().filter_map(|(trigger, middleware)| {
            let what = format!(
                "middleware {:?} of trigger {:?}",
                middleware.name, trigger.id
            );
            self.check_code_of(&what, middleware)
        }));
        LoadError::from_problems(problems)?;
        let mut looked_at: BTreeSet<&str> = BTreeSet::new();
        Ok(self
            .used_components()
            .flat_map(|component| {
                let dependencies = component.dependencies.iter();
                let of_app = dependencies.filter_map(|it| self.code_of(it)?.1);
                std::iter::once(component).chain(of_app)
            })
            .chain(self.middleware().filter_map(|(_, it)| self.code_of(it)?.1))
            .filter(|component| looked_at.insert(&component.id))
            .filter_map(|component| self.check_age(component))
            .collect())
    }

    fn check_source(&self, component: &Component) -> Option<Problem> {
        let what = format!("component {:?}", component.id);
        let problem = check_code(&what, &component.source, "source", &how_to_build(component))?;
        Some(problem.at(&self.source, component.spans.source.clone()))
    }

    fn check_dependency(&self, component: &Component, dependency: &Dependency) -> Option<Problem> {
        let what = format!(
            "dependency {:?} of component {:?}",
            dependency.name, component.id
        );
        self.check_code_of(&what, dependency)
    }

    fn check_code_of(&self, what: &str, dependency: &Dependency) -> Option<Problem> {
        let (source, of) = self.code_of(dependency)?;
        let build = of.map_or_else(|| BUILD_IT.to_owned(), how_to_build);
        let field = if of.is_some() { "source" } else { "path" };
        let problem = check_code(what, &source, field, &build)?;
        // What is to be mended is where the code is named.
        let place = of.map_or(&dependency.span, |component| &component.spans.source);
        Some(problem.at(&self.source, place.clone()))
    }

    /// Where the code of a dependency is, and the component of the manifest that it is, if it is one. Nothing where it
    /// names a component that there is not, which no manifest that loads does.
    pub(crate) fn code_of(
        &self,
        dependency: &Dependency,
    ) -> Option<(ComponentSource, Option<&Component>)> {
        let source = match &dependency.target {
            DependencyTarget::LocalPath(path) => ComponentSource::LocalPath(path.clone()),
            DependencyTarget::Component(id) => {
                let component = self.component(id)?;
                return Some((component.source.clone(), Some(component)));
            }
            DependencyTarget::Url { url, digest } => ComponentSource::Url {
                url: url.clone(),
                digest: digest.clone(),
            },
            DependencyTarget::Package {
                registry,
                package,
                version,
            } => ComponentSource::Registry {
                registry: registry.clone(),
                package: match package {
                    Some(package) => package.clone(),
                    None => package_of(&dependency.name).to_owned(),
                },
                version: version.clone(),
            },
        };
        Some((source, None))
    }

    fn check_age(&self, component: &Component) -> Option<Warning> {
        let (ComponentSource::LocalPath(wasm), Some(build)) = (&component.source, &component.build)
        else {
            return None;
        };
        let built = modified(wasm)?;
        let newer = newer_source(&workdir(&self.root, build), &build.watch, wasm, built)?;
        let shown = newer.strip_prefix(&self.root).unwrap_or(&newer).display();
        let text = format!(
            "component {:?} is older than its sources: {shown} has changed since it was built",
            component.id
        );
        Some(
            Problem::warning("app::stale", text)
                .at(&self.source, component.spans.source.clone())
                .labelled("built before that")
                .help(how_to_build(component)),
        )
    }
}

/// What keeps code from being used: its file is missing, or it would have to be downloaded. `field` is the one that
/// would name a file.
fn check_code(what: &str, source: &ComponentSource, field: &str, build: &str) -> Option<Problem> {
    let none = |text: String| Problem::error("app::no_source", format!("{what}: {text}"));
    let remote = |at: String| {
        let text = format!("{what} is {at}, and tests download nothing");
        Problem::error("app::remote_source", text).labelled("needs a network")
    };
    Some(match source {
        ComponentSource::LocalPath(path) => match std::fs::metadata(path) {
            Ok(metadata) if metadata.is_file() => return None,
            Ok(_) => none(format!("{} is not a file", path.display())).labelled("not a file"),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                none(format!("there is no file {}", path.display()))
                    .labelled("no such file")
                    .help(build)
            }
            Err(error) => none(format!("cannot read {}: {error}", path.display()))
                .labelled("not readable"),
        },
        ComponentSource::Url { url, .. } => remote(format!("at {url}")).help(format!(
            "download the file once and name it here: {field} = \"path/to/it.wasm\""
        )),
        ComponentSource::Registry {
            package, version, ..
        } => remote(format!("{package}@{version} of a registry")).help(format!(
            "download it once, for example with `wkg get {package}@{version}`, and name the file here: \
             {field} = \"path/to/it.wasm\""
        )),
    })
}

fn how_to_build(component: &Component) -> String {
    match &component.build {
        Some(_) => "build it with `--build`".to_owned(),
        None => {
            "the manifest does not say how to build it: add `build.command`, or correct the path"
                .to_owned()
        }
    }
}

fn workdir(root: &Path, build: &Build) -> PathBuf {
    build.workdir.as_ref().map_or_else(
        || root.to_owned(),
        |workdir| lexically_normal(&root.join(workdir)),
    )
}

fn modified(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path)
        .and_then(|metadata| metadata.modified())
        .ok()
}

/// The first file, by name, that a pattern of `watch` fits and that is newer than `built`.
fn newer_source(
    folder: &Path,
    watch: &[String],
    wasm: &Path,
    built: SystemTime,
) -> Option<PathBuf> {
    let options = glob::MatchOptions {
        require_literal_separator: true,
        ..glob::MatchOptions::new()
    };
    let mut looked_at = 0;
    for text in watch {
        // A pattern that is none is the business of `spin watch`.
        let Ok(pattern) = glob::Pattern::new(text) else {
            continue;
        };
        let start = folder.join(literal_start(text));
        let files = walkdir::WalkDir::new(&start)
            .sort_by_file_name()
            .into_iter()
            .filter_entry(|entry| entry.depth() == 0 || !is_output(entry.file_name()))
            .filter_map(Result::ok);
        for entry in files {
            looked_at += 1;
            if looked_at > MOST_FILES {
                return None;
            }
            let path = entry.path();
            let relative = path.strip_prefix(folder).unwrap_or(path);
            if entry.file_type().is_file()
                && path != wasm
                && pattern.matches_path_with(relative, options)
                && modified(path).is_some_and(|time| time > built)
            {
                return Some(path.to_owned());
            }
        }
    }
    None
}

/// Folders that hold what builds make, not what they are made of.
fn is_output(name: &std::ffi::OsStr) -> bool {
    ["target", "node_modules", ".git", ".spin"]
        .iter()
        .any(|output| name == *output)
}

/// The folders of a pattern before its first wildcard.
fn literal_start(pattern: &str) -> PathBuf {
    let literal: Vec<&str> = pattern
        .split('/')
        .take_while(|part| !part.contains(['*', '?', '[']))
        .collect();
    literal.join("/").into()
}
