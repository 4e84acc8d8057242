//! Then steps about what the Redis servers hold, and about what was published there.

use super::table::Column;
use super::then_response::{difference, differs};
use super::then_storage::compare_content;
use super::world::quoted;
use super::{Failed, World};
use crate::app::nearest;
use crate::diff::diff_rows;
use crate::sandbox::{PublishedMessage, RedisAddress, Session};
use crate::storage::Store;
use crate::value::{Expectation, parse_duration, show, show_duration};
use cucumber::gherkin::Step;
use cucumber::then;
use std::collections::BTreeSet;

/// Keys that a message names.
const KEYS_SHOWN: usize = 10;

/// The columns of a table of messages.
const COLUMNS: [&str; 4] = ["component", "server", "channel", "message"];
const MESSAGE: usize = 3;

#[then(expr = "the Redis at {string} contains:")]
fn contains(world: &mut World, address: String, step: &Step) -> Result<(), Failed> {
    world.compare_redis(&address, step, false)
}

#[then(expr = "the Redis at {string} contains exactly:")]
fn contains_exactly(world: &mut World, address: String, step: &Step) -> Result<(), Failed> {
    world.compare_redis(&address, step, true)
}

#[then(expr = "the Redis at {string} is empty")]
fn is_empty(world: &mut World, address: String) -> Result<(), Failed> {
    let (address, content) = world.redis(&address)?;
    match content.is_empty() {
        true => Ok(()),
        false => Err(Failed::new(format!(
            "the Redis at \"{address}\" is not empty: {}",
            holdings(&content)
        ))),
    }
}

#[then(expr = "the Redis at {string} has no key {string}")]
fn has_no_key(world: &mut World, address: String, key: String) -> Result<(), Failed> {
    let key = world.text(&key)?;
    let (address, content) = world.redis(&address)?;
    match content.value(&key) {
        None => Ok(()),
        Some(value) => Err(Failed::new(format!(
            "the Redis at \"{address}\" has the key {}: its value is {}",
            show(key.as_bytes()),
            show(value)
        ))),
    }
}

#[then(expr = "the key {string} of Redis at {string} is {string}")]
fn key_is(world: &mut World, key: String, address: String, expected: String) -> Result<(), Failed> {
    let expected = world.text(&expected)?;
    let expected = Expectation::parse(&expected, world.base_dir()?).map_err(Failed::explained)?;
    let key = world.text(&key)?;
    let (address, content) = world.redis(&address)?;
    let what = format!("the key {} of Redis at \"{address}\"", show(key.as_bytes()));
    let Some(actual) = content.value(&key) else {
        let holdings = holdings(&content);
        return Err(Failed::new(format!("{what} does not exist: {holdings}")));
    };
    let Err(mismatch) = expected.check(actual) else {
        return Ok(());
    };
    let difference = match &expected {
        Expectation::Equals(value) => difference(&what, value.bytes(), actual, world.color()),
        _ => differs(&what, &mismatch.expected, &mismatch.actual),
    };
    Err(Failed::new(difference).note(&mismatch.detail.unwrap_or_default()))
}

#[then(regex = r#"^the key "((?:[^"\\]|\\.)*)" of Redis at "((?:[^"\\]|\\.)*)" expires in (.+)$"#)]
fn expires_in(world: &mut World, key: String, address: String, time: String) -> Result<(), Failed> {
    let expected = parse_duration(&time).map_err(Failed::explained)?;
    let key = world.text(&key)?;
    let address = RedisAddress::parse(&world.text(&address)?)?;
    let session = world.session()?;
    require_known(session, &address)?;
    let now = session.clock().unix_milliseconds();
    let left = session.with_redis(|redis| redis.database(&address, now).left(key.as_bytes(), now));
    let shown = match left {
        Some(Some(left)) if left == expected => return Ok(()),
        Some(Some(left)) => show_duration(left),
        Some(None) => "never".to_owned(),
        None => "there is no such key".to_owned(),
    };
    let what = format!(
        "the time in which the key {} of Redis at \"{address}\" expires",
        show(key.as_bytes())
    );
    Err(Failed::new(differs(
        &what,
        &show_duration(expected),
        &shown,
    )))
}

#[then(expr = "the Redis message {string} was published on channel {string}")]
fn was_published(world: &mut World, message: String, channel: String) -> Result<(), Failed> {
    let (message, channel) = (world.text(&message)?, world.text(&channel)?);
    let expected = Expectation::parse(&message, world.base_dir()?).map_err(Failed::explained)?;
    let published = world.published()?;
    let mut on_channel = published
        .iter()
        .filter(|it| it.channel == channel.as_bytes());
    if on_channel.any(|it| expected.is_met_by(&it.message)) {
        return Ok(());
    }
    let what = format!(
        "the Redis message {} was not published on channel \"{channel}\"",
        show(message.as_bytes())
    );
    Err(Failed::new(what).note(&listed(&published)))
}

#[then(expr = "no Redis message was published on channel {string}")]
fn none_was_published_on(world: &mut World, channel: String) -> Result<(), Failed> {
    let channel = world.text(&channel)?;
    let mut published = world.published()?;
    published.retain(|it| it.channel == channel.as_bytes());
    none_of(&published)
}

#[then(expr = "no Redis message was published")]
fn none_was_published(world: &mut World) -> Result<(), Failed> {
    none_of(&world.published()?)
}

