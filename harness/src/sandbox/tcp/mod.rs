//! TCP servers that components connect to through `wasi:sockets`: none is there, and a scenario says what each of them does. What
//! components send is written down. A server on this machine may be a real one.

mod connection;
mod conversation;
mod real;

pub(crate) use connection::{Receiving, TcpConnection};
pub use conversation::{Conversation, Received, ServerLine, ServerThen};

use super::kept::Kept;
use conversation::{Doing, Talk, Unexpected};
use real::{RealConnection, Silence};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

/// What a TCP server does with whoever connects to it.
#[derive(Clone, Debug)]
pub enum TcpServer {
    /// It takes everything and says nothing.
    TakesEverything,
    /// It says what its lines say, from the first one on for each connection. After the last it takes everything.
    Converses(Arc<Conversation>),
    /// It is the one that listens at this address on this machine.
    Real,
}

/// How a connection ended, seen from the component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TcpEnd {
    /// The server closed it.
    Closed,
    /// The server reset it.
    Reset,
}

/// A connection that a component made.
#[derive(Clone, Debug)]
pub struct TcpExchange {
    /// The component.
    pub component: Arc<str>,
    /// The server.
    pub address: SocketAddr,
    /// What the component sent.
    pub sent: Vec<u8>,
    /// What the component received: not what is still on its way.
    pub received: Vec<u8>,
    /// How the server ended it, if it did.
    pub ended: Option<TcpEnd>,
    state: State,
}

/// What is not for assertions.
#[derive(Clone, Debug)]
struct State {
    talk: Talk,
    server: TcpServer,
    real: Option<Arc<RealConnection>>,
    silence: Silence,
    /// Whether the component sends nothing more.
    shut_down: bool,
    /// Whether it receives nothing more.
    deaf: bool,
}

/// The TCP servers of a scenario and the connections to them.
#[derive(Debug, Default)]
pub struct Tcp {
    servers: BTreeMap<SocketAddr, TcpServer>,
    exchanges: Vec<TcpExchange>,
    kept: Kept,
}

impl Tcp {
    /// Says what the server at an address does from now on.
    pub fn serve(&mut self, address: SocketAddr, server: TcpServer) {
        self.servers.insert(address, server);
    }

    /// The connections, in the order in which they were made.
    pub fn exchanges(&self) -> &[TcpExchange] {
        &self.exchanges
    }

    /// The addresses at which a server is said to be.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = SocketAddr> {
        self.servers.keys().copied()
    }
}

/// Whether a server at this address can be a real one: nothing but this machine is ever reached.
pub(crate) fn is_of_this_machine(address: SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}
