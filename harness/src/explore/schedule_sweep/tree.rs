//! The orders that were begun, as a tree of turns, and where to leave them next.
//!
//! Wherever two dependent calls of different lanes stand side by side in a run, some other run has to have them the other
//! way round: dynamic partial-order reduction (Flanagan and Godefroid 2005) with source sets and sleep sets (Abdulla,
//! Aronis, Jonsson and Sagonas 2014). It is done best first here, not depth first: a branch sleeps on those that were made
//! before it at the same place, which will all have been followed in the end.

use super::clash::Name;
use super::order::{Order, Race};
use crate::sandbox::{Access, Guide, Then, Trace};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

/// A place in some orders: what was done on the way there is the same in all of them.
#[derive(Debug)]
struct Node {
    /// The place before, and the turn between; `None` at the root.
    from: Option<(usize, usize, u32)>,
    /// Where to go on, in the order in which it was found.
    branches: Vec<Branch>,
    /// Calls that need not come next: another branch has them.
    asleep: Vec<Arc<Access>>,
    preemptions: usize,
}

#[derive(Debug)]
struct Branch {
    access: Arc<Access>,
    step: usize,
    /// Where it leads, once it was followed.
    to: Option<usize>,
    /// The calls that it makes change places, where the run they were found in passed.
    reversed: Option<(Name, Name)>,
}

/// A branch that was not followed yet: fewest preemptions first, then in the order in which they were found.
type Candidate = Reverse<(usize, u64, usize, usize)>;

/// A branch by its node and its place there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chosen {
    node: usize,
    branch: usize,
}

#[derive(Debug)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    candidates: BinaryHeap<Candidate>,
    found: u64,
}

impl Tree {
    pub fn new() -> Self {
        let root = Node {
            from: None,
            branches: Vec::new(),
            asleep: Vec::new(),
            preemptions: 0,
        };
        Self {
            nodes: vec![root],
            candidates: BinaryHeap::new(),
            found: 0,
        }
    }

    /// Whether nothing is left to try.
    pub fn is_exhausted(&self) -> bool {
        self.candidates.is_empty()
    }

    /// The next branch to follow.
    pub fn choose(&mut self) -> Option<Chosen> {
        let Reverse((_, _, node, branch)) = self.candidates.pop()?;
        Some(Chosen { node, branch })
    }

    /// The way to a branch and through it.
    pub fn guide(&self, chosen: Chosen, order_matters: bool) -> Guide {
        let branch = &self.nodes[chosen.node].branches[chosen.branch];
        let mut way = vec![(branch.step, branch.access.lane)];
        let mut node = chosen.node;
        while let Some((before, step, lane)) = self.nodes[node].from {
            way.push((step, lane));
            node = before;
        }
        let mut steps = vec![Vec::new(); branch.step + 1];
        for (step, lane) in way.into_iter().rev() {
            steps[step].push(lane);
        }
        let asleep = self.asleep_after(chosen, order_matters);
        Guide {
            steps,
            then: Then::Stay { asleep },
        }
    }

    /// The calls that a branch makes change places, where they were found in a run that passed.
    pub fn reversed(&self, chosen: Chosen) -> Option<(Name, Name)> {
        self.nodes[chosen.node].branches[chosen.branch].reversed
    }

    fn asleep_after(&self, chosen: Chosen, order_matters: bool) -> Vec<Arc<Access>> {
        if order_matters {
            return Vec::new();
        }
        let node = &self.nodes[chosen.node];
        let access = &node.branches[chosen.branch].access;
        let before = node.branches[..chosen.branch]
            .iter()
            .map(|branch| &branch.access);
        node.asleep
            .iter()
            .chain(before)
            .filter(|asleep| asleep.is_independent_of(access))
            .map(Arc::clone)
            .collect()
    }

    /// Takes a run in, and finds what else there is to try.
    pub fn learn(&mut self, trace: &Trace, order: &Order<'_>, order_matters: bool, passed: bool) {
        let (way, fresh) = self.walk(trace, order_matters);
        for race in order.races() {
            // The races of turns that were followed before are known.
            if race.later >= fresh && race.later < way.len() {
                self.reverse(trace, order, *race, way[race.earlier], passed);
            }
        }
    }

