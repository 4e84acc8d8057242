//! Panics of steps: kept from the terminal and from the thread, with their message and place.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Once;
use std::task::{Context, Poll};

thread_local! {
    static CATCHING: Cell<u32> = const { Cell::new(0) };
    static PLACE: RefCell<Option<Place>> = const { RefCell::new(None) };
}

/// Where code panicked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub file: String,
    pub line: u32,
    pub column: u32,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// A panic that was caught.
#[derive(Debug)]
pub(crate) struct Caught {
    /// What it said.
    pub message: String,
    /// Where it happened, where that is known.
    pub place: Option<Place>,
}

/// Runs code; a panic in it is silent and comes back as an error.
pub(crate) fn caught<T>(run: impl FnOnce() -> T) -> Result<T, Caught> {
    let guard = Silence::begin();
    let result = catch_unwind(AssertUnwindSafe(run));
    drop(guard);
    result.map_err(note)
}

/// As [`caught`], for a future on the current thread.
pub(super) async fn caught_async<T>(run: impl Future<Output = T>) -> Result<T, Caught> {
    let mut run = Box::pin(run);
    std::future::poll_fn(move |context: &mut Context<'_>| {
        match caught(|| Pin::as_mut(&mut run).poll(context)) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
            Err(panic) => Poll::Ready(Err(panic)),
        }
    })
    .await
}

/// While it lives, panics of this thread are noted and not printed.
struct Silence;

impl Silence {
    fn begin() -> Self {
        install();
        CATCHING.with(|catching| catching.set(catching.get() + 1));
        PLACE.with(|place| place.borrow_mut().take());
        Self
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        CATCHING.with(|catching| catching.set(catching.get().saturating_sub(1)));
    }
}

/// Puts a hook before the one that is there; it stays for as long as the process does.
fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            // A thread that ends has no thread locals any more: then nobody is catching.
            let catching = CATCHING.try_with(Cell::get).unwrap_or(0) > 0;
            if !catching {
                return before(panic);
            }
            let place = panic.location().map(|location| Place {
                file: location.file().to_owned(),
                line: location.line(),
                column: location.column(),
            });
            let _ = PLACE.try_with(|slot| *slot.borrow_mut() = place);
        }));
    });
}

fn note(payload: Box<dyn Any + Send>) -> Caught {
    let message = match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => match payload.downcast::<&'static str>() {
            Ok(text) => (*text).to_owned(),
            Err(_) => "it panicked without a message".to_owned(),
        },
    };
    Caught {
        message,
        place: PLACE.with(|place| place.borrow_mut().take()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_comes_back_with_its_message_and_place() {
        let error = caught(|| panic!("no {}", "way")).unwrap_err();
        assert_eq!(error.message, "no way");
        assert!(error.place.unwrap().file.ends_with("panics.rs"));
        let error = caught(|| std::panic::panic_any(7)).unwrap_err();
        assert_eq!(error.message, "it panicked without a message");
        assert_eq!(caught(|| 7).unwrap(), 7);
    }
}
