//! Scenarios on real stores beside those in the process: a copy of a file of Spin's, and a Redis database.

mod project;
mod redis_server;

use project::{FIXTURES, Outcome, Project};
use redis::Commands as _;
use redis_server::Server;
use rusqlite::Connection;
use spin_harness::sandbox::{Mistake, Sandbox, SandboxOptions};
use spin_harness::snapshot::Mode;
use spin_harness::storage::RealStore;
use spin_harness::{App, Request};
use std::path::{Path, PathBuf};

/// As Spin makes it (`crates/key-value-spin/src/store.rs`).
const TABLE: &str = "CREATE TABLE IF NOT EXISTS spin_key_value (store TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, \
                     PRIMARY KEY (store, key))";

const OPTION: &str = "--key-value-store";

/// What holds on every real store.
const ANYWHERE: &str = r#"Feature: any store
  Scenario: what a guest writes is there to be read
    When I send POST "/set?key=a" with body "1"
    And I send GET "/get?key=a"
    Then the response body is "1"
    When I send GET "/exists?key=a"
    Then the response body is "true"
    When I send GET "/delete?key=a"
    And I send GET "/get?key=a"
    Then the response status is 404

  Scenario: batches and listings
    When I send POST "/set-many" with the body:
      """
      z=1
      y=2
      x=3
      """
    And I send GET "/delete-many?keys=y,none"
    And I send GET "/get-keys"
    Then the response body contains "x"
    And the response body contains "z"
    And the key-value store "default" has no key "y"
    And the key "z" of store "default" is "1"

  Scenario: what Given steps store is in both, and what they remove in neither
    Given the key-value store "default" contains:
      | key | value       |
      | old | 1           |
      | bin | base64:AP8= |
    When I send GET "/get?key=old"
    Then the response body is "1"
    When I send GET "/exists?key=bin"
    Then the response body is "true"
    Given the key-value store "default" is empty
    When I send GET "/exists?key=old"
    Then the response body is "false"
    Given the key-value store "default" holds 3 tuples
    When I send GET "/exists?key=tuple-3"
    Then the response body is "true"

  Scenario: a write that is lost reaches neither
    Given every "set" is lost
    When I send POST "/set?key=lost" with body "1"
    Then the response status is 200
    When I send GET "/exists?key=lost"
    Then the response body is "false"

  Scenario: a write that fails before it takes effect reaches neither
    Given every "set" fails with "other: full"
    When I send POST "/set?key=a" with body "1"
    Then the response body is "other: full"
    When I send GET "/exists?key=a"
    Then the response body is "false"

  Scenario: a write that is applied and then fails is in both
    Given every "set" applies, then fails with "other: timeout"
    When I send POST "/set?key=a" with body "1"
    Then the response body is "other: timeout"
    When I send GET "/get?key=a"
    Then the response body is "1"

  Scenario: a value that a write corrupts is the same in both
    Given storage faults:
      | operation | when   | effect  |
      | set       | always | corrupt |
    When I send POST "/set?key=a" with body "a long value"
    And I send GET "/get?key=a"
    Then the response status is 200
    And the key-value store "default" holds 1 tuple

  Scenario: a torn batch is torn in both
    Given storage faults:
      | operation | when   | effect |
      | set-many  | always | torn 1 |
    When I send POST "/set-many" with the body:
      """
      a=1
      b=2
      """
    Then the response status is 500
    When I send GET "/exists?key=a"
    Then the response body is "true"
    When I send GET "/exists?key=b"
    Then the response body is "false"

  Scenario: past a quota nothing is in either
    Given storage faults:
      | operation | when   | effect         |
      |           | always | quota 1 tuples |
    When I send POST "/set?key=a" with body "1"
    And I send POST "/set?key=b" with body "1"
    Then the response status is 500
    When I send GET "/exists?key=b"
    Then the response body is "false"

  @fault-sweep
  Scenario: every call fails in turn
    When I send POST "/set?key=a" with body "1"
    Then the response status is one of 200, 500
    When I send GET "/get?key=a"
    Then the response status is one of 200, 404, 500

  @schedule-sweep
  Scenario: in every order
    When these requests are sent at once:
      | method | path          | body |
      | POST   | /set?key=a    | 1    |
      | GET    | /exists?key=a |      |
      | GET    | /delete?key=a |      |
    Then every response status is 200

"#;

/// The app whose component has every operation, under the stores `default` and `cache`.
fn project() -> Project {
    let project = Project::new();
    let app = Path::new(FIXTURES).join("key-value-wasi");
    for name in ["spin.toml", "runtime-config.toml", "key-value-wasi.wasm"] {
        std::fs::copy(app.join(name), project.path(name)).unwrap();
    }
    project.write("features/visits.feature", ANYWHERE);
    project
}