    /// The nodes from which the turns of a run were taken, up to where it only repeats what another has, and the first
    /// turn that is new.
    fn walk(&mut self, trace: &Trace, order_matters: bool) -> (Vec<usize>, usize) {
        let mut way = Vec::with_capacity(trace.turns().len());
        let mut fresh = None;
        let mut node = 0;
        for (place, turn) in trace.turns().iter().enumerate() {
            let lane = turn.lane();
            if self.nodes[node].asleep.iter().any(|a| a.lane == lane) {
                break;
            }
            let branches = &mut self.nodes[node].branches;
            let known = branches.iter().position(|b| b.access.lane == lane);
            let branch = known.unwrap_or(branches.len());
            if known.is_none() {
                branches.push(Branch {
                    access: Arc::clone(&turn.access),
                    step: turn.step,
                    to: None,
                    reversed: None,
                });
            }
            way.push(node);
            let to = self.nodes[node].branches[branch].to;
            node = to.unwrap_or_else(|| {
                fresh.get_or_insert(place);
                self.grow(trace, place, Chosen { node, branch }, order_matters)
            });
        }
        let fresh = fresh.unwrap_or(way.len());
        (way, fresh)
    }

    fn grow(&mut self, trace: &Trace, place: usize, chosen: Chosen, order_matters: bool) -> usize {
        let turn = &trace.turns()[place];
        let preempts = preempts(trace, place, turn.lane());
        let to = self.nodes.len();
        self.nodes.push(Node {
            from: Some((chosen.node, turn.step, turn.lane())),
            branches: Vec::new(),
            asleep: self.asleep_after(chosen, order_matters),
            preemptions: self.nodes[chosen.node].preemptions + usize::from(preempts),
        });
        self.nodes[chosen.node].branches[chosen.branch].to = Some(to);
        to
    }

    /// Sees to it that some order has the two calls of a race the other way round.
    fn reverse(&mut self, trace: &Trace, order: &Order<'_>, race: Race, node: usize, passed: bool) {
        let initials = order.initials(race);
        let at = &self.nodes[node];
        let seen_to = initials.iter().any(|lane| {
            at.asleep.iter().any(|asleep| asleep.lane == *lane)
                || at.branches.iter().any(|branch| branch.access.lane == *lane)
        });
        if seen_to {
            return;
        }
        let names = passed.then(|| {
            let (earlier, later) = (race.earlier, race.later);
            (Name::of(trace, earlier), Name::of(trace, later))
        });
        let others = &trace.turns()[race.earlier].others;
        let own = trace.turns()[race.later].lane();
        let first = std::iter::once(own).filter(|lane| initials.contains(lane));
        let able = first
            .chain(initials.iter().copied())
            .find_map(|lane| others.iter().find(|other| other.lane == lane));
        match able {
            Some(access) => self.add(trace, race.earlier, node, access, names),
            // Whoever could begin slept then: what they wait for may come about in any other way.
            None => {
                for access in others {
                    self.add(trace, race.earlier, node, access, names);
                }
            }
        }
    }

    fn add(
        &mut self,
        trace: &Trace,
        place: usize,
        node: usize,
        access: &Arc<Access>,
        reversed: Option<(Name, Name)>,
    ) {
        let branches = &mut self.nodes[node].branches;
        if branches.iter().any(|b| b.access.lane == access.lane) {
            return;
        }
        branches.push(Branch {
            access: Arc::clone(access),
            step: trace.turns()[place].step,
            to: None,
            reversed,
        });
        let branch = branches.len() - 1;
        let preempts = preempts(trace, place, access.lane);
        let preemptions = self.nodes[node].preemptions + usize::from(preempts);
        self.found += 1;
        self.candidates
            .push(Reverse((preemptions, self.found, node, branch)));
    }
}

/// Whether it is a preemption that this lane goes on at a turn: the one that went last would have gone on.
fn preempts(trace: &Trace, place: usize, lane: u32) -> bool {
    let turn = &trace.turns()[place];
    let last = place.checked_sub(1).map(|before| &trace.turns()[before]);
    let last = last.filter(|last| last.step == turn.step).map(|t| t.lane());
    last.is_some_and(|last| {
        let waits = turn.lane() == last || turn.others.iter().any(|other| other.lane == last);
        last != lane && waits
    })
}
