//! Permissions: what the manifest grants, what components import, what stands behind each label, and what scenarios used.
//!
//! [`Audit::of`] runs nothing and compiles nothing. [`Audit::with_observed`] adds what scenarios did, and the least manifest that
//! would still have passed.
//!
//! ```
//! use spin_harness::audit::{Audit, Code, Levels};
//!
//! let audit = Audit::of("../fixtures/apps/grants/spin.toml".as_ref(), None)?.judged(&Levels::new());
//! assert!(audit.findings.iter().all(|finding| finding.code != Code::UnusedGrant));
//! # Ok::<(), spin_harness::app::LoadError>(())
//! ```

mod binary;
mod code;
mod component;
mod cut;
mod finding;
mod interfaces;
pub mod least;
mod levels;
mod observed;
pub mod observed_file;
mod rules;

pub use binary::{Binary, BinaryError, Nested};
pub use code::{Code, Severity};
pub use component::{AuditedComponent, AuditedDependency, AuditedGrant, Inherits};
pub use finding::{Finding, Place};
pub use interfaces::{Reach, Service};
pub use least::{Least, LeastError, Removed};
pub use levels::{Level, Levels, Selection, UnknownCode};
pub use observed::{ComponentUse, Observed, ObservedApp, Observer, Use};

use component::audited;
pub(crate) use observed::{denied, is_denial, of_session};

use std::path::Path;
use std::sync::Arc;

use crate::app::{LoadError, Manifest, Problem, RuntimeConfig};
use crate::value::plural;

/// What is known of the permissions of an app.
#[derive(Clone, Debug)]
pub struct Audit {
    /// The app's name.
    pub app: String,
    /// The manifest, as the user named it.
    pub manifest: String,
    /// The runtime config, as the user named it; without one there are only the defaults.
    pub runtime_config: Option<String>,
    /// The components in the order of the manifest.
    pub components: Vec<AuditedComponent>,
    /// What was found, in the order of the files.
    pub findings: Vec<Finding>,
    /// How many findings were left out since they are allowed.
    pub allowed: usize,
    /// What scenarios did, if that is known.
    pub observed: Option<Observed>,
    /// The manifest without the grants that they did not use, where that is another one.
    pub least: Option<Least>,
    /// Why there is none though scenarios were observed, if not for want of grants that they did not use.
    pub no_least: Option<LeastError>,
}

impl Audit {
    /// Looks at an app without running or compiling anything. A folder stands for the `spin.toml` in it. What Spin would
    /// refuse is among the findings, as far as something can be read at all.
    ///
    /// # Errors
    ///
    /// The manifest can't be read, is no TOML, or says no version.
    pub fn of(
        manifest: &Path,
        runtime_config: Option<Arc<RuntimeConfig>>,
    ) -> Result<Self, LoadError> {
        let (manifest, problems) = Manifest::examine(manifest)?;
        Ok(Self::of_examined(&manifest, &problems, runtime_config))
    }

    /// As [`Audit::of`], of a manifest that has been read.
    pub fn of_examined(
        manifest: &Manifest,
        problems: &[Problem],
        runtime_config: Option<Arc<RuntimeConfig>>,
    ) -> Self {
        let config = runtime_config.unwrap_or_default();
        let components: Vec<AuditedComponent> = manifest
            .components
            .iter()
            .map(|component| audited(manifest, component, &config))
            .collect();
        let subject = rules::Subject {
            manifest,
            problems,
            config: &config,
            components: &components,
        };
        let mut audit = Self {
            app: manifest.name.clone(),
            manifest: manifest.source.name().to_owned(),
            runtime_config: config
                .source
                .as_ref()
                .map(|source| source.name().to_owned()),
            findings: rules::all(&subject),
            components,
            allowed: 0,
            observed: None,
            least: None,
            no_least: None,
        };
        audit.sort();
        audit
    }

    /// Adds what scenarios did, and what follows from that: findings, and the least manifest.
    #[must_use]
    pub fn with_observed(mut self, observed: Observed, manifest: &Manifest) -> Self {
        for component in &mut self.components {
            // What is run by no trigger that the harness runs had no occasion to use anything.
            let runs = manifest.used_components().any(|it| it.id == component.id);
            for grant in &mut component.grants {
                grant.used = (runs && grant.kind.is_observed())
                    .then(|| observed.calls(&component.id, grant.kind, &grant.name));
            }
        }
        self.findings.retain(|finding| {
            // A scenario may bring a runtime config that defines it.
            let undefined = [Code::UndefinedStore, Code::UndefinedDatabase];
            let subject = finding.subject.as_ref();
            !(undefined.contains(&finding.code)
                && subject.is_some_and(|subject| observed.defined.contains(subject)))
        });
        self.findings.extend(rules::observed(&self, &observed));
        self.observed = Some(observed);
        match least::least(&self, manifest) {
            Ok(least) => self.least = least,
            Err(error) => self.no_least = Some(error),
        }
        self.sort();
        self
    }

    /// Marks findings that are denied, and leaves out those that are allowed.
    #[must_use]
    pub fn judged(mut self, levels: &Levels) -> Self {
        let before = self.findings.len();
        self.findings.retain_mut(|finding| {
            let level = levels.of(finding.code, finding.severity);
            finding.denied = level == Level::Denied;
            level != Level::Allowed
        });
        self.allowed += before - self.findings.len();
        self
    }

    /// Whether a finding is denied.
    pub fn is_denied(&self) -> bool {
        self.findings.iter().any(|finding| finding.denied)
    }

    /// How many findings are of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        let found = self.findings.iter();
        found.filter(|finding| finding.severity == severity).count()
    }

    /// How many findings are denied.
    pub fn denied(&self) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.denied)
            .count()
    }

    /// `3 of 4 grants used by 12 scenarios`, where they were observed.
    pub fn coverage_text(&self) -> Option<String> {
        let (used, all) = self.coverage()?;
        let scenarios = self.observed.as_ref()?.scenarios;
        Some(format!(
            "{used} of {all} grant{} used by {scenarios} scenario{}",
            plural(all),
            plural(scenarios)
        ))
    }

    /// Grants that scenarios used and all that they could have been seen using, where they were observed.
    pub fn coverage(&self) -> Option<(usize, usize)> {
        self.observed.as_ref()?;
        let grants = self.components.iter().flat_map(|it| &it.grants);
        let used: Vec<u64> = grants.filter_map(|grant| grant.used).collect();
        Some((used.iter().filter(|count| **count > 0).count(), used.len()))
    }

    fn sort(&mut self) {
        // The manifest first, then the runtime config.
        let manifest = self.manifest.clone();
        let order = |finding: &Finding| {
            let file = finding.place.as_ref().map(|place| &place.file);
            (
                finding.place.is_none(),
                file.is_some_and(|file| *file != manifest),
                finding.place.clone(),
                finding.code,
                finding.message.clone(),
            )
        };
        self.findings.sort_by_cached_key(order);
        self.findings.dedup();
    }
}

#[cfg(test)]
mod tests;
