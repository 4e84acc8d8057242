//! `fermyon:spin/key-value@2.0.0`: a store is a resource.

use super::{done, keys, truth, value};
use crate::host::InstanceState;
use crate::host::bindings::key_value_2::{Error, Host, HostStore, Store};
use crate::host::instance::on;
use crate::sandbox::{Interface, OpenStore, Target};
use crate::storage::{self, Reply, Request};
use std::sync::Arc;
use wasmtime::component::Resource;

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

impl InstanceState {
    async fn call_2(
        &mut self,
        store: &Resource<Store>,
        request: Request,
    ) -> wasmtime::Result<Result<Reply, storage::Error>> {
        let store = self.open_store(store.rep());
        let target = on(store.as_ref());
        Ok(self
            .session
            .storage_call(&self.caller, Interface::KeyValue2, target, request)
            .await?)
    }
}

impl Host for InstanceState {}

impl HostStore for InstanceState {
    async fn open(&mut self, label: String) -> wasmtime::Result<Result<Resource<Store>, Error>> {
        let label = Arc::from(label);
        let target = Target::Label(&label);
        let outcome = self
            .session
            .storage_call(&self.caller, Interface::KeyValue2, target, Request::Open)
            .await?;
        Ok(outcome.map_err(say).map(|_| {
            let index = self.session.store_index(&label).unwrap_or_default();
            Resource::new_own(self.stores.push(OpenStore { label, index }))
        }))
    }

    async fn get(
        &mut self,
        store: Resource<Store>,
        key: String,
    ) -> wasmtime::Result<Result<Option<Vec<u8>>, Error>> {
        let outcome = self.call_2(&store, Request::Get { key }).await?;
        Ok(value(outcome).map_err(say))
    }

    async fn set(
        &mut self,
        store: Resource<Store>,
        key: String,
        value: Vec<u8>,
    ) -> wasmtime::Result<Result<(), Error>> {
        let value = value.into();
        let outcome = self.call_2(&store, Request::Set { key, value }).await?;
        Ok(done(outcome).map_err(say))
    }

    async fn delete(
        &mut self,
        store: Resource<Store>,
        key: String,
    ) -> wasmtime::Result<Result<(), Error>> {
        let outcome = self.call_2(&store, Request::Delete { key }).await?;
        Ok(done(outcome).map_err(say))
    }

    async fn exists(
        &mut self,
        store: Resource<Store>,
        key: String,
    ) -> wasmtime::Result<Result<bool, Error>> {
        let outcome = self.call_2(&store, Request::Exists { key }).await?;
        Ok(truth(outcome).map_err(say))
    }

    async fn get_keys(
        &mut self,
        store: Resource<Store>,
    ) -> wasmtime::Result<Result<Vec<String>, Error>> {
        let outcome = self.call_2(&store, Request::GetKeys).await?;
        Ok(keys(outcome).map_err(say))
    }

    async fn drop(&mut self, store: Resource<Store>) -> wasmtime::Result<()> {
        self.stores.remove(store.rep());
        Ok(())
    }
}
