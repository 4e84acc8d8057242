//! The sections of the runtime config, one function each.

use std::collections::BTreeMap;

use toml::de::DeValue;

use super::super::allowed_hosts;
use super::super::document::{self, Entry, Fields};
use super::super::names;
use super::super::problem::{Problem, suggest};
use super::{
    LlmBackend, RuntimeConfig, SqliteBackend, StoreBackend, VariablesProvider, labelled,
    unknown_type,
};

/// Reads all sections and refuses what is none.
pub(super) fn read(fields: &Fields<'_>, config: &mut RuntimeConfig) {
    for (entry, backend) in labelled(fields, "key_value_store", key_value_store) {
        config
            .key_value_stores
            .insert(entry.name().to_owned(), backend);
        config
            .store_spans
            .insert(entry.name().to_owned(), entry.key_span());
    }
    for (entry, backend) in labelled(fields, "sqlite_database", |_, fields| {
        sqlite_database(fields)
    }) {
        config
            .sqlite_databases
            .insert(entry.name().to_owned(), backend);
        config
            .database_spans
            .insert(entry.name().to_owned(), entry.key_span());
    }
    config.variables_providers = variables_providers(fields);
    config.llm_compute = fields
        .table("llm_compute")
        .and_then(|fields| llm_compute(&fields));
    config.state_dir = fields
        .text("state_dir")
        .filter(|dir| !dir.is_empty())
        .map(Into::into);
    config.log_dir = fields
        .text("log_dir")
        .filter(|dir| !dir.is_empty())
        .map(Into::into);
    config.max_instance_memory = fields.unsigned("max_instance_memory");
    connections(fields, &mut config.connections);
    refuse_others(fields);
}

