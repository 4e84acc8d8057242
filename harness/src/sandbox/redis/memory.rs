//! How much the servers of a scenario may hold: a guest must not fill the machine's memory through them.

use super::data::Value;
use super::{Redis, commands};
use crate::sandbox::kept::{MOST_KEPT, PRICE_OF_EACH};
use bytes::Bytes;

/// What Redis says where its memory is full.
pub(crate) const OUT_OF_MEMORY: &str = "OOM command not allowed when used memory > 'maxmemory'.";

/// What a person should know of that.
pub(crate) const WHY_OUT_OF_MEMORY: &str =
    "the Redis servers of a scenario hold 256 MiB together at most";

/// Bytes that the servers hold. Counting them takes time, and so that is done only where they might be too many.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// They hold no more than this, and less where something was replaced or removed since it was counted; nothing where
    /// nobody knows.
    at_most: Option<usize>,
}

impl Memory {
    /// Something other than a component's command may have changed what there is.
    pub fn forget(&mut self) {
        self.at_most = None;
    }
}

/// Whether a command can be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    pub is_there: bool,
    /// How many things were looked at to find out.
    pub looked_at: usize,
}

impl Redis {
    /// Whether there is room for what a component's command may bring; if so, it counts. As in Redis, what makes nothing
    /// larger is always taken.
    pub(crate) fn room_for(&mut self, command: &[Bytes], now: i64) -> Room {
        let name = command.first().map_or(&b""[..], |name| name);
        let grows = |it: &commands::Command| it.grows && it.takes(command.len().saturating_sub(1));
        if !commands::find(name).is_some_and(grows) {
            return Room {
                is_there: true,
                looked_at: 0,
            };
        }
        let more = size(command.iter().map(Bytes::len));
        let fits = |held: &usize| held.saturating_add(more) <= MOST_KEPT;
        let (held, looked_at) = match self.memory.at_most.filter(fits) {
            Some(held) => (held, 0),
            None => {
                for server in self.servers.values_mut() {
                    server.expire(now);
                }
                self.held()
            }
        };
        let is_there = fits(&held);
        self.memory.at_most = Some(if is_there { held + more } else { held });
        Room {
            is_there,
            looked_at,
        }
    }

    /// The bytes that all servers hold, and the number of things that they are in.
    fn held(&self) -> (usize, usize) {
        let databases = self.servers.values().flat_map(|server| server.databases());
        let entries = databases.flat_map(|database| database.iter());
        entries.fold((0, 0), |(bytes, things), (key, value)| {
            let (of_value, parts) = of_value(value);
            (bytes + size([key.len()]) + of_value, things + 1 + parts)
        })
    }
}

fn size(lengths: impl IntoIterator<Item = usize>) -> usize {
    let sizes = lengths.into_iter().map(|length| length + PRICE_OF_EACH);
    sizes.fold(0, usize::saturating_add)
}

/// The bytes of a value, and the number of its parts.
fn of_value(value: &Value) -> (usize, usize) {
    match value {
        Value::String(bytes) => (size([bytes.len()]), 1),
        Value::Hash(fields) => {
            let parts = fields.iter().flat_map(|(field, value)| [field, value]);
            (size(parts.map(Bytes::len)), 2 * fields.len())
        }
        Value::List(items) => (size(items.iter().map(Bytes::len)), items.len()),
        Value::Set(members) => (size(members.iter().map(Bytes::len)), members.len()),
        Value::SortedSet(members) => (size(members.keys().map(Bytes::len)), members.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::RedisAddress;
    use std::sync::Arc;

    const MIB: usize = 1 << 20;

    /// Has a component send a command; whether there was room for it. The bytes of a value are shared, so that the test
    /// needs no such memory itself.
    fn send(redis: &mut Redis, words: &[&Bytes]) -> Room {
        let command: Vec<Bytes> = words.iter().map(|word| (*word).clone()).collect();
        let room = redis.room_for(&command, 0);
        if room.is_there {
            let address = RedisAddress::parse("redis://localhost").unwrap();
            let ran = redis.run_for(&Arc::from("api"), &address, &command, 0);
            ran.unwrap().unwrap();
        }
        room
    }

    fn text(text: &str) -> Bytes {
        Bytes::copy_from_slice(text.as_bytes())
    }

    #[test]
    fn a_full_server_takes_what_makes_nothing_larger() {
        let (mut redis, value) = (Redis::default(), Bytes::from(vec![b'x'; MIB]));
        let (set, push) = (text("SET"), text("rpush"));
        let keys: Vec<Bytes> = (0..256).map(|at| text(&format!("key:{at}"))).collect();
        for key in &keys[..255] {
            assert!(send(&mut redis, &[&set, key, &value]).is_there);
        }
        // With its own price the last one is too much.
        assert!(!send(&mut redis, &[&set, &keys[255], &value]).is_there);
        assert!(!send(&mut redis, &[&push, &keys[255], &value]).is_there);
        assert!(send(&mut redis, &[&text("del"), &keys[0]]).is_there);
        assert!(send(&mut redis, &[&set, &keys[255], &value]).is_there);
        assert!(!send(&mut redis, &[&set, &keys[0], &value]).is_there);
        assert!(send(&mut redis, &[&text("get"), &keys[1]]).is_there);
    }

    #[test]
    fn what_is_replaced_does_not_count_and_is_rarely_counted() {
        let (mut redis, value) = (Redis::default(), Bytes::from(vec![b'x'; MIB]));
        let mut looked_at = 0;
        for _ in 0..1_000 {
            let room = send(&mut redis, &[&text("SET"), &text("key"), &value]);
            assert!(room.is_there);
            looked_at += room.looked_at;
        }
        // A key and its value, each time that 256 MiB have come.
        assert!(looked_at <= 2 * 4, "{looked_at}");
    }

    #[test]
    fn what_a_step_stores_counts_too() {
        let mut redis = Redis::default();
        let address = RedisAddress::parse("redis://localhost").unwrap();
        let set = [text("SET"), text("a"), text("1")];
        assert!(send(&mut redis, &[&set[0], &set[1], &set[2]]).is_there);
        let big = Value::List(vec![Bytes::from(vec![b'x'; MIB]); 256].into());
        redis.database(&address, 0).put(text("big"), big);
        assert!(!redis.room_for(&set, 0).is_there);
    }

    #[test]
    fn what_has_ended_makes_room_and_a_command_that_is_none_needs_none() {
        let (mut redis, value) = (Redis::default(), Bytes::from(vec![b'x'; 255 * MIB]));
        assert!(send(&mut redis, &[&text("SET"), &text("big"), &value]).is_there);
        let ends = [text("PEXPIRE"), text("big"), text("1000")];
        assert!(send(&mut redis, &[&ends[0], &ends[1], &ends[2]]).is_there);
        let more = [text("SET"), text("a"), Bytes::from(vec![b'x'; 2 * MIB])];
        assert!(!redis.room_for(&more, 999).is_there);
        assert!(redis.room_for(&more[..2], 999).is_there);
        assert!(redis.room_for(&more, 1_000).is_there);
    }
}
