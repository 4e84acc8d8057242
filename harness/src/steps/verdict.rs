//! The end of a scenario: whether what it stated about faults came about.

use super::given_faults::why_it_never_fired;
use super::{Failed, World};
use crate::sandbox::{Call, Fault, Journal, Missed};
use crate::storage::Operation;

/// Nearest calls that are named.
const NEAREST: usize = 3;

/// Fails if some fault rule decided no call.
pub(super) fn rules_have_fired(world: &World) -> Result<(), Failed> {
    let Some(session) = world.started() else {
        let mut required = world
            .arrangement
            .faults
            .iter()
            .map(|(fault, _)| fault)
            .filter(|fault| !fault.optional);
        return match required.next() {
            None => Ok(()),
            Some(fault) => Err(Failed::new(format!(
                "the fault never fired: {fault}\nno request was sent"
            ))),
        };
    };
    let unfired: Vec<_> = session.with_faults(|faults| {
        faults
            .never_fired()
            .map(|(fault, missed)| (fault.clone(), missed))
            .collect()
    });
    if unfired.is_empty() {
        return Ok(());
    }
    let messages: Vec<_> = session.with_journal(|journal| {
        unfired
            .iter()
            .map(|(fault, missed)| never_fired(fault, *missed, journal))
            .collect()
    });
    Err(Failed::new(messages.join("\n")))
}

fn never_fired(fault: &Fault, missed: Missed, journal: &Journal) -> String {
    let mut message = format!("the fault never fired: {fault}");
    let nearest = nearest(fault, journal);
    if missed.matched > 0 {
        message.push('\n');
        message.push_str(&why_it_never_fired(fault, missed));
    } else if nearest
        .first()
        .is_some_and(|(call, _)| distance(fault, call) == 0)
    {
        message.push_str(
            "\na rule counts calls from where it is stated until storage recovers, and none that a grant or a handle \
             that is not open refuses",
        );
    }
    if nearest.is_empty() {
        message.push_str(match fault.matches.is_of_service() {
            true => "\nthere was no such call",
            false => "\nthere was no storage call",
        });
    } else {
        message.push_str("\nthe nearest calls:");
        for (call, times) in nearest {
            message.push_str(&format!("\n  {}", super::then_calls::described(call)));
            if times > 1 {
                message.push_str(&format!(" ({times} times)"));
            }
        }
    }
    message
}

/// The calls that differ from the rule in the fewest conditions, each kind once, with how often it was made.
fn nearest<'a>(fault: &Fault, journal: &'a Journal) -> Vec<(&'a Call, usize)> {
    let mut kinds: Vec<(usize, &Call, usize)> = Vec::new();
    // Of a rule about a service, calls on stores are not near, and the other way round.
    let of_service = fault.matches.is_of_service();
    let calls = journal.calls().iter();
    for call in calls.filter(|call| match call.operation() {
        Some(operation) => operation.of_store().is_none() == of_service,
        None => false,
    }) {
        let same = |other: &Call| {
            other.service == call.service
                && other.store == call.store
                && other.key == call.key
                && other.component == call.component
                && other.outcome == call.outcome
        };
        match kinds.iter_mut().find(|(_, other, _)| same(other)) {
            Some((_, _, times)) => *times += 1,
            None => kinds.push((distance(fault, call), call, 1)),
        }
    }
    // A stable sort: of equally near calls the earlier is shown.
    kinds.sort_by_key(|(distance, _, _)| *distance);
    kinds
        .into_iter()
        .take(NEAREST)
        .map(|(_, call, times)| (call, times))
        .collect()
}

fn distance(fault: &Fault, call: &Call) -> usize {
    let Some(operation) = call.operation() else {
        return usize::MAX;
    };
    let is_batch = matches!(
        operation.of_store(),
        Some(Operation::GetMany | Operation::SetMany | Operation::DeleteMany)
    );
    let keys: Vec<_> = if is_batch {
        call.key.split(", ").collect()
    } else {
        vec![call.key.as_str()]
    };
    fault
        .matches
        .distance(&call.component, &call.store, operation, &keys)
}

#[cfg(test)]
mod tests {
    use super::super::then_calls::tests::call;
    use super::*;
    use crate::storage::Error;

    #[test]
    fn the_nearest_calls_come_first_and_repetitions_are_counted() {
        let mut journal = Journal::default();
        for (operation, key) in [
            (Operation::Open, ""),
            (Operation::Get, "user:1"),
            (Operation::Set, "order:1"),
            (Operation::Set, "order:1"),
        ] {
            journal.push(call(operation, key));
        }
        let pattern = crate::sandbox::KeyPattern::new("user:*").unwrap();
        let fault = Fault::on(Operation::Set)
            .key(pattern)
            .fails_with(Error::other("disk full"));
        assert_eq!(
            never_fired(&fault, Missed::default(), &journal),
            "the fault never fired: every \"set\" of key \"user:*\" fails with \"other: disk full\"\n\
             the nearest calls:\n  \
             \"set\" of key \"order:1\" on store \"default\" by component \"api\": ok (2 times)\n  \
             \"get\" of key \"user:1\" on store \"default\" by component \"api\": ok\n  \
             \"open\" on store \"default\" by component \"api\": ok"
        );
    }

    #[test]
    fn a_rule_that_waits_for_a_later_call_says_how_many_there_were() {
        let mut journal = Journal::default();
        journal.push(call(Operation::Set, "a"));
        let fault = Fault::on(Operation::Set)
            .nth(2)
            .fails_with(Error::other("disk full"));
        let missed = Missed {
            matched: 1,
            ..Missed::default()
        };
        assert!(never_fired(&fault, missed, &journal).contains("only 1 call matched"));
    }
}
