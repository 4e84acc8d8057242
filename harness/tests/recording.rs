//! `spin-harness test --record`: what a real server on loopback answers is written down, and then does without the server.

mod project;

use project::{FIXTURES, Outcome, Project};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

const README: &str = include_str!("../../README.md");
const FEATURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../features");

/// A request as the server got it.
#[derive(Clone, Debug)]
struct Got {
    line: String,
    headers: Vec<String>,
    body: String,
}

/// An API as apps have them, on a port of its own. It ends with the process; nobody asks it after a test.
struct Server {
    port: u16,
    got: Arc<Mutex<Vec<Got>>>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let got: Arc<Mutex<Vec<Got>>> = Arc::default();
        let kept = Arc::clone(&got);
        std::thread::spawn(move || {
            let mut visits = 0;
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let request = read(&stream);
                let answer = answer(&request, &mut visits);
                kept.lock().unwrap().push(request);
                stream.write_all(&answer).unwrap();
            }
        });
        Self { port, got }
    }

    fn got(&self) -> Vec<Got> {
        std::mem::take(&mut *self.got.lock().unwrap())
    }

    fn lines(&self) -> Vec<String> {
        self.got().into_iter().map(|got| got.line).collect()
    }

    /// What has the API recorded.
    fn option(&self) -> String {
        format!("https://api.example.com=http://127.0.0.1:{}", self.port)
    }
}

fn read(stream: &TcpStream) -> Got {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        assert!(reader.read_line(&mut line).unwrap() > 0, "{lines:?}");
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let length = lines
        .iter()
        .find_map(|line| line.strip_prefix("content-length: "));
    let length: u64 = length.map_or(0, |length| length.parse().unwrap());
    let mut body = String::new();
    reader.take(length).read_to_string(&mut body).unwrap();
    let line = lines.remove(0).replace(" HTTP/1.1", "");
    Got {
        line,
        headers: lines,
        body,
    }
}

fn answer(request: &Got, visits: &mut u32) -> Vec<u8> {
    let json = "content-type: application/json\r\n";
    let user = format!("{json}set-cookie: sid=s3cret; Path=/\r\n");
    let ordered = |item: &str| {
        (
            201,
            json.to_owned(),
            format!("{{\"ordered\": \"{item}\"}}").into_bytes(),
        )
    };
    let (status, headers, body): (u16, String, Vec<u8>) = match request.line.as_str() {
        "GET /users/7" | "HEAD /users/7" => (200, user, b"{\"name\": \"Ada\"}".to_vec()),
        "DELETE /users/7" => (204, String::new(), Vec::new()),
        "POST /orders" if request.body.contains("tea") => ordered("tea"),
        "POST /orders" => ordered("coffee"),
        "GET /logo" => (
            200,
            "content-type: image/png\r\n".to_owned(),
            vec![0, 255, 10],
        ),
        "GET /old" => (302, "location: /users/7\r\n".to_owned(), Vec::new()),
        "GET /count" => {
            *visits += 1;
            (200, String::new(), visits.to_string().into_bytes())
        }
        _ => (404, String::new(), b"no such page".to_vec()),
    };
    let length = match status {
        204 => String::new(),
        _ => format!("content-length: {}\r\n", body.len()),
    };
    let mut answer = format!(
        "HTTP/1.1 {status} Whatever\r\n{headers}date: Thu, 26 Nov 2026 00:00:00 GMT\r\n{length}connection: close\r\n\r\n"
    )
    .into_bytes();
    if !request.line.starts_with("HEAD") {
        answer.extend(body);
    }
    answer
}

/// A project with the app that sends what the query asks for.
fn project(scenarios: &str) -> Project {
    let project = Project::new();
    let manifest = "spin_manifest_version = 2\n[application]\nname = \"a\"\n[[trigger.http]]\nroute = \"/...\"\ncomponent = \
                    \"outgoing\"\n[component.outgoing]\nsource = \"outgoing.wasm\"\nkey_value_stores = \
                    [\"default\"]\nallowed_outbound_hosts = [\"https://api.example.com\"]\n";
    project.write("spin.toml", manifest);
    let wasm = Path::new(FIXTURES).join("outgoing/outgoing.wasm");
    std::fs::copy(wasm, project.path("outgoing.wasm")).unwrap();
    std::fs::remove_file(project.path("features/visits.feature")).unwrap();
    project.write("features/api.feature", format!("Feature: f\n{scenarios}"));
    project
}

