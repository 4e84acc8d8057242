//! TCP connections of guests, of `wasi:sockets` 0.2 and 0.3: sockets are those of wasmtime-wasi, which never leave their first
//! state; what is connected is ours, known by the socket's number.

mod three;
mod two;

pub(super) use {three::link as link_3, two::link as link_2};

use super::InstanceState;
use crate::sandbox::{TcpConnection, TcpEnd};
use std::io::{Error, ErrorKind};
use std::net::SocketAddr;

/// A socket that is connected.
pub(crate) struct Connected {
    connection: TcpConnection,
    /// Whether `finish-connect` of 0.2 or `receive` of 0.3 has given its bytes away.
    receives: bool,
    /// Whether `send` of 0.3 has.
    sends: bool,
}

impl Connected {
    fn new(connection: TcpConnection) -> Self {
        Self {
            connection,
            receives: false,
            sends: false,
        }
    }
}

impl InstanceState {
    fn connected(&self, socket: u32) -> Option<&TcpConnection> {
        self.tcp.get(&socket).map(|it| &it.connection)
    }
}

/// Whether there can be anything at an address: wasmtime-wasi looks before it asks for a grant.
fn is_connectable(address: SocketAddr) -> bool {
    let ip = address.ip().to_canonical();
    let broadcast = matches!(ip, std::net::IpAddr::V4(ip) if ip.is_broadcast());
    !ip.is_unspecified() && !ip.is_multicast() && !broadcast && address.port() != 0
}

/// An end as streams of 0.2 carry it, out of which wasmtime-wasi makes a code again.
fn as_error(end: TcpEnd) -> wasmtime::Error {
    let kind = match end {
        TcpEnd::Reset => ErrorKind::ConnectionReset,
        TcpEnd::Closed => ErrorKind::BrokenPipe,
    };
    Error::from(kind).into()
}
