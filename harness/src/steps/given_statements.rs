//! Given steps about what Postgres and MySQL answer.

use super::table::Column;
use super::{Failed, World};
use crate::sandbox::{
    ColumnType, DatabaseServer, ERROR_EXTRAS, Failure, LikePattern, ServerError, ServerValue,
    SqlColumn, StatementAnswer, StatementStub, read_cell,
};
use crate::value::{unescape, visible};
use cucumber::gherkin::Step;
use cucumber::given;

#[given(
    regex = r#"^the (Postgres|MySQL) (?:query|statement) (like "(?:[^"\\]|\\.)*"(?: at "(?:[^"\\]|\\.)*")?(?: with parameters "(?:[^"\\]|\\.)*")?) returns:$"#
)]
fn returns(
    world: &mut World,
    server: String,
    statement: String,
    step: &Step,
) -> Result<(), Failed> {
    let server = server_of(&server);
    let answer = world.rows_of(server, step)?;
    let stub = world.statement(server, &statement)?.stub(answer)?;
    world.answer_statements([stub]);
    Ok(())
}

#[given(
    regex = r#"^the (Postgres|MySQL) (?:query|statement) (like "(?:[^"\\]|\\.)*"(?: at "(?:[^"\\]|\\.)*")?(?: with parameters "(?:[^"\\]|\\.)*")?) affects (\d+) rows?$"#
)]
fn affects(
    world: &mut World,
    server: String,
    statement: String,
    affected: String,
) -> Result<(), Failed> {
    let answer = StatementAnswer::Affected(affected_of(&affected)?);
    let server = server_of(&server);
    let stub = world.statement(server, &statement)?.stub(answer)?;
    world.answer_statements([stub]);
    Ok(())
}

#[given(
    regex = r#"^the (Postgres|MySQL) (?:query|statement) (like "(?:[^"\\]|\\.)*"(?: at "(?:[^"\\]|\\.)*")?(?: with parameters "(?:[^"\\]|\\.)*")?) fails with "((?:[^"\\]|\\.)*)"$"#
)]
fn fails_with(
    world: &mut World,
    server: String,
    statement: String,
    failure: String,
) -> Result<(), Failed> {
    let answer = StatementAnswer::Fails(failure_of(&world.text(&failure)?)?);
    let server = server_of(&server);
    let stub = world.statement(server, &statement)?.stub(answer)?;
    world.answer_statements([stub]);
    Ok(())
}

/// The columns of an error that a server takes apart.
const ERROR: [Column; 14] = [
    Column::Needed("code"),
    Column::Needed("message"),
    Column::Optional("severity"),
    Column::Optional("detail"),
    Column::Optional("column"),
    Column::Optional("constraint"),
    Column::Optional("routine"),
    Column::Optional("hint"),
    Column::Optional("table"),
    Column::Optional("datatype"),
    Column::Optional("schema"),
    Column::Optional("file"),
    Column::Optional("line"),
    Column::Optional("where"),
];

#[given(
    regex = r#"^the (Postgres) (?:query|statement) (like "(?:[^"\\]|\\.)*"(?: at "(?:[^"\\]|\\.)*")?(?: with parameters "(?:[^"\\]|\\.)*")?) fails with the database error:$"#
)]
fn fails_with_the_database_error(
    world: &mut World,
    server: String,
    statement: String,
    step: &Step,
) -> Result<(), Failed> {
    let table = world.table(step, ERROR)?;
    let [error] = table.rows.as_slice() else {
        return Err(Failed::new(
            "this step needs a table with one row below its headings: the error",
        ));
    };
    let answer = StatementAnswer::Refused(server_error(error)?);
    let server = server_of(&server);
    let stub = world.statement(server, &statement)?.stub(answer)?;
    world.answer_statements([stub]);
    Ok(())
}

/// The columns of a table of answers.
const ANSWERS: [Column; 5] = [
    Column::Needed("statement"),
    Column::Optional("at"),
    Column::Optional("parameters"),
    Column::Optional("affects"),
    Column::Optional("fails with"),
];

/// Answers in a table.
#[given(regex = r#"^(Postgres|MySQL) statements are answered:$"#)]
fn are_answered(world: &mut World, server: String, step: &Step) -> Result<(), Failed> {
    let server = server_of(&server);
    let mut stubs: Vec<([String; 3], StatementStub)> = Vec::new();
    for (number, row) in world.table(step, ANSWERS)?.rows.into_iter().enumerate() {
        let in_row = |failed: Failed| failed.note(&format!("in row {} of the table", number + 1));
        let [like, at, parameters, affects, fails] = row;
        let answer = answer_of(&affects, &fails).map_err(in_row)?;
        // Rows about the same statements answer them in turn.
        let key = [like, at, parameters];
        if let Some((_, stub)) = stubs.iter_mut().find(|(known, _)| *known == key) {
            stub.then(answer);
            continue;
        }
        let [like, at, parameters] = &key;
        let said = |cell: &String| (!cell.is_empty()).then(|| cell.clone());
        let statement = Matched {
            server,
            like: like.clone(),
            at: said(at),
            parameters: said(parameters),
        };
        let stub = statement.stub(answer).map_err(in_row)?;
        stubs.push((key, stub));
    }
    world.answer_statements(stubs.into_iter().map(|(_, stub)| stub));
    Ok(())
}

