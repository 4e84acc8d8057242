//! Links what the host provides, once for the whole run; what a component wants besides is linked as not provided.

use super::bindings;
use super::instance::InstanceState;
use super::snapshot_2023;
use super::sockets;
use super::unprovided::link_unprovided;
use crate::app::released;
use wasmtime::Engine;
use wasmtime::component::{Component, HasSelf, InstancePre, Linker};
use wasmtime_wasi::cli::{WasiCli, WasiCliView as _};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksView as _};
use wasmtime_wasi::filesystem::{WasiFilesystem, WasiFilesystemView as _};
use wasmtime_wasi::random::WasiRandom;
use wasmtime_wasi::{WasiView as _, p2, p3};
use wasmtime_wasi_http::{WasiHttp, WasiHttpView as _};

/// Interfaces of WASI that are linked, by their name before the version.
const WASI: [&str; 34] = [
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
    "wasi:cli/types",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/system-clock",
    "wasi:clocks/types",
    "wasi:clocks/wall-clock",
    "wasi:filesystem/preopens",
    "wasi:filesystem/types",
    "wasi:http/client",
    "wasi:http/outgoing-handler",
    "wasi:http/types",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:random/insecure",
    "wasi:random/insecure-seed",
    "wasi:random/random",
    "wasi:sockets/instance-network",
    "wasi:sockets/ip-name-lookup",
    "wasi:sockets/network",
    "wasi:sockets/tcp",
    "wasi:sockets/tcp-create-socket",
    "wasi:sockets/types",
    "wasi:sockets/udp",
    "wasi:sockets/udp-create-socket",
];

/// Interfaces that the host implements itself, whole.
pub(super) const OURS: &[&str] = &[
    "fermyon:spin/key-value",
    "fermyon:spin/key-value@2.0.0",
    "spin:key-value/key-value@3.0.0",
    "wasi:keyvalue/store@0.2.0-draft2",
    "wasi:keyvalue/batch@0.2.0-draft2",
    "wasi:keyvalue/atomics@0.2.0-draft2",
    "fermyon:spin/sqlite",
    "fermyon:spin/sqlite@2.0.0",
    "spin:sqlite/sqlite@3.0.0",
    "spin:sqlite/sqlite@3.1.0",
    "fermyon:spin/http-types",
    "fermyon:spin/http",
    "fermyon:spin/llm",
    "fermyon:spin/llm@2.0.0",
    "fermyon:spin/mqtt@2.0.0",
    "spin:mqtt/mqtt@3.0.0",
    "wasi:otel/tracing@0.2.0-rc.2",
    "wasi:otel/metrics@0.2.0-rc.2",
    "wasi:otel/logs@0.2.0-rc.2",
    "fermyon:spin/config",
    "fermyon:spin/variables@2.0.0",
    "spin:variables/variables@3.0.0",
    "wasi:config/store@0.2.0-draft-2024-09-27",
    "fermyon:spin/rdbms-types",
    "fermyon:spin/postgres",
    "fermyon:spin/mysql",
    "fermyon:spin/rdbms-types@2.0.0",
    "fermyon:spin/postgres@2.0.0",
    "fermyon:spin/mysql@2.0.0",
    "spin:postgres/postgres@3.0.0",
    // The linker takes the newest for all three.
    "spin:postgres/postgres@4.0.0",
    "spin:postgres/postgres@4.1.0",
    "spin:postgres/postgres@4.2.0",
    "spin:mysql/mysql@3.0.0",
    "fermyon:spin/redis-types",
    "fermyon:spin/redis",
    "fermyon:spin/redis@2.0.0",
    "spin:redis/redis@3.0.0",
];

/// Whether the host provides an interface; it is linked all the same where it does not.
pub(super) fn is_provided(import: &str) -> bool {
    let import = &*released(import);
    if OURS.contains(&import) || snapshot_2023::INTERFACES.contains(&import) {
        return true;
    }
    let Some((interface, version)) = import.split_once('@') else {
        return false;
    };
    // A release candidate is only itself; a released 0.2.x stands for every other one.
    let version = version.split('+').next().unwrap_or(version);
    let is_release =
        !version.contains('-') && (version.starts_with("0.2.") || version.starts_with("0.3."));
    is_release && WASI.contains(&interface)
}

