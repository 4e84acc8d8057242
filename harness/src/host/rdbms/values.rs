//! Values and types as each interface has them. What one cannot say is `unsupported` there, and its type `other`, as Spin
//! maps them (`crates/world/src/conversions.rs`).

use crate::host::bindings::{mysql_3, postgres_3, postgres_4, rdbms_1, rdbms_2};
use crate::sandbox::{ColumnType, Interval, RangeBound, ServerValue, SqlRange};

/// The interfaces that have the types of both kinds of server, and no others.
macro_rules! of_both_servers {
    ($($interface:ident),*) => {$(
        impl From<$interface::ParameterValue> for ServerValue {
            fn from(value: $interface::ParameterValue) -> Self {
                use $interface::ParameterValue as Value;
                match value {
                    Value::Boolean(it) => Self::Boolean(it),
                    Value::Int8(it) => Self::Int8(it),
                    Value::Int16(it) => Self::Int16(it),
                    Value::Int32(it) => Self::Int32(it),
                    Value::Int64(it) => Self::Int64(it),
                    Value::Uint8(it) => Self::Uint8(it),
                    Value::Uint16(it) => Self::Uint16(it),
                    Value::Uint32(it) => Self::Uint32(it),
                    Value::Uint64(it) => Self::Uint64(it),
                    Value::Floating32(it) => Self::Float32(it),
                    Value::Floating64(it) => Self::Float64(it),
                    Value::Str(it) => Self::Text(it),
                    Value::Binary(it) => Self::Binary(it),
                    Value::DbNull => Self::Null,
                }
            }
        }

        impl From<ServerValue> for $interface::DbValue {
            fn from(value: ServerValue) -> Self {
                match value {
                    ServerValue::Null => Self::DbNull,
                    ServerValue::Boolean(it) => Self::Boolean(it),
                    ServerValue::Int8(it) => Self::Int8(it),
                    ServerValue::Int16(it) => Self::Int16(it),
                    ServerValue::Int32(it) => Self::Int32(it),
                    ServerValue::Int64(it) => Self::Int64(it),
                    ServerValue::Uint8(it) => Self::Uint8(it),
                    ServerValue::Uint16(it) => Self::Uint16(it),
                    ServerValue::Uint32(it) => Self::Uint32(it),
                    ServerValue::Uint64(it) => Self::Uint64(it),
                    ServerValue::Float32(it) => Self::Floating32(it),
                    ServerValue::Float64(it) => Self::Floating64(it),
                    ServerValue::Text(it) => Self::Str(it),
                    ServerValue::Binary(it) => Self::Binary(it),
                    _ => Self::Unsupported,
                }
            }
        }

        impl From<ColumnType> for $interface::DbDataType {
            fn from(ty: ColumnType) -> Self {
                match ty {
                    ColumnType::Boolean => Self::Boolean,
                    ColumnType::Int8 | ColumnType::BooleanAsInt8 => Self::Int8,
                    ColumnType::Int16 => Self::Int16,
                    ColumnType::Int32 => Self::Int32,
                    ColumnType::Int64 => Self::Int64,
                    ColumnType::Uint8 => Self::Uint8,
                    ColumnType::Uint16 => Self::Uint16,
                    ColumnType::Uint32 => Self::Uint32,
                    ColumnType::Uint64 => Self::Uint64,
                    ColumnType::Float32 => Self::Floating32,
                    ColumnType::Float64 => Self::Floating64,
                    ColumnType::Text => Self::Str,
                    ColumnType::Binary => Self::Binary,
                    _ => Self::Other,
                }
            }
        }
    )*};
}

of_both_servers!(rdbms_1, rdbms_2, mysql_3);

impl From<postgres_3::ParameterValue> for ServerValue {
    fn from(value: postgres_3::ParameterValue) -> Self {
        use postgres_3::ParameterValue as Value;
        match value {
            Value::Boolean(it) => Self::Boolean(it),
            Value::Int8(it) => Self::Int8(it),
            Value::Int16(it) => Self::Int16(it),
            Value::Int32(it) => Self::Int32(it),
            Value::Int64(it) => Self::Int64(it),
            Value::Floating32(it) => Self::Float32(it),
            Value::Floating64(it) => Self::Float64(it),
            Value::Str(it) => Self::Text(it),
            Value::Binary(it) => Self::Binary(it),
            Value::Date(it) => Self::Date(it),
            Value::Time(it) => Self::Time(it),
            Value::Datetime(it) => Self::DateTime(it),
            Value::Timestamp(it) => Self::Timestamp(it),
            Value::DbNull => Self::Null,
        }
    }
}

