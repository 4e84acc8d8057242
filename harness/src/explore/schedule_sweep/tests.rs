//! The search over simulated lanes, against the numbers of semantics.md and against every order there is.

use super::*;
use crate::sandbox::simulator::{Lane, Left, call, counters, run, shared};
use crate::storage::Operation::{self, *};
use rand_chacha::rand_core::Rng as _;
use std::collections::{BTreeMap, BTreeSet};

/// What a search came to.
struct Found {
    runs: usize,
    orders: usize,
    bounded: Option<usize>,
    /// Which run and which order failed, each from 1, and the clash as text.
    failed: Vec<(usize, String, String)>,
    left: BTreeSet<Left>,
}

fn search(sendings: &[Vec<Lane>], bound: usize, passes: impl Fn(&Left) -> bool) -> Found {
    search_where(sendings, bound, false, passes)
}

fn search_where(
    sendings: &[Vec<Lane>],
    bound: usize,
    order_matters: bool,
    passes: impl Fn(&Left) -> bool,
) -> Found {
    let mut search = Search::new(Seed(1), bound);
    let mut found = Found {
        runs: 0,
        orders: 0,
        bounded: None,
        failed: Vec::new(),
        left: BTreeSet::new(),
    };
    while let Some(guide) = search.next() {
        let (trace, left) = run(sendings, guide);
        assert_eq!(trace.off_schedule(), None);
        found.runs += 1;
        let passed = passes(&left);
        let learned = search.learn(&trace, order_matters, passed);
        if learned.new && !passed {
            let clash = learned.clash.map(|clash| {
                let turn = |place: usize| {
                    let turn = &trace.turns()[place];
                    format!("{} {}", turn.lane(), turn.access)
                };
                format!("{}, {}", turn(clash.first), turn(clash.second))
            });
            let schedule = trace.schedule().to_string();
            found
                .failed
                .push((found.runs, schedule, clash.unwrap_or_default()));
        }
        found.left.insert(left);
    }
    found.orders = search.orders();
    found.bounded = search.bounded();
    found
}

/// Nobody's visit is lost: the counter is as high as there are lanes.
fn counted(lanes: u64) -> impl Fn(&Left) -> bool {
    move |left| left.stores.values().sum::<u64>() == lanes
}

/// Every order of the lanes' calls, each as it was run, and what it leaves.
fn all_orders(lanes: &[Lane]) -> BTreeMap<Vec<u32>, (Trace, Left)> {
    fn extend(lanes: &[Lane], order: Vec<u32>, all: &mut BTreeMap<Vec<u32>, (Trace, Left)>) {
        let guide = Guide {
            steps: vec![order.clone()],
            ..Guide::default()
        };
        let (trace, left) = run(&[lanes.to_vec()], guide);
        let Some(turn) = trace.turns().get(order.len()) else {
            all.insert(order, (trace, left));
            return;
        };
        for waiting in turn.others.iter().chain([&turn.access]) {
            extend(lanes, [order.as_slice(), &[waiting.lane]].concat(), all);
        }
    }
    let mut all = BTreeMap::new();
    extend(lanes, Vec::new(), &mut all);
    all
}

/// How many orders there are when those that swap neighbours which are independent count as one: by swapping, for what is
/// tested here must not be what it is tested against. And everything that they can leave.
fn classes(lanes: &[Lane]) -> (usize, BTreeSet<Left>) {
    fn root(class: &mut [usize], mut place: usize) -> usize {
        while class[place] != place {
            class[place] = class[class[place]];
            place = class[place];
        }
        place
    }
    let orders = all_orders(lanes);
    let places: BTreeMap<&[u32], usize> = (0..)
        .zip(orders.keys())
        .map(|(place, order)| (order.as_slice(), place))
        .collect();
    let mut class: Vec<usize> = (0..orders.len()).collect();
    for (place, (order, (trace, _))) in orders.iter().enumerate() {
        for (at, pair) in trace.turns().windows(2).enumerate() {
            if pair[0].access.is_independent_of(&pair[1].access) {
                let mut swapped = order.clone();
                swapped.swap(at, at + 1);
                let other = places[swapped.as_slice()];
                let (a, b) = (root(&mut class, place), root(&mut class, other));
                class[a.max(b)] = a.min(b);
            }
        }
    }
    let roots: BTreeSet<usize> = (0..orders.len())
        .map(|place| root(&mut class, place))
        .collect();
    let left = orders.into_values().map(|(_, left)| left).collect();
    (roots.len(), left)
}

fn lane(lane: u32, calls: &[(Operation, usize, &str)]) -> Lane {
    calls
        .iter()
        .map(|(operation, store, key)| call(lane, *operation, *store, key))
        .collect()
}

