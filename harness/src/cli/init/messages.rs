//! Scenarios of the Redis channels that the app listens on: a message on each, and what comes of it.

use super::one_line;
use super::trial::{Trial, escaped, given_empty, steady, then_hold};
use crate::sandbox::{RedisServer, Sandbox};
use crate::trigger::{MessageOutcome, RedisMessage};

/// What is published.
const MESSAGE: &str = "hello";

/// One for each channel of each server.
pub(super) fn scenarios(trial: &mut Trial<'_>) -> Result<Vec<String>, Option<String>> {
    let listened = trial.app.redis_channels();
    let mut channels: Vec<(&RedisServer, &str)> = Vec::new();
    for it in listened {
        let channel = (&it.server, it.channel.as_str());
        if is_quotable(&it.channel) && !channels.contains(&channel) {
            channels.push(channel);
        }
    }
    let mut scenarios = Vec::new();
    for &(server, channel) in &channels {
        let listeners = listened
            .iter()
            .filter(|it| (&it.server, it.channel.as_str()) == (server, channel));
        let components: Vec<&str> = listeners.map(|it| it.component.as_str()).collect();
        let is_of_several = channels
            .iter()
            .any(|(other, name)| *name == channel && *other != server);
        let server = is_of_several.then_some(server);
        scenarios.extend(scenario(trial, channel, server, &components)?);
    }
    Ok(scenarios)
}

/// `server` is the one that must be named.
fn scenario(
    trial: &mut Trial<'_>,
    channel: &str,
    server: Option<&RedisServer>,
    components: &[&str],
) -> Result<Option<String>, Option<String>> {
    let publish = |sandbox: &Sandbox| {
        let message = RedisMessage {
            channel: channel.to_owned(),
            payload: MESSAGE.into(),
            server: server.cloned(),
        };
        let handlings = futures::executor::block_on(sandbox.deliver(message)).ok()?;
        let outcomes = handlings
            .iter()
            .map(|it| outcome(&it.component, &it.outcome));
        outcomes.collect::<Option<Vec<_>>>()
    };
    let Some(both) = trial.twice(components, publish)? else {
        return Ok(None);
    };
    let stores = steady(&both);
    let [outcomes, others] = both.map(|tried| tried.result);
    if outcomes != others {
        return Ok(None);
    }
    let of = server.map_or_else(String::new, |server| format!(" of \"{server}\""));
    let name = one_line(channel);
    let mut text = format!(
        "\n  Scenario: a Redis message on {name}{}\n",
        of.replace('"', "")
    );
    given_empty(&mut text, &stores);
    text.push_str(&format!(
        "    When a Redis message \"{MESSAGE}\" arrives on channel \"{}\"{of}\n",
        escaped(channel)
    ));
    let mut steps: Vec<String> = outcomes.into_iter().flatten().collect();
    if steps.is_empty() {
        steps.push("the message was handled".to_owned());
    }
    for (keyword, step) in std::iter::once("Then")
        .chain(std::iter::repeat("And"))
        .zip(steps)
    {
        text.push_str(&format!("    {keyword} {step}\n"));
    }
    then_hold(&mut text, &stores);
    Ok(Some(text))
}

/// The step that says how a component failed, if it did; nothing where no step can say so.
fn outcome(component: &str, outcome: &MessageOutcome) -> Option<Option<String>> {
    Some(match outcome {
        MessageOutcome::Handled => None,
        MessageOutcome::Failed(failure) => {
            let failure = failure.to_string();
            let said = format!("handling the message failed with \"{}\"", escaped(&failure));
            Some(is_quotable(&failure).then_some(said)?)
        }
        MessageOutcome::Trapped(_) => Some(format!("component \"{component}\" trapped")),
    })
}

/// Whether a step can have a text in quotes.
fn is_quotable(text: &str) -> bool {
    !text.contains("${") && text.chars().all(|c| !c.is_control())
}
