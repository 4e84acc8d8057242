//! Given steps about what goes wrong, and the step that ends it.

use super::arrangement::require_expressible;
use super::place::Place;
use super::table::Column;
use super::{Failed, World};
use crate::sandbox::{
    Action, AnyOperation, Effect, Fault, Match, Missed, Session, When, load_faults,
};
use crate::storage::{Operation, Store};
use cucumber::gherkin::Step;
use cucumber::{given, when};
use std::sync::Arc;

// The sentence of a rule is read by the grammar of faults, which says where it goes wrong; the expressions here only
// recognise one. They differ in how it begins, by which a step is found fast.

#[given(
    regex = r#"^(every(?: \d+(?:st|nd|rd|th))? "(?:[^"\\]|\\.)*".* (?:fails? with|appl(?:y|ies), then|takes?|hangs?|traps?|is|are)\b.*)$"#
)]
fn every(world: &mut World, rule: String, step: &Step) -> Result<(), Failed> {
    world.given_sentence(&rule, step)
}

#[given(
    regex = r#"^(the (?:first \d+|\d+(?:st|nd|rd|th)) "(?:[^"\\]|\\.)*".* (?:fails? with|appl(?:y|ies), then|takes?|hangs?|traps?|is|are)\b.*)$"#
)]
fn some(world: &mut World, rule: String, step: &Step) -> Result<(), Failed> {
    world.given_sentence(&rule, step)
}

#[given(
    regex = r#"^((?:(?:with )?chance|after|from|between) [^"]*, every "(?:[^"\\]|\\.)*".* (?:fails? with|appl(?:y|ies), then|takes?|hangs?|traps?|is|are)\b.*)$"#
)]
fn sometimes(world: &mut World, rule: String, step: &Step) -> Result<(), Failed> {
    world.given_sentence(&rule, step)
}

#[given(
    regex = r#"^(optionally, [^"]*"(?:[^"\\]|\\.)*".* (?:fails? with|appl(?:y|ies), then|takes?|hangs?|traps?|is|are)\b.*)$"#
)]
fn optionally(world: &mut World, rule: String, step: &Step) -> Result<(), Failed> {
    world.given_sentence(&rule, step)
}

#[given(regex = r#"^the key-value store "((?:[^"\\]|\\.)*)" has a quota of (\d[^"]*)$"#)]
fn has_a_quota(world: &mut World, store: String, quota: String, step: &Step) -> Result<(), Failed> {
    let effect: Effect = format!("quota {quota}").parse()?;
    let place = Place::of(world, step)?;
    let fault = Fault {
        matches: matching("", "", &world.text(&store)?, "")?,
        when: When::Always,
        effect,
        optional: false,
    };
    world.given_fault(fault, place)
}

#[given(expr = "the key-value store {string} is eventually consistent")]
fn is_eventually_consistent(world: &mut World, store: String) -> Result<(), Failed> {
    let label = world.text(&store)?;
    match world.started() {
        Some(session) => read_eventually(session, &label),
        None => {
            world.arrangement.eventual.insert(label);
            Ok(())
        }
    }
}

#[given(expr = "storage faults:")]
fn storage_faults(world: &mut World, step: &Step) -> Result<(), Failed> {
    world.given_table(step, false)
}

#[given(expr = "optionally, storage faults:")]
fn optional_storage_faults(world: &mut World, step: &Step) -> Result<(), Failed> {
    world.given_table(step, true)
}

#[given(expr = "the storage faults in {string}")]
fn faults_of_file(world: &mut World, file: String, step: &Step) -> Result<(), Failed> {
    world.given_file(&file, false, step)
}

#[given(expr = "optionally, the storage faults in {string}")]
fn optional_faults_of_file(world: &mut World, file: String, step: &Step) -> Result<(), Failed> {
    world.given_file(&file, true, step)
}

#[when(expr = "storage recovers")]
fn storage_recovers(world: &mut World) -> Result<(), Failed> {
    world
        .session()?
        .with_faults(crate::sandbox::Faults::recover);
    Ok(())
}

/// Reads of a store sometimes miss the last write, if its provider does not promise otherwise.
pub(super) fn read_eventually(session: &Session, label: &str) -> Result<(), Failed> {
    match session.with_store_mut(label, Store::read_eventually)? {
        true => Ok(()),
        false => Err(Failed::new(format!(
            "the key-value store \"{label}\" is never eventually consistent: of all providers only `aws_dynamo` without \
             `consistent_read = true` is; say `every \"get\" is stale` for one that misbehaves"
        ))),
    }
}

impl World {
    fn given_sentence(&mut self, sentence: &str, step: &Step) -> Result<(), Failed> {
        let place = Place::of(self, step)?;
        let fault: Fault = self.interpolate_quoted(sentence)?.parse()?;
        self.given_fault(fault, place)
    }

    fn given_table(&mut self, step: &Step, optional: bool) -> Result<(), Failed> {
        let columns = [
            Column::Optional("operation"),
            Column::Optional("store"),
            Column::Optional("key"),
            Column::Optional("component"),
            Column::Optional("when"),
            Column::Needed("effect"),
        ];
        let rows = self.table(step, columns)?.rows;
        let several = rows.len() > 1;
        let place = Place::of(self, step)?;
        for (number, [operation, store, key, component, when, effect]) in (1..).zip(rows) {
            let mut given = || {
                let matches = matching(&operation, &key, &store, &component)?;
                let effect = Effect::read_for(&effect, matches.operation)?;
                let fault = Fault {
                    matches,
                    when: when.parse()?,
                    effect,
                    optional,
                };
                self.given_fault(fault, place.row(number))
            };
            given().map_err(|error: Failed| match several {
                true => Failed::new(format!(
                    "in rule {number} of the table: {}",
                    error.message()
                )),
                false => error,
            })?;
        }
        Ok(())
    }

