//! Puts an HTTP trigger's middleware before a component, as Spin does (`crates/trigger-http/src/middleware.rs`).

use super::{ComposeError, Composition, HANDLER, chain, whole, with_denials};
use crate::app::InheritConfiguration;
use wac_graph::{CompositionGraph, EncodeOptions};

/// A component that a request passes through before another.
pub(crate) struct Middleware<'a> {
    /// What it is called in messages.
    pub name: &'a str,
    /// Its number, by which the host knows what it is denied.
    pub number: usize,
    /// Its bytes; of a component.
    pub wasm: Vec<u8>,
    /// What it may do of what the component behind it may do.
    pub inherits: Option<&'a InheritConfiguration>,
}

/// Puts middleware before a component: the first is the first to have a request. Of what the component exports only its
/// handler is left, as in Spin.
///
/// # Errors
///
/// What does not take requests, or cannot pass them on, in the way that middleware does.
pub(crate) fn wrap(
    component: &str,
    wasm: Vec<u8>,
    middleware: &[Middleware<'_>],
) -> Result<Vec<u8>, ComposeError> {
    let mut composition = Composition {
        graph: CompositionGraph::new(),
        component,
    };
    let registered = composition.register("behind", wasm);
    let (world, instance) = registered.map_err(ComposeError::Whole)?;
    let exports = &composition.graph.types()[world].exports;
    if !exports.contains_key(HANDLER) {
        return Err(ComposeError::NoHandlerBehind {
            exports: exports.keys().cloned().collect(),
        });
    }
    let graph = &mut composition.graph;
    let mut handler = graph
        .alias_instance_export(instance, HANDLER)
        .map_err(whole)?;
    for (place, it) in middleware.iter().enumerate().rev() {
        let in_it = |error| ComposeError::InMiddleware(Box::new(error));
        let refused = |reason| {
            let dependency = it.name.to_owned();
            in_it(ComposeError::Refused { dependency, reason })
        };
        let wasm = with_denials(it.name, &it.wasm, it.number, it.inherits).map_err(in_it)?;
        // One component may stand there twice.
        let package = format!("middleware{place}");
        let (world, instance) = composition.register(&package, wasm).map_err(refused)?;
        let world = &composition.graph.types()[world];
        let lacks = match (
            world.imports.contains_key(HANDLER),
            world.exports.contains_key(HANDLER),
        ) {
            (true, true) => None,
            (false, _) => Some("import"),
            (true, false) => Some("export"),
        };
        if let Some(lacks) = lacks {
            let middleware = it.name.to_owned();
            return Err(ComposeError::NotMiddleware { middleware, lacks });
        }
        let graph = &mut composition.graph;
        graph
            .set_instantiation_argument(instance, HANDLER, handler)
            .map_err(|error| refused(chain(&error)))?;
        handler = graph
            .alias_instance_export(instance, HANDLER)
            .map_err(whole)?;
    }
    let graph = &mut composition.graph;
    graph.export(handler, HANDLER).map_err(whole)?;
    graph.encode(EncodeOptions::default()).map_err(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixture(path: &str) -> Vec<u8> {
        let apps = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/apps");
        std::fs::read(format!("{apps}/{path}")).unwrap()
    }

    fn wrapped(behind: &str, before: &str) -> Result<Vec<u8>, ComposeError> {
        let middleware = Middleware {
            name: "m",
            number: 0,
            wasm: fixture(before),
            inherits: None,
        };
        wrap("api", fixture(behind), &[middleware])
    }

    #[test]
    fn requests_must_be_passed_on_in_the_way_of_wasi_0_3() {
        let (guarded, stamp) = ("middleware/guarded.wasm", "middleware/stamp.wasm");
        wrapped(guarded, stamp).unwrap();
        for (behind, before, message) in [
            (
                guarded,
                guarded,
                "middleware 'm' does not import 'wasi:http/handler@0.3.0'",
            ),
            // WASI 0.2, and the candidate of 0.3, which Spin does not take for the release.
            (
                "visits/visits.wasm",
                stamp,
                "it has middleware, and does not export 'wasi:http/handler@0.3.0', by which that passes requests on",
            ),
            (
                "generations/sdk6.wasm",
                stamp,
                "it has middleware, and does not export 'wasi:http/handler@0.3.0', by which that passes requests on",
            ),
        ] {
            let error = wrapped(behind, before).unwrap_err();
            assert_eq!(error.to_string(), message);
        }
    }

    #[test]
    fn only_what_is_not_inherited_is_imported_under_another_name() {
        let key_value = "spin:key-value/key-value@3.0.0";
        let denied = "denied7-spin:key-value/key-value@3.0.0";
        for (inherits, denies) in [(false, true), (true, false)] {
            let inherits = InheritConfiguration::All(inherits);
            let middleware = Middleware {
                name: "m",
                number: 7,
                wasm: fixture("middleware/guard.wasm"),
                inherits: Some(&inherits),
            };
            let whole = wrap("api", fixture("middleware/guarded.wasm"), &[middleware]).unwrap();
            let world = crate::engine::rename::rename_imports(&whole, |_| None).unwrap();
            assert!(world.imports.contains(key_value));
            assert_eq!(world.imports.contains(denied), denies, "{inherits:?}");
        }
    }
}
