//! The rules of a scenario, and what they decide about a call.

use super::effect::{Action, Effect, Quota};
use super::injection::Injection;
use super::matching::KeyPattern;
use super::rule::Fault;
use crate::sandbox::Seed;
use crate::sandbox::journal::Changes;
use crate::sandbox::random::Purpose;
use crate::sandbox::service::AnyOperation;
use smallvec::SmallVec;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// The span of time that a throttled rate is about.
const SECOND: Duration = Duration::from_secs(1);

/// A rule that is in force, with what it has counted.
#[derive(Clone, Debug)]
struct Standing {
    fault: Fault,
    text: Arc<str>,
    /// Calls that matched.
    matched: u64,
    /// Calls of these at which it was due and that it could hit.
    due: u64,
    /// Calls of these that an earlier rule decided.
    shadowed: u64,
    /// Calls of these that change nothing.
    unchanging: u64,
    /// Calls of these that change what cannot be taken back, where that would have to be.
    lasting: u64,
    /// Calls that it hit.
    fired: u64,
    /// When the calls of the last second passed; for a throttling rule.
    passed: VecDeque<Duration>,
}

/// A failure that a sweep or `--fault` asks for.
#[derive(Clone, Debug)]
struct Injected {
    injection: Injection,
    text: Arc<str>,
    reached: bool,
}

/// The rules of a scenario.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    rules: Vec<Standing>,
    injections: Vec<Injected>,
    /// Rules before this index no longer hold: storage has recovered.
    recovered: usize,
    has_recovered: bool,
    seed: Option<Seed>,
}

/// What a rule that never fired had to do with.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Missed {
    /// Calls that it matched.
    pub matched: u64,
    /// Calls of these at which it was due and that it could hit.
    pub due: u64,
    /// Calls of these that an earlier rule decided.
    pub shadowed: u64,
    /// Calls of these that change nothing, of which nothing can be applied or lost.
    pub unchanging: u64,
    /// Calls of these that change what cannot be taken back, and so cannot be lost.
    pub lasting: u64,
}

/// A call as it comes to the gate.
pub(crate) struct Arrival<'a> {
    pub component: &'a str,
    pub store: &'a str,
    pub operation: AnyOperation,
    /// Which call of its operation it is in the scenario, from 1.
    pub ordinal: u64,
    pub keys: &'a [&'a str],
    /// Virtual time since the start of the scenario.
    pub time: Duration,
}

/// Who decided about a call.
#[derive(Clone, Debug)]
pub(crate) struct Cause {
    /// The rule, as the journal has it.
    pub text: Arc<str>,
    /// The rule's index; `None` for an injected failure.
    rule: Option<usize>,
    /// A number for what the seed decides about this call: the same in every run.
    pub draw: u64,
}

impl Cause {
    /// Whether a sweep or `--fault` asked for it.
    pub fn is_injected(&self) -> bool {
        self.rule.is_none()
    }
}

/// What was decided about a call.
#[derive(Debug, Default)]
pub(crate) struct Decided {
    /// How long it takes.
    pub takes: Duration,
    /// The rules that say so.
    pub slowed_by: SmallVec<[Arc<str>; 1]>,
    /// What goes wrong, and who said so.
    pub action: Option<(Action, Cause)>,
    /// What the store must not exceed.
    pub quotas: SmallVec<[(Quota, Cause); 0]>,
}

impl Faults {
    /// No rule yet; what is left to chance follows from the seed.
    pub(crate) fn seeded(seed: Seed) -> Self {
        Self {
            seed: Some(seed),
            ..Self::default()
        }
    }

    /// Puts a rule in force.
    pub fn push(&mut self, mut fault: Fault) {
        // As the scenario wrote it, whatever it is compared with.
        let text = Arc::from(fault.to_string());
        fault.matches.normalise_store();
        self.rules.push(Standing {
            fault,
            text,
            matched: 0,
            due: 0,
            shadowed: 0,
            unchanging: 0,
            lasting: 0,
            fired: 0,
            passed: VecDeque::new(),
        });
    }

    /// Makes one call fail: it goes before every rule.
    pub fn inject(&mut self, injection: Injection) {
        let text = Arc::from(format!("injected: {injection}"));
        self.injections.push(Injected {
            injection,
            text,
            reached: false,
        });
    }

    /// From here on no rule stated so far holds.
    pub fn recover(&mut self) {
        self.recovered = self.rules.len();
        self.has_recovered = true;
    }

    /// Whether storage has recovered, once at least.
    pub fn has_recovered(&self) -> bool {
        self.has_recovered
    }

    /// Whether no rule is in force and no failure is injected.
    pub fn is_empty(&self) -> bool {
        self.recovered == self.rules.len() && self.injections.is_empty()
    }

    /// The rules stated so far, recovered ones too.
    pub fn rules(&self) -> impl Iterator<Item = &Fault> {
        self.rules.iter().map(|standing| &standing.fault)
    }

    /// The injected failures whose call was never made.
    pub fn unreached(&self) -> impl Iterator<Item = &Injection> {
        let unreached = self.injections.iter().filter(|injected| !injected.reached);
        unreached.map(|injected| &injected.injection)
    }

    /// Whether what happens to a call may depend on the calls before it: some rule counts, draws, throttles, holds a
    /// quota, looks back or takes time.
    pub fn order_matters(&self) -> bool {
        let depends = |effect: &Effect| effect.depends_on_order();
        !self.injections.is_empty()
            || self.rules.iter().any(|standing| {
                standing.fault.when.depends_on_order() || depends(&standing.fault.effect)
            })
    }

