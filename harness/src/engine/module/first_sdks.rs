//! Rewrites modules of the first SDKs, which have the bindings of wit-bindgen 0.2, for the component encoder of today.
//!
//! What a call takes and gives is the same as today, so only names change. Three functions are added: one around the allocator, one
//! that frees a response once it has been read, which the first SDKs left to the host, and one that says whether either of those is
//! running. The code of the module stays as it is, so that what its debug information says of it holds.

use super::old_interfaces::{self as old, UnknownImport};
use super::sections::Sections;
use std::collections::BTreeSet;
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, ExportKind, ExportSection, Function, FunctionSection,
    GlobalSection, GlobalType, ImportSection, MemArg, TypeSection, ValType,
};
use wasmparser::{BinaryReaderError, Export, ExternalKind, Import, Parser, Payload, TypeRef};

/// The module of which every other adapter is made, too.
const PREVIEW_1: &str = "wasi_snapshot_preview1";

/// What the bindings of wit-bindgen 0.2 allocate and free with.
pub(super) const OLD_REALLOC: &str = "canonical_abi_realloc";
const OLD_FREE: &str = "canonical_abi_free";

/// What the rewritten module exports for the adapter: whether the host had it allocate or free, and waits.
pub(super) const HOST_WAITS: &str = "spin-harness:host-waits";

/// Why a module of the first SDKs cannot be run.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unfit {
    #[error(transparent)]
    Import(#[from] UnknownImport),
    #[error("it exports no `{0}`, which modules of the first SDKs of Spin have for the host")]
    Lacks(&'static str),
    #[error("it is damaged: {0}")]
    Damaged(#[from] BinaryReaderError),
    #[error("{0}")]
    Encode(String),
}

impl From<wasm_encoder::reencode::Error> for Unfit {
    fn from(error: wasm_encoder::reencode::Error) -> Self {
        Self::Encode(error.to_string())
    }
}

/// What a module imports and exports, and how much of everything it has.
#[derive(Default)]
struct Shape<'a> {
    types: u32,
    functions: u32,
    globals: u32,
    imports: Vec<Import<'a>>,
    exports: Vec<Export<'a>>,
}

impl<'a> Shape<'a> {
    fn of(module: &'a [u8]) -> Result<Self, BinaryReaderError> {
        let mut shape = Self::default();
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::TypeSection(groups) => {
                    for group in groups {
                        shape.types += group?.types().len() as u32;
                    }
                }
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        let import = import?;
                        match import.ty {
                            TypeRef::Func(_) => shape.functions += 1,
                            TypeRef::Global(_) => shape.globals += 1,
                            _ => {}
                        }
                        shape.imports.push(import);
                    }
                }
                Payload::FunctionSection(functions) => shape.functions += functions.count(),
                Payload::GlobalSection(globals) => shape.globals += globals.count(),
                Payload::ExportSection(exports) => {
                    shape.exports = exports.into_iter().collect::<Result<_, _>>()?;
                }
                _ => {}
            }
        }
        Ok(shape)
    }

    fn function(&self, name: &str) -> Option<u32> {
        let mut exports = self.exports.iter();
        exports
            .find(|it| it.kind == ExternalKind::Func && it.name == name)
            .map(|it| it.index)
    }
}

