//! Statements that are passed on to a real MySQL, which is a MariaDB here.

mod database_server;
mod mysql_server;
mod project;

use database_server::free_port;
use mysql_server::Server;
use project::{FIXTURES, Outcome};
use spin_harness::sandbox::{DatabaseServer, Mistake, RealServer};
use spin_harness::{App, Request};
use std::path::Path;
use std::process::Command;

const BEGINNING: &str = include_str!("../../fixtures/real/mysql.sql");

/// The databases that scenarios made, and what the one they are copies of holds.
const COPIES: &str = "show databases like 'spin\\_harness\\_%'";
const USERS: &str = "select name from users order by id";

/// A server with a database `shop`.
fn server() -> Option<Server> {
    let server = Server::start()?;
    server.create("shop", BEGINNING);
    Some(server)
}

/// That nothing was written to the database, and that no copy of it is left.
#[track_caller]
fn is_untouched(server: &Server) {
    assert_eq!(server.ask("shop", USERS), ["Ann"]);
    assert_eq!(server.ask("shop", "select drink from orders"), ["tea"]);
    assert_eq!(server.ask("shop", "select what from written"), [""; 0]);
    assert_eq!(server.ask("", COPIES), [""; 0]);
}

/// Runs a feature with the address in `MYSQL_URL`.
fn run(feature: &Path, url: &str, options: &[&str]) -> Outcome {
    let output = Command::new(env!("CARGO_BIN_EXE_spin-harness"))
        .args(["test", "--color", "never"])
        .args(options)
        .arg(feature)
        .env("MYSQL_URL", url)
        .output()
        .unwrap();
    Outcome::of(output)
}

/// The same of scenarios that a test writes, each in the app with the component `mysql` and on the server.
fn run_steps(scenarios: &[&str], url: &str, options: &[&str]) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    let feature = folder.path().join("f.feature");
    let app = Path::new(FIXTURES).join("databases");
    let mut text = "Feature: f\n".to_owned();
    for (number, steps) in scenarios.iter().enumerate() {
        text.push_str(&format!(
            "  Scenario: s{number}\n    Given the app \"{}\"\n    And MySQL at \"$MYSQL_URL\"\n{steps}\n",
            app.display()
        ));
    }
    std::fs::write(&feature, text).unwrap();
    run(&feature, url, options)
}

const OPENS: &str = "    When I send GET \"/mysql/open\"\n    Then the response status is 200";

#[test]
fn all_of_it_holds_again_and_again_and_nothing_stays_behind() {
    let Some(server) = server() else {
        return;
    };
    let feature = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/real/mysql.feature");
    for _ in 0..2 {
        run(&feature, &server.url("shop"), &["-j", "4"]).is(
            0,
            &[
                "scenarios (",
                "6 faulted runs, 6 survived",
                "2 orders, 2 passed",
            ],
        );
    }
    is_untouched(&server);
}

#[test]
fn what_cannot_be_used_is_told_without_the_password() {
    let Some(server) = server() else {
        return;
    };
    server.run("", "create user guest@'%' identified by 'hidden'");
    server.run("", "create user maker@'%' identified by 'hidden'");
    server.run("", "grant select on shop.* to maker@'%'");
    let nobody = format!("mysql://u:hidden@127.0.0.1:{}/shop", free_port());
    let wrong = server.url("shop").replace("secret", "hidden");
    for (url, message) in [
        (nobody, "cannot be used: Connection refused"),
        (
            server.url("nothing"),
            "the database \"nothing\" of the MySQL at mysql://127.0.0.1",
        ),
        (server.url("nothing"), "create it, with the tables and rows"),
        (wrong, "Access denied for user 'tester'@"),
        (
            server.url_of("guest:hidden", "shop"),
            "Access denied for user 'guest'@",
        ),
        (
            server.url_of("maker:hidden", "shop"),
            "the user needs `SELECT, SHOW VIEW, TRIGGER`",
        ),
    ] {
        let outcome = run_steps(&[OPENS], &url, &[]);
        assert!(!outcome.text.contains("hidden"), "{}", outcome.text);
        assert!(!outcome.text.contains("secret"), "{}", outcome.text);
        outcome.is(1, &[message]);
    }
    is_untouched(&server);
}

#[test]
fn a_user_needs_no_right_to_write_to_the_database() {
    let Some(server) = server() else {
        return;
    };
    server.run("", "create user reader@'%' identified by 'hidden'");
    server.run(
        "",
        "grant select, show view, trigger on shop.* to reader@'%'",
    );
    server.run("", "grant all on `spin\\_harness\\_%`.* to reader@'%'");
    // What nobody sees who only reads the statement, the server does not let through.
    let writes = r#"    When I send GET "/mysql/execute?sql=insert%20into%20users%20(name)%20values%20('Bob')"
    Then the response status is 200
    When I send GET "/mysql/execute?sql=create%20procedure%20p()%20execute%20immediate%20'delete%20from%20shop.written'"
    Then the response status is 200
    When I send GET "/mysql/execute?sql=call%20p()"
    Then the response body contains "DELETE command denied to user 'reader'@"
    When I send GET "/mysql/execute?sql=insert%20into%20orders%20(owner)%20values%20(1)"
    When I send GET "/mysql/query?sql=select%20count(*)%20as%20n%20from%20written"
    Then the response body contains "Int64(1)"
    When I send GET "/mysql/query?sql=select%20name%20from%20calm"
    Then the response body contains "Ann""#;
    run_steps(&[writes], &server.url_of("reader:hidden", "shop"), &[]).is(0, &["1 passed"]);
    is_untouched(&server);
}

