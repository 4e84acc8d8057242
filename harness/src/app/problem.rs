//! What is wrong with a user's file, and where: the text to show, the place to underline, the nearest thing that would have worked.

use crate::value::nearest;
use std::fmt::{self, Write as _};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use miette::{Diagnostic, LabeledSpan, NamedSource, Severity, SourceCode, SourceSpan};

/// Bytes of a file, from the first up to and not including the last.
pub type Span = Range<usize>;

/// A line longer than this is not shown: a screenful of it would hide the message.
const LONGEST_LINE_SHOWN: usize = 1_000;

/// At most this many characters of a message, label or help are kept.
const LONGEST_TEXT: usize = 2_000;

/// At most this many problems are shown of one file; the rest is a count.
const MOST_SHOWN: usize = 20;

/// At most this many problems are kept while a file is read, so that a file of nothing but mistakes costs no more than another.
const MOST_KEPT: usize = 1_000;

/// The text of a file and the name that messages give it.
#[derive(Clone)]
pub struct SourceFile {
    source: Arc<NamedSource<Arc<str>>>,
    /// Where each line begins; a file may have as many places as lines.
    lines: Arc<OnceLock<Vec<usize>>>,
}

impl SourceFile {
    /// A file whose content is `text`; `name` is shown as it stands.
    pub fn new(name: impl Into<String>, text: impl Into<Arc<str>>) -> Self {
        let text: Arc<str> = text.into();
        Self {
            source: Arc::new(NamedSource::new(name.into(), text)),
            lines: Arc::default(),
        }
    }

    /// The name shown in messages.
    pub fn name(&self) -> &str {
        self.source.name()
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        self.source.inner()
    }

    /// Line and column of a byte, both from 1; the column counts characters.
    pub fn line_and_column(&self, offset: usize) -> (usize, usize) {
        let text = self.text();
        let mut offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let lines = self.lines.get_or_init(|| {
            let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            std::iter::once(0)
                .chain(newlines.map(|(at, _)| at + 1))
                .collect()
        });
        let line = lines.partition_point(|start| *start <= offset);
        let line_start = line.checked_sub(1).and_then(|at| lines.get(at)).copied();
        let before = &text[line_start.unwrap_or(0)..offset];
        (line, before.chars().count() + 1)
    }

    fn can_show(&self, span: &Span) -> bool {
        let text = self.text().as_bytes();
        let (Some(before), Some(after)) = (text.get(..span.start), text.get(span.end..)) else {
            return false;
        };
        // Not a byte more is looked at than needed: a file may be one line, and have many problems.
        let is_newline = |byte: &u8| *byte == b'\n';
        let before = before
            .iter()
            .rev()
            .take(LONGEST_LINE_SHOWN + 1)
            .take_while(|byte| !is_newline(byte))
            .count();
        let after = after
            .iter()
            .take(LONGEST_LINE_SHOWN + 1)
            .take_while(|byte| !is_newline(byte))
            .count();
        before + span.len() + after <= LONGEST_LINE_SHOWN
    }
}

impl fmt::Debug for SourceFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SourceFile")
            .field("name", &self.name())
            .finish_non_exhaustive()
    }
}

/// One thing that is wrong, or suspicious, in a user's file.
///
/// The message is Spin's own wherever Spin has one; place, label and help are ours.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    /// What is wrong, in one sentence.
    pub message: String,
    /// A stable name for this kind of problem, such as `app::unknown_field`.
    pub code: &'static str,
    /// Whether it stops the app from loading.
    pub severity: Severity,
    /// What to write under the underlined text.
    pub label: Option<String>,
    /// What to do about it.
    pub help: Option<String>,
    file: Option<SourceFile>,
    span: Option<Span>,
    visible: bool,
}

impl Problem {
    /// A problem that stops the app from loading.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            message: shortened(message.into()),
            code,
            severity: Severity::Error,
            label: None,
            help: None,
            file: None,
            span: None,
            visible: false,
        }
    }

    /// A problem that the user should know of, though the app loads.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, message)
        }
    }

    /// Says where in which file the problem is.
    #[must_use]
    pub fn at(mut self, file: &SourceFile, span: Span) -> Self {
        // A table may go on for pages: its first line says where it is.
        let first_line = file
            .text()
            .get(span.clone())
            .and_then(|text| text.find('\n'));
        let span = first_line.map_or(span.clone(), |length| span.start..span.start + length);
        self.visible = file.can_show(&span);
        self.file = Some(file.clone());
        self.span = Some(span);
        self
    }

    /// Says what to write under the underlined text.
    #[must_use]
    pub fn labelled(mut self, label: impl Into<String>) -> Self {
        self.label = Some(shortened(label.into()));
        self
    }

    /// Says what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(shortened(help.into()));
        self
    }

    /// As [`Problem::help`], for help that there may be none of.
    #[must_use]
    pub fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help.map(shortened);
        self
    }

    /// `spin.toml:12:5`, or nothing for a problem that has no place.
    pub fn location(&self) -> Option<String> {
        let file = self.file.as_ref()?;
        let (line, column) = file.line_and_column(self.span.as_ref()?.start);
        Some(format!("{}:{line}:{column}", file.name()))
    }

    /// The file, if the problem has a place.
    pub fn file(&self) -> Option<&SourceFile> {
        self.file.as_ref()
    }

    /// The bytes of the file that it is about, within one line.
    pub fn span(&self) -> Option<&Span> {
        self.span.as_ref()
    }

    /// The underlined text.
    pub fn underlined(&self) -> Option<&str> {
        self.file.as_ref()?.text().get(self.span.clone()?)
    }
}

