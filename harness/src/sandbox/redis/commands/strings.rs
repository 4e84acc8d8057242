//! Commands about strings, and about numbers that are written as strings.

use super::{ANY, Answer, Call, Command, read, shrink, write};
use crate::sandbox::redis::data::Value;
use crate::sandbox::redis::number::{integer, integer_argument, integer_bytes};
use crate::sandbox::redis::reply::{Refusal, Reply};
use bytes::Bytes;

pub(super) static COMMANDS: [Command; 18] = [
    read("get", (1, 1), get),
    write("set", (2, ANY), set),
    write("setnx", (2, 2), set_if_missing),
    write("setex", (3, 3), |call| set_with_end(call, 1000)),
    write("psetex", (3, 3), |call| set_with_end(call, 1)),
    write("getset", (2, 2), get_and_set),
    shrink("getdel", (1, 1), get_and_delete),
    read("mget", (1, ANY), get_many),
    write("mset", (2, ANY), set_many),
    write("msetnx", (2, ANY), set_many_if_missing),
    write("append", (2, 2), append),
    read("strlen", (1, 1), length),
    read("getrange", (3, 3), range),
    write("incr", (1, 1), |call| increment(call, 1)),
    write("decr", (1, 1), |call| increment(call, -1)),
    write("incrby", (2, 2), |call| {
        let by = integer_argument(&call.arguments[1])?;
        increment(call, by)
    }),
    write("decrby", (2, 2), |call| {
        let by = integer_argument(&call.arguments[1])?;
        match by.checked_neg() {
            Some(by) => increment(call, by),
            None => Err(Refusal::server("ERR decrement would overflow")),
        }
    }),
    read("substr", (3, 3), range),
];

fn get(call: &mut Call<'_>) -> Answer {
    let key = &call.arguments[0];
    Ok(Reply::bulk_or_nil(call.db().string(key)?.cloned()))
}

/// What `SET` was asked besides.
#[derive(Default)]
struct Options {
    end: Option<i64>,
    keep_end: bool,
    if_missing: bool,
    if_there: bool,
    get: bool,
}

impl Options {
    fn read(call: &Call<'_>) -> Result<Self, Refusal> {
        let mut it = Self::default();
        let mut at = 2;
        while let Some(word) = call.word(at) {
            let units = match word.as_str() {
                "EX" => Some((1000, call.now)),
                "PX" => Some((1, call.now)),
                "EXAT" => Some((1000, 0)),
                "PXAT" => Some((1, 0)),
                _ => None,
            };
            let has_end = it.end.is_some() || it.keep_end;
            match (word.as_str(), units) {
                ("NX", _) if !it.if_there => it.if_missing = true,
                ("XX", _) if !it.if_missing => it.if_there = true,
                ("GET", _) => it.get = true,
                ("KEEPTTL", _) if it.end.is_none() => it.keep_end = true,
                (_, Some((unit, base))) if !has_end => {
                    at += 1;
                    let time = call.arguments.get(at).ok_or_else(Refusal::syntax)?;
                    it.end = Some(end_of(call, time, unit, base)?);
                }
                _ => return Err(Refusal::syntax()),
            }
            at += 1;
        }
        Ok(it)
    }
}

/// When a key ends that is to live so many units; it must live at all.
fn end_of(call: &Call<'_>, time: &[u8], unit: i64, base: i64) -> Result<i64, Refusal> {
    let bad = || {
        Refusal::server(format!(
            "ERR invalid expire time in '{}' command",
            call.name
        ))
    };
    let time = integer_argument(time)?;
    if time <= 0 {
        return Err(bad());
    }
    let end = time.checked_mul(unit).and_then(|ms| ms.checked_add(base));
    end.ok_or_else(bad)
}

fn set(call: &mut Call<'_>) -> Answer {
    let options = Options::read(call)?;
    let (key, value) = (&call.arguments[0], call.arguments[1].clone());
    let db = call.db();
    let before = match options.get {
        true => Some(Reply::bulk_or_nil(db.string(key)?.cloned())),
        false => None,
    };
    let is_there = db.get(key).is_some();
    if (options.if_missing && is_there) || (options.if_there && !is_there) {
        return Ok(before.unwrap_or(Reply::Nil));
    }
    match options.keep_end {
        true => db.replace_string(key, value),
        false => db.put(key.clone(), Value::String(value)),
    }
    if options.end.is_some() {
        db.end_at(key, options.end);
    }
    Ok(before.unwrap_or(Reply::OK))
}

