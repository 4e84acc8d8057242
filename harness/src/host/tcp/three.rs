//! TCP connections of `wasi:sockets` 0.3.

use super::{Socket, code, is_connectable};
use crate::host::InstanceState;
use crate::host::instance::asynchronous_caller;
use crate::sandbox::service::sockets::SOCKETS_3;
use crate::sandbox::{Receiving, TcpConnection, TcpEnd};
use bytes::BytesMut;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::oneshot;
use wasmtime::component::{
    Accessor, Destination, FutureReader, Linker, Resource, ResourceType, Source, StreamConsumer,
    StreamProducer, StreamReader, StreamResult,
};
use wasmtime::{AsContextMut as _, StoreContextMut};
use wasmtime_wasi::p3::bindings::sockets::types::{
    ErrorCode, HostTcpSocket, IpAddressFamily, IpSocketAddress, TcpSocket,
};
use wasmtime_wasi::sockets::WasiSocketsView as _;

/// The name under which wasmtime-wasi links it.
const TYPES: &str = "wasi:sockets/types@0.3.0";

/// Bytes that are handed over at once.
const WINDOW: usize = 64 << 10;

type This = (Resource<TcpSocket>,);
type Store<'a> = StoreContextMut<'a, InstanceState>;
type Ended = oneshot::Sender<Result<(), ErrorCode>>;
type HowItEnds = FutureReader<Result<(), ErrorCode>>;

