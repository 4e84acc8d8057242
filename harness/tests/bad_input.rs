//! What the command does with files and options that make no sense: the exit code, the file and the place, what to do;
//! never a panic, and never a lost result of another scenario.

mod project;

use project::{FIXTURES, GOOD_MANIFEST, Outcome, Project};
use std::path::Path;
use std::process::Command;

#[test]
fn the_untouched_project_passes() {
    Project::new().test().is(0, &["1 scenario (1 passed)"]);
}

#[test]
fn an_unknown_field_is_shown_with_line_column_and_the_nearest() {
    let project = Project::new();
    project.write(
        "spin.toml",
        GOOD_MANIFEST.replace("key_value_stores", "key_value_store"),
    );
    project.test().is(
        2,
        &[
            "spin.toml:13:1",
            "key_value_store",
            "did you mean `key_value_stores`",
        ],
    );
}

#[test]
fn a_broken_manifest_is_an_error_with_its_place() {
    for (content, parts) in [
        (GOOD_MANIFEST.as_bytes()[..70].to_vec(), ["spin.toml"]),
        (vec![0xff, 0xfe, 0, 1, 2], ["spin.toml"]),
        (b"[".repeat(100_000), ["spin.toml"]),
        (b"spin_manifest_version = 3\n".to_vec(), ["spin.toml"]),
        (Vec::new(), ["spin.toml"]),
    ] {
        let project = Project::new();
        project.write("spin.toml", content);
        project.test().is(2, &parts);
    }
}

#[test]
fn a_missing_manifest_says_what_to_do() {
    let project = Project::new();
    std::fs::remove_file(project.path("spin.toml")).unwrap();
    project.test().is(2, &["spin.toml"]);
}

#[test]
fn a_scenario_that_names_a_broken_app_fails_and_the_others_go_on() {
    let project = Project::new();
    project.write(
        "features/z.feature",
        "Feature: z\n  Scenario: elsewhere\n    Given the app \"nowhere/spin.toml\"\n    When I send GET \"/\"\n    Then the response status is 200\n",
    );
    project.test().is(
        1,
        &["nowhere/spin.toml", "2 scenarios (1 passed, 1 failed)"],
    );
}

#[test]
fn broken_wasm_is_an_error_that_names_the_file() {
    let whole = std::fs::read(Path::new(FIXTURES).join("visits/visits.wasm")).unwrap();
    let mut damaged = whole.clone();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 64].fill(0xff);
    let file = "visits.wasm";
    for (wasm, part) in [
        (Vec::new(), file),
        (b"this is no wasm, it is text".to_vec(), file),
        (whole[..whole.len() / 2].to_vec(), file),
        // A whole component, though an empty one: it is the component that is wrong, not the file.
        (whole[..8].to_vec(), "component \"visits\""),
        (damaged, file),
        ([&b"\0asm\x01\0\0\0"[..], &[0xff; 100]].concat(), file),
    ] {
        let project = Project::new();
        project.write("visits.wasm", wasm);
        let cache = project.path("cache");
        let outcome = project.run_with(
            &["test", "--color", "never"],
            &[("SPIN_HARNESS_CACHE", cache.as_os_str())],
        );
        // What is being compiled is named, too, and that is no error.
        let errors = outcome.without_lines("compiling ");
        errors.is(2, &[part]);
    }
}

#[test]
fn a_function_that_no_interface_of_the_first_sdks_has_is_named() {
    let mut module = std::fs::read(Path::new(FIXTURES).join("first-sdk/first-sdk.wasm")).unwrap();
    let (known, unknown) = (b"get-config", b"got-config");
    let place = module.windows(known.len()).position(|it| it == known);
    module[place.unwrap()..][..unknown.len()].copy_from_slice(unknown);
    let project = Project::new();
    project.write("visits.wasm", module);
    project
        .test()
        .is(2, &["visits.wasm", "`got-config` of `spin-config`"]);
}

