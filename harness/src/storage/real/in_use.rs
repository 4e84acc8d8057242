//! Which shared databases the sandboxes of this process use: each by one at a time. Of other processes it knows nothing.

use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// How long a sandbox waits for another to end. Real time: a scenario's own stands still meanwhile.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

static IN_USE: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
static RELEASED: Condvar = Condvar::new();

/// The use of a database, until it is dropped.
#[derive(Debug)]
pub(super) struct Use(String);

impl Use {
    /// Waits until nobody else uses it; `None` where that takes too long.
    pub fn of(database: String, patience: Duration) -> Option<Self> {
        let in_use = IN_USE.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut in_use, _) = RELEASED
            .wait_timeout_while(in_use, patience, |in_use| in_use.contains(&database))
            .unwrap_or_else(PoisonError::into_inner);
        in_use.insert(database.clone()).then(|| Self(database))
    }
}

impl Drop for Use {
    fn drop(&mut self) {
        let mut in_use = IN_USE.lock().unwrap_or_else(PoisonError::into_inner);
        in_use.remove(&self.0);
        RELEASED.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_used_by_one_at_a_time() {
        let name = || "in-use-test".to_owned();
        let first = Use::of(name(), PATIENCE).unwrap();
        assert!(Use::of(name(), Duration::from_millis(1)).is_none());
        let second = std::thread::spawn(move || Use::of(name(), PATIENCE).is_some());
        drop(first);
        assert!(second.join().unwrap());
        assert!(Use::of(name(), Duration::ZERO).is_some());
    }
}