/// The same module with the names of today.
///
/// # Errors
///
/// It imports what no interface of the first SDKs has, or exports too little.
pub(super) fn rewritten(module: &[u8]) -> Result<Vec<u8>, Unfit> {
    let shape = Shape::of(module)?;
    let mut sections = Sections::of(module)?;
    let mut interfaces = BTreeSet::new();

    let mut imports = ImportSection::new();
    for import in &shape.imports {
        let ty = RoundtripReencoder.entity_type(import.ty)?;
        if import.module == PREVIEW_1 {
            imports.import(import.module, import.name, ty);
        } else {
            let (interface, function) = old::new_names(import.module, import.name)?;
            interfaces.insert(interface);
            imports.import(interface, function, ty);
        }
    }
    if !shape.imports.is_empty() {
        sections.replace(&imports)?;
    }

    let mut exports = ExportSection::new();
    let mut handled = Vec::new();
    for export in &shape.exports {
        let kind = RoundtripReencoder.export_kind(export.kind)?;
        match old::handler(export.name) {
            Some(handler) if export.kind == ExternalKind::Func => {
                exports.export(handler.export, kind, export.index);
                handled.push(handler);
            }
            // It gets another one.
            _ if export.name == OLD_REALLOC => {}
            _ => {
                exports.export(export.name, kind, export.index);
            }
        }
    }

    let function = |name| shape.function(name).ok_or(Unfit::Lacks(name));
    let mut added = Added::after(&shape);
    let flag = shape.globals;
    let mut globals = GlobalSection::new();
    let ty = GlobalType {
        val_type: ValType::I32,
        mutable: true,
        shared: false,
    };
    globals.global(ty, &ConstExpr::i32_const(0));
    let allocate = allocate(function(OLD_REALLOC)?, flag);
    let allocate = added.function(&[ValType::I32; 4], &[ValType::I32], allocate);
    exports.export(OLD_REALLOC, ExportKind::Func, allocate);
    let host_waits = added.function(&[], &[ValType::I32], value_of(flag));
    exports.export(HOST_WAITS, ExportKind::Func, host_waits);
    if handled.iter().any(|it| it.old == old::HTTP.old) {
        let free = free_response(function(OLD_FREE)?, flag);
        let after = added.function(&[ValType::I32], &[], free);
        exports.export(old::AFTER_HTTP, ExportKind::Func, after);
    }
    sections.extend(&globals)?;
    sections.replace(&exports)?;
    sections.extend(&added.types)?;
    sections.extend(&added.functions)?;
    sections.extend(&added.code)?;

    let mut module = sections.finish();
    let handled = handled.iter().map(|it| it.interface);
    old::embed(&mut module, interfaces, handled).map_err(Unfit::Encode)?;
    Ok(module)
}

/// Functions that come after those of a module.
struct Added {
    next_type: u32,
    next_function: u32,
    types: TypeSection,
    functions: FunctionSection,
    code: CodeSection,
}

impl Added {
    fn after(shape: &Shape<'_>) -> Self {
        Self {
            next_type: shape.types,
            next_function: shape.functions,
            types: TypeSection::new(),
            functions: FunctionSection::new(),
            code: CodeSection::new(),
        }
    }

    /// Adds a function; its index.
    fn function(&mut self, takes: &[ValType], gives: &[ValType], body: Function) -> u32 {
        let index = self.next_function;
        self.types
            .ty()
            .function(takes.iter().copied(), gives.iter().copied());
        self.functions.function(self.next_type);
        self.code.function(&body);
        self.next_type += 1;
        self.next_function += 1;
        index
    }
}

/// Calls the allocator, and lets the flag be set meanwhile.
fn allocate(realloc: u32, flag: u32) -> Function {
    const BEFORE: u32 = 4;
    let mut body = Function::new([(1, ValType::I32)]);
    let mut code = body.instructions();
    // It is set already where the adapter allocates for itself while the host does.
    code.global_get(flag).local_set(BEFORE);
    code.i32_const(1).global_set(flag);
    for parameter in 0..4 {
        code.local_get(parameter);
    }
    code.call(realloc);
    code.local_get(BEFORE).global_set(flag);
    code.end();
    body
}

fn value_of(global: u32) -> Function {
    let mut body = Function::new([]);
    body.instructions().global_get(global).end();
    body
}

