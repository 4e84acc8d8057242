//! The errors a key-value call can end with, over all four interfaces.

use std::fmt;
use std::str::FromStr;

/// What a key-value call failed with: the union of what the four interfaces can say.
///
/// Written as fault rules, journals and tables write it: `access-denied`, `other: disk full`.
/// Which interface can express which error is decided in [`crate::sandbox::Interface::can_say`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Error {
    /// Too many stores are open (`store-table-full`).
    StoreTableFull,
    /// No store has that label (`no-such-store`).
    NoSuchStore,
    /// The manifest does not grant the label to the component (`access-denied`).
    AccessDenied,
    /// The handle is not open (`invalid-store`; only `fermyon:spin/key-value` without a version has it).
    InvalidStore,
    /// The key is not in the store (`no-such-key`; only the unversioned interface has it).
    NoSuchKey,
    /// The value changed since it was read (`cas-failed`; only `swap` of wasi:keyvalue has it).
    CasFailed,
    /// Anything else, with its text (`other`; `io` in the unversioned interface).
    Other(String),
}

impl Error {
    /// The error `other` with this text.
    ///
    /// ```
    /// use spin_harness::Error;
    /// assert_eq!(Error::other("disk full").to_string(), "other: disk full");
    /// ```
    pub fn other(text: impl Into<String>) -> Self {
        Self::Other(text.into())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::StoreTableFull => "store-table-full",
            Self::NoSuchStore => "no-such-store",
            Self::AccessDenied => "access-denied",
            Self::InvalidStore => "invalid-store",
            Self::NoSuchKey => "no-such-key",
            Self::CasFailed => "cas-failed",
            Self::Other(text) => return write!(f, "other: {text}"),
        })
    }
}

impl std::error::Error for Error {}

/// A text that is no key-value error.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no error that a key-value store gives; expected `other: some text`, `access-denied`, \
     `no-such-store`, `store-table-full`, `no-such-key`, `invalid-store` or `cas-failed`"
)]
pub struct UnknownError(String);

impl FromStr for Error {
    type Err = UnknownError;

    fn from_str(text: &str) -> Result<Self, UnknownError> {
        Ok(match text.trim() {
            "store-table-full" => Self::StoreTableFull,
            "no-such-store" => Self::NoSuchStore,
            "access-denied" => Self::AccessDenied,
            "invalid-store" => Self::InvalidStore,
            "no-such-key" => Self::NoSuchKey,
            "cas-failed" => Self::CasFailed,
            other => match other.strip_prefix("other:").or(other.strip_prefix("io:")) {
                Some(text) => Self::Other(text.trim_start().to_owned()),
                None => return Err(UnknownError(other.to_owned())),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_reads_back_as_it_is_written() {
        for error in [
            Error::StoreTableFull,
            Error::NoSuchStore,
            Error::AccessDenied,
            Error::InvalidStore,
            Error::NoSuchKey,
            Error::CasFailed,
            Error::other("disk full: /dev/sda"),
        ] {
            assert_eq!(error.to_string().parse(), Ok(error));
        }
    }

    #[test]
    fn a_misspelt_error_is_refused_with_the_list() {
        let message = "acces-denied".parse::<Error>().unwrap_err().to_string();
        assert!(message.contains("`acces-denied`"), "{message}");
        assert!(message.contains("`access-denied`"), "{message}");
    }
}
