//! Then steps about permissions: what components may use, what they were denied, what they used.

use super::given_grants::{kind_named, listed};
use super::world::quoted;
use super::{Failed, World};
use crate::app::{AllowedHost, GrantKind};
use crate::audit;
use crate::sandbox::Session;
use crate::value::{times, visible};
use cucumber::gherkin::Step;
use cucumber::then;
use std::collections::BTreeSet;

#[then(
    regex = r#"^component "((?:[^"\\]|\\.)*)" is (allowed|denied) the (key-value store|SQLite database|AI model|outbound host|variable|environment variable|file) "((?:[^"\\]|\\.)*)"$"#
)]
fn is_allowed(
    world: &mut World,
    component: String,
    access: String,
    kind: String,
    name: String,
) -> Result<(), Failed> {
    let (component, name) = (world.text(&component)?, world.text(&name)?);
    let kind = kind_named(&kind)?;
    let session = world.session_with(&component)?;
    require_defined(&session, kind, &name)?;
    let granted = session.check_grant(&component, kind, &name);
    if granted == (access == "allowed") {
        return Ok(());
    }
    let what = format!("component \"{component}\"");
    let failed = match granted {
        true => format!("{what} is allowed the {kind} \"{name}\", and not denied"),
        false => format!("{what} is denied the {kind} \"{name}\", and not allowed"),
    };
    Err(Failed::new(failed).note(&what_it_may(&session, &component, kind)))
}

#[then(
    regex = r"^the components may use the (key-value store|SQLite database|AI model|outbound host|variable|environment variable|file)s:$"
)]
fn may_use(world: &mut World, kind: String, step: &Step) -> Result<(), Failed> {
    let kind = kind_named(&kind)?;
    let (names, rows) = matrix(world, step)?;
    let session = world.session()?.clone();
    let mut wrong = Vec::new();
    for (component, cells) in rows {
        session.app().require_component(&component)?;
        for (name, cell) in names.iter().zip(cells) {
            require_defined(&session, kind, name)?;
            let expected = match cell.as_str() {
                "allowed" => true,
                "denied" => false,
                other => {
                    return Err(Failed::new(format!(
                        "\"{}\" says nothing of the {kind} \"{name}\" for component \"{component}\"; \
                         write `allowed` or `denied`",
                        visible(other)
                    )));
                }
            };
            if session.check_grant(&component, kind, name) != expected {
                let actual = if expected { "denied" } else { "allowed" };
                wrong.push(format!(
                    "component \"{component}\" is {actual} the {kind} \"{name}\", and not {cell}"
                ));
            }
        }
    }
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(Failed::new(wrong.join("\n"))),
    }
}

/// What there is not is denied to everybody, and most likely misspelt: the step would prove nothing.
fn require_defined(session: &Session, kind: GrantKind, name: &str) -> Result<(), Failed> {
    let locked = session.app().locked();
    let config = &locked.runtime_config;
    let (defined, where_from): (BTreeSet<&str>, _) = match kind {
        GrantKind::KeyValueStore => {
            let labels = config.key_value_stores.keys();
            (
                labels.map(String::as_str).collect(),
                "the runtime config defines",
            )
        }
        GrantKind::SqliteDatabase => {
            let labels = config.sqlite_databases.keys();
            (
                labels.map(String::as_str).collect(),
                "the runtime config defines",
            )
        }
        GrantKind::Variable => {
            let manifest = &locked.manifest;
            let of_components = manifest.components.iter();
            let of_components = of_components.flat_map(|component| component.variables.keys());
            let names = manifest.variables.keys().chain(of_components);
            (
                names.map(String::as_str).collect(),
                "the app and its components have",
            )
        }
        GrantKind::OutboundHost => {
            return AllowedHost::check_address(name).map_err(|reason| {
                Failed::new(format!(
                    "\"{}\" is no address: {reason}; write one such as \"https://example.com\"",
                    visible(name)
                ))
            });
        }
        // A model, a file or a variable of the environment may be any.
        GrantKind::AiModel | GrantKind::File | GrantKind::EnvironmentVariable => return Ok(()),
    };
    match defined.contains(name) {
        true => Ok(()),
        false => Err(Failed::new(format!(
            "no {kind} {} \"{}\"; {where_from} {}",
            match kind {
                GrantKind::Variable => "is called",
                _ => "has the label",
            },
            visible(name),
            quoted(defined)
        ))),
    }
}

/// A component with the cells of its row.
type Row = (String, Vec<String>);

/// The names of the first row behind `component`, and each component with its cells.
fn matrix(world: &World, step: &Step) -> Result<(Vec<String>, Vec<Row>), Failed> {
    const FORM: &str = "this step needs a table below it, which begins with the heading `component` and then has a name in \
                        each column: | component | default | cache |";
    let table = step.table.as_ref().map_or(&[][..], |table| &table.rows);
    let Some((headings, rows)) = table.split_first() else {
        return Err(Failed::new(FORM));
    };
    let (Some((first, names)), false) = (headings.split_first(), rows.is_empty()) else {
        return Err(Failed::new(FORM));
    };
    if first != "component" || names.is_empty() {
        return Err(Failed::new(FORM));
    }
    let fill = |cells: &[String]| -> Result<Vec<String>, Failed> {
        cells.iter().map(|cell| world.interpolate(cell)).collect()
    };
    let rows = rows.iter().map(|row| {
        let mut cells = fill(row)?.into_iter();
        Ok((cells.next().unwrap_or_default(), cells.collect()))
    });
    Ok((fill(names)?, rows.collect::<Result<_, Failed>>()?))
}

