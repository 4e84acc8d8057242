//! Reads TOML so that every value knows its place in the file, and notes everything that is wrong instead of stopping at the first thing.

use std::cell::RefCell;
use std::io::Read as _;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{LoadError, Problem, Report, SourceFile, Span, suggest};

/// A value and where it stands.
pub(crate) type Node<'d> = Spanned<DeValue<'d>>;

/// Larger files are taken for a mistake (a wasm file, a device) and not read to their end.
const LARGEST_FILE: u64 = 16 * 1024 * 1024;

/// A piece of a file, and where it stands in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located<T> {
    /// What stands there.
    pub value: T,
    /// Where: byte offsets into the file.
    pub span: Span,
}

/// Reads a text file whole. `what` says in messages what the file is for, such as `the manifest`.
pub(crate) fn read_text(path: &Path, what: &str) -> Result<SourceFile, LoadError> {
    let name = path.display().to_string();
    let unreadable = |error: &std::io::Error| {
        Problem::error(
            "app::unreadable",
            format!("cannot read {what} {name}: {error}"),
        )
    };
    // Nobody may ever write to a pipe.
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        let kind = std::fs::metadata(path).map_err(|error| unreadable(&error))?;
        if kind.file_type().is_fifo() {
            let text = format!("cannot read {what} {name}: it is a pipe, and not a file");
            return Err(Problem::error("app::unreadable", text).into());
        }
    }
    let mut file = std::fs::File::open(path).map_err(|error| unreadable(&error))?;
    let mut bytes = Vec::new();
    file.by_ref()
        .take(LARGEST_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(&error))?;
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(Problem::error(
            "app::too_large",
            format!("{what} {name} is larger than 16 MiB"),
        )
        .help("is this the right file?")
        .into());
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(SourceFile::new(name, text)),
        Err(error) => {
            let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
            let column = String::from_utf8_lossy(valid)
                .chars()
                .rev()
                .take_while(|c| *c != '\n')
                .count()
                + 1;
            Err(Problem::error("app::not_text", format!("{what} {name} is not UTF-8 text"))
                .help(format!("the first byte that is no UTF-8 is at {name}:{line}:{column}; is this the right file?"))
                .into())
        }
    }
}

/// Parses TOML. Mistakes of syntax go into the report; the meaning of a text that has any is not looked at.
pub(crate) fn parse<'d>(report: &Report, text: &'d str) -> Option<Spanned<DeTable<'d>>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    // What the parser says after its first few complaints is mostly about its own recovery; of those about one place
    // the last is the most exact.
    let start = |error: &toml::de::Error| error.span().unwrap_or(0..0).start;
    let exact = errors.iter().enumerate().filter(|(index, error)| {
        !errors[index + 1..]
            .iter()
            .take(3)
            .any(|later| start(later) == start(error))
    });
    for (_, error) in exact.take(3) {
        let span = error.span().unwrap_or(0..0);
        // An empty span would underline nothing.
        let end = text[span.start.min(text.len())..]
            .chars()
            .next()
            .map_or(span.start, |next| span.start + next.len_utf8());
        let span = if span.is_empty() {
            span.start..end
        } else {
            span
        };
        report.add(
            span,
            Problem::error("app::toml", error.message().to_owned())
                .labelled("not valid TOML from here"),
        );
    }
    errors.is_empty().then_some(document)
}

/// A value as serde, and so Spin, names it when it has the wrong type.
fn describe(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => {
            let short: String = text.chars().take(60).collect();
            format!(
                "string {short:?}{}",
                if short.len() < text.len() { "…" } else { "" }
            )
        }
        DeValue::Integer(integer) => format!("integer `{}`", integer.as_str()),
        DeValue::Float(float) => format!("floating point `{}`", float.as_str()),
        DeValue::Boolean(boolean) => format!("boolean `{boolean}`"),
        DeValue::Datetime(_) => "datetime".to_owned(),
        DeValue::Array(_) => "sequence".to_owned(),
        DeValue::Table(_) => "map".to_owned(),
    }
}

/// That a value has the wrong type.
pub(crate) fn mistyped(node: &Node<'_>, expected: &str) -> Problem {
    let message = format!(
        "invalid type: {}, expected {expected}",
        describe(node.get_ref())
    );
    Problem::error("app::wrong_type", message).labelled(format!("expected {expected}"))
}

/// Notes that a value has the wrong type.
pub(crate) fn wrong_type(report: &Report, node: &Node<'_>, expected: &str) {
    report.add(node.span(), mistyped(node, expected));
}

