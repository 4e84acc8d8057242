//! Reads a manifest of version 1 into the shape of version 2, as Spin does (`crates/manifest/src/compat.rs`).

use std::collections::BTreeSet;

use super::super::document::{self, Fields, Located};
use super::super::names;
use super::super::problem::{Problem, Span};
use super::component::Reader;
use super::read::{self, Contents};
use super::trigger;

/// What a manifest of version 1 says.
pub(super) fn contents(reader: &Reader<'_>, fields: &Fields<'_>) -> Contents {
    let report = reader.report;
    let mut contents = Contents {
        manifest_version: 1,
        ..Contents::default()
    };
    if let (Some(_), Some(old)) = (
        fields.get("spin_manifest_version"),
        fields.entry("spin_version"),
    ) {
        report.add(
            old.key_span(),
            Problem::error("app::duplicate", "duplicate field `spin_manifest_version`")
                .labelled("the version is said twice")
                .help("leave `spin_version` out"),
        );
    }
    contents.name = fields
        .required_string("name")
        .map(|name| name.value)
        .unwrap_or_default();
    contents.version = fields.text("version").unwrap_or_default();
    contents.description = fields.text("description").filter(|text| !text.is_empty());
    contents.authors = fields.texts("authors");
    contents.variables = fields
        .table("variables")
        .map(|fields| read::variables(reader, &fields))
        .unwrap_or_default();
    let kind = fields
        .required("trigger")
        .and_then(|node| Fields::of(report, node))
        .and_then(|fields| trigger_type(reader, &fields, &mut contents));
    let mut taken = BTreeSet::new();
    for node in fields.array("component") {
        let Some(fields) = Fields::of(report, node) else {
            continue;
        };
        let id = fields
            .required_string("id")
            .map(|id| component_id(reader, id, &mut taken));
        let trigger = fields.required("trigger");
        let (text, span) = id
            .clone()
            .map_or_else(|| (String::new(), node.span()), |id| (id.value, id.span));
        let component = reader.component(&text, span, &fields);
        fields.refuse_others();
        if let (Some(kind), Some(node), Some(id)) = (&kind, trigger, &id) {
            contents
                .triggers
                .extend(trigger::read_v1(reader, kind, node, id));
        }
        contents.components.extend(component);
    }
    fields.refuse_others();
    contents
}

/// The one type of trigger that an app of version 1 has. Its other keys are settings for all of them.
fn trigger_type(
    reader: &Reader<'_>,
    fields: &Fields<'_>,
    contents: &mut Contents,
) -> Option<String> {
    let kind = fields.required_string("type")?.value;
    let settings = fields
        .others()
        .into_iter()
        .map(|entry| {
            (
                entry.name().to_owned(),
                document::plain(entry.node.get_ref()),
            )
        })
        .collect();
    contents.trigger_settings.insert(kind.clone(), settings);
    if kind == "redis" {
        contents.redis_address_span = fields.get("address").map(|address| address.span());
    }
    if kind == "http" {
        read::check_http_settings(reader, fields);
        fields.refuse_others();
    }
    Some(kind)
}

/// Version 1 took any id; the two usual mistakes are repaired as Spin repairs them.
fn component_id(
    reader: &Reader<'_>,
    id: Located<String>,
    taken: &mut BTreeSet<String>,
) -> Located<String> {
    let span: Span = id.span;
    let value = if names::check_kebab(&id.value).is_ok() {
        id.value
    } else {
        let repaired = id.value.replace('_', "-").to_lowercase();
        read::check_component_id(reader.report, &repaired, span.clone());
        repaired
    };
    if !taken.insert(value.clone()) {
        reader.report.add(
            span.clone(),
            Problem::error(
                "app::duplicate",
                format!("cannot have duplicate component IDs: {value}"),
            )
            .labelled("already taken by a component above")
            .help("give one of them another id"),
        );
    }
    Located { value, span }
}
