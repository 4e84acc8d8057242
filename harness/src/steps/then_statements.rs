//! Then steps about the statements that guests sent to Postgres and MySQL.

use super::given_statements::server_of;
use super::table::Column;
use super::world::number;
use super::{Failed, World};
use crate::sandbox::{DatabaseServer, KeyPattern, LikePattern, Statement, show_parameters};
use crate::value::{times, visible, without_secrets};
use cucumber::gherkin::Step;
use cucumber::then;

/// The columns of a table of statements.
const COLUMNS: [&str; 5] = ["component", "address", "statement", "parameters", "outcome"];
const STATEMENT: usize = 2;

#[then(regex = r"^the (Postgres|MySQL) statements are:$")]
fn statements_are(world: &mut World, server: String, step: &Step) -> Result<(), Failed> {
    let server = server_of(&server);
    let table = world.table(step, COLUMNS.map(Column::Optional))?;
    let actual: Vec<_> = world
        .session()?
        .with_database_servers(|servers| servers.statements(server).map(row).collect());
    let what = format!("the {server} statements");
    // A statement is a pattern.
    let fits = |column: usize, expected: &str, actual: &str| {
        column == STATEMENT && LikePattern::new(expected).fits(actual)
    };
    world.rows_are_by(&what, &table, &actual, &COLUMNS, &fits)
}

#[then(
    regex = r#"^the (Postgres|MySQL) (?:query|statement) (like "(?:[^"\\]|\\.)*"(?: at "(?:[^"\\]|\\.)*")?(?: with parameters "(?:[^"\\]|\\.)*")?) was executed (\d+) times?$"#
)]
fn was_executed(
    world: &mut World,
    server: String,
    statement: String,
    count: String,
) -> Result<(), Failed> {
    let count = number(&count, "a number of statements")?;
    world.expect_statements(server_of(&server), &statement, count)
}

#[then(
    regex = r#"^the (Postgres|MySQL) (?:query|statement) (like "(?:[^"\\]|\\.)*"(?: at "(?:[^"\\]|\\.)*")?(?: with parameters "(?:[^"\\]|\\.)*")?) was never executed$"#
)]
fn was_never_executed(world: &mut World, server: String, statement: String) -> Result<(), Failed> {
    world.expect_statements(server_of(&server), &statement, 0)
}

#[then(regex = r"^no (Postgres|MySQL) statement was executed$")]
fn nothing_was_executed(world: &mut World, server: String) -> Result<(), Failed> {
    let server = server_of(&server);
    world.session()?.with_database_servers(|servers| {
        let sent: Vec<&Statement> = servers.statements(server).collect();
        match sent.is_empty() {
            true => Ok(()),
            false => Err(Failed::new(format!("{server} was sent statements")).note(&listed(&sent))),
        }
    })
}

impl World {
    fn expect_statements(
        &mut self,
        server: DatabaseServer,
        text: &str,
        expected: usize,
    ) -> Result<(), Failed> {
        let wanted = self.statement(server, text)?;
        let like = LikePattern::new(&wanted.like);
        let at = wanted.at.as_deref().map(without_secrets);
        let at = at.as_deref().map(KeyPattern::new).transpose()?;
        self.session()?.with_database_servers(|servers| {
            let sent: Vec<&Statement> = servers.statements(server).collect();
            let fitting = sent.iter().filter(|sent| {
                like.fits(&sent.text)
                    && at.as_ref().is_none_or(|at| sent.is_at(at))
                    && wanted
                        .parameters
                        .as_ref()
                        .is_none_or(|wanted| wanted.trim() == show_parameters(&sent.parameters))
            });
            let count = fitting.count();
            if count == expected {
                return Ok(());
            }
            Err(Failed::new(format!(
                "the {server} statement {text} was executed {} and not {}",
                times(count),
                times(expected)
            ))
            .note(&listed(&sent)))
        })
    }
}

/// A statement as the columns say.
fn row(statement: &Statement) -> [String; 5] {
    [
        statement.component.to_string(),
        statement.address.to_string(),
        statement.text.clone(),
        show_parameters(&statement.parameters),
        statement.outcome.to_string(),
    ]
}

/// The first of them for a message.
fn listed(sent: &[&Statement]) -> String {
    let lines: Vec<_> = sent
        .iter()
        .take(10)
        .map(|sent| {
            let parameters = match show_parameters(&sent.parameters) {
                none if none.is_empty() => none,
                some => format!(" with parameters \"{some}\""),
            };
            format!(
                "  {}: {}{} ({})",
                sent.component,
                visible(&sent.text),
                visible(&parameters),
                sent.outcome
            )
        })
        .collect();
    match lines.is_empty() {
        true => "no statement was sent".to_owned(),
        false => lines.join("\n"),
    }
}
