//! Writes down what one scenario asks of real servers.

use super::client::ServerFailure;
use super::exchange::{Exchange, without_user};
use super::source::RecordSource;
use super::text::LARGEST_RECORDING;
use crate::sandbox::outgoing::Sending;
use http::HeaderMap;
use http::header::{
    CONNECTION, DATE, HeaderName, PROXY_AUTHENTICATE, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Headers of an answer that are not recorded: those of the connection, and one that differs each time.
const LEFT_OUT: [HeaderName; 9] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    PROXY_AUTHENTICATE,
    HeaderName::from_static("proxy-connection"),
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
    DATE,
];

/// Answers requests of one scenario from real servers, and writes them down. Copies are the same one.
#[derive(Clone, Debug)]
pub struct Recorder {
    sources: Arc<[RecordSource]>,
    /// Headers of answers that are left out besides the usual ones, in lower case.
    volatile: Arc<[String]>,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Debug, Default)]
struct Taken {
    file: Option<PathBuf>,
    exchanges: Vec<Exchange>,
    /// Bytes of their bodies.
    bytes: usize,
}

/// A second recording in a scenario that is being recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this scenario has the recordings {} and {}, and `--record` cannot know into which of them a request belongs: record \
     scenarios that name one",
    first.display(),
    second.display()
)]
pub struct AnotherRecording {
    first: PathBuf,
    second: PathBuf,
}

impl Recorder {
    /// A recorder that asks these servers, and leaves these headers of their answers out besides the usual ones.
    pub fn new(sources: Arc<[RecordSource]>, volatile: Arc<[String]>) -> Self {
        Self {
            sources,
            volatile,
            taken: Arc::default(),
        }
    }

    /// Says which file the recording is for.
    ///
    /// # Errors
    ///
    /// It is for another one already.
    pub fn name_file(&self, file: &Path) -> Result<(), AnotherRecording> {
        let mut taken = self.lock();
        match &taken.file {
            Some(first) if first != file => Err(AnotherRecording {
                first: first.clone(),
                second: file.to_owned(),
            }),
            _ => {
                taken.file = Some(file.to_owned());
                Ok(())
            }
        }
    }

    /// The file that it is for, if a step named one.
    pub fn file(&self) -> Option<PathBuf> {
        self.lock().file.clone()
    }

    /// What was written down so far, in the order of the requests, with all secrets in it.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.lock().exchanges.clone()
    }

    /// The server that requests to a URL are recorded from, if they are.
    pub fn source_of(&self, url: &str) -> Option<&RecordSource> {
        self.sources.iter().find(|source| source.is_of(url))
    }

    /// Asks a server, and writes down what it answers. What the guest gets is what the recording will give, but for the
    /// values of cookies.
    pub(in crate::sandbox::outgoing) fn ask(
        &self,
        source: &RecordSource,
        sending: &Sending,
    ) -> Result<Exchange, ServerFailure> {
        let (method, url) = (&sending.method, &sending.url);
        let (head, body) = source
            .ask(method, url, &sending.headers, &sending.body)?
            .into_parts();
        let status = head.status.as_u16();
        if !(200..600).contains(&status) {
            return Err(ServerFailure::Status(status));
        }
        let exchange = Exchange {
            method: method.clone(),
            url: without_user(url),
            request_headers: sending.headers.clone(),
            request_body: sending.body.clone(),
            status,
            headers: self.recorded(head.headers)?,
            body,
        };
        let mut taken = self.lock();
        taken.bytes += exchange.request_body.len() + exchange.body.len();
        if taken.bytes > LARGEST_RECORDING {
            return Err(ServerFailure::TooMuch);
        }
        taken.exchanges.push(exchange.clone());
        Ok(exchange)
    }

    fn recorded(&self, headers: HeaderMap) -> Result<HeaderMap, ServerFailure> {
        let mut recorded = HeaderMap::new();
        for (name, value) in &headers {
            let volatile = |it: &String| it.eq_ignore_ascii_case(name.as_str());
            if LEFT_OUT.contains(name) || self.volatile.iter().any(volatile) {
                continue;
            }
            if std::str::from_utf8(value.as_bytes()).is_err() {
                return Err(ServerFailure::Header(name.clone()));
            }
            recorded.append(name.clone(), value.clone());
        }
        Ok(recorded)
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
