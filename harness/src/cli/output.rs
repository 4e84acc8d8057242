//! Where the command writes: what was asked for goes to standard output, what went wrong to standard error.

use clap::ColorChoice;
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};
use std::io::{self, Write};

/// Where the command writes, and whether in colour.
#[derive(Clone, Copy, Debug)]
pub(super) struct Output {
    /// Whether standard output takes colours.
    pub color: bool,
    /// Whether standard error does.
    pub error_color: bool,
}

impl Output {
    pub fn new(choice: ColorChoice) -> Self {
        let decide = |auto: anstream::ColorChoice| match choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => auto != anstream::ColorChoice::Never,
        };
        Self {
            color: decide(anstream::AutoStream::choice(&io::stdout())),
            error_color: decide(anstream::AutoStream::choice(&io::stderr())),
        }
    }

    /// Writes a problem or a warning with its place to standard error.
    pub fn diagnostic(&self, diagnostic: &dyn Diagnostic) {
        let theme = match self.error_color {
            true => GraphicalTheme::unicode(),
            false => GraphicalTheme::unicode_nocolor(),
        };
        let mut text = String::new();
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_links(false)
            .with_width(100);
        if handler.render_report(&mut text, diagnostic).is_err() {
            text = diagnostic.to_string();
        }
        error_text(text.trim_end());
    }

    /// Writes an error without a place to standard error.
    pub fn error(&self, message: impl std::fmt::Display) {
        let label = match self.error_color {
            true => "\u{1b}[31merror:\u{1b}[0m",
            false => "error:",
        };
        error_text(&format!("{label} {message}"));
    }

    /// Says something to the person who waits, on standard error.
    pub fn note(&self, message: impl std::fmt::Display) {
        error_text(&message.to_string());
    }
}

/// Nobody may read standard error; that is no reason to stop.
fn error_text(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
