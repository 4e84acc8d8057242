//! Which trigger takes a request, and what the component is told about the match (`crates/routes`, `crates/trigger-http/src/headers.rs`).
//!
//! Patterns are matched by `routefinder`, the library that Spin matches them with.

use std::collections::BTreeMap;

use routefinder::{RouteSpec, Segment};

use super::manifest::{HttpRoute, Trigger};
use super::problem::{Problem, Report};
use super::well_known::WELL_KNOWN_PREFIX;

/// Who answers a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RouteHandler {
    /// The component of this id.
    Component(String),
    /// The static response of the trigger.
    StaticResponse,
}

/// Finds the trigger for a path.
#[derive(Debug)]
pub struct Router {
    routes: routefinder::Router<Target>,
}

#[derive(Clone, Debug)]
struct Target {
    handler: RouteHandler,
    trigger: String,
    based_route: String,
    raw_route: String,
}

/// A request's path and the route that fits it best.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteMatch {
    /// Who answers.
    pub handler: RouteHandler,
    /// The id of the trigger.
    pub trigger: String,
    /// The route with the app's base, which is always `/`.
    pub based_route: String,
    /// The route as the manifest has it.
    pub raw_route: String,
    /// What the trailing `...` took, with its slash; empty where it took nothing.
    pub path_info: String,
    /// The values of `:name` parts in the order of the route. Where a name comes twice, its last value stands in both places.
    pub wildcards: Vec<(String, String)>,
}

impl RouteMatch {
    /// The component that answers, if one does.
    pub fn component(&self) -> Option<&str> {
        match &self.handler {
            RouteHandler::Component(id) => Some(id),
            RouteHandler::StaticResponse => None,
        }
    }

    /// The route without its trailing `/...`.
    pub fn component_route(&self) -> &str {
        self.raw_route
            .strip_suffix("/...")
            .unwrap_or(&self.raw_route)
    }
}

impl Router {
    /// A router over the triggers of type `http`, in the order of the manifest. Of two triggers on one route the later answers.
    ///
    /// Triggers of other types and private ones are left out, and so are routes that [`super::Manifest::load`] refuses.
    pub fn new<'a>(triggers: impl IntoIterator<Item = &'a Trigger>) -> Self {
        let mut targets: Vec<Target> = Vec::new();
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        for trigger in triggers {
            let Some(http) = &trigger.http else { continue };
            let HttpRoute::Route(route) = &http.route else {
                continue;
            };
            let target = Target {
                handler: trigger
                    .component
                    .clone()
                    .map_or(RouteHandler::StaticResponse, RouteHandler::Component),
                trigger: trigger.id.clone(),
                based_route: based(route),
                raw_route: route.clone(),
            };
            // It answers in the place of the earlier one, which matters where two routes fit a path equally well.
            match places
                .get(route.as_str())
                .and_then(|place| targets.get_mut(*place))
            {
                Some(earlier) => *earlier = target,
                None => {
                    places.insert(route, targets.len());
                    targets.push(target);
                }
            }
        }
        let mut routes = routefinder::Router::new();
        for target in targets {
            if let Ok(spec) = spec(&target.based_route) {
                // It can only fail where parsing does.
                let _: Result<(), std::convert::Infallible> = routes.add(spec, target);
            }
        }
        Self { routes }
    }

    /// The match for a path: percent-encoded as the client sent it, without the query.
    pub fn route(&self, path: &str) -> Option<RouteMatch> {
        let best = self.routes.best_match(path)?;
        let target = best.handler();
        let captures = best.captures();
        let path_info = captures.wildcard().map(|rest| {
            // routefinder drops slashes at both ends, guests are told about them.
            let slash = if path.ends_with('/') { "/" } else { "" };
            if rest.is_empty() {
                slash.to_owned()
            } else {
                format!("/{rest}{slash}")
            }
        });
        let value = |name: &str| {
            captures
                .iter()
                .filter(|(other, _)| *other == name)
                .last()
                .map(|(_, value)| value.to_owned())
        };
        let wildcards = captures
            .iter()
            .map(|(name, _)| (name.to_owned(), value(name).unwrap_or_default()))
            .collect();
        Some(RouteMatch {
            handler: target.handler.clone(),
            trigger: target.trigger.clone(),
            based_route: target.based_route.clone(),
            raw_route: target.raw_route.clone(),
            path_info: path_info.unwrap_or_default(),
            wildcards,
        })
    }
}

