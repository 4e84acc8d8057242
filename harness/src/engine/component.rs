//! A component that is compiled and linked, and what one app says about it.

use super::mounts::Mount;
use crate::host::InstanceState;
use crate::sandbox::Interface;
use std::sync::Arc;
use wasmtime::Engine;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, InstancePre};
use wasmtime_wasi_http::p2::bindings::ProxyPre;
use wasmtime_wasi_http::p3::bindings::ServicePre;

/// How a component takes HTTP requests.
pub(crate) enum Handler {
    /// `wasi:http/incoming-handler@0.2.x`.
    Wasi02(ProxyPre<InstanceState>),
    /// `wasi:http/handler@0.3.0`.
    Wasi03(ServicePre<InstanceState>),
    /// It exports nothing that spin-harness can call; what it exports instead.
    None(Vec<String>),
}

impl Handler {
    /// By what it exports; `None` where it exports two kinds.
    pub fn of(pre: &InstancePre<InstanceState>) -> Option<Self> {
        let proxy = ProxyPre::new(pre.clone()).ok();
        let service = ServicePre::new(pre.clone()).ok();
        match (proxy, service) {
            (Some(_), Some(_)) => None,
            (Some(proxy), None) => Some(Self::Wasi02(proxy)),
            (None, Some(service)) => Some(Self::Wasi03(service)),
            (None, None) => {
                let component = pre.component();
                let ty = component.component_type();
                let exports = ty.exports(component.engine());
                Some(Self::None(
                    exports.map(|(name, _)| name.to_owned()).collect(),
                ))
            }
        }
    }
}

/// A component's machine code, linked: shared by every app that uses the same file.
pub(crate) struct Linked {
    pub engine: Engine,
    pub handler: Handler,
    /// Names of what it imports, with versions.
    pub imports: Vec<String>,
}

impl Linked {
    pub fn new(component: &Component, handler: Handler) -> Self {
        let engine = component.engine().clone();
        let ty = component.component_type();
        let imports = ty
            .imports(&engine)
            .filter(|(_, item)| !matches!(item.ty, ComponentItem::Type(_)))
            .map(|(name, _)| name.to_owned())
            .collect();
        Self {
            engine,
            handler,
            imports,
        }
    }
}

/// One component of one app.
pub(crate) struct CompiledComponent {
    id: Arc<str>,
    linked: Arc<Linked>,
    environment: Vec<(String, String)>,
    mounts: Vec<Mount>,
}

impl CompiledComponent {
    pub fn new(
        id: &str,
        linked: Arc<Linked>,
        environment: Vec<(String, String)>,
        mounts: Vec<Mount>,
    ) -> Self {
        Self {
            id: Arc::from(id),
            linked,
            environment,
            mounts,
        }
    }

    pub fn id(&self) -> &Arc<str> {
        &self.id
    }

    pub fn engine(&self) -> &Engine {
        &self.linked.engine
    }

    pub fn handler(&self) -> &Handler {
        &self.linked.handler
    }

    pub fn environment(&self) -> &[(String, String)] {
        &self.environment
    }

    pub fn mounts(&self) -> &[Mount] {
        &self.mounts
    }

    /// The key-value interfaces that it imports.
    pub fn key_value_interfaces(&self) -> impl Iterator<Item = Interface> {
        self.linked
            .imports
            .iter()
            .filter_map(|import| Interface::of_import(import))
    }
}
