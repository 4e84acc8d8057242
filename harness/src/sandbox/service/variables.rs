//! Application variables as the gate sees them: Spin may have to ask a vault for one, and that can fail.

use super::{ErrorCase, Family, ServiceInterface, ServiceOperation, Turns};
use crate::app::{RuntimeConfig, VariablesProvider};
use crate::sandbox::KeyPattern;

/// The first word of its operations.
const FAMILY: &str = "variables";

/// What a component can ask of its variables.
pub(crate) static SERVICE: Family = Family {
    name: FAMILY,
    interfaces: &[&CONFIG, &VARIABLES_2, &VARIABLES_3, &WASI_CONFIG],
    operations: &[&GET],
    key_words: "of variable",
    label_words: None,
    normal_label: str::to_owned,
    key_pattern: KeyPattern::new,
    answers_in_turn: |_| false,
    swept: |app, component, name| {
        let component = app.manifest.component(component);
        let template = component.and_then(|it| it.variables.get(name));
        template.is_none_or(|it| !it.is_literal()) && has_a_vault(&app.runtime_config)
    },
};

/// Whether Spin would ask a provider that can fail: values of the manifest, of options, files and the environment are simply there.
fn has_a_vault(config: &RuntimeConfig) -> bool {
    config.variables_providers.iter().any(|it| match it {
        VariablesProvider::Vault { .. } | VariablesProvider::AzureKeyVault { .. } => true,
        VariablesProvider::Static { .. } | VariablesProvider::Env { .. } => false,
    })
}

/// What the interfaces of Spin's own have from 2.0.0.
const VARIABLES: ServiceInterface = ServiceInterface {
    name: "fermyon:spin/variables@2.0.0",
    family: FAMILY,
    errors: &[
        ErrorCase::with_text("provider"),
        ErrorCase::with_text("undefined"),
        ErrorCase::with_text("invalid-name"),
        ErrorCase::with_text("other"),
    ],
    injected: "provider: injected failure",
    injected_after: "provider: injected failure",
    is_async: false,
    turns: Turns::WhereTold,
    also: &[],
};

/// `fermyon:spin/config`, the interface of Spin 1. What a provider fails with is `other` here, in the debug form of a later
/// interface (`crates/factor-variables/src/host.rs` in Spin); `provider` says that there is no such variable.
pub(crate) static CONFIG: ServiceInterface = ServiceInterface {
    name: "fermyon:spin/config",
    errors: &[
        ErrorCase::with_text("other"),
        ErrorCase::with_text("provider"),
        ErrorCase::with_text("invalid-key"),
        ErrorCase::with_text("invalid-schema"),
    ],
    injected: r#"other: Error::Provider("injected failure")"#,
    injected_after: r#"other: Error::Provider("injected failure")"#,
    ..VARIABLES
};

/// `fermyon:spin/variables@2.0.0`.
pub(crate) static VARIABLES_2: ServiceInterface = VARIABLES;

/// `spin:variables/variables@3.0.0`.
pub(crate) static VARIABLES_3: ServiceInterface = ServiceInterface {
    name: "spin:variables/variables@3.0.0",
    is_async: true,
    ..VARIABLES
};

/// `wasi:config/store@0.2.0-draft-2024-09-27`. A variable that does not exist is no error here.
pub(crate) static WASI_CONFIG: ServiceInterface = ServiceInterface {
    name: "wasi:config/store@0.2.0-draft-2024-09-27",
    errors: &[ErrorCase::with_text("upstream"), ErrorCase::with_text("io")],
    injected: "upstream: injected failure",
    injected_after: "upstream: injected failure",
    ..VARIABLES
};

/// The value of a variable: its key is the variable's name.
pub(crate) static GET: ServiceOperation = ServiceOperation::reads("variables get");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_vault_can_fail() {
        let config = |providers: &[&str]| {
            let providers = providers
                .iter()
                .map(|it| format!("[[variables_provider]]\n{it}\n"));
            RuntimeConfig::parse("rc.toml", &providers.collect::<String>()).unwrap()
        };
        let fixed = "type = \"static\"\nvalues = { a = \"1\" }";
        let env = "type = \"env\"";
        let vault = "type = \"vault\"\nurl = \"http://v\"\ntoken = \"t\"\nmount = \"m\"";
        let azure = "type = \"azure_key_vault\"\nvault_url = \"https://v\"";
        assert!(!has_a_vault(&config(&[])));
        assert!(!has_a_vault(&config(&[fixed, env])));
        assert!(has_a_vault(&config(&[fixed, vault])));
        assert!(has_a_vault(&config(&[azure, env])));
    }
}
