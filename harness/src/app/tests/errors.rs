//! Manifests that must not load: what is said, where, and what is suggested.

use super::super::*;
use super::{loaded, parse, problems, warnings, with};

fn start(version: &str) -> String {
    problems(&format!(
        "{version}\napplication.name = \"x\"\ntrigger = {{}}\n"
    ))
}

#[test]
fn versions_other_than_2_and_1_are_refused() {
    let help = " | write `spin_manifest_version = 2`, or \"1\" for the old form";
    for version in ["3", "\"2\"", "1", "\"77.301.12\"", "true"] {
        assert_eq!(
            start(&format!("spin_manifest_version = {version}")),
            format!("/app/spin.toml:1:25 [{version}] invalid manifest version: {version}{help}")
        );
    }
    assert_eq!(
        start("# nothing"),
        "/app/spin.toml:1:1 [# nothing] missing field `spin_manifest_version`"
    );
    assert_eq!(
        start("spin_version = 2"),
        "/app/spin.toml:1:1 [spin_version] missing field `spin_manifest_version` | write `spin_manifest_version = 2`"
    );
}

#[test]
fn everything_wrong_is_said_at_once_in_the_order_of_the_file() {
    let text = with(
        "key_value_store = [\"default\"]\nai_models = 3\n[component.api.tool]\nx = 1\n[componet.b]\nsource = 1\n",
    );
    assert_eq!(
        problems(&text),
        "/app/spin.toml:9:1 [key_value_store] unknown field `key_value_store` | did you mean `key_value_stores`?\n\
         /app/spin.toml:10:13 [3] invalid type: integer `3`, expected a sequence\n\
         /app/spin.toml:12:5 [1] invalid type: integer `1`, expected a map\n\
         /app/spin.toml:13:2 [componet] unknown field `componet` | did you mean `component`?"
    );
}

#[test]
fn unknown_fields_are_refused_wherever_spin_refuses_them() {
    for (more, place) in [
        (
            "build = { command = \"x\", wacth = [] }",
            "9:26 [wacth] unknown field `wacth` | did you mean `watch`?",
        ),
        (
            "files = [{ source = \"a\", destination = \"/\", mode = 1 }]",
            "9:45 [mode] unknown field `mode` | the fields here are: `source`, `destination`",
        ),
        (
            "[variables.x]\ndefault = \"1\"\nsecrt = true",
            "11:1 [secrt] unknown field `secrt` | did you mean `secret`?",
        ),
        (
            "[component.api.profile.p]\nsorce = \"x\"",
            "10:1 [sorce] unknown field `sorce` | did you mean `source`?",
        ),
        (
            "[component.b]\nsource = { url = \"x\", digest = \"sha256:1\", size = 1 }",
            "10:44 [size] unknown field `size` | the fields here are: `url`, `digest`",
        ),
        (
            "[application.trigger.http]\nbas = \"/\"",
            "10:1 [bas] unknown field `bas` | did you mean `base`?",
        ),
    ] {
        assert_eq!(
            problems(&with(more)),
            format!("/app/spin.toml:{place}"),
            "{more}"
        );
    }
    let http = with("").replace("route = ", "rout = ");
    assert_eq!(
        problems(&http),
        "/app/spin.toml:4:1 [[[trigger.http]]] missing field `route`\n/app/spin.toml:5:1 [rout] unknown field `rout` | did you mean `route`?"
    );
    // Other types of triggers have keys of their own.
    loaded(&with(
        "[[trigger.cron]]\ncomponent = \"api\"\ncron_expression = \"* * * * *\"\n",
    ));
}

