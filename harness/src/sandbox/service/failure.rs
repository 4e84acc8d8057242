//! An error of any service, as fault rules and the journal write it.

use super::interfaces;
use crate::storage::{Error, UnknownError};
use std::fmt;
use std::str::FromStr;

/// A kind of error that an interface has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ErrorCase {
    /// Its name in the interface.
    pub name: &'static str,
    /// Whether it carries a text.
    pub with_text: bool,
}

impl ErrorCase {
    /// One without a text.
    pub const fn plain(name: &'static str) -> Self {
        let with_text = false;
        Self { name, with_text }
    }

    /// One with a text.
    pub const fn with_text(name: &'static str) -> Self {
        let with_text = true;
        Self { name, with_text }
    }

    /// Whether a failure is of this kind.
    pub fn is_of(&self, failure: &Failure) -> bool {
        self.name == failure.case && self.with_text == failure.text.is_some()
    }
}

/// As a rule writes it: `access-denied`, `io: some text`.
impl fmt::Display for ErrorCase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.with_text {
            true => write!(f, "{}: some text", self.name),
            false => f.write_str(self.name),
        }
    }
}

/// Several, for messages.
pub(crate) fn named(cases: &[ErrorCase]) -> String {
    let names: Vec<_> = cases.iter().map(|case| format!("`{case}`")).collect();
    names.join(", ")
}

/// What a call failed with: the case that the interface has for it, and its text, if it carries one.
///
/// ```
/// use spin_harness::sandbox::Failure;
/// let failure: Failure = "io: disk I/O error".parse()?;
/// assert_eq!((failure.case(), failure.text()), ("io", "disk I/O error"));
/// # Ok::<(), spin_harness::sandbox::UnknownFailure>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Failure {
    case: String,
    text: Option<String>,
}

impl Failure {
    /// One without a text.
    pub fn new(case: &str) -> Self {
        Self {
            case: case.to_owned(),
            text: None,
        }
    }

    /// One with a text.
    pub fn with_text(case: &str, text: impl Into<String>) -> Self {
        Self {
            case: case.to_owned(),
            text: Some(text.into()),
        }
    }

    /// The case of the interface: `access-denied`.
    pub fn case(&self) -> &str {
        &self.case
    }

    /// The text; empty where it carries none.
    pub fn text(&self) -> &str {
        self.text.as_deref().unwrap_or_default()
    }

    /// The same as an error of a key-value store, if such a store can fail with it.
    pub fn of_store(&self) -> Option<Error> {
        self.to_string().parse().ok()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.text {
            None => f.write_str(&self.case),
            Some(text) => write!(f, "{}: {text}", self.case),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Other(text) => Self::with_text("other", text),
            plain => Self::new(&plain.to_string()),
        }
    }
}

/// A text that is no error of any service.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{unknown}; other services have {}", others())]
pub struct UnknownFailure {
    unknown: UnknownError,
}

impl UnknownFailure {
    /// What a key-value store says of it.
    pub(crate) fn of_store(&self) -> &UnknownError {
        &self.unknown
    }
}

/// The errors that only other services have.
fn others() -> String {
    let mut names: Vec<&str> = interfaces()
        .flat_map(|interface| interface.errors)
        .map(|case| case.name)
        .filter(|name| name.parse::<Error>().is_err() && !["other", "io"].contains(name))
        .collect();
    names.sort_unstable();
    names.dedup();
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

impl FromStr for Failure {
    type Err = UnknownFailure;

    fn from_str(text: &str) -> Result<Self, UnknownFailure> {
        let (case, rest) = match text.split_once(':') {
            Some((case, rest)) => (case.trim(), Some(rest.trim())),
            None => (text.trim(), None),
        };
        let failure = Self {
            case: case.to_owned(),
            text: rest.map(str::to_owned),
        };
        if interfaces().any(|interface| interface.can_say(&failure)) {
            return Ok(failure);
        }
        match text.parse::<Error>() {
            Ok(_) => Ok(failure),
            Err(unknown) => Err(UnknownFailure { unknown }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_of_a_store_is_a_failure_and_back() {
        for error in [
            Error::StoreTableFull,
            Error::NoSuchStore,
            Error::AccessDenied,
            Error::InvalidStore,
            Error::NoSuchKey,
            Error::CasFailed,
            Error::other("disk full: /dev/sda"),
        ] {
            let failure = Failure::from(error.clone());
            assert_eq!(failure.to_string().parse().as_ref(), Ok(&failure));
            assert_eq!(failure.of_store(), Some(error));
        }
        let io: Failure = "io: disk full".parse().unwrap();
        assert_eq!(io.of_store(), Some(Error::other("disk full")));
    }

    #[test]
    fn an_error_of_no_service_is_refused() {
        let message = "connection-refusd".parse::<Failure>().unwrap_err();
        let message = message.to_string();
        assert!(message.contains("`connection-refusd` is no"), "{message}");
        assert!(message.contains("`connection-refused`"), "{message}");
    }
}
