//! Colours of the report, and text that cannot garble a terminal.

use crate::value::visible;
use anstyle::{AnsiColor, Effects, Style};
use std::borrow::Cow;
use std::fmt::Display;

pub(super) const GOOD: Style = AnsiColor::Green.on_default();
pub(super) const BAD: Style = AnsiColor::Red.on_default();
pub(super) const DOUBTFUL: Style = AnsiColor::Yellow.on_default();
pub(super) const SENT: Style = AnsiColor::Cyan.on_default();
pub(super) const FAINT: Style = Style::new().effects(Effects::DIMMED);
pub(super) const STRONG: Style = Style::new().effects(Effects::BOLD);

/// Paints, or does not.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paint(pub bool);

impl Paint {
    pub fn with(self, style: Style, text: impl Display) -> String {
        match self.0 {
            true => format!("{style}{text}{style:#}"),
            false => text.to_string(),
        }
    }

    /// A message of the harness, which may have colours of its own.
    pub fn message(self, text: &str) -> Cow<'_, str> {
        match self.0 {
            true => Cow::Borrowed(text),
            false => Cow::Owned(anstream::adapter::strip_str(text).to_string()),
        }
    }
}

/// Text of a user's file or of a guest, on one line.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    visible(text)
}