/// The headers that Spin adds to a request, in its order; lower case.
///
/// `full_url` is scheme, authority, path and query as the client asked for them; `client_addr` an address with a port.
pub fn spin_headers(
    matched: &RouteMatch,
    full_url: &str,
    client_addr: &str,
) -> Vec<(String, String)> {
    let mut headers: Vec<(String, String)> = [
        ("spin-path-info", matched.path_info.as_str()),
        ("spin-full-url", full_url),
        ("spin-matched-route", &matched.based_route),
        ("spin-base-path", "/"),
        ("spin-raw-component-route", &matched.raw_route),
        ("spin-component-route", matched.component_route()),
        ("spin-client-addr", client_addr),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec();
    for (name, value) in &matched.wildcards {
        let name = format!(
            "spin-path-match-{}",
            name.to_ascii_lowercase().replace('_', "-")
        );
        // Spin inserts into a map: a later value replaces an earlier one.
        match headers.iter_mut().find(|(other, _)| *other == name) {
            Some(header) => header.1.clone_from(value),
            None => headers.push((name, value.clone())),
        }
    }
    headers
}

/// The route with the base in front and without one trailing slash.
fn based(route: &str) -> String {
    let absolute = if route.starts_with('/') {
        route.to_owned()
    } else {
        format!("/{route}")
    };
    absolute
        .strip_suffix('/')
        .map(str::to_owned)
        .unwrap_or(absolute)
}

fn spec(based_route: &str) -> Result<RouteSpec, String> {
    match based_route.strip_suffix("/...") {
        Some(prefix) => format!("{prefix}/*").parse(),
        None => based_route.parse(),
    }
}

/// Notes routes that can't be matched, that take the place of others, and that nobody can reach.
pub(crate) fn check(report: &Report, triggers: &[Trigger]) {
    let mut by_text: BTreeMap<&str, &Trigger> = BTreeMap::new();
    let mut by_paths: BTreeMap<String, (&str, &Trigger)> = BTreeMap::new();
    for trigger in triggers {
        let Some(http) = &trigger.http else { continue };
        let HttpRoute::Route(route) = &http.route else {
            continue;
        };
        let id = trigger.component.as_deref().unwrap_or(&trigger.id);
        let based_route = based(route);
        let add = |problem: Problem| report.add(http.route_span.clone(), problem);
        let segments = match spec(&based_route) {
            Ok(spec) => spec.segments().to_vec(),
            Err(reason) => {
                let text = format!(
                    "Error parsing route {based_route} associated with component {id}: {reason}"
                );
                add(Problem::error("app::bad_route", text).labelled("not a route"));
                continue;
            }
        };
        let wildcard = segments
            .iter()
            .position(|segment| *segment == Segment::Wildcard);
        if wildcard.is_some_and(|position| position + 1 < segments.len()) {
            // Spin starts, and panics when a request comes near the route.
            let text = format!(
                "Error parsing route {based_route} associated with component {id}: a wildcard must end the route"
            );
            add(Problem::error("app::bad_route", text)
                .labelled("goes on after the wildcard")
                .help("write `:name` for a part in the middle"));
            continue;
        }
        if based_route.starts_with(WELL_KNOWN_PREFIX) {
            let text = format!(
                "Routes under {WELL_KNOWN_PREFIX} are handled by the Spin runtime and will never be reached"
            );
            add(Problem::warning("app::reserved_route", text)
                .labelled("never reached")
                .help("give it another route"));
        }
        let earlier = by_text.insert(route, trigger);
        let same_paths = by_paths.entry(paths(&segments)).or_insert((route, trigger));
        if let Some(earlier) = earlier {
            let text = format!(
                "two triggers have the route {route}: {} and {}",
                earlier.id, trigger.id
            );
            add(Problem::warning("app::duplicate_route", text)
                .labelled("this later one answers")
                .help(another_route(earlier)));
        } else if same_paths.0 != route {
            let (other, earlier) = same_paths;
            let text = format!(
                "the routes {other} and {route} take the same paths: {} and {}",
                earlier.id, trigger.id
            );
            add(Problem::warning("app::duplicate_route", text)
                .labelled("never reached: of two spellings the earlier answers")
                .help(another_route(trigger)));
        }
    }
}

/// How to mend two routes of which that of `hidden` is never taken.
fn another_route(hidden: &Trigger) -> String {
    format!(
        "give one of them another route, or take it out: {} never runs for it",
        handler(hidden)
    )
}

fn handler(trigger: &Trigger) -> String {
    trigger.component.as_ref().map_or_else(
        || format!("the static response of {}", trigger.id),
        |id| format!("component {id:?}"),
    )
}

/// The same text for routes that take the same paths: how their parts are named doesn't matter.
fn paths(segments: &[Segment]) -> String {
    let part = |segment: &Segment| match segment {
        Segment::Slash => "/".to_owned(),
        Segment::Dot => ".".to_owned(),
        Segment::Param(_) => ":".to_owned(),
        Segment::Wildcard => "*".to_owned(),
        Segment::Exact(text) => format!("{text:?}"),
    };
    segments.iter().map(part).collect()
}
