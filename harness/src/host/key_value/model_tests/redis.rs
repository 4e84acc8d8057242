//! A Redis server, sent the commands of Spin's store for `type = "redis"` (`crates/key-value-redis/src/store.rs`).

use super::backend::{AT_ONCE, Answer, Backend, HANDLES, Operation};
use crate::snapshot::Mode;
use ::redis::{Client, Commands, Connection, RedisResult, Value, cmd, pipe};
use std::io::Write as _;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A server of the test's own, which ends with it.
pub struct Server {
    process: Child,
    client: Client,
    _folder: tempfile::TempDir,
}

impl Server {
    /// Starts one on a free port. `None`, after a word on standard error, where this machine has no `redis-server`.
    ///
    /// # Panics
    ///
    /// There is none and `CI` is set: there the comparison must happen.
    pub fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        // Another process may take a port between our look and the server's start.
        for _ in 0..10 {
            let port = TcpListener::bind("127.0.0.1:0")
                .and_then(|listener| listener.local_addr())
                .unwrap()
                .port();
            let started = Command::new("redis-server")
                .args(["--bind", "127.0.0.1", "--port", &port.to_string()])
                .args(["--save", "", "--appendonly", "no", "--daemonize", "no"])
                .current_dir(folder.path())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .stdin(Stdio::null())
                .spawn();
            let mut process = match started {
                Ok(process) => process,
                Err(error) => {
                    let hint = "install it, with `apt-get install redis-server` or so";
                    let ci = std::env::var("CI").ok();
                    assert!(
                        Mode::for_ci(ci.as_deref()) != Mode::Check,
                        "the comparison with Redis needs `redis-server`: {error}; {hint}"
                    );
                    // Not by `eprintln!`, which a test that passes keeps to itself.
                    let _ = writeln!(
                        std::io::stderr(),
                        "not compared with Redis, for want of `redis-server`; {hint}"
                    );
                    return None;
                }
            };
            let client = Client::open(format!("redis://127.0.0.1:{port}")).unwrap();
            if is_up(&mut process, &client) {
                return Some(Self {
                    process,
                    client,
                    _folder: folder,
                });
            }
            end(&mut process);
        }
        panic!("`redis-server` did not start in ten attempts");
    }

    /// Another connection to it.
    pub fn connect(&self) -> Connection {
        self.client.get_connection().unwrap()
    }
}

