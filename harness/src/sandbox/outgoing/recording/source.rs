//! Which requests are recorded, and from where: `--record ORIGIN=URL`.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use url::{Host, Origin, Url};

/// A real server on this machine that stands for a host which the app asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordSource {
    origin: Origin,
    /// The server as it was written.
    server: String,
    addresses: Vec<SocketAddr>,
}

/// Why a text names no server to record from.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRecordSource {
    /// It has not the form.
    #[error("expected ORIGIN=URL, such as https://api.example.com=http://127.0.0.1:8080")]
    Form,
    /// What the app asks is no origin.
    #[error("{text:?} is no origin that an app could ask: {reason}")]
    Origin {
        /// What was written.
        text: String,
        /// Why not.
        reason: String,
    },
    /// What is to answer cannot be asked.
    #[error("{text:?} cannot be recorded from: {reason}")]
    Server {
        /// What was written.
        text: String,
        /// Why not.
        reason: String,
    },
}

impl RecordSource {
    /// Whether a request to this URL is recorded from it.
    pub fn is_of(&self, url: &str) -> bool {
        Url::parse(url).is_ok_and(|url| url.origin() == self.origin)
    }

    /// What the app asks, such as `https://api.example.com`.
    pub fn origin(&self) -> String {
        self.origin.ascii_serialization()
    }

    /// The server that is asked in its place.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// Where the server listens: loopback, and nothing else.
    pub(super) fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }
}

/// As it is written.
impl fmt::Display for RecordSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.origin(), self.server)
    }
}

impl FromStr for RecordSource {
    type Err = BadRecordSource;

    fn from_str(text: &str) -> Result<Self, BadRecordSource> {
        let (asked, server) = text.split_once('=').ok_or(BadRecordSource::Form)?;
        let origin = bare(asked)
            .map_err(|reason| BadRecordSource::Origin {
                text: asked.to_owned(),
                reason,
            })?
            .origin();
        let addresses = bare(server).and_then(|url| loopback(&url));
        let addresses = addresses.map_err(|reason| BadRecordSource::Server {
            text: server.to_owned(),
            reason,
        })?;
        Ok(Self {
            origin,
            server: server.trim_end_matches('/').to_owned(),
            addresses,
        })
    }
}

/// A URL of which nothing is given but scheme, host and port.
fn bare(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!(
            "requests go to `http` or `https`, and not to `{}`",
            url.scheme()
        ));
    }
    // One server cannot stand for several hosts, and no request asks for a host of such a name.
    if url.host_str().is_some_and(|host| host.contains('*')) {
        return Err("`*` stands for no host here; name the one that is asked".to_owned());
    }
    let more = [
        (!url.username().is_empty() || url.password().is_some()).then_some("a user"),
        (url.path() != "/").then_some("a path"),
        url.query().map(|_| "a query"),
        url.fragment().map(|_| "a fragment"),
    ];
    match more.into_iter().flatten().next() {
        Some(more) => Err(format!("it has {more}; write scheme, host and port alone")),
        None => Ok(url),
    }
}

/// Where a server on this machine listens. No name is looked up: that would be a use of the network.
fn loopback(url: &Url) -> Result<Vec<SocketAddr>, String> {
    if url.scheme() != "http" {
        return Err("the server is asked without TLS; write `http`".to_owned());
    }
    let addresses: Vec<IpAddr> = match url.host() {
        Some(Host::Ipv4(address)) => vec![address.into()],
        Some(Host::Ipv6(address)) => vec![address.into()],
        Some(Host::Domain("localhost")) => {
            vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]
        }
        _ => Vec::new(),
    };
    if addresses.is_empty() || !addresses.iter().all(IpAddr::is_loopback) {
        let host = url.host_str().unwrap_or_default();
        return Err(format!(
            "{host} is not this machine, and tests never reach the network; run or forward the server here, and name it by \
             127.0.0.1, [::1] or localhost"
        ));
    }
    // Both schemes have a port of their own.
    let port = url.port_or_known_default().unwrap_or(80);
    Ok(addresses
        .into_iter()
        .map(|address| SocketAddr::new(address, port))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> RecordSource {
        text.parse().unwrap()
    }

    #[test]
    fn an_origin_stands_for_all_its_urls() {
        let source = source("https://api.example.com=http://127.0.0.1:8080/");
        for (url, is_of) in [
            ("https://api.example.com", true),
            ("https://api.example.com:443/x?y=1", true),
            ("http://api.example.com/x", false),
            ("https://api.example.com:8443/x", false),
            ("https://example.com/x", false),
            ("/x", false),
        ] {
            assert_eq!(source.is_of(url), is_of, "{url}");
        }
        assert_eq!(
            source.to_string(),
            "https://api.example.com=http://127.0.0.1:8080"
        );
    }

    #[test]
    fn only_this_machine_is_asked() {
        for (server, address) in [
            ("http://127.0.0.1:8080", "127.0.0.1:8080"),
            ("http://127.3.2.1", "127.3.2.1:80"),
            ("http://[::1]:81", "[::1]:81"),
            ("http://localhost:82", "127.0.0.1:82"),
        ] {
            let source = source(&format!("http://a.example={server}"));
            assert_eq!(source.addresses[0].to_string(), address);
        }
        for (server, reason) in [
            (
                "http://api.example.com",
                "api.example.com is not this machine",
            ),
            ("http://localhost.example.com", "is not this machine"),
            ("http://10.0.0.7:8080", "10.0.0.7 is not this machine"),
            ("http://0.0.0.0:8080", "0.0.0.0 is not this machine"),
            ("http://[::ffff:10.0.0.7]", "is not this machine"),
            ("https://127.0.0.1", "without TLS"),
            ("http://127.0.0.1/v1", "it has a path"),
            ("http://u@127.0.0.1", "it has a user"),
            ("redis://127.0.0.1", "and not to `redis`"),
            ("127.0.0.1:8080", "relative URL"),
        ] {
            let text = format!("https://a.example={server}");
            let refused = text.parse::<RecordSource>().unwrap_err().to_string();
            assert!(refused.contains(reason), "{server}: {refused}");
        }
    }

    #[test]
    fn what_is_asked_is_an_origin() {
        let refused = |text: &str| text.parse::<RecordSource>().unwrap_err().to_string();
        assert!(refused("https://a.example").contains("expected ORIGIN=URL"));
        let path = refused("https://a.example/v1=http://127.0.0.1");
        assert!(path.contains("it has a path"), "{path}");
        let fragment = refused("https://a.example#x=http://127.0.0.1");
        assert!(fragment.contains("it has a fragment"), "{fragment}");
        let any = refused("https://*.example=http://127.0.0.1");
        assert!(any.contains("`*` stands for no host here"), "{any}");
    }
}
