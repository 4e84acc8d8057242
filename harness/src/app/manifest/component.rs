//! Reads one component, from `[component.ID]` of version 2, from a trigger's inline table, or from `[[component]]` of version 1.

use std::collections::BTreeMap;
use std::path::Path;

use toml::de::DeValue;

use super::super::allowed_hosts;
use super::super::document::{self, Fields, Located, Node};
use super::super::names;
use super::super::problem::{Problem, Report, Span};
use super::super::template::Template;
use super::{Build, Component, ComponentSource, ComponentSpans, FilesMount, Profile, dependency};

/// What reading any part of a manifest needs to know.
#[derive(Clone, Copy)]
pub(super) struct Reader<'d> {
    pub(super) report: &'d Report,
    pub(super) root: &'d Path,
    pub(super) version: u8,
}

impl<'d> Reader<'d> {
    /// Reads a component whose id stands at `id_span`. The caller reads fields that only its place has, then refuses the others.
    pub(super) fn component(
        &self,
        id: &str,
        id_span: Span,
        fields: &Fields<'d>,
    ) -> Option<Component> {
        let source_node = fields.required("source");
        let source = source_node.and_then(|node| self.source(node, id));
        let variables_field = if self.version == 1 {
            "config"
        } else {
            "variables"
        };
        let mut spans = ComponentSpans {
            id: id_span,
            source: source_node.map(|node| node.span()).unwrap_or_default(),
            ..ComponentSpans::default()
        };
        let variables = self.variables(fields, variables_field, &mut spans);
        let mut component = Component {
            id: id.to_owned(),
            // The placeholder never gets out: a missing source is an error in the report.
            source: source.unwrap_or_else(|| ComponentSource::LocalPath(self.root.to_owned())),
            description: fields.text("description").filter(|text| !text.is_empty()),
            variables,
            environment: environment(fields, &mut spans.environment),
            files: self.files(fields),
            exclude_files: fields.strings("exclude_files"),
            allowed_outbound_hosts: allowed_hosts::read(
                self.report,
                fields,
                self.version == 1,
                &mut spans.allowed_outbound_hosts,
            ),
            key_value_stores: self.labels(
                fields.strings("key_value_stores"),
                &mut spans.key_value_stores,
            ),
            sqlite_databases: self.labels(
                fields.strings("sqlite_databases"),
                &mut spans.sqlite_databases,
            ),
            ai_models: models(fields, &mut spans.ai_models),
            build: fields.table("build").and_then(|fields| self.build(&fields)),
            targets: None,
            dependencies_inherit_configuration: None,
            dependencies: Vec::new(),
            profiles: BTreeMap::new(),
            tool: BTreeMap::new(),
            inline: false,
            spans,
        };
        if self.version == 2 {
            self.version_2_fields(fields, &mut component);
        }
        Some(component)
    }

    fn version_2_fields(&self, fields: &Fields<'d>, component: &mut Component) {
        component.targets = fields.get("targets").map(|_| self.targets(fields));
        component.dependencies_inherit_configuration =
            fields.boolean("dependencies_inherit_configuration");
        component.dependencies = fields
            .table("dependencies")
            .map(|fields| dependency::read_all(self, &fields))
            .unwrap_or_default();
        component.tool = self.tables(fields, "tool");
        let Some(profiles) = fields.table("profile") else {
            return;
        };
        for entry in profiles.entries() {
            let Some(fields) = Fields::of(self.report, entry.node) else {
                continue;
            };
            let profile = self.profile(&component.id, &fields);
            component.profiles.insert(entry.name().to_owned(), profile);
        }
    }

    /// The environments that a component or an app is meant for.
    pub(super) fn targets(&self, fields: &Fields<'d>) -> Vec<toml::Value> {
        let mut targets = Vec::new();
        for node in fields.array("targets") {
            if let DeValue::Table(table) = node.get_ref() {
                let fields = Fields::of_table(self.report, table, node.span());
                if fields
                    .string("url")
                    .or_else(|| fields.string("path"))
                    .is_none()
                {
                    self.no_variant(
                        node,
                        "TargetEnvironmentRef",
                        "a name, { url = \"…\" } or { path = \"…\" }",
                    );
                }
                fields.refuse_others();
            } else if document::string(self.report, node).is_none() {
                continue;
            }
            targets.push(document::plain(node.get_ref()));
        }
        targets
    }

