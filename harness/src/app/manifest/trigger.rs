//! Reads one trigger. Ids, and components written inside it, are settled in `normalize`, when all triggers are known.

use std::collections::BTreeMap;

use toml::de::DeValue;

use super::super::document::{self, Fields, Located, Node};
use super::super::paths::seen_from;
use super::super::problem::{Problem, Span};
use super::component::Reader;
use super::{
    Component, Dependency, DependencyTarget, HttpExecutor, HttpRoute, HttpTrigger, RedisTrigger,
    StaticResponse, dependency,
};

/// A trigger as the file has it.
pub(super) struct Draft {
    pub(super) id: Option<Located<String>>,
    pub(super) kind: String,
    pub(super) component: Option<Spec>,
    pub(super) components: Vec<(String, Vec<Spec>)>,
    pub(super) dependencies: BTreeMap<String, Vec<Dependency>>,
    pub(super) config: toml::Table,
    pub(super) http: Option<HttpTrigger>,
    pub(super) redis: Option<RedisTrigger>,
    /// Whether the route is `{ private = false }`, which is neither a route nor private.
    pub(super) not_private: bool,
    pub(super) span: Span,
}

/// A component as a trigger names it.
pub(super) enum Spec {
    Reference(Located<String>),
    Inline(Box<Component>),
}

impl Draft {
    /// All components named, in the order in which Spin numbers the inline ones.
    pub(super) fn specs(&mut self) -> impl Iterator<Item = &mut Spec> {
        self.component
            .iter_mut()
            .chain(self.components.iter_mut().flat_map(|(_, specs)| specs))
    }
}

/// Reads an element of `[[trigger.KIND]]`.
pub(super) fn read<'d>(reader: &Reader<'d>, kind: &str, node: &'d Node<'d>) -> Option<Draft> {
    let fields = Fields::of(reader.report, node)?;
    let id = fields.string("id").filter(|id| !id.value.is_empty());
    let component = fields.get("component").and_then(|node| spec(reader, node));
    let mut components = Vec::new();
    if let Some(roles) = fields.table("components") {
        for role in roles.entries() {
            let specs = match role.node.get_ref() {
                DeValue::Array(array) => {
                    array.iter().filter_map(|node| spec(reader, node)).collect()
                }
                _ => spec(reader, role.node).into_iter().collect(),
            };
            components.push((role.name().to_owned(), specs));
        }
    }
    let mut dependencies = BTreeMap::new();
    if let Some(roles) = fields.table("dependencies") {
        for role in roles.entries() {
            let DeValue::Array(array) = role.node.get_ref() else {
                let problem = document::mistyped(role.node, "a sequence").help(format!(
                    "write a list, also of one: `{} = [{{ component = \"…\" }}]`",
                    role.name()
                ));
                reader.report.add(role.node.span(), problem);
                continue;
            };
            let list = array
                .iter()
                .filter_map(|node| dependency::read(reader, role.name(), node, false))
                .map(|dependency| named(reader, dependency))
                .collect();
            dependencies.insert(role.name().to_owned(), list);
        }
    }
    let (config, http, redis) = config(reader, kind, &fields);
    let not_private = http.as_ref().is_some_and(|(_, not_private)| *not_private);
    let http = http.map(|(http, _)| http);
    Some(Draft {
        id,
        kind: kind.to_owned(),
        component,
        components,
        dependencies,
        config,
        http,
        redis,
        not_private,
        span: node.span(),
    })
}

/// A trigger's dependencies have no names in the manifest: each is called by where its code is.
fn named(reader: &Reader<'_>, dependency: Dependency) -> Dependency {
    let name = match &dependency.target {
        DependencyTarget::Component(id) => id.clone(),
        DependencyTarget::LocalPath(path) => seen_from(path, reader.root),
        DependencyTarget::Url { url, .. } => url.clone(),
        DependencyTarget::Package { package, .. } => match package {
            Some(package) => package.clone(),
            None => dependency.name.clone(),
        },
    };
    Dependency { name, ..dependency }
}

/// Reads the keys that belong to the trigger's type: whatever is left.
fn config<'d>(
    reader: &Reader<'d>,
    kind: &str,
    fields: &Fields<'d>,
) -> (
    toml::Table,
    Option<(HttpTrigger, bool)>,
    Option<RedisTrigger>,
) {
    let config = fields
        .others()
        .into_iter()
        .map(|entry| {
            (
                entry.name().to_owned(),
                document::plain(entry.node.get_ref()),
            )
        })
        .collect();
    let http = (kind == "http").then(|| http(reader, fields)).flatten();
    let redis = (kind == "redis").then(|| redis(fields)).flatten();
    (config, http, redis)
}

fn redis(fields: &Fields<'_>) -> Option<RedisTrigger> {
    let channel = fields.required_string("channel");
    let address = fields.string("address");
    fields.refuse_others();
    let channel = channel?;
    Some(RedisTrigger {
        channel: channel.value,
        channel_span: channel.span,
        address_span: address.as_ref().map(|address| address.span.clone()),
        address: address.map(|address| address.value),
    })
}

