//! A component that is compiled and linked, and what one app says about it.

use super::compiler::SharedEngine;
use super::early_wasi;
use super::mounts::Mount;
use super::redis_handler::RedisHandler;
use crate::app::released;
use crate::host::{InstanceState, Spin1Request, Spin1Response, link_component};
use crate::sandbox::Interface;
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, ComponentExportIndex, InstancePre, TypedFunc};
use wasmtime::{Engine, Store};
use wasmtime_wasi::p2::bindings::CommandPre;
use wasmtime_wasi_http::p2::bindings::ProxyPre;
use wasmtime_wasi_http::p3::bindings::ServicePre;

/// How a component takes HTTP requests.
pub(crate) enum Handler {
    /// `wasi:http/incoming-handler@0.2.x`, and that of the snapshots of 2023, which take requests in the same way.
    Wasi02(ProxyPre<InstanceState>),
    /// `wasi:http/handler@0.3.0`.
    Wasi03(ServicePre<InstanceState>),
    /// `wasi:http/handler@0.3.0-rc-2026-03-15`. Spin never uses an instance of it again
    /// (`handle_2026_03_15` in `crates/trigger-http/src/wasi.rs`).
    Candidate03(ServicePre<InstanceState>),
    /// `fermyon:spin/inbound-http`, of Spin 1.
    Spin1(Spin1Pre),
    /// None of these: it is a program, which the executor `wagi` can run.
    Command(CommandPre<InstanceState>),
    /// It exports nothing that spin-harness can call.
    None,
}

/// Whether an export that some trigger of Spin calls is called here.
pub(crate) fn is_called(export: &str) -> bool {
    let export = released(export);
    let (interface, version) = export.split_once('@').unwrap_or((&export, ""));
    let is_of = |track| version.starts_with(track) && !version.contains('-');
    match interface {
        "wasi:http/incoming-handler" => is_of("0.2."),
        "wasi:http/handler" => is_of("0.3."),
        "fermyon:spin/inbound-http" | "fermyon:spin/inbound-redis" => version.is_empty(),
        "spin:redis/inbound-redis" => version == "3.0.0",
        _ => false,
    }
}

impl Handler {
    /// By what it exports; `None` where it exports two kinds.
    pub fn of(pre: &InstancePre<InstanceState>) -> Option<Self> {
        let ty = pre.component().component_type();
        let exports = ty.exports(pre.component().engine());
        let exports: Vec<&str> = exports.map(|(name, _)| name).collect();
        let is_candidate = exports.contains(&early_wasi::HANDLER_3);
        // Every early version is a kind of its own, and all releases of one generation are one.
        let kinds_of = |interface: &str| {
            let versions = exports
                .iter()
                .filter_map(|name| name.strip_prefix(interface));
            let kinds: BTreeSet<&str> = versions
                .filter_map(|version| match version.split_once("+rc-") {
                    Some((_, date)) => Some(date),
                    None => (!version.contains('-')).then_some(""),
                })
                .collect();
            kinds.len()
        };
        let proxy = ProxyPre::new(pre.clone()).ok();
        let service = ServicePre::new(pre.clone()).ok();
        let spin1 = Spin1Pre::new(pre);
        let kinds = kinds_of("wasi:http/incoming-handler@0.2.")
            + kinds_of("wasi:http/handler@0.3.")
            + usize::from(spin1.is_some());
        if kinds > 1 {
            return None;
        }
        match (proxy, service, spin1) {
            (Some(proxy), _, _) => Some(Self::Wasi02(proxy)),
            (_, Some(service), _) if is_candidate => Some(Self::Candidate03(service)),
            (_, Some(service), _) => Some(Self::Wasi03(service)),
            (_, _, Some(spin1)) => Some(Self::Spin1(spin1)),
            (None, None, None) => Some(match CommandPre::new(pre.clone()) {
                Ok(command) => Self::Command(command),
                Err(_) => Self::None,
            }),
        }
    }
}

/// A component of Spin 1, for which no bindings are generated: it exports a function that takes requests.
pub(crate) struct Spin1Pre {
    pre: InstancePre<InstanceState>,
    function: ComponentExportIndex,
}

impl Spin1Pre {
    /// Nothing where it exports no such function.
    fn new(pre: &InstancePre<InstanceState>) -> Option<Self> {
        let component = pre.component();
        let interface = component.get_export_index(None, "fermyon:spin/inbound-http")?;
        Some(Self {
            pre: pre.clone(),
            function: component.get_export_index(Some(&interface), "handle-request")?,
        })
    }

    /// Makes an instance, and finds its function.
    ///
    /// # Errors
    ///
    /// It cannot be made, or its function is of another type.
    pub async fn instantiate_async(
        &self,
        store: &mut Store<InstanceState>,
    ) -> wasmtime::Result<TypedFunc<(Spin1Request,), (Spin1Response,)>> {
        let instance = self.pre.instantiate_async(&mut *store).await?;
        instance.get_typed_func(&mut *store, self.function)
    }
}