#[test]
fn two_counters_of_one_key_have_four_orders_two_of_which_lose_an_update() {
    let lanes = counters(&["a", "a"]);
    assert_eq!(all_orders(&lanes).len(), 20);
    let found = search(&[lanes], DEFAULT_BOUND, counted(2));
    assert_eq!((found.orders, found.runs, found.bounded), (4, 4, None));
    let failed: Vec<_> = found
        .failed
        .iter()
        .map(|(r, s, c)| (*r, s.as_str(), c.as_str()))
        .collect();
    assert_eq!(failed.len(), 2);
    // The second run is the first that fails: found by reversing the race of the first run.
    assert_eq!(failed[0], (2, "1x2 2x3 1", "1 get a, 2 set a"));
}

#[test]
fn without_reduction_they_have_twenty() {
    let found = search_where(&[counters(&["a", "a"])], DEFAULT_BOUND, true, counted(2));
    assert_eq!((found.orders, found.runs, found.bounded), (20, 20, None));
    assert_eq!(found.failed[0].0, 2);
    let lost = all_orders(&counters(&["a", "a"])).len() - found.failed.len();
    // Only where one is over before the other reads are both counted: get after set, and any place for the open.
    assert_eq!(lost, 8);
}

#[test]
fn in_one_instance_nothing_is_independent() {
    let found = search(&[shared(counters(&["a", "a"]))], DEFAULT_BOUND, counted(2));
    assert_eq!((found.orders, found.bounded), (20, None));
    assert_eq!(found.failed[0].0, 2);
}

#[test]
fn different_keys_have_one_order() {
    let found = search(&[counters(&["a", "b", "c"])], DEFAULT_BOUND, |_| true);
    assert_eq!((found.orders, found.runs, found.bounded), (1, 1, None));
}

#[test]
fn where_the_order_turns_out_to_matter_the_search_begins_anew() {
    let sendings = [counters(&["a", "a"])];
    let mut search = Search::new(Seed(1), DEFAULT_BOUND);
    let mut schedules = BTreeSet::new();
    let mut runs = 0;
    while let Some(guide) = search.next() {
        let (trace, _) = run(&sendings, guide);
        schedules.insert(trace.schedule().to_string());
        runs += 1;
        search.learn(&trace, runs > 2, true);
    }
    assert_eq!(schedules.len(), 20);
}

#[test]
fn nothing_to_order_is_one_order() {
    for sendings in [vec![], vec![vec![]], vec![counters(&["a"])]] {
        let found = search(&sendings, DEFAULT_BOUND, |_| true);
        assert_eq!((found.orders, found.bounded), (1, None));
    }
}

#[test]
fn every_class_of_orders_is_run_once_and_every_end_is_seen() {
    let programs: Vec<Vec<Lane>> = vec![
        counters(&["a", "a", "a"]),
        counters(&["a", "a", "b"]),
        vec![
            lane(1, &[(Get, 0, "a"), (Set, 0, "b")]),
            lane(2, &[(Get, 0, "b"), (Set, 0, "a")]),
            lane(3, &[(Get, 0, "a"), (Get, 0, "b")]),
        ],
        vec![
            lane(1, &[(Set, 0, "a"), (Set, 1, "a"), (Get, 0, "a")]),
            lane(2, &[(Delete, 0, "a"), (Get, 1, "a")]),
            lane(3, &[(Get, 1, "a"), (Set, 1, "a")]),
        ],
        vec![
            lane(1, &[(Open, 0, ""), (Set, 0, "a"), (Delete, 0, "b")]),
            lane(2, &[(GetKeys, 0, ""), (Set, 0, "b")]),
            lane(3, &[(Exists, 0, "a"), (GetKeys, 0, "")]),
        ],
        vec![
            lane(1, &[(Increment, 0, "a"), (Increment, 0, "a")]),
            lane(2, &[(Increment, 0, "a"), (Get, 0, "b")]),
            lane(3, &[(Set, 0, "b"), (Increment, 0, "a")]),
        ],
        vec![
            lane(1, &[(Set, 0, "x"), (Set, 0, "y")]),
            lane(2, &[(Get, 0, "y"), (Get, 0, "x")]),
            lane(3, &[(Get, 0, "x"), (Get, 0, "y")]),
        ],
        vec![
            lane(1, &[(Set, 0, "x")]),
            lane(2, &[(Get, 0, "x"), (Set, 0, "y")]),
            lane(3, &[(Get, 0, "y"), (Set, 0, "z")]),
            lane(4, &[(Get, 0, "z"), (Set, 0, "x")]),
        ],
    ];
    for (number, lanes) in programs.into_iter().enumerate() {
        let (classes, left) = classes(&lanes);
        let found = search(&[lanes], 100_000, |_| true);
        eprintln!("{number}: {classes} classes, {} runs", found.runs);
        assert_eq!(
            (found.orders, found.bounded),
            (classes, None),
            "program {number}"
        );
        assert_eq!(found.left, left, "program {number}");
        assert!(
            found.runs < 2 * classes,
            "program {number}: {} runs",
            found.runs
        );
    }
}

