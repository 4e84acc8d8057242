//! Makes one recording of what several scenarios asked, and of what was recorded before.

use super::exchange::Exchange;

/// What one scenario asked.
pub(crate) struct OfScenario {
    /// Where it stands.
    pub place: String,
    /// In the order of the requests.
    pub exchanges: Vec<Exchange>,
}

/// A request that two scenarios got different answers to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{request} was answered differently in {first} and in {second}: they differ in {difference}"
)]
pub(crate) struct Conflict {
    request: String,
    first: String,
    second: String,
    difference: String,
}

/// A recording as it is to be written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Merged {
    /// All exchanges; those of one request stand together, in the order of the answers.
    pub exchanges: Vec<Exchange>,
    /// How many of them were recorded before, for requests that nobody made this time.
    pub kept: usize,
}

/// The answers to one request, in their order.
struct Answers {
    given: Vec<Exchange>,
    /// The scenario that they are from.
    place: String,
}

impl Answers {
    fn are_for(&self, exchange: &Exchange) -> bool {
        self.given
            .first()
            .is_some_and(|first| first.asks_as(exchange))
    }

    /// The last answer is repeated, so that it need not be written twice.
    fn without_repetitions(&mut self) {
        while let [.., before, last] = &self.given[..]
            && before.difference(last).is_none()
        {
            self.given.pop();
        }
    }

    /// The first difference from other answers to the same request, as far as both go.
    fn difference(&self, other: &Self) -> Option<String> {
        let mut both = self.given.iter().zip(&other.given);
        both.find_map(|(one, other)| one.difference(other))
    }
}

impl Merged {
    /// Of what was recorded before, and of the scenarios of this run in their order.
    ///
    /// What a scenario asked takes the place of what was recorded of the same request. Each scenario begins with the first
    /// answer, so of several scenarios that ask the same the answers have to be the same too, as far as they go.
    ///
    /// # Errors
    ///
    /// They are not.
    pub fn new(before: Vec<Exchange>, scenarios: Vec<OfScenario>) -> Result<Self, Conflict> {
        let mut asked: Vec<Answers> = Vec::new();
        for OfScenario { place, exchanges } in scenarios {
            for answers in grouped(exchanges, &place) {
                let known = asked
                    .iter_mut()
                    .find(|known| known.given.first().is_some_and(|it| answers.are_for(it)));
                let Some(known) = known else {
                    asked.push(answers);
                    continue;
                };
                if let Some(difference) = known.difference(&answers) {
                    return Err(Conflict {
                        request: known
                            .given
                            .first()
                            .map(Exchange::to_string)
                            .unwrap_or_default(),
                        first: known.place.clone(),
                        second: place,
                        difference,
                    });
                }
                let further = answers.given.into_iter().skip(known.given.len());
                known.given.extend(further);
            }
        }
        let mut kept = 0;
        let mut exchanges = Vec::new();
        for old in grouped(before, "") {
            let renewed = asked
                .iter()
                .position(|new| new.given.first().is_some_and(|it| old.are_for(it)));
            match renewed.map(|at| asked.remove(at)) {
                None => {
                    kept += old.given.len();
                    exchanges.extend(old.given);
                }
                // A scenario that did not run this time may go on to the later ones.
                Some(new) if is_beginning(&new, &old) => exchanges.extend(old.given),
                Some(mut new) => {
                    new.without_repetitions();
                    exchanges.extend(new.given);
                }
            }
        }
        asked.iter_mut().for_each(Answers::without_repetitions);
        exchanges.extend(asked.into_iter().flat_map(|answers| answers.given));
        Ok(Self { exchanges, kept })
    }
}

fn is_beginning(new: &Answers, old: &Answers) -> bool {
    new.given.len() <= old.given.len() && new.difference(old).is_none()
}

/// Exchanges by their requests, in the order of the first of each.
fn grouped(exchanges: Vec<Exchange>, place: &str) -> Vec<Answers> {
    let mut groups: Vec<Answers> = Vec::new();
    for exchange in exchanges {
        match groups.iter_mut().find(|group| group.are_for(&exchange)) {
            Some(group) => group.given.push(exchange),
            None => groups.push(Answers {
                given: vec![exchange],
                place: place.to_owned(),
            }),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::super::exchange::exchange;
    use super::*;
    use http::Method;

    /// Exchanges as `PATH ANSWER`.
    fn exchanges(texts: &[&str]) -> Vec<Exchange> {
        let parsed = texts.iter().map(|text| {
            let (path, answer) = text.split_once(' ').unwrap();
            exchange(Method::GET, path, "", answer)
        });
        parsed.collect()
    }

    fn merged(before: &[&str], scenarios: &[&[&str]]) -> Result<(Vec<String>, usize), String> {
        let scenarios = scenarios.iter().zip(1..).map(|(texts, number)| OfScenario {
            place: format!("scenario {number}"),
            exchanges: exchanges(texts),
        });
        let merged = Merged::new(exchanges(before), scenarios.collect());
        let merged = merged.map_err(|conflict| conflict.to_string())?;
        let shown = merged.exchanges.iter().map(|it| {
            let path = it.url.strip_prefix("https://api.example.com").unwrap();
            format!("{path} {}", String::from_utf8_lossy(&it.body))
        });
        Ok((shown.collect(), merged.kept))
    }

    #[test]
    fn scenarios_add_to_each_other() {
        let (all, kept) = merged(&[], &[&["/a 1", "/b 1", "/a 2"], &["/c 1", "/a 1"]]).unwrap();
        assert_eq!(all, ["/a 1", "/a 2", "/b 1", "/c 1"]);
        assert_eq!(kept, 0);
        let (all, _) = merged(&[], &[&["/a 1"], &["/a 1", "/a 1", "/a 2", "/a 2"]]).unwrap();
        assert_eq!(all, ["/a 1", "/a 1", "/a 2"]);
    }

    #[test]
    fn one_request_has_one_sequence_of_answers() {
        let conflict = merged(&[], &[&["/a 1"], &["/a 2"]]).unwrap_err();
        assert_eq!(
            conflict,
            "GET https://api.example.com/a was answered differently in scenario 1 and in scenario 2: they differ in the \
             bodies \"1\" and \"2\""
        );
        assert!(merged(&[], &[&["/a 1", "/a 1"], &["/a 1", "/a 2"]]).is_err());
    }

    #[test]
    fn what_was_recorded_before_is_renewed_or_kept() {
        let before = ["/a 1", "/a 2", "/b 1"];
        let (all, kept) = merged(&before, &[&["/c 1", "/a 3"]]).unwrap();
        assert_eq!(all, ["/a 3", "/b 1", "/c 1"]);
        assert_eq!(kept, 1);
        let (all, kept) = merged(&before, &[&["/a 1", "/b 2"]]).unwrap();
        assert_eq!(all, ["/a 1", "/a 2", "/b 2"]);
        assert_eq!(kept, 0);
        // The second answer is another one now.
        let (all, _) = merged(&before, &[&["/a 1", "/a 1"]]).unwrap();
        assert_eq!(all, ["/a 1", "/b 1"]);
        let (all, _) = merged(&before, &[&["/a 1"]]).unwrap();
        assert_eq!(all, before);
    }
}
