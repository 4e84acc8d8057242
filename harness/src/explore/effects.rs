//! The ways in which a fault sweep lets each call fail.

use crate::sandbox::{
    Action, AnyOperation, Call, Changes, Corruption, Effect, Ending, Failure, Interface, Service,
    ServiceInterface, Staleness,
};
use crate::storage::{Error, Operation};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// The text of the error that a key-value call fails with, unless another way to fail is named.
const INJECTED: &str = "injected failure";

/// The ways in which each call of a scenario fails. By default with an error that its interface has (a key-value store's
/// is `other: injected failure`), before it takes effect and, for a write, also after it has; else in the ways that are
/// named.
///
/// ```
/// use spin_harness::explore::FaultEffects;
/// let effects: FaultEffects = "default,traps,lost,no-such-store".parse()?;
/// assert_eq!(effects.to_string(), "default,traps,lost,no-such-store");
/// assert_eq!(FaultEffects::default(), "default".parse()?);
/// # Ok::<(), spin_harness::explore::UnknownEffect>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultEffects {
    named: BTreeSet<Named>,
    /// Whether, after each failure that the scenario survives, each of the calls that follow it fails too.
    pub pairs: bool,
}

/// A way to fail that can be asked for, in the order in which they are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Named {
    Default,
    Traps,
    Hangs,
    Lost,
    Stale,
    Corrupt,
    Torn,
    AccessDenied,
    NoSuchStore,
    StoreTableFull,
    NoSuchKey,
    InvalidStore,
    CasFailed,
}

const NAMED: [(&str, Named); 13] = [
    ("default", Named::Default),
    ("traps", Named::Traps),
    ("hangs", Named::Hangs),
    ("lost", Named::Lost),
    ("stale", Named::Stale),
    ("corrupt", Named::Corrupt),
    ("torn", Named::Torn),
    ("access-denied", Named::AccessDenied),
    ("no-such-store", Named::NoSuchStore),
    ("store-table-full", Named::StoreTableFull),
    ("no-such-key", Named::NoSuchKey),
    ("invalid-store", Named::InvalidStore),
    ("cas-failed", Named::CasFailed),
];

/// All of them.
const ALL: &str = "all";
/// Pairs of failures.
const PAIRS: &str = "pairs";

/// A name that stands for no way to fail.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{name}` is nothing that a fault sweep knows{}; there are {}",
    hint(name),
    FaultEffects::names()
)]
pub struct UnknownEffect {
    name: String,
}

fn hint(name: &str) -> String {
    let known = NAMED.map(|(known, _)| known);
    let known = known.into_iter().chain([ALL, PAIRS]);
    known
        .map(|known| (strsim::damerau_levenshtein(name, known), known))
        .filter(|(distance, _)| *distance <= 2 && !name.is_empty())
        .min()
        .map(|(_, known)| format!(" (did you mean `{known}`?)"))
        .unwrap_or_default()
}

impl Default for FaultEffects {
    fn default() -> Self {
        Self {
            named: BTreeSet::from([Named::Default]),
            pairs: false,
        }
    }
}

impl FaultEffects {
    /// What can be named, for messages.
    pub fn names() -> String {
        let names: Vec<_> = NAMED.iter().map(|(name, _)| *name).collect();
        format!("{}, {ALL} and {PAIRS}", names.join(", "))
    }

    /// With what others name.
    pub fn add(&mut self, others: Self) {
        self.named.extend(others.named);
        self.pairs |= others.pairs;
    }

    /// The ways in which a call can fail, in the order in which they are tried.
    pub(super) fn of(&self, call: &Call) -> Vec<Effect> {
        let (interface, operation) = match (&call.service, call.service_interface()) {
            (Service::KeyValue(interface, operation), _) => (*interface, *operation),
            (_, Some(interface)) => return self.of_service(call, interface),
            _ => return Vec::new(),
        };
        let mut effects = Vec::new();
        for named in &self.named {
            named.of(call, interface, operation, &mut effects);
        }
        effects.retain(|effect| effect.can_be_said(interface, operation));
        effects
    }
}

