//! `[application.tool.harness]`.

use std::time::Duration;

use super::super::*;
use super::{loaded, problems};

fn with_settings(settings: &str) -> String {
    format!(
        "spin_manifest_version = 2\napplication.name = \"x\"\ntrigger = {{}}\n[application.tool.harness]\n{settings}\n"
    )
}

#[test]
fn all_settings_are_read() {
    let manifest = loaded(&with_settings(
        r#"
features = ["features", "../shared/x.feature"]
runtime_config_file = "rc.toml"
snapshots = "snap"
seed = 7
jobs = 2
tags = "@fast and not @slow"
limits = "none"
client_address = "10.0.0.1:99"
authority = "example.com"
redactions = [{ json_path = "$.id", with = "[id]" }, { regex = '\d+', with = "N" }]
volatile_headers = ["X-Request-Id"]
[application.tool.harness.bounds]
compute = "5 s"
memory = "1 GiB"
response = "16 MiB"
log = "1 MiB"
time = "60 s"
"#,
    ));
    let settings = manifest.harness;
    assert_eq!(
        settings
            .features
            .iter()
            .map(|it| it.value.as_path())
            .collect::<Vec<_>>(),
        [
            std::path::Path::new("/app/features"),
            std::path::Path::new("/shared/x.feature")
        ]
    );
    let runtime_config = settings.runtime_config_file.unwrap();
    assert_eq!(runtime_config.value, std::path::Path::new("/app/rc.toml"));
    assert_eq!(settings.snapshots, Some("/app/snap".into()));
    assert_eq!(
        (settings.seed, settings.jobs, settings.limits),
        (Some(7), Some(2), Some(Limits::None))
    );
    assert_eq!(settings.tags.as_deref(), Some("@fast and not @slow"));
    assert_eq!(
        settings.client_address,
        Some("10.0.0.1:99".parse().unwrap())
    );
    assert_eq!(settings.authority.as_deref(), Some("example.com"));
    assert_eq!(
        settings.redactions,
        [
            Redaction::JsonPath {
                path: "$.id".into(),
                with: "[id]".into()
            },
            Redaction::Regex {
                regex: "\\d+".into(),
                with: "N".into()
            }
        ]
    );
    assert_eq!(settings.volatile_headers, ["x-request-id"]);
    assert_eq!(
        settings.bounds,
        Bounds {
            compute: Some(ComputeBound::Time(Duration::from_secs(5))),
            memory: Some(1 << 30),
            response: Some(16 << 20),
            log: Some(1 << 20),
            time: Some(Duration::from_secs(60)),
        }
    );
    let fuel = loaded(&with_settings("bounds.compute = 1_000_000"))
        .harness
        .bounds
        .compute;
    assert_eq!(fuel, Some(ComputeBound::Fuel(1_000_000)));
}

#[test]
fn nothing_said_is_the_default() {
    assert_eq!(
        loaded(&with_settings("")).harness,
        HarnessSettings::default()
    );
}

#[test]
fn mistakes_have_a_place() {
    for (line, place) in [
        (
            "feature = []",
            "5:1 [feature] unknown field `feature` | did you mean `features`?",
        ),
        (
            "jobs = 0",
            "5:8 [0] `jobs` must be a whole number, and at least 1",
        ),
        (
            "seed = -1",
            "5:8 [-1] `seed` must be a whole number from 0 to 18446744073709551615",
        ),
        (
            "limits = \"document\"",
            "5:10 [\"document\"] unknown variant `document`, expected `documented` or `none` | did you mean `documented`?",
        ),
        (
            "client_address = \"localhost\"",
            "5:18 [\"localhost\"] invalid value: string \"localhost\", expected an address and a port such as \"127.0.0.1:1\"",
        ),
        (
            "authority = \"http://x\"",
            "5:13 [\"http://x\"] invalid value: string \"http://x\", expected a host, or a host and a port, such as \"localhost:3000\"",
        ),
        (
            "bounds = { memory = 5 }",
            "5:21 [5] invalid type: integer `5`, expected a string",
        ),
        (
            "bounds = { memory = \"lots\" }",
            "5:21 [\"lots\"] invalid value: string \"lots\", expected a size such as \"16 MiB\"",
        ),
        (
            "bounds = { cpu = 5 }",
            "5:12 [cpu] unknown field `cpu` | the fields here are: `compute`, `memory`, `response`, `log`, `time`",
        ),
        (
            "redactions = [{ regex = \"(\", with = \"\" }]",
            "5:25 [\"(\"] invalid regular expression: unclosed group",
        ),
        (
            "redactions = [{ with = \"\" }]",
            "5:15 [{ with = \"\" }] a redaction has either `json_path` or `regex`",
        ),
        (
            "redactions = [{ json_path = \"id\", with = \"\" }]",
            "5:29 [\"id\"] invalid value: string \"id\", expected a JSON path such as \"$.id\"",
        ),
    ] {
        assert_eq!(
            problems(&with_settings(line)),
            format!("/app/spin.toml:{place}"),
            "{line}"
        );
    }
}
