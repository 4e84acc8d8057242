//! Statements that are passed on to a real Postgres.

mod database_server;
mod postgres_server;
mod project;

use database_server::free_port;
use postgres_server::Server;
use project::{FIXTURES, Outcome};
use spin_harness::sandbox::{DatabaseServer, Mistake, RealServer, RealServerError};
use spin_harness::{App, Request};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const BEGINNING: &str = include_str!("../../fixtures/real/postgres.sql");

/// The databases that scenarios made, and their rows in the one they are copies of.
const COPIES: &str =
    "select datname::text from pg_database where datname like 'spin\\_harness\\_%'";
const USERS: &str = "select name from users order by id";

/// A server with a database `shop`.
fn server() -> Option<Server> {
    let server = Server::start()?;
    server.create("shop", BEGINNING);
    Some(server)
}

/// Runs a feature with the address in `POSTGRES_URL`.
fn run(feature: &Path, url: &str) -> Outcome {
    let output = Command::new(env!("CARGO_BIN_EXE_spin-harness"))
        .args(["test", "--color", "never", "-j", "4"])
        .arg(feature)
        .env("POSTGRES_URL", url)
        .output()
        .unwrap();
    Outcome::of(output)
}

/// The same of scenarios that a test writes, in the app with the component `postgres`.
fn run_steps(steps: &str, url: &str) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    let feature = folder.path().join("f.feature");
    let app = Path::new(FIXTURES).join("databases");
    let text = format!(
        "Feature: f\n  Scenario: s\n    Given the app \"{}\"\n{steps}\n",
        app.display()
    );
    std::fs::write(&feature, text).unwrap();
    run(&feature, url)
}

#[test]
fn all_of_it_holds_again_and_again_and_nothing_stays_behind() {
    let Some(server) = server() else {
        return;
    };
    let feature = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/real/postgres.feature");
    for _ in 0..2 {
        run(&feature, &server.url("shop")).is(
            0,
            &[
                "scenarios (",
                "6 faulted runs, 6 survived",
                "2 orders, 2 passed",
            ],
        );
    }
    assert_eq!(server.ask("shop", USERS), ["Ann"]);
    assert_eq!(server.ask("postgres", COPIES), [""; 0]);
}

#[test]
fn what_cannot_be_used_is_told_without_the_password() {
    let Some(server) = server() else {
        return;
    };
    let uses = "    And Postgres at \"$POSTGRES_URL\"\n    When I send GET \"/postgres/4/open\"";
    server.run("postgres", "create role guest login");
    server.run("postgres", "create role maker login createdb");
    let nobody = format!("postgres://u:secret@127.0.0.1:{}/shop", free_port());
    for (url, message) in [
        (nobody, "cannot be used: error connecting to server"),
        (
            server.url("nothing"),
            "the database \"nothing\" of the Postgres at",
        ),
        (server.url("nothing"), "create it, with the tables and rows"),
        (
            server.url_of("guest", "shop"),
            "permission denied to create database (42501)",
        ),
        (
            server.url_of("maker", "shop"),
            "permission denied to copy database \"shop\" (42501)",
        ),
        (server.url_of("maker", "shop"), "IS_TEMPLATE true"),
        (
            server.url_of("stranger", "shop"),
            "role \"stranger\" does not exist (28000)",
        ),
    ] {
        let outcome = run_steps(uses, &url);
        assert!(!outcome.text.contains("secret"), "{}", outcome.text);
        outcome.is(1, &[message]);
    }
    server.run("postgres", "alter database shop is_template true");
    run_steps(uses, &server.url_of("maker", "shop")).is(0, &["1 passed"]);
    assert_eq!(server.ask("postgres", COPIES), [""; 0]);
}

