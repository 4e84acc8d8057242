//! Scenarios that run many times: what the command says of them, and what runs one of their runs alone.

mod project;

use cucumber::when;
use project::{FIXTURES, Outcome, Project};
use spin_harness::explore::SweepOptions;
use spin_harness::runner::{RunOptions, Verdict, run_text};
use spin_harness::steps::{Failed, World};
use spin_harness::trigger::Request;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// A project whose app is one of the fixtures.
fn project(app: &str, feature: &str) -> Project {
    let project = Project::new();
    for file in ["spin.toml", "runtime-config.toml", &format!("{app}.wasm")] {
        let from = Path::new(FIXTURES).join(app).join(file);
        std::fs::copy(from, project.path(file)).unwrap();
    }
    std::fs::remove_file(project.path("features/visits.feature")).unwrap();
    project.write("features/x.feature", format!("Feature: f\n{feature}"));
    project
}

trait Runs {
    fn sweep(&self, arguments: &[&str]) -> Outcome;
}

impl Runs for Project {
    fn sweep(&self, arguments: &[&str]) -> Outcome {
        let fixed = [
            "test",
            "--no-durations",
            "--runtime-config-file",
            "runtime-config.toml",
        ];
        self.run(&[&fixed[..], arguments].concat())
    }
}

/// A scenario that calls these operations on one handle, which is opened first.
fn scenario(tags: &str, operations: &[&str], then: &str) -> String {
    let operations = operations.join("\n      ");
    format!(
        "  {tags}\n  Scenario: s\n    When I send POST \"/sequence\" with the body:\n      \"\"\"\n      {operations}\n      \"\"\"\n    {then}\n"
    )
}

const SIX: [&str; 6] = [
    "get a", "get b", "set a 1", "set b 2", "set c 3", "delete a",
];
/// Holds unless the instance dies.
const ANSWERS: &str = "Then the response body matches \".\"";
const STORED: &str = "Then the key \"b\" of store \"default\" is \"2\"";

#[track_caller]
fn ends_with(outcome: &Outcome, line: &str) {
    let last = outcome.text.lines().last();
    assert_eq!(last, Some(line), "{}", outcome.text);
}

/// The rows of the table of faulted runs, cell by cell.
fn runs_of(text: &str, count: usize) -> Vec<Vec<&str>> {
    let rows = text
        .lines()
        .skip_while(|line| !line.contains("verdict"))
        .skip(1);
    rows.map(|row| {
        row.split("  ")
            .map(str::trim)
            .filter(|cell| !cell.is_empty())
            .collect()
    })
    .take(count)
    .collect()
}

#[test]
fn the_calls_of_three_services_fail_in_turn() {
    let project = Project::new();
    let app = Path::new(FIXTURES).join("orders");
    for file in ["spin.toml", "orders.wasm"] {
        std::fs::copy(app.join(file), project.path(file)).unwrap();
    }
    std::fs::remove_file(project.path("features/visits.feature")).unwrap();
    let feature = r#"Feature: f
  @fault-sweep
  Scenario: an order
    Given the key-value store "default" contains:
      | key          | value |
      | stock:widget | 1     |
    And the SQLite database "default" has run "create table orders (id, amount, state)"
    And POST "https://payments.example.com/charge" answers 201
    When I send POST "/order?id=a&amount=7"
    Then the response status is one of 201, 503
"#;
    project.write("features/x.feature", feature);
    let whole = project.run(&["test", "--no-durations", "-v"]).text;
    let calls: Vec<(&str, &str)> = runs_of(&whole, 11)
        .iter()
        .map(|row| (row[0], row[row.len() - 2]))
        .collect();
    // The longest one is shortened, so that the table fits a terminal.
    let (store, after) = (
        "other: injected failure",
        "applied then other: injected fail…",
    );
    let (sql, sql_after) = ("io: injected failure", "applied then io: injected failure");
    let lost = "applied then connection-terminated";
    assert_eq!(
        calls,
        [
            ("open#1", store),
            ("get#1", store),
            ("sqlite open#1", sql),
            ("sqlite execute#1", sql),
            ("sqlite execute#1", sql_after),
            ("http POST#1", "connection-refused"),
            ("http POST#1", lost),
            ("set#1", store),
            ("set#1", after),
            ("sqlite execute#2", sql),
            ("sqlite execute#2", sql_after),
        ],
        "{whole}"
    );
    // One of them alone, by what the report says of it.
    let fault = "http POST#1: applied then connection-terminated";
    let alone = project.run(&["test", "--fault", fault]);
    alone.is(0, &["1 scenario (1 passed)"]);
    let unreached = project.run(&["test", "--fault", "sqlite execute#9: database-full"]);
    unreached.is(
        1,
        &["the run never reached sqlite execute#9: database-full"],
    );
}

