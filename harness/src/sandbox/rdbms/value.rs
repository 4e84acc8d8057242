//! Values of relational databases: what a statement is given and what a row holds, whatever the interface's version.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt;

/// Year, month, day.
pub type Date = (i32, u8, u8);
/// Hour, minute, second, nanosecond.
pub type Time = (u8, u8, u8, u32);
/// Year, month, day, hour, minute, second, nanosecond.
pub type DateTime = (i32, u8, u8, u8, u8, u8, u32);

/// One end of a range, and whether it belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound<T> {
    /// Where the range ends.
    pub value: T,
    /// Whether that is still in it.
    pub inclusive: bool,
}

/// A range; a missing end is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range<T> {
    /// Where it begins.
    pub lower: Option<Bound<T>>,
    /// Where it ends.
    pub upper: Option<Bound<T>>,
}

/// A span of time as Postgres has it, whose parts cannot be turned into one another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Interval {
    /// Microseconds.
    pub micros: i64,
    /// Days.
    pub days: i32,
    /// Months.
    pub months: i32,
}

/// A value, of any type that some interface has. Shown as a table cell has it.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the names are those of the interfaces")]
pub enum ServerValue {
    Null,
    Boolean(bool),
    Int8(i8),
    Int16(i16),
    Int32(i32),
    Int64(i64),
    Uint8(u8),
    Uint16(u16),
    Uint32(u32),
    Uint64(u64),
    Float32(f32),
    Float64(f64),
    Text(String),
    Binary(Vec<u8>),
    Date(Date),
    Time(Time),
    DateTime(DateTime),
    /// Seconds since 1970.
    Timestamp(i64),
    Uuid(String),
    Jsonb(Vec<u8>),
    Decimal(String),
    RangeInt32(Range<i32>),
    RangeInt64(Range<i64>),
    RangeDecimal(Range<String>),
    ArrayInt32(Vec<Option<i32>>),
    ArrayInt64(Vec<Option<i64>>),
    ArrayDecimal(Vec<Option<String>>),
    ArrayText(Vec<Option<String>>),
    Interval(Interval),
    /// Of a type that Spin cannot read: as the server sent it.
    Unsupported(Vec<u8>),
}

impl ServerValue {
    /// Bytes of any value of the newest interface for Postgres as Spin's program has it (`size_of::<DbValue>()`), besides
    /// those that it points at. A test beside the conversions of values compares it with the interface.
    pub(crate) const BYTES_IN_SPIN: usize = 64;

    /// The same of the interface that MySQL is asked through, also of its newest one.
    pub(crate) const BYTES_IN_OLDER_SPIN: usize = 32;

    /// How many bytes Spin counts for it where results of Postgres are bounded (`memory_size` in `crates/world/src/lib.rs`).
    pub(super) fn bytes_in_spin(&self) -> usize {
        Self::BYTES_IN_SPIN + self.bytes_pointed_at()
    }

    /// The same where results of MySQL are.
    pub(super) fn bytes_in_older_spin(&self) -> usize {
        Self::BYTES_IN_OLDER_SPIN + self.bytes_pointed_at()
    }

    fn bytes_pointed_at(&self) -> usize {
        let texts = |all: &[Option<String>]| {
            let texts = all.iter().flatten();
            texts.map(String::len).sum::<usize>() + size_of_val(all)
        };
        match self {
            Self::Text(text) | Self::Uuid(text) | Self::Decimal(text) => text.len(),
            Self::Binary(bytes) | Self::Jsonb(bytes) | Self::Unsupported(bytes) => bytes.len(),
            Self::ArrayInt32(all) => size_of_val(&**all),
            Self::ArrayInt64(all) => size_of_val(&**all),
            Self::ArrayDecimal(all) | Self::ArrayText(all) => texts(all),
            _ => 0,
        }
    }

    /// About how many bytes it takes.
    pub fn size(&self) -> usize {
        let texts = |all: &[Option<String>]| {
            let texts = all.iter().flatten();
            texts.map(String::len).sum::<usize>() + 8 * all.len()
        };
        match self {
            Self::Text(text) | Self::Uuid(text) | Self::Decimal(text) => text.len(),
            Self::Binary(bytes) | Self::Jsonb(bytes) | Self::Unsupported(bytes) => bytes.len(),
            Self::ArrayInt32(all) => 4 * all.len(),
            Self::ArrayInt64(all) => 8 * all.len(),
            Self::ArrayDecimal(all) | Self::ArrayText(all) => texts(all),
            _ => 8,
        }
    }
}

