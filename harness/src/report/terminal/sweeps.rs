//! Sweeps in the report: of each scenario what it survives and what not, and at the end what runs each failing run alone.

use super::super::failure;
use super::super::lanes;
use super::super::paint::{BAD, FAINT, GOOD, STRONG, plain};
use super::super::table;
use super::super::words::{shell_text, words};
use super::{Detail, Terminal};
use crate::explore::{
    FailedOrder, FaultSweep, FaultedCall, FaultedRun, Order, RunFailure, ScheduleSweep,
};
use crate::runner::{ScenarioResult, SweepCounts};
use crate::value::plural;
use std::io::{self, Write};

/// Runs of a scenario up to which all are shown where some failed; of more, those that failed.
const MOST_SHOWN: usize = 60;
/// What a column is at least left.
const NARROWEST: usize = 8;
/// Columns before a table.
const INDENT: usize = 8;

/// A line of the table: call, key, effect, verdict.
struct Row<'r> {
    cells: [String; 3],
    verdict: Option<&'r FaultedRun>,
}

impl<W: Write> Terminal<W> {
    /// What the sweeps of a scenario found.
    pub(super) fn sweeps(&mut self, result: &ScenarioResult) -> io::Result<()> {
        let Some(sweeps) = &result.sweeps else {
            return Ok(());
        };
        if let Some(order) = &sweeps.followed {
            self.order(order)?;
        }
        if let Some(sweep) = &sweeps.faults {
            self.fault_sweep(result, sweep)?;
            if sweep.failed().next().is_some() && sweeps.schedules.is_some() {
                writeln!(self.out)?;
            }
        }
        match &sweeps.schedules {
            Some(sweep) => self.schedule_sweep(result, sweep),
            None => Ok(()),
        }
    }

    fn fault_sweep(&mut self, result: &ScenarioResult, sweep: &FaultSweep) -> io::Result<()> {
        let Some(counts) = sweep.counts() else {
            let line = "fault sweep: not made, since the clean run must pass";
            return writeln!(self.out, "      {}", self.paint.with(FAINT, line));
        };
        let line = match (counts.total(), counts.failed) {
            (0, _) => {
                "fault sweep: 0 faulted runs, since no call was made that could fail".to_owned()
            }
            (total, 0) => format!(
                "fault sweep: {total} faulted run{}, {total} survived",
                plural(total)
            ),
            _ => fault_totals(counts),
        };
        let bound = sweep.pairs_bounded_at;
        let bound = bound.map_or_else(String::new, |bound| format!(", pairs bounded at {bound}"));
        let line = format!("{line}{bound}");
        let line = match counts.failed {
            0 => self.paint.with(FAINT, line),
            _ => line,
        };
        writeln!(self.out, "      {line}")?;
        let verbose = self.options.detail == Detail::Verbose;
        if counts.total() == 0 || (counts.failed == 0 && !verbose) {
            return Ok(());
        }
        self.table(sweep, verbose)?;
        let mut told = 0;
        for (run, failure) in sweep.failed() {
            if failure.failure.evidence.is_none() && told > 0 {
                break;
            }
            told += 1;
            let title: Vec<_> = run.calls.iter().map(named).collect();
            self.title_of_run(&title.join(", then "))?;
            self.why_a_run(result, failure)?;
            self.how_alone(result, &options(run))?;
        }
        self.more(counts.failed - told)
    }

    fn schedule_sweep(&mut self, result: &ScenarioResult, sweep: &ScheduleSweep) -> io::Result<()> {
        let Some(counts) = sweep.counts() else {
            let line = "schedule sweep: not made, since the scenario fails before any order";
            return writeln!(self.out, "      {}", self.paint.with(FAINT, line));
        };
        let line = match (counts.failed, sweep.concurrent) {
            (_, false) => {
                "schedule sweep: 1 order, since no requests at once make storage calls".to_owned()
            }
            (0, _) if counts.total() == 1 => "schedule sweep: 1 order, 1 passed".to_owned(),
            _ => schedule_totals(counts),
        };
        let line = match counts.failed {
            0 => self.paint.with(FAINT, line),
            _ => line,
        };
        writeln!(self.out, "      {line}")?;
        let mut told = 0;
        for failed in &sweep.failed {
            let Some(order) = &failed.order else {
                break;
            };
            told += 1;
            self.title_of_run(&failed.schedule)?;
            self.order(order)?;
            writeln!(self.out)?;
            match &failed.failure {
                Some(failure) => self.why_a_run(result, failure)?,
                None => writeln!(self.out, "        the steps above are those of this order")?,
            }
            self.how_alone(result, &schedule_option(failed))?;
        }
        self.more(counts.failed - told)
    }

