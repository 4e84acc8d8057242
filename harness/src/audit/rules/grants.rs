//! Grants against imports: what is granted and could not be used, and what is imported and not granted.

use super::{Code, Finding, Subject};
use crate::app::{
    AllowedHost, Component, ComponentSource, DependencyTarget, GrantKind, Template, is_label,
};
use crate::audit::{AuditedComponent, AuditedDependency, BinaryError, Reach, Service};

pub(super) fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (component, audited) in subject.components() {
        match &audited.binary {
            Ok(_) => {}
            Err(reason) => found.extend(unreadable(subject, component, audited, reason)),
        }
        unused(subject, component, audited, &mut found);
        if is_only_a_dependency(subject, component) {
            // Spin refuses grants of its own; what it may do is said where it is used.
            continue;
        }
        if let Some(why) = &audited.reach.unproven {
            found.push(subject.at_component(
                component,
                Code::WholeWorldImport,
                format!(
                    "the imports of component \"{}\" prove nothing: {why}",
                    component.id
                ),
                "observe what it really uses: `spin-harness test --audit`",
            ));
        } else {
            for (service, interfaces) in ungranted(&audited.reach, audited) {
                let id = &component.id;
                let message = format!(
                    "component \"{id}\" imports {interfaces}, and {}",
                    nothing_granted(service)
                );
                let help = how_to_grant(service, "drop the import");
                let why = what_happens(service);
                let finding = subject.at_component(component, Code::UngrantedImport, message, help);
                found.push(finding.because(why));
            }
        }
        for dependency in &audited.dependencies {
            of_dependency(component, dependency, &mut found);
        }
    }
    found
}

/// What a component imports and is not granted, with the interfaces.
fn ungranted<'a>(
    reach: &'a Reach,
    audited: &'a AuditedComponent,
) -> impl Iterator<Item = (Service, String)> + 'a {
    reach.services.iter().filter_map(move |(service, imports)| {
        let kind = service.grant();
        let granted = audited.grants.iter().any(|grant| {
            grant.kind == kind
                && (kind != GrantKind::OutboundHost || service.can_use_host(&grant.name))
        });
        let proof = service.import_means_use() && !reach.is_imported_anyway(*service);
        (proof && !granted).then(|| (*service, imports.join(", ")))
    })
}

fn nothing_granted(service: Service) -> String {
    match service.grant() {
        GrantKind::OutboundHost => format!(
            "no entry of `allowed_outbound_hosts` is for {}",
            service.name()
        ),
        GrantKind::Variable => "has no variables".to_owned(),
        kind => format!("is granted no {kind}"),
    }
}

/// What a component meets that tries all the same.
fn what_happens(service: Service) -> &'static str {
    match service.grant() {
        GrantKind::KeyValueStore | GrantKind::SqliteDatabase => {
            "whatever the component tries through it is refused: every open answers access-denied"
        }
        GrantKind::AiModel => "whatever the component asks is refused: no model is allowed",
        GrantKind::OutboundHost => {
            "whatever the component sends is refused: no host that it speaks to is allowed"
        }
        _ => "whatever the component asks for is undefined",
    }
}

/// Whether no trigger runs a component, and others depend on it.
fn is_only_a_dependency(subject: &Subject<'_>, component: &Component) -> bool {
    let id = &component.id;
    let mut triggers = subject.manifest.triggers.iter();
    let is_run = triggers.any(|trigger| {
        let mut others = trigger.components.values().flatten();
        trigger.component.as_ref() == Some(id) || others.any(|other| other == id)
    });
    let mut dependencies = subject
        .manifest
        .components
        .iter()
        .flat_map(|it| &it.dependencies)
        .chain(subject.manifest.middleware().map(|(_, it)| it));
    let is_used = dependencies
        .any(|it| matches!(&it.target, DependencyTarget::Component(target) if target == id));
    !is_run && is_used
}

