//! A thread that talks to a real server, and is asked and waited for.
//!
//! A scenario's clock is paused and runs away while its runtime waits for a socket. So no socket belongs to it: the
//! scenario's thread stands still until this one has the answer, and virtual time with it.

use std::sync::mpsc::{self, Sender};
use std::thread::JoinHandle;

type Job<T> = Box<dyn FnOnce(&mut T) + Send>;

/// A thread that keeps a `T`, which never leaves it.
pub(super) struct Worker<T> {
    jobs: Option<Sender<Job<T>>>,
    thread: Option<JoinHandle<()>>,
}

impl<T: 'static> Worker<T> {
    /// Starts a thread and has it make what it keeps.
    ///
    /// # Errors
    ///
    /// What `make` gives; the inner one is that no thread could be started.
    pub fn start<E: Send + 'static>(
        make: impl FnOnce() -> Result<T, E> + Send + 'static,
    ) -> std::io::Result<Result<Self, E>> {
        let (jobs, waiting) = mpsc::channel::<Job<T>>();
        let (tell, made) = mpsc::channel();
        let work = move || {
            let mut kept = match make() {
                Ok(kept) => {
                    let _ = tell.send(Ok(()));
                    kept
                }
                Err(error) => {
                    let _ = tell.send(Err(error));
                    return;
                }
            };
            while let Ok(job) = waiting.recv() {
                job(&mut kept);
            }
        };
        let thread = std::thread::Builder::new()
            .name("real server".to_owned())
            .spawn(work)?;
        let worker = Self {
            jobs: Some(jobs),
            thread: Some(thread),
        };
        match made.recv() {
            Ok(made) => Ok(made.map(|()| worker)),
            Err(_) => Err(std::io::Error::other("the thread panicked")),
        }
    }

    /// Has the thread do something and waits for it. `None` where the thread has ended, by a panic.
    pub fn ask<R: Send + 'static>(
        &self,
        job: impl FnOnce(&mut T) -> R + Send + 'static,
    ) -> Option<R> {
        let (tell, answer) = mpsc::channel();
        self.leave(move |kept| {
            let _ = tell.send(job(kept));
        });
        answer.recv().ok()
    }

    /// Has the thread do something, and does not wait.
    pub fn leave(&self, job: impl FnOnce(&mut T) + Send + 'static) {
        if let Some(jobs) = &self.jobs {
            // Where the thread has ended, so has what it kept.
            let _ = jobs.send(Box::new(job));
        }
    }
}

/// Waits until what the thread keeps is dropped.
impl<T> Drop for Worker<T> {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // A panic there has been told on standard error.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_made_used_and_dropped_on_one_thread() {
        struct Told(std::thread::ThreadId, Sender<std::thread::ThreadId>);
        impl Drop for Told {
            fn drop(&mut self) {
                let _ = self.1.send(std::thread::current().id());
            }
        }
        let (tell, dropped) = mpsc::channel();
        let make = || Ok::<_, ()>(Told(std::thread::current().id(), tell));
        let worker = Worker::start(make).unwrap().unwrap();
        let made = worker.ask(|it| it.0).unwrap();
        let used = worker.ask(|_| std::thread::current().id()).unwrap();
        drop(worker);
        assert_eq!(used, made);
        assert_eq!(dropped.recv(), Ok(made));
        assert_ne!(made, std::thread::current().id());
    }

    #[test]
    fn what_cannot_be_made_is_told() {
        let started = Worker::<()>::start(|| Err("no")).unwrap();
        assert_eq!(started.err(), Some("no"));
    }
}
