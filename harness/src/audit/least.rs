//! The least manifest: that of an app without the grants that no scenario used, as an edit of the user's file that keeps
//! comments and order.

use std::ops::Range;

use toml_edit::{Array, Document, Item, RawString, TableLike};

use super::{Audit, AuditedGrant};
use crate::app::{Component, GrantKind, Manifest};

/// A manifest without the grants that nobody used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Least {
    /// What was taken out, in the order of the manifest.
    pub removed: Vec<Removed>,
    /// The manifest's new text.
    pub text: String,
    /// What is different, as `patch -p0` takes it.
    pub patch: String,
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
#[derive(Debug, thiserror::Error)]
pub enum LeastError {
    /// The file cannot be edited.
    #[error("{manifest} cannot be edited: {reason}")]
    Edit {
        /// The manifest.
        manifest: String,
        /// Why not.
        reason: String,
    },
}

/// The least manifest of an app whose scenarios were observed; nothing where they were not, or used every grant.
///
/// Only grants whose use can be observed are taken out. A field that loses its last entry stays, empty.
///
/// # Errors
///
/// The manifest's text is not what it was when it was read.
pub fn least(audit: &Audit, manifest: &Manifest) -> Result<Option<Least>, LeastError> {
    let was_used = audit.observed.as_ref().is_some_and(|it| it.scenarios > 0);
    if !was_used {
        return Ok(None);
    }
    let failed = |reason: String| LeastError::Edit {
        manifest: audit.manifest.clone(),
        reason,
    };
    let before = manifest.source.text();
    let document = Document::parse(before).map_err(|error| failed(error.to_string()))?;
    let mut edits = Vec::new();
    for (index, component) in manifest.components.iter().enumerate() {
        let audited = audit.components.iter().find(|it| it.id == component.id);
        let unused: Vec<&AuditedGrant> = audited
            .into_iter()
            .flat_map(|audited| &audited.grants)
            .filter(|grant| grant.used == Some(0) && grant.place.is_some())
            .collect();
        if unused.is_empty() {
            continue;
        }
        let path = path_of(&document, manifest, index, component)
            .ok_or_else(|| failed(format!("component \"{}\" is not found in it", component.id)))?;
        edits.extend(unused.into_iter().map(|grant| {
            let removed = Removed {
                component: component.id.clone(),
                kind: grant.kind,
                name: grant.name.clone(),
            };
            (path.clone(), removed)
        }));
    }
    if edits.is_empty() {
        return Ok(None);
    }
    let mut document = document.into_mut();
    for (path, removed) in &edits {
        let done = table_at(document.as_item_mut(), path)
            .is_some_and(|table| remove(table, manifest.manifest_version, removed));
        if !done {
            let Removed {
                component,
                kind,
                name,
            } = removed;
            let reason = format!("the {kind} \"{name}\" of component \"{component}\" is not found");
            return Err(failed(reason));
        }
    }
    let text = with_line_ends_of(before, document.to_string());
    let name = &audit.manifest;
    let patch = similar::TextDiff::from_lines(before, text.as_str())
        .unified_diff()
        .context_radius(3)
        .header(name, name)
        .to_string();
    Ok(Some(Least {
        removed: edits.into_iter().map(|(_, removed)| removed).collect(),
        text,
        patch,
    }))
}

/// The way from the top of the document to a component's table.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
}

fn path_of(
    document: &Document<&str>,
    manifest: &Manifest,
    index: usize,
    component: &Component,
) -> Option<Vec<Step>> {
    let key = |key: &str| Step::Key(key.to_owned());
    if component.inline {
        // It has no id of its own: it is where it is.
        let mut path = vec![key("trigger")];
        let triggers = document.as_table().get("trigger")?;
        return inline(triggers, &component.spans.id, &mut path).then_some(path);
    }
    Some(match manifest.manifest_version {
        1 => vec![key("component"), Step::Index(index)],
        _ => vec![key("component"), key(&component.id)],
    })
}

