//! Sockets: there is no network. What the manifest does not allow is denied as under Spin; what it allows leads to a server that the
//! scenario plays. Where it says nothing of one, the connection is refused and the scenario told so, unless a fault rule says what
//! becomes of it.

use super::mistake::Mistake;
use super::service::sockets::{BIND, CONNECT, SOCKETS_2, UDP};
use super::service::{Failure, ServiceInterface, ServiceOperation};
use super::session::Session;
use super::{Asked, Call, CallTrap, Caller, Changes, Outcome, Served, Service, TcpConnection};
use std::net::SocketAddr;
use std::sync::Arc;

/// What reports say of a socket that could have been used.
const NO_NETWORK: &str = "spin-harness has no network";

impl Session {
    /// Connects a TCP socket to what the scenario says is there. The outer error ends the instance.
    ///
    /// Grants are asked as in Spin, with the scheme `tcp` (`crates/factor-outbound-networking/src/lib.rs`).
    pub(crate) async fn connect_socket(
        &self,
        caller: &Caller,
        interface: &'static ServiceInterface,
        address: SocketAddr,
    ) -> Result<Result<TcpConnection, Failure>, CallTrap> {
        let server = address;
        let address = address.to_string();
        let is_allowed = self
            .allowed_host(&caller.component, &address, "tcp")
            .is_some();
        let asked = Asked {
            interface,
            operation: &CONNECT,
            label: &address,
            key: String::new(),
            size: 0,
            changes: Changes::Nothing,
            admitted: match is_allowed {
                true => Ok(()),
                false => Err(Failure::new("access-denied")),
            },
        };
        let connect = |_| async {
            let connected = self.tcp_connection(caller, server)?;
            let (reply, note) = match connected {
                Some(reply) => (reply, None),
                None => {
                    self.no_network(caller, "tcp", &address);
                    let refused = Failure::new("connection-refused");
                    (Err(refused), Some(NO_NETWORK.to_owned()))
                }
            };
            let size = 0;
            Ok(Served { reply, size, note })
        };
        self.service_call(caller, asked, connect).await
    }

    /// Refuses a TCP socket an address of its own, and writes it down: Spin lets no component listen.
    pub(crate) fn refuse_address(&self, caller: &Caller, address: SocketAddr) {
        let address = address.to_string();
        self.refused(caller, &SOCKETS_2, &BIND, &address, None);
    }

    /// Refuses a UDP socket, and writes it down. Under Spin one can be made and nothing be done with it, unless some entry of
    /// `allowed_outbound_hosts` is for the scheme `udp`.
    pub(crate) fn refuse_udp(&self, caller: &Caller, interface: &'static ServiceInterface) {
        let entry = self.allowed_scheme(&caller.component, "udp");
        if let Some(entry) = &entry {
            let address = entry.split_once("://").map_or(&**entry, |(_, rest)| rest);
            self.no_network(caller, "udp", address);
        }
        self.refused(caller, interface, &UDP, "", entry.map(|_| NO_NETWORK));
    }

    fn refused(
        &self,
        caller: &Caller,
        interface: &'static ServiceInterface,
        operation: &'static ServiceOperation,
        address: &str,
        note: Option<&str>,
    ) {
        let service = Service::Called(interface, operation);
        let outcome = Outcome::Failed("access-denied".to_owned());
        let component = Arc::clone(&caller.component);
        self.journal(Call {
            store: address.into(),
            note: note.map(str::to_owned),
            ..self.call(component, caller.instance, service, outcome)
        });
    }

    fn no_network(&self, caller: &Caller, scheme: &'static str, address: &str) {
        self.state().mistakes.push(Mistake::NoNetwork {
            component: caller.component.to_string(),
            scheme,
            address: address.to_owned(),
        });
    }
}
