//! Tests of the least manifest: what goes, and what stays.

use super::super::{ComponentUse, Observed, Use};
use super::*;
use std::collections::BTreeMap;
use std::path::Path;

/// The least manifest of a text whose scenarios used these key-value stores and variables of these components.
fn least_of(text: &str, used: &[(&str, GrantKind, &str)]) -> Option<Least> {
    let path = Path::new("/app/spin.toml");
    let manifest = Manifest::parse(path, text).unwrap();
    let mut components: BTreeMap<String, ComponentUse> = BTreeMap::new();
    for (component, kind, name) in used {
        let uses = components.entry((*component).to_owned()).or_default();
        let one = uses.entry(*kind).or_default();
        let once = BTreeMap::from([("get".to_owned(), 1)]);
        let use_ = Use {
            operations: once,
            ..Use::default()
        };
        one.insert((*name).to_owned(), use_);
    }
    let observed = Observed {
        scenarios: 1,
        components,
        ..Observed::default()
    };
    let audit = Audit::of_examined(&manifest, &[], None).with_observed(observed, &manifest);
    let least = least(&audit, &manifest).unwrap();
    if let Some(least) = &least {
        Manifest::parse(path, &least.text).unwrap();
    }
    least
}

const KV: GrantKind = GrantKind::KeyValueStore;

fn v2(component: &str) -> String {
    format!(
        "spin_manifest_version = 2\n[application]\nname = \"a\" # the app\n\n# triggers\n[[trigger.http]]\nroute = \"/\"\n\
         component = \"api\"\n\n[component.api]\nsource = \"a.wasm\"\n{component}"
    )
}

#[track_caller]
fn becomes(before: &str, used: &[(&str, GrantKind, &str)], after: &str) {
    let text = v2(before);
    let least = least_of(&text, used).expect("something to take out");
    assert_eq!(least.text, v2(after), "\n{}", least.patch);
}

#[test]
fn entries_go_and_everything_else_stays() {
    becomes(
        "key_value_stores = [\"a\", \"b\", \"c\"] # stores\n",
        &[("api", KV, "b")],
        "key_value_stores = [\"b\"] # stores\n",
    );
    becomes(
        "key_value_stores = [ \"a\", \"b\" ]\n",
        &[("api", KV, "a")],
        "key_value_stores = [ \"a\" ]\n",
    );
    becomes(
        "key_value_stores = [\"a\"]\n",
        &[],
        "key_value_stores = []\n",
    );
    becomes(
        "key_value_stores = [\n  # all of them\n  \"a\", # first\n  \"b\", # second\n  \"c\", # third\n]\n",
        &[("api", KV, "a"), ("api", KV, "c")],
        "key_value_stores = [\n  # all of them\n  \"a\", # first\n  \"c\", # third\n]\n",
    );
    becomes(
        "key_value_stores = [\n  # all of them\n  \"a\", # first\n  \"b\", # second\n]\n",
        &[("api", KV, "b")],
        "key_value_stores = [\n  # all of them\n  \"b\", # second\n]\n",
    );
    becomes(
        "key_value_stores = [\n  \"a\", # first\n  \"b\", # second\n]\n",
        &[("api", KV, "a")],
        "key_value_stores = [\n  \"a\", # first\n]\n",
    );
}

#[test]
fn every_kind_that_is_observed_is_edited() {
    let more = "ai_models = [\"m\"]\nallowed_outbound_hosts = [\"https://a\", \"redis://b\"]\n\
                sqlite_databases = [\"default\"]\nenvironment = { E = \"1\" }\n[component.api.variables]\n\
                x = \"1\"\n# y is needed\ny = \"2\"\n";
    let used = [
        ("api", GrantKind::OutboundHost, "redis://b"),
        ("api", GrantKind::Variable, "y"),
    ];
    becomes(
        more,
        &used,
        "ai_models = []\nallowed_outbound_hosts = [\"redis://b\"]\nsqlite_databases = []\n\
         environment = { E = \"1\" }\n[component.api.variables]\n# y is needed\ny = \"2\"\n",
    );
}

#[test]
fn nothing_is_proposed_where_everything_was_used() {
    let text = v2("key_value_stores = [\"a\"]\n");
    assert_eq!(least_of(&text, &[("api", KV, "a")]), None);
}

#[test]
fn version_1_and_inline_components_are_edited_too() {
    let text = "spin_manifest_version = \"1\"\nname = \"a\"\nversion = \"1\"\ntrigger = { type = \"http\", base = \"/\" }\n\
                [[component]]\nid = \"api\"\nsource = \"a.wasm\"\nkey_value_stores = [\"a\", \"b\"]\n\
                [component.trigger]\nroute = \"/\"\n[component.config]\nx = \"1\"\n";
    let least = least_of(text, &[("api", KV, "b")]).unwrap();
    let expected = text
        .replace("[\"a\", \"b\"]", "[\"b\"]")
        .replace("x = \"1\"\n", "");
    assert_eq!(least.text, expected);
    let text = "spin_manifest_version = 2\n[application]\nname = \"a\"\n[[trigger.http]]\nroute = \"/\"\n\
                component = { source = \"a.wasm\", key_value_stores = [\"a\", \"b\"] }\n\
                [[trigger.http]]\nroute = \"/x\"\n[trigger.http.component]\nsource = \"b.wasm\"\nkey_value_stores = [\"a\"]\n";
    let least = least_of(text, &[("http-trigger1-component", KV, "a")]).unwrap();
    let expected = text.replace("[\"a\", \"b\"]", "[\"a\"]").replace(
        "\"b.wasm\"\nkey_value_stores = [\"a\"]",
        "\"b.wasm\"\nkey_value_stores = []",
    );
    assert_eq!(least.text, expected);
}

