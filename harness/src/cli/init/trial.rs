//! Tries an app: what comes out twice the same, whatever chance and the time of day say, a scenario may state.

use crate::app::Manifest;
use crate::engine::App;
use crate::sandbox::{DEFAULT_TIME, Sandbox, SandboxOptions, Seed};
use std::time::Duration;

/// The app that is tried.
pub(super) struct Trial<'a> {
    pub manifest: &'a Manifest,
    pub app: &'a App,
    environment: &'a [(String, String)],
    /// The first thing that it asked for and that a scenario would have to state, such as the answer of another host.
    pub mistake: Option<String>,
}

/// What came out of one attempt, and how many tuples it left in the stores.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Tried<T> {
    pub result: T,
    /// Labels and numbers of tuples.
    pub stores: Vec<(String, usize)>,
}

impl<'a> Trial<'a> {
    pub fn new(manifest: &'a Manifest, app: &'a App, environment: &'a [(String, String)]) -> Self {
        Self {
            manifest,
            app,
            environment,
            mistake: None,
        }
    }

    /// What comes of something under two seeds at two times of day. Nothing where a scenario would fail that does only
    /// this, and says nothing of other hosts and servers.
    pub fn twice<T>(
        &mut self,
        components: &[&str],
        attempt: impl Fn(&Sandbox) -> Option<T>,
    ) -> Result<Option<[Tried<T>; 2]>, Option<String>> {
        let labels = self.labels(components);
        let later = DEFAULT_TIME + Duration::from_secs(12_345_678);
        let Some(first) = self.once(1, DEFAULT_TIME, &labels, &attempt)? else {
            return Ok(None);
        };
        let second = self.once(2, later, &labels, &attempt)?;
        Ok(second.map(|second| [first, second]))
    }

    /// The stores that components may open.
    fn labels(&self, components: &[&str]) -> Vec<&'a str> {
        let components = components
            .iter()
            .filter_map(|id| self.manifest.component(id));
        let mut labels = Vec::new();
        for label in components.flat_map(|component| &component.key_value_stores) {
            if !labels.contains(&label.as_ref()) {
                labels.push(label.as_ref());
            }
        }
        labels
    }

    fn once<T>(
        &mut self,
        seed: u64,
        time: Duration,
        labels: &[&str],
        attempt: impl Fn(&Sandbox) -> Option<T>,
    ) -> Result<Option<Tried<T>>, Option<String>> {
        let options = SandboxOptions {
            seed: Seed(seed),
            time,
            environment: self.environment.to_vec(),
            ..SandboxOptions::default()
        };
        let sandbox =
            Sandbox::with_options(self.app, options).map_err(|error| Some(error.to_string()))?;
        let Some(result) = attempt(&sandbox) else {
            return Ok(None);
        };
        if let Some(mistake) = sandbox.mistakes().first() {
            self.mistake.get_or_insert_with(|| mistake.to_string());
            return Ok(None);
        }
        let held = |label: &&str| ((*label).to_owned(), sandbox.key_value(label).len());
        Ok(Some(Tried {
            result,
            stores: labels.iter().map(held).collect(),
        }))
    }
}

/// The stores that held as much both times.
pub(super) fn steady<T>([first, second]: &[Tried<T>; 2]) -> Vec<(String, usize)> {
    let stores = first.stores.iter();
    let same = stores.filter(|store| second.stores.contains(store));
    same.cloned().collect()
}

/// The steps that say that stores are empty at first.
pub(super) fn given_empty(text: &mut String, stores: &[(String, usize)]) {
    for (label, _) in stores {
        text.push_str(&format!(
            "    Given the key-value store \"{label}\" is empty\n"
        ));
    }
}

/// The steps that say what stores hold at last.
pub(super) fn then_hold(text: &mut String, stores: &[(String, usize)]) {
    for (label, tuples) in stores {
        let holds = match tuples {
            0 => "is empty".to_owned(),
            1 => "holds 1 tuple".to_owned(),
            tuples => format!("holds {tuples} tuples"),
        };
        text.push_str(&format!(
            "    And the key-value store \"{label}\" {holds}\n"
        ));
    }
}

/// Text as it stands between the quotes of a step.
pub(super) fn escaped(text: &str) -> String {
    text.replace('\\', r"\\").replace('"', r#"\""#)
}
