//! `spin-harness steps`: the vocabulary.

use super::Outcome;
use super::output::Output;
use crate::steps::{StepHelp, Takes, subjects};
use clap::Args;
use std::io::Write;

/// List the steps that scenarios can use.
#[derive(Args, Debug)]
pub(super) struct StepsArguments {
    /// List only those that have all of these words, or everything about a subject (`goes wrong`), or what is said of an
    /// option (`record`)
    words: Vec<String>,
    /// Write all of them as a page of Markdown
    #[arg(long, conflicts_with = "words")]
    markdown: bool,
}

/// Runs the command.
pub(super) fn run(arguments: &StepsArguments, output: &Output) -> Outcome {
    if arguments.markdown {
        // Whoever reads it may stop reading.
        let _ = std::io::stdout().lock().write_all(markdown().as_bytes());
        return Outcome::Passed;
    }
    let words: Vec<_> = arguments
        .words
        .iter()
        .map(|word| word.to_lowercase())
        .collect();
    let lines = found(&words);
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

/// The sentences with all of these words; a subject whose name has them whole, with what must be known about it; and what
/// is said of an option that is one of them. Where there is none of these, what else is said with these words.
fn found(words: &[String]) -> Vec<String> {
    let mut lines = Vec::new();
    let mut said = Vec::new();
    let options: Vec<_> = words.iter().map(|word| format!("--{word} ")).collect();
    for subject in subjects() {
        let whole = !words.is_empty() && has_all(subject.name, words);
        if whole {
            lines.push(format!("{}\n", subject.name));
            lines.extend((!subject.about.is_empty()).then(|| format!("{}\n", subject.about)));
        } else {
            let paragraphs = subject.about.split("\n\n").map(|it| format!("{it}\n"));
            let told = paragraphs.filter(|it| has_all(it, words));
            let (of_options, others): (Vec<_>, Vec<_>) =
                told.partition(|it| options.iter().any(|option| it.contains(option)));
            lines.extend(of_options);
            said.extend(others);
        }
        let steps = subject.steps.iter().map(ToString::to_string);
        lines.extend(steps.filter(|line| whole || has_all(line, words)));
    }
    match lines.is_empty() {
        true => said,
        false => lines,
    }
}

fn has_all(line: &str, words: &[String]) -> bool {
    let line = line.to_lowercase();
    words.iter().all(|word| line.contains(word))
}

/// `docs/steps.md`.
fn markdown() -> String {
    let mut page = "\
# The steps

Every sentence that a scenario can use, by subject, with an example of what stands below it. `spin-harness steps WORDS` finds
one. This page is what `spin-harness steps --markdown` writes.
"
    .to_owned();
    for subject in subjects() {
        page.push_str(&format!("\n## {}\n\n", subject.name));
        if !subject.about.is_empty() {
            page.push_str(&format!("{}\n\n", subject.about));
        }
        page.push_str("```gherkin\n");
        for help in subject.steps {
            page.push_str(&example(help));
        }
        page.push_str("```\n");
    }
    page
}

fn example(help: &StepHelp) -> String {
    let below = match help.takes {
        Takes::Nothing => String::new(),
        Takes::Table([]) => "  | one in each row, no heading |\n".to_owned(),
        Takes::Table(headings) => format!("  | {} |\n", headings.join(" | ")),
        Takes::DocString => "  \"\"\"\n  …\n  \"\"\"\n".to_owned(),
    };
    format!("{} {}\n{below}", help.keyword, help.sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_found_by_their_words_and_by_their_subject() {
        let find = |words: &[&str]| {
            found(
                &words
                    .iter()
                    .map(|word| (*word).to_owned())
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(
            find(&["snapshot", "calls"]),
            ["Then the storage calls match the snapshot \"checkout\""]
        );
        let wrong = find(&["wrong"]);
        assert_eq!(wrong[0], "What goes wrong\n");
        assert!(wrong[1].contains("`torn 3`"));
        assert!(wrong.iter().any(|line| line.ends_with("storage recovers")));
        let recording = find(&["record"]);
        assert!(
            recording[0].starts_with("`spin-harness test --record "),
            "{recording:?}"
        );
        assert!(
            recording
                .iter()
                .any(|line| line.contains("is replayed from"))
        );
        let [middleware] = find(&["middleware"]).try_into().unwrap();
        assert!(middleware.starts_with("Dependencies of components and middleware"));
        // Where sentences have the word, what else is said with it would bury them.
        assert!(
            find(&["snapshot"])
                .iter()
                .all(|line| line.starts_with("Then "))
        );
        assert!(find(&[]).len() > 100);
        assert!(find(&["dance"]).is_empty());
    }

    #[test]
    fn the_page_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/steps.md");
        let page = std::fs::read_to_string(path).unwrap();
        assert!(
            page == markdown(),
            "docs/steps.md is stale: cargo run -- steps --markdown > docs/steps.md"
        );
    }
}
