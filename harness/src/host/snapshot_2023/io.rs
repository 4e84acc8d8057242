//! Streams of the first snapshot, and what waits for them.

use super::{Instance, Store, link_gone};
use wasmtime::component::{Resource, ResourceType};
use wasmtime_wasi::p2::bindings::io::error::HostError;
use wasmtime_wasi::p2::bindings::io::poll::{Host as _, HostPollable as _, Pollable};
use wasmtime_wasi::p2::bindings::io::streams::{
    self, Error as StreamFailure, Host as _, InputStream, OutputStream,
};
use wasmtime_wasi::p2::{StreamError, StreamResult};
use wasmtime_wasi::{ResourceTable, WasiView as _};

fn table<'a>(store: &'a mut Store<'_>) -> &'a mut ResourceTable {
    store.data_mut().ctx().table
}

/// What a stream answers, with its failure as the guest has it.
fn told<T>(
    table: &mut ResourceTable,
    result: StreamResult<T>,
) -> wasmtime::Result<(Result<T, streams::StreamError>,)> {
    match result {
        Ok(value) => Ok((Ok(value),)),
        Err(error) => Ok((Err(failure(table, error)?),)),
    }
}

fn failure(
    table: &mut ResourceTable,
    error: StreamError,
) -> wasmtime::Result<streams::StreamError> {
    table.convert_stream_error(error)
}

/// Links `wasi:io/poll`.
pub(super) fn link_poll(into: &mut Instance<'_>) -> wasmtime::Result<()> {
    type It = Resource<Pollable>;
    into.resource(
        "pollable",
        ResourceType::host::<Pollable>(),
        |mut store, rep| {
            let pollable: It = Resource::new_own(rep);
            wasmtime_wasi::p2::bindings::io::poll::HostPollable::drop(table(&mut store), pollable)
        },
    )?;
    into.func_wrap_async("poll-list", |mut store, (all,): (Vec<It>,)| {
        Box::new(async move { Ok((table(&mut store).poll(all).await?,)) })
    })?;
    into.func_wrap_async("poll-one", |mut store, (it,): (It,)| {
        Box::new(async move { table(&mut store).block(it).await })
    })
}

/// Links a stream, and its methods: those that wait and those that do not. All answer as the methods of 0.2 do.
macro_rules! stream {
    ($into:ident, $name:literal: $of:ty, $host:ident {
        at once: $($now:literal => $does:ident($($with:ident: $what:ty),*),)+
        waiting: $($later:literal => $waits:ident($($given:ident: $that:ty),*),)+
    }) => {
        $into.resource_async($name, ResourceType::host::<$of>(), |mut store, rep| {
            Box::new(async move {
                let stream = Resource::new_own(rep);
                streams::$host::drop(table(&mut store), stream).await
            })
        })?;
        $into.func_wrap(
            concat!("[method]", $name, ".subscribe"),
            |mut store, (it,): (Resource<$of>,)| {
                Ok((streams::$host::subscribe(table(&mut store), it)?,))
            },
        )?;
        $($into.func_wrap(
            concat!("[method]", $name, ".", $now),
            |mut store, (it, $($with,)*): (Resource<$of>, $($what,)*)| {
                let table = table(&mut store);
                let answer = streams::$host::$does(table, it, $($with),*);
                told(table, answer)
            },
        )?;)+
        $($into.func_wrap_async(
            concat!("[method]", $name, ".", $later),
            |mut store, (it, $($given,)*): (Resource<$of>, $($that,)*)| {
                Box::new(async move {
                    let table = table(&mut store);
                    let answer = streams::$host::$waits(table, it, $($given),*).await;
                    told(table, answer)
                })
            },
        )?;)+
    };
}

/// Links `wasi:io/streams`.
pub(super) fn link_streams(into: &mut Instance<'_>) -> wasmtime::Result<()> {
    into.resource(
        "error",
        ResourceType::host::<StreamFailure>(),
        |mut store, rep| {
            let error = Resource::<StreamFailure>::new_own(rep);
            HostError::drop(table(&mut store), error)
        },
    )?;
    into.func_wrap(
        "[method]error.to-debug-string",
        |mut store, (error,): (Resource<StreamFailure>,)| {
            Ok((table(&mut store).to_debug_string(error)?,))
        },
    )?;
    stream!(into, "input-stream": InputStream, HostInputStream {
        at once:
            "read" => read(length: u64),
            "skip" => skip(length: u64),
        waiting:
            "blocking-read" => blocking_read(length: u64),
            "blocking-skip" => blocking_skip(length: u64),
    });
    stream!(into, "output-stream": OutputStream, HostOutputStream {
        at once:
            "check-write" => check_write(),
            "write" => write(bytes: Vec<u8>),
            "flush" => flush(),
            "write-zeroes" => write_zeroes(length: u64),
            "splice" => splice(from: Resource<InputStream>, length: u64),
        waiting:
            "blocking-write-and-flush" => blocking_write_and_flush(bytes: Vec<u8>),
            "blocking-flush" => blocking_flush(),
            "blocking-write-zeroes-and-flush" => blocking_write_zeroes_and_flush(length: u64),
            "blocking-splice" => blocking_splice(from: Resource<InputStream>, length: u64),
    });
    link_gone(into, &["[method]output-stream.forward"])
}
