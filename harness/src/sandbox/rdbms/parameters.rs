//! Parameters as Postgres's client sends them, and what Spin finds wrong with them before it asks the server
//! (`crates/factor-outbound-pg/src/types.rs` and `types/convert.rs`). The crates are Spin's, and so are their errors.

use super::value::{Bound, Date, DateTime, Interval, Range, ServerValue, Time};
use crate::value::causes;
use bytes::{BufMut as _, BytesMut};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use postgres_range::{BoundSided, BoundType, Normalizable, RangeBound};
use rust_decimal::Decimal;
use std::error::Error;
use std::fmt;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

/// A parameter on its way to the server.
pub(super) type Sendable = Box<dyn ToSql + Send + Sync>;

/// All of them; or why the first that cannot be sent cannot, as Spin tells it.
pub(super) fn sendable(parameters: &[ServerValue]) -> Result<Vec<Sendable>, String> {
    parameters.iter().map(one).collect()
}

/// Why the first of them that cannot be sent cannot, as Spin tells it. What always can is not copied for that.
pub(super) fn check(parameters: &[ServerValue]) -> Result<(), String> {
    let mut doubtful = parameters.iter().filter(|it| !is_always_sent(it));
    doubtful.try_for_each(|it| one(it).map(drop))
}

/// Whether no value of this type is refused.
fn is_always_sent(parameter: &ServerValue) -> bool {
    matches!(
        parameter,
        ServerValue::Null
            | ServerValue::Boolean(_)
            | ServerValue::Int8(_)
            | ServerValue::Int16(_)
            | ServerValue::Int32(_)
            | ServerValue::Int64(_)
            | ServerValue::Float32(_)
            | ServerValue::Float64(_)
            | ServerValue::Text(_)
            | ServerValue::Binary(_)
            | ServerValue::RangeInt32(_)
            | ServerValue::RangeInt64(_)
            | ServerValue::ArrayInt32(_)
            | ServerValue::ArrayInt64(_)
            | ServerValue::ArrayText(_)
            | ServerValue::Interval(_)
    )
}

fn one(parameter: &ServerValue) -> Result<Sendable, String> {
    Ok(match parameter {
        ServerValue::Null => Box::new(AnyNull),
        ServerValue::Boolean(it) => Box::new(*it),
        ServerValue::Int8(it) => Box::new(*it),
        ServerValue::Int16(it) => Box::new(*it),
        ServerValue::Int32(it) => Box::new(*it),
        ServerValue::Int64(it) => Box::new(*it),
        ServerValue::Float32(it) => Box::new(*it),
        ServerValue::Float64(it) => Box::new(*it),
        ServerValue::Text(it) => Box::new(it.clone()),
        ServerValue::Binary(it) => Box::new(it.clone()),
        ServerValue::Date(it) => Box::new(date(*it)?),
        ServerValue::Time(it) => Box::new(time(*it)?),
        ServerValue::DateTime(it) => Box::new(date_time(*it)?),
        ServerValue::Timestamp(seconds) => {
            let time = chrono::DateTime::from_timestamp(*seconds, 0);
            Box::new(time.ok_or_else(|| format!("invalid epoch timestamp {seconds}"))?)
        }
        ServerValue::Uuid(text) => {
            let uuid = uuid::Uuid::parse_str(text);
            Box::new(uuid.map_err(|error| caused(format!("invalid UUID {text}"), &error))?)
        }
        ServerValue::Jsonb(bytes) => {
            let json = serde_json::from_slice::<serde_json::Value>(bytes);
            let wrong = || format!("invalid JSON {}", String::from_utf8_lossy(bytes));
            Box::new(json.map_err(|error| caused(wrong(), &error))?)
        }
        ServerValue::Decimal(text) => Box::new(decimal(text)?),
        ServerValue::RangeInt32(it) => Box::new(range(it, |end| Ok(*end))?),
        ServerValue::RangeInt64(it) => Box::new(range(it, |end| Ok(*end))?),
        ServerValue::RangeDecimal(it) => {
            Box::new(range(it, |end| decimal(end).map(DecimalInRange))?)
        }
        ServerValue::ArrayInt32(all) => Box::new(all.clone()),
        ServerValue::ArrayInt64(all) => Box::new(all.clone()),
        ServerValue::ArrayDecimal(all) => {
            let all = all.iter().map(|it| it.as_deref().map(decimal).transpose());
            Box::new(all.collect::<Result<Vec<_>, _>>()?)
        }
        ServerValue::ArrayText(all) => Box::new(all.clone()),
        ServerValue::Interval(it) => Box::new(*it),
        // Refused before: no interface of Postgres can send them.
        ServerValue::Uint8(_)
        | ServerValue::Uint16(_)
        | ServerValue::Uint32(_)
        | ServerValue::Uint64(_)
        | ServerValue::Unsupported(_) => {
            return Err("Postgres does not support unsigned integers".to_owned());
        }
    })
}

