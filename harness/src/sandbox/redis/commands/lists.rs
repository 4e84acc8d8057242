//! Commands about lists, and how Redis counts places in them.

use super::{ANY, Answer, Call, Command, read, shrink, write};
use crate::sandbox::redis::number::integer_argument;
use crate::sandbox::redis::reply::{Refusal, Reply};
use bytes::Bytes;
use std::collections::VecDeque;
use std::ops::Range;

type List = VecDeque<Bytes>;

pub(super) static COMMANDS: [Command; 11] = [
    write("lpush", (2, ANY), |call| push(call, List::push_front, true)),
    write("rpush", (2, ANY), |call| push(call, List::push_back, true)),
    write("lpushx", (2, ANY), |call| {
        push(call, List::push_front, false)
    }),
    write("rpushx", (2, ANY), |call| {
        push(call, List::push_back, false)
    }),
    shrink("lpop", (1, 2), |call| pop(call, List::pop_front)),
    shrink("rpop", (1, 2), |call| pop(call, List::pop_back)),
    read("llen", (1, 1), |call| {
        let key = &call.arguments[0];
        let list = call.db().of_kind::<List>(key)?;
        Ok(Reply::count(list.map_or(0, List::len)))
    }),
    read("lrange", (3, 3), elements),
    read("lindex", (2, 2), element),
    shrink("ltrim", (3, 3), trim),
    shrink("lrem", (3, 3), remove),
];

/// The places from `start` to `end`, both included, counted from 0, or from -1 at the end of what is so long.
pub(super) fn range(start: i64, end: i64, length: usize) -> Range<usize> {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let place = |at: i64| {
        if at < 0 {
            at.saturating_add(length)
        } else {
            at
        }
    };
    let start = place(start).clamp(0, length);
    let end = place(end).saturating_add(1).clamp(start, length);
    // Both are between 0 and a length.
    start as usize..end as usize
}

fn push(call: &mut Call<'_>, push: fn(&mut List, Bytes), makes_one: bool) -> Answer {
    let (key, elements) = (&call.arguments[0], &call.arguments[1..]);
    let db = call.db();
    if !makes_one && db.get(key).is_none() {
        return Ok(Reply::Integer(0));
    }
    db.change(key, |list: &mut List| {
        elements
            .iter()
            .for_each(|element| push(list, element.clone()));
        Ok(Reply::count(list.len()))
    })
}

fn pop(call: &mut Call<'_>, pop: fn(&mut List) -> Option<Bytes>) -> Answer {
    let count = match call.arguments.get(1) {
        None => None,
        Some(count) => match integer_argument(count).ok().map(usize::try_from) {
            Some(Ok(count)) => Some(count),
            _ => {
                return Err(Refusal::server(
                    "ERR value is out of range, must be positive",
                ));
            }
        },
    };
    let key = &call.arguments[0];
    let db = call.db();
    if db.of_kind::<List>(key)?.is_none() {
        return Ok(Reply::Nil);
    }
    db.change(key, |list: &mut List| {
        let Some(count) = count else {
            return Ok(Reply::bulk_or_nil(pop(list)));
        };
        let count = count.min(list.len());
        Ok(Reply::bulks((0..count).filter_map(|_| pop(list))))
    })
}

fn elements(call: &mut Call<'_>) -> Answer {
    let start = integer_argument(&call.arguments[1])?;
    let end = integer_argument(&call.arguments[2])?;
    let key = &call.arguments[0];
    let none = List::new();
    let list = call.db().of_kind(key)?.unwrap_or(&none);
    let places = range(start, end, list.len());
    Ok(Reply::bulks(list.range(places).cloned()))
}

fn element(call: &mut Call<'_>) -> Answer {
    let place = integer_argument(&call.arguments[1]);
    let key = &call.arguments[0];
    let Some(list) = call.db().of_kind::<List>(key)? else {
        return Ok(Reply::Nil);
    };
    let place = place?;
    let length = i64::try_from(list.len()).unwrap_or(i64::MAX);
    let place = if place < 0 {
        place.saturating_add(length)
    } else {
        place
    };
    let found = usize::try_from(place).ok().and_then(|it| list.get(it));
    Ok(Reply::bulk_or_nil(found.cloned()))
}

fn trim(call: &mut Call<'_>) -> Answer {
    let start = integer_argument(&call.arguments[1])?;
    let end = integer_argument(&call.arguments[2])?;
    let key = &call.arguments[0];
    call.db().change(key, |list: &mut List| {
        let places = range(start, end, list.len());
        *list = list.range(places).cloned().collect();
        Ok(Reply::OK)
    })
}

fn remove(call: &mut Call<'_>) -> Answer {
    let count = integer_argument(&call.arguments[1])?;
    let (key, unwanted) = (&call.arguments[0], &call.arguments[2]);
    let most = match count {
        0 => usize::MAX,
        count => usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX),
    };
    call.db().change(key, |list: &mut List| {
        let found = list.iter().filter(|it| *it == unwanted).count();
        let removed = found.min(most);
        // Those to keep come first where it is counted from the end.
        let kept_before = if count < 0 { found - removed } else { 0 };
        let mut met = 0;
        list.retain(|it| {
            let is_met = it == unwanted;
            met += usize::from(is_met);
            !(is_met && (kept_before + 1..=kept_before + removed).contains(&met))
        });
        Ok(Reply::count(removed))
    })
}
