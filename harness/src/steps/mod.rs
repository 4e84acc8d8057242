//! The Gherkin vocabulary: what a scenario can say, a module per subject, and the [`World`] that its steps share.
//!
//! Steps read what a sentence says, call the library and assert. [`reference()`] lists every sentence.

mod arguments;
mod arrangement;
mod evidence;
mod failed;
mod given_app;
mod given_databases;
mod given_faults;
mod given_grants;
mod given_llm;
mod given_outgoing;
mod given_real_servers;
mod given_redis;
mod given_statements;
mod given_stored;
mod given_tcp;
mod messages;
mod place;
mod reasons;
mod record;
mod reference;
mod rows;
mod sentences;
mod table;
#[cfg(test)]
mod tests;
mod then_calls;
mod then_databases;
mod then_grants;
mod then_guest;
mod then_json;
mod then_llm;
mod then_mqtt;
mod then_outgoing;
mod then_redis;
mod then_response;
mod then_responses;
mod then_snapshots;
mod then_statements;
mod then_storage;
mod then_tcp;
mod then_telemetry;
mod verdict;
mod when_requests;
mod when_time;
mod world;

pub use arguments::{WrongArgument, wrong_argument};
pub use evidence::{Evidence, ExchangeEvidence, LogLine};
pub use failed::Failed;
pub(crate) use record::Record;
pub use reference::{Keyword, StepHelp, Subject, Takes, nearest, reference, subjects};
pub use world::World;

pub use given_app::set_bound;
