//! Sentences about services besides key-value, one subject for each.

use super::super::reference::Subject;
use super::{NOTHING, TEXT, TUPLES, Takes, given, then, when};

pub(super) static SUBJECTS: &[Subject] = &[
    Subject {
        name: "SQLite databases",
        about: r#"A real SQLite, in memory, one database for each label of the runtime config, `libsql` ones too. Statements of several steps build on
each other; a file may be one that Spin keeps a database in, such as `.spin/sqlite_db.db`. In a table of rows the headings are the
columns of the query, `null` is NULL, a blob is `base64:…`, and a cell may be `matches:REGEX` or `json:…`. SQL sees the
scenario's time, and what it draws at random follows from the seed. A database of type `spin` without a `path` is one that no step
can see: as under `spin up`, each connection then has one of its own.

A connection that another one keeps waiting waits for 5 s of virtual time, and then fails with `io: database is locked`.

```gherkin
Then the query "select id, state from orders" on the SQLite database "default" returns:
  | id | state |
  | 1  | paid  |
```"#,
        steps: &[
            given(r#"the SQLite database "default" has run:"#, TEXT),
            given(
                r#"the SQLite database "default" has run "create table orders (id integer primary key, state text)""#,
                NOTHING,
            ),
            given(
                r#"the SQLite database "default" has run the file "migrations/1.sql""#,
                NOTHING,
            ),
            given(
                r#"the SQLite database "default" is loaded from "orders.db""#,
                NOTHING,
            ),
            then(
                r#"the query "select id, state from orders" on the SQLite database "default" returns:"#,
                Takes::Table(&["id", "state"]),
            ),
            then(
                r#"the query "select * from orders" on the SQLite database "default" returns nothing"#,
                NOTHING,
            ),
            then(
                r#"the SQLite database "default" matches the snapshot "after checkout""#,
                NOTHING,
            ),
        ],
    },
    Subject {
        name: "Redis",
        about: r#"Servers in memory, one for each address, empty until something is stored; `redis://localhost` is `redis://localhost:6379`, and the
path is the number of the database. They know the commands that apps commonly use; one that they lack fails the scenario. What is no
string is compared as JSON: a list and a set as an array (a set in the order of its members' bytes), a hash and a sorted set as an
object. Keys expire in virtual time. Which component may use which server is the manifest's affair, as under Spin.

Operations in fault rules and tables of calls are `redis open`, `redis get`, `redis set`, `redis incr`, `redis del`, `redis sadd`,
`redis smembers`, `redis srem`, `redis publish` and `redis execute`. What stands for the key is the key, the channel, or the command
with its first argument, such as `HSET user:1`; the store is the server's address.

Commands: DEL UNLINK EXISTS TOUCH TYPE KEYS SCAN RENAME, EXPIRE PEXPIRE EXPIREAT PEXPIREAT TTL PTTL EXPIRETIME PEXPIRETIME PERSIST; GET SET
(EX PX EXAT PXAT NX XX GET KEEPTTL) SETNX SETEX PSETEX GETSET GETDEL MGET MSET MSETNX APPEND STRLEN GETRANGE SUBSTR INCR DECR INCRBY DECRBY;
HSET HMSET HSETNX HGET HMGET HGETALL HKEYS HVALS HLEN HEXISTS HSTRLEN HDEL HINCRBY; LPUSH RPUSH LPUSHX RPUSHX LPOP RPOP LLEN LRANGE LINDEX
LTRIM LREM; SADD SREM SMEMBERS SCARD SISMEMBER SMISMEMBER; ZADD ZINCRBY ZREM ZCARD ZSCORE ZRANGE ZREVRANGE ZRANK ZREVRANK; PUBLISH PING ECHO
DBSIZE FLUSHDB FLUSHALL.

```gherkin
Given the Redis at "redis://localhost:6379" has run:
  """
  SADD tags red green
  SET session "a b" EX 60
  """
Given the 2nd "redis set" of key "user:*" on store "redis://localhost" fails with "other: broken pipe"
```"#,
        steps: &[
            given(r#"the Redis at "redis://localhost:6379" contains:"#, TUPLES),
            given(
                r#"the Redis at "redis://localhost:6379" has run "SADD tags red""#,
                NOTHING,
            ),
            given(r#"the Redis at "redis://localhost:6379" has run:"#, TEXT),
            then(r#"the Redis at "redis://localhost:6379" contains:"#, TUPLES),
            then(
                r#"the Redis at "redis://localhost:6379" contains exactly:"#,
                TUPLES,
            ),
            then(
                r#"the Redis at "redis://localhost:6379" has no key "x""#,
                NOTHING,
            ),
            then(r#"the Redis at "redis://localhost:6379" is empty"#, NOTHING),
            then(
                r#"the key "x" of Redis at "redis://localhost:6379" is "value""#,
                NOTHING,
            ),
            then(
                r#"the key "x" of Redis at "redis://localhost:6379" expires in 60 s"#,
                NOTHING,
            ),
            then(
                r#"the Redis message "text" was published on channel "orders""#,
                NOTHING,
            ),
            then(
                r#"no Redis message was published on channel "orders""#,
                NOTHING,
            ),
            then("no Redis message was published", NOTHING),
            then(
                "the published Redis messages are:",
                Takes::Table(&["component", "server", "channel", "message"]),
            ),
        ],
    },
    Subject {
        name: "Redis messages",
        about: r#"For apps with a Redis trigger. Every component whose trigger listens on the channel handles the message, in an instance of its own
and within the bounds of a request. It is handled when all of them have said so. Where the channels of several servers have one name,
the step says which. What a component publishes is kept for Then steps, and does not arrive by itself."#,
        steps: &[
            when(
                r#"a Redis message "text" arrives on channel "orders""#,
                NOTHING,
            ),
            when(
                r#"a Redis message "text" arrives on channel "orders" of "redis://localhost:6379""#,
                NOTHING,
            ),
            when(
                r#"a Redis message arrives on channel "orders" with the message:"#,
                TEXT,
            ),
            then("the message was handled", NOTHING),
            then(
                r#"handling the message failed with "other: no such order""#,
                NOTHING,
            ),
        ],
    },
];