#[test]
fn wrong_forms_are_named() {
    for (more, place) in [
        (
            "environment = { A = 1 }",
            "9:21 [1] invalid type: integer `1`, expected a string",
        ),
        (
            "description = [\"x\"]",
            "9:15 [[\"x\"]] invalid type: sequence, expected a string",
        ),
        (
            "files = [1]",
            "9:10 [1] data did not match any variant of untagged enum WasiFilesMount | write a glob pattern or { source = \"…\", destination = \"/…\" }",
        ),
        (
            "build = \"make\"",
            "9:9 [\"make\"] invalid type: string \"make\", expected a map",
        ),
        (
            "build = { command = 1.5 }",
            "9:21 [1.5] data did not match any variant of untagged enum Commands | write a command or an array of commands",
        ),
        (
            "dependencies_inherit_configuration = \"yes\"",
            "9:38 [\"yes\"] invalid type: string \"yes\", expected a boolean",
        ),
        (
            "[component.b]\nsource = {}",
            "10:10 [{}] data did not match any variant of untagged enum ComponentSource | write a path, \
          { url = \"…\", digest = \"sha256:…\" } or { registry = \"…\", package = \"…\", version = \"…\" }",
        ),
        (
            "[component.b]\nsource = { package = \"pkg\", version = \"1\" }",
            "10:22 [\"pkg\"] invalid package name (\"pkg\")\n\
          /app/spin.toml:10:39 [\"1\"] Component b specifies an invalid semantic version (\"1\") for its package version",
        ),
        (
            "[trigger.cron]\nx = 1",
            "9:1 [[trigger.cron]] invalid type: map, expected a sequence: write [[trigger.cron]]",
        ),
        (
            "[[trigger.cron]]\ncomponent = 1",
            "10:13 [1] invalid type: integer `1`, expected a component id or a table",
        ),
    ] {
        assert_eq!(
            problems(&with(more)),
            format!("/app/spin.toml:{place}"),
            "{more}"
        );
    }
}

#[test]
fn names_follow_spins_rules() {
    for (more, place) in [
        (
            "key_value_stores = [\"default\", \"user data\"]",
            "9:32 [\"user data\"] expected kebab-case or snake_case | write it in kebab-case or snake_case: \
             lower-case words joined by `-` or by `_`",
        ),
        (
            "sqlite_databases = [\"a-b_c\"]",
            "9:21 [\"a-b_c\"] expected kebab-case or snake_case | write it in kebab-case or snake_case: \
             lower-case words joined by `-` or by `_`",
        ),
        (
            "variables = { A = \"x\" }",
            "9:15 [A] invalid ID `A`: Lower-case identifiers must be all lowercase; got \"A\" | did you mean `a`?",
        ),
        (
            "[component.my_api]\nsource = \"x\"",
            "9:12 [my_api] invalid ID `my_api`: words must be separated with '-', not '_' | did you mean `my-api`?",
        ),
        (
            "[[trigger.cron]]\ncomponent = \"my_api\"",
            "10:13 [\"my_api\"] invalid ID `my_api`: words must be separated with '-', not '_' | did you mean `my-api`?",
        ),
        (
            "[[trigger.cron]]\ncomponent = \"nope\"",
            "10:13 [\"nope\"] no such component \"nope\" | the components are: `api`",
        ),
        (
            "[[trigger.redis]]\ncomponent = \"api\"\nchannel = \"c\"\ndependencies.middleware = [{ path = \"x\" }]",
            "9:1 [[[trigger.redis]]] this trigger should not have dependencies",
        ),
        (
            "[[trigger.http]]\nroute = \"/m\"\ncomponent = \"api\"\ndependencies.middlewares = [{ path = \"x\" }]",
            "9:1 [[[trigger.http]]] the HTTP trigger's only allowed trigger dependency is `middleware` | did you mean `middleware`?",
        ),
        (
            "[[trigger.http]]\nroute = \"/m\"\ncomponent = \"api\"\ndependencies.middleware = { path = \"x\" }",
            "12:27 [{ path = \"x\" }] invalid type: map, expected a sequence | \
          write a list, also of one: `middleware = [{ component = \"…\" }]`",
        ),
        (
            "[[trigger.http]]\nroute = \"/m\"\ncomponent = \"api\"\ndependencies.middleware = [{ source = \"x\" }]",
            "12:28 [{ source = \"x\" }] data did not match any variant of untagged enum TriggerDependency | \
          write a table with `package` and `version`, `path`, `url` and `digest`, or `component`",
        ),
        (
            "[component.api.dependencies]\n\"a b\" = { path = \"x\" }",
            "10:1 [\"a b\"] '-'-separated words may only contain alphanumeric ASCII; got ' ' | \
          write a package (`foo:bar/baz@1.0.0`, the version and the interface may be left out) or a plain name",
        ),
        (
            "[component.api.dependencies]\nplain = \"1.0\"",
            "10:1 [plain] dependency \"plain\" must specify a package name",
        ),
        (
            "[component.api.dependencies]\n\"a:b\" = { path = \"x\", export = \"y\" }",
            "10:1 [\"a:b\"] using an export to satisfy the package dependency \"a:b\" is not currently permitted",
        ),
        (
            "[component.api.dependencies]\n\"a:b\" = \"one\"",
            "10:9 [\"one\"] Component dependency \"a:b\" specifies an invalid semantic version requirement (\"one\") for its package version",
        ),
        (
            "[component.api.dependencies]\n\"a:b\" = { component = \"c\" }",
            "10:1 [\"a:b\"] dependency ID c does not exist",
        ),
    ] {
        assert_eq!(
            problems(&with(more)),
            format!("/app/spin.toml:{place}"),
            "{more}"
        );
    }
}