    /// The lanes of an order.
    fn order(&mut self, order: &Order) -> io::Result<()> {
        writeln!(self.out)?;
        for line in lanes::diagram(&order.trace, order.clash, self.inner_width()) {
            writeln!(self.out, "{}", format!("        {line}").trim_end())?;
        }
        Ok(())
    }

    /// What is not told in full.
    fn more(&mut self, more: usize) -> io::Result<()> {
        match more {
            0 => Ok(()),
            _ => writeln!(
                self.out,
                "\n      … and {more} more; how to run each alone stands at the end"
            ),
        }
    }

    fn table(&mut self, sweep: &FaultSweep, verbose: bool) -> io::Result<()> {
        let all = verbose || sweep.runs.len() <= MOST_SHOWN;
        let shown = sweep.runs.iter().filter(|run| all || !run.survived());
        let rows: Vec<Row<'_>> = shown.flat_map(rows).collect();
        let headings = ["call", "key", "effect", "verdict"];
        let mut widths = [0, 1, 2].map(|column| {
            let cells = rows.iter().map(|row| row.cells[column].chars().count());
            match cells.max().unwrap_or(0) {
                0 => 0,
                width => width.max(headings[column].len()),
            }
        });
        let verdicts = rows.iter().filter_map(|row| row.verdict);
        let verdicts = verdicts.map(|run| verdict(run).chars().count());
        let taken = INDENT + verdicts.max().unwrap_or(0);
        narrow(&mut widths, self.options.width.saturating_sub(taken));
        let line = |cells: [&str; 3]| -> String {
            let cells = cells.into_iter().zip(widths);
            let cells = cells.filter(|(_, width)| *width > 0);
            cells
                .map(|(cell, width)| format!("{:width$}  ", table::cut(cell, width)))
                .collect()
        };
        let indent = " ".repeat(INDENT);
        let heading = format!(
            "{}{}",
            line([headings[0], headings[1], headings[2]]),
            headings[3]
        );
        writeln!(self.out, "{indent}{}", self.paint.with(FAINT, heading))?;
        for row in &rows {
            let [call, key, effect] = &row.cells;
            let cells = line([call, key, effect]);
            let verdict = row.verdict.map_or_else(String::new, |run| {
                let style = if run.survived() { GOOD } else { BAD };
                self.paint.with(style, verdict(run))
            });
            writeln!(
                self.out,
                "{}",
                format!("{indent}{cells}{verdict}").trim_end()
            )?;
        }
        if !all {
            let survived = sweep.runs.iter().filter(|run| run.survived()).count();
            let line = format!("… {survived} that survived are left out; -v shows them");
            writeln!(self.out, "{indent}{}", self.paint.with(FAINT, line))?;
        }
        Ok(())
    }

    /// The heading of a run that did not pass.
    fn title_of_run(&mut self, title: &str) -> io::Result<()> {
        let title = self.paint.with(BAD, format!("✘ {title}"));
        writeln!(self.out, "\n      {title}")
    }

    /// All that is known of why a run did not pass.
    fn why_a_run(&mut self, result: &ScenarioResult, why: &RunFailure) -> io::Result<()> {
        let place = match &why.step {
            Some(step) => {
                writeln!(self.out, "        {}", words(step))?;
                format!("{}:{}", result.scenario.file().place, step.position.line)
            }
            None => format!("{} (after its last step)", result.scenario.place()),
        };
        let place = self.paint.with(FAINT, format!("at {}", plain(&place)));
        writeln!(self.out, "        {place}")?;
        let width = self.inner_width();
        for line in failure::lines(&why.failure, self.paint, width, self.seed) {
            writeln!(self.out, "{}", format!("        {line}").trim_end())?;
        }
        Ok(())
    }

    fn how_alone(&mut self, result: &ScenarioResult, options: &str) -> io::Result<()> {
        let command = self.command_with(result, options);
        let heading = self.paint.with(FAINT, "to run it alone:");
        writeln!(self.out, "\n        {heading} {command}")
    }

