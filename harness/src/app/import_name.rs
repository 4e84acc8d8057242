//! What names of imports mean: which of them a dependency's name stands for (`matches_import` in Spin's
//! `crates/compose/src/lib.rs`), and which release a candidate is.

use std::borrow::Cow;

/// The version of the candidate of WASI 0.3 that Spin serves besides the release.
pub(crate) const CANDIDATE: &str = "@0.3.0-rc-2026-03-15";

/// The parts of a name: package, interface, version.
fn parts(name: &str) -> (&str, Option<&str>, Option<&str>) {
    let (path, version) = match name.split_once('@') {
        Some((path, version)) => (path, Some(version)),
        None => (name, None),
    };
    match path.split_once('/') {
        Some((package, interface)) => (package, Some(interface), version),
        None => (path, None, version),
    }
}

/// The package of a dependency's name; a plain name is its own.
pub(crate) fn package_of(name: &str) -> &str {
    parts(name).0
}

/// Whether a dependency of this name satisfies an import: what the name leaves out may be anything.
pub(crate) fn satisfies(dependency: &str, import: &str) -> bool {
    let is_plain = |name: &str| !name.contains([':', '/']);
    if is_plain(dependency) || is_plain(import) {
        return dependency == import;
    }
    let (package, interface, version) = parts(dependency);
    let of_import = parts(import);
    package == of_import.0
        && (interface.is_none() || interface == of_import.1)
        && (version.is_none() || version == of_import.2)
}

/// The name that an interface of WASI has in the release: the candidate of 0.3.0 is the same under another name.
pub(crate) fn released(import: &str) -> Cow<'_, str> {
    match import.strip_suffix(CANDIDATE) {
        Some(interface) if interface.starts_with("wasi:") => format!("{interface}@0.3.0").into(),
        _ => import.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_name_leaves_out_may_be_anything() {
        for (dependency, imports) in [
            ("a:b/c@1.2.0", &["a:b/c@1.2.0"][..]),
            ("a:b/c", &["a:b/c@1.2.0", "a:b/c"]),
            ("a:b", &["a:b/c@1.2.0", "a:b/d"]),
            ("a:b@1.2.0", &["a:b/c@1.2.0", "a:b/d@1.2.0"]),
            ("plain-name", &["plain-name"]),
        ] {
            for import in imports {
                assert!(satisfies(dependency, import), "{dependency} {import}");
            }
        }
    }

    #[test]
    fn what_a_name_says_must_be_so() {
        for (dependency, imports) in [
            ("a:b/c@1.2.0", &["a:b/c", "a:b/c@1.2.1", "a:b/d@1.2.0"][..]),
            ("a:b/c", &["a:b/d", "a:bb/c", "a:b/cc"]),
            ("a:b", &["a:bb/c", "b"]),
            ("a:b@1.2.0", &["a:b/c@2.0.0", "a:b/c"]),
            ("plain-name", &["other-name", "plain-name:x/y"]),
        ] {
            for import in imports {
                assert!(!satisfies(dependency, import), "{dependency} {import}");
            }
        }
    }
}
