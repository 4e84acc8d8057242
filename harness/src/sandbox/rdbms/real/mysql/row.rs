//! Parameters and rows of a real MySQL, as Spin sends and gives them (`crates/factor-outbound-mysql/src/client.rs`).

use crate::sandbox::rdbms::column::{ColumnType, SqlColumn};
use crate::sandbox::rdbms::value::ServerValue;
use crate::sandbox::service::Failure;
use mysql_async::consts::{ColumnFlags, ColumnType as OfServer};
use mysql_async::prelude::FromValue;
use mysql_async::{Column, Row, Value, from_value_opt};

/// A parameter. The interfaces of MySQL have no others than these.
pub(super) fn parameter(value: &ServerValue) -> Value {
    match value {
        ServerValue::Boolean(it) => Value::from(*it),
        ServerValue::Int8(it) => Value::from(*it),
        ServerValue::Int16(it) => Value::from(*it),
        ServerValue::Int32(it) => Value::from(*it),
        ServerValue::Int64(it) => Value::from(*it),
        ServerValue::Uint8(it) => Value::from(*it),
        ServerValue::Uint16(it) => Value::from(*it),
        ServerValue::Uint32(it) => Value::from(*it),
        ServerValue::Uint64(it) => Value::from(*it),
        ServerValue::Float32(it) => Value::from(*it),
        ServerValue::Float64(it) => Value::from(*it),
        ServerValue::Text(it) => Value::from(it.as_str()),
        ServerValue::Binary(it) => Value::from(it.as_slice()),
        _ => Value::NULL,
    }
}

/// The columns of an answer.
pub(super) fn columns(columns: &[Column]) -> Vec<SqlColumn> {
    let columns = columns.iter().map(|column| SqlColumn {
        name: column.name_str().into_owned(),
        ty: of_server(column),
    });
    columns.collect()
}

/// What Spin calls a type of the server: text and bytes differ by the flag that a collation such as `utf8mb4_bin` sets too.
fn of_server(column: &Column) -> ColumnType {
    let has = |flag| column.flags().contains(flag);
    let is_signed = !has(ColumnFlags::UNSIGNED_FLAG);
    let is_binary = has(ColumnFlags::BINARY_FLAG);
    match column.column_type() {
        OfServer::MYSQL_TYPE_TINY if is_signed => ColumnType::Int8,
        OfServer::MYSQL_TYPE_TINY => ColumnType::Uint8,
        OfServer::MYSQL_TYPE_SHORT if is_signed => ColumnType::Int16,
        OfServer::MYSQL_TYPE_SHORT => ColumnType::Uint16,
        OfServer::MYSQL_TYPE_INT24 | OfServer::MYSQL_TYPE_LONG if is_signed => ColumnType::Int32,
        OfServer::MYSQL_TYPE_INT24 | OfServer::MYSQL_TYPE_LONG => ColumnType::Uint32,
        OfServer::MYSQL_TYPE_LONGLONG if is_signed => ColumnType::Int64,
        OfServer::MYSQL_TYPE_LONGLONG => ColumnType::Uint64,
        OfServer::MYSQL_TYPE_FLOAT => ColumnType::Float32,
        OfServer::MYSQL_TYPE_DOUBLE => ColumnType::Float64,
        OfServer::MYSQL_TYPE_BLOB
        | OfServer::MYSQL_TYPE_STRING
        | OfServer::MYSQL_TYPE_VAR_STRING => match is_binary {
            true => ColumnType::Binary,
            false => ColumnType::Text,
        },
        other => {
            let name = format!("{other:?}").to_lowercase();
            let name = name.strip_prefix("mysql_type_").unwrap_or(&name);
            ColumnType::Other(name.to_owned())
        }
    }
}

/// The values of a row; or why Spin cannot read the first that it cannot.
pub(super) fn values(row: Row, columns: &[SqlColumn]) -> Result<Vec<ServerValue>, Failure> {
    let values = row.unwrap().into_iter().zip(columns);
    values.map(|(value, column)| read(value, column)).collect()
}

fn read(value: Value, column: &SqlColumn) -> Result<ServerValue, Failure> {
    if value == Value::NULL {
        return Ok(ServerValue::Null);
    }
    match column.ty {
        ColumnType::Int8 => of(value, ServerValue::Int8),
        ColumnType::Int16 => of(value, ServerValue::Int16),
        ColumnType::Int32 => of(value, ServerValue::Int32),
        ColumnType::Int64 => of(value, ServerValue::Int64),
        ColumnType::Uint8 => of(value, ServerValue::Uint8),
        ColumnType::Uint16 => of(value, ServerValue::Uint16),
        ColumnType::Uint32 => of(value, ServerValue::Uint32),
        ColumnType::Uint64 => of(value, ServerValue::Uint64),
        ColumnType::Float32 => of(value, ServerValue::Float32),
        ColumnType::Float64 => of(value, ServerValue::Float64),
        ColumnType::Text => of(value, ServerValue::Text),
        ColumnType::Binary => of(value, ServerValue::Binary),
        _ => Err(unreadable(format!(
            "Cannot convert value {value:?} in column {} data type DbDataType::Other",
            column.name
        ))),
    }
}

fn of<T: FromValue>(value: Value, made: impl Fn(T) -> ServerValue) -> Result<ServerValue, Failure> {
    let read = from_value_opt(value);
    read.map(made)
        .map_err(|error| unreadable(error.to_string()))
}

fn unreadable(text: String) -> Failure {
    Failure::with_text("value-conversion-failed", text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(ty: OfServer, flags: ColumnFlags) -> ColumnType {
        of_server(&Column::new(ty).with_flags(flags))
    }

    #[test]
    fn what_spin_calls_the_servers_types() {
        let none = ColumnFlags::empty();
        for (ty, signed, unsigned) in [
            (
                OfServer::MYSQL_TYPE_TINY,
                ColumnType::Int8,
                ColumnType::Uint8,
            ),
            (
                OfServer::MYSQL_TYPE_INT24,
                ColumnType::Int32,
                ColumnType::Uint32,
            ),
            (
                OfServer::MYSQL_TYPE_LONGLONG,
                ColumnType::Int64,
                ColumnType::Uint64,
            ),
        ] {
            assert_eq!(column(ty, none), signed);
            assert_eq!(column(ty, ColumnFlags::UNSIGNED_FLAG), unsigned);
        }
        for ty in [OfServer::MYSQL_TYPE_BLOB, OfServer::MYSQL_TYPE_VAR_STRING] {
            assert_eq!(column(ty, none), ColumnType::Text);
            assert_eq!(column(ty, ColumnFlags::BINARY_FLAG), ColumnType::Binary);
        }
        // A number to the client, and none that Spin has a type for.
        for (ty, name) in [
            (OfServer::MYSQL_TYPE_YEAR, "year"),
            (OfServer::MYSQL_TYPE_NEWDECIMAL, "newdecimal"),
            (OfServer::MYSQL_TYPE_VARCHAR, "varchar"),
        ] {
            assert_eq!(column(ty, none), ColumnType::Other(name.to_owned()));
        }
    }

    #[test]
    fn what_does_not_fit_its_type_is_told_in_the_words_of_the_client() {
        let column = SqlColumn {
            name: "it".to_owned(),
            ty: ColumnType::Text,
        };
        let failure = read(Value::Bytes(vec![0xff]), &column).unwrap_err();
        assert_eq!(
            failure.to_string(),
            "value-conversion-failed: Couldn't convert the value `Bytes(\"\u{fffd}\")` to a desired type"
        );
    }
}
