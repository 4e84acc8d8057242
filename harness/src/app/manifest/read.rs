//! Reads a manifest: finds out its version, reads version 2 itself, and leaves version 1 to `read_v1`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::de::DeValue;

use super::super::document::{self, Fields, Located};
use super::super::names;
use super::super::problem::{LoadError, Problem, Report, SourceFile, Span};
use super::super::settings::{self, HarnessSettings};
use super::component::Reader;
use super::trigger::{self, Draft};
use super::{Component, Manifest, Trigger, VariableDeclaration, normalize, read_v1};
use crate::value::nearest;

/// What a manifest of either version says, before it is normalised.
#[derive(Default)]
pub(super) struct Contents {
    pub(super) manifest_version: u8,
    pub(super) name: String,
    pub(super) version: String,
    pub(super) description: Option<String>,
    pub(super) authors: Vec<String>,
    pub(super) targets: Vec<toml::Value>,
    pub(super) variables: BTreeMap<String, VariableDeclaration>,
    pub(super) components: Vec<Component>,
    pub(super) triggers: Vec<Draft>,
    pub(super) trigger_settings: BTreeMap<String, toml::Table>,
    pub(super) redis_address_span: Option<Span>,
    pub(super) harness: HarnessSettings,
}

/// Reads and checks a manifest's text.
pub(super) fn manifest(
    path: &Path,
    root: PathBuf,
    source: SourceFile,
    profile: Option<&str>,
) -> Result<Manifest, LoadError> {
    let (manifest, report) = draft(path, root, source, profile);
    let warnings = report.finish()?;
    let mut manifest = manifest.ok_or_else(no_content)?;
    manifest.warnings = warnings;
    Ok(manifest)
}

/// As [`manifest`], for who wants to know everything: whatever could be read, with what is wrong and what is suspicious.
pub(super) fn examined(
    path: &Path,
    root: PathBuf,
    source: SourceFile,
    profile: Option<&str>,
) -> Result<(Manifest, Vec<Problem>), LoadError> {
    let (manifest, report) = draft(path, root, source, profile);
    match manifest {
        Some(manifest) => Ok((manifest, report.into_problems())),
        None => {
            report.finish()?;
            Err(no_content().into())
        }
    }
}

fn no_content() -> Problem {
    Problem::error("app::toml", "the manifest has no content")
}

/// What a text says, whatever is wrong with it; nothing where it is no TOML or no version of a manifest.
fn draft(
    path: &Path,
    root: PathBuf,
    source: SourceFile,
    profile: Option<&str>,
) -> (Option<Manifest>, Report) {
    let report = Report::new(source.clone());
    let mut read = None;
    if let Some(document) = document::parse(&report, source.text()) {
        let fields = Fields::of_table(&report, document.get_ref(), start_of(&source));
        read = match version(&report, &fields) {
            Some(version @ 1) => Some(read_v1::contents(
                &Reader {
                    report: &report,
                    root: &root,
                    version,
                },
                &fields,
            )),
            Some(version) => Some(version_2(
                &Reader {
                    report: &report,
                    root: &root,
                    version,
                },
                &fields,
            )),
            None => None,
        };
    }
    let manifest = read.map(|contents| {
        let named = profile.map(|profile| Located {
            value: profile.to_owned(),
            span: start_of(&source),
        });
        let profile = named.or_else(|| contents.harness.profile.clone());
        let (contents, triggers) = normalize::normalise(&report, contents, profile.as_ref());
        assembled(path, root, source, contents, triggers)
    });
    (manifest, report)
}

fn assembled(
    path: &Path,
    root: PathBuf,
    source: SourceFile,
    contents: Contents,
    triggers: Vec<Trigger>,
) -> Manifest {
    Manifest {
        path: path.to_owned(),
        root,
        manifest_version: contents.manifest_version,
        name: contents.name,
        version: contents.version,
        description: contents.description,
        authors: contents.authors,
        targets: contents.targets,
        variables: contents.variables,
        components: contents.components,
        triggers,
        trigger_settings: contents.trigger_settings,
        redis_address_span: contents.redis_address_span,
        harness: contents.harness,
        warnings: Vec::new(),
        source,
    }
}

/// What to underline when the file as a whole lacks something: its first line that says anything.
pub(crate) fn start_of(source: &SourceFile) -> Span {
    let text = source.text();
    let start = text.find(|c: char| !c.is_whitespace()).unwrap_or(0);
    let end = text[start..]
        .find('\n')
        .map_or(text.len(), |length| start + length);
    start..end
}

fn version(report: &Report, fields: &Fields<'_>) -> Option<u8> {
    let node = match fields.get("spin_version") {
        Some(node) => node,
        None => fields.required("spin_manifest_version")?,
    };
    match node.get_ref() {
        DeValue::String(version) if version == "1" => Some(1),
        DeValue::Integer(version)
            if i64::from_str_radix(version.as_str(), version.radix()) == Ok(2) =>
        {
            Some(2)
        }
        other => {
            let text = format!("invalid manifest version: {}", document::plain(other));
            report.add(
                node.span(),
                Problem::error("app::bad_version", text)
                    .labelled("neither 2 nor \"1\"")
                    .help("write `spin_manifest_version = 2`, or \"1\" for the old form"),
            );
            None
        }
    }
}

