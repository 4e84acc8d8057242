//! Reads what a component or module imports, without compiling it: sections that say nothing of that are not even read,
//! so a file of many megabytes costs as much as a small one.

use crate::engine::name_of_today;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use wasmparser::{
    BinaryReader, BinaryReaderError, ComponentImportSectionReader, ComponentName,
    ComponentNameSectionReader, ComponentTypeRef, ImportSectionReader, ProducersSectionReader,
};

/// What is said of a file of WebAssembly.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Binary {
    /// Whether it is a component; else it is a core module.
    pub is_component: bool,
    /// What it imports, in its order: names of interfaces with their versions, or of a core module's imports those of the
    /// modules, each once. What the first SDKs imported has the name of today.
    pub imports: Vec<String>,
    /// The components inside of it that import interfaces, in its order: it is composed of them.
    pub nested: Vec<Nested>,
    /// What made it, such as `componentize-py 0.19.3`.
    pub producers: Vec<String>,
}

/// A component inside of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nested {
    /// Its name, where the file tells one.
    pub name: Option<String>,
    /// What it imports; others of the composition, or the outer component's imports, satisfy that.
    pub imports: Vec<String>,
}

/// Why nothing can be said of a file.
#[derive(Clone, Debug, thiserror::Error)]
pub enum BinaryError {
    /// Spin downloads it from an address.
    #[error("it is elsewhere")]
    Elsewhere,
    /// Spin downloads it from a registry.
    #[error("it is in a registry")]
    InRegistry,
    /// It is not there.
    #[error("there is no such file")]
    Missing,
    /// It cannot be read.
    #[error("cannot read it: {0}")]
    Read(Arc<io::Error>),
    /// It is no WebAssembly.
    #[error("it is no WebAssembly: {0}")]
    NotWasm(&'static str),
    /// It is damaged.
    #[error("it is damaged: {0}")]
    Damaged(String),
}

impl From<io::Error> for BinaryError {
    fn from(error: io::Error) -> Self {
        Self::Read(Arc::new(error))
    }
}

impl From<BinaryReaderError> for BinaryError {
    fn from(error: BinaryReaderError) -> Self {
        Self::Damaged(error.to_string())
    }
}

/// Sections with what is read are no larger in any sound file.
const LARGEST_SECTION: u64 = 4 << 20;
/// Components may be nested so deep.
const DEEPEST: usize = 50;
/// Sections of a file, those of nested components too.
const MOST_SECTIONS: usize = 1_000_000;
/// Imports of a component or module.
const MOST_IMPORTS: usize = 10_000;
/// Nested components.
const MOST_NESTED: usize = 1_000;

const CUSTOM: u8 = 0;
const MODULE_IMPORT: u8 = 2;
const COMPONENT: u8 = 4;
const COMPONENT_IMPORT: u8 = 10;

impl Binary {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// It is missing, unreadable or no WebAssembly.
    pub fn read(path: &Path) -> Result<Self, BinaryError> {
        let missing = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => BinaryError::Missing,
            _ => error.into(),
        };
        let metadata = std::fs::metadata(path).map_err(missing)?;
        if !metadata.is_file() {
            // A pipe or a device might never end.
            return Err(BinaryError::NotWasm("it is not a file"));
        }
        Self::of(File::open(path).map_err(missing)?, metadata.len())
    }

    /// As [`Binary::read`], of anything that can be sought in; `length` is its length in bytes.
    ///
    /// # Errors
    ///
    /// As [`Binary::read`].
    pub fn of(source: impl Read + Seek, length: u64) -> Result<Self, BinaryError> {
        let mut reader = Sections {
            source: io::BufReader::with_capacity(4096, source),
            position: 0,
            sections: 0,
        };
        let mut binary = Self::default();
        let root = reader.level(length, 0, &mut binary)?;
        binary.is_component = root.is_component;
        binary.imports = root.imports;
        binary.producers = root.producers;
        Ok(binary)
    }
}

/// What one component or module says of itself.
#[derive(Default)]
struct Level {
    is_component: bool,
    name: Option<String>,
    imports: Vec<String>,
    producers: Vec<String>,
}

struct Sections<R> {
    source: io::BufReader<R>,
    position: u64,
    sections: usize,
}

impl<R: Read + Seek> Sections<R> {
    /// Reads a module or component that begins here and ends at `end`, and what is nested in it.
    fn level(&mut self, end: u64, depth: usize, into: &mut Binary) -> Result<Level, BinaryError> {
        if end - self.position < 8 {
            return Err(BinaryError::NotWasm(
                "it is shorter than the head of a module",
            ));
        }
        let mut head = [0; 8];
        self.fill(&mut head)?;
        if head[..4] != *b"\0asm" {
            return Err(BinaryError::NotWasm("it does not begin with `\\0asm`"));
        }
        // The last two bytes are the layer: 0 is a module, 1 a component.
        let mut level = Level {
            is_component: match u16::from_le_bytes([head[6], head[7]]) {
                0 => false,
                1 => true,
                _ => {
                    return Err(BinaryError::NotWasm(
                        "it is neither a module nor a component",
                    ));
                }
            },
            ..Level::default()
        };
        while self.position < end {
            self.sections += 1;
            if self.sections > MOST_SECTIONS {
                return Err(BinaryError::Damaged("it has too many sections".to_owned()));
            }
            let id = self.byte()?;
            let length = self.length()?;
            let section_end = self.position + length;
            if section_end > end {
                return Err(BinaryError::Damaged(format!(
                    "the section at offset {:#x} goes beyond the end",
                    self.position
                )));
            }
            match (level.is_component, id) {
                (false, MODULE_IMPORT) => self.module_imports(length, &mut level.imports)?,
                (true, COMPONENT_IMPORT) => self.component_imports(length, &mut level.imports)?,
                (true, COMPONENT) if depth < DEEPEST => {
                    let nested = self.level(section_end, depth + 1, into)?;
                    if into.nested.len() == MOST_NESTED {
                        let reason =
                            format!("it is composed of more than {MOST_NESTED} components");
                        return Err(BinaryError::Damaged(reason));
                    }
                    if !nested.imports.is_empty() {
                        into.nested.push(Nested {
                            name: nested.name,
                            imports: nested.imports,
                        });
                    }
                }
                (true, COMPONENT) => {
                    return Err(BinaryError::Damaged(format!(
                        "its components are nested deeper than {DEEPEST}"
                    )));
                }
                (_, CUSTOM) if length <= LARGEST_SECTION => self.custom(length, &mut level)?,
                _ => {}
            }
            self.skip_to(section_end)?;
        }
        Ok(level)
    }

