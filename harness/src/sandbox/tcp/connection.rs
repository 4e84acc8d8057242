//! One connection of a component: what it sends, and what it receives when.

use super::conversation::Coming;
use super::real::{NotConnected, RealConnection, Waiting};
use super::{State, Talk, TcpEnd, TcpExchange, TcpServer, Unexpected};
use crate::sandbox::mistake::Mistake;
use crate::sandbox::session::Session;
use crate::sandbox::{CallTrap, Caller, Failure};
use crate::value::show;
use bytes::Bytes;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use tokio::sync::Notify;
use tokio::time::Instant;

/// The first of the ports that connections are made from, as many systems have it.
const FIRST_PORT: u16 = 49152;
/// How many there are.
const PORTS: usize = 16384;

/// What a component gets when it wants to receive something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Receiving {
    Bytes(Bytes),
    /// Nothing yet.
    Nothing,
    /// The server closed the connection.
    Closed,
    /// The server reset it.
    Reset,
}

/// A connection, as the host has it.
#[derive(Clone)]
pub(crate) struct TcpConnection {
    session: Session,
    caller: Caller,
    place: usize,
    wake: Arc<Notify>,
}

impl Session {
    /// Connects to what the scenario says is at an address; nothing if it says nothing of it.
    pub(in crate::sandbox) fn tcp_connection(
        &self,
        caller: &Caller,
        address: SocketAddr,
    ) -> Result<Option<Result<TcpConnection, Failure>>, CallTrap> {
        let mut state = self.state();
        let Some(server) = state.tcp.servers.get(&address).cloned() else {
            return Ok(None);
        };
        state.tcp.kept.add(1, 0, "TCP connections")?;
        let real = match server {
            TcpServer::Real => match RealConnection::new(address) {
                Ok(real) => Some(Arc::new(real)),
                Err(NotConnected::Refused) => {
                    return Ok(Some(Err(Failure::new("connection-refused"))));
                }
                Err(NotConnected::Timeout) => return Ok(Some(Err(Failure::new("timeout")))),
            },
            _ => None,
        };
        let place = state.tcp.exchanges.len();
        state.tcp.exchanges.push(TcpExchange {
            component: Arc::clone(&caller.component),
            address,
            sent: Vec::new(),
            received: Vec::new(),
            ended: None,
            state: State {
                talk: Talk::default(),
                server,
                real,
                shut_down: false,
                deaf: false,
            },
        });
        Ok(Some(Ok(TcpConnection {
            session: self.for_guest(),
            caller: caller.clone(),
            place,
            wake: Arc::new(Notify::new()),
        })))
    }
}

impl TcpExchange {
    /// Lets the server go on as far as it can.
    fn settle(&mut self, waits: bool, now: Instant) -> Result<(), Unexpected> {
        let State {
            talk,
            server,
            real,
            shut_down,
            ..
        } = &mut self.state;
        let settled = match server {
            TcpServer::Converses(conversation) => talk.settle(&conversation.0, waits, now),
            TcpServer::TakesEverything | TcpServer::Real => Ok(()),
        };
        match &settled {
            Err(_) => talk.end(Coming::Reset, now),
            // Whoever is told that nothing more comes has nothing more to say.
            Ok(()) if *shut_down && real.is_none() => talk.end(Coming::Close, now),
            Ok(()) => {}
        }
        settled
    }

    fn take(&mut self, most: usize, now: Instant) -> Option<Coming> {
        match &self.state.real {
            Some(real) => real.take(most),
            None => self.state.talk.take(most, now),
        }
    }
}

impl TcpConnection {
    /// Sends bytes.
    ///
    /// # Errors
    ///
    /// The inner one says that the server has ended the connection; the outer one ends the instance.
    pub fn send(&self, bytes: &[u8]) -> Result<Result<(), TcpEnd>, CallTrap> {
        self.session.charge(&self.caller, bytes.len())?;
        let now = Instant::now();
        let settled = {
            let mut state = self.session.state();
            let tcp = &mut state.tcp;
            let exchange = &mut tcp.exchanges[self.place];
            if exchange.state.talk.has_ended(now) {
                return Ok(Err(TcpEnd::Reset));
            }
            tcp.kept.add(1, bytes.len(), "bytes over TCP")?;
            exchange.sent.extend_from_slice(bytes);
            if let Some(real) = exchange.state.real.clone() {
                drop(state);
                return Ok(match real.send(bytes) {
                    true => Ok(()),
                    false => Err(TcpEnd::Reset),
                });
            }
            if let TcpServer::Converses(conversation) = &exchange.state.server {
                let lines = &conversation.0;
                exchange.state.talk.heard(bytes, lines);
            }
            exchange.settle(false, now)
        };
        self.wake.notify_waiters();
        Ok(self.told(settled).map_err(|()| TcpEnd::Reset))
    }

