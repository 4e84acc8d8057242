//! What follows from what scenarios did: attempts that were denied, and grants that nobody used.

use super::{Code, Finding};
use crate::app::GrantKind;
use crate::audit::{Audit, AuditedGrant, Observed};
use crate::value::times;

pub(in crate::audit) fn observed(audit: &Audit, observed: &Observed) -> Vec<Finding> {
    let mut found = Vec::new();
    let denied = observed.uses().filter(|(.., one)| one.denied > 0);
    for (id, kind, name, one) in denied {
        let message = format!(
            "component \"{id}\" was denied the {kind} \"{name}\" {}",
            times(one.denied)
        );
        let help = match kind {
            GrantKind::Variable => format!(
                "if it is meant to read it, give the component the variable: `{name} = \"…\"` in its `variables`"
            ),
            _ => format!(
                "if it is meant to use it, add \"{name}\" to its `{}`",
                kind.field()
            ),
        };
        let component = audit.components.iter().find(|component| component.id == id);
        let help = match component.filter(|it| it.is_granted(kind, name)) {
            // What it has itself it was not denied: a dependency was.
            Some(_) => format!(
                "a dependency of it asked: if that is meant to use it, let it inherit `{}`",
                kind.field()
            ),
            None => help,
        };
        let mut finding = Finding::new(Code::DeniedAttempt, message, help)
            .of(id)
            .on(kind, name);
        finding.place = component.and_then(|component| component.place.clone());
        found.push(finding);
    }
    if observed.scenarios == 0 {
        return found;
    }
    // What could not be used has been told.
    let could_be_used =
        |grant: &&AuditedGrant| grant.used == Some(0) && grant.usable != Some(false);
    for component in &audit.components {
        for grant in component.grants.iter().filter(could_be_used) {
            let (id, kind, name) = (&component.id, grant.kind, &grant.name);
            let scenarios = match observed.scenarios {
                1 => "the one scenario did not use".to_owned(),
                count => format!("none of {count} scenarios used"),
            };
            let message = format!("{scenarios} the {kind} \"{name}\" of component \"{id}\"");
            let help = format!(
                "write a scenario that does, or take it out of `{}`",
                kind.field()
            );
            let mut finding = Finding::new(Code::UnexercisedGrant, message, help)
                .of(id)
                .on(kind, name);
            finding.place = grant.place.clone();
            found.push(finding);
        }
    }
    found
}
