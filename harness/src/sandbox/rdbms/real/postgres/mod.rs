//! A real Postgres, by the client that Spin asks it with.

mod copy;
mod elsewhere;
mod row;
mod said;
mod statement;

#[cfg(test)]
pub(crate) use said::shown_as_error;

use super::client::{Client, NotConnected, NotCopied, Sent};
use super::error::RealServerError;
use super::{PATIENCE, Trouble};
use crate::sandbox::rdbms::DatabaseServer;
use crate::sandbox::rdbms::failure::Said;
use crate::sandbox::rdbms::served::SqlReply;
use crate::value::without_secrets;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Config, NoTls};

/// Reads an address of a server.
pub(super) fn address(url: &str) -> Result<Config, RealServerError> {
    let server = DatabaseServer::Postgres;
    let shown = without_secrets(url);
    let bad = |reason: String| RealServerError::BadUrl {
        server,
        url: shown.clone(),
        reason,
    };
    if let Some((scheme, _)) = url.split_once("://")
        && !matches!(scheme, "postgres" | "postgresql")
    {
        return Err(bad(format!("its scheme is `{scheme}`")));
    }
    let authority = url
        .split("://")
        .nth(1)
        .and_then(|rest| rest.split(['/', '?']).next());
    if authority.is_some_and(|it| it.matches('@').count() > 1) {
        return Err(bad("an `@` in a password is written `%40`".to_owned()));
    }
    let config: Config = url.parse().map_err(|error| bad(said::for_people(&error)))?;
    if config.get_ssl_mode() == SslMode::Require {
        return Err(RealServerError::Tls { server, url: shown });
    }
    if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
        return Err(bad("it names no host".to_owned()));
    }
    Ok(config)
}

/// A connection, and the task that moves its bytes.
pub(super) struct Postgres {
    client: tokio_postgres::Client,
    moved: JoinHandle<()>,
}

impl Client for Postgres {
    const SERVER: DatabaseServer = DatabaseServer::Postgres;

    type Address = Config;
    type Error = tokio_postgres::Error;
    type Around = ();

    fn database(address: &Config) -> String {
        let named = address.get_dbname().or(address.get_user());
        named.unwrap_or("postgres").to_owned()
    }

    fn to_database(address: &Config, database: Option<&str>) -> Config {
        let mut to = address.clone();
        // A database is not copied while somebody is connected to it. Every server has these two.
        let beside = match Self::database(address).as_str() {
            "postgres" => "template1",
            _ => "postgres",
        };
        to.dbname(database.unwrap_or(beside));
        to
    }

    async fn connect(address: &Config) -> Result<Self, NotConnected<Self::Error>> {
        let connecting = tokio::time::timeout(PATIENCE, address.connect(NoTls));
        let (client, connection) = connecting
            .await
            .map_err(|_| NotConnected::TooSlow)?
            .map_err(NotConnected::Refused)?;
        let moved = tokio::spawn(async move {
            // What ends a connection is told by the statement that finds it closed.
            let _ = connection.await;
        });
        Ok(Self { client, moved })
    }

    async fn close(self) {
        drop(self.client);
        let _ = tokio::time::timeout(Duration::from_secs(1), self.moved).await;
    }

    async fn send(&mut self, sent: &Sent) -> Result<Result<SqlReply, Said>, Trouble> {
        statement::send(&self.client, sent).await
    }

    async fn cancel(&mut self) {
        let canceled = self.client.cancel_token();
        let canceling = canceled.cancel_query(NoTls);
        // Where that fails, the server ends the statement with its database.
        let _ = tokio::time::timeout(Duration::from_secs(1), canceling).await;
    }

    async fn copy(&mut self, original: &str, name: &str) -> Result<(), NotCopied> {
        copy::make(&self.client, original, name).await
    }

    async fn discard(self, _: &Config, name: &str, why: &NotCopied) -> bool {
        let is_gone = match why {
            NotCopied::TooSlow => copy::given_up(&self.client, name).await,
            // It is made as a whole or not at all.
            NotCopied::Refused { .. } => true,
        };
        self.close().await;
        is_gone
    }

    async fn remove(beside: &Config, name: &str) -> Result<(), NotConnected<Self::Error>> {
        let connected = Self::connect(beside).await?;
        let removed = copy::remove(&connected.client, name).await;
        connected.close().await;
        removed
    }

    fn is_in_use(error: &Self::Error) -> bool {
        error.code() == Some(&SqlState::OBJECT_IN_USE)
    }

    fn said(error: &Self::Error) -> Said {
        Said::of_connection(error)
    }

    fn for_people(error: &Self::Error) -> String {
        said::for_people(error)
    }

    fn reaches((): &(), statement: &str) -> Option<String> {
        elsewhere::reaches(statement).map(str::to_owned)
    }
}
