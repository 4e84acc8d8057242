//! One Redis server: its databases, and who listens on its channels.

use super::commands;
use super::data::Database;
use super::reply::{Refusal, Reply};
use bytes::Bytes;
use std::collections::BTreeMap;

/// A server.
#[derive(Clone, Debug, Default)]
pub(super) struct Server {
    databases: BTreeMap<i64, Database>,
    /// The channels that the app's triggers listen on, each as often as they do.
    listened: Vec<Bytes>,
    /// What was published and has not been taken from here: channel and message.
    published: Vec<(Bytes, Bytes)>,
}

impl Server {
    /// Runs a command: its name and its arguments. `now` is in milliseconds since the Unix epoch.
    pub fn run(&mut self, database: i64, command: &[Bytes], now: i64) -> Result<Reply, Refusal> {
        let (name, arguments) = match command {
            [name, arguments @ ..] => (name, arguments),
            [] => return Err(Refusal::server("ERR unknown command ''")),
        };
        match commands::find(name) {
            Some(command) => command.run(self, database, arguments, now),
            None => Err(unknown(name)),
        }
    }

    /// A database, without what has ended.
    pub fn database(&mut self, number: i64, now: i64) -> &mut Database {
        let database = self.databases.entry(number).or_default();
        database.expire(now);
        database
    }

    /// Removes what has ended in any of its databases.
    pub fn expire(&mut self, now: i64) {
        for database in self.databases.values_mut() {
            database.expire(now);
        }
    }

    /// Its databases.
    pub fn databases(&self) -> impl Iterator<Item = &Database> {
        self.databases.values()
    }

    /// Removes every key of every database.
    pub fn clear(&mut self) {
        self.databases.clear();
    }

    /// A trigger of the app listens on a channel.
    pub fn listen(&mut self, channel: Bytes) {
        self.listened.push(channel);
    }

    /// Sends a message to a channel; how many listen there.
    pub fn publish(&mut self, channel: &Bytes, message: &Bytes) -> usize {
        self.published.push((channel.clone(), message.clone()));
        self.listened.iter().filter(|it| *it == channel).count()
    }

    /// Takes what was published since the last time.
    pub fn take_published(&mut self) -> Vec<(Bytes, Bytes)> {
        std::mem::take(&mut self.published)
    }
}

fn unknown(name: &[u8]) -> Refusal {
    let name = String::from_utf8_lossy(name).to_uppercase();
    // The comparison takes time in the product of the lengths, and no command is that long.
    let near = (name.len() <= 30)
        .then(|| commands::names().find(|known| strsim::damerau_levenshtein(known, &name) == 1));
    let advice = match near.flatten() {
        Some(near) => format!("; did you mean {near}?"),
        None => String::new(),
    };
    let name: String = name.chars().take(60).collect();
    Refusal::Unknown(format!("the command {name} is not played here{advice}"))
}
