//! Connections to servers: who may open one to where, what journals call it, and its way to a real server.

use super::DatabaseServer;
use super::address::{self, Host};
use super::failure::Said;
use super::real::{RealConnection, Trouble};
use super::served::server_of;
use crate::sandbox::gate::{Asked, CallTrap, Caller, Served};
use crate::sandbox::journal::Changes;
use crate::sandbox::service::{Failure, ServiceInterface, SqlOperation, sql_operation};
use crate::sandbox::session::Session;
use crate::sandbox::{KeyPattern, MOST_CONNECTIONS, Mistake};
use crate::value::without_secrets;
use std::sync::{Arc, OnceLock};

/// Bytes of an address that are taken: a guest must not fill the machine's memory through them.
pub(crate) const LONGEST_ADDRESS: usize = 64 << 10;

/// A connection that a guest has open.
#[derive(Clone, Debug)]
pub(crate) struct SqlConnection {
    pub(super) server: DatabaseServer,
    /// The address as journals have it.
    pub label: Arc<str>,
    pub(super) hosts: Vec<String>,
    /// Its way to a real server, once it needed one.
    real: Arc<OnceLock<RealConnection>>,
}

impl SqlConnection {
    /// Whether a pattern means its server.
    pub(super) fn is_at(&self, pattern: &KeyPattern) -> bool {
        address::is_at(pattern, &self.label, &self.hosts)
    }
}

/// Why a call is refused before it reaches a server: as the guest is told, which may be with a password, and as journals,
/// which others read, have it.
#[derive(Clone, Debug)]
pub(super) struct Refused {
    pub told: Failure,
    pub journaled: Failure,
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self {
            told: failure.clone(),
            journaled: failure,
        }
    }
}

pub(super) fn connection_failed(text: String) -> Failure {
    Failure::with_text("connection-failed", text)
}

fn not_permitted(address: &str) -> Failure {
    connection_failed(format!("address {address} is not permitted"))
}

/// A host of an address as journals have it: where a password has an `@`, part of it may have been taken for the host.
fn postgres_host(host: &str, address: &str) -> String {
    let told = without_secrets(address);
    match address::postgres_hosts(&told).iter().any(|it| it == host) {
        true => format!("postgres://{host}"),
        false => told,
    }
}

impl Session {
    /// Opens a connection for an instance that has so many `open`. The outer error ends the instance.
    pub(crate) async fn sql_open(
        &self,
        caller: &Caller,
        interface: &'static ServiceInterface,
        address: &str,
        open: usize,
    ) -> Result<Result<SqlConnection, Failure>, CallTrap> {
        let server = server_of(interface);
        let connected = self.connect(caller, server, address);
        let connected = match connected {
            Ok(_) if open >= MOST_CONNECTIONS => {
                Err(connection_failed("too many connections".to_owned()).into())
            }
            connected => connected,
        };
        let label = label_of(address);
        let asked = Asked {
            interface,
            operation: sql_operation(server, SqlOperation::Open),
            label: &label,
            key: String::new(),
            size: address.len(),
            changes: Changes::Nothing,
            admitted: connected
                .as_ref()
                .map(drop)
                .map_err(|refused| refused.journaled.clone()),
        };
        let answering = |_| async {
            let reply = connected.clone().map_err(|refused| refused.journaled);
            // Where a real server answers, Spin would have reached it by now.
            let reply = reply.and_then(|connection| match self.reach_real(&connection) {
                Some(Err(said)) => Err(said.journaled),
                _ => Ok(connection),
            });
            Ok(Served {
                reply,
                size: 0,
                note: None,
            })
        };
        let passed = self.service_call(caller, asked, answering).await?;
        Ok(passed.map_err(|failure| match connected {
            Err(refused) if refused.journaled == failure => refused.told,
            _ => failure,
        }))
    }