fn date((year, month, day): Date) -> Result<NaiveDate, String> {
    NaiveDate::from_ymd_opt(year, month.into(), day.into())
        .ok_or_else(|| format!("invalid date y={year}, m={month}, d={day}"))
}

fn time((hour, minute, second, nanos): Time) -> Result<NaiveTime, String> {
    NaiveTime::from_hms_nano_opt(hour.into(), minute.into(), second.into(), nanos)
        .ok_or_else(|| format!("invalid time {hour}:{minute}:{second}:{nanos}"))
}

fn date_time(
    (year, month, day, hour, minute, second, nanos): DateTime,
) -> Result<NaiveDateTime, String> {
    let date = date((year, month, day))?;
    Ok(NaiveDateTime::new(
        date,
        time((hour, minute, second, nanos))?,
    ))
}

fn decimal(text: &str) -> Result<Decimal, String> {
    Decimal::from_str_exact(text).map_err(|error| caused(format!("invalid decimal {text}"), &error))
}

fn range<T, U: Normalizable + PartialOrd>(
    range: &Range<T>,
    end: impl Fn(&T) -> Result<U, String>,
) -> Result<postgres_range::Range<U>, String> {
    let (lower, upper) = (range.lower.as_ref(), range.upper.as_ref());
    Ok(postgres_range::Range::new(
        lower.map(|it| bound(it, &end)).transpose()?,
        upper.map(|it| bound(it, &end)).transpose()?,
    ))
}

fn bound<T, S: BoundSided, U: PartialOrd>(
    bound: &Bound<T>,
    end: impl Fn(&T) -> Result<U, String>,
) -> Result<RangeBound<S, U>, String> {
    let kind = match bound.inclusive {
        true => BoundType::Inclusive,
        false => BoundType::Exclusive,
    };
    Ok(RangeBound::new(end(&bound.value)?, kind))
}

/// An error with what led to it, as `anyhow`, which Spin tells errors with, shows it to programmers.
pub(super) fn caused(text: String, error: &(dyn Error + 'static)) -> String {
    match causes(error).as_slice() {
        [only] => format!("{text}\n\nCaused by:\n    {only}"),
        all => {
            let numbered = all.iter().enumerate();
            let lines = numbered.map(|(at, cause)| format!("\n{at:>5}: {cause}"));
            format!("{text}\n\nCaused by:{}", lines.collect::<String>())
        }
    }
}

/// NULL of any type: the client asks which type a value has, and a guest does not say.
struct AnyNull;

impl fmt::Debug for AnyNull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NULL")
    }
}

