//! Sentences about what is so before anything happens.

use super::super::reference::Subject;
use super::{FAULTS, NOTHING, TEXT, TUPLES, Takes, given, when};

pub(super) static SUBJECTS: &[Subject] = &[
    Subject {
        name: "The app",
        about: r#"Without a step about it, a scenario uses the app of the command line: the `spin.toml` here. Paths start from the folder of the
feature file; a folder stands for the `spin.toml` in it. Given steps only collect: the app is loaded at the first When, once a
run for all scenarios that use it in the same way. A variable must be one that the app declares, a build profile one that some
component defines.

Dependencies of components and middleware of triggers run as the manifest says, and no step is about them: what they call is called in
the name of the component that they belong to, and faults hit it there.

In fault rules and in the journal, what a component asks for its variables is `variables get`; the name is the key. It fails with
`provider: …` as where a vault does (`upstream: …` through `wasi:config`, `other: …` through `fermyon:spin/config`). A fault sweep lets
it fail where the runtime config names a vault and the variable is a template: elsewhere it cannot. The name is that of the component's
own variable, and not of one in its template.

```gherkin
Given every "variables get" of variable "url" fails with "provider: the vault is sealed"
```"#,
        steps: &[
            given(r#"the app "path/to/spin.toml""#, NOTHING),
            given(r#"the build profile "debug""#, NOTHING),
            given(r#"the runtime config "runtime-config.toml""#, NOTHING),
            given("the runtime config:", TEXT),
            given(r#"the variable "name" is "value""#, NOTHING),
            given(r#"the environment variable "NAME" is "value""#, NOTHING),
            given("instances are reused", NOTHING),
            given("the random seed is 7", NOTHING),
            given(r#"the time is "2026-01-01T00:00:00Z""#, NOTHING),
            given(r#"the client address is "127.0.0.1:1""#, NOTHING),
            given(r#"the authority is "localhost:3000""#, NOTHING),
            given(r#"the compute bound is "5 s""#, NOTHING),
            given(r#"the memory bound is "64 MiB""#, NOTHING),
            given(r#"the response bound is "16 MiB""#, NOTHING),
            given(r#"the log bound is "1 MiB""#, NOTHING),
            given(r#"the time bound is "60 s""#, NOTHING),
        ],
    },
    Subject {
        name: "What components may use",
        about: r#"Each takes the place of what the manifest grants the component of that kind, for this scenario. A host is an entry of
`allowed_outbound_hosts`; a variable one that the component or the app has; a file a path or a pattern of paths as the guest sees
them."#,
        steps: &[
            given(
                r#"component "api" may use the key-value stores "default, cache""#,
                NOTHING,
            ),
            given(
                r#"component "api" may use the key-value store "cache""#,
                NOTHING,
            ),
            given(r#"component "api" may use no key-value store"#, NOTHING),
            given(
                r#"component "api" may use the SQLite databases "default, orders""#,
                NOTHING,
            ),
            given(r#"component "api" may use no SQLite database"#, NOTHING),
            given(
                r#"component "api" may use the AI models "llama2-chat""#,
                NOTHING,
            ),
            given(r#"component "api" may use no AI model"#, NOTHING),
            given(
                r#"component "api" may use the outbound hosts "https://example.com, redis://localhost""#,
                NOTHING,
            ),
            given(r#"component "api" may use no outbound host"#, NOTHING),
            given(
                r#"component "api" may use the variables "token, url""#,
                NOTHING,
            ),
            given(r#"component "api" may use no variable"#, NOTHING),
            given(
                r#"component "api" may use the environment variables "HOME, MODE""#,
                NOTHING,
            ),
            given(
                r#"component "api" may use no environment variable"#,
                NOTHING,
            ),
            given(
                r#"component "api" may use the files "/index.html, /assets/**""#,
                NOTHING,
            ),
            given(r#"component "api" may use no file"#, NOTHING),
        ],
    },
    Subject {
        name: "What is stored",
        about: r#"A value is text. `text:…`, `json:{…}`, `base64:…`, `file:path` and `bytes:1048577` say otherwise. The limits `documented` (the
default) are those that the documentation of the store's provider names; `none` enforces nothing, as `spin up` does. A store is
loaded from JSON (an object of keys and values), or from the file in which Spin keeps stores of `type = "spin"`: that file is read
and never changed. What these steps store and remove, they store and remove in a real store behind the label too
(`--key-value-store`)."#,
        steps: &[
            given(r#"the key-value store "default" contains:"#, TUPLES),
            given(r#"the key-value store "default" is empty"#, NOTHING),
            given(
                r#"the key-value store "default" holds 1024 tuples"#,
                NOTHING,
            ),
            given(
                r#"the key-value store "default" is loaded from "seed.json""#,
                NOTHING,
            ),
            given(
                r#"the key-value store "default" is loaded from ".spin/sqlite_key_value.db""#,
                NOTHING,
            ),
            given(r#"the key-value limits are "documented""#, NOTHING),
        ],
    },
    Subject {
        name: "What goes wrong",
        about: r#"A rule says which calls, when, and what happens to them. It counts every call that it fits, from where it is stated. Times of
several rules add up; of what else they do, the first rule that is due wins. A rule that never hits a call fails the scenario,
so that a typo in a key cannot pass for a test; `optionally, …` switches that off. `When storage recovers` ends all rules.

**Which calls.** Operations are `open`, `get`, `set`, `delete`, `exists`, `get-keys`, `get-many`, `set-many`, `delete-many`,
`increment`, `cas-new`, `cas-current` and `swap`, whatever interface they come through; `*` is any. In a key `*` is any text, `?`
any character, `[ab]` either character, `{one,two}` either text, and `\` before one of these takes it as it is.

Rules can be about other services too. Their operations begin with the service: `http GET` and the other methods, `sqlite open`,
`sqlite execute`. Of these a call can fail with an error that the service's interface has (`io: disk I/O error`, `connection-refused`), be
applied then fail, take time, hang and trap; a `sqlite execute` can also be lost. What stands for the key is what the call is about:

```gherkin
Given the 2nd "http POST" to "https://api.example.com/*" applies, then fails with "connection-terminated"
Given every "sqlite execute" of statement "insert*" on database "default" fails with "io: database is locked"
```

**When.** In tables and files: `always` (so is an empty cell), `first N`, `nth N` (or `2nd`), `every N`, `after N`, `from N to M`,
`chance 0.1` (which calls these are follows from the seed), `between 5 s and 10 s` (of virtual time since the scenario began).

**What happens**, in tables and files; sentences say the same in English:

| effect | what it does |
|---|---|
| `other: text`, `no-such-store`, `access-denied`, `store-table-full`, `no-such-key`, `invalid-store`, `cas-failed` | the call fails with this error and has no effect; where no interface of the app has it, the scenario fails |
| `applied then ERROR` | a write happens, and the guest is told that it did not |
| `takes 250 ms`, `takes 100 ms to 300 ms`, `takes 20 ms (p99 400 ms)` | it takes so long in virtual time: fixed, uniform, or log-normal with this median and 99th percentile |
| `takes 250 ms then …` | it takes so long, and then any other of these happens |
| `hangs` | it never ends: the request ends at its time bound |
| `traps`, `applied then traps` | the instance dies at the call, before or after it takes effect |
| `lost` | a write does not happen, and the guest is told that it did |
| `stale`, `stale by 3 writes`, `stale by 5 s` | a read sees what was before the last write, the last three, or five seconds ago; never older than what the Given steps stored |
| `corrupt`, `corrupt, flipped`, `corrupt, truncated` | the value that a read gives or a write stores has a bit flipped, or its end is gone; the seed chooses, of a batch also the value (of a key that the rule is about) |
| `torn 3`, `torn 3 then ERROR` | set-many, delete-many, and get-keys of 3.0.0: the first three entries are delivered, then it fails |
| `throttled 5 per second` | more than that in any second of virtual time fail with `other: too many requests` |
| `quota 10 tuples`, `quota 64 KiB` | a write that would make the store larger than that fails |

```gherkin
Given storage faults:
  | operation | store   | key    | component | when        | effect                           |
  | get       | default | user:* | api       | first 3     | takes 2 s then other: timeout    |
  | set       |         |        |           | nth 2       | applied then other: timeout      |
  | *         |         | temp:* |           | chance 0.1  | access-denied                    |
```

A store of `aws_dynamo` without `consistent_read = true` may be eventually consistent: then the seed makes about half of the reads
miss a write of the last second.

The rules of a table may also stand in a TOML file, where `operation`, `store`, `key`, `component`, `when` and `optional` may be left out:

```toml
[[fault]]
operation = "set"
key = "user:*"
when = "from 2 to 4"
effect = "takes 250 ms then other: timeout"
optional = true
```"#,
        steps: &[
            given(r#"every "set" fails with "other: disk full""#, NOTHING),
            given(
                r#"every "set" of key "user:*" fails with "other: disk full""#,
                NOTHING,
            ),
            given(
                r#"every "set" on store "default" fails with "other: disk full""#,
                NOTHING,
            ),
            given(
                r#"every "set" of key "user:*" on store "default" by component "api" fails with "other: disk full""#,
                NOTHING,
            ),
            given(r#"the 2nd "set" fails with "other: disk full""#, NOTHING),
            given(r#"the first 3 "get" fail with "no-such-store""#, NOTHING),
            given(r#"every 3rd "get" fails with "other: flaky""#, NOTHING),
            given(
                r#"with chance 0.1, every "get" fails with "other: flaky""#,
                NOTHING,
            ),
            given(r#"after 2, every "set" fails with "other: full""#, NOTHING),
            given(
                r#"from 2 to 4, every "set" fails with "other: full""#,
                NOTHING,
            ),
            given(
                r#"between 5 s and 10 s, every "set" fails with "other: maintenance""#,
                NOTHING,
            ),
            given(
                r#"every "set" applies, then fails with "other: timeout""#,
                NOTHING,
            ),
            given(r#"the 2nd "set" applies, then traps"#, NOTHING),
            given(r#"every "get" of key "user:*" takes 250 ms"#, NOTHING),
            given(r#"every "get" takes 100 ms to 300 ms"#, NOTHING),
            given(r#"every "get" takes 20 ms (p99 400 ms)"#, NOTHING),
            given(
                r#"every "get" takes 2 s, then fails with "other: timeout""#,
                NOTHING,
            ),
            given(r#"the 1st "get" hangs"#, NOTHING),
            given(r#"the 2nd "set" traps"#, NOTHING),
            given(r#"every "set" is lost"#, NOTHING),
            given(r#"every "get" is stale"#, NOTHING),
            given(r#"every "get" is stale by 5 s"#, NOTHING),
            given(r#"every "get" is corrupt"#, NOTHING),
            given(r#"the 1st "set-many" is torn after 3"#, NOTHING),
            given(r#"every "*" is throttled to 5 per second"#, NOTHING),
            given(
                r#"the key-value store "default" has a quota of 10 tuples"#,
                NOTHING,
            ),
            given(
                r#"the key-value store "default" is eventually consistent"#,
                NOTHING,
            ),
            given(
                r#"optionally, every "set" fails with "other: disk full""#,
                NOTHING,
            ),
            given("storage faults:", FAULTS),
            given("optionally, storage faults:", FAULTS),
            given(r#"the storage faults in "faults.toml""#, NOTHING),
            given(
                r#"optionally, the storage faults in "faults.toml""#,
                NOTHING,
            ),
            when("storage recovers", NOTHING),
        ],
    },
    Subject {
        name: "What other hosts answer",
        about: r#"Nothing leaves the machine: requests to other hosts are answered as the scenario says, and one that it says nothing of fails it.
`*` in a URL is any text, and the method `*` any method. Of several statements that fit a request the last one answers. In a table,
rows about the same requests answer them in turn, and the last is repeated. A body is a value as elsewhere, and may be
`json:{…}`; `with body` is what the request must have, of JSON this part, or `matches:REGEX`; `body takes` is how long the body takes
once the status is there. These steps may also stand between When steps. A host that the manifest does not allow is denied, whatever is stated.

`spin-harness test --record https://api.example.com=http://127.0.0.1:8080` asks a real server on this machine for what nothing else
answers in scenarios that are replayed from a recording, and writes it down there; without `--record` nothing is asked. A request is
known by its method, URL and body (of JSON, whatever its spelling). Equal requests are answered in the order of the recording, and the
last answer is repeated. What other steps say goes first; faults and sweeps hit these answers as any.

A request fails with `dns-error`, `connection-refused`, `connection-terminated`, `connection-timeout`, `connection-read-timeout`,
`tls-certificate-error`, `http-protocol-error` or `http-request-denied`, as `wasi:http` calls these errors; or it `never answers`, and
the guest's own timeout or the request's bound on time ends it.

```gherkin
Given outgoing requests are answered:
  | method | url                         | status | body            | takes  | fails with         | cut after |
  | GET    | https://api.example.com/a/* | 200    | json:{"a": 1}   | 250 ms |                    |           |
  | GET    | https://api.example.com/a/* |        |                 |        | connection-refused |           |
  | POST   | https://api.example.com/b   | 201    | a longer answer |        |                    | 8         |
```"#,
        steps: &[
            given(
                r#"GET "https://api.example.com/users/*" answers 200"#,
                NOTHING,
            ),
            given(
                r#"GET "https://api.example.com/users/*" answers 200 with "text""#,
                NOTHING,
            ),
            given(
                r#"GET "https://api.example.com/users/*" answers 200 with JSON:"#,
                TEXT,
            ),
            given(
                r#"GET "https://api.example.com/users/*" answers 200 with the body:"#,
                TEXT,
            ),
            given(
                r#"POST "https://api.example.com/orders" fails with "connection-refused""#,
                NOTHING,
            ),
            given(
                r#"GET "https://api.example.com/slow" never answers"#,
                NOTHING,
            ),
            given(
                r#"outgoing HTTP is replayed from "recordings/api.toml""#,
                NOTHING,
            ),
            given(
                "outgoing requests are answered:",
                Takes::Table(&[
                    "method",
                    "url",
                    "with header",
                    "with body",
                    "status",
                    "header",
                    "body",
                    "takes",
                    "body takes",
                    "fails with",
                    "cut after",
                ]),
            ),
        ],
    },
    Subject {
        name: "What Postgres and MySQL answer",
        about: r#"No server is reached: statements are answered as the scenario says, and one that it says nothing of fails it, or goes to a real
server where the scenario names one (below). `like` is that
of SQL: `%` is any text, `_` any character, `\%` and `\_` just these; neither the case of letters nor the number of blanks matters. A
statement may be asked for rows or executed, whichever word the step has. Of several steps that fit a statement the last one answers;
in a table, rows about the same statements answer them in turn, and the last is repeated. `at` is the server's address without user
and password, or its host with or without the port, and `*` in it any text. These steps may also stand between When steps.

The headings of a table of rows are columns: `name` is text (JSON, where every cell begins with `json:`, and binary where every one
begins with `base64:`), `name: type` is of that type. `NULL` is none at all.

| type | of | a cell |
|---|---|---|
| `boolean` | both (in MySQL an `int8`, as there) | `true` |
| `int16` `int32` `int64` | both | `-42` |
| `int8` `uint8` `uint16` `uint32` `uint64` | MySQL | `42` |
| `floating32` `floating64` | both | `1.5` |
| `str`, `binary` | both | a value as elsewhere: `text`, `base64:AAEC`, `file:a.png` |
| `date`, `time` | Postgres | `2026-01-31`, `12:30:00.5` |
| `datetime` or `timestamp` | Postgres | `2026-01-31T12:30:00` |
| `uuid`, `jsonb`, `decimal` | Postgres | `6f1d3c1e-8a1b-4f0e-9d63-0a4c1d2e3f40`, `{"a": 1}`, `12.50` |
| `range-int32` `range-int64` `range-decimal` | Postgres | `[1,10)`, `(,2.5]`, `empty` |
| `array-int32` `array-int64` `array-decimal` `array-str` | Postgres | `{1,NULL}`, `{a,"b c"}` |
| `interval` | Postgres | `1 month 2 days 03:04:05.5` |
| `other(NAME)` | both | what Spin cannot read, such as `other(point)`: a value as elsewhere |

`smallint`, `bigint`, `text`, `numeric`, `bytea` and other names of SQL may stand for these. An interface that has no such type gives
`unsupported`, as under Spin; a query to MySQL that gives a `decimal`, `date`, `time`, `datetime`, `timestamp` or `json` fails there and
here.

Parameters are written as cells, with a comma and a blank between them: `1, Ann, NULL`. A statement fails with `connection-failed: …`,
`bad-parameter: …`, `query-failed: …`, `value-conversion-failed: …` or `other: …`. These are the operations that faults can hit:
`postgres open`, `postgres query`, `postgres execute`, `mysql open`, `mysql query`, `mysql execute`; the statement is the key, and the
address, without user and password, the store.

```gherkin
Given the Postgres query like "select%from users%" returns:
  | id: int32 | name | born: date |
  | 1         | Ann  | 1990-12-31 |
  | 2         | Bob  | NULL       |
Given Postgres statements are answered:
  | statement     | parameters | affects | fails with                   |
  | insert%users% | 1, Ann     | 1       |                              |
  | insert%users% | 1, Ann     |         | query-failed: duplicate key  |
Given every "postgres open" on store "postgres://localhost/shop" fails with "connection-failed: refused"
```

A real Postgres answers what no step does: `Given Postgres at "$POSTGRES_URL"`, wherever guests connect to, or `at "db.example.com" is the
real server at …` for that address of theirs only. `$NAME` is an environment variable. The URL names a database, say with the
tables and rows of your migrations, that scenarios begin with: each works in a copy of its own (`CREATE DATABASE … TEMPLATE`), which is
dropped when it ends, so that they run at once, and again, with the same rows. Statements about other databases, roles or the server are
not sent, and fail the scenario. The user of the URL needs
`CREATEDB` and the database, or a template of it (`ALTER DATABASE … IS_TEMPLATE true`); nobody else may be connected to it while it is
copied. User, password and database of the guest's own address do not matter. There is no TLS. Faults hit what goes to the server as
they hit all else, and no virtual time passes while it works; `now()` and sequences are the server's own. Statements are sent one at a
time: one that waits for a lock of another connection fails the scenario after 10 s.

```gherkin
Given Postgres at "$POSTGRES_URL"
And every "postgres execute" applies, then fails with "query-failed: timeout"
```

A real MySQL or MariaDB does the same, on this machine alone: `Given MySQL at "$MYSQL_URL"`, with an address such as
`mysql://tester:secret@127.0.0.1/shop`. The copy is made table by table, with rows, keys, views, procedures, functions and triggers, and
without events and users. The user of the URL needs `SELECT, SHOW VIEW, TRIGGER` on the database, and everything on those named
`spin_harness_…`. Statements that name another database (`other.orders`) are not sent either. DDL commits at once there, and nothing
that is sent is taken back but with the copy.

```gherkin
Given MySQL at "$MYSQL_URL"
And the 2nd "mysql execute" fails with "connection-failed: gone"
```"#,
        steps: &[
            given(
                r#"the Postgres query like "select%from users%" returns:"#,
                Takes::Table(&["id: int32", "name"]),
            ),
            given(
                r#"the MySQL query like "select%from users%" at "localhost" with parameters "1, Ann" returns:"#,
                Takes::Table(&["id: int32", "name"]),
            ),
            given(
                r#"the Postgres statement like "insert into users%" affects 1 row"#,
                NOTHING,
            ),
            given(
                r#"the MySQL statement like "delete%" with parameters "1" affects 3 rows"#,
                NOTHING,
            ),
            given(
                r#"the Postgres query like "select%" fails with "query-failed: relation \"users\" does not exist""#,
                NOTHING,
            ),
            given(
                r#"the Postgres statement like "insert%" fails with the database error:"#,
                Takes::Table(&[
                    "code",
                    "message",
                    "severity",
                    "detail",
                    "constraint",
                    "table",
                ]),
            ),
            given(
                "Postgres statements are answered:",
                Takes::Table(&["statement", "at", "parameters", "affects", "fails with"]),
            ),
            given(
                "MySQL statements are answered:",
                Takes::Table(&["statement", "at", "parameters", "affects", "fails with"]),
            ),
            given(r#"Postgres at "$POSTGRES_URL""#, NOTHING),
            given(
                r#"Postgres at "db.example.com" is the real server at "postgres://tester@localhost/shop""#,
                NOTHING,
            ),
            given(r#"MySQL at "$MYSQL_URL""#, NOTHING),
            given(
                r#"MySQL at "db.example.com" is the real server at "mysql://tester@localhost/shop""#,
                NOTHING,
            ),
        ],
    },
];
