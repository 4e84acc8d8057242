//! Given steps about what the SQLite databases hold.

use super::place::Place;
use super::world::{joined, quoted};
use super::{Failed, World};
use crate::sandbox::Session;
use crate::value::visible;
use cucumber::gherkin::Step;
use cucumber::given;
use std::path::PathBuf;

#[given(expr = "the SQLite database {string} has run:")]
fn has_run_doc_string(world: &mut World, label: String, step: &Step) -> Result<(), Failed> {
    let statements = world.doc_string(step)?;
    world.given_database(&label, Filling::Statements(statements), step)
}

#[given(expr = "the SQLite database {string} has run {string}")]
fn has_run(
    world: &mut World,
    label: String,
    statements: String,
    step: &Step,
) -> Result<(), Failed> {
    let statements = world.text(&statements)?;
    world.given_database(&label, Filling::Statements(statements), step)
}

#[given(expr = "the SQLite database {string} has run the file {string}")]
fn has_run_file(world: &mut World, label: String, file: String, step: &Step) -> Result<(), Failed> {
    let file = joined(world.base_dir()?, &world.text(&file)?);
    let statements = std::fs::read_to_string(&file).map_err(|error| {
        Failed::new(format!("{} cannot be read as SQL: {error}", file.display()))
    })?;
    world.given_database(&label, Filling::Statements(statements), step)
}

#[given(expr = "the SQLite database {string} is loaded from {string}")]
fn is_loaded_from(
    world: &mut World,
    label: String,
    file: String,
    step: &Step,
) -> Result<(), Failed> {
    let file = joined(world.base_dir()?, &world.text(&file)?);
    world.given_database(&label, Filling::File(file), step)
}

/// What a Given step does to a database.
#[derive(Clone, Debug)]
enum Filling {
    Statements(String),
    File(PathBuf),
}

/// What the Given steps did to the databases, in their order: statements build on those before them.
#[derive(Debug, Default)]
pub(super) struct Filled(Vec<(String, Filling, Place)>);

impl Filled {
    /// Does all of it.
    pub fn apply(&self, session: &Session) -> Result<(), Failed> {
        self.0.iter().try_for_each(|(label, filling, place)| {
            fill(session, label, filling).map_err(|failed| place.tell(&failed))
        })
    }
}

fn fill(session: &Session, label: &str, filling: &Filling) -> Result<(), Failed> {
    require_shared(session, label)?;
    match filling {
        Filling::Statements(statements) => session.run_sql(label, statements).map_err(|error| {
            Failed::from(error).note(&format!("what was run: {}", shortened(statements)))
        }),
        Filling::File(file) if file.is_dir() => Err(Failed::new(format!(
            "{} is a folder; a SQLite database is a file, such as Spin's `.spin/sqlite_db.db`",
            file.display()
        ))),
        Filling::File(file) => Ok(session.load_sql(label, file)?),
    }
}

/// Runs the statements of an option.
pub(super) fn run_option(session: &Session, label: &str, statements: &str) -> Result<(), Failed> {
    let filling = Filling::Statements(statements.to_owned());
    fill(session, label, &filling)
}

/// Statements on one line, of which the start says enough.
fn shortened(statements: &str) -> String {
    const MOST: usize = 300;
    let line = statements.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", visible(&line[..end])),
        None => visible(&line).into_owned(),
    }
}

/// Whether there is a database of that label that a step and a guest can both see.
pub(super) fn require_shared(session: &Session, label: &str) -> Result<(), Failed> {
    let databases = &session.app().locked().runtime_config.sqlite_databases;
    if !databases.contains_key(label) {
        return Err(Failed::new(format!(
            "no SQLite database has the label \"{label}\"; the runtime config defines {}",
            quoted(databases.keys().map(String::as_str))
        )));
    }
    if session.is_private(label) {
        return Err(Failed::new(format!(
            "no step can see into the SQLite database \"{label}\": the runtime config gives it no `path`, and then, as \
             under `spin up`, every connection has an empty database of its own; give it a `path`"
        )));
    }
    Ok(())
}

impl World {
    /// Before the first When it is collected, after it the database changes at once.
    fn given_database(&mut self, label: &str, filling: Filling, step: &Step) -> Result<(), Failed> {
        let label = self.text(label)?;
        match self.started() {
            Some(session) => fill(session, &label, &filling),
            None => {
                let place = Place::of(self, step)?;
                self.arrangement.databases.0.push((label, filling, place));
                Ok(())
            }
        }
    }
}
