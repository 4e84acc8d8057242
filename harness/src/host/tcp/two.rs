//! TCP connections of `wasi:sockets` 0.2.

use super::{Socket, as_error, code, is_connectable};
use crate::host::InstanceState;
use crate::sandbox::service::sockets::SOCKETS_2;
use crate::sandbox::{Receiving, TcpConnection, TcpEnd};
use bytes::Bytes;
use std::net::SocketAddr;
use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource, ResourceType};
use wasmtime_wasi::WasiView as _;
use wasmtime_wasi::p2::bindings::sockets::network::{
    ErrorCode, IpAddressFamily, IpSocketAddress, Network,
};
use wasmtime_wasi::p2::bindings::sockets::tcp::{HostTcpSocket, ShutdownType, TcpSocket};
use wasmtime_wasi::p2::{
    DynInputStream, DynOutputStream, InputStream, OutputStream, Pollable, StreamError, StreamResult,
};
use wasmtime_wasi::sockets::WasiSocketsView as _;

/// The name under which wasmtime-wasi links it.
const TCP: &str = "wasi:sockets/tcp@0.2.12";

/// Bytes that a guest may write at once.
const WINDOW: usize = 64 << 10;

type This = (Resource<TcpSocket>,);
type Store<'a> = StoreContextMut<'a, InstanceState>;
type Streams = (Resource<DynInputStream>, Resource<DynOutputStream>);

/// Puts connections in the place of those of wasmtime-wasi.
pub(in crate::host) fn link(linker: &mut Linker<InstanceState>) -> wasmtime::Result<()> {
    let mut tcp = linker.instance(TCP)?;
    type Connecting = (Resource<TcpSocket>, Resource<Network>, IpSocketAddress);
    tcp.func_wrap_async(
        "[method]tcp-socket.start-connect",
        |mut store: Store, (socket, _, address): Connecting| {
            Box::new(async move { Ok((start_connect(store.data_mut(), socket, address).await?,)) })
        },
    )?;
    tcp.func_wrap(
        "[method]tcp-socket.finish-connect",
        |mut store: Store, (socket,): This| Ok((finish_connect(store.data_mut(), socket)?,)),
    )?;
    tcp.func_wrap(
        "[method]tcp-socket.local-address",
        |store: Store, (socket,): This| {
            Ok((address(&store, &socket, TcpConnection::local_address),))
        },
    )?;
    tcp.func_wrap(
        "[method]tcp-socket.remote-address",
        |store: Store, (socket,): This| {
            Ok((address(&store, &socket, TcpConnection::remote_address),))
        },
    )?;
    tcp.func_wrap(
        "[method]tcp-socket.shutdown",
        |store: Store, (socket, how): (Resource<TcpSocket>, ShutdownType)| {
            Ok((shut_down(store.data(), &socket, how),))
        },
    )?;
    tcp.resource(
        "tcp-socket",
        ResourceType::host::<TcpSocket>(),
        |mut store: Store, socket| {
            let state = store.data_mut();
            state.tcp.remove(&socket);
            HostTcpSocket::drop(&mut state.sockets(), Resource::new_own(socket))
        },
    )
}

/// An address of a socket, which has one when it is connected: none can be bound.
fn address(
    store: &Store,
    socket: &Resource<TcpSocket>,
    which: fn(&TcpConnection) -> SocketAddr,
) -> Result<IpSocketAddress, ErrorCode> {
    let connected = store
        .data()
        .connected(socket.rep())
        .filter(|it| it.receives);
    let connection = &connected.ok_or(ErrorCode::InvalidState)?.connection;
    Ok(which(connection).into())
}

