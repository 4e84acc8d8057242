//! Why a statement failed: as the guest gets it, and as the journal has it.

use super::answer::ServerError;
use crate::sandbox::service::Failure;

/// Why a statement failed.
#[derive(Clone, Debug)]
pub(crate) struct SqlFailure {
    pub failure: Failure,
    /// What the server said, where a scenario has it taken apart.
    pub server: Option<ServerError>,
}

impl From<Failure> for SqlFailure {
    fn from(failure: Failure) -> Self {
        let server = None;
        Self { failure, server }
    }
}

impl From<ServerError> for SqlFailure {
    fn from(error: ServerError) -> Self {
        Self {
            failure: error.failure(),
            server: Some(error),
        }
    }
}

/// An error of a statement: as the journal has it, and as the guest gets it.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub journaled: Failure,
    pub told: Box<SqlFailure>,
}

impl Said {
    /// The same for both.
    pub fn plain(case: &str, text: impl Into<String>) -> Self {
        Self::of(Failure::with_text(case, text))
    }

    /// The same for both.
    pub fn of(failure: Failure) -> Self {
        Self {
            journaled: failure.clone(),
            told: Box::new(failure.into()),
        }
    }
}

impl From<ServerError> for Said {
    fn from(error: ServerError) -> Self {
        Self {
            journaled: error.failure(),
            told: Box::new(error.into()),
        }
    }
}
