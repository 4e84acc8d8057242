//! Labels: what stands behind them, who shares them, and what nobody can open.

use std::collections::BTreeMap;

use super::{Code, Finding, Subject, quoted};
use crate::app::{GrantKind, Span, StoreBackend, is_label, suggest, undefined_store};

pub(super) fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let mut found = undefined(subject);
    found.extend(undefined_databases(subject));
    found.extend(unreachable(subject));
    found.extend(shared(subject, GrantKind::KeyValueStore));
    found.extend(shared(subject, GrantKind::SqliteDatabase));
    found.extend(one_redis(subject));
    found
}

fn undefined(subject: &Subject<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (component, _) in subject.components() {
        for (label, span) in component.grants(GrantKind::KeyValueStore) {
            if subject.config.key_value_stores.contains_key(&label) || !is_label(&label) {
                continue;
            }
            let problem = undefined_store(&component.id, &label, subject.config);
            let finding = Finding::of_problem(Code::UndefinedStore, &problem)
                .of(&component.id)
                .on(GrantKind::KeyValueStore, &label);
            found.push(finding.at(&subject.manifest.source, &span.unwrap_or_default()));
        }
    }
    found
}

fn undefined_databases(subject: &Subject<'_>) -> Vec<Finding> {
    let defined = &subject.config.sqlite_databases;
    let mut found = Vec::new();
    for (component, _) in subject.components() {
        for (label, span) in component.grants(GrantKind::SqliteDatabase) {
            if defined.contains_key(&label) || !is_label(&label) {
                continue;
            }
            let message = format!(
                "Component {} uses database '{label}', which is not defined",
                component.id
            );
            let near = suggest(
                &label,
                defined.keys().map(String::as_str),
                "the databases are",
            );
            let near = match near {
                Some(near) if near.ends_with('?') => format!("{near} "),
                Some(near) => format!("{near}; "),
                None => String::new(),
            };
            let help = format!(
                "{near}to have such a database, write `[sqlite_database.{label}]` with a `type` in the runtime config"
            );
            let finding = Finding::new(Code::UndefinedDatabase, message, help)
                .of(&component.id)
                .on(GrantKind::SqliteDatabase, &label);
            found.push(finding.at(&subject.manifest.source, &span.unwrap_or_default()));
        }
    }
    found
}

/// What the runtime config defines and no component is granted.
fn unreachable(subject: &Subject<'_>) -> Vec<Finding> {
    let Some(file) = &subject.config.source else {
        return Vec::new();
    };
    let kinds = [
        (GrantKind::KeyValueStore, &subject.config.store_spans),
        (GrantKind::SqliteDatabase, &subject.config.database_spans),
    ];
    let mut found = Vec::new();
    for (kind, spans) in kinds {
        let users = users(subject, kind);
        for (label, span) in spans {
            // A label that is none has a finding of its own.
            if users.contains_key(label) || !is_label(label) {
                continue;
            }
            let message = format!("the {kind} \"{label}\" is defined, and no component may use it");
            let granted = users.keys().map(String::as_str);
            let near = crate::app::nearest(label, granted)
                .map(|near| format!(" (a component is granted \"{near}\")"))
                .unwrap_or_default();
            let help = format!(
                "grant it in `{}` of a component, or take it out{near}",
                kind.field()
            );
            found.push(Finding::new(Code::UnreachableStore, message, help).at(file, span));
        }
    }
    found
}

/// The components that are granted each label, with the place of each grant.
fn users<'a>(
    subject: &Subject<'a>,
    kind: GrantKind,
) -> BTreeMap<String, Vec<(&'a str, Option<Span>)>> {
    let mut users: BTreeMap<String, Vec<(&str, Option<Span>)>> = BTreeMap::new();
    for (component, _) in subject.components() {
        for (label, span) in component.grants(kind) {
            let users = users.entry(label).or_default();
            // A label that is granted twice is granted once.
            if users.last().is_none_or(|(last, _)| *last != component.id) {
                users.push((&component.id, span));
            }
        }
    }
    users
}

fn shared(subject: &Subject<'_>, kind: GrantKind) -> Vec<Finding> {
    let mut found = Vec::new();
    for (label, users) in users(subject, kind) {
        let [_, second, ..] = users.as_slice() else {
            continue;
        };
        let message = format!(
            "components {} share the {kind} \"{label}\"",
            quoted(users.iter().map(|(component, _)| *component))
        );
        let help = "if that is not meant, give each a label of its own";
        let finding = Finding::new(Code::SharedStore, message, help);
        let span = second.1.clone().unwrap_or_default();
        found.push(finding.at(&subject.manifest.source, &span));
    }
    found
}

fn one_redis(subject: &Subject<'_>) -> Vec<Finding> {
    let Some(file) = &subject.config.source else {
        return Vec::new();
    };
    let mut labels: BTreeMap<String, (&str, Vec<&str>)> = BTreeMap::new();
    for (label, backend) in &subject.config.key_value_stores {
        if let StoreBackend::Redis { url } = backend {
            labels
                .entry(server(url))
                .or_insert_with(|| (url, Vec::new()))
                .1
                .push(label);
        }
    }
    let shared = labels.values().filter(|(_, labels)| labels.len() > 1);
    shared
        .map(|(url, labels)| {
            let message = format!(
                "the key-value stores {} are one Redis, {}: they share all keys",
                quoted(labels.iter().copied()),
                crate::value::without_secrets(url)
            );
            let help = "give each a database of its own, such as `redis://HOST/1`";
            let spans = labels
                .iter()
                .filter_map(|label| subject.config.store_spans.get(*label));
            let last = spans.max_by_key(|span| span.start).cloned();
            Finding::new(Code::SharedRedisUrl, message, help).at(file, &last.unwrap_or_default())
        })
        .collect()
}

/// Which Redis a URL is of: two spellings of one server and database are one.
fn server(url: &str) -> String {
    let Ok(parsed) = url::Url::parse(url) else {
        return url.to_owned();
    };
    if matches!(parsed.scheme(), "unix" | "redis+unix") {
        return url.to_owned();
    }
    let host = parsed.host_str().unwrap_or_default().to_lowercase();
    let port = parsed.port().unwrap_or(6379);
    let database = match parsed.path().trim_matches('/') {
        "" => "0",
        database => database,
    };
    format!("redis://{host}:{port}/{database}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_spellings_of_one_redis_are_one() {
        let one = server("redis://h");
        for url in [
            "redis://h:6379",
            "redis://user:pass@H:6379/0",
            "rediss://h/",
        ] {
            assert_eq!(server(url), one, "{url}");
        }
        for url in ["redis://h/1", "redis://h:6380", "redis://g", "unix:///h"] {
            assert_ne!(server(url), one, "{url}");
        }
    }
}
