//! Steps about messages on Redis channels: when one arrives, and what came of it.

use super::{Failed, World};
use crate::sandbox::RedisAddress;
use crate::trigger::{MessageHandling, MessageOutcome, RedisMessage};
use crate::value::{Value, visible};
use bytes::Bytes;
use cucumber::gherkin::Step;
use cucumber::{then, when};

#[when(expr = "a Redis message {string} arrives on channel {string}")]
async fn arrives(world: &mut World, text: String, channel: String) -> Result<(), Failed> {
    let payload = world.payload(&text)?;
    world.deliver(payload, &channel, None).await
}

#[when(expr = "a Redis message {string} arrives on channel {string} of {string}")]
async fn arrives_of(
    world: &mut World,
    text: String,
    channel: String,
    address: String,
) -> Result<(), Failed> {
    let payload = world.payload(&text)?;
    world.deliver(payload, &channel, Some(&address)).await
}

#[when(expr = "a Redis message arrives on channel {string} with the message:")]
async fn arrives_with(world: &mut World, channel: String, step: &Step) -> Result<(), Failed> {
    let payload = world.doc_string(step)?.into();
    world.deliver(payload, &channel, None).await
}

#[then(expr = "the message was handled")]
fn was_handled(world: &mut World) -> Result<(), Failed> {
    let handlings = &world.message()?.1;
    let bad = handlings
        .iter()
        .filter(|it| it.outcome != MessageOutcome::Handled);
    let bad: Vec<String> = bad.map(described).collect();
    match bad.is_empty() {
        true => Ok(()),
        false => Err(Failed::new("the message was not handled").note(&bad.join("\n"))),
    }
}

#[then(expr = "handling the message failed with {string}")]
fn failed_with(world: &mut World, error: String) -> Result<(), Failed> {
    let error = world.text(&error)?;
    let handlings = &world.message()?.1;
    let is_it = |it: &MessageHandling| match &it.outcome {
        MessageOutcome::Failed(failure) => failure.to_string() == error,
        _ => false,
    };
    if handlings.iter().any(is_it) {
        return Ok(());
    }
    let all: Vec<String> = handlings.iter().map(described).collect();
    let message = format!(
        "handling the message did not fail with \"{}\"",
        visible(&error)
    );
    Err(Failed::new(message).note(&all.join("\n")))
}

/// What came of it, with the component.
pub(super) fn described(handling: &MessageHandling) -> String {
    let component = &handling.component;
    match &handling.outcome {
        MessageOutcome::Handled => format!("component \"{component}\" handled it"),
        MessageOutcome::Failed(failure) => {
            let failure = failure.to_string();
            format!(
                "component \"{component}\" failed with \"{}\"",
                visible(&failure)
            )
        }
        // It says which component.
        MessageOutcome::Trapped(why) => why.clone(),
    }
}

impl World {
    fn payload(&self, text: &str) -> Result<Bytes, Failed> {
        let text = self.text(text)?;
        let value = Value::parse(&text, self.base_dir()?).map_err(Failed::explained)?;
        Ok(value.into_bytes())
    }

    async fn deliver(
        &mut self,
        payload: Bytes,
        channel: &str,
        address: Option<&str>,
    ) -> Result<(), Failed> {
        let address = address.map(|address| self.text(address)).transpose()?;
        let address = address
            .map(|address| RedisAddress::parse(&address))
            .transpose()?;
        let message = RedisMessage {
            channel: self.text(channel)?,
            payload,
            server: address.map(|address| address.server().clone()),
        };
        self.send_message(message).await
    }
}
