//! The operations of a key-value store under the one set of names that the journal, the fault rules and the steps use.

use super::Error;
use bytes::Bytes;
use smallvec::{SmallVec, smallvec};
use std::fmt;
use std::str::FromStr;

/// A key-value operation, whatever interface it was called through (`list-keys` of wasi:keyvalue is [`GetKeys`](Self::GetKeys)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each is the operation of that name")]
pub enum Operation {
    Open,
    Get,
    Set,
    Delete,
    Exists,
    GetKeys,
    GetMany,
    SetMany,
    DeleteMany,
    Increment,
    CasNew,
    CasCurrent,
    Swap,
}

impl Operation {
    /// Every operation, in the order of the documentation.
    pub const ALL: [Self; 13] = [
        Self::Open,
        Self::Get,
        Self::Set,
        Self::Delete,
        Self::Exists,
        Self::GetKeys,
        Self::GetMany,
        Self::SetMany,
        Self::DeleteMany,
        Self::Increment,
        Self::CasNew,
        Self::CasCurrent,
        Self::Swap,
    ];

    /// The name in journals, tables and fault rules.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Get => "get",
            Self::Set => "set",
            Self::Delete => "delete",
            Self::Exists => "exists",
            Self::GetKeys => "get-keys",
            Self::GetMany => "get-many",
            Self::SetMany => "set-many",
            Self::DeleteMany => "delete-many",
            Self::Increment => "increment",
            Self::CasNew => "cas-new",
            Self::CasCurrent => "cas-current",
            Self::Swap => "swap",
        }
    }

    /// Whether it changes the store: set, delete, set-many, delete-many, increment and swap do.
    pub fn is_write(self) -> bool {
        matches!(
            self,
            Self::Set
                | Self::Delete
                | Self::SetMany
                | Self::DeleteMany
                | Self::Increment
                | Self::Swap
        )
    }

    /// Whether a value goes either way with it: get, get-many and cas-current give one, set, set-many, increment and swap
    /// store one.
    pub fn carries_a_value(self) -> bool {
        matches!(
            self,
            Self::Get
                | Self::GetMany
                | Self::CasCurrent
                | Self::Set
                | Self::SetMany
                | Self::Increment
                | Self::Swap
        )
    }

    /// Whether it looks into the store: get, exists, get-many, get-keys and cas-current do.
    pub fn is_read(self) -> bool {
        matches!(
            self,
            Self::Get | Self::Exists | Self::GetMany | Self::GetKeys | Self::CasCurrent
        )
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A text that names no operation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{name}` is no storage operation{}; there are {}",
    nearest_hint(name),
    all_names()
)]
pub struct UnknownOperation {
    name: String,
}

fn all_names() -> String {
    Operation::ALL.map(Operation::name).join(", ")
}

fn nearest_hint(name: &str) -> String {
    Operation::ALL
        .iter()
        .map(|operation| {
            (
                strsim::damerau_levenshtein(operation.name(), name),
                operation,
            )
        })
        .filter(|(distance, _)| *distance <= 2)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, operation)| format!(" (did you mean `{operation}`?)"))
        .unwrap_or_default()
}

impl FromStr for Operation {
    type Err = UnknownOperation;

    fn from_str(name: &str) -> Result<Self, UnknownOperation> {
        if name == "list-keys" {
            return Ok(Self::GetKeys);
        }
        Self::ALL
            .into_iter()
            .find(|operation| operation.name() == name)
            .ok_or_else(|| UnknownOperation {
                name: name.to_owned(),
            })
    }
}

/// One call on a store, with what the guest passed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as the interfaces name them")]
pub enum Request {
    Open,
    Get {
        key: String,
    },
    Set {
        key: String,
        value: Bytes,
    },
    Delete {
        key: String,
    },
    Exists {
        key: String,
    },
    GetKeys,
    GetMany {
        keys: Vec<String>,
    },
    SetMany {
        tuples: Vec<(String, Bytes)>,
    },
    DeleteMany {
        keys: Vec<String>,
    },
    Increment {
        key: String,
        delta: i64,
    },
    CasNew {
        key: String,
    },
    /// `handle` is which of the handles of the scenario.
    CasCurrent {
        key: String,
        handle: u64,
    },
    /// `handle` is as in `cas-current`. `seen` is what `cas-current` last gave on this handle; `None` where it was never called or found nothing.
    /// `watched` is what [`Store::watch`](super::Store::watch) gave when it was first called on this handle.
    Swap {
        key: String,
        handle: u64,
        seen: Option<Bytes>,
        watched: Option<u64>,
        value: Bytes,
    },
}

impl Request {
    /// Which operation this is.
    pub fn operation(&self) -> Operation {
        match self {
            Self::Open => Operation::Open,
            Self::Get { .. } => Operation::Get,
            Self::Set { .. } => Operation::Set,
            Self::Delete { .. } => Operation::Delete,
            Self::Exists { .. } => Operation::Exists,
            Self::GetKeys => Operation::GetKeys,
            Self::GetMany { .. } => Operation::GetMany,
            Self::SetMany { .. } => Operation::SetMany,
            Self::DeleteMany { .. } => Operation::DeleteMany,
            Self::Increment { .. } => Operation::Increment,
            Self::CasNew { .. } => Operation::CasNew,
            Self::CasCurrent { .. } => Operation::CasCurrent,
            Self::Swap { .. } => Operation::Swap,
        }
    }

    /// The keys it names, in order; none for `open` and `get-keys`.
    pub fn keys(&self) -> SmallVec<[&str; 2]> {
        match self {
            Self::Open | Self::GetKeys => SmallVec::new(),
            Self::Get { key }
            | Self::Set { key, .. }
            | Self::Delete { key }
            | Self::Exists { key }
            | Self::Increment { key, .. }
            | Self::CasNew { key }
            | Self::CasCurrent { key, .. }
            | Self::Swap { key, .. } => smallvec![key.as_str()],
            Self::GetMany { keys } | Self::DeleteMany { keys } => {
                keys.iter().map(String::as_str).collect()
            }
            Self::SetMany { tuples } => tuples.iter().map(|(key, _)| key.as_str()).collect(),
        }
    }

    /// The key as the journal writes it; the keys of a batch joined by `, `.
    pub fn journal_key(&self) -> String {
        match self {
            Self::Open | Self::GetKeys => String::new(),
            _ => self.keys().join(", "),
        }
    }

    /// Bytes that it carries towards the store, keys and values.
    pub fn bytes(&self) -> usize {
        self.size() + self.keys().iter().map(|key| key.len()).sum::<usize>()
    }

    /// How many entries it has: the keys of a batch; 0 for what is no batch.
    pub fn entries(&self) -> usize {
        match self {
            Self::GetMany { keys } | Self::DeleteMany { keys } => keys.len(),
            Self::SetMany { tuples } => tuples.len(),
            _ => 0,
        }
    }

    /// Only the first so many entries of a batch.
    pub(crate) fn truncated(&self, entries: usize) -> Self {
        let mut request = self.clone();
        match &mut request {
            Self::GetMany { keys } | Self::DeleteMany { keys } => keys.truncate(entries),
            Self::SetMany { tuples } => tuples.truncate(entries),
            _ => {}
        }
        request
    }

    /// Bytes of the values it carries towards the store.
    pub fn size(&self) -> usize {
        match self {
            Self::Set { value, .. } | Self::Swap { value, .. } => value.len(),
            Self::SetMany { tuples } => tuples.iter().map(|(_, value)| value.len()).sum(),
            _ => 0,
        }
    }
}

/// What a call that succeeded gives back.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "named after what they hold")]
pub enum Reply {
    Done,
    Value(Option<Bytes>),
    Exists(bool),
    Keys(Vec<String>),
    Tuples(Vec<(String, Option<Bytes>)>),
    Number(i64),
    /// A listing that breaks off after these keys.
    Torn(Vec<String>, Error),
}

impl Reply {
    /// Bytes of the values it carries towards the guest.
    pub fn size(&self) -> usize {
        match self {
            Self::Value(value) => value.as_ref().map_or(0, Bytes::len),
            Self::Keys(keys) | Self::Torn(keys, _) => keys.iter().map(String::len).sum(),
            Self::Tuples(tuples) => tuples
                .iter()
                .map(|(_, value)| value.as_ref().map_or(0, Bytes::len))
                .sum(),
            Self::Done | Self::Exists(_) | Self::Number(_) => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_list_keys_is_get_keys() {
        for operation in Operation::ALL {
            assert_eq!(operation.name().parse(), Ok(operation));
        }
        assert_eq!("list-keys".parse(), Ok(Operation::GetKeys));
    }

    #[test]
    fn a_misspelt_operation_names_the_nearest() {
        let message = "sett".parse::<Operation>().unwrap_err().to_string();
        assert!(message.contains("did you mean `set`?"), "{message}");
    }

    #[test]
    fn no_operation_both_reads_and_writes() {
        for operation in Operation::ALL {
            assert!(
                !(operation.is_read() && operation.is_write()),
                "{operation}"
            );
        }
    }
}
