//! Commands about hashes.

use super::{ANY, Answer, Call, Command, read, shrink, write};
use crate::sandbox::redis::number::{integer, integer_argument, integer_bytes};
use crate::sandbox::redis::reply::{Refusal, Reply};
use bytes::Bytes;
use std::collections::BTreeMap;

type Hash = BTreeMap<Bytes, Bytes>;

pub(super) static COMMANDS: [Command; 13] = [
    write("hset", (3, ANY), |call| set(call).map(Reply::count)),
    write("hmset", (3, ANY), |call| set(call).map(|_| Reply::OK)),
    write("hsetnx", (3, 3), set_if_missing),
    read("hget", (2, 2), get),
    read("hmget", (2, ANY), get_many),
    read("hgetall", (1, 1), |call| {
        let pairs = |hash: &Hash| {
            let pairs = hash.iter().flat_map(|(field, value)| [field, value]);
            Reply::bulks(pairs.cloned())
        };
        look(call, pairs)
    }),
    read("hkeys", (1, 1), |call| {
        look(call, |hash| Reply::bulks(hash.keys().cloned()))
    }),
    read("hvals", (1, 1), |call| {
        look(call, |hash| Reply::bulks(hash.values().cloned()))
    }),
    read("hlen", (1, 1), |call| {
        look(call, |hash| Reply::count(hash.len()))
    }),
    read("hexists", (2, 2), |call| {
        let field = &call.arguments[1];
        look(call, |hash| {
            Reply::Integer(i64::from(hash.contains_key(field)))
        })
    }),
    read("hstrlen", (2, 2), |call| {
        let field = &call.arguments[1];
        look(call, |hash| {
            Reply::count(hash.get(field).map_or(0, Bytes::len))
        })
    }),
    shrink("hdel", (2, ANY), remove),
    write("hincrby", (3, 3), increment),
];

/// Looks at the hash; a missing one is empty.
fn look(call: &mut Call<'_>, look: impl FnOnce(&Hash) -> Reply) -> Answer {
    let key = &call.arguments[0];
    let none = Hash::new();
    Ok(look(call.db().of_kind(key)?.unwrap_or(&none)))
}

/// Sets fields; how many are new.
fn set(call: &mut Call<'_>) -> Result<usize, Refusal> {
    let pairs = &call.arguments[1..];
    if !pairs.len().is_multiple_of(2) {
        return Err(call.wrong_number());
    }
    let key = &call.arguments[0];
    call.db().change(key, |hash: &mut Hash| {
        let pairs = pairs.chunks_exact(2);
        let new = pairs.filter(|pair| hash.insert(pair[0].clone(), pair[1].clone()).is_none());
        Ok(new.count())
    })
}

fn set_if_missing(call: &mut Call<'_>) -> Answer {
    let (key, field, value) = (&call.arguments[0], &call.arguments[1], &call.arguments[2]);
    call.db().change(key, |hash: &mut Hash| {
        if hash.contains_key(field) {
            return Ok(Reply::Integer(0));
        }
        hash.insert(field.clone(), value.clone());
        Ok(Reply::Integer(1))
    })
}

fn get(call: &mut Call<'_>) -> Answer {
    let field = &call.arguments[1];
    look(call, |hash| Reply::bulk_or_nil(hash.get(field).cloned()))
}

fn get_many(call: &mut Call<'_>) -> Answer {
    let fields = &call.arguments[1..];
    look(call, |hash| {
        let value = |field| Reply::bulk_or_nil(hash.get(field).cloned());
        Reply::Array(fields.iter().map(value).collect())
    })
}

fn remove(call: &mut Call<'_>) -> Answer {
    let (key, fields) = (&call.arguments[0], &call.arguments[1..]);
    call.db().change(key, |hash: &mut Hash| {
        let removed = fields.iter().filter(|field| hash.remove(*field).is_some());
        Ok(Reply::count(removed.count()))
    })
}

fn increment(call: &mut Call<'_>) -> Answer {
    let by = integer_argument(&call.arguments[2])?;
    let (key, field) = (&call.arguments[0], &call.arguments[1]);
    call.db().change(key, |hash: &mut Hash| {
        let before = match hash.get(field) {
            Some(bytes) => {
                integer(bytes).ok_or_else(|| Refusal::server("ERR hash value is not an integer"))?
            }
            None => 0,
        };
        let Some(after) = before.checked_add(by) else {
            return Err(Refusal::server("ERR increment or decrement would overflow"));
        };
        hash.insert(field.clone(), integer_bytes(after));
        Ok(Reply::Integer(after))
    })
}
