//! The harness: calls of `wasi:keyvalue` as a guest's arrive at the host, without the guest.

use super::backend::{AT_ONCE, Answer, Backend, HANDLES, Operation};
use crate::engine::App;
use crate::host::InstanceState;
use crate::host::bindings::wasi_atomics::{Cas, CasError, Host as _, HostCas};
use crate::host::bindings::wasi_batch::Host as _;
use crate::host::bindings::wasi_store::{Bucket, Error, Host as _, HostBucket as _};
use crate::sandbox::{SandboxOptions, Session};
use crate::storage::Limits;
use std::sync::Arc;
use tokio::runtime::Runtime;
use wasmtime::component::Resource;

pub struct ThroughGate {
    app: App,
    runtime: Runtime,
    guest: Guest,
}

/// An instance in a sandbox of its own, with its handles.
struct Guest {
    instance: InstanceState,
    bucket: u32,
    handles: [Option<u32>; HANDLES + 1],
}

impl Guest {
    async fn new(app: &App) -> Self {
        let options = SandboxOptions {
            limits: Limits::None,
            ..SandboxOptions::default()
        };
        let session = Session::new(app.clone(), options, None).unwrap();
        let mut instance =
            InstanceState::new(&session, app.component("wasi").unwrap(), 1, Arc::default())
                .unwrap();
        let bucket = instance.open("default".to_owned()).await.unwrap().unwrap();
        Self {
            instance,
            bucket: bucket.rep(),
            handles: [None; HANDLES + 1],
        }
    }

    fn bucket(&self) -> Resource<Bucket> {
        Resource::new_borrow(self.bucket)
    }

    async fn call(&mut self, operation: &Operation) -> wasmtime::Result<Answer> {
        let bucket = self.bucket();
        let guest = &mut self.instance;
        let answer = match operation.clone() {
            Operation::Get(key) => guest.get(bucket, key).await?.map(Answer::Value),
            Operation::Set(key, value) => done(guest.set(bucket, key, value).await?),
            Operation::Delete(key) => done(guest.delete(bucket, key).await?),
            Operation::Exists(key) => guest.exists(bucket, key).await?.map(Answer::Exists),
            Operation::GetKeys => {
                let listed = guest.list_keys(bucket, None).await?;
                listed.map(|listed| Answer::Keys(listed.keys))
            }
            Operation::GetMany(keys) => guest.get_many(bucket, keys).await?.map(Answer::Tuples),
            Operation::SetMany(tuples) => done(guest.set_many(bucket, tuples).await?),
            Operation::DeleteMany(keys) => done(guest.delete_many(bucket, keys).await?),
            Operation::Increment(key, delta) => {
                let sum = guest.increment(bucket, key, delta).await?;
                sum.map(Answer::Number)
            }
            Operation::CasNew(place, key) => self.new_handle(place, key).await?,
            Operation::CasCurrent(place) => self.current(place).await?,
            Operation::Swap(place, value) => return self.swap(place, value).await,
            Operation::SwapAtOnce {
                key,
                current,
                value,
            } => {
                self.new_handle(AT_ONCE, key).await?.unwrap();
                if current {
                    self.current(AT_ONCE).await?.unwrap();
                }
                return self.swap(AT_ONCE, value).await;
            }
        };
        Ok(answer.unwrap_or_else(told))
    }

    async fn new_handle(
        &mut self,
        place: usize,
        key: String,
    ) -> wasmtime::Result<Result<Answer, Error>> {
        let bucket = self.bucket();
        // `new` and `drop` are those of the resource `cas`.
        let handle = self.instance.new(bucket, key).await?;
        let old = self.handles[place].take();
        let answer = handle.map(|handle| {
            self.handles[place] = Some(handle.rep());
            Answer::Done
        });
        if let Some(old) = old {
            let old: Resource<Cas> = Resource::new_own(old);
            HostCas::drop(&mut self.instance, old).await?;
        }
        Ok(answer)
    }

    async fn current(&mut self, place: usize) -> wasmtime::Result<Result<Answer, Error>> {
        let Some(handle) = self.handles[place] else {
            return Ok(Ok(Answer::NoHandle));
        };
        let found = self.instance.current(Resource::new_borrow(handle)).await?;
        Ok(found.map(Answer::Value))
    }

    async fn swap(&mut self, place: usize, value: Vec<u8>) -> wasmtime::Result<Answer> {
        let Some(handle) = self.handles[place].take() else {
            return Ok(Answer::NoHandle);
        };
        let swapped = self.instance.swap(Resource::new_own(handle), value).await?;
        Ok(match swapped {
            Ok(()) => Answer::Done,
            Err(CasError::CasFailed(fresh)) => {
                self.handles[place] = Some(fresh.rep());
                Answer::CasFailed
            }
            Err(CasError::StoreError(error)) => told(error),
        })
    }
}

fn done(result: Result<(), Error>) -> Result<Answer, Error> {
    result.map(|()| Answer::Done)
}

fn told(error: Error) -> Answer {
    match error {
        Error::Other(text) => Answer::Error(text),
        other => panic!("a store that is open and granted answered {other:?}"),
    }
}

impl ThroughGate {
    pub fn new(app: &App) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let guest = runtime.block_on(Guest::new(app));
        Self {
            app: app.clone(),
            runtime,
            guest,
        }
    }
}

impl Backend for ThroughGate {
    fn name(&self) -> &'static str {
        "harness"
    }

    fn begin(&mut self) {
        self.guest = self.runtime.block_on(Guest::new(&self.app));
    }

    fn apply(&mut self, operation: &Operation) -> Answer {
        // The instance ends at a trap; what a new one would find is what this one finds, but for the handles.
        let answer = self.runtime.block_on(self.guest.call(operation));
        answer.unwrap_or(Answer::Trap)
    }
}
