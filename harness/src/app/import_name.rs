//! What names of imports mean: which of them a dependency's name stands for (`matches_import` in Spin's
//! `crates/compose/src/lib.rs`), and which of them WASI had before a release.

use std::borrow::Cow;

/// A version of WASI from before a release that Spin serves besides it.
struct EarlyWasi {
    version: &'static str,
    /// The release after it.
    release: &'static str,
    /// Its interfaces that are those of the release, function by function and type by type, or nearly so: what such an
    /// interface has besides is linked beside them. Nothing where all are.
    same: Option<&'static [&'static [&'static str]]>,
}

/// All of them (`crates/factor-wasi/src/wasi_*.rs`, `crates/factor-outbound-http/src/wasi_*.rs` in Spin).
const EARLY_WASI: [EarlyWasi; 3] = [
    EarlyWasi {
        version: "0.2.0-rc-2023-10-18",
        release: "0.2.0",
        same: Some(&[&SAME_IN_BOTH]),
    },
    EarlyWasi {
        version: "0.2.0-rc-2023-11-10",
        release: "0.2.0",
        same: Some(&[&SAME_IN_BOTH, &SAME_IN_THE_SECOND]),
    },
    EarlyWasi {
        version: "0.3.0-rc-2026-03-15",
        release: "0.3.0",
        same: None,
    },
];

/// Interfaces of 0.2.0 that both snapshots of 2023 have.
const SAME_IN_BOTH: [&str; 23] = [
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stderr",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stderr",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:filesystem/preopens",
    "wasi:http/incoming-handler",
    "wasi:random/insecure",
    "wasi:random/insecure-seed",
    "wasi:random/random",
    "wasi:sockets/instance-network",
    "wasi:sockets/network",
    "wasi:sockets/tcp",
    "wasi:sockets/tcp-create-socket",
    "wasi:sockets/udp",
    "wasi:sockets/udp-create-socket",
];

/// Those that only the second one has: the first one's are others.
const SAME_IN_THE_SECOND: [&str; 6] = [
    "wasi:filesystem/types",
    "wasi:http/outgoing-handler",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:sockets/ip-name-lookup",
];

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

/// The name that an interface of WASI has in the release, if it is the same in an early version.
pub(crate) fn released(import: &str) -> Cow<'_, str> {
    let Some((interface, version)) = import.split_once('@') else {
        return import.into();
    };
    let is_same = |early: &&EarlyWasi| {
        version == early.version
            && interface.starts_with("wasi:")
            && (early.same).is_none_or(|same| same.iter().any(|some| some.contains(&interface)))
    };
    match EARLY_WASI.iter().find(is_same) {
        Some(early) => format!("{interface}@{}", early.release).into(),
        None => import.into(),
    }
}

/// The versions of WASI from before a release that Spin serves, for a person.
pub(crate) fn early_versions() -> String {
    EARLY_WASI.map(|early| early.version).join(", ")
}

/// What to say of a name whose version of WASI is from before a release and is none of those that Spin serves: it refuses to
/// load a component that imports one.
pub(crate) fn of_no_version(name: &str) -> Option<String> {
    let (interface, version) = name.split_once('@')?;
    let is_early = interface.starts_with("wasi:") && version.contains("-rc-");
    let is_served = EARLY_WASI.iter().any(|early| early.version == version);
    (is_early && !is_served).then(|| {
        format!(
            "Spin 4.1 has no version {version} of `{interface}`; of those before a release it has {}",
            early_versions()
        )
    })
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

    #[test]
    fn a_version_of_wasi_that_nobody_has_is_told_from_others() {
        let said = of_no_version("wasi:cli/exit@0.2.0-rc-2023-12-05").unwrap();
        assert_eq!(
            said,
            "Spin 4.1 has no version 0.2.0-rc-2023-12-05 of `wasi:cli/exit`; of those before a release it has \
             0.2.0-rc-2023-10-18, 0.2.0-rc-2023-11-10, 0.3.0-rc-2026-03-15"
        );
        for other in [
            "wasi:cli/exit@0.2.0",
            "wasi:cli/exit@0.2.0-rc-2023-11-10",
            "wasi:clocks/timezone@0.2.0-rc-2023-10-18",
            "wasi:otel/logs@0.2.0-rc.2",
            "wasi:config/store@0.2.0-draft-2024-09-27",
            "shop:pricing/quote@0.2.0-rc-2023-12-05",
        ] {
            assert_eq!(of_no_version(other), None, "{other}");
        }
    }
}
