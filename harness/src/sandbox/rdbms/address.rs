//! Addresses of servers: which hosts a guest wants to reach, and how that is told without passwords.

use super::DatabaseServer;
use crate::sandbox::KeyPattern;

/// What `tokio-postgres`, which Spin reads addresses with, says of one that it cannot read (`src/error/mod.rs` in it).
const UNREADABLE: &str = "invalid connection string";

/// Options of an address, besides `host` and `port` (`Config::param` in `tokio-postgres`).
const OPTIONS: [&str; 17] = [
    "user",
    "password",
    "dbname",
    "options",
    "application_name",
    "sslmode",
    "sslnegotiation",
    "hostaddr",
    "connect_timeout",
    "tcp_user_timeout",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_retries",
    "target_session_attrs",
    "channel_binding",
    "load_balance_hosts",
];

/// A host that an address names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Host {
    /// Its name, with `:PORT` where the address has one.
    Network(String),
    /// A socket in the file system.
    Socket,
}

/// The hosts of an address.
///
/// # Errors
///
/// What Spin says of an address that it cannot read.
pub(super) fn hosts(server: DatabaseServer, address: &str) -> Result<Vec<Host>, &'static str> {
    match server {
        // Spin hands the address on as it is (`crates/factor-outbound-mysql/src/host.rs`).
        DatabaseServer::MySql => Ok(vec![Host::Network(address.to_owned())]),
        DatabaseServer::Postgres => {
            let prefixes = ["postgres://", "postgresql://"];
            let url = prefixes.iter().find_map(|it| address.strip_prefix(it));
            let read = match url {
                Some(rest) => of_url(rest),
                None => of_words(address),
            };
            read.map(Addressed::hosts).ok_or(UNREADABLE)
        }
    }
}

/// The hosts that an address of a Postgres server names, each with its port; none where nobody could read it.
pub(crate) fn postgres_hosts(address: &str) -> Vec<String> {
    let hosts = hosts(DatabaseServer::Postgres, address).unwrap_or_default();
    let named = hosts.into_iter().filter_map(|host| match host {
        Host::Network(host) => Some(host),
        Host::Socket => None,
    });
    named.collect()
}

/// Whether a pattern means an address: all of it, or one of its hosts with or without the port.
pub(super) fn is_at(pattern: &KeyPattern, address: &str, hosts: &[String]) -> bool {
    pattern.fits(address)
        || hosts.iter().any(|host| {
            let name = host
                .rsplit_once(':')
                .map_or(host.as_str(), |(name, _)| name);
            pattern.fits(host) || pattern.fits(name)
        })
}

#[derive(Default)]
struct Addressed {
    hosts: Vec<String>,
    ports: Vec<u16>,
}

impl Addressed {
    fn option(&mut self, name: &str, value: &str) -> Option<()> {
        match name {
            "host" => self.hosts.extend(value.split(',').map(str::to_owned)),
            "port" => {
                for port in value.split(',') {
                    let port = if port.is_empty() { "5432" } else { port };
                    self.ports.push(port.parse().ok()?);
                }
            }
            other if OPTIONS.contains(&other) => {}
            _ => return None,
        }
        Some(())
    }

    /// Each host with its own port, or with the only one (`crates/factor-outbound-pg/src/allowed_hosts.rs`).
    fn hosts(self) -> Vec<Host> {
        let only = match self.ports[..] {
            [only] => Some(only),
            _ => None,
        };
        let hosts = self.hosts.iter().enumerate();
        hosts
            .map(|(at, host)| match self.ports.get(at).copied().or(only) {
                _ if host.starts_with('/') => Host::Socket,
                Some(port) => Host::Network(format!("{host}:{port}")),
                None => Host::Network(host.clone()),
            })
            .collect()
    }
}

