//! Manifests of version 1 (`crates/manifest/src/compat.rs`).

use super::super::*;
use super::{loaded, problems, warnings};

const APP: &str = r#"
spin_version = "1"
name = "old"
trigger = { type = "http", base = "/" }
[variables]
host = { default = "h" }
[[component]]
id = "My_Component"
source = "a.wasm"
key_value_stores = ["default", "Any Label"]
config = { url = "http://{{ host }}" }
allowed_http_hosts = ["insecure:allow-all"]
[component.trigger]
route = "/a/..."
executor = { type = "spin" }
[component.build]
command = "make"
[[component]]
id = "other"
source = { url = "https://x", digest = "sha256:1" }
allowed_outbound_hosts = []
allowed_http_hosts = ["https://e.com"]
[component.trigger]
route = "/b"
"#;

#[test]
fn version_1_takes_the_shape_of_version_2() {
    let manifest = loaded(APP);
    assert_eq!(
        (
            manifest.manifest_version,
            manifest.name.as_str(),
            manifest.version.as_str()
        ),
        (1, "old", "")
    );
    let first = manifest.component("my-component").unwrap();
    assert_eq!(first.key_value_stores, ["default", "Any Label"]);
    assert_eq!(first.variables["url"].to_string(), "http://{{ host }}");
    assert_eq!(
        first.allowed_outbound_hosts,
        [
            "redis://*:*",
            "mysql://*:*",
            "postgres://*:*",
            "http://*:*",
            "https://*:*",
            "http://self"
        ]
    );
    let other = manifest.component("other").unwrap();
    assert_eq!(
        other.allowed_outbound_hosts,
        ["http://e.com", "https://e.com"]
    );
    let triggers: Vec<_> = manifest.http_triggers().collect();
    assert_eq!(triggers[0].0.id, "trigger-my-component");
    assert_eq!(triggers[0].0.component.as_deref(), Some("my-component"));
    assert_eq!(triggers[0].1.route, HttpRoute::Route("/a/...".into()));
    assert_eq!(triggers[1].1.route, HttpRoute::Route("/b".into()));
    assert_eq!(
        warnings(&manifest),
        [
            "/app/spin.toml:4:35 [\"/\"] This application has the deprecated trigger 'base' set to the default value '/'. \
          This may be an error in the future! | leave it out"
        ]
    );
}

#[test]
fn a_base_is_refused_as_spin_refuses_it() {
    let text = APP.replace("base = \"/\"", "base = \"/v1\"");
    assert_eq!(
        problems(&text),
        "/app/spin.toml:4:35 [\"/v1\"] This application is using the deprecated trigger 'base' field. \
         The base must be prepended to each [[trigger.http]]'s 'route'. | leave `base` out, and write it before each `route`"
    );
}

#[test]
fn redis_triggers_load() {
    let manifest = loaded(
        "spin_manifest_version = \"1\"\nname = \"x\"\ntrigger = { type = \"redis\", address = \"redis://x\" }\n\
         [[component]]\nid = \"a\"\nsource = \"a.wasm\"\n[component.trigger]\nchannel = \"c\"\n",
    );
    let (_, redis) = manifest.redis_triggers().next().unwrap();
    assert_eq!(redis.channel, "c");
    assert_eq!(manifest.skipped_triggers().count(), 0);
    assert_eq!(
        manifest.trigger_settings["redis"]["address"].as_str(),
        Some("redis://x")
    );
}

#[test]
fn mistakes_are_found_in_version_1_too() {
    let text = APP
        .replace("id = \"other\"", "id = \"my-component\"")
        .replace("config = ", "variables = ")
        .replace("[component.build]\ncommand", "[component.build]\ncomand");
    assert_eq!(
        problems(&text),
        "/app/spin.toml:11:1 [variables] unknown field `variables` | the fields here are: `id`, `trigger`, `source`, `config`, `description`, `environment`, \
         `files`, `exclude_files`, `allowed_outbound_hosts`, `allowed_http_hosts`, `key_value_stores`, `sqlite_databases`, `ai_models`, `build`\n\
         /app/spin.toml:16:1 [[component.build]] missing field `command`\n\
         /app/spin.toml:17:1 [comand] unknown field `comand` | did you mean `command`?\n\
         /app/spin.toml:19:6 [\"my-component\"] cannot have duplicate component IDs: my-component | give one of them another id"
    );
    assert_eq!(
        problems(
            "spin_manifest_version = \"1\"\nname = \"x\"\ntrigger = { type = \"http\" }\n[[component]]\nid = \"a b\"\nsource = \"x\"\n"
        ),
        "/app/spin.toml:4:1 [[[component]]] missing field `trigger`\n\
         /app/spin.toml:5:6 [\"a b\"] invalid ID `a b`: '-'-separated words may only contain alphanumeric ASCII; got ' ' | did you mean `a-b`?"
    );
}
