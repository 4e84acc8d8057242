//! Scenarios of the HTTP routes: a GET of each, and what it answers.

use super::one_line;
use super::trial::{Trial, escaped, given_empty, steady, then_hold};
use crate::app::HttpRoute;
use crate::sandbox::Sandbox;
use crate::trigger::Request;

/// Longest body that a scenario quotes, in characters.
const MOST_QUOTED: usize = 60;

/// What the app answered to a request, and what it left in the stores that the component may open.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    status: u16,
    body: Option<String>,
    stores: Vec<(String, usize)>,
}

/// One for each route that can be called.
pub(super) fn scenarios(trial: &mut Trial<'_>) -> Result<Vec<String>, Option<String>> {
    let manifest = trial.manifest;
    let router = trial.app.router();
    let mut scenarios = Vec::new();
    for (trigger, http) in manifest.http_triggers() {
        let HttpRoute::Route(route) = &http.route else {
            continue;
        };
        let Some(path) = sample(route) else { continue };
        // Where several routes fit the path, another trigger may be the one that answers.
        if router
            .route(&path)
            .is_none_or(|found| found.raw_route != *route)
        {
            continue;
        }
        let components: Vec<&str> = trigger.component.as_deref().into_iter().collect();
        if let Some(answer) = ask(trial, &path, &components)? {
            scenarios.push(scenario(route, &path, &answer));
        }
    }
    Ok(scenarios)
}

/// What the app answers to a GET; what of it depends on chance or on the time of day is left out.
fn ask(
    trial: &mut Trial<'_>,
    path: &str,
    components: &[&str],
) -> Result<Option<Answer>, Option<String>> {
    let get = |sandbox: &Sandbox| {
        let request = Request::new("GET", path).ok()?;
        let response = sandbox.send_blocking(request);
        let body = std::str::from_utf8(response.body()).ok();
        let body = body.filter(|text| is_quotable(text)).map(str::to_owned);
        Some((response.status(), body))
    };
    let Some(both) = trial.twice(components, get)? else {
        return Ok(None);
    };
    let stores = steady(&both);
    let [(status, body), (other_status, other_body)] = both.map(|tried| tried.result);
    Ok((status == other_status).then(|| Answer {
        status,
        body: body.filter(|body| other_body.as_ref() == Some(body)),
        stores,
    }))
}

fn scenario(route: &str, path: &str, answer: &Answer) -> String {
    let mut text = format!("\n  Scenario: GET {}\n", one_line(route));
    given_empty(&mut text, &answer.stores);
    text.push_str(&format!("    When I send GET \"{path}\"\n"));
    text.push_str(&format!(
        "    Then the response status is {}\n",
        answer.status
    ));
    match answer.body.as_deref() {
        Some("") => text.push_str("    And the response body is empty\n"),
        Some(body) => text.push_str(&format!(
            "    And the response body is \"{}\"\n",
            escaped(body)
        )),
        None => {}
    }
    then_hold(&mut text, &answer.stores);
    text
}

/// A path that a route fits: `1` for every name in it, nothing for what may follow.
fn sample(route: &str) -> Option<String> {
    let segments = route.trim_end_matches("...").split('/');
    let path = segments
        .map(|segment| {
            if segment.starts_with(':') {
                "1"
            } else {
                segment
            }
        })
        .collect::<Vec<_>>()
        .join("/");
    let path = match path.trim_end_matches('/') {
        "" => "/".to_owned(),
        path => path.to_owned(),
    };
    let plain = |character: char| character.is_ascii_graphic() && !"\"\\$*<>".contains(character);
    (path.starts_with('/') && path.chars().all(plain)).then_some(path)
}

/// Whether a step can quote a body and a person wants to read it.
fn is_quotable(text: &str) -> bool {
    text.chars().count() <= MOST_QUOTED
        && !text.contains("${")
        && text.trim() == text
        && text.chars().all(|c| !c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_route_has_a_sample() {
        let samples = [
            ("/", "/"),
            ("/...", "/"),
            ("/a/...", "/a"),
            ("/a/:id/b", "/a/1/b"),
            ("/:x/...", "/1"),
        ];
        for (route, path) in samples {
            assert_eq!(sample(route).as_deref(), Some(path), "{route}");
        }
        assert_eq!(sample("/a\"b"), None);
    }

    #[test]
    fn a_scenario_says_what_came_back() {
        let answer = Answer {
            status: 200,
            body: Some(r#"a "b" \"#.into()),
            stores: vec![("default".into(), 1)],
        };
        assert_eq!(
            scenario("/...", "/", &answer),
            "\n  Scenario: GET /...\n    Given the key-value store \"default\" is empty\n    When I send GET \"/\"\n    \
             Then the response status is 200\n    And the response body is \"a \\\"b\\\" \\\\\"\n    \
             And the key-value store \"default\" holds 1 tuple\n"
        );
    }
}