#[test]
fn a_component_that_was_not_built_says_how_to_build_it() {
    let project = Project::new();
    std::fs::remove_file(project.path("visits.wasm")).unwrap();
    project.test().is(2, &["visits.wasm", "`build.command`"]);
    let build = "[component.visits.build]\ncommand = \"cargo build\"\n";
    project.write("spin.toml", format!("{GOOD_MANIFEST}{build}"));
    project
        .test()
        .is(2, &["visits.wasm", "build it with `--build`"]);
}

#[test]
fn a_broken_feature_file_is_shown_and_the_others_run() {
    for content in [
        b"Feature: f\n  Scenario: s\n    Given a\n    Whenever I send GET \"/\"\n".to_vec(),
        b"Feature: f\n  Scenario: s\n    Given a:\n      | \\\"x\\\" |\n".to_vec(),
        b"Feature: f\n  Scenario: s\n    When I send the request:\n      \"\"\"\n      GET /\n"
            .to_vec(),
        vec![0, 159, 146, 150, 255],
        b"no feature at all".to_vec(),
    ] {
        let project = Project::new();
        project.write("features/broken.feature", content);
        project
            .test()
            .is(2, &["broken.feature", "1 scenario (1 passed)"]);
    }
}

#[test]
fn a_huge_feature_file_is_refused() {
    let project = Project::new();
    project.write("features/huge.feature", "x".repeat(20 << 20));
    project
        .test()
        .is(2, &["huge.feature", "1 scenario (1 passed)"]);
}

#[test]
fn a_named_file_that_is_missing_is_2_and_the_others_run() {
    let project = Project::new();
    let outcome = project.run(&[
        "test",
        "--color",
        "never",
        "features/visits.feature",
        "features/none.feature",
    ]);
    outcome.is(2, &["features/none.feature", "1 scenario (1 passed)"]);
}

#[test]
fn nothing_to_run_is_2() {
    let project = Project::new();
    std::fs::remove_dir_all(project.path("features")).unwrap();
    let outcome = project.test().is(
        2,
        &[
            "there is no folder `features` here",
            "`spin-harness init` writes a first one",
        ],
    );
    assert!(!outcome.text.contains("0 scenarios"), "{}", outcome.text);
    project
        .run(&["test", "nope"])
        .is(2, &["there is no file or folder `nope`"]);
    let project = Project::new();
    project
        .run(&["test", "features/visits.feature:999"])
        .is(2, &["features/visits.feature:999", "the file has 4 lines"]);
    project
        .run(&["test", "--tags", "@nobody"])
        .is(2, &["@nobody"]);
    project
        .run(&["test", "--name", "nobody"])
        .is(2, &["nobody"]);
}

#[test]
fn options_that_make_no_sense_are_2() {
    let project = Project::new();
    for arguments in [
        &["test", "--tags", "@a and ("][..],
        &["test", "--name", "("],
        &["test", "--variable", "novalue"],
        &["test", "--jobs", "0"],
        &["test", "--jobs", "many"],
        &["test", "--seed", "-1"],
        &["test", "--bound", "patience=3"],
        &["test", "--bound", "memory=lots"],
        &["test", "--limits", "some"],
        &["test", "--snapshots", "maybe"],
        &["tset"],
        &[],
    ] {
        let outcome = project.run(arguments);
        assert_eq!(outcome.code, 2, "{arguments:?}: {}", outcome.text);
        assert!(!outcome.has_panicked(), "{}", outcome.text);
    }
}

#[test]
fn a_broken_runtime_config_is_an_error_with_its_place() {
    for (content, part) in [
        (
            "[key_value_store.default]\ntype = \"sqlite\"\n",
            "runtime-config.toml:2",
        ),
        (
            "[key_value_stores.default]\ntype = \"spin\"\n",
            "key_value_store",
        ),
        (
            "[key_value_store.default]\ntype = 7\n",
            "runtime-config.toml:2",
        ),
        ("[key_value_store.default\n", "runtime-config.toml:1"),
    ] {
        let project = Project::new();
        project.write("runtime-config.toml", content);
        let outcome = project.run(&[
            "test",
            "--color",
            "never",
            "--runtime-config-file",
            "runtime-config.toml",
        ]);
        outcome.is(2, &[part]);
    }
}

