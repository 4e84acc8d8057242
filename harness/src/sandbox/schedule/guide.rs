//! An order to follow: which request goes on at each turn, as people write it and as a search makes it.

use super::access::Access;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// Most turns that a schedule may name.
const MOST_TURNS: usize = 100_000;

/// The order in which requests that were sent at once go on.
///
/// Written as `1x3 2x3 1`: three turns of request 1, three of request 2, one of request 1; what comes after, the guide
/// leaves to the default: the request that went last goes on while it can, then the one with the lowest number. Where a
/// scenario sends requests at once several times, ` / ` stands between them; `-` says nothing about one of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guide {
    /// For each time that requests are sent at once: the lanes that go on, in order.
    pub(crate) steps: Vec<Vec<u32>>,
    pub(crate) then: Then,
}

/// How an order goes on where its guide says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// With the lane that went last, or else the lowest; those that are asleep only when nobody else waits.
    Stay {
        /// Lanes whose next call need not go first, since another run has it first; each until a call that depends on it.
        asleep: Vec<Arc<Access>>,
    },
    /// By chance, from this seed.
    Chance(u64),
}

impl Default for Then {
    fn default() -> Self {
        Self::Stay { asleep: Vec::new() }
    }
}

impl Guide {
    /// An order that chance decides, from a seed of its own.
    pub(crate) fn by_chance(seed: u64) -> Self {
        Self {
            steps: Vec::new(),
            then: Then::Chance(seed),
        }
    }

    /// Which lane is to go on at a turn, both counted from 0; `None` where the guide says nothing.
    pub(crate) fn lane(&self, step: usize, turn: usize) -> Option<u32> {
        self.steps.get(step)?.get(turn).copied()
    }
}

impl fmt::Display for Guide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.steps.is_empty() {
            return f.write_str("-");
        }
        for (index, step) in self.steps.iter().enumerate() {
            if index > 0 {
                f.write_str(" / ")?;
            }
            if step.is_empty() {
                f.write_str("-")?;
            }
            for (index, run) in step.chunk_by(|a, b| a == b).enumerate() {
                if index > 0 {
                    f.write_str(" ")?;
                }
                match run.len() {
                    1 => write!(f, "{}", run[0])?,
                    turns => write!(f, "{}x{turns}", run[0])?,
                }
            }
        }
        Ok(())
    }
}

/// A text that is no schedule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is no schedule: {why}; it is written like `1x3 2x3 1`: three turns of request 1, three of request 2, one of \
     request 1, with ` / ` between requests that are sent at once by different steps"
)]
pub struct BadSchedule {
    text: String,
    why: String,
}

impl FromStr for Guide {
    type Err = BadSchedule;

    fn from_str(text: &str) -> Result<Self, BadSchedule> {
        let bad = |why: String| BadSchedule {
            text: text.to_owned(),
            why,
        };
        let mut steps = Vec::new();
        let mut turns = 0;
        for part in text.split('/') {
            let mut step = Vec::new();
            match part.trim() {
                "" if text.trim().is_empty() => return Err(bad("it is empty".to_owned())),
                "" => return Err(bad("nothing stands beside `/`; write `-` there".to_owned())),
                "-" => {}
                part => {
                    for run in part.split_whitespace() {
                        let (lane, count) = read_run(run).map_err(bad)?;
                        turns += count;
                        if turns > MOST_TURNS {
                            return Err(bad(format!("it names more than {MOST_TURNS} turns")));
                        }
                        step.extend(std::iter::repeat_n(lane, count));
                    }
                }
            }
            steps.push(step);
        }
        if steps.iter().all(Vec::is_empty) && steps.len() == 1 {
            steps.clear();
        }
        Ok(Self {
            steps,
            then: Then::default(),
        })
    }
}

/// Reads `2x3`, three turns of request 2, or `2`, one.
fn read_run(run: &str) -> Result<(u32, usize), String> {
    let (lane, count) = run.split_once('x').unwrap_or((run, "1"));
    let lane = number(lane)
        .and_then(|lane| u32::try_from(lane).ok())
        .ok_or_else(|| {
            format!("in `{run}`, `{lane}` is no number of a request; they are counted from 1")
        })?;
    let count = number(count)
        .ok_or_else(|| format!("in `{run}`, `{count}` is no number of turns, 1 or more"))?;
    Ok((lane, count))
}

fn number(text: &str) -> Option<usize> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // What is too large for a number is too large for every use of it, too.
    let number = digits.then(|| text.parse().unwrap_or(usize::MAX / 2))?;
    (number > 0).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::random::{Purpose, Seed};
    use rand_chacha::rand_core::Rng as _;

    #[test]
    fn a_schedule_is_read_and_written() {
        let guide: Guide = "1x3 2x3 1".parse().unwrap();
        assert_eq!(guide.steps, [[1, 1, 1, 2, 2, 2, 1]]);
        assert_eq!(guide.to_string(), "1x3 2x3 1");
        let guide: Guide = " 2  1x1 1/-/ 10x2 ".parse().unwrap();
        assert_eq!(guide.steps, [vec![2, 1, 1], vec![], vec![10, 10]]);
        assert_eq!(guide.to_string(), "2 1x2 / - / 10x2");
        assert_eq!("-".parse(), Ok(Guide::default()));
    }

    #[test]
    fn every_schedule_reads_back() {
        let mut random = Seed(5).random(Purpose::Schedule, 0);
        let mut up_to = |most: u64| random.next_u64() % most;
        for _ in 0..1_000 {
            let steps = (0..1 + up_to(4))
                .map(|_| {
                    let turns = up_to(12);
                    (0..turns).map(|_| 1 + up_to(3) as u32).collect()
                })
                .collect::<Vec<Vec<u32>>>();
            let guide = Guide {
                steps,
                then: Then::default(),
            };
            let written = guide.to_string();
            let read: Guide = written.parse().unwrap();
            assert_eq!(read.to_string(), written);
            if guide.steps.len() > 1 || !guide.steps[0].is_empty() {
                assert_eq!(read, guide, "{written}");
            }
        }
    }

    #[test]
    fn what_is_no_schedule_says_why() {
        for (text, why) in [
            ("", "it is empty"),
            ("1 / ", "nothing stands beside `/`"),
            ("0x2", "`0` is no number of a request"),
            ("1x0", "`0` is no number of turns"),
            ("1x", "`` is no number of turns"),
            ("1x-2", "`-2` is no number of turns"),
            ("a", "in `a`, `a` is no number of a request"),
            ("1,2", "`1,2` is no number of a request"),
            ("1x99999999999999999999999", "more than 100000 turns"),
            ("99999999999999999999", "is no number of a request"),
            ("1x60000 2x60000", "more than 100000 turns"),
        ] {
            let message = text.parse::<Guide>().unwrap_err().to_string();
            assert!(message.contains(why), "{text}: {message}");
            assert!(message.contains("like `1x3 2x3 1`"), "{message}");
        }
    }
}
