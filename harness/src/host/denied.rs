//! What a dependency of a component must not use: it imports that under a name that says so, and is told what Spin's
//! adapter for such dependencies tells it (`crates/capabilities/deny-adapter/src/lib.rs`).

use super::InstanceState;
use super::unprovided::{Unprovided, target};
use crate::sandbox::service::variables;
use crate::sandbox::{CallTrap, Caller, Outcome, Refused, Service, Session};
use crate::value::without_secrets;
use std::sync::Arc;
use wasmtime::StoreContextMut;
use wasmtime::component::{LinkerInstance, Resource, ResourceAny, Type, Val};
use wasmtime_wasi::WasiView as _;
use wasmtime_wasi_http::p2::bindings::http::types::{OutgoingRequest, Scheme};

/// What the names of denied imports begin with; the number of the dependency follows.
const PREFIX: &str = "denied";

/// The name under which the dependency of this number imports what it is denied. The world of Spin has no such package.
pub(crate) fn denied_import(dependency: usize, import: &str) -> String {
    format!("{PREFIX}{dependency}-{import}")
}

/// The dependency's number and the import's own name, where an import is denied.
pub(super) fn parse(import: &str) -> Option<(usize, &str)> {
    let (number, import) = import.strip_prefix(PREFIX)?.split_once('-')?;
    Some((number.parse().ok()?, import))
}

