//! Threads on which sandboxes work when they are asked inside another runtime; kept for the next one that asks.

use futures::channel::oneshot;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Mutex, PoisonError, mpsc};

type Job = Box<dyn FnOnce() + Send>;

/// Threads that wait for work.
static IDLE: Mutex<Vec<mpsc::Sender<Job>>> = Mutex::new(Vec::new());

/// Does `work` on another thread, and gives what it gave. A panic there goes on here.
pub(super) async fn elsewhere<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, result) = oneshot::channel();
    let job: Job = Box::new(move || {
        // Whoever asked may be gone.
        let _ = done.send(catch_unwind(AssertUnwindSafe(work)));
    });
    hand_over(job);
    match result.await {
        Ok(Ok(result)) => result,
        Ok(Err(panic)) => resume_unwind(panic),
        Err(_) => unreachable!("a job always sends what came of it"),
    }
}

fn idle() -> std::sync::MutexGuard<'static, Vec<mpsc::Sender<Job>>> {
    IDLE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn hand_over(mut job: Job) {
    loop {
        let Some(thread) = idle().pop() else {
            return start_thread(job);
        };
        match thread.send(job) {
            Ok(()) => return,
            // That thread has ended; the next may not have.
            Err(mpsc::SendError(returned)) => job = returned,
        }
    }
}

fn start_thread(first: Job) {
    let (sender, jobs) = mpsc::channel::<Job>();
    std::thread::spawn(move || {
        first();
        loop {
            idle().push(sender.clone());
            match jobs.recv() {
                Ok(job) => job(),
                Err(_) => return,
            }
        }
    });
}
