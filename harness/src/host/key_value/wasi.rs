//! `wasi:keyvalue@0.2.0-draft2`: store, batch and atomics.

use super::{CasHandle, done, keys, truth, value};
use crate::host::InstanceState;
use crate::host::bindings::wasi_atomics::{self, Cas, CasError};
use crate::host::bindings::wasi_batch;
use crate::host::bindings::wasi_store::{self, Bucket, Error, KeyResponse};
use crate::host::instance::on;
use crate::sandbox::{Interface, OpenStore, Target};
use crate::storage::{self, Reply, Request};
use bytes::Bytes;
use std::sync::Arc;
use wasmtime::component::Resource;

fn say(error: storage::Error) -> Error {
    match error {
        storage::Error::NoSuchStore => Error::NoSuchStore,
        storage::Error::AccessDenied => Error::AccessDenied,
        storage::Error::StoreTableFull => Error::Other("store table full".to_owned()),
        storage::Error::Other(text) => Error::Other(text),
        // The gate lets none of these through to a call that ends here.
        storage::Error::InvalidStore | storage::Error::NoSuchKey | storage::Error::CasFailed => {
            Error::Other(error.to_string())
        }
    }
}

impl InstanceState {
    async fn call_wasi(
        &mut self,
        bucket: &Resource<Bucket>,
        request: Request,
    ) -> wasmtime::Result<Result<Reply, storage::Error>> {
        let store = self.open_store(bucket.rep());
        let target = on(store.as_ref());
        Ok(self
            .session
            .storage_call(&self.caller, Interface::WasiKeyValue, target, request)
            .await?)
    }

    async fn call_cas(
        &mut self,
        cas: &CasHandle,
        request: Request,
    ) -> wasmtime::Result<Result<Reply, storage::Error>> {
        let target = Target::Handle(&cas.store);
        Ok(self
            .session
            .storage_call(&self.caller, Interface::WasiKeyValue, target, request)
            .await?)
    }

    fn forget_cas(&mut self, cas: &Resource<Cas>) {
        if let Some(handle) = self.cas.remove(cas.rep()) {
            self.session.forget_cas(handle.store.index, handle.number);
        }
    }

    fn cas(&self, cas: &Resource<Cas>) -> Result<CasHandle, Error> {
        self.cas
            .get(cas.rep())
            .cloned()
            .ok_or_else(|| Error::Other("invalid compare and swap".to_owned()))
    }
}

impl wasi_store::Host for InstanceState {
    async fn open(&mut self, label: String) -> wasmtime::Result<Result<Resource<Bucket>, Error>> {
        let label = Arc::from(label);
        let target = Target::Label(&label);
        let outcome = self
            .session
            .storage_call(&self.caller, Interface::WasiKeyValue, target, Request::Open)
            .await?;
        Ok(outcome.map_err(say).map(|_| {
            let index = self.session.store_index(&label).unwrap_or_default();
            Resource::new_own(self.stores.push(OpenStore { label, index }))
        }))
    }
}

impl wasi_store::HostBucket for InstanceState {
    async fn get(
        &mut self,
        bucket: Resource<Bucket>,
        key: String,
    ) -> wasmtime::Result<Result<Option<Vec<u8>>, Error>> {
        let outcome = self.call_wasi(&bucket, Request::Get { key }).await?;
        Ok(value(outcome).map_err(say))
    }

    async fn set(
        &mut self,
        bucket: Resource<Bucket>,
        key: String,
        value: Vec<u8>,
    ) -> wasmtime::Result<Result<(), Error>> {
        let value = value.into();
        let outcome = self.call_wasi(&bucket, Request::Set { key, value }).await?;
        Ok(done(outcome).map_err(say))
    }

    async fn delete(
        &mut self,
        bucket: Resource<Bucket>,
        key: String,
    ) -> wasmtime::Result<Result<(), Error>> {
        let outcome = self.call_wasi(&bucket, Request::Delete { key }).await?;
        Ok(done(outcome).map_err(say))
    }

    async fn exists(
        &mut self,
        bucket: Resource<Bucket>,
        key: String,
    ) -> wasmtime::Result<Result<bool, Error>> {
        let outcome = self.call_wasi(&bucket, Request::Exists { key }).await?;
        Ok(truth(outcome).map_err(say))
    }

    async fn list_keys(
        &mut self,
        bucket: Resource<Bucket>,
        cursor: Option<String>,
    ) -> wasmtime::Result<Result<KeyResponse, Error>> {
        if cursor.is_some() {
            let store = self.open_store(bucket.rep());
            let target = on(store.as_ref());
            let error = storage::Error::other("list_keys: cursor not supported");
            let interface = Interface::WasiKeyValue;
            let refused = self
                .session
                .storage_refusal(&self.caller, interface, target, Request::GetKeys, error)
                .await?;
            return Ok(keys(refused)
                .map(|keys| KeyResponse { keys, cursor: None })
                .map_err(say));
        }
        let outcome = self.call_wasi(&bucket, Request::GetKeys).await?;
        Ok(keys(outcome)
            .map(|keys| KeyResponse { keys, cursor: None })
            .map_err(say))
    }

