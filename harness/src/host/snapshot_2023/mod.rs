//! The snapshot of WASI that `spin-sdk` 2 names, `0.2.0-rc-2023-10-18`, as far as its components use it: HTTP and what that
//! needs of `wasi:io`. Each function is that of 0.2.0 beneath, with what the snapshot says otherwise
//! (`crates/factor-wasi/src/wasi_2023_10_18.rs`, `crates/factor-outbound-http/src/wasi_2023_10_18.rs` in Spin).

/// Links a resource of `wasi:http/types`, and those of its methods that take nothing but it and are those of 0.2, under the
/// names that the snapshot has for them.
macro_rules! resource {
    ($into:ident, $name:literal: $of:ty, $host:ident { $($method:literal => $function:ident),* $(,)? }) => {
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
            |mut store, (it,): (::wasmtime::component::Resource<$of>,)| {
                Ok((types::$host::$function(&mut http_of(&mut store), it)?,))
            },
        )?;)*
    };
}

mod http;
mod incoming;
mod io;
mod outgoing;

use super::InstanceState;
use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, LinkerInstance};

/// What is linked of it.
pub(super) const INTERFACES: [&str; 4] = [
    "wasi:io/poll@0.2.0-rc-2023-10-18",
    "wasi:io/streams@0.2.0-rc-2023-10-18",
    "wasi:http/types@0.2.0-rc-2023-10-18",
    "wasi:http/outgoing-handler@0.2.0-rc-2023-10-18",
];

type Store<'a> = StoreContextMut<'a, InstanceState>;
type Instance<'a> = LinkerInstance<'a, InstanceState>;

/// Links it.
pub(super) fn link(linker: &mut Linker<InstanceState>) -> wasmtime::Result<()> {
    let [poll, streams, http, outgoing] = INTERFACES;
    io::link_poll(&mut linker.instance(poll)?)?;
    io::link_streams(&mut linker.instance(streams)?)?;
    let into = &mut linker.instance(http)?;
    http::link_fields(into)?;
    incoming::link(into)?;
    outgoing::link(into)?;
    outgoing::link_handler(&mut linker.instance(outgoing)?)
}
