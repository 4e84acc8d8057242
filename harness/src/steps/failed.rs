//! Why a step failed, ready to be read.

use crate::engine::AppError;
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};
use std::error::Error;
use std::fmt;

/// A step that failed: what a person needs to know about it, one line or several.
///
/// It is made of any error by `?`, so steps of your own can return `Result<(), Failed>` and use what they like.
/// For that reason it is no [`std::error::Error`] itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Failed {
    message: String,
}

impl Failed {
    /// A failure with this message.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
        }
    }

    /// The message.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// With another line, unless it is empty.
    #[must_use]
    pub fn note(mut self, note: &str) -> Self {
        if !note.is_empty() {
            self.message.push('\n');
            self.message.push_str(note);
        }
        self
    }

    /// An error with the advice that it carries.
    pub(crate) fn explained(error: impl Diagnostic) -> Self {
        let advice = error.help().map(|help| format!("help: {help}"));
        Self::new(with_causes(&error)).note(&advice.unwrap_or_default())
    }

    /// An app that will not load, with the places in its files.
    pub(crate) fn of_app(error: &AppError, color: bool) -> Self {
        Self::with_places("the app does not load:", error, color)
    }

    /// What is wrong with a file, with the places in it.
    pub(crate) fn with_places(what: &str, error: &dyn Diagnostic, color: bool) -> Self {
        let theme = if color {
            GraphicalTheme::unicode()
        } else {
            GraphicalTheme::unicode_nocolor()
        };
        let mut report = String::new();
        let rendered = GraphicalReportHandler::new_themed(theme)
            .with_links(false)
            .render_report(&mut report, error);
        match rendered {
            Ok(()) => Self::new(what).note(report.trim_end()),
            Err(_) => Self::new(format!("{what} {error}")),
        }
    }
}

/// An error and what it came from, without saying anything twice.
fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

impl<E: Error> From<E> for Failed {
    fn from(error: E) -> Self {
        Self::new(with_causes(&error))
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// As [`fmt::Display`], so that a test which returns a `Failed` shows it as it is meant to be read.
impl fmt::Debug for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;
    use std::path::Path;

    #[test]
    fn an_error_brings_its_causes_and_its_advice() {
        let error = Value::parse("file:nowhere", Path::new("/nonexistent")).unwrap_err();
        let message = Failed::explained(error).to_string();
        assert!(message.contains("No such file"), "{message}");
        assert!(message.contains("\nhelp: `file:` paths"), "{message}");
    }
}
