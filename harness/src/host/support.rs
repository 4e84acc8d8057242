//! What the harness does with the interfaces of a component: which of them it provides, and what of their calls a
//! scenario can see and make fail. `docs/interfaces.md` is the table of it.

use super::link::{OURS, is_provided};
use crate::engine::is_called;
use crate::sandbox::{Interface, ServiceInterface};

/// What becomes of the calls of an interface that a component imports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Support {
    /// Whether it works. A component that imports one that does not starts all the same; a call ends its instance.
    pub works: bool,
    /// Whether fault rules and sweeps can make its calls fail.
    pub faults: bool,
    /// Whether its calls are in the journal. Those of an interface that does not work are.
    pub journal: bool,
}

impl Support {
    /// Of the interface of this name, with its version.
    pub fn of_import(import: &str) -> Self {
        let works = is_provided(import);
        let is_store = Interface::of_import(import).is_some();
        let faults = is_store || ServiceInterface::of_import(import).is_some();
        Self {
            works,
            faults: works && faults,
            journal: !works || faults,
        }
    }
}

/// The interfaces that the host implements itself, and does not take from wasmtime.
pub fn own_interfaces() -> &'static [&'static str] {
    OURS
}

/// Whether some trigger of the harness calls an export of this name, with its version.
pub fn is_run(export: &str) -> bool {
    is_called(export)
}
