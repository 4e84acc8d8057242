//! Writes down what one scenario asks of real servers.

use super::client::ServerFailure;
use super::exchange::Exchange;
use super::source::RecordSource;
use super::write::LARGEST_RECORDING;
use crate::sandbox::outgoing::Sending;
use crate::sandbox::outgoing::url::without_user;
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
    /// Bytes of their URLs, headers and bodies.
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
            Some(first) if !is_same_file(first, file) => Err(AnotherRecording {
                first: first.clone(),
                second: file.to_owned(),
            }),
            Some(_) => Ok(()),
            None => {
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
            url: without_user(url).into_owned(),
            request_headers: sending.headers.clone(),
            request_body: sending.body.clone(),
            status,
            headers: self.recorded(head.headers)?,
            body,
        };
        self.keep(exchange.clone())?;
        Ok(exchange)
    }

    /// Writes an exchange down; all of a scenario wait in memory until the run is over.
    fn keep(&self, exchange: Exchange) -> Result<(), ServerFailure> {
        let of_headers = |headers: &HeaderMap| -> usize {
            let headers = headers.iter();
            headers
                .map(|(name, value)| name.as_str().len() + value.len())
                .sum()
        };
        let of_request = exchange.url.len()
            + of_headers(&exchange.request_headers)
            + exchange.request_body.len();
        let of_answer = of_headers(&exchange.headers) + exchange.body.len();
        let mut taken = self.lock();
        taken.bytes += of_request + of_answer;
        if taken.bytes > LARGEST_RECORDING {
            return Err(ServerFailure::TooMuch);
        }
        taken.exchanges.push(exchange);
        Ok(())
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

/// Whether two paths lead to one file, however they are spelled. Neither need be there.
pub(crate) fn is_same_file(one: &Path, other: &Path) -> bool {
    one == other
        || matches!(
            (whole(one), whole(other)),
            (Some(one), Some(other)) if one == other
        )
}

/// A path from the root, without `.` and, as far as the folders are there, without `..` and links.
fn whole(path: &Path) -> Option<PathBuf> {
    let path = std::path::absolute(path).ok()?;
    let (folder, name) = (path.parent()?, path.file_name()?);
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    Some(folder.join(name))
}

#[cfg(test)]
mod tests {
    use super::super::exchange::exchange;
    use super::*;
    use bytes::Bytes;
    use http::Method;

    fn recorder() -> Recorder {
        Recorder::new(Arc::new([]), Arc::new([]))
    }

    #[test]
    fn what_waits_to_be_written_is_bounded() {
        let recorder = recorder();
        let large = Exchange {
            body: Bytes::from(vec![b'x'; LARGEST_RECORDING / 2 - 1_000]),
            ..exchange(Method::GET, "/a", "", "")
        };
        assert!(recorder.keep(large.clone()).is_ok());
        assert!(recorder.keep(large).is_ok());
        // A URL and headers take room too.
        let mut small = exchange(Method::GET, &format!("/{}", "b".repeat(1_000)), "", "");
        small
            .headers
            .insert("x-long", "c".repeat(1_000).parse().unwrap());
        let refused = recorder.keep(small).unwrap_err().to_string();
        assert!(
            refused.contains("the scenario has recorded more than 16 MiB"),
            "{refused}"
        );
        assert_eq!(recorder.exchanges().len(), 2);
    }

    #[test]
    fn a_file_may_be_spelled_in_several_ways() {
        let recorder = recorder();
        let here = std::env::current_dir().unwrap();
        for spelled in [
            PathBuf::from("src/api.toml"),
            PathBuf::from("./src/./api.toml"),
            PathBuf::from("src/../src/api.toml"),
            here.join("src/api.toml"),
        ] {
            assert_eq!(recorder.name_file(&spelled), Ok(()), "{spelled:?}");
        }
        assert!(recorder.name_file(Path::new("api.toml")).is_err());
        // The first is what messages call it.
        assert_eq!(recorder.file(), Some(PathBuf::from("src/api.toml")));
    }
}
