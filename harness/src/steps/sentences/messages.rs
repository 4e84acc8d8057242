//! Sentences about language models, MQTT, telemetry and sockets: what is so before, and what must be true then.

use super::super::reference::Subject;
use super::{NOTHING, Takes, given, then};

pub(super) static SUBJECTS: &[Subject] = &[LLM, MQTT, TELEMETRY, SOCKETS];

const LLM: Subject = Subject {
    name: "Language models",
    about: r#"No model runs: it answers as the scenario says, and a prompt that nothing answers fails the scenario. In a prompt `*` is any text.
Of several statements that fit a prompt the last one answers. In a table, rows of the same prompt answer it in turn, and the last
is repeated. Where no numbers of tokens are given, each word is one. A model fails with `model-not-supported`,
`runtime-error: text` or `invalid-input: text`. One that `ai_models` does not name is refused with Spin's own `invalid-input`.

In fault rules and in the journal the operations are `llm infer` and `llm generate-embeddings`; the store is the model, the key the
prompt. A prompt that a fault stops does not reach the model.

```gherkin
Given the model "llama2-chat" answers:
  | prompt    | answer | prompt tokens | generated tokens | fails with                |
  | *weather* | sunny  | 12            | 1                |                           |
  | *         |        |               |                  | runtime-error: overloaded |
```"#,
    steps: &[
        given(r#"the model "llama2-chat" answers "Hello!""#, NOTHING),
        given(
            r#"the model "llama2-chat" answers prompts like "*weather*" with "sunny""#,
            NOTHING,
        ),
        given(
            r#"the model "llama2-chat" answers:"#,
            Takes::Table(&[
                "prompt",
                "answer",
                "prompt tokens",
                "generated tokens",
                "fails with",
            ]),
        ),
        given(
            r#"the model "llama2-chat" fails with "runtime-error: overloaded""#,
            NOTHING,
        ),
        given(
            r#"the embedding of "text" by model "all-minilm-l6-v2" is "0.1, 0.2""#,
            NOTHING,
        ),
        given(
            r#"the embeddings by model "all-minilm-l6-v2" are:"#,
            Takes::Table(&["text", "embedding"]),
        ),
        then(r#"the model "llama2-chat" was asked "*weather*""#, NOTHING),
        then(
            r#"the model "all-minilm-l6-v2" was asked for the embedding of "text""#,
            NOTHING,
        ),
        then(r#"the model "llama2-chat" was asked 2 times"#, NOTHING),
        then(r#"the model "llama2-chat" was never asked"#, NOTHING),
        then("no model was asked", NOTHING),
        then(
            "the prompts are:",
            Takes::Table(&[
                "component",
                "model",
                "prompt",
                "answer",
                "max tokens",
                "temperature",
                "top k",
                "top p",
                "repeat penalty",
                "repeat penalty last n",
            ]),
        ),
    ],
};

const MQTT: Subject = Subject {
    name: "MQTT",
    about: r#"There is no broker: what components publish is taken and written down, for each address that `allowed_outbound_hosts` permits. A
message is a value as elsewhere, and may be `json:{…}`; an empty cell of a table means any.

In fault rules and in the journal the operations are `mqtt open` and `mqtt publish`; the store is the address without user and
password, the key of `mqtt publish` the topic. They fail with `invalid-address`, `too-many-connections`, `connection-failed: text` or
`other: text`. As under Spin an address must have a `client_id`, opening a connection says nothing to the broker, and a packet of
more than 10 KiB is not sent unless the address says `max_incoming_packet_size_bytes` and `max_outgoing_packet_size_bytes`.

```gherkin
Given every "mqtt publish" of key "orders/*" fails with "connection-failed: I/O: Connection refused"
```"#,
    steps: &[
        then(
            r#"the MQTT message "text" was published on topic "orders/new""#,
            NOTHING,
        ),
        then(
            r#"2 MQTT messages were published on topic "orders/new""#,
            NOTHING,
        ),
        then("no MQTT message was published", NOTHING),
        then(
            "the MQTT messages are:",
            Takes::Table(&["component", "address", "topic", "message", "qos"]),
        ),
    ],
};

const TELEMETRY: Subject = Subject {
    name: "Telemetry",
    about: r#"What components hand to `wasi:otel@0.2.0-rc.2` is written down; Spin offers that interface with `--experimental-wasi-otel`. A span is
recorded when it ends; its parent is the name of the span that it is inside of, and `request` the one that the host opens for each
request, whose ids follow from the seed. The value of a text is written without quotes, any other as JSON.

A metric has a value for each set of attributes. It is what a collector would show: of a gauge the last value; sums and histograms
(their value is the sum of what was measured, their count its number) are added up over the instances that exported them.

In fault rules and in the journal the operations are `otel on-start`, `otel on-end`, `otel outer-span-context`, `otel export` and
`otel on-emit`; only `otel export` has an error, `other: text`.

```gherkin
Then the spans are:
  | name  | parent  | kind   | status | attributes           |
  | query | order   | client | unset  |                      |
  | order | request | server | ok     | user=maria, items=3  |
```"#,
    steps: &[
        then(r#"a span "order" was recorded"#, NOTHING),
        then(
            r#"a span "order" was recorded with the attributes:"#,
            Takes::Table(&["key", "value"]),
        ),
        then(r#"no span "order" was recorded"#, NOTHING),
        then("no span was recorded", NOTHING),
        then(
            "the spans are:",
            Takes::Table(&[
                "component",
                "name",
                "parent",
                "kind",
                "status",
                "attributes",
            ]),
        ),
        then(r#"the metric "visits" is 3"#, NOTHING),
        then(
            r#"the metric "visits" is 3 with the attributes:"#,
            Takes::Table(&["key", "value"]),
        ),
        then(r#"no metric "visits" was exported"#, NOTHING),
        then(
            "the metrics are:",
            Takes::Table(&[
                "component",
                "name",
                "kind",
                "value",
                "count",
                "unit",
                "attributes",
            ]),
        ),
        then(r#"a log record "text" was emitted"#, NOTHING),
        then("no log record was emitted", NOTHING),
        then(
            "the log records are:",
            Takes::Table(&["component", "severity", "body", "attributes"]),
        ),
    ],
};

const SOCKETS: Subject = Subject {
    name: "Sockets",
    about: r#"Nothing but loopback addresses that a scenario names is ever reached through `wasi:sockets`. An address that
`allowed_outbound_hosts` does not permit is `access-denied`, as under Spin; one that it permits leads to the TCP server that a step
says is there, and fails the scenario where none does, unless a rule says what becomes of the connection. Its operation in fault rules
and in the journal is `sockets connect`, the store is the address. Its errors are `access-denied`, `connection-refused`,
`connection-reset`, `connection-aborted`, `remote-unreachable` and `timeout`.

A server that converses goes through its lines from the first one on for each connection: it waits until it has received something,
sends something, and may take its time, in virtual time, and then close or reset the connection. An empty `receives` waits for nothing.
`*` in it is any text: the server goes on as soon as all that was sent fits and the component waits for an answer. Sending something
else, or ending before it fits, fails the scenario. After the last line, as after `takes everything`, all is taken; a component that ends what it sends is sent the end. Texts are
values as elsewhere; in plain ones `\r` and `\n` are the ends of lines (in a table a
backslash is written `\\`).

A connection is `closed` or `reset` once the component has read that the server ended it; else it is `open`.

A server that is real listens on this machine; `$NAME` is an environment variable with an address. While it is waited for, virtual
time stands still; after 10 s of real time without a byte, or a minute in all, the scenario fails.

In a table of connections bytes that are no text are written `base64:…`.

```gherkin
Given the TCP server at "10.0.0.7:6379" converses:
  | receives    | sends              | takes | then   |
  | PING\\r\\n  | +PONG\\r\\n          | 20 ms |        |
  | GET *\\r\\n | $5\\r\\nhello\\r\\n |       |        |
  | QUIT\\r\\n  |                    |       | closes |
```"#,
    steps: &[
        given(
            r#"the TCP server at "10.0.0.7:5432" takes everything"#,
            NOTHING,
        ),
        given(
            r#"the TCP server at "10.0.0.7:5432" converses:"#,
            Takes::Table(&["receives", "sends", "takes", "then"]),
        ),
        given(r#"the TCP server at "127.0.0.1:6379" is real"#, NOTHING),
        given(
            r#"every "sockets connect" on store "10.0.0.7:5432" fails with "connection-refused""#,
            NOTHING,
        ),
        then(
            r#"the TCP server at "10.0.0.7:5432" was sent "PING\r\n""#,
            NOTHING,
        ),
        then(
            r#"the TCP server at "10.0.0.7:5432" was sent nothing"#,
            NOTHING,
        ),
        then(
            "the TCP connections are:",
            Takes::Table(&["component", "address", "sent", "received", "ended"]),
        ),
        then("no TCP connection was made", NOTHING),
    ],
};