/// A component's machine code, linked: shared by every app that uses the same file.
pub(crate) struct Linked {
    pub engine: Engine,
    pub handler: Handler,
    /// How it takes Redis messages; it should be one way.
    pub redis: Vec<RedisHandler>,
    /// Names of what it imports, with versions.
    pub imports: Vec<String>,
    component: Component,
    /// The same without a pool, for when all its places are taken.
    unpooled: OnceLock<Option<Unpooled>>,
    on_demand: SharedEngine,
}

/// A component outside of the pool: an instance costs more, and there may be any number of them.
pub(crate) struct Unpooled {
    pub engine: Engine,
    pub handler: Handler,
    pub redis: Vec<RedisHandler>,
}

impl Linked {
    pub fn new(
        pre: &InstancePre<InstanceState>,
        handler: Handler,
        on_demand: SharedEngine,
    ) -> Self {
        let component = pre.component();
        let engine = component.engine().clone();
        let ty = component.component_type();
        let imports = ty
            .imports(&engine)
            .filter(|(_, item)| !matches!(item.ty, ComponentItem::Type(_)))
            .map(|(name, _)| early_wasi::own_name(name))
            .collect();
        Self {
            engine,
            handler,
            redis: RedisHandler::all_of(pre),
            imports,
            component: component.clone(),
            unpooled: OnceLock::new(),
            on_demand,
        }
    }

    /// Names of what it exports, with versions.
    pub fn exports(&self) -> Vec<String> {
        let ty = self.component.component_type();
        let exports = ty.exports(self.component.engine());
        exports
            .map(|(name, _)| early_wasi::own_name(name))
            .collect()
    }

    /// The same for a person.
    pub fn shown_exports(&self) -> String {
        let exports = self.exports();
        match exports.is_empty() {
            true => "nothing".to_owned(),
            false => exports.join(", "),
        }
    }

    /// Which handler of requests it lacks, if it exports none that the executor can call; for a person.
    pub fn lacks_handler(&self, as_program: bool) -> Option<&'static str> {
        match (&self.handler, as_program) {
            (Handler::Command(_), true) => None,
            (_, true) => Some("program that the executor `wagi`"),
            (Handler::None | Handler::Command(_), false) => Some("HTTP handler that spin-harness"),
            (_, false) => None,
        }
    }

    /// The same without a pool; made when first needed.
    fn unpooled(&self) -> Option<&Unpooled> {
        let make = || {
            let code = self.component.serialize().ok()?;
            let on_demand = self.on_demand.get().ok()?;
            // SAFETY: these bytes come from `serialize` above.
            let component = unsafe { Component::deserialize(&on_demand.engine, &code) }.ok()?;
            let pre = link_component(&on_demand.linker, &component).ok()?;
            Some(Unpooled {
                engine: on_demand.engine.clone(),
                handler: Handler::of(&pre)?,
                redis: RedisHandler::all_of(&pre),
            })
        };
        self.unpooled.get_or_init(make).as_ref()
    }
}

/// One component of one app.
pub(crate) struct CompiledComponent {
    id: Arc<str>,
    linked: Arc<Linked>,
    environment: Vec<(String, String)>,
    mounts: Vec<Mount>,
    program_arguments: Option<Arc<str>>,
}

impl CompiledComponent {
    pub fn new(
        id: &str,
        linked: Arc<Linked>,
        environment: Vec<(String, String)>,
        mounts: Vec<Mount>,
        program_arguments: Option<Arc<str>>,
    ) -> Self {
        Self {
            id: Arc::from(id),
            linked,
            environment,
            mounts,
            program_arguments,
        }
    }

    /// The component's id. It is the same allocation for all that this one makes, and another for every variant of the
    /// component: what runs is told apart by it.
    pub fn id(&self) -> &Arc<str> {
        &self.id
    }

    pub fn engine(&self) -> &Engine {
        &self.linked.engine
    }

    pub fn handler(&self) -> &Handler {
        &self.linked.handler
    }

    /// How it takes Redis messages, if it does.
    pub fn redis_handler(&self) -> Option<&RedisHandler> {
        self.linked.redis.first()
    }

    /// The same component outside of the pool.
    pub fn unpooled(&self) -> Option<&Unpooled> {
        self.linked.unpooled()
    }

    pub fn environment(&self) -> &[(String, String)] {
        &self.environment
    }

    pub fn mounts(&self) -> &[Mount] {
        &self.mounts
    }

    /// The template of its arguments, if it is called as a CGI program.
    pub fn program_arguments(&self) -> Option<&str> {
        self.program_arguments.as_deref()
    }

    /// The names of what it imports, with versions.
    pub fn imports(&self) -> impl Iterator<Item = &str> {
        self.linked.imports.iter().map(String::as_str)
    }

    /// The key-value interfaces that it imports.
    pub fn key_value_interfaces(&self) -> impl Iterator<Item = Interface> {
        self.imports().filter_map(Interface::of_import)
    }
}