/// A file of Spin's in the project, with these tuples.
fn file(project: &Project, tuples: &[(&str, &str, &[u8])]) -> PathBuf {
    let path = project.path("spin.db");
    let connection = Connection::open(&path).unwrap();
    connection.execute(TABLE, []).unwrap();
    for (store, key, value) in tuples {
        let tuple = rusqlite::params![store, key, value];
        let insert = "INSERT INTO spin_key_value VALUES (?1, ?2, ?3)";
        connection.execute(insert, tuple).unwrap();
    }
    path
}

/// Runs the project's features with more options.
#[track_caller]
fn run(project: &Project, options: &[&str]) -> Outcome {
    let with_config = ["--runtime-config-file", "runtime-config.toml"];
    let always = ["test", "--color", "never"];
    project.run(&[&always[..], &with_config, options].concat())
}

#[test]
fn on_a_copy_of_spins_file_everything_holds_and_the_file_stays_as_it_was() {
    let project = project();
    let path = file(&project, &[("cache", "a", b"not yours")]);
    let before = std::fs::read(&path).unwrap();
    let outcome = run(&project, &[OPTION, "default=sqlite:spin.db"]);
    outcome.is(
        0,
        &["11 scenarios (11 passed)", "fault sweep", "schedule sweep"],
    );
    assert_eq!(std::fs::read(&path).unwrap(), before);
    let left: Vec<_> = std::fs::read_dir(project.path("")).unwrap().collect();
    let names: Vec<_> = left.into_iter().map(|it| it.unwrap().file_name()).collect();
    let of_file = names
        .iter()
        .filter(|name| name.to_string_lossy().starts_with("spin.db"));
    assert_eq!(of_file.count(), 1, "{names:?}");
}

#[test]
fn without_a_file_too() {
    run(
        &project(),
        &[
            OPTION,
            "default=sqlite::memory:",
            OPTION,
            "cache=sqlite::memory:",
        ],
    )
    .is(0, &["11 scenarios (11 passed)"]);
}

#[test]
fn what_the_file_holds_is_there_in_every_scenario_anew_each_label_its_own() {
    let project = project();
    let number = 41_i64.to_le_bytes();
    file(
        &project,
        &[
            ("default", "a", b"from the file"),
            ("default", "n", &number),
            ("cache", "a", b"of the cache"),
        ],
    );
    let feature = r#"Feature: f
  Scenario Outline: <n>
    Given the key-value store "default" contains:
      | key   | value |
      | given | 1     |
    When I send GET "/get?key=a"
    Then the response body is "from the file"
    And the key-value store "default" is unchanged
    When I send GET "/increment?key=n"
    Then the response body is "42"
    When I send POST "/swap?key=a" with body "swapped"
    Then the key "a" of store "default" is "swapped"
    When I send GET "/delete?key=n"
    And I send GET "/get-keys"
    Then the response body contains "given"
    And the key-value store "default" has no key "n"
    When I send GET "/get?key=a&store=cache"
    Then the response body is "of the cache"
    Examples:
      | n |
      | 1 |
      | 2 |
"#;
    project.write("features/visits.feature", feature);
    let both = [
        OPTION,
        "default=sqlite:spin.db",
        OPTION,
        "cache=sqlite:spin.db",
    ];
    run(&project, &both).is(0, &["2 scenarios (2 passed)"]);
    // Nothing of this comes from anywhere but the file.
    run(&project, &[OPTION, "cache=sqlite:spin.db"]).is(1, &["2 scenarios (2 failed)"]);
}

#[test]
fn what_another_program_has_not_yet_moved_into_the_file_is_seen() {
    let project = project();
    let path = file(&project, &[]);
    let writer = Connection::open(&path).unwrap();
    let mode: String = writer
        .query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))
        .unwrap();
    assert_eq!(mode, "wal");
    let insert = "INSERT INTO spin_key_value VALUES ('default', 'a', x'31')";
    writer.execute(insert, []).unwrap();
    let feature = "Feature: f\n  Scenario: s\n    When I send GET \"/get?key=a\"\n    Then the response body is \"1\"\n";
    project.write("features/visits.feature", feature);
    run(&project, &[OPTION, "default=sqlite:spin.db"]).is(0, &["1 scenario (1 passed)"]);
}