/// A string, or a problem in the report.
pub(crate) fn string(report: &Report, node: &Node<'_>) -> Option<Located<String>> {
    let DeValue::String(text) = node.get_ref() else {
        wrong_type(report, node, "a string");
        return None;
    };
    Some(Located {
        value: text.to_string(),
        span: node.span(),
    })
}

/// A boolean, or a problem in the report.
pub(crate) fn boolean(report: &Report, node: &Node<'_>) -> Option<bool> {
    let DeValue::Boolean(boolean) = node.get_ref() else {
        wrong_type(report, node, "a boolean");
        return None;
    };
    Some(*boolean)
}

/// An integer of 0 or more, or a problem in the report.
pub(crate) fn unsigned(report: &Report, node: &Node<'_>) -> Option<u64> {
    let DeValue::Integer(integer) = node.get_ref() else {
        wrong_type(report, node, "an integer");
        return None;
    };
    let Some(number) = whole_number(node) else {
        report.add(
            node.span(),
            Problem::error(
                "app::wrong_type",
                format!(
                    "invalid value: integer `{}`, expected usize",
                    integer.as_str()
                ),
            )
            .labelled("expected a number from 0 to 18446744073709551615"),
        );
        return None;
    };
    Some(number)
}

/// A number that is whole and not negative.
pub(crate) fn whole_number(node: &Node<'_>) -> Option<u64> {
    match node.get_ref() {
        DeValue::Integer(integer) => u64::from_str_radix(integer.as_str(), integer.radix()).ok(),
        _ => None,
    }
}

/// The elements of an array, or a problem in the report.
pub(crate) fn array<'d>(report: &Report, node: &'d Node<'d>) -> Option<Vec<&'d Node<'d>>> {
    let DeValue::Array(array) = node.get_ref() else {
        wrong_type(report, node, "a sequence");
        return None;
    };
    Some(array.iter().collect())
}

/// The strings of an array; what is no string goes into the report.
pub(crate) fn strings(report: &Report, node: &Node<'_>) -> Vec<Located<String>> {
    let DeValue::Array(array) = node.get_ref() else {
        wrong_type(report, node, "a sequence");
        return Vec::new();
    };
    array
        .iter()
        .filter_map(|element| string(report, element))
        .collect()
}

/// The value without its places.
pub(crate) fn plain(value: &DeValue<'_>) -> toml::Value {
    match value {
        DeValue::String(text) => toml::Value::String(text.to_string()),
        // A number that Rust can't hold is kept as its text: it belongs to another tool, which may.
        DeValue::Integer(integer) => i64::from_str_radix(integer.as_str(), integer.radix())
            .map_or_else(
                |_| toml::Value::String(integer.as_str().to_owned()),
                toml::Value::Integer,
            ),
        DeValue::Float(float) => float.as_str().parse().map_or_else(
            |_| toml::Value::String(float.as_str().to_owned()),
            toml::Value::Float,
        ),
        DeValue::Boolean(boolean) => toml::Value::Boolean(*boolean),
        DeValue::Datetime(datetime) => toml::Value::Datetime(*datetime),
        DeValue::Array(array) => toml::Value::Array(
            array
                .iter()
                .map(|element| plain(element.get_ref()))
                .collect(),
        ),
        DeValue::Table(table) => toml::Value::Table(
            table
                .iter()
                .map(|(key, value)| (key.get_ref().to_string(), plain(value.get_ref())))
                .collect(),
        ),
    }
}

/// One key of a table and its value.
#[derive(Clone, Copy)]
pub(crate) struct Entry<'d> {
    pub(crate) key: &'d Spanned<std::borrow::Cow<'d, str>>,
    pub(crate) node: &'d Node<'d>,
}

impl<'d> Entry<'d> {
    pub(crate) fn name(&self) -> &'d str {
        self.key.get_ref()
    }

    pub(crate) fn key_span(&self) -> Span {
        self.key.span()
    }
}

/// A table whose fields are known by name. Whatever was not asked for is an unknown field.
pub(crate) struct Fields<'d> {
    pub(crate) report: &'d Report,
    /// What to underline when a field is missing.
    pub(crate) span: Span,
    entries: Vec<Entry<'d>>,
    known: RefCell<Vec<&'static str>>,
}

impl<'d> Fields<'d> {
    /// The fields of a table that is already known to be one.
    pub(crate) fn of_table(report: &'d Report, table: &'d DeTable<'d>, span: Span) -> Self {
        let mut entries: Vec<Entry<'d>> = table
            .iter()
            .map(|(key, node)| Entry { key, node })
            .collect();
        // The parser sorts keys by name; messages, triggers and components go by place.
        entries.sort_by_key(|entry| entry.key.span().start);
        Self {
            report,
            span,
            entries,
            known: RefCell::default(),
        }
    }

