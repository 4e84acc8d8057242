//! Tests of what is kept of what scenarios did.

use super::*;

#[test]
fn keys_are_told_by_what_they_begin_with() {
    for (key, kind) in [
        ("visits", "visits"),
        ("user:42", "user:*"),
        ("a/b/c", "a/*"),
        ("page7", "page*"),
        ("42", "*"),
        ("user:", "user:"),
        ("", ""),
        ("über:x", "über:*"),
    ] {
        assert_eq!(kind_of_key(key), kind, "{key}");
    }
}

#[test]
fn the_keys_that_are_kept_do_not_depend_on_the_order() {
    let one = |number: usize| Use {
        keys: BTreeMap::from([(
            format!("{}:*", (b'a' + (number % 26) as u8) as char).repeat(number % 7 + 1),
            1,
        )]),
        ..Use::default()
    };
    let mut forwards = Use::default();
    let mut backwards = Use::default();
    for number in 0..1_000 {
        forwards.add(one(number));
        backwards.add(one(999 - number));
    }
    assert_eq!(forwards, backwards);
    assert!(forwards.more_keys && forwards.keys.len() == MOST_KEYS);
}

#[test]
fn an_address_that_is_not_known_may_be_of_any_host_of_that_kind() {
    let unknown = Use {
        operations: BTreeMap::from([("wasi:http/outgoing-handler@0.2.0#handle".to_owned(), 2)]),
        ..Use::default()
    };
    let uses = BTreeMap::from([(
        GrantKind::OutboundHost,
        BTreeMap::from([(String::new(), unknown)]),
    )]);
    let observed = Observed {
        scenarios: 1,
        components: BTreeMap::from([("api".to_owned(), uses)]),
        ..Observed::default()
    };
    let calls = |host: &str| observed.calls("api", GrantKind::OutboundHost, host);
    assert_eq!(calls("https://example.com"), 2);
    assert_eq!(calls("redis://example.com"), 0);
}
