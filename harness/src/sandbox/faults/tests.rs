//! Tests of the rules: what they count, when they are due, which of them wins, and how they are written.

use super::*;
use crate::sandbox::AnyOperation;
use crate::sandbox::{Interface, Seed};
use crate::storage::{Error, Operation};
use std::time::Duration;

fn decide(faults: &mut Faults, operation: Operation, key: &str, millis: u64) -> Decided {
    faults.decide(&Arrival {
        component: "api",
        store: "default",
        operation: operation.into(),
        ordinal: 1,
        keys: &[key],
        time: Duration::from_millis(millis),
    })
}

/// What one more `set` of a key meets.
fn fire(faults: &mut Faults, key: &str) -> Option<Error> {
    let (action, cause) = decide(faults, Operation::Set, key, 0).action?;
    faults.fired(&cause);
    match action {
        Action::Fails(failure) => failure.of_store(),
        other => panic!("{other:?}"),
    }
}

/// At which of `calls` sets a rule is due.
fn due(when: &str, calls: u64) -> Vec<u64> {
    let mut faults = Faults::seeded(Seed(3));
    let when: When = when.parse().unwrap();
    faults.push(
        Fault::on(Operation::Set)
            .when(when)
            .fails_with(Error::AccessDenied),
    );
    let due = (1..=calls).filter(|call| {
        let decided = decide(&mut faults, Operation::Set, "k", call * 1_000);
        decided.action.is_some()
    });
    due.collect()
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
fn a_when_says_at_which_calls() {
    assert_eq!(due("always", 3), [1, 2, 3]);
    assert_eq!(due("", 2), [1, 2]);
    assert_eq!(due("first 2", 4), [1, 2]);
    for second in ["nth 2", "2nd", "the 2nd"] {
        assert_eq!(due(second, 4), [2], "{second}");
    }
    for third in ["every 3", "every 3rd"] {
        assert_eq!(due(third, 7), [3, 6], "{third}");
    }
    assert_eq!(due("after 2", 4), [3, 4]);
    assert_eq!(due("from 2 to 3", 4), [2, 3]);
    assert_eq!(due("between 2 s and 4 s", 5), [2, 3]);
}

#[test]
fn chance_follows_from_the_seed_and_comes_out_as_often_as_it_says() {
    let calls = due("chance 0.25", 4_000);
    assert!((920..1_080).contains(&calls.len()), "{}", calls.len());
    assert_eq!(calls, due("chance 25%", 4_000));
    assert_eq!(due("chance 1", 20).len(), 20);
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
fn latencies_add_up_also_those_of_rules_that_do_not_win() {
    let mut faults = Faults::default();
    for rule in [
        r#"every "set" takes 100 ms"#,
        r#"every "set" fails with "access-denied""#,
        r#"every "set" takes 20 ms, then fails with "no-such-store""#,
    ] {
        faults.push(rule.parse().unwrap());
    }
    let decided = decide(&mut faults, Operation::Set, "k", 0);
    assert_eq!(decided.takes, Duration::from_millis(120));
    assert_eq!(decided.slowed_by.len(), 2);
    let (action, cause) = decided.action.unwrap();
    assert_eq!(action, Action::Fails(Error::AccessDenied.into()));
    faults.fired(&cause);
    assert_eq!(faults.never_fired().count(), 0);
}

#[test]
fn a_throttle_lets_so_many_pass_in_any_second() {
    let mut faults = Faults::default();
    faults.push(Fault::on(Operation::Set).is_throttled_to(2));
    let mut refused = |millis| {
        decide(&mut faults, Operation::Set, "k", millis)
            .action
            .is_some()
    };
    let times = [0, 400, 500, 999, 1_000, 1_300, 1_400, 1_500, 2_000];
    assert_eq!(
        times.map(&mut refused),
        [false, false, true, true, false, true, false, true, false]
    );
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
fn an_optional_rule_need_not_fire() {
    let mut faults = Faults::default();
    faults.push(r#"optionally, every "set" is lost"#.parse().unwrap());
    assert_eq!(faults.never_fired().count(), 0);
}

#[test]
fn an_injected_failure_goes_before_every_rule_and_only_hits_its_call() {
    let mut faults = Faults::default();
    faults.push(Fault::on_any().fails_with(Error::AccessDenied));
    faults.inject("set#2: other: injected failure".parse().unwrap());
    let mut hit = |operation: Operation, ordinal| {
        let decided = faults.decide(&Arrival {
            component: "api",
            store: "default",
            operation: operation.into(),
            ordinal,
            keys: &["k"],
            time: Duration::ZERO,
        });
        decided.action.unwrap().1.is_injected()
    };
    assert!(!hit(Operation::Set, 1));
    assert!(!hit(Operation::Get, 2));
    assert!(hit(Operation::Set, 2));
    assert_eq!(faults.unreached().count(), 0);
}

#[test]
fn patterns_have_alternatives_and_a_backslash_takes_what_follows_as_it_is() {
    let fits = |pattern: &str, key: &str| KeyPattern::new(pattern).unwrap().fits(key);
    assert!(fits("{user,order}:*", "order:7"));
    assert!(!fits("{user,order}:*", "item:7"));
    assert!(fits(r"50\*", "50*"));
    assert!(!fits(r"50\*", "500"));
    assert!(fits("a/*", "a/b/c"));
    assert!(fits("a*z", "a/b/z"));
    let message = KeyPattern::new("[a").unwrap_err().to_string();
    assert!(
        message.contains("`{one,two}` either text, and `\\`"),
        "{message}"
    );
}

#[test]
fn every_rule_reads_back_as_it_is_shown() {
    let whens = [
        "always",
        "first 3",
        "nth 2",
        "nth 11",
        "every 4",
        "after 2",
        "from 2 to 4",
        "chance 0.25",
        "between 500 ms and 2 s",
    ];
    let effects = [
        "other: disk full",
        "access-denied",
        "no-such-store",
        "store-table-full",
        "no-such-key",
        "invalid-store",
        "cas-failed",
        "applied then other: a \"b\" \\",
        "applied then traps",
        "lost",
        "stale",
        "stale by 3 writes",
        "stale by 5 s",
        "corrupt",
        "corrupt, flipped",
        "corrupt, truncated",
        "torn 3",
        "torn 0 then other: gone",
        "traps",
        "hangs",
        "throttled 5 per second",
        "quota 10 tuples",
        "quota 1 byte",
        "takes 250 ms",
        "takes 1 s to 2 s",
        "takes 20 ms (p99 400 ms)",
        "takes 250 ms then other: timeout",
        "takes 1 minute then hangs",
    ];
    for when in whens {
        for effect in effects {
            let (when, effect): (When, Effect) = (when.parse().unwrap(), effect.parse().unwrap());
            assert_eq!(when.to_string().parse(), Ok(when));
            assert_eq!(effect.to_string().parse(), Ok(effect.clone()), "{effect}");
            let operation = Operation::ALL.into_iter().find(|op| effect.concerns(*op));
            let fault = Fault {
                matches: Match {
                    operation: operation.map(AnyOperation::from),
                    key: Some(KeyPattern::new(r#"50\*"x"#).unwrap()),
                    store: Some("default".into()),
                    component: Some("api".into()),
                },
                when,
                effect,
                optional: false,
            };
            let sentence = fault.to_string();
            assert_eq!(sentence.parse(), Ok(fault), "{sentence}");
        }
    }
}

#[test]
fn what_is_no_rule_is_refused_with_its_place() {
    for (text, marked) in [
        ("takes 250 mss", "250 mss"),
        ("takes 250", "250"),
        ("takes 5 s to 1 s", "5 s to 1 s"),
        ("takes 5 s (p99 1 s)", "5 s (p99 1 s"),
        ("takes 5 s maybe", "maybe"),
        ("torn", ""),
        ("torn three", "three"),
        ("throttled 5", ""),
        ("throttled 0 per second", "0"),
        ("lost twice", "twice"),
        ("stale by nothing", "nothing"),
        ("quota 99999999999999999999", "99999999999999999999"),
        ("fails with \"other: x", "\"other: x"),
        ("fails with acces-denied", "acces-denied"),
        ("explodes", "explodes"),
        ("", ""),
    ] {
        let error = text.parse::<Effect>().unwrap_err();
        assert_eq!(&text[error.span()], marked, "{error}");
    }
    for text in [
        "nth 0",
        "0th",
        "nth",
        "2",
        "first -1",
        "sometimes",
        "nth 99999999999999999999",
        "chance 0",
        "chance 1.5",
        "chance 1e-3",
        "chance -1",
        "chance",
        "from 4 to 2",
        "between 5 s and 1 s",
        "between 5 s",
        "every 0",
        "always now",
    ] {
        assert!(text.parse::<When>().is_err(), "{text}");
    }
    let message = "explodes".parse::<Effect>().unwrap_err().to_string();
    assert!(message.contains("`applied then ERROR`"), "{message}");
    assert!(message.ends_with("\n  explodes\n  ^^^^^^^^"), "{message}");
}

#[test]
fn only_what_can_happen_to_an_operation_may_be_asked_of_it() {
    let refused = |rule: &str| rule.parse::<Fault>().unwrap_err().to_string();
    let message = refused(r#"every "get" is lost"#);
    assert_eq!(
        message,
        "\"get\" can never be lost; what can is set, delete, set-many, delete-many, increment, swap"
    );
    let message = refused(r#"every "get" applies, then fails with "other: x""#);
    assert!(message.ends_with("say `fails with`"), "{message}");
    refused(r#"every "set" is stale"#);
    refused(r#"every "exists" is corrupt"#);
    refused(r#"every "get-many" is torn after 1"#);
    refused(r#"every "get" has a quota of 3 tuples"#);
    assert!(r#"every "*" is lost"#.parse::<Fault>().is_ok());
}

#[test]
fn a_torn_listing_can_only_be_said_by_3_0_0() {
    let torn: Effect = "torn 1".parse().unwrap();
    let who = Interface::ALL.map(|interface| torn.can_be_said(interface, Operation::GetKeys));
    assert_eq!(who, [false, false, false, true]);
    assert!(torn.can_be_said(Interface::WasiKeyValue, Operation::SetMany));
}

#[test]
fn a_rule_about_a_service_speaks_of_it_as_one_does() {
    for rule in [
        "every \"http POST\" to \"https://api.example.com/*\" fails with \"dns-error\"",
        "the 2nd \"http GET\" takes 250 ms, then traps",
        "every \"http PUT\" by component \"api\" applies, then fails with \"connection-terminated\"",
    ] {
        let fault: Fault = rule.parse().unwrap();
        assert_eq!(fault.to_string(), rule);
    }
    for (rule, why) in [
        (
            "every \"http GET\" fails with \"no-such-key\"",
            "\"http GET\" can never fail with \"no-such-key\"; its service has `http-request-denied`",
        ),
        (
            "every \"http GET\" is lost",
            "\"http GET\" can never be lost",
        ),
        (
            "every \"http GET\" applies, then traps",
            "\"http GET\" can never be applied and then trap; what can is http POST, http PUT",
        ),
    ] {
        let message = rule.parse::<Fault>().unwrap_err().to_string();
        assert!(message.contains(why), "{message}");
    }
}

/// The rules of a file with this text, or what is wrong with it: `line:column message`.
fn of_file(text: &str) -> Result<Vec<Fault>, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("faults.toml");
    std::fs::write(&path, text).unwrap();
    load_faults(&path).map_err(|error| {
        let problem = error.problems().next().unwrap();
        let place = problem.location().unwrap_or_default();
        let place = place.split("faults.toml:").nth(1).unwrap_or_default();
        format!("{place} {}", problem.message)
    })
}

#[test]
fn a_file_has_rules_about_every_service() {
    let rules = of_file(
        "[[fault]]\noperation = \"http GET\"\nkey = \"https://a.example?x=1\"\neffect = \"connection-refused\"\n\
         [[fault]]\noperation = \"mysql query\"\nstore = \"mysql://u:p@h/shop\"\neffect = \"query-failed: no\"\n",
    );
    let mut faults = Faults::default();
    rules.unwrap().into_iter().for_each(|it| faults.push(it));
    let mut fails = |operation: &str, store: &str, key: &str| {
        let decided = faults.decide(&Arrival {
            component: "api",
            store,
            operation: operation.parse().unwrap(),
            ordinal: 1,
            keys: &[key],
            time: Duration::ZERO,
        });
        decided.action.is_some()
    };
    // A `?` begins a query in a URL, and a URL without a path has the path `/`: it is no pattern of keys.
    assert!(fails("http GET", "", "https://a.example/?x=1"));
    assert!(!fails("http GET", "", "https://a.example/zx=1"));
    // Calls have addresses without users.
    assert!(fails("mysql query", "mysql://h/shop", "select 1"));
    assert!(!fails("mysql query", "mysql://h/shoq", "select 1"));
}

#[test]
fn what_is_wrong_with_a_rule_of_a_file_is_told_in_terms_of_its_service() {
    let wrong = |fields: &str| of_file(&format!("[[fault]]\n{fields}\n")).unwrap_err();
    assert_eq!(
        wrong("operation = \"sqlite open\"\neffect = \"connection-refused: x\""),
        "3:11 `connection-refused: x` is nothing that can happen to a call; expected an error (`no-such-database`, \
         `access-denied`, `invalid-connection`, `database-full`, `io: some text`), `applied then ERROR`, `applied then traps`, \
         `takes 250 ms`, `takes 250 ms then …`, `hangs`, `traps` or `lost`"
    );
    assert_eq!(
        wrong("operation = \"http GET\"\nstore = \"shop\"\neffect = \"traps\""),
        "3:9 \"http GET\" is made on nothing that has a label, such as \"shop\"; what it is about follows `to`"
    );
    let no_url = wrong("operation = \"http GET\"\nkey = \"a.example/x\"\neffect = \"traps\"");
    assert!(
        no_url.starts_with("3:7 \"a.example/x\" fits no request: it has no `://`"),
        "{no_url}"
    );
}
