//! A Redis server, sent the commands of Spin's store for `type = "redis"` (`crates/key-value-redis/src/store.rs`).

use super::in_use::{PATIENCE, Use};
use super::{Answered, Backend, RealStoreError, needs_no_store};
use crate::storage::store::within_result_limit;
use crate::storage::{Abort, Error, Reply, Request};
use crate::value::without_secrets;
use bytes::Bytes;
use redis::{Client, Commands, Connection, RedisResult, cmd, pipe};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How long a server may take to be reached.
const CONNECT: Duration = Duration::from_secs(5);

/// How long a server may take to answer. Real time: a scenario's own stands still meanwhile.
const ANSWER: Duration = Duration::from_secs(30);

/// How many keys one command removes.
const REMOVED_AT_ONCE: usize = 1_000;

/// Spin's Redis store. What was written through it is removed when it is dropped.
pub(crate) struct RealRedis {
    url: String,
    client: Client,
    connection: Connection,
    /// The connections of compare-and-swap handles that have read their key: `WATCH` belongs to a connection.
    watching: BTreeMap<u64, Connection>,
    /// Connections of handles that are no more, as good as new.
    spare: Vec<Connection>,
    /// The keys that it was asked to write.
    written: BTreeSet<String>,
    /// Which database it is, however its URL is spelled.
    identity: String,
    _use: Use,
}

impl RealRedis {
    /// Whether a database can be used.
    pub fn check(url: &str) -> Result<(), RealStoreError> {
        require_empty(url, &mut connect(url, &client(url)?)?)
    }

    /// A database that holds nothing and that no other sandbox of this process uses.
    pub fn open(url: &str) -> Result<Self, RealStoreError> {
        let client = client(url)?;
        let mut connection = connect(url, &client)?;
        let identity = identity(&client, &mut connection);
        let in_use = Use::of(identity.clone(), PATIENCE).ok_or_else(|| RealStoreError::InUse {
            url: without_secrets(url),
            seconds: PATIENCE.as_secs(),
        })?;
        require_empty(url, &mut connection)?;
        Ok(Self {
            url: url.to_owned(),
            client,
            connection,
            watching: BTreeMap::new(),
            spare: Vec::new(),
            written: BTreeSet::new(),
            identity,
            _use: in_use,
        })
    }

    /// Which database a URL names: two spellings of one database have one identity.
    pub fn identity_of(url: &str) -> Result<String, RealStoreError> {
        let client = client(url)?;
        let mut connection = connect(url, &client)?;
        Ok(identity(&client, &mut connection))
    }

    fn another_connection(&mut self) -> RedisResult<Connection> {
        match self.spare.pop() {
            Some(connection) => Ok(connection),
            None => connection_of(&self.client),
        }
    }

    /// Gives back a connection that may watch a key; one that does not answer is dropped.
    fn done_with(&mut self, mut connection: Connection) {
        if cmd("UNWATCH").exec(&mut connection).is_ok() {
            self.spare.push(connection);
        }
    }

    /// Spin asks for keys by name with the command that lists names by pattern, and takes the names that it gets for
    /// pairs of key and value.
    fn get_many(&mut self, keys: &[String]) -> RedisResult<Answered> {
        let mut names: Vec<String> = self.connection.keys(keys)?;
        if names.len() % 2 == 1 {
            let why = format!("it takes {} names for pairs of key and value", names.len());
            return Ok(Err(Abort(why)));
        }
        // In no order that Redis defines.
        names.sort_unstable();
        let mut names = names.into_iter();
        let mut tuples = Vec::new();
        while let (Some(key), Some(value)) = (names.next(), names.next()) {
            tuples.push((key, Some(Bytes::from(value))));
        }
        Ok(Ok(within_result_limit(Reply::Tuples(tuples))))
    }

    fn current(&mut self, key: &str, handle: u64) -> RedisResult<Option<Vec<u8>>> {
        let mut connection = match self.watching.remove(&handle) {
            Some(connection) => connection,
            None => self.another_connection()?,
        };
        cmd("WATCH").arg(key).exec(&mut connection)?;
        let value = connection.get(key);
        self.watching.insert(handle, connection);
        value
    }

    fn swap(&mut self, key: &str, handle: u64, value: &[u8]) -> RedisResult<Result<Reply, Error>> {
        let mut connection = match self.watching.remove(&handle) {
            Some(connection) => connection,
            None => self.another_connection()?,
        };
        let swapped: RedisResult<()> = pipe().atomic().set(key, value).query(&mut connection);
        // Spin names the key, which Redis refuses; Spin takes that for a lost race.
        let unwatched = cmd("UNWATCH").arg(key).exec(&mut connection);
        self.done_with(connection);
        Ok(match swapped.is_ok() && unwatched.is_ok() {
            true => Ok(Reply::Done),
            false => Err(Error::CasFailed),
        })
    }

