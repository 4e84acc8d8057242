//! What happened in a scenario so far, as the report of a failing step shows it.

use super::messages::described;
use super::world::Exchange;
use super::{World, reasons};
use crate::sandbox::{Call, LogStream, Outcome, Service, Session};
use crate::trigger::{MessageHandling, RedisMessage, Request, Response};
use crate::value::{show, visible};
use std::fmt;

/// Requests at once that are shown.
const MAX_EXCHANGES: usize = 5;
/// Lines of a guest's log that are shown.
const MAX_LINES: usize = 20;
/// Characters of a line that are shown, but for bodies and the outcomes of storage calls.
const MAX_WIDTH: usize = 200;
/// Lines of a body that are shown.
const MAX_BODY_LINES: usize = 60;
/// Characters of a body that are shown.
const MAX_BODY: usize = 4_000;

/// What happened so far. Everything in it is ready to be printed: shortened, and unable to garble a terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// What the last When sent, and what came back.
    pub exchanges: Vec<ExchangeEvidence>,
    /// How many more requests that When sent.
    pub exchanges_left_out: usize,
    /// The storage calls of the scenario: one row each, under [`Evidence::STORAGE_CALL_HEADINGS`].
    pub storage_calls: Vec<Vec<String>>,
    /// Calls on other services, under [`Evidence::OTHER_CALL_HEADINGS`].
    pub other_calls: Vec<Vec<String>>,
    /// What the guests wrote, in order.
    pub log: Vec<LogLine>,
    /// The scenario's seed.
    pub seed: Option<u64>,
    /// Whether a step says it; else it follows from the run's seed and from where the scenario stands.
    pub seed_is_given: bool,
}

/// A request and what came back, by lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExchangeEvidence {
    /// Request line, headers, and the body after an empty line.
    pub request: Vec<String>,
    /// Status, headers, and the body after an empty line.
    pub response: Vec<String>,
    /// Why the app gave no answer of its own, or not a whole one; may have several lines.
    pub problem: Option<String>,
}

/// A line that a guest wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// The component.
    pub component: String,
    /// Whether it went to standard error.
    pub is_error: bool,
    /// The line.
    pub text: String,
}

impl Evidence {
    /// What stands in a row of [`Evidence::storage_calls`].
    ///
    /// The instance is only named if the last When sent several requests: it tells whose call it was.
    pub const STORAGE_CALL_HEADINGS: [&'static str; 9] = [
        "#",
        "time",
        "component",
        "operation",
        "store",
        "key",
        "outcome",
        "fault",
        "instance",
    ];