/// Looks for the table that stands at `span`, below what `path` leads to; `path` leads to it then.
fn inline(item: &Item, span: &Range<usize>, path: &mut Vec<Step>) -> bool {
    if item.span().as_ref() == Some(span) && item.is_table_like() {
        return true;
    }
    let mut children: Vec<(Step, Item)> = Vec::new();
    if let Some(table) = item.as_table_like() {
        children.extend(
            table
                .iter()
                .map(|(key, item)| (Step::Key(key.to_owned()), item.clone())),
        );
    } else if let Some(tables) = item.as_array_of_tables() {
        let tables = tables.iter().enumerate();
        children.extend(tables.map(|(at, table)| (Step::Index(at), Item::Table(table.clone()))));
    } else if let Some(array) = item.as_array() {
        let values = array.iter().enumerate();
        children.extend(values.map(|(at, value)| (Step::Index(at), Item::Value(value.clone()))));
    }
    for (step, child) in children {
        path.push(step);
        if inline(&child, span, path) {
            return true;
        }
        path.pop();
    }
    false
}

fn table_at<'d>(mut item: &'d mut Item, path: &[Step]) -> Option<&'d mut dyn TableLike> {
    for (place, step) in path.iter().enumerate() {
        match step {
            Step::Key(key) => item = item.as_table_like_mut()?.get_mut(key)?,
            Step::Index(at) => {
                if item.is_array_of_tables() {
                    let table = item.as_array_of_tables_mut()?.get_mut(*at)?;
                    return within(table, &path[place + 1..]);
                }
                let value = item.as_array_mut()?.get_mut(*at)?;
                let table = value.as_inline_table_mut()?;
                return within(table, &path[place + 1..]);
            }
        }
    }
    item.as_table_like_mut()
}

fn within<'d>(table: &'d mut dyn TableLike, path: &[Step]) -> Option<&'d mut dyn TableLike> {
    match path {
        [] => Some(table),
        [Step::Key(key), rest @ ..] => table_at(table.get_mut(key)?, rest),
        [Step::Index(_), ..] => None,
    }
}

/// Takes a grant out of a component's table; says whether it was there.
fn remove(table: &mut dyn TableLike, version: u8, removed: &Removed) -> bool {
    let field = match (removed.kind, version) {
        (GrantKind::Variable, 1) => "config",
        (kind, _) => kind.field(),
    };
    let Some(item) = table.get_mut(field) else {
        return false;
    };
    if let Some(array) = item.as_array_mut() {
        let before = array.len();
        // From the end, so that the places of the others stay what they are.
        for at in (0..before).rev() {
            if array.get(at).and_then(|value| value.as_str()) == Some(&removed.name) {
                remove_entry(array, at);
            }
        }
        return array.len() < before;
    }
    item.as_table_like_mut()
        .is_some_and(|table| table.remove(&removed.name).is_some())
}