    /// Tables by name that belong to someone else.
    pub(super) fn tables(
        &self,
        fields: &Fields<'d>,
        name: &'static str,
    ) -> BTreeMap<String, toml::Table> {
        let Some(tables) = fields.table(name) else {
            return BTreeMap::new();
        };
        tables
            .entries()
            .iter()
            .filter_map(|entry| match document::plain(entry.node.get_ref()) {
                toml::Value::Table(table) => Some((entry.name().to_owned(), table)),
                _ => {
                    document::wrong_type(self.report, entry.node, "a map");
                    None
                }
            })
            .collect()
    }

    fn profile(&self, id: &str, fields: &Fields<'d>) -> Profile {
        let build_commands = fields.table("build").map(|fields| {
            let commands = self.commands(&fields);
            fields.refuse_others();
            commands
        });
        let profile = Profile {
            source_span: fields.get("source").map(|node| node.span()),
            source: fields.get("source").and_then(|node| self.source(node, id)),
            environment: plain_map(fields.string_map("environment")),
            dependencies: fields
                .table("dependencies")
                .map(|fields| dependency::read_all(self, &fields))
                .unwrap_or_default(),
            build_commands: build_commands.unwrap_or_default(),
        };
        fields.refuse_others();
        profile
    }

    /// Notes that a value is none of the things it may be, in serde's and so Spin's words.
    pub(super) fn no_variant(&self, node: &Node<'_>, kind: &str, forms: &str) {
        self.report.add(
            node.span(),
            Problem::error(
                "app::wrong_form",
                format!("data did not match any variant of untagged enum {kind}"),
            )
            .labelled("none of the forms that are possible here")
            .help(format!("write {forms}")),
        );
    }

    fn source(&self, node: &'d Node<'d>, id: &str) -> Option<ComponentSource> {
        if let DeValue::String(path) = node.get_ref() {
            return Some(ComponentSource::LocalPath(self.local(path)));
        }
        let forms = "a path, { url = \"…\", digest = \"sha256:…\" } or { registry = \"…\", package = \"…\", version = \"…\" }";
        let DeValue::Table(table) = node.get_ref() else {
            self.no_variant(node, "ComponentSource", forms);
            return None;
        };
        let fields = Fields::of_table(self.report, table, node.span());
        if fields.get("url").is_some() {
            let url = fields.required_string("url");
            let digest = fields.required_string("digest");
            fields.refuse_others();
            let (url, digest) = (url?, digest?);
            self.check_digest(&digest);
            return Some(ComponentSource::Url {
                url: url.value,
                digest: digest.value,
            });
        }
        if fields.get("package").is_some() {
            let (registry, package) = (fields.text("registry"), fields.required_string("package"));
            let version = fields.required_string("version");
            fields.refuse_others();
            let (package, version) = (package?, version?);
            self.check_package(&package);
            if semver::Version::parse(&version.value).is_err() {
                let text = format!(
                    "Component {id} specifies an invalid semantic version ({:?}) for its package version",
                    version.value
                );
                self.report.add(
                    version.span.clone(),
                    Problem::error("app::bad_version", text)
                        .labelled("expected a version such as 1.2.3"),
                );
            }
            return Some(ComponentSource::Registry {
                registry,
                package: package.value,
                version: version.value,
            });
        }
        self.no_variant(node, "ComponentSource", forms);
        None
    }

    pub(super) fn local(&self, path: &str) -> std::path::PathBuf {
        crate::app::paths::lexically_normal(&self.root.join(path))
    }

    pub(super) fn check_digest(&self, digest: &Located<String>) {
        if !digest.value.starts_with("sha256:") {
            let text = format!(
                "invalid `digest` {:?}; must start with 'sha256:'",
                digest.value
            );
            self.report.add(
                digest.span.clone(),
                Problem::error("app::bad_digest", text).labelled("not a SHA-256 digest"),
            );
        }
    }

    pub(super) fn check_package(&self, package: &Located<String>) {
        let well_formed = package.value.split_once(':').is_some_and(|(space, name)| {
            names::check_kebab(space).is_ok() && names::check_kebab(name).is_ok()
        });
        if !well_formed {
            self.report.add(
                package.span.clone(),
                Problem::error(
                    "app::bad_package",
                    format!("invalid package name ({:?})", package.value),
                )
                .labelled("expected `namespace:name`"),
            );
        }
    }

