//! The model against a real server, command by command.

use super::reply::{Refusal, Reply};
use super::*;
use crate::host::RedisServer as RealServer;

/// Milliseconds since the Unix epoch of the model's clock, which stands still.
const NOW: i64 = 1_767_225_600_000;

/// Scripts, a line a command. After each the server is empty again.
const SCRIPTS: [&str; 9] = [
    "PING
     ping hello
     PING a b
     ECHO x
     ECHO
     DBSIZE
     SET a 1
     DBSIZE
     FLUSHDB NOW
     FLUSHDB ASYNC
     DBSIZE
     SET a 1
     FLUSHALL
     EXISTS a
     PUBLISH orders hello
     PUBLISH orders",
    "GET a
     SET a 1
     get a
     SET a 2 NX
     SET a 2 XX
     SET b 2 XX
     SET a 3 GET
     SET b 3 NX GET
     SET b 4 NX GET
     SET a 4 EX 10
     TTL a
     SET a 5 KEEPTTL
     TTL a
     GET a
     SET a 6
     TTL a
     SET a 7 PX 100000 XX
     PERSIST a
     PERSIST a
     SET a 1 EX 0
     SET a 1 EX -1
     SET a 1 EX x
     SET a 1 EX
     SET a 1 EX 9223372036854775807
     SET a 1 EX 10 PX 10
     SET a 1 EX 10 KEEPTTL
     SET a 1 KEEPTTL EX 10
     SET a 1 KEEPTTL KEEPTTL
     SET a 1 NX XX
     SET a 1 XX NX
     SET a 1 WHAT
     SET a
     GET a b
     SADD s x
     SET s 1 GET
     GET s
     SET s 1
     GET s",
    "SETNX a 1
     SETNX a 2
     SETEX a 10 3
     TTL a
     SETEX a 0 3
     SETEX a x 3
     PSETEX a 0 3
     PSETEX a 20000 4
     GET a
     GETSET a 5
     TTL a
     GETSET b 1
     GETDEL a
     GETDEL a
     MSET a 1 b 2 c 3
     MSET a 1 b
     MSETNX a 9 d 9
     MSETNX d 9 e 9
     SADD s x
     MGET a s nothing b
     APPEND a 23
     APPEND new x
     STRLEN a
     STRLEN nothing
     STRLEN s
     APPEND s x
     GETSET s x
     GETDEL s
     GETRANGE a 0 1
     GETRANGE a -2 -1
     GETRANGE a 5 9
     GETRANGE a 2 1
     GETRANGE a -9 0
     GETRANGE nothing 0 -1
     GETRANGE a x 1",
    "INCR n
     INCR n
     DECR n
     INCRBY n 10
     DECRBY n 3
     GET n
     INCRBY n x
     INCRBY n 1.5
     DECRBY n -9223372036854775808
     SET n 9223372036854775807
     INCR n
     SET n -9223372036854775808
     DECR n
     SET n 01
     INCR n
     SET n +1
     INCR n
     SET n -0
     INCR n
     SET n abc
     INCR n
     SADD s x
     INCR s
     SET t 5 EX 100
     INCR t
     TTL t",
    "SET a 1
     SET b 1
     RPUSH l x
     SADD s x
     ZADD z 1 x
     HSET h f v
     TYPE a
     TYPE l
     TYPE s
     TYPE z
     TYPE h
     TYPE nothing
     EXISTS a b a nothing
     TOUCH a nothing
     DEL a nothing
     DEL
     UNLINK b b
     TTL a
     TTL l
     EXPIRE nothing 10
     EXPIRE l 100
     TTL l
     EXPIRE l 50 GT
     EXPIRE l 500 GT
     TTL l
     EXPIRE l 1000 LT
     EXPIRE l 100 NX
     EXPIRE l 100 XX
     EXPIRE s 100 XX
     EXPIRE s 100 GT
     EXPIRE s 100 LT
     TTL s
     EXPIRE l 1 NX XX
     EXPIRE l 1 GT LT
     EXPIRE l 1 WHAT
     EXPIRE l x
     EXPIRE l 9223372036854775807
     PEXPIRE l 200000
     TTL l
     EXPIREAT l 99999999999
     EXPIRETIME l
     PEXPIRETIME l
     PEXPIREAT l 99999999999999
     PEXPIRETIME l
     PEXPIREAT l 9223372036854775807
     EXPIRETIME l
     EXPIRETIME s2
     PERSIST l
     PERSIST nothing
     EXPIRETIME l
     EXPIRE l 0
     EXISTS l
     RENAME h h2
     RENAME h h3
     HGETALL h2
     KEYS h?
     KEYS [a-h]2
     KEYS [^h]2
     SCAN 0 MATCH h*
     SCAN 0 TYPE hash COUNT 10
     SCAN x
     SCAN 0 MATCH",
    "HSET h a 1
     HSET h a 2 b 3
     HSET h a
     HSET h a 1 b
     HMSET h c 4
     HSETNX h c 5
     HSETNX h d 5
     HGET h a
     HGET h nothing
     HGET nothing a
     HMGET h a nothing b
     HMGET nothing a
     HGETALL h
     HGETALL nothing
     HKEYS h
     HVALS h
     HLEN h
     HLEN nothing
     HEXISTS h a
     HEXISTS h z
     HSTRLEN h a
     HINCRBY h a 5
     HINCRBY h new 5
     HINCRBY h a x
     HSET h t text big 9223372036854775807
     HINCRBY h t 1
     HINCRBY h big 1
     HDEL h a z b
     HDEL h c d new t big
     EXISTS h
     SET s 1
     HGET s a
     HSET s a 1
     HINCRBY s a 1
     HINCRBY s a x",
    "LPUSH l a b
     RPUSH l c
     LPUSHX nothing a
     RPUSHX l d
     LPUSHX l z
     LRANGE l 0 -1
     LRANGE l 1 2
     LRANGE l -2 -1
     LRANGE l 5 9
     LRANGE l 2 1
     LRANGE nothing 0 -1
     LRANGE l x 1
     LLEN l
     LLEN nothing
     LINDEX l 0
     LINDEX l -1
     LINDEX l 9
     LINDEX l x
     LINDEX nothing x
     LPOP l
     RPOP l
     LPOP l 2
     LPOP l 0
     LPOP nothing
     LPOP nothing 2
     LPOP l -1
     LPOP l x
     LPOP l 9
     EXISTS l
     RPUSH l a b a c a
     LREM l 1 a
     LREM l -1 a
     LRANGE l 0 -1
     LREM l 0 a
     LREM l 0 nothing
     LTRIM l 0 0
     LRANGE l 0 -1
     LTRIM l 5 9
     EXISTS l
     SET s 1
     LPUSH s a
     LPOP s
     LLEN s
     LRANGE s 0 -1
     LINDEX s 0",
    "SADD s a b a
     SADD s a
     SCARD s
     SISMEMBER s a
     SISMEMBER s z
     SMISMEMBER s a z
     SREM s a z
     SMEMBERS s
     SMEMBERS nothing
     SREM s b
     EXISTS s
     SADD s
     SET t 1
     SADD t a
     SMEMBERS t
     SREM t a
     SCARD t
     SISMEMBER t a",
    "ZADD z 1 a 2 b 1.5 c
     ZADD z 3 a
     ZADD z CH 4 a 1 new
     ZADD z NX 9 a 9 newer
     ZADD z XX 9 a 9 newest
     ZADD z GT CH 1 a 10 b
     ZADD z LT CH 1 a 10 b
     ZADD z INCR 2 a
     ZADD z NX INCR 2 a
     ZADD z INCR 2 a 3 b
     ZADD z NX XX 1 a
     ZADD z GT LT 1 a
     ZADD z GT NX 1 a
     ZADD z 1
     ZADD z 1 a 2
     ZADD z x a
     ZADD z nan a
     ZINCRBY z 2.5 a
     ZINCRBY z x a
     ZSCORE z a
     ZSCORE z nothing
     ZSCORE nothing a
     ZRANGE z 0 -1
     ZRANGE z 0 -1 WITHSCORES
     ZRANGE z 0 1 REV
     ZREVRANGE z 0 -1 WITHSCORES
     ZREVRANGE z 0 -1 WHAT
     ZRANGE z x 1
     ZRANGE z 0 -1 WHAT
     ZRANGE nothing 0 -1
     ZCARD z
     ZCARD nothing
     ZRANK z a
     ZREVRANK z a
     ZRANK z nothing
     ZREM z a nothing
     ZADD f inf a -inf b 100000000000000000000 c 3 e 0.25 f 1e15 g 123456789.5 h
     ZRANGE f 0 -1 WITHSCORES
     ZADD f INCR -inf a
     ZINCRBY f -inf a
     ZREM z b c new newer
     EXISTS z
     SET s 1
     ZADD s 1 a
     ZRANGE s 0 -1
     ZSCORE s a",
];

