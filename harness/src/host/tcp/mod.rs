//! TCP connections of guests, of `wasi:sockets` 0.2 and 0.3: sockets are those of wasmtime-wasi, which never leave their first
//! state; what is connected is ours, known by the socket's number.

mod three;
mod two;

pub(super) use {three::link as link_3, two::link as link_2};

use super::InstanceState;
use crate::sandbox::{Failure, TcpConnection, TcpEnd};
use std::io::{Error, ErrorKind};
use std::net::{IpAddr, SocketAddr};
use wasmtime_wasi::sockets::ErrorCode;

/// A socket that has been told to connect: from then on it can do nothing else, whatever comes of it.
pub(crate) enum Socket {
    /// It is not known yet what comes of it.
    Connecting,
    /// Nothing came of it; of 0.2, with what `finish-connect` is to say.
    Failed(Option<Failure>),
    Connected(Connected),
}

/// A socket that is connected.
pub(crate) struct Connected {
    connection: TcpConnection,
    /// Whether `finish-connect` of 0.2 or `receive` of 0.3 has given its bytes away.
    receives: bool,
    /// Whether `send` of 0.3 has.
    sends: bool,
}

impl Socket {
    fn connected(connection: TcpConnection) -> Self {
        Self::Connected(Connected {
            connection,
            receives: false,
            sends: false,
        })
    }
}

impl InstanceState {
    fn connected(&self, socket: u32) -> Option<&Connected> {
        match self.tcp.get(&socket) {
            Some(Socket::Connected(connected)) => Some(connected),
            _ => None,
        }
    }

    fn connected_mut(&mut self, socket: u32) -> Option<&mut Connected> {
        match self.tcp.get_mut(&socket) {
            Some(Socket::Connected(connected)) => Some(connected),
            _ => None,
        }
    }
}

/// Whether there can be anything at an address for a socket of IPv4 or IPv6: wasmtime-wasi looks before it asks for a grant. An
/// IPv4 address that is written as one of IPv6 is none.
fn is_connectable(address: SocketAddr, of_ipv4: bool) -> bool {
    let of_its_kind = match address.ip() {
        IpAddr::V4(ip) => of_ipv4 && !ip.is_broadcast(),
        IpAddr::V6(ip) => !of_ipv4 && (ip.to_ipv4().is_none() || ip.is_loopback()),
    };
    let ip = address.ip();
    of_its_kind && !ip.is_unspecified() && !ip.is_multicast() && address.port() != 0
}

/// What a socket says that did not connect, as wasmtime-wasi has it for both generations.
fn code(failure: &Failure) -> ErrorCode {
    match failure.case() {
        "access-denied" => ErrorCode::AccessDenied,
        "connection-reset" => ErrorCode::ConnectionReset,
        "connection-aborted" => ErrorCode::ConnectionAborted,
        "remote-unreachable" => ErrorCode::RemoteUnreachable,
        "timeout" => ErrorCode::Timeout,
        // The gate lets no other case through than that of a server that refuses.
        _ => ErrorCode::ConnectionRefused,
    }
}

/// An end as streams of 0.2 carry it, out of which wasmtime-wasi makes a code again.
fn as_error(end: TcpEnd) -> wasmtime::Error {
    let kind = match end {
        TcpEnd::Reset => ErrorKind::ConnectionReset,
        TcpEnd::Closed => ErrorKind::BrokenPipe,
    };
    Error::from(kind).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_connects_to_addresses_of_its_kind() {
        let is = |address: &str, of_ipv4| is_connectable(address.parse().unwrap(), of_ipv4);
        for (address, of_ipv4) in [
            ("127.0.0.1:1", true),
            ("[::1]:1", false),
            ("[fe80::1]:1", false),
        ] {
            assert!(is(address, of_ipv4), "{address}");
            assert!(!is(address, !of_ipv4), "{address}");
        }
        for address in [
            "127.0.0.1:0",
            "0.0.0.0:1",
            "224.0.0.1:1",
            "255.255.255.255:1",
            "[::]:1",
            "[ff02::1]:1",
            "[::ffff:127.0.0.1]:1",
        ] {
            assert!(!is(address, true) && !is(address, false), "{address}");
        }
    }
}