    /// What stands in a row of [`Evidence::other_calls`].
    pub const OTHER_CALL_HEADINGS: [&'static str; 6] =
        ["#", "component", "call", "subject", "outcome", "fault"];

    pub(super) fn of(world: &World) -> Self {
        let mut evidence = Self {
            exchanges: world
                .exchanges()
                .iter()
                .take(MAX_EXCHANGES)
                .map(ExchangeEvidence::of)
                .collect(),
            exchanges_left_out: world.exchanges().len().saturating_sub(MAX_EXCHANGES),
            seed: world.seed().map(|seed| seed.0),
            seed_is_given: world.arrangement.seed.is_some(),
            ..Self::default()
        };
        if let Some((message, handlings)) = world.last_message() {
            evidence.exchanges.push(ExchangeEvidence {
                request: message_lines(message),
                response: handling_lines(handlings),
                problem: None,
            });
        }
        if let Some(session) = world.started() {
            let several = world.exchanges().len() > 1;
            session.with_journal(|journal| {
                for call in journal.calls() {
                    if call.storage_operation().is_some() {
                        evidence.storage_calls.push(storage_row(call, several));
                    } else {
                        evidence.other_calls.push(other_row(call));
                    }
                }
            });
            mark_injected(&mut evidence, session);
            evidence.log = log_lines(session);
        }
        evidence
    }
}

impl ExchangeEvidence {
    fn of(exchange: &Exchange) -> Self {
        Self {
            request: request_lines(&exchange.request),
            response: response_lines(&exchange.response),
            problem: reasons::of_response(&exchange.response),
        }
    }
}

/// The channel, and the message after an empty line.
pub(super) fn message_lines(message: &RedisMessage) -> Vec<String> {
    let channel = visible(&message.channel);
    let mut lines = vec![match &message.server {
        Some(server) => format!("Redis message on channel \"{channel}\" of {server}"),
        None => format!("Redis message on channel \"{channel}\""),
    }];
    lines.extend(body_lines(&message.payload));
    lines
}

/// What came of a message in each component.
pub(super) fn handling_lines(handlings: &[MessageHandling]) -> Vec<String> {
    let texts = handlings.iter().map(described);
    texts
        .flat_map(|text| {
            text.lines()
                .map(|it| visible(it).into_owned())
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Request line, headers, and the body after an empty line.
pub(super) fn request_lines(request: &Request) -> Vec<String> {
    let headers = request.headers.iter();
    let fields = headers.map(|(name, value)| (name.as_str(), value.as_bytes()));
    let mut lines = vec![visible(&request.to_string()).into_owned()];
    lines.extend(field_lines(fields));
    lines.extend(body_lines(&request.body));
    lines
}

/// Status, headers, and the body after an empty line.
pub(super) fn response_lines(response: &Response) -> Vec<String> {
    let mut lines = vec![response.status.to_string()];
    lines.extend(field_lines(response.headers()));
    lines.extend(body_lines(response.body()));
    lines.extend(field_lines(response.trailers()).map(|line| format!("(trailer) {line}")));
    lines
}

fn field_lines<'a>(
    fields: impl Iterator<Item = (&'a str, &'a [u8])>,
) -> impl Iterator<Item = String> {
    fields.map(|(name, value)| {
        let value = String::from_utf8_lossy(value);
        shortened(&format!("{name}: {value}"))
    })
}

/// An empty line and the body; nothing for an empty one.
fn body_lines(body: &[u8]) -> Vec<String> {
    if body.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![String::new()];
    match std::str::from_utf8(body) {
        Ok(text) if !text.contains('\0') => {
            let end = text.char_indices().nth(MAX_BODY).map(|(end, _)| end);
            let mut shown = text[..end.unwrap_or(text.len())].lines();
            lines.extend(
                shown
                    .by_ref()
                    .take(MAX_BODY_LINES)
                    .map(|line| visible(line).into_owned()),
            );
            let more_lines = shown.next().is_some();
            if let (Some(_), false, Some(last)) = (end, more_lines, lines.last_mut()) {
                last.push('…');
            }
            if end.is_some() || more_lines {
                lines.push(format!("({} bytes in all)", body.len()));
            }
        }
        _ => lines.push(show(body)),
    }
    lines
}

fn shortened(line: &str) -> String {
    match line.char_indices().nth(MAX_WIDTH) {
        Some((end, _)) => format!("{}…", visible(&line[..end])),
        None => visible(line).into_owned(),
    }
}

/// How a call ended, with what else a person should know.
fn outcome_of(call: &Call) -> String {
    match &call.note {
        Some(note) => format!("{} ({note})", call.outcome),
        None => call.outcome.to_string(),
    }
}

fn storage_row(call: &Call, of_several: bool) -> Vec<String> {
    vec![
        call.sequence.to_string(),
        format!("{} ms", call.time.as_millis()),
        call.component.to_string(),
        call.operation_name().into_owned(),
        call.store.to_string(),
        shortened(&call.key),
        // Whole: a refusal ends with the advice.
        visible(&outcome_of(call)).into_owned(),
        call.fault.as_deref().unwrap_or_default().to_owned(),
        match of_several {
            true => call.instance.to_string(),
            false => String::new(),
        },
    ]
}

/// Makes the calls stand out that failed because the run was asked for it.
fn mark_injected(evidence: &mut Evidence, session: &Session) {
    session.with_journal(|journal| {
        if !journal.calls().iter().any(|call| call.injected) {
            return;
        }
        let mut storage = evidence.storage_calls.iter_mut();
        let mut other = evidence.other_calls.iter_mut();
        for call in journal.calls() {
            let row = match call.storage_operation() {
                Some(_) => storage.next(),
                None => other.next(),
            };
            let mark = if call.injected { "▶" } else { " " };
            if let Some(row) = row {
                row[0] = format!("{mark} {}", row[0]);
            }
        }
    });
}

fn other_row(call: &Call) -> Vec<String> {
    let subject = match (&*call.store, &*call.key) {
        ("", only) | (only, "") => only.to_owned(),
        (label, key) => format!("{label}: {key}"),
    };
    vec![
        call.sequence.to_string(),
        call.component.to_string(),
        match (call.operation(), &call.service) {
            (Some(operation), _) => operation.name().to_owned(),
            (None, Service::Unprovided(interface, function)) => format!("{interface} {function}"),
            (None, _) => call.operation_name().into_owned(),
        },
        shortened(&subject),
        // Why an instance ended is told with its response.
        match call.outcome {
            Outcome::Trap => call.outcome.to_string(),
            _ => shortened(&outcome_of(call)),
        },
        call.fault.as_deref().unwrap_or_default().to_owned(),
    ]
}

/// The end of what the guests wrote; a first line says if something is left out.
fn log_lines(session: &Session) -> Vec<LogLine> {
    let state = session.state();
    let mut lines = Vec::new();
    for entry in state.log.entries() {
        let text = String::from_utf8_lossy(&entry.bytes);
        lines.extend(text.lines().map(|line| LogLine {
            component: entry.component.to_string(),
            is_error: entry.stream == LogStream::Err,
            text: shortened(line),
        }));
        // Only the end is shown, so only so much needs to be kept.
        let surplus = lines.len().saturating_sub(MAX_LINES + 1);
        lines.drain(..surplus);
    }
    if lines.len() > MAX_LINES {
        lines[0].text = "… (earlier lines are left out)".to_owned();
    }
    lines
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for exchange in &self.exchanges {
            lines(f, "request:", &exchange.request)?;
            lines(f, "response:", &exchange.response)?;
            if let Some(problem) = &exchange.problem {
                let problem: Vec<_> = problem
                    .lines()
                    .map(|line| visible(line).into_owned())
                    .collect();
                lines(f, "problem:", &problem)?;
            }
        }
        if self.exchanges_left_out > 0 {
            writeln!(f, "… and {} more requests", self.exchanges_left_out)?;
        }
        table(
            f,
            "storage calls:",
            &Self::STORAGE_CALL_HEADINGS,
            &self.storage_calls,
        )?;
        table(
            f,
            "other calls:",
            &Self::OTHER_CALL_HEADINGS,
            &self.other_calls,
        )?;
        if !self.log.is_empty() {
            let log = self.log.iter();
            let log: Vec<_> = log
                .map(|line| format!("{}: {}", line.component, line.text))
                .collect();
            lines(f, "log:", &log)?;
        }
        match self.seed {
            Some(seed) => writeln!(f, "seed: {seed}"),
            None => Ok(()),
        }
    }
}

fn lines(f: &mut fmt::Formatter<'_>, title: &str, lines: &[String]) -> fmt::Result {
    writeln!(f, "{title}")?;
    for line in lines {
        writeln!(f, "{}", format!("  {line}").trim_end())?;
    }
    Ok(())
}

/// Columns below each other; one that is empty in every row is left out, and so is a table without rows.
fn table(
    f: &mut fmt::Formatter<'_>,
    title: &str,
    headings: &[&str],
    rows: &[Vec<String>],
) -> fmt::Result {
    if rows.is_empty() {
        return Ok(());
    }
    let column = |column: usize| rows.iter().filter_map(move |row| row.get(column));
    let widths: Vec<_> = headings
        .iter()
        .enumerate()
        .map(
            |(index, heading)| match column(index).map(|cell| cell.chars().count()).max() {
                None | Some(0) => 0,
                Some(width) => width.max(heading.chars().count()),
            },
        )
        .collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let mut line = String::new();
        for (cell, width) in cells.zip(&widths).filter(|(_, width)| **width > 0) {
            line.push_str(&format!("  {cell:width$}"));
        }
        line.trim_end().to_owned()
    };
    writeln!(f, "{title}")?;
    writeln!(f, "{}", line(&mut headings.iter().copied()))?;
    for row in rows {
        writeln!(f, "{}", line(&mut row.iter().map(String::as_str)))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::then_calls::tests::call;
    use super::*;
    use crate::storage::Operation;

    #[test]
    fn empty_columns_are_left_out() {
        let evidence = Evidence {
            storage_calls: vec![
                storage_row(&call(Operation::Open, ""), false),
                storage_row(&call(Operation::Get, "visits"), false),
            ],
            seed: Some(7),
            ..Evidence::default()
        };
        assert_eq!(
            evidence.to_string(),
            "storage calls:\n  \
             #  time  component  operation  store    key     outcome\n  \
             1  0 ms  api        open       default          ok\n  \
             1  0 ms  api        get        default  visits  ok\n\
             seed: 7\n"
        );
    }

    #[test]
    fn an_error_is_whole_and_calls_of_several_requests_name_the_instance() {
        let mut call = call(Operation::Set, "visits");
        let text = "too long ".repeat(100);
        call.outcome = crate::sandbox::Outcome::Error(crate::storage::Error::other(text.trim()));
        let row = storage_row(&call, true);
        assert_eq!(row.len(), Evidence::STORAGE_CALL_HEADINGS.len());
        assert_eq!(row[6], format!("other: {}", text.trim()));
        assert_eq!(row[8], call.instance.to_string());
    }

    #[test]
    fn bodies_are_cut_and_escaped() {
        let long = "x\n".repeat(1_000);
        let lines = body_lines(long.as_bytes());
        assert_eq!(
            (lines.len(), lines.last().unwrap().as_str()),
            (62, "(2000 bytes in all)")
        );
        let lines = body_lines("é".repeat(5_000).as_bytes());
        assert_eq!(
            lines,
            [
                "",
                &format!("{}…", "é".repeat(4_000)),
                "(10000 bytes in all)"
            ]
        );
        let whole = "x".repeat(4_000);
        assert_eq!(body_lines(whole.as_bytes()), ["", &whole]);
        assert!(!body_lines(b"\x1b[31m").concat().contains('\x1b'));
        assert_eq!(body_lines(&[0xff, 0]), ["", "binary, 2 bytes: ff 00"]);
        assert!(body_lines(b"").is_empty());
    }
}
