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
mod kept;
mod llm;
mod log;
mod mistake;
mod mqtt;
mod nearest;
mod outgoing;
mod permissions;
mod played;
mod random;
mod rdbms;
mod reached;
mod redis;
mod schedule;
pub mod service;
mod session;
mod sockets;
mod sqlite;
mod state;
mod tcp;
mod telemetry;
mod text_pattern;
mod variables;

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
pub use journal::{Call, Changes, Journal, Outcome, Service};
pub use llm::{Embedded, Inference, InferencingParams, Llm, ModelAnswer, ModelSays};
pub use log::{Log, LogEntry, LogStream};
pub use mistake::Mistake;
pub use mqtt::{Mqtt, MqttMessage, Qos};
pub use outgoing::{
    AnotherRecording, Answer, BadRecordSource, Exchange, HttpFailure, Outgoing, RecordSource,
    Recorder, Recording, Sent, Stub, UnknownHttpFailure, UrlPattern,
};
pub use random::Seed;
pub(crate) use rdbms::drop_copies;
pub use rdbms::{
    BadCell, BadColumnType, Bound as RangeBound, ColumnType, DatabaseServer, DatabaseServers,
    Interval, LikePattern, Range as SqlRange, RealServer, RealServerError, ServerError,
    ServerValue, SqlColumn, Statement, StatementAnswer, StatementStub, read_cell, show_parameters,
};
pub use redis::{
    BadRedisAddress, Database, PublishedMessage, Redis, RedisAddress, RedisRefusal, RedisReply,
    RedisServer, RedisValue,
};
pub use schedule::{Access, BadSchedule, Guide, OffSchedule, Place, Trace, Turn};
pub use service::{
    AnyOperation, Failure, Family, ServiceInterface, ServiceOperation, UnknownFailure,
};
pub use session::{Happening, SandboxOptions, Session, Trap, Watcher};
pub use tcp::{
    Conversation, Received, ServerLine, ServerThen, Tcp, TcpEnd, TcpExchange, TcpServer,
};
pub use telemetry::{
    Attributes, LogRecord, Metric, MetricKind, MetricPoint, Number, Span, SpanContext, SpanKind,
    SpanStatus, Telemetry, Temporality,
};
pub use text_pattern::TextPattern;

pub(crate) use bounds::MOST_CONNECTIONS;
pub(crate) use gate::{Asked, CallTrap, Caller, Keep, OpenStore, Refused, Served, Target};
pub(crate) use log::GuestLog;
pub(crate) use mqtt::{Broker, Publishing};
pub(crate) use nearest::by_likeness;
pub(crate) use outgoing::{
    Answered, Chain, Chained, Conflict, Destination, Merged, NotChained, OfScenario, Sending,
    is_same_file, write_recording,
};
pub(crate) use random::Purpose;
#[cfg(test)]
pub(crate) use rdbms::shown_as_error;
pub(crate) use rdbms::{
    ERROR_EXTRAS, LONGEST_ADDRESS, Reach, SqlCall, SqlConnection, SqlFailure, SqlReply,
    postgres_hosts,
};
pub(crate) use redis::{
    OUT_OF_MEMORY as REDIS_OUT_OF_MEMORY, WHY_OUT_OF_MEMORY as WHY_REDIS_IS_OUT_OF_MEMORY,
    can_change as redis_can_change, in_words_of_the_client, label as redis_label,
};
#[cfg(test)]
pub(crate) use schedule::simulator;
pub(crate) use schedule::{Then, within_this_moment};
pub(crate) use service::{
    MYSQL_1, MYSQL_2, MYSQL_3, POSTGRES_1, POSTGRES_2, POSTGRES_3, POSTGRES_4, SqlOperation,
};
pub use sqlite::{DatabaseError, Rows, SqlValue};
pub(crate) use sqlite::{SqliteExecuted, SqliteHandle, SqliteStatement};
pub(crate) use tcp::{Receiving, TcpConnection, is_of_this_machine};
pub(crate) use telemetry::plain;