    /// Ends what the component sends.
    pub fn shut_down_sending(&self) {
        let settled = {
            let mut state = self.session.state();
            let exchange = &mut state.tcp.exchanges[self.place];
            if let Some(real) = &exchange.state.real {
                real.shut_down();
            }
            // Then it waits for no more than the end.
            let settled = exchange.settle(true, Instant::now());
            exchange.state.shut_down = true;
            settled.and_then(|()| exchange.settle(true, Instant::now()))
        };
        self.wake.notify_waiters();
        let _ = self.told(settled);
    }

    /// Ends what the component receives.
    pub fn shut_down_receiving(&self) {
        self.session.state().tcp.exchanges[self.place].state.deaf = true;
        self.wake.notify_waiters();
    }

    /// What has come, so many bytes of it at most.
    ///
    /// # Errors
    ///
    /// The instance ends.
    pub fn receive(&self, most: usize) -> Result<Receiving, CallTrap> {
        let now = Instant::now();
        let (settled, coming) = {
            let mut state = self.session.state();
            let tcp = &mut state.tcp;
            let exchange = &mut tcp.exchanges[self.place];
            if exchange.state.deaf {
                return Ok(Receiving::Closed);
            }
            if most == 0 {
                // No bytes are no end, which is what a real socket would make of it.
                return Ok(Receiving::Nothing);
            }
            let settled = exchange.settle(true, now);
            let coming = exchange.take(most, now);
            match &coming {
                Some(Coming::Bytes(bytes)) => {
                    tcp.kept.add(1, bytes.len(), "bytes over TCP")?;
                    exchange.received.extend_from_slice(bytes);
                }
                Some(Coming::Close) => exchange.ended = Some(TcpEnd::Closed),
                Some(Coming::Reset) => exchange.ended = Some(TcpEnd::Reset),
                None => {}
            }
            (settled, coming)
        };
        let _ = self.told(settled);
        let received = match &coming {
            Some(Coming::Bytes(bytes)) => bytes.len(),
            _ => 0,
        };
        self.session.charge(&self.caller, received)?;
        Ok(match coming {
            Some(Coming::Bytes(bytes)) => Receiving::Bytes(bytes),
            Some(Coming::Close) => Receiving::Closed,
            Some(Coming::Reset) => Receiving::Reset,
            None => Receiving::Nothing,
        })
    }

    /// Waits until there is something to receive.
    pub async fn readable(&self) {
        let waiting = Waiting::begin();
        loop {
            let notified = self.wake.notified();
            let (settled, next, real) = {
                let mut state = self.session.state();
                let exchange = &mut state.tcp.exchanges[self.place];
                let now = Instant::now();
                let settled = exchange.settle(true, now);
                if exchange.state.deaf {
                    return;
                }
                let next = exchange.state.talk.next_at();
                (settled, next, exchange.state.real.clone())
            };
            let _ = self.told(settled);
            match (next, real) {
                (Some(at), _) if at <= Instant::now() => return,
                (Some(at), _) => tokio::select! {
                    () = tokio::time::sleep_until(at) => {}
                    () = notified => {}
                },
                (None, Some(real)) => {
                    // The thread waits, and with it the clock: it would run away if the runtime had nothing to do.
                    if real.waited() {
                        return;
                    }
                    if waiting.is_too_long() {
                        self.gave_up();
                        return;
                    }
                    tokio::task::yield_now().await;
                }
                (None, None) => notified.await,
            }
        }
    }

    /// The address that it is connected to.
    pub fn remote_address(&self) -> SocketAddr {
        self.session.state().tcp.exchanges[self.place].address
    }

    /// The address that it is connected from: of as many connections as there are ports each has another one.
    pub fn local_address(&self) -> SocketAddr {
        // The remainder is less than the number of ports, which go on from the first to the last that there is.
        let port = FIRST_PORT + (self.place % PORTS) as u16;
        match self.remote_address() {
            SocketAddr::V4(_) => SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
            SocketAddr::V6(_) => SocketAddr::from((Ipv6Addr::LOCALHOST, port)),
        }
    }

    fn told(&self, settled: Result<(), Unexpected>) -> Result<(), ()> {
        let Err(Unexpected { sent, expected }) = settled else {
            return Ok(());
        };
        let address = self.remote_address();
        self.session
            .state()
            .mistakes
            .push(Mistake::UnexpectedOverTcp {
                component: self.caller.component.to_string(),
                address,
                sent: show(&sent),
                expected: show(expected.as_bytes()),
            });
        Err(())
    }

    /// A real server that says nothing must not hold a test for ever.
    fn gave_up(&self) {
        let address = self.remote_address();
        let mut state = self.session.state();
        let exchange = &mut state.tcp.exchanges[self.place];
        exchange.state.real = None;
        exchange.state.talk.end(Coming::Reset, Instant::now());
        state.mistakes.push(Mistake::SilentServer { address });
    }
}
