//! One entry of `allowed_outbound_hosts`: what it is made of, and which addresses it lets a component reach
//! (`crates/outbound-networking-config/src/allowed_hosts.rs`).

use std::net::IpAddr;
use std::ops::Range;

use url::{Host, Url};

/// What ends the names under which an app's own components are reached.
pub(crate) const SERVICE_CHAINING: &str = ".spin.internal";

/// What Spin's interfaces speak.
const SCHEMES: [&str; 11] = [
    "https",
    "http",
    "redis",
    "rediss",
    "postgres",
    "postgresql",
    "mysql",
    "mqtt",
    "mqtts",
    "tcp",
    "udp",
];

/// An entry of `allowed_outbound_hosts` without variables: `SCHEME://HOST[:PORT]`, each part may be `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedHost {
    /// None is any.
    scheme: Option<String>,
    host: HostPattern,
    ports: Ports,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum HostPattern {
    Any,
    /// The domain with a dot before it.
    SubdomainOf(String),
    ToSelf,
    Literal(Host),
    /// An address, and how many of its bits count.
    Network(IpAddr, u32),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Ports {
    Any,
    One(u16),
    Within(Range<u16>),
}

impl AllowedHost {
    /// Reads an entry.
    ///
    /// # Errors
    ///
    /// What Spin would say of it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = text.trim();
        let Some((scheme, rest)) = url.split_once("://") else {
            return Err(match url {
                "*" | ":" | "" | "?" => format!("{url:?} is not an allowed outbound host format."),
                _ => format!("{url:?} does not contain a scheme (e.g., 'http://' or '*://')"),
            });
        };
        let (name, port) = match rest.rsplit_once(':') {
            None => (rest, ""),
            Some((name, "")) => (name, ""),
            // A host may hold colons itself: an IPv6 address.
            Some(_) if host(rest).is_ok() => (rest, ""),
            Some((name, tail)) => match tail.split_once('/') {
                Some((_, path)) if !path.is_empty() => {
                    return Err(format!("{url:?} has a path but is not allowed to"));
                }
                Some((port, _)) => (name, port),
                None => (name, tail),
            },
        };
        let ports = ports(port, scheme)
            .map_err(|reason| format!("Invalid allowed host port {port:?}: {reason}"))?;
        let scheme = self::scheme(scheme)
            .map_err(|reason| format!("Invalid allowed host scheme {scheme:?}: {reason}"))?;
        let host =
            host(name).map_err(|reason| format!("Invalid allowed host {name:?}: {reason}"))?;
        Ok(Self {
            scheme,
            host,
            ports,
        })
    }

    /// Whether an entry with the values of its variables is none at all, which is meant: an endpoint that empty variables
    /// switch off.
    pub(crate) fn is_switched_off(resolved: &str) -> bool {
        matches!(resolved, "" | "http://" | "https://")
    }

    /// The scheme; none is any.
    pub fn scheme(&self) -> Option<&str> {
        self.scheme.as_deref()
    }

    /// Whether the host is any at all, any address of a kind, or any name below a domain.
    pub fn is_wildcard(&self) -> bool {
        match &self.host {
            HostPattern::Any => true,
            HostPattern::SubdomainOf(domain) => domain != SERVICE_CHAINING,
            HostPattern::Network(_, bits) => *bits == 0,
            HostPattern::ToSelf | HostPattern::Literal(_) => false,
        }
    }

    /// Whether what is sent there stays on the machine or within the app: the app itself, one of its components, an
    /// address of the loopback network.
    pub fn stays_here(&self) -> bool {
        match &self.host {
            HostPattern::ToSelf => true,
            HostPattern::SubdomainOf(domain) => domain == SERVICE_CHAINING,
            HostPattern::Literal(Host::Domain(domain)) => {
                domain == "localhost"
                    || domain.ends_with(".localhost")
                    || domain.ends_with(SERVICE_CHAINING)
            }
            HostPattern::Literal(Host::Ipv4(address)) => address.is_loopback(),
            HostPattern::Literal(Host::Ipv6(address)) => address.is_loopback(),
            HostPattern::Network(address, bits) => {
                address.is_loopback() && *bits >= if address.is_ipv4() { 8 } else { 128 }
            }
            HostPattern::Any => false,
        }
    }

    /// Whether a text is an address that a component could ask for: `SCHEME://HOST[:PORT]` with one of the schemes that
    /// Spin's interfaces speak, such an address without a scheme, or a path of the app itself.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub(crate) fn check_address(address: &str) -> Result<(), String> {
        if address.starts_with('/') {
            return Ok(());
        }
        if address.is_empty() || address.contains(|c: char| c.is_whitespace() || c == '*') {
            return Err("it is no address of one host".to_owned());
        }
        let url = match address.split_once("://") {
            Some((scheme, _)) if !SCHEMES.contains(&scheme) => {
                return Err(format!(
                    "no interface speaks `{scheme}`: there are {}",
                    SCHEMES.join(", ")
                ));
            }
            Some(_) => Url::parse(address),
            None if address.contains('/') => {
                return Err("it has a path, and no scheme before its host".to_owned());
            }
            None => Url::parse(&format!("https://{address}")),
        };
        url.map(drop).map_err(|error| error.to_string())
    }

    /// `SCHEME://HOST[:PORT]` of an address: what an entry would have to be to allow it. Nothing where it is no address.
    pub(crate) fn origin(address: &str, scheme: &str) -> Option<String> {
        let url = outbound_url(address, scheme)?;
        let host = url.host_str()?;
        let port = url
            .port()
            .map(|port| format!(":{port}"))
            .unwrap_or_default();
        Some(format!("{}://{host}{port}", url.scheme()))
    }

    /// Whether a component may reach an address. `address` is a URL, or what follows `SCHEME://` in one; `components`
    /// are those of the app, which `*.spin.internal` stands for.
    pub fn allows<'a>(
        &self,
        address: &str,
        scheme: &str,
        components: impl IntoIterator<Item = &'a str>,
    ) -> bool {
        let url = outbound_url(address, scheme);
        let host = url.as_ref().and_then(Url::host_str);
        // A path alone is sent to the app itself; some SDKs can only write that as `http://self.alt`. Spin asks neither for
        // the port nor for which of the two schemes it is (`crates/factor-outbound-http/src/wasi.rs`).
        if address.starts_with('/') || host == Some("self.alt") {
            let schemes = ["http", "https"];
            return self.scheme().is_none_or(|it| schemes.contains(&it)) && self.host.is_self();
        }
        let (Some(url), Some(host)) = (&url, host) else {
            return false;
        };
        let scheme = url.scheme();
        if self.scheme().is_some_and(|only| only != scheme) {
            return false;
        }
        self.host.allows(host, components) && self.ports.allows(url.port(), scheme)
    }
}

