//! Makes components of core modules, in memory, as Spin does when it loads one (`crates/componentize`).

mod first_sdks;
mod guarded;
mod old_interfaces;
mod sections;
mod toolchain;

pub(crate) use old_interfaces::name_of_today;

use super::compiler::CompileError;
use std::path::Path;

/// What a core module is, by what it imports and exports (`componentize_old_module` and `ModuleInfo` in `crates/componentize`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ModuleKind {
    /// It runs once, from `_start`, and has no bindings to interfaces of its own.
    Program,
    /// Its bindings are those of wit-bindgen 0.2, from before there were components.
    FirstSdks,
    /// Whatever else its bindings say.
    Library,
}

impl ModuleKind {
    fn of(module: &[u8]) -> Self {
        use wasmparser::{ExternalKind, Parser, Payload};
        let (mut starts, mut has_bindings, mut has_world, mut is_old) =
            (false, false, false, false);
        // What cannot be read is refused by whoever makes a component of it.
        for payload in Parser::new(0).parse_all(module).map_while(Result::ok) {
            match payload {
                Payload::ImportSection(imports) => {
                    let mut imports = imports.into_imports().map_while(Result::ok);
                    is_old |= imports.any(|it| name_of_today(it.module).is_some());
                }
                Payload::ExportSection(exports) => {
                    let exports = exports.into_iter().map_while(Result::ok);
                    for export in exports.filter(|it| it.kind == ExternalKind::Func) {
                        match export.name {
                            "_start" => starts = true,
                            "cabi_realloc" => has_bindings = true,
                            first_sdks::OLD_REALLOC => is_old = true,
                            name => is_old |= old_interfaces::handler(name).is_some(),
                        }
                    }
                }
                Payload::CustomSection(section) => {
                    has_world |= section.name().starts_with("component-type");
                }
                _ => {}
            }
        }
        if has_world || (has_bindings && !is_old) {
            Self::Library
        } else if is_old {
            Self::FirstSdks
        } else if starts {
            Self::Program
        } else {
            Self::Library
        }
    }
}

/// How [`componentize`] works, in the key of what is kept compiled: what was kept of a module before is another component.
pub(super) const MAKING: &[u8] = b"modules of the first SDKs with names of today";

/// Makes a component of a core module, in memory, as Spin does when it loads one (`crates/componentize`).
pub(super) fn componentize(path: &Path, module: &[u8]) -> Result<Vec<u8>, CompileError> {
    use wasi_preview1_component_adapter_provider as adapter;
    let refused = |reason: String| CompileError::Componentize {
        path: path.to_owned(),
        reason,
    };
    toolchain::check_bindings(module).map_err(|it| refused(it.to_string()))?;
    let component = match ModuleKind::of(module) {
        ModuleKind::Program => {
            toolchain::check_allocator(module).map_err(|it| refused(it.to_string()))?;
            encoded(module, adapter::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER)
        }
        ModuleKind::Library => encoded(module, adapter::WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER),
        ModuleKind::FirstSdks => {
            let module = first_sdks::rewritten(module).map_err(|it| refused(it.to_string()))?;
            let adapter = guarded::guarded(adapter::WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER)
                .map_err(|it| refused(it.to_string()))?;
            encoded(&module, &adapter)
        }
    };
    component.map_err(refused)
}

/// A component of a module and an adapter of WASI preview 1.
fn encoded(module: &[u8], adapter: &[u8]) -> Result<Vec<u8>, String> {
    use wasi_preview1_component_adapter_provider::WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME as PREVIEW_1;
    let encode = || {
        wit_component::ComponentEncoder::default()
            .validate(false)
            .module(module)?
            .adapter(PREVIEW_1, adapter)?
            .encode()
    };
    encode().map_err(|error| format!("{error:#}"))
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
            (&["cabi_realloc"], ModuleKind::Library),
            (&["handle-http-request"], ModuleKind::FirstSdks),
            (&["_start", "canonical_abi_realloc"], ModuleKind::FirstSdks),
            (
                &["_start", "canonical_abi_realloc", "handle-redis-message"],
                ModuleKind::FirstSdks,
            ),
        ] {
            assert_eq!(ModuleKind::of(&module(exports)), kind, "{exports:?}");
        }
    }
}