impl ToSql for AnyNull {
    fn to_sql(&self, _: &Type, _: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        Ok(IsNull::Yes)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// Eight bytes of microseconds, four of days, four of months.
impl ToSql for Interval {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        out.put_i64(self.micros);
        out.put_i32(self.days);
        out.put_i32(self.months);
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::INTERVAL
    }

    to_sql_checked!();
}

/// A decimal as the end of a range, which is never moved.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(super) struct DecimalInRange(pub Decimal);

impl Normalizable for DecimalInRange {
    fn normalize<S: BoundSided>(bound: RangeBound<S, Self>) -> RangeBound<S, Self> {
        bound
    }
}

impl ToSql for DecimalInRange {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        self.0.to_sql(ty, out)
    }

    fn accepts(ty: &Type) -> bool {
        <Decimal as ToSql>::accepts(ty)
    }

    to_sql_checked!();
}

impl FromSql<'_> for DecimalInRange {
    fn from_sql(ty: &Type, raw: &[u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Decimal::from_sql(ty, raw).map(Self)
    }

    fn accepts(ty: &Type) -> bool {
        <Decimal as FromSql<'_>>::accepts(ty)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_spin_says_it() {
        for (parameter, told) in [
            (
                ServerValue::Date((2026, 2, 30)),
                "invalid date y=2026, m=2, d=30",
            ),
            (ServerValue::Time((25, 0, 0, 1)), "invalid time 25:0:0:1"),
            (
                ServerValue::Timestamp(i64::MAX),
                "invalid epoch timestamp 9223372036854775807",
            ),
            // What follows the first line is in the words of `uuid`, `rust_decimal` and `serde_json`.
            (
                ServerValue::Uuid("7".to_owned()),
                "invalid UUID 7\n\nCaused by:\n    ",
            ),
            (
                ServerValue::Decimal("1e5".to_owned()),
                "invalid decimal 1e5\n\nCaused by:\n    ",
            ),
            (
                ServerValue::Jsonb(b"{".to_vec()),
                "invalid JSON {\n\nCaused by:\n    EOF while parsing an object at line 1 column 1",
            ),
        ] {
            let parameters = [ServerValue::Null, parameter];
            let error = sendable(&parameters).err().unwrap();
            assert!(error.starts_with(told), "{error}");
            assert_eq!(check(&parameters), Err(error));
        }
        let uuid = "{6f1d3c1e-8a1b-4f0e-9d63-0a4c1d2e3f40}".to_owned();
        let fine = [ServerValue::Uuid(uuid), ServerValue::Int32(1)];
        assert_eq!(sendable(&fine).map(|all| all.len()), Ok(2));
    }

    #[test]
    fn what_can_always_be_sent_is_not_built_to_be_looked_at() {
        let range = |lower, upper| Range {
            lower: Some(Bound {
                value: lower,
                inclusive: true,
            }),
            upper: Some(Bound {
                value: upper,
                inclusive: false,
            }),
        };
        for parameter in [
            ServerValue::Text("\0".to_owned()),
            ServerValue::Binary(vec![0, 255]),
            ServerValue::Float64(f64::NAN),
            // Its ends are the wrong way round: the server says so.
            ServerValue::RangeInt32(range(2, 1)),
            ServerValue::ArrayText(vec![None]),
            ServerValue::Interval(Interval::default()),
        ] {
            assert!(is_always_sent(&parameter), "{parameter:?}");
            assert!(one(&parameter).is_ok(), "{parameter:?}");
        }
        for parameter in [
            ServerValue::Uint8(1),
            ServerValue::Unsupported(Vec::new()),
            ServerValue::ArrayDecimal(vec![Some("x".to_owned())]),
            ServerValue::DateTime((2026, 13, 1, 0, 0, 0, 0)),
        ] {
            assert!(check(&[parameter]).is_err());
        }
    }

    #[test]
    fn causes_are_numbered_where_there_are_several() {
        #[derive(Debug, thiserror::Error)]
        #[error("outer")]
        struct Outer(#[source] fmt::Error);
        let text = caused("told".to_owned(), &Outer(fmt::Error));
        let inner = fmt::Error.to_string();
        assert_eq!(
            text,
            format!("told\n\nCaused by:\n    0: outer\n    1: {inner}")
        );
    }
}
