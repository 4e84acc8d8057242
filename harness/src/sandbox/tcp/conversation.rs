//! What a played TCP server says to what: a conversation of lines, one after the other.

use crate::sandbox::TextPattern;
use bytes::Bytes;
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

/// What a server does after it has said a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ServerThen {
    /// It goes on with the next line.
    #[default]
    GoesOn,
    /// It closes the connection.
    Closes,
    /// It resets the connection.
    Resets,
}

/// What a server waits for, and what it says then.
#[derive(Clone, Debug, PartialEq)]
pub struct ServerLine {
    /// What it has to be sent first.
    pub receives: Received,
    /// What it says; nothing is nothing.
    pub sends: Bytes,
    /// How long it takes to, in virtual time.
    pub takes: Duration,
    /// What it does after that.
    pub then: ServerThen,
}

/// What a server has to be sent before it goes on.
#[derive(Clone, Debug, PartialEq)]
pub enum Received {
    /// Nothing: it speaks first.
    Nothing,
    /// Just these bytes.
    Bytes(Bytes),
    /// All that was sent, as soon as it fits while the component waits for an answer.
    Text(TextPattern),
}

/// The lines of a server.
#[derive(Clone, Debug, PartialEq)]
pub struct Conversation(pub Vec<ServerLine>);

/// Something that the conversation does not have there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unexpected {
    /// What was sent.
    pub sent: Vec<u8>,
    /// What the line waits for.
    pub expected: String,
}

/// What a component is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doing {
    Sends,
    WaitsForAnAnswer,
    /// It sends nothing more.
    HasEnded,
}

/// What a component is to receive next.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Coming {
    Bytes(Bytes),
    Close,
    Reset,
}

/// Where one connection is in the conversation.
#[derive(Clone, Debug, Default)]
pub(super) struct Talk {
    next: usize,
    /// What was sent and no line has taken yet.
    unread: Vec<u8>,
    coming: VecDeque<(Instant, Coming)>,
    /// When it has done what it was told so far.
    busy_until: Option<Instant>,
    /// Whether the server says nothing more.
    pub is_over: bool,
}

impl Talk {
    /// The component sent something. Bytes that no line waits for are taken.
    pub fn heard(&mut self, bytes: &[u8], lines: &[ServerLine]) {
        if self.next < lines.len() && !self.is_over {
            self.unread.extend_from_slice(bytes);
        }
    }

    /// Goes as far as what was sent allows. Only at the end is it known that there is nothing more of what does not fit yet.
    ///
    /// # Errors
    ///
    /// What was sent is not what the next line waits for.
    pub fn settle(
        &mut self,
        lines: &[ServerLine],
        doing: Doing,
        now: Instant,
    ) -> Result<(), Unexpected> {
        while let Some(line) = lines.get(self.next)
            && !self.is_over
        {
            match &line.receives {
                Received::Nothing => {}
                Received::Bytes(expected) if self.unread.starts_with(expected) => {
                    self.unread.drain(..expected.len());
                }
                Received::Bytes(expected) => {
                    let may_come = expected.starts_with(&self.unread);
                    if may_come && (doing != Doing::HasEnded || self.unread.is_empty()) {
                        return Ok(());
                    }
                    return Err(self.unexpected(String::from_utf8_lossy(expected).into_owned()));
                }
                Received::Text(_) if self.unread.is_empty() || doing == Doing::Sends => {
                    return Ok(());
                }
                Received::Text(pattern) => {
                    let fits = pattern.fits(&String::from_utf8_lossy(&self.unread));
                    match doing {
                        _ if fits => self.unread.clear(),
                        Doing::HasEnded => return Err(self.unexpected(pattern.to_string())),
                        _ => return Ok(()),
                    }
                }
            }
            self.next += 1;
            self.say(line, now);
        }
        self.unread.clear();
        Ok(())
    }

    fn say(&mut self, line: &ServerLine, now: Instant) {
        let at = self.busy_until.map_or(now, |at| at.max(now)) + line.takes;
        self.busy_until = Some(at);
        if !line.sends.is_empty() {
            self.coming
                .push_back((at, Coming::Bytes(line.sends.clone())));
        }
        let end = match line.then {
            ServerThen::GoesOn => return,
            ServerThen::Closes => Coming::Close,
            ServerThen::Resets => Coming::Reset,
        };
        self.coming.push_back((at, end));
        self.is_over = true;
    }

    /// The server closes the connection after what it has said, since the component sends nothing more, or resets it at once.
    pub fn end(&mut self, how: Coming, now: Instant) {
        if how == Coming::Reset {
            self.coming.clear();
        } else if self.is_over {
            return;
        }
        let at = match how {
            Coming::Reset => now,
            _ => self.busy_until.map_or(now, |at| at.max(now)),
        };
        self.coming.push_back((at, how));
        self.is_over = true;
    }

    /// When something comes next.
    pub fn next_at(&self) -> Option<Instant> {
        self.coming.front().map(|(at, _)| *at)
    }

    /// What has come, so many bytes of it at most. How it ended stays.
    pub fn take(&mut self, most: usize, now: Instant) -> Option<Coming> {
        let (at, coming) = self.coming.front_mut()?;
        if *at > now {
            return None;
        }
        match coming {
            Coming::Bytes(bytes) if bytes.len() > most => Some(Coming::Bytes(bytes.split_to(most))),
            Coming::Bytes(_) => self.coming.pop_front().map(|(_, coming)| coming),
            end => Some(end.clone()),
        }
    }

