//! What the command does with its options and the manifest's settings, as a user runs it.

mod project;

use project::{GOOD_MANIFEST, Project};
use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

const SNAPSHOT: &str = "Feature: s\n  Scenario: shot\n    When I send GET \"/visit\"\n    Then the response matches the snapshot \"one\"\n";

/// The manifest with a build command that puts a component where `source` says.
fn with_build(command: &str) -> String {
    format!(
        "{GOOD_MANIFEST}\n[component.visits.build]\ncommand = \"{command}\"\nwatch = [\"src.txt\"]\n"
    )
}

#[test]
fn build_runs_the_components_commands_first() {
    let project = Project::new();
    std::fs::rename(project.path("visits.wasm"), project.path("built.wasm")).unwrap();
    project.write("spin.toml", with_build("cp built.wasm visits.wasm"));
    project.test().is(2, &["visits.wasm", "--build"]);
    project
        .run(&["test", "--build"])
        .is(0, &["1 scenario (1 passed)"]);
    assert!(project.path("visits.wasm").exists());
}

#[test]
fn a_build_that_fails_is_2_and_names_component_command_and_status() {
    let project = Project::new();
    project.write("spin.toml", with_build("exit 7"));
    project
        .run(&["test", "--build"])
        .is(2, &["visits", "exit 7", "7"]);
}

#[test]
fn a_component_older_than_its_sources_gets_a_warning() {
    let project = Project::new();
    project.write("spin.toml", with_build("true"));
    project.write("src.txt", "new");
    let wasm = std::fs::File::options()
        .write(true)
        .open(project.path("visits.wasm"))
        .unwrap();
    wasm.set_modified(std::time::UNIX_EPOCH).unwrap();
    project.test().is(
        0,
        &["older than its sources", "src.txt", "1 scenario (1 passed)"],
    );
}

#[test]
fn two_triggers_on_one_route_and_triggers_of_other_types_are_told_and_run() {
    let project = Project::new();
    let twice = GOOD_MANIFEST.replace(
        "[component.visits]",
        "[[trigger.http]]\nroute = \"/...\"\ncomponent = \"visits\"\n\n[[trigger.mqtt]]\ntopic = \"c\"\ncomponent = \"visits\"\n\n[component.visits]",
    );
    project.write("spin.toml", twice);
    project.test().is(
        0,
        &[
            "/...",
            "skipped: 1 trigger of type mqtt",
            "1 scenario (1 passed)",
        ],
    );
}

#[test]
fn a_remote_source_is_refused_with_what_to_do() {
    let project = Project::new();
    let remote = "{ url = \"https://example.com/visits.wasm\", digest = \"sha256:0000000000000000000000000000000000000000000000000000000000000000\" }";
    project.write(
        "spin.toml",
        GOOD_MANIFEST.replace("\"visits.wasm\"", remote),
    );
    project
        .test()
        .is(2, &["spin.toml:12", "https://example.com/visits.wasm"]);
}

#[test]
fn fail_fast_stops_after_the_first_that_does_not_pass() {
    let project = Project::new();
    let failing =
        "  Scenario: s\n    When I send GET \"/visit\"\n    Then the response status is 404\n";
    project.write(
        "features/visits.feature",
        format!("Feature: f\n{}", failing.repeat(5)),
    );
    project.test().is(1, &["5 scenarios (5 failed)"]);
    project
        .run(&["test", "--jobs", "1", "--fail-fast"])
        .is(1, &["1 scenario (1 failed)"]);
}

#[test]
fn tags_name_and_line_select_scenarios() {
    let project = Project::new();
    let step = "    When I send GET \"/visit\"\n";
    project.write("features/visits.feature", format!("Feature: f\n  @a\n  Scenario: one\n{step}  @b\n  Scenario: two\n{step}  @a @b\n  Scenario: both\n{step}"));
    project
        .run(&["test", "--tags", "@a and not @b"])
        .is(0, &["one", "1 scenario (1 passed)"]);
    project
        .run(&["test", "--name", "^(two|both)$"])
        .is(0, &["2 scenarios (2 passed)"]);
    project
        .run(&["test", "features/visits.feature:6"])
        .is(0, &["two", "1 scenario (1 passed)"]);
}

