//! The interfaces that modules of the first SDKs import and export, and what they are called today.
//!
//! Old and new functions take and give the same at the level of core wasm: Spin's adapter for these modules hands every argument
//! on as it is (`crates/componentize/adapters`, and `tests/wit` beside it for the types).

use wit_component::StringEncoding;
use wit_parser::{Resolve, SourceMap};

/// An interface that is imported under a name of old.
struct Imported {
    old: &'static str,
    new: &'static str,
    /// The old and the new name of each function.
    functions: &'static [(&'static str, &'static str)],
}

/// All that Spin's adapter knows.
const IMPORTED: [Imported; 8] = [
    Imported {
        old: "wasi-outbound-http",
        new: "fermyon:spin/http",
        functions: &[("request", "send-request")],
    },
    Imported {
        old: "spin-config",
        new: "fermyon:spin/config",
        functions: &[("get-config", "get-config")],
    },
    Imported {
        old: "outbound-redis",
        new: "fermyon:spin/redis",
        functions: &[
            ("publish", "publish"),
            ("get", "get"),
            ("set", "set"),
            ("incr", "incr"),
            ("del", "del"),
            ("sadd", "sadd"),
            ("smembers", "smembers"),
            ("srem", "srem"),
            ("execute", "execute"),
        ],
    },
    Imported {
        old: "outbound-pg",
        new: "fermyon:spin/postgres",
        functions: &[("query", "query"), ("execute", "execute")],
    },
    Imported {
        old: "outbound-mysql",
        new: "fermyon:spin/mysql",
        functions: &[("query", "query"), ("execute", "execute")],
    },
    Imported {
        old: "sqlite",
        new: "fermyon:spin/sqlite",
        functions: &[("open", "open"), ("execute", "execute"), ("close", "close")],
    },
    Imported {
        old: "key-value",
        new: "fermyon:spin/key-value",
        functions: &[
            ("open", "open"),
            ("get", "get"),
            ("set", "set"),
            ("delete", "delete"),
            ("exists", "exists"),
            ("get-keys", "get-keys"),
            ("close", "close"),
        ],
    },
    Imported {
        old: "llm",
        new: "fermyon:spin/llm",
        functions: &[
            ("infer", "infer"),
            ("generate-embeddings", "generate-embeddings"),
        ],
    },
];

/// A function that handles requests or messages.
pub(super) struct HandlerOfOld {
    /// What the module exports.
    pub old: &'static str,
    /// The interface that it becomes.
    pub interface: &'static str,
    /// What `wit-component` knows the function of that interface by.
    pub export: &'static str,
}

/// For HTTP: the only one whose result has to be freed.
pub(super) const HTTP: HandlerOfOld = HandlerOfOld {
    old: "handle-http-request",
    interface: "fermyon:spin/inbound-http",
    export: "fermyon:spin/inbound-http#handle-request",
};

/// What is called when a result of [`HTTP`] has been read.
pub(super) const AFTER_HTTP: &str = "cabi_post_fermyon:spin/inbound-http#handle-request";

const REDIS: HandlerOfOld = HandlerOfOld {
    old: "handle-redis-message",
    interface: "fermyon:spin/inbound-redis",
    export: "fermyon:spin/inbound-redis#handle-message",
};

/// The handler that an export is.
pub(super) fn handler(export: &str) -> Option<&'static HandlerOfOld> {
    [&HTTP, &REDIS].into_iter().find(|it| it.old == export)
}

/// What an interface of the first SDKs is called today; nothing for any other name.
pub(crate) fn name_of_today(module: &str) -> Option<&'static str> {
    let mut known = IMPORTED.iter();
    known.find(|it| it.old == module).map(|it| it.new)
}

/// An import that nobody can satisfy.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum UnknownImport {
    #[error(
        "it imports `{function}` of `{interface}`, a function that this interface of the first SDKs does not have; it has {known}"
    )]
    Function {
        interface: &'static str,
        function: String,
        known: String,
    },
    #[error(
        "it imports `{item}` of `{module}`, which is no interface of the first SDKs; those are {known}"
    )]
    Module {
        module: String,
        item: String,
        known: String,
    },
}

