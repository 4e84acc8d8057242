//! Answers of real servers, written down once and given again: recordings, and what makes them.

mod client;
mod exchange;
mod merge;
mod read;
mod recorder;
mod replayed;
mod source;
mod write;

pub use exchange::Exchange;
pub use read::Recording;
pub use recorder::{AnotherRecording, Recorder};
pub use source::{BadRecordSource, RecordSource};

pub(crate) use merge::{Conflict, Merged, OfScenario};
pub(crate) use recorder::is_same_file;
pub(crate) use write::write;

pub(super) use replayed::Replayed;
