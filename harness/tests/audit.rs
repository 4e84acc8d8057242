//! `spin-harness audit` and `test --audit`, as a user runs them.

mod project;

use project::{FIXTURES, GOOD_MANIFEST, Project};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The app of the README with more grants than it needs, and comments.
const WIDE: &str = r#"spin_manifest_version = 2

[application]
name = "visits"
version = "1.0.0"

[variables]
token = { default = "t", secret = true } # unused

[[trigger.http]]
route = "/..."
component = "visits"

[component.visits]
source = "visits.wasm"
# What it may open.
key_value_stores = [
  "default", # the counter
  "cache",   # nothing yet
]
allowed_outbound_hosts = ["https://example.com"]

[component.visits.variables]
token = "{{ token }}"
"#;

fn wide() -> Project {
    let project = Project::new();
    project.write("spin.toml", WIDE);
    project.write(
        "runtime-config.toml",
        "[key_value_store.cache]\ntype = \"spin\"\n",
    );
    project
}

const RUNTIME_CONFIG: [&str; 2] = ["--runtime-config-file", "runtime-config.toml"];

fn with<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [arguments, &RUNTIME_CONFIG].concat()
}

#[test]
fn findings_change_the_exit_code_only_where_they_are_denied() {
    let project = wide();
    let run = |arguments: &[&str]| project.run(&with(&[&["audit"], arguments].concat()));
    run(&[]).is(
        0,
        &["warning[unused-grant]", "information[secret-variable]"],
    );
    run(&["--deny", "secret-variable"]).is(1, &["information[secret-variable]", "denied"]);
    run(&["--deny", "shared-store,secret-file"]).is(0, &[]);
    run(&[
        "--deny",
        "all",
        "--allow",
        "unused-grant",
        "secret-variable",
    ])
    .is(0, &["no findings (3 allowed)"]);
    run(&["--deny", "warning", "--allow", "unused-grant"]).is(0, &["1 finding"]);
    run(&["--deny", "warning", "--allow", "all"])
        .is(1, &["2 findings: 2 warnings; 2 denied (1 allowed)"]);
}

#[test]
fn a_path_may_follow_the_codes() {
    let project = wide();
    project
        .run(&with(&["audit", "--deny", "all", "spin.toml"]))
        .is(1, &["denied"]);
    project
        .run(&["audit", "--deny", "all", "spin.toml", "--allow", "."])
        .is(2, &["one app at a time"]);
}

#[test]
fn the_manifest_says_what_is_denied_and_the_command_line_goes_before_it() {
    let project = wide();
    let settings = "\n[application.tool.harness]\nruntime_config_file = \"runtime-config.toml\"\ndeny = [\"warning\"]\nallow = [\"secret-variable\"]\n";
    project.write("spin.toml", format!("{WIDE}{settings}"));
    project
        .run(&["audit"])
        .is(1, &["2 findings: 2 warnings; 2 denied (1 allowed)"]);
    project
        .run(&["audit", "--allow", "warning"])
        .is(0, &["no findings (3 allowed)"]);
    project
        .run(&["audit", "--deny", "secret-variable"])
        .is(1, &["3 findings"]);
    // A run of scenarios heeds them too, where it audits.
    project.run(&["test"]).is(0, &["1 scenario (1 passed)"]);
    project
        .run(&["test", "--audit"])
        .is(1, &["1 scenario (1 passed)", "denied"]);
}

