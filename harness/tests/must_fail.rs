//! Scenarios that must fail, and for the right reason: `must-fail/*.feature`.

mod fails_with;

use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/must-fail")
}

fn check(name: &str) {
    fails_with::check(
        Path::new(env!("CARGO_MANIFEST_DIR")),
        &format!("tests/must-fail/{name}"),
        &["--seed", "4711"],
    );
}

#[test]
fn responses() {
    check("responses.feature");
}

#[test]
fn stores() {
    check("stores.feature");
}

#[test]
fn tcp() {
    check("tcp.feature");
}

#[test]
fn variables() {
    check("variables.feature");
}

#[test]
fn mistakes() {
    check("mistakes.feature");
}

#[test]
fn faults() {
    check("faults.feature");
}

#[test]
fn faults_with_other_figures() {
    check("faults-figures.feature");
}

#[test]
fn faults_that_cannot_be() {
    check("faults-mistakes.feature");
}

#[test]
fn faults_that_never_fired() {
    check("faults-never-fired.feature");
}

#[test]
fn traps() {
    check("traps.feature");
}

#[test]
fn recordings() {
    check("outgoing-recorded.feature");
}

#[test]
fn databases() {
    check("databases.feature");
}

#[test]
fn services() {
    check("services.feature");
}

#[test]
fn llm() {
    check("llm.feature");
}

#[test]
fn mqtt() {
    check("mqtt.feature");
}

#[test]
fn sockets() {
    check("sockets.feature");
}

#[test]
fn telemetry() {
    check("telemetry.feature");
}

#[test]
fn redis() {
    check("redis.feature");
}

#[test]
fn outgoing_http() {
    check("outgoing-http.feature");
}

#[test]
fn permissions() {
    check("permissions.feature");
}

#[test]
fn snapshots() {
    check("snapshots.feature");
}

#[test]
fn every_feature_that_must_fail_is_checked() {
    let checks = include_str!("must_fail.rs");
    let files = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut seen = 0;
    for path in files.filter(|path| path.extension().is_some_and(|it| it == "feature")) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert!(checks.contains(&format!("check(\"{name}\")")), "{name}");
        seen += 1;
    }
    assert!(seen > 10);
}