fn answer_of(affects: &str, fails: &str) -> Result<StatementAnswer, Failed> {
    match (affects, fails) {
        (affected, "") if !affected.is_empty() => {
            Ok(StatementAnswer::Affected(affected_of(affected)?))
        }
        ("", failure) if !failure.is_empty() => Ok(StatementAnswer::Fails(failure_of(failure)?)),
        _ => Err(Failed::new(
            "a statement either affects a number of rows or fails with an error",
        )),
    }
}

fn affected_of(text: &str) -> Result<u64, Failed> {
    let text = text.trim_end_matches("rows").trim_end_matches("row").trim();
    text.parse().map_err(|_| {
        Failed::new(format!(
            "\"{}\" is no number of rows, such as `1`",
            visible(text)
        ))
    })
}

fn failure_of(text: &str) -> Result<Failure, Failed> {
    const CASES: [&str; 5] = [
        "connection-failed",
        "bad-parameter",
        "query-failed",
        "value-conversion-failed",
        "other",
    ];
    let (case, rest) = text.split_once(':').unwrap_or((text, ""));
    if !CASES.contains(&case.trim()) {
        let cases = CASES.map(|case| format!("`{case}: some text`")).join(", ");
        return Err(Failed::new(format!(
            "a statement cannot fail with \"{}\"; there are {cases}",
            visible(text)
        )));
    }
    Ok(Failure::with_text(case.trim(), rest.trim()))
}

fn server_error(cells: &[String; 14]) -> Result<ServerError, Failed> {
    let [code, message, severity, detail, extras @ ..] = cells;
    if code.len() != 5 || !code.bytes().all(|it| it.is_ascii_alphanumeric()) {
        return Err(Failed::new(format!(
            "\"{}\" is no SQLSTATE: it has five letters and digits, such as 23505",
            visible(code)
        )));
    }
    let said = |cell: &str| (!cell.is_empty()).then(|| cell.to_owned());
    let extras = ERROR_EXTRAS.iter().zip(extras);
    let extras = extras.filter_map(|(name, cell)| Some(((*name).to_owned(), said(cell)?)));
    Ok(ServerError {
        severity: said(severity).unwrap_or_else(|| "ERROR".to_owned()),
        code: code.clone(),
        message: message.clone(),
        detail: said(detail),
        extras: extras.collect(),
        shown: None,
    })
}

pub(super) fn server_of(name: &str) -> DatabaseServer {
    match name {
        "MySQL" => DatabaseServer::MySql,
        _ => DatabaseServer::Postgres,
    }
}

/// Which statements a step is about.
pub(super) struct Matched {
    pub server: DatabaseServer,
    pub like: String,
    pub at: Option<String>,
    pub parameters: Option<String>,
}

impl Matched {
    fn stub(&self, answer: StatementAnswer) -> Result<StatementStub, Failed> {
        let mut stub = StatementStub::new(self.server, LikePattern::new(&self.like), [answer]);
        if let Some(at) = &self.at {
            stub = stub.at(at)?;
        }
        if let Some(parameters) = &self.parameters {
            stub = stub.with_parameters(parameters);
        }
        Ok(stub)
    }
}

/// The text between quotes that a text begins with, and what follows.
fn quoted(text: &str) -> Option<(String, &str)> {
    let inside = text.strip_prefix('"')?;
    let mut escaped = false;
    let end = inside.char_indices().find_map(|(at, c)| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends.then_some(at)
    })?;
    Some((unescape(&inside[..end]), &inside[end + 1..]))
}

impl World {
    /// Reads `like "…" at "…" with parameters "…"`, of which the last two may be left out.
    pub(super) fn statement(&self, server: DatabaseServer, text: &str) -> Result<Matched, Failed> {
        let mut rest = text;
        let mut part = |word: &str| {
            let (inside, after) = quoted(rest.trim_start().strip_prefix(word)?.trim_start())?;
            rest = after;
            Some(inside)
        };
        let (like, at, parameters) = (part("like"), part("at"), part("with parameters"));
        let said = |text: Option<String>| text.map(|it| self.interpolate(&it)).transpose();
        Ok(Matched {
            server,
            like: said(like)?.unwrap_or_default(),
            at: said(at)?,
            parameters: said(parameters)?,
        })
    }

