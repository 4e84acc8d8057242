//! What statements give, cost and leave, and what they cannot reach.

use super::*;

const FUEL: u64 = 1_000_000_000;

fn open(name: &str) -> SqliteConnection {
    SqliteConnection::open(name, Seed(7), &Arc::default()).unwrap()
}

fn run(connection: &SqliteConnection, statement: &str) -> Ran {
    let at = (Duration::ZERO, FUEL);
    connection.run(statement, &[], false, false, at).0
}

fn value(connection: &SqliteConnection, query: &str) -> SqlValue {
    match run(connection, query) {
        Ran::Done(rows) => rows.rows[0][0].clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_statement_without_end_runs_out_of_fuel() {
    let endless = "with recursive n(x) as (select 1 union all select x + 1 from n) \
                   select count(*) from n";
    let connection = open("/connection-endless");
    let (ran, left) = connection.run(endless, &[], false, false, (Duration::ZERO, FUEL));
    assert!(matches!(ran, Ran::OutOfFuel), "{ran:?}");
    assert_eq!(left, 0);
    // It can be used on.
    assert_eq!(value(&connection, "select 1"), SqlValue::Integer(1));
}

#[test]
fn what_is_lost_succeeds_and_leaves_nothing() {
    let connection = open("/connection-lost");
    connection
        .run_all("create table t (x)", Duration::ZERO)
        .unwrap();
    let lose = |statement: &str| {
        let at = (Duration::ZERO, FUEL);
        connection.run(statement, &[], true, false, at).0
    };
    assert!(matches!(lose("insert into t values (1)"), Ran::Done(_)));
    assert_eq!(
        value(&connection, "select count(*) from t"),
        SqlValue::Integer(0)
    );
    connection
        .run_all("begin; insert into t values (1)", Duration::ZERO)
        .unwrap();
    assert!(matches!(lose("commit"), Ran::Done(_)));
    assert_eq!(
        value(&connection, "select count(*) from t"),
        SqlValue::Integer(0)
    );
    // The transaction is over, as the guest believes.
    assert!(matches!(run(&connection, "begin"), Ran::Done(_)));
}

#[test]
fn another_connection_waits_for_a_transaction_to_end() {
    let (one, other) = (open("/connection-busy"), open("/connection-busy"));
    one.run_all("create table t (x); begin immediate", Duration::ZERO)
        .unwrap();
    let ran = run(&other, "insert into t values (1)");
    assert!(
        matches!(&ran, Ran::Busy(text) if text == "database is locked"),
        "{ran:?}"
    );
    one.run_all("commit", Duration::ZERO).unwrap();
    assert!(matches!(
        run(&other, "insert into t values (1)"),
        Ran::Done(_)
    ));
}

#[test]
fn no_file_can_be_reached() {
    let connection = open("/connection-attach");
    for statement in ["attach 'there.db' as there", "vacuum into 'there.db'"] {
        let ran = run(&connection, statement);
        assert!(
            matches!(&ran, Ran::Failed(text, _) if text.contains("authoriz")),
            "{ran:?}"
        );
    }
    assert!(matches!(
        run(&connection, "attach ':memory:' as m"),
        Ran::Done(_)
    ));
}

#[test]
fn what_sql_draws_follows_from_the_seed() {
    let (one, other) = (open("/connection-random-1"), open("/connection-random-2"));
    for query in [
        "select random()",
        "select hex(randomblob(20))",
        "select abs(random())",
    ] {
        assert_eq!(value(&one, query), value(&other, query));
    }
    assert_ne!(
        value(&one, "select random()"),
        value(&one, "select random()")
    );
}

#[test]
fn a_text_that_is_none_ends_the_connection_as_in_spin() {
    let connection = open("/connection-text");
    for statement in ["select cast(x'ff' as text)", "select 1"] {
        let ran = run(&connection, statement);
        assert!(
            matches!(&ran, Ran::Failed(text, _) if text == BROKEN),
            "{ran:?}"
        );
    }
}

#[test]
fn a_pragma_takes_no_effect_before_it_is_run() {
    let connection = open("/connection-pragma");
    let setting = "pragma query_only = 1";
    assert_eq!(connection.changes_by(setting), Changes::ForGood);
    let ran = run(&connection, "create table t (x)");
    assert!(matches!(ran, Ran::Done(_)), "{ran:?}");
}

#[test]
fn what_statements_change() {
    use Changes::{ForGood, Nothing, Undoably};
    let connection = open("/connection-writes");
    connection
        .run_all("create table t (x)", Duration::ZERO)
        .unwrap();
    for (statement, changes) in [
        ("select 1", Nothing),
        ("insert into t values (1)", Undoably),
        (
            "with w as (select 1) insert into t select * from w",
            Undoably,
        ),
        ("with w as (select 1) select * from w", Nothing),
        (" COMMIT", Undoably),
        ("release s", ForGood),
        ("rollback", ForGood),
        ("begin", Nothing),
        ("vacuum", ForGood),
        ("pragma user_version = 7", ForGood),
        ("pragma user_version", Nothing),
        ("no statement", Nothing),
        ("create table u (x)", Undoably),
        // Its table may be there when its turn comes.
        ("insert into later values (1)", Undoably),
        ("select * from later", Nothing),
        ("with w as (select * from later) select * from w", Nothing),
        ("-- name: Insert :exec\ninsert into t values (1)", Undoably),
        ("/* done */ ; commit", Undoably),
        ("explain insert into t values (1)", Nothing),
        ("pragma journal_mode", Nothing),
    ] {
        assert_eq!(connection.changes_by(statement), changes, "{statement}");
    }
}

/// A schema takes SQLite steps to read, and what an earlier statement has spent must not cut them short.
#[test]
fn what_a_statement_changes_is_known_when_nothing_may_be_spent() {
    let name = "/connection-schema";
    let before = open(name);
    let tables = (0..2_000).map(|number| format!("create table t{number} (x);"));
    let tables: String = tables.collect();
    let all = format!("begin; {tables} commit;");
    before.run_all(&all, Duration::ZERO).unwrap();
    let endless = "with recursive n(x) as (select 1 union all select x + 1 from n) \
                   select count(*) from n";
    assert!(matches!(run(&before, endless), Ran::OutOfFuel));
    // Nobody has read its schema yet.
    let fresh = open(name);
    let insert = "with n as (select 1 as x) insert into t1999 select x from n";
    assert_eq!(fresh.changes_by(insert), Changes::Undoably);
    assert_eq!(
        fresh.changes_by("with n as (select 1 as x) select x from n"),
        Changes::Nothing
    );
}
