//! How much of the machine one request may use, and what is said when it is too much.

use std::fmt;
use std::time::Duration;

/// Connections of one kind that an instance has open at most: what Spin's tables hold where nobody says otherwise
/// (`crates/table/src/lib.rs`).
pub(crate) const MOST_CONNECTIONS: usize = 1024;

/// The bounds of one request. Past one of them the client sees 500 (or a cut body) and the component has trapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Fuel, roughly one unit an instruction of wasm. Default: 40,000,000,000, about five seconds of compute.
    pub fuel: u64,
    /// Bytes of linear memory of one instance. Default: 1 GiB.
    pub memory: u64,
    /// Bytes of a response's body. Default: 16 MiB.
    pub response: u64,
    /// Bytes that one request may write to standard output and error together. Default: 1 MiB.
    pub log: u64,
    /// Virtual time from the request to the end of the instance's work. Default: 60 s.
    pub time: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            fuel: 40_000_000_000,
            memory: 1 << 30,
            response: 16 << 20,
            log: 1 << 20,
            time: Duration::from_secs(60),
        }
    }
}

/// One of the bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is the field of `Bounds` of that name")]
pub enum Bound {
    Compute,
    Memory,
    Response,
    Log,
    Time,
}

impl Bound {
    /// The word for it in steps, options and the manifest's table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Compute => "compute",
            Self::Memory => "memory",
            Self::Response => "response",
            Self::Log => "log",
            Self::Time => "time",
        }
    }

    /// What happened and how to change it, for a person.
    pub fn explain(self, bounds: &Bounds) -> String {
        let what = match self {
            Self::Compute => format!("it used more than {} units of fuel", bounds.fuel),
            Self::Memory => format!("its memory grew past {} bytes", bounds.memory),
            Self::Response => format!("its response grew past {} bytes", bounds.response),
            Self::Log => format!("it wrote more than {} bytes to its log", bounds.log),
            Self::Time => format!("it was not done after {:?} of virtual time", bounds.time),
        };
        format!(
            "{what}; to allow more: `Given the {name} bound is \"…\"`, \
             `--bound {name}=…` or `bounds.{name}` under [application.tool.harness]",
            name = self.name()
        )
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
