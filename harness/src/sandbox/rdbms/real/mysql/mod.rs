//! A real MySQL, or MariaDB, by the client that Spin asks it with.

mod address;
mod copy;
mod definitions;
mod elsewhere;
mod lexer;
mod row;
mod said;
mod statement;

pub(super) use address::address;

use super::client::{Client, NotConnected, NotCopied, Sent};
use super::copies::COPYING;
use super::{PATIENCE, Trouble};
use crate::sandbox::rdbms::DatabaseServer;
use crate::sandbox::rdbms::failure::Said;
use crate::sandbox::rdbms::served::SqlReply;
use elsewhere::Around;
use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, Error, Opts, OptsBuilder};
use std::time::Duration;

/// A connection.
pub(super) struct MySql {
    /// None once a statement on it was not waited for: what is left of its answer would be taken for that of the next.
    connection: Option<Conn>,
    /// What the server calls it.
    id: u32,
    /// Leads to the server without a database.
    beside: Opts,
}

impl MySql {
    fn ended() -> Trouble {
        let reason = "the connection has ended, with a statement that was not answered in time";
        Trouble {
            said: Said::plain("query-failed", reason),
            reason: reason.to_owned(),
        }
    }
}

impl Client for MySql {
    const SERVER: DatabaseServer = DatabaseServer::MySql;

    type Address = Opts;
    type Error = Error;
    type Around = Around;

    fn database(address: &Opts) -> String {
        // No address without one is read.
        address.db_name().unwrap_or_default().to_owned()
    }

    fn to_database(address: &Opts, database: Option<&str>) -> Opts {
        OptsBuilder::from_opts(address.clone())
            .db_name(database)
            .into()
    }

    async fn connect(address: &Opts) -> Result<Self, NotConnected<Error>> {
        let connecting = tokio::time::timeout(PATIENCE, Conn::new(address.clone()));
        let connection = connecting
            .await
            .map_err(|_| NotConnected::TooSlow)?
            .map_err(NotConnected::Refused)?;
        Ok(Self {
            id: connection.id(),
            connection: Some(connection),
            beside: Self::to_database(address, None),
        })
    }

    async fn close(self) {
        if let Some(connection) = self.connection {
            let _ = tokio::time::timeout(Duration::from_secs(1), connection.disconnect()).await;
        }
    }

    async fn send(&mut self, sent: &Sent) -> Result<Result<SqlReply, Said>, Trouble> {
        match &mut self.connection {
            Some(connection) => Ok(statement::send(connection, sent).await),
            None => Err(Self::ended()),
        }
    }

    async fn cancel(&mut self) {
        self.connection = None;
        let kill = async {
            if let Ok(mut other) = Conn::new(self.beside.clone()).await {
                let _ = other.query_drop(format!("kill {}", self.id)).await;
                let _ = other.disconnect().await;
            }
        };
        // Where that fails, the server ends the statement with its database.
        let _ = tokio::time::timeout(Duration::from_secs(1), kill).await;
    }

    async fn copy(&mut self, original: &str, name: &str) -> Result<Around, NotCopied> {
        let Some(connection) = &mut self.connection else {
            return Err(NotCopied::TooSlow);
        };
        let copying = copy::make(connection, original, name);
        match tokio::time::timeout(COPYING, copying).await {
            Ok(made) => made,
            Err(_) => Err(NotCopied::TooSlow),
        }
    }

    async fn discard(mut self, beside: &Opts, name: &str, why: &NotCopied) -> bool {
        match why {
            NotCopied::TooSlow => self.cancel().await,
            NotCopied::Refused { .. } => self.close().await,
        }
        Self::remove(beside, name).await.is_ok()
    }

    async fn remove(beside: &Opts, name: &str) -> Result<(), NotConnected<Error>> {
        let mut client = Self::connect(beside).await?;
        let removed = match &mut client.connection {
            Some(connection) => {
                let removing = copy::remove(connection, name);
                tokio::time::timeout(COPYING, removing).await
            }
            None => Ok(Ok(())),
        };
        match removed {
            Ok(removed) => {
                client.close().await;
                removed.map_err(NotConnected::Refused)
            }
            Err(_) => {
                client.cancel().await;
                Err(NotConnected::TooSlow)
            }
        }
    }

    fn is_in_use(error: &Error) -> bool {
        said::number(error) == Some(copy::LOCK_WAIT_TIMEOUT)
    }

    fn said(error: &Error) -> Said {
        said::of_connection(error)
    }

    fn for_people(error: &Error) -> String {
        said::for_people(error)
    }

    fn reaches(around: &Around, statement: &str) -> Option<String> {
        around.reaches(statement)
    }
}