#[test]
fn what_makes_no_sense_is_2() {
    let project = wide();
    let run = |arguments: &[&str]| project.run(arguments);
    run(&["audit", "--deny", "unused-grants"]).is(
        2,
        &["there is no finding `unused-grants`; did you mean `unused-grant`?"],
    );
    run(&["audit", "--deny", "all", "--allow", "all"])
        .is(2, &["`all` is both in --deny and in --allow"]);
    run(&["audit", "nowhere"]).is(2, &["there is no nowhere"]);
    run(&["audit", "visits.wasm"]).is(2, &["not UTF-8"]);
    run(&["audit", "--runtime-config-file", "nowhere.toml"]).is(2, &["nowhere.toml"]);
    run(&["audit", "--observed", "nowhere.json"]).is(2, &["cannot read nowhere.json"]);
    run(&["audit", "--observed", "spin.toml"]).is(2, &["test --audit --observed FILE"]);
    run(&["audit", "--format", "xml"]).is(2, &["terminal, json, markdown, sarif, github"]);
    run(&["test", "--deny", "all"]).is(2, &["--deny and --allow are about what `--audit` finds"]);
    run(&["test", "--verify-least"]).is(2, &["--audit"]);
    let settings = "\n[application.tool.harness]\ndeny = [\"all\", \"nonsense\"]\n";
    project.write("spin.toml", format!("{GOOD_MANIFEST}{settings}"));
    run(&["audit"]).is(2, &["spin.toml:16:16", "there is no finding `nonsense`"]);
    let settings = "\n[application.tool.harness]\ndeny = [\"all\"]\nallow = [\"all\"]\n";
    project.write("spin.toml", format!("{GOOD_MANIFEST}{settings}"));
    run(&["audit"]).is(2, &["spin.toml:17:10", "`all` is both denied and allowed"]);
    project.write("spin.toml", "spin_manifest_version = 3\n");
    run(&["audit"]).is(2, &["invalid manifest version"]);
    project.write("spin.toml", "spin_manifest_version = \n");
    run(&["audit"]).is(2, &["spin.toml:1:"]);
}

#[test]
fn a_run_says_what_was_used_and_proposes_the_least_manifest() {
    let project = wide();
    let patch = "--- spin.toml\n+++ spin.toml\n@@ -16,9 +16,7 @@\n # What it may open.\n key_value_stores = [\n   \
                 \"default\", # the counter\n-  \"cache\",   # nothing yet\n ]\n\
                 -allowed_outbound_hosts = [\"https://example.com\"]\n+allowed_outbound_hosts = []\n \n \
                 [component.visits.variables]\n-token = \"{{ token }}\"\n";
    let outcome = project.run(&with(&["test", "--audit", "--no-durations"]));
    let outcome = outcome.is(
        0,
        &[
            "1 of 4 grants used by 1 scenario",
            "visits key-value store default: get 1x, open 1x, set 1x; keys visits",
            "warning[unexercised-grant]",
            "the one scenario did not use the key-value store \"cache\" of component \"visits\"",
        ],
    );
    assert!(outcome.text.contains(patch), "{}", outcome.text);
}

#[test]
fn the_patch_can_be_applied_and_is_enough() {
    let project = wide();
    let arguments = with(&[
        "test",
        "--audit",
        "--verify-least",
        "--observed",
        "observed.json",
    ]);
    project.run(&arguments).is(
        0,
        &["least manifest: verified, 1 scenario passed with it as well"],
    );
    // Later, without a run, an audit says the same.
    let later = project.run(&with(&["audit", "--observed", "observed.json"]));
    let later = later.is(0, &["1 of 4 grants used by 1 scenario"]);
    let start = later.text.find("--- spin.toml").unwrap();
    let end = later.text[start..]
        .find("\n\n2 ")
        .or_else(|| later.text[start..].find("\n\n1 of"))
        .unwrap();
    project.write("least.patch", &later.text[start..=start + end]);
    let patched = Command::new("git")
        .args(["apply", "-p0", "least.patch"])
        .current_dir(project.0.path())
        .status()
        .unwrap();
    assert!(patched.success());
    let text = std::fs::read_to_string(project.path("spin.toml")).unwrap();
    assert!(text.contains("# What it may open.") && text.contains("\"default\", # the counter"));
    assert!(
        !text.contains("\"cache\"") && !text.contains("https://example.com"),
        "{text}"
    );
    project
        .run(&with(&["test", "--audit", "--deny", "unexercised-grant"]))
        .is(0, &["1 of 1 grant used by 1 scenario"]);
}

#[test]
fn a_least_manifest_that_is_not_enough_names_the_scenarios() {
    let project = wide();
    // No journal shows that a request needs the answer of a grant's absence: the scenario asks for an error that only comes
    // with a grant.
    let feature = "Feature: f\n  Scenario: counts\n    When I send GET \"/visit\"\n    Then the response body is \"1\"\n\
                   \n  Scenario: the permissions are known\n    Then the permissions match the snapshot \"permissions\"\n";
    project.write("features/visits.feature", feature);
    project
        .run(&with(&["test", "--snapshots", "update"]))
        .is(0, &["2 scenarios (2 passed)"]);
    project
        .run(&with(&["test", "--audit", "--verify-least"]))
        .is(
            1,
            &[
                "least manifest: not enough, with it 1 of 2 scenarios that passed before do not pass",
                "the permissions are known features/visits.feature:6",
            ],
        );
    // Nothing is left of the second run.
    assert!(
        !project
            .path("features/snapshots")
            .join("visits__the-permissions-are-known__permissions.snap.new")
            .exists()
    );
}