    fn given_file(&mut self, file: &str, optional: bool, step: &Step) -> Result<(), Failed> {
        let place = Place::of(self, step)?;
        let path = super::world::joined(self.base_dir()?, &self.text(file)?);
        let color = self.color();
        let faults = load_faults(&path).map_err(|error| {
            Failed::with_places("the fault rules cannot be read:", &error, color)
        })?;
        for mut fault in faults {
            fault.optional |= optional;
            self.given_fault(fault, place.clone())?;
        }
        Ok(())
    }

    /// Before the first When it is collected, after it the rule holds at once.
    fn given_fault(&mut self, fault: Fault, place: Place) -> Result<(), Failed> {
        fault.check()?;
        match self.started() {
            Some(session) => {
                require_expressible(session, &fault)?;
                session.with_faults(|faults| faults.push(fault));
            }
            None => self.arrangement.faults.push((fault, place)),
        }
        Ok(())
    }
}

/// Empty text fits every call, as an empty cell does; so does `*` for an operation.
fn matching(operation: &str, key: &str, store: &str, component: &str) -> Result<Match, Failed> {
    let said = |text: &str| (!text.is_empty()).then(|| Arc::from(text));
    let mut matches = Match {
        operation: match operation {
            "" | "*" => None,
            name => Some(name.parse::<AnyOperation>()?),
        },
        key: None,
        store: said(store),
        component: said(component),
    };
    matches.key = matches.key_pattern(key)?;
    Ok(matches)
}

/// What kept a rule from hitting a call that it matched, as far as can be told.
pub(super) fn why_it_never_fired(fault: &Fault, missed: Missed) -> String {
    let Missed {
        matched,
        due,
        shadowed,
        unchanging,
        lasting,
    } = missed;
    let only = |needed: u64| {
        (matched < needed).then(|| match matched {
            1 => "only 1 call matched".to_owned(),
            _ => format!("only {matched} calls matched"),
        })
    };
    let too_few = match fault.when {
        When::Nth(n) | When::Every(n) | When::FromTo(n, _) => only(n),
        When::After(n) => only(n + 1),
        When::Always | When::First(_) | When::Chance(_) | When::Between(..) => None,
    };
    if let Some(too_few) = too_few {
        return too_few;
    }
    if due > 0 && due == shadowed {
        return "an earlier rule decided every call that it could have hit".to_owned();
    }
    match (&fault.when, &fault.effect.then) {
        (_, Some(Action::Throttled(_))) => "no call went past the rate".to_owned(),
        (When::Chance(_), _) if due == 0 => format!(
            "{matched} matched, and chance chose none that it could hit; with another seed it may"
        ),
        (When::Between(..), _) if due == 0 => {
            format!("{matched} matched, and none that it could hit came between these times")
        }
        (_, Some(action)) if due == 0 => {
            let like = fault.matches.operation.unwrap_or(Operation::Get.into());
            let operations = action.concerned(like);
            let able = match operations.is_empty() {
                true => "no operation of its service can".to_owned(),
                false => format!("what can is {}", operations.join(", ")),
            };
            format!(
                "{matched} matched, and none that can {} when it was due; {able}",
                action.deed()
            )
        }
        (_, Some(Action::Stale(_))) => {
            "no read that matched had a write before it that it could have missed".to_owned()
        }
        (_, Some(Action::Quota(_))) => "no write went past the quota".to_owned(),
        (_, Some(Action::Corrupt(_))) => {
            "no call that matched had a value that could be damaged".to_owned()
        }
        (_, Some(Action::Torn { .. })) => {
            "no batch or listing that matched had so many entries".to_owned()
        }
        (_, Some(action @ (Action::Lost | Action::AppliedThen(_)))) if unchanging + lasting > 0 => {
            let ruled_out = ruled_out(action, unchanging, lasting);
            match due.saturating_sub(shadowed) > unchanging + lasting {
                true => format!(
                    "{ruled_out}; no other that it was due at would have succeeded without it"
                ),
                false => ruled_out,
            }
        }
        (_, Some(Action::Lost | Action::AppliedThen(_))) => {
            "no write that matched would have succeeded without it".to_owned()
        }
        _ => "an earlier rule decided every call that it could have hit".to_owned(),
    }
}

/// How many calls could not be applied or lost, and why: a statement that reads changes nothing, and what some statements
/// change cannot be taken back.
fn ruled_out(action: &Action, unchanging: u64, lasting: u64) -> String {
    let several = |count: u64, of_one: &str, of_more: &str| match count {
        0 => None,
        1 => Some(format!("1 call that it was due at {of_one}")),
        count => Some(format!("{count} calls that it was due at {of_more}")),
    };
    let changes_nothing = several(unchanging, "changes nothing", "change nothing");
    let cannot_be_undone = several(
        lasting,
        "changes what cannot be taken back",
        "change what cannot be taken back",
    );
    let why: Vec<_> = changes_nothing
        .into_iter()
        .chain(cannot_be_undone)
        .collect();
    format!("{}, and so cannot {}", why.join(", "), action.deed())
}
