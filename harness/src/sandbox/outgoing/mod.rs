//! Outgoing HTTP: nothing leaves the machine. What guests send is written down, and answered as the scenario says.

mod chain;
mod failure;
mod recording;
mod send;
mod stub;
mod url;

pub use self::url::UrlPattern;
pub use failure::{HttpFailure, UnknownHttpFailure};
pub use recording::{
    AnotherRecording, BadRecordSource, Exchange, RecordSource, Recorder, Recording,
};
pub use stub::{Answer, Stub};

pub(in crate::sandbox) use self::url::url_pattern;

pub(crate) use chain::{Chain, Chained, Destination, NotChained};
pub(crate) use recording::{Conflict, Merged, OfScenario, is_same_file, write as write_recording};
pub(crate) use send::{Answered, Sending};

use super::journal::Outcome;
use super::kept::Kept;
use super::nearest::nearest;
use bytes::Bytes;
use http::{HeaderMap, Method};
use recording::Replayed;
use std::sync::Arc;

/// A request that a guest sent.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The component that sent it.
    pub component: Arc<str>,
    /// Its method.
    pub method: Method,
    /// Where it went, whole.
    pub url: String,
    /// Its headers, without those that belong to the connection.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
    /// What came of it, as in the journal: a status, or why there is none.
    pub outcome: Outcome,
}

/// The answers that a scenario gives, and what was sent so far.
#[derive(Debug, Default)]
pub struct Outgoing {
    stubs: Vec<Stub>,
    /// What was recorded, for requests that no stub fits.
    replayed: Vec<Replayed>,
    /// The files that it was recorded in.
    recordings: Vec<String>,
    /// Who asks real servers for what is not answered otherwise.
    recorder: Option<Recorder>,
    sent: Vec<Sent>,
    /// How many have been sent and not been answered.
    on_their_way: usize,
    /// What is kept of them.
    pub(in crate::sandbox) kept: Kept,
}

impl Outgoing {
    /// Adds answers. Of several that fit a request the one stated last answers it.
    pub fn push(&mut self, stub: Stub) {
        self.stubs.push(stub);
    }

    /// Answers requests as they were recorded, where nothing that was pushed does. Equal requests are answered in the order
    /// of the recording, and the last answer is repeated.
    pub fn replay(&mut self, recording: Recording) {
        let name = recording.path.display().to_string();
        // A background and its scenario may both name it.
        if self.recordings.contains(&name) {
            return;
        }
        self.recordings.push(name);
        for exchange in recording.exchanges {
            Replayed::add(&mut self.replayed, exchange);
        }
    }

    /// Has requests that nothing answers asked of real servers on this machine, and written down.
    pub fn record(&mut self, recorder: Recorder) {
        self.recorder = Some(recorder);
    }

    /// What was sent, in the order of the answers; what nobody waited for any more stands where it was given up.
    pub fn sent(&self) -> &[Sent] {
        &self.sent
    }

    /// Writes down what came of a request.
    fn ended(&mut self, sent: Sent) {
        self.on_their_way = self.on_their_way.saturating_sub(1);
        self.sent.push(sent);
    }

    /// The next answer to a request, if there is one.
    fn answer(
        &mut self,
        method: &Method,
        url: &str,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Option<Answer> {
        let mut fitting = self.stubs.iter_mut().rev();
        let stated = fitting
            .find(|stub| stub.fits(method, url, headers, body))
            .map(Stub::next_answer);
        stated.or_else(|| {
            let mut recorded = self.replayed.iter_mut();
            recorded
                .find(|it| it.fits(method, url, body))
                .map(Replayed::next_answer)
        })
    }

    /// The stated requests that are most like one that none of them fits.
    fn nearest(&self, wanted: &str) -> Vec<String> {
        let stated = self.stubs.iter().map(Stub::to_string);
        let recorded = self.replayed.iter().map(Replayed::to_string);
        nearest(wanted, stated.chain(recorded))
    }
}
