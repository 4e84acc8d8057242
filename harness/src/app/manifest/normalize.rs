//! Gives ids to what has none and checks what can be checked only when all is known (`crates/manifest/src/normalize.rs`).

use std::collections::{BTreeMap, BTreeSet};

use super::super::allowed_hosts;
use super::super::document::Located;
use super::super::names;
use super::super::problem::{Problem, Report, Span, suggest};
use super::super::routes;
use super::super::template::Template;
use super::profile;
use super::read::{self, Contents};
use super::trigger::{Draft, Spec};
use super::{
    Component, Dependency, DependencyTarget, HttpExecutor, HttpRoute, InheritConfiguration, Trigger,
};
use crate::value::nearest;

/// Settles ids and inline components, and checks that everything named is there.
pub(super) fn normalise(
    report: &Report,
    mut contents: Contents,
    profile: Option<&Located<String>>,
) -> (Contents, Vec<Trigger>) {
    let mut drafts = std::mem::take(&mut contents.triggers);
    let ids = trigger_ids(report, &drafts);
    let mut inline = InlineIds {
        taken: contents
            .components
            .iter()
            .map(|component| component.id.clone())
            .collect(),
        next: 1,
    };
    for (draft, id) in drafts.iter_mut().zip(&ids) {
        inline.settle(draft, id, &mut contents.components);
    }
    if let Some(profile) = profile {
        profile::apply(report, profile, &mut contents.components);
    }
    let known: BTreeMap<&str, &Component> = contents
        .components
        .iter()
        .map(|component| (component.id.as_str(), component))
        .collect();
    let mut triggers: Vec<Trigger> = drafts
        .into_iter()
        .zip(ids)
        .map(|(draft, id)| trigger(report, draft, id, &known))
        .collect();
    triggers.sort_by_key(|trigger| trigger.span.start);
    check_dependencies(report, &mut contents, &triggers);
    check_variables(report, &contents);
    routes::check(report, &triggers);
    (contents, triggers)
}

/// Spin's rule: `COMPONENT-TYPE-trigger` if that is free, else `TYPE-triggerN`.
fn trigger_ids(report: &Report, drafts: &[Draft]) -> Vec<String> {
    let mut taken = BTreeSet::new();
    for id in drafts.iter().filter_map(|draft| draft.id.as_ref()) {
        if !taken.insert(id.value.clone()) {
            report.add(
                id.span.clone(),
                Problem::warning(
                    "app::duplicate",
                    format!("there are two triggers with the ID `{}`", id.value),
                )
                .labelled("already taken by a trigger above")
                .help("give one of them another id"),
            );
        }
    }
    let mut ids = Vec::new();
    let mut next: BTreeMap<&str, usize> = BTreeMap::new();
    for draft in drafts {
        if let Some(id) = &draft.id {
            ids.push(id.value.clone());
            continue;
        }
        let natural = match &draft.component {
            Some(Spec::Reference(component)) => {
                Some(format!("{}-{}-trigger", component.value, draft.kind))
            }
            _ => None,
        };
        let id = natural.filter(|id| !taken.contains(id)).unwrap_or_else(|| {
            let next = next.entry(&draft.kind).or_insert(1);
            first_free(next, &taken, |number| {
                format!("{}-trigger{number}", draft.kind)
            })
        });
        taken.insert(id.clone());
        ids.push(id);
    }
    ids
}

/// The first numbered id that is free. Ids are never given back, so the search goes on where it ended.
fn first_free(next: &mut usize, taken: &BTreeSet<String>, id: impl Fn(usize) -> String) -> String {
    while taken.contains(&id(*next)) {
        *next += 1;
    }
    id(*next)
}

/// Gives ids to inline components: `TRIGGER-component` if that is an id and free, else `inline-componentN`, as Spin does.
struct InlineIds {
    taken: BTreeSet<String>,
    next: usize,
}

impl InlineIds {
    fn settle(&mut self, draft: &mut Draft, trigger_id: &str, components: &mut Vec<Component>) {
        let several = draft.specs().count() > 1;
        for spec in draft.specs() {
            let Spec::Inline(component) = spec else {
                continue;
            };
            let natural = format!("{trigger_id}-component");
            let id = if several
                || names::check_kebab(&natural).is_err()
                || self.taken.contains(&natural)
            {
                first_free(&mut self.next, &self.taken, |number| {
                    format!("inline-component{number}")
                })
            } else {
                natural
            };
            self.taken.insert(id.clone());
            component.id.clone_from(&id);
            let span = component.spans.id.clone();
            let reference = Spec::Reference(super::Located { value: id, span });
            if let Spec::Inline(component) = std::mem::replace(spec, reference) {
                components.push(*component);
            }
        }
    }
}