    /// Keeps, for the end of the report, what runs each failing run alone.
    pub(super) fn note_failed_runs(&mut self, result: &ScenarioResult) {
        let Some(sweeps) = &result.sweeps else {
            return;
        };
        let faults = sweeps.faults.iter().flat_map(FaultSweep::failed);
        let faults = faults.map(|(run, _)| options(run));
        let orders = sweeps.schedules.iter().flat_map(|sweep| &sweep.failed);
        for options in faults.chain(orders.map(schedule_option)) {
            let command = self.command_with(result, &options);
            self.failed_runs.push(command);
        }
    }

    /// The very last lines.
    pub(super) fn sweep_totals(&mut self) -> io::Result<()> {
        if !self.failed_runs.is_empty() {
            let heading = self.paint.with(STRONG, "runs that did not pass:");
            writeln!(self.out, "\n{heading}")?;
            for command in &self.failed_runs {
                writeln!(self.out, "{command}")?;
            }
        }
        if let Some(counts) = self.summary.fault_sweep {
            if let Some(bound) = counts.bounded_at {
                writeln!(
                    self.out,
                    "pairs of failures: bounded at {bound} of a scenario"
                )?;
            }
            writeln!(self.out, "{}", fault_totals(counts))?;
        }
        match self.summary.schedule_sweep {
            Some(counts) => writeln!(self.out, "{}", schedule_totals(counts)),
            None => Ok(()),
        }
    }
}

fn schedule_totals(counts: SweepCounts) -> String {
    let (total, bound) = (counts.total(), counts.bounded_at);
    let bound = bound.map_or_else(String::new, |bound| format!(", bounded at {bound}"));
    format!(
        "schedule sweep: {total} orders, {} passed, {} failed{bound}",
        counts.passed, counts.failed
    )
}

/// The option that has a scenario follow an order.
fn schedule_option(failed: &FailedOrder) -> String {
    format!(" --schedule {}", shell_text(&failed.schedule))
}

fn fault_totals(counts: SweepCounts) -> String {
    format!(
        "fault sweep: {} faulted runs, {} survived, {} failed",
        counts.total(),
        counts.passed,
        counts.failed
    )
}

/// The options that make one run of a sweep.
fn options(run: &FaultedRun) -> String {
    let faults = run.calls.iter();
    let faults = faults.map(|call| format!(" --fault {}", shell_text(&call.injection.to_string())));
    faults.collect()
}

/// The lines of a run: one for each call that failed, the verdict in the last.
fn rows(run: &FaultedRun) -> impl Iterator<Item = Row<'_>> {
    let last = run.calls.len().saturating_sub(1);
    run.calls.iter().enumerate().map(move |(index, call)| {
        let then = if index > 0 { "+ " } else { "" };
        let injection = &call.injection;
        Row {
            cells: [
                format!("{then}{}#{}", injection.operation, injection.ordinal),
                plain(&call.key).into_owned(),
                plain(&injection.effect.to_string()).into_owned(),
            ],
            verdict: (index == last).then_some(run),
        }
    })
}

fn verdict(run: &FaultedRun) -> String {
    match &run.failure {
        None => "survived".to_owned(),
        Some(RunFailure {
            step: Some(step), ..
        }) => format!("failed: line {}", step.position.line),
        Some(RunFailure { step: None, .. }) => "failed: at its end".to_owned(),
    }
}

/// A call and what happened to it, in a title.
fn named(call: &FaultedCall) -> String {
    plain(&call.injection.to_string()).into_owned()
}

/// Takes from the key, then from the effect, so that a line fits.
fn narrow(widths: &mut [usize; 3], width: usize) {
    for column in [1, 2] {
        let whole: usize = widths.iter().filter(|it| **it > 0).map(|it| it + 2).sum();
        let spare = widths[column].saturating_sub(NARROWEST);
        widths[column] -= whole.saturating_sub(width).min(spare);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_key_gives_way_before_the_effect() {
        let mut widths = [8, 40, 36];
        narrow(&mut widths, 70);
        assert_eq!(widths, [8, 20, 36]);
        narrow(&mut widths, 50);
        assert_eq!(widths, [8, 8, 28]);
        narrow(&mut widths, 0);
        assert_eq!(widths, [8, 8, 8]);
    }
}
