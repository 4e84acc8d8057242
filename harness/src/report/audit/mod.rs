//! What an audit found, as people and other programs read it: one function for each form.

mod github;
mod json;
mod markdown;
mod sarif;
mod terminal;

pub(crate) use github::github;
pub(crate) use json::json;
pub(crate) use markdown::markdown;
pub(crate) use sarif::sarif;
pub(crate) use terminal::terminal;

use crate::audit::{Finding, Severity};

/// What was found and how to mend it, in two sentences.
fn told(finding: &Finding) -> String {
    format!("{} {}", sentence(&finding.message), sentence(&finding.help))
}

/// A text as a sentence. A first word that might be a name of the user's stays as it is.
fn sentence(text: &str) -> String {
    let first = text.split(char::is_whitespace).next().unwrap_or_default();
    let is_word = first.bytes().all(|byte| byte.is_ascii_lowercase());
    let mut sentence = match (is_word, text.char_indices().nth(1)) {
        (true, Some((second, _))) => text[..second].to_uppercase() + &text[second..],
        _ => text.to_owned(),
    };
    if !sentence.ends_with(['.', '!', '?', '…']) {
        sentence.push('.');
    }
    sentence
}

/// How bad a finding is to services that fail on errors: what is denied fails the run, so it is one.
fn weight(finding: &Finding) -> Severity {
    match finding.denied {
        true => Severity::Error,
        false => finding.severity,
    }
}

#[cfg(test)]
mod tests;