fn scenario(name: &str, steps: &[&str]) -> String {
    let steps: String = steps.iter().map(|step| format!("    {step}\n")).collect();
    format!("  Scenario: {name}\n{REPLAYED}{steps}")
}

const REPLAYED: &str = "    Given outgoing HTTP is replayed from \"recordings/api.toml\"\n";
const GET_USER: &str = "When I send GET \"/send?url=https://api.example.com/users/7\"";
const COUNT: &str = "When I send GET \"/send?url=https://api.example.com/count\"";

fn run(project: &Project, options: &[&str]) -> Outcome {
    let mut arguments = vec!["test", "--color", "never", "--no-durations"];
    arguments.extend(options);
    project.run(&arguments)
}

fn recording(project: &Project) -> String {
    std::fs::read_to_string(project.path("features/recordings/api.toml")).unwrap()
}

/// The specification's own recordings are what this server says, whatever the number of jobs.
#[test]
fn the_committed_recordings_are_made_from_scratch() {
    let server = Server::start();
    let project = Project::new();
    std::fs::remove_file(project.path("features/visits.feature")).unwrap();
    let feature = std::fs::read_to_string(format!("{FEATURES}/outgoing-recorded.feature")).unwrap();
    let feature = feature.replace("../fixtures/apps", FIXTURES);
    project.write("features/outgoing-recorded.feature", feature);
    let recorded = run(&project, &["--record", &server.option(), "--jobs", "4"]);
    recorded.is(
        0,
        &[
            "15 scenarios (15 passed)",
            "recorded 7 exchanges in features/recordings/api.toml",
            "recorded 4 exchanges in features/recordings/counter.toml",
        ],
    );
    for name in ["api.toml", "counter.toml"] {
        let made = std::fs::read_to_string(project.path("features/recordings").join(name)).unwrap();
        let committed = std::fs::read_to_string(format!("{FEATURES}/recordings/{name}")).unwrap();
        assert_eq!(made, committed, "{name}");
        assert!(!made.contains("s3cret"), "{made}");
    }
    let got = server.got();
    assert!(
        got.iter()
            .all(|got| got.headers.contains(&"host: api.example.com".to_owned()))
    );
    // The server is told what the recording keeps to itself.
    let secret = "authorization: Bearer s3cret".to_owned();
    assert!(
        got.iter().any(|got| got.headers.contains(&secret)),
        "{got:#?}"
    );
    run(&project, &[]).is(0, &["15 scenarios (15 passed)"]);
    assert_eq!(server.lines(), [""; 0]);
}

#[test]
fn a_request_that_changes_fails_with_the_nearest() {
    let server = Server::start();
    let passes = [GET_USER, "Then the JSON path \"$.status\" is 200"];
    let project = project(&scenario("a", &passes));
    run(&project, &["--record", &server.option()]).is(0, &["recorded 1 exchange"]);
    assert_eq!(server.lines(), ["GET /users/7"]);
    let recorded = recording(&project);
    let (_, exchange) = recorded.split_once("\n\n").unwrap();
    assert!(
        README.contains(exchange),
        "the README should show:\n{exchange}"
    );
    run(&project, &[]).is(0, &["1 scenario (1 passed)"]);
    let changed = scenario("a", &passes).replace("users/7", "users/7?full=yes");
    project.write("features/api.feature", format!("Feature: f\n{changed}"));
    let failed = run(&project, &[]).is(
        1,
        &[
            "nothing answers GET https://api.example.com/users/7?full=yes, and it is not in the recording features/recordings/api.toml",
            "what is answered: GET https://api.example.com/users/7;",
            "to record it: `spin-harness test --record https://api.example.com=URL`",
        ],
    );
    assert!(!failed.has_panicked());
    assert_eq!(server.lines(), [""; 0]);
}

