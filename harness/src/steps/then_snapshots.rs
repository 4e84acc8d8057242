//! Then steps that compare with a snapshot, and what such a snapshot holds.

use super::{Failed, World};
use crate::runner::ScenarioContext;
use crate::snapshot::{Meta, Redactions, SnapshotError, SnapshotName};
use crate::storage::Store;
use crate::trigger::Response;
use crate::value::{show, visible};
use cucumber::gherkin::Step;
use cucumber::then;
use std::path::Path;

/// Response headers that differ from run to run in production, whatever the app answers.
const VOLATILE: [&str; 8] = [
    "age",
    "date",
    "server-timing",
    "traceparent",
    "tracestate",
    "transfer-encoding",
    "x-request-id",
    "x-trace-id",
];

#[then(expr = "the response matches the snapshot {string}")]
fn response_matches(world: &mut World, name: String, step: &Step) -> Result<(), Failed> {
    let name = world.text(&name)?;
    let context = world.context()?;
    let response = world.response()?;
    let content = response_content(
        response,
        &context.options.volatile_headers,
        context.snapshots.redactions(),
    );
    compare(context, &name, &content, step)
        .map_err(|failed| world.unexpected(failed.message().to_owned()))
}

#[then(expr = "the storage calls match the snapshot {string}")]
fn calls_match(world: &mut World, name: String, step: &Step) -> Result<(), Failed> {
    let name = world.text(&name)?;
    let rows = world
        .session()?
        .with_journal(|journal| super::then_calls::snapshot_rows(journal.storage_calls()));
    compare(world.context()?, &name, &aligned(&rows), step)
}

#[then(expr = "the permissions match the snapshot {string}")]
fn permissions_match(world: &mut World, name: String, step: &Step) -> Result<(), Failed> {
    let name = world.text(&name)?;
    let rows = super::then_grants::snapshot_rows(world.session()?);
    compare(world.context()?, &name, &aligned(&rows), step)
}

#[then(expr = "the outgoing requests match the snapshot {string}")]
fn outgoing_requests_match(world: &mut World, name: String, step: &Step) -> Result<(), Failed> {
    let name = world.text(&name)?;
    let rows = world
        .session()?
        .with_outgoing(|outgoing| super::then_outgoing::rows(outgoing.sent()));
    let headings = super::then_outgoing::COLUMNS.map(str::to_owned).to_vec();
    let rows = std::iter::once(headings).chain(rows.into_iter().map(|row| row.to_vec()));
    compare(
        world.context()?,
        &name,
        &aligned(&rows.collect::<Vec<_>>()),
        step,
    )
}

#[then(expr = "the key-value store {string} matches the snapshot {string}")]
fn store_matches(
    world: &mut World,
    label: String,
    name: String,
    step: &Step,
) -> Result<(), Failed> {
    let (label, name) = (world.text(&label)?, world.text(&name)?);
    let content = world.session()?.with_store(&label, store_content)?;
    compare(world.context()?, &name, &content, step)
}

#[then(expr = "the SQLite database {string} matches the snapshot {string}")]
fn database_matches(
    world: &mut World,
    label: String,
    name: String,
    step: &Step,
) -> Result<(), Failed> {
    let (label, name) = (world.text(&label)?, world.text(&name)?);
    let mut content = String::new();
    for (table, rows) in super::then_databases::content(world.session()?, &label)? {
        let found = rows
            .rows
            .iter()
            .map(|row| super::then_databases::texts(row));
        let lines: Vec<_> = std::iter::once(rows.columns).chain(found).collect();
        content.push_str(&format!("{}\n{}\n", visible(&table), aligned(&lines)));
    }
    compare(world.context()?, &name, content.trim_end(), step)
}

fn compare(
    context: &ScenarioContext,
    name: &str,
    content: &str,
    step: &Step,
) -> Result<(), Failed> {
    let feature = &context.feature_path;
    let snapshot = SnapshotName::new(feature, &context.scenario, context.row.as_deref(), name);
    let meta = Meta {
        source: source(feature, context.snapshots.dir()),
        line: u32::try_from(step.position.line).ok(),
        expression: step.value.clone(),
    };
    let compared = match context.writes_snapshots() {
        true => context.snapshots.check(&snapshot, content, &meta).map(drop),
        false => context.snapshots.compare(&snapshot, content),
    };
    match compared {
        Ok(()) => Ok(()),
        Err(SnapshotError::Mismatch(mismatch)) => Err(Failed::new(mismatch.summary())
            .note(mismatch.diff(context.options.color).trim_end())
            .note(&mismatch.advice())),
        Err(error) => Err(Failed::explained(error)),
    }
}

/// The feature file as seen from the folder that holds the snapshots' folder: the same on every machine.
fn source(feature: &Path, snapshots: &Path) -> String {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let (feature, snapshots) = (absolute(feature), absolute(snapshots));
    let relative = snapshots
        .parent()
        .and_then(|folder| feature.strip_prefix(folder).ok());
    let relative = relative
        .or(feature.file_name().map(Path::new))
        .unwrap_or(&feature);
    let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

/// Status, headers, an empty line, the body; JSON laid out over several lines. Trailers after another empty line.
fn response_content(response: &Response, volatile: &[String], redactions: &Redactions) -> String {
    let status = response.status();
    let reason = http::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or_default();
    let mut content = format!("{status} {reason}").trim_end().to_owned();
    content.push_str(&fields(response.headers(), volatile));
    let body = body_content(response.body(), redactions);
    let trailers = fields(response.trailers(), volatile);
    if !body.is_empty() || !trailers.is_empty() {
        content.push_str("\n\n");
        content.push_str(&body);
    }
    if !trailers.is_empty() {
        content.push_str("\n\ntrailers:");
        content.push_str(&trailers);
    }
    if response.is_cut() {
        content.push_str("\n(cut off here)");
    }
    content
}

/// Each on a line of its own, after a line end.
fn fields<'a>(fields: impl Iterator<Item = (&'a str, &'a [u8])>, volatile: &[String]) -> String {
    let is_volatile = |name: &str| {
        VOLATILE.contains(&name)
            || volatile
                .iter()
                .any(|other| other.eq_ignore_ascii_case(name))
    };
    fields
        .filter(|(name, _)| !is_volatile(name))
        .map(|(name, value)| format!("\n{name}: {}", visible(&String::from_utf8_lossy(value))))
        .collect()
}