#[test]
fn a_label_without_a_store_is_spins_own_message() {
    let project = Project::new();
    project.write(
        "spin.toml",
        GOOD_MANIFEST.replace("[\"default\"]", "[\"defualt\"]"),
    );
    project.test().is(
        2,
        &[
            "unknown key_value_stores label \"defualt\" for component \"visits\"",
            "spin.toml:13",
            "did you mean `default`",
        ],
    );
}

#[test]
fn a_damaged_cache_is_compiled_again() {
    let project = Project::new();
    let cache = project.path("cache");
    let run = || {
        let output = Command::new(env!("CARGO_BIN_EXE_spin-harness"))
            .args(["test", "--color", "never"])
            .current_dir(project.0.path())
            .env("SPIN_HARNESS_CACHE", &cache)
            .output()
            .unwrap();
        Outcome::of(output).is(0, &["1 scenario (1 passed)"]);
    };
    run();
    let kept: Vec<_> = std::fs::read_dir(&cache)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(kept.len(), 1, "{kept:?}");
    let whole = std::fs::read(&kept[0]).unwrap();
    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0x55;
    for damage in [
        Vec::new(),
        b"junk".to_vec(),
        whole[..whole.len() / 2].to_vec(),
        flipped,
    ] {
        std::fs::write(&kept[0], damage).unwrap();
        run();
        assert_eq!(
            std::fs::read(&kept[0]).unwrap(),
            whole,
            "the cache was not mended"
        );
    }
}

