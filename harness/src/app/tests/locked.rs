//! Manifest, runtime config and values together.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::*;
use super::{all, loaded, shown, with};

fn locked(
    manifest: &str,
    runtime_config: &str,
    given: &[(&str, &str)],
) -> Result<LockedApp, LoadError> {
    let given: BTreeMap<String, String> = given
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let runtime_config = RuntimeConfig::parse("runtime-config.toml", runtime_config)?;
    LockedApp::new(Arc::new(loaded(manifest)), Arc::new(runtime_config), &given)
}

fn refused(manifest: &str, runtime_config: &str) -> String {
    all(&locked(manifest, runtime_config, &[]).unwrap_err())
}

const VARIABLES: &str = "[component.api.variables]\nurl = \"https://{{ host }}/{{ path }}\"\nplain = \"x\"\nkey = \"{{ token }}\"\n\
                         [variables]\nhost = { default = \"h\" }\npath = { default = \"p\" }\ntoken = { required = true }\n";

#[test]
fn values_come_from_the_command_line_then_runtime_config_then_defaults() {
    let config = "[[variables_provider]]\ntype = \"static\"\nvalues = { host = \"first\", token = \"t\" }\n\
                  [[variables_provider]]\ntype = \"static\"\nvalues = { host = \"second\", path = \"late\" }\n";
    let app = locked(&with(VARIABLES), config, &[]).unwrap();
    assert_eq!(
        app.variable("api", "url"),
        Ok("https://first/late".to_owned())
    );
    assert_eq!(app.variable("api", "key"), Ok("t".to_owned()));
    let app = locked(
        &with(VARIABLES),
        config,
        &[("host", "given"), ("token", "{{ not }} a template")],
    )
    .unwrap();
    assert_eq!(
        app.variable("api", "url"),
        Ok("https://given/late".to_owned())
    );
    assert_eq!(
        app.variable("api", "key"),
        Ok("{{ not }} a template".to_owned())
    );
    assert_eq!(
        app.variables("api")
            .unwrap()
            .into_iter()
            .map(|(name, _)| name)
            .collect::<Vec<_>>(),
        ["key", "plain", "url"]
    );
}

/// `crates/expressions/src/lib.rs` and `crates/factor-variables/src/host.rs`.
#[test]
fn guests_meet_spins_errors() {
    let app = locked(&with(VARIABLES), "", &[("token", "t")]).unwrap();
    assert_eq!(
        app.variable("api", "nope"),
        Err(VariableError::Undefined(
            "no variable for \"api\".\"nope\"".to_owned()
        ))
    );
    // An application variable that the component does not map is none of its own.
    assert_eq!(
        app.variable("api", "host"),
        Err(VariableError::Undefined(
            "no variable for \"api\".\"host\"".to_owned()
        ))
    );
    assert_eq!(
        app.variable("api", "Bad-Name"),
        Err(VariableError::InvalidName("\"Bad-Name\": invalid character 'B'. Variable names may contain only lower-case letters, numbers, and underscores.".to_owned()))
    );
    assert_eq!(
        app.variable("nobody", "x"),
        Err(VariableError::Undefined(
            "no variable for component \"nobody\"".to_owned()
        ))
    );
}

#[test]
fn a_required_variable_without_a_value_stops_the_app() {
    let message = refused(&with(VARIABLES), "");
    assert!(
        message.starts_with("/app/spin.toml:16:1 [token] provider error: no provider resolved required variable(s): [Key(\"token\")] | give it a value: `--variable token=VALUE`"),
        "{message}"
    );
    let two = with("[variables]\nb = { required = true }\na = { required = true }\n");
    assert!(refused(&two, "").contains("required variable(s): [Key(\"a\"), Key(\"b\")]"));
    // The environment is not asked, whatever the runtime config says.
    assert!(
        refused(&with(VARIABLES), "[[config_provider]]\ntype = \"env\"\n")
            .contains("no provider resolved")
    );
}

#[test]
fn a_provider_elsewhere_is_not_asked_and_the_message_says_so() {
    let vault =
        "[[config_provider]]\ntype = \"vault\"\nurl = \"http://x\"\ntoken = \"t\"\nmount = \"m\"\n";
    let message = refused(&with(VARIABLES), vault);
    assert!(
        message.contains("only the vault provider of the runtime config could have a value for required variable(s): token; tests don't ask it"),
        "{message}"
    );
    assert!(locked(&with(VARIABLES), vault, &[("token", "t")]).is_ok());
}

#[test]
fn a_value_for_a_variable_that_is_not_there_is_a_warning() {
    let app = locked(&with(VARIABLES), "", &[("token", "t"), ("hots", "x")]).unwrap();
    assert_eq!(
        app.warnings.iter().map(shown).collect::<Vec<_>>(),
        [" [] the app has no variable \"hots\", its value is not used | did you mean `host`?"]
    );
}

/// The check in `crates/factor-key-value/src/lib.rs`.
#[test]
fn a_granted_label_needs_a_store() {
    let manifest = with("key_value_stores = [\"default\", \"user_dta\", \"zzz\"]\n");
    let how = |label: &str| {
        format!(
            "to have such a store, write `[key_value_store.{label}]` with a `type` in the runtime config"
        )
    };
    assert_eq!(
        refused(&manifest, "[key_value_store.user_data]\ntype = \"spin\"\n"),
        format!(
            "/app/spin.toml:9:32 [\"user_dta\"] unknown key_value_stores label \"user_dta\" for component \"api\" | did you mean `user_data`? {}\n\
             /app/spin.toml:9:44 [\"zzz\"] unknown key_value_stores label \"zzz\" for component \"api\" | {}",
            how("user_dta"),
            how("zzz")
        )
    );
}

#[test]
fn a_granted_database_needs_one_too() {
    let message = refused(&with("sqlite_databases = [\"default\", \"finance\"]\n"), "");
    assert!(
        message.contains("[\"finance\"] One or more components use SQLite databases which are not defined.\nCheck the spelling,"),
        "{message}"
    );
    assert!(
        message.contains("\n- Component api uses database 'finance' | "),
        "{message}"
    );
}

#[test]
fn grants_are_the_manifests() {
    let app = locked(
        &with("key_value_stores = [\"default\"]\n"),
        "[key_value_store.cache]\ntype = \"redis\"\nurl = \"redis://x\"\n",
        &[],
    )
    .unwrap();
    assert!(
        app.may_open("api", "default")
            && !app.may_open("api", "cache")
            && !app.may_open("other", "default")
    );
    assert_eq!(
        app.store("cache").map(StoreBackend::type_name),
        Some("redis")
    );
    assert_eq!(app.store("nope"), None);
}

#[test]
fn an_app_can_be_shared_by_threads() {
    fn shared<T: Send + Sync + Clone + 'static>() {}
    shared::<LockedApp>();
    shared::<LoadError>();
    shared::<Problem>();
}