fn body_content(body: &[u8], redactions: &Redactions) -> String {
    let Ok(text) = std::str::from_utf8(body) else {
        return binary(body);
    };
    // A single number or word is JSON too, and text to everyone who reads it.
    let is_structure = text.trim_start().starts_with(['{', '[']);
    match serde_json::from_str(text) {
        Ok(mut json) if is_structure => {
            redactions.apply_to_json(&mut json);
            format!("{json:#}")
        }
        _ => text.to_owned(),
    }
}

/// Sorted `key = value` lines. Redactions by pattern are applied by the snapshots.
fn store_content(store: &Store) -> String {
    let lines: Vec<_> = store
        .tuples()
        .map(|(key, value)| match std::str::from_utf8(value) {
            Ok(text) if !text.contains('\0') => format!("{} = {}", visible(key), visible(text)),
            _ => format!("{} = {}", visible(key), binary(value)),
        })
        .collect();
    lines.join("\n")
}

/// Bytes that are no text: short, and different for different bytes.
fn binary(bytes: &[u8]) -> String {
    use sha2::{Digest as _, Sha256};
    let digest: [u8; 32] = Sha256::digest(bytes).into();
    let digest: String = digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let shown = if std::str::from_utf8(bytes).is_ok() {
        format!("{} bytes", bytes.len())
    } else {
        show(bytes)
    };
    format!("<{shown}; sha256 {digest}>")
}

/// Rows as a table with columns below each other.
fn aligned(rows: &[Vec<String>]) -> String {
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            row.iter()
                .map(|cell| visible(cell).replace('|', "\\|"))
                .collect()
        })
        .collect();
    let columns = cells.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let lengths = cells.iter().filter_map(|row| row.get(column));
        lengths.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..columns).map(width).collect();
    let lines: Vec<_> = cells
        .iter()
        .map(|row| {
            let cells = row
                .iter()
                .zip(&widths)
                .map(|(cell, width)| format!(" {cell:width$} |"));
            format!("|{}", cells.collect::<String>())
        })
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::{HeaderMap, HeaderValue, StatusCode};
    use std::time::Duration;

    fn response(body: &'static [u8]) -> Response {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static("text/plain"));
        headers.insert("x-request-id", HeaderValue::from_static("7"));
        headers.insert("x-mine", HeaderValue::from_static("8"));
        Response {
            status: StatusCode::NOT_FOUND,
            headers,
            body: Bytes::from_static(body),
            trailers: HeaderMap::new(),
            took: Duration::ZERO,
            component: None,
            cut: false,
            problem: None,
        }
    }

    #[test]
    fn a_response_is_its_head_and_its_body() {
        let mut response = response(b"no such order");
        let content = response_content(&response, &["X-Mine".to_owned()], &Redactions::new());
        assert_eq!(
            content,
            "404 Not Found\ncontent-type: text/plain\n\nno such order"
        );
        response.body = Bytes::new();
        response
            .trailers
            .insert("x-sum", HeaderValue::from_static("1"));
        let content = response_content(&response, &[], &Redactions::new());
        assert_eq!(
            content,
            "404 Not Found\ncontent-type: text/plain\nx-mine: 8\n\n\n\ntrailers:\nx-sum: 1"
        );
    }

    #[test]
    fn json_is_redacted_and_laid_out_and_a_number_is_left_alone() {
        let redactions = Redactions::new().json_path("$.id", "[id]").unwrap();
        assert_eq!(
            body_content(br#"{"id":7,"n":1}"#, &redactions),
            "{\n  \"id\": \"[id]\",\n  \"n\": 1\n}"
        );
        assert_eq!(body_content(b"41.50", &redactions), "41.50");
    }

    #[test]
    fn different_bytes_give_different_snapshots() {
        let long = |last: u8| {
            let mut bytes = vec![0xff; 40];
            bytes.push(last);
            binary(&bytes)
        };
        assert_ne!(long(1), long(2));
        assert!(long(1).starts_with("<binary, 41 bytes: ff"));
    }

    #[test]
    fn the_source_is_the_same_on_every_machine() {
        let source =
            |feature: &str, snapshots: &str| source(Path::new(feature), Path::new(snapshots));
        assert_eq!(
            source("/a/features/sub/x.feature", "/a/features/snapshots"),
            "sub/x.feature"
        );
        assert_eq!(
            source("features/x.feature", "features/snapshots"),
            "x.feature"
        );
        assert_eq!(source("/elsewhere/x.feature", "/a/snapshots"), "x.feature");
    }

    #[test]
    fn tables_are_aligned() {
        let rows = [["key", "outcome"], ["a|b", "ok"]].map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(aligned(&rows), "| key  | outcome |\n| a\\|b | ok      |");
    }
}
