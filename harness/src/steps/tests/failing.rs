//! Scenarios that must fail, and what they must say.

use super::*;

#[track_caller]
fn fails_with(steps: &str, parts: &[&str]) {
    let message = run(steps).failed();
    for part in parts {
        assert!(message.contains(part), "no `{part}` in:\n{message}");
    }
}

#[test]
fn a_status_says_why_it_is_500() {
    fails_with(
        "Given the app \"apps/hostile\"\nWhen I send GET \"/panics\"\nThen the response status is 200",
        &["expected: 200", "actual: 500", "trapped"],
    );
    fails_with(
        "Given the app \"apps/hostile\"\nAnd the memory bound is \"16 MiB\"\nWhen I send GET \"/memory\"\n\
         Then the response status is 200",
        &["16777216 bytes", "Given the memory bound is"],
    );
    fails_with(
        r#"
        Given the app "apps/grants"
        And the runtime config "apps/grants/runtime-config.toml"
        When I send GET "/catalog/get?store=orders&key=a"
        Then the response status is 200
        "#,
        &["add \"orders\" to `key_value_stores`"],
    );
}

#[test]
fn a_store_differs_by_rows() {
    fails_with(
        r#"
        When I send GET "/visit"
        Then the key-value store "default" contains:
          | key    | value |
          | visits | 2     |
          | gone   | 1     |
        "#,
        &["- | gone   |", "- | visits | \"2\"", "+ | visits | \"1\""],
    );
    fails_with(
        "When I send GET \"/visit\"\nThen the key-value store \"default\" is unchanged",
        &["+ | visits"],
    );
}

#[test]
fn calls_differ_by_rows() {
    fails_with(
        r#"
        When I send GET "/visit"
        Then the storage calls are:
          | operation | key    |
          | open      |        |
          | set       | visits |
        "#,
        &["+ | get       | visits"],
    );
    fails_with(
        "When I send GET \"/visit\"\nThen \"set\" was never called",
        &["once and not never", "of key \"visits\""],
    );
}

#[test]
fn a_rule_that_never_fired_fails_the_end() {
    fails_with(
        "Given every \"delete\" of key \"visits\" fails with \"other: x\"\nWhen I send GET \"/visit\"",
        &[
            "the fault never fired: every \"delete\" of key \"visits\"",
            "the nearest calls:",
        ],
    );
    fails_with(
        "Given every \"delete\" fails with \"other: x\"",
        &["never fired", "no request was sent"],
    );
}

#[test]
fn a_rule_that_no_interface_can_say_is_refused_before_anything_runs() {
    fails_with(
        "Given every \"swap\" fails with \"cas-failed\"\nWhen I send GET \"/visit\"",
        &[
            "can never hold",
            "fermyon:spin/key-value@2.0.0",
            "which has no \"swap\"",
            "only \"wasi:keyvalue@0.2.0-draft2\" has",
        ],
    );
    fails_with(
        "Given every \"gett\" fails with \"other: x\"",
        &["did you mean `get`"],
    );
    fails_with(
        "Given every \"get\" fails with \"broken\"",
        &["`broken` is no error"],
    );
    fails_with(
        "Given every \"get\" on store \"cache\" fails with \"other: x\"\nWhen I send GET \"/\"",
        &["no key-value store has the label \"cache\""],
    );
}

#[test]
fn what_comes_too_late_says_so() {
    for late in [
        "the app \"apps/echo\"",
        "the variable \"a\" is \"b\"",
        "the random seed is 7",
        "the time is \"2026-01-01T00:00:00Z\"",
        "instances are reused",
        "component \"visits\" may use no key-value store",
        "the key-value limits are \"none\"",
    ] {
        fails_with(
            &format!("When I send GET \"/\"\nGiven {late}"),
            &["must stand before the first When"],
        );
    }
}

#[test]
fn what_does_not_exist_is_named() {
    fails_with(
        "Given the app \"apps/none\"\nWhen I send GET \"/\"",
        &["the app does not load", "apps/none"],
    );
    fails_with(
        "Given the key-value store \"cache\" is empty\nWhen I send GET \"/\"",
        &["no key-value store has the label \"cache\""],
    );
    fails_with(
        "Then component \"api\" trapped",
        &["no component \"api\"", "\"visits\""],
    );
    fails_with("Then the response status is 200", &["send a request first"]);
    fails_with(
        "When I send GET \"/${id}\"",
        &["nothing is remembered as \"id\""],
    );
    fails_with(
        "When 2 clients send GET \"/\" at once\nThen the response status is 200",
        &["sent 2 requests at once"],
    );
    fails_with(
        "When I send GET \"/\"\nThen the JSON path \"$.a\" is three",
        &["\"text\" in quotes"],
    );
}

#[test]
fn a_variable_must_be_declared_and_one_of_the_run_need_not() {
    let steps = |name: &str| {
        format!(
            "Given the app \"apps/variables\"\nAnd the variable \"token\" is \"t\"\n\
             And the variable \"{name}\" is \"Mars\"\nWhen I send GET \"/v2?name=message\"\n\
             Then the response body is \"hello, Mars!\""
        )
    };
    fails_with(
        &steps("plannet"),
        &["the app declares no variable \"plannet\"; did you mean \"planet\"?"],
    );
    fails_with(
        &steps("unlike"),
        &["no variable \"unlike\"; it declares \"", "\"planet\""],
    );
    let mut context = context(Snapshots::new("nowhere", Mode::Check));
    let mut options = (*context.options).clone();
    options
        .variables
        .insert("plannet".to_owned(), "Mars".to_owned());
    context.options = Arc::new(options);
    run_in(context, &steps("planet")).passed();
}

#[test]
fn numbers_too_large_are_no_panic() {
    fails_with(
        "Given the random seed is 99999999999999999999",
        &["can't be a seed"],
    );
    fails_with(
        "Given the key-value store \"default\" holds 99999999 tuples",
        &["at most"],
    );
    fails_with(
        "When 99999999999999999999 clients send GET \"/\" at once",
        &["can't be a number of clients"],
    );
    fails_with(
        "Given the 99999999999999999999th \"get\" fails with \"other: x\"",
        &["this number is too large"],
    );
}