#[test]
fn an_answer_that_differs_fails_the_scenario_and_names_call_and_both_answers() {
    let project = project();
    let path = file(&project, &[]);
    // Another program may write text where Spin writes bytes; Spin then fails to read it.
    let text = "INSERT INTO spin_key_value VALUES ('default', 'a', 'text')";
    Connection::open(&path).unwrap().execute(text, []).unwrap();
    let feature = "Feature: f\n  Scenario: s\n    When I send GET \"/get?key=a\"\n    Then the response status is 500\n";
    project.write("features/visits.feature", feature);
    let outcome = run(&project, &[OPTION, "default=sqlite:spin.db"]);
    outcome.is(
        1,
        &[
            "the real store of \"default\" (sqlite:spin.db) answers `get` of key \"a\" with the error `other: InvalidColumnType(0, \
             \"value\", Text)`; the store in the process, with \"text\"",
            // The guest got the real one's.
            "other: InvalidColumnType",
        ],
    );
}

#[test]
fn stores_of_the_manifest_start_from_its_folder_and_the_command_line_goes_before() {
    let project = project();
    let manifest = std::fs::read_to_string(project.path("spin.toml")).unwrap();
    let setting =
        "[application.tool.harness]\nkey_value_stores = { default = \"sqlite:spin.db\" }\n";
    project.write("app/spin.toml", format!("{manifest}\n{setting}"));
    project.write(
        "app/key-value-wasi.wasm",
        std::fs::read(project.path("key-value-wasi.wasm")).unwrap(),
    );
    let path = file(&project, &[("default", "a", b"of the manifest")]);
    std::fs::rename(path, project.path("app/spin.db")).unwrap();
    file(&project, &[("default", "a", b"of the command line")]);
    let reads = |value: &str| {
        let feature = format!(
            "Feature: f\n  Scenario: s\n    When I send GET \"/get?key=a\"\n    Then the response body is \"{value}\"\n"
        );
        project.write("features/visits.feature", feature);
    };
    reads("of the manifest");
    run(&project, &["-f", "app", "features"]).is(0, &["1 passed"]);
    reads("of the command line");
    run(
        &project,
        &["-f", "app", "features", OPTION, "default=sqlite:spin.db"],
    )
    .is(0, &["1 passed"]);
    let bad = setting.replace("sqlite:", "postgres:");
    project.write("app/spin.toml", format!("{manifest}\n{bad}"));
    let table = "`postgres:spin.db` is no real store";
    run(&project, &["-f", "app", "features"]).is(2, &[table]);
}

#[test]
fn what_cannot_be_used_is_2() {
    let project = project();
    file(&project, &[]);
    project.write("note.txt", "no database");
    let other = Connection::open(project.path("other.db")).unwrap();
    other.execute("CREATE TABLE other (x)", []).unwrap();
    drop(other);
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let redis = format!("default=redis://:secret@127.0.0.1:{port}");
    let at = format!("Redis at redis://127.0.0.1:{port} cannot be used");
    for (options, message) in [
        (
            &[OPTION, "default=sqlite:none.db"][..],
            "there is no file none.db",
        ),
        (
            &[OPTION, "default=sqlite:note.txt"],
            "note.txt is no SQLite database",
        ),
        (
            &[OPTION, "default=sqlite:other.db"],
            "no table `spin_key_value`",
        ),
        (&[OPTION, "default=file.db"], "expected `sqlite:PATH`"),
        (&[OPTION, "default"], "expected LABEL=sqlite:PATH"),
        (&[OPTION, &redis], &at),
        (
            &[OPTION, "default=redis:nonsense"],
            "nonsense is no URL of a Redis database",
        ),
        (
            &[
                OPTION,
                "default=sqlite:spin.db",
                OPTION,
                "default=sqlite::memory:",
            ],
            "the label \"default\" is there twice",
        ),
        (
            &[OPTION, "sessions=sqlite:spin.db"],
            "no key-value store has the label \"sessions\"; the runtime config defines \"cache\", \"default\"",
        ),
    ] {
        let outcome = run(&project, options);
        assert!(!outcome.text.contains("secret"), "{}", outcome.text);
        outcome.is(2, &[message]);
    }
}

