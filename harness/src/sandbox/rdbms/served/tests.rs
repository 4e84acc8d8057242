use super::*;
use crate::sandbox::service::{MYSQL_2, POSTGRES_2};

fn rows(ty: ColumnType, values: Vec<ServerValue>) -> StatementAnswer {
    let column = SqlColumn {
        name: "price".to_owned(),
        ty,
    };
    let rows = values.into_iter().map(|value| vec![value]).collect();
    StatementAnswer::Rows(vec![column], rows)
}

fn reply(
    interface: &'static ServiceInterface,
    operation: SqlOperation,
    answer: StatementAnswer,
) -> Result<SqlReply, String> {
    let (reply, _) = made_of(interface, operation, answer);
    reply.map_err(|failure| failure.to_string())
}

#[test]
fn postgres_tells_the_columns_with_the_first_row() {
    let query = |values| {
        reply(
            &POSTGRES_2,
            SqlOperation::Query,
            rows(ColumnType::Int32, values),
        )
    };
    assert_eq!(query(vec![]).unwrap().columns, []);
    assert_eq!(query(vec![ServerValue::Null]).unwrap().columns.len(), 1);
    let mysql = reply(
        &MYSQL_2,
        SqlOperation::Query,
        rows(ColumnType::Int32, vec![]),
    );
    assert_eq!(mysql.unwrap().columns.len(), 1);
}

#[test]
fn rows_that_nobody_asked_for_are_counted_by_postgres() {
    let answer = rows(
        ColumnType::Int32,
        vec![ServerValue::Int32(1), ServerValue::Int32(2)],
    );
    let reply = reply(&POSTGRES_2, SqlOperation::Execute, answer).unwrap();
    assert_eq!((reply.affected, reply.rows.len()), (2, 0));
}

#[test]
fn a_statement_that_has_no_rows_gives_none_and_no_columns() {
    let affected = || StatementAnswer::Affected(1);
    for interface in [&POSTGRES_2, &MYSQL_2, &MYSQL_3] {
        let reply = reply(interface, SqlOperation::Query, affected()).unwrap();
        assert!(reply.columns.is_empty() && reply.rows.is_empty());
        assert!(reply.broken_off.is_none());
    }
}

#[test]
fn a_value_that_spin_cannot_read_ends_a_query_of_mysql() {
    let price = || ServerValue::Decimal("123456.789".to_owned());
    let answer = || {
        rows(
            ColumnType::Other("decimal".to_owned()),
            vec![ServerValue::Null, price()],
        )
    };
    let told = "value-conversion-failed: Cannot convert value Bytes(\"123456.7..\") in column price data type \
                DbDataType::Other";
    assert_eq!(
        reply(&MYSQL_2, SqlOperation::Query, answer()).unwrap_err(),
        told
    );
    let stream = reply(&MYSQL_3, SqlOperation::Query, answer()).unwrap();
    assert_eq!(stream.rows, [[ServerValue::Null]]);
    assert_eq!(
        stream
            .broken_off
            .map(|broken| broken.failure.to_string())
            .as_deref(),
        Some(told)
    );
    let time = ServerValue::Time((1, 2, 3, 4000));
    assert_eq!(as_mysql_shows(&time), "Time(\"'001:02:03.000004'\")");
    let date = ServerValue::DateTime((2026, 1, 31, 12, 0, 0, 0));
    assert_eq!(as_mysql_shows(&date), "Date(\"'2026-01-31 12:00:00'\")");
}

#[test]
fn the_newest_interface_of_mysql_loses_what_the_server_said() {
    let refused = || StatementAnswer::Fails(Failure::with_text("query-failed", "no such table"));
    let error = |interface, operation| reply(interface, operation, refused()).unwrap_err();
    assert_eq!(
        error(&MYSQL_3, SqlOperation::Query),
        "other: async error: channel closed"
    );
    assert_eq!(
        error(&MYSQL_3, SqlOperation::Execute),
        "query-failed: no such table"
    );
    assert_eq!(
        error(&MYSQL_2, SqlOperation::Query),
        "query-failed: no such table"
    );
}
