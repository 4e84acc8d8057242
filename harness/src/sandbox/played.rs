//! The services that a scenario plays, as its steps reach them: past the gate.

use super::llm::Llm;
use super::mqtt::Mqtt;
use super::outgoing::Outgoing;
use super::rdbms::DatabaseServers;
use super::redis::Redis;
use super::session::Session;
use super::sqlite::{DatabaseError, Rows};
use super::tcp::Tcp;
use super::telemetry::Telemetry;
use std::path::Path;
use wasmtime_wasi::HostWallClock as _;

impl Session {
    /// Looks at the answers to outgoing requests and at what was sent, or adds to them. `change` must not use the session.
    pub fn with_outgoing<R>(&self, change: impl FnOnce(&mut Outgoing) -> R) -> R {
        change(&mut self.state().outgoing)
    }

    /// Looks at the answers to statements and at what was sent to database servers, or adds to them. `change` must not use
    /// the session.
    pub fn with_database_servers<R>(&self, change: impl FnOnce(&mut DatabaseServers) -> R) -> R {
        change(&mut self.state().servers)
    }

    /// Looks at the Redis servers or changes them, past the gate. `change` must not use the session.
    pub fn with_redis<R>(&self, change: impl FnOnce(&mut Redis) -> R) -> R {
        change(&mut self.state().redis)
    }

    /// Runs SQL statements on the database of a label, past the gate.
    ///
    /// # Errors
    ///
    /// What SQLite says.
    pub fn run_sql(&self, label: &str, statements: &str) -> Result<(), DatabaseError> {
        let (seed, now) = (self.options().seed, self.clock().now());
        self.state().databases.run(label, statements, seed, now)
    }

    /// What a query finds in the database of a label, past the gate.
    ///
    /// # Errors
    ///
    /// What SQLite says, or that the statement is no query.
    pub fn query_sql(&self, label: &str, query: &str) -> Result<Rows, DatabaseError> {
        let (seed, now) = (self.options().seed, self.clock().now());
        self.state().databases.query(label, query, seed, now)
    }

    /// Fills the database of a label from a SQLite file.
    ///
    /// # Errors
    ///
    /// The file is none.
    pub fn load_sql(&self, label: &str, file: &Path) -> Result<(), DatabaseError> {
        let seed = self.options().seed;
        self.state().databases.load(label, file, seed)
    }

    /// Looks at what language models answer and at what they were asked, or adds to it. `change` must not use the session.
    pub fn with_llm<R>(&self, change: impl FnOnce(&mut Llm) -> R) -> R {
        change(&mut self.state().llm)
    }

    /// Looks at what was published to MQTT brokers. `look` must not use the session.
    pub fn with_mqtt<R>(&self, look: impl FnOnce(&Mqtt) -> R) -> R {
        look(&self.state().mqtt)
    }

    /// Looks at what TCP servers do and at the connections to them, or says what they do. `change` must not use the session.
    pub fn with_tcp<R>(&self, change: impl FnOnce(&mut Tcp) -> R) -> R {
        change(&mut self.state().tcp)
    }

    /// Looks at the spans, metrics and log records of guests. `look` must not use the session.
    pub fn with_telemetry<R>(&self, look: impl FnOnce(&Telemetry) -> R) -> R {
        look(&self.state().telemetry)
    }
}
