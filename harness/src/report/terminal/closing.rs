//! The last lines of the report: what failed, and how many of everything there were.

use super::super::paint::{BAD, DOUBTFUL, FAINT, GOOD, STRONG, plain};
use super::super::words::shown;
use super::Terminal;
use crate::runner::Counts;
use crate::value::plural;
use std::io::{self, Write};

/// Failed scenarios that are listed again at the end.
const MOST_LISTED: usize = 50;

impl<W: Write> Terminal<W> {
    /// Writes the last lines: what failed, `notes` about the run, and how many of everything there were.
    ///
    /// # Errors
    ///
    /// It cannot be written.
    pub fn finish(&mut self, notes: &[String]) -> io::Result<()> {
        if self.failed.len() > 1 {
            writeln!(self.out, "\n{}", self.paint.with(STRONG, "not passed:"))?;
            for (command, name) in self.failed.iter().take(MOST_LISTED) {
                writeln!(
                    self.out,
                    "  {command}  {}",
                    self.paint.with(FAINT, format!("# {name}"))
                )?;
            }
            if let Some(more) = self
                .failed
                .len()
                .checked_sub(MOST_LISTED)
                .filter(|more| *more > 0)
            {
                writeln!(self.out, "  … and {more} more")?;
            }
        }
        if self.summary.interrupted {
            writeln!(
                self.out,
                "\n{}",
                self.paint.with(
                    DOUBTFUL,
                    "interrupted: what follows is what was found so far"
                )
            )?;
        }
        if !notes.is_empty() {
            writeln!(self.out)?;
            notes.iter().try_for_each(|note| {
                writeln!(self.out, "{}", self.paint.with(DOUBTFUL, plain(note)))
            })?;
        }
        let took = match self.options.durations {
            true => format!(", {}", shown(self.began.elapsed())),
            false => String::new(),
        };
        writeln!(
            self.out,
            "\n{}",
            self.paint
                .with(FAINT, format!("seed {}{took}", self.seed.0))
        )?;
        let features = self.summary.features;
        writeln!(self.out, "{features} feature{}", plural(features))?;
        writeln!(
            self.out,
            "{}",
            self.counted("scenario", &self.summary.scenarios)
        )?;
        writeln!(self.out, "{}", self.counted("step", &self.summary.steps))?;
        self.sweep_totals()?;
        self.out.flush()
    }

    fn counted(&self, what: &str, counts: &Counts) -> String {
        let total = counts.total();
        let parts = [
            (counts.passed, "passed", GOOD),
            (counts.failed, "failed", BAD),
            (counts.undefined, "undefined", DOUBTFUL),
            (counts.ambiguous, "ambiguous", DOUBTFUL),
            (counts.skipped, "skipped", FAINT),
        ];
        let parts: Vec<_> = parts
            .into_iter()
            .filter(|(count, ..)| *count > 0)
            .map(|(count, word, style)| self.paint.with(style, format!("{count} {word}")))
            .collect();
        match parts.is_empty() {
            true => format!("{total} {what}s"),
            false => format!("{total} {what}{} ({})", plural(total), parts.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::TerminalOptions;
    use super::*;

    #[test]
    fn totals_are_cucumbers() {
        let mut report = Terminal::new(Vec::new(), TerminalOptions::default());
        report.summary.features = 1;
        report.summary.scenarios = Counts {
            passed: 13,
            failed: 1,
            ..Counts::default()
        };
        report.summary.steps = Counts {
            passed: 54,
            failed: 1,
            skipped: 1,
            ..Counts::default()
        };
        report.finish(&[]).unwrap();
        let text = String::from_utf8(report.out).unwrap();
        assert_eq!(
            text,
            "\nseed 0\n1 feature\n14 scenarios (13 passed, 1 failed)\n56 steps (54 passed, 1 failed, 1 skipped)\n"
        );
    }
}
