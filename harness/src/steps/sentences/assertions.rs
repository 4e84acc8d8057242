//! Sentences about what happens, and what must be true then.

use super::super::reference::Subject;
use super::{NOTHING, TEXT, TUPLES, Takes, given, then, when};

pub(super) static SUBJECTS: &[Subject] = &[
    Subject {
        name: "What happens",
        about: r#"Any method may be sent. `${name}` stands for what was remembered, in any later step. Time is virtual: it passes while a When
runs, and takes none of yours. In a header that every request has, `${name}` is what is remembered when the request is sent.

Requests at once stand in a table, a row for each; an empty `body` is none, and a column of them may be left out:

```gherkin
When these requests are sent at once:
  | method | path         | body       |
  | POST   | /orders      | {"item":1} |
  | GET    | /orders/next |            |
```"#,
        steps: &[
            when(r#"I send GET "/path""#, NOTHING),
            when(r#"I send POST "/path" with body "text""#, NOTHING),
            when(r#"I send POST "/path" with the body:"#, TEXT),
            when(r#"I send POST "/path" with JSON:"#, TEXT),
            when(
                r#"I send POST "/path" with the body of file "order.json""#,
                NOTHING,
            ),
            when(
                r#"I send POST "/path" with the headers:"#,
                Takes::Table(&["name", "value"]),
            ),
            when("I send the request:", TEXT),
            given(
                r#"every request has the header "authorization" with "Bearer ${token}""#,
                NOTHING,
            ),
            when(
                r#"10 clients send POST "/count?name=hits" at once"#,
                NOTHING,
            ),
            when(
                r#"10 clients send POST "/count" with body "text" at once"#,
                NOTHING,
            ),
            when(
                "these requests are sent at once:",
                Takes::Table(&["method", "path", "body"]),
            ),
            when("5 minutes pass", NOTHING),
            when(r#"I remember the JSON path "$.id" as "id""#, NOTHING),
            when(r#"I remember the response body as "id""#, NOTHING),
            when(
                r#"I remember the response header "location" as "place""#,
                NOTHING,
            ),
        ],
    },
    Subject {
        name: "What must be true of the response",
        about: r#"`matches` finds a regular expression anywhere. A string knows `\"` and `\\`. A doc string is taken without its first and
last newline."#,
        steps: &[
            then("the response status is 200", NOTHING),
            then("the response status is one of 200, 503", NOTHING),
            then(
                r#"the response header "content-type" is "text/plain""#,
                NOTHING,
            ),
            then(
                r#"the response header "content-type" contains "text""#,
                NOTHING,
            ),
            then(
                r#"the response header "content-type" matches "^text/""#,
                NOTHING,
            ),
            then(r#"the response header "content-type" is absent"#, NOTHING),
            then(r#"the response body is "41""#, NOTHING),
            then(r#"the response body contains "4""#, NOTHING),
            then(r#"the response body matches "^[0-9]+$""#, NOTHING),
            then("the response body is empty", NOTHING),
            then("the response body is:", TEXT),
            then("the response body is JSON:", TEXT),
            then("the response body contains JSON:", TEXT),
            then(r#"the JSON path "$.a[0].b" is 3"#, NOTHING),
            then(r#"the JSON path "$.a" is "text""#, NOTHING),
            then(r#"the JSON path "$.a" exists"#, NOTHING),
            then(r#"the JSON path "$.a" does not exist"#, NOTHING),
            then(
                r#"the response matches the snapshot "first visit""#,
                NOTHING,
            ),
            then("the response took 250 ms", NOTHING),
            then("the response took at most 250 ms", NOTHING),
        ],
    },
    Subject {
        name: "What must be true of several responses",
        about: "",
        steps: &[
            then("every response status is 200", NOTHING),
            then("9 responses have status 200", NOTHING),
            then("the response bodies are, in any order:", Takes::Table(&[])),
        ],
    },
    Subject {
        name: "What must be true of the stores",
        about: r#"`contains:` names at least these tuples, `contains exactly:` all of them. A value may be `matches:REGEX`; one that is `json:…` is
compared as JSON."#,
        steps: &[
            then(r#"the key-value store "default" contains:"#, TUPLES),
            then(r#"the key-value store "default" contains exactly:"#, TUPLES),
            then(r#"the key "x" of store "default" is "value""#, NOTHING),
            then(r#"the key "x" of store "default" contains "val""#, NOTHING),
            then(r#"the key "x" of store "default" matches "^val""#, NOTHING),
            then(r#"the key-value store "default" has no key "x""#, NOTHING),
            then(r#"the key-value store "default" is empty"#, NOTHING),
            then(r#"the key-value store "default" holds 3 tuples"#, NOTHING),
            then(r#"the key-value store "default" is unchanged"#, NOTHING),
            then(
                r#"the key-value store "default" matches the snapshot "after checkout""#,
                NOTHING,
            ),
        ],
    },
    Subject {
        name: "What must be true of the calls",
        about: r#"`the storage calls are:` names all of the scenario's, in order; its columns may be any of these, and an empty cell means any. A
missing key is the outcome `ok`; errors are written as in fault rules; `trap` is a call at which the instance ended, and
`cancelled` one that the guest gave up before it ended, as a timeout of its own does. A call that is cancelled has no effect.
`the service calls are:` names those of all other services, such as `sqlite execute` and `http GET`.

```gherkin
Then the storage calls are:
  | operation | key    | outcome          |
  | open      |        | ok               |
  | get       | visits |                  |
  | set       | visits | other: disk full |
```"#,
        steps: &[
            then(
                "the storage calls are:",
                Takes::Table(&["component", "operation", "store", "key", "outcome"]),
            ),
            then(
                "the service calls are:",
                Takes::Table(&["component", "operation", "store", "key", "outcome"]),
            ),
            then(
                r#"the storage calls match the snapshot "checkout""#,
                NOTHING,
            ),
            then(r#""set" was called 3 times"#, NOTHING),
            then(r#""set" was called 3 times on store "default""#, NOTHING),
            then(r#""delete" was never called"#, NOTHING),
            then(r#""delete" was never called on store "default""#, NOTHING),
        ],
    },
    Subject {
        name: "What must be true of requests to other hosts",
        about: r#"A request counts whether it was answered or denied: `was never requested` says that none was tried. A host that is misspelt here was
never requested either, so that a scenario which lets the request be sent, and says `was requested 1 time`, belongs beside it."#,
        steps: &[
            then(
                r#"GET "https://api.example.com/users/*" was requested 2 times"#,
                NOTHING,
            ),
            then(
                r#"DELETE "https://api.example.com/users/*" was never requested"#,
                NOTHING,
            ),
            then("nothing was requested of other hosts", NOTHING),
            then(
                "the outgoing requests are:",
                Takes::Table(&["component", "method", "url", "outcome"]),
            ),
            then(
                r#"the outgoing requests match the snapshot "requests""#,
                NOTHING,
            ),
            then(
                r#"the last request to "https://api.example.com/*" had the header "authorization" with "Bearer abc""#,
                NOTHING,
            ),
            then(
                r#"the last request to "https://api.example.com/*" had the body "text""#,
                NOTHING,
            ),
            then(
                r#"the last request to "https://api.example.com/*" had the JSON:"#,
                TEXT,
            ),
        ],
    },
    Subject {
        name: "What must be true of statements to Postgres and MySQL",
        about: r#"Statements that reached a server, in the order in which they ended, whatever came of them; not those to an address that is not
allowed. In a table an empty cell means any, a statement is a pattern as in Given steps, and parameters are `1, Ann, NULL`."#,
        steps: &[
            then(
                "the Postgres statements are:",
                Takes::Table(&["component", "address", "statement", "parameters", "outcome"]),
            ),
            then(
                "the MySQL statements are:",
                Takes::Table(&["component", "address", "statement", "parameters", "outcome"]),
            ),
            then(
                r#"the Postgres statement like "insert%" was executed 1 time"#,
                NOTHING,
            ),
            then(
                r#"the MySQL query like "select%" at "localhost" with parameters "1, Ann" was executed 2 times"#,
                NOTHING,
            ),
            then(
                r#"the Postgres statement like "delete%" was never executed"#,
                NOTHING,
            ),
            then("no Postgres statement was executed", NOTHING),
        ],
    },
    Subject {
        name: "What must be true of permissions",
        about: r#"Whether a component is allowed or denied something is asked at the gate, with that component's grants: no request is sent,
and the app needs no code for it. A host is an address, such as `https://example.com/x`. `used only` names all that the component
used of that kind in the scenario so far. Files and environment variables can be granted, and their use is not observed.

```gherkin
Then the components may use the key-value stores:
  | component | default | orders  |
  | checkout  | allowed | allowed |
  | catalog   | allowed | denied  |
```"#,
        steps: &[
            then(
                "the components may use the key-value stores:",
                Takes::Table(&["component", "default", "orders"]),
            ),
            then(
                "the components may use the outbound hosts:",
                Takes::Table(&["component", "https://example.com"]),
            ),
            then(
                r#"component "api" is allowed the key-value store "default""#,
                NOTHING,
            ),
            then(
                r#"component "api" is denied the key-value store "secret""#,
                NOTHING,
            ),
            then(
                r#"component "api" is denied the SQLite database "orders""#,
                NOTHING,
            ),
            then(
                r#"component "api" is allowed the AI model "llama2-chat""#,
                NOTHING,
            ),
            then(
                r#"component "api" is denied the outbound host "http://example.com""#,
                NOTHING,
            ),
            then(r#"component "api" is denied the variable "token""#, NOTHING),
            then(
                r#"component "api" is allowed the environment variable "MODE""#,
                NOTHING,
            ),
            then(
                r#"component "api" is allowed the file "/index.html""#,
                NOTHING,
            ),
            then(r#"component "api" was denied the store "secret""#, NOTHING),
            then("no component was denied anything", NOTHING),
            then(
                r#"component "api" used only the key-value stores "default, cache""#,
                NOTHING,
            ),
            then(r#"component "api" used only the variable "token""#, NOTHING),
            then(r#"component "api" used no key-value store"#, NOTHING),
            then(
                r#"the permissions match the snapshot "permissions""#,
                NOTHING,
            ),
        ],
    },
    Subject {
        name: "What must be true of the components",
        about: "",
        steps: &[
            then(r#"component "api" trapped"#, NOTHING),
            then(r#"component "api" did not trap"#, NOTHING),
            then(r#"component "api" logged "text""#, NOTHING),
            then(r#"component "api" did not log "text""#, NOTHING),
        ],
    },
];