/// What a component may use of a kind, for a message.
fn what_it_may(session: &Session, component: &str, kind: GrantKind) -> String {
    if let Some(names) = session.options().grants.get(component, kind) {
        let names = quoted(names.iter().map(String::as_str));
        return format!("this scenario grants it {names}");
    }
    let granted = session.app().manifest().component(component);
    let granted: Vec<String> = granted
        .into_iter()
        .flat_map(|component| component.grants(kind))
        .map(|(name, _)| name)
        .collect();
    let names = quoted(granted.iter().map(String::as_str));
    format!("its `{}` in the manifest: {names}", kind.field())
}

#[then(expr = "no component was denied anything")]
fn nothing_was_denied(world: &mut World) -> Result<(), Failed> {
    let session = world.session()?.clone();
    let mut denied: Vec<String> = Vec::new();
    for (component, kinds) in audit::of_session(&session) {
        for (kind, uses) in kinds {
            for (name, one) in uses {
                if one.denied > 0 {
                    denied.push(format!(
                        "component \"{component}\" was denied the {kind} \"{}\" {}",
                        visible(&name),
                        times(one.denied)
                    ));
                }
            }
        }
    }
    match denied.is_empty() {
        true => Ok(()),
        false => Err(Failed::new(denied.join("\n"))),
    }
}

#[then(
    regex = r#"^component "((?:[^"\\]|\\.)*)" used only the (key-value store|SQLite database|AI model|outbound host|variable)s? "((?:[^"\\]|\\.)*)"$"#
)]
fn used_only(
    world: &mut World,
    component: String,
    kind: String,
    names: String,
) -> Result<(), Failed> {
    let (component, names) = (world.text(&component)?, world.text(&names)?);
    let names: BTreeSet<String> = listed(&names).map(str::to_owned).collect();
    expect_used(world, &component, kind_named(&kind)?, &names)
}

#[then(
    regex = r#"^component "((?:[^"\\]|\\.)*)" used no (key-value store|SQLite database|AI model|outbound host|variable)$"#
)]
fn used_none(world: &mut World, component: String, kind: String) -> Result<(), Failed> {
    let component = world.text(&component)?;
    expect_used(world, &component, kind_named(&kind)?, &BTreeSet::new())
}

/// Whether a component used nothing of a kind but these. What it was denied it did not use, and a name that it did not use
/// is a mistake in the list.
fn expect_used(
    world: &mut World,
    component: &str,
    kind: GrantKind,
    expected: &BTreeSet<String>,
) -> Result<(), Failed> {
    let session = world.session_with(component)?;
    let used = used(&session, component, kind);
    let missing: Vec<&str> = expected.difference(&used).map(String::as_str).collect();
    let besides: Vec<&str> = used.difference(expected).map(String::as_str).collect();
    if missing.is_empty() && besides.is_empty() {
        return Ok(());
    }
    let mut failed = Failed::new(format!(
        "component \"{component}\" used the {kind}s {}",
        quoted(used.iter().map(String::as_str))
    ));
    if !besides.is_empty() {
        failed = failed.note(&format!("not expected: {}", quoted(besides)));
    }
    if !missing.is_empty() {
        failed = failed.note(&format!("not used: {}", quoted(missing)));
    }
    Err(failed)
}

/// What a component used of a kind, under whatever grants; hosts by the entries that allow them.
fn used(session: &Session, component: &str, kind: GrantKind) -> BTreeSet<String> {
    let mut uses = audit::of_session(session);
    let uses = uses.remove(component).and_then(|mut it| it.remove(&kind));
    uses.into_iter()
        .flatten()
        .filter(|(_, one)| one.is_use())
        .map(|(name, _)| name)
        .collect()
}

/// The rows of a snapshot: what each component is granted, and what it did with that and with what it is not.
pub(super) fn snapshot_rows(session: &Session) -> Vec<Vec<String>> {
    let uses = audit::of_session(session);
    let mut rows = vec![
        ["component", "grant", "name", "granted", "used", "denied"]
            .map(str::to_owned)
            .to_vec(),
    ];
    for component in &session.app().manifest().components {
        for kind in GrantKind::ALL {
            let of_component = uses.get(&component.id).and_then(|it| it.get(&kind));
            let granted: BTreeSet<String> = match session.options().grants.get(&component.id, kind)
            {
                Some(names) => names.clone(),
                None => component.grants(kind).into_iter().map(|it| it.0).collect(),
            };
            let mut names = granted.clone();
            names.extend(
                of_component
                    .into_iter()
                    .flat_map(|uses| uses.keys().cloned()),
            );
            for name in names {
                let one = of_component.and_then(|uses| uses.get(&name));
                let operations = one.map(|one| one.operation_names()).unwrap_or_default();
                let used = match kind.is_observed() {
                    true => operations,
                    false => "?".to_owned(),
                };
                let denied = one.map_or(0, |one| one.denied);
                rows.push(vec![
                    component.id.clone(),
                    kind.name().to_owned(),
                    name.clone(),
                    if granted.contains(&name) { "yes" } else { "no" }.to_owned(),
                    used,
                    if denied > 0 {
                        denied.to_string()
                    } else {
                        String::new()
                    },
                ]);
            }
        }
    }
    rows
}
