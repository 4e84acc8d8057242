//! Given steps about what the Redis servers hold.

use super::place::Place;
use super::table::Column;
use super::{Failed, World};
use crate::sandbox::{RedisAddress, RedisValue, Session};
use crate::value::Value;
use bytes::Bytes;
use cucumber::gherkin::Step;
use cucumber::given;

#[given(expr = "the Redis at {string} contains:")]
fn contains(world: &mut World, address: String, step: &Step) -> Result<(), Failed> {
    let columns = [Column::Needed("key"), Column::Needed("value")];
    let folder = world.base_dir()?;
    let mut fillings = Vec::new();
    for [key, value] in world.table(step, columns)?.rows {
        let value = Value::parse(&value, folder).map_err(Failed::explained)?;
        fillings.push(Filling::String(key, value.into_bytes()));
    }
    world.given_redis(&address, fillings, step)
}

#[given(expr = "the Redis at {string} has run {string}")]
fn has_run(world: &mut World, address: String, command: String, step: &Step) -> Result<(), Failed> {
    let command = Filling::Command(words(&world.text(&command)?)?);
    world.given_redis(&address, vec![command], step)
}

#[given(expr = "the Redis at {string} has run:")]
fn has_run_doc_string(world: &mut World, address: String, step: &Step) -> Result<(), Failed> {
    let text = world.doc_string(step)?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let commands = lines.map(|line| words(line).map(Filling::Command));
    let commands = commands.collect::<Result<_, _>>()?;
    world.given_redis(&address, commands, step)
}

/// What a Given step does to a server.
#[derive(Clone, Debug)]
enum Filling {
    String(String, Bytes),
    Command(Vec<Bytes>),
}

/// What the Given steps did to the servers, in their order.
#[derive(Debug, Default)]
pub(super) struct RedisFilled(Vec<(RedisAddress, Filling, Place)>);

impl RedisFilled {
    /// Does all of it.
    pub fn apply(&self, session: &Session) -> Result<(), Failed> {
        self.0.iter().try_for_each(|(address, filling, place)| {
            fill(session, address, filling).map_err(|failed| place.tell(&failed))
        })
    }
}

fn fill(session: &Session, address: &RedisAddress, filling: &Filling) -> Result<(), Failed> {
    let now = session.clock().unix_milliseconds();
    session.with_redis(|redis| match filling {
        Filling::String(key, value) => {
            let value = RedisValue::String(value.clone());
            redis.database(address, now).put(key.clone().into(), value);
            Ok(())
        }
        Filling::Command(words) => match redis.run(address, words, now) {
            Ok(_) => Ok(()),
            Err(refusal) => {
                let words: Vec<_> = words.iter().map(|it| String::from_utf8_lossy(it)).collect();
                let message = format!("the Redis at \"{address}\" cannot run {}", words.join(" "));
                Err(Failed::new(message).note(&refusal.to_string()))
            }
        },
    })
}

impl World {
    /// Before the first When it is collected, after it the server changes at once.
    fn given_redis(
        &mut self,
        address: &str,
        fillings: Vec<Filling>,
        step: &Step,
    ) -> Result<(), Failed> {
        let address = RedisAddress::parse(&self.text(address)?)?;
        match self.started() {
            Some(session) => fillings
                .iter()
                .try_for_each(|filling| fill(session, &address, filling)),
            None => {
                let place = Place::of(self, step)?;
                let filled = |it| (address.clone(), it, place.clone());
                let fillings = fillings.into_iter().map(filled);
                self.arrangement.redis.0.extend(fillings);
                Ok(())
            }
        }
    }
}

/// The words of a command as one types it into `redis-cli`: separated by blanks, in quotes where they have some; between
/// double ones `\n`, `\t`, `\"`, `\\` and `\xff` are one byte.
fn words(line: &str) -> Result<Vec<Bytes>, Failed> {
    let mut words = Vec::new();
    let mut rest = line.trim_start().as_bytes();
    while !rest.is_empty() {
        let (word, after) = word(rest).ok_or_else(|| {
            Failed::new(format!(
                "a quote in the command `{line}` is not closed, or ends within a word"
            ))
        })?;
        words.push(Bytes::from(word));
        rest = after.trim_ascii_start();
    }
    match words.is_empty() {
        true => Err(Failed::new("there is no command to run")),
        false => Ok(words),
    }
}

/// The first word, and what follows it.
fn word(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let quote = match text.first() {
        Some(quote @ (b'"' | b'\'')) => *quote,
        _ => {
            let end = text.iter().position(u8::is_ascii_whitespace);
            let (word, rest) = text.split_at(end.unwrap_or(text.len()));
            return Some((word.to_vec(), rest));
        }
    };
    let mut word = Vec::new();
    let mut at = 1;
    loop {
        match &text[at..] {
            [] => return None,
            [end, rest @ ..] if *end == quote => {
                let ends = rest.first().is_none_or(u8::is_ascii_whitespace);
                return ends.then_some((word, rest));
            }
            [b'\\', b'x', high, low, ..] if quote == b'"' && is_hex(&[*high, *low]) => {
                let digits = std::str::from_utf8(&text[at + 2..at + 4]).ok()?;
                word.push(u8::from_str_radix(digits, 16).ok()?);
                at += 4;
            }
            [b'\\', escaped, ..] if quote == b'"' => {
                word.push(match escaped {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    other => *other,
                });
                at += 2;
            }
            [b'\\', b'\'', ..] => {
                word.push(b'\'');
                at += 2;
            }
            [other, ..] => {
                word.push(*other);
                at += 1;
            }
        }
    }
}

fn is_hex(digits: &[u8]) -> bool {
    digits.iter().all(u8::is_ascii_hexdigit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_written_as_for_redis_cli() {
        let read = |line: &str| -> Vec<Vec<u8>> {
            words(line).unwrap().iter().map(|it| it.to_vec()).collect()
        };
        assert_eq!(read("  SET a  1 "), [&b"SET"[..], b"a", b"1"]);
        assert_eq!(
            read(r#"SET "a b" 'it\'s "so"' "\"\n\xff\\""#),
            [&b"SET"[..], b"a b", b"it's \"so\"", b"\"\n\xff\\"]
        );
        for bad in ["", "SET \"a", "SET \"a\"b", "SET 'a"] {
            assert!(words(bad).is_err(), "{bad}");
        }
    }
}