/// Puts connections in the place of those of wasmtime-wasi.
pub(in crate::host) fn link(linker: &mut Linker<InstanceState>) -> wasmtime::Result<()> {
    let mut types = linker.instance(TYPES)?;
    types.func_wrap_concurrent(
        "[method]tcp-socket.connect",
        |accessor, (socket, address): (Resource<TcpSocket>, IpSocketAddress)| {
            Box::pin(async move { Ok((connect(accessor, socket, address).await?,)) })
        },
    )?;
    types.func_wrap(
        "[method]tcp-socket.send",
        |store: Store, (socket, data): (Resource<TcpSocket>, StreamReader<u8>)| {
            Ok((send(store, &socket, data)?,))
        },
    )?;
    types.func_wrap(
        "[method]tcp-socket.receive",
        |store: Store, (socket,): This| Ok((receive(store, &socket)?,)),
    )?;
    types.func_wrap(
        "[method]tcp-socket.get-local-address",
        |store: Store, (socket,): This| {
            Ok((address(&store, &socket, TcpConnection::local_address),))
        },
    )?;
    types.func_wrap(
        "[method]tcp-socket.get-remote-address",
        |store: Store, (socket,): This| {
            Ok((address(&store, &socket, TcpConnection::remote_address),))
        },
    )?;
    types.resource(
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
    let connected = store.data().connected(socket.rep());
    let connection = &connected.ok_or(ErrorCode::InvalidState)?.connection;
    Ok(which(connection).into())
}

async fn connect(
    accessor: &Accessor<InstanceState>,
    socket: Resource<TcpSocket>,
    address: IpSocketAddress,
) -> wasmtime::Result<Result<(), ErrorCode>> {
    let address = SocketAddr::from(address);
    let asked = accessor.with(|mut access| {
        let caller = asynchronous_caller(&mut access)?;
        let state = access.get();
        if state.tcp.contains_key(&socket.rep()) {
            return wasmtime::error::Ok(Err(ErrorCode::InvalidState));
        }
        let this = Resource::new_borrow(socket.rep());
        let family = HostTcpSocket::get_address_family(&mut state.sockets(), this)?;
        if !is_connectable(address, matches!(family, IpAddressFamily::Ipv4)) {
            return Ok(Err(ErrorCode::InvalidArgument));
        }
        state.tcp.insert(socket.rep(), Socket::Connecting);
        Ok(Ok((state.session.clone(), caller)))
    })?;
    let (session, caller) = match asked {
        Ok(asked) => asked,
        Err(code) => return Ok(Err(code)),
    };
    let answer = session.connect_socket(&caller, &SOCKETS_3, address).await?;
    let (then, answer) = match answer {
        Ok(connection) => (Socket::connected(connection), Ok(())),
        Err(failure) => (Socket::Failed(None), Err(failure)),
    };
    accessor.with(|mut access| access.get().tcp.insert(socket.rep(), then));
    Ok(answer.map_err(|failure| code(&failure).into()))
}

fn send(
    mut store: Store,
    socket: &Resource<TcpSocket>,
    mut data: StreamReader<u8>,
) -> wasmtime::Result<HowItEnds> {
    let connection = match store.data_mut().connected_mut(socket.rep()) {
        Some(connected) if !connected.sends => {
            connected.sends = true;
            connected.connection.clone()
        }
        _ => {
            data.close(&mut store)?;
            return failed(store);
        }
    };
    let (ended, ends) = oneshot::channel();
    let outgoing = Outgoing {
        connection,
        ended: Some(ended),
    };
    data.pipe(&mut store, outgoing)?;
    FutureReader::new(&mut store, ends)
}

fn receive(
    mut store: Store,
    socket: &Resource<TcpSocket>,
) -> wasmtime::Result<(StreamReader<u8>, HowItEnds)> {
    let connection = match store.data_mut().connected_mut(socket.rep()) {
        Some(connected) if !connected.receives => {
            connected.receives = true;
            connected.connection.clone()
        }
        _ => {
            let nothing = StreamReader::new(&mut store, std::iter::empty())?;
            return Ok((nothing, failed(store)?));
        }
    };
    let (ended, ends) = oneshot::channel();
    let incoming = Incoming {
        connection,
        ended: Some(ended),
        waiting: None,
    };
    let incoming = StreamReader::new(&mut store, incoming)?;
    Ok((incoming, FutureReader::new(&mut store, ends)?))
}

/// What a socket says that is not connected, or that has given its bytes away before.
fn failed(mut store: Store) -> wasmtime::Result<HowItEnds> {
    let failed = Err(ErrorCode::InvalidState);
    FutureReader::new(&mut store, async move { wasmtime::error::Ok(failed) })
}

fn code_of(end: TcpEnd) -> ErrorCode {
    match end {
        TcpEnd::Reset => ErrorCode::ConnectionReset,
        TcpEnd::Closed => ErrorCode::ConnectionBroken,
    }
}

/// What goes out.
struct Outgoing {
    connection: TcpConnection,
    ended: Option<Ended>,
}

impl Outgoing {
    fn end(&mut self, how: Result<(), ErrorCode>) {
        if let Some(ended) = self.ended.take() {
            // A guest that does not wait for the end need not be told.
            let _ = ended.send(how);
        }
    }
}

/// A guest that ends its stream sends nothing more.
impl Drop for Outgoing {
    fn drop(&mut self) {
        if self.ended.is_some() {
            self.connection.shut_down_sending();
        }
        self.end(Ok(()));
    }
}

impl<D> StreamConsumer<D> for Outgoing {
    type Item = u8;

    fn poll_consume(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        store: StoreContextMut<D>,
        source: Source<Self::Item>,
        _: bool,
    ) -> Poll<wasmtime::Result<StreamResult>> {
        let mut source = source.as_direct(store);
        let bytes = source.remaining();
        let bytes = &bytes[..bytes.len().min(WINDOW)];
        if bytes.is_empty() {
            return Poll::Ready(Ok(StreamResult::Completed));
        }
        let taken = bytes.len();
        match self.connection.send(bytes)? {
            Ok(()) => {
                source.mark_read(taken);
                Poll::Ready(Ok(StreamResult::Completed))
            }
            Err(end) => {
                self.end(Err(code_of(end)));
                Poll::Ready(Ok(StreamResult::Dropped))
            }
        }
    }
}

/// What comes in.
struct Incoming {
    connection: TcpConnection,
    ended: Option<Ended>,
    /// Until something comes.
    waiting: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Incoming {
    fn end(&mut self, how: Result<(), ErrorCode>) {
        if let Some(ended) = self.ended.take() {
            let _ = ended.send(how);
        }
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        self.end(Ok(()));
    }
}

impl<D> StreamProducer<D> for Incoming {
    type Item = u8;
    type Buffer = BytesMut;

    fn poll_produce<'a>(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut store: StoreContextMut<'a, D>,
        mut destination: Destination<'a, Self::Item, Self::Buffer>,
        finish: bool,
    ) -> Poll<wasmtime::Result<StreamResult>> {
        let wanted = destination.remaining(store.as_context_mut());
        loop {
            let connection = self.connection.clone();
            let waiting = self
                .waiting
                .get_or_insert_with(|| Box::pin(async move { connection.readable().await }));
            match waiting.as_mut().poll(context) {
                Poll::Pending if finish => return Poll::Ready(Ok(StreamResult::Cancelled)),
                Poll::Pending => return Poll::Pending,
                Poll::Ready(()) => self.waiting = None,
            }
            // One that asks for nothing wants to know whether there is something.
            if wanted == Some(0) {
                return Poll::Ready(Ok(StreamResult::Completed));
            }
            let most = wanted.unwrap_or(WINDOW).min(WINDOW);
            let ended = match self.connection.receive(most)? {
                Receiving::Bytes(bytes) => {
                    destination.set_buffer(BytesMut::from(&bytes[..]));
                    return Poll::Ready(Ok(StreamResult::Completed));
                }
                Receiving::Nothing => continue,
                Receiving::Closed => Ok(()),
                Receiving::Reset => Err(code_of(TcpEnd::Reset)),
            };
            self.end(ended);
            return Poll::Ready(Ok(StreamResult::Dropped));
        }
    }
}
