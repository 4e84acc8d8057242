//! A real TCP server on this machine behind `wasi:sockets`.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::process::{Command, Output};
use std::thread;

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// A server that says every line of a connection again, in capitals, to the first `connections` that are made to it.
fn shouting(connections: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().take(connections) {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap());
            let mut line = String::new();
            while lines.read_line(&mut line).unwrap() > 0 {
                stream.write_all(line.to_uppercase().as_bytes()).unwrap();
                line.clear();
            }
        }
    });
    address
}

/// Runs scenarios; `$SERVER` is the address of a server.
fn run(scenarios: &str, server: SocketAddr, options: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let feature = folder.path().join("real.feature");
    let app = format!("{REPOSITORY}/fixtures/apps/sockets/spin.toml");
    let background = format!(
        "Feature: real\n  Background:\n    Given the app \"{app}\"\n    \
         And component \"sockets\" may use the outbound hosts \"tcp://127.0.0.1:*\"\n    \
         And component \"sockets-async\" may use the outbound hosts \"tcp://127.0.0.1:*\"\n"
    );
    std::fs::write(&feature, background + scenarios).unwrap();
    Command::new(env!("CARGO_BIN_EXE_spin-harness"))
        .arg("test")
        .arg(&feature)
        .args(options)
        .env("SERVER", server.to_string())
        .current_dir(folder.path())
        .output()
        .unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn bytes_go_both_ways_and_are_written_down() {
    for (path, component) in [("/p2", "sockets"), ("/p3", "sockets-async")] {
        let server = shouting(2);
        let port = server.port();
        let scenario = format!(
            "  Scenario: two connections
    Given the TCP server at \"$SERVER\" is real
    When I send GET \"{path}/talk?ip=127.0.0.1&port={port}&lines=a,b\"
    Then the response body is \"connected | A | B | closed\"
    And the response took 0 ms
    When I send GET \"{path}/talk?ip=127.0.0.1&port={port}&lines=c\"
    Then the response body is \"connected | C | closed\"
    And the TCP server at \"{server}\" was sent \"a\\r\\nb\\r\\n\"
    And the TCP connections are:
      | component   | sent             | received         | ended  |
      | {component} | a\\\\r\\\\nb\\\\r\\\\n | A\\\\r\\\\nB\\\\r\\\\n | closed |
      | {component} | c\\\\r\\\\n        | C\\\\r\\\\n        | closed |
"
        );
        let output = run(&scenario, server, &[]);
        assert!(output.status.success(), "{}", text(&output));
    }
}

/// What a component drops is closed: a server that serves one connection after the other gets to the next.
#[test]
fn what_a_component_drops_is_closed() {
    for path in ["/p2", "/p3"] {
        let server = shouting(2);
        let port = server.port();
        let scenario = format!(
            "  Scenario: two connections
    Given the TCP server at \"$SERVER\" is real
    When I send GET \"{path}/tcp?ip=127.0.0.1&port={port}\"
    Then the response body is \"connected\"
    When I send GET \"{path}/talk?ip=127.0.0.1&port={port}&lines=a\"
    Then the response body is \"connected | A | closed\"
    And the TCP server at \"$SERVER\" was sent \"a\\r\\n\"
"
        );
        let output = run(&scenario, server, &[]);
        assert!(output.status.success(), "{}", text(&output));
    }
}

/// A server that closes a connection with something in it that it has not read resets it.
#[test]
fn a_reset_is_none_of_the_ends_that_a_server_wants() {
    for path in ["/p2", "/p3"] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = listener.local_addr().unwrap();
        thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            stream.peek(&mut [0]).unwrap();
        });
        let port = server.port();
        let scenario = format!(
            "  Scenario: a reset
    Given the TCP server at \"$SERVER\" is real
    When I send GET \"{path}/talk?ip=127.0.0.1&port={port}&lines=a\"
    Then the response body is \"connected | connection-reset\"
    And the TCP connections are:
      | sent    | received | ended |
      | a\\\\r\\\\n |          | reset |
"
        );
        let output = run(&scenario, server, &[]);
        assert!(output.status.success(), "{}", text(&output));
    }
}

#[test]
fn one_that_is_not_there_is_refused_and_faults_go_before_it() {
    let server = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let port = server.port();
    for path in ["/p2", "/p3"] {
        let scenario = format!(
            "  Scenario: nobody listens
    Given the TCP server at \"$SERVER\" is real
    And the 1st \"sockets connect\" fails with \"timeout\"
    When I send GET \"{path}/tcp?ip=127.0.0.1&port={port}\"
    Then the response body is \"timeout\"
    When I send GET \"{path}/tcp?ip=127.0.0.1&port={port}\"
    Then the response body is \"connection-refused\"
    And no TCP connection was made
"
        );
        let output = run(&scenario, server, &[]);
        assert!(output.status.success(), "{}", text(&output));
    }
}

#[test]
fn nothing_but_this_machine_is_real() {
    let server = SocketAddr::from(([10, 0, 0, 7], 5432));
    let scenario = "  Scenario: elsewhere
    Given the TCP server at \"$SERVER\" is real
    When I send GET \"/p2/tcp?ip=10.0.0.7&port=5432\"
    Then the response status is 200
";
    let output = run(scenario, server, &[]);
    let text = text(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    let message =
        "10.0.0.7:5432 is not on this machine: a test reaches nothing but loopback addresses";
    assert!(text.contains(message), "{text}");
}

#[test]
fn what_a_variable_has_is_not_told() {
    let folder = tempfile::tempdir().unwrap();
    let feature = folder.path().join("secret.feature");
    let app = format!("{REPOSITORY}/fixtures/apps/sockets/spin.toml");
    let scenario = format!(
        "Feature: f\n  Scenario: s\n    Given the app \"{app}\"\n    \
         Given the TCP server at \"$SECRET_URL\" is real\n    When I send GET \"/p2/tcp\"\n"
    );
    std::fs::write(&feature, scenario).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_spin-harness"))
        .arg("test")
        .arg(&feature)
        .env("SECRET_URL", "redis://:hunter2@127.0.0.1:6379")
        .output()
        .unwrap();
    let text = text(&output);
    assert!(
        text.contains("SECRET_URL is not set to an IP address"),
        "{text}"
    );
    assert!(!text.contains("hunter2"), "{text}");
}

/// One that takes a connection and says nothing is not waited for for ever, and is told apart from a guest's own waiting.
#[test]
fn one_that_says_nothing_fails_the_scenario() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = listener.local_addr().unwrap();
    let port = server.port();
    for path in ["/p2", "/p3"] {
        let scenario = format!(
            "  Scenario: silence
    Given the TCP server at \"$SERVER\" is real
    When I send GET \"{path}/talk?ip=127.0.0.1&port={port}&lines=a\"
    Then the response status is 200
"
        );
        let output = run(&scenario, server, &[]);
        let text = text(&output);
        assert_eq!(output.status.code(), Some(1), "{text}");
        let message = format!("the TCP server at {server} is real, and kept the component waiting");
        assert!(text.contains(&message), "{text}");
        assert!(text.contains("connected | connection-reset"), "{text}");
    }
}
