//! The ways in which a fault sweep lets each call fail.

use crate::sandbox::{Action, Call, Corruption, Effect, Interface, Service, Staleness};
use crate::storage::{Error, Operation};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// What every call fails with at least.
const DEFAULT: &str = "injected failure";

/// The ways in which each call of a scenario fails: `other: injected failure` before it takes effect, for a write also
/// after it has, and whatever else is named.
///
/// ```
/// use spin_harness::explore::FaultEffects;
/// let effects: FaultEffects = "traps,lost,no-such-store".parse()?;
/// assert_eq!(effects.to_string(), "traps,lost,no-such-store");
/// # Ok::<(), spin_harness::explore::UnknownEffect>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FaultEffects {
    named: BTreeSet<Named>,
    /// Whether, after each failure that the scenario survives, each of the calls that follow it fails too.
    pub pairs: bool,
}

/// A way to fail that can be asked for, in the order in which they are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Named {
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

const NAMED: [(&str, Named); 12] = [
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
        let Service::KeyValue(interface, operation) = call.service else {
            return Vec::new();
        };
        let other = || Error::other(DEFAULT);
        let mut effects = vec![Effect::fails(other()), Effect::applied_then(other())];
        for named in &self.named {
            named.of(call, interface, operation, &mut effects);
        }
        effects.retain(|effect| effect.can_be_said(interface, operation));
        effects
    }
}

impl Named {
    fn of(self, call: &Call, interface: Interface, operation: Operation, to: &mut Vec<Effect>) {
        let action = match self {
            Self::Traps => Action::Traps,
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
            Self::AccessDenied => Action::Fails(Error::AccessDenied),
            Self::NoSuchStore => Action::Fails(Error::NoSuchStore),
            Self::StoreTableFull => Action::Fails(Error::StoreTableFull),
            Self::NoSuchKey => Action::Fails(Error::NoSuchKey),
            Self::InvalidStore => Action::Fails(Error::InvalidStore),
            Self::CasFailed => Action::Fails(Error::CasFailed),
        };
        to.push(Effect::only(action));
    }
}

impl FromStr for FaultEffects {
    type Err = UnknownEffect;

    fn from_str(text: &str) -> Result<Self, UnknownEffect> {
        let mut effects = Self::default();
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
