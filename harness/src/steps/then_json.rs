//! Then steps about the JSON in a response's body.

use super::then_response::differs;
use super::{Failed, World};
use crate::value::{JsonPath, contains_json, equal_json, parse_json, show_json};
use cucumber::gherkin::Step;
use cucumber::then;
use serde_json::Value as Json;

#[then(expr = "the response body is JSON:")]
fn body_is_json(world: &mut World, step: &Step) -> Result<(), Failed> {
    let expected = world.expected_json(step)?;
    let actual = world.actual_json()?;
    equal_json(&actual, &expected).map_err(|differences| {
        let text = format!("the response body is other JSON than expected:\n{differences}");
        world.unexpected(text)
    })
}

#[then(expr = "the response body contains JSON:")]
fn body_contains_json(world: &mut World, step: &Step) -> Result<(), Failed> {
    let expected = world.expected_json(step)?;
    let actual = world.actual_json()?;
    contains_json(&actual, &expected).map_err(|differences| {
        let text = format!("the response body lacks a part of the expected JSON:\n{differences}");
        world.unexpected(text)
    })
}

// Everything after "is" must be JSON; "is" itself keeps it apart from "exists" and "does not exist".
#[then(regex = r#"^the JSON path "((?:[^"\\]|\\.)*)" is (.+)$"#)]
fn path_is(world: &mut World, path: String, expected: String) -> Result<(), Failed> {
    let path = world.json_path(&path)?;
    let expected = world.json(&expected).map_err(|error| {
        error.note(
            "a JSON value follows `is`: 3, true, null, [1, 2] or, for text, \"text\" in quotes",
        )
    })?;
    let json = world.actual_json()?;
    let actual = path
        .one(&json)
        .map_err(|error| world.unexpected(Failed::explained(error).message().to_owned()))?;
    equal_json(actual, &expected).map_err(|_| {
        let what = format!("the value at {}", path.as_str());
        world.unexpected(differs(&what, &show_json(&expected), &show_json(actual)))
    })
}

#[then(expr = "the JSON path {string} exists")]
fn path_exists(world: &mut World, path: String) -> Result<(), Failed> {
    let path = world.json_path(&path)?;
    let json = world.actual_json()?;
    if path.exists(&json) {
        return Ok(());
    }
    Err(world.unexpected(format!(
        "nothing is at {} in {}",
        path.as_str(),
        show_json(&json)
    )))
}

#[then(expr = "the JSON path {string} does not exist")]
fn path_does_not_exist(world: &mut World, path: String) -> Result<(), Failed> {
    let path = world.json_path(&path)?;
    let json = world.actual_json()?;
    match path.all(&json).first() {
        None => Ok(()),
        Some(found) => Err(world.unexpected(differs(
            &format!("the value at {}", path.as_str()),
            "nothing",
            &show_json(found),
        ))),
    }
}

impl World {
    fn json_path(&self, path: &str) -> Result<JsonPath, Failed> {
        JsonPath::parse(&self.text(path)?).map_err(Failed::explained)
    }

    fn expected_json(&self, step: &Step) -> Result<Json, Failed> {
        // For its message when there is no doc string; remembered values are filled in with the JSON's structure in mind.
        let text = match &step.docstring {
            Some(text) => crate::value::doc_string(text),
            None => return self.doc_string(step).map(Json::String),
        };
        self.json(text)
            .map_err(|error| error.note("it is what this step expects"))
    }

    fn actual_json(&self) -> Result<Json, Failed> {
        parse_json(self.response()?.body())
            .map_err(|error| self.unexpected(format!("the response body: {error}")))
    }
}
