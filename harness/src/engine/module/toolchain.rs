//! Which modules Spin refuses for the tools that made them.

use wasmparser::{KnownCustom, Parser, Payload};

/// Before it, the allocator of wasi-libc could hand out what was in use (`crates/componentize/src/bugs.rs`).
const FIRST_SAFE_CLANG: (u16, u16, u16) = (15, 0, 7);

/// Why Spin refuses a module.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    /// Of a program whose producers say which clang made it.
    #[error(
        "This Wasm module appears to have been compiled with wasi-sdk version <19 which contains a critical memory safety bug. For \
         more information, see: https://github.com/spinframework/spin/issues/2552"
    )]
    UnsafeAllocator,
    /// Of any module that says which wit-bindgen made its bindings.
    #[error("cannot adapt modules created with wit-bindgen version {0}")]
    Bindings(String),
}

/// # Errors
///
/// The module was linked with an allocator that is known to be broken. Spin asks this of programs only.
pub(super) fn check_allocator(program: &[u8]) -> Result<(), Refused> {
    match clang(program).as_deref().and_then(version) {
        Some(clang) if clang < FIRST_SAFE_CLANG => Err(Refused::UnsafeAllocator),
        _ => Ok(()),
    }
}

/// The version of the clang that made a module, as it is written.
fn clang(module: &[u8]) -> Option<String> {
    for payload in Parser::new(0).parse_all(module).map_while(Result::ok) {
        let Payload::CustomSection(section) = payload else {
            continue;
        };
        let KnownCustom::Producers(producers) = section.as_known() else {
            continue;
        };
        for field in producers.into_iter().map_while(Result::ok) {
            if field.name != "processed-by" {
                continue;
            }
            let mut tools = field.values.into_iter().map_while(Result::ok);
            if let Some(clang) = tools.find(|it| it.name == "clang") {
                return Some(clang.version.to_owned());
            }
        }
    }
    None
}

/// What stands before a blank, without the `-wasi-sdk` at its end.
fn version(text: &str) -> Option<(u16, u16, u16)> {
    let text = text.split(' ').next()?;
    let text = text.strip_suffix("-wasi-sdk").unwrap_or(text);
    let mut parts = text.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??, parts.next()??))
}

/// # Errors
///
/// The bindings are of a wit-bindgen that Spin cannot adapt: before 0.5, or from 1.0 on (`WitBindgenVersion` in
/// `crates/componentize/src/lib.rs`).
pub(super) fn check_bindings(module: &[u8]) -> Result<(), Refused> {
    // What cannot be read is refused by whoever makes a component of it.
    let Some(made) = wit_component::metadata::decode(module)
        .ok()
        .and_then(|(_, made)| made.producers)
    else {
        return Ok(());
    };
    let Some(tools) = made.get("processed-by") else {
        return Ok(());
    };
    let mut tools = tools.iter();
    match tools.find(|(name, _)| name.starts_with("wit-bindgen")) {
        Some((_, version)) if !is_adapted(version) => Err(Refused::Bindings(version.clone())),
        _ => Ok(()),
    }
}

fn is_adapted(version: &str) -> bool {
    let mut parts = version.split('.');
    let mut number = || parts.next().and_then(|part| part.parse::<u8>().ok());
    match (number(), number()) {
        // A patch may follow, and nothing else.
        (Some(0), Some(minor)) => minor >= 5 && parts.count() <= 1,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{Module, ProducersField, ProducersSection};

    fn made_by_clang(version: &str) -> Vec<u8> {
        let mut field = ProducersField::new();
        field.value("rustc", "1.66.1").value("clang", version);
        let mut producers = ProducersSection::new();
        producers.field("processed-by", &field);
        let mut module = Module::new();
        module.section(&producers);
        module.finish()
    }

    // The versions that `crates/componentize/src/bugs.rs` tries.
    #[test]
    fn an_old_clang_means_a_broken_allocator() {
        for version in [
            "16.0.0 extra-stuff",
            "15.0.7",
            "18.1.2-wasi-sdk (https://github.com/llvm/llvm-project 26a1d6601d727a96f4301d0d8647b5a42760ae0c)",
            "newest",
            "14.0",
        ] {
            assert_eq!(
                check_allocator(&made_by_clang(version)),
                Ok(()),
                "{version}"
            );
        }
        for version in ["15.0.6", "14.0.0 extra-stuff"] {
            let refused = check_allocator(&made_by_clang(version));
            assert_eq!(refused, Err(Refused::UnsafeAllocator), "{version}");
        }
        assert_eq!(check_allocator(b"\0asm\x01\0\0\0"), Ok(()));
    }

    #[test]
    fn bindings_are_adapted_from_0_5_on_and_not_from_1_0_on() {
        for version in ["0.5.0", "0.24", "0.51.0"] {
            assert!(is_adapted(version), "{version}");
        }
        for version in ["0.4.0", "1.0.0", "0.300.0", "0.5.0.1", "0", "new", ""] {
            assert!(!is_adapted(version), "{version}");
        }
    }
}