#[test]
fn key_value_fills_the_default_store() {
    let project = Project::new();
    project
        .run(&["test", "--key-value", "visits=41"])
        .is(1, &["42"]);
}

#[test]
fn sql_runs_before_every_scenario() {
    let project = Project::new();
    let app = Path::new(project::FIXTURES).join("orders");
    for file in ["spin.toml", "orders.wasm"] {
        std::fs::copy(app.join(file), project.path(file)).unwrap();
    }
    project.write("features/visits.feature", "Feature: f\n  Scenario: s\n    When I send GET \"/order?id=a\"\n    Then the response body is \"new\"\n");
    project.write("orders.sql", "create table orders (id, amount, state)");
    let insert = "insert into orders values ('a', 1, 'new')";
    project
        .run(&["test", "--sqlite", "@orders.sql", "--sqlite", insert])
        .is(0, &["1 scenario (1 passed)"]);
    project
        .run(&["test", "--sqlite", insert])
        .is(1, &["no such table: orders"]);
    project
        .run(&["test", "--sqlite", "@nothing.sql"])
        .is(2, &["--sqlite @nothing.sql: nothing.sql cannot be read"]);
    project
        .run(&["test", "--sqlite", "@orders.sql:"])
        .is(2, &["expected `@FILE` or `@FILE:LABEL`"]);
    project
        .run(&["test", "--sqlite", "@orders.sql:ordres"])
        .is(
            2,
            &[
                "1 scenario was not run",
                "--sqlite: no SQLite database of spin.toml has the label \"ordres\"; there are \"default\"",
            ],
        );
}

#[test]
fn the_first_feature_of_an_app_without_routes_publishes_to_its_channels() {
    let project = Project::new();
    let app = Path::new(project::FIXTURES).join("redis-messages");
    for file in [
        "spin.toml",
        "redis-messages.wasm",
        "redis-messages-async.wasm",
    ] {
        std::fs::copy(app.join(file), project.path(file)).unwrap();
    }
    project.run(&["init"]).is(0, &["which passes"]);
    let feature = std::fs::read_to_string(project.path("features/redis-messages.feature")).unwrap();
    for part in [
        "    When a Redis message \"hello\" arrives on channel \"orders\"\n    Then the message was handled\n",
        "arrives on channel \"news\" of \"redis://localhost:6379\"\n",
        "arrives on channel \"news\" of \"redis://other.example:6379\"\n",
    ] {
        assert!(feature.contains(part), "{part}: {feature}");
    }
}

#[test]
fn variables_and_environment_reach_the_guests() {
    let project = Project::new();
    let fixtures = Path::new(project::FIXTURES);
    project.write("features/visits.feature", "Feature: f\n  Scenario: s\n    When I send GET \"/v2?name=url\"\n    Then the response body is \"https://world.example.com/?token=abc\"\n");
    let app = fixtures.join("variables");
    let run = |value: &str| {
        let app = app.to_str().unwrap();
        project.run(&[
            "test",
            "features/visits.feature",
            "--from",
            app,
            "--variable",
            value,
        ])
    };
    run("token=abc").is(0, &["1 scenario (1 passed)"]);
    run("token=xyz").is(1, &["xyz"]);
    let parts = [
        "--variable tokn:",
        "declares no variable \"tokn\"; did you mean `token`?",
    ];
    run("tokn=abc").is(2, &parts);
    project.write("features/visits.feature", "Feature: f\n  Scenario: s\n    When I send GET \"/env?name=MARK\"\n    Then the response body is \"made here\"\n");
    let app = fixtures.join("sandboxed");
    let app = app.to_str().unwrap();
    project
        .run(&[
            "test",
            "features/visits.feature",
            "--from",
            app,
            "--env",
            "MARK=made here",
        ])
        .is(0, &["1 scenario (1 passed)"]);
}