impl fmt::Display for ServerValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("NULL"),
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Int8(value) => write!(f, "{value}"),
            Self::Int16(value) => write!(f, "{value}"),
            Self::Int32(value) => write!(f, "{value}"),
            Self::Int64(value) | Self::Timestamp(value) => write!(f, "{value}"),
            Self::Uint8(value) => write!(f, "{value}"),
            Self::Uint16(value) => write!(f, "{value}"),
            Self::Uint32(value) => write!(f, "{value}"),
            Self::Uint64(value) => write!(f, "{value}"),
            Self::Float32(value) => write!(f, "{value}"),
            Self::Float64(value) => write!(f, "{value}"),
            Self::Text(value) | Self::Uuid(value) | Self::Decimal(value) => f.write_str(value),
            Self::Jsonb(value) => f.write_str(&String::from_utf8_lossy(value)),
            Self::Binary(bytes) | Self::Unsupported(bytes) => {
                write!(f, "base64:{}", STANDARD.encode(bytes))
            }
            Self::Date((year, month, day)) => write!(f, "{year:04}-{month:02}-{day:02}"),
            Self::Time(time) => show_time(f, *time),
            Self::DateTime((year, month, day, hour, minute, second, nanos)) => {
                write!(f, "{year:04}-{month:02}-{day:02}T")?;
                show_time(f, (*hour, *minute, *second, *nanos))
            }
            Self::RangeInt32(range) => show_range(f, range),
            Self::RangeInt64(range) => show_range(f, range),
            Self::RangeDecimal(range) => show_range(f, range),
            Self::ArrayInt32(all) => show_array(f, all, |it| it.to_string()),
            Self::ArrayInt64(all) => show_array(f, all, |it| it.to_string()),
            Self::ArrayDecimal(all) => show_array(f, all, String::clone),
            Self::ArrayText(all) => show_array(f, all, |it| quoted_element(it)),
            Self::Interval(interval) => write!(f, "{interval}"),
        }
    }
}

fn show_time(f: &mut fmt::Formatter<'_>, (hour, minute, second, nanos): Time) -> fmt::Result {
    write!(f, "{hour:02}:{minute:02}:{second:02}")?;
    if nanos > 0 {
        write!(f, ".{}", format!("{nanos:09}").trim_end_matches('0'))?;
    }
    Ok(())
}

fn show_range<T: fmt::Display>(f: &mut fmt::Formatter<'_>, range: &Range<T>) -> fmt::Result {
    match &range.lower {
        Some(bound) if bound.inclusive => write!(f, "[{},", bound.value)?,
        Some(bound) => write!(f, "({},", bound.value)?,
        None => f.write_str("(,")?,
    }
    match &range.upper {
        Some(bound) if bound.inclusive => write!(f, "{}]", bound.value),
        Some(bound) => write!(f, "{})", bound.value),
        None => f.write_str(")"),
    }
}

fn show_array<T>(
    f: &mut fmt::Formatter<'_>,
    all: &[Option<T>],
    show: impl Fn(&T) -> String,
) -> fmt::Result {
    let all = all.iter().map(|it| match it {
        Some(it) => show(it),
        None => "NULL".to_owned(),
    });
    write!(f, "{{{}}}", all.collect::<Vec<_>>().join(","))
}

/// A text of an array as Postgres writes it: between quotes where it would mean something else without them.
fn quoted_element(text: &str) -> String {
    let plain = !text.is_empty()
        && !text.eq_ignore_ascii_case("null")
        && !text.contains(|c: char| c.is_whitespace() || "{},\"\\".contains(c));
    match plain {
        true => text.to_owned(),
        false => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if self.months != 0 {
            parts.push(format!("{} months", self.months));
        }
        if self.days != 0 {
            parts.push(format!("{} days", self.days));
        }
        if self.micros != 0 || parts.is_empty() {
            let sign = if self.micros < 0 { "-" } else { "" };
            let micros = self.micros.unsigned_abs();
            let (seconds, rest) = (micros / 1_000_000, micros % 1_000_000);
            let mut time = format!(
                "{sign}{:02}:{:02}:{:02}",
                seconds / 3600,
                seconds / 60 % 60,
                seconds % 60
            );
            if rest > 0 {
                time.push_str(&format!(".{rest:06}"));
            }
            parts.push(time);
        }
        f.write_str(&parts.join(" "))
    }
}

/// Parameters as steps and journals write them.
pub fn show_parameters(parameters: &[ServerValue]) -> String {
    let shown: Vec<_> = parameters.iter().map(ServerValue::to_string).collect();
    shown.join(", ")
}
