//! One failure at one call of a scenario: what a sweep tries, and what `--fault` repeats.

use super::cursor::FaultSyntaxError;
use super::effect::Effect;
use crate::sandbox::service::{AnyOperation, Failure, UnknownServiceOperation};
use std::fmt;
use std::str::FromStr;

/// One failure at one call: `set#2: other: injected failure` is the second `set` of the scenario.
///
/// ```
/// use spin_harness::sandbox::Injection;
/// let injection: Injection = "set#2: applied then other: timeout".parse()?;
/// assert_eq!((injection.operation.name(), injection.ordinal), ("set", 2));
/// # Ok::<(), spin_harness::sandbox::BadInjection>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Injection {
    /// The operation of the call.
    pub operation: AnyOperation,
    /// Which call of that operation in the scenario, from 1, in the order in which they came to the gate.
    pub ordinal: u64,
    /// What happens to it.
    pub effect: Effect,
}

impl fmt::Display for Injection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}: {}", self.operation, self.ordinal, self.effect)
    }
}

/// A text that names no failure of a call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadInjection {
    /// It does not begin with a call.
    #[error(
        "`{0}` names no failure of a call; expected one such as `set#2: other: injected failure`, for the second \
         \"set\" of the scenario"
    )]
    Form(String),
    /// The operation is none.
    #[error(transparent)]
    Operation(#[from] UnknownServiceOperation),
    /// The effect cannot be read.
    #[error(transparent)]
    Effect(#[from] FaultSyntaxError),
    /// Its error is none that the operation's service has.
    #[error("\"{operation}\" can never fail with \"{error}\"; {}", .operation.failures())]
    Unsayable {
        /// The operation.
        operation: AnyOperation,
        /// The error.
        error: Failure,
    },
    /// The effect cannot happen to the operation.
    #[error("\"{operation}\" can never {deed}")]
    Unconcerned {
        /// The operation.
        operation: AnyOperation,
        /// What it cannot do.
        deed: String,
    },
}

impl FromStr for Injection {
    type Err = BadInjection;

    fn from_str(text: &str) -> Result<Self, BadInjection> {
        let form = || BadInjection::Form(text.to_owned());
        let (call, effect) = text.split_once(':').ok_or_else(form)?;
        let (operation, ordinal) = call.trim().split_once('#').ok_or_else(form)?;
        let ordinal = ordinal.parse().ok().filter(|n| *n > 0).ok_or_else(form)?;
        let operation: AnyOperation = operation.parse()?;
        let effect = Effect::read_for(effect.trim(), Some(operation))?;
        if let Some(action) = &effect.then
            && let Some(error) = action.unsayable(operation)
        {
            return Err(BadInjection::Unsayable {
                operation,
                error: error.clone(),
            });
        }
        if let Some(action) = &effect.then
            && !action.concerns(operation)
        {
            return Err(BadInjection::Unconcerned {
                operation,
                deed: action.deed(),
            });
        }
        Ok(Self {
            operation,
            ordinal,
            effect,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn injections_read_back_as_they_are_written() {
        for text in [
            "set#2: other: injected failure",
            "get-keys#1: torn 3",
            "delete#10: applied then other: a: b",
            "open#1: traps",
            "swap#1: takes 1 s then cas-failed",
            "http POST#2: applied then connection-terminated",
        ] {
            let injection: Injection = text.parse().unwrap();
            assert_eq!(injection.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_injection_is_refused_with_the_form() {
        for text in [
            "",
            "set",
            "set: lost",
            "set#0: lost",
            "set#x: lost",
            "set#2",
        ] {
            let message = text.parse::<Injection>().unwrap_err().to_string();
            assert!(
                message.contains("set#2: other: injected failure"),
                "{message}"
            );
        }
        let message = "sett#1: lost".parse::<Injection>().unwrap_err().to_string();
        assert!(message.contains("did you mean `set`?"), "{message}");
        let message = "set#2: dns-error".parse::<Injection>().unwrap_err();
        let message = message.to_string();
        assert!(
            message.starts_with(
                "\"set\" can never fail with \"dns-error\"; a store has `other: some text`"
            ),
            "{message}"
        );
        let message = "sqlite execute#1: disk-full".parse::<Injection>();
        let message = message.unwrap_err().to_string();
        assert!(message.contains("`database-full`"), "{message}");
        assert!(!message.contains("`store-table-full`"), "{message}");
        let message = "get#1: lost".parse::<Injection>().unwrap_err().to_string();
        assert_eq!(message, "\"get\" can never be lost");
    }
}