/// Names that have others now (`crates/runtime-config/src/lib.rs`, `crates/factor-outbound-http/src/runtime_config/spin.rs`).
pub(super) fn deprecated(fields: &Fields<'_>) -> Vec<Problem> {
    let old = |entry: Option<Entry<'_>>, old: &str, new: &str| {
        let problem = Problem::warning("app::deprecated", format!("`{old}` is deprecated"));
        let problem = problem.help(format!("write `{new}`"));
        entry.map(|entry| problem.at(&fields.report.file, entry.key_span()))
    };
    let provider = fields.entry("config_provider");
    let http = fields
        .entry("outbound_http")
        .map(|entry| entry.node.get_ref());
    let requests = match http {
        Some(DeValue::Table(table)) => {
            let http = Fields::of_table(fields.report, table, 0..0);
            http.entry("max_concurrent_requests")
        }
        _ => None,
    };
    [
        old(provider, "config_provider", "variables_provider"),
        old(requests, "max_concurrent_requests", "max_connections"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Spin's words for a section that it does not know.
fn refuse_others(fields: &Fields<'_>) {
    let known = [
        "key_value_store",
        "sqlite_database",
        "variables_provider",
        "config_provider",
        "llm_compute",
        "state_dir",
        "log_dir",
        "max_instance_memory",
        "outbound_http",
        "outbound_redis",
        "outbound_pg",
        "outbound_mysql",
        "outbound_mqtt",
        "outbound_networking",
        "client_tls",
    ];
    for entry in fields.others() {
        let shown: String = entry.name().chars().take(60).collect();
        fields.report.add(
            entry.key_span(),
            Problem::error(
                "app::unknown_section",
                format!("unused runtime config key(s): {shown}"),
            )
            .labelled("Spin has no such section")
            .maybe_help(suggest(entry.name(), known, "the sections are")),
        );
    }
}

fn key_value_store(entry: &Entry<'_>, fields: &Fields<'_>) -> Option<StoreBackend> {
    let kind = fields.required_string("type")?;
    let backend = match kind.value.as_str() {
        "spin" => Some(StoreBackend::Spin {
            path: fields.text("path").map(Into::into),
        }),
        "redis" => fields.required_string("url").map(|url| {
            let scheme = url.value.split_once("://").map_or("", |(scheme, _)| scheme);
            if !matches!(
                scheme,
                "redis" | "rediss" | "redis+unix" | "unix" | "valkey" | "valkeys"
            ) {
                fields.report.add(
                    url.span,
                    Problem::error("app::bad_url", "Invalid Redis URL")
                        .labelled("expected redis://HOST[:PORT]"),
                );
            }
            StoreBackend::Redis { url: url.value }
        }),
        "azure_cosmos" => {
            let key = fields.text("key");
            let account = fields.required_string("account");
            let database = fields.required_string("database");
            let container = fields.required_string("container");
            account
                .zip(database)
                .zip(container)
                .map(
                    |((account, database), container)| StoreBackend::AzureCosmos {
                        key,
                        account: account.value,
                        database: database.value,
                        container: container.value,
                    },
                )
        }
        "aws_dynamo" => {
            let (region, table) = (
                fields.required_string("region"),
                fields.required_string("table"),
            );
            let consistent_read = fields.boolean("consistent_read").unwrap_or(false);
            let (access_key, secret_key) = (fields.text("access_key"), fields.text("secret_key"));
            let token = fields.text("token");
            region
                .zip(table)
                .map(|(region, table)| StoreBackend::AwsDynamo {
                    region: region.value,
                    table: table.value,
                    consistent_read,
                    access_key,
                    secret_key,
                    token,
                })
        }
        other => {
            let message =
                format!("the store type '{other}' was not registered with the config resolver");
            let known = super::Provider::ALL.map(super::Provider::type_name);
            unknown_type(fields.report, kind.span, message, other, &known);
            return None;
        }
    };
    fields.warn_of_others("Spin passes over it");
    if names::check_label(entry.name()).is_err() {
        let text = format!(
            "no component can be granted the store {:?}: expected kebab-case or snake_case",
            entry.name()
        );
        fields.report.add(
            entry.key_span(),
            Problem::warning("app::bad_label", text)
                .labelled("not a label")
                .help(names::LABEL_FORM),
        );
    }
    backend
}

fn sqlite_database(fields: &Fields<'_>) -> Option<SqliteBackend> {
    let kind = fields.required_string("type")?;
    let backend = match kind.value.as_str() {
        "spin" => Some(SqliteBackend::Spin {
            path: fields.text("path").map(Into::into),
            allow_attach_file: fields.boolean("allow_attach_file").unwrap_or(false),
        }),
        "libsql" => {
            let (url, token) = (
                fields.required_string("url"),
                fields.required_string("token"),
            );
            url.zip(token).map(|(url, token)| SqliteBackend::LibSql {
                url: url.value,
                token: token.value,
            })
        }
        other => {
            let message = format!("Unknown database kind: {other}");
            unknown_type(
                fields.report,
                kind.span,
                message,
                other,
                &["spin", "libsql"],
            );
            return None;
        }
    };
    fields.refuse_others();
    backend
}

/// `[[variables_provider]]`, which was `[[config_provider]]` once. Spin looks at the new name only, where both are there.
fn variables_providers(fields: &Fields<'_>) -> Vec<VariablesProvider> {
    let (new, old) = (
        fields.get("variables_provider"),
        fields.entry("config_provider"),
    );
    if let (Some(_), Some(old)) = (new, old) {
        fields.report.add(
            old.key_span(),
            Problem::error(
                "app::unknown_section",
                "unused runtime config key(s): config_provider",
            )
            .labelled("not looked at, since there is a `variables_provider`")
            .help("call all of them `variables_provider`"),
        );
    }
    let Some(node) = new.or(old.map(|entry| entry.node)) else {
        return Vec::new();
    };
    let providers = document::array(fields.report, node).unwrap_or_default();
    providers
        .into_iter()
        .filter_map(|node| variables_provider(&Fields::of(fields.report, node)?))
        .collect()
}

fn variables_provider(fields: &Fields<'_>) -> Option<VariablesProvider> {
    let kind = fields.required_string("type")?;
    let provider = match kind.value.as_str() {
        "static" => {
            fields.required("values");
            let values: BTreeMap<String, String> = fields
                .string_map("values")
                .into_iter()
                .map(|(name, value)| (name.value, value.value))
                .collect();
            fields.warn_of_others("Spin passes over it");
            return Some(VariablesProvider::Static { values });
        }
        "vault" => {
            let url = fields.required_string("url");
            fields.required_string("token");
            fields.required_string("mount");
            fields.text("prefix");
            url.map(|url| VariablesProvider::Vault { url: url.value })
        }
        "azure_key_vault" => {
            let url = fields.required_string("vault_url");
            fields.text("client_id");
            fields.text("client_secret");
            fields.text("tenant_id");
            authority_host(fields);
            url.map(|url| VariablesProvider::AzureKeyVault {
                vault_url: url.value,
            })
        }
        "env" => Some(VariablesProvider::Env {
            prefix: fields.text("prefix"),
            dotenv_path: fields.text("dotenv_path").map(Into::into),
        }),
        other => {
            let known = ["azure_key_vault", "static", "vault", "env"];
            let message = format!(
                "unknown variant `{other}`, expected one of `azure_key_vault`, `static`, `vault`, `env`"
            );
            unknown_type(fields.report, kind.span, message, other, &known);
            return None;
        }
    };
    fields.refuse_others();
    provider
}

fn authority_host(fields: &Fields<'_>) {
    let known = [
        "AzurePublicCloud",
        "AzureChina",
        "AzureGermany",
        "AzureGovernment",
    ];
    if let Some(host) = fields.string("authority_host")
        && !known.contains(&host.value.as_str())
    {
        let message = format!(
            "unknown variant `{}`, expected one of `{}`",
            host.value,
            known.join("`, `")
        );
        unknown_type(fields.report, host.span, message, &host.value, &known);
    }
}

fn llm_compute(fields: &Fields<'_>) -> Option<LlmBackend> {
    let kind = fields.required_string("type")?;
    match kind.value.as_str() {
        "spin" => Some(LlmBackend::Spin),
        "remote_http" => {
            let (url, auth_token) = (
                fields.required_string("url"),
                fields.required_string("auth_token"),
            );
            let api_type = fields.string("api_type");
            if let Some(api_type) = &api_type
                && !matches!(api_type.value.as_str(), "default" | "open_ai")
            {
                let message = format!(
                    "unknown variant `{}`, expected `open_ai` or `default`",
                    api_type.value
                );
                unknown_type(
                    fields.report,
                    api_type.span.clone(),
                    message,
                    &api_type.value,
                    &["default", "open_ai"],
                );
            }
            let api_type = api_type.map_or_else(|| "default".to_owned(), |api_type| api_type.value);
            fields.warn_of_others("Spin passes over it");
            let (url, auth_token) = (url?.value, auth_token?.value);
            Some(LlmBackend::RemoteHttp {
                url,
                auth_token,
                api_type,
            })
        }
        other => {
            let message = format!("unknown variant `{other}`, expected `spin` or `remote_http`");
            unknown_type(
                fields.report,
                kind.span,
                message,
                other,
                &["spin", "remote_http"],
            );
            None
        }
    }
}

/// What Spin lets people set about connections to elsewhere. Checked, kept, and unused as long as there is no elsewhere.
fn connections(fields: &Fields<'_>, kept: &mut toml::Table) {
    let mut keep =
        |name: &str, value: &DeValue<'_>| kept.insert(name.to_owned(), document::plain(value));
    for name in [
        "outbound_http",
        "outbound_redis",
        "outbound_pg",
        "outbound_mysql",
        "outbound_mqtt",
        "outbound_networking",
    ] {
        let Some(section) = fields.table(name) else {
            continue;
        };
        match name {
            "outbound_http" => outbound_http(&section),
            "outbound_networking" => {
                for network in section.strings("block_networks") {
                    if network.value != "private" && !allowed_hosts::is_network(&network.value) {
                        let expected = "an IP network in CIDR notation or the keyword 'private'";
                        let text = format!(
                            "invalid value: string {:?}, expected {expected}",
                            network.value
                        );
                        let problem = Problem::error("app::bad_network", text)
                            .labelled(format!("expected {expected}"));
                        section.report.add(network.span, problem);
                    }
                }
                section.unsigned("max_socket_connections");
                section.unsigned("max_total_connections");
            }
            "outbound_mqtt" => {
                section.unsigned("max_payload_size_bytes");
                section.unsigned("max_connections");
            }
            _ => drop(section.unsigned("max_connections")),
        }
        section.refuse_others();
        keep(
            name,
            fields
                .get(name)
                .map_or(&DeValue::Boolean(false), |node| node.get_ref()),
        );
    }
    let Some(node) = fields.get("client_tls") else {
        return;
    };
    keep("client_tls", node.get_ref());
    for node in document::array(fields.report, node).unwrap_or_default() {
        let Some(tls) = Fields::of(fields.report, node) else {
            continue;
        };
        client_tls(&tls);
    }
}

fn outbound_http(section: &Fields<'_>) {
    section.boolean("connection_pooling");
    section.unsigned("max_connections");
    section.unsigned("max_concurrent_requests");
    let (new, old) = (
        section.get("max_connections"),
        section.entry("max_concurrent_requests"),
    );
    if let (Some(_), Some(old)) = (new, old) {
        let text = "cannot set both `max_connections` and `max_concurrent_requests` in `[outbound_http]`; use `max_connections` only";
        section.report.add(
            old.key_span(),
            Problem::error("app::duplicate", text)
                .labelled("the older name of the other")
                .help("leave it out"),
        );
    }
}

fn client_tls(tls: &Fields<'_>) {
    for name in ["component_ids", "hosts"] {
        if let Some(node) = tls.required(name)
            && tls.strings(name).is_empty()
            && matches!(node.get_ref(), DeValue::Array(array) if array.is_empty())
        {
            let text = format!("'{name}' list may not be empty");
            tls.report.add(
                node.span(),
                Problem::error("app::empty", text).labelled("empty"),
            );
        }
    }
    tls.boolean("ca_use_platform_roots");
    tls.boolean("ca_use_webpki_roots");
    tls.string("ca_roots_file");
    let (cert, key) = (
        tls.string("client_cert_file"),
        tls.string("client_private_key_file"),
    );
    let alone = match (cert, key) {
        (Some(cert), None) => Some((
            cert.span,
            "client_cert_file specified without client_private_key_file",
        )),
        (None, Some(key)) => Some((
            key.span,
            "client_private_key_file specified without client_cert_file",
        )),
        _ => None,
    };
    if let Some((span, text)) = alone {
        tls.report.add(
            span,
            Problem::error("app::missing_field", text).labelled("one needs the other"),
        );
    }
    tls.refuse_others();
}
