//! What a manifest of version 2 says, and what normalising makes of it.

use std::path::{Path, PathBuf};

use super::super::*;
use super::{loaded, problems, warnings, with};

#[test]
fn every_field_is_read() {
    let manifest = loaded(
        r##"
spin_manifest_version = 2

[application]
name = "shop"
version = "1.2.3"
description = "sells"
authors = ["a", "b"]
targets = ["spin-up:3.2", { url = "https://x" }, { path = "t.toml" }]
[application.trigger.redis]
address = "redis://localhost"
[application.tool.other]
anything = { goes = 1 }

[variables]
host = { default = "example.com", description = "where" }
token = { required = true, secret = true }

[[trigger.http]]
id = "front"
route = "/shop/:item/..."
component = "cart"
executor = { type = "spin" }

[[trigger.http]]
route = { private = true }
component = "cart"

[[trigger.http]]
route = "/gone"
static_response = { status_code = 410, body = "gone", headers = { b = "1", a = "2" } }

[[trigger.redis]]
channel = "orders"
component = "cart"

[component.cart]
source = "sub/../cart.wasm"
description = "the cart"
variables = { url = "https://{{ host }}/x" }
environment = { LANG = "C" }
files = ["images/*.png", { source = "assets", destination = "/a" }]
exclude_files = ["images/x.png"]
allowed_outbound_hosts = ["https://{{ host }}", "redis://localhost"]
key_value_stores = ["default", "user_data"]
sqlite_databases = ["default"]
ai_models = ["llama2-chat"]
targets = ["spin-up:3.2"]
dependencies_inherit_configuration = true
[component.cart.build]
command = ["make a", "make b"]
workdir = "cart"
watch = ["src/**/*.rs"]
[component.cart.dependencies]
"foo:bar/baz@1.0.0" = { path = "baz.wasm", export = "x:y/z" }
"foo:qux" = "1.0"
[component.cart.tool.other]
x = 1
[component.cart.profile.debug]
source = "debug.wasm"
environment = { LEVEL = "full" }
build.command = "make debug"
"##,
    );
    assert_eq!(
        (
            manifest.name.as_str(),
            manifest.version.as_str(),
            manifest.manifest_version
        ),
        ("shop", "1.2.3", 2)
    );
    assert_eq!(manifest.description.as_deref(), Some("sells"));
    assert_eq!(manifest.authors, ["a", "b"]);
    assert_eq!(manifest.targets.len(), 3);
    assert_eq!(
        manifest.trigger_settings["redis"]["address"].as_str(),
        Some("redis://localhost")
    );
    assert_eq!(manifest.root, PathBuf::from("/app"));
    assert_eq!(
        manifest.variables["host"].default.as_deref(),
        Some("example.com")
    );
    assert!(manifest.variables["token"].is_required() && manifest.variables["token"].secret);

    let cart = manifest.component("cart").unwrap();
    assert_eq!(
        cart.source,
        ComponentSource::LocalPath("/app/cart.wasm".into())
    );
    assert_eq!(cart.variables["url"].to_string(), "https://{{ host }}/x");
    assert_eq!(cart.environment["LANG"], "C");
    assert_eq!(
        cart.files[0].value,
        FilesMount::Pattern("images/*.png".into())
    );
    assert_eq!(
        cart.files[1].value,
        FilesMount::Placement {
            source: "assets".into(),
            destination: "/a".into()
        }
    );
    assert_eq!(cart.exclude_files[0].value, "images/x.png");
    assert_eq!(
        cart.allowed_outbound_hosts,
        ["https://{{ host }}", "redis://localhost"]
    );
    assert_eq!(cart.key_value_stores, ["default", "user_data"]);
    assert_eq!(
        &manifest.source.text()[cart.spans.key_value_stores[1].clone()],
        "\"user_data\""
    );
    assert_eq!(cart.sqlite_databases, ["default"]);
    assert_eq!(cart.ai_models, ["llama2-chat"]);
    let build = cart.build.as_ref().unwrap();
    assert_eq!(build.commands, ["make a", "make b"]);
    assert_eq!(
        (build.workdir.as_deref(), build.watch.as_slice()),
        (Some("cart"), &["src/**/*.rs".to_owned()][..])
    );
    assert_eq!(
        cart.dependencies[0].target,
        DependencyTarget::LocalPath("/app/baz.wasm".into())
    );
    assert_eq!(cart.dependencies[0].export.as_deref(), Some("x:y/z"));
    assert_eq!(
        cart.dependencies[1].inherit_configuration,
        Some(InheritConfiguration::All(true))
    );
    assert_eq!(cart.profiles["debug"].build_commands, ["make debug"]);
    assert_eq!(
        cart.profiles["debug"].source,
        Some(ComponentSource::LocalPath("/app/debug.wasm".into()))
    );
    assert_eq!(cart.tool["other"]["x"].as_integer(), Some(1));

    let ids: Vec<&str> = manifest
        .triggers
        .iter()
        .map(|trigger| trigger.id.as_str())
        .collect();
    assert_eq!(
        ids,
        [
            "front",
            "cart-http-trigger",
            "http-trigger1",
            "cart-redis-trigger"
        ]
    );
    let http: Vec<&HttpTrigger> = manifest.http_triggers().map(|(_, http)| http).collect();
    assert_eq!(http[0].route, HttpRoute::Route("/shop/:item/...".into()));
    assert_eq!(http[1].route, HttpRoute::Private);
    let response = http[2].static_response.as_ref().unwrap();
    assert_eq!(
        (response.status_code, response.body.as_deref()),
        (Some(410), Some("gone"))
    );
    assert_eq!(
        response.headers,
        [
            ("b".to_owned(), "1".to_owned()),
            ("a".to_owned(), "2".to_owned())
        ]
    );
    let skipped: Vec<&str> = manifest
        .skipped_triggers()
        .map(|trigger| trigger.kind.as_str())
        .collect();
    assert!(skipped.is_empty());
    let redis: Vec<_> = manifest.redis_triggers().map(|(_, it)| it).collect();
    assert_eq!(redis.len(), 1);
    assert_eq!(
        (redis[0].channel.as_str(), &redis[0].address),
        ("orders", &None)
    );
    assert_eq!(
        manifest.triggers[3].config["channel"].as_str(),
        Some("orders")
    );
    assert_eq!(manifest.triggers[3].component.as_deref(), Some("cart"));
}

