//! The rules for names: component ids, variable names, store labels. Spin's rules, in Spin's words (`crates/serde/src/id.rs`, `crates/expressions`).

/// Checks that `id` is words joined by `delimiter`. `only_lower` refuses words in capitals.
fn check_words(id: &str, delimiter: char, wrong: char, only_lower: bool) -> Result<(), String> {
    if id.is_empty() {
        return Err("empty".to_owned());
    }
    if id.contains(wrong) {
        return Err(format!(
            "words must be separated with {delimiter:?}, not {wrong:?}"
        ));
    }
    for word in id.split(delimiter) {
        let Some(first) = word.chars().next() else {
            return Err(format!("{delimiter:?}-separated words must not be empty"));
        };
        if !first.is_ascii_alphabetic() {
            return Err(format!(
                "{delimiter:?}-separated words must start with an ASCII letter; got {first:?}"
            ));
        }
        let capitals = first.is_ascii_uppercase();
        for other in word.chars().skip(1) {
            if !other.is_ascii_alphanumeric() {
                return Err(format!(
                    "{delimiter:?}-separated words may only contain alphanumeric ASCII; got {other:?}"
                ));
            }
            if other.is_ascii_alphabetic() && other.is_ascii_uppercase() != capitals {
                return Err(format!(
                    "{delimiter:?}-separated words must be all lowercase or all UPPERCASE; got {word:?}"
                ));
            }
        }
        if only_lower && capitals {
            return Err(format!(
                "Lower-case identifiers must be all lowercase; got {id:?}"
            ));
        }
    }
    Ok(())
}

/// Whether `id` may name a component: kebab-case.
pub(crate) fn check_kebab(id: &str) -> Result<(), String> {
    check_words(id, '-', '_', false)
}

/// Whether `name` may name a variable in a manifest: lower snake_case.
pub(crate) fn check_variable(name: &str) -> Result<(), String> {
    check_words(name, '_', '-', true)
}

/// What a label has to look like, as advice.
pub(crate) const LABEL_FORM: &str =
    "write it in kebab-case or snake_case: lower-case words joined by `-` or by `_`";

/// Whether `label` may name a store: kebab-case or snake_case.
pub(crate) fn check_label(label: &str) -> Result<(), String> {
    if check_kebab(label).is_ok() || check_words(label, '_', '-', false).is_ok() {
        return Ok(());
    }
    Err("expected kebab-case or snake_case".to_owned())
}

/// Whether a guest may ask for a variable of this name. The rule is a little wider than the manifest's.
pub(crate) fn check_key(key: &str) -> Result<(), String> {
    let reason = if key.is_empty() {
        "must not be empty".to_owned()
    } else if let Some(invalid) = key
        .chars()
        .find(|c| !(c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '_'))
    {
        format!(
            "invalid character {invalid:?}. Variable names may contain only lower-case letters, numbers, and underscores."
        )
    } else if !key.starts_with(|c: char| c.is_ascii_lowercase()) {
        "must start with a lowercase ASCII letter".to_owned()
    } else if key.ends_with('_') {
        "must end with a lowercase ASCII letter or digit".to_owned()
    } else if key.contains("__") {
        "must not contain multiple consecutive underscores".to_owned()
    } else {
        return Ok(());
    };
    Err(format!("{key:?}: {reason}"))
}

/// An id that follows the rule and is near the one that does not, if a simple repair gives one.
pub(crate) fn repaired_kebab(id: &str) -> Option<String> {
    let repaired = id.replace(['_', ' ', '.'], "-").to_lowercase();
    check_kebab(&repaired).is_ok().then_some(repaired)
}

/// A variable name that follows the rule and is near the one that does not.
pub(crate) fn repaired_variable(name: &str) -> Option<String> {
    let repaired = name.replace(['-', ' ', '.'], "_").to_lowercase();
    check_variable(&repaired).is_ok().then_some(repaired)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn component_ids_are_kebab_case() {
        for good in ["a", "a-b", "a1-b2", "HELLO-world", "A"] {
            assert_eq!(check_kebab(good), Ok(()), "{good}");
        }
        for (bad, why) in [
            ("", "empty"),
            ("a_b", "words must be separated with '-', not '_'"),
            ("a--b", "'-'-separated words must not be empty"),
            ("-a", "'-'-separated words must not be empty"),
            (
                "1a",
                "'-'-separated words must start with an ASCII letter; got '1'",
            ),
            (
                "a.b",
                "'-'-separated words may only contain alphanumeric ASCII; got '.'",
            ),
            (
                "aB",
                "'-'-separated words must be all lowercase or all UPPERCASE; got \"aB\"",
            ),
            (
                "Ab",
                "'-'-separated words must be all lowercase or all UPPERCASE; got \"Ab\"",
            ),
            (
                "é",
                "'-'-separated words must start with an ASCII letter; got 'é'",
            ),
        ] {
            assert_eq!(check_kebab(bad), Err(why.to_owned()), "{bad}");
        }
    }

    #[test]
    fn variable_names_are_lower_snake_case() {
        assert_eq!(check_variable("api_key2"), Ok(()));
        assert_eq!(
            check_variable("api-key"),
            Err("words must be separated with '_', not '-'".to_owned())
        );
        assert_eq!(
            check_variable("API"),
            Err("Lower-case identifiers must be all lowercase; got \"API\"".to_owned())
        );
    }

    #[test]
    fn labels_are_kebab_or_snake_but_not_both() {
        assert_eq!(check_label("user_data"), Ok(()));
        assert_eq!(check_label("user-data"), Ok(()));
        assert_eq!(
            check_label("user-data_x"),
            Err("expected kebab-case or snake_case".to_owned())
        );
        assert_eq!(
            check_label("1st"),
            Err("expected kebab-case or snake_case".to_owned())
        );
    }

    #[test]
    fn guests_may_ask_for_names_that_the_manifest_could_not_declare() {
        assert!(check_variable("a_1").is_err());
        for good in ["a", "abc", "a1b2c3", "a_1", "a_1_b_3"] {
            assert_eq!(check_key(good), Ok(()), "{good}");
        }
        assert_eq!(
            check_key("Bad-Name"),
            Err("\"Bad-Name\": invalid character 'B'. Variable names may contain only lower-case letters, numbers, and underscores.".to_owned())
        );
        for (bad, why) in [
            ("", "\"\": must not be empty"),
            ("1bc", "\"1bc\": must start with a lowercase ASCII letter"),
            ("_x", "\"_x\": must start with a lowercase ASCII letter"),
            (
                "x_",
                "\"x_\": must end with a lowercase ASCII letter or digit",
            ),
            (
                "a__b",
                "\"a__b\": must not contain multiple consecutive underscores",
            ),
        ] {
            assert_eq!(check_key(bad), Err(why.to_owned()), "{bad}");
        }
    }
}
