//! `wasi:sockets` of 0.2 and 0.3 for guests: those of wasmtime-wasi, but that no socket ever gets at an address.
//!
//! Whatever a guest does with a TCP socket, [`refuse_all`] is asked before the machine is. Two things do not get that far and are
//! ours: connecting, since the scenario says what is at the other end, and making a UDP socket, which would be one of the machine.

use super::{InstanceState, tcp};
use crate::sandbox::service::sockets::{SOCKETS_2, SOCKETS_3};
use crate::sandbox::{Caller, Session};
use wasmtime::component::{Linker, Resource};
use wasmtime_wasi::WasiCtxBuilder;
use wasmtime_wasi::p2::bindings::sockets as two;
use wasmtime_wasi::p3::bindings::sockets as three;
use wasmtime_wasi::sockets::{WasiSockets, WasiSocketsView as _};

/// The names under which wasmtime-wasi links them.
const UDP_2: &str = "wasi:sockets/udp-create-socket@0.2.12";
const TYPES_3: &str = "wasi:sockets/types@0.3.0";

/// Lets an instance make sockets, and none of them use an address.
pub(super) fn refuse_all(wasi: &mut WasiCtxBuilder, session: &Session, caller: &Caller) {
    let (session, caller) = (session.for_guest(), caller.clone());
    wasi.allow_tcp(true).socket_addr_check(move |address, _| {
        session.refuse_address(&caller, address);
        Box::pin(async { false })
    });
}

/// Links both generations.
pub(super) fn link(linker: &mut Linker<InstanceState>) -> wasmtime::Result<()> {
    type I = InstanceState;
    two::instance_network::add_to_linker::<I, WasiSockets>(linker, I::sockets)?;
    let options = two::network::LinkOptions::default();
    two::network::add_to_linker::<I, WasiSockets>(linker, &options, I::sockets)?;
    two::tcp_create_socket::add_to_linker::<I, WasiSockets>(linker, I::sockets)?;
    two::tcp::add_to_linker::<I, WasiSockets>(linker, I::sockets)?;
    two::udp_create_socket::add_to_linker::<I, WasiSockets>(linker, I::sockets)?;
    two::udp::add_to_linker::<I, WasiSockets>(linker, I::sockets)?;
    two::ip_name_lookup::add_to_linker::<I, WasiSockets>(linker, I::sockets)?;
    three::types::add_to_linker::<I, WasiSockets>(linker, I::sockets)?;
    three::ip_name_lookup::add_to_linker::<I, WasiSockets>(linker, I::sockets)?;

    linker.allow_shadowing(true);
    tcp::link_2(linker)?;
    tcp::link_3(linker)?;
    udp(linker)?;
    linker.allow_shadowing(false);
    Ok(())
}

/// Making a UDP socket, of both generations.
fn udp(linker: &mut Linker<InstanceState>) -> wasmtime::Result<()> {
    linker.instance(UDP_2)?.func_wrap(
        "create-udp-socket",
        |store, (_,): (two::network::IpAddressFamily,)| {
            let state: &InstanceState = store.data();
            state.session.refuse_udp(&state.caller, &SOCKETS_2);
            let code = two::network::ErrorCode::AccessDenied;
            Ok((Err::<Resource<two::udp::UdpSocket>, _>(code),))
        },
    )?;
    linker.instance(TYPES_3)?.func_wrap(
        "[static]udp-socket.create",
        |store, (_,): (three::types::IpAddressFamily,)| {
            let state: &InstanceState = store.data();
            state.session.refuse_udp(&state.caller, &SOCKETS_3);
            let code = three::types::ErrorCode::AccessDenied;
            Ok((Err::<Resource<three::types::UdpSocket>, _>(code),))
        },
    )
}
