//! Streams of the snapshot, and what waits for them.

use super::{Instance, Store};
use wasmtime::component::{Resource, ResourceType};
use wasmtime_wasi::p2::bindings::io::error::HostError;
use wasmtime_wasi::p2::bindings::io::poll::{Host as _, HostPollable as _, Pollable};
use wasmtime_wasi::p2::bindings::io::streams::{
    self, Error as StreamFailure, Host as _, HostInputStream as _, HostOutputStream as _,
    InputStream, OutputStream,
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

/// Links `wasi:io/streams`.
pub(super) fn link_streams(into: &mut Instance<'_>) -> wasmtime::Result<()> {
    link_input(into)?;
    link_output(into)
}

fn link_input(into: &mut Instance<'_>) -> wasmtime::Result<()> {
    type It = Resource<InputStream>;
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
    into.resource_async(
        "input-stream",
        ResourceType::host::<InputStream>(),
        |mut store, rep| {
            Box::new(async move {
                let stream: It = Resource::new_own(rep);
                streams::HostInputStream::drop(table(&mut store), stream).await
            })
        },
    )?;
    into.func_wrap(
        "[method]input-stream.read",
        |mut store, (it, length): (It, u64)| {
            let table = table(&mut store);
            let read = table.read(it, length);
            told(table, read)
        },
    )?;
    into.func_wrap_async(
        "[method]input-stream.blocking-read",
        |mut store, (it, length): (It, u64)| {
            Box::new(async move {
                let table = table(&mut store);
                let read = table.blocking_read(it, length).await;
                told(table, read)
            })
        },
    )?;
    into.func_wrap(
        "[method]input-stream.skip",
        |mut store, (it, length): (It, u64)| {
            let table = table(&mut store);
            let skipped = table.skip(it, length);
            told(table, skipped)
        },
    )?;
    into.func_wrap_async(
        "[method]input-stream.blocking-skip",
        |mut store, (it, length): (It, u64)| {
            Box::new(async move {
                let table = table(&mut store);
                let skipped = table.blocking_skip(it, length).await;
                told(table, skipped)
            })
        },
    )?;
    into.func_wrap(
        "[method]input-stream.subscribe",
        |mut store, (it,): (It,)| {
            Ok((streams::HostInputStream::subscribe(table(&mut store), it)?,))
        },
    )
}

fn link_output(into: &mut Instance<'_>) -> wasmtime::Result<()> {
    type It = Resource<OutputStream>;
    type From = Resource<InputStream>;
    into.resource_async(
        "output-stream",
        ResourceType::host::<OutputStream>(),
        |mut store, rep| {
            Box::new(async move {
                let stream: It = Resource::new_own(rep);
                streams::HostOutputStream::drop(table(&mut store), stream).await
            })
        },
    )?;
    into.func_wrap(
        "[method]output-stream.check-write",
        |mut store, (it,): (It,)| {
            let table = table(&mut store);
            let room = table.check_write(it);
            told(table, room)
        },
    )?;
    into.func_wrap(
        "[method]output-stream.write",
        |mut store, (it, bytes): (It, Vec<u8>)| {
            let table = table(&mut store);
            let written = streams::HostOutputStream::write(table, it, bytes);
            told(table, written)
        },
    )?;
    into.func_wrap_async(
        "[method]output-stream.blocking-write-and-flush",
        |mut store, (it, bytes): (It, Vec<u8>)| {
            Box::new(async move {
                let table = table(&mut store);
                let written = table.blocking_write_and_flush(it, bytes).await;
                told(table, written)
            })
        },
    )?;
    into.func_wrap("[method]output-stream.flush", |mut store, (it,): (It,)| {
        let table = table(&mut store);
        let flushed = table.flush(it);
        told(table, flushed)
    })?;
    into.func_wrap_async(
        "[method]output-stream.blocking-flush",
        |mut store, (it,): (It,)| {
            Box::new(async move {
                let table = table(&mut store);
                let flushed = table.blocking_flush(it).await;
                told(table, flushed)
            })
        },
    )?;
    into.func_wrap(
        "[method]output-stream.subscribe",
        |mut store, (it,): (It,)| {
            Ok((streams::HostOutputStream::subscribe(table(&mut store), it)?,))
        },
    )?;
    into.func_wrap(
        "[method]output-stream.write-zeroes",
        |mut store, (it, length): (It, u64)| {
            let table = table(&mut store);
            let written = table.write_zeroes(it, length);
            told(table, written)
        },
    )?;
    into.func_wrap_async(
        "[method]output-stream.blocking-write-zeroes-and-flush",
        |mut store, (it, length): (It, u64)| {
            Box::new(async move {
                let table = table(&mut store);
                let written = table.blocking_write_zeroes_and_flush(it, length).await;
                told(table, written)
            })
        },
    )?;
    into.func_wrap_async(
        "[method]output-stream.splice",
        |mut store, (it, from, length): (It, From, u64)| {
            Box::new(async move {
                let table = table(&mut store);
                let spliced = table.splice(it, from, length);
                told(table, spliced)
            })
        },
    )?;
    into.func_wrap_async(
        "[method]output-stream.blocking-splice",
        |mut store, (it, from, length): (It, From, u64)| {
            Box::new(async move {
                let table = table(&mut store);
                let spliced = table.blocking_splice(it, from, length).await;
                told(table, spliced)
            })
        },
    )?;
    into.func_wrap(
        "[method]output-stream.forward",
        |_, _: (It, From)| -> wasmtime::Result<(Result<u64, streams::StreamError>,)> {
            // Nor does Spin have it.
            wasmtime::bail!("forward is not implemented in this snapshot of WASI")
        },
    )
}