/// A text that quotes the user's file, cut where nobody would read on.
fn shortened(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(LONGEST_TEXT) {
        text.truncate(end);
        text.push('…');
    }
    text
}

impl Diagnostic for Problem {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.code))
    }

    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let mut help = self.help.clone().unwrap_or_default();
        if !self.visible
            && let Some(location) = self.location()
        {
            let separator = if help.is_empty() { "" } else { "\n" };
            // Writing to a string can't fail.
            let _ = write!(help, "{separator}at {location}");
        }
        (!help.is_empty()).then(|| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        let file = self.file.as_ref().filter(|_| self.visible)?;
        Some(&*file.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.span.clone().filter(|_| self.visible)?;
        let span = SourceSpan::from((span.start, span.end.saturating_sub(span.start)));
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(
            self.label.clone(),
            span,
        ))))
    }
}

/// Something the user should know of that does not stop the app: a [`Problem`] of severity [`Severity::Warning`].
pub type Warning = Problem;

/// Why an app does not load: one problem or several, found together.
#[derive(Clone, Debug)]
pub struct LoadError {
    first: Box<Problem>,
    rest: Vec<Problem>,
}

impl LoadError {
    /// All problems, in the order of the file. There is at least one.
    pub fn problems(&self) -> impl Iterator<Item = &Problem> {
        std::iter::once(&*self.first).chain(&self.rest)
    }

    /// An error of these problems; nothing if there are none.
    pub(crate) fn from_problems(problems: Vec<Problem>) -> Result<(), Self> {
        Self::from_some_problems(problems, 0)
    }

    /// As [`LoadError::from_problems`], with `forgotten` more that nothing is known of.
    fn from_some_problems(problems: Vec<Problem>, forgotten: usize) -> Result<(), Self> {
        let total = problems.len() + forgotten;
        let mut problems = problems.into_iter();
        let first = match problems.next() {
            Some(first) => first,
            None if forgotten > 0 => Problem::error(
                "app::more",
                format!("there are {forgotten} mistakes in the file"),
            ),
            None => return Ok(()),
        };
        let mut rest: Vec<Problem> = problems.take(MOST_SHOWN - 1).collect();
        let shown = rest.len() + 1;
        if shown < total {
            rest.push(Problem::error(
                "app::more",
                format!("and {} more like these", total - shown),
            ));
        }
        Err(Self {
            first: Box::new(first),
            rest,
        })
    }
}

impl From<Problem> for LoadError {
    fn from(problem: Problem) -> Self {
        Self {
            first: Box::new(problem),
            rest: Vec::new(),
        }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.first, formatter)
    }
}

impl std::error::Error for LoadError {}

impl Diagnostic for LoadError {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.first.code()
    }

    fn severity(&self) -> Option<Severity> {
        self.first.severity()
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Diagnostic::help(&*self.first)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.first.source_code()
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.first.labels()
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        if self.rest.is_empty() {
            return None;
        }
        Some(Box::new(
            self.rest.iter().map(|problem| problem as &dyn Diagnostic),
        ))
    }
}

/// The problems of one file as they are found.
pub(crate) struct Report {
    pub(crate) file: SourceFile,
    problems: std::cell::RefCell<Vec<Problem>>,
    forgotten: std::cell::Cell<usize>,
}

impl Report {
    pub(crate) fn new(file: SourceFile) -> Self {
        Self {
            file,
            problems: std::cell::RefCell::default(),
            forgotten: std::cell::Cell::new(0),
        }
    }

    /// Notes a problem at `span`.
    pub(crate) fn add(&self, span: Span, problem: Problem) {
        if !self.is_full() {
            self.problems
                .borrow_mut()
                .push(problem.at(&self.file, span));
        } else if problem.severity == Severity::Error {
            self.forgotten.set(self.forgotten.get() + 1);
        }
    }

    /// Whatever `read` finds wrong has this code.
    pub(crate) fn under<T>(&self, code: &'static str, read: impl FnOnce() -> T) -> T {
        let before = self.problems.borrow().len();
        let value = read();
        for problem in self.problems.borrow_mut().iter_mut().skip(before) {
            problem.code = code;
        }
        value
    }

    /// Whether it keeps no more problems: nobody needs help with them.
    pub(crate) fn is_full(&self) -> bool {
        self.problems.borrow().len() >= MOST_KEPT
    }

    /// The warnings, or the errors where there are any, both in the order of the file.
    pub(crate) fn finish(self) -> Result<Vec<Warning>, LoadError> {
        let forgotten = self.forgotten.get();
        let (errors, warnings) = self
            .into_problems()
            .into_iter()
            .partition(|problem| problem.severity == Severity::Error);
        LoadError::from_some_problems(errors, forgotten)?;
        Ok(warnings)
    }

    /// Errors and warnings together, in the order of the file.
    pub(crate) fn into_problems(self) -> Vec<Problem> {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|problem| problem.span.as_ref().map(|span| span.start));
        // A table that is read twice complains twice.
        problems.dedup_by(|one, other| one.span == other.span && one.message == other.message);
        problems
    }
}

/// `did you mean "x"?`, or else what there is to choose from.
pub(crate) fn suggest<'a>(
    wrong: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    what: &str,
) -> Option<String> {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    if let Some(candidate) = nearest(wrong, candidates.iter().copied()) {
        return Some(format!("did you mean `{candidate}`?"));
    }
    match candidates.len() {
        0 => None,
        1..=30 => Some(format!("{what}: `{}`", candidates.join("`, `"))),
        _ => None,
    }
}