/// A linker with everything that the host provides.
///
/// # Errors
///
/// None that a user could cause: the interfaces do not depend on a component.
pub(crate) fn linker(engine: &Engine) -> wasmtime::Result<Linker<InstanceState>> {
    type S = HasSelf<InstanceState>;
    type I = InstanceState;
    let mut linker = Linker::<I>::new(engine);
    let l = &mut linker;

    bindings::key_value_1::add_to_linker::<I, S>(l, |state| state)?;
    bindings::key_value_2::add_to_linker::<I, S>(l, |state| state)?;
    bindings::key_value_3::add_to_linker::<I, S>(l, |state| state)?;
    bindings::wasi_store::add_to_linker::<I, S>(l, |state| state)?;
    bindings::wasi_batch::add_to_linker::<I, S>(l, |state| state)?;
    bindings::wasi_atomics::add_to_linker::<I, S>(l, |state| state)?;
    bindings::sqlite_1::add_to_linker::<I, S>(l, |state| state)?;
    bindings::sqlite_2::add_to_linker::<I, S>(l, |state| state)?;
    bindings::sqlite_3::add_to_linker::<I, S>(l, |state| state)?;
    bindings::http_1::add_to_linker::<I, S>(l, |state| state)?;
    bindings::llm_1::add_to_linker::<I, S>(l, |state| state)?;
    bindings::llm_2::add_to_linker::<I, S>(l, |state| state)?;
    bindings::mqtt_2::add_to_linker::<I, S>(l, |state| state)?;
    bindings::mqtt_3::add_to_linker::<I, S>(l, |state| state)?;
    bindings::otel_tracing::add_to_linker::<I, S>(l, |state| state)?;
    bindings::otel_metrics::add_to_linker::<I, S>(l, |state| state)?;
    bindings::otel_logs::add_to_linker::<I, S>(l, |state| state)?;
    bindings::config_1::add_to_linker::<I, S>(l, |state| state)?;
    bindings::variables_2::add_to_linker::<I, S>(l, |state| state)?;
    bindings::variables_3::add_to_linker::<I, S>(l, |state| state)?;
    bindings::wasi_config::add_to_linker::<I, S>(l, |state| state)?;
    bindings::rdbms_1::add_to_linker::<I, S>(l, |state| state)?;
    bindings::postgres_1::add_to_linker::<I, S>(l, |state| state)?;
    bindings::mysql_1::add_to_linker::<I, S>(l, |state| state)?;
    bindings::rdbms_2::add_to_linker::<I, S>(l, |state| state)?;
    bindings::postgres_2::add_to_linker::<I, S>(l, |state| state)?;
    bindings::mysql_2::add_to_linker::<I, S>(l, |state| state)?;
    bindings::postgres_3::add_to_linker::<I, S>(l, |state| state)?;
    bindings::postgres_4::add_to_linker::<I, S>(l, |state| state)?;
    bindings::mysql_3::add_to_linker::<I, S>(l, |state| state)?;
    bindings::redis_types::add_to_linker::<I, S>(l, |state| state)?;
    bindings::redis_1::add_to_linker::<I, S>(l, |state| state)?;
    bindings::redis_2::add_to_linker::<I, S>(l, |state| state)?;
    bindings::redis_3::add_to_linker::<I, S>(l, |state| state)?;

    sockets::link(l)?;
    snapshot_2023::link(l)?;
    p2::add_to_linker_proxy_interfaces_async(l)?;
    {
        use p2::bindings::{cli, filesystem, random};
        filesystem::types::add_to_linker::<I, WasiFilesystem>(l, I::filesystem)?;
        filesystem::preopens::add_to_linker::<I, WasiFilesystem>(l, I::filesystem)?;
        random::insecure::add_to_linker::<I, WasiRandom>(l, |state| state.ctx().ctx.random())?;
        random::insecure_seed::add_to_linker::<I, WasiRandom>(l, |state| state.ctx().ctx.random())?;
        cli::exit::add_to_linker::<I, WasiCli>(l, I::cli)?;
        cli::environment::add_to_linker::<I, WasiCli>(l, I::cli)?;
        cli::terminal_input::add_to_linker::<I, WasiCli>(l, I::cli)?;
        cli::terminal_output::add_to_linker::<I, WasiCli>(l, I::cli)?;
        cli::terminal_stdin::add_to_linker::<I, WasiCli>(l, I::cli)?;
        cli::terminal_stdout::add_to_linker::<I, WasiCli>(l, I::cli)?;
        cli::terminal_stderr::add_to_linker::<I, WasiCli>(l, I::cli)?;
    }
    let types = wasmtime_wasi_http::p2::bindings::http::types::LinkOptions::default();
    wasmtime_wasi_http::p2::bindings::http::types::add_to_linker::<I, WasiHttp>(
        l,
        &types,
        I::http,
    )?;
    wasmtime_wasi_http::p2::bindings::http::outgoing_handler::add_to_linker::<I, WasiHttp>(
        l,
        I::http,
    )?;

    {
        use p3::bindings::{cli, clocks, filesystem, random};
        clocks::types::add_to_linker::<I, WasiClocks>(l, I::clocks)?;
        clocks::monotonic_clock::add_to_linker::<I, WasiClocks>(l, I::clocks)?;
        clocks::system_clock::add_to_linker::<I, WasiClocks>(l, I::clocks)?;
        filesystem::types::add_to_linker::<I, WasiFilesystem>(l, I::filesystem)?;
        filesystem::preopens::add_to_linker::<I, WasiFilesystem>(l, I::filesystem)?;
        random::random::add_to_linker::<I, WasiRandom>(l, |state| state.ctx().ctx.random())?;
        random::insecure::add_to_linker::<I, WasiRandom>(l, |state| state.ctx().ctx.random())?;
        random::insecure_seed::add_to_linker::<I, WasiRandom>(l, |state| state.ctx().ctx.random())?;
        cli::types::add_to_linker::<I, HasSelf<I>>(l, |state| state)?;
        cli::exit::add_to_linker::<I, WasiCli>(l, I::cli)?;
        cli::environment::add_to_linker::<I, WasiCli>(l, I::cli)?;
        cli::stdin::add_to_linker::<I, WasiCli>(l, I::cli)?;
        cli::stdout::add_to_linker::<I, WasiCli>(l, I::cli)?;
        cli::stderr::add_to_linker::<I, WasiCli>(l, I::cli)?;
        cli::terminal_input::add_to_linker::<I, WasiCli>(l, I::cli)?;
        cli::terminal_output::add_to_linker::<I, WasiCli>(l, I::cli)?;
        cli::terminal_stdin::add_to_linker::<I, WasiCli>(l, I::cli)?;
        cli::terminal_stdout::add_to_linker::<I, WasiCli>(l, I::cli)?;
        cli::terminal_stderr::add_to_linker::<I, WasiCli>(l, I::cli)?;
    }
    wasmtime_wasi_http::p3::bindings::http::types::add_to_linker::<I, WasiHttp>(l, I::http)?;
    wasmtime_wasi_http::p3::bindings::http::client::add_to_linker::<I, WasiHttp>(l, I::http)?;
    Ok(linker)
}

/// Links one component, ready to be instantiated often.
///
/// # Errors
///
/// An import that no host can supply, or one of a provided interface whose type is another.
pub(crate) fn link_component(
    linker: &Linker<InstanceState>,
    component: &Component,
) -> wasmtime::Result<InstancePre<InstanceState>> {
    let mut linker = linker.clone();
    link_unprovided(&mut linker, component, is_provided)?;
    linker.instantiate_pre(component)
}