fn version_2(reader: &Reader<'_>, fields: &Fields<'_>) -> Contents {
    let report = reader.report;
    let mut contents = Contents {
        manifest_version: 2,
        ..Contents::default()
    };
    // `spin_version` got this far as the version, but only version 1 knows it.
    let manifest_version = fields.get("spin_manifest_version");
    if let Some(old) = fields.entry("spin_version")
        && manifest_version.is_none()
    {
        report.add(
            old.key_span(),
            Problem::error(
                "app::missing_field",
                "missing field `spin_manifest_version`",
            )
            .labelled("only a manifest of version 1 may call it this")
            .help("write `spin_manifest_version = 2`"),
        );
    }
    if let Some(node) = fields.required("application")
        && let Some(fields) = Fields::of(report, node)
    {
        application(reader, &fields, &mut contents);
    }
    contents.variables = fields
        .table("variables")
        .map(|fields| variables(reader, &fields))
        .unwrap_or_default();
    if let Some(components) = fields.table("component") {
        for entry in components.entries() {
            check_component_id(report, entry.name(), entry.key_span());
            let Some(fields) = Fields::of(report, entry.node) else {
                continue;
            };
            contents
                .components
                .extend(reader.component(entry.name(), entry.key_span(), &fields));
            fields.refuse_others();
        }
    }
    if let Some(node) = fields.required("trigger")
        && let Some(kinds) = Fields::of(report, node)
    {
        for kind in kinds.entries() {
            let DeValue::Array(triggers) = kind.node.get_ref() else {
                let expected = format!("a sequence: write [[trigger.{}]]", kind.name());
                document::wrong_type(report, kind.node, &expected);
                continue;
            };
            contents.triggers.extend(
                triggers
                    .iter()
                    .filter_map(|node| trigger::read(reader, kind.name(), node)),
            );
        }
    }
    fields.refuse_others();
    contents
}

fn application(reader: &Reader<'_>, fields: &Fields<'_>, contents: &mut Contents) {
    contents.name = fields
        .required_string("name")
        .map(|name| name.value)
        .unwrap_or_default();
    contents.version = fields.text("version").unwrap_or_default();
    contents.description = fields.text("description").filter(|text| !text.is_empty());
    contents.authors = fields.texts("authors");
    contents.targets = reader.targets(fields);
    contents.trigger_settings = reader.tables(fields, "trigger");
    if let Some(kinds) = fields.table("trigger") {
        if let Some(http) = kinds.table("http") {
            check_http_settings(reader, &http);
            http.refuse_others();
        }
        let redis = kinds.table("redis");
        contents.redis_address_span = redis.and_then(|redis| Some(redis.get("address")?.span()));
    }
    reader.tables(fields, "tool");
    let harness = reader.report.under(settings::BAD_SETTING, || {
        let tools = fields.table("tool")?;
        let harness = tools.table("harness");
        for other in tools.others() {
            // Other tools have tables of their own there.
            if nearest(other.name(), ["harness", "spin-harness"]).is_some() {
                let text = format!("[application.tool.{}] is read by nobody", other.name());
                let problem = Problem::warning(settings::BAD_SETTING, text)
                    .labelled("no settings of spin-harness")
                    .help("did you mean `[application.tool.harness]`?");
                reader.report.add(other.key_span(), problem);
            }
        }
        Some(settings::read(&harness?, reader.root))
    });
    contents.harness = harness.unwrap_or_default();
    fields.refuse_others();
}

/// The settings of all HTTP triggers: only `base`, which Spin no longer takes (`crates/trigger-http/src/lib.rs`).
pub(super) fn check_http_settings(reader: &Reader<'_>, fields: &Fields<'_>) {
    let Some(base) = fields.string("base") else {
        return;
    };
    let problem = if base.value == "/" {
        Problem::warning(
            "app::deprecated",
            "This application has the deprecated trigger 'base' set to the default value '/'. This may be an error in the future!",
        )
        .labelled("deprecated")
        .help("leave it out")
    } else {
        Problem::error(
            "app::deprecated",
            "This application is using the deprecated trigger 'base' field. The base must be prepended to each [[trigger.http]]'s 'route'.",
        )
        .labelled("no longer possible")
        .help("leave `base` out, and write it before each `route`")
    };
    reader.report.add(base.span, problem);
}

pub(super) fn check_component_id(report: &Report, id: &str, span: Span) {
    if let Err(reason) = names::check_kebab(id) {
        let help = names::repaired_kebab(id).map(|repaired| format!("did you mean `{repaired}`?"));
        report.add(
            span,
            Problem::error("app::bad_name", format!("invalid ID `{id}`: {reason}"))
                .labelled("not a component id")
                .maybe_help(help),
        );
    }
}

/// `[variables]`, the same in both versions.
pub(super) fn variables(
    reader: &Reader<'_>,
    fields: &Fields<'_>,
) -> BTreeMap<String, VariableDeclaration> {
    let mut variables = BTreeMap::new();
    for entry in fields.entries() {
        let name = Located {
            value: entry.name().to_owned(),
            span: entry.key_span(),
        };
        reader.check_variable_name(&name);
        let Some(fields) = Fields::of(reader.report, entry.node) else {
            continue;
        };
        let required = fields.boolean("required").unwrap_or(false);
        let declaration = VariableDeclaration {
            description: fields.text("description"),
            default: fields.text("default"),
            secret: fields.boolean("secret").unwrap_or(false),
            span: name.span.clone(),
        };
        fields.refuse_others();
        let has_default = fields.get("default").is_some();
        if required == has_default {
            reader.report.add(
                name.span.clone(),
                Problem::error(
                    "app::bad_variable",
                    "must be `required` OR have a `default`",
                )
                .labelled(if required { "has both" } else { "has neither" }),
            );
        }
        variables.insert(name.value, declaration);
    }
    variables
}