/// Waits until this very process answers.
fn is_up(process: &mut Child, client: &Client) -> bool {
    for _ in 0..500 {
        if process.try_wait().unwrap().is_some() {
            return false;
        }
        let id = client.get_connection().and_then(|mut connection| {
            let info: String = cmd("INFO").arg("server").query(&mut connection)?;
            Ok(info)
        });
        if let Ok(info) = id {
            let ours = format!("process_id:{}\r", process.id());
            return info.lines().any(|line| line == ours.trim_end());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    false
}

fn end(process: &mut Child) {
    let _ = process.kill();
    let _ = process.wait();
}

impl Drop for Server {
    fn drop(&mut self) {
        end(&mut self.process);
    }
}

pub struct Redis {
    connection: Connection,
    /// Each handle has a connection of its own, since `WATCH` belongs to one.
    handles: Vec<Handle>,
}

struct Handle {
    connection: Connection,
    key: Option<String>,
}

impl Handle {
    /// As good as a new connection, which Spin makes.
    fn renew(&mut self, key: Option<String>) {
        cmd("UNWATCH").exec(&mut self.connection).unwrap();
        self.key = key;
    }
}

impl Redis {
    pub fn new(server: &Server) -> Self {
        Self {
            connection: server.connect(),
            handles: (0..=HANDLES)
                .map(|_| Handle {
                    connection: server.connect(),
                    key: None,
                })
                .collect(),
        }
    }

    /// Spin asks for keys by name with the command that lists names by pattern.
    fn get_many(&mut self, keys: &[String]) -> RedisResult<Answer> {
        let names: Vec<Value> = self.connection.keys(keys)?;
        Ok(match names.len() {
            0 => Answer::Tuples(Vec::new()),
            // Taken for tuples, one name is half of one.
            1 => Answer::Trap,
            more => panic!("a key that is a pattern: {more} names"),
        })
    }

    fn current(&mut self, place: usize) -> RedisResult<Answer> {
        let Handle { connection, key } = &mut self.handles[place];
        let Some(key) = key else {
            return Ok(Answer::NoHandle);
        };
        cmd("WATCH").arg(&*key).exec(connection)?;
        Ok(Answer::Value(connection.get(&*key)?))
    }

    fn swap(&mut self, place: usize, value: &[u8]) -> RedisResult<Answer> {
        let Handle { connection, key } = &mut self.handles[place];
        let Some(key) = key.clone() else {
            return Ok(Answer::NoHandle);
        };
        let applied: RedisResult<()> = pipe().atomic().set(&key, value).query(connection);
        let unwatched = cmd("UNWATCH").arg(&key).exec(connection);
        if applied.is_ok() && unwatched.is_ok() {
            self.handles[place].renew(None);
            return Ok(Answer::Done);
        }
        self.handles[place].renew(Some(key));
        self.current(place)?;
        Ok(Answer::CasFailed)
    }

    fn call(&mut self, operation: &Operation) -> RedisResult<Answer> {
        let redis = &mut self.connection;
        Ok(match operation {
            // Spin answers an empty batch without its store.
            Operation::GetMany(keys) if keys.is_empty() => Answer::Tuples(Vec::new()),
            Operation::SetMany(tuples) if tuples.is_empty() => Answer::Done,
            Operation::DeleteMany(keys) if keys.is_empty() => Answer::Done,
            Operation::Get(key) => Answer::Value(redis.get(key)?),
            Operation::Set(key, value) => done(redis.set(key, value))?,
            Operation::Delete(key) => done(redis.del(key))?,
            Operation::Exists(key) => Answer::Exists(redis.exists(key)?),
            Operation::GetKeys => {
                // In no order that Redis defines.
                let mut keys: Vec<String> = redis.keys("*")?;
                keys.sort_unstable();
                Answer::Keys(keys)
            }
            Operation::GetMany(keys) => self.get_many(keys)?,
            Operation::SetMany(tuples) => done(redis.mset(tuples))?,
            Operation::DeleteMany(keys) => done(redis.del(keys))?,
            Operation::Increment(key, delta) => Answer::Number(redis.incr(key, *delta)?),
            Operation::CasNew(place, key) => {
                self.handles[*place].renew(Some(key.clone()));
                Answer::Done
            }
            Operation::CasCurrent(place) => self.current(*place)?,
            Operation::Swap(place, value) => self.swap(*place, value)?,
            Operation::SwapAtOnce {
                key,
                current,
                value,
            } => {
                self.handles[AT_ONCE].renew(Some(key.clone()));
                if *current {
                    self.current(AT_ONCE)?;
                }
                self.swap(AT_ONCE, value)?
            }
        })
    }
}

fn done(result: RedisResult<()>) -> RedisResult<Answer> {
    result.map(|()| Answer::Done)
}

impl Backend for Redis {
    fn name(&self) -> &'static str {
        "Redis"
    }

    fn begin(&mut self) {
        cmd("FLUSHALL").exec(&mut self.connection).unwrap();
        self.handles
            .iter_mut()
            .for_each(|handle| handle.renew(None));
    }

    fn apply(&mut self, operation: &Operation) -> Answer {
        // Spin hands errors to the guest as they print for debugging.
        self.call(operation)
            .unwrap_or_else(|error| Answer::Error(format!("{error:?}")))
    }
}

#[test]
fn names_taken_for_tuples_make_spins_client_panic() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut connection = server.connect();
    let _: () = connection.set("a", "1").unwrap();
    let mut ask = |key: &str| {
        let tuples: RedisResult<Vec<(String, Option<Vec<u8>>)>> = connection.keys(vec![key]);
        tuples.unwrap()
    };
    assert_eq!(ask("none"), []);
    let asked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| ask("a")));
    assert!(asked.is_err(), "{asked:?}");
}
