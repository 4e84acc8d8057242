//! What `bindgen!` makes of the WIT in `wit/`: one trait per interface, implemented by the modules beside this one.

#![allow(missing_docs, reason = "generated code")]

wasmtime::component::bindgen!({
    path: "wit",
    world: "services",
    imports: { default: async | trappable },
    require_store_data_send: true,
});

// The generated path of an interface without a version and of one with a version differ in their last part only.
pub use fermyon::spin::config as config_1;
pub use fermyon::spin::http as http_1;
pub use fermyon::spin::http_types as http_types_1;
pub use fermyon::spin::key_value as key_value_1;
pub use fermyon::spin::llm as llm_1;
pub use fermyon::spin::sqlite as sqlite_1;
pub use fermyon::spin::{mysql as mysql_1, postgres as postgres_1, rdbms_types as rdbms_1};
pub use fermyon::spin::{redis as redis_1, redis_types};
pub use fermyon::spin2_0_0::key_value as key_value_2;
pub use fermyon::spin2_0_0::llm as llm_2;
pub use fermyon::spin2_0_0::mqtt as mqtt_2;
pub use fermyon::spin2_0_0::redis as redis_2;
pub use fermyon::spin2_0_0::sqlite as sqlite_2;
pub use fermyon::spin2_0_0::variables as variables_2;
pub use fermyon::spin2_0_0::{mysql as mysql_2, postgres as postgres_2, rdbms_types as rdbms_2};
pub use spin::key_value::key_value as key_value_3;
pub use spin::mqtt::mqtt as mqtt_3;
pub use spin::mysql::mysql as mysql_3;
pub use spin::postgres3_0_0::postgres as postgres_3;
pub use spin::postgres4_2_0::postgres as postgres_4;
pub use spin::redis::redis as redis_3;
pub use spin::sqlite::sqlite as sqlite_3;
pub use spin::variables::variables as variables_3;
pub use wasi::config::store as wasi_config;
pub use wasi::keyvalue::{atomics as wasi_atomics, batch as wasi_batch, store as wasi_store};
pub use wasi::otel::{
    logs as otel_logs, metrics as otel_metrics, tracing as otel_tracing, types as otel_types,
};
