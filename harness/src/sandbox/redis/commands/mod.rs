//! The commands that the model knows, and what is checked of all of them.
//!
//! Texts of errors are those of Redis 7.0, which the tests of this module ask where it is installed.

mod hashes;
mod keys;
mod lists;
mod server;
mod sets;
mod sorted_sets;
mod strings;

use super::data::Database;
use super::reply::{Refusal, Reply};
use super::server::Server;
use bytes::Bytes;

/// How a command ends.
pub(super) type Answer = Result<Reply, Refusal>;

/// A command under way.
pub(super) struct Call<'a> {
    pub server: &'a mut Server,
    pub database: i64,
    /// In lower case.
    pub name: &'static str,
    /// Without the name.
    pub arguments: &'a [Bytes],
    /// Milliseconds since the Unix epoch.
    pub now: i64,
}

impl Call<'_> {
    /// The database that the connection has chosen, without what has ended.
    fn db(&mut self) -> &mut Database {
        self.server.database(self.database, self.now)
    }

    /// The error of a number of arguments that cannot be.
    fn wrong_number(&self) -> Refusal {
        wrong_number(self.name)
    }

    /// An argument as a word, in upper case: options are written in either.
    fn word(&self, at: usize) -> Option<String> {
        let argument = self.arguments.get(at)?;
        Some(String::from_utf8_lossy(argument).to_ascii_uppercase())
    }

    /// What to say of an option that Redis may have and the model does not.
    fn unknown_option(&self, option: &[u8]) -> Refusal {
        Refusal::Unknown(format!(
            "the option {} of the command {} is not played here",
            String::from_utf8_lossy(option),
            self.name.to_uppercase()
        ))
    }
}

/// A command that the model knows.
pub(super) struct Command {
    /// In lower case.
    pub name: &'static str,
    /// Least and most arguments, without the name.
    takes: (usize, usize),
    /// Whether it can change anything.
    pub writes: bool,
    /// Whether it can make anything larger: where its memory is full, Redis refuses those (`denyoom` in `src/commands.def`).
    pub grows: bool,
    run: fn(&mut Call<'_>) -> Answer,
}

const ANY: usize = usize::MAX;

const fn read(
    name: &'static str,
    takes: (usize, usize),
    run: fn(&mut Call<'_>) -> Answer,
) -> Command {
    Command {
        name,
        takes,
        writes: false,
        grows: false,
        run,
    }
}

const fn write(
    name: &'static str,
    takes: (usize, usize),
    run: fn(&mut Call<'_>) -> Answer,
) -> Command {
    Command {
        name,
        takes,
        writes: true,
        grows: true,
        run,
    }
}

/// A command that changes something and makes nothing larger.
const fn shrink(
    name: &'static str,
    takes: (usize, usize),
    run: fn(&mut Call<'_>) -> Answer,
) -> Command {
    Command {
        grows: false,
        ..write(name, takes, run)
    }
}

static GROUPS: [&[Command]; 7] = [
    &server::COMMANDS,
    &keys::COMMANDS,
    &strings::COMMANDS,
    &hashes::COMMANDS,
    &lists::COMMANDS,
    &sets::COMMANDS,
    &sorted_sets::COMMANDS,
];

/// The command of that name, in whatever case.
pub(super) fn find(name: &[u8]) -> Option<&'static Command> {
    let mut commands = GROUPS.iter().copied().flatten();
    commands.find(|command| command.name.as_bytes().eq_ignore_ascii_case(name))
}

/// The names of all commands, in upper case.
pub(super) fn names() -> impl Iterator<Item = String> {
    let commands = GROUPS.iter().copied().flatten();
    commands.map(|command| command.name.to_uppercase())
}

impl Command {
    /// Whether it can have so many arguments.
    pub fn takes(&self, arguments: usize) -> bool {
        let (least, most) = self.takes;
        (least..=most).contains(&arguments)
    }

    /// Runs it.
    pub fn run(&self, server: &mut Server, database: i64, arguments: &[Bytes], now: i64) -> Answer {
        if !self.takes(arguments.len()) {
            return Err(wrong_number(self.name));
        }
        let mut call = Call {
            server,
            database,
            name: self.name,
            arguments,
            now,
        };
        (self.run)(&mut call)
    }
}

fn wrong_number(command: &str) -> Refusal {
    Refusal::server(format!(
        "ERR wrong number of arguments for '{command}' command"
    ))
}