    async fn drop(&mut self, bucket: Resource<Bucket>) -> wasmtime::Result<()> {
        self.stores.remove(bucket.rep());
        Ok(())
    }
}

impl wasi_batch::Host for InstanceState {
    async fn get_many(
        &mut self,
        bucket: Resource<Bucket>,
        keys: Vec<String>,
    ) -> wasmtime::Result<Result<Vec<(String, Option<Vec<u8>>)>, Error>> {
        let outcome = self.call_wasi(&bucket, Request::GetMany { keys }).await?;
        Ok(outcome.map_err(say).map(|reply| match reply {
            Reply::Tuples(tuples) => tuples
                .into_iter()
                .map(|(key, value)| (key, value.map(Vec::from)))
                .collect(),
            _ => Vec::new(),
        }))
    }

    async fn set_many(
        &mut self,
        bucket: Resource<Bucket>,
        tuples: Vec<(String, Vec<u8>)>,
    ) -> wasmtime::Result<Result<(), Error>> {
        let tuples = tuples
            .into_iter()
            .map(|(key, value)| (key, Bytes::from(value)))
            .collect();
        let outcome = self.call_wasi(&bucket, Request::SetMany { tuples }).await?;
        Ok(done(outcome).map_err(say))
    }

    async fn delete_many(
        &mut self,
        bucket: Resource<Bucket>,
        keys: Vec<String>,
    ) -> wasmtime::Result<Result<(), Error>> {
        let outcome = self
            .call_wasi(&bucket, Request::DeleteMany { keys })
            .await?;
        Ok(done(outcome).map_err(say))
    }
}

impl wasi_atomics::Host for InstanceState {
    async fn increment(
        &mut self,
        bucket: Resource<Bucket>,
        key: String,
        delta: i64,
    ) -> wasmtime::Result<Result<i64, Error>> {
        let outcome = self
            .call_wasi(&bucket, Request::Increment { key, delta })
            .await?;
        Ok(outcome.map_err(say).map(|reply| match reply {
            Reply::Number(number) => number,
            _ => 0,
        }))
    }

    async fn swap(
        &mut self,
        cas: Resource<Cas>,
        value: Vec<u8>,
    ) -> wasmtime::Result<Result<(), CasError>> {
        let handle = match self.cas(&cas) {
            Ok(handle) => handle,
            Err(error) => return Ok(Err(CasError::StoreError(error))),
        };
        let request = Request::Swap {
            key: handle.key.clone(),
            handle: handle.number,
            seen: handle.seen.clone(),
            watched: handle.watched,
            value: value.into(),
        };
        let swapped = self.call_cas(&handle, request).await?;
        // The guest gave its handle away with the call.
        self.forget_cas(&cas);
        match swapped {
            Ok(_) => Ok(Ok(())),
            Err(storage::Error::CasFailed) => {
                // Spin hands back a new handle that has read the value already.
                let index = handle.store.index;
                let (number, seen, watched) = self.session.fresh_cas(index, &handle.key);
                let fresh = self.cas.push(CasHandle {
                    number,
                    seen,
                    watched,
                    ..handle
                });
                Ok(Err(CasError::CasFailed(Resource::new_own(fresh))))
            }
            Err(error) => Ok(Err(CasError::StoreError(say(error)))),
        }
    }
}

impl wasi_atomics::HostCas for InstanceState {
    async fn new(
        &mut self,
        bucket: Resource<Bucket>,
        key: String,
    ) -> wasmtime::Result<Result<Resource<Cas>, Error>> {
        let request = Request::CasNew { key: key.clone() };
        let outcome = self.call_wasi(&bucket, request).await?;
        Ok(match (outcome, self.open_store(bucket.rep())) {
            (Ok(_), Some(store)) => Ok(Resource::new_own(self.cas.push(CasHandle {
                store,
                key,
                number: self.session.next_cas_handle(),
                seen: None,
                watched: None,
            }))),
            (Ok(_), None) => Err(Error::NoSuchStore),
            (Err(error), _) => Err(say(error)),
        })
    }

    async fn current(
        &mut self,
        cas: Resource<Cas>,
    ) -> wasmtime::Result<Result<Option<Vec<u8>>, Error>> {
        let handle = match self.cas(&cas) {
            Ok(handle) => handle,
            Err(error) => return Ok(Err(error)),
        };
        let request = Request::CasCurrent {
            key: handle.key.clone(),
            handle: handle.number,
        };
        let outcome = self.call_cas(&handle, request).await?;
        if let (Ok(Reply::Value(found)), Some(open)) = (&outcome, self.cas.get_mut(cas.rep())) {
            open.seen.clone_from(found);
            if open.watched.is_none() {
                // A second `WATCH` of Redis does not make up for what changed since the first.
                let state = self.session.state();
                let store = state.stores.get(handle.store.index);
                open.watched = store.and_then(|store| store.watch(&handle.key));
            }
        }
        Ok(value(outcome).map_err(say))
    }

    async fn drop(&mut self, cas: Resource<Cas>) -> wasmtime::Result<()> {
        self.forget_cas(&cas);
        Ok(())
    }
}
