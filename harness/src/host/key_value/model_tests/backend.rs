//! The operations of the comparison, their answers, and what gives them.

use std::fmt;

/// One call of a guest. Compare-and-swap handles live in numbered places, since a sequence must keep its meaning when
/// some of its operations are left out: a call on an empty place is no call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    Get(String),
    Set(String, Vec<u8>),
    Delete(String),
    Exists(String),
    GetKeys,
    GetMany(Vec<String>),
    SetMany(Vec<(String, Vec<u8>)>),
    DeleteMany(Vec<String>),
    Increment(String, i64),
    CasNew(usize, String),
    CasCurrent(usize),
    Swap(usize, Vec<u8>),
    /// A new handle, `current` if asked for, and a swap, all in one.
    SwapAtOnce {
        key: String,
        current: bool,
        value: Vec<u8>,
    },
}

/// Places for compare-and-swap handles.
pub const HANDLES: usize = 3;

/// The place that [`Operation::SwapAtOnce`] takes.
pub const AT_ONCE: usize = HANDLES;

impl Operation {
    /// Its name in the interface.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Get(_) => "get",
            Self::Set(..) => "set",
            Self::Delete(_) => "delete",
            Self::Exists(_) => "exists",
            Self::GetKeys => "get-keys",
            Self::GetMany(_) => "get-many",
            Self::SetMany(_) => "set-many",
            Self::DeleteMany(_) => "delete-many",
            Self::Increment(..) => "increment",
            Self::CasNew(..) => "cas-new",
            Self::CasCurrent(_) => "cas-current",
            Self::Swap(..) => "swap",
            Self::SwapAtOnce { .. } => "swap-at-once",
        }
    }
}

fn text(bytes: &[u8]) -> String {
    format!("\"{}\"", bytes.escape_ascii())
}

fn pairs(tuples: &[(String, Vec<u8>)]) -> String {
    let tuples: Vec<_> = tuples
        .iter()
        .map(|(key, value)| format!("{key:?} = {}", text(value)))
        .collect();
    tuples.join(", ")
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.name())?;
        match self {
            Self::Get(key) | Self::Delete(key) | Self::Exists(key) => write!(f, "{key:?}"),
            Self::Set(key, value) => write!(f, "{key:?} = {}", text(value)),
            Self::GetKeys => Ok(()),
            Self::GetMany(keys) | Self::DeleteMany(keys) => write!(f, "{keys:?}"),
            Self::SetMany(tuples) => f.write_str(&pairs(tuples)),
            Self::Increment(key, delta) => write!(f, "{key:?} by {delta}"),
            Self::CasNew(place, key) => write!(f, "{key:?} as handle {place}"),
            Self::CasCurrent(place) => write!(f, "of handle {place}"),
            Self::Swap(place, value) => write!(f, "of handle {place} = {}", text(value)),
            Self::SwapAtOnce {
                key,
                current,
                value,
            } => {
                let how = if *current { "after" } else { "without" };
                write!(f, "{key:?} = {}, {how} cas-current", text(value))
            }
        }
    }
}

/// What an operation gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Done,
    Value(Option<Vec<u8>>),
    Exists(bool),
    Keys(Vec<String>),
    Tuples(Vec<(String, Option<Vec<u8>>)>),
    Number(i64),
    /// The text of `other`.
    Error(String),
    CasFailed,
    /// Spin panics, and the instance ends.
    Trap,
    /// There was no handle to call it on.
    NoHandle,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(Some(value)) => f.write_str(&text(value)),
            Self::Value(None) => f.write_str("no value"),
            Self::Error(text) => write!(f, "other: {text}"),
            Self::CasFailed => f.write_str("cas-failed"),
            other => write!(f, "{other:?}"),
        }
    }
}

/// Something that answers the operations of a guest.
pub trait Backend {
    /// What a report calls it.
    fn name(&self) -> &'static str;

    /// Empties it, and closes every handle.
    fn begin(&mut self);

    /// Carries out one operation.
    fn apply(&mut self, operation: &Operation) -> Answer;

    /// Whether Spin would panic on this one and never recover. Only the model knows.
    fn would_poison(&self, _operation: &Operation) -> bool {
        false
    }
}
