//! Commands about the server and its channels.

use super::{ANY, Answer, Call, Command, read, shrink};
use crate::sandbox::redis::reply::{Refusal, Reply};

pub(super) static COMMANDS: [Command; 6] = [
    read("ping", (0, 1), ping),
    read("echo", (1, 1), echo),
    read("dbsize", (0, 0), |call| Ok(Reply::count(call.db().len()))),
    shrink("flushdb", (0, ANY), flush_database),
    shrink("flushall", (0, ANY), flush_all),
    shrink("publish", (2, 2), publish),
];

fn ping(call: &mut Call<'_>) -> Answer {
    Ok(match call.arguments {
        [text] => Reply::Bulk(text.clone()),
        _ => Reply::Status("PONG"),
    })
}

fn echo(call: &mut Call<'_>) -> Answer {
    Ok(Reply::bulks(call.arguments.iter().cloned())
        .flat()
        .remove(0))
}

fn flush_database(call: &mut Call<'_>) -> Answer {
    check_flush(call)?;
    call.db().clear();
    Ok(Reply::OK)
}

fn flush_all(call: &mut Call<'_>) -> Answer {
    check_flush(call)?;
    call.server.clear();
    Ok(Reply::OK)
}

/// When the memory is given back is nothing that a client could see.
fn check_flush(call: &Call<'_>) -> Result<(), Refusal> {
    match (call.arguments.len(), call.word(0).as_deref()) {
        (0, _) | (1, Some("ASYNC" | "SYNC")) => Ok(()),
        _ => Err(Refusal::syntax()),
    }
}

fn publish(call: &mut Call<'_>) -> Answer {
    let [channel, message] = call.arguments else {
        return Err(call.wrong_number());
    };
    let listeners = call.server.publish(channel, message);
    Ok(Reply::count(listeners))
}
