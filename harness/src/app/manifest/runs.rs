//! What runs of an app: its components, each for the triggers that share it, and a variant for each of several triggers that
//! puts middleware around it (`crates/loader/src/local/trigger_components.rs` in Spin).

use super::{Component, Dependency, HttpTrigger, Manifest, Trigger};

/// A component as some triggers run it.
#[derive(Debug)]
pub(crate) struct Run<'a> {
    /// Spin's name for it: the component's id, or `COMPONENT-for-TRIGGER` (`SyntheticIdDispenser`).
    pub id: String,
    pub component: &'a Component,
    /// Those that run it, in the order of the file.
    triggers: Vec<&'a Trigger>,
}

impl<'a> Run<'a> {
    /// What is around the component; the first is the first to have a request. Triggers that share one have none.
    pub fn middleware(&self) -> &'a [Dependency] {
        match self.triggers[..] {
            [only] => only.middleware(),
            _ => &[],
        }
    }

    /// Its HTTP triggers.
    pub fn http_triggers(&self) -> impl Iterator<Item = (&'a Trigger, &'a HttpTrigger)> {
        let triggers = self.triggers.iter().copied();
        triggers.filter_map(|trigger| Some((trigger, trigger.http.as_ref()?)))
    }

    /// The trigger by which Spin knows how to call it by its name: of several the last.
    pub fn http_trigger(&self) -> Option<(&'a Trigger, &'a HttpTrigger)> {
        self.http_triggers().last()
    }

    /// Whether Redis messages come to it.
    pub fn takes_messages(&self) -> bool {
        self.triggers.iter().any(|trigger| trigger.redis.is_some())
    }
}

impl Trigger {
    /// What it puts around its component; the first is the first to have a request.
    pub fn middleware(&self) -> &[Dependency] {
        self.dependencies
            .get("middleware")
            .map_or(&[], Vec::as_slice)
    }
}

impl Manifest {
    /// What runs for the triggers that spin-harness has.
    pub(crate) fn runs(&self) -> impl Iterator<Item = Run<'_>> {
        self.used_components().flat_map(|component| {
            let triggers: Vec<&Trigger> = self.triggers_of(&component.id).collect();
            let are_several = triggers.len() > 1;
            let (apart, shared): (Vec<&Trigger>, Vec<&Trigger>) = triggers
                .into_iter()
                .partition(|trigger| are_several && !trigger.middleware().is_empty());
            let apart = apart.into_iter().map(move |trigger| Run {
                id: format!("{}-for-{}", component.id, trigger.id),
                component,
                triggers: vec![trigger],
            });
            let shared = Run {
                id: component.id.clone(),
                component,
                triggers: shared,
            };
            std::iter::once(shared)
                .chain(apart)
                .filter(|run| run.http_trigger().is_some() || run.takes_messages())
        })
    }

    /// What all triggers put around their components, in the order of the file.
    pub(crate) fn middleware(&self) -> impl Iterator<Item = (&Trigger, &Dependency)> {
        self.triggers
            .iter()
            .flat_map(|trigger| trigger.middleware().iter().map(move |it| (trigger, it)))
    }

    /// What some trigger puts around a component.
    pub(crate) fn middleware_around<'a>(
        &'a self,
        component: &'a str,
    ) -> impl Iterator<Item = &'a Dependency> {
        self.triggers_of(component).flat_map(Trigger::middleware)
    }

    fn triggers_of<'a>(&'a self, component: &'a str) -> impl Iterator<Item = &'a Trigger> {
        let triggers = self.triggers.iter();
        triggers.filter(move |trigger| trigger.component.as_deref() == Some(component))
    }
}