impl From<ServerValue> for postgres_3::DbValue {
    fn from(value: ServerValue) -> Self {
        match value {
            ServerValue::Null => Self::DbNull,
            ServerValue::Boolean(it) => Self::Boolean(it),
            ServerValue::Int8(it) => Self::Int8(it),
            ServerValue::Int16(it) => Self::Int16(it),
            ServerValue::Int32(it) => Self::Int32(it),
            ServerValue::Int64(it) => Self::Int64(it),
            ServerValue::Float32(it) => Self::Floating32(it),
            ServerValue::Float64(it) => Self::Floating64(it),
            ServerValue::Text(it) => Self::Str(it),
            ServerValue::Binary(it) => Self::Binary(it),
            ServerValue::Date(it) => Self::Date(it),
            ServerValue::Time(it) => Self::Time(it),
            ServerValue::DateTime(it) => Self::Datetime(it),
            ServerValue::Timestamp(it) => Self::Timestamp(it),
            _ => Self::Unsupported,
        }
    }
}

impl From<ColumnType> for postgres_3::DbDataType {
    fn from(ty: ColumnType) -> Self {
        match ty {
            ColumnType::Boolean => Self::Boolean,
            ColumnType::Int8 | ColumnType::BooleanAsInt8 => Self::Int8,
            ColumnType::Int16 => Self::Int16,
            ColumnType::Int32 => Self::Int32,
            ColumnType::Int64 => Self::Int64,
            ColumnType::Float32 => Self::Floating32,
            ColumnType::Float64 => Self::Floating64,
            ColumnType::Text => Self::Str,
            ColumnType::Binary => Self::Binary,
            ColumnType::Date => Self::Date,
            ColumnType::Time => Self::Time,
            ColumnType::DateTime => Self::Datetime,
            _ => Self::Other,
        }
    }
}

/// A range of `spin:postgres@4.2.0`.
type PairOfBounds<T> = (
    Option<(T, postgres_4::RangeBoundKind)>,
    Option<(T, postgres_4::RangeBoundKind)>,
);

fn range_of_guest<T>((lower, upper): PairOfBounds<T>) -> SqlRange<T> {
    let bound = |(value, kind)| RangeBound {
        value,
        inclusive: kind == postgres_4::RangeBoundKind::Inclusive,
    };
    SqlRange {
        lower: lower.map(bound),
        upper: upper.map(bound),
    }
}

fn range_for_guest<T>(range: SqlRange<T>) -> PairOfBounds<T> {
    let bound = |bound: RangeBound<T>| {
        let kind = match bound.inclusive {
            true => postgres_4::RangeBoundKind::Inclusive,
            false => postgres_4::RangeBoundKind::Exclusive,
        };
        (bound.value, kind)
    };
    (range.lower.map(bound), range.upper.map(bound))
}

impl From<postgres_4::ParameterValue> for ServerValue {
    fn from(value: postgres_4::ParameterValue) -> Self {
        use postgres_4::ParameterValue as Value;
        match value {
            Value::Boolean(it) => Self::Boolean(it),
            Value::Int8(it) => Self::Int8(it),
            Value::Int16(it) => Self::Int16(it),
            Value::Int32(it) => Self::Int32(it),
            Value::Int64(it) => Self::Int64(it),
            Value::Floating32(it) => Self::Float32(it),
            Value::Floating64(it) => Self::Float64(it),
            Value::Str(it) => Self::Text(it),
            Value::Binary(it) => Self::Binary(it),
            Value::Date(it) => Self::Date(it),
            Value::Time(it) => Self::Time(it),
            Value::Datetime(it) => Self::DateTime(it),
            Value::Timestamp(it) => Self::Timestamp(it),
            Value::Uuid(it) => Self::Uuid(it),
            Value::Jsonb(it) => Self::Jsonb(it),
            Value::Decimal(it) => Self::Decimal(it),
            Value::RangeInt32(it) => Self::RangeInt32(range_of_guest(it)),
            Value::RangeInt64(it) => Self::RangeInt64(range_of_guest(it)),
            Value::RangeDecimal(it) => Self::RangeDecimal(range_of_guest(it)),
            Value::ArrayInt32(it) => Self::ArrayInt32(it),
            Value::ArrayInt64(it) => Self::ArrayInt64(it),
            Value::ArrayDecimal(it) => Self::ArrayDecimal(it),
            Value::ArrayStr(it) => Self::ArrayText(it),
            Value::Interval(it) => Self::Interval(Interval {
                micros: it.micros,
                days: it.days,
                months: it.months,
            }),
            Value::DbNull => Self::Null,
        }
    }
}