/// What a denied function answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Denial {
    /// An error without a text.
    Plain(&'static str),
    /// An error with a text: what is not permitted.
    Text(&'static str),
    /// The same, where the text may be left out.
    OptionalText(&'static str),
    /// There is no variable of the name that was asked for.
    Undefined,
    /// Nothing is there: an empty list, or none.
    Empty,
    /// It succeeds, since nothing can come of it.
    Granted,
    /// Nobody can get as far as to call it.
    Unreachable,
}

/// What a function of an interface answers.
fn denial(interface: &str, function: &str) -> Denial {
    use Denial::{Empty, Granted, OptionalText, Plain, Text, Undefined, Unreachable};
    let unversioned = !interface.contains('@');
    let interface = without_version(interface);
    let opens = matches!(function, "open" | "open-async");
    match (interface, function) {
        ("wasi:cli/environment" | "wasi:filesystem/preopens", _) => Empty,
        ("wasi:http/outgoing-handler", "handle") | ("wasi:http/client", "send") => {
            OptionalText("internal-error")
        }
        ("wasi:config/store", _) => Text("io"),
        ("wasi:sockets/tcp-create-socket", "create-tcp-socket")
        | ("wasi:sockets/udp-create-socket", "create-udp-socket")
        | ("wasi:sockets/ip-name-lookup", "resolve-addresses") => Plain("access-denied"),
        ("fermyon:spin/config", _) => Text("other"),
        ("fermyon:spin/variables" | "spin:variables/variables", "get") => Undefined,
        ("fermyon:spin/llm", _) => Plain("model-not-supported"),
        ("fermyon:spin/http", _) => Plain("destination-not-allowed"),
        ("fermyon:spin/redis", _) if unversioned => Plain("error"),
        ("fermyon:spin/mysql" | "fermyon:spin/postgres", _) if unversioned => Text("other-error"),
        ("spin:postgres/postgres", "connection-builder" | "set-ca-root") => Granted,
        ("spin:postgres/postgres", "build" | "build-async") => Text("other"),
        (
            "fermyon:spin/key-value"
            | "spin:key-value/key-value"
            | "wasi:keyvalue/store"
            | "fermyon:spin/sqlite"
            | "spin:sqlite/sqlite",
            _,
        ) if opens => Plain("access-denied"),
        (
            "fermyon:spin/redis"
            | "spin:redis/redis"
            | "fermyon:spin/mqtt"
            | "spin:mqtt/mqtt"
            | "fermyon:spin/postgres"
            | "spin:postgres/postgres"
            | "fermyon:spin/mysql"
            | "spin:mysql/mysql",
            _,
        ) if opens => Text("other"),
        _ => Unreachable,
    }
}

fn without_version(interface: &str) -> &str {
    interface.split('@').next().unwrap_or(interface)
}

/// A function's own name: `open` of `[static]store.open`.
fn own_name(function: &str) -> &str {
    function.rsplit([']', '.']).next().unwrap_or(function)
}

/// Links a function of an interface that the dependency of this number is denied.
pub(super) fn link(
    into: &mut LinkerInstance<'_, InstanceState>,
    dependency: usize,
    interface: &str,
    name: &str,
    asynchronous: bool,
) -> wasmtime::Result<()> {
    let denied = Arc::new(Denied {
        dependency,
        interface: Arc::from(interface),
        function: Arc::from(name),
        denial: denial(interface, own_name(name)),
    });
    if asynchronous {
        into.func_new_concurrent(name, move |accessor, ty, arguments, results| {
            let denied = Arc::clone(&denied);
            Box::pin(async move {
                let (session, caller) = accessor.with(|mut access| {
                    let state = access.get();
                    (state.session.clone(), state.caller.clone())
                });
                denied.journal(&session, &caller, target(arguments)).await?;
                denied.answer(ty.results().next(), arguments, results)
            })
        })
    } else {
        into.func_new_async(name, move |mut store, ty, arguments, results| {
            let denied = Arc::clone(&denied);
            Box::new(async move {
                let is_request = without_version(&denied.interface) == "wasi:http/outgoing-handler";
                let (target, lent) = match arguments {
                    [Val::Resource(request), rest @ ..] if is_request => {
                        (url_of_request(&mut store, *request)?, rest)
                    }
                    _ => (target(arguments), arguments),
                };
                let state = store.data();
                let (session, caller) = (state.session.clone(), state.caller.clone());
                denied.journal(&session, &caller, target).await?;
                if let (Some(Type::Own(_)), Some(result)) =
                    (ty.results().next(), results.first_mut())
                    && denied.denial == Denial::Granted
                {
                    let nothing = Resource::<Unprovided>::new_own(0);
                    *result = Val::Resource(nothing.try_into_resource_any(&mut store)?);
                } else {
                    denied.answer(ty.results().next(), arguments, results)?;
                }
                for argument in lent {
                    if let Val::Resource(lent) = argument {
                        lent.resource_drop_async(&mut store).await?;
                    }
                }
                Ok(())
            })
        })
    }
}

/// Takes a request of WASI 0.2 that is not sent, and says where it was to go.
fn url_of_request(
    store: &mut StoreContextMut<'_, InstanceState>,
    request: ResourceAny,
) -> wasmtime::Result<String> {
    let request = request.try_into_resource::<OutgoingRequest>(&mut *store)?;
    let request = store.data_mut().ctx().table.delete(request)?;
    let scheme = match &request.scheme {
        Some(Scheme::Http) => "http",
        Some(Scheme::Other(other)) => other,
        Some(Scheme::Https) | None => "https",
    };
    let authority = request.authority.as_deref().unwrap_or_default();
    let path = request.path_with_query.as_deref().unwrap_or_default();
    Ok(without_secrets(&format!("{scheme}://{authority}{path}")))
}

/// A function that a dependency is denied.
struct Denied {
    dependency: usize,
    interface: Arc<str>,
    function: Arc<str>,
    denial: Denial,
}

impl Denied {
    /// What the guest is given as result.
    fn answer(
        &self,
        ty: Option<Type>,
        arguments: &[Val],
        results: &mut [Val],
    ) -> wasmtime::Result<()> {
        let answer = ty.and_then(|ty| self.value(&ty, arguments));
        match (answer, results.first_mut()) {
            (Some(answer), Some(result)) => *result = answer,
            _ => wasmtime::bail!("{}", self.unreachable()),
        }
        Ok(())
    }

    fn value(&self, ty: &Type, arguments: &[Val]) -> Option<Val> {
        let (case, payload) = match self.denial {
            Denial::Empty => {
                return match ty {
                    Type::List(_) => Some(Val::List(Vec::new())),
                    Type::Option(_) => Some(Val::Option(None)),
                    _ => None,
                };
            }
            Denial::Granted => return Some(Val::Result(Ok(None))),
            Denial::Unreachable => return None,
            Denial::Plain(case) => (case, None),
            Denial::Text(case) => (case, Some(Val::String(self.text()))),
            Denial::OptionalText(case) => {
                let text = Box::new(Val::String(self.text()));
                (case, Some(Val::Option(Some(text))))
            }
            Denial::Undefined => ("undefined", arguments.first().cloned()),
        };
        let Type::Result(result) = ty else {
            return None;
        };
        let error = match result.err()? {
            Type::Enum(_) => Val::Enum(case.to_owned()),
            Type::Variant(_) => Val::Variant(case.to_owned(), payload.map(Box::new)),
            _ => return None,
        };
        Some(Val::Result(Err(Some(Box::new(error)))))
    }

    /// What Spin's adapter says.
    fn text(&self) -> String {
        format!("{:?} is not permitted", without_version(&self.interface))
    }

    fn unreachable(&self) -> String {
        format!(
            "a dependency called {} of {}, which it does not inherit: under Spin that ends the instance",
            self.function, self.interface
        )
    }

    /// Writes the call down, but for those that every guest makes when it starts.
    async fn journal(
        &self,
        session: &Session,
        caller: &Caller,
        target: String,
    ) -> Result<(), CallTrap> {
        let outcome = match self.denial {
            Denial::Empty | Denial::Granted => return Ok(()),
            Denial::Unreachable => Outcome::Trap,
            Denial::Plain(case) => Outcome::Failed(case.to_owned()),
            Denial::Text(case) | Denial::OptionalText(case) => {
                Outcome::Failed(format!("{case}: {}", self.text()))
            }
            Denial::Undefined => Outcome::Failed(format!("undefined: {target}")),
        };
        let of_variables = variables::SERVICE.interfaces.iter();
        let of_variables = of_variables.copied().find(|it| it.name == &*self.interface);
        let refused = Refused {
            dependency: self.dependency,
            service: match of_variables {
                Some(interface) => Service::Called(interface, &variables::GET),
                None => {
                    Service::Unprovided(Arc::clone(&self.interface), Arc::clone(&self.function))
                }
            },
            target,
            outcome,
        };
        session.refuse_dependency(caller, refused).await
    }
}
