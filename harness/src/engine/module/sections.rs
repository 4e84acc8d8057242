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