fn set_if_missing(call: &mut Call<'_>) -> Answer {
    let (key, value) = (&call.arguments[0], call.arguments[1].clone());
    let db = call.db();
    if db.get(key).is_some() {
        return Ok(Reply::Integer(0));
    }
    db.put(key.clone(), Value::String(value));
    Ok(Reply::Integer(1))
}

fn set_with_end(call: &mut Call<'_>, unit: i64) -> Answer {
    let end = end_of(call, &call.arguments[1], unit, call.now)?;
    let (key, value) = (&call.arguments[0], call.arguments[2].clone());
    let db = call.db();
    db.put(key.clone(), Value::String(value));
    db.end_at(key, Some(end));
    Ok(Reply::OK)
}

fn get_and_set(call: &mut Call<'_>) -> Answer {
    let (key, value) = (&call.arguments[0], call.arguments[1].clone());
    let db = call.db();
    let before = db.string(key)?.cloned();
    db.put(key.clone(), Value::String(value));
    Ok(Reply::bulk_or_nil(before))
}

fn get_and_delete(call: &mut Call<'_>) -> Answer {
    let key = &call.arguments[0];
    let db = call.db();
    let before = db.string(key)?.cloned();
    db.remove(key);
    Ok(Reply::bulk_or_nil(before))
}

fn get_many(call: &mut Call<'_>) -> Answer {
    let keys = call.arguments;
    let db = call.db();
    // What is no string is as good as missing here.
    let value = |key: &Bytes| Reply::bulk_or_nil(db.string(key).ok().flatten().cloned());
    Ok(Reply::Array(keys.iter().map(value).collect()))
}

type Pair<'a> = (&'a Bytes, &'a Bytes);

fn pairs<'a>(call: &Call<'a>) -> Result<impl Iterator<Item = Pair<'a>> + use<'a>, Refusal> {
    let arguments = call.arguments;
    match arguments.len().is_multiple_of(2) {
        true => Ok(arguments.chunks_exact(2).map(|pair| (&pair[0], &pair[1]))),
        false => Err(call.wrong_number()),
    }
}

fn set_many(call: &mut Call<'_>) -> Answer {
    let pairs = pairs(call)?;
    let db = call.db();
    for (key, value) in pairs {
        db.put(key.clone(), Value::String(value.clone()));
    }
    Ok(Reply::OK)
}

fn set_many_if_missing(call: &mut Call<'_>) -> Answer {
    let mut keys = pairs(call)?.map(|(key, _)| key);
    let db = call.db();
    if keys.any(|key| db.get(key).is_some()) {
        return Ok(Reply::Integer(0));
    }
    set_many(call)?;
    Ok(Reply::Integer(1))
}

fn append(call: &mut Call<'_>) -> Answer {
    let (key, more) = (&call.arguments[0], &call.arguments[1]);
    let db = call.db();
    let mut value = db.string(key)?.map_or(Vec::new(), |it| it.to_vec());
    value.extend_from_slice(more);
    let length = value.len();
    db.replace_string(key, value.into());
    Ok(Reply::count(length))
}

fn length(call: &mut Call<'_>) -> Answer {
    let key = &call.arguments[0];
    Ok(Reply::count(call.db().string(key)?.map_or(0, Bytes::len)))
}

fn range(call: &mut Call<'_>) -> Answer {
    let start = integer_argument(&call.arguments[1])?;
    let end = integer_argument(&call.arguments[2])?;
    let key = &call.arguments[0];
    let value = call.db().string(key)?.cloned().unwrap_or_default();
    let part = super::lists::range(start, end, value.len());
    Ok(Reply::Bulk(value.slice(part)))
}

fn increment(call: &mut Call<'_>, by: i64) -> Answer {
    let key = &call.arguments[0];
    let db = call.db();
    let before = match db.string(key)? {
        Some(bytes) => integer(bytes).ok_or_else(Refusal::not_an_integer)?,
        None => 0,
    };
    let Some(after) = before.checked_add(by) else {
        return Err(Refusal::server("ERR increment or decrement would overflow"));
    };
    db.replace_string(key, integer_bytes(after));
    Ok(Reply::Integer(after))
}
