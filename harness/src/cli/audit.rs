//! `spin-harness audit`: what the manifest grants, what components could use, and what scenarios used.

use super::output::Output;
use super::{Outcome, width};
use crate::app::{
    BAD_SETTING, HarnessSettings, LoadError, Located, Manifest, Problem, RuntimeConfig, SourceFile,
};
use crate::audit::{Audit, Least, Levels, Selection, UnknownCode, observed_file};
use crate::report;
use clap::{Args, ValueEnum};
use miette::Severity;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Look at the permissions of an app without running it.
#[derive(Args, Debug)]
pub(super) struct AuditArguments {
    /// The app: a manifest, or a folder with a spin.toml [default: spin.toml]
    app: Option<PathBuf>,
    /// The build profile [default: the one that the manifest's `[application.tool.harness]` names, if it does]
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// The runtime config [default: the one that the manifest's `[application.tool.harness]` names]
    #[arg(long, value_name = "FILE")]
    runtime_config_file: Option<PathBuf>,
    /// Write the least manifest that the observed scenarios leave to this file, as a patch of spin.toml
    #[arg(long, value_name = "FILE", requires = "observed")]
    patch: Option<PathBuf>,
    /// Add what scenarios did, as `spin-harness test --audit --observed FILE` wrote it
    #[arg(long, value_name = "FILE")]
    observed: Option<PathBuf>,
    #[command(flatten)]
    judging: Judging,
    /// How to write the report
    #[arg(long, value_name = "FORMAT", default_value = "terminal")]
    format: Format,
}

/// Which findings make the command fail, and which are left out.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct Judging {
    /// Fail where one of these is found: codes such as `unused-grant`, `error`, `warning`, `information`, or `all`
    #[arg(long, value_name = "CODE", num_args = 1.., value_delimiter = ',')]
    deny: Vec<String>,
    /// Leave these out: codes, severities, or `all`; a code goes before its severity, that before `all`
    #[arg(long, value_name = "CODE", num_args = 1.., value_delimiter = ',')]
    allow: Vec<String>,
}

impl Judging {
    /// What stands behind `--deny` or `--allow` and is no code but a path: both take any number of words, so that what
    /// follows them is taken for one more.
    pub(super) fn paths(&mut self) -> Vec<PathBuf> {
        let mut paths = Vec::new();
        for words in [&mut self.deny, &mut self.allow] {
            words.retain(|word| {
                let is_path = word.parse::<Selection>().is_err() && Path::new(word).exists();
                if is_path {
                    paths.push(PathBuf::from(word));
                }
                !is_path
            });
        }
        paths
    }

    /// Whether what the command line says makes sense.
    ///
    /// # Errors
    ///
    /// As for [`Judging::levels`].
    pub(super) fn check(&self) -> Result<(), Contradiction> {
        self.levels(&HarnessSettings::default(), &SourceFile::new("", ""))
            .map(drop)
    }

    /// Whether the command line says anything.
    pub(super) fn is_empty(&self) -> bool {
        self.deny.is_empty() && self.allow.is_empty()
    }

    /// What the command line says, and after it the manifest.
    ///
    /// # Errors
    ///
    /// A word that is no finding, or one that is both denied and allowed.
    pub(super) fn levels(
        &self,
        settings: &HarnessSettings,
        manifest: &SourceFile,
    ) -> Result<Levels, Contradiction> {
        let options = |words: &[String]| {
            let words = words.iter().map(|word| word.parse());
            words.collect::<Result<Vec<Selection>, UnknownCode>>()
        };
        let (denied, allowed) = (options(&self.deny)?, options(&self.allow)?);
        if let Some(both) = denied.iter().find(|it| allowed.contains(it)) {
            return Err(Contradiction::Options(*both));
        }
        let parse = |words: &[Located<String>]| {
            let words = words.iter();
            words
                .map(|word| match word.value.parse() {
                    Ok(selection) => Ok(selection),
                    Err(error) => {
                        let error: UnknownCode = error;
                        Err(bad_setting(
                            manifest,
                            word,
                            error.to_string(),
                            "no such finding",
                        ))
                    }
                })
                .collect::<Result<Vec<Selection>, Box<Problem>>>()
        };
        let (deny, allow) = (parse(&settings.deny)?, parse(&settings.allow)?);
        if let Some(word) = allow
            .iter()
            .zip(&settings.allow)
            .find_map(|(it, word)| deny.contains(it).then_some(word))
        {
            let text = format!("`{}` is both denied and allowed", word.value);
            return Err(bad_setting(manifest, word, text, "denied as well").into());
        }
        let of_options = Levels::new().then(&denied, &allowed);
        Ok(of_options.then(&deny, &allow))
    }
}

fn bad_setting(
    manifest: &SourceFile,
    word: &Located<String>,
    text: String,
    label: &str,
) -> Box<Problem> {
    let problem = Problem::error(BAD_SETTING, text).labelled(label);
    Box::new(problem.at(manifest, word.span.clone()))
}