fn trigger(
    report: &Report,
    mut draft: Draft,
    id: String,
    components: &BTreeMap<&str, &Component>,
) -> Trigger {
    for spec in draft.specs() {
        let Spec::Reference(reference) = spec else {
            continue;
        };
        if components.contains_key(reference.value.as_str()) {
            continue;
        }
        if names::check_kebab(&reference.value).is_err() {
            read::check_component_id(report, &reference.value, reference.span.clone());
            continue;
        }
        let known = components.keys().copied();
        report.add(
            reference.span.clone(),
            Problem::error(
                "app::no_component",
                format!("no such component {:?}", reference.value),
            )
            .labelled("the manifest has no component of this id")
            .maybe_help(suggest(&reference.value, known, "the components are")),
        );
    }
    let reference = |spec: Spec| match spec {
        Spec::Reference(id) => Some(id.value),
        Spec::Inline(_) => None,
    };
    let not_private = draft.not_private;
    let trigger = Trigger {
        component: draft.component.and_then(reference),
        components: draft
            .components
            .into_iter()
            .map(|(role, specs)| (role, specs.into_iter().filter_map(reference).collect()))
            .collect(),
        id,
        kind: draft.kind,
        dependencies: draft.dependencies,
        config: draft.config,
        http: draft.http,
        redis: draft.redis,
        span: draft.span,
    };
    check_http(report, &trigger);
    check_redis(report, &trigger);
    if let Some(http) = trigger.http.as_ref().filter(|_| not_private) {
        let key = trigger.component.as_deref().unwrap_or(&trigger.id);
        let text = format!(
            "route must be a string pattern or '{{ private = true }}': '{key}' has {{ private = false }}"
        );
        let problem =
            Problem::error("app::bad_route", text).labelled("neither a route nor private");
        report.add(http.route_span.clone(), problem);
    }
    trigger
}

fn check_http(report: &Report, trigger: &Trigger) {
    let Some(http) = &trigger.http else { return };
    let has = match (&trigger.component, &http.static_response) {
        (None, None) => Some("neither"),
        (Some(_), Some(_)) => Some("both"),
        _ => None,
    };
    if let Some(has) = has {
        let text = format!(
            "Triggers must specify either component or static_response - {} has {has}",
            trigger.id
        );
        report.add(
            trigger.span.clone(),
            Problem::error("app::bad_trigger", text).labelled(format!("this trigger has {has}")),
        );
    }
    if let HttpExecutor::Wagi { .. } = http.executor {
        let description = match &http.route {
            HttpRoute::Route(route) => format!("route {route}"),
            HttpRoute::Private => {
                format!(
                    "private endpoint for {}",
                    trigger.component.as_deref().unwrap_or("<unknown>")
                )
            }
        };
        report.add(
            http.route_span.clone(),
            Problem::warning(
                "app::deprecated",
                format!("HTTP {description} uses the WAGI executor."),
            )
            .labelled("will be deprecated in a future version of Spin")
            .help("build the component with an SDK, so that it exports an HTTP handler, and leave `executor` out"),
        );
    }
    let mut roles = trigger.dependencies.keys();
    if let Some(role) = roles.find(|role| *role != "middleware") {
        let text = "the HTTP trigger's only allowed trigger dependency is `middleware`";
        report.add(
            trigger.span.clone(),
            Problem::error("app::bad_trigger", text)
                .labelled(format!("has dependencies in the role `{role}`"))
                .maybe_help(
                    nearest(role, ["middleware"]).map(|it| format!("did you mean `{it}`?")),
                ),
        );
    }
}

/// Only HTTP triggers put something around their components (`TriggerDependenciesComposer` in `crates/factors-executor`).
fn check_redis(report: &Report, trigger: &Trigger) {
    let dependencies = trigger.dependencies.values();
    if trigger.redis.is_none() || dependencies.flatten().next().is_none() {
        return;
    }
    let problem = Problem::error(
        "app::bad_trigger",
        "this trigger should not have dependencies",
    )
    .labelled("a Redis trigger with dependencies");
    report.add(trigger.span.clone(), problem);
}

/// Checks the dependencies on components of the app, and passes a component's own setting on to its dependencies.
fn check_dependencies(report: &Report, contents: &mut Contents, triggers: &[Trigger]) {
    let known: BTreeMap<&str, &Component> = contents
        .components
        .iter()
        .map(|component| (component.id.as_str(), component))
        .collect();
    for component in &contents.components {
        for dependency in &component.dependencies {
            check_target(report, dependency, &component.id, &known);
        }
    }
    for trigger in triggers {
        for dependency in trigger.dependencies.values().flatten() {
            check_target(report, dependency, &trigger.id, &known);
        }
    }
    for component in &mut contents.components {
        let Some(inherit) = component.dependencies_inherit_configuration else {
            continue;
        };
        if component
            .dependencies
            .iter()
            .any(|dependency| dependency.inherit_configuration.is_some())
        {
            let text = format!(
                "Component `{}` specifies both `dependencies_inherit_configuration` and per-dependency `inherit_configuration`. \
                 These are mutually exclusive; use one or the other.",
                component.id
            );
            report.add(
                component.spans.id.clone(),
                Problem::error("app::bad_dependency", text).labelled("this component"),
            );
        } else if inherit {
            for dependency in &mut component.dependencies {
                dependency.inherit_configuration = Some(InheritConfiguration::All(true));
            }
        }
    }
}

