//! Redis, played: servers in memory, made when somebody first asks for them, with the commands that apps commonly use.
//!
//! A command that is not there is no answer at all, but a mistake of the scenario's that says so.

mod address;
mod commands;
mod data;
mod glob;
mod memory;
mod number;
mod reply;
mod server;
#[cfg(test)]
mod tests;

pub use address::{BadRedisAddress, RedisAddress, RedisServer};
pub use data::{Database, Value as RedisValue};
pub use reply::{Refusal as RedisRefusal, Reply as RedisReply};

pub(crate) use memory::{OUT_OF_MEMORY, WHY_OUT_OF_MEMORY};
pub(crate) use reply::in_words_of_the_client;

use super::gate::CallTrap;
use super::kept::Kept;
use crate::value::without_secrets;
use bytes::Bytes;
use memory::Memory;
use server::Server;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A message that was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedMessage {
    /// The component that published it.
    pub component: Arc<str>,
    /// The server.
    pub server: RedisServer,
    /// The channel.
    pub channel: Bytes,
    /// What was sent.
    pub message: Bytes,
}

/// All Redis servers of a scenario.
#[derive(Debug, Default)]
pub struct Redis {
    servers: BTreeMap<RedisServer, Server>,
    published: Vec<PublishedMessage>,
    /// What is kept of those.
    pub(in crate::sandbox) kept: Kept,
    memory: Memory,
}

/// How journals and fault rules write the address of a server: all that mean the same alike, and nobody's password.
pub(crate) fn label(address: &str) -> String {
    match RedisAddress::parse(address) {
        Ok(address) => address.to_string(),
        Err(_) => without_secrets(address),
    }
}

/// Whether a command can change anything; one that the model lacks might.
pub(crate) fn can_change(command: &[u8]) -> bool {
    commands::find(command).is_none_or(|command| command.writes)
}

impl Redis {
    /// Looks at a database as it is at `now`, in milliseconds since the Unix epoch; it is empty until something is stored.
    pub fn database(&mut self, address: &RedisAddress, now: i64) -> &mut Database {
        self.memory.forget();
        let server = self.servers.entry(address.server().clone()).or_default();
        server.database(address.database(), now)
    }

    /// The servers that a step or a component has asked something of.
    pub fn servers(&self) -> impl Iterator<Item = &RedisServer> {
        self.servers.keys()
    }

    /// What components published so far, in order.
    pub fn published(&self) -> &[PublishedMessage] {
        &self.published
    }

    /// Runs a command, its name and its arguments, past the gate. What it publishes nobody hears of.
    ///
    /// # Errors
    ///
    /// What the server says, or that the model lacks the command.
    pub fn run(
        &mut self,
        address: &RedisAddress,
        command: &[Bytes],
        now: i64,
    ) -> Result<RedisReply, RedisRefusal> {
        self.memory.forget();
        let server = self.servers.entry(address.server().clone()).or_default();
        let reply = server.run(address.database(), command, now);
        server.take_published();
        reply
    }

    /// Runs a component's command. The outer error ends the instance.
    pub(crate) fn run_for(
        &mut self,
        component: &Arc<str>,
        address: &RedisAddress,
        command: &[Bytes],
        now: i64,
    ) -> Result<Result<RedisReply, RedisRefusal>, CallTrap> {
        let server = self.servers.entry(address.server().clone()).or_default();
        let reply = server.run(address.database(), command, now);
        for (channel, message) in server.take_published() {
            let bytes = channel.len() + message.len();
            self.kept.add(1, bytes, "Redis messages")?;
            self.published.push(PublishedMessage {
                component: Arc::clone(component),
                server: address.server().clone(),
                channel,
                message,
            });
        }
        Ok(reply)
    }

    /// Runs a command that leaves no trace: its reply is as if it had been done.
    pub(crate) fn run_and_lose(
        &mut self,
        address: &RedisAddress,
        command: &[Bytes],
        now: i64,
    ) -> Result<RedisReply, RedisRefusal> {
        let server = self.servers.entry(address.server().clone()).or_default();
        server.clone().run(address.database(), command, now)
    }

    /// A trigger of the app listens on a channel of a server.
    pub(crate) fn listen(&mut self, server: &RedisServer, channel: &str) {
        let server = self.servers.entry(server.clone()).or_default();
        server.listen(Bytes::copy_from_slice(channel.as_bytes()));
    }
}
