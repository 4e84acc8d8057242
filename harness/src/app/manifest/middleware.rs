//! What HTTP triggers put around their components, and which components run in several variants because of it
//! (`crates/loader/src/local/trigger_components.rs`).

use super::{Dependency, Manifest, Trigger};

impl Trigger {
    /// What it puts around its component; the first is the first to have a request.
    pub fn middleware(&self) -> &[Dependency] {
        self.dependencies
            .get("middleware")
            .map_or(&[], Vec::as_slice)
    }
}

impl Manifest {
    /// What all triggers put around their components, in the order of the file.
    pub(crate) fn middleware(&self) -> impl Iterator<Item = (&Trigger, &Dependency)> {
        self.triggers
            .iter()
            .flat_map(|trigger| trigger.middleware().iter().map(move |it| (trigger, it)))
    }

    /// Whether a trigger runs a variant of its component, which no other one runs: it has middleware, and is not the
    /// component's only trigger.
    pub(crate) fn runs_variant(&self, trigger: &Trigger) -> bool {
        let component = trigger.component.as_deref();
        !trigger.middleware().is_empty()
            && component.is_some_and(|it| self.triggers_of(it).count() > 1)
    }

    /// What is around a component wherever it runs: the middleware of its only trigger.
    pub(crate) fn middleware_of<'a>(&'a self, component: &'a str) -> &'a [Dependency] {
        let mut triggers = self.triggers_of(component);
        match (triggers.next(), triggers.next()) {
            (Some(only), None) => only.middleware(),
            _ => &[],
        }
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
