//! Why a real server cannot be used.

use std::time::Duration;

/// Why a real server cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RealServerError {
    /// The address is none.
    #[error(
        "\"{url}\" is no address of a Postgres server: {reason}; expected one such as `postgres://USER:PASSWORD@localhost/DATABASE`"
    )]
    BadUrl {
        /// The address, without secrets.
        url: String,
        /// Why not.
        reason: String,
    },
    /// The address insists on TLS.
    #[error(
        "the Postgres at {url} cannot be used: spin-harness does not speak TLS with a real server, and the address says \
         `sslmode=require`"
    )]
    Tls {
        /// The address, without secrets.
        url: String,
    },
    /// The server does not answer, or refuses.
    #[error("the Postgres at {url} cannot be used: {reason}")]
    Unusable {
        /// The address, without secrets.
        url: String,
        /// What it or the client says.
        reason: String,
    },
    /// The server takes too long.
    #[error("the Postgres at {url} did not answer within {} s", limit.as_secs())]
    TooSlow {
        /// The address, without secrets.
        url: String,
        /// For how long it was waited. Real time.
        limit: Duration,
    },
    /// The run has ended, and with it everything that it made on the server.
    #[error("the run has ended, and no further scenario works with the Postgres at {url}")]
    RunEnded {
        /// The address, without secrets.
        url: String,
    },
    /// The database cannot be copied.
    #[error(
        "the database \"{database}\" of the Postgres at {url} cannot be copied, and each scenario works in a copy: {reason}{}",
        advice(code)
    )]
    NoCopy {
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

/// What to do about the commonest reasons, by SQLSTATE.
fn advice(code: &str) -> &'static str {
    match code {
        // object_in_use
        "55006" => "; end whatever is connected to it, such as the app itself or `psql`",
        // insufficient_privilege
        "42501" => {
            "; the user needs the right to create databases (`ALTER ROLE … CREATEDB`) and must own the database, unless that \
             is a template (`ALTER DATABASE … IS_TEMPLATE true`)"
        }
        // invalid_catalog_name
        "3D000" => "; create it, with the tables and rows that scenarios are to begin with",
        _ => "",
    }
}