/// `allow_list` in `crates/capabilities/src/deny.rs`.
#[test]
fn a_field_that_cannot_be_inherited_is_a_warning() {
    let inherits = |field: &str| {
        let text = format!(
            "[component.api.dependencies]\n\"a:b\" = {{ path = \"c\", inherit_configuration = [\"variables\", \"{field}\"] }}\n"
        );
        warnings(&loaded(&with(&text)))
    };
    assert!(inherits("key_value_stores").is_empty());
    assert_eq!(
        inherits("key_value_store"),
        [
            "/app/spin.toml:10:61 [\"key_value_store\"] nothing is inherited through `key_value_store`: Spin passes over it | did you mean `key_value_stores`?"
        ]
    );
    assert!(inherits("build")[0].ends_with(
        "| what can be inherited is: `ai_models`, `allowed_outbound_hosts`, `environment`, `files`, `key_value_stores`, \
         `sqlite_databases`, `variables`"
    ));
}

#[test]
fn dependencies_must_not_have_permissions_of_their_own() {
    let text = with(
        "[component.api.dependencies]\n\"a:b\" = { component = \"c\" }\n[component.c]\nsource = \"c\"\nkey_value_stores = [\"default\"]\nfiles = [\"x\"]\n",
    );
    assert_eq!(
        problems(&text),
        "/app/spin.toml:10:1 [\"a:b\"] Dependencies may not have their own resources or permissions. Component c cannot be used as a dependency of api because it specifies: files, key_value_stores"
    );
    let text = with(
        "dependencies_inherit_configuration = false\n[component.api.dependencies]\n\"a:b\" = { path = \"c\", inherit_configuration = [\"files\"] }\n",
    );
    assert_eq!(
        problems(&text),
        "/app/spin.toml:7:12 [api] Component `api` specifies both `dependencies_inherit_configuration` and per-dependency `inherit_configuration`. \
         These are mutually exclusive; use one or the other."
    );
}

#[test]
fn variables_are_required_or_have_a_default() {
    let text = with(
        "[variables]\nboth = { required = true, default = \"\" }\nneither = { secret = true }\nfalse_one = { required = false }\n",
    );
    let message = "must be `required` OR have a `default`";
    assert_eq!(
        problems(&text),
        format!(
            "/app/spin.toml:10:1 [both] {message}\n/app/spin.toml:11:1 [neither] {message}\n/app/spin.toml:12:1 [false_one] {message}"
        )
    );
}

#[test]
fn templates_are_checked() {
    let text = with(
        "variables = { a = \"{{ hots }}\", b = \"x {{ y\", c = \"host {{host}}\" }\n[variables]\nhost = { default = \"h\" }\n",
    );
    assert_eq!(
        problems(&text),
        "/app/spin.toml:9:23 [hots] invalid variable template: unknown variable \"hots\" | did you mean `host`?\n\
         /app/spin.toml:9:37 [\"x {{ y\"] invalid variable template: unmatched '{{' in template | a variable is written `{{ name }}`"
    );
}

#[test]
fn hosts_are_checked() {
    let text = with(
        "allowed_outbound_hosts = [\"example.com\", \"https://{{ bad }}\", \"https://{{ none }}\"]\n[variables]\nbad = { default = \"a b\" }\nnone = { required = true }\n",
    );
    assert_eq!(
        problems(&text),
        "/app/spin.toml:9:27 [\"example.com\"] \"example.com\" does not contain a scheme (e.g., 'http://' or '*://') | hosts are written SCHEME://HOST[:PORT], each part may be `*`\n\
         /app/spin.toml:9:42 [\"https://{{ bad }}\"] using default variable value(s) with template \"https://{{ bad }}\" results in invalid config \"https://a b\": \
         Invalid allowed host \"a b\": invalid international domain name"
    );
    assert_eq!(
        problems(&with("allowed_outbound_hosts = [\"insecure:allow-all\"]\n")),
        "/app/spin.toml:9:27 [\"insecure:allow-all\"] 'insecure:allow-all' is not allowed - use '*://*:*' instead if you really want to allow all outbound traffic'"
    );
}

