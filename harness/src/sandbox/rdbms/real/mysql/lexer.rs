//! The words of MySQL's SQL, without what stands in texts and comments.

/// What a statement consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A word, or a name without quotes.
    Word(&'a str),
    /// A name between backticks, or a text between double quotes, which is a name to `ANSI_QUOTES`. What is doubled in it stays so.
    Quoted(&'a str),
    Dot,
    /// A text, or a sign that means nothing here.
    Other,
}

impl Token<'_> {
    /// What it names.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Word(name) | Self::Quoted(name) => Some(name),
            Self::Dot | Self::Other => None,
        }
    }

    /// Whether it is this word of the language.
    pub fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(it) if it.eq_ignore_ascii_case(word))
    }
}

pub(super) fn tokens(statement: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = statement.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, after) = match first {
            '#' => (None, after_line(rest)),
            '-' if is_comment(rest) => (None, after_line(rest)),
            // What stands in such a comment is executed; its end is passed over further down.
            '/' if rest.starts_with("/*!") || rest.starts_with("/*M!") => {
                let (_, code) = rest.split_once('!').unwrap_or((rest, ""));
                (None, code.trim_start_matches(|c: char| c.is_ascii_digit()))
            }
            '/' if rest.starts_with("/*") => (
                None,
                rest[2..].split_once("*/").map_or("", |(_, after)| after),
            ),
            '*' if rest.starts_with("*/") => (None, &rest[2..]),
            '\'' => (Some(Token::Other), after_quotes(rest, first, true).1),
            '"' | '`' => {
                let (text, after) = after_quotes(rest, first, first == '"');
                (Some(Token::Quoted(text)), after)
            }
            '.' => (Some(Token::Dot), &rest[1..]),
            first if is_of_word(first) => {
                let end = rest.find(|c| !is_of_word(c)).unwrap_or(rest.len());
                (Some(Token::Word(&rest[..end])), &rest[end..])
            }
            first => (Some(Token::Other), &rest[first.len_utf8()..]),
        };
        tokens.extend(token);
        rest = after.trim_start();
    }
    tokens
}

fn is_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$' || !c.is_ascii()
}

/// Two hyphens begin a comment where a blank follows them, or nothing.
fn is_comment(text: &str) -> bool {
    text.strip_prefix("--").is_some_and(|rest| {
        rest.chars()
            .next()
            .is_none_or(|c| c.is_whitespace() || c.is_control())
    })
}

fn after_line(text: &str) -> &str {
    text.split_once('\n').map_or("", |(_, after)| after)
}

/// What stands between quotes, and what follows them. A quote that is doubled is none.
fn after_quotes(text: &str, quote: char, escapes: bool) -> (&str, &str) {
    let inner = &text[1..];
    let mut characters = inner.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        if c == '\\' && escapes {
            characters.next();
        } else if c == quote && characters.next_if(|(_, next)| *next == quote).is_none() {
            return (&inner[..at], &inner[at + 1..]);
        }
    }
    (inner, "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use Token::{Dot, Other, Quoted, Word};

    #[test]
    fn texts_and_comments_are_no_words() {
        for (statement, expected) in [
            (
                "select a.b, `c d`.\"e\" -- x.y\n# z\nfrom t",
                vec![
                    Word("select"),
                    Word("a"),
                    Dot,
                    Word("b"),
                    Other,
                    Quoted("c d"),
                    Dot,
                    Quoted("e"),
                    Word("from"),
                    Word("t"),
                ],
            ),
            (
                "'a\\'.b''c' 1--1",
                vec![Other, Word("1"), Other, Other, Word("1")],
            ),
            (
                "/* x */ /*!50000 drop */ a /*M!100100 b*/",
                vec![Word("drop"), Word("a"), Word("b")],
            ),
            ("`a``b`", vec![Quoted("a``b")]),
            ("/* without an end", vec![]),
            ("`without an end", vec![Quoted("without an end")]),
            ("ä.ö", vec![Word("ä"), Dot, Word("ö")]),
        ] {
            assert_eq!(tokens(statement), expected, "{statement}");
        }
    }
}
