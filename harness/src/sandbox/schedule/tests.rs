use super::simulator::{counters, run};
use super::*;
use crate::host::Stop;
use crate::sandbox::gate::{Caller, Target};
use crate::sandbox::random::{Purpose, Seed};
use crate::sandbox::{Bounds, Interface};
use crate::storage::Request;
use futures::future::join_all;
use std::time::Duration;

async fn turn(schedule: &Schedule, lane: u32, waking: bool) {
    let caller = Caller {
        component: Arc::from("c"),
        instance: lane,
        lane,
        stop: Arc::new(Stop::new(&Bounds::default())),
        chain: Arc::default(),
    };
    let label = Arc::from("default");
    let asking = Asking {
        caller: &caller,
        about: About::Store {
            interface: Interface::KeyValue2,
            target: Target::Label(&label),
            request: &Request::Open,
        },
        waking,
    };
    schedule.turn(asking).await;
}

/// Three requests of three calls each, after each of which they have something else to do.
fn calls_of(schedule: &Schedule) -> Vec<(u32, usize)> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let calls = Mutex::new(Vec::new());
    let requests = join_all((1..=3).map(|lane| {
        let calls = &calls;
        async move {
            for call in 0..3 {
                turn(schedule, lane, false).await;
                calls.lock().unwrap().push((lane, call));
                work().await;
            }
        }
    }));
    runtime.block_on(schedule.interleave(requests));
    calls.into_inner().unwrap()
}