/// `normalize_inline_components` and `normalize_trigger_ids` of `crates/manifest/src/normalize.rs`.
#[test]
fn inline_components_and_triggers_get_the_ids_that_spin_gives_them() {
    let manifest = loaded(
        r#"
spin_manifest_version = 2
application.name = "x"
[[trigger.http]]
route = "/a"
component = { source = "a.wasm" }
[[trigger.http]]
route = "/b"
id = "my_own"
component = { source = "b.wasm", key_value_stores = ["default"] }
[[trigger.http]]
route = "/c"
component = "named"
[[trigger.http]]
route = "/d"
component = "named"
[[trigger.multi]]
components = { one = { source = "c.wasm" }, many = ["named", { source = "d.wasm" }] }
[component.named]
source = "named.wasm"
[component.http-trigger1-component]
source = "taken.wasm"
"#,
    );
    let triggers: Vec<(&str, Option<&str>)> = manifest
        .triggers
        .iter()
        .map(|trigger| (trigger.id.as_str(), trigger.component.as_deref()))
        .collect();
    assert_eq!(
        triggers,
        [
            // The natural id is taken, so a counter gives one; so it does where the trigger's id is no kebab.
            ("http-trigger1", Some("inline-component1")),
            ("my_own", Some("inline-component2")),
            ("named-http-trigger", Some("named")),
            ("http-trigger2", Some("named")),
            ("multi-trigger1", None),
        ]
    );
    assert_eq!(
        manifest.triggers[4].components["one"],
        ["inline-component3"]
    );
    assert_eq!(
        manifest.triggers[4].components["many"],
        ["named", "inline-component4"]
    );
    let component = manifest.component("inline-component2").unwrap();
    assert_eq!(
        component.source,
        ComponentSource::LocalPath("/app/b.wasm".into())
    );
    assert!(component.inline);
    assert_eq!(component.key_value_stores, ["default"]);

    let manifest = loaded(
        "spin_manifest_version = 2\napplication.name = \"x\"\n[[trigger.http]]\nroute = \"/\"\ncomponent.source = \"a.wasm\"\n",
    );
    assert_eq!(manifest.components[0].id, "http-trigger1-component");
}

