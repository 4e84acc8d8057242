//! Tests of which addresses an entry allows.

use super::*;

#[test]
fn hosts_have_a_scheme_a_name_and_a_port() {
    for good in [
        "http://example.com",
        "https://*.example.com:443",
        "*://*:*",
        "redis://localhost",
        "http://self",
        "http://self.alt",
        "http://[::1]:8080",
        "http://127.0.0.1:8000..9000",
        "tcp://10.0.0.0/8:1234",
        "http://api.spin.internal",
        "http://example.com/",
    ] {
        assert!(AllowedHost::parse(good).is_ok(), "{good}");
    }
    for (bad, why) in [
        (
            "example.com",
            "\"example.com\" does not contain a scheme (e.g., 'http://' or '*://')",
        ),
        (
            "http://a/b:80",
            "Invalid allowed host \"a/b\": must not include a path",
        ),
        (
            "http://a:80/b",
            "\"http://a:80/b\" has a path but is not allowed to",
        ),
        (
            "http://a:x",
            "Invalid allowed host port \"x\": port \"x\" is not a number",
        ),
        (
            "tcp://a",
            "Invalid allowed host port \"\": no port was provided and the scheme \"tcp\" does not have a known default port number",
        ),
        (
            "h2://a:1",
            "Invalid allowed host scheme \"h2\": only alphabetic characters are allowed",
        ),
        (
            "http://a.*.b",
            "Invalid allowed host \"a.*.b\": wildcards are allowed only as subdomains",
        ),
    ] {
        assert_eq!(AllowedHost::parse(bad), Err(why.to_owned()), "{bad}");
    }
}

fn allows(pattern: &str, address: &str, scheme: &str) -> bool {
    let pattern = AllowedHost::parse(pattern).unwrap();
    pattern.allows(address, scheme, ["api", "worker"])
}

/// The cases of Spin's own tests (`crates/outbound-networking-config/src/allowed_hosts.rs`), by what they are about.
#[test]
fn an_entry_reaches_what_spin_lets_it_reach() {
    for (pattern, address, scheme) in [
        (
            "http://example.com:8383",
            "http://example.com:8383/foo/bar",
            "http",
        ),
        (
            "https://spin.fermyon.dev",
            "https://spin.fermyon.dev/",
            "https",
        ),
        ("https://spin.fermyon.dev", "spin.fermyon.dev:443", "https"),
        ("http://example.com:8383", "example.com:8383", "http"),
        ("http://*.example.com", "http://a.b.example.com/foo", "http"),
        (
            "http://*.example.com:8383",
            "http://a.example.com:8383/",
            "http",
        ),
        ("mysql://xyz.com", "mysql://user:pass#word@xyz.com", "mysql"),
        ("mysql://xyz.com", "user%3Apass%23word@xyz.com", "mysql"),
        ("tcp://127.0.0.1/24:63551", "tcp://127.0.0.1:63551", "tcp"),
        ("*://10.0.0.0/8:*", "redis://10.1.2.3", "redis"),
        ("*://[::1]:8080", "http://[::1]:8080/", "http"),
        ("http://a:8000..9000", "http://a:8999/", "http"),
        ("*://*:*", "https://anything:1/", "https"),
        ("http://self", "http://self.alt/path", "http"),
        ("http://self", "/path", "https"),
        ("http://*:*", "http://self.alt/path", "http"),
        (
            "http://*.spin.internal",
            "http://api.spin.internal/x",
            "http",
        ),
        (
            "http://worker.spin.internal",
            "http://worker.spin.internal/",
            "http",
        ),
    ] {
        assert!(allows(pattern, address, scheme), "{pattern} {address}");
    }
    for (pattern, address, scheme) in [
        ("http://example.com:8383", "http://example.com/", "http"),
        ("https://example.com", "http://example.com/", "http"),
        ("http://*.example.com", "http://example.com/", "http"),
        ("http://*.example.com", "http://myexample.com/", "http"),
        ("http://*.example.com", "http://a.example2.com/", "http"),
        ("*://10.0.0.0/8:*", "redis://11.1.2.3", "redis"),
        ("*://10.0.0.0/8:*", "redis://localhost", "redis"),
        ("http://a:8000..9000", "http://a:9000/", "http"),
        ("http://self", "http://example.com/", "http"),
        ("http://example.com", "http://self.alt/", "http"),
        ("http://self", "http://self/path", "http"),
        (
            "http://*.spin.internal",
            "http://other.spin.internal/",
            "http",
        ),
        ("http://example.com", "://", "http"),
    ] {
        assert!(!allows(pattern, address, scheme), "{pattern} {address}");
    }
}

#[test]
fn what_is_a_wildcard_and_what_stays_on_the_machine() {
    let parsed = |text: &str| AllowedHost::parse(text).unwrap();
    for text in [
        "*://*:*",
        "https://*.example.com",
        "redis://*:6379",
        "*://0.0.0.0/0:*",
    ] {
        assert!(
            parsed(text).is_wildcard() && !parsed(text).stays_here(),
            "{text}"
        );
    }
    for text in [
        "http://self",
        "http://*.spin.internal",
        "http://api.spin.internal",
        "http://localhost:8080",
        "http://127.0.0.1:*",
        "http://127.0.0.0/8:80",
        "http://[::1]",
    ] {
        assert!(
            parsed(text).stays_here() && !parsed(text).is_wildcard(),
            "{text}"
        );
    }
    assert!(!parsed("http://10.0.0.1").stays_here());
    assert!(!parsed("http://127.0.0.0/4:80").stays_here());
}
