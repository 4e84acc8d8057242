//! An audit as workflow commands of GitHub, which turns them into annotations of the lines: one a line.

use super::{told, weight};
use crate::audit::{Audit, Finding, Severity};

/// A command for each finding; nothing where there are none.
pub(crate) fn github(audits: &[Audit]) -> String {
    let findings = audits
        .iter()
        .flat_map(|audit| audit.findings.iter().map(move |it| (audit, it)));
    findings
        .map(|(audit, finding)| command(audit, finding) + "\n")
        .collect()
}

fn command(audit: &Audit, finding: &Finding) -> String {
    let name = match weight(finding) {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information => "notice",
    };
    let file = finding
        .place
        .as_ref()
        .map_or(&audit.manifest, |it| &it.file);
    let mut properties = format!("file={}", property(file));
    if let Some(place) = &finding.place {
        properties += &format!(",line={},endLine={}", place.line, place.end_line);
        // The runner takes columns only of what is on one line (`src/Runner.Worker/ActionCommandManager.cs`).
        if place.line == place.end_line {
            properties += &format!(",col={},endColumn={}", place.column, place.end_column);
        }
    }
    let title = property(finding.code.name());
    format!(
        "::{name} {properties},title={title}::{}",
        data(&told(finding))
    )
}

/// What stands after the last `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The value of a property: what ends one is escaped too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
