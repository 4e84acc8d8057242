//! Gives imports and exports of a component other names, and leaves everything else of it as it is, byte for byte.
//!
//! Within a component nothing refers to an import or an export by its name, so no other section changes.

use std::collections::BTreeSet;
use wasmparser::{BinaryReader, BinaryReaderError, ComponentExport, ComponentImport};

/// Where the sections of a component begin.
const HEAD: usize = 8;
/// The section with imports.
const IMPORTS: u8 = 10;
/// The section with exports.
const EXPORTS: u8 = 11;

/// A component with other names.
pub(super) struct Renamed {
    pub wasm: Vec<u8>,
    /// What it imported before.
    pub imports: BTreeSet<String>,
    /// Those that have another name now, with the exports that do.
    renamed: BTreeSet<String>,
}

impl Renamed {
    /// Whether anything of it has another name now.
    pub fn is_other(&self) -> bool {
        !self.renamed.is_empty()
    }

    /// Whether an import or an export was given another name.
    pub fn any(&self, name: &str) -> bool {
        self.renamed.contains(name)
    }
}

/// Gives each import for which `name` has one another name.
///
/// # Errors
///
/// What is no component, or is damaged.
pub(super) fn rename_imports(
    wasm: &[u8],
    name: impl Fn(&str) -> Option<String>,
) -> Result<Renamed, BinaryReaderError> {
    rename(wasm, name, |_| None)
}

/// Gives each import and each export for which `import` or `export` has one another name.
///
/// # Errors
///
/// What is no component, or is damaged.
pub(super) fn rename(
    wasm: &[u8],
    import: impl Fn(&str) -> Option<String>,
    export: impl Fn(&str) -> Option<String>,
) -> Result<Renamed, BinaryReaderError> {
    let mut sections = BinaryReader::new(wasm, 0);
    let mut made = sections.read_bytes(HEAD)?.to_vec();
    let (mut imports, mut renamed) = (BTreeSet::new(), BTreeSet::new());
    while !sections.eof() {
        let id = sections.read_u8()?;
        let length = sections.read_var_u32()? as usize;
        let begin = sections.original_position();
        let content = sections.read_bytes(length)?;
        if id != IMPORTS && id != EXPORTS {
            section(&mut made, id, content);
            continue;
        }
        let mut old = BinaryReader::new(content, begin);
        let count = old.read_var_u32()?;
        let mut new = Vec::new();
        leb128(&mut new, count as usize);
        for _ in 0..count {
            let from = old.current_position();
            let (named, other) = if id == IMPORTS {
                let name = old.read::<ComponentImport<'_>>()?.name.name;
                imports.insert(name.to_owned());
                (name, import(name))
            } else {
                let name = old.read::<ComponentExport<'_>>()?.name.name;
                (name, export(name))
            };
            let encoded = &content[from..old.current_position()];
            match other {
                None => new.extend_from_slice(encoded),
                Some(other) => {
                    renamed.insert(named.to_owned());
                    with_name(&mut new, encoded, &other)?;
                }
            }
        }
        section(&mut made, id, &new);
    }
    Ok(Renamed {
        wasm: made,
        imports,
        renamed,
    })
}

/// An import or export as it is encoded, with another name: what kind of name it is, the name, the rest.
fn with_name(into: &mut Vec<u8>, encoded: &[u8], name: &str) -> Result<(), BinaryReaderError> {
    let mut item = BinaryReader::new(encoded, 0);
    into.push(item.read_u8()?);
    item.read_string()?;
    leb128(into, name.len());
    into.extend_from_slice(name.as_bytes());
    into.extend_from_slice(&encoded[item.current_position()..]);
    Ok(())
}

fn section(into: &mut Vec<u8>, id: u8, content: &[u8]) {
    into.push(id);
    leb128(into, content.len());
    into.extend_from_slice(content);
}

fn leb128(into: &mut Vec<u8>, mut number: usize) {
    loop {
        let byte = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            return into.push(byte);
        }
        into.push(byte | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quote() -> Vec<u8> {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../fixtures/apps/composed/quote.wasm"
        );
        std::fs::read(path).unwrap()
    }

    #[test]
    fn an_import_gets_another_name_and_nothing_else_changes() {
        let key_value = "fermyon:spin/key-value@2.0.0";
        let other = "a-longer-name:than-the-one/it-had-before-in-the-component@2.0.0";
        let to = |from: &'static str, to: &'static str| {
            move |name: &str| (name == from).then(|| to.to_owned())
        };
        let renamed = rename_imports(&quote(), to(key_value, other)).unwrap();
        assert!(renamed.any(key_value) && !renamed.any(other));
        assert!(renamed.imports.contains("wasi:io/error@0.2.12"));
        wasmparser::Validator::new()
            .validate_all(&renamed.wasm)
            .unwrap();
        let again = rename_imports(&renamed.wasm, to(other, key_value)).unwrap();
        assert!(again.imports.contains(other) && !again.imports.contains(key_value));
        assert!(again.wasm == quote(), "there and back is not the same");
    }

    #[test]
    fn what_is_damaged_is_refused() {
        let quote = quote();
        for end in [3, 9, quote.len() / 2] {
            assert!(rename_imports(&quote[..end], |_| None).is_err(), "{end}");
        }
    }
}
