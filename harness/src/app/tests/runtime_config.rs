//! The runtime config (`crates/runtime-config`, `crates/key-value-*`, `crates/variables-*`, docs: dynamic-configuration).

use super::super::*;
use super::all;

fn parsed(text: &str) -> RuntimeConfig {
    RuntimeConfig::parse("rc.toml", text).unwrap_or_else(|error| panic!("{}", all(&error)))
}

fn refused(text: &str) -> String {
    all(&RuntimeConfig::parse("rc.toml", text).expect_err("this loads"))
}

#[test]
fn every_section_is_accepted() {
    let config = parsed(
        r#"
state_dir = "/state"
log_dir = ""
max_instance_memory = 1_000_000

[key_value_store.default]
type = "redis"
url = "redis://localhost"
[key_value_store.file]
type = "spin"
path = "a.db"
[key_value_store.cosmos]
type = "azure_cosmos"
key = "k"
account = "a"
database = "d"
container = "c"
[key_value_store.dynamo]
type = "aws_dynamo"
region = "r"
table = "t"
consistent_read = true

[sqlite_database.todo]
type = "spin"
path = "todo.db"
allow_attach_file = true
[sqlite_database.remote]
type = "libsql"
url = "https://x"
token = "t"

[[variables_provider]]
type = "static"
values = { a = "1" }
[[variables_provider]]
type = "vault"
url = "http://v"
token = "t"
mount = "m"
prefix = "p"
[[variables_provider]]
type = "azure_key_vault"
vault_url = "https://v"
authority_host = "AzureChina"
[[variables_provider]]
type = "env"
prefix = "X"
dotenv_path = ".env"

[llm_compute]
type = "remote_http"
url = "http://x"
auth_token = "t"
api_type = "open_ai"

[outbound_http]
connection_pooling = false
max_concurrent_requests = 10
[outbound_redis]
max_connections = 1
[outbound_pg]
max_connections = 1
[outbound_mysql]
max_connections = 1
[outbound_mqtt]
max_payload_size_bytes = 1
max_connections = 1
[outbound_networking]
block_networks = ["1.1.1.1/32", "private"]
max_socket_connections = 1
max_total_connections = 2

[[client_tls]]
component_ids = ["a"]
hosts = ["example.com"]
ca_use_platform_roots = true
ca_use_webpki_roots = false
ca_roots_file = "r.pem"
client_cert_file = "c.pem"
client_private_key_file = "k.pem"
"#,
    );
    let types: Vec<(&str, &str)> = config
        .key_value_stores
        .iter()
        .map(|(label, store)| (label.as_str(), store.type_name()))
        .collect();
    assert_eq!(
        types,
        [
            ("cosmos", "azure_cosmos"),
            ("default", "redis"),
            ("dynamo", "aws_dynamo"),
            ("file", "spin")
        ]
    );
    assert_eq!(
        config.key_value_stores["dynamo"],
        StoreBackend::AwsDynamo {
            region: "r".into(),
            table: "t".into(),
            consistent_read: true,
            access_key: None,
            secret_key: None,
            token: None
        }
    );
    assert_eq!(
        config.sqlite_databases.keys().collect::<Vec<_>>(),
        ["default", "remote", "todo"]
    );
    let providers: Vec<&str> = config
        .variables_providers
        .iter()
        .map(VariablesProvider::type_name)
        .collect();
    assert_eq!(providers, ["static", "vault", "azure_key_vault", "env"]);
    assert_eq!(config.max_instance_memory, Some(1_000_000));
    assert_eq!(
        (config.state_dir, config.log_dir),
        (Some("/state".into()), None)
    );
    assert!(
        matches!(config.llm_compute, Some(LlmBackend::RemoteHttp { api_type, .. }) if api_type == "open_ai")
    );
    assert_eq!(
        config.connections["outbound_mqtt"]["max_payload_size_bytes"].as_integer(),
        Some(1)
    );
    assert!(config.warnings.is_empty());
}

#[test]
fn without_a_file_there_is_one_store_in_memory() {
    for config in [RuntimeConfig::default(), parsed("")] {
        assert_eq!(config.key_value_stores.len(), 1);
        assert_eq!(
            config.key_value_stores["default"],
            StoreBackend::Spin { path: None }
        );
    }
    // `default` stays beside others (`key_value_is_configured_correctly` in Spin).
    let config = parsed("[key_value_store.foo]\ntype = \"spin\"\n");
    assert_eq!(
        config.key_value_stores.keys().collect::<Vec<_>>(),
        ["default", "foo"]
    );
}

