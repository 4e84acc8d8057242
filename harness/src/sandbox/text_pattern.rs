//! Patterns of what guests send in words, such as a prompt: `*` is any text, everything else is itself.

use super::{BadKeyPattern, KeyPattern};
use std::fmt;

/// A pattern of texts: `*` is any text, and `\*` a star. Brackets and question marks, which prompts are full of, are
/// themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextPattern {
    text: String,
    pattern: KeyPattern,
}

impl TextPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    ///
    /// A pattern that is too large.
    pub fn new(text: &str) -> Result<Self, BadKeyPattern> {
        let mut pattern = String::with_capacity(text.len());
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            match character {
                '*' => pattern.push('*'),
                '\\' if characters.peek() == Some(&'*') => {
                    characters.next();
                    pattern.push_str("\\*");
                }
                '?' | '[' | ']' | '{' | '}' | ',' | '\\' => {
                    pattern.push('\\');
                    pattern.push(character);
                }
                other => pattern.push(other),
            }
        }
        Ok(Self {
            text: text.to_owned(),
            pattern: KeyPattern::new(&pattern)?,
        })
    }

    /// The pattern that fits this text and no other.
    ///
    /// # Errors
    ///
    /// As [`TextPattern::new`].
    pub fn exactly(text: &str) -> Result<Self, BadKeyPattern> {
        Self::new(&text.replace('*', "\\*"))
    }

    /// Whether a text fits.
    pub fn fits(&self, text: &str) -> bool {
        self.pattern.fits(text)
    }
}

impl fmt::Display for TextPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_star_is_any_text() {
        for (pattern, text) in [
            ("*weather*", "How is the weather?\nIn Oslo."),
            ("[INST] {a,b}? *", "[INST] {a,b}? yes"),
            ("*", ""),
            (r"2 \* 3", "2 * 3"),
            (r"C:\temp", r"C:\temp"),
        ] {
            assert!(TextPattern::new(pattern).unwrap().fits(text), "{pattern}");
        }
        for (pattern, text) in [
            ("weather", "the weather"),
            ("[ab]", "a"),
            ("what?", "whats"),
            (r"2 \* 3", "2 times 3"),
        ] {
            assert!(!TextPattern::new(pattern).unwrap().fits(text), "{pattern}");
        }
    }

    #[test]
    fn a_text_fits_itself() {
        let exactly = TextPattern::exactly("2 * 3?").unwrap();
        assert!(exactly.fits("2 * 3?"));
        assert!(!exactly.fits("2 x 3?"));
    }
}
