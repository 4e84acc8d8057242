//! What must hold however many scenarios, clients and instances there are: nothing leaks, nobody's number of instances
//! shows in another's result, and no guest runs without bound.

use spin_harness::app::RuntimeConfig;
use spin_harness::sandbox::{Bounds, Sandbox, SandboxOptions};
use spin_harness::{App, Request};
use std::path::Path;
use std::sync::{Arc, Mutex};

fn app(name: &str) -> App {
    App::load(format!(
        "{}/../fixtures/apps/{name}",
        env!("CARGO_MANIFEST_DIR")
    ))
    .unwrap()
}

fn get(path: &str) -> Request {
    Request::new("GET", path).unwrap()
}

#[test]
fn reused_instances_go_with_their_sandbox() {
    let app = app("visits-async");
    for scenario in 0..1_100 {
        let options = SandboxOptions {
            reuse_instances: true,
            ..SandboxOptions::default()
        };
        let sandbox = Sandbox::with_options(&app, options).unwrap();
        let response = sandbox.send_blocking(get("/visit"));
        assert_eq!(
            response.status(),
            200,
            "scenario {scenario}: {:?}",
            response.problem()
        );
    }
}

#[test]
fn more_instances_at_once_than_the_pool_has_places() {
    let app = app("visits");
    let requests = (0..1_200).map(|_| get("/visit")).collect();
    let responses = futures::executor::block_on(app.sandbox().send_at_once(requests));
    let refused = responses.iter().find(|response| response.status() != 200);
    assert!(
        refused.is_none(),
        "{:?}",
        refused.and_then(|response| response.problem())
    );
}

/// Each has a memory for every middleware before it, and a bound that holds it once and not twice.
#[test]
fn composed_instances_beyond_the_pool_have_their_memory_once() {
    let app = app("middleware");
    let options = SandboxOptions {
        bounds: Bounds {
            memory: 5 << 20,
            ..Bounds::default()
        },
        ..SandboxOptions::default()
    };
    let sandbox = Sandbox::with_options(&app, options).unwrap();
    let requests = (0..1_000).map(|_| get("/alone")).collect();
    let responses = futures::executor::block_on(sandbox.send_at_once(requests));
    let refused = responses.iter().find(|response| response.status() != 200);
    assert!(
        refused.is_none(),
        "{:?}",
        refused.and_then(|response| response.problem())
    );
}

#[test]
fn a_loop_of_storage_calls_meets_the_bound_on_compute() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/apps/key-value-2");
    let config = RuntimeConfig::load(&Path::new(folder).join("runtime-config.toml")).unwrap();
    let app = App::from(folder).runtime_config(config).load().unwrap();
    let bounds = Bounds {
        fuel: 1_000_000_000,
        ..Bounds::default()
    };
    let options = SandboxOptions {
        bounds,
        ..SandboxOptions::default()
    };
    let sandbox = Sandbox::with_options(&app, options).unwrap();
    let sequence = "exists k\n".repeat(20_000);
    let request = Request::new("POST", "/sequence").unwrap().body(sequence);
    let response = sandbox.send_blocking(request);
    assert_eq!(response.status(), 500);
    assert!(
        response.problem().unwrap().contains("units of fuel"),
        "{:?}",
        response.problem()
    );
    let calls = sandbox.journal();
    assert!(
        calls.calls().len() < 11_000,
        "{} calls",
        calls.calls().len()
    );
    let last = calls.calls().last().unwrap();
    assert!(
        last.note.as_ref().unwrap().contains("--bound compute"),
        "{last:?}"
    );
}

#[test]
fn requests_that_are_awaited_together_follow_each_other() {
    let app = app("visits");
    let orders: Vec<Vec<String>> = (0..20)
        .map(|_| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_time()
                .build()
                .unwrap();
            runtime.block_on(async {
                let sandbox = app.sandbox();
                let (a, b) =
                    tokio::join!(sandbox.get("/count?name=a"), sandbox.get("/count?name=b"));
                assert_eq!((a.unwrap().status(), b.unwrap().status()), (200, 200));
                let journal = sandbox.journal();
                journal
                    .calls()
                    .iter()
                    .map(|call| call.key.clone())
                    .collect()
            })
        })
        .collect();
    assert!(orders.iter().all(|order| *order == orders[0]), "{orders:?}");
}

#[test]
fn a_watcher_may_look_at_the_session() {
    let app = app("visits");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let seen: Arc<Mutex<Vec<usize>>> = Arc::default();
        let session: Arc<Mutex<Option<spin_harness::sandbox::Session>>> = Arc::default();
        let watcher = {
            let (seen, session) = (Arc::clone(&seen), Arc::clone(&session));
            Arc::new(move |_| {
                let session = session.lock().unwrap();
                let calls = session
                    .as_ref()
                    .unwrap()
                    .with_journal(|journal| journal.calls().len());
                seen.lock().unwrap().push(calls);
            })
        };
        let made =
            spin_harness::sandbox::Session::new(app, SandboxOptions::default(), Some(watcher))
                .unwrap();
        *session.lock().unwrap() = Some(made.clone());
        made.send(get("/visit")).await;
        assert_eq!(*seen.lock().unwrap(), [1, 2, 3]);
    });
}
