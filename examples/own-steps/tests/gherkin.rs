//! Feature files with steps of one's own beside those of spin-harness: `cargo test --test gherkin`.

use cucumber::{given, then};
use spin_harness::steps::{Failed, World};
use std::process::ExitCode;

/// A sentence in the words of this app. It collects, as every Given does.
#[given(expr = "{int} people were here before")]
fn people_were_here(world: &mut World, people: u64) -> Result<(), Failed> {
    world.put("default", "visits", people.to_string())
}

/// A check that no step of spin-harness has.
#[then("the answer is the number of visits in the store")]
fn answer_is_stored(world: &mut World) -> Result<(), Failed> {
    let answer = world.response()?.text();
    let stored = world
        .session()?
        .with_store("default", |store| store.value("visits").cloned())?;
    match stored {
        Some(stored) if stored == answer.as_bytes() => Ok(()),
        stored => Err(Failed::new(format!(
            "the answer is {answer:?}, the store holds {stored:?}"
        ))),
    }
}

fn main() -> ExitCode {
    spin_harness::cli::run_features(concat!(env!("CARGO_MANIFEST_DIR"), "/features"))
}