impl HostPattern {
    /// Whether the app itself is among what it stands for.
    fn is_self(&self) -> bool {
        matches!(self, Self::Any | Self::ToSelf)
    }

    fn allows<'a>(&self, host: &str, components: impl IntoIterator<Item = &'a str>) -> bool {
        let Ok(host) = Host::parse(host) else {
            return false;
        };
        match (self, &host) {
            (Self::Any, _) => true,
            (Self::ToSelf, _) => false,
            (Self::SubdomainOf(suffix), Host::Domain(domain)) if suffix == SERVICE_CHAINING => {
                let name = domain.strip_suffix(SERVICE_CHAINING);
                name.is_some_and(|name| components.into_iter().any(|id| id == name))
            }
            (Self::SubdomainOf(suffix), Host::Domain(domain)) => domain.ends_with(suffix.as_str()),
            (Self::SubdomainOf(_), _) => false,
            (Self::Literal(literal), host) => literal == host,
            (Self::Network(network, bits), Host::Ipv4(address)) => {
                is_within(IpAddr::V4(*address), *network, *bits)
            }
            (Self::Network(network, bits), Host::Ipv6(address)) => {
                is_within(IpAddr::V6(*address), *network, *bits)
            }
            (Self::Network(..), Host::Domain(_)) => false,
        }
    }
}

impl Ports {
    fn allows(&self, port: Option<u16>, scheme: &str) -> bool {
        let port = port.or_else(|| well_known_port(scheme));
        match (self, port) {
            (Self::Any, _) => true,
            (Self::One(only), Some(port)) => *only == port,
            (Self::Within(range), Some(port)) => range.contains(&port),
            (_, None) => false,
        }
    }
}

