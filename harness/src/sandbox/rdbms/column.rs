//! The types of columns: by which name a table states them, and what Spin makes of the server's own
//! (`crates/factor-outbound-pg/src/types.rs` and `crates/factor-outbound-mysql/src/client.rs`).

use super::DatabaseServer;
use std::fmt;

/// A column of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlColumn {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: ColumnType,
}

/// The type of a column, as some interface can say it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the interfaces")]
pub enum ColumnType {
    Boolean,
    /// MySQL's boolean, which is an integer of 8 bits there.
    BooleanAsInt8,
    Int8,
    Int16,
    Int32,
    Int64,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Float32,
    Float64,
    Text,
    Binary,
    Date,
    Time,
    DateTime,
    Uuid,
    Jsonb,
    Decimal,
    RangeInt32,
    RangeInt64,
    RangeDecimal,
    ArrayInt32,
    ArrayInt64,
    ArrayDecimal,
    ArrayText,
    Interval,
    /// One that Spin cannot read, by the server's name of it.
    Other(String),
}

/// Types of both servers: the name of the interfaces first, then those of SQL.
const COMMON: [(ColumnType, &[&str]); 7] = [
    (ColumnType::Int16, &["int16", "smallint"]),
    (ColumnType::Int32, &["int32", "int", "integer"]),
    (ColumnType::Int64, &["int64", "bigint"]),
    (ColumnType::Float32, &["floating32", "float32", "real"]),
    (
        ColumnType::Float64,
        &["floating64", "float64", "double", "double precision"],
    ),
    (ColumnType::Text, &["str", "text", "string", "varchar"]),
    (ColumnType::Binary, &["binary", "bytea", "blob"]),
];

const OF_POSTGRES: [(ColumnType, &[&str]); 15] = [
    (ColumnType::Boolean, &["boolean", "bool"]),
    (ColumnType::Date, &["date"]),
    (ColumnType::Time, &["time"]),
    // Spin gives both of the server's timestamps as date and time (`convert_data_type`).
    (
        ColumnType::DateTime,
        &["datetime", "timestamp", "timestamptz"],
    ),
    (ColumnType::Uuid, &["uuid"]),
    (ColumnType::Jsonb, &["jsonb"]),
    (ColumnType::Decimal, &["decimal", "numeric"]),
    (ColumnType::RangeInt32, &["range-int32", "int4range"]),
    (ColumnType::RangeInt64, &["range-int64", "int8range"]),
    (ColumnType::RangeDecimal, &["range-decimal", "numrange"]),
    (ColumnType::ArrayInt32, &["array-int32", "int4[]"]),
    (ColumnType::ArrayInt64, &["array-int64", "int8[]"]),
    (ColumnType::ArrayDecimal, &["array-decimal", "numeric[]"]),
    (ColumnType::ArrayText, &["array-str", "text[]"]),
    (ColumnType::Interval, &["interval"]),
];

const OF_MYSQL: [(ColumnType, &[&str]); 6] = [
    (ColumnType::BooleanAsInt8, &["boolean", "bool"]),
    (ColumnType::Int8, &["int8", "tinyint"]),
    (ColumnType::Uint8, &["uint8"]),
    (ColumnType::Uint16, &["uint16"]),
    (ColumnType::Uint32, &["uint32"]),
    (ColumnType::Uint64, &["uint64"]),
];

/// MySQL's types that Spin cannot read: any value of them makes a query fail.
pub(super) const UNREADABLE_OF_MYSQL: [&str; 6] =
    ["decimal", "date", "time", "datetime", "timestamp", "json"];

/// A name that is no type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{name}\" is no type that {server} answers with{advice}")]
pub struct BadColumnType {
    name: String,
    server: DatabaseServer,
    advice: String,
}

impl ColumnType {
    /// Reads the name of a type, of the interfaces or of SQL.
    ///
    /// # Errors
    ///
    /// The server has no such type, or Spin gives it as another one.
    pub fn parse(name: &str, server: DatabaseServer) -> Result<Self, BadColumnType> {
        let lower = name.trim().to_ascii_lowercase();
        let own: &[(Self, &[&str])] = match server {
            DatabaseServer::Postgres => &OF_POSTGRES,
            DatabaseServer::MySql => &OF_MYSQL,
        };
        let known = || COMMON.iter().chain(own);
        if let Some((ty, _)) = known().find(|(_, names)| names.contains(&lower.as_str())) {
            return Ok(ty.clone());
        }
        let named = lower
            .strip_prefix("other(")
            .and_then(|rest| rest.strip_suffix(')'));
        if let Some(named) = named.map(str::trim).filter(|named| !named.is_empty()) {
            return Ok(Self::Other(named.to_owned()));
        }
        // Postgres's `json`, unlike `jsonb`, is none that Spin reads.
        let unreadable = match server {
            DatabaseServer::Postgres => lower == "json",
            DatabaseServer::MySql => UNREADABLE_OF_MYSQL.contains(&lower.as_str()),
        };
        if unreadable {
            return Ok(Self::Other(lower));
        }
        let names: Vec<&str> = known().map(|(_, names)| names[0]).collect();
        let advice = match (server, lower.as_str()) {
            (DatabaseServer::Postgres, "int8") => {
                ": it has no integers of 8 bits, and calls int8 those of 64: write `int64`"
                    .to_owned()
            }
            (DatabaseServer::Postgres, "uint8" | "uint16" | "uint32" | "uint64") => {
                ": it has no unsigned integers".to_owned()
            }
            _ => format!("; there are {}, and `other(NAME)`", names.join(", ")),
        };
        Err(BadColumnType {
            name: name.to_owned(),
            server,
            advice,
        })
    }