#[test]
fn programs_made_by_chance_are_searched_whole() {
    let mut random = Seed(3).random(Purpose::Schedule, 0);
    let mut up_to = |most: u64| random.next_u64() % most;
    let operations = [Open, Get, Set, Set, Increment, Delete, Exists, GetKeys];
    let mut more_runs = 0;
    for program in 0..150 {
        let mut lanes: Vec<Lane> = (1..=2 + up_to(2) as u32)
            .map(|number| {
                let calls = (0..1 + up_to(3)).map(|_| {
                    let operation = operations[up_to(operations.len() as u64) as usize];
                    (
                        operation,
                        up_to(5) as usize / 4,
                        ["a", "b"][up_to(2) as usize],
                    )
                });
                lane(number, &calls.collect::<Vec<_>>())
            })
            .collect();
        // Now and then two of them share an instance.
        if up_to(4) == 0 {
            for call in &mut lanes[1] {
                call.instance = 1;
            }
        }
        for call in lanes.iter_mut().flatten() {
            call.holds = false;
        }
        let (classes, left) = classes(&lanes);
        let found = search(&[lanes.clone()], 100_000, |_| true);
        assert_eq!(
            (found.orders, found.bounded),
            (classes, None),
            "{program}: {lanes:?}"
        );
        assert_eq!(found.left, left, "{program}: {lanes:?}");
        more_runs += found.runs - found.orders;
    }
    assert!(more_runs < 150, "{more_runs} runs told nothing new");
}

#[test]
fn two_sendings_are_ordered_each_for_itself() {
    let sendings = [counters(&["a", "a"]), counters(&["b", "b"])];
    let found = search(&sendings, DEFAULT_BOUND, counted(4));
    assert_eq!((found.orders, found.bounded), (16, None));
    assert_eq!(found.failed[0].0, 2);
    // 2 of 4 orders pass each time.
    assert_eq!(found.failed.len(), 12);
}

#[test]
fn ten_counters_are_bounded_but_lose_an_update_soon() {
    let found = search(&[counters(&["a"; 10])], DEFAULT_BOUND, counted(10));
    assert_eq!((found.orders, found.bounded), (1_000, Some(1_000)));
    assert_eq!(found.failed[0].0, 2);
    assert!(found.runs < 1_200, "{}", found.runs);
    let again = search(&[counters(&["a"; 10])], DEFAULT_BOUND, counted(10));
    assert_eq!(found.failed, again.failed);
}

#[test]
fn a_bound_that_is_not_reached_is_not_told() {
    let found = search(&[counters(&["a", "a", "a"])], 100_000, counted(3));
    let all = found.orders;
    let found = search(&[counters(&["a", "a", "a"])], all + all / 2, counted(3));
    assert_eq!((found.orders, found.bounded), (all, None));
    let found = search(&[counters(&["a", "a", "a"])], all - 1, counted(3));
    assert_eq!((found.orders, found.bounded), (all - 1, Some(all - 1)));
}

#[test]
fn few_preemptions_come_first() {
    let mut search = Search::new(Seed(1), DEFAULT_BOUND);
    let mut preemptions = Vec::new();
    let sendings = [shared(counters(&["a", "a"]))];
    while let Some(guide) = search.next() {
        let (trace, _) = run(&sendings, guide);
        let order = &trace.schedule().steps[0];
        let last = |lane: u32| order.iter().rposition(|l| *l == lane);
        let preempted = (1..order.len())
            .filter(|at| order[*at] != order[at - 1] && last(order[at - 1]) > Some(*at));
        preemptions.push(preempted.count());
        search.learn(&trace, false, true);
    }
    assert_eq!(preemptions.len(), 20);
    assert!(
        preemptions[..10].iter().all(|count| *count <= 2),
        "{preemptions:?}"
    );
}

#[test]
fn a_clash_in_an_order_that_nobody_reversed_is_the_read_that_was_overtaken() {
    let sendings = [counters(&["a", "a"])];
    let clash_of = |guide: &str| {
        let (trace, _) = run(&sendings, guide.parse().unwrap());
        clash(&trace, false)
    };
    // 1 open, 1 get, 2 open, 2 get, 2 set, 1 set.
    assert_eq!(
        clash_of("1x2 2x3 1"),
        Some(Clash {
            first: 1,
            second: 4
        })
    );
    // 1 reads, 2 reads, 1 writes: 2 is overtaken, and 1 is not.
    assert_eq!(
        clash_of("1x2 2x2 1 2"),
        Some(Clash {
            first: 3,
            second: 4
        })
    );
    // One after the other: nobody is overtaken, and the first race is the first's write and the second's read.
    assert_eq!(
        clash_of("1x3 2x3"),
        Some(Clash {
            first: 2,
            second: 4
        })
    );
    let (trace, _) = run(&[counters(&["a", "b"])], Guide::default());
    assert_eq!(clash(&trace, false), None);
}
