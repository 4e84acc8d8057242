//! One finding, and where in which file it is.

use super::{Code, Severity};
use crate::app::{GrantKind, Problem, SourceFile, Span};

/// Something that an audit found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is about.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// What was found, in one sentence.
    pub message: String,
    /// The component that it is about, if it is about one.
    pub component: Option<String>,
    /// What it is about, where the message says more than that: the same in every run.
    pub subject: Option<String>,
    /// Where it stands.
    pub place: Option<Place>,
    /// Why it matters.
    pub why: &'static str,
    /// How to mend it.
    pub help: String,
    /// Whether it makes the command fail.
    pub denied: bool,
}

impl Finding {
    /// A finding that is as bad as its code says.
    pub fn new(code: Code, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity(),
            message: message.into(),
            component: None,
            subject: None,
            place: None,
            why: code.why(),
            help: help.into(),
            denied: false,
        }
    }

    /// Says why it matters, where that is not what its code says.
    #[must_use]
    pub fn because(mut self, why: &'static str) -> Self {
        self.why = why;
        self
    }

    /// Says which grant it is about.
    #[must_use]
    pub(super) fn on(mut self, kind: GrantKind, name: &str) -> Self {
        self.subject = Some(format!("{kind} {name}"));
        self
    }

    /// Says which component it is about.
    #[must_use]
    pub fn of(mut self, component: &str) -> Self {
        self.component = Some(component.to_owned());
        self
    }

    /// Says where it stands.
    #[must_use]
    pub fn at(mut self, file: &SourceFile, span: &Span) -> Self {
        self.place = Some(Place::new(file, span));
        self
    }

    /// What the app's reader found, under this code.
    pub(super) fn of_problem(code: Code, problem: &Problem) -> Self {
        let help = problem.help.clone().unwrap_or_else(|| {
            let label = problem.label.iter().map(|label| format!(": {label}"));
            format!("correct it{}", label.collect::<String>())
        });
        let mut finding = Self::new(code, one_line(&problem.message), one_line(&help));
        finding.place = problem
            .file()
            .zip(problem.span())
            .map(|(file, span)| Place::new(file, span));
        finding
    }
}

/// Spin's longer messages have several lines; a finding is one.
fn one_line(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines.join(" ")
}

/// A piece of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, as the user named it.
    pub file: String,
    /// Its line, from 1.
    pub line: usize,
    /// Its column, from 1, in characters.
    pub column: usize,
    /// The line that it ends in.
    pub end_line: usize,
    /// The column after its last character.
    pub end_column: usize,
}

impl Place {
    /// The place of some bytes.
    pub fn new(file: &SourceFile, span: &Span) -> Self {
        let (line, column) = file.line_and_column(span.start);
        let (end_line, end_column) = file.line_and_column(span.end);
        Self {
            file: file.name().to_owned(),
            line,
            column,
            end_line,
            end_column,
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}:{}:{}", self.file, self.line, self.column)
    }
}
