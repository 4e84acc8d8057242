//! The search over real components: two instances of WASI 0.2, and one of WASI 0.3 that is reused.

use super::{DEFAULT_BOUND, Search};
use crate::engine::App;
use crate::sandbox::{Call, Fault, Guide, SandboxOptions, Seed, Session, Trace};
use crate::storage::Operation;
use crate::trigger::Request;
use std::time::Duration;

fn app(name: &str) -> App {
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/apps");
    App::load(format!("{fixtures}/{name}/spin.toml")).expect("the fixture is a whole app")
}

struct Ran {
    trace: Trace,
    journal: Vec<Call>,
    bodies: Vec<String>,
    hits: String,
}

/// Sends requests at once, in the order of a guide.
fn run(app: &App, reused: bool, paths: &[&str], guide: Guide) -> Ran {
    run_with(app, reused, paths, guide, None)
}

fn run_with(app: &App, reused: bool, paths: &[&str], guide: Guide, fault: Option<Fault>) -> Ran {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let options = SandboxOptions {
            reuse_instances: reused,
            ..SandboxOptions::default()
        };
        let session = Session::new(app.clone(), options, None).expect("a session");
        session.follow(guide);
        session.with_faults(|faults| fault.into_iter().for_each(|fault| faults.push(fault)));
        let requests = paths
            .iter()
            .map(|path| Request::new("POST", path).expect("a path"))
            .collect();
        let responses = session.send_at_once(requests).await;
        let hits = session
            .with_store("default", |store| store.value("hits").cloned())
            .expect("the store");
        Ran {
            trace: session.trace().expect("a guide is followed"),
            journal: session.calls().calls().to_vec(),
            bodies: responses.iter().map(|response| response.text()).collect(),
            hits: String::from_utf8_lossy(&hits.unwrap_or_default()).into_owned(),
        }
    })
}

/// Sweeps two counters of one key, and gives how many orders there were, and those that lost an update: in which run, and
/// by which schedule.
fn sweep(app: &App, reused: bool) -> (usize, Vec<(usize, String)>) {
    let paths = ["/count?name=hits"; 2];
    let mut search = Search::new(Seed(1), DEFAULT_BOUND);
    let mut failed = Vec::new();
    let mut runs = 0;
    while let Some(guide) = search.next() {
        runs += 1;
        let ran = run(app, reused, &paths, guide);
        assert_eq!(ran.trace.off_schedule(), None);
        let learned = search.learn(&ran.trace, false, ran.hits == "2");
        assert!(learned.new);
        if ran.hits != "2" {
            assert_eq!(ran.bodies, ["1", "1"]);
            assert!(learned.clash.is_some());
            failed.push((runs, ran.trace.schedule().to_string()));
        }
    }
    assert_eq!(search.bounded(), None);
    (search.orders(), failed)
}

#[test]
fn two_instances_of_wasi_0_2_lose_an_update_in_two_of_four_orders() {
    let (orders, failed) = sweep(&app("visits"), false);
    assert_eq!(orders, 4);
    assert_eq!(failed.len(), 2);
    assert_eq!(failed[0], (2, "1x2 2x3 1".to_owned()));
}

#[test]
fn one_reused_instance_of_wasi_0_3_loses_an_update_in_twelve_of_twenty_orders() {
    let (orders, failed) = sweep(&app("visits-async"), true);
    assert_eq!(orders, 20);
    assert_eq!(failed.len(), 12);
    assert_eq!(failed[0], (2, "1x2 2x3 1".to_owned()));
    // In instances of their own they are what they are with WASI 0.2.
    assert_eq!(sweep(&app("visits-async"), false).0, 4);
}

#[test]
fn each_request_is_known_in_an_instance_that_it_shares() {
    let app = app("visits-async");
    let paths = ["/count?name=one", "/count?name=two", "/count?name=three"];
    for schedule in ["1x3 2x3 3x3", "3 2 1 3 2 1 3 2 1", "2x2 3x3 2 1x3"] {
        let ran = run(&app, true, &paths, schedule.parse().expect("a schedule"));
        assert_eq!(ran.trace.off_schedule(), None);
        assert_eq!(ran.trace.schedule().to_string(), schedule);
        for turn in ran.trace.turns() {
            let key = ["one", "two", "three"][turn.lane() as usize - 1];
            assert!(turn.access.keys.iter().all(|own| own == key), "{turn:?}");
            assert_eq!(turn.access.instance, 1);
        }
    }
}

#[test]
fn a_schedule_gives_the_same_journal_again() {
    for (name, reused) in [
        ("visits", false),
        ("visits-async", false),
        ("visits-async", true),
    ] {
        let app = app(name);
        let paths = ["/count?name=hits"; 3];
        let by_chance = run(&app, reused, &paths, Guide::by_chance(7));
        let schedule = by_chance.trace.schedule().to_string();
        let again = run(&app, reused, &paths, schedule.parse().expect("a schedule"));
        assert_eq!(again.trace.off_schedule(), None);
        assert_eq!(again.trace.schedule().to_string(), schedule);
        assert_eq!(again.journal, by_chance.journal, "{name}: {schedule}");
        assert_eq!(again.bodies, by_chance.bodies);
        let outcomes = again
            .trace
            .turns()
            .iter()
            .filter(|turn| turn.outcome.is_some());
        assert_eq!(outcomes.count(), 9);
    }
}

#[test]
fn a_call_that_takes_time_has_a_second_turn_when_it_wakes() {
    let paths = ["/count?name=hits"; 2];
    let slow = || Some(Fault::on(Operation::Get).takes(Duration::from_millis(5)));
    for (name, reused) in [("visits", false), ("visits-async", true)] {
        let app = app(name);
        let mut search = Search::new(Seed(1), DEFAULT_BOUND);
        let mut failed = 0;
        while let Some(guide) = search.next() {
            let ran = run_with(&app, reused, &paths, guide, slow());
            assert_eq!(ran.trace.off_schedule(), None);
            assert_eq!(ran.trace.turns().len(), 8);
            let woken = ran.trace.turns().iter().filter(|turn| turn.access.waking);
            assert_eq!(woken.count(), 2);
            search.learn(&ran.trace, true, ran.hits == "2");
            failed += usize::from(ran.hits != "2");
            let schedule = ran.trace.schedule();
            let again = run_with(&app, reused, &paths, schedule, slow());
            assert_eq!(again.journal, ran.journal, "{name}");
        }
        assert_eq!(search.bounded(), None);
        // 6 orders of open and falling asleep, times 6 of waking and writing, of which 4 read twice before a write.
        assert_eq!((search.orders(), failed), (36, 24), "{name}");
    }
}
