//! The same app without Gherkin, in ordinary tests.

use spin_harness::{App, Error, Fault, Operation};

const APP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/apps/visits");

#[tokio::test]
async fn a_visit_is_counted() {
    let app = App::load(APP).unwrap();
    let sandbox = app.sandbox();
    sandbox.key_value("default").set("visits", "41");
    let response = sandbox.get("/visit").await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.text(), "42");
}

#[tokio::test]
async fn a_full_disk_is_admitted() {
    let app = App::load(APP).unwrap();
    let mut sandbox = app.sandbox();
    sandbox.key_value("default").set("visits", "41");
    sandbox.faults().push(
        Fault::on(Operation::Set)
            .nth(1)
            .fails_with(Error::other("disk full")),
    );
    let response = sandbox.get("/visit").await.unwrap();
    assert_eq!(response.status(), 503);
    assert_eq!(sandbox.key_value("default").get("visits").unwrap(), "41");
}