#[test]
fn seven_calls_of_which_four_are_writes_make_eleven_runs() {
    let project = project("key-value-2", &scenario("@fault-sweep", &SIX, ANSWERS));
    let outcome = project.sweep(&[]).is(0, &["1 scenario (1 passed)"]);
    ends_with(
        &outcome,
        "fault sweep: 11 faulted runs, 11 survived, 0 failed",
    );
    assert!(
        outcome
            .text
            .contains("      fault sweep: 11 faulted runs, 11 survived\n")
    );
    assert!(!outcome.text.contains("verdict"), "{}", outcome.text);

    let whole = project.sweep(&["-v"]).text;
    let rows = runs_of(&whole, 11);
    let (fails, applied) = (
        "other: injected failure",
        "applied then other: injected failure",
    );
    let mut expected = vec![vec!["open#1", fails, "survived"]];
    for (call, key, write) in [
        ("get#1", "a", false),
        ("get#2", "b", false),
        ("set#1", "a", true),
        ("set#2", "b", true),
        ("set#3", "c", true),
        ("delete#1", "a", true),
    ] {
        expected.push(vec![call, key, fails, "survived"]);
        expected.extend(write.then(|| vec![call, key, applied, "survived"]));
    }
    assert_eq!(rows, expected, "{whole}");
    assert!(
        whole.lines().all(|line| line.chars().count() <= 80),
        "{whole}"
    );
}

#[test]
fn a_failing_run_is_named_and_can_be_run_alone() {
    let project = project("key-value-2", &scenario("@fault-sweep", &SIX, STORED));
    let outcome = project
        .sweep(&["--seed", "9"])
        .is(1, &["1 scenario (1 failed)"]);
    // The open and the set of b, each before it takes effect.
    ends_with(
        &outcome,
        "fault sweep: 11 faulted runs, 9 survived, 2 failed",
    );
    let command = "spin-harness test features/x.feature:3 --runtime-config-file runtime-config.toml --fault \"set#2: other: injected failure\" --seed 9";
    let lines: Vec<_> = outcome.text.lines().collect();
    assert_eq!(lines[lines.len() - 2], command, "{}", outcome.text);
    assert_eq!(outcome.text.matches(command).count(), 2, "{}", outcome.text);
    assert!(outcome.text.contains("  ▶ 5  0 ms"), "{}", outcome.text);
    assert!(outcome.text.contains("    4  0 ms"), "{}", outcome.text);

    let fault = "set#2: other: injected failure";
    let alone = project.sweep(&["features/x.feature:3", "--fault", fault, "--seed", "9"]);
    let alone = alone.is(1, &["1 scenario (1 failed)", command, "▶ 5"]);
    assert!(!alone.text.contains("fault sweep:"), "{}", alone.text);
    let survives = project.sweep(&["--fault", "set#1: other: injected failure"]);
    survives.is(0, &["1 scenario (1 passed)"]);
}

#[test]
fn a_failure_that_is_never_reached_is_an_error_of_the_run() {
    let project = project("key-value-2", &scenario("@fault-sweep", &SIX, ANSWERS));
    project.sweep(&["--fault", "set#4: lost"]).is(
        1,
        &[
            "the run never reached set#4: lost",
            "it called \"set\" 3 times",
        ],
    );
    project
        .sweep(&["--fault", "set#1: lost", "--fault", "swap#1: traps"])
        .is(
            1,
            &["never reached swap#1: traps", "it never called \"swap\""],
        );
    project
        .sweep(&["--fault", "set: lost"])
        .is(2, &["set#2: other: injected failure"]);
}

