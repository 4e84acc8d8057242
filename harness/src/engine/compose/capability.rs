//! Which of a component's permissions an interface is used with, and whether a dependency inherits them
//! (`crates/capabilities` in Spin).

use crate::app::InheritConfiguration;
use wac_graph::types::are_semver_compatible;

/// What a dependency is denied unless it inherits it: interfaces by the field of the manifest that grants what they do.
/// Any version that semver says is compatible is denied with them.
const FIELDS: [(&str, &[&str]); 7] = [
    ("ai_models", &["fermyon:spin/llm", "fermyon:spin/llm@2.0.0"]),
    (
        "allowed_outbound_hosts",
        &[
            "fermyon:spin/http",
            "fermyon:spin/mysql",
            "fermyon:spin/mysql@2.0.0",
            "fermyon:spin/mqtt@2.0.0",
            "fermyon:spin/postgres",
            "fermyon:spin/postgres@2.0.0",
            "fermyon:spin/redis",
            "fermyon:spin/redis@2.0.0",
            "spin:mqtt/mqtt@3.0.0",
            "spin:mysql/mysql@3.0.0",
            "spin:postgres/postgres@3.0.0",
            "spin:postgres/postgres@4.2.0",
            "spin:redis/redis@3.0.0",
            "wasi:http/client@0.3.0",
            "wasi:http/client@0.3.0-rc-2026-03-15",
            "wasi:http/outgoing-handler@0.2.6",
            "wasi:sockets/ip-name-lookup@0.2.6",
            "wasi:sockets/ip-name-lookup@0.3.0",
            "wasi:sockets/ip-name-lookup@0.3.0-rc-2026-03-15",
            "wasi:sockets/tcp-create-socket@0.2.6",
            "wasi:sockets/tcp@0.2.6",
            "wasi:sockets/udp-create-socket@0.2.6",
            "wasi:sockets/udp@0.2.6",
        ],
    ),
    (
        "environment",
        &[
            "wasi:cli/environment@0.2.6",
            "wasi:cli/environment@0.3.0",
            "wasi:cli/environment@0.3.0-rc-2026-03-15",
        ],
    ),
    (
        "files",
        &[
            "wasi:filesystem/preopens@0.2.6",
            "wasi:filesystem/preopens@0.3.0",
            "wasi:filesystem/preopens@0.3.0-rc-2026-03-15",
        ],
    ),
    (
        "key_value_stores",
        &[
            "fermyon:spin/key-value",
            "fermyon:spin/key-value@2.0.0",
            "spin:key-value/key-value@3.0.0",
            "wasi:keyvalue/store@0.2.0-draft2",
        ],
    ),
    (
        "sqlite_databases",
        &[
            "fermyon:spin/sqlite",
            "fermyon:spin/sqlite@2.0.0",
            "spin:sqlite/sqlite@3.1.0",
        ],
    ),
    (
        "variables",
        &[
            "fermyon:spin/config",
            "fermyon:spin/variables@2.0.0",
            "spin:variables/variables@3.0.0",
            "wasi:config/store@0.2.0-draft-2024-09-27",
        ],
    ),
];

/// The field of the manifest that a dependency would have to inherit to use an import; nothing where it may use it.
/// A field that there is not is passed over, as Spin does.
pub(super) fn denied_field(
    import: &str,
    inherits: Option<&InheritConfiguration>,
) -> Option<&'static str> {
    let is_of = |interface: &&str| are_semver_compatible(interface, import);
    let (field, _) = FIELDS
        .iter()
        .find(|(_, interfaces)| interfaces.iter().any(is_of))?;
    let inherited = match inherits {
        None | Some(InheritConfiguration::All(false)) => false,
        Some(InheritConfiguration::All(true)) => true,
        Some(InheritConfiguration::Some(fields)) => fields.iter().any(|it| it == field),
    };
    (!inherited).then_some(*field)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_inherited_is_denied() {
        let some = |fields: &[&str]| {
            let fields = fields.iter().map(|&field| field.to_owned()).collect();
            InheritConfiguration::Some(fields)
        };
        let key_value = "fermyon:spin/key-value@2.0.0";
        let denied = Some("key_value_stores");
        assert_eq!(denied_field(key_value, None), denied);
        for (inherits, expected) in [
            (InheritConfiguration::All(false), denied),
            (some(&[]), denied),
            (some(&["variables", "no_such_field"]), denied),
            (some(&["variables", "key_value_stores"]), None),
            (InheritConfiguration::All(true), None),
        ] {
            assert_eq!(
                denied_field(key_value, Some(&inherits)),
                expected,
                "{inherits:?}"
            );
        }
    }

    #[test]
    fn versions_that_are_compatible_are_denied_with_those_that_are_named() {
        let field = |import| denied_field(import, None);
        // Tried with Spin's own adapter, `crates/capabilities/deny_adapter.wasm`.
        for hosts in [
            "wasi:http/outgoing-handler@0.2.0",
            "wasi:http/outgoing-handler@0.2.12",
            "wasi:sockets/tcp@0.2.3",
            "spin:postgres/postgres@4.0.0",
            "spin:postgres/postgres@4.1.0",
            "fermyon:spin/http",
        ] {
            assert_eq!(field(hosts), Some("allowed_outbound_hosts"), "{hosts}");
        }
        assert_eq!(field("wasi:cli/environment@0.2.0"), Some("environment"));
        assert_eq!(field("wasi:filesystem/preopens@0.2.3"), Some("files"));
        assert_eq!(field("spin:sqlite/sqlite@3.0.0"), Some("sqlite_databases"));
        for free in [
            "wasi:http/types@0.2.6",
            "wasi:clocks/wall-clock@0.2.6",
            "wasi:filesystem/types@0.2.6",
            "wasi:keyvalue/batch@0.2.0-draft2",
            "wasi:sockets/types@0.3.0",
            "shop:pricing/quote@1.0.0",
        ] {
            assert_eq!(field(free), None, "{free}");
        }
    }
}
