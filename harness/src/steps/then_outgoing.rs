//! Then steps about what guests sent to other hosts.

use super::table::Column;
use super::world::number;
use super::{Failed, World};
use crate::sandbox::{Sent, UrlPattern};
use crate::value::{equal_json, parse_json, show, times, visible};
use cucumber::gherkin::Step;
use cucumber::then;

/// The columns of a table of requests.
pub(super) const COLUMNS: [&str; 4] = ["component", "method", "url", "outcome"];

#[then(expr = "{word} {string} was requested {int} time(s)")]
fn was_requested(
    world: &mut World,
    method: String,
    url: String,
    count: String,
) -> Result<(), Failed> {
    let count = number(&count, "a number of requests")?;
    world.expect_requests(&method, &url, count)
}

#[then(expr = "{word} {string} was never requested")]
fn was_never_requested(world: &mut World, method: String, url: String) -> Result<(), Failed> {
    world.expect_requests(&method, &url, 0)
}

#[then(expr = "nothing was requested of other hosts")]
fn nothing_was_requested(world: &mut World) -> Result<(), Failed> {
    let sent = world
        .session()?
        .with_outgoing(|outgoing| rows(outgoing.sent()));
    match sent.is_empty() {
        true => Ok(()),
        false => Err(Failed::new("other hosts were asked").note(&listed(&sent))),
    }
}

#[then(expr = "the outgoing requests are:")]
fn requests_are(world: &mut World, step: &Step) -> Result<(), Failed> {
    let table = world.table(step, COLUMNS.map(Column::Optional))?;
    let actual = world
        .session()?
        .with_outgoing(|outgoing| rows(outgoing.sent()));
    world.rows_are("the outgoing requests", &table, &actual, &COLUMNS)
}

#[then(expr = "the last request to {string} had the header {string} with {string}")]
fn had_the_header(
    world: &mut World,
    url: String,
    name: String,
    value: String,
) -> Result<(), Failed> {
    let (name, value) = (world.text(&name)?, world.text(&value)?);
    let sent = world.last_request(&url)?;
    let mut values = sent.headers.get_all(&name).iter();
    if values.any(|it| it.as_bytes() == value.as_bytes()) {
        return Ok(());
    }
    let headers: String = sent
        .headers
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            format!("\n  {name}: {}", visible(&value))
        })
        .collect();
    let headers = match headers.is_empty() {
        true => " none at all",
        false => &headers,
    };
    Err(Failed::new(format!(
        "the last request to {} had no header \"{}\" with \"{}\"; it had{headers}",
        sent.url,
        visible(&name),
        visible(&value),
    )))
}

#[then(expr = "the last request to {string} had the body {string}")]
fn had_the_body(world: &mut World, url: String, body: String) -> Result<(), Failed> {
    let body = world.body(&world.text(&body)?)?;
    let sent = world.last_request(&url)?;
    if sent.body == body {
        return Ok(());
    }
    Err(Failed::new(format!(
        "the body of the last request to {} is not as expected",
        sent.url
    ))
    .note(&format!("  expected: {}", show(&body)))
    .note(&format!("    actual: {}", show(&sent.body))))
}

#[then(expr = "the last request to {string} had the JSON:")]
fn had_the_json(world: &mut World, url: String, step: &Step) -> Result<(), Failed> {
    let expected = world.json(&world.doc_string(step)?)?;
    let sent = world.last_request(&url)?;
    let actual = parse_json(&sent.body)?;
    equal_json(&actual, &expected).map_err(|differences| {
        Failed::new(format!(
            "the body of the last request to {} is not as expected",
            sent.url
        ))
        .note(&differences.to_string())
    })
}

impl World {
    fn expect_requests(&mut self, method: &str, url: &str, expected: usize) -> Result<(), Failed> {
        let text = self.text(url)?;
        let pattern = UrlPattern::new(&text)?;
        let any = method == "*";
        self.session()?.with_outgoing(|outgoing| {
            let fitting = outgoing.sent().iter().filter(|sent| {
                (any || sent.method.as_str().eq_ignore_ascii_case(method))
                    && pattern.fits(&sent.url)
            });
            let count = fitting.count();
            if count == expected {
                return Ok(());
            }
            Err(Failed::new(format!(
                "{method} \"{text}\" was requested {} and not {}",
                times(count),
                times(expected)
            ))
            .note(&listed(&rows(outgoing.sent()))))
        })
    }

    fn last_request(&mut self, url: &str) -> Result<Sent, Failed> {
        let text = self.text(url)?;
        let pattern = UrlPattern::new(&text)?;
        self.session()?.with_outgoing(|outgoing| {
            let mut sent = outgoing.sent().iter().rev();
            sent.find(|sent| pattern.fits(&sent.url))
                .cloned()
                .ok_or_else(|| {
                    Failed::new(format!("nothing was sent to \"{text}\""))
                        .note(&listed(&rows(outgoing.sent())))
                })
        })
    }
}

/// What was sent, as the columns say.
pub(super) fn rows(sent: &[Sent]) -> Vec<[String; 4]> {
    let row = |sent: &Sent| {
        [
            sent.component.to_string(),
            sent.method.to_string(),
            sent.url.clone(),
            sent.outcome.to_string(),
        ]
    };
    sent.iter().map(row).collect()
}

/// The first of them for a message.
fn listed(rows: &[[String; 4]]) -> String {
    let lines: Vec<_> = rows
        .iter()
        .take(10)
        .map(|[component, method, url, outcome]| {
            format!("  {component}: {method} {} ({outcome})", visible(url))
        })
        .collect();
    match lines.is_empty() {
        true => "no request was sent".to_owned(),
        false => lines.join("\n"),
    }
}
