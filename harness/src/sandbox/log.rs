//! What guests wrote to standard output and error.

use super::Session;
use super::bounds::Bound;
use crate::host::Stop;
use bytes::Bytes;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError, StreamResult};

/// Which of the two streams of a guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogStream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// Something that a guest wrote.
#[derive(Clone, Debug)]
pub struct LogEntry {
    /// The component.
    pub component: Arc<str>,
    /// The instance, counted from 1 in the scenario.
    pub instance: u32,
    /// Where it wrote.
    pub stream: LogStream,
    /// What it wrote, in one or several writes.
    pub bytes: Vec<u8>,
}

/// What the guests of a scenario wrote, in order; writes that follow each other are joined.
#[derive(Clone, Debug, Default)]
pub struct Log {
    entries: Vec<LogEntry>,
}

impl Log {
    /// What was written, in order.
    pub fn entries(&self) -> &[LogEntry] {
        &self.entries
    }

    /// Everything that a component wrote, as text.
    pub fn text_of(&self, component: &str) -> String {
        let bytes: Vec<u8> = self
            .entries
            .iter()
            .filter(|entry| &*entry.component == component)
            .flat_map(|entry| entry.bytes.iter().copied())
            .collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    pub(crate) fn write(
        &mut self,
        component: &Arc<str>,
        instance: u32,
        stream: LogStream,
        bytes: &[u8],
    ) {
        if let Some(last) = self.entries.last_mut()
            && last.instance == instance
            && last.stream == stream
            && last.component == *component
        {
            last.bytes.extend_from_slice(bytes);
            return;
        }
        self.entries.push(LogEntry {
            component: Arc::clone(component),
            instance,
            stream,
            bytes: bytes.to_vec(),
        });
    }
}

/// A guest's standard output or error, which ends in the sandbox's log.
#[derive(Clone)]
pub(crate) struct GuestLog {
    pub session: Session,
    pub component: Arc<str>,
    pub instance: u32,
    pub stream: LogStream,
    pub stop: Arc<Stop>,
}

impl GuestLog {
    /// Takes what fits under the bound; `false` once it is reached.
    fn take(&self, bytes: &[u8]) -> bool {
        let room = self.stop.log_room(bytes.len() as u64);
        let taken = usize::try_from(room).unwrap_or(usize::MAX).min(bytes.len());
        self.session
            .log_write(&self.component, self.instance, self.stream, &bytes[..taken]);
        if taken < bytes.len() {
            self.stop.exceed(Bound::Log);
            return false;
        }
        true
    }
}

impl IsTerminal for GuestLog {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for GuestLog {
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }

    fn async_stream(&self) -> Box<dyn tokio::io::AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for GuestLog {
    async fn ready(&mut self) {}
}

impl OutputStream for GuestLog {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        if self.take(&bytes) {
            Ok(())
        } else {
            Err(StreamError::Trap(wasmtime::format_err!(
                "{}",
                self.session.explain(Bound::Log)
            )))
        }
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(64 * 1024)
    }
}

impl tokio::io::AsyncWrite for GuestLog {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        if self.take(bytes) {
            Poll::Ready(Ok(bytes.len()))
        } else {
            Poll::Ready(Err(std::io::Error::other(self.session.explain(Bound::Log))))
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
