//! Why a response may be other than expected, as far as the harness knows: traps, bounds, denied stores.

use super::World;
use crate::app::GrantKind;
use crate::audit::is_denial;
use crate::sandbox::{Call, Session};
use crate::trigger::Response;

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
                if is_denial(call) {
                    add(denial(session, call));
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

fn denial(session: &Session, call: &Call) -> String {
    let (component, store) = (&call.component, &call.store);
    let instead = &session.options().grants;
    if instead.get(component, GrantKind::KeyValueStore).is_some() {
        return format!(
            "component \"{component}\" was denied the store \"{store}\": this scenario's `Given component \"{component}\" \
             may use …` does not list it"
        );
    }
    format!(
        "component \"{component}\" was denied the store \"{store}\": the manifest does not grant it; to grant it, add \
         \"{store}\" to `key_value_stores` of component \"{component}\""
    )
}
