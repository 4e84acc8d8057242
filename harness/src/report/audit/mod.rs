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

use crate::audit::{Audit, Finding, Severity, Use};
use crate::value::plural;

/// Kinds of keys that are shown of a store.
const MOST_KEYS: usize = 5;

/// The columns of [`grant_rows`].
const GRANT_HEADINGS: [&str; 6] = ["component", "grant", "name", "behind it", "usable", "used"];

/// A row for each grant; the component is named in its first. `name` writes a name of the user's.
fn grant_rows(audit: &Audit, name: impl Fn(&str) -> String) -> Vec<[String; 6]> {
    let mut rows: Vec<[String; 6]> = Vec::new();
    for component in &audit.components {
        let mut id = name(&component.id);
        if component.grants.is_empty() {
            let empty = String::new;
            rows.push([id, "none".to_owned(), empty(), empty(), empty(), empty()]);
            continue;
        }
        for grant in &component.grants {
            let usable = match grant.usable {
                Some(true) => "yes",
                Some(false) => "no",
                None => "?",
            };
            let used = match (grant.used, &audit.observed) {
                (Some(0), _) => "never".to_owned(),
                (Some(count), _) => format!("{count}x"),
                (None, Some(_)) => "?".to_owned(),
                (None, None) => String::new(),
            };
            rows.push([
                std::mem::take(&mut id),
                grant.kind.name().to_owned(),
                name(&grant.name),
                grant.backing.as_deref().map(&name).unwrap_or_default(),
                usable.to_owned(),
                used,
            ]);
        }
    }
    rows
}

/// The first kinds of keys that were used of a store, as `write` writes them, and `…` where there are more.
fn shown_keys(one: &Use, write: impl Fn(&str) -> String) -> Vec<String> {
    let mut keys: Vec<String> = one
        .keys
        .keys()
        .take(MOST_KEYS)
        .map(|key| write(key))
        .collect();
    if one.keys.len() > MOST_KEYS || one.more_keys {
        keys.push("…".to_owned());
    }
    keys
}

/// How many findings there are of each severity that there are any of: `2 errors`, `1 for information`.
fn counts(audit: &Audit) -> Vec<String> {
    let of = |severity: Severity| match (audit.count(severity), severity) {
        (0, _) => None,
        (number, Severity::Information) => Some(format!("{number} for information")),
        (number, severity) => Some(format!("{number} {severity}{}", plural(number))),
    };
    Severity::ALL.into_iter().filter_map(of).collect()
}

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
