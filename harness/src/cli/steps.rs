//! `spin-harness steps`: the vocabulary.

use super::Outcome;
use super::output::Output;
use crate::steps::reference;
use clap::Args;
use std::io::Write;

/// List the steps that scenarios can use.
#[derive(Args, Debug)]
pub(super) struct StepsArguments {
    /// List only those that have all of these words
    words: Vec<String>,
}

/// Runs the command.
pub(super) fn run(arguments: &StepsArguments, output: &Output) -> Outcome {
    let words: Vec<_> = arguments
        .words
        .iter()
        .map(|word| word.to_lowercase())
        .collect();
    let lines: Vec<String> = reference()
        .iter()
        .map(ToString::to_string)
        .filter(|line| has_all(line, &words))
        .collect();
    if lines.is_empty() {
        output.error(format_args!(
            "no step has the words {}",
            arguments.words.join(" ")
        ));
        return Outcome::Failed;
    }
    let mut out = std::io::stdout().lock();
    for line in lines {
        // Whoever read the list has read enough of it.
        if writeln!(out, "{line}").is_err() {
            break;
        }
    }
    Outcome::Passed
}

fn has_all(line: &str, words: &[String]) -> bool {
    let line = line.to_lowercase();
    words.iter().all(|word| line.contains(word))
}