fn of_client(value: ::redis::Value) -> Result<Shown, String> {
    use ::redis::Value as Client;
    Ok(match value {
        Client::Nil => Shown::Nil,
        Client::Int(number) => Shown::Integer(number),
        Client::BulkString(bytes) => Shown::Text(String::from_utf8(bytes).unwrap()),
        Client::SimpleString(text) => Shown::Status(text),
        Client::Okay => Shown::Status("OK".to_owned()),
        Client::Array(items) => {
            Shown::Array(items.into_iter().map(of_client).collect::<Result<_, _>>()?)
        }
        other => return Err(format!("{other:?}")),
    })
}

fn of_model(reply: Reply) -> Shown {
    match reply {
        Reply::Nil => Shown::Nil,
        Reply::Integer(number) => Shown::Integer(number),
        Reply::Bulk(bytes) => Shown::Text(String::from_utf8(bytes.to_vec()).unwrap()),
        Reply::Status(text) => Shown::Status(text.to_owned()),
        Reply::Array(items) => Shown::Array(items.into_iter().map(of_model).collect()),
    }
}

#[derive(Debug, PartialEq, PartialOrd)]
enum Shown {
    Nil,
    Integer(i64),
    Text(String),
    Status(String),
    Array(Vec<Shown>),
}

/// Commands whose answer has no order of its own.
fn sorted(command: &str, shown: Shown) -> Shown {
    match shown {
        Shown::Array(mut items) if ["SMEMBERS", "KEYS", "SCAN"].contains(&command) => {
            items.sort_by(|a, b| a.partial_cmp(b).unwrap());
            Shown::Array(items.into_iter().map(|it| sorted(command, it)).collect())
        }
        other => other,
    }
}

