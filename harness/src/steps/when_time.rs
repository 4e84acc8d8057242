//! When steps in which nothing is sent: time passes, and values are remembered.

use super::{Failed, World};
use crate::value::{JsonPath, parse_duration, parse_json};
use cucumber::when;

#[when(regex = r"^(\d+(?:\.\d+)? ?[A-Za-z]+) pass(?:es)?$")]
async fn time_passes(world: &mut World, time: String) -> Result<(), Failed> {
    let time = parse_duration(&time).map_err(Failed::explained)?;
    world.session()?.clone().pass(time).await;
    Ok(())
}

#[when(expr = "I remember the JSON path {string} as {string}")]
fn remember_json(world: &mut World, path: String, name: String) -> Result<(), Failed> {
    let (path, name) = (world.text(&path)?, world.text(&name)?);
    let path = JsonPath::parse(&path).map_err(Failed::explained)?;
    let json = parse_json(world.response()?.body())?;
    let value = match path.one(&json).map_err(Failed::explained)? {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    world.remember_checked(name, value)
}

#[when(expr = "I remember the response body as {string}")]
fn remember_body(world: &mut World, name: String) -> Result<(), Failed> {
    let name = world.text(&name)?;
    let body = world.response()?.body();
    let Ok(text) = std::str::from_utf8(body) else {
        return Err(Failed::new(format!(
            "the response body is no text that could be remembered: {}",
            crate::value::show(body)
        )));
    };
    let text = text.to_owned();
    world.remember_checked(name, text)
}

#[when(expr = "I remember the response header {string} as {string}")]
fn remember_header(world: &mut World, header: String, name: String) -> Result<(), Failed> {
    let (header, name) = (world.text(&header)?, world.text(&name)?);
    let Some(value) = world.response()?.header(&header) else {
        return Err(super::then_response::no_such_header(
            world.response()?,
            &header,
        ));
    };
    world.remember_checked(name, value)
}

impl World {
    /// A name that `${name}` can't say would never be found.
    fn remember_checked(&mut self, name: String, value: String) -> Result<(), Failed> {
        if name.is_empty() || name.contains('}') {
            return Err(Failed::new(format!(
                "{name:?} can't be a name: `${{name}}` could not say it"
            )));
        }
        self.remember(name, value);
        Ok(())
    }
}
