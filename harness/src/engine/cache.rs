//! The compile cache on disk: machine code keyed by the component's content and the engine's settings.
//!
//! Several processes may use it at once: a file is written under a temporary name and renamed, so one that is mapped
//! is never changed in place. Each carries a checksum; a damaged one is compiled again.

use super::early_wasi::PREPARATION;
use std::fs;
use std::hash::{Hash, Hasher};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use wasmtime::Engine;

/// Bytes at the end of each file: the checksum of what stands before them.
const CHECKSUM: usize = blake3::OUT_LEN;

/// A folder of compiled components.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: Option<PathBuf>,
}

impl Cache {
    /// A cache in this folder, which is made when first needed.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: Some(folder.into()),
        }
    }

    /// No cache: every component is compiled in every run.
    pub fn none() -> Self {
        Self { folder: None }
    }

    /// The user's own: `$SPIN_HARNESS_CACHE`, `$XDG_CACHE_HOME/spin-harness`, or `~/.cache/spin-harness`
    /// (`~/Library/Caches/spin-harness` on macOS). Without a home there is none.
    pub fn of_user() -> Self {
        let from = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let folder = if let Some(folder) = from("SPIN_HARNESS_CACHE") {
            Some(PathBuf::from(folder))
        } else if let Some(caches) = from("XDG_CACHE_HOME") {
            Some(PathBuf::from(caches).join("spin-harness"))
        } else {
            from("HOME").map(|home| {
                let caches = if cfg!(target_os = "macos") {
                    "Library/Caches"
                } else {
                    ".cache"
                };
                PathBuf::from(home).join(caches).join("spin-harness")
            })
        };
        Self { folder }
    }

    /// Where the machine code of what was made from `source` is kept, if anywhere.
    pub(crate) fn path(&self, engine: &Engine, source: &[u8]) -> Option<PathBuf> {
        let mut settings = Settings(blake3::Hasher::new());
        engine.precompile_compatibility_hash().hash(&mut settings);
        settings.0.update(env!("CARGO_PKG_VERSION").as_bytes());
        settings.0.update(PREPARATION);
        settings.0.update(source);
        let name = format!("{}.component", settings.0.finalize().to_hex());
        Some(self.folder.as_ref()?.join(name))
    }

    /// Whether a file is there and whole.
    pub(crate) fn is_whole(path: &Path) -> bool {
        let Ok(bytes) = fs::read(path) else {
            return false;
        };
        let Some(split) = bytes.len().checked_sub(CHECKSUM) else {
            return false;
        };
        let (code, checksum) = bytes.split_at(split);
        blake3::hash(code).as_bytes() == checksum
    }

    /// Keeps machine code under a path that [`Cache::path`] gave.
    ///
    /// # Errors
    ///
    /// The folder cannot be made or written to.
    pub(crate) fn keep(path: &Path, code: &[u8]) -> io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(code)?;
        file.write_all(blake3::hash(code).as_bytes())?;
        file.persist(path)?;
        Ok(())
    }
}

/// Feeds what wasmtime hashes of its settings into a hash that is the same in every process.
struct Settings(blake3::Hasher);

impl Hasher for Settings {
    fn finish(&self) -> u64 {
        0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_with_one_byte_changed_is_not_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.component");
        assert!(!Cache::is_whole(&path));
        Cache::keep(&path, b"machine code").unwrap();
        assert!(Cache::is_whole(&path));
        let mut bytes = fs::read(&path).unwrap();
        for damage in [0, 5, bytes.len() - 1] {
            bytes[damage] ^= 1;
            fs::write(&path, &bytes).unwrap();
            assert!(!Cache::is_whole(&path), "byte {damage}");
            bytes[damage] ^= 1;
        }
        fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
        assert!(!Cache::is_whole(&path));
        fs::write(&path, b"short").unwrap();
        assert!(!Cache::is_whole(&path));
    }
}
