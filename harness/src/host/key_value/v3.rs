//! `spin:key-value/key-value@3.0.0`: every call is asynchronous, a listing is a stream.

use super::{done, keys, truth, value};
use crate::host::InstanceState;
use crate::host::bindings::key_value_3::{Error, Host, HostStore, HostStoreWithStore, Store};
use crate::host::instance::{asynchronous_caller, on};
use crate::sandbox::{Interface, OpenStore, Target};
use crate::storage::{self, Reply, Request};
use std::sync::Arc;
use wasmtime::component::{Accessor, FutureReader, HasSelf, Resource, StreamReader};

type Keys = (StreamReader<String>, FutureReader<Result<(), Error>>);

fn say(error: storage::Error) -> Error {
    match error {
        storage::Error::StoreTableFull => Error::StoreTableFull,
        storage::Error::NoSuchStore => Error::NoSuchStore,
        storage::Error::AccessDenied => Error::AccessDenied,
        storage::Error::Other(text) => Error::Other(text),
        // The gate lets none of these through to this interface.
        storage::Error::InvalidStore | storage::Error::NoSuchKey | storage::Error::CasFailed => {
            Error::Other(error.to_string())
        }
    }
}

async fn call<T>(
    accessor: &Accessor<T, HasSelf<InstanceState>>,
    store: Resource<Store>,
    request: Request,
) -> wasmtime::Result<Result<Reply, storage::Error>> {
    let (session, caller, store) = accessor.with(|mut access| {
        let caller = asynchronous_caller(&mut access)?;
        let state = access.get();
        let store = state.open_store(store.rep());
        wasmtime::error::Ok((state.session.clone(), caller, store))
    })?;
    let target = on(store.as_ref());
    Ok(session
        .storage_call(&caller, Interface::KeyValue3, target, request)
        .await?)
}

impl Host for InstanceState {}

impl HostStore for InstanceState {
    async fn drop(&mut self, store: Resource<Store>) -> wasmtime::Result<()> {
        self.stores.remove(store.rep());
        Ok(())
    }
}

impl<T: Send> HostStoreWithStore<T> for HasSelf<InstanceState> {
    async fn open(
        accessor: &Accessor<T, Self>,
        label: String,
    ) -> wasmtime::Result<Result<Resource<Store>, Error>> {
        let label: Arc<str> = Arc::from(label);
        let (session, caller) = accessor.with(|mut access| {
            let caller = asynchronous_caller(&mut access)?;
            wasmtime::error::Ok((access.get().session.clone(), caller))
        })?;
        let target = Target::Label(&label);
        let outcome = session
            .storage_call(&caller, Interface::KeyValue3, target, Request::Open)
            .await?;
        if let Err(error) = outcome {
            return Ok(Err(say(error)));
        }
        let index = session.store_index(&label).unwrap_or_default();
        let handle =
            accessor.with(|mut access| access.get().stores.push(OpenStore { label, index }));
        Ok(Ok(Resource::new_own(handle)))
    }

    async fn get(
        accessor: &Accessor<T, Self>,
        store: Resource<Store>,
        key: String,
    ) -> wasmtime::Result<Result<Option<Vec<u8>>, Error>> {
        let outcome = call(accessor, store, Request::Get { key }).await?;
        Ok(value(outcome).map_err(say))
    }

    async fn set(
        accessor: &Accessor<T, Self>,
        store: Resource<Store>,
        key: String,
        value: Vec<u8>,
    ) -> wasmtime::Result<Result<(), Error>> {
        let value = value.into();
        let outcome = call(accessor, store, Request::Set { key, value }).await?;
        Ok(done(outcome).map_err(say))
    }

    async fn delete(
        accessor: &Accessor<T, Self>,
        store: Resource<Store>,
        key: String,
    ) -> wasmtime::Result<Result<(), Error>> {
        let outcome = call(accessor, store, Request::Delete { key }).await?;
        Ok(done(outcome).map_err(say))
    }

    async fn exists(
        accessor: &Accessor<T, Self>,
        store: Resource<Store>,
        key: String,
    ) -> wasmtime::Result<Result<bool, Error>> {
        let outcome = call(accessor, store, Request::Exists { key }).await?;
        Ok(truth(outcome).map_err(say))
    }

    async fn get_keys(
        accessor: &Accessor<T, Self>,
        store: Resource<Store>,
    ) -> wasmtime::Result<Keys> {
        let outcome = call(accessor, store, Request::GetKeys).await?;
        // An error ends the listing: the stream gives what came before it, the future tells why.
        let (listing, end) = match outcome {
            Ok(Reply::Torn(keys, error)) => (keys, Err(say(error))),
            outcome => match keys(outcome) {
                Ok(keys) => (keys, Ok(())),
                Err(error) => (Vec::new(), Err(say(error))),
            },
        };
        accessor.with(|mut access| {
            let keys = StreamReader::new(&mut access, listing)?;
            let end = FutureReader::new(&mut access, async move { wasmtime::error::Ok(end) })?;
            Ok((keys, end))
        })
    }
}
