//! Keeps the work of an instance, and what it asks of its own app, within its bounds; and tells why it ended early.

use super::chain::with_chained;
use super::drive::{SharedAnswer, with};
use crate::engine::CompiledComponent;
use crate::host::Stop;
use crate::sandbox::{Bound, Chain, Session, Trap, within_this_moment};
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use wasmtime::WasmBacktrace;
use wasmtime_wasi::I32Exit;

/// Why driving an instance came to an early end.
pub(crate) enum Ended {
    /// A bound, with the functions that were active where that is known.
    Exceeded(Bound, Vec<String>),
    Failed(wasmtime::Error),
}

/// Runs an instance's work, and what it asks of its own app, until both are done, it fails, or it reaches a bound. What was
/// on its way to other hosts has ended then.
pub(crate) async fn within_bounds<T>(
    session: &Session,
    stop: &Stop,
    chain: &Arc<Chain>,
    work: impl Future<Output = wasmtime::Result<T>>,
) -> Result<T, Ended> {
    // Requests of an app to itself nest, and each would have room on the stack for all that it may do.
    let ended = Box::pin(bounded(session, stop, with_chained(session, chain, work))).await;
    // Further down, the requests of those above are on their way, and stay so.
    if chain.is_at_the_top() {
        session.settle_outgoing().await;
    }
    ended
}

async fn bounded<T>(
    session: &Session,
    stop: &Stop,
    work: impl Future<Output = wasmtime::Result<T>>,
) -> Result<T, Ended> {
    let mut work = pin!(work);
    let guarded = poll_fn(|cx| {
        let polled = work.as_mut().poll(cx);
        match (stop.exceeded(), polled) {
            (Some(bound), Poll::Ready(Err(error))) => {
                Poll::Ready(Err(Ended::Exceeded(bound, backtrace(&error))))
            }
            (Some(bound), _) => Poll::Ready(Err(Ended::Exceeded(bound, Vec::new()))),
            (None, Poll::Ready(Ok(done))) => Poll::Ready(Ok(done)),
            (None, Poll::Ready(Err(error))) => Poll::Ready(Err(by_fuel(error))),
            (None, Poll::Pending) => match stop.trapped() {
                Some(why) => Poll::Ready(Err(Ended::Failed(wasmtime::Error::msg(why)))),
                None => Poll::Pending,
            },
        }
    });
    let mut guarded = pin!(guarded);
    // Dropped before the work is, and with it the calls that are under way: they must know why.
    let mut over = OverUnlessDone { stop, done: false };
    let ended = match tokio::time::timeout(session.options().bounds.time, guarded.as_mut()).await {
        Ok(result) => result,
        // What takes as long as the bound is within it, whatever else is to be done at that moment.
        Err(_) => within_this_moment(guarded)
            .await
            .unwrap_or_else(|| Err(Ended::Exceeded(Bound::Time, Vec::new()))),
    };
    over.done = ended.is_ok();
    ended
}

/// Notes that an instance is over where its work was not done: it failed, or whoever waited for it is gone.
struct OverUnlessDone<'a> {
    stop: &'a Stop,
    done: bool,
}

impl Drop for OverUnlessDone<'_> {
    fn drop(&mut self) {
        if !self.done {
            self.stop.end();
        }
    }
}

fn by_fuel(error: wasmtime::Error) -> Ended {
    match error.downcast_ref::<wasmtime::Trap>() {
        Some(wasmtime::Trap::OutOfFuel) => Ended::Exceeded(Bound::Compute, backtrace(&error)),
        _ => Ended::Failed(error),
    }
}

/// Writes down that an instance ended early, and says so in the answer it owed.
pub(crate) fn note_trap(
    session: &Session,
    component: &CompiledComponent,
    instance: u32,
    ended: &Ended,
    answer: &SharedAnswer,
) {
    let trap = trap(session, component, instance, ended);
    with(answer, |answer| answer.problem = Some(trap.to_string()));
    session.trapped(trap);
}

pub(crate) fn trap(
    session: &Session,
    component: &CompiledComponent,
    instance: u32,
    ended: &Ended,
) -> Trap {
    let (reason, backtrace, bound) = match ended {
        Ended::Exceeded(bound, backtrace) => {
            (session.explain(*bound), backtrace.clone(), Some(*bound))
        }
        Ended::Failed(error) => (reason(error), backtrace(error), None),
    };
    Trap {
        component: Arc::clone(component.id()),
        instance,
        reason,
        backtrace,
        bound,
    }
}

fn reason(error: &wasmtime::Error) -> String {
    match error.downcast_ref::<I32Exit>() {
        Some(exit) => format!("it called exit with status {}", exit.0),
        None => error.root_cause().to_string(),
    }
}

/// The functions that were active, innermost first, by the names in the component's name section.
fn backtrace(error: &wasmtime::Error) -> Vec<String> {
    let Some(backtrace) = error.downcast_ref::<WasmBacktrace>() else {
        return Vec::new();
    };
    let named = |frame: &wasmtime::FrameInfo| match frame.func_name() {
        Some(name) => format!("{:#}", rustc_demangle::demangle(name)),
        None => format!("function {}", frame.func_index()),
    };
    backtrace.frames().iter().map(named).collect()
}
