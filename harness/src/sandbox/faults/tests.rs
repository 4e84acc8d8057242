//! Tests of the module above.

use super::*;

fn fire(faults: &mut Faults, key: &str) -> Option<Error> {
    faults
        .decide("api", "default", Operation::Set, &[key])
        .map(|verdict| verdict.effect.error().clone())
}

#[test]
fn a_rule_counts_only_calls_that_match() {
    let mut faults = Faults::default();
    let pattern = KeyPattern::new("user:*").unwrap();
    faults.push(
        Fault::on(Operation::Set)
            .key(pattern)
            .nth(2)
            .fails_with(Error::NoSuchStore),
    );
    assert_eq!(fire(&mut faults, "user:1"), None);
    assert_eq!(fire(&mut faults, "order:1"), None);
    assert_eq!(fire(&mut faults, "user:2"), Some(Error::NoSuchStore));
    assert_eq!(fire(&mut faults, "user:3"), None);
}

#[test]
fn a_pattern_has_alternatives_and_a_backslash_takes_what_follows_as_it_is() {
    let fits = |pattern: &str, key: &str| KeyPattern::new(pattern).unwrap().fits(key);
    assert!(fits("{user,order}:*", "order:7"));
    assert!(!fits("{user,order}:*", "item:7"));
    assert!(fits(r"50\*", "50*"));
    assert!(!fits(r"50\*", "500"));
    assert!(fits("a/*", "a/b/c"));
    let message = KeyPattern::new("[a").unwrap_err().to_string();
    assert!(
        message.contains("`{one,two}` either text, and `\\`"),
        "{message}"
    );
}

#[test]
fn the_first_rule_that_is_due_wins_and_the_other_still_counts() {
    let mut faults = Faults::default();
    faults.push(
        Fault::on(Operation::Set)
            .nth(1)
            .fails_with(Error::NoSuchStore),
    );
    faults.push(
        Fault::on(Operation::Set)
            .nth(2)
            .fails_with(Error::AccessDenied),
    );
    assert_eq!(fire(&mut faults, "k"), Some(Error::NoSuchStore));
    assert_eq!(fire(&mut faults, "k"), Some(Error::AccessDenied));
}

#[test]
fn recovery_ends_what_stood_before_and_not_what_comes_after() {
    let mut faults = Faults::default();
    faults.push(Fault::on(Operation::Set).fails_with(Error::NoSuchStore));
    faults.recover();
    assert_eq!(fire(&mut faults, "k"), None);
    faults.push(Fault::on(Operation::Set).fails_with(Error::AccessDenied));
    assert_eq!(fire(&mut faults, "k"), Some(Error::AccessDenied));
    assert_eq!(faults.never_fired().count(), 1);
}

#[test]
fn a_star_crosses_slashes_since_keys_are_no_paths() {
    assert!(KeyPattern::new("a*z").unwrap().fits("a/b/z"));
    assert!(KeyPattern::new("a[").is_err());
}
