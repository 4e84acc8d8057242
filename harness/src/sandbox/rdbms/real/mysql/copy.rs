//! Copies of a MySQL database, table by table: the server has no statement for a whole one.

use super::definitions::{quoted, without_definer};
use super::elsewhere::Around;
use super::said;
use crate::sandbox::rdbms::real::client::NotCopied;
use mysql_async::prelude::{FromRow, Queryable as _};
use mysql_async::{Conn, Error, Row};

/// A lock that was not had in time (`ER_LOCK_WAIT_TIMEOUT`).
pub(super) const LOCK_WAIT_TIMEOUT: u16 = 1205;

/// A connection that is not there (`ER_NO_SUCH_THREAD`).
const NO_SUCH_CONNECTION: u16 = 1094;

/// Where tables are kept in the database itself. Those of other engines may lead elsewhere.
const ENGINES: [&str; 6] = ["aria", "archive", "csv", "innodb", "memory", "myisam"];

impl From<Error> for NotCopied {
    fn from(error: Error) -> Self {
        Self::Refused {
            reason: said::for_people(&error),
            code: said::number(&error)
                .map(|it| it.to_string())
                .unwrap_or_default(),
        }
    }
}

fn refused(reason: String) -> NotCopied {
    let code = String::new();
    NotCopied::Refused { reason, code }
}

/// Something with a definition, and what it was made under.
struct Defined {
    /// `view`, `procedure`, `function` or `trigger`.
    kind: &'static str,
    name: String,
    definition: String,
    /// Those that its text is read under.
    mode_and_collation: (String, String),
}

/// Copies a database to one that there is not yet: tables with their rows, routines, views, then triggers, which must not
/// see the rows come.
pub(super) async fn make(
    connection: &mut Conn,
    original: &str,
    name: &str,
) -> Result<Around, NotCopied> {
    let all: Vec<String> = connection.query("show databases").await?;
    let around = Around::new(name, all);
    // Zeros and dates without a day are copied as they are, and so is what refers to rows that are copied later.
    connection
        .query_drop(
            "set session sql_mode = 'NO_AUTO_VALUE_ON_ZERO', foreign_key_checks = 0, unique_checks = 0, \
             sql_quote_show_create = 1",
        )
        .await?;
    connection
        .query_drop(format!("use {}", quoted(original)))
        .await?;
    let tables = tables(connection, original, &around).await?;
    let routines = routines(connection, original, &around).await?;
    let views = views(connection, original, &around).await?;
    let triggers = triggers(connection, original, &around).await?;
    let (set, collation): (String, String) = only(
        connection,
        "select default_character_set_name, default_collation_name from information_schema.schemata \
         where schema_name = ?",
        original,
    )
    .await?;
    connection
        .query_drop(format!(
            "create database {} character set {set} collate {collation}",
            quoted(name)
        ))
        .await?;
    connection
        .query_drop(format!("use {}", quoted(name)))
        .await?;
    for table in &tables {
        connection.query_drop(&table.definition).await?;
    }
    for table in &tables {
        if table.columns.is_empty() {
            continue;
        }
        connection
            .query_drop(format!(
                "insert into {} ({columns}) select {columns} from {}.{}",
                quoted(&table.name),
                quoted(original),
                quoted(&table.name),
                columns = table.columns,
            ))
            .await?;
    }
    for routine in &routines {
        define(connection, routine).await?;
    }
    define_views(connection, views).await?;
    for trigger in &triggers {
        define(connection, trigger).await?;
    }
    Ok(around)
}

/// A table, and the columns that a row is written by.
struct Table {
    name: String,
    definition: String,
    /// As SQL lists them.
    columns: String,
}