#[test]
fn snapshots_are_compared_and_never_written() {
    let then = "Then the key-value store \"default\" matches the snapshot \"stored\"";
    let feature = scenario("@fault-sweep", &["set a 1", "set b 2"], then);
    let project = project("key-value-2", &feature);
    let outcome = project.sweep(&["--snapshots", "update"]);
    let outcome = outcome.is(1, &["a = 1"]);
    // The two failures that come after the effect change nothing in the store.
    ends_with(
        &outcome,
        "fault sweep: 5 faulted runs, 2 survived, 3 failed",
    );
    let files: Vec<_> = std::fs::read_dir(project.path("features/snapshots"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    let [file] = files.as_slice() else {
        panic!("{files:?}");
    };
    let written = std::fs::read_to_string(file).unwrap();
    assert!(written.contains("a = 1\nb = 2"), "{written}");
    project
        .sweep(&["--snapshots", "review", "--fault", "set#1: lost"])
        .is(1, &["a = 1"]);
    let count = std::fs::read_dir(project.path("features/snapshots"))
        .unwrap()
        .count();
    assert_eq!(count, 1, "nothing is left for review");
}

#[test]
fn rules_of_the_scenario_hold_too_and_need_not_fire() {
    let rules = "Given the 1st \"set\" of key \"b\" fails with \"other: disk full\"\n    Given every \"get\" of key \"a\" fails with \"other: slow\"";
    let feature = scenario("@fault-sweep", &["get a", "set b 2"], ANSWERS);
    let feature = feature.replace("    When", &format!("    {rules}\n    When"));
    let project = project("key-value-2", &feature);
    let outcome = project.sweep(&[]).is(0, &[]);
    // After a failing open neither rule meets a call.
    ends_with(
        &outcome,
        "fault sweep: 4 faulted runs, 4 survived, 0 failed",
    );
    let other = feature.replace("of key \"b\"", "of key \"c\"");
    project.write("features/x.feature", format!("Feature: f\n{other}"));
    let outcome = project.sweep(&[]);
    outcome.is(
        1,
        &[
            "the fault never fired",
            "fault sweep: not made, since the clean run must pass",
        ],
    );
}

#[test]
fn calls_after_storage_recovers_are_not_made_to_fail() {
    let feature = scenario(
        "@fault-sweep",
        &["get a"],
        "When storage recovers\n    When I send POST \"/sequence\" with body \"set b 2\"\n    Then the response body is \"ok\"",
    );
    let outcome = project("key-value-2", &feature).sweep(&[]).is(0, &[]);
    ends_with(
        &outcome,
        "fault sweep: 2 faulted runs, 2 survived, 0 failed",
    );
}

#[test]
fn other_effects_are_named_in_the_tag_or_for_all_scenarios() {
    let feature = scenario(
        "@fault-sweep:traps,lost,access-denied",
        &["get b", "set b 2"],
        STORED,
    );
    let project = project("key-value-2", &feature);
    let outcome = project.sweep(&[]).is(1, &[]);
    // traps and access-denied of three calls; applied, then traps, and lost of the set.
    ends_with(
        &outcome,
        "fault sweep: 8 faulted runs, 2 survived, 6 failed",
    );
    for fault in ["open#1: access-denied", "get#1: traps", "set#1: lost"] {
        assert!(
            outcome.text.contains(&format!("--fault \"{fault}\"")),
            "{}",
            outcome.text
        );
        project.sweep(&["--fault", fault]).is(1, &[]);
    }
    project.write(
        "features/x.feature",
        format!(
            "Feature: f\n{}",
            scenario("@a", &["get b", "set b 2"], ANSWERS)
        ),
    );
    let outcome = project.sweep(&["--fault-sweep"]).is(0, &[]);
    ends_with(
        &outcome,
        "fault sweep: 4 faulted runs, 4 survived, 0 failed",
    );
    let outcome = project.sweep(&["--fault-sweep=stale,corrupt"]).is(0, &[]);
    // stale of the get, corrupt of the set; the get finds no value that could be damaged.
    ends_with(
        &outcome,
        "fault sweep: 2 faulted runs, 2 survived, 0 failed",
    );
    let outcome = project.sweep(&["--fault-sweep=default,stale"]).is(0, &[]);
    ends_with(
        &outcome,
        "fault sweep: 5 faulted runs, 5 survived, 0 failed",
    );
    let outcome = project.sweep(&["--fault-sweep=traps"]).is(1, &[]);
    let again = "to run it alone: spin-harness test features/x.feature:3 --runtime-config-file runtime-config.toml --fault-sweep=traps --seed 1";
    assert!(outcome.text.contains(again), "{}", outcome.text);
}

#[test]
fn a_batch_and_a_listing_are_torn_after_each_entry() {
    let batch = "  @fault-sweep:torn\n  Scenario: s\n    When I send POST \"/set-many\" with the body:\n      \"\"\"\n      a=1\n      b=2\n      c=3\n      \"\"\"\n    Then the response body matches \"\"\n";
    let outcome = project("key-value-wasi", batch)
        .sweep(&["-v"])
        .is(0, &["torn 1", "torn 2"]);
    ends_with(
        &outcome,
        "fault sweep: 2 faulted runs, 2 survived, 0 failed",
    );
    let listing = "  @fault-sweep:torn\n  Scenario: s\n    Given the key-value store \"default\" contains:\n      | key | value |\n      | a | 1 |\n      | b | 2 |\n    When I send GET \"/get-keys\"\n    Then the response body matches \"\"\n";
    let outcome = project("key-value-3", listing)
        .sweep(&["-v"])
        .is(0, &["torn 1", "torn 2"]);
    ends_with(
        &outcome,
        "fault sweep: 2 faulted runs, 2 survived, 0 failed",
    );
}

#[test]
fn pairs_try_the_calls_after_each_failure_up_to_a_bound() {
    let feature = scenario("@fault-sweep:pairs", &["get a", "set b 2"], ANSWERS);
    let project = project("key-value-2", &feature);
    let outcome = project.sweep(&["-v"]).is(0, &["+ set#1"]);
    // Four alone; after the get failed, the set fails before and after its effect.
    ends_with(
        &outcome,
        "fault sweep: 6 faulted runs, 6 survived, 0 failed",
    );

    let many: Vec<_> = (0..30).map(|n| format!("set k{n} 1")).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    let feature = scenario("@fault-sweep:pairs", &many, ANSWERS);
    project.write("features/x.feature", format!("Feature: f\n{feature}"));
    let outcome = project.sweep(&[]).is(
        0,
        &[
            "survived, pairs bounded at 1000",
            "pairs of failures: bounded at 1000",
        ],
    );
    ends_with(
        &outcome,
        "fault sweep: 1061 faulted runs, 1061 survived, 0 failed",
    );
}

#[test]
fn a_failing_pair_is_run_alone_by_both_of_its_failures() {
    // The second set makes good for the first, if only one of them fails.
    let feature = scenario("@fault-sweep:pairs", &["set b 2", "set b 2"], STORED);
    let project = project("key-value-2", &feature);
    let faults = [
        "set#1: other: injected failure",
        "set#2: other: injected failure",
    ];
    let both = format!("--fault \"{}\" --fault \"{}\"", faults[0], faults[1]);
    let outcome = project.sweep(&[]);
    assert!(outcome.text.contains(&both), "{}", outcome.text);
    project
        .sweep(&["--fault", faults[0], "--fault", faults[1]])
        .is(1, &[&both]);
    for fault in faults {
        project.sweep(&["--fault", fault]).is(0, &[]);
    }
}

#[test]
fn a_tag_that_is_not_understood_fails_its_scenario() {
    for (tag, said) in [
        ("@fault-sweep:trap", "did you mean `traps`?"),
        ("@fault-sweeps", "expected `@fault-sweep`"),
    ] {
        let project = project("key-value-2", &scenario(tag, &SIX, ANSWERS));
        let said = [
            "the tag `",
            tag,
            said,
            "no-such-store",
            "1 scenario (1 failed)",
        ];
        project.sweep(&[]).is(1, &said);
    }
    // Nearly the tag: it must not pass as if it had been swept.
    let mistyped = scenario("@fault-sweeep", &SIX, ANSWERS);
    let outcome = project("key-value-2", &mistyped)
        .sweep(&[])
        .is(1, &["`@fault-sweeep`", "did you mean `@fault-sweep`?"]);
    assert!(
        !outcome.text.contains("after its last step"),
        "{}",
        outcome.text
    );
    let project = project("key-value-2", &scenario("@a", &SIX, ANSWERS));
    project
        .sweep(&["--fault-sweep=lots"])
        .is(2, &["`lots`", "stale"]);
}

#[test]
fn the_clean_run_must_pass() {
    let feature = scenario("@fault-sweep", &SIX, "Then the response status is 404");
    let outcome = project("key-value-2", &feature).sweep(&[]);
    let outcome = outcome.is(1, &["fault sweep: not made, since the clean run must pass"]);
    assert!(!outcome.text.contains("faulted runs"), "{}", outcome.text);
}

#[test]
fn reports_are_the_same_however_many_scenarios_run_at_once() {
    let feature: String = [ANSWERS, STORED, ANSWERS, STORED]
        .map(|then| scenario("@fault-sweep:lost,stale,pairs", &["get a", "set b 2"], then))
        .concat();
    let project = project("key-value-2", &feature);
    let one = project
        .sweep(&["--jobs", "1"])
        .is(1, &["4 scenarios (2 passed, 2 failed)"]);
    for jobs in ["2", "8"] {
        assert_eq!(project.sweep(&["--jobs", jobs]).text, one.text);
    }
}

/// Two visits at once of one counter.
fn visits(app: &str, tags: &str, given: &str, then: &str) -> Project {
    let project = Project::new();
    let folder = Path::new(FIXTURES).join(app);
    let feature = format!(
        "Feature: f\n  {tags}\n  Scenario: s\n    Given the app \"{}\"\n{given}    When 2 clients send GET \"/visit\" at once\n    {then}\n",
        folder.display()
    );
    project.write("features/visits.feature", feature);
    project
}

const COUNTED: &str = "Then the key \"visits\" of store \"default\" is \"2\"";

#[test]
fn a_lost_update_is_found_in_some_order_and_that_order_can_be_run_alone() {
    // In one instance, no two calls are independent: it may keep something between them.
    let reused = "    Given instances are reused\n";
    for (app, given, totals) in [
        ("visits", "", "4 orders, 2 passed, 2 failed"),
        ("visits-async", "", "4 orders, 2 passed, 2 failed"),
        ("visits-async", reused, "20 orders, 8 passed, 12 failed"),
    ] {
        let project = visits(app, "@schedule-sweep", given, COUNTED);
        let outcome = project.run(&["test", "--no-durations"]);
        let outcome = outcome.is(1, &["request 1", "clash"]);
        ends_with(&outcome, &format!("schedule sweep: {totals}"));
        let lines: Vec<_> = outcome.text.lines().rev().skip(1).take(2).collect();
        for line in lines {
            let order = line.split('"').nth(1).unwrap();
            let alone = ["test", "features/visits.feature:3", "--schedule", order];
            let option = format!("--schedule \"{order}\" --seed 1");
            let alone = project
                .run(&alone)
                .is(1, &["1 scenario (1 failed)", "clash", &option]);
            assert!(!alone.text.contains("schedule sweep:"), "{}", alone.text);
        }
        project.run(&["test", "--schedule", "1x3 2x3"]).is(0, &[]);
        let unfit = project.run(&["test", "--schedule", "1x3 2x4"]);
        unfit.is(1, &["the schedule does not fit"]);
    }
}

#[test]
fn a_schedule_sweep_ends_at_its_bound_and_needs_requests_at_once() {
    let any = "Then every response status is 200";
    let project = visits("visits", "@schedule-sweep:3", "", any);
    let outcome = project.run(&["test"]).is(0, &[]);
    ends_with(
        &outcome,
        "schedule sweep: 3 orders, 3 passed, 0 failed, bounded at 3",
    );
    let project = visits("visits", "@a", "", any);
    let outcome = project.run(&["test", "--schedule-sweep"]).is(0, &[]);
    ends_with(&outcome, "schedule sweep: 4 orders, 4 passed, 0 failed");
    let one = "Feature: f\n  @schedule-sweep @fault-sweep\n  Scenario: s\n    When I send GET \"/visit\"\n    Then the response body matches \".\"\n";
    project.write("features/visits.feature", one);
    let outcome = project.run(&["test"]).is(
        0,
        &["1 order, since no requests at once make storage calls"],
    );
    let lines: Vec<_> = outcome.text.lines().rev().take(2).collect();
    assert_eq!(
        lines,
        [
            "schedule sweep: 1 orders, 1 passed, 0 failed",
            "fault sweep: 4 faulted runs, 4 survived, 0 failed",
        ]
    );
}

/// Statements that two requests at once send to databases of these labels.
fn statements(requests: [(&str, &str); 2]) -> String {
    let row =
        |(label, statement)| format!("      | POST | /2/execute?db={label} | {statement} |\n");
    let rows = requests.map(row).concat();
    format!(
        r#"Feature: f
  @schedule-sweep
  Scenario: s
    Given the app "{FIXTURES}/sqlite/spin.toml"
    And the runtime config "{FIXTURES}/sqlite/runtime-config.toml"
    And the SQLite database "default" has run "create table t (x)"
    And the SQLite database "other" has run "create table t (x)"
    When these requests are sent at once:
      | method | path | body |
{rows}    Then every response status is 200
"#
    )
}

#[test]
fn calls_of_a_service_that_never_meet_have_one_order() {
    let (look, add) = ("select * from t", "insert into t values (1)");
    for (requests, orders) in [
        ([("default", look), ("default", look)], 1),
        ([("default", add), ("other", add)], 1),
        ([("default", add), ("default", add)], 2),
        ([("default", look), ("default", add)], 2),
    ] {
        let project = Project::new();
        project.write("features/visits.feature", statements(requests));
        let outcome = project.run(&["test"]).is(0, &[]);
        let totals = format!("schedule sweep: {orders} orders, {orders} passed, 0 failed");
        ends_with(&outcome, &totals);
    }
}

static RUNS: AtomicU64 = AtomicU64::new(0);

#[when("something asks the machine")]
async fn asks(world: &mut World) -> Result<(), Failed> {
    // As a clock does: it is another one in each run.
    let run = RUNS.fetch_add(1, Ordering::SeqCst);
    let request = Request::new("POST", "/sequence")?.body(format!("set run-{run} 1"));
    world.send(request).await
}

#[test]
fn runs_that_differ_are_found_by_running_everything_twice() {
    let app = Path::new(FIXTURES).join("key-value-2");
    let options = RunOptions {
        app: app.clone(),
        runtime_config: Some(app.join("runtime-config.toml")),
        sweeps: SweepOptions {
            check_determinism: true,
            ..SweepOptions::default()
        },
        ..RunOptions::default()
    };
    let same = scenario("@fault-sweep", &SIX, ANSWERS);
    let text = format!("Feature: f\n{same}  Scenario: t\n    When something asks the machine\n");
    let results = run_text(&text, Path::new("x.feature"), options).unwrap();
    let verdicts: Vec<_> = results.iter().map(|result| result.verdict).collect();
    assert_eq!(verdicts, [Verdict::Passed, Verdict::Failed]);
    let (_, failure) = results[1].failure().unwrap();
    let lines: Vec<_> = failure.message.lines().collect();
    assert_eq!(
        lines[..3],
        [
            "two runs with the same seed differ in call 2",
            "  first run:  0 ms, v2 set default run-0: ok (1 bytes)",
            "  second run: 0 ms, v2 set default run-1: ok (1 bytes)",
        ]
    );
}
