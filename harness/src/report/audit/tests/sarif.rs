//! The SARIF is what its schema says, and means the same wherever a finding stands.

use super::super::sarif::sarif;
use super::json::check;
use super::{HOSTILE, all_real, assert_snapshot, hostile, of_name, place, two_apps};
use crate::audit::{Audit, Code, Finding};
use serde_json::Value;
use std::process::Command;

/// The schema of SARIF, from the package that is a dependency for that alone (see `Cargo.toml`).
fn schema() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages
        .iter()
        .find(|it| it["name"] == "serde-sarif")
        .unwrap();
    let manifest = std::path::Path::new(package["manifest_path"].as_str().unwrap());
    let schema = std::fs::read_to_string(manifest.with_file_name("src/schema.json")).unwrap();
    serde_json::from_str(&schema).unwrap()
}

fn log(audits: &[Audit]) -> Value {
    serde_json::from_str(&sarif(audits)).unwrap()
}

fn results(audits: &[Audit]) -> Vec<Value> {
    log(audits)["runs"][0]["results"]
        .as_array()
        .unwrap()
        .clone()
}

/// An audit with nothing but this.
fn with(findings: Vec<Finding>) -> Audit {
    Audit {
        findings,
        ..of_name("spin.toml")
    }
}

#[test]
fn logs_are_what_the_schema_says() {
    let logs = [
        log(&[]),
        log(&hostile()),
        log(&all_real()),
        log(&two_apps()),
    ];
    check(schema(), &logs).unwrap();
    let mut wrong = log(&two_apps());
    wrong["runs"][0]["results"][0]["level"] = "information".into();
    assert!(check(schema(), &[wrong]).is_err());
}

#[test]
fn every_code_is_a_rule_and_every_result_points_at_its_own() {
    let log = log(&[of_name("x")]);
    let rules = &log["runs"][0]["tool"]["driver"]["rules"];
    let ids: Vec<_> = rules
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| &rule["id"])
        .collect();
    assert_eq!(ids, Code::ALL.map(Code::name));
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), Code::ALL.len());
    for result in results {
        let index = result["ruleIndex"].as_u64().unwrap() as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
    assert_eq!(rules[0]["name"], "UnusedGrant");
    assert_eq!(rules[8]["name"], "SharedRedisUrl");
}

#[test]
fn what_is_denied_is_an_error() {
    let finding = |code: Code, denied: bool| Finding {
        denied,
        ..Finding::new(code, "m", "h")
    };
    let levels: Vec<_> = results(&[with(vec![
        finding(Code::RefusedName, false),
        finding(Code::UnusedGrant, false),
        finding(Code::SharedStore, false),
        finding(Code::SharedStore, true),
    ])])
    .iter()
    .map(|result| result["level"].as_str().unwrap().to_owned())
    .collect();
    assert_eq!(levels, ["error", "warning", "note", "error"]);
}

#[test]
fn a_fingerprint_stays_where_lines_move_and_differs_where_the_finding_does() {
    let finding = |component: &str, line: usize| Finding {
        place: Some(place("spin.toml", line)),
        ..Finding::new(Code::UnusedGrant, "unused", "take it out").of(component)
    };
    let results = results(&[with(vec![
        finding("api", 1),
        finding("api", 99),
        finding("web", 1),
        Finding {
            code: Code::UnexercisedGrant,
            ..finding("api", 1)
        },
        Finding {
            message: "used".to_owned(),
            ..finding("api", 1)
        },
    ])]);
    let prints: Vec<_> = results
        .iter()
        .map(|it| &it["partialFingerprints"])
        .collect();
    assert_eq!(prints[0], prints[1]);
    for other in &prints[2..] {
        assert_ne!(prints[0], *other);
    }
}

#[test]
fn a_finding_without_a_place_is_of_the_manifest() {
    let results = results(&[with(vec![Finding::new(Code::UnusedGrant, "m", "h")])]);
    let location = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"]["uri"], "spin.toml");
    assert_eq!(location["region"], Value::Null);
}

#[test]
fn paths_are_uris() {
    for (file, uri) in [
        ("spin.toml", "spin.toml"),
        ("./apps/my shop/spin.toml", "apps/my%20shop/spin.toml"),
        ("../a%b/c:d#e?f.toml", "../a%25b/c%3Ad%23e%3Ff.toml"),
        ("/tmp/ü/spin.toml", "file:///tmp/%C3%BC/spin.toml"),
        ("a\\b\n|.toml", "a%5Cb%0A%7C.toml"),
    ] {
        let mut finding = Finding::new(Code::UnusedGrant, "m", "h");
        finding.place = Some(place(file, 1));
        let results = results(&[with(vec![finding])]);
        let location = &results[0]["locations"][0]["physicalLocation"];
        assert_eq!(location["artifactLocation"]["uri"], uri);
    }
}

#[test]
fn messages_mean_what_they_say() {
    for name in HOSTILE {
        let results = results(&[of_name(name)]);
        let text = results[0]["message"]["text"].as_str().unwrap();
        // As a reader takes them: of arguments there are none, so braces are doubled.
        let mut read = text.replace("{{", "{").replace("}}", "}");
        if name.contains("](") {
            assert!(!text.replace("\\](", "").contains("]("), "{text}");
            read = read.replace("\\[", "[").replace("\\]", "]");
        }
        let expected = format!(
            "Component \"{name}\" has `{name}`, {name}. Write `[component.\"{name}\"]` or {name}."
        );
        assert_eq!(read, expected);
    }
}

/// With the rules that have results: what all say is in `Code`.
#[test]
fn the_sarif_of_two_apps() {
    let mut log = log(&two_apps());
    let run = &mut log["runs"][0];
    let used: Vec<Value> = run["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| result["ruleId"].clone())
        .collect();
    let driver = &mut run["tool"]["driver"];
    assert_eq!(driver["version"], env!("CARGO_PKG_VERSION"));
    driver["version"] = "VERSION".into();
    let rules = driver["rules"].as_array_mut().unwrap();
    rules.retain(|rule| used.contains(&rule["id"]));
    assert_snapshot("sarif", &format!("{log:#}\n"));
}
