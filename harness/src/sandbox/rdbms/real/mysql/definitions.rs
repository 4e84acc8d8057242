//! Definitions of tables, views, routines and triggers as a server shows them, made fit for a copy.

/// A definition without the user that it is of: in a copy, that is whoever makes it. Another one takes a right of its own.
pub(super) fn without_definer(definition: &str) -> String {
    let whole = || definition.to_owned();
    // Text of the author may have the word too; the server's own comes before all of that.
    let Some(at) = definition.find("DEFINER=") else {
        return whole();
    };
    let (before, after) = definition.split_at(at);
    let is_head = before.split_whitespace().all(|word| {
        let of_view = word.starts_with("ALGORITHM=");
        of_view
            || ["CREATE", "OR", "REPLACE"]
                .iter()
                .any(|it| word.eq_ignore_ascii_case(it))
    });
    let rest = after_name(&after["DEFINER=".len()..]);
    let rest = rest.and_then(|rest| match rest.strip_prefix('@') {
        Some(host) => after_name(host),
        // A role has no host.
        None => Some(rest),
    });
    match rest {
        Some(rest) if is_head => format!("{before}{}", rest.trim_start()),
        _ => whole(),
    }
}

/// What follows a name between backticks.
fn after_name(text: &str) -> Option<&str> {
    let mut rest = text.strip_prefix('`')?;
    loop {
        let (_, after) = rest.split_once('`')?;
        match after.strip_prefix('`') {
            Some(doubled) => rest = doubled,
            None => return Some(after),
        }
    }
}

/// A name as SQL has it.
pub(super) fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_end_its_quotes() {
        assert_eq!(quoted("a`; drop"), "`a``; drop`");
    }

    #[test]
    fn the_user_is_left_out_of_definitions() {
        for (shown, copied) in [
            (
                "CREATE ALGORITHM=UNDEFINED DEFINER=`root`@`localhost` SQL SECURITY DEFINER VIEW `v` AS select 1",
                "CREATE ALGORITHM=UNDEFINED SQL SECURITY DEFINER VIEW `v` AS select 1",
            ),
            (
                "CREATE DEFINER=`a``b`@`%` TRIGGER t before insert on u for each row set @x = 'DEFINER=`x`@`y`'",
                "CREATE TRIGGER t before insert on u for each row set @x = 'DEFINER=`x`@`y`'",
            ),
            (
                "CREATE DEFINER=`role` PROCEDURE `p`() select 1",
                "CREATE PROCEDURE `p`() select 1",
            ),
            (
                "CREATE TABLE `t` (`DEFINER=` int)",
                "CREATE TABLE `t` (`DEFINER=` int)",
            ),
        ] {
            assert_eq!(without_definer(shown), copied);
        }
    }
}
