//! Calls of services by a caller of the test's own, at moments that no guest can be made to choose.

use super::*;
use crate::host::Stop;
use crate::sandbox::kept::{Kept, MOST_KEPT, PRICE_OF_EACH};
use crate::sandbox::service::HTTP;
use crate::sandbox::service::llm::LLM_2;
use crate::sandbox::service::mqtt::{MQTT_2, PUBLISH};
use crate::sandbox::service::sockets::SOCKETS_2;
use crate::sandbox::service::sqlite::SQLITE_3;
use crate::sandbox::{
    Bounds, Broker, Guide, InferencingParams, LogRecord, MYSQL_2, Metric, MetricKind, ModelAnswer,
    ModelSays, POSTGRES_4, Publishing, Qos, Reach, RedisAddress, SandboxOptions, Sending, Span,
    SpanContext, SpanKind, SpanStatus, SqlCall, SqlOperation, SqliteStatement, Temporality,
    TextPattern, Turn,
};
use futures::future::join_all;
use std::pin::pin;
use std::time::Duration;
use tokio::runtime::Runtime;

/// A scenario of an app that may use everything.
fn world() -> (Runtime, Session) {
    let folder = tempfile::tempdir().unwrap();
    let wasm = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../fixtures/apps/visits/visits.wasm"
    );
    let manifest = format!(
        "spin_manifest_version = 2\n[application]\nname = \"a\"\n[[trigger.http]]\nroute = \"/...\"\ncomponent = \"api\"\n\
         [component.api]\nsource = \"{wasm}\"\nallowed_outbound_hosts = [\"*://*:*\"]\nai_models = [\"model\"]\n\
         sqlite_databases = [\"default\"]\n"
    );
    std::fs::write(folder.path().join("spin.toml"), manifest).unwrap();
    let app = crate::App::load(folder.path()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let entered = runtime.enter();
    let session = Session::new(app, SandboxOptions::default(), None).unwrap();
    drop(entered);
    (runtime, session)
}

fn caller(lane: u32) -> Caller {
    Caller {
        component: Arc::from("api"),
        instance: lane,
        lane,
        stop: Arc::new(Stop::new(&Bounds::default())),
        chain: Arc::default(),
    }
}

/// A message that is to be published, of which the effect is the test's.
fn publishing() -> Asked<'static> {
    Asked {
        interface: &MQTT_2,
        operation: &PUBLISH,
        label: "mqtt://localhost",
        key: "orders".to_owned(),
        size: 0,
        changes: Changes::Undoably,
        admitted: Ok(()),
    }
}

fn published() -> Result<Served<()>, CallTrap> {
    Ok(Served {
        reply: Ok(()),
        size: 0,
        note: None,
    })
}

#[test]
fn a_call_that_is_dropped_before_its_turn_was_never_made() {
    let (runtime, session) = world();
    runtime.block_on(session.schedule().interleave(async {
        let (given_up, made) = (caller(1), caller(2));
        {
            let effect = |_| async { published() };
            let call = session.service_call(&given_up, publishing(), effect);
            let mut call = pin!(call);
            assert!(futures::poll!(&mut call).is_pending());
        }
        let effect = |_| async { published() };
        let call = session.service_call(&made, publishing(), effect);
        assert_eq!(call.await.unwrap(), Ok(()));
    }));
    let journal = session.calls();
    let calls: Vec<_> = journal
        .calls()
        .iter()
        .map(|call| (call.instance, call.ordinal, &call.outcome))
        .collect();
    assert_eq!(calls, [(2, 1, &Outcome::Ok)]);
}

/// A sweep takes such a call for one that it has made fail.
#[test]
fn a_call_that_is_dropped_in_its_effect_says_whether_its_failure_was_injected() {
    for (text, is_injected) in [
        (Some("mqtt publish#1: applied then other: x"), true),
        (None, false),
    ] {
        let (runtime, session) = world();
        runtime.block_on(async {
            let injection = text.map(|text| text.parse().unwrap());
            injection
                .into_iter()
                .for_each(|it| session.with_faults(|faults| faults.inject(it)));
            let caller = caller(1);
            let effect = |_| async {
                std::future::pending::<()>().await;
                published()
            };
            let mut call = pin!(session.service_call(&caller, publishing(), effect));
            assert!(futures::poll!(&mut call).is_pending());
        });
        let journal = session.calls();
        let [call] = journal.calls() else {
            panic!("{journal:?}")
        };
        assert_eq!(call.injected, is_injected);
        // It had not come about.
        assert_eq!(call.fault, None);
    }
}

