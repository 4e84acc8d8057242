//! Functions of the snapshots in interfaces that are those of 0.2.0 otherwise: they are linked beside its own, whose names they
//! do not have. And `wasi:sockets/ip-name-lookup` of the first snapshot, which differs by what one function takes.

use super::{Instance, answered, link_gone};
use crate::host::InstanceState;
use wasmtime::component::{Linker, Resource, ResourceType};
use wasmtime_wasi::clocks::WasiClocksView as _;
use wasmtime_wasi::p2::bindings::clocks::monotonic_clock::Host as _;
use wasmtime_wasi::p2::bindings::sockets::ip_name_lookup::{self, Host as _, ResolveAddressStream};
use wasmtime_wasi::p2::bindings::sockets::network::{IpAddressFamily, Network};
use wasmtime_wasi::p2::bindings::sockets::tcp::{HostTcpSocket as _, TcpSocket};
use wasmtime_wasi::sockets::WasiSocketsView as _;

/// The names under which wasmtime-wasi links what they stand beside.
const CLOCK: &str = "wasi:clocks/monotonic-clock@0.2.12";
const TCP: &str = "wasi:sockets/tcp@0.2.12";
const UDP: &str = "wasi:sockets/udp@0.2.12";

/// Links what stands beside functions of 0.2.0.
pub(super) fn link(linker: &mut Linker<InstanceState>) -> wasmtime::Result<()> {
    linker.instance(CLOCK)?.func_wrap(
        "subscribe",
        |mut store, (when, is_absolute): (u64, bool)| {
            let mut clocks = store.data_mut().clocks();
            let pollable = match is_absolute {
                true => clocks.subscribe_instant(when),
                false => clocks.subscribe_duration(when),
            };
            Ok((pollable?,))
        },
    )?;
    link_tcp(&mut linker.instance(TCP)?)?;
    // No UDP socket is ever made: a call of the rest could not come about.
    link_gone(
        &mut linker.instance(UDP)?,
        &[
            "[method]udp-socket.start-connect",
            "[method]udp-socket.finish-connect",
            "[method]udp-socket.receive",
            "[method]udp-socket.send",
            "[method]udp-socket.ipv6-only",
            "[method]udp-socket.set-ipv6-only",
        ],
    )
}

fn link_tcp(into: &mut Instance<'_>) -> wasmtime::Result<()> {
    type It = Resource<TcpSocket>;
    into.func_wrap(
        "[method]tcp-socket.keep-alive",
        |mut store, (it,): (It,)| answered(store.data_mut().sockets().keep_alive_enabled(it)),
    )?;
    into.func_wrap(
        "[method]tcp-socket.set-keep-alive",
        |mut store, (it, value): (It, bool)| {
            answered(store.data_mut().sockets().set_keep_alive_enabled(it, value))
        },
    )?;
    into.func_wrap(
        "[method]tcp-socket.unicast-hop-limit",
        |mut store, (it,): (It,)| answered(store.data_mut().sockets().hop_limit(it)),
    )?;
    into.func_wrap(
        "[method]tcp-socket.set-unicast-hop-limit",
        |mut store, (it, value): (It, u8)| {
            answered(store.data_mut().sockets().set_hop_limit(it, value))
        },
    )?;
    link_gone(
        into,
        &[
            "[method]tcp-socket.ipv6-only",
            "[method]tcp-socket.set-ipv6-only",
            "[method]tcp-socket.no-delay",
            "[method]tcp-socket.set-no-delay",
        ],
    )
}

/// Links `wasi:sockets/ip-name-lookup` of the first snapshot. Which addresses are wanted counts for nothing, as in Spin.
pub(super) fn link_lookup(into: &mut Instance<'_>) -> wasmtime::Result<()> {
    type Asked = (Resource<Network>, String, Option<IpAddressFamily>, bool);
    into.resource(
        "resolve-address-stream",
        ResourceType::host::<ResolveAddressStream>(),
        |mut store, rep| {
            let addresses = Resource::new_own(rep);
            let mut sockets = store.data_mut().sockets();
            ip_name_lookup::HostResolveAddressStream::drop(&mut sockets, addresses)
        },
    )?;
    into.func_wrap(
        "resolve-addresses",
        |mut store, (network, name, _, _): Asked| {
            answered(store.data_mut().sockets().resolve_addresses(network, name))
        },
    )?;
    into.func_wrap(
        "[method]resolve-address-stream.resolve-next-address",
        |mut store, (it,): (Resource<ResolveAddressStream>,)| {
            let mut sockets = store.data_mut().sockets();
            let next =
                ip_name_lookup::HostResolveAddressStream::resolve_next_address(&mut sockets, it);
            answered(next)
        },
    )?;
    into.func_wrap(
        "[method]resolve-address-stream.subscribe",
        |mut store, (it,): (Resource<ResolveAddressStream>,)| {
            let mut sockets = store.data_mut().sockets();
            Ok((ip_name_lookup::HostResolveAddressStream::subscribe(
                &mut sockets,
                it,
            )?,))
        },
    )
}
