//! Follows a run of `spin-harness test` to its end, and reports it.

use super::arguments::TestArguments;
use super::output::Output;
use super::{Outcome, width};
use crate::app::Problem;
use crate::report::{Detail, InOrder, Terminal, TerminalOptions, shell_word};
use crate::runner::plan::FeatureSource;
use crate::runner::pool::{self, Running, Setup, Stop};
use crate::runner::{Event, Reporter, Summary, Verdict};
use std::collections::BTreeSet;
use std::io::{BufWriter, Stdout};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Runs what was prepared, and reports it. Gives the numbers of the scenarios that passed, too.
pub(super) fn run(
    arguments: &TestArguments,
    output: &Output,
    setup: Arc<Setup>,
    files: Vec<FeatureSource>,
    problems: Vec<Problem>,
) -> (Outcome, BTreeSet<usize>) {
    let mut passed = BTreeSet::new();
    let outcome = reported(arguments, output, setup, files, problems, &mut passed);
    (outcome, passed)
}

fn reported(
    arguments: &TestArguments,
    output: &Output,
    setup: Arc<Setup>,
    files: Vec<FeatureSource>,
    mut problems: Vec<Problem>,
    passed: &mut BTreeSet<usize>,
) -> Outcome {
    let running = match pool::start(Arc::clone(&setup), files) {
        Ok(running) => running,
        Err(error) => {
            output.error(format_args!("no thread can be started: {error}"));
            return Outcome::Unable;
        }
    };
    on_interrupt(&running, output);
    let options = TerminalOptions {
        color: output.color,
        detail: match (arguments.quiet, arguments.verbose) {
            (true, _) => Detail::Quiet,
            (_, true) => Detail::Verbose,
            _ => Detail::Normal,
        },
        durations: !arguments.no_durations,
        width: width(),
        command: arguments.command.clone(),
        rerun_options: arguments.rerun_options(),
        sweep_options: arguments.sweep_options(),
    };
    let terminal = Terminal::new(BufWriter::new(std::io::stdout()), options);
    let mut report = InOrder::new(terminal, arguments.fail_fast);
    let written = follow(&running, &mut report, passed);
    let mut terminal = report.into_inner();
    if let Err(error) = written.and_then(|()| terminal.flush()) {
        // Whoever read the report has gone; what is left to say would be lost.
        output.error(format_args!("the report cannot be written: {error}"));
        return Outcome::Unable;
    }
    let notes = {
        let mut found = running.found();
        problems.append(&mut found.problems);
        found
            .warnings
            .iter()
            .for_each(|warning| output.diagnostic(warning));
        let notes = about_app(&setup, found.needs_app, terminal.summary(), output);
        about_apps(&setup, output);
        notes
    };
    problems
        .iter()
        .for_each(|problem| output.diagnostic(problem));
    let summary = terminal.summary().clone();
    if summary.scenarios.total() == 0
        && problems.is_empty()
        && summary.left_out == 0
        && !summary.interrupted
    {
        if arguments.may_be_nothing {
            return Outcome::Passed;
        }
        output.error(nothing_selected(arguments, &setup));
    }
    if summary.scenarios.total() == 0 && !summary.interrupted {
        // Why nothing ran has been said; totals of nothing would only hide it.
        return Outcome::Unable;
    }
    if terminal.finish(&notes).is_err() {
        return Outcome::Unable;
    }
    match summary.exit_code(&problems) {
        0 => Outcome::Passed,
        1 => Outcome::Failed,
        _ => Outcome::Unable,
    }
}

/// Takes events until the run is over, and writes what there is whenever no further event waits.
fn follow(
    running: &Running,
    report: &mut InOrder<Terminal<BufWriter<Stdout>>>,
    passed: &mut BTreeSet<usize>,
) -> std::io::Result<()> {
    loop {
        let event = match running.events.try_next() {
            Some(event) => event,
            None => {
                report.inner_mut().flush()?;
                running.events.next()
            }
        };
        if let Event::ScenarioFinished { index, result } = &event
            && result.verdict == Verdict::Passed
        {
            passed.insert(*index);
        }
        let over = matches!(event, Event::RunFinished | Event::Interrupted);
        report.take(event)?;
        running.reported(report.reported());
        if over || report.has_ended() {
            return Ok(());
        }
    }
}

/// The first Ctrl-C ends the run with what was found so far, the second ends it at once. Of several runs one after the
/// other it ends the one that goes on.
pub(super) fn on_interrupt(running: &Running, output: &Output) {
    static CURRENT: Mutex<Option<Stop>> = Mutex::new(None);
    let is_first = {
        let mut current = CURRENT.lock().unwrap_or_else(PoisonError::into_inner);
        current.replace(running.stop.clone()).is_none()
    };
    if !is_first {
        return;
    }
    let before = AtomicBool::new(false);
    let handler = move || {
        if before.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
        let current = CURRENT.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(stop) = &*current {
            stop.interrupt();
        }
    };
    if let Err(error) = ctrlc::set_handler(handler) {
        output.note(format_args!(
            "Ctrl-C will end the run without a report: {error}"
        ));
    }
}

/// Says what is wrong with the run's app, if it was needed; returns what of it was passed over.
fn about_app(setup: &Setup, needed: bool, summary: &Summary, output: &Output) -> Vec<String> {
    if !needed {
        return Vec::new();
    }
    if summary.left_out > 0 {
        let (count, verb) = (
            summary.left_out,
            if summary.left_out == 1 { "was" } else { "were" },
        );
        let scenarios = if count == 1 { "scenario" } else { "scenarios" };
        let error = setup
            .options
            .manifest(&setup.apps)
            .err()
            .or_else(|| setup.app().err());
        let app = setup.options.app.display();
        match setup.misfit() {
            Some(why) => output.error(format_args!("{count} {scenarios} {verb} not run: {why}")),
            None => {
                if let Some(error) = error {
                    output.diagnostic(&*error);
                }
                output.error(format_args!(
                    "{count} {scenarios} {verb} not run: the app they need, {app}, does not load"
                ));
            }
        }
    }
    let Ok(manifest) = setup.options.manifest(&setup.apps) else {
        return Vec::new();
    };
    let mut kinds: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    for trigger in manifest.skipped_triggers() {
        *kinds.entry(&trigger.kind).or_default() += 1;
    }
    let note = |(kind, count): (&str, usize)| {
        let triggers = if count == 1 { "trigger" } else { "triggers" };
        format!("skipped: {count} {triggers} of type {kind} (only http and redis triggers are run)")
    };
    kinds.into_iter().map(note).collect()
}

/// Warns about every app that a scenario used, the run's own among them: each once, in the order of their manifests.
fn about_apps(setup: &Setup, output: &Output) {
    for manifest in setup.apps.used() {
        let of_sources = manifest.check_sources().unwrap_or_default();
        manifest
            .warnings
            .iter()
            .chain(&of_sources)
            .for_each(|warning| output.diagnostic(warning));
    }
}

fn nothing_selected(arguments: &TestArguments, setup: &Setup) -> String {
    match setup.filter.is_empty() {
        true => "there is no scenario in these files".to_owned(),
        false => {
            let options = [("--tags", &arguments.tags), ("--name", &arguments.name)];
            let options: Vec<_> = options
                .iter()
                .filter_map(|(name, value)| Some(format!("{name} {}", shell_word(value.as_ref()?))))
                .collect();
            match options.is_empty() {
                true => "no scenario fits the `tags` of [application.tool.harness]".to_owned(),
                false => format!("no scenario fits {}", options.join(" ")),
            }
        }
    }
}