#[test]
fn line_ends_stay_what_they_are() {
    let text = v2("key_value_stores = [\"a\", \"b\"]\n").replace('\n', "\r\n");
    let least = least_of(&text, &[("api", KV, "b")]).unwrap();
    assert_eq!(least.text, text.replace("\"a\", ", ""));
}

#[test]
fn the_patch_names_the_file_and_shows_only_what_changes() {
    let text = v2("key_value_stores = [\"a\", \"b\"]\n");
    let least = least_of(&text, &[("api", KV, "b")]).unwrap();
    assert_eq!(
        least.patch,
        "--- spin.toml\n+++ spin.toml\n@@ -9,4 +9,4 @@\n \n [component.api]\n source = \"a.wasm\"\n\
         -key_value_stores = [\"a\", \"b\"]\n+key_value_stores = [\"b\"]\n"
    );
    assert_eq!(least.removed.len(), 1);
}

#[test]
fn comments_stay_with_what_they_are_about() {
    becomes(
        "key_value_stores = [\"a\", # keep\n  \"b\", # one\n  # about c\n  \"c\" # last\n]\n",
        &[("api", KV, "a")],
        "key_value_stores = [\"a\" # keep\n  # about c\n]\n",
    );
    becomes(
        "key_value_stores = [ \"a\" # first\n  , \"b\" # second\n  , \"c\" # third\n]\n",
        &[("api", KV, "a"), ("api", KV, "b")],
        "key_value_stores = [ \"a\" # first\n  , \"b\" # second\n]\n",
    );
    becomes(
        "[component.api.variables]\n# the x\nx = \"1\" # one\n# the y\ny = \"2\" # two\n",
        &[("api", GrantKind::Variable, "y")],
        "[component.api.variables]\n# the x\n# the y\ny = \"2\" # two\n",
    );
    becomes(
        "allowed_outbound_hosts = [\"https://a.com\", # x\n  # y\n  \"https://b.com\"]\n",
        &[],
        "allowed_outbound_hosts = [ # x\n  # y\n  ]\n",
    );
}

#[test]
fn an_entry_that_is_listed_twice_goes_twice() {
    becomes(
        "key_value_stores = [\"a\", \"b\", \"a\"]\n",
        &[("api", KV, "b")],
        "key_value_stores = [\"b\"]\n",
    );
    becomes(
        "key_value_stores = [\"a\", \"a\"]\n",
        &[],
        "key_value_stores = []\n",
    );
}

#[test]
fn tabs_marks_and_mixed_line_ends_stay() {
    let text = format!(
        "\u{feff}{}",
        v2("key_value_stores\t=\t[\"a\",\t\"b\"]\r\nai_models = []\n")
    );
    let least = least_of(&text, &[("api", KV, "b")]).unwrap();
    assert_eq!(least.text, text.replace("\"a\",\t", ""));
}

#[test]
fn inline_tables_and_dotted_keys_are_edited() {
    let used = [("api", GrantKind::Variable, "y")];
    becomes(
        "variables = { x = \"1\", y = \"2\", z = \"3\" }\n",
        &used,
        "variables = { y = \"2\" }\n",
    );
    becomes(
        "variables.x = \"1\"\nvariables.y = \"2\"\n",
        &used,
        "variables.y = \"2\"\n",
    );
}

#[test]
fn a_patch_is_applied_where_its_name_leads() {
    assert_eq!(header("spin.toml"), ("spin.toml".to_owned(), None));
    assert_eq!(
        header("shop/spin.toml"),
        ("shop/spin.toml".to_owned(), None)
    );
    let below = |folder: &str| Some(folder.to_owned());
    assert_eq!(
        header("/app/spin.toml"),
        ("spin.toml".to_owned(), below("/app"))
    );
    assert_eq!(
        header("../app/spin.toml"),
        ("spin.toml".to_owned(), below("../app"))
    );
    assert_eq!(
        header("a b/my app.toml"),
        ("my app.toml\t".to_owned(), below("a b"))
    );
}

#[test]
fn scenarios_that_failed_prove_nothing() {
    let manifest = Manifest::parse(
        Path::new("/app/spin.toml"),
        &v2("key_value_stores = [\"a\"]\n"),
    );
    let manifest = manifest.unwrap();
    let observed = Observed {
        scenarios: 3,
        failed: 1,
        ..Observed::default()
    };
    let audit = Audit::of_examined(&manifest, &[], None).with_observed(observed, &manifest);
    assert_eq!(least(&audit, &manifest), Err(LeastError::Failed(1)));
}
