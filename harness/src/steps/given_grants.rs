//! Given steps about what components may use: each takes the place of what the manifest grants of that kind.

use super::{Failed, World};
use crate::app::GrantKind;
use cucumber::given;

#[given(
    regex = r#"^component "((?:[^"\\]|\\.)*)" may use the (key-value store|SQLite database|AI model|outbound host|variable|environment variable|file)s? "((?:[^"\\]|\\.)*)"$"#
)]
fn may_use(
    world: &mut World,
    component: String,
    kind: String,
    names: String,
) -> Result<(), Failed> {
    let (component, names) = (world.text(&component)?, world.text(&names)?);
    let names: Vec<String> = listed(&names).map(str::to_owned).collect();
    if names.is_empty() {
        return Err(Failed::new(format!(
            "no {kind} is named; to grant none, say `component \"{component}\" may use no {kind}`"
        )));
    }
    grant(world, component, &kind, names)
}

#[given(
    regex = r#"^component "((?:[^"\\]|\\.)*)" may use no (key-value store|SQLite database|AI model|outbound host|variable|environment variable|file)$"#
)]
fn may_use_none(world: &mut World, component: String, kind: String) -> Result<(), Failed> {
    let component = world.text(&component)?;
    grant(world, component, &kind, Vec::new())
}

fn grant(
    world: &mut World,
    component: String,
    kind: &str,
    names: Vec<String>,
) -> Result<(), Failed> {
    let kind = kind_named(kind)?;
    let grants = &mut world.arranging("a grant")?.grants;
    grants.set(component, kind, names);
    Ok(())
}

/// The kind of grant that a sentence names.
pub(super) fn kind_named(name: &str) -> Result<GrantKind, Failed> {
    GrantKind::named(name).ok_or_else(|| {
        let names = GrantKind::ALL.map(GrantKind::name);
        Failed::new(format!(
            "there is no kind of grant called {name:?}; there are {}",
            names.join(", ")
        ))
    })
}

/// The names in a list that is separated by commas.
pub(super) fn listed(names: &str) -> impl Iterator<Item = &str> {
    names
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
}