#[test]
fn http_triggers_have_a_component_or_a_static_response() {
    let neither = with("[[trigger.http]]\nroute = \"/x\"\n");
    assert_eq!(
        problems(&neither),
        "/app/spin.toml:9:1 [[[trigger.http]]] Triggers must specify either component or static_response - http-trigger1 has neither"
    );
    let both = with(
        "[[trigger.http]]\nid = \"t\"\nroute = \"/x\"\ncomponent = \"api\"\nstatic_response = {}\n",
    );
    assert_eq!(
        problems(&both),
        "/app/spin.toml:9:1 [[[trigger.http]]] Triggers must specify either component or static_response - t has both"
    );
    for (keys, place) in [
        (
            "route = { private = false }",
            "11:9 [{ private = false }] route must be a string pattern or '{ private = true }': 'api' has { private = false }",
        ),
        (
            "route = 1",
            "11:9 [1] data did not match any variant of untagged enum HttpTriggerRouteConfig | write a route such as \"/hello/...\" or { private = true }",
        ),
        (
            "route = \"/a/*b\"",
            "11:9 [\"/a/*b\"] Error parsing route /a/*b associated with component api: since there can only be one wildcard, it doesn't need a name. replace `*b` with `*`",
        ),
        (
            "route = \"/a/:/b\"",
            "11:9 [\"/a/:/b\"] Error parsing route /a/:/b associated with component api: params must be named",
        ),
        (
            "route = \"/a/*/b\"",
            "11:9 [\"/a/*/b\"] Error parsing route /a/*/b associated with component api: a wildcard must end the route | write `:name` for a part in the middle",
        ),
        (
            "route = \"/a\"\nexecutor = { type = \"wasm\" }",
            "12:21 [\"wasm\"] unknown variant `wasm`, expected `http` or `wagi`",
        ),
        (
            "route = \"/a\"\nexecutor = { type = \"wagi\", entrypoint = \"x\" }",
            "12:42 [\"x\"] a Wagi component cannot use the deprecated 'entrypoint' field | leave `entrypoint` out",
        ),
    ] {
        let text = with(&format!("[[trigger.http]]\ncomponent = \"api\"\n{keys}\n"));
        assert_eq!(problems(&text), format!("/app/spin.toml:{place}"), "{keys}");
    }
}

#[test]
fn a_missing_manifest_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let error = Manifest::load(folder.path()).unwrap_err();
    let path = folder.path().join("spin.toml");
    assert_eq!(error.to_string(), format!("there is no {}", path.display()));
    let error = Manifest::load(&folder.path().join("no/spin.toml")).unwrap_err();
    assert!(
        super::all(&error).contains("there is no folder"),
        "{}",
        super::all(&error)
    );
}

#[test]
fn a_folder_stands_for_its_manifest() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("spin.toml"), with("")).unwrap();
    let manifest = Manifest::load(folder.path()).unwrap();
    assert_eq!(manifest.path, folder.path().join("spin.toml"));
    assert_eq!(
        manifest.components[0].source,
        ComponentSource::LocalPath(folder.path().join("api.wasm"))
    );
}

#[test]
fn an_error_renders_with_place_underline_and_help() {
    let error = parse(&with("key_value_store = []\n")).unwrap_err();
    let mut text = String::new();
    let handler = miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::none());
    handler.render_report(&mut text, &error).unwrap();
    for part in [
        "app::unknown_field",
        "unknown field `key_value_store`",
        "[/app/spin.toml:9:1]",
        "did you mean `key_value_stores`?",
        "unknown field",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}

#[test]
fn a_mistake_is_said_once() {
    let text = "spin_manifest_version = 2\ntrigger = {}\n[application]\nname = \"x\"\ntrigger = 1\ntool = 2\n";
    assert_eq!(
        problems(text),
        "/app/spin.toml:5:11 [1] invalid type: integer `1`, expected a map\n/app/spin.toml:6:8 [2] invalid type: integer `2`, expected a map"
    );
}