#[test]
fn a_server_that_does_not_answer_fails_the_scenario() {
    let Some(server) = server() else {
        return;
    };
    // Real time; the clock of the scenario stands still.
    let waits = r#"    And Postgres at "$POSTGRES_URL"
    When I send GET "/postgres/4/query?sql=select%20pg_sleep(60)"
    Then the response status is 500
    And the response took 0 ms"#;
    let outcome = run_steps(waits, &server.url("shop"));
    let outcome = outcome.is(
        1,
        &[
            "the real server at postgres://127.0.0.1",
            "is in trouble: it did not answer within 10 s",
        ],
    );
    // There is but one.
    assert!(
        !outcome.text.contains("another connection"),
        "{}",
        outcome.text
    );
    assert_eq!(server.ask("postgres", COPIES), [""; 0]);
}

#[test]
fn a_statement_that_reaches_past_the_copy_is_not_sent() {
    let Some(server) = server() else {
        return;
    };
    let drops = r#"    And Postgres at "$POSTGRES_URL"
    When I send GET "/postgres/4/execute?sql=%20--%20all%20of%20it%0ADrop%20database%20shop""#;
    let message = "is about databases: a scenario has a copy of one database";
    run_steps(drops, &server.url("shop")).is(1, &[message]);
    assert_eq!(server.ask("shop", USERS), ["Ann"]);
}

