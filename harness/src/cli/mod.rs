//! The command `spin-harness`: a module per subcommand, over the library.

mod arguments;
mod audit;
mod build;
mod follow;
mod init;
mod observed;
mod output;
mod own_test;
mod record;
mod settings;
mod snapshots;
mod steps;
mod test;

pub use own_test::run_features;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Runs Gherkin scenarios against a Spin app, in-process: its real components, routes and grants, and stores whose every
/// failure can be scripted.
#[derive(Debug, Parser)]
#[command(name = "spin-harness", version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: clap::ColorChoice,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run scenarios
    Test(Box<arguments::TestArguments>),
    /// Look at permissions: what the manifest grants, what components could use, what scenarios used
    Audit(audit::AuditArguments),
    /// Look at snapshots that differ, and accept or reject them
    Snapshots(snapshots::SnapshotsArguments),
    /// Write a first feature file for the app that is here
    Init(init::InitArguments),
    /// List the steps that scenarios can use
    Steps(steps::StepsArguments),
}

/// What a command came to: the exit codes of `spin-harness`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// It did its work, and everything passed.
    Passed,
    /// A scenario did not pass.
    Failed,
    /// It could not do its work.
    Unable,
}

impl Outcome {
    /// The worse of two.
    fn worse(self, other: Self) -> Self {
        match (self, other) {
            (Self::Unable, _) | (_, Self::Unable) => Self::Unable,
            (Self::Failed, _) | (_, Self::Failed) => Self::Failed,
            (Self::Passed, Self::Passed) => Self::Passed,
        }
    }
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        ExitCode::from(match outcome {
            Outcome::Passed => 0,
            Outcome::Failed => 1,
            Outcome::Unable => 2,
        })
    }
}

/// Runs the command that the process was started with.
///
/// Steps of your own are part of it if the program that calls this has them: they belong to the same
/// [`World`](crate::steps::World).
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let output = output::Output::new(arguments.color);
    let outcome = match arguments.command {
        Command::Test(mut arguments) => {
            let paths = arguments.judging.paths();
            arguments.paths.extend(paths);
            test::run(&arguments, &output)
        }
        Command::Audit(arguments) => audit::run(arguments, &output),
        Command::Snapshots(arguments) => snapshots::run(&arguments, &output),
        Command::Init(arguments) => init::run(&arguments, &output),
        Command::Steps(arguments) => steps::run(&arguments, &output),
    };
    ExitCode::from(outcome)
}

/// The columns of the terminal that a report is shown on; 80 where it goes elsewhere, so that it is the same anywhere.
fn width() -> usize {
    match terminal_size::terminal_size_of(std::io::stdout()) {
        Some((terminal_size::Width(width), _)) if width >= 40 => width.into(),
        _ => 80,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_arguments_are_sound() {
        Arguments::command().debug_assert();
    }
}
