//! Tests of what is read of real components, and of damaged ones.

use super::*;

fn fixture(name: &str) -> Vec<u8> {
    let apps = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/apps");
    std::fs::read(Path::new(apps).join(name)).unwrap()
}

fn of(bytes: &[u8]) -> Result<Binary, BinaryError> {
    Binary::of(io::Cursor::new(bytes), bytes.len() as u64)
}

/// What becomes of them when they run (`engine/module/old_interfaces.rs`).
#[test]
fn what_a_module_of_the_first_sdks_imports_has_the_names_of_today() {
    let binary = of(&fixture("first-sdk/first-sdk.wasm")).unwrap();
    assert!(!binary.is_component);
    let mut imports = binary.imports;
    imports.sort();
    assert_eq!(
        imports,
        [
            "fermyon:spin/config",
            "fermyon:spin/http",
            "fermyon:spin/key-value",
            "fermyon:spin/llm",
            "fermyon:spin/mysql",
            "fermyon:spin/postgres",
            "fermyon:spin/redis",
            "fermyon:spin/sqlite",
            "wasi_snapshot_preview1",
        ]
    );
}

/// As wasmparser reads them, with every section.
fn imports_by_wasmparser(bytes: &[u8]) -> Vec<String> {
    let mut imports: Vec<String> = Vec::new();
    let mut depth = 0;
    for payload in wasmparser::Parser::new(0).parse_all(bytes) {
        use wasmparser::Payload;
        match payload.unwrap() {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::ComponentImportSection(section) if depth == 0 => {
                imports.extend(
                    section
                        .into_iter()
                        .map(|it| it.unwrap().name.name.to_owned()),
                );
            }
            Payload::ImportSection(section) if depth == 0 => {
                for import in section.into_imports() {
                    let module = import.unwrap().module.to_owned();
                    if !imports.contains(&module) {
                        imports.push(module);
                    }
                }
            }
            _ => {}
        }
    }
    imports.retain(|import| !bytes.starts_with(b"\0asm\x0d") || import.contains(':'));
    imports
}

#[test]
fn imports_are_those_that_the_whole_file_has() {
    for name in [
        "visits/visits.wasm",
        "visits-async/visits-async.wasm",
        "unprovided/unprovided.wasm",
        "module/module.wasm",
    ] {
        let bytes = fixture(name);
        let binary = of(&bytes).unwrap();
        assert_eq!(binary.imports, imports_by_wasmparser(&bytes), "{name}");
        assert_eq!(binary.is_component, name != "module/module.wasm", "{name}");
    }
    let visits = of(&fixture("visits/visits.wasm")).unwrap();
    assert!(
        visits
            .imports
            .iter()
            .any(|it| it == "fermyon:spin/key-value@2.0.0")
    );
    assert!(
        visits
            .producers
            .iter()
            .any(|it| it.starts_with("wit-component ")),
        "{visits:?}"
    );
}

#[test]
fn whatever_is_wrong_is_an_error() {
    let bytes = fixture("visits/visits.wasm");
    // Only what is read can be found to be damaged: the beginning, and the lengths of sections.
    for end in (0..bytes.len()).step_by(997) {
        let _ = of(&bytes[..end]);
    }
    for place in 0..2_000 {
        let mut damaged = bytes.clone();
        damaged[place] ^= 0x80;
        let _ = of(&damaged);
    }
    let message = |bytes: &[u8]| of(bytes).unwrap_err().to_string();
    assert_eq!(
        message(b""),
        "it is no WebAssembly: it is shorter than the head of a module"
    );
    assert_eq!(
        message(b"#!/bin/sh\n"),
        "it is no WebAssembly: it does not begin with `\\0asm`"
    );
    assert_eq!(
        message(b"\0asm\x0d\0\x01\0\x0a\x7f"),
        "it is damaged: the section at offset 0xa goes beyond the end"
    );
}

#[test]
fn components_nested_too_deep_are_refused() {
    let mut bytes = b"\0asm\x0d\0\x01\0".to_vec();
    for _ in 0..100 {
        let mut length = Vec::new();
        let mut left = bytes.len();
        while left >= 0x80 {
            length.push((left as u8 & 0x7f) | 0x80);
            left >>= 7;
        }
        length.push(left as u8);
        bytes = [
            b"\0asm\x0d\0\x01\0\x04",
            length.as_slice(),
            bytes.as_slice(),
        ]
        .concat();
    }
    let message = of(&bytes).unwrap_err().to_string();
    assert_eq!(
        message,
        "it is damaged: its components are nested deeper than 50"
    );
}
