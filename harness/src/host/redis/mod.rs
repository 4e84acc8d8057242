//! Redis for guests: three interfaces, a module each, over one gate.
//!
//! Errors and the commands that are sent are those of `crates/factor-outbound-redis/src/host.rs` in Spin.

mod unversioned;
mod v2;
mod v3;

use super::InstanceState;
use crate::sandbox::service::redis;
use crate::sandbox::{
    Asked, CallTrap, Caller, Changes, Failure, Keep, MOST_CONNECTIONS, Mistake,
    REDIS_OUT_OF_MEMORY, RedisAddress, RedisRefusal, RedisReply, Served, ServiceInterface,
    ServiceOperation, Session, WHY_REDIS_IS_OUT_OF_MEMORY, in_words_of_the_client,
    redis_can_change, redis_label,
};
use bytes::Bytes;
use std::sync::Arc;

/// Bytes of a reply that a host of Spin's gives to a guest at most (`MAX_HOST_BUFFERED_BYTES`).
const LARGEST_REPLY: usize = 128 << 20;

/// Fuel that it costs to look at one thing that a server holds, where it may be full: guests must not have that done for
/// nothing.
const PRICE_OF_A_LOOK: usize = 100;

/// What an open connection stands for.
#[derive(Clone, Debug)]
pub(crate) struct RedisConnection {
    address: Arc<RedisAddress>,
}

/// A command that a guest sends.
pub(super) struct Command {
    operation: &'static ServiceOperation,
    /// What it is about, for journal and fault rules.
    key: String,
    /// Its name and its arguments.
    words: Vec<Bytes>,
}

impl Command {
    fn new(operation: &'static ServiceOperation, name: &'static str, key: String) -> Self {
        let words = vec![
            Bytes::from_static(name.as_bytes()),
            Bytes::from(key.clone()),
        ];
        Self {
            operation,
            key,
            words,
        }
    }

    fn and(mut self, more: impl IntoIterator<Item = Bytes>) -> Self {
        self.words.extend(more);
        self
    }

    pub fn publish(channel: String, message: Vec<u8>) -> Self {
        Self::new(&redis::PUBLISH, "PUBLISH", channel).and([message.into()])
    }

    pub fn get(key: String) -> Self {
        Self::new(&redis::GET, "GET", key)
    }

    pub fn set(key: String, value: Vec<u8>) -> Self {
        Self::new(&redis::SET, "SET", key).and([value.into()])
    }

    pub fn incr(key: String) -> Self {
        Self::new(&redis::INCR, "INCRBY", key).and([Bytes::from_static(b"1")])
    }

    pub fn del(keys: Vec<String>) -> Self {
        Self {
            operation: &redis::DEL,
            key: keys.join(", "),
            words: vec![Bytes::from_static(b"DEL")],
        }
        .and(keys.into_iter().map(Bytes::from))
    }

    pub fn sadd(key: String, values: Vec<String>) -> Self {
        Self::new(&redis::SADD, "SADD", key).and(values.into_iter().map(Bytes::from))
    }

    pub fn smembers(key: String) -> Self {
        Self::new(&redis::SMEMBERS, "SMEMBERS", key)
    }

    pub fn srem(key: String, values: Vec<String>) -> Self {
        Self::new(&redis::SREM, "SREM", key).and(values.into_iter().map(Bytes::from))
    }

    /// Any command. The journal has it with its first argument, which is the key of most.
    pub fn execute(command: String, arguments: Vec<Bytes>) -> Self {
        let key = match arguments.first() {
            Some(first) => format!("{command} {}", String::from_utf8_lossy(first)),
            None => command.clone(),
        };
        Self {
            operation: &redis::EXECUTE,
            key,
            words: vec![Bytes::from(command)],
        }
        .and(arguments)
    }

    fn can_change(&self) -> bool {
        self.operation.writes && redis_can_change(self.words.first().map_or(b"", |it| it))
    }

    fn size(&self) -> usize {
        self.words.iter().skip(1).map(Bytes::len).sum()
    }
}

/// Who calls, and through what.
pub(super) struct Calling {
    pub session: Session,
    pub caller: Caller,
    pub interface: &'static ServiceInterface,
}

/// Why a component may not use an address, in the newer interfaces' words.
fn invalid_address() -> Failure {
    Failure::new("invalid-address")
}

fn other(text: impl Into<String>) -> Failure {
    Failure::with_text("other", text)
}

