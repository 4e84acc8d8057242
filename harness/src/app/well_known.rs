//! The paths that Spin answers itself (`crates/trigger-http/src/server.rs`, `crates/http/src/app_info.rs`).

use super::manifest::Manifest;

/// What those paths start with.
pub const WELL_KNOWN_PREFIX: &str = "/.well-known/spin/";

/// An answer that no component gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WellKnownResponse {
    /// The status.
    pub status: u16,
    /// The media type, if the answer has one.
    pub content_type: Option<&'static str>,
    /// The body.
    pub body: Vec<u8>,
}

/// Spin's own answer to a path, whatever the method; nothing where the path is for the app.
pub fn well_known(manifest: &Manifest, path: &str) -> Option<WellKnownResponse> {
    let response = match path.strip_prefix(WELL_KNOWN_PREFIX)? {
        "health" => WellKnownResponse {
            status: 200,
            content_type: None,
            body: b"OK".to_vec(),
        },
        "info" => WellKnownResponse {
            status: 200,
            content_type: Some("application/json"),
            body: info(manifest),
        },
        _ => WellKnownResponse {
            status: 404,
            content_type: None,
            body: Vec::new(),
        },
    };
    Some(response)
}

/// Name and version as Spin prints them; an empty version is left out.
fn info(manifest: &Manifest) -> Vec<u8> {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let mut lines = vec![format!("  \"name\": {}", quoted(&manifest.name))];
    if !manifest.version.is_empty() {
        lines.push(format!("  \"version\": {}", quoted(&manifest.version)));
    }
    format!("{{\n{}\n}}", lines.join(",\n")).into_bytes()
}
