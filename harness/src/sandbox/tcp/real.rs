//! A connection to a server that really listens on this machine. Whoever waits for it holds the scenario's thread, so that virtual
//! time stands still meanwhile.

use super::conversation::Coming;
use bytes::Bytes;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// How long a real server is waited for, in real time: a test must not hang.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// How long other tasks of the scenario wait before one of them may go on.
const SLICE: Duration = Duration::from_millis(5);

/// A connection of the machine's.
#[derive(Debug)]
pub(super) struct RealConnection(TcpStream);

/// Why there is none.
#[derive(Debug)]
pub(super) enum NotConnected {
    Refused,
    Timeout,
}

impl RealConnection {
    pub fn new(address: SocketAddr) -> Result<Self, NotConnected> {
        let stream =
            TcpStream::connect_timeout(&address, PATIENCE).map_err(|error| match error.kind() {
                ErrorKind::TimedOut => NotConnected::Timeout,
                _ => NotConnected::Refused,
            })?;
        let set = stream
            .set_read_timeout(Some(SLICE))
            .and_then(|()| stream.set_write_timeout(Some(PATIENCE)))
            .and_then(|()| stream.set_nodelay(true));
        // A socket that takes no settings is none to work with.
        set.map_err(|_| NotConnected::Refused)?;
        Ok(Self(stream))
    }

    /// Sends everything; whether the server took it.
    pub fn send(&self, bytes: &[u8]) -> bool {
        (&self.0).write_all(bytes).is_ok()
    }

    pub fn shut_down(&self) {
        // One that is gone sends nothing more either.
        let _ = self.0.shutdown(Shutdown::Write);
    }

    /// Waits until something has come, for so long that others of the scenario may go on; whether it has.
    pub fn waited(&self) -> bool {
        !matches!(self.0.peek(&mut [0]), Err(error) if is_nothing(error.kind()))
    }

    /// What has come, if anything.
    pub fn take(&self, most: usize) -> Option<Coming> {
        let mut bytes = vec![0; most.min(64 << 10)];
        match (&self.0).read(&mut bytes) {
            Ok(0) => Some(Coming::Close),
            Ok(read) => {
                bytes.truncate(read);
                Some(Coming::Bytes(Bytes::from(bytes)))
            }
            Err(error) if is_nothing(error.kind()) => None,
            Err(_) => Some(Coming::Reset),
        }
    }
}

fn is_nothing(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
    )
}

/// Lets real time pass, up to the end of all patience.
pub(super) struct Waiting(Instant);

impl Waiting {
    pub fn begin() -> Self {
        Self(Instant::now())
    }

    pub fn is_too_long(&self) -> bool {
        self.0.elapsed() > PATIENCE
    }
}
