//! Reads `dependencies`: which components satisfy the imports of another.

use toml::de::DeValue;

use super::super::document::{self, Fields, Located, Node};
use super::super::names;
use super::super::problem::{Problem, suggest};
use super::component::Reader;
use super::{Dependency, DependencyTarget, InheritConfiguration};

/// The fields of a component whose permissions a dependency can inherit (`crates/capabilities/src/lib.rs`).
pub(crate) const INHERITABLE: [&str; 7] = [
    "ai_models",
    "allowed_outbound_hosts",
    "environment",
    "files",
    "key_value_stores",
    "sqlite_databases",
    "variables",
];

/// Reads a component's table of dependencies.
pub(super) fn read_all<'d>(reader: &Reader<'d>, fields: &Fields<'d>) -> Vec<Dependency> {
    let mut dependencies = Vec::new();
    for entry in fields.entries() {
        let name = entry.name();
        if let Err(reason) = check_name(name) {
            reader.report.add(
                entry.key_span(),
                Problem::error("app::bad_name", reason)
                    .labelled("not the name of an import")
                    .help("write a package (`foo:bar/baz@1.0.0`, the version and the interface may be left out) or a plain name"),
            );
        }
        let Some(mut dependency) = read(reader, name, entry.node, true) else {
            continue;
        };
        dependency.span = entry.key_span();
        check_form(reader, &dependency);
        dependencies.push(dependency);
    }
    dependencies
}

/// Reads one dependency. A trigger's has no `export`, and a version alone is not enough for it.
pub(super) fn read<'d>(
    reader: &Reader<'d>,
    name: &str,
    node: &'d Node<'d>,
    of_component: bool,
) -> Option<Dependency> {
    let dependency = |target, export, inherit_configuration| Dependency {
        name: name.to_owned(),
        target,
        export,
        inherit_configuration,
        span: node.span(),
    };
    let (kind, forms) = if of_component {
        (
            "ComponentDependency",
            "a version, or a table with `version`, `path`, `url` and `digest`, or `component`",
        )
    } else {
        (
            "TriggerDependency",
            "a table with `package` and `version`, `path`, `url` and `digest`, or `component`",
        )
    };
    if let DeValue::String(version) = node.get_ref()
        && of_component
    {
        check_requirement(reader, name, version, node);
        let target = DependencyTarget::Package {
            registry: None,
            package: None,
            version: version.to_string(),
        };
        return Some(dependency(target, None, None));
    }
    let DeValue::Table(table) = node.get_ref() else {
        reader.no_variant(node, kind, forms);
        return None;
    };
    let fields = Fields::of_table(reader.report, table, node.span());
    let export = if of_component {
        fields.text("export")
    } else {
        None
    };
    let inherit = fields
        .get("inherit_configuration")
        .and_then(|node| inherit(reader, node));
    let target = if fields.get("path").is_some() {
        fields
            .text("path")
            .map(|path| DependencyTarget::LocalPath(reader.local(&path)))
    } else if fields.get("component").is_some() {
        fields.text("component").map(DependencyTarget::Component)
    } else if fields.get("url").is_some() {
        let (url, digest) = (fields.text("url"), fields.required_string("digest"));
        if let Some(digest) = &digest {
            reader.check_digest(digest);
        }
        url.zip(digest).map(|(url, digest)| DependencyTarget::Url {
            url,
            digest: digest.value,
        })
    } else if let Some(version) = fields.get("version") {
        let (registry, package) = (fields.text("registry"), fields.string("package"));
        if let Some(package) = &package {
            reader.check_package(package);
        } else if !of_component {
            fields.required("package");
        }
        document::string(reader.report, version).map(|text| {
            check_requirement(reader, name, &text.value, version);
            DependencyTarget::Package {
                registry,
                package: package.map(|package| package.value),
                version: text.value,
            }
        })
    } else {
        reader.no_variant(node, kind, forms);
        return None;
    };
    fields.refuse_others();
    Some(dependency(target?, export, inherit))
}

fn inherit(reader: &Reader<'_>, node: &Node<'_>) -> Option<InheritConfiguration> {
    match node.get_ref() {
        DeValue::Boolean(all) => Some(InheritConfiguration::All(*all)),
        DeValue::Array(_) => {
            let fields = document::strings(reader.report, node);
            for field in &fields {
                check_field(reader, field);
            }
            let fields = fields.into_iter().map(|field| field.value);
            Some(InheritConfiguration::Some(fields.collect()))
        }
        _ => {
            reader.no_variant(
                node,
                "InheritConfiguration",
                "true, false or an array of field names",
            );
            None
        }
    }
}

/// Spin passes over a field that there is not (`allow_list` in `crates/capabilities/src/deny.rs`): nothing is inherited.
fn check_field(reader: &Reader<'_>, field: &Located<String>) {
    let name = field.value.as_str();
    if INHERITABLE.contains(&name) {
        return;
    }
    let text = format!("nothing is inherited through `{name}`: Spin passes over it");
    reader.report.add(
        field.span.clone(),
        Problem::warning("app::ignored_field", text)
            .labelled("ignored")
            .maybe_help(suggest(name, INHERITABLE, "what can be inherited is")),
    );
}

fn check_requirement(reader: &Reader<'_>, name: &str, version: &str, node: &Node<'_>) {
    if semver::VersionReq::parse(version).is_err() {
        let text = format!(
            "Component dependency {name:?} specifies an invalid semantic version requirement ({version:?}) for its package version"
        );
        reader.report.add(
            node.span(),
            Problem::error("app::bad_version", text)
                .labelled("expected a requirement such as 1.2 or =1.2.3"),
        );
    }
}

/// The rules that Spin has on top of the form (`ComponentDependencies::validate` in `schema/v2.rs`).
fn check_form(reader: &Reader<'_>, dependency: &Dependency) {
    let name = &dependency.name;
    let plain = !name.contains([':', '/']);
    if plain
        && matches!(
            dependency.target,
            DependencyTarget::Package { package: None, .. }
        )
    {
        reader.report.add(
            dependency.span.clone(),
            Problem::error(
                "app::bad_dependency",
                format!("dependency {name:?} must specify a package name"),
            )
            .labelled("a plain name does not say which package"),
        );
    }
    let may_not_export = matches!(
        dependency.target,
        DependencyTarget::Package { .. } | DependencyTarget::LocalPath(_)
    );
    if !plain && !name.contains('/') && dependency.export.is_some() && may_not_export {
        let text = format!(
            "using an export to satisfy the package dependency {name:?} is not currently permitted"
        );
        reader.report.add(
            dependency.span.clone(),
            Problem::error("app::bad_dependency", text).labelled("names a whole package"),
        );
    }
}

fn check_name(name: &str) -> Result<(), String> {
    if !name.contains([':', '/']) {
        return names::check_kebab(name);
    }
    let (path, version) = name
        .split_once('@')
        .map_or((name, None), |(path, version)| (path, Some(version)));
    if let Some(version) = version {
        semver::Version::parse(version).map_err(|error| format!("{error} in {name:?}"))?;
    }
    let (package, interface) = path
        .split_once('/')
        .map_or((path, None), |(package, name)| (package, Some(name)));
    if let Some(interface) = interface {
        names::check_kebab(interface)?;
    }
    let Some((namespace, package)) = package.split_once(':') else {
        return Err(format!("invalid package name ({package:?})"));
    };
    names::check_kebab(namespace).and_then(|()| names::check_kebab(package))
}
