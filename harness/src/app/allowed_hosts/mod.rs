//! Reads `allowed_outbound_hosts`, and turns the old `allowed_http_hosts` into it (`crates/manifest/src/compat.rs`).

use url::{Host, Url};

use super::document::{Fields, Located};
use super::problem::{Problem, Report, Span};
use super::template::Template;

/// The hosts of a component, both fields together. Version 1 without the new field opens the databases.
pub(crate) fn read(
    report: &Report,
    fields: &Fields<'_>,
    version_1: bool,
    spans: &mut Vec<Span>,
) -> Vec<String> {
    let entry = fields.entry("allowed_outbound_hosts");
    let hosts = fields.strings("allowed_outbound_hosts");
    check(report, &hosts);
    spans.extend(hosts.iter().map(|host| host.span.clone()));
    let mut allowed: Vec<String> = hosts.into_iter().map(|host| host.value).collect();
    if version_1 && entry.is_none() {
        allowed.extend(["redis://*:*", "mysql://*:*", "postgres://*:*"].map(str::to_owned));
    }
    let old_entry = fields.entry("allowed_http_hosts");
    let converted = convert(report, &fields.strings("allowed_http_hosts"));
    if let Some(old) = old_entry
        && !version_1
        && !converted.is_empty()
    {
        let text = format!(
            "Use of the deprecated field `allowed_http_hosts` - to fix, replace `allowed_http_hosts` with `allowed_outbound_hosts = {converted:?}`"
        );
        report.add(
            old.key_span(),
            Problem::warning("app::deprecated", text).labelled("deprecated"),
        );
    }
    allowed.extend(converted);
    allowed
}

fn convert(report: &Report, hosts: &[Located<String>]) -> Vec<String> {
    if hosts.iter().any(|host| host.value == "insecure:allow-all") {
        return ["http://*:*", "https://*:*", "http://self"]
            .map(str::to_owned)
            .to_vec();
    }
    let mut converted = Vec::new();
    for host in hosts {
        match http_host(&host.value) {
            Ok((name, _)) if name == "self" => converted.push("http://self".to_owned()),
            Ok((name, port)) => {
                let port = port.map(|port| format!(":{port}")).unwrap_or_default();
                converted.extend([
                    format!("http://{name}{port}"),
                    format!("https://{name}{port}"),
                ]);
            }
            Err(reason) => report.add(
                host.span.clone(),
                Problem::error(
                    "app::bad_host",
                    format!("One or more allowed_http_hosts entries was invalid:\n{reason}"),
                )
                .labelled("not a host"),
            ),
        }
    }
    converted
}

fn http_host(text: &str) -> Result<(String, Option<u16>), String> {
    let not_a_host = || format!("{text} isn't a valid host or host:port string");
    let url = if text.contains("//") {
        let url = Url::parse(text)
            .map_err(|error| format!("{text} isn't a valid HTTP host URL: {error}"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(not_a_host());
        }
        url
    } else {
        Url::parse(&format!("http://{text}")).map_err(|_| not_a_host())?
    };
    let host = url
        .host_str()
        .ok_or_else(|| format!("{text} doesn't contain a host name"))?;
    if url.path().len() > 1 {
        return Err(format!(
            "{text} contains a path, should be host and optional port only"
        ));
    }
    Ok((host.to_owned(), url.port()))
}

/// Checks what can be checked without values for variables (`crates/outbound-networking-config/src/allowed_hosts.rs`).
fn check(report: &Report, hosts: &[Located<String>]) {
    if let [only] = hosts
        && only.value == "insecure:allow-all"
    {
        let text = "'insecure:allow-all' is not allowed - use '*://*:*' instead if you really want to allow all outbound traffic'";
        report.add(
            only.span.clone(),
            Problem::error("app::bad_host", text).labelled("not a host"),
        );
        return;
    }
    for host in hosts {
        let problem = match Template::parse(&host.value) {
            Err(reason) => Some(format!("invalid variable template: {reason}")),
            Ok(template) if template.is_literal() => check_host(&host.value).err(),
            Ok(_) => None,
        };
        if let Some(reason) = problem {
            report.add(
                host.span.clone(),
                Problem::error("app::bad_host", reason)
                    .labelled("not a host")
                    .help("hosts are written SCHEME://HOST[:PORT], each part may be `*`"),
            );
        }
    }
}

/// Checks a host with variables in it, as far as their defaults go. Without all of them nothing can be said.
pub(crate) fn check_with_defaults<'a>(
    report: &Report,
    host: &str,
    span: &Span,
    default: impl Fn(&str) -> Option<&'a str>,
) {
    let Ok(template) = Template::parse(host) else {
        return;
    };
    if template.is_literal() {
        return;
    }
    let Ok(resolved) = template.resolve(|name| default(name).map(str::to_owned).ok_or(())) else {
        return;
    };
    // An endpoint that is switched off by an empty variable.
    if matches!(resolved.as_str(), "" | "http://" | "https://") {
        return;
    }
    if let Err(reason) = check_host(&resolved) {
        let text = format!(
            "using default variable value(s) with template {:?} results in invalid config {resolved:?}: {reason}",
            template.to_string()
        );
        report.add(
            span.clone(),
            Problem::error("app::bad_host", text).labelled("not a host with these defaults"),
        );
    }
}