#[test]
fn a_scenario_with_a_runtime_config_of_its_own_has_its_own_labels() {
    let project = project();
    file(&project, &[]);
    let brings = |label: &str| {
        let feature = format!(
            "Feature: f
  Scenario: s
    Given the runtime config:
      \"\"\"
      key_value_store.cache.type = \"spin\"
      key_value_store.{label}.type = \"spin\"
      \"\"\"
    And component \"wasi\" may use the key-value stores \"default, {label}\"
    When I send POST \"/set?key=a&store={label}\" with body \"1\"
    Then the response status is 200
"
        );
        project.write("features/visits.feature", feature);
    };
    let option = [OPTION, "sessions=sqlite:spin.db"];
    brings("sessions");
    run(&project, &option).is(0, &["1 passed"]);
    brings("others");
    let message = "no key-value store has the label \"sessions\"; the runtime config defines \"cache\", \"default\", \"others\"";
    run(&project, &option).is(1, &[message]);
}

#[test]
fn on_redis_everything_holds_and_the_database_is_left_empty() {
    let Some(server) = Server::start() else {
        return;
    };
    let project = project();
    let database = format!("{}/1", server.url);
    let option = format!("default={database}");
    let run = |option: &str| run(&project, &["-j", "4", OPTION, option]);
    run(&option).is(0, &["11 scenarios (11 passed)"]);
    let mut connection = server.connect();
    redis::cmd("SELECT").arg(1).exec(&mut connection).unwrap();
    let size = |connection: &mut redis::Connection| -> u64 {
        redis::cmd("DBSIZE").query(connection).unwrap()
    };
    assert_eq!(size(&mut connection), 0);
    // As under Spin, whatever its runtime config says of the label: Redis keeps decimal text, and answers each swap so.
    let feature = r#"Feature: f
  Scenario: s
    When I send GET "/increment?key=n&delta=41"
    Then the key "n" of store "default" is "41"
    When I send POST "/swap?key=n" with body "swapped"
    Then the response status is 500
    And the key "n" of store "default" is "swapped"
    When I send GET "/get-many?keys=n,m"
    Then the response body contains "wrong number of arguments"
    When I send GET "/get-many?keys=n"
    Then component "wasi" trapped
"#;
    project.write("features/visits.feature", feature);
    run(&format!("default=redis:{database}")).is(0, &["1 scenario (1 passed)"]);
    let _: () = connection.set("mine", "1").unwrap();
    run(&option).is(2, &["is not empty (1 key)", "must hold nothing before"]);
    assert_eq!(connection.get("mine"), Ok("1".to_owned()));
    assert_eq!(size(&mut connection), 1);
}

/// A sandbox whose stores `default` and `cache` are on this real store.
fn sandbox(store: &RealStore) -> Result<Sandbox, Mistake> {
    let config = spin_harness::app::RuntimeConfig::load(
        &Path::new(FIXTURES).join("key-value-wasi/runtime-config.toml"),
    );
    let app = App::from(Path::new(FIXTURES).join("key-value-wasi"))
        .runtime_config(config.unwrap())
        .load()
        .unwrap();
    let labels = ["default", "cache"].map(|label| (label.to_owned(), store.clone()));
    let options = SandboxOptions {
        real_stores: labels.into(),
        ..SandboxOptions::default()
    };
    Sandbox::with_options(&app, options)
}

fn send(sandbox: &Sandbox, method: &str, path: &str, body: &'static str) -> u16 {
    let request = Request::new(method, path).unwrap().body(body);
    sandbox.send_blocking(request).status()
}

#[test]
fn a_real_redis_holds_what_the_sandbox_shows() {
    let Some(server) = Server::start() else {
        return;
    };
    let store: RealStore = server.url.parse().unwrap();
    let mut sandbox = self::sandbox(&store).unwrap();
    let mut connection = server.connect();
    let mut holds = |key: &str| -> Option<Vec<u8>> { connection.get(key).unwrap() };
    sandbox.key_value("default").set("given", "1");
    assert_eq!(holds("given").unwrap(), b"1");
    assert_eq!(send(&sandbox, "POST", "/set?key=a", "written"), 200);
    assert_eq!(holds("a").unwrap(), b"written");
    // As under Spin, labels on one database are one store.
    assert_eq!(send(&sandbox, "GET", "/get?key=a&store=cache", ""), 200);
    for (rule, key, status) in [
        ("every \"set\" of key \"lost\" is lost", "lost", 200),
        (
            "every \"set\" of key \"before\" fails with \"other: full\"",
            "before",
            500,
        ),
    ] {
        sandbox.faults().push(rule.parse().unwrap());
        let path = format!("/set?key={key}");
        assert_eq!(send(&sandbox, "POST", &path, "1"), status);
        assert_eq!(holds(key), None, "{rule}");
    }
    for (rule, key, status) in [
        (
            "every \"set\" of key \"after\" applies, then fails with \"other: timeout\"",
            "after",
            500,
        ),
        ("every \"set\" of key \"bad\" is corrupt", "bad", 200),
    ] {
        sandbox.faults().push(rule.parse().unwrap());
        let path = format!("/set?key={key}");
        assert_eq!(send(&sandbox, "POST", &path, "a value"), status);
        let here = sandbox.key_value("default").get(key).unwrap();
        assert_eq!(holds(key).unwrap(), here, "{rule}");
        assert_eq!(here != "a value", key == "bad", "{rule}");
    }
    assert_eq!(sandbox.mistakes(), []);
    // What somebody else writes is an answer that differs, told once.
    let _: () = server.connect().set("a", "theirs").unwrap();
    assert_eq!(send(&sandbox, "GET", "/get?key=a", ""), 200);
    assert_eq!(send(&sandbox, "GET", "/get?key=a", ""), 200);
    let [
        Mistake::Differs {
            call, real, here, ..
        },
    ] = &sandbox.mistakes()[..]
    else {
        panic!("{:?}", sandbox.mistakes());
    };
    assert_eq!(
        [call, real, here],
        ["`get` of key \"a\"", "\"theirs\"", "\"written\""]
    );
    drop(sandbox);
    assert_eq!(holds("a"), None);
}

