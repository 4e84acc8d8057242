//! Answers of real servers, written down once and given again: recordings, and what makes them.

mod client;
mod exchange;
mod file;
mod merge;
mod recorder;
mod replayed;
mod source;
mod text;

pub use exchange::Exchange;
pub use file::Recording;
pub use recorder::{AnotherRecording, Recorder};
pub use source::{BadRecordSource, RecordSource};

pub(crate) use merge::{Conflict, Merged, OfScenario};
pub(crate) use text::write;

pub(super) use replayed::Replayed;
