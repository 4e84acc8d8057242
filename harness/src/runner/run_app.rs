//! The app of scenarios that name none, as the command line says, and whether the options of the run fit it.

use super::SharedError;
use super::context::ConfigKey;
use super::pool::Setup;
use crate::app::{nearest, suggest};
use crate::engine::App;

impl Setup {
    /// The run's app as the command line says, loaded when first asked for.
    ///
    /// # Errors
    ///
    /// Why it does not load.
    pub fn app(&self) -> Result<App, SharedError> {
        let options = &self.options;
        let config = options.runtime_config.clone().map(ConfigKey::File);
        self.apps.get(
            &options.app,
            options.profile.as_deref(),
            config.as_ref(),
            &options.variables,
        )
    }

    /// The first option that names something which the run's app does not have, and what it has; `None` also where the app
    /// does not load for another reason.
    pub(crate) fn misfit(&self) -> Option<String> {
        self.unknown_variable()
            .or_else(|| self.unknown_store())
            .or_else(|| self.unknown_database())
    }

    /// A value for a variable that the run's app does not declare: nobody could read it.
    pub(crate) fn unknown_variable(&self) -> Option<String> {
        let options = &self.options;
        if options.variables.is_empty() {
            return None;
        }
        let manifest = options.manifest(&self.apps).ok()?;
        let declared = &manifest.variables;
        let mut given = options.variables.keys();
        let name = given.find(|name| !declared.contains_key(*name))?;
        let known = || declared.keys().map(String::as_str);
        let advice = suggest(name, known(), "its variables are");
        let advice = advice.unwrap_or_else(|| "it declares none".to_owned());
        let app = options.app.display();
        Some(format!(
            "--variable {name}: {app} declares no variable \"{name}\"; {advice}"
        ))
    }

    /// A real store behind a label that the run's app does not have.
    fn unknown_store(&self) -> Option<String> {
        let options = &self.options;
        if options.real_stores.is_empty() {
            return None;
        }
        let app = self.app().ok()?;
        let mut labels = options.real_stores.keys();
        let mistake = labels.find_map(|label| app.require_store(label).err())?;
        let manifest = options.app.display();
        Some(format!(
            "a real store cannot stand behind a label of {manifest}: {mistake}"
        ))
    }

    /// Statements for a database that the run's app does not have: under Spin, the app would not start
    /// (`crates/trigger/src/cli/sqlite_statements.rs`).
    fn unknown_database(&self) -> Option<String> {
        let options = &self.options;
        if options.sql.is_empty() {
            return None;
        }
        let app = self.app().ok()?;
        let defined = &app.locked().runtime_config.sqlite_databases;
        let mut labels = options.sql.iter().map(|(label, _)| label);
        let label = labels.find(|label| !defined.contains_key(*label))?;
        let known = || defined.keys().map(String::as_str);
        let advice = match nearest(label, known()) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => {
                let quoted: Vec<_> = known().map(|label| format!("\"{label}\"")).collect();
                format!("there are {}", quoted.join(", "))
            }
        };
        let manifest = options.app.display();
        Some(format!(
            "--sqlite: no SQLite database of {manifest} has the label \"{label}\"; {advice}"
        ))
    }
}