/// Today's interface and function.
pub(super) fn new_names(
    module: &str,
    function: &str,
) -> Result<(&'static str, &'static str), UnknownImport> {
    let Some(interface) = IMPORTED.iter().find(|it| it.old == module) else {
        return Err(UnknownImport::Module {
            module: module.to_owned(),
            item: function.to_owned(),
            known: listed(IMPORTED.iter().map(|it| it.old)),
        });
    };
    let functions = interface.functions.iter();
    match functions.clone().find(|(old, _)| *old == function) {
        Some((_, new)) => Ok((interface.new, new)),
        None => Err(UnknownImport::Function {
            interface: interface.old,
            function: function.to_owned(),
            known: listed(functions.map(|(old, _)| *old)),
        }),
    }
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// The package that all of today's names belong to.
const WIT: [(&str, &str); 6] = [
    (
        "http.wit",
        include_str!("../../../wit/deps/spin-unversioned/http.wit"),
    ),
    (
        "llm.wit",
        include_str!("../../../wit/deps/spin-unversioned/llm.wit"),
    ),
    (
        "package.wit",
        include_str!("../../../wit/deps/spin-unversioned/package.wit"),
    ),
    (
        "redis.wit",
        include_str!("../../../wit/deps/spin-unversioned/redis.wit"),
    ),
    (
        "relational.wit",
        include_str!("../../../wit/deps/spin-unversioned/relational.wit"),
    ),
    (
        "sqlite.wit",
        include_str!("../../../wit/deps/spin-unversioned/sqlite.wit"),
    ),
];

/// Adds to a module what `wit-component` has to know of it: which interfaces it imports and exports.
pub(super) fn embed(
    module: &mut Vec<u8>,
    imports: impl IntoIterator<Item = &'static str>,
    exports: impl IntoIterator<Item = &'static str>,
) -> Result<(), String> {
    let mut world = "package spin-harness:first-sdks; world module {".to_owned();
    for interface in imports {
        world += &format!(" import {interface};");
    }
    for interface in exports {
        world += &format!(" export {interface};");
    }
    world += " }";
    let mut sources = SourceMap::new();
    for (name, text) in WIT {
        sources.push_str(name, text);
    }
    let shown = |error: &dyn std::fmt::Display| format!("{error:#}");
    let mut resolve = Resolve::default();
    let package = sources.parse().map_err(|(_, error)| shown(&error))?;
    resolve.push_group(package).map_err(|error| shown(&error))?;
    let package = resolve
        .push_source("first-sdks.wit", &world)
        .map_err(|error| shown(&error))?;
    let world = resolve
        .select_world(&[package], Some("module"))
        .map_err(|error| shown(&error))?;
    wit_component::embed_component_metadata(module, &resolve, world, StringEncoding::UTF8)
        .map_err(|error| shown(&error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Who knows fewer functions would refuse modules, and who knows more would let them through.
    #[test]
    fn every_function_of_today_has_a_name_of_old() {
        let mut sources = SourceMap::new();
        for (name, text) in WIT {
            sources.push_str(name, text);
        }
        let mut resolve = Resolve::default();
        let package = sources.parse().map_err(|(_, error)| error).unwrap();
        resolve.push_group(package).unwrap();
        for (_, interface) in &resolve.interfaces {
            let name = interface.name.as_deref().unwrap();
            let functions: BTreeSet<_> = interface.functions.keys().map(String::as_str).collect();
            let full = format!("fermyon:spin/{name}");
            let known = IMPORTED.iter().find(|it| it.new == full);
            let known = known.map_or(&[][..], |it| it.functions);
            let known: BTreeSet<_> = known.iter().map(|(_, new)| *new).collect();
            if name.starts_with("inbound-") {
                let handled = [&HTTP, &REDIS].map(|it| it.export);
                let handled: Vec<_> = handled.iter().filter(|it| it.contains(name)).collect();
                assert_eq!(handled.len(), 1, "{name}");
                let function = handled[0].rsplit('#').next().unwrap();
                assert_eq!(functions, BTreeSet::from([function]), "{name}");
            } else {
                assert_eq!(functions, known, "{name}");
            }
        }
    }

    #[test]
    fn the_page_on_interfaces_has_a_line_for_each() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/interfaces.md");
        let page = std::fs::read_to_string(page).unwrap();
        let of_import = |it: &Imported| format!("| `{}` | `{}` |", it.old, it.new);
        let of_export =
            |it: &HandlerOfOld| format!("| `{}`, exported | `{}` |", it.old, it.interface);
        let mut expected: Vec<_> = IMPORTED.iter().map(of_import).collect();
        expected.sort();
        expected.extend([&HTTP, &REDIS].map(of_export));
        let lines = page
            .lines()
            .skip_while(|line| !line.starts_with("| in the module "));
        assert_eq!(lines.skip(2).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn an_import_that_nobody_can_satisfy_is_named() {
        assert_eq!(
            new_names("wasi-outbound-http", "request"),
            Ok(("fermyon:spin/http", "send-request"))
        );
        let shown = |module, function| new_names(module, function).unwrap_err().to_string();
        assert_eq!(
            shown("spin-config", "set-config"),
            "it imports `set-config` of `spin-config`, a function that this interface of the first SDKs does not have; it has \
             `get-config`"
        );
        assert!(
            shown("env", "abort").starts_with(
                "it imports `abort` of `env`, which is no interface of the first SDKs"
            )
        );
    }
}
