//! The adapter of WASI preview 1 for modules of the first SDKs: some of its functions answer by themselves while the host has the
//! module allocate or free.
//!
//! The linker put a call of the module's constructors before each of its exports, allocator and all, and constructors ask WASI for
//! the environment and for folders. While the host waits, nothing may be asked: the instance would trap. What Spin's adapter for
//! these modules answers then is as if there were nothing (`may_reenter` in `crates/wasi-preview1-component-adapter/src/lib.rs` of
//! its fork of wasmtime, commit 603fb3e).

use super::first_sdks::HOST_WAITS;
use std::convert::Infallible;
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    BlockType, CodeSection, EntityType, ExportKind, ExportSection, Function, FunctionSection,
    ImportSection, InstructionSink, MemArg, Module, TypeSection, ValType,
};
use wasmparser::{
    CodeSectionReader, Export, ExternalKind, FunctionSectionReader, ImportSectionReader, Parser,
    Payload, TypeRef, TypeSectionReader,
};

/// What the error codes of preview 1 are in numbers.
const SUCCESS: i32 = 0;
const BAD_DESCRIPTOR: i32 = 8;
const IO: i32 = 29;

/// What a function answers while the host waits.
struct Guard {
    function: &'static str,
    parameters: u32,
    /// Parameters that are addresses of numbers, each of which becomes 0.
    zeroed: &'static [u32],
    answer: i32,
}

const GUARDS: [Guard; 4] = [
    Guard {
        function: "environ_sizes_get",
        parameters: 2,
        zeroed: &[0, 1],
        answer: SUCCESS,
    },
    Guard {
        function: "fd_prestat_get",
        parameters: 2,
        zeroed: &[],
        answer: BAD_DESCRIPTOR,
    },
    Guard {
        function: "fd_write",
        parameters: 4,
        zeroed: &[3],
        answer: IO,
    },
    Guard {
        function: "random_get",
        parameters: 2,
        zeroed: &[],
        answer: SUCCESS,
    },
];

impl Guard {
    /// Calls the function of the adapter, or answers itself.
    fn body(&self, guarded: u32, host_waits: u32) -> Function {
        let mut body = Function::new([]);
        let mut code: InstructionSink<'_> = body.instructions();
        code.call(host_waits);
        code.if_(BlockType::Result(ValType::I32));
        for address in self.zeroed {
            code.local_get(*address).i32_const(0).i32_store(MemArg {
                offset: 0,
                align: 2,
                memory_index: 0,
            });
        }
        code.i32_const(self.answer);
        code.else_();
        for parameter in 0..self.parameters {
            code.local_get(parameter);
        }
        code.call(guarded);
        code.end();
        code.end();
        body
    }
}

/// An adapter of which this is made.
///
/// # Errors
///
/// Bytes that are no such adapter.
pub(super) fn guarded(adapter: &[u8]) -> Result<Vec<u8>, Error> {
    let mut guarding = Guarding::default();
    for payload in Parser::new(0).parse_all(adapter) {
        match payload? {
            Payload::TypeSection(groups) => {
                for group in groups {
                    guarding.types += group?.types().len() as u32;
                }
            }
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    guarding.imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::FunctionSection(functions) => guarding.defined = functions.count(),
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export?;
                    let guard = GUARDS.iter().find(|it| it.function == export.name);
                    if let (Some(guard), ExternalKind::Func) = (guard, export.kind) {
                        guarding.guards.push((guard, export.index));
                    }
                }
            }
            _ => {}
        }
    }
    let mut module = Module::new();
    guarding.parse_core_module(&mut module, Parser::new(0), adapter)?;
    Ok(module.finish())
}

/// Copies an adapter: imports one function more, and puts the guards in the place of what they guard.
#[derive(Default)]
struct Guarding {
    types: u32,
    /// How many functions it imports, and so the index of the additional one.
    imported: u32,
    /// How many it defines.
    defined: u32,
    /// With the index of the guarded function, before there was an additional one.
    guards: Vec<(&'static Guard, u32)>,
}

impl Reencode for Guarding {
    type Error = Infallible;

    fn function_index(&mut self, index: u32) -> Result<u32, Error> {
        Ok(index + u32::from(index >= self.imported))
    }

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: TypeSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_type_section(self, types, section)?;
        types.ty().function([], [ValType::I32]);
        for (guard, _) in &self.guards {
            let parameters = (0..guard.parameters).map(|_| ValType::I32);
            types.ty().function(parameters, [ValType::I32]);
        }
        Ok(())
    }

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: ImportSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_import_section(self, imports, section)?;
        imports.import(
            "__main_module__",
            HOST_WAITS,
            EntityType::Function(self.types),
        );
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_function_section(self, functions, section)?;
        for (place, _) in self.guards.iter().enumerate() {
            functions.function(self.types + 1 + place as u32);
        }
        Ok(())
    }

    fn parse_export(
        &mut self,
        exports: &mut ExportSection,
        export: Export<'_>,
    ) -> Result<(), Error> {
        let mut guards = self.guards.iter();
        match guards.position(|(guard, _)| guard.function == export.name) {
            Some(place) => {
                let index = self.imported + 1 + self.defined + place as u32;
                exports.export(export.name, ExportKind::Func, index);
                Ok(())
            }
            None => utils::parse_export(self, exports, export),
        }
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_code_section(self, code, section)?;
        for (guard, guarded) in &self.guards {
            code.function(&guard.body(guarded + 1, self.imported));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasi_preview1_component_adapter_provider::WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER as ADAPTER;
    use wasmparser::Validator;

    /// Names and types of what a module exports.
    fn exports(module: &[u8]) -> Vec<(String, String)> {
        let types = Validator::new().validate_all(module).unwrap();
        let types = types.as_ref();
        let mut exports = Vec::new();
        for payload in Parser::new(0).parse_all(module) {
            if let Payload::ExportSection(section) = payload.unwrap() {
                for export in section {
                    let export = export.unwrap();
                    let ty = types[types.core_function_at(export.index)].to_string();
                    exports.push((export.name.to_owned(), ty));
                }
            }
        }
        exports
    }

    #[test]
    fn the_adapter_stays_valid_and_what_it_exports_stays() {
        let guarded = guarded(ADAPTER).unwrap();
        assert_eq!(exports(&guarded), exports(ADAPTER));
        for guard in GUARDS {
            let mut names = exports(ADAPTER).into_iter();
            assert!(
                names.any(|(name, _)| name == guard.function),
                "{}",
                guard.function
            );
        }
    }

    #[test]
    fn what_is_no_adapter_is_an_error() {
        assert!(guarded(b"no wasm").is_err());
    }
}