async fn tables(
    connection: &mut Conn,
    original: &str,
    around: &Around,
) -> Result<Vec<Table>, NotCopied> {
    let all: Vec<(String, String, Option<String>)> = connection
        .exec(
            "select table_name, table_type, engine from information_schema.tables \
             where table_schema = ? and table_type <> 'VIEW' order by table_name",
            (original,),
        )
        .await?;
    let mut tables = Vec::new();
    for (name, kind, engine) in all {
        let engine = engine.unwrap_or_default();
        if kind != "BASE TABLE" {
            return Err(refused(format!(
                "`{name}` is a {kind}, and spin-harness copies tables and views alone"
            )));
        }
        if !ENGINES.contains(&engine.to_lowercase().as_str()) {
            return Err(refused(format!(
                "the table `{name}` has the engine {engine}, and its rows may be kept elsewhere"
            )));
        }
        let columns: Vec<String> = connection
            .exec(
                "select column_name from information_schema.columns where table_schema = ? and table_name = ? \
                 and coalesce(generation_expression, '') = '' order by ordinal_position",
                (original, &name),
            )
            .await?;
        let columns: Vec<String> = columns.iter().map(|it| quoted(it)).collect();
        let shown = shown(connection, "table", &name).await?;
        let definition = text(&shown, 1, "table", &name)?;
        here_alone(around, "table", &name, &definition)?;
        tables.push(Table {
            name,
            definition,
            columns: columns.join(", "),
        });
    }
    Ok(tables)
}

async fn views(
    connection: &mut Conn,
    original: &str,
    around: &Around,
) -> Result<Vec<Defined>, NotCopied> {
    let names: Vec<String> = connection
        .exec(
            "select table_name from information_schema.views where table_schema = ? order by table_name",
            (original,),
        )
        .await?;
    // They are shown under this mode, whatever mode the last routine was made under.
    let mode: Option<String> = connection.query_first("select @@sql_mode").await?;
    let mode = mode.unwrap_or_default();
    let mut views = Vec::new();
    for name in names {
        let shown = shown(connection, "view", &name).await?;
        let definition = text(&shown, 1, "view", &name)?;
        // Of a view that can be used, the server shows no name of the database in use.
        if around.named_by(&definition).as_deref() == Some(original) {
            return Err(refused(format!(
                "the view `{name}` cannot be used: what it is made of is not there"
            )));
        }
        let under = (mode.clone(), text(&shown, 3, "view", &name)?);
        views.push(defined(around, "view", name, definition, under)?);
    }
    Ok(views)
}

async fn routines(
    connection: &mut Conn,
    original: &str,
    around: &Around,
) -> Result<Vec<Defined>, NotCopied> {
    let all: Vec<(String, String)> = connection
        .exec(
            "select routine_name, routine_type from information_schema.routines \
             where routine_schema = ? order by routine_name, routine_type",
            (original,),
        )
        .await?;
    let mut routines = Vec::new();
    for (name, kind) in all {
        let kind = match kind.as_str() {
            "PROCEDURE" => "procedure",
            "FUNCTION" => "function",
            other => {
                return Err(refused(format!(
                    "`{name}` is a {other}, and spin-harness copies procedures and functions alone"
                )));
            }
        };
        let shown = shown(connection, kind, &name).await?;
        let definition = text(&shown, 2, kind, &name)?;
        let under = (text(&shown, 1, kind, &name)?, text(&shown, 4, kind, &name)?);
        routines.push(defined(around, kind, name, definition, under)?);
    }
    Ok(routines)
}

async fn triggers(
    connection: &mut Conn,
    original: &str,
    around: &Around,
) -> Result<Vec<Defined>, NotCopied> {
    let names: Vec<String> = connection
        .exec(
            "select trigger_name from information_schema.triggers where trigger_schema = ? \
             order by event_object_table, action_timing, event_manipulation, action_order",
            (original,),
        )
        .await?;
    let mut triggers = Vec::new();
    for name in names {
        let shown = shown(connection, "trigger", &name).await?;
        let definition = text(&shown, 2, "trigger", &name)?;
        let under = (
            text(&shown, 1, "trigger", &name)?,
            text(&shown, 4, "trigger", &name)?,
        );
        triggers.push(defined(around, "trigger", name, definition, under)?);
    }
    Ok(triggers)
}

/// What the server shows of something in the database in use.
async fn shown(connection: &mut Conn, kind: &str, name: &str) -> Result<Row, NotCopied> {
    let show = format!("show create {kind} {}", quoted(name));
    let shown: Option<Row> = connection.query_first(show).await?;
    shown.ok_or_else(|| refused(format!("the server does not show the {kind} `{name}`")))
}

