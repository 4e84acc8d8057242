//! The report for people: one line a scenario, everything about those that failed, and cucumber's totals at the end.

mod closing;
mod follow;
mod sweeps;

use super::failure;
use super::paint::{BAD, DOUBTFUL, FAINT, GOOD, Paint, STRONG, plain};
use super::words::{MOST_ROWS, below, shown, words};
use crate::runner::{Event, Reporter, ScenarioResult, StepResult, StepStatus, Summary, Verdict};
use crate::sandbox::Seed;
use cucumber::gherkin::Step;
use std::io::{self, Write};
use std::time::Instant;

/// How much is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// Scenarios that did not pass, and the totals.
    Quiet,
    /// One line a scenario, all about those that did not pass.
    #[default]
    Normal,
    /// Every step as it runs, with requests, calls and logs.
    Verbose,
}

/// How the report looks.
#[derive(Clone, Debug)]
pub struct TerminalOptions {
    /// Whether it has colours.
    pub color: bool,
    /// How much is shown.
    pub detail: Detail,
    /// Whether it says how long things took. Without, the same run gives the same bytes.
    pub durations: bool,
    /// How many columns it may take where that can be chosen; text of the user's own is never cut.
    pub width: usize,
    /// What stands before the place in the command that runs one scenario alone: `spin-harness test`.
    pub command: String,
    /// What follows the place: ` -f app/spin.toml`.
    pub rerun_options: String,
    /// What follows where a scenario is run as it was, and not one run of its sweep alone: ` --fault-sweep`.
    pub sweep_options: String,
}

impl Default for TerminalOptions {
    fn default() -> Self {
        Self {
            color: false,
            detail: Detail::default(),
            durations: false,
            width: 80,
            command: "spin-harness test".to_owned(),
            rerun_options: String::new(),
            sweep_options: String::new(),
        }
    }
}

/// Writes the report. Wants events in the order of the files: see [`super::InOrder`].
pub struct Terminal<W> {
    out: W,
    options: TerminalOptions,
    paint: Paint,
    seed: Seed,
    began: Instant,
    /// The feature whose heading was written last.
    feature: Option<String>,
    counted_feature: Option<String>,
    rule: Option<usize>,
    failed: Vec<(String, String)>,
    /// What runs each run of a sweep alone that did not pass.
    failed_runs: Vec<String>,
    summary: Summary,
}

impl<W: Write> Terminal<W> {
    /// A report on `out`.
    pub fn new(out: W, options: TerminalOptions) -> Self {
        Self {
            out,
            paint: Paint(options.color),
            options,
            seed: Seed(0),
            began: Instant::now(),
            feature: None,
            counted_feature: None,
            rule: None,
            failed: Vec::new(),
            failed_runs: Vec::new(),
            summary: Summary::default(),
        }
    }

    /// What the run came to.
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Where it was written.
    pub fn written(&self) -> &W {
        &self.out
    }

    /// Writes what is buffered.
    ///
    /// # Errors
    ///
    /// It cannot be written.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// Headings for the feature and the rule of a scenario, where they are others than before.
    fn headings(&mut self, scenario: &crate::runner::PlannedScenario) -> io::Result<()> {
        let file = scenario.file();
        if self.feature.as_deref() != Some(&*file.place) {
            let gap = if self.feature.is_some() { "\n" } else { "" };
            self.feature = Some(file.place.to_string());
            self.rule = None;
            let name = self.paint.with(
                STRONG,
                format!("Feature: {}", plain(file.name_of_feature())),
            );
            writeln!(
                self.out,
                "{gap}{name} {}",
                self.paint.with(FAINT, format!("({})", plain(&file.place)))
            )?;
        }
        let rule = scenario.rule();
        if let Some((number, name)) = rule.filter(|(number, _)| self.rule != Some(*number)) {
            self.rule = Some(number);
            writeln!(
                self.out,
                "  {}",
                self.paint.with(STRONG, format!("Rule: {}", plain(name)))
            )?;
        }
        Ok(())
    }

    fn scenario(&mut self, result: &ScenarioResult) -> io::Result<()> {
        let file = &result.scenario.file().place;
        if self.counted_feature.as_deref() != Some(&**file) {
            self.counted_feature = Some(file.to_string());
            self.summary.features += 1;
        }
        self.summary.count(result);
        self.note_failed_runs(result);
        let passed = result.verdict == Verdict::Passed;
        if passed && self.options.detail == Detail::Quiet {
            return Ok(());
        }
        self.headings(&result.scenario)?;
        let took = match self.options.durations {
            true => self.paint.with(FAINT, format!(" ({})", shown(result.took))),
            false => String::new(),
        };
        let (mark, style) = match result.verdict {
            Verdict::Passed => ("✔", GOOD),
            Verdict::Failed => ("✘", BAD),
            Verdict::Undefined | Verdict::Ambiguous => ("?", DOUBTFUL),
        };
        writeln!(
            self.out,
            "  {} {}{took}",
            self.paint.with(style, mark),
            self.title(result)
        )?;
        match passed {
            true => self.sweeps(result),
            false => self.failed(result),
        }
    }