    /// Counts a call and says what happens to it. Latencies count as having fired; of the rest the gate says whether
    /// it came about: [`Faults::fired`].
    pub(crate) fn decide(&mut self, arrival: &Arrival<'_>) -> Decided {
        let mut decided = Decided::default();
        for injected in &mut self.injections {
            let injection = &injected.injection;
            if injection.operation != arrival.operation || injection.ordinal != arrival.ordinal {
                continue;
            }
            injected.reached = true;
            let cause = Cause {
                text: Arc::clone(&injected.text),
                rule: None,
                draw: arrival.ordinal,
            };
            take(&mut decided, &injection.effect, cause, |_| 0.5);
        }
        let seed = self.seed.unwrap_or(Seed(0));
        let rules = self.rules.iter_mut().enumerate().skip(self.recovered);
        for (index, standing) in rules {
            let fault = &standing.fault;
            if !fault.matches.fits(
                arrival.component,
                arrival.store,
                arrival.operation,
                arrival.keys,
            ) {
                continue;
            }
            standing.matched += 1;
            // Every rule and every call has numbers of its own, so one rule's chance does not disturb another's.
            let draw = (index as u64) << 40 | standing.matched << 2;
            let chance = |number: u64| seed.fraction(Purpose::Fault, draw | number);
            if !fault.when.due(standing.matched, arrival.time, || chance(0)) {
                continue;
            }
            if fault.effect.takes.is_some() {
                standing.fired += 1;
            }
            if let Some(Action::Throttled(rate)) = fault.effect.then
                && passes(&mut standing.passed, rate, arrival.time)
            {
                take_time(&mut decided, &fault.effect, &standing.text, chance);
                continue;
            }
            let cause = Cause {
                text: Arc::clone(&standing.text),
                rule: Some(index),
                draw,
            };
            let concerned = fault.effect.concerns(arrival.operation);
            standing.due += u64::from(concerned);
            match concerned {
                true => {
                    // A quota holds beside whatever else happens.
                    let is_quota = matches!(fault.effect.then, Some(Action::Quota(_)));
                    standing.shadowed += u64::from(decided.action.is_some() && !is_quota);
                    take(&mut decided, &fault.effect, cause, chance);
                }
                false => take_time(&mut decided, &fault.effect, &standing.text, chance),
            }
        }
        decided
    }

    /// What was decided about a call did come about.
    pub(crate) fn fired(&mut self, cause: &Cause) {
        if let Some(standing) = cause.rule.and_then(|index| self.rules.get_mut(index)) {
            standing.fired += 1;
        }
    }

    /// What was decided about a call could not come about: the call changes nothing, or what cannot be taken back.
    pub(crate) fn ruled_out(&mut self, cause: &Cause, changes: Changes) {
        let Some(standing) = cause.rule.and_then(|index| self.rules.get_mut(index)) else {
            return;
        };
        match changes {
            Changes::Nothing => standing.unchanging += 1,
            Changes::ForGood => standing.lasting += 1,
            Changes::Undoably => {}
        }
    }

    /// A number that the seed draws about a call.
    pub(crate) fn drawn(&self, cause: &Cause) -> u64 {
        let seed = self.seed.unwrap_or(Seed(0));
        seed.number(Purpose::Corruption, cause.draw)
    }

    /// Which keys the rule is about; `None` for all.
    pub(crate) fn keys_of(&self, cause: &Cause) -> Option<KeyPattern> {
        let standing = cause.rule.and_then(|index| self.rules.get(index))?;
        standing.fault.matches.key.clone()
    }

    /// The rules that hit no call though they had to, with what they missed.
    pub(crate) fn never_fired(&self) -> impl Iterator<Item = (&Fault, Missed)> {
        self.rules
            .iter()
            .filter(|standing| standing.fired == 0 && !standing.fault.optional)
            .map(|standing| {
                let missed = Missed {
                    matched: standing.matched,
                    due: standing.due,
                    shadowed: standing.shadowed,
                    unchanging: standing.unchanging,
                    lasting: standing.lasting,
                };
                (&standing.fault, missed)
            })
    }
}

/// Adds what an effect does to what was decided before.
fn take(decided: &mut Decided, effect: &Effect, cause: Cause, chance: impl Fn(u64) -> f64) {
    take_time(decided, effect, &cause.text, chance);
    match &effect.then {
        Some(Action::Quota(quota)) => decided.quotas.push((*quota, cause)),
        Some(action) if decided.action.is_none() => {
            decided.action = Some((action.clone(), cause));
        }
        _ => {}
    }
}

fn take_time(decided: &mut Decided, effect: &Effect, text: &Arc<str>, chance: impl Fn(u64) -> f64) {
    if let Some(latency) = effect.takes {
        let mut number = 0;
        decided.takes += latency.sample(|| {
            number += 1;
            chance(number)
        });
        decided.slowed_by.push(Arc::clone(text));
    }
}

/// Whether another call fits into the last second.
fn passes(passed: &mut VecDeque<Duration>, rate: u64, now: Duration) -> bool {
    while passed.front().is_some_and(|time| now - *time >= SECOND) {
        passed.pop_front();
    }
    if passed.len() as u64 >= rate {
        return false;
    }
    passed.push_back(now);
    true
}