/// Of several that SQLite lets wait, any may go on first.
#[test]
fn a_statement_that_waited_for_another_connection_waits_for_its_turn_too() {
    let (runtime, session) = world();
    runtime.block_on(async {
        let (holder, other) = (caller(1), caller(2));
        let run = async |caller: &Caller, handle: &crate::sandbox::SqliteHandle, text: &str| {
            let statement = SqliteStatement {
                text: text.to_owned(),
                parameters: Vec::new(),
                streamed: false,
            };
            let ran = session.sqlite_execute(caller, &SQLITE_3, Some(handle), statement);
            ran.await.unwrap().unwrap();
        };
        let open = async |caller: &Caller| {
            let opened = session.sqlite_open(caller, &SQLITE_3, "default", 0).await;
            opened.unwrap().unwrap()
        };
        let (one, two) = (open(&holder).await, open(&other).await);
        run(&holder, &one, "create table t (x)").await;
        run(&holder, &one, "begin immediate").await;
        session.follow(Guide::default());
        let holding = async {
            tokio::time::sleep(Duration::from_millis(10)).await;
            run(&holder, &one, "commit").await;
        };
        let waiting = run(&other, &two, "insert into t values (1)");
        let both = futures::future::join(holding, waiting);
        session.schedule().interleave(both).await;
    });
    let trace = session.trace().unwrap();
    let of_other = trace.turns().iter().filter(|turn| turn.lane() == 2);
    let waking: Vec<bool> = of_other.map(|turn| turn.access.waking).collect();
    // At 0 ms, and after 1, 2, 5 and 10 ms more.
    assert_eq!(waking, [false, true, true, true, true]);
}

/// Calls that tell nothing of an order, unless the scenario makes it tell.
async fn tell_where_told(session: &Session, which: &str, lane: u32) {
    let caller = caller(lane);
    match which {
        "mqtt publish" => {
            let broker = Broker::parse("mqtt://localhost?client_id=a").unwrap();
            let publishing = message();
            let sent = session.publish_mqtt(&caller, &MQTT_2, Some(&broker), publishing);
            sent.await.unwrap().unwrap();
        }
        "sockets connect" => {
            let address = "10.0.0.7:5432".parse().unwrap();
            let _ = session.connect_socket(&caller, &SOCKETS_2, address).await;
        }
        "otel on-start" => session.span_starts(&caller, "1").await.unwrap(),
        "otel export" => {
            let metrics = vec![metric()];
            let exported = session.export_metrics(&caller, metrics).await;
            exported.unwrap().unwrap();
        }
        "otel on-emit" => session.log_emitted(&caller, record()).await.unwrap(),
        "postgres query" => drop(session.sql_call(&caller, statement(&POSTGRES_4)).await),
        "mysql query" => drop(session.sql_call(&caller, statement(&MYSQL_2)).await),
        "llm infer" => {
            let said = session.infer(
                &caller,
                &LLM_2,
                "model",
                "Hello",
                InferencingParams::default(),
            );
            said.await.unwrap().unwrap();
        }
        other => panic!("{other}"),
    }
}

#[test]
fn calls_take_turns_where_a_scenario_can_tell_their_order() {
    for which in [
        "mqtt publish",
        "sockets connect",
        "otel on-start",
        "otel export",
        "otel on-emit",
        "postgres query",
        "mysql query",
        "llm infer",
    ] {
        let turns = |rule: Option<String>| {
            let (runtime, session) = world();
            says(&session, "Hi");
            if let Some(rule) = rule {
                session.with_faults(|faults| faults.push(rule.parse().unwrap()));
            }
            session.follow(Guide::default());
            let requests = [1, 2].map(|lane| tell_where_told(&session, which, lane));
            runtime.block_on(session.schedule().interleave(join_all(requests)));
            let trace = session.trace().unwrap();
            trace.turns().iter().map(Turn::lane).collect::<Vec<_>>()
        };
        assert_eq!(turns(None), [0; 0], "{which}");
        let every = format!("every \"{which}\" traps");
        assert_eq!(
            turns(Some(every.replace("every", "optionally, the 3rd"))),
            [1, 2],
            "{which}"
        );
    }
}

fn message() -> Publishing {
    Publishing {
        topic: "orders".to_owned(),
        payload: "x".into(),
        qos: Qos::AtMostOnce,
    }
}