impl Calling {
    /// An error as the interface says it.
    fn said(&self, failure: Failure) -> Failure {
        match self.interface.can_say(&failure) {
            true => failure,
            // The oldest has one for all.
            false => Failure::new("error"),
        }
    }

    /// The server of an address that the component may use: the manifest is asked first, then the address read.
    fn address(&self, address: &str) -> Result<Result<RedisAddress, Failure>, CallTrap> {
        let component = &self.caller.component;
        if self
            .session
            .allowed_host(component, address, "redis")
            .is_none()
        {
            return Ok(Err(self.said(invalid_address())));
        }
        match RedisAddress::parse(address) {
            Ok(address) => Ok(Ok(address)),
            Err(bad) if bad.is_good_elsewhere() => Err(self.lacks(bad.to_string())),
            Err(_) => Ok(Err(self.said(invalid_address()))),
        }
    }

    /// What is not played is a mistake of the scenario's, and no answer.
    fn lacks(&self, what: String) -> CallTrap {
        let mistake = Mistake::RedisLacks {
            component: self.caller.component.to_string(),
            what,
        };
        let why = mistake.to_string();
        self.session.state().mistakes.push(mistake);
        CallTrap(why)
    }

    /// Opens a connection, where `open` others are open.
    pub async fn open(
        &self,
        address: &str,
        open: usize,
    ) -> Result<Result<RedisConnection, Failure>, CallTrap> {
        let label = redis_label(address);
        let (admitted, connection) = match self.address(address)? {
            Err(failure) => (Err(failure), None),
            Ok(_) if open >= MOST_CONNECTIONS => (Err(Failure::new("too-many-connections")), None),
            Ok(address) => {
                let address = Arc::new(address);
                (Ok(()), Some(RedisConnection { address }))
            }
        };
        let asked = Asked {
            interface: self.interface,
            operation: &redis::OPEN,
            label: &label,
            key: String::new(),
            size: 0,
            changes: Changes::Nothing,
            admitted,
        };
        let effect = |_| async move {
            let reply = connection.ok_or_else(invalid_address);
            Ok(Served {
                reply,
                size: 0,
                note: None,
            })
        };
        self.session.service_call(&self.caller, asked, effect).await
    }

    /// Sends a command to the server of an address, as the oldest interface does.
    pub async fn send_to(
        &self,
        address: &str,
        command: Command,
    ) -> Result<Result<RedisReply, Failure>, CallTrap> {
        let target = self.address(address)?;
        self.run(&redis_label(address), target, command).await
    }

    /// Sends a command through a connection.
    pub async fn send(
        &self,
        connection: Option<RedisConnection>,
        command: Command,
    ) -> Result<Result<RedisReply, Failure>, CallTrap> {
        match connection {
            Some(RedisConnection { address }) => {
                let label = address.to_string();
                self.run(&label, Ok((*address).clone()), command).await
            }
            None => {
                let failure = other("could not find connection for resource");
                self.run("", Err(failure), command).await
            }
        }
    }

    async fn run(
        &self,
        label: &str,
        target: Result<RedisAddress, Failure>,
        command: Command,
    ) -> Result<Result<RedisReply, Failure>, CallTrap> {
        let (admitted, address) = match target {
            Ok(address) => (Ok(()), Some(address)),
            Err(failure) => (Err(failure), None),
        };
        let asked = Asked {
            interface: self.interface,
            operation: command.operation,
            label,
            key: command.key.clone(),
            size: command.size(),
            changes: Changes::of(command.operation, command.can_change()),
            admitted,
        };
        let command = &command;
        let effect = |keep| async move {
            match address {
                Some(address) => self.effect(&address, command, keep),
                // It was not admitted, so nobody comes here.
                None => Err(CallTrap("no address".to_owned())),
            }
        };
        self.session.service_call(&self.caller, asked, effect).await
    }

