//! Random operations on the real stores of Spin, on a model of them, and through the gate: all must answer the same.
//!
//! The real ones are SQLite with Spin's table and statements, and a Redis server that is sent the commands that Spin
//! sends (`crates/key-value-spin` and `crates/key-value-redis` in Spin). Where a sequence of operations gives two
//! answers, it is made as short as it can be, and printed.

mod backend;
mod component;
mod gate;
mod generate;
mod model;
mod real;
mod redis;
#[path = "../../../../tests/redis_server/mod.rs"]
mod redis_server;
mod search;
mod sqlite;

pub(crate) use redis_server::Server as RedisServer;

use crate::app::{Provider, RuntimeConfig};
use crate::engine::App;
use crate::snapshot::Mode;
use backend::{Answer, Backend, Operation};
use component::ThroughComponent;
use gate::ThroughGate;
use generate::Mix;
use model::Model;
use search::Search;
use sqlite::Sqlite;
use std::path::Path;

/// The app whose component imports all of `wasi:keyvalue`, over a store of this provider.
fn app(provider: Provider) -> App {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/apps/key-value-wasi");
    let backend = match provider {
        Provider::Redis => "type = \"redis\"\nurl = \"redis://localhost\"",
        _ => "type = \"spin\"",
    };
    let config =
        format!("[key_value_store.default]\n{backend}\n[key_value_store.cache]\ntype = \"spin\"\n");
    App::from(folder)
        .runtime_config(RuntimeConfig::parse("runtime-config.toml", &config).unwrap())
        .load()
        .unwrap()
}

#[test]
fn the_gate_answers_as_spins_sqlite_store_100_000_times() {
    let app = app(Provider::Spin);
    let counts = Search {
        operations: 100_000,
        mix: Mix::Handles,
    }
    .run(&mut [
        &mut Sqlite::new(),
        &mut Model::new(Provider::Spin),
        &mut ThroughGate::new(&app),
    ])
    .unwrap_or_else(|divergence| panic!("{divergence}"));
    counts.assert_that_everything_happened(Provider::Spin);
}

#[test]
fn the_gate_answers_as_redis_does_for_spin_100_000_times() {
    let Some(server) = redis_server::Server::start() else {
        return;
    };
    let app = app(Provider::Redis);
    let counts = Search {
        operations: 100_000,
        mix: Mix::Handles,
    }
    .run(&mut [
        &mut redis::Redis::new(&server),
        &mut Model::new(Provider::Redis),
        &mut ThroughGate::new(&app),
    ])
    .unwrap_or_else(|divergence| panic!("{divergence}"));
    counts.assert_that_everything_happened(Provider::Redis);
}

#[test]
fn a_component_meets_the_same_store() {
    for provider in [Provider::Spin, Provider::Redis] {
        Search {
            operations: 500,
            mix: Mix::OneRequestEach,
        }
        .run(&mut [
            &mut Model::new(provider),
            &mut ThroughGate::new(&app(provider)),
            &mut ThroughComponent::new(&app(provider)),
        ])
        .unwrap_or_else(|divergence| panic!("{divergence}"));
    }
}

/// Spin panics in the middle of such a call while it holds the lock of its connection, so every later call panics too.
#[test]
fn an_increment_of_another_length_ends_every_later_call_as_in_spin() {
    let key = || "a".to_owned();
    let other = || "b".to_owned();
    let operations = [
        Operation::Set(other(), b"kept".to_vec()),
        Operation::CasNew(0, other()),
        Operation::CasCurrent(0),
        Operation::Set(key(), b"seven!!".to_vec()),
        Operation::Increment(key(), 1),
        Operation::Get(other()),
        Operation::Set(other(), Vec::new()),
        Operation::Delete(key()),
        Operation::Exists(key()),
        Operation::GetKeys,
        Operation::GetMany(vec![key()]),
        Operation::SetMany(vec![(key(), Vec::new())]),
        Operation::DeleteMany(vec![key()]),
        Operation::Increment(other(), 1),
        Operation::Swap(0, b"x".to_vec()),
        // These do not get as far as the lock.
        Operation::GetMany(Vec::new()),
        Operation::SetMany(Vec::new()),
        Operation::DeleteMany(Vec::new()),
        Operation::CasNew(1, key()),
        Operation::CasCurrent(1),
    ];
    let app = app(Provider::Spin);
    let (mut sqlite, mut gate) = (Sqlite::new(), ThroughGate::new(&app));
    let mut trapped = 0;
    for operation in operations {
        let expected = sqlite.apply(&operation);
        trapped += usize::from(expected == Answer::Trap);
        assert_eq!(gate.apply(&operation), expected, "{operation}");
    }
    assert_eq!(trapped, 12);
}

/// A store whose swap never fails, as a test of the test.
struct Wrong(Model);

impl Backend for Wrong {
    fn name(&self) -> &'static str {
        "wrong"
    }

    fn begin(&mut self) {
        self.0.begin();
    }

    fn apply(&mut self, operation: &Operation) -> Answer {
        match operation {
            // It swaps whatever has come meanwhile.
            Operation::Swap(slot, value) => self.0.swap_blindly(*slot, value.clone()),
            _ => self.0.apply(operation),
        }
    }
}

#[test]
fn a_wrong_store_is_found_and_the_sequence_made_short() {
    let divergence = Search {
        operations: 10_000,
        mix: Mix::Handles,
    }
    .run(&mut [
        &mut Model::new(Provider::Spin),
        &mut Wrong(Model::new(Provider::Spin)),
    ])
    .err()
    .expect("the wrong store was not found");
    let text = divergence.to_string();
    // A handle, a value that it reads, another value, and the swap that should fail.
    let names: Vec<_> = divergence.operations.iter().map(Operation::name).collect();
    let short: &[&str] = &["cas-new", "cas-current", "swap"];
    for name in short {
        assert!(names.contains(name), "{text}");
    }
    assert!(divergence.operations.len() <= 5, "{text}");
    assert!(text.contains("cas-failed"), "{text}");
    // The same search finds the same.
    let again = Search {
        operations: 10_000,
        mix: Mix::Handles,
    }
    .run(&mut [
        &mut Model::new(Provider::Spin),
        &mut Wrong(Model::new(Provider::Spin)),
    ]);
    assert_eq!(again.err().map(|again| again.to_string()), Some(text));
}