#[test]
fn a_run_that_ends_early_leaves_nothing_behind() {
    let Some(server) = server() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let feature = folder.path().join("f.feature");
    let app = Path::new(FIXTURES).join("databases");
    let begun = format!(
        "    Given the app \"{}\"\n    And Postgres at \"$POSTGRES_URL\"\n",
        app.display()
    );
    let query = |sql: &str| format!("    When I send GET \"/postgres/4/query?sql={sql}\"\n");
    let text = format!(
        "Feature: f\n  Scenario: fails at once\n{begun}{}    Then the response status is 418\n  Scenario: is under way\n{begun}{}",
        query("select%20pg_sleep(1)"),
        query("select%20pg_sleep(8)"),
    );
    std::fs::write(&feature, text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_spin-harness"))
        .args(["test", "--color", "never", "-j", "2", "--fail-fast"])
        .arg(&feature)
        .env("POSTGRES_URL", server.url("shop"))
        .output()
        .unwrap();
    Outcome::of(output).is(1, &["fails at once"]);
    assert_eq!(server.ask("postgres", COPIES), [""; 0]);
}

/// An owner of a database of its own, who may make others and nothing else.
fn owner(server: &Server) -> String {
    server.run("postgres", "create role owner login createdb");
    server.run("postgres", "create database owned owner owner");
    let rows_are_theirs = format!("set role owner; {BEGINNING}");
    server.run("owned", &rows_are_theirs);
    server.url_of("owner", "owned")
}

#[test]
fn the_owner_of_the_database_need_not_be_a_superuser() {
    let Some(server) = server() else {
        return;
    };
    let url = owner(&server);
    let works = r#"    And Postgres at "$POSTGRES_URL"
    When I send GET "/postgres/4/execute?sql=insert%20into%20users(name)%20values%20('Bob')"
    Then the response body is "1"
    When I send GET "/postgres/4/query?sql=select%20pg_sleep(3)"
    Then the response status is 200"#;
    let outcome = std::thread::scope(|scope| {
        let run = scope.spawn(|| run_steps(works, &url));
        let copy = first_copy(&server);
        // A superuser whom the owner may not send away, and who stays for longer than the scenario: the server waits 5 s.
        server.ask(&copy, "select pg_sleep(5)::text");
        run.join().unwrap()
    });
    assert!(!outcome.text.contains("left behind"), "{}", outcome.text);
    outcome.is(0, &["1 passed"]);
    assert_eq!(server.ask("postgres", COPIES), [""; 0]);
}

#[test]
fn a_copy_that_somebody_else_is_connected_to_is_left_and_told() {
    let Some(server) = server() else {
        return;
    };
    let url = owner(&server);
    let waits = r#"    And Postgres at "$POSTGRES_URL"
    When I send GET "/postgres/4/query?sql=select%20pg_sleep(5)"
    Then the response status is 200"#;
    let outcome = std::thread::scope(|scope| {
        let run = scope.spawn(|| run_steps(waits, &url));
        let copy = first_copy(&server);
        // Long enough for the end of the run, and for both attempts to drop the copy.
        let server = &server;
        let stays = scope.spawn(move || server.ask(&copy, "select pg_sleep(60)::text"));
        let outcome = run.join().unwrap();
        server.run(
            "postgres",
            "select pg_terminate_backend(pid) from pg_stat_activity where datname like 'spin\\_harness\\_%'",
        );
        // It was ended in the middle of a query.
        let _ = stays.join();
        outcome
    });
    outcome.is(
        0,
        &[
            "a copy of a database is left behind: \"spin_harness_",
            "is being accessed by other users",
            "(55006)",
        ],
    );
}

/// Waits until a scenario has made its copy.
fn first_copy(server: &Server) -> String {
    for _ in 0..600 {
        if let [copy] = &server.ask("postgres", COPIES)[..] {
            return copy.clone();
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("no scenario made a copy");
}

#[test]
fn an_interrupted_run_leaves_nothing_behind() {
    let Some(server) = server() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let feature = folder.path().join("f.feature");
    let app = Path::new(FIXTURES).join("databases");
    let text = format!(
        "Feature: f\n  Scenario: s\n    Given the app \"{}\"\n    And Postgres at \"$POSTGRES_URL\"\n    When I send GET \
         \"/postgres/4/query?sql=select%20pg_sleep(8)\"\n",
        app.display()
    );
    std::fs::write(&feature, text).unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_spin-harness"))
        .args(["test", "--color", "never"])
        .arg(&feature)
        .env("POSTGRES_URL", server.url("shop"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let mut run = run.unwrap();
    first_copy(&server);
    let id = run.id().to_string();
    let interrupted = Command::new("kill").args(["-INT", &id]).status().unwrap();
    assert!(interrupted.success());
    let ended = run.wait().unwrap();
    assert!(ended.code().is_some(), "{ended}");
    assert_eq!(server.ask("postgres", COPIES), [""; 0]);
}

#[test]
fn a_statement_of_no_server_is_a_mistake_as_ever() {
    let Some(server) = server() else {
        return;
    };
    let elsewhere = r#"    And Postgres at "db.example.com" is the real server at "$POSTGRES_URL"
    When I send GET "/postgres/4/query?sql=select%201""#;
    let message = "nothing answers the Postgres statement \"select 1\"";
    run_steps(elsewhere, &server.url("shop")).is(1, &[message]);
}

#[test]
fn a_sandbox_has_a_database_until_it_is_dropped() {
    let Some(server) = server() else {
        return;
    };
    let app = App::load(Path::new(FIXTURES).join("databases")).unwrap();
    let sandbox = app.sandbox();
    let other = app.sandbox();
    for sandbox in [&sandbox, &other] {
        let real = RealServer::postgres(&server.url("shop")).unwrap();
        sandbox.database_servers(|servers| servers.pass_on(real));
        let path = "/postgres/4/execute?sql=insert%20into%20users(name)%20values%20('Bob')";
        let response = sandbox.send_blocking(Request::new("GET", path).unwrap());
        assert_eq!(response.text(), "1");
        let sent = sandbox
            .database_servers(|servers| servers.statements(DatabaseServer::Postgres).count());
        assert_eq!(sent, 1);
        assert_eq!(sandbox.mistakes(), [] as [Mistake; 0]);
    }
    assert_eq!(server.ask("postgres", COPIES).len(), 2);
    drop(sandbox);
    assert_eq!(server.ask("postgres", COPIES).len(), 1);
    drop(other);
    assert_eq!(server.ask("postgres", COPIES), [""; 0]);
    assert_eq!(server.ask("shop", USERS), ["Ann"]);
    let tls = RealServer::postgres("postgres://u:secret@localhost/shop?sslmode=require");
    assert!(matches!(tls, Err(RealServerError::Tls { .. })));
}