/// What makes no sense of what is denied and allowed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Contradiction {
    #[error("`{0}` is both in --deny and in --allow")]
    Options(Selection),
    #[error(transparent)]
    Unknown(#[from] UnknownCode),
    #[error(transparent)]
    Settings(#[from] Box<Problem>),
}

impl Contradiction {
    pub(super) fn tell(&self, output: &Output) {
        match self {
            Self::Options(_) | Self::Unknown(_) => output.error(self),
            Self::Settings(problem) => output.diagnostic(&**problem),
        }
    }
}

/// The forms of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    #[default]
    Terminal,
    /// For other programs; docs/audit.schema.json is its schema
    Json,
    /// For a comment on a pull request
    Markdown,
    /// For code scanning
    Sarif,
    /// Annotations of a GitHub workflow
    Github,
}

/// Writes audits to standard output.
pub(super) fn write(audits: &[Audit], format: Format, output: &Output) -> Outcome {
    let text = match format {
        Format::Terminal => {
            let reports = audits.iter();
            let reports: Vec<String> = reports
                .map(|audit| report::audit::terminal(audit, output.color, width()))
                .collect();
            reports.join("\n")
        }
        Format::Json => report::audit::json(audits),
        Format::Markdown => report::audit::markdown(audits),
        Format::Sarif => report::audit::sarif(audits),
        Format::Github => report::audit::github(audits),
    };
    let mut out = std::io::stdout().lock();
    if let Err(error) = out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        output.error(format_args!("the report cannot be written: {error}"));
        return Outcome::Unable;
    }
    match audits.iter().any(Audit::is_denied) {
        true => Outcome::Failed,
        false => Outcome::Passed,
    }
}

/// Writes the least manifests as one patch, where a file for it is named; where there is nothing to take out, an empty one.
pub(super) fn write_patch(file: Option<&Path>, audits: &[Audit], output: &Output) -> Outcome {
    let Some(file) = file else {
        return Outcome::Passed;
    };
    let patches: Vec<&Least> = audits
        .iter()
        .filter_map(|audit| audit.least.as_ref())
        .collect();
    let patch: String = patches.iter().map(|least| least.patch.as_str()).collect();
    match std::fs::write(file, patch) {
        Ok(()) => {
            let shown = file.display();
            for folder in patches.iter().filter_map(|least| least.folder.as_ref()) {
                output.note(format_args!("{shown} is to be applied in {folder}"));
            }
            if patches.is_empty() {
                output.note(format_args!("{shown} is empty: there is no least manifest"));
            }
            Outcome::Passed
        }
        Err(error) => {
            output.error(format_args!("cannot write {}: {error}", file.display()));
            Outcome::Unable
        }
    }
}

/// Runs the command.
pub(super) fn run(mut arguments: AuditArguments, output: &Output) -> Outcome {
    let mut paths = arguments.judging.paths();
    paths.extend(arguments.app.take());
    let app = match paths.as_slice() {
        [] => PathBuf::from("spin.toml"),
        [app] => app.clone(),
        _ => {
            let names: Vec<_> = paths
                .iter()
                .map(|path| path.display().to_string())
                .collect();
            output.error(format_args!(
                "one app at a time, and not {}",
                names.join(", ")
            ));
            return Outcome::Unable;
        }
    };
    match audited(&app, &arguments, output) {
        Ok(audit) => {
            let audits = [audit];
            let outcome = write(&audits, arguments.format, output);
            outcome.worse(write_patch(arguments.patch.as_deref(), &audits, output))
        }
        Err(()) => Outcome::Unable,
    }
}

/// Makes the audit; whatever keeps it from being made has been said when it fails.
fn audited(app: &Path, arguments: &AuditArguments, output: &Output) -> Result<Audit, ()> {
    let say = |error: &LoadError| output.diagnostic(error);
    let profile = arguments.profile.as_deref();
    let (manifest, problems) =
        Manifest::examine_with_profile(app, profile).map_err(|error| say(&error))?;
    // What is to be denied may be among what could not be read.
    let settings = problems
        .iter()
        .filter(|problem| problem.code == BAD_SETTING && problem.severity == Severity::Error);
    LoadError::from_problems(settings.cloned().collect()).map_err(|error| say(&error))?;
    let levels = arguments
        .judging
        .levels(&manifest.harness, &manifest.source);
    let levels = levels.map_err(|error| error.tell(output))?;
    let config = runtime_config(&manifest, arguments.runtime_config_file.as_deref());
    let config = config.map_err(|error| say(&error))?;
    let mut audit = Audit::of_examined(&manifest, &problems, config);
    if let Some(file) = &arguments.observed {
        let observed = observed_file::read(file, &manifest).map_err(|error| output.error(error))?;
        audit = audit.with_observed(observed, &manifest);
    }
    Ok(audit.judged(&levels))
}

/// The runtime config that the command line names, or else the manifest.
pub(super) fn runtime_config(
    manifest: &Manifest,
    named: Option<&Path>,
) -> Result<Option<Arc<RuntimeConfig>>, LoadError> {
    let here = std::env::current_dir().unwrap_or_default();
    let file = match named {
        Some(named) => Some(named.to_owned()),
        None => {
            let of_manifest = manifest.runtime_config_file()?;
            of_manifest.map(|file| PathBuf::from(crate::app::seen_from(file, &here)))
        }
    };
    match file {
        Some(file) => RuntimeConfig::load(&file).map(Arc::new).map(Some),
        None => Ok(None),
    }
}