/// `USER:PASSWORD@HOST:PORT,HOST:PORT/DATABASE?OPTION=VALUE&…`; a host without a port has the usual one.
fn of_url(rest: &str) -> Option<Addressed> {
    let mut addressed = Addressed::default();
    let rest = rest.split_once('@').map_or(rest, |(_, rest)| rest);
    let (authority, rest) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    for host in authority.split(',').filter(|_| !authority.is_empty()) {
        let (name, port) = match host.strip_prefix('[') {
            Some(host) => {
                let (name, rest) = host.split_once(']')?;
                match rest {
                    "" => (name, None),
                    rest => (name, Some(rest.strip_prefix(':')?)),
                }
            }
            None => match host.split_once(':') {
                Some((name, port)) => (name, Some(port)),
                None => (host, None),
            },
        };
        addressed.hosts.push(decoded(name)?);
        addressed.option("port", port.unwrap_or("5432"))?;
    }
    let Some((_, options)) = rest.split_once('?') else {
        return Some(addressed);
    };
    for option in options.split('&').filter(|option| !option.is_empty()) {
        let (name, value) = option.split_once('=')?;
        match name {
            "host" => addressed.hosts.push(decoded(value)?),
            name => addressed.option(&decoded(name)?, &decoded(value)?)?,
        }
    }
    Some(addressed)
}

fn decoded(text: &str) -> Option<String> {
    let pair = format!("x={}", text.replace('+', "%2B"));
    let decoded = url::form_urlencoded::parse(pair.as_bytes()).next();
    decoded.map(|(_, value)| value.into_owned())
}

/// `host=HOST port=PORT user='a user'`; `\` takes the next character as it is.
fn of_words(address: &str) -> Option<Addressed> {
    let mut addressed = Addressed::default();
    let mut rest = address.trim_start();
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=')?;
        let name = name.trim_end();
        if name.contains(char::is_whitespace) {
            return None;
        }
        let (value, after) = word(after.trim_start())?;
        addressed.option(name, &value)?;
        rest = after.trim_start();
    }
    Some(addressed)
}

/// A value, perhaps between single quotes, and what follows it.
fn word(text: &str) -> Option<(String, &str)> {
    let (quoted, text) = match text.strip_prefix('\'') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => value.extend(characters.next().map(|(_, it)| it)),
            '\'' if quoted => return Some((value, &text[at + 1..])),
            blank if blank.is_whitespace() && !quoted => return Some((value, &text[at..])),
            other => value.push(other),
        }
    }
    (!quoted && !value.is_empty()).then_some((value, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(address: &str) -> Result<Vec<Host>, &'static str> {
        hosts(DatabaseServer::Postgres, address)
    }

    fn network(hosts: &[&str]) -> Result<Vec<Host>, &'static str> {
        let hosts = hosts.iter().map(|host| Host::Network((*host).to_owned()));
        Ok(hosts.collect())
    }

    #[test]
    fn a_url_has_ports_in_any_case() {
        for (address, hosts) in [
            ("postgres://localhost", &["localhost:5432"][..]),
            (
                "postgresql://u:p@db.example:6432/shop?sslmode=disable",
                &["db.example:6432"],
            ),
            ("postgres://a,b:1/x", &["a:5432", "b:1"]),
            ("postgres://[::1]:7/x", &["::1:7"]),
            ("postgres:///x?host=db&port=8", &["db:8"]),
            ("postgres://", &[]),
        ] {
            assert_eq!(of(address), network(hosts), "{address}");
        }
    }

    #[test]
    fn words_have_a_port_where_they_say_so() {
        for (address, hosts) in [
            ("host=localhost", &["localhost"][..]),
            ("user=u password='p q' host = db port=1 dbname=x", &["db:1"]),
            ("host=a,b port=1,2", &["a:1", "b:2"]),
            ("host=a,b port=1", &["a:1", "b:1"]),
            ("host=a,b,c port=1,2", &["a:1", "b:2", "c"]),
            ("", &[]),
        ] {
            assert_eq!(of(address), network(hosts), "{address}");
        }
    }

    #[test]
    fn what_spin_cannot_read() {
        for address in [
            "localhost:5432",
            "host=a colour=red",
            "host=a port=many",
            "host=",
            "password='p",
            "postgres://[::1/x",
            "postgres://a:port/x",
            "postgres://a/x?sslmode",
        ] {
            assert_eq!(of(address), Err(UNREADABLE), "{address}");
        }
        assert_eq!(of("host=/var/run"), Ok(vec![Host::Socket]));
        assert_eq!(of("postgres://%2Fvar%2Frun/x"), Ok(vec![Host::Socket]));
    }
}
