//! Reads the value that a cell of a table states, as the column's type has it.

mod array;
mod calendar;
mod interval;
mod range;

use super::column::ColumnType;
use super::value::ServerValue;
use crate::value::{Value, ValueError, visible};
use rust_decimal::Decimal;
use std::path::Path;
use std::str::FromStr;

/// A cell that states no value of its column.
#[derive(Debug, thiserror::Error)]
pub enum BadCell {
    /// It states a value of another type.
    #[error("\"{cell}\" is no {ty}; write {}, or `NULL`", ty.form())]
    Other {
        /// The cell.
        cell: String,
        /// The column's type.
        ty: ColumnType,
    },
    /// It is no value at all.
    #[error(transparent)]
    Value(#[from] ValueError),
}

/// Reads a cell; `base_dir` is the folder of the feature file.
///
/// # Errors
///
/// The cell states nothing that the type can hold.
pub fn read_cell(cell: &str, ty: &ColumnType, base_dir: &Path) -> Result<ServerValue, BadCell> {
    if cell.eq_ignore_ascii_case("null") {
        return Ok(ServerValue::Null);
    }
    let bytes = || Value::parse(cell, base_dir).map(|value| Vec::from(value.into_bytes()));
    let value = match ty {
        ColumnType::Text => String::from_utf8(bytes()?).ok().map(ServerValue::Text),
        ColumnType::Binary => Some(ServerValue::Binary(bytes()?)),
        ColumnType::Other(name) => match name.as_str() {
            "date" | "time" | "decimal" | "datetime" | "timestamp" => plain(cell, &of_mysql(name)),
            _ => Some(ServerValue::Unsupported(bytes()?)),
        },
        ty => plain(cell, ty),
    };
    value.ok_or_else(|| BadCell::Other {
        cell: visible(cell).into_owned(),
        ty: ty.clone(),
    })
}

/// How cells of MySQL's types that Spin cannot read are written.
fn of_mysql(name: &str) -> ColumnType {
    match name {
        "date" => ColumnType::Date,
        "time" => ColumnType::Time,
        "decimal" => ColumnType::Decimal,
        _ => ColumnType::DateTime,
    }
}

fn plain(cell: &str, ty: &ColumnType) -> Option<ServerValue> {
    Some(match ty {
        ColumnType::Boolean => ServerValue::Boolean(cell.parse().ok()?),
        ColumnType::BooleanAsInt8 => ServerValue::Int8(i8::from(cell.parse::<bool>().ok()?)),
        ColumnType::Int8 => ServerValue::Int8(cell.parse().ok()?),
        ColumnType::Int16 => ServerValue::Int16(cell.parse().ok()?),
        ColumnType::Int32 => ServerValue::Int32(cell.parse().ok()?),
        ColumnType::Int64 => ServerValue::Int64(cell.parse().ok()?),
        ColumnType::Uint8 => ServerValue::Uint8(cell.parse().ok()?),
        ColumnType::Uint16 => ServerValue::Uint16(cell.parse().ok()?),
        ColumnType::Uint32 => ServerValue::Uint32(cell.parse().ok()?),
        ColumnType::Uint64 => ServerValue::Uint64(cell.parse().ok()?),
        ColumnType::Float32 => ServerValue::Float32(cell.parse().ok()?),
        ColumnType::Float64 => ServerValue::Float64(cell.parse().ok()?),
        ColumnType::Date => ServerValue::Date(calendar::date(cell)?),
        ColumnType::Time => ServerValue::Time(calendar::time(cell)?),
        ColumnType::DateTime => ServerValue::DateTime(calendar::date_time(cell)?),
        ColumnType::Uuid => ServerValue::Uuid(uuid(cell)?),
        ColumnType::Jsonb => ServerValue::Jsonb(json(cell)?),
        ColumnType::Decimal => ServerValue::Decimal(decimal(cell)?),
        ColumnType::RangeInt32 => ServerValue::RangeInt32(range::whole(cell, 1, i32::checked_add)?),
        ColumnType::RangeInt64 => ServerValue::RangeInt64(range::whole(cell, 1, i64::checked_add)?),
        ColumnType::RangeDecimal => ServerValue::RangeDecimal(range::of(cell, decimal)?),
        ColumnType::ArrayInt32 => ServerValue::ArrayInt32(array::of(cell, parsed)?),
        ColumnType::ArrayInt64 => ServerValue::ArrayInt64(array::of(cell, parsed)?),
        ColumnType::ArrayDecimal => ServerValue::ArrayDecimal(array::of(cell, decimal)?),
        ColumnType::ArrayText => ServerValue::ArrayText(array::of(cell, |it| Some(it.to_owned()))?),
        ColumnType::Interval => ServerValue::Interval(interval::of(cell)?),
        ColumnType::Text | ColumnType::Binary | ColumnType::Other(_) => return None,
    })
}

fn parsed<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

/// Spin gives JSON as its own library writes it: without blanks, members in the order of their names.
fn json(cell: &str) -> Option<Vec<u8>> {
    let text = cell.strip_prefix("json:").unwrap_or(cell);
    let mut value: serde_json::Value = serde_json::from_str(text).ok()?;
    value.sort_all_objects();
    serde_json::to_vec(&value).ok()
}

/// A number as Spin gives it: `.5` is `0.5`, `1_000` is `1000`
/// (`decimal_wit_to_pg` in `crates/factor-outbound-pg/src/types/convert.rs`).
fn decimal(cell: &str) -> Option<String> {
    let number = Decimal::from_str_exact(cell).ok()?;
    Some(number.to_string())
}

/// With hyphens and in lower case, as Spin gives it.
fn uuid(cell: &str) -> Option<String> {
    let groups: Vec<usize> = cell.split('-').map(str::len).collect();
    let is_hex = cell.bytes().all(|it| it == b'-' || it.is_ascii_hexdigit());
    (groups == [8, 4, 4, 4, 12] && is_hex).then(|| cell.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::super::DatabaseServer;
    use super::*;

    fn read(cell: &str, ty: &str, server: DatabaseServer) -> Result<ServerValue, BadCell> {
        let ty = ColumnType::parse(ty, server).unwrap();
        read_cell(cell, &ty, Path::new("."))
    }

    #[test]
    fn what_is_read_is_shown_as_it_was_written() {
        for (ty, cell) in [
            ("boolean", "true"),
            ("int16", "-32768"),
            ("int32", "2147483647"),
            ("int64", "-9223372036854775808"),
            ("floating32", "1.5"),
            ("floating64", "-0.25"),
            ("str", "Ann"),
            ("binary", "base64:AAEC"),
            ("date", "2024-02-29"),
            ("time", "23:59:59.000000001"),
            ("datetime", "2026-01-31T12:30:00"),
            ("uuid", "6f1d3c1e-8a1b-4f0e-9d63-0a4c1d2e3f40"),
            ("jsonb", "{\"a\":[1,null]}"),
            ("decimal", "-12.50"),
            ("range-int32", "[1,10)"),
            ("range-int64", "(,10)"),
            ("range-decimal", "(1.5,2.5]"),
            ("array-int32", "{1,NULL,3}"),
            ("array-int64", "{}"),
            ("array-decimal", "{1.50,NULL}"),
            ("array-str", "{a,\"b, c\",NULL,\"\",\"NULL\",\"\\\"\"}"),
            ("interval", "14 months 3 days 04:05:06.500000"),
            ("interval", "-00:00:01"),
            ("other(point)", "base64:AAEC"),
            ("str", "NULL"),
        ] {
            let value = read(cell, ty, DatabaseServer::Postgres).unwrap();
            assert_eq!(value.to_string(), cell, "{ty}");
        }
    }

    #[test]
    fn what_a_type_cannot_hold_is_refused() {
        for (ty, cell) in [
            ("boolean", "yes"),
            ("int16", "32768"),
            ("int32", ""),
            ("floating64", "one"),
            ("str", "base64:/w=="),
            ("date", "2026-02-29"),
            ("date", "2026-1-1"),
            ("time", "24:00:00"),
            ("datetime", "2026-01-31"),
            ("uuid", "6f1d3c1e8a1b4f0e9d630a4c1d2e3f40"),
            ("jsonb", "{"),
            ("decimal", "1e5"),
            ("decimal", "79228162514264337593543950336"),
            ("range-int32", "1,10"),
            ("range-int32", "[10,1]"),
            ("array-int32", "1,2"),
            ("array-int32", "{1,}"),
            ("array-str", "{\"a}"),
            ("interval", "soon"),
        ] {
            let message = read(cell, ty, DatabaseServer::Postgres)
                .unwrap_err()
                .to_string();
            assert!(
                message.starts_with(&format!(
                    "{}",
                    visible(&format!("\"{cell}\" is no {ty}; write "))
                )),
                "{message}"
            );
        }
    }

    #[test]
    fn as_the_server_would_give_it() {
        let read = |cell, ty, server| read(cell, ty, server).unwrap();
        let same = |ty, cell, other| {
            assert_eq!(
                read(cell, ty, DatabaseServer::Postgres),
                read(other, ty, DatabaseServer::Postgres)
            );
        };
        same("range-int32", "[1,9]", "[1,10)");
        same("range-int64", "(0,10)", "[1,10)");
        same("range-int32", "empty", "(,)");
        same("jsonb", "json:{\"a\": 1}", "{\"a\":1}");
        let sorted = read("{\"b\":1,\"a\":2}", "jsonb", DatabaseServer::Postgres);
        assert_eq!(sorted.to_string(), "{\"a\":2,\"b\":1}");
        same("datetime", "2026-01-31 12:30:00Z", "2026-01-31T12:30:00");
        same("decimal", ".5", "0.5");
        same("decimal", "1_000", "1000");
        same("interval", "1 year 2 mons", "14 months");
        same("interval", "1 week", "7 days");
        same("interval", "90 minutes", "01:30:00");
        assert_eq!(
            read("true", "bool", DatabaseServer::MySql),
            ServerValue::Int8(1)
        );
    }
}
