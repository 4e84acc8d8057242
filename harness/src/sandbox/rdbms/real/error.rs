//! Why a real server cannot be used.

use crate::sandbox::rdbms::DatabaseServer;
use std::time::Duration;

/// Why a real server cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RealServerError {
    /// The address is none.
    #[error(
        "\"{url}\" is no address of a {server} server: {reason}; expected one such as \
         `{}://USER:PASSWORD@localhost/DATABASE`",
        server.scheme()
    )]
    BadUrl {
        /// The kind of server.
        server: DatabaseServer,
        /// The address, without secrets.
        url: String,
        /// Why not.
        reason: String,
    },
    /// The address insists on TLS.
    #[error(
        "the {server} at {url} cannot be used: spin-harness does not speak TLS with a real server, and the address insists \
         on it"
    )]
    Tls {
        /// The kind of server.
        server: DatabaseServer,
        /// The address, without secrets.
        url: String,
    },
    /// The server does not answer, or refuses.
    #[error("the {server} at {url} cannot be used: {reason}")]
    Unusable {
        /// The kind of server.
        server: DatabaseServer,
        /// The address, without secrets.
        url: String,
        /// What it or the client says.
        reason: String,
    },
    /// The server takes too long.
    #[error("the {server} at {url} did not answer within {} s", limit.as_secs())]
    TooSlow {
        /// The kind of server.
        server: DatabaseServer,
        /// The address, without secrets.
        url: String,
        /// For how long it was waited. Real time.
        limit: Duration,
    },
    /// The run has ended, and with it everything that it made on the server.
    #[error("the run has ended, and no further scenario works with the {server} at {url}")]
    RunEnded {
        /// The kind of server.
        server: DatabaseServer,
        /// The address, without secrets.
        url: String,
    },
    /// The database cannot be copied.
    #[error(
        "the database \"{database}\" of the {server} at {url} cannot be copied, and each scenario works in a copy: {reason}{}",
        advice(*server, code)
    )]
    NoCopy {
        /// The kind of server.
        server: DatabaseServer,
        /// The address, without secrets.
        url: String,
        /// The database that scenarios begin with.
        database: String,
        /// What the server says.
        reason: String,
        /// Its code for that (SQLSTATE).
        code: String,
    },
}

/// What to do about the commonest reasons, by SQLSTATE or by MySQL's own numbers.
fn advice(server: DatabaseServer, code: &str) -> &'static str {
    match (server, code) {
        // object_in_use
        (DatabaseServer::Postgres, "55006") => {
            "; end whatever is connected to it, such as the app itself or `psql`"
        }
        // insufficient_privilege
        (DatabaseServer::Postgres, "42501") => {
            "; the user needs the right to create databases (`ALTER ROLE … CREATEDB`) and must own the database, unless that \
             is a template (`ALTER DATABASE … IS_TEMPLATE true`)"
        }
        // invalid_catalog_name, ER_BAD_DB_ERROR
        (DatabaseServer::Postgres, "3D000") | (DatabaseServer::MySql, "1049") => {
            "; create it, with the tables and rows that scenarios are to begin with"
        }
        // ER_DBACCESS_DENIED_ERROR, ER_TABLEACCESS_DENIED_ERROR, ER_SPECIFIC_ACCESS_DENIED_ERROR
        (DatabaseServer::MySql, "1044" | "1142" | "1227") => {
            "; the user needs `SELECT, SHOW VIEW, TRIGGER` on the database, and everything on those named `spin_harness_…` \
             (GRANT ALL ON `spin\\_harness\\_%`.* TO …)"
        }
        _ => "",
    }
}
