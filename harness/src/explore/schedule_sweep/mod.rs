//! Which orders of the storage calls of requests at once to try: fewest preemptions first, each only once, and no two
//! that differ only by swapping independent calls; then by chance, up to a bound.

mod clash;
#[cfg(test)]
mod components;
mod order;
#[cfg(test)]
mod tests;
mod tree;

pub(crate) use clash::Clash;

use crate::sandbox::{Guide, Purpose, Seed, Trace};
use order::Order;
use std::collections::HashSet;
use tree::{Chosen, Tree};

/// How many orders are tried unless a scenario says otherwise.
pub(crate) const DEFAULT_BOUND: usize = 1_000;

/// Orders by chance that were all known, one after the other, after which chance is not asked again.
const CHANCES: usize = 50;

/// The search through the orders of one scenario. Whoever runs the scenario asks for the next order, follows it, and
/// gives back what came of it, until there is no next one.
#[derive(Debug)]
pub(crate) struct Search {
    seed: Seed,
    bound: usize,
    tree: Tree,
    /// Only asked whether it holds something, never gone through.
    known: HashSet<[u8; 32]>,
    orders: usize,
    runs: usize,
    plan: Plan,
    by_chance: u64,
    in_vain: usize,
    order_matters: bool,
    bounded: bool,
}

#[derive(Clone, Copy, Debug)]
enum Plan {
    First,
    Branch(Chosen),
    Chance,
}

/// What a run was to the search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Learned {
    /// Whether it is an order of its own: the same as one before but for swapped independent calls is none.
    pub new: bool,
    /// The two calls to point at, where it failed.
    pub clash: Option<Clash>,
}

impl Search {
    /// A search for at most `bound` orders; the seed is for those that chance chooses.
    pub fn new(seed: Seed, bound: usize) -> Self {
        Self {
            seed,
            bound,
            tree: Tree::new(),
            known: HashSet::new(),
            orders: 0,
            runs: 0,
            plan: Plan::First,
            by_chance: 0,
            in_vain: 0,
            order_matters: false,
            bounded: false,
        }
    }

    /// The order to follow next; `None` when there is none, or the bound is reached.
    pub fn next(&mut self) -> Option<Guide> {
        if self.runs == 0 {
            self.plan = Plan::First;
            return Some(Guide::default());
        }
        if self.tree.is_exhausted() {
            return None;
        }
        // Runs that turn out to be known orders cost time too.
        if self.orders >= self.bound || self.runs >= 4 * self.bound + 2 * CHANCES {
            self.bounded = true;
            return None;
        }
        if self.orders >= self.bound.div_ceil(2) && self.in_vain < CHANCES {
            self.plan = Plan::Chance;
            self.by_chance += 1;
            let seed = self.seed.number(Purpose::Schedule, self.by_chance);
            return Some(Guide::by_chance(seed));
        }
        let chosen = self.tree.choose()?;
        self.plan = Plan::Branch(chosen);
        Some(self.tree.guide(chosen, self.order_matters))
    }

    /// Takes in what came of the order that was asked for last. `order_matters` is what the fault rules say of the run.
    pub fn learn(&mut self, trace: &Trace, order_matters: bool, passed: bool) -> Learned {
        let reversed = match self.plan {
            Plan::Branch(chosen) => self.tree.reversed(chosen),
            Plan::First | Plan::Chance => None,
        };
        if order_matters && !self.order_matters && self.runs > 0 {
            // What was left out as independent no longer is, so the search begins anew, from this run.
            self.tree = Tree::new();
            self.known.clear();
        }
        self.runs += 1;
        self.order_matters |= order_matters;
        let order = Order::of(trace, self.order_matters);
        let new = self.known.insert(order.canonical());
        self.orders += usize::from(new);
        match self.plan {
            Plan::Chance if new => self.in_vain = 0,
            Plan::Chance => self.in_vain += 1,
            Plan::First | Plan::Branch(_) => {
                self.tree.learn(trace, &order, self.order_matters, passed);
            }
        }
        let clash = match passed {
            true => None,
            false => Clash::of(trace, &order, reversed),
        };
        Learned { new, clash }
    }

    /// How many different orders were run.
    pub fn orders(&self) -> usize {
        self.orders
    }

    /// The bound, where it ended the search.
    pub fn bounded(&self) -> Option<usize> {
        self.bounded.then_some(self.bound)
    }
}

/// The two calls to point at in an order that failed and was not found by a search, such as one a person wrote down.
pub(crate) fn clash(trace: &Trace, order_matters: bool) -> Option<Clash> {
    if trace.off_schedule().is_some() {
        // The order is not the one that was asked for, so whatever failed has another cause.
        return None;
    }
    Clash::of(trace, &Order::of(trace, order_matters), None)
}
