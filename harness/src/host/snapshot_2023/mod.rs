//! The snapshots of WASI of 2023, `0.2.0-rc-2023-10-18` and `0.2.0-rc-2023-11-10`, as far as they differ from 0.2.0: what is the
//! same in it runs on that (`engine/early_wasi.rs`). Each function is that of 0.2.0 beneath, with what the snapshot says
//! otherwise (`crates/factor-wasi/src/wasi_2023_*.rs`, `crates/factor-outbound-http/src/wasi_2023_*.rs` in Spin).

/// Links a resource of `wasi:http/types`, and those of its methods that are those of 0.2 under the names that the snapshot has
/// for them, with what they take.
macro_rules! resource {
    ($into:ident, $name:literal: $of:ty, $host:ident {
        $($method:literal => $function:ident($($with:ident: $what:ty),*)),* $(,)?
    }) => {
        $into.resource(
            $name,
            ::wasmtime::component::ResourceType::host::<$of>(),
            |mut store, rep| {
                let resource = ::wasmtime::component::Resource::new_own(rep);
                types::$host::drop(&mut http_of(&mut store), resource)
            },
        )?;
        $($into.func_wrap(
            concat!("[method]", $name, ".", $method),
            |mut store, (it, $($with,)*): (::wasmtime::component::Resource<$of>, $($what,)*)| {
                Ok((types::$host::$function(&mut http_of(&mut store), it, $($with),*)?,))
            },
        )?;)*
    };
}

mod beside;
mod filesystem;
mod http;
mod incoming;
mod io;
mod november;
mod outgoing;
#[cfg(test)]
mod tests;

use super::InstanceState;
use std::error::Error;
use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, LinkerInstance};
use wasmtime_wasi::TrappableError;

/// What is linked under its own name.
pub(super) const INTERFACES: [&str; 7] = [
    "wasi:io/poll@0.2.0-rc-2023-10-18",
    "wasi:io/streams@0.2.0-rc-2023-10-18",
    "wasi:filesystem/types@0.2.0-rc-2023-10-18",
    "wasi:sockets/ip-name-lookup@0.2.0-rc-2023-10-18",
    "wasi:http/types@0.2.0-rc-2023-10-18",
    "wasi:http/outgoing-handler@0.2.0-rc-2023-10-18",
    "wasi:http/types@0.2.0-rc-2023-11-10",
];

type Store<'a> = StoreContextMut<'a, InstanceState>;
type Instance<'a> = LinkerInstance<'a, InstanceState>;

/// Links both.
pub(super) fn link(linker: &mut Linker<InstanceState>) -> wasmtime::Result<()> {
    let [poll, streams, files, lookup, http, outgoing, november] = INTERFACES;
    io::link_poll(&mut linker.instance(poll)?)?;
    io::link_streams(&mut linker.instance(streams)?)?;
    filesystem::link(&mut linker.instance(files)?)?;
    beside::link_lookup(&mut linker.instance(lookup)?)?;
    beside::link(linker)?;
    let into = &mut linker.instance(http)?;
    http::link_fields(into)?;
    incoming::link(into)?;
    outgoing::link(into)?;
    outgoing::link_handler(&mut linker.instance(outgoing)?)?;
    november::link(&mut linker.instance(november)?)
}

/// What a function answers, with its failure as the guest has it.
fn answered<T, E>(result: Result<T, TrappableError<E>>) -> wasmtime::Result<(Result<T, E>,)>
where
    E: Error + Send + Sync + 'static,
{
    match result {
        Ok(value) => Ok((Ok(value),)),
        Err(error) => Ok((Err(error.downcast()?),)),
    }
}

/// Links functions that came to nothing: under Spin 4.1 too, a call of them ends the instance.
fn link_gone(into: &mut Instance<'_>, functions: &[&'static str]) -> wasmtime::Result<()> {
    for &function in functions {
        into.func_new(function, move |_, _, _, _| {
            wasmtime::bail!("{function} came to nothing after this snapshot of WASI, and ends the instance under Spin 4.1")
        })?;
    }
    Ok(())
}