/// An address as Spin understands it: a URL, or one without its scheme. What stands before an `@` does not matter here,
/// and may hold what no URL can.
fn outbound_url(address: &str, scheme: &str) -> Option<Url> {
    let start = address.find("://").map_or(0, |end| end + 3);
    let end = address[start..]
        .find('/')
        .map_or(address.len(), |path| start + path);
    let without_user = match address[start..end].rfind('@') {
        Some(at) => format!("{}{}", &address[..start], &address[start + at + 1..]),
        None => address.to_owned(),
    };
    match Url::parse(&without_user) {
        Ok(url) if url.has_host() => Some(url),
        _ => Url::parse(&format!("{scheme}://{without_user}")).ok(),
    }
}

fn is_within(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    // The bits that differ, from the first; addresses of two kinds have none in common.
    let same = match (address, network) {
        (IpAddr::V4(one), IpAddr::V4(other)) => (one.to_bits() ^ other.to_bits()).leading_zeros(),
        (IpAddr::V6(one), IpAddr::V6(other)) => (one.to_bits() ^ other.to_bits()).leading_zeros(),
        _ => return false,
    };
    same >= bits
}

fn well_known_port(scheme: &str) -> Option<u16> {
    Some(match scheme {
        "postgres" => 5432,
        "mysql" => 3306,
        "redis" => 6379,
        "mqtt" => 1883,
        "http" => 80,
        "https" => 443,
        _ => return None,
    })
}

fn scheme(scheme: &str) -> Result<Option<String>, String> {
    if scheme == "*" {
        return Ok(None);
    }
    if scheme.starts_with('{') {
        return Err("scheme lists are not supported".to_owned());
    }
    if scheme.chars().any(|c| !c.is_alphabetic()) {
        return Err("only alphabetic characters are allowed".to_owned());
    }
    Ok(Some(scheme.to_owned()))
}

fn ports(port: &str, scheme: &str) -> Result<Ports, String> {
    let number = |text: &str, what: &str| text.parse::<u16>().map_err(|_| what.to_owned());
    if port.is_empty() {
        return well_known_port(scheme).map(Ports::One).ok_or_else(|| {
            format!(
                "no port was provided and the scheme {scheme:?} does not have a known default port number"
            )
        });
    }
    if port == "*" {
        return Ok(Ports::Any);
    }
    if port.starts_with('{') {
        return Err("port lists are not yet supported".to_owned());
    }
    if let Some((start, end)) = port.split_once("..") {
        let what = format!("port range {port:?} contains non-number");
        return Ok(Ports::Within(number(start, &what)?..number(end, &what)?));
    }
    number(port, &format!("port {port:?} is not a number")).map(Ports::One)
}

fn host(host: &str) -> Result<HostPattern, String> {
    let host = host.trim();
    match host {
        "*" => return Ok(HostPattern::Any),
        "self" | "self.alt" => return Ok(HostPattern::ToSelf),
        _ => {}
    }
    if let Some((address, bits)) = network(host) {
        return Ok(HostPattern::Network(address, bits));
    }
    if host.starts_with('{') {
        return Err("host lists are not yet supported".to_owned());
    }
    let host = host.strip_suffix('/').unwrap_or(host);
    if host.contains('/') {
        return Err("must not include a path".to_owned());
    }
    if let Some(domain) = host.strip_prefix("*.") {
        if domain.contains('*') {
            return Err("wildcards are allowed only as prefixes".to_owned());
        }
        return match Host::parse(domain) {
            Ok(Host::Domain(domain)) => Ok(HostPattern::SubdomainOf(format!(".{domain}"))),
            Ok(_) => Err("wildcard suffix must be a domain".to_owned()),
            Err(error) => Err(format!("invalid wildcard host \"*.{domain}\": {error}")),
        };
    }
    if host.contains('*') {
        return Err("wildcards are allowed only as subdomains".to_owned());
    }
    Host::parse(host)
        .map(HostPattern::Literal)
        .map_err(|error| error.to_string())
}

/// An IP address, or a network in CIDR notation, with the number of bits that count.
fn network(host: &str) -> Option<(IpAddr, u32)> {
    let (address, bits) = host
        .split_once('/')
        .map_or((host, None), |(address, bits)| (address, Some(bits)));
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let bits = match bits {
        None => most,
        Some(bits) => u32::from(bits.parse::<u8>().ok()?),
    };
    (bits <= most).then_some((address, bits))
}

/// Whether it is an IP address, or a network in CIDR notation.
pub(crate) fn is_network(host: &str) -> bool {
    network(host).is_some()
}

#[cfg(test)]
mod tests;