/// A column of that. Of what others own, a user may see the rest only.
fn text(shown: &Row, at: usize, kind: &str, name: &str) -> Result<String, NotCopied> {
    let text = shown.get::<Option<String>, _>(at).flatten();
    text.ok_or_else(|| {
        refused(format!(
            "the user of the address may not see how the {kind} `{name}` is defined"
        ))
    })
}

fn defined(
    around: &Around,
    kind: &'static str,
    name: String,
    definition: String,
    mode_and_collation: (String, String),
) -> Result<Defined, NotCopied> {
    here_alone(around, kind, &name, &definition)?;
    Ok(Defined {
        kind,
        name,
        definition: without_definer(&definition),
        mode_and_collation,
    })
}

/// That a definition names no other database: in a copy, it would still lead there.
fn here_alone(around: &Around, kind: &str, name: &str, definition: &str) -> Result<(), NotCopied> {
    if let Some(what) = around.is_about(definition) {
        return Err(refused(format!(
            "the {kind} `{name}` makes, changes or drops {what}, which nothing would take back; leave it out of the database that \
             tests copy"
        )));
    }
    match around.named_by(definition) {
        None => Ok(()),
        Some(database) => Err(refused(format!(
            "the {kind} `{name}` names the database `{database}`, and would lead out of a copy; name its tables without \
             a database"
        ))),
    }
}

async fn define(connection: &mut Conn, it: &Defined) -> Result<(), NotCopied> {
    let (mode, collation) = &it.mode_and_collation;
    let settings = "set session sql_mode = ?, collation_connection = ?";
    connection.exec_drop(settings, (mode, collation)).await?;
    let defining = connection.query_drop(&it.definition);
    defining.await.map_err(|error| {
        let of = format!("the {} `{}`: ", it.kind, it.name);
        match NotCopied::from(error) {
            NotCopied::Refused { reason, code } => NotCopied::Refused {
                reason: format!("{of}{reason}"),
                code,
            },
            other => other,
        }
    })
}

/// Views may be made of others, which must be there first.
async fn define_views(connection: &mut Conn, mut views: Vec<Defined>) -> Result<(), NotCopied> {
    while !views.is_empty() {
        let (count, mut last) = (views.len(), None);
        let mut left = Vec::new();
        for view in views {
            if let Err(why) = define(connection, &view).await {
                last = Some(why);
                left.push(view);
            }
        }
        views = left;
        if let (Some(why), true) = (last, views.len() == count) {
            return Err(why);
        }
    }
    Ok(())
}

async fn only<T: FromRow + Send + 'static>(
    connection: &mut Conn,
    query: &str,
    original: &str,
) -> Result<T, NotCopied> {
    let found: Option<T> = connection.exec_first(query, (original,)).await?;
    found.ok_or_else(|| NotCopied::Refused {
        reason: format!("Unknown database '{original}'"),
        code: "1049".to_owned(),
    })
}

/// Drops a copy. Connections of the same user that hold a lock in it are ended, and only then: what the server lists while a
/// connection ends and another one begins is not always of one of them. Those of others are none of ours.
pub(super) async fn remove(connection: &mut Conn, name: &str) -> Result<(), Error> {
    match drop_database(connection, name, 1).await {
        Err(error) if said::number(&error) == Some(LOCK_WAIT_TIMEOUT) => {}
        dropped => return dropped,
    }
    let connected: Vec<u64> = connection
        .exec(
            "select id from information_schema.processlist \
             where db = ? and user = substring_index(user(), '@', 1) and id <> connection_id()",
            (name,),
        )
        .await?;
    for id in connected {
        match connection.query_drop(format!("kill {id}")).await {
            Err(error) if said::number(&error) == Some(NO_SUCH_CONNECTION) => {}
            killed => killed?,
        }
    }
    drop_database(connection, name, 10).await
}

/// Drops a database; waits so many seconds for locks in it.
async fn drop_database(connection: &mut Conn, name: &str, seconds: u8) -> Result<(), Error> {
    connection
        .query_drop(format!("set session lock_wait_timeout = {seconds}"))
        .await?;
    connection
        .query_drop(format!("drop database if exists {}", quoted(name)))
        .await
}
