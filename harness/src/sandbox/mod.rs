//! One scenario's world: its stores, clock, randomness, faults, journal and log, and the gate that every call goes
//! through. Made fresh in microseconds, dropped after.

mod beside;
mod bounds;
mod clock;
mod elsewhere;
mod faults;
mod gate;
mod handle;
mod interface;
mod journal;
mod log;
mod mistake;
mod outgoing;
mod permissions;
mod random;
mod reached;
mod schedule;
pub mod service;
mod session;
mod sqlite;

pub use bounds::{Bound, Bounds};
pub use clock::{Clock, DEFAULT_TIME};
pub(crate) use faults::Missed;
pub use faults::{
    Action, BadFault, BadInjection, BadKeyPattern, Corruption, Effect, Ending, Fault, FaultBuilder,
    FaultSyntaxError, Faults, Injection, KeyPattern, Latency, Match, Quota, Staleness, When,
    load_faults,
};
pub use handle::{FaultRules, KeyValueStore, Sandbox, SqliteDatabase};
pub use interface::Interface;
pub use journal::{Call, Journal, Outcome, Service};
pub use log::{Log, LogEntry, LogStream};
pub use mistake::Mistake;
pub use outgoing::{
    Answer, BadUrlPattern, HttpFailure, Outgoing, Sent, Stub, UnknownHttpFailure, UrlPattern,
};
pub use random::Seed;
pub use schedule::{Access, BadSchedule, Guide, OffSchedule, Place, Trace, Turn};
pub use service::{AnyOperation, Failure, ServiceInterface, ServiceOperation, UnknownFailure};
pub use session::{Happening, SandboxOptions, Session, Trap, Watcher};

pub(crate) use gate::{Asked, CallTrap, Caller, Keep, OpenStore, Served, Target};
pub(crate) use log::GuestLog;
pub(crate) use outgoing::{Answered, Sending};
pub(crate) use random::Purpose;
#[cfg(test)]
pub(crate) use schedule::simulator;
pub(crate) use schedule::{Then, within_this_moment};
pub use sqlite::{DatabaseError, Rows, SqlValue};
pub(crate) use sqlite::{
    SQLITE_1, SQLITE_2, SQLITE_3, SQLITE_3_ASYNC, SqliteExecuted, SqliteHandle, SqliteStatement,
};
