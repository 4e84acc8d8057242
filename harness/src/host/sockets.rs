//! `wasi:sockets` of 0.2 and 0.3 for guests: those of wasmtime-wasi, but that no socket ever gets at an address.
//!
//! Whatever a guest does with a TCP socket, [`refuse_all`] is asked before the machine is. Two things do not get that far and are
//! ours: connecting, which is to fail with errors of its own, and making a UDP socket, which would be one of the machine.

use super::InstanceState;
use super::instance::asynchronous_caller;
use crate::sandbox::service::sockets::{SOCKETS_2, SOCKETS_3};
use crate::sandbox::{Caller, Session};
use std::net::SocketAddr;
use wasmtime::component::{Linker, Resource};
use wasmtime_wasi::WasiCtxBuilder;
use wasmtime_wasi::p2::bindings::sockets as two;
use wasmtime_wasi::p3::bindings::sockets as three;
use wasmtime_wasi::sockets::{WasiSockets, WasiSocketsView as _};

/// The names under which wasmtime-wasi links them.
pub(super) const TCP_2: &str = "wasi:sockets/tcp@0.2.12";
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
    connecting_2(linker)?;
    connecting_3(linker)?;
    udp(linker)?;
    linker.allow_shadowing(false);
    Ok(())
}

fn connecting_2(linker: &mut Linker<InstanceState>) -> wasmtime::Result<()> {
    use two::network::{ErrorCode, IpSocketAddress, Network};
    use two::tcp::TcpSocket;
    type Parameters = (Resource<TcpSocket>, Resource<Network>, IpSocketAddress);
    let connect = "[method]tcp-socket.start-connect";
    linker
        .instance(TCP_2)?
        .func_wrap_async(connect, |store, (_, _, address): Parameters| {
            let state: &InstanceState = store.data();
            let (session, caller) = (state.session.clone(), state.caller.clone());
            let address = SocketAddr::from(address);
            Box::new(async move {
                let failure = session.connect_socket(&caller, &SOCKETS_2, address).await?;
                let code = match failure.case() {
                    "access-denied" => ErrorCode::AccessDenied,
                    "connection-reset" => ErrorCode::ConnectionReset,
                    "connection-aborted" => ErrorCode::ConnectionAborted,
                    "remote-unreachable" => ErrorCode::RemoteUnreachable,
                    "timeout" => ErrorCode::Timeout,
                    _ => ErrorCode::ConnectionRefused,
                };
                Ok((Err::<(), _>(code),))
            })
        })
}

fn connecting_3(linker: &mut Linker<InstanceState>) -> wasmtime::Result<()> {
    use three::types::{ErrorCode, IpSocketAddress, TcpSocket};
    type Parameters = (Resource<TcpSocket>, IpSocketAddress);
    let connect = "[method]tcp-socket.connect";
    linker
        .instance(TYPES_3)?
        .func_wrap_concurrent(connect, |accessor, (_, address): Parameters| {
            let address = SocketAddr::from(address);
            Box::pin(async move {
                let (session, caller) = accessor.with(|mut access| {
                    let caller = asynchronous_caller(&mut access)?;
                    wasmtime::error::Ok((access.get().session.clone(), caller))
                })?;
                let failure = session.connect_socket(&caller, &SOCKETS_3, address).await?;
                let code = match failure.case() {
                    "access-denied" => ErrorCode::AccessDenied,
                    "connection-reset" => ErrorCode::ConnectionReset,
                    "connection-aborted" => ErrorCode::ConnectionAborted,
                    "remote-unreachable" => ErrorCode::RemoteUnreachable,
                    "timeout" => ErrorCode::Timeout,
                    _ => ErrorCode::ConnectionRefused,
                };
                Ok((Err::<(), _>(code),))
            })
        })
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