/// Takes an entry out of an array, and of the comments only the one behind it.
///
/// What stands before an entry begins with the rest of the line before: the comment behind the entry above.
fn remove_entry(array: &mut Array, at: usize) {
    let text = |raw: Option<&RawString>| {
        raw.and_then(RawString::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let before = text(array.get(at).and_then(|value| value.decor().prefix()));
    let is_last = at + 1 == array.len();
    let after = match array.get(at + 1) {
        Some(next) => text(next.decor().prefix()),
        None => text(Some(array.trailing())),
    };
    let joined = match (before.split_once('\n'), after.split_once('\n')) {
        (Some((behind_previous, own)), Some((_, next))) => {
            // Comments on lines of their own stay: they may be about more than this entry.
            let own = match own.rsplit_once('\n') {
                Some((comments, _)) if comments.contains('#') => format!("{comments}\n"),
                _ => String::new(),
            };
            format!("{behind_previous}\n{own}{next}")
        }
        (Some((behind_previous, _)), None) if behind_previous.contains('#') => {
            format!("{behind_previous}\n{after}")
        }
        (None, _) if at == 0 && !is_last && !after.contains('\n') => before,
        _ => after,
    };
    let removed = array.remove(at);
    if is_last
        && !array.trailing_comma()
        && let Some(last) = at.checked_sub(1).and_then(|at| array.get_mut(at))
    {
        // Without a comma, what stands between the last entry and the bracket is the entry's own.
        last.decor_mut().set_suffix(text(removed.decor().suffix()));
    }
    match array.get_mut(at) {
        Some(next) => next.decor_mut().set_prefix(joined),
        None => {
            array.set_trailing(joined);
            if array.is_empty() {
                array.set_trailing_comma(false);
            }
        }
    }
}

/// The editor writes `\n` wherever the file had `\r\n`.
fn with_line_ends_of(before: &str, text: String) -> String {
    let windows = before.contains("\r\n") && !before.replace("\r\n", "").contains('\n');
    match windows && !text.contains("\r\n") {
        true => text.replace('\n', "\r\n"),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ComponentUse, Observed, Use};
    use super::*;
    use std::collections::BTreeMap;
    use std::path::Path;

    /// The least manifest of a text whose scenarios used these key-value stores and variables of these components.
    fn least_of(text: &str, used: &[(&str, GrantKind, &str)]) -> Option<Least> {
        let path = Path::new("/app/spin.toml");
        let manifest = Manifest::parse(path, text).unwrap();
        let mut components: BTreeMap<String, ComponentUse> = BTreeMap::new();
        for (component, kind, name) in used {
            let uses = components.entry((*component).to_owned()).or_default();
            let one = uses.entry(*kind).or_default();
            let once = BTreeMap::from([("get".to_owned(), 1)]);
            let use_ = Use {
                operations: once,
                ..Use::default()
            };
            one.insert((*name).to_owned(), use_);
        }
        let observed = Observed {
            scenarios: 1,
            components,
        };
        let audit = Audit::of_examined(&manifest, &[], None).with_observed(observed);
        let least = least(&audit, &manifest).unwrap();
        if let Some(least) = &least {
            Manifest::parse(path, &least.text).unwrap();
        }
        least
    }

    const KV: GrantKind = GrantKind::KeyValueStore;

    fn v2(component: &str) -> String {
        format!(
            "spin_manifest_version = 2\n[application]\nname = \"a\" # the app\n\n# triggers\n[[trigger.http]]\nroute = \"/\"\n\
             component = \"api\"\n\n[component.api]\nsource = \"a.wasm\"\n{component}"
        )
    }

    #[track_caller]
    fn becomes(before: &str, used: &[(&str, GrantKind, &str)], after: &str) {
        let text = v2(before);
        let least = least_of(&text, used).expect("something to take out");
        assert_eq!(least.text, v2(after), "\n{}", least.patch);
    }

    #[test]
    fn entries_go_and_everything_else_stays() {
        becomes(
            "key_value_stores = [\"a\", \"b\", \"c\"] # stores\n",
            &[("api", KV, "b")],
            "key_value_stores = [\"b\"] # stores\n",
        );
        becomes(
            "key_value_stores = [ \"a\", \"b\" ]\n",
            &[("api", KV, "a")],
            "key_value_stores = [ \"a\" ]\n",
        );
        becomes(
            "key_value_stores = [\"a\"]\n",
            &[],
            "key_value_stores = []\n",
        );
        becomes(
            "key_value_stores = [\n  # all of them\n  \"a\", # first\n  \"b\", # second\n  \"c\", # third\n]\n",
            &[("api", KV, "a"), ("api", KV, "c")],
            "key_value_stores = [\n  # all of them\n  \"a\", # first\n  \"c\", # third\n]\n",
        );
        becomes(
            "key_value_stores = [\n  # all of them\n  \"a\", # first\n  \"b\", # second\n]\n",
            &[("api", KV, "b")],
            "key_value_stores = [\n  # all of them\n  \"b\", # second\n]\n",
        );
        becomes(
            "key_value_stores = [\n  \"a\", # first\n  \"b\", # second\n]\n",
            &[("api", KV, "a")],
            "key_value_stores = [\n  \"a\", # first\n]\n",
        );
    }

    #[test]
    fn every_kind_that_is_observed_is_edited() {
        let more = "ai_models = [\"m\"]\nallowed_outbound_hosts = [\"https://a\", \"redis://b\"]\n\
                    sqlite_databases = [\"default\"]\nenvironment = { E = \"1\" }\n[component.api.variables]\n\
                    x = \"1\"\n# y is needed\ny = \"2\"\n";
        let used = [
            ("api", GrantKind::OutboundHost, "redis://b"),
            ("api", GrantKind::Variable, "y"),
        ];
        becomes(
            more,
            &used,
            "ai_models = []\nallowed_outbound_hosts = [\"redis://b\"]\nsqlite_databases = []\n\
             environment = { E = \"1\" }\n[component.api.variables]\n# y is needed\ny = \"2\"\n",
        );
    }

    #[test]
    fn nothing_is_proposed_where_everything_was_used() {
        let text = v2("key_value_stores = [\"a\"]\n");
        assert_eq!(least_of(&text, &[("api", KV, "a")]), None);
    }

    #[test]
    fn version_1_and_inline_components_are_edited_too() {
        let text = "spin_manifest_version = \"1\"\nname = \"a\"\nversion = \"1\"\ntrigger = { type = \"http\", base = \"/\" }\n\
                    [[component]]\nid = \"api\"\nsource = \"a.wasm\"\nkey_value_stores = [\"a\", \"b\"]\n\
                    [component.trigger]\nroute = \"/\"\n[component.config]\nx = \"1\"\n";
        let least = least_of(text, &[("api", KV, "b")]).unwrap();
        let expected = text
            .replace("[\"a\", \"b\"]", "[\"b\"]")
            .replace("x = \"1\"\n", "");
        assert_eq!(least.text, expected);
        let text = "spin_manifest_version = 2\n[application]\nname = \"a\"\n[[trigger.http]]\nroute = \"/\"\n\
                    component = { source = \"a.wasm\", key_value_stores = [\"a\", \"b\"] }\n\
                    [[trigger.http]]\nroute = \"/x\"\n[trigger.http.component]\nsource = \"b.wasm\"\nkey_value_stores = [\"a\"]\n";
        let least = least_of(text, &[("http-trigger1-component", KV, "a")]).unwrap();
        let expected = text.replace("[\"a\", \"b\"]", "[\"a\"]").replace(
            "\"b.wasm\"\nkey_value_stores = [\"a\"]",
            "\"b.wasm\"\nkey_value_stores = []",
        );
        assert_eq!(least.text, expected);
    }

    #[test]
    fn line_ends_stay_what_they_are() {
        let text = v2("key_value_stores = [\"a\", \"b\"]\n").replace('\n', "\r\n");
        let least = least_of(&text, &[("api", KV, "b")]).unwrap();
        assert_eq!(least.text, text.replace("\"a\", ", ""));
    }

    #[test]
    fn the_patch_names_the_file_and_shows_only_what_changes() {
        let text = v2("key_value_stores = [\"a\", \"b\"]\n");
        let least = least_of(&text, &[("api", KV, "b")]).unwrap();
        assert_eq!(
            least.patch,
            "--- /app/spin.toml\n+++ /app/spin.toml\n@@ -9,4 +9,4 @@\n \n [component.api]\n source = \"a.wasm\"\n\
             -key_value_stores = [\"a\", \"b\"]\n+key_value_stores = [\"b\"]\n"
        );
        assert_eq!(least.removed.len(), 1);
    }
}
