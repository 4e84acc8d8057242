//! A connection to a server that really listens on this machine. Whoever waits for it holds the scenario's thread, so that virtual
//! time stands still meanwhile.

use super::conversation::Coming;
use bytes::Bytes;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long a real server is waited for, in real time: a test must not hang.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// How long other tasks of the scenario wait before one of them may go on.
const SLICE: Duration = Duration::from_millis(5);

/// A connection of the machine's.
#[derive(Debug)]
pub(super) struct RealConnection {
    stream: TcpStream,
    /// Whether the server has reset it: the machine tells that only once.
    reset: AtomicBool,
}

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
        Ok(Self {
            stream,
            reset: AtomicBool::new(false),
        })
    }

    /// Sends everything.
    pub fn send(&self, mut bytes: &[u8]) -> Result<(), NotSent> {
        let began = Instant::now();
        while !bytes.is_empty() {
            match (&self.stream).write(bytes) {
                Ok(sent) if sent > 0 => bytes = &bytes[sent..],
                Err(error) if is_nothing(error.kind()) => {}
                _ => return Err(NotSent::Reset),
            }
            if !bytes.is_empty() && began.elapsed() > PATIENCE {
                return Err(NotSent::TooSlow);
            }
        }
        Ok(())
    }

    pub fn shut_down(&self) {
        // One that is gone sends nothing more either.
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Waits until something has come, for so long that others of the scenario may go on; whether it has.
    pub fn waited(&self) -> bool {
        match self.stream.peek(&mut [0]) {
            Err(error) if is_nothing(error.kind()) => false,
            Err(_) => {
                self.reset.store(true, Ordering::Relaxed);
                true
            }
            Ok(_) => true,
        }
    }

    /// What has come, if anything.
    pub fn take(&self, most: usize) -> Option<Coming> {
        let mut bytes = vec![0; most.min(64 << 10)];
        if self.reset.load(Ordering::Relaxed) {
            return Some(Coming::Reset);
        }
        match (&self.stream).read(&mut bytes) {
            Ok(0) => Some(Coming::Close),
            Ok(read) => {
                bytes.truncate(read);
                Some(Coming::Bytes(Bytes::from(bytes)))
            }
            Err(error) if is_nothing(error.kind()) => None,
            Err(_) => {
                self.reset.store(true, Ordering::Relaxed);
                Some(Coming::Reset)
            }
        }
    }
}

fn is_nothing(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
    )
}

/// Why not everything was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotSent {
    Reset,
    /// The server takes nothing.
    TooSlow,
}

/// How long one connection is waited for in all, in real time: a server that says a little now and then must not hold a test for
/// ever either.
const IN_ALL: Duration = Duration::from_secs(60);

/// For how long a server has been waited for, in real time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Silence {
    in_vain: Duration,
    in_all: Duration,
}

impl Silence {
    /// It was waited for so long again; whether that is too long now.
    pub fn is_too_long(&mut self, waited: Duration) -> bool {
        self.in_vain += waited;
        self.in_all += waited;
        self.in_vain > PATIENCE || self.in_all > IN_ALL
    }

    /// Something has come.
    pub fn end(&mut self) {
        self.in_vain = Duration::ZERO;
    }
}
