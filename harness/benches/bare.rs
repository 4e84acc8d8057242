//! What the harness is measured against: wasmtime and nothing else. The same component and request, an engine tuned as
//! well as ours, a hand-written host for just the calls that the component makes, no journal, no checks.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use std::collections::HashMap;
use std::path::Path;
use wasmtime::component::{Component, Linker, Resource, ResourceTable, ResourceType};
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Store,
};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::p2::bindings::ProxyPre;
use wasmtime_wasi_http::p2::bindings::http::types::Scheme;
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView};

struct State {
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    hooks: Hooks,
    store: HashMap<String, Vec<u8>>,
}

struct Hooks;

type Sent = Result<
    (
        http::Response<wasmtime_wasi_http::WasiBody>,
        Box<dyn Future<Output = Result<(), wasmtime_wasi_http::Error>> + Send>,
    ),
    wasmtime_wasi_http::Error,
>;

impl WasiHttpHooks for Hooks {
    fn send_request(
        &mut self,
        _: http::Request<wasmtime_wasi_http::WasiBody>,
        _: Option<wasmtime_wasi_http::RequestOptions>,
        _: Box<dyn Future<Output = Result<(), wasmtime_wasi_http::Error>> + Send>,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        Box::new(async { Err(wasmtime_wasi_http::Error::ConnectionRefused) })
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            hooks: &mut self.hooks,
            table: &mut self.table,
            ctx: &mut self.http,
        }
    }
}

#[derive(
    wasmtime::component::ComponentType, wasmtime::component::Lift, wasmtime::component::Lower,
)]
#[component(variant)]
enum Error {
    #[component(name = "store-table-full")]
    StoreTableFull,
    #[component(name = "no-such-store")]
    NoSuchStore,
    #[component(name = "access-denied")]
    AccessDenied,
    #[component(name = "other")]
    Other(String),
}

struct KeyValue;

pub struct Bare {
    proxy: ProxyPre<State>,
    engine: Engine,
    fuel: bool,
}

impl Bare {
    /// With or without fuel: counting it is an engine setting of ours, and costs something by itself.
    pub fn new(component: &Path, fuel: bool) -> Self {
        let mut pool = PoolingAllocationConfig::new();
        pool.linear_memory_keep_resident(2 << 20)
            .table_keep_resident(2 << 20)
            .async_stack_keep_resident(2 << 20);
        if PoolingAllocationConfig::is_pagemap_scan_available() {
            pool.pagemap_scan(Enabled::Yes);
        }
        let mut config = Config::new();
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
        config.consume_fuel(fuel);
        let engine = Engine::new(&config).unwrap();
        let component = Component::from_file(&engine, component).unwrap();
        let mut linker = Linker::<State>::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker).unwrap();
        wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker).unwrap();
        let mut key_value = linker.instance("fermyon:spin/key-value@2.0.0").unwrap();
        key_value
            .resource("store", ResourceType::host::<KeyValue>(), |_, _| Ok(()))
            .unwrap();
        type Answer<T> = (Result<T, Error>,);
        key_value
            .func_wrap("[static]store.open", |_, (_,): (String,)| {
                Ok::<Answer<_>, _>((Ok(Resource::<KeyValue>::new_own(0)),))
            })
            .unwrap();
        key_value
            .func_wrap(
                "[method]store.get",
                |store, (_, key): (Resource<KeyValue>, String)| {
                    Ok::<Answer<_>, _>((Ok(store.data().store.get(&key).cloned()),))
                },
            )
            .unwrap();
        key_value
            .func_wrap(
                "[method]store.set",
                |mut store, (_, key, value): (Resource<KeyValue>, String, Vec<u8>)| {
                    store.data_mut().store.insert(key, value);
                    Ok::<Answer<()>, _>((Ok(()),))
                },
            )
            .unwrap();
        for name in ["delete", "exists", "get-keys"] {
            let name = format!("[method]store.{name}");
            key_value
                .func_new(&name, |_, _, _, _| wasmtime::bail!("not in this benchmark"))
                .unwrap();
        }
        let proxy = ProxyPre::new(linker.instantiate_pre(&component).unwrap()).unwrap();
        Self {
            proxy,
            engine,
            fuel,
        }
    }

    /// One request, with the headers that Spin adds, to a fresh instance whose store holds these tuples; gives the status and the body.
    pub async fn request(
        &self,
        method: &str,
        uri: &str,
        body: &'static str,
        tuples: &[(&str, &str)],
    ) -> (u16, Bytes) {
        let state = State {
            table: ResourceTable::new(),
            wasi: WasiCtx::builder().build(),
            http: WasiHttpCtx::new(),
            hooks: Hooks,
            store: tuples
                .iter()
                .map(|(key, value)| ((*key).to_owned(), value.as_bytes().to_vec()))
                .collect(),
        };
        let mut store = Store::new(&self.engine, state);
        if self.fuel {
            store.set_fuel(40_000_000_000).unwrap();
        }
        let length = body.len();
        let body = Full::new(Bytes::from_static(body.as_bytes())).map_err(|never| match never {});
        let request = http::Request::builder()
            .method(method)
            .uri(uri)
            .header("host", "localhost:3000")
            .header("content-length", length)
            .header("spin-path-info", "/sequence")
            .header("spin-full-url", uri)
            .header("spin-matched-route", "/...")
            .header("spin-base-path", "/")
            .header("spin-raw-component-route", "/...")
            .header("spin-component-route", "")
            .header("spin-client-addr", "127.0.0.1:1")
            .body(body.boxed_unsync())
            .unwrap();
        let proxy = self.proxy.instantiate_async(&mut store).await.unwrap();
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let request = store
            .data_mut()
            .http()
            .new_incoming_request::<http_body_util::combinators::UnsyncBoxBody<Bytes, wasmtime_wasi_http::Error>>(
                Scheme::Http,
                request,
            )
            .unwrap();
        let out = store
            .data_mut()
            .http()
            .new_response_outparam(sender)
            .unwrap();
        let call = async move {
            let handler = proxy.wasi_http_incoming_handler();
            handler.call_handle(&mut store, request, out).await.unwrap();
        };
        let answer = async {
            let response = receiver.await.unwrap().unwrap();
            let status = response.status().as_u16();
            (
                status,
                response.into_body().collect().await.unwrap().to_bytes(),
            )
        };
        futures::join!(call, answer).1
    }
}