#[test]
fn the_model_answers_as_a_server_does() {
    let Some(server) = RealServer::start() else {
        return;
    };
    let mut real = server.connect();
    let address = RedisAddress::parse("redis://localhost").unwrap();
    let mut differences = Vec::new();
    for script in SCRIPTS {
        let mut model = Redis::default();
        let () = ::redis::cmd("FLUSHALL").query(&mut real).unwrap();
        for line in script.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            let mut command = ::redis::cmd(words[0]);
            words[1..].iter().for_each(|word| {
                command.arg(word);
            });
            let expected = command.query::<::redis::Value>(&mut real);
            let expected = expected
                .map_err(|error| error.to_string())
                .and_then(of_client);
            let bytes: Vec<Bytes> = words.iter().map(|it| Bytes::from(it.to_string())).collect();
            let actual = model.run(&address, &bytes, NOW).map(of_model);
            let actual = actual.map_err(|refusal| match refusal {
                Refusal::Server(text) => in_words_of_the_client(&text),
                Refusal::Unknown(text) => format!("the model lacks {text}"),
            });
            let name = words[0].to_uppercase();
            let (expected, actual) = (
                expected.map(|it| sorted(&name, it)),
                actual.map(|it| sorted(&name, it)),
            );
            if expected != actual {
                differences.push(format!("{line}: server {expected:?}, model {actual:?}"));
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// A server knows every command of the model, and takes as many arguments.
#[test]
fn every_command_is_one_of_redis() {
    let Some(server) = RealServer::start() else {
        return;
    };
    let mut real = server.connect();
    for name in commands::names() {
        let info: ::redis::Value = ::redis::cmd("COMMAND")
            .arg("INFO")
            .arg(&name)
            .query(&mut real)
            .unwrap();
        assert_ne!(
            info,
            ::redis::Value::Array(vec![::redis::Value::Nil]),
            "{name}"
        );
        // What a server whose memory is full refuses; `RENAME` it takes, which makes a key longer all the same.
        let denied = flags(&info).contains(&"denyoom".to_owned());
        let grows = commands::find(name.as_bytes()).unwrap().grows;
        assert_eq!(grows, denied || name == "RENAME", "{name}");
    }
}

/// The flags in what `COMMAND INFO` says of one command: its name, its arity, its flags.
fn flags(info: &::redis::Value) -> Vec<String> {
    use ::redis::Value as Client;
    let Client::Array(commands) = info else {
        panic!("{info:?}")
    };
    let [Client::Array(command)] = &commands[..] else {
        panic!("{info:?}")
    };
    let (Client::Array(flags) | Client::Set(flags)) = &command[2] else {
        panic!("{info:?}")
    };
    let flags = flags.iter().map(|flag| match flag {
        Client::SimpleString(text) => text.clone(),
        other => panic!("{other:?}"),
    });
    flags.collect()
}

fn run(model: &mut Redis, line: &str, now: i64) -> Result<Reply, Refusal> {
    let address = RedisAddress::parse("redis://localhost").unwrap();
    let words: Vec<Bytes> = line
        .split(' ')
        .map(|it| Bytes::from(it.to_owned()))
        .collect();
    model.run(&address, &words, now)
}

#[test]
fn keys_end_when_their_time_has_passed() {
    let mut model = Redis::default();
    run(&mut model, "SET a 1 EX 60", NOW).unwrap();
    run(&mut model, "SET b 1 PX 90", NOW).unwrap();
    assert_eq!(run(&mut model, "PTTL b", NOW + 89), Ok(Reply::Integer(1)));
    assert_eq!(run(&mut model, "GET b", NOW + 90), Ok(Reply::Nil));
    assert_eq!(run(&mut model, "TTL a", NOW + 90), Ok(Reply::Integer(60)));
    assert_eq!(
        run(&mut model, "DBSIZE", NOW + 59_999),
        Ok(Reply::Integer(1))
    );
    assert_eq!(
        run(&mut model, "DBSIZE", NOW + 60_000),
        Ok(Reply::Integer(0))
    );
}

#[test]
fn databases_are_apart_and_channels_are_not() {
    let mut model = Redis::default();
    let [one, two] = ["redis://h/1", "redis://h/2"].map(|it| RedisAddress::parse(it).unwrap());
    let words = |line: &str| -> Vec<Bytes> {
        line.split(' ')
            .map(|it| Bytes::from(it.to_owned()))
            .collect()
    };
    model.run(&one, &words("SET a 1"), NOW).unwrap();
    assert_eq!(model.run(&two, &words("GET a"), NOW), Ok(Reply::Nil));
    model.listen(two.server(), "orders");
    let component = Arc::from("api");
    let publish = words("PUBLISH orders hello");
    assert_eq!(
        model.run_for(&component, &one, &publish, NOW).unwrap(),
        Ok(Reply::Integer(1))
    );
    assert_eq!(model.published().len(), 1);
    assert_eq!(
        model.run_and_lose(&one, &publish, NOW),
        Ok(Reply::Integer(1))
    );
    assert_eq!(model.published().len(), 1);
    model.run(&one, &words("FLUSHALL"), NOW).unwrap();
    assert!(model.database(&one, NOW).is_empty());
}

#[test]
fn what_the_model_lacks_is_no_answer_of_a_server() {
    let mut model = Redis::default();
    let refused = |model: &mut Redis, line: &str| match run(model, line, NOW) {
        Err(Refusal::Unknown(what)) => what,
        other => panic!("{line}: {other:?}"),
    };
    assert_eq!(
        refused(&mut model, "xadd s * a 1"),
        "the command XADD is not played here; did you mean SADD?"
    );
    assert_eq!(
        refused(&mut model, "EVAL x 0"),
        "the command EVAL is not played here"
    );
    assert_eq!(
        refused(&mut model, "ZRANGE z 0 1 BYSCORE"),
        "the option BYSCORE of the command ZRANGE is not played here"
    );
}

#[test]
fn collections_are_shown_as_json() {
    let mut model = Redis::default();
    for line in [
        "SET text plain",
        "RPUSH list b a",
        "SADD set b a",
        "HSET hash f v",
        "ZADD sorted 1.5 a inf b",
    ] {
        run(&mut model, line, NOW).unwrap();
    }
    let address = RedisAddress::parse("redis://localhost").unwrap();
    let shown: Vec<String> = model
        .database(&address, NOW)
        .iter()
        .map(|(_, value)| String::from_utf8(value.to_bytes().to_vec()).unwrap())
        .collect();
    assert_eq!(
        shown,
        [
            r#"{"f":"v"}"#,
            r#"["b","a"]"#,
            r#"["a","b"]"#,
            r#"{"a":1.5,"b":"inf"}"#,
            "plain"
        ]
    );
}
