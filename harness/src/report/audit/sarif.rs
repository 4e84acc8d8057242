//! An audit as SARIF 2.1.0, which code scanning services and editors read.

use std::path::{Component, Path};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{sentence, told, weight};
use crate::audit::{Audit, Code, Finding, Severity};

/// A log of one run with the findings of all audits.
pub(crate) fn sarif(audits: &[Audit]) -> String {
    let results: Vec<Value> = audits
        .iter()
        .flat_map(|audit| audit.findings.iter().map(move |it| result(audit, it)))
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "spin-harness",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": Code::ALL.map(rule),
            } },
            // Of characters, where the default would be halves of UTF-16.
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn rule(code: Code) -> Value {
    let (title, why) = (sentence(code.title()), sentence(code.why()));
    let help = |quote: &str| {
        format!(
            "To fail where this is found: {quote}--deny {code}{quote}. To leave it out: {quote}--allow {code}{quote}."
        )
    };
    json!({
        "id": code.name(),
        "name": pascal_case(code.name()),
        "shortDescription": { "text": literal(&title) },
        "fullDescription": { "text": literal(&why) },
        "help": {
            "text": literal(&format!("{title} {why} {}", help(""))),
            "markdown": literal(&format!("**{title}** {why}\n\n{}", help("`"))),
        },
        "defaultConfiguration": { "level": level(code.severity()) },
        "properties": { "tags": [tag(code)] },
    })
}

fn result(audit: &Audit, finding: &Finding) -> Value {
    let file = finding
        .place
        .as_ref()
        .map_or(&audit.manifest, |it| &it.file);
    let mut location = json!({ "physicalLocation": { "artifactLocation": { "uri": uri(file) } } });
    if let Some(place) = &finding.place {
        location["physicalLocation"]["region"] = json!({
            "startLine": place.line,
            "startColumn": place.column,
            "endLine": place.end_line,
            "endColumn": place.end_column,
        });
    }
    if let Some(component) = &finding.component {
        location["logicalLocations"] = json!([{ "name": component, "kind": "component" }]);
    }
    json!({
        "ruleId": finding.code.name(),
        "ruleIndex": Code::ALL.iter().position(|it| *it == finding.code),
        "level": level(weight(finding)),
        "message": { "text": literal(&told(finding)) },
        "locations": [location],
        "partialFingerprints": { "finding/v1": fingerprint(audit, finding) },
        "properties": { "severity": finding.severity.name(), "denied": finding.denied },
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information => "note",
    }
}

/// What a rule is about. Services show findings of security apart.
fn tag(code: Code) -> &'static str {
    match code {
        Code::UnusedGrant
        | Code::WholeWorldImport
        | Code::SharedStore
        | Code::SharedRedisUrl
        | Code::SecretVariable
        | Code::InheritedPermissions
        | Code::WildcardHost
        | Code::PlainHttpHost
        | Code::SecretFile
        | Code::OutsideFile
        | Code::DeniedAttempt
        | Code::UnexercisedGrant => "security",
        Code::UngrantedImport
        | Code::UndefinedStore
        | Code::UndefinedDatabase
        | Code::UndefinedVariable
        | Code::UnreachableStore
        | Code::DuplicateRoute
        | Code::RefusedName
        | Code::DeprecatedField
        | Code::IgnoredField
        | Code::RefusedManifest
        | Code::MissingComponent
        | Code::UnreadableComponent => "correctness",
    }
}

/// `UnusedGrant` of `unused-grant`.
fn pascal_case(name: &str) -> String {
    let words = name.split('-').filter(|word| !word.is_empty());
    words
        .map(|word| word[..1].to_ascii_uppercase() + &word[1..])
        .collect()
}

/// The same for a finding wherever it stands in the file, and however often scenarios met it.
fn fingerprint(audit: &Audit, finding: &Finding) -> String {
    let component = finding.component.as_deref().unwrap_or_default();
    let subject = finding.subject.as_ref().unwrap_or(&finding.message);
    let parts = [&audit.app, finding.code.name(), component, subject];
    let digest = Sha256::digest(parts.join("\0"));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A message that means what it says: braces would be places for arguments (§3.11.5), `[text](target)` a link (§3.11.6).
fn literal(text: &str) -> String {
    let text = text.replace('{', "{{").replace('}', "}}");
    match text.contains("](") {
        true => text
            .replace('\\', "\\\\")
            .replace('[', "\\[")
            .replace(']', "\\]"),
        false => text,
    }
}

/// A path as a URI: relative where the path is, with `/` on every system.
fn uri(file: &str) -> String {
    let mut is_absolute = false;
    let mut parts = Vec::new();
    for part in Path::new(file).components() {
        match part {
            Component::RootDir => is_absolute = true,
            Component::CurDir => {}
            Component::ParentDir => parts.push("..".to_owned()),
            // The drive, whose colon stays.
            Component::Prefix(prefix) => {
                parts.push(prefix.as_os_str().to_string_lossy().into_owned())
            }
            Component::Normal(name) => parts.push(percent_encoded(&name.to_string_lossy())),
        }
    }
    match is_absolute {
        true => format!("file:///{}", parts.join("/")),
        false => parts.join("/"),
    }
}

fn percent_encoded(name: &str) -> String {
    let mut encoded = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