#[test]
fn processes_that_share_a_cache_do_not_disturb_each_other() {
    let project = Project::new();
    let children: Vec<_> = (0..6)
        .map(|_| {
            Command::new(env!("CARGO_BIN_EXE_spin-harness"))
                .args(["test", "--color", "never"])
                .current_dir(project.0.path())
                .env("SPIN_HARNESS_CACHE", project.path("cache"))
                .stdout(std::process::Stdio::piped())
                .stderr(std::process::Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for child in children {
        Outcome::of(child.wait_with_output().unwrap()).is(0, &["1 scenario (1 passed)"]);
    }
}

#[test]
fn a_damaged_snapshot_fails_its_scenario_only() {
    let project = Project::new();
    project.write(
        "features/snapshot.feature",
        "Feature: s\n  Scenario: shot\n    When I send GET \"/visit\"\n    Then the response matches the snapshot \"one\"\n",
    );
    project
        .test()
        .is(1, &["2 scenarios (1 passed, 1 failed)", "snapshots accept"]);
    project.run(&["snapshots", "accept"]).is(0, &[]);
    project.test().is(0, &["2 scenarios (2 passed)"]);
    let kept = walkdir::WalkDir::new(project.path("features"))
        .into_iter()
        .filter_map(Result::ok)
        .find(|entry| {
            entry
                .path()
                .extension()
                .is_some_and(|extension| extension == "snap")
        })
        .expect("no snapshot was kept beside the feature files");
    for damage in [
        &b""[..],
        b"---\nsource: x",
        b"\xff\xfe\x00",
        b"<<<<<<< HEAD\n",
    ] {
        std::fs::write(kept.path(), damage).unwrap();
        project.test().is(1, &["2 scenarios (1 passed, 1 failed)"]);
    }
}

#[test]
fn a_guest_that_misbehaves_does_not_take_the_others_with_it() {
    let project = Project::new();
    let hostile = Path::new(FIXTURES).join("hostile/spin.toml");
    let mut feature = String::from("Feature: hostile\n");
    for path in [
        "loop",
        "memory",
        "recurse",
        "panics",
        "never-answers",
        "floods-log",
        "floods-response",
        "sleeps-forever",
    ] {
        feature.push_str(&format!(
            "  Scenario: {path}\n    Given the app \"{}\"\n    When I send GET \"/{path}\"\n    Then the response body is \"never\"\n",
            hostile.display()
        ));
    }
    project.write("features/hostile.feature", feature);
    project.test().is(1, &["9 scenarios (1 passed, 8 failed)"]);
}

#[test]
fn a_text_in_a_scenario_without_steps_is_a_warning_that_says_how_steps_begin() {
    let project = Project::new();
    project.write(
        "features/empty.feature",
        "Feature: f\n  Scenario: s\n    Whenever I send GET \"/\"\n",
    );
    project.test().is(
        0,
        &[
            "has no steps",
            "empty.feature:2:3",
            "steps begin with Given",
        ],
    );
}

#[test]
fn a_scenario_whose_only_step_is_misspelt_does_not_pass() {
    let project = Project::new();
    project.write(
        "features/typo.feature",
        "Feature: f\n  @tagged\n  Scenario: s\n    # why\n    Whenn I send GET \"/\"\n\n  Scenario: to be written\n    The words say nothing.\n",
    );
    let outcome = project.test().is(
        1,
        &[
            "at features/typo.feature:5 no step begins with `Whenn`: did you mean `When`?",
            "3 scenarios (2 passed, 1 undefined)",
            "the scenario \"to be written\" has no steps",
        ],
    );
    assert_eq!(outcome.text.matches('⚠').count(), 1, "{}", outcome.text);
}

#[test]
fn problems_of_one_file_have_a_block_each_and_the_cause_comes_first() {
    let project = Project::new();
    project.write(
        "spin.toml",
        GOOD_MANIFEST
            .replace("source =", "sorce =")
            .replace("version = \"1.0.0\"", "versoin = 1\ndescription = 2"),
    );
    let outcome = project.test().is(2, &["did you mean `source`?"]);
    let text = &outcome.text;
    assert!(!text.contains("Error:"), "{text}");
    let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part}: {text}"));
    assert!(
        at("unknown field `sorce`") < at("missing field `source`"),
        "{text}"
    );
}

#[test]
fn a_first_feature_can_be_given_variables_and_an_environment() {
    let project = Project::new();
    let variables = "key_value_stores = [\"default\"]\n\n[variables]\nname = { required = true }\n";
    project.write(
        "spin.toml",
        GOOD_MANIFEST
            .replace("key_value_stores = [\"default\"]\n", variables)
            .replace("name = \"visits\"", "name = \"named\""),
    );
    let arguments = ["init", "--variable", "name=a b", "--env", "PLACE=here"];
    project.run(&arguments).is(
        0,
        &["`spin-harness test --variable 'name=a b' --env PLACE=here`"],
    );
}

#[test]
fn an_app_that_a_step_names_has_its_warnings_shown_once() {
    let project = Project::new();
    let trigger = "\n[[trigger.http]]\nroute = \"/...\"\ncomponent = \"visits\"\n";
    project.write("other/spin.toml", format!("{GOOD_MANIFEST}{trigger}"));
    std::fs::copy(
        project.path("visits.wasm"),
        project.path("other/visits.wasm"),
    )
    .unwrap();
    let scenario = |name: &str, app: &str| {
        format!(
            "  Scenario: {name}\n    Given the app \"../other{app}\"\n    When I send GET \"/\"\n"
        )
    };
    let feature = format!(
        "Feature: f\n{}{}",
        scenario("a", ""),
        scenario("b", "/spin.toml")
    );
    project.write("features/visits.feature", feature);
    let outcome = project.test().is(0, &["2 scenarios (2 passed)"]);
    let warnings = outcome.text.matches("other/spin.toml:").count();
    assert_eq!(warnings, 1, "{}", outcome.text);
}

#[test]
fn snapshots_are_kept_where_the_option_says() {
    let project = Project::new();
    project.write(
        "features/snapshot.feature",
        "Feature: s\n  Scenario: shot\n    When I send GET \"/visit\"\n    Then the response matches the snapshot \"one\"\n",
    );
    let kept = ["--snapshots-dir", "kept/here"];
    let test =
        |mode: &[&str]| project.run(&[&["test", "--color", "never"], &kept[..], mode].concat());
    test(&["--snapshots", "review"]).is(1, &["1 failed", "--snapshots-dir kept/here"]);
    let list = project.run(&["snapshots", "list", "--snapshots-dir", "kept/here"]);
    list.is(0, &["kept/here/snapshot__shot__one.snap (new)"]);
    project
        .run(&["snapshots", "accept", "--snapshots-dir", "kept/here"])
        .is(0, &["accepted"]);
    test(&["--snapshots", "check"]).is(0, &["2 scenarios (2 passed)"]);
    assert!(project.path("kept/here/snapshot__shot__one.snap").exists());
    assert!(!project.path("features/snapshots").exists());
}

#[test]
fn files_that_the_manifest_names_and_that_are_not_there_are_shown_at_its_line() {
    let with = |setting: &str| {
        let project = Project::new();
        project.write(
            "spin.toml",
            format!("{GOOD_MANIFEST}[application.tool.harness]\n{setting}\n"),
        );
        project
    };
    with("features = [\"features\", \"featurs\"]").test().is(
        2,
        &[
            "there is no file or folder `featurs`",
            "spin.toml:15:25",
            "1 scenario (1 passed)",
        ],
    );
    let project = with("runtime_config_file = \"rc.toml\"");
    let parts = ["there is no runtime config rc.toml", "spin.toml:15:23"];
    project.test().is(2, &parts);
    project.run(&["audit"]).is(2, &parts);
    project.run(&["init", "--from", "."]).is(2, &parts);
}

#[test]
fn the_address_of_all_redis_triggers_is_told_once_and_where_it_stands() {
    let project = Project::new();
    let app = Path::new(FIXTURES).join("redis-messages");
    for file in ["redis-messages.wasm", "redis-messages-async.wasm"] {
        std::fs::copy(app.join(file), project.path(file)).unwrap();
    }
    let manifest = std::fs::read_to_string(app.join("spin.toml")).unwrap();
    let with = |written: &str, instead: &str| {
        project.write("spin.toml", manifest.replace(written, instead));
        project.test()
    };
    let outcome = with("redis://{{ redis_host }}", "http://{{ redis_host }}").is(
        2,
        &[
            "the Redis triggers cannot start: \"http://localhost:6379\" is no address of a Redis server",
            "spin.toml:9:11",
            "this address",
        ],
    );
    let told = outcome.text.matches("cannot start").count();
    assert_eq!(told, 1, "{}", outcome.text);
    with("redis://other.example", "other.example").is(
        2,
        &[
            "cannot start: \"other.example\" is no address",
            "spin.toml:47:11",
        ],
    );
    with("address = \"redis://{{ redis_host }}:6379\"\n", "").is(
        2,
        &["neither it nor `[application.trigger.redis]` has an `address`"],
    );
}

#[test]
fn a_build_profile_that_nobody_defines_is_named() {
    let project = Project::new();
    let parts = ["Profile debug is not defined in this application"];
    project.run(&["test", "--profile", "debug"]).is(2, &parts);
    project.write(
        "spin.toml",
        format!("{GOOD_MANIFEST}[component.visits.profile.debug]\nenvironment = {{ A = \"1\" }}\n"),
    );
    let passes = ["1 scenario (1 passed)"];
    project.run(&["test", "--profile", "debug"]).is(0, &passes);
    project.run(&["audit", "--profile", "debug"]).is(0, &[]);
    project.run(&["audit", "--profile", "deubg"]).is(
        0,
        &["Profile deubg is not defined", "did you mean `debug`?"],
    );
}