/// `TriggerConfig` in `crates/trigger-redis/src/lib.rs`.
#[test]
fn a_redis_trigger_has_a_channel_and_nothing_unknown() {
    let app = |trigger: &str| {
        format!(
            "spin_manifest_version = 2\napplication.name = \"x\"\n[[trigger.redis]]\ncomponent = \"a\"\n{trigger}\n\
             [component.a]\nsource = \"a.wasm\"\n"
        )
    };
    let manifest = loaded(&app("channel = \"c\"\naddress = \"redis://h\""));
    let (_, redis) = manifest.redis_triggers().next().unwrap();
    assert_eq!(redis.address.as_deref(), Some("redis://h"));
    assert!(manifest.used_components().any(|it| it.id == "a"));
    assert!(problems(&app("")).contains("channel"));
    assert!(problems(&app("channel = \"c\"\nchanel = \"d\"")).contains("chanel"));
    assert!(problems(&app("channel = 7")).contains("a string"));
}

#[test]
fn components_and_triggers_keep_the_order_of_the_file() {
    let manifest = loaded(
        "spin_manifest_version = 2\napplication.name = \"x\"\n[component.z]\nsource = \"z\"\n[[trigger.mqtt]]\ncomponent = \"z\"\n\
         [[trigger.http]]\nroute = \"/\"\ncomponent = \"a\"\n[[trigger.mqtt]]\ncomponent = \"a\"\n[component.a]\nsource = \"a\"\n",
    );
    let components: Vec<&str> = manifest
        .components
        .iter()
        .map(|component| component.id.as_str())
        .collect();
    assert_eq!(components, ["z", "a"]);
    let triggers: Vec<&str> = manifest
        .triggers
        .iter()
        .map(|trigger| trigger.id.as_str())
        .collect();
    assert_eq!(
        triggers,
        ["z-mqtt-trigger", "a-http-trigger", "a-mqtt-trigger"]
    );
    assert_eq!(
        manifest
            .used_components()
            .map(|component| component.id.as_str())
            .collect::<Vec<_>>(),
        ["a"]
    );
}

#[test]
fn remote_sources_load_as_data() {
    let manifest = loaded(
        "spin_manifest_version = 2\napplication.name = \"x\"\ntrigger = {}\n\
         [component.a]\nsource = { url = \"https://x/a.wasm\", digest = \"sha256:00\" }\n\
         [component.b]\nsource = { registry = \"r.io\", package = \"user:pkg\", version = \"1.0.0\" }\n\
         [component.c]\nsource = { package = \"user:pkg\", version = \"1.0.0-rc.1\" }\n",
    );
    assert_eq!(
        manifest.components[0].source,
        ComponentSource::Url {
            url: "https://x/a.wasm".into(),
            digest: "sha256:00".into()
        }
    );
    let package = |registry: Option<&str>, version: &str| ComponentSource::Registry {
        registry: registry.map(str::to_owned),
        package: "user:pkg".into(),
        version: version.into(),
    };
    assert_eq!(
        manifest.components[1].source,
        package(Some("r.io"), "1.0.0")
    );
    assert_eq!(manifest.components[2].source, package(None, "1.0.0-rc.1"));
}

#[test]
fn old_hosts_are_converted_with_a_warning() {
    let manifest = loaded(&with(
        "allowed_http_hosts = [\"example.com:80\", \"self\"]\nallowed_outbound_hosts = [\"redis://r\"]\n",
    ));
    let hosts = &manifest.components[0].allowed_outbound_hosts;
    // `Url` drops the port that is the scheme's own.
    assert_eq!(
        hosts,
        &[
            "redis://r",
            "http://example.com",
            "https://example.com",
            "http://self"
        ]
    );
    assert_eq!(
        warnings(&manifest),
        [
            "/app/spin.toml:9:1 [allowed_http_hosts] Use of the deprecated field `allowed_http_hosts` - to fix, replace `allowed_http_hosts` with \
          `allowed_outbound_hosts = [\"http://example.com\", \"https://example.com\", \"http://self\"]` | \
          write `allowed_outbound_hosts = [\"http://example.com\", \"https://example.com\", \"http://self\"]` in its place"
        ]
    );
}

#[test]
fn an_empty_app_loads() {
    let manifest = loaded("spin_manifest_version = 2\napplication.name = \"\"\ntrigger = {}\n");
    assert!(manifest.components.is_empty() && manifest.triggers.is_empty());
    assert_eq!(manifest.version, "");
}