/// Frees what a `response` of `fermyon:spin/http-types` refers to, whose address it takes: each name and value of its headers,
/// the list of them, and the body. The response itself is a static variable of the guest.
fn free_response(free: u32, flag: u32) -> Function {
    // Offsets in the response; in each header, those of a string are 0 and 8.
    const HAS_HEADERS: u64 = 4;
    const HEADERS: u64 = 8;
    const HAS_BODY: u64 = 16;
    const BODY: u64 = 20;
    const HEADER_SIZE: i32 = 16;
    const RESPONSE: u32 = 0;
    const HEADER: u32 = 1;
    const LEFT: u32 = 2;

    let at = |offset, align| MemArg {
        offset,
        align,
        memory_index: 0,
    };
    let mut body = Function::new([(2, ValType::I32)]);
    let mut code = body.instructions();
    code.i32_const(1).global_set(flag);

    code.local_get(RESPONSE).i32_load8_u(at(HAS_HEADERS, 0));
    code.if_(BlockType::Empty);
    code.local_get(RESPONSE)
        .i32_load(at(HEADERS, 2))
        .local_set(HEADER);
    code.local_get(RESPONSE)
        .i32_load(at(HEADERS + 4, 2))
        .local_set(LEFT);
    code.loop_(BlockType::Empty);
    code.local_get(LEFT).if_(BlockType::Empty);
    for string in [0, 8] {
        code.local_get(HEADER).i32_load(at(string, 2));
        code.local_get(HEADER).i32_load(at(string + 4, 2));
        code.i32_const(1).call(free);
    }
    code.local_get(HEADER)
        .i32_const(HEADER_SIZE)
        .i32_add()
        .local_set(HEADER);
    code.local_get(LEFT)
        .i32_const(1)
        .i32_sub()
        .local_set(LEFT)
        .br(1);
    code.end().end();
    code.local_get(RESPONSE).i32_load(at(HEADERS, 2));
    code.local_get(RESPONSE)
        .i32_load(at(HEADERS + 4, 2))
        .i32_const(HEADER_SIZE)
        .i32_mul();
    code.i32_const(4).call(free);
    code.end();

    code.local_get(RESPONSE).i32_load8_u(at(HAS_BODY, 0));
    code.if_(BlockType::Empty);
    code.local_get(RESPONSE).i32_load(at(BODY, 2));
    code.local_get(RESPONSE).i32_load(at(BODY + 4, 2));
    code.i32_const(1).call(free);
    code.end();

    code.i32_const(0).global_set(flag);
    code.end();
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST_SDK: &str = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../fixtures/apps/first-sdk/first-sdk.wasm"
    );

    fn fixture() -> Vec<u8> {
        std::fs::read(FIRST_SDK).unwrap()
    }

    /// The fixture with another name, of the same length, in the place of one.
    fn renamed(old: &str, new: &str) -> Vec<u8> {
        let mut module = fixture();
        let found = |bytes: &[u8]| bytes.windows(old.len()).position(|it| it == old.as_bytes());
        while let Some(place) = found(&module) {
            module[place..][..old.len()].copy_from_slice(new.as_bytes());
        }
        module
    }

    fn bodies(module: &[u8]) -> Vec<Vec<u8>> {
        let payloads = Parser::new(0).parse_all(module).map(Result::unwrap);
        let code = payloads.filter_map(|payload| match payload {
            Payload::CodeSectionEntry(body) => Some(body.as_bytes().to_vec()),
            _ => None,
        });
        code.collect()
    }

    #[test]
    fn the_code_of_the_module_stays_as_it_is() {
        let (old, new) = (fixture(), rewritten(&fixture()).unwrap());
        wasmparser::Validator::new().validate_all(&new).unwrap();
        let (old, new) = (bodies(&old), bodies(&new));
        assert_eq!(new.len(), old.len() + 3);
        assert!(new.starts_with(&old));
    }

    #[test]
    fn what_a_module_lacks_is_named() {
        for (name, other, message) in [
            (
                "canonical_abi_free",
                "canonical_abi_fred",
                "it exports no `canonical_abi_free`",
            ),
            (
                "canonical_abi_realloc",
                "canonical_abi_reallot",
                "it exports no `canonical_abi_realloc`",
            ),
            (
                "get-config",
                "got-config",
                "it imports `got-config` of `spin-config`",
            ),
            (
                "spin-config",
                "spin-konfig",
                "it imports `get-config` of `spin-konfig`",
            ),
        ] {
            let shown = rewritten(&renamed(name, other)).unwrap_err().to_string();
            assert!(shown.starts_with(message), "{shown}");
        }
        // Nobody frees what a handler of messages returns.
        let shape = |module: &[u8]| Shape::of(module).unwrap().exports.len();
        let only_redis = renamed("handle-http-request", "handle-nothing-else");
        let only_redis = rewritten(&only_redis).unwrap();
        assert_eq!(shape(&only_redis), shape(&fixture()) + 1);
    }

    #[test]
    fn a_damaged_module_is_an_error() {
        let whole = fixture();
        for length in [8, 9, 40, 400, whole.len() / 2, whole.len() - 1] {
            assert!(rewritten(&whole[..length]).is_err(), "{length} bytes");
        }
    }
}
