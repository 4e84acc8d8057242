//! Runs scenarios: finds them in feature files, gives each a world, a seed and a clock of its own, and tells what came of it.
//!
//! Nothing here prints. [`pool::start`] sends [`Event`]s; whoever receives them reports.

mod context;
mod cucumber;
mod events;
mod execute;
mod feature_file;
mod feature_text;
mod mailbox;
mod meaning;
mod outline;
mod panics;
mod parse;
pub mod plan;
mod planned;
pub mod pool;
mod recording;
mod run_app;
mod run_text;
mod selection;
mod step_table;
mod suspicious;
mod syntax_error;

pub use self::cucumber::ScenarioRunner;
pub use context::{Apps, ConfigKey, Exploration, RunOptions, ScenarioContext, SharedError};
pub use events::{
    Counts, Event, Failure, Reporter, ScenarioResult, StepResult, StepStatus, Summary, SweepCounts,
    Verdict,
};
pub(crate) use execute::{Once, Prepared};
pub use execute::{Watch, execute};
pub use feature_file::FeatureFile;
pub use mailbox::Events;
pub(crate) use panics::caught;
pub use planned::{PlannedScenario, ResolvedScenario};
pub use recording::{NotRecorded, Recordings, Written};
pub use run_text::{run_text, run_text_with};
pub use selection::Filter;
pub use step_table::{Candidate, StepMatch, StepTable};