/// Work of its own: wakes itself at once.
async fn work() {
    let mut done = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut done, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

fn schedule(seed: u64) -> Schedule {
    Schedule::new(Seed(seed).random(Purpose::Schedule, 0))
}

fn order(seed: u64) -> Vec<(u32, usize)> {
    calls_of(&schedule(seed))
}

fn followed(guide: &str) -> Trace {
    let schedule = schedule(0);
    schedule.follow(guide.parse().unwrap());
    calls_of(&schedule);
    schedule.trace().unwrap()
}

#[test]
fn a_seed_always_gives_the_same_order_and_seeds_differ() {
    assert_eq!(order(1), order(1));
    let orders: std::collections::BTreeSet<_> = (0..20).map(order).collect();
    assert!(orders.len() > 5, "{orders:?}");
    assert!(schedule(1).trace().is_none());
}

#[test]
fn a_request_keeps_the_order_of_its_own_calls() {
    for seed in 0..20 {
        let order = order(seed);
        assert_eq!(order.len(), 9);
        for request in 1..=3 {
            let own: Vec<_> = order.iter().filter(|(r, _)| *r == request).collect();
            assert!(own.is_sorted(), "{order:?}");
        }
    }
}

#[test]
fn a_guide_is_followed_and_then_the_default() {
    for (guide, whole) in [
        ("-", "1x3 2x3 3x3"),
        ("3 1", "3 1x3 2x3 3x2"),
        ("2 3x2 1 2", "2 3x2 1 2x2 1x2 3"),
        ("3x3 2x3 1x3", "3x3 2x3 1x3"),
    ] {
        let trace = followed(guide);
        assert_eq!(trace.off_schedule(), None);
        assert_eq!(trace.schedule().to_string(), whole, "{guide}");
    }
}

#[test]
fn every_turn_is_recorded_with_those_who_waited() {
    let trace = followed("2 1x3");
    let others = |turn: &Turn| turn.others.iter().map(|other| other.lane).collect();
    let waited: Vec<(u32, Vec<u32>)> = trace
        .turns()
        .iter()
        .map(|t| (t.lane(), others(t)))
        .collect();
    let expected = [
        (2, vec![1, 3]),
        (1, vec![3, 2]),
        (1, vec![3, 2]),
        (1, vec![3, 2]),
        (2, vec![3]),
        (2, vec![3]),
        (3, vec![]),
        (3, vec![]),
        (3, vec![]),
    ];
    assert_eq!(waited, expected);
    assert_eq!(trace.turns()[0].access.to_string(), "open default");
}

#[test]
fn a_guide_that_does_not_fit_says_where() {
    for (guide, why) in [
        (
            "1x4",
            "at turn 4 request 1 is to go on, but it makes no storage call then; there wait request 2 (`open default`), \
             request 3 (`open default`)",
        ),
        (
            "1x3 2x3 4",
            "at turn 7 request 4 is to go on, but it makes no storage call then; there waits request 3 (`open default`)",
        ),
        (
            "1x3 2x3 3x4",
            "goes on with request 3 after turn 9, but there",
        ),
        (
            "1 / 1",
            "it has 2 parts between ` / `, but requests were sent at once once in the scenario",
        ),
    ] {
        let trace = followed(guide);
        let off = trace.off_schedule().map(ToString::to_string).unwrap();
        assert!(
            off.starts_with("the schedule does not fit: ") && off.contains(why),
            "{guide}: {off}"
        );
        assert_eq!(trace.turns().len(), 9, "it is run to its end all the same");
    }
}

#[test]
fn each_sending_at_once_has_its_part() {
    let sendings = [counters(&["a", "a"]), counters(&["b", "b"])];
    let guide: Guide = "2x3 1x3 / 1x2 2x3 1".parse().unwrap();
    let (trace, _) = run(&sendings, guide.clone());
    assert_eq!(trace.off_schedule(), None);
    assert_eq!(trace.schedule(), guide);
    let (trace, _) = run(&sendings, "2x6 / 1".parse().unwrap());
    let off = trace.off_schedule().unwrap().to_string();
    assert!(off.contains("at turn 4 request 2 is to go on"), "{off}");
    let (trace, _) = run(&sendings, "- / 3".parse().unwrap());
    let off = trace.off_schedule().unwrap().to_string();
    assert!(off.contains("at turn 1 of part 2 request 3"), "{off}");
}

#[test]
fn chance_follows_from_its_seed() {
    let lanes = [counters(&["a", "a", "a"])];
    let order = |seed| run(&lanes, Guide::by_chance(seed)).0.schedule().to_string();
    assert_eq!(order(1), order(1));
    let orders: std::collections::BTreeSet<_> = (0..50).map(order).collect();
    assert!(orders.len() > 40, "{orders:?}");
}

#[test]
fn who_sleeps_is_no_choice_and_takes_a_second_turn_when_it_wakes() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let schedule = schedule(0);
    schedule.follow("1 2x2".parse().unwrap());
    let requests = join_all((1..=2).map(|lane| {
        let schedule = &schedule;
        async move {
            turn(schedule, lane, false).await;
            tokio::time::sleep(Duration::from_millis(u64::from(lane))).await;
            turn(schedule, lane, true).await;
        }
    }));
    runtime.block_on(schedule.interleave(requests));
    let trace = schedule.trace().unwrap();
    let turns: Vec<_> = trace
        .turns()
        .iter()
        .map(|t| (t.lane(), t.access.waking))
        .collect();
    assert_eq!(turns, [(1, false), (2, false), (1, true), (2, true)]);
    let off = trace.off_schedule().unwrap().to_string();
    assert!(off.contains("at turn 3 request 2 is to go on"), "{off}");
}

#[test]
fn a_synchronous_call_holds_its_instance() {
    let mut lanes = simulator::shared(counters(&["a", "a"]));
    // The second lane's calls are synchronous: while one waits, the first lane's would change nothing if it were let go.
    for call in &mut lanes[1] {
        call.holds = true;
    }
    let (trace, _) = run(&[lanes], Guide::default());
    assert_eq!(trace.schedule().to_string(), "2x3 1x3");
    assert!(trace.turns().iter().all(|turn| turn.others.is_empty()));
}

#[test]
fn who_has_much_to_do_is_among_those_that_can_go_on() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let schedule = schedule(0);
    schedule.follow(Guide::default());
    let requests = join_all((1..=3).map(|lane| {
        let schedule = &schedule;
        async move {
            // More than tokio lets one task do before others have their turn.
            for _ in 0..200 {
                tokio::task::consume_budget().await;
            }
            turn(schedule, lane, false).await;
        }
    }));
    runtime.block_on(schedule.interleave(requests));
    let trace = schedule.trace().unwrap();
    let others: Vec<_> = trace.turns().iter().map(|t| t.others.len()).collect();
    assert_eq!(others, [2, 1, 0]);
}