#[test]
fn only_the_undisturbed_run_asks_the_server() {
    let server = Server::start();
    let steps = [
        "When I send GET \"/store-and-send?url=https://api.example.com/count\"",
        "Then the response status is one of 200, 503",
    ];
    let swept = format!("  @fault-sweep\n{}", scenario("swept", &steps));
    let project = project(&swept);
    run(&project, &["--record", &server.option()]).is(0, &["0 failed", "recorded 1 exchange"]);
    assert_eq!(server.lines(), ["GET /count"]);
    // A second run of the scenario that is compared with the first gets what that one got.
    let twice = ["--record", &server.option(), "--check-determinism"];
    run(&project, &twice).is(0, &["recorded 1 exchange"]);
    assert_eq!(server.lines(), ["GET /count"]);
}

#[test]
fn what_did_not_pass_is_left_out_and_what_was_there_stays() {
    let server = Server::start();
    let good = scenario(
        "good",
        &[GET_USER, "Then the JSON path \"$.status\" is 200"],
    );
    let bad = scenario("bad", &[COUNT, "Then the JSON path \"$.body\" is \"7\""]);
    let project = project(&format!("{good}{bad}"));
    run(&project, &["--record", &server.option()]).is(
        1,
        &["recorded 1 exchange in features/recordings/api.toml; left out what 1 scenario asked for that did not pass"],
    );
    assert!(!recording(&project).contains("/count"));
    let good_only = recording(&project);
    // Another run, of another scenario, adds to it.
    let counting = bad.replace("\"7\"", "\"2\"");
    project.write(
        "features/api.feature",
        format!("Feature: f\n{good}{counting}"),
    );
    run(&project, &["--record", &server.option(), "--name", "bad"]).is(
        0,
        &["recorded 1 exchange in features/recordings/api.toml; kept 1 that were recorded before"],
    );
    assert!(recording(&project).starts_with(&good_only));
    run(&project, &[]).is(0, &["2 scenarios (2 passed)"]);
    // And what is asked again is renewed, where it stood.
    let renewed = counting.replace("\"2\"", "\"3\"");
    project.write(
        "features/api.feature",
        format!("Feature: f\n{good}{renewed}"),
    );
    run(&project, &["--record", &server.option()]).is(0, &["recorded 2 exchanges"]);
    assert!(recording(&project).starts_with(&good_only));
    assert!(recording(&project).ends_with("body = \"3\"\n"));
}

#[test]
fn one_request_with_two_answers_needs_two_recordings() {
    let server = Server::start();
    let first = scenario("first", &[COUNT]);
    let second = scenario("second", &[COUNT]);
    let project = project(&format!("{first}{second}"));
    run(&project, &["--record", &server.option()]).is(
        2,
        &[
            "features/recordings/api.toml is not written: GET https://api.example.com/count was answered differently in \
             features/api.feature:2 and in features/api.feature:5: they differ in the bodies \"1\" and \"2\"",
            "give each of them a recording of its own",
        ],
    );
    assert!(!project.path("features/recordings").exists());
    let second = second.replace("api.toml", "second.toml");
    project.write(
        "features/api.feature",
        format!("Feature: f\n{first}{second}"),
    );
    run(&project, &["--record", &server.option()]).is(0, &["features/recordings/second.toml"]);
    run(&project, &[]).is(0, &["2 scenarios (2 passed)"]);
}

/// The folder of the recording is a file.
#[test]
fn a_recording_that_cannot_be_written_says_why_once() {
    let server = Server::start();
    let project = project(&scenario("a", &[GET_USER]).replace("recordings/", "notes/"));
    project.write("features/notes", "");
    let run = run(&project, &["--record", &server.option()]);
    let run = run.is(2, &["features/notes/api.toml cannot be written"]);
    assert_eq!(run.text.matches("(os error ").count(), 1, "{}", run.text);
}

