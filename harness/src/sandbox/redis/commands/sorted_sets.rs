//! Commands about sorted sets.

use super::{ANY, Answer, Call, Command, read, shrink, write};
use crate::sandbox::redis::number::{float_argument, float_text, integer_argument};
use crate::sandbox::redis::reply::{Refusal, Reply};
use bytes::Bytes;
use std::collections::BTreeMap;

type SortedSet = BTreeMap<Bytes, f64>;

pub(super) static COMMANDS: [Command; 9] = [
    write("zadd", (3, ANY), add),
    write("zincrby", (3, 3), |call| {
        let by = float_argument(&call.arguments[1])?;
        let (key, member) = (&call.arguments[0], &call.arguments[2]);
        call.db().change(key, |set: &mut SortedSet| {
            increment(set, member, by, &Options::default())
        })
    }),
    shrink("zrem", (2, ANY), |call| {
        let (key, members) = (&call.arguments[0], &call.arguments[1..]);
        call.db().change(key, |set: &mut SortedSet| {
            let removed = members
                .iter()
                .filter(|member| set.remove(*member).is_some());
            Ok(Reply::count(removed.count()))
        })
    }),
    read("zcard", (1, 1), |call| {
        look(call, |set| Reply::count(set.len()))
    }),
    read("zscore", (2, 2), |call| {
        let member = &call.arguments[1];
        look(call, |set| {
            set.get(member)
                .map_or(Reply::Nil, |score| score_reply(*score))
        })
    }),
    read("zrange", (3, ANY), range),
    read("zrevrange", (3, 4), reversed_range),
    read("zrank", (2, 2), |call| rank(call, false)),
    read("zrevrank", (2, 2), |call| rank(call, true)),
];

fn look(call: &mut Call<'_>, look: impl FnOnce(&SortedSet) -> Reply) -> Answer {
    let key = &call.arguments[0];
    let none = SortedSet::new();
    Ok(look(call.db().of_kind(key)?.unwrap_or(&none)))
}

fn score_reply(score: f64) -> Reply {
    Reply::Bulk(float_text(score).into())
}

/// The members by score; those of one score by their bytes.
fn in_order(set: &SortedSet) -> Vec<(&Bytes, f64)> {
    let mut members: Vec<(&Bytes, f64)> = set.iter().map(|(it, score)| (it, *score)).collect();
    // Stable, and the map is in the order of bytes. No score is NaN; -0 and 0 are one.
    members.sort_by(|(_, a), (_, b)| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    members
}

#[derive(Default)]
struct Options {
    nx: bool,
    xx: bool,
    gt: bool,
    lt: bool,
    changed: bool,
    increments: bool,
}

impl Options {
    /// The options of `ZADD`, and where its scores begin.
    fn read(call: &Call<'_>) -> (Self, usize) {
        let mut it = Self::default();
        let mut at = 1;
        loop {
            match call.word(at).unwrap_or_default().as_str() {
                "NX" => it.nx = true,
                "XX" => it.xx = true,
                "GT" => it.gt = true,
                "LT" => it.lt = true,
                "CH" => it.changed = true,
                "INCR" => it.increments = true,
                _ => return (it, at),
            }
            at += 1;
        }
    }

    fn allow(&self, before: Option<f64>, after: f64) -> bool {
        match before {
            None => !self.xx,
            Some(before) => !(self.nx || self.gt && after <= before || self.lt && after >= before),
        }
    }
}

fn add(call: &mut Call<'_>) -> Answer {
    let (options, start) = Options::read(call);
    let pairs = &call.arguments[start..];
    if pairs.is_empty() || !pairs.len().is_multiple_of(2) {
        return Err(Refusal::syntax());
    }
    if options.nx && options.xx {
        return Err(Refusal::server(
            "ERR XX and NX options at the same time are not compatible",
        ));
    }
    let exclusive = [options.nx, options.gt, options.lt];
    if exclusive.into_iter().filter(|it| *it).count() > 1 {
        return Err(Refusal::server(
            "ERR GT, LT, and/or NX options at the same time are not compatible",
        ));
    }
    if options.increments && pairs.len() > 2 {
        return Err(Refusal::server(
            "ERR INCR option supports a single increment-element pair",
        ));
    }
    let pairs = pairs.chunks_exact(2);
    let pairs: Vec<(f64, &Bytes)> = pairs
        .map(|pair| Ok((float_argument(&pair[0])?, &pair[1])))
        .collect::<Result<_, Refusal>>()?;
    let key = &call.arguments[0];
    call.db().change(key, |set: &mut SortedSet| {
        if options.increments {
            let (by, member) = pairs[0];
            return increment(set, member, by, &options);
        }
        let (mut added, mut updated) = (0, 0);
        for (score, member) in &pairs {
            let before = set.get(*member).copied();
            if !options.allow(before, *score) {
                continue;
            }
            set.insert((*member).clone(), *score);
            match before {
                None => added += 1,
                Some(before) if before != *score => updated += 1,
                Some(_) => {}
            }
        }
        Ok(Reply::count(if options.changed {
            added + updated
        } else {
            added
        }))
    })
}

fn increment(set: &mut SortedSet, member: &Bytes, by: f64, options: &Options) -> Answer {
    let before = set.get(member).copied();
    let after = before.unwrap_or(0.0) + by;
    if after.is_nan() {
        return Err(Refusal::server("ERR resulting score is not a number (NaN)"));
    }
    if !options.allow(before, after) {
        return Ok(Reply::Nil);
    }
    set.insert(member.clone(), after);
    Ok(score_reply(after))
}

fn range(call: &mut Call<'_>) -> Answer {
    let (mut reversed, mut with_scores) = (false, false);
    for at in 3..call.arguments.len() {
        match call.word(at).unwrap_or_default().as_str() {
            "REV" => reversed = true,
            "WITHSCORES" => with_scores = true,
            "BYSCORE" | "BYLEX" | "LIMIT" => {
                return Err(call.unknown_option(&call.arguments[at]));
            }
            _ => return Err(Refusal::syntax()),
        }
    }
    members(call, reversed, with_scores)
}

fn reversed_range(call: &mut Call<'_>) -> Answer {
    match call.word(3).as_deref() {
        None => members(call, true, false),
        Some("WITHSCORES") => members(call, true, true),
        Some(_) => Err(Refusal::syntax()),
    }
}

fn members(call: &mut Call<'_>, reversed: bool, with_scores: bool) -> Answer {
    let start = integer_argument(&call.arguments[1])?;
    let end = integer_argument(&call.arguments[2])?;
    look(call, |set| {
        let mut members = in_order(set);
        if reversed {
            members.reverse();
        }
        let places = super::lists::range(start, end, members.len());
        let mut items = Vec::new();
        for (member, score) in &members[places] {
            items.push(Reply::Bulk((*member).clone()));
            if with_scores {
                items.push(score_reply(*score));
            }
        }
        Reply::Array(items)
    })
}

fn rank(call: &mut Call<'_>, reversed: bool) -> Answer {
    let member = &call.arguments[1];
    look(call, |set| {
        let members = in_order(set);
        let found = members.iter().position(|(it, _)| *it == member);
        found.map_or(Reply::Nil, |at| match reversed {
            true => Reply::count(members.len() - 1 - at),
            false => Reply::count(at),
        })
    })
}