    fn title(&self, result: &ScenarioResult) -> String {
        let name = match result.name.is_empty() {
            true => result.scenario.place(),
            false => plain(&result.name).into_owned(),
        };
        match result.scenario.label().filter(|_| result.scenario.is_row()) {
            Some(row) => format!("{name} {}", self.paint.with(FAINT, format!("[{row}]"))),
            None => name,
        }
    }

    /// All about a scenario that did not pass.
    fn failed(&mut self, result: &ScenarioResult) -> io::Result<()> {
        // Where only runs of a sweep did not pass, the steps of the clean run tell nothing.
        let by_itself = result.fails_by_itself();
        let verbose = self.options.detail == Detail::Verbose || !by_itself;
        for step in &result.steps {
            if !verbose {
                self.step_line(step)?;
            }
            if let Some(why) = &step.failure
                && !verbose
            {
                self.why(result, Some(step), why)?;
            }
        }
        if let Some(why) = &result.afterwards {
            self.why(result, None, why)?;
        }
        self.sweeps(result)?;
        let command = self.command(result);
        writeln!(
            self.out,
            "\n      {} {command}\n",
            self.paint.with(FAINT, "to run it alone:")
        )?;
        self.failed
            .push((command, plain(&result.name).into_owned()));
        Ok(())
    }

    /// Columns for what stands below a step.
    fn inner_width(&self) -> usize {
        self.options.width.saturating_sub(8)
    }

    fn command(&self, result: &ScenarioResult) -> String {
        let options = self.options.sweep_options.clone();
        self.command_with(result, &options)
    }

    /// What runs a scenario alone, with these options.
    fn command_with(&self, result: &ScenarioResult, options: &str) -> String {
        let place = super::shell_word(&result.scenario.place());
        format!(
            "{} {place}{}{options} --seed {}",
            self.options.command, self.options.rerun_options, self.seed.0
        )
    }

    fn why(
        &mut self,
        result: &ScenarioResult,
        step: Option<&StepResult>,
        why: &crate::runner::Failure,
    ) -> io::Result<()> {
        let place = match step {
            Some(step) => format!(
                "{}:{}",
                result.scenario.file().place,
                step.step.position.line
            ),
            None if result.was_not_begun() => result.scenario.place(),
            None => format!("{} (after its last step)", result.scenario.place()),
        };
        writeln!(
            self.out,
            "        {}",
            self.paint.with(FAINT, format!("at {}", plain(&place)))
        )?;
        for line in failure::lines(why, self.paint, self.inner_width(), self.seed) {
            writeln!(self.out, "{}", format!("        {line}").trim_end())?;
        }
        Ok(())
    }

    fn step_line(&mut self, result: &StepResult) -> io::Result<()> {
        let (mark, style) = match result.status {
            StepStatus::Passed => ("✔", GOOD),
            StepStatus::Failed => ("✘", BAD),
            StepStatus::Undefined | StepStatus::Ambiguous => ("?", DOUBTFUL),
            StepStatus::Skipped => ("-", FAINT),
        };
        let words = words(&result.step);
        let words = match result.status {
            StepStatus::Passed => words,
            _ => self.paint.with(style, words),
        };
        writeln!(self.out, "    {} {words}", self.paint.with(style, mark))?;
        match result.status {
            StepStatus::Skipped => Ok(()),
            _ => self.below(&result.step),
        }
    }

    /// The table or doc string of a step.
    fn below(&mut self, step: &Step) -> io::Result<()> {
        let lines = below(step);
        for line in lines.iter().take(MOST_ROWS) {
            writeln!(
                self.out,
                "{}",
                self.paint
                    .with(FAINT, format!("        {}", plain(line)).trim_end())
            )?;
        }
        match lines.len() > MOST_ROWS {
            true => writeln!(
                self.out,
                "{}",
                self.paint.with(
                    FAINT,
                    format!("        … {} more lines", lines.len() - MOST_ROWS)
                )
            ),
            false => Ok(()),
        }
    }
}

impl<W: Write> Reporter for Terminal<W> {
    fn take(&mut self, event: Event) -> io::Result<()> {
        let verbose = self.options.detail == Detail::Verbose;
        match event {
            Event::RunStarted { seed } => {
                self.seed = seed;
                Ok(())
            }
            Event::ScenarioStarted { scenario, .. } if verbose => {
                self.headings(&scenario)?;
                writeln!(
                    self.out,
                    "  {}",
                    self.paint
                        .with(FAINT, format!("{} …", plain(&scenario.place())))
                )
            }
            Event::StepStarted { step, .. } if verbose => {
                writeln!(self.out, "    {}", words(&step))?;
                self.below(&step)
            }
            Event::Happening { happening, .. } if verbose => self.happening(&happening),
            Event::StepFinished { result, .. } if verbose => self.ended(&result),
            Event::ScenarioFinished { result, .. } => self.scenario(&result),
            Event::ScenarioLeftOut { .. } => {
                self.summary.left_out += 1;
                Ok(())
            }
            Event::Interrupted => {
                self.summary.interrupted = true;
                Ok(())
            }
            Event::ScenarioStarted { .. }
            | Event::StepStarted { .. }
            | Event::Happening { .. }
            | Event::StepFinished { .. }
            | Event::RunFinished => Ok(()),
        }
    }
}
