//! What all scenarios of a run recorded, and the files that it goes to.

use super::events::{ScenarioResult, StepStatus};
use crate::app::LoadError;
use crate::sandbox::{
    Conflict, Exchange, Merged, OfScenario, RecordSource, Recorder, Recording, is_same_file,
    write_recording,
};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Records a run: what its scenarios ask of real servers on this machine, one scenario after the other.
pub struct Recordings {
    sources: Arc<[RecordSource]>,
    volatile: Arc<[String]>,
    /// By the number of the scenario.
    scenarios: Mutex<BTreeMap<usize, Recorded>>,
}

/// What one scenario asked.
struct Recorded {
    place: String,
    recorder: Recorder,
    /// Whether it passed; nothing while it is under way.
    passed: Option<bool>,
}

impl Recorded {
    fn has_passed(&self) -> bool {
        self.passed == Some(true)
    }
}

/// A recording that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The file.
    pub file: PathBuf,
    /// How many exchanges are in it.
    pub exchanges: usize,
    /// How many of them were there before, for requests that nobody made in this run.
    pub kept: usize,
    /// How many scenarios asked something of which nothing was written, since they did not pass.
    pub left_out: usize,
}

/// Why something was not recorded.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum NotRecorded {
    /// No scenario says where to.
    #[error(
        "--record: no scenario that ran names a recording; one that is to be recorded has the step `Given outgoing HTTP is \
         replayed from \"recordings/api.toml\"`"
    )]
    NoFile,
    /// A server that nobody asked.
    #[error(
        "--record {asked}: no scenario with a recording sent a request to {} that nothing else answers",
        asked.origin()
    )]
    NothingAsked {
        /// What the option says.
        asked: RecordSource,
    },
    /// One request with two answers.
    #[error(
        "{} is not written: {conflict}; give each of them a recording of its own, or, if it is a header that differs each \
         time, name it in `volatile_headers` of [application.tool.harness]",
        file.display()
    )]
    Conflict {
        /// The recording.
        file: PathBuf,
        /// Why it cannot be.
        conflict: String,
    },
    /// What is in the file already cannot be read.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Before(LoadError),
    /// The file cannot be written.
    // Why not follows as its cause.
    #[error("{} cannot be written", file.display())]
    Unwritable {
        /// The recording.
        file: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl Recordings {
    /// Of a run in which these servers are recorded. These headers of their answers are left out besides the usual ones.
    pub fn new(sources: Vec<RecordSource>, volatile: Vec<String>) -> Self {
        Self {
            sources: sources.into(),
            volatile: volatile.into(),
            scenarios: Mutex::default(),
        }
    }

    /// What records a scenario.
    pub(super) fn begin(&self, index: usize, place: String) -> Recorder {
        let recorder = Recorder::new(Arc::clone(&self.sources), Arc::clone(&self.volatile));
        let recorded = Recorded {
            place,
            recorder: recorder.clone(),
            passed: None,
        };
        self.lock().insert(index, recorded);
        recorder
    }

    /// Says how a scenario ended. What a sweep found has nothing to do with what was recorded before it.
    pub(super) fn ended(&self, index: usize, result: &ScenarioResult) {
        let mut steps = result.steps.iter();
        let passed = result.afterwards.is_none() && steps.all(|it| it.status == StepStatus::Passed);
        if let Some(recorded) = self.lock().get_mut(&index) {
            recorded.passed = Some(passed);
        }
    }

    /// Writes the files, each as a whole, in the order of the scenarios that name them first.
    pub fn write(&self) -> (Vec<Written>, Vec<NotRecorded>) {
        let scenarios = self.lock();
        let mut files: Vec<PathBuf> = Vec::new();
        for file in scenarios.values().filter_map(|it| it.recorder.file()) {
            if !files.iter().any(|known| is_same_file(known, &file)) {
                files.push(file);
            }
        }
        let mut failures = Vec::new();
        // A scenario that an interrupt cut short may not have come to the step that names one.
        if files.is_empty() && scenarios.values().any(|it| it.passed.is_some()) {
            failures.push(NotRecorded::NoFile);
        }
        let mut written = Vec::new();
        for file in &files {
            let named = scenarios
                .values()
                .filter(|it| it.recorder.file().is_some_and(|it| is_same_file(&it, file)));
            match write(file, named) {
                Ok(done) => written.extend(done),
                Err(failure) => failures.push(failure),
            }
        }
        // Where a scenario failed, it may be why nothing was asked.
        if !files.is_empty() && scenarios.values().all(Recorded::has_passed) {
            let asked: Vec<Exchange> = scenarios
                .values()
                .flat_map(|it| it.recorder.exchanges())
                .collect();
            for source in self.sources.iter() {
                if !asked.iter().any(|exchange| source.is_of(&exchange.url)) {
                    failures.push(NotRecorded::NothingAsked {
                        asked: source.clone(),
                    });
                }
            }
        }
        (written, failures)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<usize, Recorded>> {
        self.scenarios
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes one file, if anything is to be written.
fn write<'s>(
    file: &Path,
    scenarios: impl Iterator<Item = &'s Recorded>,
) -> Result<Option<Written>, NotRecorded> {
    let (passed, others): (Vec<_>, Vec<_>) = scenarios.partition(|it| it.has_passed());
    let asked_something = |it: &&&Recorded| !it.recorder.exchanges().is_empty();
    let left_out = others.iter().filter(asked_something).count();
    let asked = passed.iter().filter(asked_something).map(|it| OfScenario {
        place: it.place.clone(),
        // As they are written, so that secrets are no difference.
        exchanges: it
            .recorder
            .exchanges()
            .into_iter()
            .map(Exchange::without_secrets)
            .collect(),
    });
    let asked: Vec<OfScenario> = asked.collect();
    if asked.is_empty() && left_out == 0 {
        return Ok(None);
    }
    let before = Recording::load_if_there(file).map_err(NotRecorded::Before)?;
    let merged = Merged::new(before.exchanges.clone(), asked).map_err(|conflict: Conflict| {
        NotRecorded::Conflict {
            file: file.to_owned(),
            conflict: conflict.to_string(),
        }
    })?;
    // What is as it was keeps its file, with the comments that somebody may have written into it.
    if merged.exchanges.len() > merged.kept && merged.exchanges != before.exchanges {
        write_recording(file, &merged.exchanges).map_err(|source| NotRecorded::Unwritable {
            file: file.to_owned(),
            source,
        })?;
    }
    Ok(Some(Written {
        file: file.to_owned(),
        exchanges: merged.exchanges.len(),
        kept: merged.kept,
        left_out,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scenario_that_was_cut_short_is_not_blamed_for_naming_no_file() {
        let recordings = Recordings::new(Vec::new(), Vec::new());
        let _ = recordings.begin(0, "a.feature:2".to_owned());
        let (written, failures) = recordings.write();
        assert!(written.is_empty() && failures.is_empty(), "{failures:?}");
        recordings.lock().get_mut(&0).unwrap().passed = Some(false);
        let (_, failures) = recordings.write();
        assert!(matches!(failures[..], [NotRecorded::NoFile]));
    }
}