#[test]
fn what_a_scenario_asks_the_gate_about_is_needed() {
    let project = wide();
    let feature = "Feature: f\n  Scenario: s\n    Then component \"visits\" is allowed the key-value store \"cache\"\n    \
                   And component \"visits\" is allowed the outbound host \"https://example.com/x\"\n    \
                   And component \"visits\" is denied the SQLite database \"default\"\n";
    project.write("features/visits.feature", feature);
    project
        .run(&with(&["test", "--audit", "--verify-least"]))
        .is(
            0,
            &[
                "2 of 4 grants used by 1 scenario",
                "checked 1x",
                "least manifest: verified",
            ],
        );
}

#[test]
fn grants_of_a_scenario_say_nothing_of_the_manifest() {
    let project = wide();
    let feature = "Feature: f\n  Scenario: s\n    Given component \"visits\" may use no key-value store\n    \
                   When I send GET \"/visit\"\n    Then the response status is 503\n    \
                   And component \"visits\" was denied the store \"default\"\n";
    project.write("features/visits.feature", feature);
    let outcome = project
        .run(&with(&["test", "--audit", "--verify-least"]))
        .is(
            0,
            &[
                "0 of 4 grants used by 1 scenario",
                "1x where the scenario said what it may use",
                "verified",
            ],
        );
    assert!(!outcome.text.contains("denied-attempt"), "{}", outcome.text);
}

#[test]
fn what_is_denied_under_the_manifest_is_a_finding() {
    let project = Project::new();
    project.write(
        "spin.toml",
        GOOD_MANIFEST.replace("key_value_stores = [\"default\"]\n", ""),
    );
    project.write(
        "features/visits.feature",
        "Feature: f\n  Scenario: s\n    When I send GET \"/visit\"\n    Then the response status is 503\n",
    );
    project
        .run(&["test", "--audit", "--deny", "denied-attempt"])
        .is(
            1,
            &[
                "warning[denied-attempt] spin.toml:11:12 denied",
                "component \"visits\" was denied the key-value store \"default\" once",
                "add \"default\" to its `key_value_stores`",
            ],
        );
}

#[test]
fn every_run_of_a_sweep_counts_and_the_scenario_once() {
    let project = Project::new();
    project.write(
        "features/visits.feature",
        "Feature: f\n  @fault-sweep\n  Scenario: s\n    When I send GET \"/visit\"\n    Then the response status is one of 200, 503\n",
    );
    project.run(&["test", "--audit"]).is(
        0,
        &[
            "4 faulted runs, 4 survived",
            "open 5x",
            "1 of 1 grant used by 1 scenario",
        ],
    );
}

#[test]
fn failing_scenarios_are_1_and_observed_all_the_same() {
    let project = wide();
    project.write(
        "features/visits.feature",
        "Feature: f\n  Scenario: s\n    When I send GET \"/visit\"\n    Then the response status is 404\n",
    );
    project.run(&with(&["test", "--audit"])).is(
        1,
        &["1 scenario (1 failed)", "1 of 4 grants used by 1 scenario"],
    );
}

#[test]
fn the_report_is_the_same_on_any_number_of_threads() {
    let shop = Path::new(FIXTURES).join("shop");
    let run = |jobs: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_spin-harness"))
            .args([
                "test",
                "--audit",
                "--no-durations",
                "--color",
                "never",
                "--jobs",
                jobs,
                "--from",
            ])
            .arg(&shop)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let one = run("1");
    assert!(one.contains("grants used by"), "{one}");
    assert_eq!(one, run("8"));
}

#[test]
fn the_report_fits_80_columns() {
    for app in [
        "shop",
        "unprovided",
        "composed",
        "audit/shared-redis-url",
        "audit/clean",
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_spin-harness"))
            .args(["audit", "--color", "never"])
            .arg(app)
            .current_dir(FIXTURES)
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.lines().count() > 3, "{text}");
        for line in text.lines() {
            // A path is one word, and no word is cut.
            let is_path = line.contains(".toml:");
            assert!(line.chars().count() <= 80 || is_path, "{line:?}");
        }
    }
}

