//! Rows of a real Postgres as guests get them (`crates/factor-outbound-pg/src/types.rs`). The crates are Spin's.

use crate::sandbox::rdbms::column::{ColumnType, SqlColumn};
use crate::sandbox::rdbms::parameters::DecimalInRange;
use crate::sandbox::rdbms::value::{Bound, Interval, Range, ServerValue};
use chrono::{Datelike as _, NaiveDate, NaiveDateTime, NaiveTime, Timelike as _};
use postgres_range::{BoundSided, BoundType, Normalizable, RangeBound};
use rust_decimal::Decimal;
use std::error::Error;
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, Type};

type Read = Result<ServerValue, tokio_postgres::Error>;

/// The columns of a row.
pub(super) fn columns(row: &Row) -> Vec<SqlColumn> {
    let columns = row.columns().iter().map(|column| SqlColumn {
        name: column.name().to_owned(),
        ty: of_server(column.type_()),
    });
    columns.collect()
}

/// The values of a row; or the first that Spin cannot read.
pub(super) fn values(row: &Row) -> Result<Vec<ServerValue>, tokio_postgres::Error> {
    (0..row.len()).map(|at| value(row, at)).collect()
}

/// What Spin calls a type of the server.
fn of_server(ty: &Type) -> ColumnType {
    match *ty {
        Type::BOOL => ColumnType::Boolean,
        Type::BYTEA => ColumnType::Binary,
        Type::FLOAT4 => ColumnType::Float32,
        Type::FLOAT8 => ColumnType::Float64,
        Type::INT2 => ColumnType::Int16,
        Type::INT4 => ColumnType::Int32,
        Type::INT8 => ColumnType::Int64,
        Type::TEXT | Type::VARCHAR | Type::BPCHAR => ColumnType::Text,
        Type::TIMESTAMP | Type::TIMESTAMPTZ => ColumnType::DateTime,
        Type::DATE => ColumnType::Date,
        Type::TIME => ColumnType::Time,
        Type::UUID => ColumnType::Uuid,
        Type::JSONB => ColumnType::Jsonb,
        Type::NUMERIC => ColumnType::Decimal,
        Type::INT4_RANGE => ColumnType::RangeInt32,
        Type::INT8_RANGE => ColumnType::RangeInt64,
        Type::NUM_RANGE => ColumnType::RangeDecimal,
        Type::INT4_ARRAY => ColumnType::ArrayInt32,
        Type::INT8_ARRAY => ColumnType::ArrayInt64,
        Type::NUMERIC_ARRAY => ColumnType::ArrayDecimal,
        Type::TEXT_ARRAY | Type::VARCHAR_ARRAY | Type::BPCHAR_ARRAY => ColumnType::ArrayText,
        Type::INTERVAL => ColumnType::Interval,
        _ => ColumnType::Other(ty.name().to_owned()),
    }
}