    /// Whether the server has ended the connection by now, so that nothing more can be sent.
    pub fn has_ended(&self, now: Instant) -> bool {
        let ends = |(at, coming): &(Instant, Coming)| {
            *at <= now && matches!(coming, Coming::Close | Coming::Reset)
        };
        self.coming.iter().any(ends)
    }

    fn unexpected(&mut self, expected: String) -> Unexpected {
        Unexpected {
            sent: std::mem::take(&mut self.unread),
            expected,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(receives: Received, sends: &'static str, then: ServerThen) -> ServerLine {
        ServerLine {
            receives,
            sends: Bytes::from_static(sends.as_bytes()),
            takes: Duration::from_secs(1),
            then,
        }
    }

    fn bytes(text: &'static str) -> Received {
        Received::Bytes(Bytes::from_static(text.as_bytes()))
    }

    fn like(text: &str) -> Received {
        Received::Text(TextPattern::new(text).unwrap())
    }

    fn said(talk: &mut Talk, now: Instant) -> Vec<Coming> {
        let mut said = Vec::new();
        while let Some(coming) = talk.take(100, now) {
            let ends = !matches!(coming, Coming::Bytes(_));
            said.push(coming);
            if ends {
                break;
            }
        }
        said
    }

    fn text(text: &'static str) -> Coming {
        Coming::Bytes(Bytes::from_static(text.as_bytes()))
    }

    #[tokio::test(start_paused = true)]
    async fn lines_come_one_after_the_other_and_take_their_time() {
        let lines = [
            line(Received::Nothing, "hello", ServerThen::GoesOn),
            line(bytes("a\n"), "A", ServerThen::GoesOn),
            line(like("b*"), "B", ServerThen::Closes),
        ];
        let now = Instant::now();
        let seconds = |seconds| now + Duration::from_secs(seconds);
        let mut talk = Talk::default();
        talk.settle(&lines, Doing::Sends, now).unwrap();
        assert_eq!(said(&mut talk, now), []);
        assert_eq!(said(&mut talk, seconds(1)), [text("hello")]);
        // Half of what it waits for is not yet it.
        talk.heard(b"a", &lines);
        talk.settle(&lines, Doing::WaitsForAnAnswer, seconds(1))
            .unwrap();
        assert_eq!(talk.next_at(), None);
        talk.heard(b"\nbc", &lines);
        talk.settle(&lines, Doing::Sends, seconds(1)).unwrap();
        assert_eq!(talk.next_at(), Some(seconds(2)));
        // The rest only counts when the component waits.
        assert!(!talk.is_over);
        talk.settle(&lines, Doing::WaitsForAnAnswer, seconds(1))
            .unwrap();
        let all = [text("A"), text("B"), Coming::Close];
        assert_eq!(said(&mut talk, seconds(3)), all);
        assert!(talk.has_ended(seconds(3)) && !talk.has_ended(seconds(2)));
    }

    #[tokio::test(start_paused = true)]
    async fn what_no_line_has_is_an_error() {
        let now = Instant::now();
        for receives in [bytes("abc"), like("ab*c")] {
            let lines = [line(receives.clone(), "", ServerThen::GoesOn)];
            let mut talk = Talk::default();
            talk.heard(b"ab", &lines);
            let waiting = talk.settle(&lines, Doing::WaitsForAnAnswer, now);
            assert_eq!(waiting, Ok(()), "more may come");
            let mut ended = talk.clone();
            let unexpected = ended.settle(&lines, Doing::HasEnded, now).unwrap_err();
            assert_eq!(unexpected.sent, b"ab");
            talk.heard(b"d", &lines);
            let unexpected = talk.settle(&lines, Doing::HasEnded, now).unwrap_err();
            assert_eq!(unexpected.sent, b"abd");
            // Nothing at all is no mistake.
            let nothing = Talk::default().settle(&lines, Doing::HasEnded, now);
            assert_eq!(nothing, Ok(()));
        }
        // What no more bytes could make right is told at once.
        let lines = [line(bytes("abc"), "", ServerThen::GoesOn)];
        let mut talk = Talk::default();
        talk.heard(b"b", &lines);
        assert!(talk.settle(&lines, Doing::Sends, now).is_err());
        // After the last line everything is taken.
        let mut talk = Talk::default();
        talk.heard(b"abd", &[]);
        assert_eq!(talk.settle(&[], Doing::HasEnded, now), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_reset_comes_before_what_is_on_its_way_and_an_end_after_it() {
        let now = Instant::now();
        let lines = [line(Received::Nothing, "hello", ServerThen::GoesOn)];
        let mut talk = Talk::default();
        talk.settle(&lines, Doing::Sends, now).unwrap();
        let mut closed = talk.clone();
        closed.end(Coming::Close, now);
        let later = now + Duration::from_secs(1);
        assert_eq!(said(&mut closed, later), [text("hello"), Coming::Close]);
        talk.end(Coming::Reset, now);
        assert_eq!(said(&mut talk, now), [Coming::Reset]);
    }

    #[tokio::test(start_paused = true)]
    async fn bytes_come_in_as_many_pieces_as_are_asked_for() {
        let now = Instant::now();
        let lines = [ServerLine {
            takes: Duration::ZERO,
            ..line(Received::Nothing, "hello", ServerThen::GoesOn)
        }];
        let mut talk = Talk::default();
        talk.settle(&lines, Doing::Sends, now).unwrap();
        assert_eq!(talk.take(2, now), Some(text("he")));
        assert_eq!(talk.take(9, now), Some(text("llo")));
        assert_eq!(talk.take(9, now), None);
    }
}
