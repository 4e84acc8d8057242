//! A core module as its sections: they can be exchanged and added to, and what is not touched stays as it is, byte for byte.

use std::borrow::Cow;
use wasm_encoder::{Encode, RawSection, Section, SectionId};
use wasmparser::{BinaryReader, BinaryReaderError, Parser, Payload};

/// The order in which sections must stand. Custom ones may stand anywhere.
const ORDER: [SectionId; 13] = [
    SectionId::Type,
    SectionId::Import,
    SectionId::Function,
    SectionId::Table,
    SectionId::Memory,
    SectionId::Tag,
    SectionId::Global,
    SectionId::Export,
    SectionId::Start,
    SectionId::Element,
    SectionId::DataCount,
    SectionId::Code,
    SectionId::Data,
];

/// The sections of a module, in order.
pub(super) struct Sections<'a>(Vec<(u8, Cow<'a, [u8]>)>);

impl<'a> Sections<'a> {
    /// # Errors
    ///
    /// The module is damaged.
    pub fn of(module: &'a [u8]) -> Result<Self, BinaryReaderError> {
        let mut sections = Vec::new();
        for payload in Parser::new(0).parse_all(module) {
            let payload: Payload<'_> = payload?;
            if let Some((id, range)) = payload.as_section() {
                sections.push((id, Cow::Borrowed(&module[range])));
            }
        }
        Ok(Self(sections))
    }

    /// Puts a section in the place of the one of its kind.
    pub fn replace(&mut self, section: &impl Section) -> Result<(), BinaryReaderError> {
        let (count, items) = items_of(section)?;
        let mut data = Vec::new();
        count.encode(&mut data);
        data.extend(items);
        let place = self.place_of(section.id());
        self.0[place].1 = Cow::Owned(data);
        Ok(())
    }

    /// Adds items after those of the section of their kind.
    pub fn extend(&mut self, section: &impl Section) -> Result<(), BinaryReaderError> {
        let (added, items) = items_of(section)?;
        let place = self.place_of(section.id());
        let old = &self.0[place].1;
        let mut reader = BinaryReader::new(old, 0);
        let count = reader.read_var_u32()?;
        let mut data = Vec::with_capacity(old.len() + items.len() + 1);
        (count + added).encode(&mut data);
        data.extend(&old[reader.original_position()..]);
        data.extend(items);
        self.0[place].1 = Cow::Owned(data);
        Ok(())
    }

    /// Where the section of this kind is; an empty one is made if there is none.
    fn place_of(&mut self, id: u8) -> usize {
        if let Some(place) = self.0.iter().position(|(known, _)| *known == id) {
            return place;
        }
        let rank = |id: u8| ORDER.iter().position(|it| *it as u8 == id);
        let comes_later = |known: u8| rank(known).is_some_and(|it| Some(it) > rank(id));
        let sections = self.0.iter();
        let later = sections
            .clone()
            .position(|(known, _)| comes_later(*known))
            .unwrap_or(sections.len());
        self.0.insert(later, (id, Cow::Borrowed(&[0])));
        later
    }

    pub fn finish(self) -> Vec<u8> {
        let mut module = wasm_encoder::Module::new();
        for (id, data) in &self.0 {
            module.section(&RawSection { id: *id, data });
        }
        module.finish()
    }
}

/// How many items a section has, and the bytes of them all.
fn items_of(section: &impl Encode) -> Result<(u32, Vec<u8>), BinaryReaderError> {
    let mut bytes = Vec::new();
    section.encode(&mut bytes);
    let mut reader = BinaryReader::new(&bytes, 0);
    reader.read_var_u32()?;
    let count = reader.read_var_u32()?;
    let start = reader.original_position();
    Ok((count, bytes.split_off(start)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{
        CodeSection, ConstExpr, Function, FunctionSection, GlobalSection, GlobalType, Module,
        TypeSection, ValType,
    };

    /// A type, a function of it, and its body.
    fn function() -> (TypeSection, FunctionSection, CodeSection) {
        let (mut types, mut functions, mut code) = (
            TypeSection::new(),
            FunctionSection::new(),
            CodeSection::new(),
        );
        types.ty().function([], []);
        functions.function(0);
        let mut body = Function::new([]);
        body.instructions().end();
        code.function(&body);
        (types, functions, code)
    }

    #[test]
    fn what_is_added_comes_after_what_is_there_and_where_it_belongs() {
        let (types, functions, code) = function();
        let mut module = Module::new();
        module.section(&types).section(&functions).section(&code);
        let module = module.finish();
        let mut sections = Sections::of(&module).unwrap();
        let mut globals = GlobalSection::new();
        let ty = GlobalType {
            val_type: ValType::I32,
            mutable: true,
            shared: false,
        };
        globals.global(ty, &ConstExpr::i32_const(7));
        // There is no section for it yet.
        sections.extend(&globals).unwrap();
        sections.extend(&functions).unwrap();
        sections.extend(&code).unwrap();
        let longer = sections.finish();
        wasmparser::Validator::new().validate_all(&longer).unwrap();

        let mut expected = Module::new();
        let (mut two_functions, mut two_bodies) = (FunctionSection::new(), CodeSection::new());
        for _ in 0..2 {
            two_functions.function(0);
            let mut body = Function::new([]);
            body.instructions().end();
            two_bodies.function(&body);
        }
        expected.section(&types).section(&two_functions);
        expected.section(&globals).section(&two_bodies);
        assert_eq!(longer, expected.finish());

        let mut sections = Sections::of(&longer).unwrap();
        sections.replace(&functions).unwrap();
        sections.replace(&code).unwrap();
        let mut expected = Module::new();
        expected.section(&types).section(&functions);
        expected.section(&globals).section(&code);
        assert_eq!(sections.finish(), expected.finish());
    }

    #[test]
    fn a_damaged_module_is_an_error() {
        assert!(Sections::of(b"\0asm\x01\0\0\0\x01\x05").is_err());
    }
}
