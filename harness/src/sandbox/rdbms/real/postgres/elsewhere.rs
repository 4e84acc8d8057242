//! Statements that reach past the copy of a scenario: they are not sent, since nothing would take them back.

/// What a statement is about besides the database that it is sent to, if it is about that: other databases, roles, the server.
///
/// Only its first words are looked at. What a block of code or a foreign table does is the affair of the role that runs it.
pub(super) fn reaches(statement: &str) -> Option<&'static str> {
    let mut words = Words(statement);
    let verb = words.next()?;
    let object = words.next()?;
    if !["create", "drop", "alter"].contains(&verb.as_str()) {
        return None;
    }
    Some(match object.as_str() {
        "database" => "databases",
        "tablespace" => "tablespaces",
        "role" | "group" => "roles",
        // `create user mapping` is about a foreign server of this database.
        "user" if words.next().as_deref() != Some("mapping") => "roles",
        "system" => "the settings of the server",
        _ => return None,
    })
}

/// The words of a statement in lower case, without what is between them and without comments.
struct Words<'a>(&'a str);

impl Iterator for Words<'_> {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        loop {
            let rest = self.0.trim_start();
            self.0 = if let Some(comment) = rest.strip_prefix("--") {
                comment.split_once('\n').map_or("", |(_, after)| after)
            } else if let Some(comment) = rest.strip_prefix("/*") {
                after_comment(comment)
            } else {
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
                let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
                self.0 = after;
                return (!word.is_empty()).then(|| word.to_lowercase());
            };
        }
    }
}

/// What follows a comment, in which there may be others.
fn after_comment(mut text: &str) -> &str {
    let mut depth = 1;
    while depth > 0 {
        let (open, close) = (text.find("/*"), text.find("*/"));
        let Some(close) = close else { return "" };
        match open.filter(|open| *open < close) {
            Some(open) => (depth, text) = (depth + 1, &text[open + 2..]),
            None => (depth, text) = (depth - 1, &text[close + 2..]),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_about_more_than_the_copy_is_known_by_its_first_words() {
        for (statement, about) in [
            ("drop database shop", Some("databases")),
            (
                "  -- all of it\n/* and /* more */ */DROP\tDATABASE if exists shop",
                Some("databases"),
            ),
            ("create role r", Some("roles")),
            ("alter user u password 'x'", Some("roles")),
            ("create user mapping for u server s", None),
            (
                "ALTER SYSTEM SET work_mem = 1",
                Some("the settings of the server"),
            ),
            ("create table databases (x int)", None),
            ("drop table database", None),
            ("select 'drop database shop'", None),
            ("/* without an end", None),
            ("", None),
        ] {
            assert_eq!(reaches(statement), about, "{statement}");
        }
    }
}
