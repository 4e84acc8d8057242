//! Commands about keys of any type, and about when they end.

use super::{ANY, Answer, Call, Command, read, shrink, write};
use crate::sandbox::redis::glob;
use crate::sandbox::redis::number::integer_argument;
use crate::sandbox::redis::reply::{Refusal, Reply};
use bytes::Bytes;

pub(super) static COMMANDS: [Command; 17] = [
    shrink("del", (1, ANY), remove),
    shrink("unlink", (1, ANY), remove),
    read("exists", (1, ANY), exists),
    read("type", (1, 1), type_of),
    read("keys", (1, 1), keys),
    read("scan", (1, ANY), scan),
    // A longer name takes more room, though Redis does not mind.
    write("rename", (2, 2), rename),
    shrink("expire", (2, ANY), |call| {
        expire(call, 1000, Count::FromNow)
    }),
    shrink("pexpire", (2, ANY), |call| expire(call, 1, Count::FromNow)),
    shrink("expireat", (2, ANY), |call| {
        expire(call, 1000, Count::FromTheEpoch)
    }),
    shrink("pexpireat", (2, ANY), |call| {
        expire(call, 1, Count::FromTheEpoch)
    }),
    read("ttl", (1, 1), |call| remaining(call, seconds)),
    read("pttl", (1, 1), |call| remaining(call, |ms| ms)),
    read("expiretime", (1, 1), |call| end(call, seconds)),
    read("pexpiretime", (1, 1), |call| end(call, |ms| ms)),
    shrink("persist", (1, 1), persist),
    read("touch", (1, ANY), exists),
];

fn remove(call: &mut Call<'_>) -> Answer {
    let keys = call.arguments;
    let db = call.db();
    let removed = keys.iter().filter(|key| db.remove(key).is_some()).count();
    Ok(Reply::count(removed))
}

fn exists(call: &mut Call<'_>) -> Answer {
    let keys = call.arguments;
    let db = call.db();
    let found = keys.iter().filter(|key| db.get(key).is_some()).count();
    Ok(Reply::count(found))
}

fn type_of(call: &mut Call<'_>) -> Answer {
    let key = &call.arguments[0];
    let value = call.db().get(key);
    Ok(Reply::Status(value.map_or("none", |it| it.type_name())))
}

fn keys(call: &mut Call<'_>) -> Answer {
    let pattern = &call.arguments[0];
    let fitting = call.db().iter().filter(|(key, _)| glob::fits(pattern, key));
    Ok(Reply::bulks(fitting.map(|(key, _)| key.clone())))
}

/// Gives all keys at once: how many a server gives at a time is its own affair, and `COUNT` is only a hint.
fn scan(call: &mut Call<'_>) -> Answer {
    let bad_cursor = || Refusal::server("ERR invalid cursor");
    let cursor = std::str::from_utf8(&call.arguments[0]).map_err(|_| bad_cursor())?;
    let cursor: u64 = cursor.parse().map_err(|_| bad_cursor())?;
    let (mut pattern, mut wanted) = (Bytes::from_static(b"*"), None);
    let mut at = 1;
    while let Some(option) = call.word(at) {
        let Some(value) = call.arguments.get(at + 1) else {
            return Err(Refusal::syntax());
        };
        match option.as_str() {
            "MATCH" => pattern = value.clone(),
            "COUNT" if integer_argument(value)? < 1 => return Err(Refusal::syntax()),
            "COUNT" => {}
            "TYPE" => wanted = Some(String::from_utf8_lossy(value).to_ascii_lowercase()),
            _ => return Err(Refusal::syntax()),
        }
        at += 2;
    }
    let fitting = call.db().iter().filter(|(key, value)| {
        // Any cursor but 0 is past the end.
        cursor == 0
            && glob::fits(&pattern, key)
            && wanted.as_deref().is_none_or(|it| it == value.type_name())
    });
    let keys = Reply::bulks(fitting.map(|(key, _)| key.clone()));
    Ok(Reply::Array(vec![Reply::Bulk("0".into()), keys]))
}

