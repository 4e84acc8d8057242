//! Given steps about what goes wrong, and the step that ends it.

use super::arrangement::require_expressible;
use super::table::Column;
use super::world::number;
use super::{Failed, World};
use crate::sandbox::{Effect, Fault, KeyPattern, Match, When};
use crate::storage::{Error, Operation};
use cucumber::gherkin::Step;
use cucumber::{given, when};
use std::sync::Arc;

// The three sentences differ in which calls they are about; "of key", "on store" and "applies, then" are optional in each.

#[given(
    regex = r#"^every "((?:[^"\\]|\\.)*)"(?: of key "((?:[^"\\]|\\.)*)")?(?: on store "((?:[^"\\]|\\.)*)")?( applies, then)? fails with "((?:[^"\\]|\\.)*)"$"#
)]
fn every_fails(
    world: &mut World,
    operation: String,
    key: String,
    store: String,
    applies: String,
    error: String,
) -> Result<(), Failed> {
    let matches = world.calls_that_match(&operation, &key, &store)?;
    world.given_failure(matches, When::Always, &applies, &error)
}

#[given(
    regex = r#"^the (\d+(?:st|nd|rd|th)) "((?:[^"\\]|\\.)*)"(?: of key "((?:[^"\\]|\\.)*)")?(?: on store "((?:[^"\\]|\\.)*)")?( applies, then)? fails with "((?:[^"\\]|\\.)*)"$"#
)]
fn nth_fails(
    world: &mut World,
    ordinal: String,
    operation: String,
    key: String,
    store: String,
    applies: String,
    error: String,
) -> Result<(), Failed> {
    let when = When::Nth(count(ordinal.trim_end_matches(char::is_alphabetic))?);
    let matches = world.calls_that_match(&operation, &key, &store)?;
    world.given_failure(matches, when, &applies, &error)
}

#[given(
    regex = r#"^the first (\d+) "((?:[^"\\]|\\.)*)"(?: of key "((?:[^"\\]|\\.)*)")?(?: on store "((?:[^"\\]|\\.)*)")?( appl(?:y|ies), then)? fails? with "((?:[^"\\]|\\.)*)"$"#
)]
fn first_fail(
    world: &mut World,
    calls: String,
    operation: String,
    key: String,
    store: String,
    applies: String,
    error: String,
) -> Result<(), Failed> {
    let when = When::First(count(&calls)?);
    let matches = world.calls_that_match(&operation, &key, &store)?;
    world.given_failure(matches, when, &applies, &error)
}

#[given(expr = "storage faults:")]
fn storage_faults(world: &mut World, step: &Step) -> Result<(), Failed> {
    let columns = [
        Column::Optional("operation"),
        Column::Optional("store"),
        Column::Optional("key"),
        Column::Optional("component"),
        Column::Optional("when"),
        Column::Needed("effect"),
    ];
    for [operation, store, key, component, when, effect] in world.table(step, columns)?.rows {
        world.given_fault(Fault {
            matches: matching(&operation, &key, &store, &component)?,
            when: parse_when(&when)?,
            effect: parse_effect(&effect)?,
        })?;
    }
    Ok(())
}

#[when(expr = "storage recovers")]
fn storage_recovers(world: &mut World) -> Result<(), Failed> {
    world
        .session()?
        .with_faults(crate::sandbox::Faults::recover);
    Ok(())
}

impl World {
    /// What the quoted parts of a sentence match; those that are left out are empty.
    fn calls_that_match(&self, operation: &str, key: &str, store: &str) -> Result<Match, Failed> {
        matching(
            &self.text(operation)?,
            &self.text(key)?,
            &self.text(store)?,
            "",
        )
    }

    fn given_failure(
        &mut self,
        matches: Match,
        when: When,
        applies: &str,
        error: &str,
    ) -> Result<(), Failed> {
        let error: Error = self.text(error)?.parse()?;
        let effect = if applies.is_empty() {
            Effect::Fails(error)
        } else {
            Effect::AppliedThen(error)
        };
        self.given_fault(Fault {
            matches,
            when,
            effect,
        })
    }

    /// Before the first When it is collected, after it the rule holds at once.
    fn given_fault(&mut self, fault: Fault) -> Result<(), Failed> {
        require_write(&fault)?;
        match self.started() {
            Some(session) => {
                require_expressible(session, &fault)?;
                session.with_faults(|faults| faults.push(fault));
            }
            None => self.arrangement.faults.push(fault),
        }
        Ok(())
    }
}

/// Empty text fits every call, as an empty cell does; so does `*` for an operation.
fn matching(operation: &str, key: &str, store: &str, component: &str) -> Result<Match, Failed> {
    let said = |text: &str| (!text.is_empty()).then(|| Arc::from(text));
    Ok(Match {
        operation: match operation {
            "" | "*" => None,
            name => Some(name.parse()?),
        },
        key: if key.is_empty() {
            None
        } else {
            Some(KeyPattern::new(key)?)
        },
        store: said(store),
        component: said(component),
    })
}

/// A call that writes nothing has nothing to apply.
fn require_write(fault: &Fault) -> Result<(), Failed> {
    match (&fault.effect, fault.matches.operation) {
        (Effect::AppliedThen(_), Some(operation)) if !operation.is_write() => {
            let writes: Vec<_> = Operation::ALL
                .into_iter()
                .filter(|operation| operation.is_write())
                .collect();
            let writes: Vec<_> = writes.into_iter().map(Operation::name).collect();
            Err(Failed::new(format!(
                "\"{operation}\" changes nothing that could be applied before it fails: say `fails with`; what can be \
                 applied is {}",
                writes.join(", ")
            )))
        }
        _ => Ok(()),
    }
}

