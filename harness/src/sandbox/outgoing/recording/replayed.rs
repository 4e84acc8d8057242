//! Gives the answers of a recording again.

use super::exchange::Exchange;
use crate::sandbox::outgoing::Answer;
use crate::sandbox::outgoing::stub::in_turn;
use http::Method;
use std::fmt;

/// One request that was recorded, and its answers in turn; the last is repeated.
#[derive(Clone, Debug)]
pub(in crate::sandbox::outgoing) struct Replayed {
    request: Exchange,
    answers: Vec<Answer>,
    /// How many requests it has answered.
    answered: usize,
}

impl Replayed {
    /// Adds what was recorded to `replayed`, each exchange to those of the same request.
    pub fn add(replayed: &mut Vec<Self>, exchange: Exchange) {
        let answer = exchange.answer();
        match replayed.iter_mut().find(|it| it.request.asks_as(&exchange)) {
            Some(known) => known.answers.push(answer),
            None => replayed.push(Self {
                request: exchange,
                answers: vec![answer],
                answered: 0,
            }),
        }
    }

    pub fn fits(&self, method: &Method, url: &str, body: &[u8]) -> bool {
        self.request.is_asked_by(method, url, body)
    }

    pub fn next_answer(&mut self) -> Answer {
        in_turn(&self.answers, &mut self.answered)
    }
}

impl fmt::Display for Replayed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.request.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::super::exchange::exchange;
    use super::*;

    #[test]
    fn equal_requests_are_answered_in_the_order_of_the_recording() {
        let mut replayed = Vec::new();
        for (path, answer) in [("/a", "1"), ("/b", "2"), ("/a", "3")] {
            Replayed::add(&mut replayed, exchange(Method::GET, path, "", answer));
        }
        let [a, b] = &mut replayed[..] else {
            panic!("{replayed:?}");
        };
        let bodies: Vec<_> = (0..3).map(|_| a.next_answer().body).collect();
        assert_eq!(bodies, ["1", "3", "3"]);
        assert!(b.fits(&Method::GET, "https://api.example.com/b", b""));
        assert!(!b.fits(&Method::GET, "https://api.example.com/b", b"x"));
    }
}