impl From<ServerValue> for postgres_4::DbValue {
    fn from(value: ServerValue) -> Self {
        match value {
            ServerValue::Null => Self::DbNull,
            ServerValue::Boolean(it) => Self::Boolean(it),
            ServerValue::Int8(it) => Self::Int8(it),
            ServerValue::Int16(it) => Self::Int16(it),
            ServerValue::Int32(it) => Self::Int32(it),
            ServerValue::Int64(it) => Self::Int64(it),
            ServerValue::Float32(it) => Self::Floating32(it),
            ServerValue::Float64(it) => Self::Floating64(it),
            ServerValue::Text(it) => Self::Str(it),
            ServerValue::Binary(it) => Self::Binary(it),
            ServerValue::Date(it) => Self::Date(it),
            ServerValue::Time(it) => Self::Time(it),
            ServerValue::DateTime(it) => Self::Datetime(it),
            ServerValue::Timestamp(it) => Self::Timestamp(it),
            ServerValue::Uuid(it) => Self::Uuid(it),
            ServerValue::Jsonb(it) => Self::Jsonb(it),
            ServerValue::Decimal(it) => Self::Decimal(it),
            ServerValue::RangeInt32(it) => Self::RangeInt32(range_for_guest(it)),
            ServerValue::RangeInt64(it) => Self::RangeInt64(range_for_guest(it)),
            ServerValue::RangeDecimal(it) => Self::RangeDecimal(range_for_guest(it)),
            ServerValue::ArrayInt32(it) => Self::ArrayInt32(it),
            ServerValue::ArrayInt64(it) => Self::ArrayInt64(it),
            ServerValue::ArrayDecimal(it) => Self::ArrayDecimal(it),
            ServerValue::ArrayText(it) => Self::ArrayStr(it),
            ServerValue::Interval(it) => Self::Interval(postgres_4::Interval {
                micros: it.micros,
                days: it.days,
                months: it.months,
            }),
            ServerValue::Unsupported(it) => Self::Unsupported(it),
            // No column of Postgres has an unsigned integer.
            ServerValue::Uint8(_)
            | ServerValue::Uint16(_)
            | ServerValue::Uint32(_)
            | ServerValue::Uint64(_) => Self::Unsupported(Vec::new()),
        }
    }
}

impl From<ColumnType> for postgres_4::DbDataType {
    fn from(ty: ColumnType) -> Self {
        match ty {
            ColumnType::Boolean => Self::Boolean,
            ColumnType::Int8 | ColumnType::BooleanAsInt8 => Self::Int8,
            ColumnType::Int16 => Self::Int16,
            ColumnType::Int32 => Self::Int32,
            ColumnType::Int64 => Self::Int64,
            ColumnType::Float32 => Self::Floating32,
            ColumnType::Float64 => Self::Floating64,
            ColumnType::Text => Self::Str,
            ColumnType::Binary => Self::Binary,
            ColumnType::Date => Self::Date,
            ColumnType::Time => Self::Time,
            ColumnType::DateTime => Self::Datetime,
            ColumnType::Uuid => Self::Uuid,
            ColumnType::Jsonb => Self::Jsonb,
            ColumnType::Decimal => Self::Decimal,
            ColumnType::RangeInt32 => Self::RangeInt32,
            ColumnType::RangeInt64 => Self::RangeInt64,
            ColumnType::RangeDecimal => Self::RangeDecimal,
            ColumnType::ArrayInt32 => Self::ArrayInt32,
            ColumnType::ArrayInt64 => Self::ArrayInt64,
            ColumnType::ArrayDecimal => Self::ArrayDecimal,
            ColumnType::ArrayText => Self::ArrayStr,
            ColumnType::Interval => Self::Interval,
            ColumnType::Other(name) => Self::Other(name),
            unsigned @ (ColumnType::Uint8
            | ColumnType::Uint16
            | ColumnType::Uint32
            | ColumnType::Uint64) => Self::Other(unsigned.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The interface has the types that Spin's has, and so the same size.
    #[test]
    fn values_take_as_many_bytes_as_results_are_counted_by() {
        assert_eq!(size_of::<postgres_4::DbValue>(), ServerValue::BYTES_IN_SPIN);
        assert_eq!(size_of::<postgres_4::RowSet>(), 48);
        let older = ServerValue::BYTES_IN_OLDER_SPIN;
        assert_eq!(size_of::<rdbms_2::DbValue>(), older);
        assert_eq!(size_of::<rdbms_2::RowSet>(), 48);
    }
}