fn how_to_grant(service: Service, or: &str) -> String {
    let example = match service {
        Service::KeyValue => "key_value_stores = [\"default\"]",
        Service::Sqlite => "sqlite_databases = [\"default\"]",
        Service::Llm => "ai_models = [\"MODEL\"]",
        Service::Redis => "allowed_outbound_hosts = [\"redis://HOST\"]",
        Service::Postgres => "allowed_outbound_hosts = [\"postgres://HOST\"]",
        Service::Mysql => "allowed_outbound_hosts = [\"mysql://HOST\"]",
        Service::Mqtt => "allowed_outbound_hosts = [\"mqtt://HOST\"]",
        Service::Sockets => "allowed_outbound_hosts = [\"tcp://HOST:PORT\"]",
        Service::Variables => "variables = { NAME = \"{{ NAME }}\" }",
        _ => "allowed_outbound_hosts = [\"https://HOST\"]",
    };
    format!("grant what it needs, such as `{example}`, or {or}")
}

fn unused(
    subject: &Subject<'_>,
    component: &Component,
    audited: &AuditedComponent,
    found: &mut Vec<Finding>,
) {
    for grant in &audited.grants {
        // Hosts that stand for other fields have no place, and those fields have findings of their own.
        let Some(place) = &grant.place else { continue };
        if grant.usable != Some(false) || !is_sound(grant.kind, &grant.name) {
            continue;
        }
        // A dependency that does not inherit it could: that has a finding of its own.
        let mut dependencies = audited.dependencies.iter();
        if dependencies.any(|it| it.reach.can_use(grant.kind, &grant.name)) {
            continue;
        }
        let (id, kind, name) = (&component.id, grant.kind, &grant.name);
        let message = format!(
            "component \"{id}\" has the {kind} \"{name}\", and imports nothing that could use it"
        );
        let field = subject.field(kind);
        let help = format!("take \"{name}\" out of `{field}`");
        let mut finding = Finding::new(Code::UnusedGrant, message, help).of(id);
        finding.place = Some(place.clone());
        found.push(finding);
    }
}

/// Whether a grant is one at all: a host or label that Spin refuses has been told.
fn is_sound(kind: GrantKind, name: &str) -> bool {
    match kind {
        GrantKind::KeyValueStore | GrantKind::SqliteDatabase => is_label(name),
        GrantKind::OutboundHost => {
            AllowedHost::parse(name).is_ok()
                || Template::parse(name).is_ok_and(|template| !template.is_literal())
        }
        _ => true,
    }
}

/// What a dependency imports and does not inherit is denied to it (`dependencies_inherit_configuration`).
fn of_dependency(component: &Component, dependency: &AuditedDependency, found: &mut Vec<Finding>) {
    if dependency.reach.unproven.is_some() {
        return;
    }
    for (service, imports) in &dependency.reach.services {
        let kind = service.grant();
        if !service.import_means_use() || dependency.inherits.includes(kind) {
            continue;
        }
        let message = format!(
            "the dependency \"{}\" of component \"{}\" imports {}, and does not inherit `{}`",
            dependency.name,
            component.id,
            imports.join(", "),
            kind.field()
        );
        let help = format!(
            "if it is to have it, write `inherit_configuration = [\"{}\"]`",
            kind.field()
        );
        let mut finding = Finding::new(Code::UngrantedImport, message, help).of(&component.id);
        finding.place = Some(dependency.place.clone());
        found.push(finding);
    }
}

/// Code that is not there, or is none. Of code that Spin downloads nothing can be said, and nothing is wrong.
fn unreadable(
    subject: &Subject<'_>,
    component: &Component,
    audited: &AuditedComponent,
    reason: &BinaryError,
) -> Option<Finding> {
    let ComponentSource::LocalPath(path) = &component.source else {
        return None;
    };
    if *path == subject.manifest.root {
        // The reader's own word for a source that it could not read, which it has told.
        return None;
    }
    let (id, source) = (&component.id, &audited.source);
    let is_missing = matches!(reason, BinaryError::Missing);
    let (code, help) = match (is_missing, &component.build) {
        (false, _) => (
            Code::UnreadableComponent,
            "build it again, or point `source` to what the build makes",
        ),
        (true, Some(_)) => (Code::MissingComponent, "build it: `spin build`"),
        (true, None) => (
            Code::MissingComponent,
            "correct `source`, or say how it is built: `build.command`",
        ),
    };
    let message = format!("the code of component \"{id}\" is {source}: {reason}");
    let finding = Finding::new(code, message, help).of(id);
    Some(finding.at(&subject.manifest.source, &component.spans.source))
}
