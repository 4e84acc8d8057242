//! Which interfaces use which grants, by the names under which they are imported.

use crate::app::{AllowedHost, GrantKind};
use crate::sandbox::postgres_hosts;

/// What an interface reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// Key-value stores.
    KeyValue,
    /// SQLite databases.
    Sqlite,
    /// AI models.
    Llm,
    /// Other hosts, through HTTP.
    OutgoingHttp,
    /// Redis servers.
    Redis,
    /// Postgres servers.
    Postgres,
    /// MySQL servers.
    Mysql,
    /// MQTT brokers.
    Mqtt,
    /// Other hosts, through sockets.
    Sockets,
    /// Variables.
    Variables,
    /// Files.
    Files,
    /// The environment.
    Environment,
}

/// So many of them are imported only by who imports everything: older SDKs for Python lack one, and no app needs six.
const WHOLE_WORLD: usize = 6;

/// Services that a component is granted explicitly, and would not import all of if it had a choice.
const GRANTED: [Service; 8] = [
    Service::KeyValue,
    Service::Sqlite,
    Service::Llm,
    Service::Redis,
    Service::Postgres,
    Service::Mysql,
    Service::Mqtt,
    Service::Variables,
];

impl Service {
    /// The service that an import reaches, if it needs a grant.
    pub fn of_import(import: &str) -> Option<Self> {
        let name = import.split('@').next().unwrap_or(import);
        let (package, interface) = name.split_once('/').unwrap_or((name, ""));
        Some(match (package, interface) {
            ("fermyon:spin", "key-value") | ("spin:key-value" | "wasi:keyvalue", _) => {
                Self::KeyValue
            }
            ("fermyon:spin", "sqlite") | ("spin:sqlite", _) => Self::Sqlite,
            ("fermyon:spin", "llm") => Self::Llm,
            ("fermyon:spin", "http") | ("wasi:http", "outgoing-handler" | "client") => {
                Self::OutgoingHttp
            }
            ("fermyon:spin" | "spin:redis", "redis") => Self::Redis,
            ("fermyon:spin" | "spin:postgres", "postgres") => Self::Postgres,
            ("fermyon:spin" | "spin:mysql", "mysql") => Self::Mysql,
            ("fermyon:spin" | "spin:mqtt", "mqtt") => Self::Mqtt,
            (
                "wasi:sockets",
                "tcp" | "udp" | "tcp-create-socket" | "udp-create-socket" | "types",
            ) => Self::Sockets,
            ("fermyon:spin", "config" | "variables")
            | ("spin:variables", _)
            | ("wasi:config", _) => Self::Variables,
            ("wasi:filesystem", _) => Self::Files,
            ("wasi:cli", "environment") => Self::Environment,
            _ => return None,
        })
    }

