//! Makes components of core modules, in memory, as Spin does when it loads one (`crates/componentize`).

use super::compiler::CompileError;
use std::path::Path;

/// What a core module is, by what it exports (`componentize_old_module` and `ModuleInfo` in `crates/componentize`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ModuleKind {
    /// It runs once, from `_start`, and has no bindings to interfaces of its own.
    Program,
    /// Its bindings are those of wit-bindgen 0.2, from before there were components.
    FirstSdks,
    /// Whatever else its bindings say.
    Library,
}

/// What the modules of the first SDKs export, for HTTP and for Redis.
const HANDLERS_OF_FIRST_SDKS: [&str; 2] = ["handle-http-request", "handle-redis-message"];

impl ModuleKind {
    fn of(module: &[u8]) -> Self {
        use wasmparser::{ExternalKind, Parser, Payload};
        let (mut starts, mut has_bindings) = (false, false);
        // What cannot be read is refused by whoever makes a component of it.
        for payload in Parser::new(0).parse_all(module).map_while(Result::ok) {
            match payload {
                Payload::ExportSection(exports) => {
                    let exports = exports.into_iter().map_while(Result::ok);
                    for export in exports.filter(|it| it.kind == ExternalKind::Func) {
                        match export.name {
                            "_start" => starts = true,
                            "cabi_realloc" | "canonical_abi_realloc" => has_bindings = true,
                            name if HANDLERS_OF_FIRST_SDKS.contains(&name) => {
                                return Self::FirstSdks;
                            }
                            _ => {}
                        }
                    }
                }
                Payload::CustomSection(section) => {
                    has_bindings |= section.name().starts_with("component-type");
                }
                _ => {}
            }
        }
        match starts && !has_bindings {
            true => Self::Program,
            false => Self::Library,
        }
    }
}

/// Makes a component of a core module, in memory, as Spin does when it loads one (`crates/componentize`).
pub(super) fn componentize(path: &Path, module: &[u8]) -> Result<Vec<u8>, CompileError> {
    use wasi_preview1_component_adapter_provider as adapter;
    let name = adapter::WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME;
    let adapter = match ModuleKind::of(module) {
        ModuleKind::Program => adapter::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER,
        ModuleKind::Library => adapter::WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
        ModuleKind::FirstSdks => {
            return Err(CompileError::Componentize {
                path: path.to_owned(),
                reason: "it is a module of the first SDKs of Spin, and spin-harness has no adapter for its bindings (those of \
                         wit-bindgen 0.2); build it with a later SDK"
                    .to_owned(),
            });
        }
    };
    let encode = || {
        wit_component::ComponentEncoder::default()
            .validate(false)
            .module(module)?
            .adapter(name, adapter)?
            .encode()
    };
    encode().map_err(|error| CompileError::Componentize {
        path: path.to_owned(),
        reason: format!("{error:#}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module with one function, exported under these names.
    fn module(names: &[&str]) -> Vec<u8> {
        let mut exports = vec![names.len() as u8];
        for name in names {
            exports.push(name.len() as u8);
            exports.extend(name.bytes());
            exports.extend([0, 0]);
        }
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        module.extend([1, 4, 1, 0x60, 0, 0]);
        module.extend([3, 2, 1, 0]);
        module.extend([7, exports.len() as u8]);
        module.extend(exports);
        module.extend([10, 4, 1, 2, 0, 0x0b]);
        module
    }

    #[test]
    fn a_module_is_known_by_what_it_exports() {
        for (exports, kind) in [
            (&["_start"][..], ModuleKind::Program),
            (&["_start", "cabi_realloc"], ModuleKind::Library),
            (&["_initialize"], ModuleKind::Library),
            (&["handle-http-request"], ModuleKind::FirstSdks),
            (
                &["_start", "canonical_abi_realloc", "handle-redis-message"],
                ModuleKind::FirstSdks,
            ),
        ] {
            assert_eq!(ModuleKind::of(&module(exports)), kind, "{exports:?}");
        }
        let refused = componentize(Path::new("old.wasm"), &module(&["handle-http-request"]));
        let message = refused.unwrap_err().to_string();
        assert!(message.contains("first SDKs"), "{message}");
    }
}
