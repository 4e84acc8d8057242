//! One connection of a component: what it sends, and what it receives when.

use super::conversation::Coming;
use super::real::{NotConnected, NotSent, RealConnection, Silence};
use super::{Doing, State, Talk, TcpEnd, TcpExchange, TcpServer, Unexpected};
use crate::sandbox::mistake::Mistake;
use crate::sandbox::session::Session;
use crate::sandbox::{CallTrap, Caller, Failure};
use crate::value::show;
use bytes::Bytes;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
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

/// A connection, as the host has it. Copies are the same connection, which is closed with the last of them.
#[derive(Clone)]
pub(crate) struct TcpConnection {
    session: Session,
    caller: Caller,
    place: usize,
    wake: Arc<Notify>,
    _open: Arc<Open>,
}

/// Closes a connection that the component no longer has.
struct Open {
    session: Session,
    place: usize,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.session.state().tcp.exchanges[self.place].state.real = None;
    }
}

impl Session {
    /// Connects to what the scenario says is at an address; nothing if it says nothing of it.
    pub(in crate::sandbox) fn tcp_connection(
        &self,
        caller: &Caller,
        address: SocketAddr,
    ) -> Result<Option<Result<TcpConnection, Failure>>, CallTrap> {
        let server = self.state().tcp.servers.get(&address).cloned();
        let Some(server) = server else {
            return Ok(None);
        };
        self.state().tcp.kept.add(1, 0, "TCP connections")?;
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
        let mut state = self.state();
        let place = state.tcp.exchanges.len();
        let mut exchange = TcpExchange {
            component: Arc::clone(&caller.component),
            address,
            sent: Vec::new(),
            received: Vec::new(),
            ended: None,
            state: State {
                talk: Talk::default(),
                server,
                real,
                silence: Silence::default(),
                shut_down: false,
                deaf: false,
            },
        };
        // One that speaks first does not wait for the component to listen; nothing was sent that could be unexpected.
        let _ = exchange.settle(Doing::Sends, Instant::now());
        state.tcp.exchanges.push(exchange);
        drop(state);
        Ok(Some(Ok(TcpConnection {
            session: self.for_guest(),
            caller: caller.clone(),
            place,
            wake: Arc::new(Notify::new()),
            _open: Arc::new(Open {
                session: self.for_guest(),
                place,
            }),
        })))
    }
}

impl TcpExchange {
    /// Lets the server go on as far as it can.
    fn settle(&mut self, doing: Doing, now: Instant) -> Result<(), Unexpected> {
        let State {
            talk,
            server,
            real,
            shut_down,
            ..
        } = &mut self.state;
        let settled = match server {
            TcpServer::Converses(conversation) => talk.settle(&conversation.0, doing, now),
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
            if exchange.state.shut_down {
                return Ok(Err(TcpEnd::Closed));
            }
            if exchange.state.talk.has_ended(now) {
                return Ok(Err(TcpEnd::Reset));
            }
            tcp.kept.add(1, bytes.len(), "bytes over TCP")?;
            exchange.sent.extend_from_slice(bytes);
            if let Some(real) = exchange.state.real.clone() {
                drop(state);
                let sent = real.send(bytes);
                if sent == Err(NotSent::TooSlow) {
                    self.gave_up();
                }
                return Ok(sent.map_err(|_| TcpEnd::Reset));
            }
            if let TcpServer::Converses(conversation) = &exchange.state.server {
                let lines = &conversation.0;
                exchange.state.talk.heard(bytes, lines);
            }
            exchange.settle(Doing::Sends, now)
        };
        self.wake.notify_waiters();
        Ok(self.told(settled).map_err(|()| TcpEnd::Reset))
    }

    /// Ends what the component sends.
    pub fn shut_down_sending(&self) {
        let settled = {
            let mut state = self.session.state();
            let exchange = &mut state.tcp.exchanges[self.place];
            if exchange.state.shut_down {
                return;
            }
            if let Some(real) = &exchange.state.real {
                real.shut_down();
            }
            exchange.state.shut_down = true;
            exchange.settle(Doing::HasEnded, Instant::now())
        };
        self.wake.notify_waiters();
        let _ = self.told(settled);
    }

    /// Whether the component sends nothing more.
    pub fn has_shut_down_sending(&self) -> bool {
        self.session.state().tcp.exchanges[self.place]
            .state
            .shut_down
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
        let (settled, coming, gives_up) = {
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
            let settled = exchange.settle(Doing::WaitsForAnAnswer, now);
            let began = std::time::Instant::now();
            let coming = exchange.take(most, now);
            let silent = coming.is_none() && exchange.state.real.is_some();
            let gives_up = match silent {
                true => exchange.state.silence.is_too_long(began.elapsed()),
                false => {
                    exchange.state.silence.end();
                    false
                }
            };
            match &coming {
                Some(Coming::Bytes(bytes)) => {
                    tcp.kept.add(1, bytes.len(), "bytes over TCP")?;
                    exchange.received.extend_from_slice(bytes);
                }
                Some(Coming::Close) => exchange.ended = Some(TcpEnd::Closed),
                Some(Coming::Reset) => exchange.ended = Some(TcpEnd::Reset),
                None => {}
            }
            (settled, coming, gives_up)
        };
        let _ = self.told(settled);
        if gives_up {
            self.gave_up();
        }
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
        loop {
            let notified = self.wake.notified();
            let (settled, next, real) = {
                let mut state = self.session.state();
                let exchange = &mut state.tcp.exchanges[self.place];
                let now = Instant::now();
                let settled = exchange.settle(Doing::WaitsForAnAnswer, now);
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
                    let began = std::time::Instant::now();
                    if real.waited() {
                        return;
                    }
                    if self.is_silent_for_too_long(began.elapsed()) {
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

    fn is_silent_for_too_long(&self, waited: Duration) -> bool {
        let mut state = self.session.state();
        let state = &mut state.tcp.exchanges[self.place].state;
        state.real.is_some() && state.silence.is_too_long(waited)
    }

    /// A real server that says nothing, or takes nothing, must not hold a test for ever.
    fn gave_up(&self) {
        let address = self.remote_address();
        let mut state = self.session.state();
        let exchange = &mut state.tcp.exchanges[self.place];
        exchange.state.real = None;
        exchange.state.talk.end(Coming::Reset, Instant::now());
        state.mistakes.push(Mistake::SilentServer { address });
    }
}
