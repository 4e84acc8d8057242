//! What `-v` shows of a scenario while it runs.

use super::super::failure;
use super::super::paint::{BAD, DOUBTFUL, FAINT, SENT, plain};
use super::Terminal;
use crate::runner::{StepResult, StepStatus};
use crate::sandbox::Happening;
use std::io::{self, Write};

impl<W: Write> Terminal<W> {
    /// A request or a response, under `-v`; numbered where several are sent at once.
    fn message(
        &mut self,
        arrow: char,
        style: anstyle::Style,
        number: Option<usize>,
        lines: &[String],
    ) -> io::Result<()> {
        let number = number.map_or_else(String::new, |number| format!(" {number}:"));
        lines.iter().try_for_each(|line| {
            let line = format!("        {arrow}{number} {line}");
            writeln!(self.out, "{}", self.paint.with(style, line.trim_end()))
        })
    }

    pub(super) fn happening(&mut self, happening: &Happening) -> io::Result<()> {
        match happening {
            Happening::Call(call) => {
                let mut line = format!(
                    "        {} {} ms {} {}",
                    call.sequence,
                    call.time.as_millis(),
                    call.component,
                    call.operation_name()
                );
                for part in [&*call.store, &call.key] {
                    if !part.is_empty() {
                        line.push_str(&format!(" {part}"));
                    }
                }
                line.push_str(&format!(": {}", call.outcome));
                if let Some(fault) = &call.fault {
                    line.push_str(&format!(" (fault: {fault})"));
                }
                writeln!(self.out, "{}", self.paint.with(FAINT, plain(&line)))
            }
            Happening::Log(component, text) => text.lines().try_for_each(|line| {
                writeln!(
                    self.out,
                    "        {} {}",
                    self.paint.with(FAINT, format!("{}:", plain(component))),
                    plain(line)
                )
            }),
            Happening::Sent(number, lines) => self.message('>', SENT, *number, lines),
            Happening::Received(number, lines, problem) => {
                self.message('<', anstyle::Style::new(), *number, lines)?;
                let problem = problem.as_deref().unwrap_or_default();
                problem.lines().enumerate().try_for_each(|(index, line)| {
                    let mark = if index == 0 { "!" } else { " " };
                    let line = format!("{mark} {}", plain(line));
                    writeln!(self.out, "        {}", self.paint.with(BAD, line))
                })
            }
        }
    }

    /// A step that has ended, under `-v`.
    pub(super) fn ended(&mut self, result: &StepResult) -> io::Result<()> {
        if let Some(why) = &result.failure {
            let (mark, style) = match result.status {
                StepStatus::Failed => ("✘ failed", BAD),
                _ => ("? not run", DOUBTFUL),
            };
            writeln!(
                self.out,
                "      {} {}",
                self.paint.with(style, mark),
                self.paint
                    .with(FAINT, format!("line {}", result.step.position.line))
            )?;
            for line in failure::lines(why, self.paint, self.inner_width(), self.seed) {
                writeln!(self.out, "{}", format!("        {line}").trim_end())?;
            }
        }
        Ok(())
    }
}