fn none_of(published: &[PublishedMessage]) -> Result<(), Failed> {
    match published.is_empty() {
        true => Ok(()),
        false => Err(Failed::new("a Redis message was published").note(&listed(published))),
    }
}

#[then(expr = "the published Redis messages are:")]
fn messages_are(world: &mut World, step: &Step) -> Result<(), Failed> {
    let table = world.table(step, COLUMNS.map(Column::Optional))?;
    let folder = world.base_dir()?.to_owned();
    let (color, published) = (world.color(), world.published()?);
    let mut expected = Vec::new();
    let mut met = table.rows.len() == published.len();
    for (at, mut row) in table.rows.into_iter().enumerate() {
        let actual = published.get(at).map(|it| (it, cells(it)));
        for (column, cell) in row.iter_mut().enumerate() {
            let message = match column == MESSAGE && !cell.is_empty() {
                true => Some(Expectation::parse(cell, &folder).map_err(Failed::explained)?),
                false => None,
            };
            let fits = match (&actual, &message) {
                (None, _) => false,
                (Some((actual, _)), Some(message)) => message.is_met_by(&actual.message),
                (Some((_, cells)), None) => cell.is_empty() || *cell == cells[column],
            };
            if let Some(message) = message {
                *cell = message.to_string();
            }
            met &= fits;
            // A cell that is met is shown as what stands there.
            if let (true, Some((_, cells))) = (fits, &actual) {
                cell.clone_from(&cells[column]);
            }
        }
        expected.push(row);
    }
    if met {
        return Ok(());
    }
    let shown: Vec<usize> = (0..COLUMNS.len()).filter(|at| table.has[*at]).collect();
    let cut = |row: &[String; 4]| shown.iter().map(|at| row[*at].clone()).collect();
    let expected: Vec<Vec<String>> = expected.iter().map(cut).collect();
    let actual: Vec<Vec<String>> = published.iter().map(|it| cut(&cells(it))).collect();
    let headings: Vec<_> = shown.iter().map(|at| COLUMNS[*at]).collect();
    Err(Failed::new(format!(
        "the published Redis messages are not as expected\n{}",
        diff_rows(&expected, &actual, &headings, color)
    )))
}

fn cells(message: &PublishedMessage) -> [String; 4] {
    [
        message.component.to_string(),
        message.server.to_string(),
        String::from_utf8_lossy(&message.channel).into_owned(),
        show(&message.message),
    ]
}

/// The first of them for a message.
fn listed(published: &[PublishedMessage]) -> String {
    let lines: Vec<_> = published
        .iter()
        .take(KEYS_SHOWN)
        .map(|it| {
            let [component, _, channel, message] = cells(it);
            format!("  {component} published {message} on channel \"{channel}\"")
        })
        .collect();
    match lines.is_empty() {
        true => "no Redis message was published".to_owned(),
        false => lines.join("\n"),
    }
}

fn holdings(content: &Store) -> String {
    let keys = quoted(content.tuples().take(KEYS_SHOWN).map(|(key, _)| key));
    match content.len() {
        0 => "it has no key".to_owned(),
        1..=KEYS_SHOWN => format!("its keys are {keys}"),
        more => format!("it has {more} keys: {keys} …"),
    }
}

/// A server that nobody could have written to has nothing in it, which says nothing: its address is mistyped.
fn require_known(session: &Session, address: &RedisAddress) -> Result<(), Failed> {
    let server = address.server();
    let stated = session.with_redis(|redis| redis.servers().cloned().collect::<BTreeSet<_>>());
    let listened = session.app().redis_channels().iter().map(|it| &it.server);
    if stated.contains(server) || listened.clone().any(|it| it == server) {
        return Ok(());
    }
    let url = address.to_string();
    let components = session.app().manifest().components.iter();
    let mut components = components.map(|component| component.id.as_str());
    if components.any(|id| session.allowed_host(id, &url, "redis").is_some()) {
        return Ok(());
    }
    let known: BTreeSet<String> = stated
        .iter()
        .chain(listened)
        .map(ToString::to_string)
        .collect();
    let advice = match nearest(&url, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => format!(
            "the scenario knows {}",
            quoted(known.iter().map(String::as_str))
        ),
    };
    Err(Failed::new(format!(
        "no component may use the Redis at \"{address}\", and no step has stored anything there; {advice}"
    )))
}

impl World {
    /// A database of a server: its keys, and their values as bytes.
    fn redis(&mut self, address: &str) -> Result<(RedisAddress, Store), Failed> {
        let address = RedisAddress::parse(&self.text(address)?)?;
        let session = self.session()?;
        require_known(session, &address)?;
        let now = session.clock().unix_milliseconds();
        let mut content = Store::default();
        session.with_redis(|redis| {
            for (key, value) in redis.database(&address, now).iter() {
                content.put(String::from_utf8_lossy(key), value.to_bytes());
            }
        });
        Ok((address, content))
    }

    fn published(&mut self) -> Result<Vec<PublishedMessage>, Failed> {
        let session = self.session()?;
        Ok(session.with_redis(|redis| redis.published().to_vec()))
    }

    fn compare_redis(&mut self, address: &str, step: &Step, exactly: bool) -> Result<(), Failed> {
        let expected = self.expected_tuples(step)?;
        let color = self.color();
        let (address, content) = self.redis(address)?;
        let what = format!("the Redis at \"{address}\"");
        compare_content(&what, &expected, &content, exactly, color)
    }
}
