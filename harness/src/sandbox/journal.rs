//! The record of every call that guests made: what assertions, snapshots and reports read.

use super::service::{self, AnyOperation, ServiceInterface, ServiceOperation};
use super::{Bound, Interface};
use crate::storage::{Error, Operation};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Which service a call went to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Service {
    /// A key-value store, through one of its four interfaces.
    KeyValue(Interface, Operation),
    /// A request to another host, or to the app itself: the interface, and the method.
    OutgoingHttp(&'static ServiceInterface, http::Method),
    /// Any other service, through one of its interfaces.
    Called(&'static ServiceInterface, &'static ServiceOperation),
    /// An interface that spin-harness does not provide, or that a dependency is denied: its name and the function's.
    Unprovided(Arc<str>, Arc<str>),
    /// No call: the instance ended early, at this bound if at one.
    Instance(Option<Bound>),
}

/// What a call changes, if it takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changes {
    /// It looks at what there is, or fails whatever is there.
    Nothing,
    /// Something that cannot be taken back: it can be applied, and fail all the same.
    ForGood,
    /// Something that can be taken back: the guest can also be told that it succeeded, with nothing left of it.
    Undoably,
}

impl Changes {
    /// What a call of a key-value store changes.
    pub fn of_store(operation: Operation) -> Self {
        match operation.is_write() {
            true => Self::Undoably,
            false => Self::Nothing,
        }
    }

    /// What a call of another service changes, if it does change anything.
    pub(crate) fn of(operation: &ServiceOperation, changes: bool) -> Self {
        match (changes, operation.can_be_lost) {
            (false, _) => Self::Nothing,
            (true, false) => Self::ForGood,
            (true, true) => Self::Undoably,
        }
    }

    /// Whether it changes anything.
    pub fn any(self) -> bool {
        self != Self::Nothing
    }
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It succeeded; a missing key too.
    Ok,
    /// The guest was given this error.
    Error(Error),
    /// Another host answered with this status.
    Answered(u16),
    /// An error of a service other than key-value, as text.
    Failed(String),
    /// The instance ended at this call.
    Trap,
    /// The guest gave the call up before it ended.
    Cancelled,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ok => f.write_str("ok"),
            Self::Error(error) => write!(f, "{error}"),
            Self::Answered(status) => write!(f, "{status}"),
            Self::Failed(text) => f.write_str(text),
            Self::Trap => f.write_str("trap"),
            Self::Cancelled => f.write_str("cancelled"),
        }
    }
}

/// One call of a guest on a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Its place in the journal, from 1.
    pub sequence: u64,
    /// Virtual time at which it ended, from the start of the scenario.
    pub time: Duration,
    /// The component that called.
    pub component: Arc<str>,
    /// The instance that called, counted from 1 in the order of their start in the scenario.
    pub instance: u32,
    /// What was called.
    pub service: Service,
    /// The label of the store or database, or the address of the server; empty where the key says it all.
    pub store: Arc<str>,
    /// The key, or the keys of a batch joined by `, `; for variables the name, for other services what the call is
    /// about, such as a URL or a statement.
    pub key: String,
    /// Bytes of the values that went either way.
    pub size: usize,
    /// How it ended.
    pub outcome: Outcome,
    /// Which call of its operation it is in the scenario, from 1 in the order in which they came to the gate; 0 for
    /// what no fault can hit.
    pub ordinal: u64,
    /// Entries of a batch that was sent or of a listing that was given; else 0.
    pub entries: usize,
    /// What it changed, or would have changed if it had taken effect.
    pub changes: Changes,
    /// Whether a fault sweep lets it fail: it got past grant and handle, storage had not recovered, and Spin would have asked
    /// something that can fail.
    pub can_fail: bool,
    /// Whether a failure was injected into it, by a sweep or by `--fault`.
    pub injected: bool,
    /// The fault rules that hit it, as the scenario wrote them.
    pub fault: Option<Arc<str>>,
    /// The dependency of the component that called and was denied it, since it does not inherit what that takes: its name
    /// in the manifest.
    pub denied_to: Option<Arc<str>>,
    /// What else a person should know, such as why the instance ended.
    pub note: Option<String>,
}

impl Call {
    /// What names it among the calls of its scenario: `set#2`, the second `set`.
    pub fn label(&self) -> String {
        let name = match self.operation() {
            Some(operation) => Cow::Borrowed(operation.name()),
            None => self.operation_name(),
        };
        format!("{name}#{}", self.ordinal)
    }

    /// The key-value operation, if the call went to a store.
    pub fn storage_operation(&self) -> Option<Operation> {
        match self.service {
            Service::KeyValue(_, operation) => Some(operation),
            _ => None,
        }
    }

    /// The operation as fault rules name it; nothing where no rule could be about it.
    pub fn operation(&self) -> Option<AnyOperation> {
        match &self.service {
            Service::KeyValue(_, operation) => Some((*operation).into()),
            Service::OutgoingHttp(_, method) => {
                Some(AnyOperation::Service(service::of_method(method)))
            }
            Service::Called(_, operation) => Some(AnyOperation::Service(operation)),
            Service::Unprovided(..) | Service::Instance(_) => None,
        }
    }

    /// The interface that it went through, of a service that faults can hit; nothing for a key-value store.
    pub fn service_interface(&self) -> Option<&'static ServiceInterface> {
        match &self.service {
            Service::OutgoingHttp(interface, _) | Service::Called(interface, _) => Some(interface),
            _ => None,
        }
    }

    /// The operation as journals write it.
    pub fn operation_name(&self) -> Cow<'_, str> {
        match &self.service {
            Service::KeyValue(_, operation) => Cow::Borrowed(operation.name()),
            Service::OutgoingHttp(_, method) => Cow::Borrowed(method.as_str()),
            Service::Called(_, operation) => Cow::Borrowed(operation.name),
            Service::Unprovided(_, function) => Cow::Borrowed(function),
            Service::Instance(Some(bound)) => Cow::Owned(format!("{bound} bound")),
            Service::Instance(None) => Cow::Borrowed("trap"),
        }
    }

    /// The name of the interface it went through.
    pub fn interface_name(&self) -> &str {
        match &self.service {
            Service::KeyValue(interface, _) => interface.name(),
            Service::OutgoingHttp(interface, _) | Service::Called(interface, _) => interface.name,
            Service::Unprovided(name, _) => name,
            Service::Instance(_) => "",
        }
    }
}

/// Every call of a scenario so far, in the order in which they ended.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    calls: Vec<Call>,
}

impl Journal {
    /// All calls, of every service.
    pub fn calls(&self) -> &[Call] {
        &self.calls
    }

    /// The calls on key-value stores.
    pub fn storage_calls(&self) -> impl Iterator<Item = &Call> {
        self.calls
            .iter()
            .filter(|call| call.storage_operation().is_some())
    }

    /// Appends a call and gives it its number.
    pub(crate) fn push(&mut self, mut call: Call) -> &Call {
        call.sequence = self.calls.len() as u64 + 1;
        self.calls.push(call);
        &self.calls[self.calls.len() - 1]
    }
}