fn statement(interface: &'static crate::sandbox::ServiceInterface) -> SqlCall<'static> {
    let address = match interface.family {
        "mysql" => "mysql://localhost/shop",
        _ => "postgres://localhost/shop",
    };
    SqlCall {
        interface,
        operation: SqlOperation::Query,
        statement: "select 1".to_owned(),
        parameters: Ok(Vec::new()),
        connection: Reach::Address(address),
        streams: false,
    }
}

fn metric() -> Metric {
    Metric {
        component: Arc::from("api"),
        instance: 1,
        name: "visits".to_owned(),
        kind: MetricKind::Sum,
        unit: String::new(),
        temporality: Temporality::Delta,
        points: Vec::new(),
    }
}

fn record() -> LogRecord {
    LogRecord {
        component: Arc::from("api"),
        severity: String::new(),
        body: "text".to_owned(),
        attributes: Default::default(),
    }
}

/// Has the model say something.
fn says(session: &Session, text: &str) {
    let any = TextPattern::new("*").unwrap();
    let answer = ModelAnswer::new("model", any, vec![ModelSays::text(text)]);
    session.state().llm.push(answer);
}

#[test]
fn no_service_keeps_more_than_its_bound() {
    let (runtime, session) = world();
    let caller = caller(1);
    // All that there is room for.
    let fill = |bytes: usize| {
        let state = &mut *session.state();
        for kept in [
            &mut state.outgoing.kept,
            &mut state.redis.kept,
            &mut state.servers.kept,
            &mut state.llm.kept,
            &mut state.mqtt.kept,
            &mut state.telemetry.kept,
        ] {
            *kept = Kept::default();
            kept.add(0, bytes, "").unwrap();
        }
    };
    fn too_much<T>(ended: Result<T, CallTrap>) -> String {
        let Err(CallTrap(why)) = ended else {
            return "it was kept".to_owned();
        };
        let what = why.split("more than 256 MiB of ").nth(1);
        what.and_then(|what| what.split(", all of").next())
            .unwrap_or(&why)
            .to_owned()
    }
    says(&session, "Hi");
    runtime.block_on(async {
        fill(MOST_KEPT);
        let sending = Sending {
            interface: &HTTP,
            method: http::Method::GET,
            url: "https://a.example/".to_owned(),
            headers: http::HeaderMap::new(),
            body: Default::default(),
            first_byte_timeout: None,
            malformed: None,
        };
        let sent = session.send_outgoing(&caller, sending).await;
        assert_eq!(too_much(sent), "requests to other hosts");
        let address = RedisAddress::parse("redis://localhost").unwrap();
        let publish = ["PUBLISH", "orders", "x"].map(Into::into);
        let sent =
            session.with_redis(|redis| redis.run_for(&caller.component, &address, &publish, 0));
        assert_eq!(too_much(sent), "Redis messages");
        let sent = session.sql_call(&caller, statement(&POSTGRES_4)).await;
        assert_eq!(too_much(sent), "statements to database servers");
        let broker = Broker::parse("mqtt://localhost?client_id=a").unwrap();
        let sent = session
            .publish_mqtt(&caller, &MQTT_2, Some(&broker), message())
            .await;
        assert_eq!(too_much(sent), "MQTT messages");
        let said = session
            .infer(
                &caller,
                &LLM_2,
                "model",
                "Hello",
                InferencingParams::default(),
            )
            .await;
        assert_eq!(too_much(said), "prompts");
        let texts = ["Hello".to_owned()];
        let said = session
            .generate_embeddings(&caller, &LLM_2, "model", &texts)
            .await;
        assert_eq!(too_much(said), "texts to embed");
        assert_eq!(
            too_much(session.span_starts(&caller, "1").await),
            "telemetry"
        );
        let span = Span {
            component: Arc::from("api"),
            name: "order".to_owned(),
            kind: SpanKind::Internal,
            status: SpanStatus::Unset,
            context: SpanContext {
                trace_id: String::new(),
                span_id: "1".to_owned(),
            },
            parent: String::new(),
            took: Duration::ZERO,
            attributes: Default::default(),
            events: Vec::new(),
        };
        assert_eq!(
            too_much(session.span_ends(&caller, span, true).await),
            "telemetry"
        );
        let exported = session.export_metrics(&caller, vec![metric()]).await;
        assert_eq!(too_much(exported), "telemetry");
        assert_eq!(
            too_much(session.log_emitted(&caller, record()).await),
            "telemetry"
        );
        // The prompt, and nothing more.
        fill(MOST_KEPT - PRICE_OF_EACH - "modelHello".len());
        let said = session
            .infer(
                &caller,
                &LLM_2,
                "model",
                "Hello",
                InferencingParams::default(),
            )
            .await;
        assert_eq!(too_much(said), "answers to prompts");
    });
}

#[test]
fn an_address_that_would_fill_memory_leads_nowhere() {
    let (runtime, session) = world();
    let caller = caller(1);
    let longest = format!("postgres://{}/x", "a".repeat((64 << 10) - 13));
    let refused = runtime.block_on(async {
        let opened = session.sql_open(&caller, &POSTGRES_4, &longest, 0).await;
        assert!(opened.unwrap().is_ok());
        let longer = format!("{longest}x");
        let opened = session.sql_open(&caller, &POSTGRES_4, &longer, 0).await;
        opened.unwrap().unwrap_err()
    });
    let too_long = Failure::with_text("connection-failed", "the address is longer than 64 KiB");
    assert_eq!(refused, too_long);
}
