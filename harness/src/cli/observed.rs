//! `spin-harness test --audit`: what the scenarios of a run used, against what the manifests grant.

use super::arguments::TestArguments;
use super::audit::{self, Format};
use super::output::Output;
use super::{Outcome, follow};
use crate::app::Manifest;
use crate::audit::least::{Least, least};
use crate::audit::{Audit, Observer, observed_file};
use crate::report::words::plural;
use crate::runner::plan::{self, FeatureSource};
use crate::runner::pool::{self, Setup};
use crate::runner::{Event, Verdict};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a run is observed for, and what is needed to repeat it.
pub(super) struct Observation {
    setup: Arc<Setup>,
    files: Vec<FeatureSource>,
    observer: Arc<Observer>,
}

impl Observation {
    /// Of a run that is about to begin.
    pub fn new(setup: &Arc<Setup>, files: &[FeatureSource], observer: &Arc<Observer>) -> Self {
        Self {
            setup: Arc::clone(setup),
            files: files.to_vec(),
            observer: Arc::clone(observer),
        }
    }

    /// Reports what was observed, once the run is over. `passed` are the numbers of the scenarios that passed.
    pub fn report(
        &self,
        arguments: &TestArguments,
        passed: &BTreeSet<usize>,
        output: &Output,
    ) -> Outcome {
        let mut audits = Vec::new();
        let mut texts = BTreeMap::new();
        let mut observed = BTreeMap::new();
        let here = std::env::current_dir().unwrap_or_default();
        for manifest in self.setup.apps.used() {
            let app = self.observer.app(&manifest.file_path());
            if app.observed().scenarios == 0 {
                // It did not load, which has been told.
                continue;
            }
            let name = plan::place(&manifest.file_path(), &here);
            observed.insert(name, app.observed().clone());
            match self.audited(arguments, &manifest, output) {
                Ok((audit, least)) => {
                    if let Some(least) = least {
                        texts.insert(manifest.file_path(), least.text);
                    }
                    audits.push(audit);
                }
                Err(()) => return Outcome::Unable,
            }
        }
        if let Some(file) = &arguments.observed
            && let Err(error) = observed_file::write(file, observed)
        {
            output.error(format_args!("cannot write {}: {error}", file.display()));
            return Outcome::Unable;
        }
        println!();
        let outcome = audit::write(&audits, Format::Terminal, output);
        if !arguments.verify_least {
            return outcome;
        }
        outcome.worse(self.verified(texts, passed, output))
    }

    fn audited(
        &self,
        arguments: &TestArguments,
        manifest: &Arc<Manifest>,
        output: &Output,
    ) -> Result<(Audit, Option<Least>), ()> {
        let levels = arguments
            .judging
            .levels(&manifest.harness, &manifest.source);
        let levels = levels.map_err(|error| error.tell(output))?;
        let app = self.observer.app(&manifest.file_path());
        let named = arguments.runtime_config_file.as_deref();
        let config = audit::runtime_config(manifest, named);
        let config = config.map_err(|error| output.diagnostic(&error))?;
        // Scenarios may have brought their own; of several the first by name speaks for all.
        let config = config.or_else(|| app.runtime_configs.values().next().cloned());
        let audit = Audit::of_examined(manifest, &manifest.warnings, config);
        let audit = audit.with_observed(app.observed().clone());
        let least = least(&audit, manifest).map_err(|error| output.error(error))?;
        let audit = audit.with_least(least.clone());
        Ok((audit.judged(&levels), least))
    }

    /// Runs the scenarios again with the least manifests, and says whether those that passed still do.
    fn verified(
        &self,
        texts: BTreeMap<PathBuf, String>,
        passed: &BTreeSet<usize>,
        output: &Output,
    ) -> Outcome {
        if texts.is_empty() {
            println!(
                "least manifest: nothing to verify, every grant that can be observed was used"
            );
            return Outcome::Passed;
        }
        let setup = Setup {
            apps: Arc::new(self.setup.apps.with_texts(texts)),
            options: Arc::clone(&self.setup.options),
            snapshots: self.setup.snapshots.only_checked(),
            seed: self.setup.seed,
            filter: self.setup.filter.clone(),
            jobs: self.setup.jobs,
            fail_fast: false,
            watch: false,
            observer: None,
        };
        let running = match pool::start(Arc::new(setup), self.files.clone()) {
            Ok(running) => running,
            Err(error) => {
                output.error(format_args!("no thread can be started: {error}"));
                return Outcome::Unable;
            }
        };
        follow::on_interrupt(&running, output);
        let mut failed: BTreeMap<usize, String> = BTreeMap::new();
        let mut finished = 0;
        loop {
            let (index, text) = match running.events.next() {
                Event::ScenarioFinished { index, result } => {
                    let place = format!(
                        "{}:{}",
                        plan::place(&result.scenario.file().path, Path::new("")),
                        result.scenario.line()
                    );
                    let text = format!("{}  {place}", crate::value::visible(&result.name));
                    (index, (result.verdict != Verdict::Passed).then_some(text))
                }
                Event::ScenarioLeftOut { index } => {
                    (index, Some("a scenario whose app does not load".to_owned()))
                }
                Event::Interrupted => return Outcome::Failed,
                Event::RunFinished => break,
                _ => continue,
            };
            finished += 1;
            running.reported(finished);
            if let Some(text) = text.filter(|_| passed.contains(&index)) {
                failed.insert(index, text);
            }
        }
        let all = passed.len();
        if failed.is_empty() {
            println!(
                "least manifest: verified, {all} scenario{} passed with it as well",
                plural(all)
            );
            return Outcome::Passed;
        }
        println!(
            "least manifest: not enough, {} of {all} scenario{} that passed do not pass with it",
            failed.len(),
            plural(all)
        );
        for text in failed.values() {
            println!("  ✘ {text}");
        }
        Outcome::Failed
    }
}