#[test]
fn hostile_components_are_findings() {
    let good = std::fs::read(Path::new(FIXTURES).join("visits/visits.wasm")).unwrap();
    let cases: [(&str, Vec<u8>); 5] = [
        ("it is shorter than the head of a module", Vec::new()),
        ("it does not begin with `\\0asm`", b"<html></html>".to_vec()),
        (
            "it is neither a module nor a component",
            b"\0asm\x01\0\x07\0".to_vec(),
        ),
        ("goes beyond the end", good[..good.len() / 2].to_vec()),
        (
            "it is damaged",
            b"\0asm\x0d\0\x01\0\x0a\x05\xff\xff\xff\xff\x0f".to_vec(),
        ),
    ];
    for (reason, bytes) in cases {
        let project = Project::new();
        project.write("visits.wasm", bytes);
        project
            .run(&["audit", "--deny", "error"])
            .is(1, &["error[unreadable-component] spin.toml:12:10", reason]);
    }
    let project = Project::new();
    std::fs::remove_file(project.path("visits.wasm")).unwrap();
    project
        .run(&["audit", "--deny", "error"])
        .is(1, &["error[missing-component]", "there is no such file"]);
    std::fs::create_dir(project.path("visits.wasm")).unwrap();
    project
        .run(&["audit", "--deny", "error"])
        .is(1, &["error[unreadable-component]", "it is not a file"]);
}

#[test]
fn control_characters_of_names_cannot_garble_the_terminal() {
    let project = Project::new();
    let grants = "key_value_stores = [\"default\"]\nai_models = [\"\\u001b[2Jmodel\\nx\"]";
    project.write(
        "spin.toml",
        GOOD_MANIFEST.replace("key_value_stores = [\"default\"]", grants),
    );
    let outcome = project
        .run(&["audit", "--color", "never"])
        .is(0, &["model"]);
    assert!(!outcome.text.contains('\u{1b}'), "{:?}", outcome.text);
}

#[test]
fn an_observed_file_is_about_its_apps() {
    let project = wide();
    project
        .run(&with(&["test", "--audit", "--observed", "observed.json"]))
        .is(0, &[]);
    let other: PathBuf = Path::new(FIXTURES).join("visits");
    let other = other.to_str().unwrap();
    project
        .run(&["audit", other, "--observed", "observed.json"])
        .is(
            2,
            &["observed.json says nothing of", "it is about spin.toml"],
        );
    let text = std::fs::read_to_string(project.path("observed.json")).unwrap();
    project.write(
        "observed.json",
        text.replace("\"version\": 1", "\"version\": 2"),
    );
    project
        .run(&["audit", "--observed", "observed.json"])
        .is(2, &["version 2"]);
    project.write(
        "observed.json",
        text.replace("\"scenarios\"", "\"scenario\""),
    );
    project
        .run(&["audit", "--observed", "observed.json"])
        .is(2, &["unknown field `scenario`"]);
}

#[test]
fn nothing_secret_of_an_address_is_told() {
    let project = Project::new();
    let unprovided = Path::new(FIXTURES).join("unprovided");
    std::fs::copy(
        unprovided.join("unprovided.wasm"),
        project.path("visits.wasm"),
    )
    .unwrap();
    let grants = "sqlite_databases = [\"default\"]";
    project.write(
        "spin.toml",
        GOOD_MANIFEST.replace("key_value_stores = [\"default\"]", grants),
    );
    project.write(
        "features/visits.feature",
        "Feature: f\n  Scenario: s\n    When I send GET \"/mysql\"\n    And I send GET \"/postgres\"\n    And I send GET \"/outgoing-http\"\n",
    );
    let outcome = project.run(&["test", "--audit", "--observed", "observed.json"]);
    let outcome = outcome.is(
        0,
        &[
            "was denied the outbound host \"mysql://localhost\" once",
            "was denied the outbound host \"postgres://localhost\" once",
            "was denied the outbound host \"http://example.com\" once",
        ],
    );
    let observed = std::fs::read_to_string(project.path("observed.json")).unwrap();
    for text in [&outcome.text, &observed] {
        assert!(!text.contains("user"), "{text}");
    }
}

