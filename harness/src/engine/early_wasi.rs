//! Versions of WASI from before a release that Spin serves besides it. An interface of them that is the same in the release
//! runs on what is linked for that (`crates/factor-wasi/src/wasi_*.rs`, `crates/factor-outbound-http/src/wasi_*.rs` in Spin);
//! what is another one is linked under its own name, by `host/snapshot_2023`.
//!
//! A name of `0.3.0-rc-2026-03-15` becomes `0.3.0+rc-2026-03-15`: for wasmtime another one than `0.3.0`, which a component may
//! use beside it, and yet a version that everything of 0.3 fits. So it is with the others.

use super::rename::rename;
use crate::app::released;
use std::borrow::Cow;

/// The export by which a component of the candidate of 0.3.0 takes HTTP requests, as it is compiled.
pub(super) const HANDLER_3: &str = "wasi:http/handler@0.3.0+rc-2026-03-15";

/// What [`prepared`] does, in the key of what is kept compiled: a component that was kept before would lack it.
pub(super) const PREPARATION: &[u8] =
    b"wasi 0.3.0-rc-2026-03-15 as 0.3.0; 0.2.0-rc-2023-10-18 and 0.2.0-rc-2023-11-10 as 0.2.0";

/// The name under which an import or export is compiled, if it is not its own.
fn compiled(name: &str) -> Option<String> {
    (released(name) != name).then(|| name.replacen("-rc-", "+rc-", 1))
}

/// The name that the component itself has for what is compiled under a name.
pub(super) fn own_name(name: &str) -> String {
    let own = name.replacen("+rc-", "-rc-", 1);
    match compiled(&own) {
        Some(_) => own,
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
    fn names_of_what_is_the_same_become_versions_of_the_release_and_no_others_do() {
        for (early, name) in [
            ("wasi:http/handler@0.3.0-rc-2026-03-15", HANDLER_3),
            (
                "wasi:io/poll@0.2.0-rc-2023-11-10",
                "wasi:io/poll@0.2.0+rc-2023-11-10",
            ),
            (
                "wasi:cli/exit@0.2.0-rc-2023-10-18",
                "wasi:cli/exit@0.2.0+rc-2023-10-18",
            ),
        ] {
            assert_eq!(compiled(early).as_deref(), Some(name));
            assert_eq!(own_name(name), early);
            let version = name.split_once('@').unwrap().1;
            assert!(semver::Version::parse(version).unwrap().pre.is_empty());
        }
        for other in [
            "wasi:http/handler@0.3.0",
            "wasi:http/handler@0.3.0-rc-2026-02-09",
            // Other functions, other types, and a date that nobody has.
            "wasi:io/poll@0.2.0-rc-2023-10-18",
            "wasi:http/types@0.2.0-rc-2023-11-10",
            "wasi:cli/exit@0.2.0-rc-2023-12-05",
            "shop:pricing/quote@0.3.0-rc-2026-03-15",
            "shop:pricing/quote@0.3.0+rc-2026-03-15",
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
        assert!(text(&prepared).contains(HANDLER_3));
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