    /// What it is called in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::KeyValue => "key-value",
            Self::Sqlite => "SQLite",
            Self::Llm => "LLM",
            Self::OutgoingHttp => "outgoing HTTP",
            Self::Redis => "Redis",
            Self::Postgres => "Postgres",
            Self::Mysql => "MySQL",
            Self::Mqtt => "MQTT",
            Self::Sockets => "sockets",
            Self::Variables => "variables",
            Self::Files => "files",
            Self::Environment => "the environment",
        }
    }

    /// The kind of grant that it needs.
    pub fn grant(self) -> GrantKind {
        match self {
            Self::KeyValue => GrantKind::KeyValueStore,
            Self::Sqlite => GrantKind::SqliteDatabase,
            Self::Llm => GrantKind::AiModel,
            Self::OutgoingHttp
            | Self::Redis
            | Self::Postgres
            | Self::Mysql
            | Self::Mqtt
            | Self::Sockets => GrantKind::OutboundHost,
            Self::Variables => GrantKind::Variable,
            Self::Files => GrantKind::File,
            Self::Environment => GrantKind::EnvironmentVariable,
        }
    }

    /// The scheme of an address that has none, as Spin adds it.
    pub fn scheme(self) -> &'static str {
        match self {
            Self::Redis => "redis",
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
            Self::Mqtt => "mqtt",
            Self::Sockets => "tcp",
            _ => "https",
        }
    }

    /// The addresses in what a guest opens a connection with. Only Postgres takes several, in a URL or in words such as
    /// `host=a,b port=1,2` (`crates/factor-outbound-pg/src/allowed_hosts.rs`).
    pub fn addresses(self, target: &str) -> Vec<String> {
        if self == Self::Postgres && target.contains("://") && target.contains(',') {
            let hosts = postgres_hosts(target);
            if !hosts.is_empty() {
                return hosts;
            }
        }
        let word = |name: &str| {
            let words = target.split_whitespace();
            words
                .filter_map(|word| word.split_once('='))
                .find_map(|(known, value)| (known == name).then_some(value))
        };
        let hosts = match word("host") {
            Some(hosts) if self == Self::Postgres && !target.contains("://") => hosts,
            _ => return vec![target.to_owned()],
        };
        let ports: Vec<&str> = word("port").map_or(Vec::new(), |it| it.split(',').collect());
        let hosts = hosts.split(',').enumerate();
        hosts
            .map(|(at, host)| {
                let only = ports.first().filter(|_| ports.len() == 1);
                match ports.get(at).or(only) {
                    Some(port) => format!("{host}:{port}"),
                    None => host.to_owned(),
                }
            })
            .collect()
    }

    /// Whether an import says anything of a use. Standard libraries import files, the environment and sockets for whoever
    /// might want them.
    pub fn import_means_use(self) -> bool {
        !matches!(self, Self::Files | Self::Environment | Self::Sockets)
    }

    /// Whether it can speak to a host that is allowed with these words; a template that names the scheme by a variable
    /// might be for anything. Sockets ask for the schemes `tcp` and `udp` (`crates/factor-outbound-networking/src/lib.rs`).
    pub fn can_use_host(self, host: &str) -> bool {
        let scheme = match AllowedHost::parse(host) {
            Ok(host) => host.scheme().map(str::to_owned),
            Err(_) => host
                .split_once("://")
                .map(|(scheme, _)| scheme.to_owned())
                .filter(|scheme| scheme != "*" && !scheme.contains("{{")),
        };
        let Some(scheme) = scheme else {
            return self.grant() == GrantKind::OutboundHost;
        };
        match self {
            Self::OutgoingHttp => matches!(scheme.as_str(), "http" | "https"),
            Self::Redis => matches!(scheme.as_str(), "redis" | "rediss"),
            Self::Postgres => matches!(scheme.as_str(), "postgres" | "postgresql"),
            Self::Mysql => scheme == "mysql",
            Self::Mqtt => matches!(scheme.as_str(), "mqtt" | "mqtts"),
            Self::Sockets => matches!(scheme.as_str(), "tcp" | "udp"),
            _ => false,
        }
    }
}

/// What the imports of a component say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Services that it imports, each with the interfaces, in the order of [`Service`].
    pub services: Vec<(Service, Vec<String>)>,
    /// Why they prove nothing, if they do not.
    pub unproven: Option<String>,
    is_javascript: bool,
}

impl Reach {
    /// Of these imports; `producers` made the file.
    pub fn of(imports: &[String], producers: &[String]) -> Self {
        let mut services = std::collections::BTreeMap::<Service, Vec<String>>::new();
        for import in imports {
            // Modules import functions of preview 1, which an adapter turns into all of these.
            if import == "wasi_snapshot_preview1" {
                services.entry(Service::Files).or_default();
                services.entry(Service::Environment).or_default();
            }
            if let Some(service) = Service::of_import(import) {
                services.entry(service).or_default().push(import.clone());
            }
        }
        let granted = GRANTED
            .iter()
            .filter(|it| services.contains_key(it))
            .count();
        let unproven = (granted >= WHOLE_WORLD).then(|| match maker(producers) {
            Some(maker) => format!("it was made by {maker}, which imports the whole world of Spin"),
            None => "it imports the whole world of Spin".to_owned(),
        });
        Self {
            services: services.into_iter().collect(),
            unproven,
            is_javascript: maker(producers)
                .is_some_and(|maker| !maker.starts_with("componentize-py")),
        }
    }

    /// Whether it imports a service whatever it uses, though not everything: what JavaScript runs on always has `fetch`.
    pub fn is_imported_anyway(&self, service: Service) -> bool {
        service == Service::OutgoingHttp && self.is_javascript
    }

    /// The interfaces that reach a service.
    pub fn imports(&self, service: Service) -> &[String] {
        self.services
            .iter()
            .find(|(known, _)| *known == service)
            .map_or(&[], |(_, imports)| imports)
    }