    fn answer_statements(&mut self, stubs: impl IntoIterator<Item = StatementStub>) {
        match self.started() {
            // What a server answers may change while the scenario runs.
            Some(session) => session.with_database_servers(|servers| {
                stubs.into_iter().for_each(|stub| servers.push(stub));
            }),
            None => self.arrangement.servers.extend(stubs),
        }
    }

    /// The table below a step as rows of an answer: a heading is `name` or `name: type`.
    fn rows_of(&self, server: DatabaseServer, step: &Step) -> Result<StatementAnswer, Failed> {
        let table = step.table.as_ref().filter(|table| !table.rows.is_empty());
        let Some((headings, rows)) = table.and_then(|table| table.rows.split_first()) else {
            return Err(Failed::new(
                "this step needs a table below it: the columns, such as `id: int32`, and the rows",
            ));
        };
        let mut cells: Vec<Vec<String>> = Vec::with_capacity(rows.len());
        for row in rows {
            let row = row.iter().map(|cell| self.interpolate(cell));
            cells.push(row.collect::<Result<_, _>>()?);
        }
        let mut columns = Vec::with_capacity(headings.len());
        for (at, heading) in headings.iter().enumerate() {
            let cells = cells.iter().filter_map(|row| row.get(at));
            let column = column_of(server, heading, cells.map(String::as_str))?;
            columns.push(column);
        }
        let mut values: Vec<Vec<ServerValue>> = Vec::with_capacity(cells.len());
        for (number, row) in cells.iter().enumerate() {
            let mut of_row = Vec::with_capacity(columns.len());
            for (cell, column) in row.iter().zip(&columns) {
                let value = read_cell(cell, &column.ty, self.base_dir()?);
                of_row.push(value.map_err(|error| {
                    let place = format!("in column \"{}\", row {}", column.name, number + 1);
                    Failed::from(error).note(&place)
                })?);
            }
            values.push(of_row);
        }
        Ok(StatementAnswer::Rows(columns, values))
    }
}

/// A column by its heading. Without a type it is text, unless its cells say what they are.
fn column_of<'a>(
    server: DatabaseServer,
    heading: &str,
    cells: impl Iterator<Item = &'a str>,
) -> Result<SqlColumn, Failed> {
    if let Some((name, ty)) = heading.rsplit_once(':') {
        return Ok(SqlColumn {
            name: name.trim().to_owned(),
            ty: ColumnType::parse(ty.trim(), server)?,
        });
    }
    let said: Vec<&str> = cells
        .filter(|cell| !cell.eq_ignore_ascii_case("null"))
        .collect();
    let all = |prefix: &str| !said.is_empty() && said.iter().all(|cell| cell.starts_with(prefix));
    let ty = match server {
        DatabaseServer::Postgres if all("json:") => ColumnType::Jsonb,
        _ if all("base64:") => ColumnType::Binary,
        _ => ColumnType::Text,
    };
    Ok(SqlColumn {
        name: heading.to_owned(),
        ty,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_told_with_where_and_what() {
        let world = World::default();
        let text = r#"like "select \"a\"%" at "localhost" with parameters "1, \\""#;
        let matched = world.statement(DatabaseServer::MySql, text).unwrap();
        assert_eq!(matched.like, "select \"a\"%");
        assert_eq!(matched.at.as_deref(), Some("localhost"));
        assert_eq!(matched.parameters.as_deref(), Some("1, \\"));
        let matched = world
            .statement(DatabaseServer::MySql, r#"like "a""#)
            .unwrap();
        assert_eq!((matched.at, matched.parameters), (None, None));
    }

    #[test]
    fn a_column_has_the_type_that_it_says() {
        let ty = |heading: &str, cells: &[&str]| {
            let cells = cells.iter().copied();
            let column = column_of(DatabaseServer::Postgres, heading, cells);
            column.map(|column| (column.name, column.ty))
        };
        let of = |name: &str, ty| (name.to_owned(), ty);
        assert_eq!(
            ty("id: int32", &["1"]).unwrap(),
            of("id", ColumnType::Int32)
        );
        assert_eq!(ty("id", &["1"]).unwrap(), of("id", ColumnType::Text));
        assert_eq!(ty("id", &[]).unwrap(), of("id", ColumnType::Text));
        let cells = ["json:{}", "NULL"];
        assert_eq!(ty("id", &cells).unwrap(), of("id", ColumnType::Jsonb));
        assert_eq!(
            ty("id", &["base64:AA=="]).unwrap(),
            of("id", ColumnType::Binary)
        );
        assert!(ty("id: number", &[]).is_err());
    }
}
