//! Fresh instances of every kind of component: in the pool or outside of it, each in a store that counts its fuel.

use crate::engine::{CompiledComponent, Handler, RedisHandler, Spin1Pre, Unpooled};
use crate::host::{InstanceState, Spin1Request, Spin1Response};
use std::ops::{Deref, DerefMut};
use wasmtime::component::{Instance, TypedFunc};
use wasmtime::{
    AsContext, AsContextMut, Engine, PoolConcurrencyLimitError, Store, StoreContext,
    StoreContextMut,
};
use wasmtime_wasi::p2::bindings::{Command, CommandPre};
use wasmtime_wasi_http::p2::bindings::{Proxy, ProxyPre};
use wasmtime_wasi_http::p3::bindings::{Service, ServicePre};

/// A store around the state of an instance, with its bounds in force. What it has used of its fuel counts towards what
/// its chain may use, however it ends.
pub(crate) struct CountedStore(Option<Store<InstanceState>>);

impl CountedStore {
    fn on(engine: &Engine, state: InstanceState) -> wasmtime::Result<Self> {
        let mut store = Store::new(engine, state);
        store.limiter(InstanceState::limiter);
        let mut store = Self(Some(store));
        store.give_fuel(1)?;
        Ok(store)
    }

    /// Gives it the fuel that so many requests may use, and counts what it has used of what it had.
    pub fn give_fuel(&mut self, requests: u64) -> wasmtime::Result<()> {
        self.count_fuel();
        let state = self.data_mut();
        let of_one = state.caller.chain.fuel(state.session.options().bounds.fuel);
        let fuel = of_one.saturating_mul(requests);
        state.fuel = fuel;
        self.set_fuel(fuel)
    }

    /// Counts what was used since it was given fuel, where it goes on to live.
    pub fn count_fuel(&mut self) {
        // Every engine of ours counts fuel.
        let left = self.get_fuel().unwrap_or(0);
        let state = self.data_mut();
        state.caller.chain.burn(state.fuel.saturating_sub(left));
        state.fuel = left;
    }

    /// The state alone, of an instance that did not come about.
    fn into_data(mut self) -> Option<InstanceState> {
        self.0.take().map(Store::into_data)
    }
}

impl Drop for CountedStore {
    fn drop(&mut self) {
        if self.0.is_some() {
            self.count_fuel();
        }
    }
}

impl Deref for CountedStore {
    type Target = Store<InstanceState>;

    fn deref(&self) -> &Store<InstanceState> {
        match &self.0 {
            Some(store) => store,
            None => unreachable!("it is taken out only where it ends"),
        }
    }
}

impl DerefMut for CountedStore {
    fn deref_mut(&mut self) -> &mut Store<InstanceState> {
        match &mut self.0 {
            Some(store) => store,
            None => unreachable!("it is taken out only where it ends"),
        }
    }
}

impl AsContext for CountedStore {
    type Data = InstanceState;

    fn as_context(&self) -> StoreContext<'_, InstanceState> {
        (**self).as_context()
    }
}

impl AsContextMut for CountedStore {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, InstanceState> {
        (**self).as_context_mut()
    }
}

/// A component that is linked, as one kind of trigger calls it.
pub(crate) trait Linkage: Sync + Sized {
    /// What is called.
    type Callee: Send;

    /// The same outside of the pool.
    fn of(unpooled: &Unpooled) -> Option<&Self>;

    /// An instance in a store.
    fn instantiate_in(
        &self,
        store: &mut Store<InstanceState>,
    ) -> impl Future<Output = wasmtime::Result<Self::Callee>> + Send;
}

/// Makes an instance in the pool, or outside of it where every place is taken: how many instances other scenarios have
/// must not show in this one.
pub(crate) async fn instantiate<L: Linkage>(
    component: &CompiledComponent,
    linkage: &L,
    state: InstanceState,
) -> wasmtime::Result<(CountedStore, L::Callee)> {
    let mut store = CountedStore::on(component.engine(), state)?;
    let full = match linkage.instantiate_in(&mut store).await {
        Ok(callee) => return Ok((store, callee)),
        Err(error) if error.is::<PoolConcurrencyLimitError>() => error,
        Err(error) => return Err(error),
    };
    let unpooled = component.unpooled();
    let Some((unpooled, linkage)) = unpooled.and_then(|it| Some((it, L::of(it)?))) else {
        return Err(full);
    };
    let Some(mut state) = store.into_data() else {
        return Err(full);
    };
    state.forget_memory();
    let mut store = CountedStore::on(&unpooled.engine, state)?;
    let callee = linkage.instantiate_in(&mut store).await?;
    Ok((store, callee))
}

/// What takes a request of Spin 1.
type HandleRequest = TypedFunc<(Spin1Request,), (Spin1Response,)>;

/// Kinds of handlers: how a component of it is linked, what of it is called, and which handlers they are.
macro_rules! handlers {
    ($($linked:ty, $callee:ty: $($kind:ident),+;)+) => {$(
        impl Linkage for $linked {
            type Callee = $callee;

            fn of(unpooled: &Unpooled) -> Option<&Self> {
                match &unpooled.handler {
                    $(Handler::$kind(linked) => Some(linked),)+
                    _ => None,
                }
            }

            async fn instantiate_in(
                &self,
                store: &mut Store<InstanceState>,
            ) -> wasmtime::Result<$callee> {
                self.instantiate_async(store).await
            }
        }
    )+};
}

handlers! {
    ProxyPre<InstanceState>, Proxy: Wasi02;
    ServicePre<InstanceState>, Service: Wasi03, Candidate03;
    Spin1Pre, HandleRequest: Spin1;
    CommandPre<InstanceState>, Command: Command;
}

/// What takes Redis messages.
impl Linkage for RedisHandler {
    type Callee = Instance;

    fn of(unpooled: &Unpooled) -> Option<&Self> {
        unpooled.redis.first()
    }

    async fn instantiate_in(&self, store: &mut Store<InstanceState>) -> wasmtime::Result<Instance> {
        self.pre.instantiate_async(store).await
    }
}
