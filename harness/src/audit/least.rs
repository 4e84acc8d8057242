//! The least manifest: that of an app without the grants that no scenario used, as an edit of the user's file that leaves
//! everything else as it is.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;

use toml_edit::{Document, Item, Value};

use super::{Audit, cut};
use crate::app::{Component, GrantKind, Manifest};

/// A manifest without the grants that nobody used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Least {
    /// What was taken out, in the order of the manifest.
    pub removed: Vec<Removed>,
    /// The manifest's new text.
    pub text: String,
    /// What is different, as `patch -p0` takes it in [`Least::folder`].
    pub patch: String,
    /// Where the patch is to be applied, if not in the current folder: that of the manifest.
    pub folder: Option<String>,
}

/// A grant that was taken out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// The component that had it.
    pub component: String,
    /// What kind.
    pub kind: GrantKind,
    /// The label, host or name.
    pub name: String,
}

/// Why no least manifest can be proposed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LeastError {
    /// The file cannot be edited.
    #[error("no least manifest: {manifest} cannot be edited: {reason}")]
    Edit {
        /// The manifest.
        manifest: String,
        /// Why not.
        reason: String,
    },
    /// What scenarios that failed would have used is not known.
    #[error(
        "no least manifest: {0} of the scenarios did not pass, and may need more than they came to use"
    )]
    Failed(usize),
}

/// The least manifest of an app whose scenarios were observed; nothing where they were not, or used every grant.
///
/// Only grants whose use can be observed are taken out. A field that loses its last entry stays, empty.
///
/// # Errors
///
/// A scenario failed, or the manifest's text is not what it was when it was read.
pub fn least(audit: &Audit, manifest: &Manifest) -> Result<Option<Least>, LeastError> {
    let Some(observed) = audit.observed.as_ref().filter(|it| it.scenarios > 0) else {
        return Ok(None);
    };
    if observed.failed > 0 {
        return Err(LeastError::Failed(observed.failed));
    }
    let failed = |reason: String| LeastError::Edit {
        manifest: audit.manifest.clone(),
        reason,
    };
    let before = manifest.source.text();
    let document = Document::parse(before).map_err(|error| failed(error.to_string()))?;
    let mut removed = Vec::new();
    let mut entries = Vec::new();
    for (index, component) in manifest.components.iter().enumerate() {
        let audited = audit.components.iter().find(|it| it.id == component.id);
        // A label that is listed twice is one grant.
        let mut unused: BTreeSet<(GrantKind, &str)> = BTreeSet::new();
        for grant in audited.into_iter().flat_map(|audited| &audited.grants) {
            if grant.used == Some(0) && grant.place.is_some() {
                unused.insert((grant.kind, &grant.name));
            }
        }
        if unused.is_empty() {
            continue;
        }
        let table = table_of(document.as_item(), manifest, index, component)
            .ok_or_else(|| failed(format!("component \"{}\" is not found in it", component.id)))?;
        for (kind, name) in unused {
            let found = entries_of(table, manifest.manifest_version, kind, name);
            if found.is_empty() {
                let id = &component.id;
                let reason = format!("the {kind} \"{name}\" of component \"{id}\" is not found");
                return Err(failed(reason));
            }
            entries.extend(found);
            removed.push(Removed {
                component: component.id.clone(),
                kind,
                name: name.to_owned(),
            });
        }
    }
    if removed.is_empty() {
        return Ok(None);
    }
    let text = cut::without(before, entries);
    let (name, folder) = header(&audit.manifest);
    let patch = similar::TextDiff::from_lines(before, text.as_str())
        .unified_diff()
        .context_radius(3)
        .header(&name, &name)
        .to_string();
    Ok(Some(Least {
        removed,
        text,
        patch,
        folder,
    }))
}