fn value(row: &Row, at: usize) -> Read {
    let column = row.columns()[at].type_();
    match of_server(column) {
        ColumnType::Boolean => read(row, at, ServerValue::Boolean),
        ColumnType::Binary => read(row, at, ServerValue::Binary),
        ColumnType::Float32 => read(row, at, ServerValue::Float32),
        ColumnType::Float64 => read(row, at, ServerValue::Float64),
        ColumnType::Int16 => read(row, at, ServerValue::Int16),
        ColumnType::Int32 => read(row, at, ServerValue::Int32),
        ColumnType::Int64 => read(row, at, ServerValue::Int64),
        ColumnType::Text => read(row, at, ServerValue::Text),
        ColumnType::DateTime => read(row, at, date_time),
        ColumnType::Date => read(row, at, date),
        ColumnType::Time => read(row, at, time),
        ColumnType::Uuid => read(row, at, |it: uuid::Uuid| ServerValue::Uuid(it.to_string())),
        ColumnType::Jsonb => read(row, at, |mut it: serde_json::Value| {
            // Spin's library keeps the members of an object in the order of their names.
            it.sort_all_objects();
            ServerValue::Jsonb(it.to_string().into_bytes())
        }),
        ColumnType::Decimal => read(row, at, |it: Decimal| ServerValue::Decimal(it.to_string())),
        ColumnType::RangeInt32 => read(row, at, |it| ServerValue::RangeInt32(range(&it, |n| *n))),
        ColumnType::RangeInt64 => read(row, at, |it| ServerValue::RangeInt64(range(&it, |n| *n))),
        ColumnType::RangeDecimal => read(row, at, |it| {
            let text = |DecimalInRange(end): &DecimalInRange| end.to_string();
            ServerValue::RangeDecimal(range(&it, text))
        }),
        ColumnType::ArrayInt32 => read(row, at, ServerValue::ArrayInt32),
        ColumnType::ArrayInt64 => read(row, at, ServerValue::ArrayInt64),
        ColumnType::ArrayDecimal => read(row, at, |all: Vec<Option<Decimal>>| {
            let text = |it: Option<Decimal>| it.map(|it| it.to_string());
            ServerValue::ArrayDecimal(all.into_iter().map(text).collect())
        }),
        ColumnType::ArrayText => read(row, at, ServerValue::ArrayText),
        ColumnType::Interval => read(row, at, ServerValue::Interval),
        _ => read(row, at, |AsSent(bytes)| ServerValue::Unsupported(bytes)),
    }
}

fn read<'a, T: FromSql<'a>>(row: &'a Row, at: usize, value: impl Fn(T) -> ServerValue) -> Read {
    let read: Option<T> = row.try_get(at)?;
    Ok(read.map_or(ServerValue::Null, value))
}

/// Months, days, hours and so on are below 256.
#[allow(clippy::cast_possible_truncation, reason = "as said above")]
fn small(number: u32) -> u8 {
    number as u8
}

fn date(it: NaiveDate) -> ServerValue {
    ServerValue::Date((it.year(), small(it.month()), small(it.day())))
}

fn time(it: NaiveTime) -> ServerValue {
    let (hour, minute, second) = (small(it.hour()), small(it.minute()), small(it.second()));
    ServerValue::Time((hour, minute, second, it.nanosecond()))
}

fn date_time(it: NaiveDateTime) -> ServerValue {
    ServerValue::DateTime((
        it.year(),
        small(it.month()),
        small(it.day()),
        small(it.hour()),
        small(it.minute()),
        small(it.second()),
        it.nanosecond(),
    ))
}

fn range<T: Normalizable + PartialOrd, U>(
    range: &postgres_range::Range<T>,
    end: impl Fn(&T) -> U,
) -> Range<U> {
    Range {
        lower: range.lower().map(|it| bound(it, &end)),
        upper: range.upper().map(|it| bound(it, &end)),
    }
}

fn bound<S: BoundSided, T, U>(bound: &RangeBound<S, T>, end: impl Fn(&T) -> U) -> Bound<U> {
    Bound {
        value: end(&bound.value),
        inclusive: bound.type_ == BoundType::Inclusive,
    }
}

/// A value of a type that Spin has none for.
struct AsSent(Vec<u8>);

impl FromSql<'_> for AsSent {
    fn from_sql(_: &Type, raw: &[u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(raw.to_owned()))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// As it is sent: see `parameters`.
impl FromSql<'_> for Interval {
    fn from_sql(_: &Type, raw: &[u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        let wrong = "unexpected binary format for Postgres INTERVAL";
        let (micros, rest) = raw.split_first_chunk().ok_or(wrong)?;
        let (days, months) = rest.split_first_chunk().ok_or(wrong)?;
        Ok(Self {
            micros: i64::from_be_bytes(*micros),
            days: i32::from_be_bytes(*days),
            months: i32::from_be_bytes(months.try_into().map_err(|_| wrong)?),
        })
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::INTERVAL
    }
}