#[test]
fn an_option_that_records_nothing_is_told() {
    let server = Server::start();
    let stated = scenario(
        "a",
        &[
            "Given * \"https://api.example.com/*\" answers 200",
            GET_USER,
        ],
    );
    let project = project(&stated);
    run(&project, &["--record", &server.option()]).is(
        2,
        &["no scenario with a recording sent a request to https://api.example.com that nothing else answers"],
    );
    project.write(
        "features/api.feature",
        format!("Feature: f\n{}", stated.replace(REPLAYED, "")),
    );
    run(&project, &["--record", &server.option()]).is(
        2,
        &[
            "no scenario that ran names a recording",
            "Given outgoing HTTP is replayed from \"recordings/api.toml\"",
        ],
    );
    let elsewhere = "https://api.example.com=http://10.0.0.7:8080";
    run(&project, &["--record", elsewhere]).is(2, &["10.0.0.7 is not this machine"]);
    let two = scenario(
        "a",
        &[
            "Given outgoing HTTP is replayed from \"recordings/other.toml\"",
            GET_USER,
        ],
    );
    project.write("features/api.feature", format!("Feature: f\n{two}"));
    run(&project, &["--record", &server.option()]).is(
        1,
        &[
            "features/recordings/api.toml and features/recordings/other.toml",
            "record scenarios that name one",
        ],
    );
    assert_eq!(server.lines(), [""; 0]);
}

#[test]
fn a_server_that_is_not_there_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let project = project(&scenario("a", &[GET_USER]));
    let option = format!("https://api.example.com=http://{address}");
    run(&project, &["--record", &option]).is(
        1,
        &[
            &format!(
                "GET https://api.example.com/users/7 cannot be recorded from http://{address}: "
            ),
            "is the server running?",
            &format!("features/api.feature:2 --record https://api.example.com=http://{address}"),
        ],
    );
    assert!(!project.path("features/recordings").exists());
}

#[test]
fn a_file_that_nothing_changed_in_stays_as_somebody_wrote_it() {
    let server = Server::start();
    let project = project(&scenario("a", &[GET_USER]));
    run(&project, &["--record", &server.option()]).is(0, &["recorded 1 exchange"]);
    let commented = format!("# Ada is in the seed data.\n{}", recording(&project));
    project.write("features/recordings/api.toml", &commented);
    run(&project, &["--record", &server.option()]).is(0, &["recorded 1 exchange"]);
    assert_eq!(recording(&project), commented);
    // What has changed is written as a whole.
    let changed = commented
        .replace("Ada\\\"}", "Eve\\\"}")
        .replace("Ada\"}", "Eve\"}");
    assert_ne!(changed, commented);
    project.write("features/recordings/api.toml", &changed);
    run(&project, &["--record", &server.option()]).is(0, &["recorded 1 exchange"]);
    assert!(!recording(&project).contains("Eve"));
    assert!(!recording(&project).contains("# Ada"));
}

#[test]
fn one_file_may_be_named_in_two_ways() {
    let server = Server::start();
    let project = project("");
    let whole = project.path("features/recordings/api.toml");
    let second = scenario("second", &[COUNT]);
    let second = second.replace("recordings/api.toml", whole.to_str().unwrap());
    let first = scenario("first", &[GET_USER]);
    project.write(
        "features/api.feature",
        format!("Feature: f\n{first}{second}"),
    );
    run(&project, &["--record", &server.option()])
        .is(0, &["recorded 2 exchanges in features/recordings/api.toml"]);
    run(&project, &[]).is(0, &["2 scenarios (2 passed)"]);
}

#[test]
fn a_user_in_a_url_is_told_to_nobody_but_the_server_that_is_meant() {
    let server = Server::start();
    let asks = "When I send GET \"/send?url=https://ann:pa55@api.example.com/users/7\"";
    let status = "Then the JSON path \"$.status\" is 200";
    let project = project(&scenario("a", &[asks, status]));
    run(&project, &["--record", &server.option()]).is(0, &["recorded 1 exchange"]);
    assert!(!recording(&project).contains("pa55"));
    assert!(recording(&project).contains("url = \"https://api.example.com/users/7\""));
    run(&project, &[]).is(0, &["1 scenario (1 passed)"]);
    let elsewhere = scenario("a", &[&asks.replace("users/7", "users/8"), status]);
    project.write("features/api.feature", format!("Feature: f\n{elsewhere}"));
    run(&project, &[]).is(
        1,
        &["nothing answers GET https://api.example.com/users/8, and it is not in the recording"],
    );
}
