//! The runtime config: which stores and providers stand behind the labels and variables of an app (`crates/runtime-config`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::document::{self, Entry, Fields};
use super::problem::{LoadError, Problem, Report, SourceFile, Span, Warning, suggest};

mod sections;

/// A parsed and checked runtime config. Without a file there is one key-value store and one SQLite database, both named `default`.
#[derive(Clone, Debug)]
pub struct RuntimeConfig {
    /// What stands behind each label of a key-value store.
    pub key_value_stores: BTreeMap<String, StoreBackend>,
    /// Who has values for variables, first asked first. The environment, which Spin asks last, is not among them.
    pub variables_providers: Vec<VariablesProvider>,
    /// What stands behind each label of a SQLite database.
    pub sqlite_databases: BTreeMap<String, SqliteBackend>,
    /// What answers prompts.
    pub llm_compute: Option<LlmBackend>,
    /// Where Spin keeps its state; unused here.
    pub state_dir: Option<PathBuf>,
    /// Where Spin writes logs; unused here.
    pub log_dir: Option<PathBuf>,
    /// How much memory an instance may have, in bytes.
    pub max_instance_memory: Option<u64>,
    /// Sections about connections (`outbound_http`, `client_tls`, …) as they stand.
    pub connections: toml::Table,
    /// What is suspicious in the file, though it loads.
    pub warnings: Vec<Warning>,
    /// Spellings that Spin still takes, though it has others now; for an audit, since Spin says nothing of them.
    pub deprecated: Vec<Warning>,
    /// The text of the file, for later messages.
    pub source: Option<SourceFile>,
    /// Where the label of each key-value store stands.
    pub store_spans: BTreeMap<String, Span>,
    /// Where the label of each SQLite database stands.
    pub database_spans: BTreeMap<String, Span>,
}

/// What stands behind a key-value store. The harness serves all of them from memory; what differs is their limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreBackend {
    /// A SQLite file.
    Spin {
        /// The file; none is in memory.
        path: Option<PathBuf>,
    },
    /// A Redis server. Stores of one URL share all their keys.
    Redis {
        /// Where it is.
        url: String,
    },
    /// Azure CosmosDB.
    AzureCosmos {
        /// The secret, unless the environment has it.
        key: Option<String>,
        /// The account.
        account: String,
        /// The database.
        database: String,
        /// The container.
        container: String,
    },
    /// AWS DynamoDB.
    AwsDynamo {
        /// The region.
        region: String,
        /// The table.
        table: String,
        /// Whether a read sees all writes before it.
        consistent_read: bool,
        /// Credentials, unless the environment has them.
        access_key: Option<String>,
        /// The secret to them.
        secret_key: Option<String>,
        /// A token for a session.
        token: Option<String>,
    },
}

/// The kinds of key-value stores that Spin has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Provider {
    /// SQLite.
    #[default]
    Spin,
    /// Redis.
    Redis,
    /// Azure CosmosDB.
    AzureCosmos,
    /// AWS DynamoDB.
    AwsDynamo,
}

impl Provider {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Spin, Self::Redis, Self::AzureCosmos, Self::AwsDynamo];

    /// The name in runtime config.
    pub fn type_name(self) -> &'static str {
        match self {
            Self::Spin => "spin",
            Self::Redis => "redis",
            Self::AzureCosmos => "azure_cosmos",
            Self::AwsDynamo => "aws_dynamo",
        }
    }
}

impl StoreBackend {
    /// What kind of store it is.
    pub fn provider(&self) -> Provider {
        match self {
            Self::Spin { .. } => Provider::Spin,
            Self::Redis { .. } => Provider::Redis,
            Self::AzureCosmos { .. } => Provider::AzureCosmos,
            Self::AwsDynamo { .. } => Provider::AwsDynamo,
        }
    }

    /// The name in runtime config: `spin`, `redis`, `azure_cosmos` or `aws_dynamo`.
    pub fn type_name(&self) -> &'static str {
        self.provider().type_name()
    }
}