    /// The fields of a table, or a problem in the report.
    pub(crate) fn of(report: &'d Report, node: &'d Node<'d>) -> Option<Self> {
        let DeValue::Table(table) = node.get_ref() else {
            wrong_type(report, node, "a map");
            return None;
        };
        Some(Self::of_table(report, table, node.span()))
    }

    /// All entries in the order of the file.
    pub(crate) fn entries(&self) -> &[Entry<'d>] {
        &self.entries
    }

    /// The entries that no field was asked for.
    pub(crate) fn others(&self) -> Vec<Entry<'d>> {
        let known = self.known.borrow();
        self.entries
            .iter()
            .filter(|entry| !known.contains(&entry.name()))
            .copied()
            .collect()
    }

    /// The value of a field, if it is there.
    pub(crate) fn get(&self, name: &'static str) -> Option<&'d Node<'d>> {
        self.entry(name).map(|entry| entry.node)
    }

    /// A field with its key, if it is there.
    pub(crate) fn entry(&self, name: &'static str) -> Option<Entry<'d>> {
        let mut known = self.known.borrow_mut();
        if !known.contains(&name) {
            known.push(name);
        }
        self.entries
            .iter()
            .find(|entry| entry.name() == name)
            .copied()
    }

    /// The value of a field that must be there.
    pub(crate) fn required(&self, name: &'static str) -> Option<&'d Node<'d>> {
        let node = self.get(name);
        if node.is_none() {
            self.report.add(
                self.span.clone(),
                Problem::error("app::missing_field", format!("missing field `{name}`"))
                    .labelled(format!("`{name}` is missing here")),
            );
        }
        node
    }

    pub(crate) fn string(&self, name: &'static str) -> Option<Located<String>> {
        string(self.report, self.get(name)?)
    }

    pub(crate) fn text(&self, name: &'static str) -> Option<String> {
        self.string(name).map(|string| string.value)
    }

    pub(crate) fn required_string(&self, name: &'static str) -> Option<Located<String>> {
        string(self.report, self.required(name)?)
    }

    pub(crate) fn boolean(&self, name: &'static str) -> Option<bool> {
        boolean(self.report, self.get(name)?)
    }

    pub(crate) fn unsigned(&self, name: &'static str) -> Option<u64> {
        unsigned(self.report, self.get(name)?)
    }

    pub(crate) fn strings(&self, name: &'static str) -> Vec<Located<String>> {
        self.get(name)
            .map(|node| strings(self.report, node))
            .unwrap_or_default()
    }

    pub(crate) fn texts(&self, name: &'static str) -> Vec<String> {
        self.strings(name)
            .into_iter()
            .map(|string| string.value)
            .collect()
    }

    pub(crate) fn array(&self, name: &'static str) -> Vec<&'d Node<'d>> {
        self.get(name)
            .and_then(|node| array(self.report, node))
            .unwrap_or_default()
    }

    pub(crate) fn table(&self, name: &'static str) -> Option<Self> {
        Self::of(self.report, self.get(name)?)
    }

    /// A table of strings under names the user chose.
    pub(crate) fn string_map(&self, name: &'static str) -> Vec<(Located<String>, Located<String>)> {
        let Some(table) = self.table(name) else {
            return Vec::new();
        };
        table
            .entries
            .iter()
            .filter_map(|entry| {
                let key = Located {
                    value: entry.name().to_owned(),
                    span: entry.key_span(),
                };
                Some((key, string(self.report, entry.node)?))
            })
            .collect()
    }

    /// Notes every field that nobody asked for. To be called after all others.
    pub(crate) fn refuse_others(&self) {
        for entry in self.others() {
            self.report
                .add(entry.key_span(), self.unknown(entry.name()));
        }
    }

    fn unknown(&self, name: &str) -> Problem {
        let shown: String = name.chars().take(60).collect();
        Problem::error("app::unknown_field", format!("unknown field `{shown}`"))
            .labelled("unknown field")
            .maybe_help(if self.report.is_full() {
                None
            } else {
                suggest(
                    name,
                    self.known.borrow().iter().copied(),
                    "the fields here are",
                )
            })
    }

    /// As [`Fields::refuse_others`], for tables in which Spin passes over what it does not know.
    pub(crate) fn warn_of_others(&self, consequence: &str) {
        for entry in self.others() {
            let problem = self.unknown(entry.name());
            let message = format!("{}: {consequence}", problem.message);
            self.report.add(
                entry.key_span(),
                Problem::warning("app::ignored_field", message)
                    .labelled("ignored")
                    .maybe_help(problem.help),
            );
        }
    }
}