fn rename(call: &mut Call<'_>) -> Answer {
    let (from, to) = (&call.arguments[0], call.arguments[1].clone());
    match call.db().rename(from, to) {
        true => Ok(Reply::OK),
        false => Err(Refusal::server("ERR no such key")),
    }
}

#[derive(PartialEq, Eq)]
enum Count {
    FromNow,
    FromTheEpoch,
}

fn expire(call: &mut Call<'_>, unit: i64, count: Count) -> Answer {
    let key = &call.arguments[0];
    let condition = Condition::read(call)?;
    let time = integer_argument(&call.arguments[1])?;
    let base = if count == Count::FromNow { call.now } else { 0 };
    let end = time.checked_mul(unit).and_then(|ms| ms.checked_add(base));
    let end = end.ok_or_else(|| {
        Refusal::server(format!(
            "ERR invalid expire time in '{}' command",
            call.name
        ))
    })?;
    let now = call.now;
    let db = call.db();
    let Some(before) = db.end(key) else {
        return Ok(Reply::Integer(0));
    };
    if !condition.allows(before, end) {
        return Ok(Reply::Integer(0));
    }
    match end <= now {
        true => {
            db.remove(key);
        }
        false => db.end_at(key, Some(end)),
    }
    Ok(Reply::Integer(1))
}

/// When `EXPIRE` does anything.
#[derive(Default)]
struct Condition {
    nx: bool,
    xx: bool,
    gt: bool,
    lt: bool,
}

impl Condition {
    fn read(call: &Call<'_>) -> Result<Self, Refusal> {
        let mut it = Self::default();
        for at in 2..call.arguments.len() {
            match call.word(at).unwrap_or_default().as_str() {
                "NX" => it.nx = true,
                "XX" => it.xx = true,
                "GT" => it.gt = true,
                "LT" => it.lt = true,
                _ => {
                    let option = String::from_utf8_lossy(&call.arguments[at]);
                    return Err(Refusal::server(format!("ERR Unsupported option {option}")));
                }
            }
        }
        if it.nx && (it.xx || it.gt || it.lt) {
            return Err(Refusal::server(
                "ERR NX and XX, GT or LT options at the same time are not compatible",
            ));
        }
        if it.gt && it.lt {
            return Err(Refusal::server(
                "ERR GT and LT options at the same time are not compatible",
            ));
        }
        Ok(it)
    }

    /// A key that does not end counts as one that ends later than any other.
    fn allows(&self, before: Option<i64>, end: i64) -> bool {
        !(self.nx && before.is_some()
            || self.xx && before.is_none()
            || self.gt && before.is_none_or(|before| end <= before)
            || self.lt && before.is_some_and(|before| end >= before))
    }
}

fn remaining(call: &mut Call<'_>, unit: fn(i64) -> i64) -> Answer {
    let now = call.now;
    end(call, |end| end - now).map(|reply| match reply {
        Reply::Integer(ms) if ms >= 0 => Reply::Integer(unit(ms)),
        other => other,
    })
}

/// Milliseconds as seconds, to the nearest, also of the latest time that there is.
fn seconds(ms: i64) -> i64 {
    ms / 1000 + i64::from(ms % 1000 >= 500)
}

fn end(call: &mut Call<'_>, shown: impl FnOnce(i64) -> i64) -> Answer {
    let key = &call.arguments[0];
    Ok(Reply::Integer(match call.db().end(key) {
        None => -2,
        Some(None) => -1,
        Some(Some(end)) => shown(end),
    }))
}

fn persist(call: &mut Call<'_>) -> Answer {
    let key = &call.arguments[0];
    let db = call.db();
    let ends = matches!(db.end(key), Some(Some(_)));
    db.end_at(key, None);
    Ok(Reply::Integer(i64::from(ends)))
}