    /// How a cell states a value of it.
    pub(super) fn form(&self) -> &'static str {
        match self {
            Self::Boolean | Self::BooleanAsInt8 => "`true` or `false`",
            Self::Int8
            | Self::Int16
            | Self::Int32
            | Self::Int64
            | Self::Uint8
            | Self::Uint16
            | Self::Uint32
            | Self::Uint64 => "a whole number that it can hold, such as `42`",
            Self::Float32 | Self::Float64 => "a number such as `1.5`",
            Self::Text => "text",
            Self::Binary | Self::Other(_) => "a value such as `base64:AAEC`",
            Self::Date => "a date such as `2026-01-31`",
            Self::Time => "a time such as `12:30:00.5`",
            Self::DateTime => "a date and a time such as `2026-01-31T12:30:00`",
            Self::Uuid => "a UUID such as `6f1d3c1e-8a1b-4f0e-9d63-0a4c1d2e3f40`",
            Self::Jsonb => "JSON such as `{\"a\": 1}`",
            Self::Decimal => "a number such as `12.50`",
            Self::RangeInt32 | Self::RangeInt64 => "a range such as `[1,10)`, `(,10)` or `empty`",
            Self::RangeDecimal => "a range such as `[1.5,2.5)`, `(,2.5)` or `empty`",
            Self::ArrayInt32 | Self::ArrayInt64 => "an array such as `{1,2,NULL}`",
            Self::ArrayDecimal => "an array such as `{1.5,NULL}`",
            Self::ArrayText => "an array such as `{a,\"b c\",NULL}`",
            Self::Interval => "an interval such as `1 month 2 days 03:04:05`",
        }
    }
}

/// As the interfaces call it.
impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Other(name) = self {
            return write!(f, "other({name})");
        }
        let mut known = COMMON.iter().chain(&OF_POSTGRES).chain(&OF_MYSQL);
        let named = known.find(|(ty, _)| ty == self);
        f.write_str(named.map_or("", |(_, names)| names[0]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_has_several_names() {
        for (name, server, ty) in [
            ("int32", DatabaseServer::Postgres, ColumnType::Int32),
            ("BIGINT", DatabaseServer::MySql, ColumnType::Int64),
            ("timestamp", DatabaseServer::Postgres, ColumnType::DateTime),
            ("bool", DatabaseServer::MySql, ColumnType::BooleanAsInt8),
            ("bool", DatabaseServer::Postgres, ColumnType::Boolean),
            (
                "other(point)",
                DatabaseServer::Postgres,
                ColumnType::Other("point".to_owned()),
            ),
            (
                "json",
                DatabaseServer::Postgres,
                ColumnType::Other("json".to_owned()),
            ),
            (
                "date",
                DatabaseServer::MySql,
                ColumnType::Other("date".to_owned()),
            ),
        ] {
            assert_eq!(ColumnType::parse(name, server), Ok(ty));
        }
    }

    #[test]
    fn a_type_that_there_is_not_is_told() {
        let message = |name, server| ColumnType::parse(name, server).unwrap_err().to_string();
        assert!(message("int8", DatabaseServer::Postgres).contains("write `int64`"));
        assert!(message("uint8", DatabaseServer::Postgres).contains("no unsigned integers"));
        assert!(message("uuid", DatabaseServer::MySql).contains("there are int16, int32"));
        assert!(message("other()", DatabaseServer::MySql).contains("no type that MySQL"));
    }

    #[test]
    fn every_type_has_the_name_that_it_is_read_by() {
        for (server, own) in [
            (DatabaseServer::Postgres, &OF_POSTGRES[..]),
            (DatabaseServer::MySql, &OF_MYSQL[..]),
        ] {
            for (ty, names) in COMMON.iter().chain(own) {
                for name in *names {
                    assert_eq!(ColumnType::parse(name, server).as_ref(), Ok(ty));
                }
                assert_eq!(ty.to_string(), names[0]);
            }
        }
    }
}