#[test]
fn the_manifests_settings_hold_and_options_go_before_them() {
    let project = Project::new();
    let settings = "\n[application.tool.harness]\nseed = 99\nfeatures = [\"specs\"]\n";
    project.write("spin.toml", format!("{GOOD_MANIFEST}{settings}"));
    project.write(
        "specs/a.feature",
        "Feature: a\n  Scenario: s\n    When I send GET \"/visit\"\n",
    );
    project.test().is(0, &["specs/a.feature", "seed 99"]);
    project.run(&["test", "--seed", "5"]).is(0, &["seed 5"]);
}

#[test]
fn in_ci_a_missing_snapshot_fails_and_nothing_is_written() {
    let project = Project::new();
    project.write("features/visits.feature", SNAPSHOT);
    let ci = [("CI", OsStr::new("true"))];
    project.run_with(&["test"], &ci).is(1, &["one"]);
    assert!(!project.path("features/snapshots").exists());
}

#[test]
fn snapshots_are_updated_listed_shown_accepted_and_rejected() {
    let project = Project::new();
    project.write("features/visits.feature", SNAPSHOT);
    project
        .run(&["test", "--snapshots", "update"])
        .is(0, &["1 scenario (1 passed)"]);
    project.test().is(0, &["1 scenario (1 passed)"]);
    project.write("features/visits.feature", SNAPSHOT.replace("/visit", "/"));
    project.test().is(1, &["-1", "+hello"]);
    project.run(&["snapshots", "list"]).is(0, &["one"]);
    project.run(&["snapshots", "diff"]).is(0, &["-1", "+hello"]);
    project.run(&["snapshots", "reject"]).is(0, &[]);
    let after = project.run(&["snapshots", "list"]).is(0, &[]);
    assert!(!after.text.contains("one.snap"), "{}", after.text);
    project.test().is(1, &["+hello"]);
    project.run(&["snapshots", "accept"]).is(0, &[]);
    project.test().is(0, &["1 scenario (1 passed)"]);
}

#[test]
fn init_writes_a_feature_that_passes_and_never_overwrites() {
    let project = Project::new();
    std::fs::remove_dir_all(project.path("features")).unwrap();
    project
        .run(&["init"])
        .is(0, &["features/visits.feature", "passes"]);
    project.test().is(0, &["passed"]);
    let before = std::fs::read(project.path("features/visits.feature")).unwrap();
    assert_ne!(project.run(&["init"]).code, 0);
    assert_eq!(
        std::fs::read(project.path("features/visits.feature")).unwrap(),
        before
    );
}

#[test]
fn verbose_shows_requests_calls_and_log_in_order() {
    let project = Project::new();
    let text = project.run(&["test", "-v"]).text;
    let places: Vec<_> = ["> GET /visit", "open", "get", "set", "< 200"]
        .iter()
        .map(|part| {
            text.find(part)
                .unwrap_or_else(|| panic!("no {part:?} in {text}"))
        })
        .collect();
    assert!(places.is_sorted(), "{text}");
}

/// What was found so far is printed, though a guest is in the middle of a loop that takes seconds.
#[cfg(unix)]
#[test]
fn ctrl_c_ends_cleanly_with_what_was_found() {
    let project = Project::new();
    let hostile = Path::new(project::FIXTURES).join("hostile");
    project.write(
        "features/z.feature",
        format!("Feature: z\n  Scenario: endless\n    Given the app \"{}\"\n    And the compute bound is \"1000000000000000\"\n    When I send GET \"/loop\"\n", hostile.display()),
    );
    let child = Command::new(env!("CARGO_BIN_EXE_spin-harness"))
        .args(["test", "--jobs", "1", "-v"])
        .current_dir(project.0.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = child.id().to_string();
    // Long enough for the first scenario; the second never ends by itself, so nothing depends on it being exact.
    std::thread::sleep(std::time::Duration::from_secs(3));
    assert!(
        Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    let output = child.wait_with_output().unwrap();
    project::Outcome::of(output).is(1, &["counts", "(1 passed)"]);
}