    fn variables(
        &self,
        fields: &Fields<'d>,
        name: &'static str,
        spans: &mut ComponentSpans,
    ) -> BTreeMap<String, Template> {
        let mut variables = BTreeMap::new();
        for (name, value) in fields.string_map(name) {
            self.check_variable_name(&name);
            match Template::parse(&value.value) {
                Ok(template) => {
                    spans.variables.insert(name.value.clone(), value.span);
                    variables.insert(name.value, template);
                }
                Err(reason) => self.report.add(
                    value.span,
                    Problem::error(
                        "app::bad_template",
                        format!("invalid variable template: {reason}"),
                    )
                    .labelled("`{{` without `}}`")
                    .help("a variable is written `{{ name }}`"),
                ),
            }
        }
        variables
    }

    pub(super) fn check_variable_name(&self, name: &Located<String>) {
        if let Err(reason) = names::check_variable(&name.value) {
            let help = names::repaired_variable(&name.value)
                .map(|repaired| format!("did you mean `{repaired}`?"));
            self.report.add(
                name.span.clone(),
                Problem::error(
                    "app::bad_name",
                    format!("invalid ID `{}`: {reason}", name.value),
                )
                .labelled("not a variable name")
                .maybe_help(help),
            );
        }
    }

    fn files(&self, fields: &Fields<'d>) -> Vec<Located<FilesMount>> {
        let mut mounts = Vec::new();
        for node in fields.array("files") {
            let mount = match node.get_ref() {
                DeValue::String(pattern) => Some(FilesMount::Pattern(pattern.to_string())),
                DeValue::Table(table) => {
                    let fields = Fields::of_table(self.report, table, node.span());
                    let (source, destination) = (
                        fields.required_string("source"),
                        fields.required_string("destination"),
                    );
                    fields.refuse_others();
                    source
                        .zip(destination)
                        .map(|(source, destination)| FilesMount::Placement {
                            source: source.value,
                            destination: destination.value,
                        })
                }
                _ => {
                    self.no_variant(
                        node,
                        "WasiFilesMount",
                        "a glob pattern or { source = \"…\", destination = \"/…\" }",
                    );
                    None
                }
            };
            mounts.extend(mount.map(|value| Located {
                value,
                span: node.span(),
            }));
        }
        mounts
    }

    fn labels(&self, labels: Vec<Located<String>>, spans: &mut Vec<Span>) -> Vec<String> {
        labels
            .into_iter()
            .map(|label| {
                // Version 1 never had the rule.
                if self.version == 2
                    && let Err(reason) = names::check_label(&label.value)
                {
                    self.report.add(
                        label.span.clone(),
                        Problem::error("app::bad_label", reason)
                            .labelled("not a label")
                            .help(names::LABEL_FORM),
                    );
                }
                spans.push(label.span);
                label.value
            })
            .collect()
    }

    fn build(&self, fields: &Fields<'d>) -> Option<Build> {
        let build = Build {
            commands: self.commands(fields),
            workdir: fields.text("workdir"),
            watch: fields.texts("watch"),
        };
        fields.refuse_others();
        Some(build)
    }

    fn commands(&self, fields: &Fields<'d>) -> Vec<String> {
        let Some(node) = fields.required("command") else {
            return Vec::new();
        };
        match node.get_ref() {
            DeValue::String(command) => vec![command.to_string()],
            DeValue::Array(_) => document::strings(self.report, node)
                .into_iter()
                .map(|command| command.value)
                .collect(),
            _ => {
                self.no_variant(node, "Commands", "a command or an array of commands");
                Vec::new()
            }
        }
    }
}

/// Environment variables, and where the name of each stands.
fn environment(
    fields: &Fields<'_>,
    spans: &mut BTreeMap<String, Span>,
) -> BTreeMap<String, String> {
    let variables = fields.string_map("environment");
    spans.extend(
        variables
            .iter()
            .map(|(name, _)| (name.value.clone(), name.span.clone())),
    );
    plain_map(variables)
}

/// AI models, and where each stands.
fn models(fields: &Fields<'_>, spans: &mut Vec<Span>) -> Vec<String> {
    let models = fields.strings("ai_models");
    spans.extend(models.iter().map(|model| model.span.clone()));
    models.into_iter().map(|model| model.value).collect()
}

pub(super) fn plain_map(map: Vec<(Located<String>, Located<String>)>) -> BTreeMap<String, String> {
    map.into_iter()
        .map(|(key, value)| (key.value, value.value))
        .collect()
}
