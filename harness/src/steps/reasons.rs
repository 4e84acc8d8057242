//! Why a response may be other than expected, as far as the harness knows: traps, bounds, what was denied.

use super::World;
use super::world::quoted;
use crate::app::{GrantKind, nearest};
use crate::audit;
use crate::sandbox::{Call, Destination, Session};
use crate::trigger::Response;
use std::collections::BTreeSet;

/// Each reason in a line or several, those of the responses first.
pub(super) fn reasons(world: &World) -> Vec<String> {
    let mut reasons: Vec<String> = Vec::new();
    let mut add = |reason: String| {
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    };
    for response in world.responses() {
        if let Some(reason) = of_response(response) {
            add(reason);
        }
    }
    if let Some(session) = world.started() {
        session.with_journal(|journal| {
            for call in journal.calls().iter().skip(world.calls_before) {
                if let Some((kind, name)) = audit::denied(session, call) {
                    add(denial(session, call, kind, &name));
                }
            }
        });
    }
    reasons
}

/// What went wrong with one response.
pub(super) fn of_response(response: &Response) -> Option<String> {
    match (response.problem(), response.is_cut()) {
        (Some(problem), _) => Some(problem.to_owned()),
        (None, true) => Some("the response was cut off before its body ended".to_owned()),
        (None, false) => None,
    }
}

/// A component was refused what it is not granted, or a dependency of it what it does not inherit.
fn denial(session: &Session, call: &Call, kind: GrantKind, name: &str) -> String {
    let component = &call.component;
    let what = match kind {
        GrantKind::KeyValueStore => "store",
        kind => kind.name(),
    };
    if let Some(dependency) = &call.denied_to {
        let name = match name {
            "" => String::new(),
            name => format!(" \"{name}\""),
        };
        let field = kind.field();
        return format!(
            "dependency \"{dependency}\" of component \"{component}\" was denied the {what}{name}: it does not inherit \
             `{field}`; to let it, add \"{field}\" to its `inherit_configuration`"
        );
    }
    let denied = format!("component \"{component}\" was denied the {what} \"{name}\"");
    if kind == GrantKind::OutboundHost
        && let Some(advice) = no_such_component(session, name)
    {
        return format!("{denied}: {advice}");
    }
    if kind == GrantKind::OutboundHost && name.split("://").nth(1) == Some("self") {
        return format!(
            "{denied}: `http://self` is a grant and no address; the app itself is sent to by a path alone, such as `/x`, or by \
             `http://self.alt/x`"
        );
    }
    if session.options().grants.get(component, kind).is_some() {
        return format!(
            "{denied}: this scenario's `Given component \"{component}\" may use …` does not list it"
        );
    }
    format!(
        "{denied}: the manifest does not grant it; to grant it, add \"{name}\" to `{}` of component \"{component}\"",
        kind.field()
    )
}

/// What is wrong with a host that stands for a component of the app where no HTTP trigger names such a one: no grant
/// would help, and a wildcard stands only for those that there are.
fn no_such_component(session: &Session, host: &str) -> Option<String> {
    let Some(Destination::Component(id)) = Destination::of(host) else {
        return None;
    };
    let known: BTreeSet<&str> = session.app().called_by_name().collect();
    if known.contains(&*id) || session.app().manifest().component(&id).is_some() {
        return None;
    }
    let there_are = format!(
        "those with an HTTP trigger are {}",
        quoted(known.iter().copied())
    );
    let advice = match nearest(&id, known.iter().copied()) {
        Some(near) => format!("did you mean \"{near}\"? {there_are}"),
        None => there_are,
    };
    Some(format!("the app has no component \"{id}\"; {advice}"))
}
