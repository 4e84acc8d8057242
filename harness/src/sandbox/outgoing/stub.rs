//! Which outgoing requests a scenario answers, and how.

use super::{HttpFailure, UrlPattern};
use crate::sandbox::Latency;
use crate::value::{Expectation, contains_json, parse_json};
use bytes::Bytes;
use http::{HeaderMap, Method};
use std::fmt;
use std::time::Duration;

/// What answers a request.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// How long it takes until the status arrives, in virtual time.
    pub takes: Option<Latency>,
    /// What happens in place of an answer.
    pub fails: Option<HttpFailure>,
    /// How many bytes of the body arrive before the connection breaks.
    pub cut_after: Option<usize>,
    /// How long the body takes once the status has arrived, in virtual time: it comes in ten parts.
    pub body_takes: Option<Duration>,
    /// Whether it never comes.
    pub hangs: bool,
}

/// 200, at once, without a body.
impl Default for Answer {
    fn default() -> Self {
        Self {
            status: 200,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            takes: None,
            fails: None,
            cut_after: None,
            body_takes: None,
            hangs: false,
        }
    }
}

/// The next of some answers, of which the last is repeated.
pub(super) fn in_turn(answers: &[Answer], answered: &mut usize) -> Answer {
    let last = answers.len().saturating_sub(1);
    let answer = answers.get((*answered).min(last)).cloned();
    *answered += 1;
    answer.unwrap_or_default()
}

/// Requests that are answered.
#[derive(Clone, Debug)]
pub struct Stub {
    /// None is any.
    method: Option<Method>,
    url: UrlPattern,
    headers: Vec<(String, String)>,
    /// JSON is a part that the body must have.
    body: Option<Expectation>,
    answers: Vec<Answer>,
    /// How many requests it has answered.
    answered: usize,
}

impl Stub {
    /// Requests of a method (none is any) to URLs that fit a pattern, answered in turn; the last answer is repeated.
    pub fn new(method: Option<Method>, url: UrlPattern, answers: Vec<Answer>) -> Self {
        Self {
            method,
            url,
            headers: Vec::new(),
            body: None,
            answers,
            answered: 0,
        }
    }

    /// The same requests, with these answers.
    #[must_use]
    pub fn answering(mut self, answers: Vec<Answer>) -> Self {
        self.answers = answers;
        self
    }

    /// Only requests with this header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers
            .push((name.to_ascii_lowercase(), value.to_owned()));
        self
    }

    /// Only requests with such a body: one that has this part, if it is JSON.
    #[must_use]
    pub fn with_body(mut self, body: Expectation) -> Self {
        self.body = Some(body);
        self
    }

    pub(super) fn fits(
        &self,
        method: &Method,
        url: &str,
        headers: &HeaderMap,
        body: &[u8],
    ) -> bool {
        let expected = |expected: &Expectation| match expected {
            Expectation::Json(part) => {
                parse_json(body).is_ok_and(|whole| contains_json(&whole, part).is_ok())
            }
            other => other.is_met_by(body),
        };
        let has = |(name, value): &(String, String)| {
            let mut values = headers.get_all(name.as_str()).iter();
            values.any(|it| it.as_bytes() == value.as_bytes())
        };
        self.method.as_ref().is_none_or(|only| only == method)
            && self.url.fits(url)
            && self.headers.iter().all(has)
            && self.body.as_ref().is_none_or(expected)
    }

    pub(super) fn next_answer(&mut self) -> Answer {
        in_turn(&self.answers, &mut self.answered)
    }
}

impl fmt::Display for Stub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let method = self.method.as_ref().map_or("*", Method::as_str);
        write!(f, "{method} {}", self.url.as_str())?;
        for (name, value) in &self.headers {
            write!(f, " with {name}: {value}")?;
        }
        if let Some(body) = &self.body {
            write!(f, " with the body {body}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_in_turn_and_the_last_is_repeated() {
        let answer = |status| Answer {
            status,
            ..Answer::default()
        };
        let url = UrlPattern::new("*").unwrap();
        let mut stub = Stub::new(None, url, vec![answer(200), answer(503)]);
        let statuses: Vec<_> = (0..3).map(|_| stub.next_answer().status).collect();
        assert_eq!(statuses, [200, 503, 503]);
    }
}
