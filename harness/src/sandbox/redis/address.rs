//! Addresses of Redis servers, read as Spin's Redis client reads them.

use std::fmt;
use url::Url;

/// Port of an address that names none.
const PORT: u16 = 6379;

/// A Redis server and one of its databases. Shown, it names its port whether it was written with one or not, and nobody's
/// password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedisAddress {
    scheme: String,
    server: RedisServer,
    database: i64,
}

/// A Redis server: its databases are told apart, its channels are not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RedisServer {
    host: String,
    port: u16,
}

/// An address that Spin's Redis client refuses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{address:?} is no address of a Redis server, such as `redis://localhost:6379`: {why}")]
pub struct BadRedisAddress {
    /// What was given, without what it says of the user.
    address: String,
    why: &'static str,
    /// Whether Spin's client takes it, and only spin-harness does not.
    is_good_elsewhere: bool,
}

impl BadRedisAddress {
    /// Whether Spin's client takes it, and only spin-harness does not.
    pub(crate) fn is_good_elsewhere(&self) -> bool {
        self.is_good_elsewhere
    }
}

impl RedisAddress {
    /// Reads `redis://HOST:PORT/DATABASE` by the rules of the crate that Spin uses (redis 0.32, `src/connection.rs`): the
    /// scheme must be there, the port is 6379 and the database 0 where none is named. User and password make no
    /// difference here, and neither does TLS.
    ///
    /// # Errors
    ///
    /// What that crate refuses; and sockets of the file system, which are on no other machine.
    pub fn parse(address: &str) -> Result<Self, BadRedisAddress> {
        let bad = |why| BadRedisAddress {
            address: crate::value::without_secrets(address),
            why,
            is_good_elsewhere: false,
        };
        let not_here = |why| BadRedisAddress {
            is_good_elsewhere: true,
            ..bad(why)
        };
        let url = Url::parse(address).map_err(|_| bad("it is no URL"))?;
        match url.scheme() {
            "redis" | "rediss" | "valkey" | "valkeys" => {}
            "unix" | "redis+unix" | "valkey+unix" => {
                return Err(not_here("spin-harness plays no sockets of the file system"));
            }
            _ => return Err(bad("its scheme is not `redis`")),
        }
        let host = match url.host() {
            // In a URL of no scheme of the web the case of a host stands as it is written; in names it means nothing.
            Some(host) => host.to_string().to_ascii_lowercase(),
            None => return Err(bad("it names no host")),
        };
        if matches!(url.scheme(), "rediss" | "valkeys")
            && !matches!(url.fragment(), None | Some("insecure"))
        {
            return Err(bad("only `#insecure` may stand at its end"));
        }
        let database = match url.path().trim_matches('/') {
            "" => 0,
            path => path
                .parse()
                .map_err(|_| bad("its path is no number of a database"))?,
        };
        let mut query = url.query_pairs();
        if let Some((_, version)) = query.find(|(name, _)| name == "protocol") {
            match &*version {
                "2" | "resp2" => {}
                "3" | "resp3" => return Err(not_here("spin-harness speaks no RESP3")),
                _ => return Err(bad("there is no such version of the protocol")),
            }
        }
        Ok(Self {
            scheme: url.scheme().to_owned(),
            server: RedisServer {
                host,
                port: url.port().unwrap_or(PORT),
            },
            database,
        })
    }

    /// The server, whatever the database.
    pub fn server(&self) -> &RedisServer {
        &self.server
    }

    /// The number of the database.
    pub fn database(&self) -> i64 {
        self.database
    }
}

impl fmt::Display for RedisServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "redis://{}:{}", self.host, self.port)
    }
}

impl fmt::Display for RedisAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RedisServer { host, port } = &self.server;
        write!(f, "{}://{host}:{port}", self.scheme)?;
        match self.database {
            0 => Ok(()),
            database => write!(f, "/{database}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_server_has_one_address() {
        for (written, address) in [
            ("redis://localhost", "redis://localhost:6379"),
            ("redis://localhost:6379/", "redis://localhost:6379"),
            ("redis://u:p@LOCALHOST/0", "redis://localhost:6379"),
            ("rediss://cache.example:1/2", "rediss://cache.example:1/2"),
            ("redis://[::1]:7", "redis://[::1]:7"),
            ("redis://h?protocol=resp2", "redis://h:6379"),
        ] {
            assert_eq!(RedisAddress::parse(written).unwrap().to_string(), address);
        }
        let server = |text| RedisAddress::parse(text).unwrap().server().clone();
        assert_eq!(server("redis://localhost/1"), server("redis://localhost/2"));
    }

    /// The crate redis is the judge: `Client::open` opens no connection.
    #[test]
    fn what_spins_client_refuses_is_refused() {
        for address in [
            "",
            "localhost",
            "localhost:6379",
            "http://localhost",
            "redis://",
            "redis:///1",
            "redis://localhost/x",
            "redis://localhost/1/2",
            "redis://localhost:99999",
            "redis://localhost?protocol=4",
        ] {
            assert!(redis::Client::open(address).is_err(), "{address}");
            assert!(RedisAddress::parse(address).is_err(), "{address}");
        }
        for address in ["redis://localhost", "redis://u:p@h:1/15", "valkey://h//3/"] {
            assert!(redis::Client::open(address).is_ok(), "{address}");
            assert!(RedisAddress::parse(address).is_ok(), "{address}");
        }
    }

    #[test]
    fn a_refusal_tells_no_password() {
        let message = RedisAddress::parse("redis://u:secret@h/x")
            .unwrap_err()
            .to_string();
        assert!(
            message.contains("redis://h/x") && !message.contains("secret"),
            "{message}"
        );
    }
}
