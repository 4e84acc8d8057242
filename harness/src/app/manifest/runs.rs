//! What runs of an app: its components, each for the triggers that share it, and a variant for each of several triggers that
//! puts middleware around it (`crates/loader/src/local/trigger_components.rs` in Spin).

use std::collections::BTreeSet;

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
    /// What runs for the triggers that spin-harness has. A variant whose name is taken gets a number, as in Spin, which does
    /// not look among the components though.
    pub(crate) fn runs(&self) -> Vec<Run<'_>> {
        let mut taken: BTreeSet<String> = self.components.iter().map(|it| it.id.clone()).collect();
        let mut name = |component: &Component, trigger: &Trigger| {
            let plain = format!("{}-for-{}", component.id, trigger.id);
            let numbered = (1..).map(|number| format!("{plain}-d{number}"));
            let mut names = std::iter::once(plain.clone()).chain(numbered);
            let free = names.find(|name| taken.insert(name.clone()));
            // There is always another number.
            free.unwrap_or(plain)
        };
        let mut runs = Vec::new();
        for component in self.used_components() {
            let triggers: Vec<&Trigger> = self.triggers_of(&component.id).collect();
            let are_several = triggers.len() > 1;
            let (apart, shared): (Vec<&Trigger>, Vec<&Trigger>) = triggers
                .into_iter()
                .partition(|trigger| are_several && !trigger.middleware().is_empty());
            runs.push(Run {
                id: component.id.clone(),
                component,
                triggers: shared,
            });
            runs.extend(apart.into_iter().map(|trigger| Run {
                id: name(component, trigger),
                component,
                triggers: vec![trigger],
            }));
        }
        runs.retain(|run| run.http_trigger().is_some() || run.takes_messages());
        runs
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    const MANIFEST: &str = r#"
        spin_manifest_version = 2
        [application]
        name = "a"
        [[trigger.http]]
        id = "open"
        route = "/open"
        component = "api"
        [[trigger.http]]
        id = "also-open"
        route = "/also"
        component = "api"
        [[trigger.http]]
        id = "stamped"
        route = "/stamped"
        component = "api"
        dependencies.middleware = [{ component = "stamp" }]
        [[trigger.http]]
        id = "alone"
        route = "/alone"
        component = "single"
        dependencies.middleware = [{ component = "stamp" }]
        [[trigger.http]]
        id = "one"
        route = "/one"
        component = "all"
        dependencies.middleware = [{ component = "stamp" }]
        [[trigger.http]]
        id = "two"
        route = "/two"
        component = "all"
        dependencies.middleware = [{ component = "stamp" }]
        [[trigger.http]]
        id = "taken"
        route = "/taken"
        component = "api-for-stamped"
        [component.api]
        source = "api.wasm"
        [component.single]
        source = "api.wasm"
        [component.all]
        source = "api.wasm"
        [component.stamp]
        source = "stamp.wasm"
        [component.api-for-stamped]
        source = "api.wasm"
    "#;

    #[test]
    fn triggers_with_middleware_run_apart_where_there_are_several() {
        let manifest = Manifest::parse(Path::new("spin.toml"), MANIFEST).unwrap();
        let runs = manifest.runs();
        let runs: Vec<(&str, Vec<&str>, usize)> = runs
            .iter()
            .map(|run| {
                let triggers = run.http_triggers().map(|(trigger, _)| trigger.id.as_str());
                (run.id.as_str(), triggers.collect(), run.middleware().len())
            })
            .collect();
        assert_eq!(
            runs,
            [
                ("api", vec!["open", "also-open"], 0),
                ("api-for-stamped-d1", vec!["stamped"], 1),
                ("single", vec!["alone"], 1),
                ("all-for-one", vec!["one"], 1),
                ("all-for-two", vec!["two"], 1),
                ("api-for-stamped", vec!["taken"], 0),
            ]
        );
    }
}
