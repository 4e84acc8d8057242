//! The sizes that hosted key-value stores accept, by provider, and the error of a call that goes past one.
//!
//! Figures from Spin's documentation (`content/v4/kv-store-api-guide.md`) and the providers' own. `spin up` enforces
//! none of them; what may not work in production fails in a test unless the scenario says otherwise.

use super::{Error, Request, Store};
use crate::app::Provider;

/// Bytes in what Spin's documentation calls a MB.
const MIB: usize = 1 << 20;

/// Which limits a scenario's stores enforce.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Limits {
    /// Those that the store's provider documents. The default.
    #[default]
    Documented,
    /// None, exactly as `spin up`.
    None,
}

/// What one provider documents. `None` where it documents no bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProviderLimits {
    /// Longest key, in bytes of UTF-8.
    pub key_bytes: Option<usize>,
    /// Longest key, in characters.
    pub key_chars: Option<usize>,
    /// Characters a key must not contain.
    pub forbidden_in_key: &'static str,
    /// Largest value, in bytes.
    pub value_bytes: Option<usize>,
    /// Largest key and value together, in bytes.
    pub tuple_bytes: Option<usize>,
    /// Most tuples in one store.
    pub tuples: Option<usize>,
}

impl ProviderLimits {
    /// The documented limits of a provider.
    pub const fn of(provider: Provider) -> Self {
        const FREE: ProviderLimits = ProviderLimits {
            key_bytes: None,
            key_chars: None,
            forbidden_in_key: "",
            value_bytes: None,
            tuple_bytes: None,
            tuples: None,
        };
        match provider {
            Provider::Spin => Self {
                key_bytes: Some(256),
                value_bytes: Some(MIB),
                tuples: Some(1024),
                ..FREE
            },
            Provider::Redis => Self {
                tuple_bytes: Some(128 * MIB),
                ..FREE
            },
            Provider::AzureCosmos => Self {
                key_chars: Some(255),
                forbidden_in_key: "/\\?#",
                tuple_bytes: Some(400 * 1024),
                ..FREE
            },
            Provider::AwsDynamo => Self {
                key_bytes: Some(2048),
                tuple_bytes: Some(400 * 1024),
                ..FREE
            },
        }
    }

    /// Whether `request` on `store` stays within these limits.
    ///
    /// # Errors
    ///
    /// The first limit that it would exceed.
    pub fn check(&self, request: &Request, store: &Store) -> Result<(), LimitExceeded> {
        for key in request.keys() {
            self.check_key(key)?;
        }
        match request {
            Request::Set { key, value } | Request::Swap { key, value, .. } => {
                self.check_value(key, value.len())?;
                self.check_tuples(store, [key.as_str()])
            }
            Request::SetMany { tuples } => {
                for (key, value) in tuples {
                    self.check_value(key, value.len())?;
                }
                self.check_tuples(store, tuples.iter().map(|(key, _)| key.as_str()))
            }
            Request::Increment { key, .. } => self.check_tuples(store, [key.as_str()]),
            _ => Ok(()),
        }
    }

    fn check_key(&self, key: &str) -> Result<(), LimitExceeded> {
        if let Some(limit) = self.key_bytes.filter(|limit| key.len() > *limit) {
            return Err(LimitExceeded::new("key of", key.len(), limit, "bytes"));
        }
        if let Some(limit) = self.key_chars {
            let chars = key.chars().count();
            if chars > limit {
                return Err(LimitExceeded::new("key of", chars, limit, "characters"));
            }
        }
        match key.chars().find(|c| self.forbidden_in_key.contains(*c)) {
            Some(forbidden) => Err(LimitExceeded(format!(
                "a key with the character `{forbidden}`, which the store's provider does not allow"
            ))),
            None => Ok(()),
        }
    }

    fn check_value(&self, key: &str, len: usize) -> Result<(), LimitExceeded> {
        if let Some(limit) = self.value_bytes.filter(|limit| len > *limit) {
            return Err(LimitExceeded::new("value of", len, limit, "bytes"));
        }
        let tuple = key.len() + len;
        match self.tuple_bytes.filter(|limit| tuple > *limit) {
            Some(limit) => Err(LimitExceeded::new(
                "key and value of together",
                tuple,
                limit,
                "bytes",
            )),
            None => Ok(()),
        }
    }

    fn check_tuples<'a>(
        &self,
        store: &Store,
        keys: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), LimitExceeded> {
        let Some(limit) = self.tuples else {
            return Ok(());
        };
        let mut new: Vec<&str> = keys
            .into_iter()
            .filter(|key| !store.contains(key))
            .collect();
        new.sort_unstable();
        new.dedup();
        let after = store.len() + new.len();
        if !new.is_empty() && after > limit {
            return Err(LimitExceeded::new("store of", after, limit, "tuples"));
        }
        Ok(())
    }
}

/// A documented limit that a call would exceed: the actual size, the limit, and how to lift it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0}; hosted stores may refuse it, `spin up` does not: \
     lift it with `Given the key-value limits are \"none\"`"
)]
pub struct LimitExceeded(String);

impl LimitExceeded {
    fn new(what: &str, actual: usize, limit: usize, unit: &str) -> Self {
        Self(format!(
            "{what} {actual} {unit} exceeds the documented limit of {limit} {unit}"
        ))
    }
}

impl From<LimitExceeded> for Error {
    fn from(limit: LimitExceeded) -> Self {
        Self::Other(limit.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn set(key: &str, len: usize) -> Request {
        Request::Set {
            key: key.to_owned(),
            value: Bytes::from(vec![b'x'; len]),
        }
    }

    #[test]
    fn spin_counts_bytes_of_the_key_and_not_characters() {
        let limits = ProviderLimits::of(Provider::Spin);
        let store = Store::default();
        let snowmen = "☃".repeat(86); // 258 bytes, 86 characters
        assert!(limits.check(&set(&"k".repeat(256), 0), &store).is_ok());
        assert!(limits.check(&set(&"k".repeat(257), 0), &store).is_err());
        assert!(limits.check(&set(&snowmen, 0), &store).is_err());
    }

    #[test]
    fn cosmos_counts_characters_and_forbids_four() {
        let limits = ProviderLimits::of(Provider::AzureCosmos);
        let store = Store::default();
        assert!(limits.check(&set(&"☃".repeat(255), 0), &store).is_ok());
        assert!(limits.check(&set(&"☃".repeat(256), 0), &store).is_err());
        for forbidden in ["a/b", "a\\b", "a?b", "a#b"] {
            assert!(
                limits.check(&set(forbidden, 0), &store).is_err(),
                "{forbidden}"
            );
        }
    }

    #[test]
    fn a_full_store_still_takes_changes_to_what_it_holds() {
        let limits = ProviderLimits::of(Provider::Spin);
        let mut store = Store::default();
        for n in 0..1024 {
            store.put(format!("key-{n}"), Bytes::new());
        }
        assert!(limits.check(&set("key-7", 1), &store).is_ok());
        assert!(limits.check(&set("another", 1), &store).is_err());
    }

    #[test]
    fn the_same_new_key_twice_in_a_batch_counts_once() {
        let limits = ProviderLimits::of(Provider::Spin);
        let mut store = Store::default();
        for n in 0..1023 {
            store.put(format!("key-{n}"), Bytes::new());
        }
        let tuple = ("new".to_owned(), Bytes::new());
        let twice = Request::SetMany {
            tuples: vec![tuple.clone(), tuple],
        };
        assert!(limits.check(&twice, &store).is_ok());
    }
}