#[test]
fn what_no_trigger_of_a_kind_that_is_run_uses_is_left_alone() {
    let project = Project::new();
    let worker = "\n[[trigger.mqtt]]\ntopic = \"c\"\ncomponent = \"worker\"\n\n[component.worker]\nsource = \"visits.wasm\"\nkey_value_stores = [\"default\"]\n";
    project.write("spin.toml", format!("{GOOD_MANIFEST}{worker}"));
    let outcome = project.run(&["test", "--audit", "--deny", "unexercised-grant"]);
    let outcome = outcome.is(0, &["1 of 1 grant used by 1 scenario"]);
    assert!(!outcome.text.contains("least manifest"), "{}", outcome.text);
}

#[test]
fn a_store_that_a_scenario_defines_is_defined() {
    let project = Project::new();
    project.write(
        "spin.toml",
        GOOD_MANIFEST.replace("[\"default\"]", "[\"default\", \"cache\"]"),
    );
    project.write("other.toml", "");
    let config = "Feature: f\n  Scenario: s\n    Given the runtime config:\n      \"\"\"\n      [key_value_store.cache]\n      type = \"spin\"\n      \"\"\"\n    When I send GET \"/visit\"\n";
    project.write("features/visits.feature", config);
    let arguments = [
        "--audit",
        "--runtime-config-file",
        "other.toml",
        "--deny",
        "error",
        "--observed",
        "o.json",
    ];
    project
        .run(&[&["test"][..], &arguments].concat())
        .is(0, &["1 scenario (1 passed)"]);
    project
        .run(&["audit", "--observed", "o.json", "--deny", "error"])
        .is(0, &["1 of 2 grants used"]);
    project
        .run(&["audit", "--deny", "error"])
        .is(1, &["error[undefined-store]"]);
}

#[test]
fn an_observed_file_can_be_read_from_elsewhere() {
    let project = wide();
    let app = project.0.path().to_str().unwrap().to_owned();
    project
        .run(&with(&["test", "--audit", "--observed", "observed.json"]))
        .is(0, &[]);
    let elsewhere = Project::new();
    let observed = project.path("observed.json");
    elsewhere
        .run(&["audit", &app, "--observed", observed.to_str().unwrap()])
        .is(0, &["1 of 4 grants used by 1 scenario", "to be applied in"]);
}

#[test]
fn a_patch_can_be_had_as_a_file() {
    let project = wide();
    project
        .run(&with(&["test", "--audit", "--patch", "least.patch"]))
        .is(0, &[]);
    let patched = Command::new("git")
        .args(["apply", "-p0", "least.patch"])
        .current_dir(project.0.path())
        .status()
        .unwrap();
    assert!(patched.success());
    project
        .run(&with(&["test", "--audit", "--patch", "least.patch"]))
        .is(0, &["1 of 1 grant used"]);
    assert_eq!(
        std::fs::read_to_string(project.path("least.patch")).unwrap(),
        ""
    );
    project
        .run(&with(&["test", "--audit", "--patch", "nowhere/x"]))
        .is(2, &["cannot write nowhere/x"]);
}

#[test]
fn a_run_that_is_repeated_says_nothing_of_interrupts_and_survives_a_closed_pipe() {
    let project = wide();
    let mut child = Command::new(env!("CARGO_BIN_EXE_spin-harness"))
        .args(with(&["test", "--audit", "--verify-least"]))
        .current_dir(project.0.path())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    // Whoever would have read it has gone.
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{errors}");
    assert!(
        !errors.contains("panicked") && !errors.contains("Ctrl-C"),
        "{errors}"
    );
}

#[cfg(unix)]
#[test]
fn a_pipe_is_no_manifest() {
    let project = Project::new();
    let made = Command::new("mkfifo")
        .arg(project.path("pipe.toml"))
        .status()
        .unwrap();
    assert!(made.success());
    project
        .run(&["audit", "pipe.toml"])
        .is(2, &["it is a pipe, and not a file"]);
    project
        .run(&["audit", "--runtime-config-file", "pipe.toml"])
        .is(2, &["it is a pipe, and not a file"]);
}