/// A count of calls, from 1.
fn count(text: &str) -> Result<u64, Failed> {
    match number(text, "a number of calls")? {
        0 => Err(Failed::new("calls are counted from 1")),
        count => Ok(count),
    }
}

fn parse_when(text: &str) -> Result<When, Failed> {
    let words: Vec<_> = text.split_whitespace().collect();
    match words.as_slice() {
        [] | ["always"] => Ok(When::Always),
        ["first", n] => Ok(When::First(count(n)?)),
        ["nth", n] => Ok(When::Nth(count(n)?)),
        [ordinal] | ["the", ordinal] if is_ordinal(ordinal) => Ok(When::Nth(count(
            ordinal.trim_end_matches(char::is_alphabetic),
        )?)),
        ["every" | "after" | "from" | "chance", ..] => Err(not_yet(text)),
        _ => Err(Failed::new(format!(
            "`{text}` does not say when a fault happens; expected `always`, `first N` or `nth N` (`2nd` is `nth 2`)"
        ))),
    }
}

fn parse_effect(text: &str) -> Result<Effect, Failed> {
    let text = text.trim();
    let after = |words: &[&str]| words.iter().find_map(|words| text.strip_prefix(words));
    // The second as the sentences have it, where the error stands in quotes.
    if let Some(then) = after(&["applied then ", "applies, then fails with "]) {
        return match then.trim() {
            "traps" => Err(not_yet(text)),
            error => Ok(Effect::AppliedThen(parse_error(error)?)),
        };
    }
    if let Some(error) = after(&["fails with "]) {
        return Ok(Effect::Fails(parse_error(error)?));
    }
    let word = text.split_whitespace().next().unwrap_or_default();
    if matches!(
        word,
        "takes" | "hangs" | "traps" | "lost" | "stale" | "corrupt" | "torn" | "throttled" | "quota"
    ) {
        return Err(not_yet(text));
    }
    Ok(Effect::Fails(parse_error(text)?))
}

/// An error of a table, in quotes or not.
fn parse_error(text: &str) -> Result<Error, Failed> {
    let text = text.trim();
    let quoted = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    quoted
        .unwrap_or(text)
        .parse::<Error>()
        .map_err(|error| {
            Failed::new(format!(
                "{error}; the effect of a call that is made nevertheless is `applied then ERROR`, such as \
                 `applied then other: timeout`"
            ))
        })
}

/// `1st`, `2nd`: digits and an ending.
fn is_ordinal(text: &str) -> bool {
    ["st", "nd", "rd", "th"].iter().any(|ending| {
        text.strip_suffix(ending).is_some_and(|digits| {
            !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
        })
    })
}

fn not_yet(what: &str) -> Failed {
    Failed::new(format!("not yet: spin-harness has no `{what}` so far"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_say_when_and_what() {
        assert_eq!(parse_when("").unwrap(), When::Always);
        assert_eq!(parse_when("first 3").unwrap(), When::First(3));
        for second in ["nth 2", "2nd", "the 2nd"] {
            assert_eq!(parse_when(second).unwrap(), When::Nth(2), "{second}");
        }
        for bad in [
            "nth 0",
            "0th",
            "nth",
            "2",
            "first -1",
            "sometimes",
            "nth 99999999999999999999",
        ] {
            assert!(parse_when(bad).is_err(), "{bad}");
        }
        assert_eq!(
            parse_effect("no-such-store").unwrap(),
            Effect::Fails(Error::NoSuchStore)
        );
        assert_eq!(
            parse_effect("fails with \"other: x\"").unwrap(),
            Effect::Fails(Error::other("x"))
        );
        for applied in [
            "applied then other: timeout",
            "applies, then fails with other: timeout",
        ] {
            assert_eq!(
                parse_effect(applied).unwrap(),
                Effect::AppliedThen(Error::other("timeout")),
                "{applied}"
            );
        }
        let message = parse_effect("broken").unwrap_err().to_string();
        assert!(message.contains("`applied then ERROR`"), "{message}");
    }

    #[test]
    fn what_a_later_issue_brings_is_called_not_yet() {
        for effect in [
            "takes 250 ms",
            "hangs",
            "torn 3",
            "applied then traps",
            "throttled 5 per second",
        ] {
            assert!(
                parse_effect(effect)
                    .unwrap_err()
                    .to_string()
                    .starts_with("not yet"),
                "{effect}"
            );
        }
        for when in ["every 3", "from 2 to 4", "chance 0.5", "after 3"] {
            assert!(
                parse_when(when)
                    .unwrap_err()
                    .to_string()
                    .starts_with("not yet"),
                "{when}"
            );
        }
        assert!(
            !parse_effect("explodes")
                .unwrap_err()
                .to_string()
                .starts_with("not yet")
        );
    }

    #[test]
    fn only_writes_can_be_applied_first() {
        let rule =
            |operation| Fault::on(operation).applies_then_fails_with(Error::other("timeout"));
        assert!(require_write(&rule(Operation::Get)).is_err());
        assert!(require_write(&rule(Operation::Swap)).is_ok());
        assert!(
            require_write(&Fault::on_any().applies_then_fails_with(Error::NoSuchStore)).is_ok()
        );
    }
}