#[test]
fn a_wagi_executor_loads_with_spins_warning() {
    let text = with("").replace(
        "component = \"api\"\n",
        "component = \"api\"\nexecutor = { type = \"wagi\", argv = \"a b\" }\n",
    );
    let manifest = loaded(&text);
    let (_, http) = manifest.http_triggers().next().unwrap();
    assert_eq!(http.executor, HttpExecutor::Wagi { argv: "a b".into() });
    assert_eq!(
        warnings(&manifest),
        [
            "/app/spin.toml:5:9 [\"/...\"] HTTP route /... uses the WAGI executor. | \
          build the component with an SDK, so that it exports an HTTP handler, and leave `executor` out"
        ]
    );
}

/// As `profiles_override_source` and its neighbours in `crates/manifest/src/schema/v2.rs`.
#[test]
fn a_profile_takes_the_place_of_what_it_names() {
    let text = super::with(
        "environment = { A = \"1\", B = \"2\" }\nbuild.command = \"make\"\nbuild.workdir = \"w\"\n\
         [component.api.dependencies]\n\"a:b\" = { path = \"a.wasm\" }\n\"c:d\" = { path = \"c.wasm\" }\n\
         [component.api.profile.fancy]\nsource = \"fancy.wasm\"\nbuild.command = [\"make x\", \"make y\"]\n\
         environment = { B = \"3\", C = \"4\" }\n\
         dependencies = { \"c:d\" = { path = \"fancy-c.wasm\" }, \"e:f\" = { path = \"e.wasm\" } }\n\
         [component.other]\nsource = \"other.wasm\"\n",
    );
    let path = Path::new("/app/spin.toml");
    let plain = Manifest::parse(path, &text).unwrap();
    let plain = plain.component("api").unwrap();
    assert_eq!(
        plain.source,
        ComponentSource::LocalPath("/app/api.wasm".into())
    );
    let fancy = Manifest::parse_with_profile(path, &text, Some("fancy")).unwrap();
    let api = fancy.component("api").unwrap();
    assert_eq!(
        api.source,
        ComponentSource::LocalPath("/app/fancy.wasm".into())
    );
    assert_eq!(&text[api.spans.source.clone()], "\"fancy.wasm\"");
    let build = api.build.as_ref().unwrap();
    assert_eq!(build.commands, ["make x", "make y"]);
    assert_eq!(build.workdir.as_deref(), Some("w"));
    let environment: Vec<String> = api
        .environment
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    assert_eq!(environment, ["A=1", "B=3", "C=4"]);
    let dependencies: Vec<_> = api
        .dependencies
        .iter()
        .map(|dependency| (dependency.name.as_str(), &dependency.target))
        .collect();
    let path = |path: &str| DependencyTarget::LocalPath(path.into());
    assert_eq!(
        dependencies,
        [
            ("a:b", &path("/app/a.wasm")),
            ("c:d", &path("/app/fancy-c.wasm")),
            ("e:f", &path("/app/e.wasm")),
        ]
    );
    let other = fancy.component("other").unwrap();
    assert_eq!(
        other.source,
        ComponentSource::LocalPath("/app/other.wasm".into())
    );
}

#[test]
fn a_profile_that_nobody_defines_is_refused() {
    let text = super::with("[component.api.profile.debug]\nsource = \"debug.wasm\"\n");
    let path = Path::new("/app/spin.toml");
    let error = Manifest::parse_with_profile(path, &text, Some("deubg")).unwrap_err();
    assert!(
        super::all(&error)
            .ends_with("Profile deubg is not defined in this application | did you mean `debug`?"),
        "{}",
        super::all(&error)
    );
    let text = text.replace(
        "[component.api]",
        "[application.tool.harness]\nprofile = \"release\"\n[component.api]",
    );
    assert_eq!(
        super::problems(&text),
        "/app/spin.toml:8:11 [\"release\"] Profile release is not defined in this application | there is debug"
    );
    let with_setting = text.replace("release", "debug");
    let manifest = super::loaded(&with_setting);
    let api = manifest.component("api").unwrap();
    assert_eq!(
        api.source,
        ComponentSource::LocalPath("/app/debug.wasm".into())
    );
}

#[test]
fn settings_under_a_misspelt_name_are_told() {
    for (name, told) in [
        ("harnes", true),
        ("spin_harness", true),
        ("other-tool", false),
    ] {
        let manifest = loaded(&with(&format!("[application.tool.{name}]\nseed = 3\n")));
        let warned = manifest
            .warnings
            .iter()
            .any(|it| it.to_string().contains("is read by nobody"));
        assert_eq!(warned, told, "{name}");
    }
}
