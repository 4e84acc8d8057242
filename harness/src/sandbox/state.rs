//! What changes while a scenario runs: what every service holds, and what is known of the calls so far.

use super::beside::{Labels, RealStores};
use super::faults::Faults;
use super::journal::Journal;
use super::llm::Llm;
use super::log::Log;
use super::mistake::Mistake;
use super::mqtt::Mqtt;
use super::outgoing::Outgoing;
use super::rdbms::DatabaseServers;
use super::redis::Redis;
use super::service::ServiceOperation;
use super::session::{SandboxOptions, Trap};
use super::sqlite::Databases;
use super::tcp::Tcp;
use super::telemetry::Telemetry;
use crate::app::GrantKind;
use crate::engine::App;
use crate::storage::{Operation, Store};
use std::collections::BTreeMap;

/// What changes while a scenario runs.
pub(crate) struct State {
    pub stores: Vec<Store>,
    pub real: RealStores,
    pub faults: Faults,
    pub journal: Journal,
    pub outgoing: Outgoing,
    pub redis: Redis,
    pub databases: Databases,
    pub servers: DatabaseServers,
    pub llm: Llm,
    pub mqtt: Mqtt,
    pub telemetry: Telemetry,
    pub tcp: Tcp,
    pub log: Log,
    pub traps: Vec<Trap>,
    pub mistakes: Vec<Mistake>,
    /// Grants that a test asked about: it needs them, though no guest used them.
    pub checked: Vec<(String, GrantKind, String)>,
    pub instances: u32,
    /// How often each operation was called.
    pub ordinals: [u64; Operation::ALL.len()],
    /// The same of other services.
    service_ordinals: BTreeMap<&'static str, u64>,
    /// How many compare-and-swap handles there were.
    cas_handles: u64,
    /// Whether a store came so near to its documented number of tuples that the order of writes may matter.
    pub nearly_full: bool,
}

impl State {
    /// What there is when a scenario of an app begins, and the labels whose store is another than the app's.
    ///
    /// # Errors
    ///
    /// A real store cannot be used.
    pub fn of(app: &App, options: &SandboxOptions) -> Result<(Self, Labels), Mistake> {
        let mut redis = Redis::default();
        let mut channels: Vec<_> = app
            .redis_channels()
            .iter()
            .map(|it| (&it.server, &it.channel))
            .collect();
        channels.sort_unstable();
        channels.dedup();
        for (server, channel) in channels {
            redis.listen(server, channel);
        }
        let mut stores = app.empty_stores();
        let (real, labels) = RealStores::open(app, &options.real_stores, &mut stores)?;
        let state = Self {
            stores,
            real,
            faults: Faults::seeded(options.seed),
            journal: Journal::default(),
            outgoing: Outgoing::default(),
            redis,
            databases: Databases::default(),
            servers: DatabaseServers::default(),
            llm: Llm::default(),
            mqtt: Mqtt::default(),
            telemetry: Telemetry::default(),
            tcp: Tcp::default(),
            log: Log::default(),
            traps: Vec::new(),
            mistakes: Vec::new(),
            checked: Vec::new(),
            instances: 0,
            ordinals: [0; Operation::ALL.len()],
            service_ordinals: BTreeMap::new(),
            cas_handles: 0,
            nearly_full: false,
        };
        Ok((state, labels))
    }

    /// The number of a new compare-and-swap handle.
    pub fn next_cas_handle(&mut self) -> u64 {
        self.cas_handles += 1;
        self.cas_handles
    }

    /// The number of a call among those of its operation.
    pub fn next_ordinal(&mut self, operation: &'static ServiceOperation) -> u64 {
        let ordinal = self.service_ordinals.entry(operation.name).or_default();
        *ordinal += 1;
        *ordinal
    }
}