    fn module_imports(&mut self, length: u64, into: &mut Vec<String>) -> Result<(), BinaryError> {
        let (bytes, offset) = self.section(length)?;
        let reader = ImportSectionReader::new(BinaryReader::new(&bytes, offset))?;
        for import in reader.into_imports() {
            let module = import?.module;
            let module = name_of_today(module).unwrap_or(module);
            if !into.iter().any(|known| known == module) {
                add(into, module)?;
            }
        }
        Ok(())
    }

    /// Names of interfaces. What else a component imports are types and functions without a package, which adapters that
    /// toolchains nest pass around.
    fn component_imports(
        &mut self,
        length: u64,
        into: &mut Vec<String>,
    ) -> Result<(), BinaryError> {
        let (bytes, offset) = self.section(length)?;
        let reader = ComponentImportSectionReader::new(BinaryReader::new(&bytes, offset))?;
        for import in reader {
            let import = import?;
            let is_interface = matches!(import.ty, ComponentTypeRef::Instance(_));
            if is_interface && import.name.name.contains(':') {
                add(into, import.name.name)?;
            }
        }
        Ok(())
    }

    fn custom(&mut self, length: u64, level: &mut Level) -> Result<(), BinaryError> {
        let (bytes, offset) = self.section(length)?;
        let mut reader = BinaryReader::new(&bytes, offset);
        let name = reader.read_string()?;
        if !matches!(name, "producers" | "component-name") {
            return Ok(());
        }
        let rest = BinaryReader::new(
            &bytes[reader.original_position() - offset..],
            reader.original_position(),
        );
        // A custom section that is malformed means nothing, and does no harm: that is what the specification says.
        let _ = match name {
            "producers" => producers(rest, &mut level.producers),
            _ => component_name(rest, level),
        };
        Ok(())
    }

    fn section(&mut self, length: u64) -> Result<(Vec<u8>, usize), BinaryError> {
        if length > LARGEST_SECTION {
            return Err(BinaryError::Damaged(format!(
                "the imports at offset {:#x} take {length} bytes",
                self.position
            )));
        }
        let offset = usize::try_from(self.position).unwrap_or(usize::MAX);
        // Small enough, as was just checked.
        let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
        self.fill(&mut bytes)?;
        Ok((bytes, offset))
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), BinaryError> {
        self.source.read_exact(bytes)?;
        self.position += bytes.len() as u64;
        Ok(())
    }

    fn byte(&mut self) -> Result<u8, BinaryError> {
        let mut byte = [0];
        self.fill(&mut byte)?;
        Ok(byte[0])
    }

    /// A number in LEB128, of at most 32 bits.
    fn length(&mut self) -> Result<u64, BinaryError> {
        let mut length = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            length |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(length);
            }
        }
        Err(BinaryError::Damaged(format!(
            "the length at offset {:#x} is none",
            self.position
        )))
    }

    fn skip_to(&mut self, position: u64) -> Result<(), BinaryError> {
        // Forwards only, and by no more than the file's length: it fits.
        let by = i64::try_from(position - self.position).unwrap_or(i64::MAX);
        if by < 4096 {
            self.source.seek_relative(by)?;
        } else {
            self.source.seek(SeekFrom::Current(by))?;
        }
        self.position = position;
        Ok(())
    }
}

/// Keeps the name of an import. What is not kept would be taken for not imported.
fn add(into: &mut Vec<String>, import: &str) -> Result<(), BinaryError> {
    if into.len() == MOST_IMPORTS {
        let reason = format!("it has more than {MOST_IMPORTS} imports");
        return Err(BinaryError::Damaged(reason));
    }
    into.push(import.to_owned());
    Ok(())
}

fn producers(bytes: BinaryReader<'_>, into: &mut Vec<String>) -> Result<(), BinaryReaderError> {
    for field in ProducersSectionReader::new(bytes)? {
        let field = field?;
        if field.name == "language" {
            continue;
        }
        for value in field.values {
            let value = value?;
            let producer = format!("{} {}", value.name, value.version);
            let producer = producer.trim_end().to_owned();
            if into.len() < 100 && !into.contains(&producer) {
                into.push(producer);
            }
        }
    }
    Ok(())
}

/// A core module that `componentize-py` puts into what it makes; nothing else of it says so.
const PYTHON: &str = "libcomponentize_py_runtime.so";

fn component_name(bytes: BinaryReader<'_>, into: &mut Level) -> Result<(), BinaryReaderError> {
    for name in ComponentNameSectionReader::new(bytes) {
        match name? {
            ComponentName::Component { name, .. } => into.name = Some(name.to_owned()),
            ComponentName::CoreModules(modules) => {
                for module in modules {
                    if module?.name == PYTHON
                        && !into.producers.iter().any(|it| it == "componentize-py")
                    {
                        into.producers.push("componentize-py".to_owned());
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
