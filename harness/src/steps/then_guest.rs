//! Then steps about the components: what they were denied, whether they trapped, what they logged.

use super::{Failed, World};
use crate::audit::is_denial;
use crate::sandbox::Session;
use crate::storage::Operation;
use crate::value::visible;
use cucumber::then;

/// Characters of a guest's log that a message shows, from its end.
const LOG_SHOWN: usize = 2_000;

#[then(expr = "component {string} was denied the store {string}")]
fn was_denied(world: &mut World, component: String, store: String) -> Result<(), Failed> {
    let (component, store) = (world.text(&component)?, world.text(&store)?);
    let session = world.session_with(&component)?;
    session.with_journal(|journal| {
        let opens: Vec<_> = journal
            .storage_calls()
            .filter(|call| {
                call.storage_operation() == Some(Operation::Open) && *call.component == *component
            })
            .collect();
        if opens
            .iter()
            .any(|call| is_denial(call) && *call.store == *store)
        {
            return Ok(());
        }
        let mut failed = Failed::new(format!(
            "component \"{component}\" was not denied the store \"{store}\""
        ));
        failed = match opens.iter().filter(|call| *call.store == *store).count() {
            0 => failed.note("it did not open that store"),
            1 => failed.note("it opened that store once"),
            times => failed.note(&format!("it opened that store {times} times")),
        };
        for call in opens.iter().filter(|call| *call.store != *store).take(10) {
            failed = failed.note(&format!("  {}", super::then_calls::described(call)));
        }
        Err(failed)
    })
}

#[then(expr = "component {string} trapped")]
fn trapped(world: &mut World, component: String) -> Result<(), Failed> {
    let component = world.text(&component)?;
    let session = world.session_with(&component)?;
    if session
        .state()
        .traps
        .iter()
        .any(|trap| *trap.component == *component)
    {
        return Ok(());
    }
    Err(world.unexpected(format!("component \"{component}\" did not trap")))
}

#[then(expr = "component {string} did not trap")]
fn did_not_trap(world: &mut World, component: String) -> Result<(), Failed> {
    let component = world.text(&component)?;
    let session = world.session_with(&component)?;
    let state = session.state();
    match state
        .traps
        .iter()
        .find(|trap| *trap.component == *component)
    {
        None => Ok(()),
        Some(trap) => Err(Failed::new(trap.to_string())),
    }
}

/// What a component that the app has wrote so far.
fn log_of(world: &mut World, component: &str) -> Result<String, Failed> {
    let session = world.session_with(component)?;
    Ok(session.state().log.text_of(component))
}

#[then(expr = "component {string} logged {string}")]
fn logged(world: &mut World, component: String, text: String) -> Result<(), Failed> {
    let (component, text) = (world.text(&component)?, world.text(&text)?);
    let log = log_of(world, &component)?;
    if log.contains(&text) {
        return Ok(());
    }
    Err(Failed::new(format!(
        "component \"{component}\" did not log \"{}\"; {}",
        visible(&text),
        shown(&log)
    )))
}

#[then(expr = "component {string} did not log {string}")]
fn did_not_log(world: &mut World, component: String, text: String) -> Result<(), Failed> {
    let (component, text) = (world.text(&component)?, world.text(&text)?);
    let log = log_of(world, &component)?;
    if !log.contains(&text) {
        return Ok(());
    }
    Err(Failed::new(format!(
        "component \"{component}\" logged \"{}\"; {}",
        visible(&text),
        shown(&log)
    )))
}

impl World {
    /// The session, whose app has that component.
    pub(super) fn session_with(&mut self, component: &str) -> Result<Session, Failed> {
        let session = self.session()?.clone();
        session.app().require_component(component)?;
        Ok(session)
    }
}

fn shown(log: &str) -> String {
    if log.is_empty() {
        return "it logged nothing".to_owned();
    }
    let start = log
        .char_indices()
        .rev()
        .nth(LOG_SHOWN)
        .map_or(0, |(index, _)| index);
    let (all, cut) = if start == 0 {
        ("its log:", "")
    } else {
        ("the end of its log:", "…")
    };
    let lines: Vec<_> = log[start..]
        .lines()
        .map(|line| format!("\n  {}", visible(line)))
        .collect();
    format!("{all}{cut}{}", lines.concat())
}
