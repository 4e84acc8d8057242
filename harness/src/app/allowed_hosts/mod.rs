//! Reads `allowed_outbound_hosts`, and turns the old `allowed_http_hosts` into it (`crates/manifest/src/compat.rs`).

mod pattern;

pub use pattern::AllowedHost;
pub(crate) use pattern::is_network;

use url::Url;

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
            Problem::warning("app::deprecated", text)
                .labelled("deprecated")
                .help(format!(
                    "write `allowed_outbound_hosts = {converted:?}` in its place"
                )),
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
            Ok(template) if template.is_literal() => AllowedHost::parse(&host.value).err(),
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
    if AllowedHost::is_switched_off(&resolved) {
        return;
    }
    if let Err(reason) = AllowedHost::parse(&resolved) {
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

#[cfg(test)]
mod tests {
    use super::*;

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
