//! Addresses of a real MySQL: on this machine, without TLS, with a database.

use crate::sandbox::rdbms::DatabaseServer;
use crate::sandbox::rdbms::real::RealServerError;
use crate::value::without_secrets;
use mysql_async::{Opts, OptsBuilder, UrlError};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::{Host, Url};

/// The options by which Spin asks for TLS (`is_ssl_param` in `crates/factor-outbound-mysql/src/client.rs`).
const TLS: [&str; 2] = ["ssl-mode", "sslmode"];

/// Reads an address of a server.
pub(in super::super) fn address(url: &str) -> Result<Opts, RealServerError> {
    let server = DatabaseServer::MySql;
    let shown = without_secrets(url);
    let bad = |reason: &str| RealServerError::BadUrl {
        server,
        url: shown.clone(),
        reason: reason.to_owned(),
    };
    let mut address = Url::parse(url).map_err(|error| bad(&error.to_string()))?;
    if address.scheme() != "mysql" {
        return Err(bad(&format!("its scheme is `{}`", address.scheme())));
    }
    let is_of_tls = |name: &str| TLS.contains(&name.to_lowercase().as_str());
    let options: Vec<(String, String)> = address.query_pairs().into_owned().collect();
    let tls = options.iter().find(|(name, _)| is_of_tls(name));
    if tls.is_some_and(|(_, mode)| mode.to_lowercase() != "disabled") {
        return Err(RealServerError::Tls { server, url: shown });
    }
    address.set_query(None);
    let others = options.iter().filter(|(name, _)| !is_of_tls(name));
    address.query_pairs_mut().extend_pairs(others);
    let hosts = on_this_machine(&address).ok_or_else(|| {
        bad(
            "its host is not this machine, and tests never reach the network; run or forward the server here, and name it by \
             127.0.0.1, [::1] or localhost",
        )
    })?;
    let options = Opts::from_url(address.as_str()).map_err(|error| bad(reason(&error)))?;
    if options.ssl_opts().is_some() {
        return Err(RealServerError::Tls { server, url: shown });
    }
    if options.socket().is_some() {
        return Err(bad(
            "it names a socket; the server is reached by host and port",
        ));
    }
    if options.db_name().is_none() {
        return Err(bad("it names no database"));
    }
    let options = OptsBuilder::from_opts(options)
        .resolved_ips(Some(hosts))
        .prefer_socket(false);
    Ok(options.into())
}

/// Where the server listens, if that is loopback and nothing else. No name is looked up: that would be a use of the network.
fn on_this_machine(address: &Url) -> Option<Vec<IpAddr>> {
    // The scheme is none of the web's, so that no host was read as an address yet.
    let host = Host::parse(address.host_str()?).ok()?;
    let hosts: Vec<IpAddr> = match host {
        Host::Ipv4(host) => vec![host.into()],
        Host::Ipv6(host) => vec![host.into()],
        Host::Domain(name) if name == "localhost" => {
            vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]
        }
        Host::Domain(_) => Vec::new(),
    };
    (!hosts.is_empty() && hosts.iter().all(IpAddr::is_loopback)).then_some(hosts)
}

/// Why the client cannot read one. What it says of options is left out: they may be part of a password.
fn reason(error: &UrlError) -> &'static str {
    match error {
        UrlError::UnknownParameter { .. } => "it has an option that the client does not know",
        UrlError::InvalidParamValue { .. } => {
            "it has an option with a value that the client does not take"
        }
        UrlError::FeatureRequired { .. } => "it has an option that spin-harness does not offer",
        _ => "the client cannot read it",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_reached() {
        for (url, port) in [
            ("mysql://u:p@127.0.0.1:3307/shop", 3307),
            ("mysql://u@localhost/shop?ssl-mode=DISABLED", 3306),
            ("mysql://u@[::1]/shop", 3306),
            ("mysql://u@127.9.9.9/shop?pool_max=10", 3306),
        ] {
            let options = address(url).unwrap();
            let hosts = options.resolved_ips().clone().unwrap();
            assert!(hosts.iter().all(IpAddr::is_loopback), "{hosts:?}");
            assert_eq!(
                (options.tcp_port(), options.db_name()),
                (port, Some("shop"))
            );
            assert!(!options.prefer_socket());
        }
        for host in [
            "db.example.com",
            "10.0.0.7",
            "[::ffff:10.0.0.7]",
            "0.0.0.0",
            "localhost.example.com",
        ] {
            let error = address(&format!("mysql://u:secret@{host}/shop")).unwrap_err();
            let text = error.to_string();
            assert!(text.contains("its host is not this machine"), "{text}");
            assert!(!text.contains("secret"), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_told_without_what_may_be_secret() {
        for (url, why) in [
            ("mysql://u:secret@localhost", "it names no database"),
            ("mysql://u:secret@localhost/", "it names no database"),
            ("localhost", "relative URL without a base"),
            (
                "mysql://localhost/shop?secret=1",
                "an option that the client does not know",
            ),
            ("mysql://localhost/shop?pool_max=secret", "does not take"),
            ("mysql://localhost/shop?socket=/secret", "it names a socket"),
            (
                "postgres://u:secret@localhost/shop",
                "its scheme is `postgres`",
            ),
            (
                "mysql://localhost/shop?sslMode=secret",
                "does not speak TLS",
            ),
            (
                "mysql://localhost/shop?require_ssl=true",
                "does not speak TLS",
            ),
        ] {
            let text = address(url).unwrap_err().to_string();
            assert!(text.contains(why), "{text}");
            assert!(!text.contains("secret"), "{text}");
        }
    }
}
