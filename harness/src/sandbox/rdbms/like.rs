//! Patterns of statements, as SQL's `LIKE` has them: `%` is any text, `_` any character.

use std::fmt;

/// A pattern of statements. Neither the case of letters nor the number of blanks between words matters, since nobody keeps
/// to either when they write SQL; `\` takes the next character as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LikePattern {
    text: String,
    parts: Vec<Part>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Any,
    One,
    Just(char),
}

impl LikePattern {
    /// Every text is a pattern.
    pub fn new(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut characters = normal(text).into_iter();
        while let Some(character) = characters.next() {
            parts.push(match character {
                '%' => Part::Any,
                '_' => Part::One,
                '\\' => Part::Just(characters.next().unwrap_or('\\')),
                other => Part::Just(other),
            });
        }
        Self {
            text: text.to_owned(),
            parts,
        }
    }

    /// Whether a statement fits, all of it.
    pub fn fits(&self, statement: &str) -> bool {
        let text = normal(statement);
        let (mut part, mut at) = (0, 0);
        // Where to go on when what followed the last `%` does not fit after all.
        let mut retry: Option<(usize, usize)> = None;
        while at < text.len() {
            match self.parts.get(part) {
                Some(Part::Any) => {
                    retry = Some((part + 1, at));
                    part += 1;
                }
                Some(Part::One) => (part, at) = (part + 1, at + 1),
                Some(Part::Just(wanted)) if *wanted == text[at] => {
                    (part, at) = (part + 1, at + 1);
                }
                _ => match &mut retry {
                    Some((after, from)) => {
                        *from += 1;
                        (part, at) = (*after, *from);
                    }
                    None => return false,
                },
            }
        }
        self.parts[part..].iter().all(|part| *part == Part::Any)
    }
}

impl fmt::Display for LikePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A statement with one blank for each run of them, and in lower case.
fn normal(text: &str) -> Vec<char> {
    let words: Vec<&str> = text.split_whitespace().collect();
    words
        .join(" ")
        .chars()
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_sql_has_it() {
        for (pattern, statement, fits) in [
            ("select 1", "SELECT 1", true),
            ("select 1", "select 1 from t", false),
            ("select%", "select", true),
            (
                "%from users%",
                "SELECT *\n  FROM   users\n WHERE id = $1",
                true,
            ),
            ("select * from users", "select * from  users ", true),
            ("select _", "select 1", true),
            ("select _", "select 12", false),
            ("select _", "select", false),
            ("%a%b", "aabab", true),
            ("%a%b", "aaba", false),
            (r"100\%", "100%", true),
            (r"100\%", "1000", false),
            (r"a\_b", "a_b", true),
            (r"a\_b", "axb", false),
            ("%", "", true),
            ("", "", true),
            ("", "a", false),
        ] {
            let pattern = LikePattern::new(pattern);
            assert_eq!(pattern.fits(statement), fits, "{pattern} {statement}");
        }
    }
}