#[test]
fn what_cannot_be_copied_is_told() {
    let Some(server) = server() else {
        return;
    };
    for (makes, takes_back, message) in [
        (
            "create sequence numbers",
            "drop sequence numbers",
            "`numbers` is a SEQUENCE, and spin-harness copies tables and views alone",
        ),
        (
            "create table seen (n int) engine = mrg_myisam union = ()",
            "drop table seen",
            "the table `seen` has the engine MRG_MyISAM, and its rows may be kept elsewhere",
        ),
        (
            "create view strangers as select name from other.people",
            "drop view strangers",
            "the view `strangers` names the database `other`, and would lead out of a copy",
        ),
        (
            "create trigger leaks after delete on users for each row insert into shop.written values ('x')",
            "drop trigger leaks",
            "the trigger `leaks` names the database `shop`, and would lead out of a copy",
        ),
        (
            "create table people (id int primary key, foreign key (id) references other.people (id))",
            "drop table people",
            "the table `people` names the database `other`",
        ),
        // Its table is gone.
        (
            "create table gone (n int); create view blind as select n from gone; drop table gone",
            "drop view blind",
            "the view `blind` cannot be used: what it is made of is not there",
        ),
    ] {
        server.run("", "create or replace database other");
        server.run(
            "other",
            "create table people (id int primary key, name text)",
        );
        server.run("shop", makes);
        run_steps(&[OPENS], &server.url("shop"), &[]).is(1, &[message]);
        server.run("shop", takes_back);
        is_untouched(&server);
    }
    run_steps(&[OPENS], &server.url("shop"), &[]).is(0, &["1 passed"]);
}

#[test]
fn a_statement_that_reaches_past_the_copy_is_not_sent() {
    let Some(server) = server() else {
        return;
    };
    for (statement, about) in [
        (
            "%20--%20all%20of%20it%0ADrop%20database%20shop",
            "databases",
        ),
        ("delete%20from%20shop.users", "the database `shop`"),
        (
            "/*!%20delete%20from*/%20%60shop%60.users",
            "the database `shop`",
        ),
        (
            "set%20global%20max_connections%20=%207",
            "the settings of the server",
        ),
    ] {
        let sends = format!("    When I send GET \"/mysql/execute?sql={statement}\"");
        let message = format!("is about {about}: a scenario has a copy of one database");
        run_steps(&[&sends], &server.url("shop"), &[]).is(1, &[&message]);
        is_untouched(&server);
    }
}

#[test]
fn a_server_that_does_not_answer_fails_the_scenario() {
    let Some(server) = server() else {
        return;
    };
    // Real time; the clock of the scenario stands still.
    let waits = r#"    When I send GET "/mysql/both?sql=do%20sleep(60)&then=select%201"
    Then the response status is 500
    And the response took 0 ms"#;
    run_steps(&[waits], &server.url("shop"), &[]).is(
        1,
        &[
            "the real server at mysql://127.0.0.1",
            "is in trouble: it did not answer within 10 s",
        ],
    );
    is_untouched(&server);
}

#[test]
fn a_run_that_ends_early_leaves_nothing_behind() {
    let Some(server) = server() else {
        return;
    };
    // It holds a lock on a table that the end of the run drops.
    let fails = r#"    When I send GET "/mysql/query?sql=select%20sleep(1)"
    Then the response status is 418"#;
    let is_under_way =
        r#"    When I send GET "/mysql/query?sql=select%20name,%20sleep(8)%20from%20users""#;
    let options = ["-j", "2", "--fail-fast"];
    let outcome = run_steps(&[fails, is_under_way], &server.url("shop"), &options);
    assert!(!outcome.text.contains("left behind"), "{}", outcome.text);
    outcome.is(1, &["s0"]);
    is_untouched(&server);
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
        let real = RealServer::mysql(&server.url("shop")).unwrap();
        assert_eq!(real.server(), DatabaseServer::MySql);
        sandbox.database_servers(|servers| servers.pass_on(real));
        let path = "/mysql/execute?sql=insert%20into%20users%20(name)%20values%20('Bob')";
        let response = sandbox.send_blocking(Request::new("GET", path).unwrap());
        assert_eq!(response.status(), 200);
        let sent =
            sandbox.database_servers(|servers| servers.statements(DatabaseServer::MySql).count());
        assert_eq!(sent, 1);
        assert_eq!(sandbox.mistakes(), [] as [Mistake; 0]);
    }
    assert_eq!(server.ask("", COPIES).len(), 2);
    drop(sandbox);
    assert_eq!(server.ask("", COPIES).len(), 1);
    drop(other);
    is_untouched(&server);
}
