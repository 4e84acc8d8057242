//! Interfaces that spin-harness does not provide: a component that imports one starts all the same; a call is
//! written into the journal and ends the instance with a message that names the interface.

use super::{InstanceState, denied};
use crate::app::of_no_version;
use crate::sandbox::{CallTrap, Caller, Outcome, Service, Session};
use crate::value::without_secrets;
use std::sync::Arc;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Linker, LinkerInstance, ResourceType, Val};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, DynPollable};
use wasmtime_wasi::p3::bindings::filesystem::types as p3_filesystem;
use wasmtime_wasi_http::{p2, p3};

/// What a resource of an interface that is not provided stands for.
pub(super) struct Unprovided;

/// Packages that Spin 4.1 offers; an import of any other is unknown to Spin too.
pub(crate) const SPIN_PACKAGES: [&str; 3] = ["fermyon:", "spin:", "wasi:"];

/// Journals a call of a function that nobody provides, and says why its instance ends.
async fn not_provided(
    session: Session,
    caller: Caller,
    interface: Arc<str>,
    function: Arc<str>,
    target: String,
) -> CallTrap {
    let known = SPIN_PACKAGES
        .iter()
        .any(|package| interface.starts_with(package));
    let why = match (of_no_version(&interface), known) {
        (Some(why), _) => why,
        (None, true) => format!("spin-harness does not provide {interface} yet"),
        (None, false) => format!(
            "spin-harness does not provide {interface}, and it is no interface of Spin or WASI"
        ),
    };
    let service = Service::Unprovided(interface, function);
    let end = || ((), 0, Outcome::Trap, Some(why.clone()));
    match session.other_call(&caller, service, &target, end).await {
        Ok(()) => CallTrap(why),
        Err(trap) => trap,
    }
}

/// Resource types of provided interfaces that unprovided ones hand on, by the package with the version it starts
/// with, the interface and the name.
fn shared_resource(import: &str, name: &str) -> Option<ResourceType> {
    let (interface, version) = import.split_once('@')?;
    let generation = if version.starts_with("0.2.") {
        2
    } else if version.starts_with("0.3.") {
        3
    } else {
        return None;
    };
    Some(match (generation, interface, name) {
        (2, "wasi:io/poll", "pollable") => ResourceType::host::<DynPollable>(),
        (2, "wasi:io/streams", "input-stream") => ResourceType::host::<DynInputStream>(),
        (2, "wasi:io/streams", "output-stream") => ResourceType::host::<DynOutputStream>(),
        (2, "wasi:filesystem/types", "descriptor") => {
            ResourceType::host::<wasmtime_wasi::p2::bindings::filesystem::types::Descriptor>()
        }
        (3, "wasi:filesystem/types", "descriptor") => {
            ResourceType::host::<p3_filesystem::Descriptor>()
        }
        (2, "wasi:io/error", "error") => {
            ResourceType::host::<wasmtime_wasi::p2::bindings::io::error::Error>()
        }
        (2, "wasi:http/types", "outgoing-request") => {
            ResourceType::host::<p2::bindings::http::types::OutgoingRequest>()
        }
        (2, "wasi:http/types", "request-options") => {
            ResourceType::host::<p2::bindings::http::types::RequestOptions>()
        }
        (2, "wasi:http/types", "future-incoming-response") => {
            ResourceType::host::<p2::bindings::http::types::FutureIncomingResponse>()
        }
        (3, "wasi:http/types", "request") => {
            ResourceType::host::<p3::bindings::http::types::Request>()
        }
        (3, "wasi:http/types", "response") => {
            ResourceType::host::<p3::bindings::http::types::Response>()
        }
        _ => return None,
    })
}