fn spec<'d>(reader: &Reader<'d>, node: &'d Node<'d>) -> Option<Spec> {
    match node.get_ref() {
        DeValue::String(id) => Some(Spec::Reference(Located {
            value: id.to_string(),
            span: node.span(),
        })),
        DeValue::Table(table) => {
            let fields = Fields::of_table(reader.report, table, node.span());
            let mut component = reader.component("", node.span(), &fields)?;
            fields.refuse_others();
            component.inline = true;
            Some(Spec::Inline(Box::new(component)))
        }
        _ => {
            document::wrong_type(reader.report, node, "a component id or a table");
            None
        }
    }
}

/// The configuration, and whether its route is `{ private = false }`.
fn http<'d>(reader: &Reader<'d>, fields: &Fields<'d>) -> Option<(HttpTrigger, bool)> {
    let route_node = fields.required("route");
    let executor = fields
        .table("executor")
        .map(|fields| executor(reader, &fields))
        .unwrap_or_default();
    let static_response = fields
        .table("static_response")
        .map(|fields| static_response(reader, &fields));
    fields.refuse_others();
    let route_node = route_node?;
    let mut not_private = false;
    let route = match route_node.get_ref() {
        DeValue::String(route) => HttpRoute::Route(route.to_string()),
        DeValue::Table(table) => {
            let fields = Fields::of_table(reader.report, table, route_node.span());
            let private = fields
                .required("private")
                .and_then(|node| document::boolean(reader.report, node));
            fields.refuse_others();
            not_private = private == Some(false);
            HttpRoute::Private
        }
        _ => {
            reader.no_variant(
                route_node,
                "HttpTriggerRouteConfig",
                "a route such as \"/hello/...\" or { private = true }",
            );
            return None;
        }
    };
    Some((
        HttpTrigger {
            route,
            route_span: route_node.span(),
            executor,
            static_response,
        },
        not_private,
    ))
}

fn executor(reader: &Reader<'_>, fields: &Fields<'_>) -> HttpExecutor {
    let Some(kind) = fields.required_string("type") else {
        return HttpExecutor::Http;
    };
    let executor = match kind.value.as_str() {
        "http" | "spin" => HttpExecutor::Http,
        "wagi" => {
            if let Some(entrypoint) = fields.string("entrypoint")
                && entrypoint.value != "_start"
            {
                reader.report.add(
                    entrypoint.span,
                    Problem::error(
                        "app::bad_executor",
                        "a Wagi component cannot use the deprecated 'entrypoint' field",
                    )
                    .labelled("must be \"_start\"")
                    .help("leave `entrypoint` out"),
                );
            }
            let argv = fields
                .text("argv")
                .unwrap_or_else(|| "${SCRIPT_NAME} ${ARGS}".to_owned());
            HttpExecutor::Wagi { argv }
        }
        other => {
            reader.report.add(
                kind.span,
                Problem::error(
                    "app::bad_executor",
                    format!("unknown variant `{other}`, expected `http` or `wagi`"),
                )
                .labelled("no executor of this type"),
            );
            return HttpExecutor::Http;
        }
    };
    fields.refuse_others();
    executor
}

fn static_response(reader: &Reader<'_>, fields: &Fields<'_>) -> StaticResponse {
    let status_code = fields.get("status_code").and_then(|node| {
        let status = document::unsigned(reader.report, node)?;
        let valid = u16::try_from(status)
            .ok()
            .filter(|status| (100..1000).contains(status));
        if valid.is_none() {
            reader.report.add(
                node.span(),
                Problem::error(
                    "app::bad_status",
                    format!("invalid value: integer `{status}`, expected an HTTP status"),
                )
                .labelled("expected a number from 100 to 999"),
            );
        }
        valid
    });
    let headers = fields
        .string_map("headers")
        .into_iter()
        .map(|(name, value)| (name.value, value.value))
        .collect();
    let response = StaticResponse {
        status_code,
        headers,
        body: fields.text("body"),
    };
    fields.warn_of_others("Spin passes over it");
    response
}

/// The draft of a version 1 component's trigger.
pub(super) fn read_v1<'d>(
    reader: &Reader<'d>,
    kind: &str,
    node: &'d Node<'d>,
    component: &Located<String>,
) -> Option<Draft> {
    let fields = Fields::of(reader.report, node)?;
    let (config, http, redis) = config(reader, kind, &fields);
    Some(Draft {
        id: Some(Located {
            value: format!("trigger-{}", component.value),
            span: node.span(),
        }),
        kind: kind.to_owned(),
        component: Some(Spec::Reference(component.clone())),
        components: Vec::new(),
        dependencies: BTreeMap::new(),
        config,
        not_private: http.as_ref().is_some_and(|(_, not_private)| *not_private),
        http: http.map(|(http, _)| http),
        redis,
        span: node.span(),
    })
}