#[test]
fn a_large_manifest_takes_no_time_that_anyone_would_notice() {
    let project = Project::new();
    let mut manifest = String::from("spin_manifest_version = 2\n[application]\nname = \"many\"\n");
    for number in 0..2_000 {
        manifest.push_str(&format!(
            "[[trigger.http]]\nroute = \"/{number}\"\ncomponent = {{ source = \"visits.wasm\", key_value_stores = [\"default\"], ai_models = [\"m\"] }}\n"
        ));
    }
    project.write("spin.toml", manifest);
    project
        .run(&["test", "--audit", "features/visits.feature"])
        .is(1, &["of 4000 grants used by 1 scenario"]);
}

#[test]
fn a_mistake_in_the_settings_is_no_finding_and_no_open_gate() {
    for (setting, says) in [
        ("dney = [\"all\"]", "did you mean `deny`?"),
        ("deny = \"all\"", "spin.toml:"),
        ("seed = -1", "spin.toml:"),
        (
            "redactions = [{ json_path = \"$.[\", with = \"x\" }]",
            "a JSON path",
        ),
    ] {
        let project = Project::new();
        let text = format!("{GOOD_MANIFEST}\n[application.tool.harness]\n{setting}\n");
        project.write("spin.toml", text);
        let outcome = project.run(&["audit"]).is(2, &[says]);
        assert!(!outcome.text.contains("Spin refuses"), "{}", outcome.text);
    }
}

#[test]
fn what_one_scenario_writes_is_not_the_runtime_config_of_the_app() {
    let project = Project::new();
    let config = |url: &str| {
        format!(
            "  Scenario: {url}\n    Given the runtime config:\n      \"\"\"\n      [key_value_store.secret]\n      type = \"redis\"\n      url = \"{url}\"\n      \"\"\"\n    When I send GET \"/visit\"\n"
        )
    };
    let feature = format!("Feature: f\n{}", config("redis://a"));
    project.write("features/visits.feature", &feature);
    let audit = ["test", "--audit", "--deny", "warning"];
    project.run(&audit).is(0, &["no runtime config"]);
    // A file that all of them name is.
    project.write("one.toml", "[key_value_store.secret]\ntype = \"spin\"\n");
    let named = "Feature: f\n  Scenario: s\n    Given the runtime config \"../one.toml\"\n    When I send GET \"/visit\"\n";
    project.write("features/visits.feature", named);
    project
        .run(&audit)
        .is(1, &["one.toml", "warning[unreachable-store]"]);
    project.write(
        "features/visits.feature",
        format!("{named}{}", config("redis://a")),
    );
    project.run(&audit).is(0, &["no runtime config"]);
}

#[test]
fn an_observed_file_of_another_or_an_earlier_app_is_refused() {
    let project = Project::new();
    let observe = ["test", "--audit", "--observed", "o.json"];
    project.run(&observe).is(0, &[]);
    let audit = ["audit", "--observed", "o.json"];
    project.run(&audit).is(0, &[]);
    let renamed = GOOD_MANIFEST.replace("[component.visits]", "[component.counter]");
    let renamed = renamed.replace("component = \"visits\"", "component = \"counter\"");
    project.write("spin.toml", &renamed);
    project.run(&audit).is(
        2,
        &[
            "it has no component \"visits\" any more",
            "run the scenarios again",
        ],
    );
    project.write(
        "spin.toml",
        GOOD_MANIFEST.replace("name = \"visits\"", "name = \"shop\""),
    );
    project.run(&audit).is(
        2,
        &[
            "o.json says nothing of spin.toml (\"shop\")",
            "it is about spin.toml (\"visits\"), as seen from the folder in which it was written",
        ],
    );
    project.write("o.json", "[]");
    project.run(&audit).is(2, &["it is no JSON object"]);
}

#[test]
fn an_empty_patch_and_one_for_another_folder_say_so() {
    let project = wide();
    project.write(
        "features/visits.feature",
        "Feature: f\n  Scenario: s\n    When I send GET \"/visit\"\n    Then the response status is 500\n",
    );
    let patch = ["test", "--audit", "--patch", "least.patch"];
    project
        .run(&with(&patch))
        .is(1, &["least.patch is empty: there is no least manifest"]);
    let project = wide();
    let folder = project.0.path().to_str().unwrap().to_owned();
    let arguments = [&patch[..], &["--from", &folder]].concat();
    project
        .run(&with(&arguments))
        .is(0, &[&format!("least.patch is to be applied in {folder}")]);
}
