//! The way of a guest's SQLite calls through the gate.

use super::connection::{Ran, SqlValue, bytes_of};
use super::{Rows, SqliteConnection};
use crate::app::{GrantKind, SqliteBackend};
use crate::sandbox::Bound;
use crate::sandbox::gate::{Asked, CallTrap, Caller, Keep, Served};
use crate::sandbox::journal::{Changes, Outcome, Service};
use crate::sandbox::service::sqlite::{EXECUTE, OPEN};
use crate::sandbox::service::{Failure, ServiceInterface};
use crate::sandbox::session::Session;
use std::sync::Arc;
use std::time::Duration;
use wasmtime_wasi::HostWallClock as _;

/// How many connections an instance may hold (`crates/factor-sqlite/src/host.rs` in Spin).
const MOST_CONNECTIONS: usize = 256;

/// How long SQLite waits between two tries while another connection holds the database, in milliseconds (`sqliteDefaultBusyCallback`
/// in SQLite); the last one again and again, until 5 s are over, which is what rusqlite asks for.
const WAITS: [u64; 12] = [1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100];
const PATIENCE: Duration = Duration::from_secs(5);

/// An open connection of a guest.
#[derive(Clone, Debug)]
pub(crate) struct SqliteHandle {
    label: Arc<str>,
    pub connection: SqliteConnection,
}

/// A statement as a guest sends it.
pub(crate) struct Statement {
    pub text: String,
    pub parameters: Vec<SqlValue>,
    /// Whether its rows are streamed: then what comes before an error arrives.
    pub streamed: bool,
}

/// What a statement gives; of a streamed one the error that ends its rows, too.
#[derive(Debug)]
pub(crate) struct Executed {
    pub rows: Rows,
    pub ends_with: Option<Failure>,
}

impl Session {
    /// Opens a database, for an instance that holds so many connections.
    pub(crate) async fn sqlite_open(
        &self,
        caller: &Caller,
        interface: &'static ServiceInterface,
        label: &str,
        held: usize,
    ) -> Result<Result<SqliteHandle, Failure>, CallTrap> {
        let granted = self.may_use(&caller.component, GrantKind::SqliteDatabase, label);
        let config = &self.app().locked().runtime_config;
        let backend = config.sqlite_databases.get(label);
        let asked = Asked {
            interface,
            operation: &OPEN,
            label,
            key: String::new(),
            size: 0,
            changes: Changes::Nothing,
            admitted: match (granted, backend) {
                (false, _) => Err(Failure::new("access-denied")),
                (true, None) => Err(Failure::new("no-such-database")),
                (true, Some(_)) => Ok(()),
            },
        };
        let connect = || {
            if held >= MOST_CONNECTIONS {
                return Err(Failure::with_text("io", "too many connections opened"));
            }
            let seed = self.options().seed;
            let mut state = self.state();
            let connection = match self.is_private(label) {
                true => state.databases.connect_alone(seed),
                false => state.databases.connect(label, seed),
            };
            match connection {
                Ok(connection) => Ok(SqliteHandle {
                    label: Arc::from(label),
                    connection,
                }),
                Err(error) => Err(Failure::with_text("io", error.to_string())),
            }
        };
        let opening = |_: Keep| async {
            Ok(Served {
                reply: connect(),
                size: 0,
                note: None,
            })
        };
        self.service_call(caller, asked, opening).await
    }

    /// Whether each connection has a database of its own: so it is in Spin where the runtime config names no file.
    pub(crate) fn is_private(&self, label: &str) -> bool {
        let config = &self.app().locked().runtime_config;
        config.database_spans.contains_key(label)
            && matches!(
                config.sqlite_databases.get(label),
                Some(SqliteBackend::Spin { path: None, .. })
            )
    }

    /// Runs a statement on an open connection; `None` is one that is not open.
    pub(crate) async fn sqlite_execute(
        &self,
        caller: &Caller,
        interface: &'static ServiceInterface,
        handle: Option<&SqliteHandle>,
        statement: Statement,
    ) -> Result<Result<Executed, Failure>, CallTrap> {
        let sent: usize = statement.parameters.iter().map(bytes_of).sum();
        let asked = Asked {
            interface,
            operation: &EXECUTE,
            label: handle.map_or("", |handle| &handle.label),
            key: statement.text.clone(),
            size: sent,
            changes: handle.map_or(Changes::Nothing, |it| {
                it.connection.changes_by(&statement.text)
            }),
            admitted: match handle {
                Some(_) => Ok(()),
                None => Err(Failure::new("invalid-connection")),
            },
        };
        let asked = &asked;
        let executing = |keep: Keep| async move {
            let Some(handle) = handle else {
                return Err(CallTrap("the connection is not open".to_owned()));
            };
            let reply = self
                .executed(caller, asked, (handle, &statement), keep)
                .await?;
            Ok(Served {
                size: reply.as_ref().map_or(0, |executed| executed.rows.size()),
                reply,
                note: None,
            })
        };
        // A stream of rows that ends with an error is a success to the guest's call, and none to whoever reads the journal.
        let outcome = |executed: &Executed| match &executed.ends_with {
            None => Outcome::Ok,
            Some(failure) => Outcome::Failed(failure.to_string()),
        };
        let named = Service::Called(interface, &EXECUTE);
        self.service_call_as(caller, asked, named, outcome, executing)
            .await
    }

    async fn executed(
        &self,
        caller: &Caller,
        asked: &Asked<'_>,
        (handle, statement): (&SqliteHandle, &Statement),
        keep: Keep,
    ) -> Result<Result<Executed, Failure>, CallTrap> {
        let (mut waited, mut tries) = (Duration::ZERO, 0);
        loop {
            let fuel = caller.stop.fuel();
            let now = self.clock().now();
            let (ran, left) = handle.connection.run(
                &statement.text,
                &statement.parameters,
                keep == Keep::Lost,
                statement.streamed,
                (now, fuel),
            );
            caller.stop.spend(fuel.saturating_sub(left));
            let io = |message: String| Failure::with_text("io", message);
            return Ok(match ran {
                Ran::Done(rows) => Ok(Executed {
                    rows,
                    ends_with: None,
                }),
                Ran::Failed(message, rows) if statement.streamed => Ok(Executed {
                    rows,
                    ends_with: Some(io(message)),
                }),
                Ran::Failed(message, _) => Err(io(message)),
                Ran::OutOfFuel => {
                    caller.stop.exceed(Bound::Compute);
                    return Err(CallTrap(self.explain(Bound::Compute)));
                }
                Ran::Busy(message) => {
                    let last = WAITS.len() - 1;
                    let wait = Duration::from_millis(WAITS[last.min(tries)]);
                    if waited + wait > PATIENCE {
                        Err(io(message))
                    } else {
                        tokio::time::sleep(wait).await;
                        self.turn_again(caller, asked).await;
                        waited += wait;
                        tries += 1;
                        continue;
                    }
                }
            });
        }
    }
}