/// Of two spellings of one database the second finds what the first has; neither removes what others wrote there.
#[test]
fn two_spellings_of_one_redis_database_are_one_store() {
    let Some(server) = Server::start() else {
        return;
    };
    let app = Path::new(FIXTURES).join("key-value-wasi");
    let config = spin_harness::app::RuntimeConfig::load(&app.join("runtime-config.toml"));
    let app = App::from(app).runtime_config(config.unwrap()).load();
    let spellings = [
        ("default", server.url.clone()),
        (
            "cache",
            format!("{}/0", server.url.replace("127.0.0.1", "localhost")),
        ),
    ];
    let stores = spellings.map(|(label, url)| (label.to_owned(), url.parse().unwrap()));
    let options = SandboxOptions {
        real_stores: stores.into(),
        ..SandboxOptions::default()
    };
    let sandbox = Sandbox::with_options(&app.unwrap(), options).unwrap();
    assert_eq!(send(&sandbox, "POST", "/set?key=a", "1"), 200);
    assert_eq!(sandbox.key_value("cache").get("a").unwrap(), "1");
    assert_eq!(send(&sandbox, "POST", "/set?key=b&store=cache", "2"), 200);
    assert_eq!(sandbox.key_value("default").get("b").unwrap(), "2");
    assert_eq!(sandbox.mistakes(), []);
    let mut connection = server.connect();
    let _: () = connection.set("theirs", "3").unwrap();
    drop(sandbox);
    let keys: Vec<String> = connection.keys("*").unwrap();
    assert_eq!(keys, ["theirs"]);
}

#[test]
fn sandboxes_on_one_database_follow_each_other() {
    let Some(server) = Server::start() else {
        return;
    };
    let store: RealStore = server.url.parse().unwrap();
    let visits = || {
        let sandbox = sandbox(&store).unwrap();
        assert!(sandbox.key_value("default").is_empty());
        assert_eq!(send(&sandbox, "POST", "/set?key=a", "1"), 200);
        assert_eq!(sandbox.key_value("default").len(), 1);
        assert_eq!(sandbox.mistakes(), []);
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(visits)).collect();
        threads
            .into_iter()
            .for_each(|thread| thread.join().unwrap());
    });
}

/// Runs those of our own features that say most of what a store does.
fn own_features(store: &str) -> Outcome {
    let features = [
        "key-value-operations",
        "key-value-errors",
        "key-value-batch",
        "key-value-atomics",
        "faults-writes",
        "faults-reads",
        "faults-torn",
        "sweeps",
    ]
    .map(|name| format!("features/{name}.feature"));
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_spin-harness"))
        .args(["test", "--color", "never", "--snapshots", "check", OPTION])
        .arg(format!("default={store}"))
        .args(features)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .output()
        .unwrap();
    Outcome::of(output)
}

#[test]
fn our_own_features_pass_on_spins_sqlite_store() {
    own_features("sqlite::memory:").is(0, &["scenarios (", "0 failed"]);
}

#[test]
fn our_own_features_find_no_answer_of_redis_that_differs() {
    let Some(server) = Server::start() else {
        return;
    };
    let outcome = own_features(&server.url);
    // They say what Spin's SQLite store does, which is not all that its Redis store does.
    assert!(
        !outcome.text.contains("the real store of"),
        "{}",
        outcome.text
    );
    outcome.is(1, &["get-many of a key that exists"]);
}