    /// Whether something imported could use a grant.
    pub fn can_use(&self, kind: GrantKind, name: &str) -> bool {
        self.services.iter().any(|(service, _)| match kind {
            GrantKind::OutboundHost => service.can_use_host(name),
            _ => service.grant() == kind,
        })
    }
}

/// The SDK among the makers of a file, as opposed to its compiler and linker.
fn maker(producers: &[String]) -> Option<&str> {
    const SDKS: [&str; 3] = ["componentize-py", "ComponentizeJS", "StarlingMonkey"];
    let mut makers = producers.iter().map(String::as_str);
    makers.find(|maker| SDKS.iter().any(|sdk| maker.starts_with(sdk)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_of_an_interface_reaches_its_service() {
        for (import, service) in [
            ("fermyon:spin/key-value", Service::KeyValue),
            ("fermyon:spin/key-value@2.0.0", Service::KeyValue),
            ("spin:key-value/key-value@3.0.0", Service::KeyValue),
            ("wasi:keyvalue/atomics@0.2.0-draft2", Service::KeyValue),
            ("spin:sqlite/sqlite@3.1.0", Service::Sqlite),
            ("fermyon:spin/llm@2.0.0", Service::Llm),
            ("wasi:http/outgoing-handler@0.2.6", Service::OutgoingHttp),
            ("wasi:http/client@0.3.0", Service::OutgoingHttp),
            ("fermyon:spin/http", Service::OutgoingHttp),
            ("fermyon:spin/config", Service::Variables),
            ("spin:postgres/postgres@4.2.0", Service::Postgres),
            (
                "wasi:config/store@0.2.0-draft-2024-09-27",
                Service::Variables,
            ),
            ("wasi:cli/environment@0.2.6", Service::Environment),
        ] {
            assert_eq!(Service::of_import(import), Some(service), "{import}");
        }
        for import in [
            "wasi:http/types@0.2.6",
            "wasi:io/streams@0.2.6",
            "env",
            "acme:x/y",
        ] {
            assert_eq!(Service::of_import(import), None, "{import}");
        }
    }

    #[test]
    fn a_host_is_for_those_who_speak_its_scheme() {
        assert!(Service::Redis.can_use_host("redis://localhost"));
        assert!(!Service::OutgoingHttp.can_use_host("redis://localhost"));
        assert!(Service::Sockets.can_use_host("*://*:*"));
        assert!(Service::OutgoingHttp.can_use_host("https://{{ host }}"));
        assert!(Service::Mqtt.can_use_host("{{ url }}"));
        assert!(!Service::KeyValue.can_use_host("*://*:*"));
    }

    #[test]
    fn a_connection_string_of_postgres_may_name_several_hosts() {
        let addresses = |target: &str| Service::Postgres.addresses(target);
        assert_eq!(
            addresses("postgres://u:p@a:1/db"),
            ["postgres://u:p@a:1/db"]
        );
        assert_eq!(addresses("host=a user=u"), ["a"]);
        assert_eq!(addresses("host=a,b port=1,2"), ["a:1", "b:2"]);
        assert_eq!(addresses("port=1 host=a,b"), ["a:1", "b:1"]);
        assert_eq!(Service::Mysql.addresses("host=a"), ["host=a"]);
    }

    #[test]
    fn who_imports_everything_proves_nothing() {
        let imports = [
            "fermyon:spin/key-value@2.0.0",
            "fermyon:spin/sqlite@2.0.0",
            "fermyon:spin/llm@2.0.0",
            "fermyon:spin/redis@2.0.0",
            "fermyon:spin/postgres@2.0.0",
            "fermyon:spin/mysql@2.0.0",
            "fermyon:spin/mqtt@2.0.0",
            "fermyon:spin/variables@2.0.0",
        ]
        .map(str::to_owned);
        let producers = [
            "wit-component 0.2".to_owned(),
            "componentize-py 0.19".to_owned(),
        ];
        let whole = Reach::of(&imports, &producers);
        assert_eq!(
            whole.unproven.as_deref(),
            Some("it was made by componentize-py 0.19, which imports the whole world of Spin")
        );
        assert!(Reach::of(&imports[..6], &producers).unproven.is_some());
        assert_eq!(Reach::of(&imports[..5], &producers).unproven, None);
    }
}
