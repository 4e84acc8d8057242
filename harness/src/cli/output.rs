//! Where the command writes: what was asked for goes to standard output, what went wrong to standard error.

use clap::ColorChoice;
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};
use std::fmt;
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

    /// Writes a problem or a warning with its place to standard error; several of one file each in a block of its own.
    pub fn diagnostic(&self, diagnostic: &dyn Diagnostic) {
        let mut blocks = vec![diagnostic];
        blocks.extend(diagnostic.related().into_iter().flatten());
        causes_first(&mut blocks);
        blocks.into_iter().for_each(|block| self.block(block));
    }

    fn block(&self, diagnostic: &dyn Diagnostic) {
        let theme = match self.error_color {
            true => GraphicalTheme::unicode(),
            false => GraphicalTheme::unicode_nocolor(),
        };
        let mut text = String::new();
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_links(false)
            .with_width(100);
        if handler
            .render_report(&mut text, &Alone(diagnostic))
            .is_err()
        {
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

    /// Writes a line of what was asked for to standard output.
    pub fn say(&self, text: &str) -> super::Outcome {
        let mut out = io::stdout().lock();
        match writeln!(out, "{text}").and_then(|()| out.flush()) {
            Ok(()) => super::Outcome::Passed,
            Err(error) => {
                self.error(format_args!("the report cannot be written: {error}"));
                super::Outcome::Unable
            }
        }
    }

    /// Says something to the person who waits, on standard error.
    pub fn note(&self, message: impl std::fmt::Display) {
        error_text(&message.to_string());
    }
}

/// A diagnostic without those that were found together with it.
struct Alone<'d>(&'d dyn Diagnostic);

impl fmt::Debug for Alone<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.0, formatter)
    }
}

impl fmt::Display for Alone<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.0, formatter)
    }
}

impl std::error::Error for Alone<'_> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

impl Diagnostic for Alone<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.0.code()
    }

    fn severity(&self) -> Option<miette::Severity> {
        self.0.severity()
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.0.help()
    }

    fn url<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.0.url()
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        self.0.source_code()
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = miette::LabeledSpan> + '_>> {
        self.0.labels()
    }

    fn diagnostic_source(&self) -> Option<&dyn Diagnostic> {
        self.0.diagnostic_source()
    }
}

/// Moves an unknown field before the field that is missing because it is misspelt: mending one mends both.
fn causes_first(blocks: &mut Vec<&dyn Diagnostic>) {
    let mut index = 0;
    while index < blocks.len() {
        let message = blocks[index].to_string();
        let missing = message
            .strip_prefix("missing field `")
            .and_then(|rest| rest.split('`').next());
        let meant = missing.map(|name| format!("did you mean `{name}`?"));
        let misspelt = meant.and_then(|meant| {
            blocks[index + 1..].iter().position(|block| {
                let help = block.help().map(|help| help.to_string());
                block.to_string().starts_with("unknown field")
                    && help.is_some_and(|help| help.contains(&meant))
            })
        });
        if let Some(later) = misspelt {
            let cause = blocks.remove(index + 1 + later);
            blocks.insert(index, cause);
            index += 1;
        }
        index += 1;
    }
}

/// Nobody may read standard error; that is no reason to stop.
fn error_text(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
