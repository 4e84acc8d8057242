//! The library as someone uses it who writes no Gherkin: real components, through the public API only.

use spin_harness::trigger::Request;
use spin_harness::{App, Error, Fault, Operation};

fn app(name: &str) -> App {
    let path = format!(
        "{}/../fixtures/apps/{name}/spin.toml",
        env!("CARGO_MANIFEST_DIR")
    );
    let app = App::from(&path);
    let config = format!(
        "{}/../fixtures/apps/{name}/runtime-config.toml",
        env!("CARGO_MANIFEST_DIR")
    );
    let app = match std::path::Path::new(&config).exists() {
        true => app.runtime_config(
            spin_harness::app::RuntimeConfig::load(std::path::Path::new(&config)).unwrap(),
        ),
        false => app,
    };
    app.load()
        .unwrap_or_else(|error| panic!("{:?}", miette::Report::new(error)))
}

fn get(sandbox: &spin_harness::Sandbox, path: &str) -> (u16, String) {
    let response = sandbox.send_blocking(Request::new("GET", path).unwrap());
    if let Some(problem) = response.problem() {
        eprintln!("{path}: {problem}");
    }
    (response.status(), response.text())
}

#[test]
fn a_visit_counts_and_a_fault_is_answered_with_503() {
    for name in ["visits", "visits-async"] {
        let app = app(name);
        let mut sandbox = app.sandbox();
        sandbox.key_value("default").set("visits", "41");
        assert_eq!(get(&sandbox, "/visit"), (200, "42".to_owned()), "{name}");
        sandbox.faults().push(
            Fault::on(Operation::Set)
                .nth(1)
                .fails_with(Error::other("disk full")),
        );
        assert_eq!(get(&sandbox, "/visit").0, 503, "{name}");
        let calls = sandbox.journal();
        let calls: Vec<_> = calls
            .storage_calls()
            .map(|call| (call.operation_name().into_owned(), call.outcome.to_string()))
            .collect();
        eprintln!("{calls:?}");
        assert_eq!(calls.len(), 6);
        assert_eq!(calls[5], ("set".to_owned(), "other: disk full".to_owned()));
    }
}

#[test]
fn requests_at_once_race_as_the_seed_says() {
    for name in ["visits", "visits-async"] {
        let app = app(name);
        let sandbox = app.sandbox();
        let requests = (0..10)
            .map(|_| Request::new("POST", "/count?name=hits").unwrap())
            .collect();
        let responses = futures::executor::block_on(sandbox.send_at_once(requests));
        let bodies: Vec<_> = responses.iter().map(|r| r.text()).collect();
        eprintln!("{name}: {bodies:?} {:?}", responses[0].problem());
        assert!(responses.iter().all(|r| r.status() == 200));
        let hits = sandbox.key_value("default").get("hits").unwrap();
        assert_ne!(hits.as_ref(), b"10", "the lost update was not shown");
    }
}

#[test]
fn hostile_guests_end_at_their_bounds() {
    let app = app("hostile");
    for path in [
        "/panics",
        "/unreachable",
        "/recurse",
        "/never-answers",
        "/floods-log",
        "/floods-response",
        "/sleeps-forever",
        "/memory",
        "/panics-after-head",
        "/works-on",
        "/loop",
    ] {
        let sandbox = app.sandbox();
        let start = std::time::Instant::now();
        let response = sandbox.send_blocking(Request::new("GET", path).unwrap());
        eprintln!(
            "{path}: {} cut={} len={} took={:?} real={:?}\n   {:?}",
            response.status(),
            response.is_cut(),
            response.body().len(),
            response.took(),
            start.elapsed(),
            response.problem()
        );
    }
}

#[test]
fn a_bare_module_and_the_unprovided_world_run() {
    let sandbox = app("module").sandbox();
    assert_eq!(get(&sandbox, "/").0, 200);
    let sandbox = app("unprovided").sandbox();
    for path in [
        "/",
        "/sqlite",
        "/redis",
        "/outgoing-http",
        "/unknown",
        "/postgres",
        "/mysql",
        "/llm",
    ] {
        let (status, body) = get(&sandbox, path);
        eprintln!("{path} {status} {body}");
    }
}

#[tokio::test]
async fn a_sandbox_works_and_drops_inside_another_runtime() {
    let app = app("visits");
    let sandbox = app.sandbox();
    let before = std::time::Instant::now();
    sandbox.pass(std::time::Duration::from_secs(3600)).await;
    assert!(
        before.elapsed() < std::time::Duration::from_secs(60),
        "an hour of virtual time took real time"
    );
    assert_eq!(sandbox.get("/visit").await.unwrap().text(), "1");
}

#[tokio::test]
async fn a_redis_message_arrives_and_redis_is_seen() {
    use spin_harness::sandbox::RedisAddress;
    use spin_harness::trigger::{MessageOutcome, RedisMessage};

    let sandbox = app("redis-messages").sandbox();
    let message = |channel: &str| RedisMessage {
        channel: channel.to_owned(),
        payload: "parcel 7".into(),
        server: None,
    };
    let handlings = sandbox.deliver(message("parcels")).await.unwrap();
    assert_eq!(handlings.len(), 1);
    assert_eq!(&*handlings[0].component, "forwarder");
    assert_eq!(handlings[0].outcome, MessageOutcome::Handled);
    let address = RedisAddress::parse("redis://localhost").unwrap();
    sandbox.redis(|redis, now| {
        let handled = redis.database(&address, now).get(b"handled").unwrap();
        assert_eq!(handled.to_bytes(), "1");
        let published = &redis.published()[0];
        assert_eq!(
            (&*published.channel, &*published.message),
            (&b"done"[..], &b"parcel 7"[..])
        );
    });
    let mistake = sandbox.deliver(message("parcel")).await.unwrap_err();
    assert!(mistake.to_string().contains("\"parcels\""), "{mistake}");
}

/// The example of `docs/library.md`.
#[tokio::test]
async fn services_are_played_without_gherkin_too() {
    use spin_harness::sandbox::{Answer, Stub, UrlPattern};
    let mut sandbox = app("orders").sandbox();
    sandbox.key_value("default").set("stock:widget", "1");
    let table = "create table orders (id text, amount integer, state text)";
    sandbox.sqlite("default").run(table).unwrap();
    let charge = UrlPattern::new("https://payments.example.com/charge").unwrap();
    let paid = Answer {
        status: 201,
        ..Answer::default()
    };
    sandbox.outgoing(|hosts| hosts.push(Stub::new(None, charge, vec![paid])));
    let lost = r#"every "http POST" applies, then fails with "connection-terminated""#;
    sandbox.faults().push(lost.parse().unwrap());
    let response = sandbox.post("/order?id=a&amount=7", "").await.unwrap();
    assert_eq!(response.status(), 503);
    let rows = sandbox
        .sqlite("default")
        .query("select id, state from orders")
        .unwrap();
    assert_eq!(rows.columns, ["id", "state"]);
    assert_eq!(rows.rows.len(), 1);
    assert_eq!(
        sandbox.key_value("default").get("stock:widget").unwrap(),
        "1"
    );
    assert_eq!(sandbox.outgoing(|hosts| hosts.sent().len()), 1);
    assert!(sandbox.mistakes().is_empty());
}
