//! What a dependency of a component tries and does not inherit: its turn, its price, its line in the journal.

use super::{CallTrap, Caller, Passing, Target, shortened};
use crate::sandbox::Interface;
use crate::sandbox::journal::{Call, Outcome, Service};
use crate::sandbox::session::Session;
use crate::storage::{Error, Request};
use std::sync::Arc;

/// A call that a dependency is refused.
pub(crate) struct Refused {
    /// Its place among the dependencies of the component, from 0; the manifest's middleware comes after them.
    pub dependency: usize,
    /// What it called.
    pub service: Service,
    /// What the call is about: a label, a name, an address.
    pub target: String,
    /// What it is told.
    pub outcome: Outcome,
}

impl Session {
    /// Journals a call that a dependency is refused. No fault can hit it, as it would none that lacks a grant.
    pub(crate) async fn refuse_dependency(
        &self,
        caller: &Caller,
        refused: Refused,
    ) -> Result<(), CallTrap> {
        let manifest = self.app().manifest();
        let dependencies = manifest
            .component(&caller.component)
            .map_or(&[][..], |component| component.dependencies.as_slice());
        let mut middleware = manifest.middleware().map(|(_, it)| it);
        let (what, dependency) = match refused.dependency.checked_sub(dependencies.len()) {
            None => ("dependency", dependencies.get(refused.dependency)),
            Some(place) => ("middleware", middleware.nth(place)),
        };
        let name: Arc<str> = dependency.map_or("", |it| it.name.as_str()).into();
        let note = format!("called by the {what} \"{name}\", which does not inherit it");
        if let Some(interface) = key_value(&refused) {
            let (label, request) = (Arc::from(refused.target), Request::Open);
            let target = Target::Label(&label);
            let (passing, charged) =
                Passing::begin(self, caller, interface, target, &request).await;
            let outcome = match &charged {
                Ok(()) => Outcome::Error(Error::AccessDenied),
                Err(_) => Outcome::Trap,
            };
            self.journal(Call {
                denied_to: Some(name),
                note: Some(charged.as_ref().err().map_or(note, |trap| trap.0.clone())),
                ..passing.line(outcome)
            });
            return charged;
        }
        self.schedule().turn_of_no_consequence().await;
        let charged = self.charge(caller, refused.target.len());
        let outcome = match &charged {
            Ok(()) => refused.outcome,
            Err(_) => Outcome::Trap,
        };
        let component = Arc::clone(&caller.component);
        self.journal(Call {
            key: shortened(refused.target),
            denied_to: Some(name),
            note: Some(charged.as_ref().err().map_or(note, |trap| trap.0.clone())),
            ..self.call(component, caller.instance, refused.service, outcome)
        });
        charged
    }
}

/// The interface of a store that was to be opened.
fn key_value(refused: &Refused) -> Option<Interface> {
    match (&refused.service, &refused.outcome) {
        (Service::Unprovided(interface, _), Outcome::Failed(_)) => Interface::of_import(interface),
        _ => None,
    }
}