    fn effect(
        &self,
        address: &RedisAddress,
        command: &Command,
        keep: Keep,
    ) -> Result<Served<RedisReply>, CallTrap> {
        let now = self.session.clock().unix_milliseconds();
        let room = self
            .session
            .with_redis(|redis| redis.room_for(&command.words, now));
        if room.looked_at > 0 {
            let price = room.looked_at.saturating_mul(PRICE_OF_A_LOOK);
            self.session.charge(&self.caller, price)?;
        }
        if !room.is_there {
            let failure = other(in_words_of_the_client(REDIS_OUT_OF_MEMORY));
            return Ok(Served {
                reply: Err(self.said(failure)),
                size: 0,
                note: Some(WHY_REDIS_IS_OUT_OF_MEMORY.to_owned()),
            });
        }
        let reply = self.session.with_redis(|redis| match keep {
            Keep::Kept => redis.run_for(&self.caller.component, address, &command.words, now),
            Keep::Lost => Ok(redis.run_and_lose(address, &command.words, now)),
        })?;
        let reply = match reply {
            Ok(reply) => given(command, reply),
            Err(RedisRefusal::Server(error)) => Err(other(in_words_of_the_client(&error))),
            Err(unknown @ RedisRefusal::Unknown(_)) => {
                return Err(self.lacks(format!("{unknown} (asked of {address})")));
            }
        };
        Ok(match reply {
            Ok(reply) => Served {
                size: reply.size(),
                reply: Ok(reply),
                note: None,
            },
            Err(failure) => {
                let said = self.said(failure.clone());
                Served {
                    size: 0,
                    // What the interface cannot say, a person should know all the same.
                    note: (said != failure).then(|| failure.text().to_owned()),
                    reply: Err(said),
                }
            }
        })
    }
}

/// A reply as a guest can be given it.
fn given(command: &Command, reply: RedisReply) -> Result<RedisReply, Failure> {
    let is_bounded = [redis::GET.name, redis::EXECUTE.name].contains(&command.operation.name);
    if is_bounded && reply.size() > LARGEST_REPLY {
        let text = format!("query result exceeds limit of {LARGEST_REPLY} bytes");
        return Err(other(text));
    }
    match &reply {
        RedisReply::Array(members) if command.operation.name == redis::SMEMBERS.name => {
            let is_text = |member: &RedisReply| match member {
                RedisReply::Bulk(bytes) => std::str::from_utf8(bytes).is_ok(),
                _ => true,
            };
            match members.iter().all(is_text) {
                true => Ok(reply),
                false => Err(other("Cannot convert from UTF-8- TypeError")),
            }
        }
        _ => Ok(reply),
    }
}

/// A reply that is bytes, or nothing.
fn bytes(reply: RedisReply) -> Option<Vec<u8>> {
    match reply {
        RedisReply::Bulk(bytes) => Some(bytes.into()),
        _ => None,
    }
}

/// A reply that is a number.
fn number(reply: RedisReply) -> i64 {
    match reply {
        RedisReply::Integer(number) => number,
        _ => 0,
    }
}

/// A reply that is a number of things.
fn count(reply: RedisReply) -> u32 {
    u32::try_from(number(reply)).unwrap_or(u32::MAX)
}

/// A reply that is a list of texts.
fn texts(reply: RedisReply) -> Vec<String> {
    let text = |item: RedisReply| bytes(item).and_then(|it| String::from_utf8(it).ok());
    reply.flat().into_iter().filter_map(text).collect()
}

impl InstanceState {
    fn redis_connection(&self, handle: u32) -> Option<RedisConnection> {
        self.redis.get(handle).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_that_is_too_large_is_none() {
        let most = Bytes::from(vec![b'x'; LARGEST_REPLY]);
        let more = Bytes::from(vec![b'x'; LARGEST_REPLY + 1]);
        let array = RedisReply::bulks([most.clone(), Bytes::from_static(b"x")]);
        let too_large = Err(other("query result exceeds limit of 134217728 bytes"));
        let (get, execute) = (
            Command::get("a".to_owned()),
            Command::execute("MGET".to_owned(), Vec::new()),
        );
        for command in [&get, &execute] {
            let most = RedisReply::Bulk(most.clone());
            assert_eq!(given(command, most.clone()), Ok(most));
            assert_eq!(given(command, RedisReply::Bulk(more.clone())), too_large);
            assert_eq!(given(command, array.clone()), too_large);
        }
        // Spin bounds no other (`crates/factor-outbound-redis/src/host.rs`).
        let members = RedisReply::bulks([more]);
        let smembers = Command::smembers("a".to_owned());
        assert_eq!(given(&smembers, members.clone()), Ok(members));
    }

    #[test]
    fn members_must_be_texts() {
        let smembers = Command::smembers("a".to_owned());
        let members = RedisReply::bulks([Bytes::from_static(&[0xff])]);
        let no_text = Err(other("Cannot convert from UTF-8- TypeError"));
        assert_eq!(given(&smembers, members.clone()), no_text);
        let get = Command::get("a".to_owned());
        assert_eq!(given(&get, members.clone()), Ok(members));
    }
}