async fn start_connect(
    state: &mut InstanceState,
    socket: Resource<TcpSocket>,
    address: IpSocketAddress,
) -> wasmtime::Result<Result<(), ErrorCode>> {
    let address = SocketAddr::from(address);
    match state.tcp.get(&socket.rep()) {
        None => {}
        Some(Socket::Connected(connected)) if connected.receives => {
            return Ok(Err(ErrorCode::InvalidState));
        }
        Some(Socket::Failed(None)) => return Ok(Err(ErrorCode::InvalidState)),
        // What came of it was not asked for yet.
        Some(_) => return Ok(Err(ErrorCode::ConcurrencyConflict)),
    }
    let this = Resource::new_borrow(socket.rep());
    let family = HostTcpSocket::address_family(&mut state.sockets(), this)?;
    if !is_connectable(address, matches!(family, IpAddressFamily::Ipv4)) {
        return Ok(Err(ErrorCode::InvalidArgument));
    }
    let (session, caller) = (state.session.clone(), state.caller.clone());
    let answer = session.connect_socket(&caller, &SOCKETS_2, address).await?;
    let then = match answer {
        Ok(connection) => Socket::connected(connection),
        // In Spin's wasmtime grants are asked here; what else keeps it from connecting is told when it has tried.
        Err(failure) if failure.case() == "access-denied" => return Ok(Err(code(&failure).into())),
        Err(failure) => Socket::Failed(Some(failure)),
    };
    state.tcp.insert(socket.rep(), then);
    Ok(Ok(()))
}

fn finish_connect(
    state: &mut InstanceState,
    socket: Resource<TcpSocket>,
) -> wasmtime::Result<Result<Streams, ErrorCode>> {
    let connection = match state.tcp.get_mut(&socket.rep()) {
        Some(Socket::Connected(connected)) if !connected.receives => {
            connected.receives = true;
            connected.connection.clone()
        }
        Some(Socket::Failed(failure)) => {
            let failure = failure.take();
            return Ok(Err(
                failure.map_or(ErrorCode::NotInProgress, |it| code(&it).into())
            ));
        }
        _ => return Ok(Err(ErrorCode::NotInProgress)),
    };
    let input: DynInputStream = Box::new(Input(connection.clone()));
    let output: DynOutputStream = Box::new(Output(connection));
    let table = state.ctx().table;
    let input = table.push_child(input, &socket)?;
    Ok(Ok((input, table.push_child(output, &socket)?)))
}

fn shut_down(
    state: &InstanceState,
    socket: &Resource<TcpSocket>,
    how: ShutdownType,
) -> Result<(), ErrorCode> {
    let connected = state.connected(socket.rep()).filter(|it| it.receives);
    let connection = &connected.ok_or(ErrorCode::InvalidState)?.connection;
    if let ShutdownType::Receive | ShutdownType::Both = how {
        connection.shut_down_receiving();
    }
    if let ShutdownType::Send | ShutdownType::Both = how {
        connection.shut_down_sending();
    }
    Ok(())
}

/// What comes in.
struct Input(TcpConnection);

#[wasmtime_wasi::async_trait]
impl Pollable for Input {
    async fn ready(&mut self) {
        self.0.readable().await;
    }
}

impl InputStream for Input {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        match self
            .0
            .receive(size)
            .map_err(|trap| StreamError::Trap(trap.into()))?
        {
            Receiving::Bytes(bytes) => Ok(bytes),
            Receiving::Nothing => Ok(Bytes::new()),
            Receiving::Closed => Err(StreamError::Closed),
            Receiving::Reset => Err(StreamError::LastOperationFailed(as_error(TcpEnd::Reset))),
        }
    }
}

/// What goes out.
struct Output(TcpConnection);

#[wasmtime_wasi::async_trait]
impl Pollable for Output {
    async fn ready(&mut self) {}
}

impl OutputStream for Output {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        let sent = self.0.send(&bytes);
        match sent.map_err(|trap| StreamError::Trap(trap.into()))? {
            Ok(()) => Ok(()),
            Err(TcpEnd::Closed) => Err(StreamError::Closed),
            Err(end) => Err(StreamError::LastOperationFailed(as_error(end))),
        }
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        match self.0.has_shut_down_sending() {
            true => Err(StreamError::Closed),
            false => Ok(WINDOW),
        }
    }
}

/// A component that drops it sends nothing more.
impl Drop for Output {
    fn drop(&mut self) {
        self.0.shut_down_sending();
    }
}