#[test]
fn what_spin_does_not_know_is_refused() {
    assert_eq!(
        refused("[key_value_stores.x]\ntype = \"spin\"\n"),
        "rc.toml:1:2 [key_value_stores] unused runtime config key(s): key_value_stores | did you mean `key_value_store`?"
    );
    assert_eq!(
        refused("[key_value_store.x]\ntype = \"reddis\"\nurl = \"x\"\n"),
        "rc.toml:2:8 [\"reddis\"] the store type 'reddis' was not registered with the config resolver | did you mean `redis`?"
    );
    assert_eq!(
        refused("[key_value_store.x]\ntype = \"mongo\"\n"),
        "rc.toml:2:8 [\"mongo\"] the store type 'mongo' was not registered with the config resolver | the types are: `spin`, `redis`, `azure_cosmos`, `aws_dynamo`"
    );
    assert_eq!(
        refused("[sqlite_database.x]\ntype = \"postgres\"\n"),
        "rc.toml:2:8 [\"postgres\"] Unknown database kind: postgres | the types are: `spin`, `libsql`"
    );
    assert_eq!(
        refused("[[config_provider]]\ntype = \"valut\"\n"),
        "rc.toml:2:8 [\"valut\"] unknown variant `valut`, expected one of `azure_key_vault`, `static`, `vault`, `env` | did you mean `vault`?"
    );
    assert_eq!(
        refused("[llm_compute]\ntype = \"remote\"\n"),
        "rc.toml:2:8 [\"remote\"] unknown variant `remote`, expected `spin` or `remote_http` | the types are: `spin`, `remote_http`"
    );
    assert_eq!(
        refused("[outbound_redis]\nmax_conections = 1\n"),
        "rc.toml:2:1 [max_conections] unknown field `max_conections` | did you mean `max_connections`?"
    );
}

#[test]
fn what_a_backend_needs_must_be_there() {
    assert_eq!(
        refused("[key_value_store.x]\ntype = \"azure_cosmos\"\naccount = 1\n"),
        "rc.toml:1:1 [[key_value_store.x]] missing field `database`\nrc.toml:1:1 [[key_value_store.x]] missing field `container`\n\
         rc.toml:3:11 [1] invalid type: integer `1`, expected a string"
    );
    assert_eq!(
        refused("[key_value_store]\nx = 1\n"),
        "rc.toml:2:5 [1] invalid type: integer `1`, expected a map"
    );
    assert_eq!(
        refused("[key_value_store.x]\n"),
        "rc.toml:1:1 [[key_value_store.x]] missing field `type`"
    );
    assert_eq!(
        refused("[key_value_store.x]\ntype = \"redis\"\n"),
        "rc.toml:1:1 [[key_value_store.x]] missing field `url`"
    );
    assert_eq!(
        refused("key_value_store.x = { type = \"redis\", url = \"localhost:6379\" }\n"),
        "rc.toml:1:45 [\"localhost:6379\"] Invalid Redis URL"
    );
    assert_eq!(
        refused("[[config_provider]]\ntype = \"static\"\n"),
        "rc.toml:1:1 [[[config_provider]]] missing field `values`"
    );
    assert_eq!(
        refused("[config_provider]\ntype = \"static\"\n"),
        "rc.toml:1:1 [[config_provider]] invalid type: map, expected a sequence"
    );
    assert_eq!(
        refused("max_instance_memory = -1\n"),
        "rc.toml:1:23 [-1] invalid value: integer `-1`, expected usize"
    );
    assert_eq!(
        refused("[outbound_http]\nmax_connections = 1\nmax_concurrent_requests = 1\n"),
        "rc.toml:3:1 [max_concurrent_requests] cannot set both `max_connections` and `max_concurrent_requests` in `[outbound_http]`; use `max_connections` only | leave it out"
    );
    assert_eq!(
        refused("[[client_tls]]\ncomponent_ids = []\nhosts = [\"a\"]\n"),
        "rc.toml:2:17 [[]] 'component_ids' list may not be empty"
    );
}

/// Spin reads these tables with serde, which passes over what it does not know.
#[test]
fn what_spin_passes_over_is_a_warning() {
    let config = parsed("[key_value_store.x]\ntype = \"spin\"\npaht = \"a.db\"\n");
    assert_eq!(
        config.warnings.iter().map(super::shown).collect::<Vec<_>>(),
        ["rc.toml:3:1 [paht] unknown field `paht`: Spin passes over it | did you mean `path`?"]
    );
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = RuntimeConfig::load(std::path::Path::new("/no/such/rc.toml")).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("cannot read the runtime config /no/such/rc.toml: "),
        "{error}"
    );
}
