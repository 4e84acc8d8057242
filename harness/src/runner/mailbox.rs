//! The way from the workers to the reporter. An ordinary channel wakes its receiver for every event, which costs more
//! than half of what a scenario does; here the reporter looks every few milliseconds, and is woken only for what is urgent.

use super::events::Event;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long an event that is not urgent may wait to be reported.
const GLANCE: Duration = Duration::from_millis(10);

/// Where events are put.
#[derive(Clone)]
pub(super) struct Sender {
    shared: Arc<Shared>,
    /// Whether every event is urgent: someone watches.
    watched: bool,
}

/// Where events are taken from, in the order in which they were put.
pub struct Events {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    waiting: Mutex<VecDeque<Event>>,
    urgent: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, VecDeque<Event>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A mailbox; `watched` where events are shown as they happen.
pub(super) fn mailbox(watched: bool) -> (Sender, Events) {
    let shared = Arc::new(Shared::default());
    let events = Events {
        shared: Arc::clone(&shared),
    };
    (Sender { shared, watched }, events)
}

impl Sender {
    /// Puts an event.
    pub fn send(&self, event: Event) {
        let urgent = self.watched || matches!(event, Event::RunFinished | Event::Interrupted);
        self.shared.lock().push_back(event);
        if urgent {
            self.shared.urgent.notify_one();
        }
    }
}

impl Events {
    /// The next event; waits for it. After [`Event::RunFinished`] there is none, and this would wait for ever.
    pub fn next(&self) -> Event {
        let mut waiting = self.shared.lock();
        loop {
            if let Some(event) = waiting.pop_front() {
                return event;
            }
            waiting = self
                .shared
                .urgent
                .wait_timeout(waiting, GLANCE)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// The next event, if one is there.
    pub fn try_next(&self) -> Option<Event> {
        self.shared.lock().pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::Seed;

    #[test]
    fn events_come_in_order_from_another_thread() {
        let (sender, events) = mailbox(false);
        std::thread::spawn(move || {
            for seed in 0..100 {
                sender.send(Event::RunStarted { seed: Seed(seed) });
            }
            sender.send(Event::RunFinished);
        });
        for expected in 0..100 {
            match events.next() {
                Event::RunStarted { seed } => assert_eq!(seed, Seed(expected)),
                _ => panic!("another event"),
            }
        }
        assert!(matches!(events.next(), Event::RunFinished));
        assert!(events.try_next().is_none());
    }
}