impl FaultEffects {
    /// The same for a call of another service: its interface says what it can fail with.
    fn of_service(&self, call: &Call, interface: &ServiceInterface) -> Vec<Effect> {
        let Some(AnyOperation::Service(operation)) = call.operation() else {
            return Vec::new();
        };
        let mut effects = Vec::new();
        for named in &self.named {
            named.of_service(interface, &mut effects);
        }
        effects.retain(|effect| {
            let comes_about = match effect.then {
                Some(Action::AppliedThen(_)) => call.changes.any(),
                Some(Action::Lost) => call.changes == Changes::Undoably,
                _ => true,
            };
            let said = effect.then.as_ref();
            comes_about && said.is_none_or(|action| action.can_be_said_of(interface, operation))
        });
        effects
    }
}

impl Named {
    fn of_service(self, interface: &ServiceInterface, to: &mut Vec<Effect>) {
        let failure = |text: &str| text.parse::<Failure>().ok();
        match self {
            Self::Default => {
                to.extend(failure(interface.injected).map(Effect::fails));
                to.extend(failure(interface.injected_after).map(Effect::applied_then));
            }
            Self::Traps => {
                let after = Action::AppliedThen(Ending::Trap);
                to.extend([Action::Traps, after].map(Effect::only));
            }
            Self::Hangs => to.push(Effect::only(Action::Hangs)),
            Self::Lost => to.push(Effect::only(Action::Lost)),
            Self::AccessDenied => to.extend(failure("access-denied").map(Effect::fails)),
            // Of values, batches and stores.
            Self::Stale
            | Self::Corrupt
            | Self::Torn
            | Self::NoSuchStore
            | Self::StoreTableFull
            | Self::NoSuchKey
            | Self::InvalidStore
            | Self::CasFailed => {}
        }
    }

    fn of(self, call: &Call, interface: Interface, operation: Operation, to: &mut Vec<Effect>) {
        let action = match self {
            Self::Default => {
                let error = || Error::other(INJECTED);
                return to.extend([Effect::fails(error()), Effect::applied_then(error())]);
            }
            Self::Traps => {
                let after = Action::AppliedThen(Ending::Trap);
                return to.extend([Action::Traps, after].map(Effect::only));
            }
            Self::Hangs => Action::Hangs,
            Self::Lost => Action::Lost,
            Self::Stale => Action::Stale(Staleness::Writes(1)),
            // Where there is no value, there is nothing to damage.
            Self::Corrupt if call.size == 0 => return,
            Self::Corrupt => Action::Corrupt(Corruption::Either),
            Self::Torn => {
                // A batch that has done all of its work is not torn; a listing that gave all its keys can still fail.
                let listing = operation == Operation::GetKeys && interface == Interface::KeyValue3;
                let most = call.entries as u64 + u64::from(listing);
                let torn = (1..most).map(|after| Action::Torn { after, error: None });
                return to.extend(torn.map(Effect::only));
            }
            Self::AccessDenied => Action::Fails(Error::AccessDenied.into()),
            Self::NoSuchStore => Action::Fails(Error::NoSuchStore.into()),
            Self::StoreTableFull => Action::Fails(Error::StoreTableFull.into()),
            Self::NoSuchKey => Action::Fails(Error::NoSuchKey.into()),
            Self::InvalidStore => Action::Fails(Error::InvalidStore.into()),
            Self::CasFailed => Action::Fails(Error::CasFailed.into()),
        };
        to.push(Effect::only(action));
    }
}

impl FromStr for FaultEffects {
    type Err = UnknownEffect;

    fn from_str(text: &str) -> Result<Self, UnknownEffect> {
        let mut effects = Self {
            named: BTreeSet::new(),
            pairs: false,
        };
        for name in text.split(',').map(str::trim) {
            match NAMED.iter().find(|(known, _)| *known == name) {
                Some((_, named)) => drop(effects.named.insert(*named)),
                None if name == ALL => effects.named.extend(NAMED.map(|(_, named)| named)),
                None if name == PAIRS => effects.pairs = true,
                None => {
                    let name = name.to_owned();
                    return Err(UnknownEffect { name });
                }
            }
        }
        if effects.named.is_empty() {
            // `pairs` alone says nothing about the ways.
            effects.named.insert(Named::Default);
        }
        Ok(effects)
    }
}

impl fmt::Display for FaultEffects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = NAMED.iter().filter(|(_, named)| self.named.contains(named));
        let mut names: Vec<&str> = named.map(|(name, _)| *name).collect();
        names.extend(self.pairs.then_some(PAIRS));
        f.write_str(&names.join(","))
    }
}
