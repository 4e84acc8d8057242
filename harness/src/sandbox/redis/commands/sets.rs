//! Commands about sets.

use super::{ANY, Answer, Call, Command, read, shrink, write};
use crate::sandbox::redis::reply::Reply;
use bytes::Bytes;
use std::collections::BTreeSet;

type Set = BTreeSet<Bytes>;

pub(super) static COMMANDS: [Command; 6] = [
    write("sadd", (2, ANY), |call| {
        let (key, members) = (&call.arguments[0], &call.arguments[1..]);
        call.db().change(key, |set: &mut Set| {
            let new = members
                .iter()
                .filter(|member| set.insert((*member).clone()));
            Ok(Reply::count(new.count()))
        })
    }),
    shrink("srem", (2, ANY), |call| {
        let (key, members) = (&call.arguments[0], &call.arguments[1..]);
        call.db().change(key, |set: &mut Set| {
            let removed = members.iter().filter(|member| set.remove(*member));
            Ok(Reply::count(removed.count()))
        })
    }),
    read("smembers", (1, 1), |call| {
        look(call, |set| Reply::bulks(set.iter().cloned()))
    }),
    read("scard", (1, 1), |call| {
        look(call, |set| Reply::count(set.len()))
    }),
    read("sismember", (2, 2), |call| {
        let member = &call.arguments[1];
        look(call, |set| Reply::Integer(i64::from(set.contains(member))))
    }),
    read("smismember", (2, ANY), |call| {
        let members = &call.arguments[1..];
        look(call, |set| {
            let is_in = |member| Reply::Integer(i64::from(set.contains(member)));
            Reply::Array(members.iter().map(is_in).collect())
        })
    }),
];

/// Looks at the set; a missing one is empty. Redis gives members in no order; here it is that of their bytes.
fn look(call: &mut Call<'_>, look: impl FnOnce(&Set) -> Reply) -> Answer {
    let key = &call.arguments[0];
    let none = Set::new();
    Ok(look(call.db().of_kind(key)?.unwrap_or(&none)))
}
