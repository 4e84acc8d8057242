//! `fermyon:spin/key-value` without a version: numbers for handles, `no-such-key` for a missing key.

use super::{done, keys, truth, value};
use crate::host::InstanceState;
use crate::host::bindings::key_value_1::{Error, Host};
use crate::host::instance::on;
use crate::sandbox::{Interface, OpenStore, Target};
use crate::storage::{self, Reply, Request};
use std::sync::Arc;

fn say(error: storage::Error) -> Error {
    match error {
        storage::Error::StoreTableFull => Error::StoreTableFull,
        storage::Error::NoSuchStore => Error::NoSuchStore,
        storage::Error::AccessDenied => Error::AccessDenied,
        storage::Error::InvalidStore => Error::InvalidStore,
        storage::Error::NoSuchKey => Error::NoSuchKey,
        storage::Error::Other(text) => Error::Io(text),
        // The gate lets no `cas-failed` through to this interface.
        storage::Error::CasFailed => Error::Io(error.to_string()),
    }
}

impl InstanceState {
    async fn call_1(
        &mut self,
        handle: u32,
        request: Request,
    ) -> wasmtime::Result<Result<Reply, storage::Error>> {
        let store = self.open_store(handle);
        let target = on(store.as_ref());
        Ok(self
            .session
            .storage_call(&self.caller, Interface::KeyValue1, target, request)
            .await?)
    }
}

impl Host for InstanceState {
    async fn open(&mut self, name: String) -> wasmtime::Result<Result<u32, Error>> {
        let label = Arc::from(name);
        let target = Target::Label(&label);
        let outcome = self
            .session
            .storage_call(&self.caller, Interface::KeyValue1, target, Request::Open)
            .await?;
        Ok(outcome.map_err(say).map(|_| {
            let index = self.session.store_index(&label).unwrap_or_default();
            self.stores.push(OpenStore { label, index })
        }))
    }

    async fn get(&mut self, store: u32, key: String) -> wasmtime::Result<Result<Vec<u8>, Error>> {
        let outcome = self.call_1(store, Request::Get { key }).await?;
        Ok(value(outcome)
            .map_err(say)
            .and_then(|value| value.ok_or(Error::NoSuchKey)))
    }

    async fn set(
        &mut self,
        store: u32,
        key: String,
        value: Vec<u8>,
    ) -> wasmtime::Result<Result<(), Error>> {
        let value = value.into();
        let outcome = self.call_1(store, Request::Set { key, value }).await?;
        Ok(done(outcome).map_err(say))
    }

    async fn delete(&mut self, store: u32, key: String) -> wasmtime::Result<Result<(), Error>> {
        let outcome = self.call_1(store, Request::Delete { key }).await?;
        Ok(done(outcome).map_err(say))
    }

    async fn exists(&mut self, store: u32, key: String) -> wasmtime::Result<Result<bool, Error>> {
        let outcome = self.call_1(store, Request::Exists { key }).await?;
        Ok(truth(outcome).map_err(say))
    }

    async fn get_keys(&mut self, store: u32) -> wasmtime::Result<Result<Vec<String>, Error>> {
        let outcome = self.call_1(store, Request::GetKeys).await?;
        Ok(keys(outcome).map_err(say))
    }

    async fn close(&mut self, store: u32) -> wasmtime::Result<()> {
        self.stores.remove(store);
        Ok(())
    }
}
