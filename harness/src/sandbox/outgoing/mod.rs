//! Outgoing HTTP: nothing leaves the machine. What guests send is written down, and answered as the scenario says.

mod chain;
mod failure;
mod send;
mod stub;
mod url;

pub use self::url::UrlPattern;
pub use failure::{HttpFailure, UnknownHttpFailure};
pub use stub::{Answer, Stub};

pub(in crate::sandbox) use self::url::url_pattern;

pub(crate) use chain::{Chain, Chained, Destination, NotChained};
pub(crate) use send::{Answered, Sending};

use super::journal::Outcome;
use super::kept::Kept;
use bytes::Bytes;
use http::{HeaderMap, Method};
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
    sent: Vec<Sent>,
    /// How many have been sent and not been answered.
    on_their_way: usize,
    /// Bytes of their bodies.
    kept: Kept,
}

impl Outgoing {
    /// Adds answers. Of several that fit a request the one stated last answers it.
    pub fn push(&mut self, stub: Stub) {
        self.stubs.push(stub);
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
        fitting
            .find(|stub| stub.fits(method, url, headers, body))
            .map(Stub::next_answer)
    }

    /// The stated requests that are most like one that none of them fits.
    fn nearest(&self, method: &Method, url: &str) -> Vec<String> {
        let wanted = format!("{method} {url}");
        let mut stated: Vec<(f64, String)> = self
            .stubs
            .iter()
            .map(|stub| stub.to_string())
            // The comparison takes time in the product of the lengths.
            .filter(|stated| stated.len() <= 500 && wanted.len() <= 2_000)
            .map(|stated| {
                (
                    strsim::normalized_damerau_levenshtein(&stated, &wanted),
                    stated,
                )
            })
            .collect();
        stated.sort_by(|(a, one), (b, other)| b.total_cmp(a).then_with(|| one.cmp(other)));
        stated.dedup();
        stated
            .into_iter()
            .take(3)
            .map(|(_, stated)| stated)
            .collect()
    }
}
