//! `spin-harness test --audit`: what the scenarios of a run used, against what the manifests grant.

use super::arguments::TestArguments;
use super::audit::{self, Format};
use super::output::Output;
use super::{Outcome, follow};
use crate::app::{Manifest, seen_from};
use crate::audit::{Audit, ObservedApp, Observer, observed_file};
use crate::runner::plan::FeatureSource;
use crate::runner::pool::{self, Setup};
use crate::runner::{Event, Verdict};
use crate::value::plural;
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
        let here = std::env::current_dir().unwrap_or_default();
        let apps: Vec<(Arc<Manifest>, ObservedApp)> = self
            .setup
            .apps
            .used()
            .into_iter()
            .map(|manifest| {
                let app = self.observer.app(&manifest.file_path());
                (manifest, app)
            })
            // One that did not load has been told.
            .filter(|(_, app)| app.observed().scenarios > 0)
            .collect();
        if let Some(file) = &arguments.observed {
            let observed = apps.iter().map(|(manifest, app)| {
                let name = seen_from(&manifest.file_path(), &here);
                (name, app.observed().clone())
            });
            if let Err(error) = observed_file::write(file, observed.collect()) {
                output.error(format_args!("cannot write {}: {error}", file.display()));
                return Outcome::Unable;
            }
        }
        let mut audits = Vec::new();
        let mut texts = BTreeMap::new();
        for (manifest, app) in &apps {
            let Ok(audit) = self.audited(arguments, manifest, app, output) else {
                return Outcome::Unable;
            };
            if let Some(least) = &audit.least {
                texts.insert(manifest.file_path(), least.text.clone());
            }
            audits.push(audit);
        }
        let told = output.say("");
        let outcome = audit::write(&audits, Format::Terminal, output).worse(told);
        let outcome = outcome.worse(audit::write_patch(
            arguments.patch.as_deref(),
            &audits,
            output,
        ));
        if !arguments.verify_least || outcome == Outcome::Unable {
            return outcome;
        }
        outcome.worse(self.verified(texts, passed, output))
    }

    fn audited(
        &self,
        arguments: &TestArguments,
        manifest: &Arc<Manifest>,
        app: &ObservedApp,
        output: &Output,
    ) -> Result<Audit, ()> {
        let levels = arguments
            .judging
            .levels(&manifest.harness, &manifest.source);
        let levels = levels.map_err(|error| error.tell(output))?;
        let named = arguments.runtime_config_file.as_deref();
        let config = audit::runtime_config(manifest, named);
        let config = config.map_err(|error| output.diagnostic(&error))?;
        // Where nobody names one, it is the one that all scenarios name.
        let config = config.or_else(|| app.runtime_config());
        let audit = Audit::of_examined(manifest, &manifest.warnings, config);
        let audit = audit.with_observed(app.observed().clone(), manifest);
        Ok(audit.judged(&levels))
    }

    /// Runs the scenarios again with the least manifests, and says whether those that passed still do.
    fn verified(
        &self,
        texts: BTreeMap<PathBuf, String>,
        passed: &BTreeSet<usize>,
        output: &Output,
    ) -> Outcome {
        if texts.is_empty() {
            return output.say("least manifest: nothing to verify");
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
            recordings: None,
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
                        seen_from(&result.scenario.file().path, Path::new("")),
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
            return output.say(&format!(
                "least manifest: verified, {all} scenario{} passed with it as well",
                plural(all)
            ));
        }
        let mut lines = vec![format!(
            "least manifest: not enough, with it {} of {all} scenario{} that passed before do not pass",
            failed.len(),
            plural(all)
        )];
        lines.extend(failed.values().map(|text| format!("  ✘ {text}")));
        output.say(&lines.join("\n")).worse(Outcome::Failed)
    }
}