    fn call(&mut self, request: &Request) -> RedisResult<Answered> {
        let redis = &mut self.connection;
        let reply = match request {
            Request::Get { key } => {
                let value: Option<Vec<u8>> = redis.get(key)?;
                within_result_limit(Reply::Value(value.map(Bytes::from)))
            }
            Request::Exists { key } => Ok(Reply::Exists(redis.exists(key)?)),
            Request::GetKeys => {
                // In no order that Redis defines; no result may differ from run to run.
                let mut keys: Vec<String> = redis.keys("*")?;
                keys.sort_unstable();
                within_result_limit(Reply::Keys(keys))
            }
            Request::GetMany { keys } => return self.get_many(keys),
            Request::Set { key, value } => done(redis.set(key, &value[..])),
            Request::SetMany { tuples } => {
                let tuples: Vec<(&str, &[u8])> = tuples
                    .iter()
                    .map(|(key, value)| (key.as_str(), &value[..]))
                    .collect();
                done(redis.mset(&tuples))
            }
            Request::Delete { key } => done(redis.del(key)),
            Request::DeleteMany { keys } => done(redis.del(keys)),
            Request::Increment { key, delta } => Ok(Reply::Number(redis.incr(key, *delta)?)),
            Request::CasCurrent { key, handle } => {
                let value = self.current(key, *handle)?.map(Bytes::from);
                within_result_limit(Reply::Value(value))
            }
            Request::Swap {
                key, handle, value, ..
            } => self.swap(key, *handle, value)?,
            // Answered before they come here.
            Request::Open | Request::CasNew { .. } => Ok(Reply::Done),
        };
        Ok(Ok(reply))
    }

    fn failed(&self, source: redis::RedisError) -> RealStoreError {
        RealStoreError::Redis {
            url: without_secrets(&self.url),
            source,
        }
    }
}

/// The errors of these are the guest's.
fn done(result: RedisResult<()>) -> Result<Reply, Error> {
    result.map(|()| Reply::Done).map_err(told)
}

/// Spin hands errors to the guest as they print for debugging.
fn told(error: redis::RedisError) -> Error {
    Error::Other(format!("{error:?}"))
}

impl Backend for RealRedis {
    fn ask(&mut self, request: &Request) -> Answered {
        if let Some(reply) = needs_no_store(request) {
            return Ok(Ok(reply));
        }
        let operation = request.operation();
        // What is deleted leaves nothing behind: a key that someone else sets after it is theirs.
        if operation.is_write() && operation.carries_a_value() {
            let keys = request.keys();
            self.written
                .extend(keys.iter().map(|key| (*key).to_owned()));
        }
        self.call(request)
            .unwrap_or_else(|error| Ok(Err(told(error))))
    }

    fn tuples(&mut self) -> Result<BTreeMap<String, Bytes>, RealStoreError> {
        // It was empty when it was opened.
        Ok(BTreeMap::new())
    }

    fn put(&mut self, key: &str, value: Option<&Bytes>) -> Result<(), RealStoreError> {
        let result: RedisResult<()> = match value {
            Some(value) => {
                self.written.insert(key.to_owned());
                self.connection.set(key, &value[..])
            }
            None => self.connection.del(key),
        };
        result.map_err(|error| self.failed(error))
    }

    fn identity(&self) -> Option<&str> {
        Some(&self.identity)
    }

    fn forget(&mut self, handle: u64) {
        if let Some(connection) = self.watching.remove(&handle) {
            self.done_with(connection);
        }
    }
}

impl Drop for RealRedis {
    fn drop(&mut self) {
        // Others may have written meanwhile: what is theirs stays, and the next scenario says that it is there. It does so
        // too where this fails.
        let written: Vec<&String> = self.written.iter().collect();
        for keys in written.chunks(REMOVED_AT_ONCE) {
            let _ = cmd("DEL").arg(keys).exec(&mut self.connection);
        }
    }
}

fn client(url: &str) -> Result<Client, RealStoreError> {
    Client::open(url).map_err(|source| RealStoreError::BadUrl {
        url: without_secrets(url),
        source,
    })
}

fn connection_of(client: &Client) -> RedisResult<Connection> {
    let connection = client.get_connection_with_timeout(CONNECT)?;
    connection.set_read_timeout(Some(ANSWER))?;
    connection.set_write_timeout(Some(ANSWER))?;
    Ok(connection)
}

fn connect(url: &str, client: &Client) -> Result<Connection, RealStoreError> {
    connection_of(client).map_err(|source| RealStoreError::Redis {
        url: without_secrets(url),
        source,
    })
}

/// The server's name for this run of it, and the number of the database; where the server does not tell, its address.
fn identity(client: &Client, connection: &mut Connection) -> String {
    let info = client.get_connection_info();
    let told: RedisResult<String> = cmd("INFO").arg("server").query(connection);
    let told = told.unwrap_or_default();
    let run = told.lines().find_map(|line| line.strip_prefix("run_id:"));
    match run {
        Some(run) => format!("{}/{}", run.trim(), info.redis.db),
        None => format!("{}/{}", info.addr, info.redis.db),
    }
}

fn require_empty(url: &str, connection: &mut Connection) -> Result<(), RealStoreError> {
    let size: RedisResult<u64> = cmd("DBSIZE").query(connection);
    match size {
        Ok(0) => Ok(()),
        Ok(keys) => Err(RealStoreError::NotEmpty {
            url: without_secrets(url),
            keys,
        }),
        Err(source) => Err(RealStoreError::Redis {
            url: without_secrets(url),
            source,
        }),
    }
}
