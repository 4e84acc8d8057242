//! The release candidate of WASI 0.3 that Spin serves besides the release, `0.3.0-rc-2026-03-15`: its interfaces are those of
//! 0.3.0, function by function and type by type, so that a component which names them runs on what is linked for 0.3.0
//! (`crates/factor-wasi/src/wasi_2026_03_15.rs`, `crates/factor-outbound-http/src/wasi_2026_03_15.rs` in Spin).
//!
//! A name of the candidate becomes `0.3.0+rc-2026-03-15`: for wasmtime another one than `0.3.0`, which a component may use
//! beside it, and yet a version that everything of 0.3 fits.

use super::rename::rename;
use crate::app::{CANDIDATE, released};
use std::borrow::Cow;

/// What stands in the place of the candidate's version.
const COMPILED: &str = "@0.3.0+rc-2026-03-15";

/// The export by which a component of the candidate takes HTTP requests, as it is compiled.
pub(super) const HANDLER: &str = "wasi:http/handler@0.3.0+rc-2026-03-15";

/// What [`prepared`] does, in the key of what is kept compiled: a component that was kept before would lack it.
pub(super) const PREPARATION: &[u8] = b"wasi 0.3.0-rc-2026-03-15 as 0.3.0";

/// The name under which an import or export is compiled, if it is not its own.
fn compiled(name: &str) -> Option<String> {
    let interface = name.strip_suffix(CANDIDATE)?;
    (released(name) != name).then(|| format!("{interface}{COMPILED}"))
}

/// The name that the component itself has for what is compiled under a name.
pub(super) fn own_name(name: &str) -> String {
    match name.strip_suffix(COMPILED) {
        Some(interface) => format!("{interface}{CANDIDATE}"),
        None => name.to_owned(),
    }
}

/// A component as it is compiled. What is damaged stays as it is: wasmtime says what is wrong with it.
pub(super) fn prepared(component: &[u8]) -> Cow<'_, [u8]> {
    match rename(component, compiled, compiled) {
        Ok(renamed) if renamed.is_other() => renamed.wasm.into(),
        _ => component.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::cache::Cache;
    use crate::engine::compiler::{CompileError, Compiler};
    use wac_graph::types::Package;
    use wac_graph::{CompositionGraph, EncodeOptions};

    #[test]
    fn names_of_the_candidate_become_versions_of_the_release_and_no_others_do() {
        let http = "wasi:http/handler@0.3.0-rc-2026-03-15";
        assert_eq!(compiled(http).as_deref(), Some(HANDLER));
        assert_eq!(own_name(HANDLER), http);
        let version = semver::Version::parse(&COMPILED[1..]).unwrap();
        assert!(version.pre.is_empty() && version.minor == 3);
        for other in [
            "wasi:http/handler@0.3.0",
            "wasi:http/handler@0.3.0-rc-2026-02-09",
            "shop:pricing/quote@0.3.0-rc-2026-03-15",
            "denied0-wasi:http/client@0.3.0-rc-2026-03-15",
        ] {
            assert_eq!(compiled(other), None, "{other}");
            assert_eq!(own_name(other), other);
        }
    }

    #[test]
    fn a_component_of_the_candidate_is_valid_under_its_other_names() {
        let apps = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/apps");
        let component = std::fs::read(format!("{apps}/generations/sdk6.wasm")).unwrap();
        let prepared = prepared(&component);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(text(&prepared).contains(HANDLER));
        assert!(text(&prepared).contains("wasi:clocks/monotonic-clock@0.3.0+rc-2026-03-15"));
        wasmparser::Validator::new()
            .validate_all(&prepared)
            .unwrap();
        let visits = std::fs::read(format!("{apps}/visits-async/visits-async.wasm")).unwrap();
        assert!(matches!(super::prepared(&visits), Cow::Borrowed(_)));
    }

    /// The two handlers have one type, so that a component with both would seem to have one.
    #[test]
    fn a_component_of_the_release_and_of_the_candidate_has_two_handlers() {
        let mut graph = CompositionGraph::new();
        for (name, file, export) in [
            (
                "release",
                "middleware/guarded.wasm",
                "wasi:http/handler@0.3.0",
            ),
            (
                "candidate",
                "generations/sdk6.wasm",
                "wasi:http/handler@0.3.0-rc-2026-03-15",
            ),
        ] {
            let path = format!("{}/../fixtures/apps/{file}", env!("CARGO_MANIFEST_DIR"));
            let wasm = std::fs::read(path).unwrap();
            let package = Package::from_bytes(name, None, wasm, graph.types_mut()).unwrap();
            let package = graph.register_package(package).unwrap();
            let instance = graph.instantiate(package);
            let handler = graph.alias_instance_export(instance, export).unwrap();
            graph.export(handler, export).unwrap();
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("both.wasm");
        let both = graph.encode(EncodeOptions::default()).unwrap();
        std::fs::write(&path, both).unwrap();
        let compiler = Compiler::new(Cache::none(), None);
        let refused = compiler.load(&path).map(drop).unwrap_err();
        assert!(
            matches!(refused, CompileError::SeveralHandlers { .. }),
            "{refused}"
        );
    }
}