fn check_host(host: &str) -> Result<(), String> {
    let url = host.trim();
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
        Some(_) if check_name(rest).is_ok() => (rest, ""),
        Some((name, tail)) => match tail.split_once('/') {
            Some((_, path)) if !path.is_empty() => {
                return Err(format!("{url:?} has a path but is not allowed to"));
            }
            Some((port, _)) => (name, port),
            None => (name, tail),
        },
    };
    check_port(port, scheme)
        .map_err(|reason| format!("Invalid allowed host port {port:?}: {reason}"))?;
    check_scheme(scheme)
        .map_err(|reason| format!("Invalid allowed host scheme {scheme:?}: {reason}"))?;
    check_name(name).map_err(|reason| format!("Invalid allowed host {name:?}: {reason}"))
}

fn check_scheme(scheme: &str) -> Result<(), String> {
    if scheme == "*" {
        return Ok(());
    }
    if scheme.starts_with('{') {
        return Err("scheme lists are not supported".to_owned());
    }
    if scheme.chars().any(|c| !c.is_alphabetic()) {
        return Err("only alphabetic characters are allowed".to_owned());
    }
    Ok(())
}

fn check_port(port: &str, scheme: &str) -> Result<(), String> {
    let number =
        |text: &str, what: &str| text.parse::<u16>().map(drop).map_err(|_| what.to_owned());
    if port.is_empty() {
        return match scheme {
            "postgres" | "mysql" | "redis" | "mqtt" | "http" | "https" => Ok(()),
            _ => Err(format!(
                "no port was provided and the scheme {scheme:?} does not have a known default port number"
            )),
        };
    }
    if port == "*" {
        return Ok(());
    }
    if port.starts_with('{') {
        return Err("port lists are not yet supported".to_owned());
    }
    if let Some((start, end)) = port.split_once("..") {
        let what = format!("port range {port:?} contains non-number");
        return number(start, &what).and_then(|()| number(end, &what));
    }
    number(port, &format!("port {port:?} is not a number"))
}

fn check_name(host: &str) -> Result<(), String> {
    let host = host.trim();
    if matches!(host, "*" | "self" | "self.alt") || is_network(host) {
        return Ok(());
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
            Ok(Host::Domain(_)) => Ok(()),
            Ok(_) => Err("wildcard suffix must be a domain".to_owned()),
            Err(error) => Err(format!("invalid wildcard host \"*.{domain}\": {error}")),
        };
    }
    if host.contains('*') {
        return Err("wildcards are allowed only as subdomains".to_owned());
    }
    Host::parse(host)
        .map(drop)
        .map_err(|error| error.to_string())
}

/// Whether it is an IP address, or a network in CIDR notation.
pub(crate) fn is_network(host: &str) -> bool {
    let (address, bits) = host
        .split_once('/')
        .map_or((host, None), |(address, bits)| (address, Some(bits)));
    let Ok(address) = address.parse::<std::net::IpAddr>() else {
        return false;
    };
    let most = if address.is_ipv4() { 32 } else { 128 };
    bits.is_none_or(|bits| bits.parse::<u8>().is_ok_and(|bits| bits <= most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_have_a_scheme_a_name_and_a_port() {
        for good in [
            "http://example.com",
            "https://*.example.com:443",
            "*://*:*",
            "redis://localhost",
            "http://self",
            "http://self.alt",
            "http://[::1]:8080",
            "http://127.0.0.1:8000..9000",
            "tcp://10.0.0.0/8:1234",
            "http://api.spin.internal",
            "http://example.com/",
        ] {
            assert_eq!(check_host(good), Ok(()), "{good}");
        }
        for (bad, why) in [
            (
                "example.com",
                "\"example.com\" does not contain a scheme (e.g., 'http://' or '*://')",
            ),
            (
                "http://a/b:80",
                "Invalid allowed host \"a/b\": must not include a path",
            ),
            (
                "http://a:80/b",
                "\"http://a:80/b\" has a path but is not allowed to",
            ),
            (
                "http://a:x",
                "Invalid allowed host port \"x\": port \"x\" is not a number",
            ),
            (
                "tcp://a",
                "Invalid allowed host port \"\": no port was provided and the scheme \"tcp\" does not have a known default port number",
            ),
            (
                "h2://a:1",
                "Invalid allowed host scheme \"h2\": only alphabetic characters are allowed",
            ),
            (
                "http://a.*.b",
                "Invalid allowed host \"a.*.b\": wildcards are allowed only as subdomains",
            ),
        ] {
            assert_eq!(check_host(bad), Err(why.to_owned()), "{bad}");
        }
    }

    #[test]
    fn old_hosts_become_two_urls() {
        assert_eq!(
            http_host("example.com:8080"),
            Ok(("example.com".to_owned(), Some(8080)))
        );
        assert_eq!(
            http_host("https://example.com/"),
            Ok(("example.com".to_owned(), None))
        );
        assert_eq!(
            http_host("a/b"),
            Err("a/b contains a path, should be host and optional port only".to_owned())
        );
        assert_eq!(
            http_host("ftp://a"),
            Err("ftp://a isn't a valid host or host:port string".to_owned())
        );
    }
}