/// Links everything that `component` imports and `provided` does not name.
///
/// # Errors
///
/// An import that no host can supply, such as a component or a core module.
pub(super) fn link_unprovided(
    linker: &mut Linker<InstanceState>,
    component: &Component,
    provided: impl Fn(&str) -> bool,
) -> wasmtime::Result<()> {
    let engine = component.engine();
    let ty = component.component_type();
    // A resource that one interface takes from another is the same type in both.
    let mut resources: Vec<(ResourceType, ResourceType)> = Vec::new();
    for (import, item) in ty.imports(engine) {
        match item.ty {
            ComponentItem::ComponentInstance(instance) => {
                let is_provided = provided(import);
                let exports = instance.exports(engine);
                if is_provided {
                    for (name, export) in exports {
                        if let (ComponentItem::Resource(ty), Some(known)) =
                            (export.ty, shared_resource(import, name))
                            && !resources.iter().any(|(from, _)| *from == ty)
                        {
                            resources.push((ty, known));
                        }
                    }
                    continue;
                }
                let mut root = linker.root();
                let mut into = root.instance(import)?;
                let interface = Arc::from(import);
                let denied = denied::parse(import);
                for (name, export) in exports {
                    match export.ty {
                        ComponentItem::ComponentFunc(function) => match denied {
                            Some((dependency, interface)) => denied::link(
                                &mut into,
                                dependency,
                                interface,
                                name,
                                function.async_(),
                            )?,
                            None => link_function(&mut into, &interface, name, function.async_())?,
                        },
                        ComponentItem::Resource(ty) => {
                            let known = resources.iter().find(|(from, _)| *from == ty);
                            let host = match known {
                                Some((_, host)) => *host,
                                None => {
                                    let host = ResourceType::host::<Unprovided>();
                                    resources.push((ty, host));
                                    host
                                }
                            };
                            into.resource(name, host, |_, _| Ok(()))?;
                        }
                        ComponentItem::Type(_) => {}
                        other => refuse(&format!("{import}/{name}"), &other)?,
                    }
                }
            }
            ComponentItem::ComponentFunc(function) => {
                let interface = Arc::from(import);
                link_function(&mut linker.root(), &interface, import, function.async_())?;
            }
            ComponentItem::Type(_) => {}
            other => refuse(import, &other)?,
        }
    }
    Ok(())
}

fn link_function(
    into: &mut LinkerInstance<'_, InstanceState>,
    interface: &Arc<str>,
    name: &str,
    asynchronous: bool,
) -> wasmtime::Result<()> {
    let interface = Arc::clone(interface);
    let function: Arc<str> = Arc::from(name);
    let call = move |state: &InstanceState, arguments: &[Val]| {
        let (interface, function) = (Arc::clone(&interface), Arc::clone(&function));
        not_provided(
            state.session.clone(),
            state.caller.clone(),
            interface,
            function,
            target(arguments),
        )
    };
    if asynchronous {
        into.func_new_concurrent(name, move |accessor, _, arguments, _| {
            let call = accessor.with(|mut access| call(access.data_mut(), arguments));
            Box::pin(async move { Err(call.await.into()) })
        })
    } else {
        into.func_new_async(name, move |store, _, arguments, _| {
            let call = call(store.data(), arguments);
            Box::new(async move { Err(call.await.into()) })
        })
    }
}

/// What a call is about, as far as it says: the label, model or address that its first argument is in every interface that
/// opens something. Journals are read by others.
pub(super) fn target(arguments: &[Val]) -> String {
    match arguments.first() {
        Some(Val::String(target)) => without_secrets(target),
        _ => String::new(),
    }
}

fn refuse(import: &str, item: &ComponentItem) -> wasmtime::Result<()> {
    let kind = match item {
        ComponentItem::Component(_) => "a component",
        ComponentItem::Module(_) => "a core module",
        ComponentItem::CoreFunc(_) => "a core function",
        ComponentItem::Resource(_) => "a resource outside an interface",
        _ => "an item",
    };
    wasmtime::bail!("the component imports {kind} named `{import}`, which no Spin host supplies")
}