/// The file as a patch names it, and the folder that it is seen from, if that is not the current one: tools refuse paths
/// that lead out of where they are applied.
fn header(name: &str) -> (String, Option<String>) {
    let path = Path::new(name);
    let mut parts = path.components();
    let is_below = path.is_relative()
        && !parts.any(|part| matches!(part, std::path::Component::ParentDir))
        && !name.contains(char::is_whitespace);
    if is_below {
        return (name.to_owned(), None);
    }
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    // What follows a tab is no part of the name.
    let tab = if file.contains(' ') { "\t" } else { "" };
    let folder = path.parent().unwrap_or(Path::new(""));
    (format!("{file}{tab}"), Some(folder.display().to_string()))
}

/// The table of a component.
fn table_of<'d>(
    document: &'d Item,
    manifest: &Manifest,
    index: usize,
    component: &Component,
) -> Option<&'d dyn toml_edit::TableLike> {
    if component.inline {
        // It has no id of its own: it is where it is.
        return inline(document.get("trigger")?, &component.spans.id);
    }
    let components = document.get("component")?;
    match manifest.manifest_version {
        1 => match components.as_array_of_tables() {
            Some(tables) => Some(tables.get(index)? as &dyn toml_edit::TableLike),
            None => components
                .as_array()?
                .get(index)?
                .as_inline_table()
                .map(|table| table as &dyn toml_edit::TableLike),
        },
        _ => components.get(&component.id)?.as_table_like(),
    }
}

/// The table that stands at `span`.
fn inline<'d>(item: &'d Item, span: &Range<usize>) -> Option<&'d dyn toml_edit::TableLike> {
    if item.span().as_ref() == Some(span) {
        return item.as_table_like();
    }
    if let Some(table) = item.as_table_like() {
        return table.iter().find_map(|(_, item)| inline(item, span));
    }
    if let Some(tables) = item.as_array_of_tables() {
        let mut items = tables.iter().flat_map(|table| table.iter());
        return items.find_map(|(_, item)| inline(item, span));
    }
    let mut values = item.as_array()?.iter();
    values.find_map(|value| inline_value(value, span))
}

fn inline_value<'d>(value: &'d Value, span: &Range<usize>) -> Option<&'d dyn toml_edit::TableLike> {
    let table = value.as_inline_table()?;
    if value.span().as_ref() == Some(span) {
        return Some(table);
    }
    table
        .iter()
        .find_map(|(_, value)| inline_value(value, span))
}

/// Where a grant stands in a component's table: once, or several times.
fn entries_of(
    table: &dyn toml_edit::TableLike,
    version: u8,
    kind: GrantKind,
    name: &str,
) -> Vec<cut::Entry> {
    let field = match (kind, version) {
        (GrantKind::Variable, 1) => "config",
        (kind, _) => kind.field(),
    };
    let Some(item) = table.get(field) else {
        return Vec::new();
    };
    if let Some(array) = item.as_array() {
        let spans: Vec<Range<usize>> = array.iter().filter_map(Value::span).collect();
        let named = array.iter().enumerate();
        let named = named.filter(|(_, value)| value.as_str() == Some(name));
        return named
            .filter_map(|(at, _)| {
                let previous = at.checked_sub(1).and_then(|at| spans.get(at));
                Some(cut::Entry::Element {
                    at: spans.get(at)?.clone(),
                    previous_end: previous.map(|span| span.end),
                })
            })
            .collect();
    }
    let is_inline = item.is_inline_table();
    let Some(variables) = item.as_table_like() else {
        return Vec::new();
    };
    let mut previous_end = None;
    for (key, value) in variables.iter() {
        let key_span = variables.key(key).and_then(toml_edit::Key::span);
        let (Some(key_span), Some(value_span)) = (key_span, value.span()) else {
            return Vec::new();
        };
        let at = key_span.start..value_span.end;
        if key == name {
            return vec![match is_inline {
                true => cut::Entry::Element { at, previous_end },
                false => cut::Entry::Lines(at),
            }];
        }
        previous_end = Some(value_span.end);
    }
    Vec::new()
}

#[cfg(test)]
mod tests;