    /// A connection's way to a real server, made where there is none; nothing where no real server is at its address.
    pub(super) fn reach_real<'a>(
        &self,
        connection: &'a SqlConnection,
    ) -> Option<Result<&'a RealConnection, Said>> {
        if let Some(real) = connection.real.get() {
            return Some(Ok(real));
        }
        // The state stays free while the server is waited for.
        let server = self.state().servers.real_for(connection)?;
        Some(match server.connect() {
            Ok(real) => Ok(connection.real.get_or_init(|| real)),
            Err(trouble) => Err(self.told_of(server.url(), trouble)),
        })
    }

    /// Notes what no guest should meet, and gives what this one is told.
    pub(super) fn told_of(&self, url: &str, trouble: Trouble) -> Said {
        self.state().mistakes.push(Mistake::RealServer {
            url: url.to_owned(),
            reason: trouble.reason,
        });
        trouble.said
    }

    /// What a component is told of an address: Spin's own checks.
    pub(super) fn connect(
        &self,
        caller: &Caller,
        server: DatabaseServer,
        address: &str,
    ) -> Result<SqlConnection, Refused> {
        let failed = |text: String| Refused::from(connection_failed(text));
        let mut hosts = Vec::new();
        if address.len() > LONGEST_ADDRESS {
            return Err(failed("the address is longer than 64 KiB".to_owned()));
        }
        for host in address::hosts(server, address).map_err(|it| failed(it.to_owned()))? {
            let Host::Network(host) = host else {
                let why = "Unix sockets are not supported on WebAssembly";
                return Err(failed(why.to_owned()));
            };
            if self
                .allowed_host(&caller.component, &host, server.scheme())
                .is_none()
            {
                return Err(match server {
                    DatabaseServer::Postgres => Refused {
                        told: not_permitted(&format!("postgres://{host}")),
                        journaled: not_permitted(&postgres_host(&host, address)),
                    },
                    DatabaseServer::MySql => Refused {
                        told: not_permitted(&host),
                        journaled: not_permitted(&without_secrets(&host)),
                    },
                });
            }
            hosts.push(host);
        }
        if hosts.is_empty() {
            let why = "Error occurred while creating a new object: invalid configuration\n\nCaused by:\n    \
                       0: invalid configuration\n    1: both host and hostaddr are missing";
            return Err(failed(why.to_owned()));
        }
        let label: Arc<str> = without_secrets(address).into();
        if server == DatabaseServer::MySql {
            let host = label.split_once("://").map_or(&*label, |(_, rest)| rest);
            hosts = vec![host.split('/').next().unwrap_or_default().to_owned()];
        }
        Ok(SqlConnection {
            server,
            label,
            hosts,
            real: Arc::default(),
        })
    }
}

/// An address as journals have it.
pub(super) fn label_of(address: &str) -> String {
    match address.len() > LONGEST_ADDRESS {
        true => String::new(),
        false => without_secrets(address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_part_of_a_password_is_taken_for_the_host() {
        for (address, journaled) in [
            (
                "postgres://user:secret@db.example/x",
                "postgres://db.example:5432",
            ),
            ("postgres://db.example:1,b/x", "postgres://db.example:1"),
            (
                "postgres://user:p@ss@db.example/x",
                "postgres://db.example/x",
            ),
            ("postgres://u:p@e,s@db.example/x", "postgres://db.example/x"),
            ("postgres://user:p@a/ss@db.example", "postgres://…"),
            ("postgres://db.example/?password=a@b", "postgres://…"),
            (
                "host=db.example port=1 password=p@b",
                "postgres://db.example:1",
            ),
        ] {
            let hosts = address::hosts(DatabaseServer::Postgres, address).unwrap();
            let Some(Host::Network(host)) = hosts.first() else {
                panic!("{address}: {hosts:?}");
            };
            assert_eq!(postgres_host(host, address), journaled, "{address}");
        }
    }

    #[test]
    fn an_address_that_is_too_long_has_no_label() {
        let longest = "x".repeat(LONGEST_ADDRESS);
        assert_eq!(label_of(&longest), longest);
        assert_eq!(label_of(&format!("{longest}x")), "");
    }
}
