//! Outbound hosts: those that stand for any, and those that are spoken to in the clear.

use super::{Code, Finding, Subject};
use crate::app::{AllowedHost, Component, GrantKind, Template};
use crate::audit::AuditedComponent;

pub(super) fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (component, audited) in subject.components() {
        for (host, span) in component.grants(GrantKind::OutboundHost) {
            // Hosts with variables in them are judged by the defaults, where all of them have one; others that are none
            // have been told.
            let Some(parsed) = by_defaults(subject, &host) else {
                continue;
            };
            let Some(span) = span else { continue };
            let id = &component.id;
            if parsed.is_wildcard() {
                let message = format!("component \"{id}\" may reach any host that fits \"{host}\"");
                let help = "name the hosts that it needs";
                let finding = Finding::new(Code::WildcardHost, message, help).of(id);
                found.push(finding.at(&subject.manifest.source, &span));
            }
            let is_plain = parsed.scheme() == Some("http");
            let is_any = parsed.scheme().is_none() && !parsed.is_wildcard();
            if (is_plain || is_any) && !parsed.stays_here() {
                let message = format!("component \"{id}\" may reach \"{host}\" without encryption");
                let help = match host.split_once("://") {
                    Some(("http" | "*", rest)) => {
                        format!("write `https://{rest}`, or the scheme that it speaks")
                    }
                    _ => "give the variable a value with `https://`".to_owned(),
                };
                let finding = Finding::new(Code::PlainHttpHost, message, help).of(id);
                found.push(finding.at(&subject.manifest.source, &span));
            }
        }
        found.extend(implied(subject, component, audited));
    }
    found
}

/// A host, with the defaults of the variables in it.
fn by_defaults(subject: &Subject<'_>, host: &str) -> Option<AllowedHost> {
    let variables = &subject.manifest.variables;
    let default = |name: &str| {
        variables
            .get(name)
            .and_then(|it| it.default.clone())
            .ok_or(())
    };
    let resolved = Template::parse(host).ok()?.resolve(default).ok()?;
    AllowedHost::parse(&resolved).ok()
}

/// Wildcards that nobody wrote: those of `allowed_http_hosts = ["insecure:allow-all"]`, and those that version 1 grants to
/// who says nothing (`crates/manifest/src/compat.rs`). Told only where the component could use them.
fn implied(
    subject: &Subject<'_>,
    component: &Component,
    audited: &AuditedComponent,
) -> Option<Finding> {
    let hosts = component.grants(GrantKind::OutboundHost);
    let implied: Vec<&str> = hosts
        .iter()
        .filter(|(_, span)| span.is_none())
        .map(|(host, _)| host.as_str())
        .filter(|host| AllowedHost::parse(host).is_ok_and(|host| host.is_wildcard()))
        .filter(|host| audited.can_use(GrantKind::OutboundHost, host) == Some(true))
        .collect();
    if implied.is_empty() {
        return None;
    }
    let message = format!(
        "component \"{}\" may reach any host that fits {}, though no `allowed_outbound_hosts` says so",
        component.id,
        super::quoted(implied)
    );
    let help = "write `allowed_outbound_hosts` with the hosts that it needs";
    Some(subject.at_component(component, Code::WildcardHost, message, help))
}