/// Who has values for variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VariablesProvider {
    /// The file itself.
    Static {
        /// The values.
        values: BTreeMap<String, String>,
    },
    /// HashiCorp Vault. Not asked: a test has no network.
    Vault {
        /// Where it is.
        url: String,
    },
    /// Azure Key Vault. Not asked either.
    AzureKeyVault {
        /// Where it is.
        vault_url: String,
    },
    /// Environment variables. Not read: a test must not depend on them.
    Env {
        /// What their names start with; none is `SPIN_VARIABLE`.
        prefix: Option<String>,
        /// A file with more of them.
        dotenv_path: Option<PathBuf>,
    },
}

impl VariablesProvider {
    /// The name in runtime config.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Static { .. } => "static",
            Self::Vault { .. } => "vault",
            Self::AzureKeyVault { .. } => "azure_key_vault",
            Self::Env { .. } => "env",
        }
    }
}

/// What stands behind a SQLite database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SqliteBackend {
    /// A file.
    Spin {
        /// The file; none is in memory.
        path: Option<PathBuf>,
        /// Whether `ATTACH` may name files.
        allow_attach_file: bool,
    },
    /// A libSQL server.
    LibSql {
        /// Where it is.
        url: String,
        /// The token it wants.
        token: String,
    },
}

/// What answers prompts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LlmBackend {
    /// The machine itself.
    Spin,
    /// A server.
    RemoteHttp {
        /// Where it is.
        url: String,
        /// The token it wants.
        auth_token: String,
        /// `default` or `open_ai`.
        api_type: String,
    },
}

impl Default for RuntimeConfig {
    fn default() -> Self {
        Self {
            key_value_stores: BTreeMap::from([(
                "default".to_owned(),
                StoreBackend::Spin { path: None },
            )]),
            variables_providers: Vec::new(),
            sqlite_databases: BTreeMap::from([(
                "default".to_owned(),
                SqliteBackend::Spin {
                    path: None,
                    allow_attach_file: false,
                },
            )]),
            llm_compute: None,
            state_dir: None,
            log_dir: None,
            max_instance_memory: None,
            connections: toml::Table::new(),
            warnings: Vec::new(),
            deprecated: Vec::new(),
            source: None,
            store_spans: BTreeMap::new(),
            database_spans: BTreeMap::new(),
        }
    }
}

impl RuntimeConfig {
    /// Reads and checks a runtime config.
    ///
    /// # Errors
    ///
    /// The file can't be read, has a section or a type of store that Spin does not know, or leaves something out that it needs.
    pub fn load(path: &Path) -> Result<Self, LoadError> {
        Self::read(document::read_text(path, "the runtime config")?)
    }

    /// As [`RuntimeConfig::load`], with the text at hand.
    ///
    /// # Errors
    ///
    /// As for [`RuntimeConfig::load`].
    pub fn parse(name_for_messages: &str, text: &str) -> Result<Self, LoadError> {
        Self::read(SourceFile::new(name_for_messages, text))
    }

    fn read(source: SourceFile) -> Result<Self, LoadError> {
        let report = Report::new(source.clone());
        let mut config = Self::default();
        if let Some(document) = document::parse(&report, source.text()) {
            let fields = Fields::of_table(&report, document.get_ref(), 0..0);
            sections::read(&fields, &mut config);
            config.deprecated = sections::deprecated(&fields);
        }
        config.warnings = report.finish()?;
        config.source = Some(source);
        Ok(config)
    }
}

/// Notes a `type` that Spin does not know.
fn unknown_type(report: &Report, span: Span, message: String, wrong: &str, known: &[&str]) {
    report.add(
        span,
        Problem::error("app::unknown_type", message)
            .labelled("unknown type")
            .maybe_help(suggest(wrong, known.iter().copied(), "the types are")),
    );
}

/// Tables by a label that the user chose.
fn labelled<'d, T>(
    fields: &Fields<'d>,
    section: &'static str,
    read: impl Fn(&Entry<'d>, &Fields<'d>) -> Option<T>,
) -> Vec<(Entry<'d>, T)> {
    let Some(tables) = fields.table(section) else {
        return Vec::new();
    };
    tables
        .entries()
        .iter()
        .filter_map(|entry| {
            let fields = Fields::of(fields.report, entry.node)?;
            Some((*entry, read(entry, &fields)?))
        })
        .collect()
}