fn check_target(
    report: &Report,
    dependency: &Dependency,
    depender: &str,
    components: &BTreeMap<&str, &Component>,
) {
    let DependencyTarget::Component(id) = &dependency.target else {
        return;
    };
    let Some(component) = components.get(id.as_str()) else {
        let known = components.keys().copied();
        report.add(
            dependency.span.clone(),
            Problem::error(
                "app::no_component",
                format!("dependency ID {id} does not exist"),
            )
            .labelled("the manifest has no component of this id")
            .maybe_help(nearest(id, known).map(|near| format!("did you mean `{near}`?"))),
        );
        return;
    };
    let surprises: Vec<&str> = [
        ("ai_models", component.ai_models.is_empty()),
        (
            "allowed_outbound_hosts",
            component.allowed_outbound_hosts.is_empty(),
        ),
        ("dependencies", component.dependencies.is_empty()),
        ("environment", component.environment.is_empty()),
        ("files", component.files.is_empty()),
        ("key_value_stores", component.key_value_stores.is_empty()),
        ("sqlite_databases", component.sqlite_databases.is_empty()),
        ("variables", component.variables.is_empty()),
    ]
    .into_iter()
    .filter_map(|(field, empty)| (!empty).then_some(field))
    .collect();
    if !surprises.is_empty() {
        let text = format!(
            "Dependencies may not have their own resources or permissions. Component {id} cannot be used as a dependency of \
             {depender} because it specifies: {}",
            surprises.join(", ")
        );
        report.add(
            dependency.span.clone(),
            Problem::error("app::bad_dependency", text).labelled(format!("depends on {id}")),
        );
    }
}

/// Spin loads the app all the same: it looks at the host when a request is made, and then denies it
/// (`crates/factor-outbound-networking/src/lib.rs`).
fn undeclared_in_host(
    component: &Component,
    host: &str,
    variable: &str,
    contents: &Contents,
) -> Problem {
    let text = format!(
        "the host {host:?} names the variable {variable:?}, which the app does not declare: component {:?} is denied every \
         host, those of its other entries too",
        component.id
    );
    let known = contents.variables.keys().map(String::as_str);
    let near = suggest(variable, known, "the app's variables are");
    let declare = format!("declare it in `[variables]`: `{variable} = {{ default = \"…\" }}`");
    let help = match near {
        Some(near) if near.ends_with('?') => format!("{near} else {declare}"),
        _ => declare,
    };
    Problem::warning("app::undefined_variable", text)
        .labelled("not in [variables]")
        .help(help)
}

/// Every variable that a template names must be one of the app's.
fn check_variables(report: &Report, contents: &Contents) {
    let default = |name: &str| contents.variables.get(name)?.default.as_deref();
    for component in &contents.components {
        for (host, span) in component
            .allowed_outbound_hosts
            .iter()
            .zip(&component.spans.allowed_outbound_hosts)
        {
            allowed_hosts::check_with_defaults(report, host, span, default);
            let template = Template::parse(host);
            for variable in template.iter().flat_map(Template::variables) {
                if !contents.variables.contains_key(variable) {
                    let problem = undeclared_in_host(component, host, variable, contents);
                    let place = place_in_template(report.file.text(), span, variable);
                    report.add(place.unwrap_or_else(|| span.clone()), problem);
                }
            }
        }
        for (name, template) in &component.variables {
            for variable in template.variables() {
                if contents.variables.contains_key(variable) {
                    continue;
                }
                let value = component
                    .spans
                    .variables
                    .get(name)
                    .cloned()
                    .unwrap_or_default();
                let span = place_in_template(report.file.text(), &value, variable).unwrap_or(value);
                let known = contents.variables.keys().map(String::as_str);
                report.add(
                    span,
                    Problem::error(
                        "app::no_variable",
                        format!("invalid variable template: unknown variable {variable:?}"),
                    )
                    .labelled("not in [variables]")
                    .maybe_help(suggest(
                        variable,
                        known,
                        "the app's variables are",
                    )),
                );
            }
        }
    }
}

/// Where a variable stands in the template at `value`, if it is written without escapes.
fn place_in_template(text: &str, value: &Span, variable: &str) -> Option<Span> {
    let mut rest = text.get(value.clone())?;
    while let Some(start) = rest.find("{{") {
        rest = &rest[start + 2..];
        let name = rest.trim_start();
        if !variable.is_empty()
            && name
                .strip_prefix(variable)
                .is_some_and(|after| after.trim_start().starts_with("}}"))
        {
            let start = value.end - name.len();
            return Some(start..start + variable.len());
        }
    }
    None
}
