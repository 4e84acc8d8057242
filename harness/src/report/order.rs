//! Puts the events of scenarios that run at the same time into the order of their files.

use crate::runner::{Event, Reporter, Verdict};
use std::collections::BTreeMap;
use std::io;

/// Passes events on in the order of the files: those of the oldest scenario that has not ended at once, so that a
/// report can follow it, and those of later ones when their turn comes.
pub struct InOrder<R> {
    inner: R,
    head: usize,
    held: BTreeMap<usize, Vec<Event>>,
    fail_fast: bool,
    ended: bool,
}

impl<R: Reporter> InOrder<R> {
    /// In front of a reporter. With `fail_fast`, the first scenario that did not pass is the last that is reported,
    /// whichever others had been started: the report does not depend on the number of threads.
    pub fn new(inner: R, fail_fast: bool) -> Self {
        Self {
            inner,
            head: 0,
            held: BTreeMap::new(),
            fail_fast,
            ended: false,
        }
    }

    /// How many scenarios have been passed on whole.
    pub fn reported(&self) -> usize {
        self.head
    }

    /// Whether nothing further will be passed on.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// The reporter.
    pub fn inner_mut(&mut self) -> &mut R {
        &mut self.inner
    }

    /// The reporter.
    pub fn into_inner(self) -> R {
        self.inner
    }

    fn pass(&mut self, event: Event) -> io::Result<()> {
        if self.ended {
            return Ok(());
        }
        let failed = matches!(&event, Event::ScenarioFinished { result, .. } if result.verdict != Verdict::Passed);
        self.inner.take(event)?;
        self.ended = self.fail_fast && failed;
        Ok(())
    }

    fn scenario(&mut self, index: usize, event: Event) -> io::Result<()> {
        if index != self.head {
            self.held.entry(index).or_default().push(event);
            return Ok(());
        }
        let mut ends = is_end(&event);
        self.pass(event)?;
        while ends {
            self.head += 1;
            ends = false;
            for event in self.held.remove(&self.head).unwrap_or_default() {
                ends |= is_end(&event);
                self.pass(event)?;
            }
        }
        Ok(())
    }

    /// Passes on what has ended and was waiting for an older scenario that never will.
    fn flush(&mut self) -> io::Result<()> {
        for (_, events) in std::mem::take(&mut self.held) {
            if events.last().is_some_and(is_end) {
                for event in events {
                    self.pass(event)?;
                }
            }
        }
        Ok(())
    }
}

fn is_end(event: &Event) -> bool {
    matches!(
        event,
        Event::ScenarioFinished { .. } | Event::ScenarioLeftOut { .. }
    )
}

impl<R: Reporter> Reporter for InOrder<R> {
    fn take(&mut self, event: Event) -> io::Result<()> {
        match event.index() {
            Some(index) => self.scenario(index, event),
            None => {
                if matches!(event, Event::Interrupted) {
                    self.flush()?;
                }
                self.inner.take(event)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Notes the numbers of the scenarios that have ended.
    #[derive(Default)]
    struct Notes(Vec<usize>, bool);

    impl Reporter for Notes {
        fn take(&mut self, event: Event) -> io::Result<()> {
            match event.index() {
                Some(index) => self.0.push(index),
                None => self.1 = true,
            }
            Ok(())
        }
    }

    fn end(index: usize) -> Event {
        Event::ScenarioLeftOut { index }
    }

    #[test]
    fn scenarios_are_reported_in_their_order() {
        let mut order = InOrder::new(Notes::default(), false);
        for index in [2, 0, 3, 1, 4] {
            order.take(end(index)).unwrap();
        }
        assert_eq!(order.reported(), 5);
        assert_eq!(order.into_inner().0, [0, 1, 2, 3, 4]);
    }

    #[test]
    fn an_interrupted_run_reports_what_has_ended() {
        let mut order = InOrder::new(Notes::default(), false);
        for index in [4, 0, 2] {
            order.take(end(index)).unwrap();
        }
        order.take(Event::Interrupted).unwrap();
        assert_eq!(order.into_inner().0, [0, 2, 4]);
    }
}
