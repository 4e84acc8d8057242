//! Then steps about what guests published to MQTT brokers.

use super::table::Column;
use super::world::number;
use super::{Failed, World};
use crate::sandbox::MqttMessage;
use crate::value::{show, times, visible};
use cucumber::gherkin::Step;
use cucumber::then;

/// The columns of a table of messages.
const COLUMNS: [&str; 5] = ["component", "address", "topic", "message", "qos"];

#[then(expr = "the MQTT message {string} was published on topic {string}")]
fn was_published(world: &mut World, message: String, topic: String) -> Result<(), Failed> {
    let message = world.body(&world.text(&message)?)?;
    let topic = world.text(&topic)?;
    world.session()?.with_mqtt(|mqtt| {
        let mut messages = mqtt.messages().iter();
        if messages.any(|it| it.topic == topic && it.payload == message) {
            return Ok(());
        }
        Err(Failed::new(format!(
            "the MQTT message {} was not published on topic \"{}\"",
            show(&message),
            visible(&topic)
        ))
        .note(&listed(mqtt.messages())))
    })
}

#[then(expr = "{int} MQTT message(s) was/were published on topic {string}")]
fn so_many_were_published(world: &mut World, count: String, topic: String) -> Result<(), Failed> {
    let expected: usize = number(&count, "a number of messages")?;
    let topic = world.text(&topic)?;
    world.session()?.with_mqtt(|mqtt| {
        let on_topic = mqtt.messages().iter().filter(|it| it.topic == topic);
        let count = on_topic.count();
        if count == expected {
            return Ok(());
        }
        Err(Failed::new(format!(
            "on topic \"{}\" something was published {} and not {}",
            visible(&topic),
            times(count),
            times(expected)
        ))
        .note(&listed(mqtt.messages())))
    })
}

#[then(expr = "no MQTT message was published")]
fn none_was_published(world: &mut World) -> Result<(), Failed> {
    world
        .session()?
        .with_mqtt(|mqtt| match mqtt.messages().is_empty() {
            true => Ok(()),
            false => {
                Err(Failed::new("an MQTT message was published").note(&listed(mqtt.messages())))
            }
        })
}

#[then(expr = "the MQTT messages are:")]
fn messages_are(world: &mut World, step: &Step) -> Result<(), Failed> {
    let table = world.table(step, COLUMNS.map(Column::Optional))?;
    let actual: Vec<_> = world
        .session()?
        .with_mqtt(|mqtt| mqtt.messages().iter().map(row).collect());
    world.rows_are("the MQTT messages", &table, &actual, &COLUMNS)
}

fn row(message: &MqttMessage) -> [String; 5] {
    [
        message.component.to_string(),
        message.address.to_string(),
        message.topic.clone(),
        String::from_utf8_lossy(&message.payload).into_owned(),
        message.qos.to_string(),
    ]
}

/// The first messages for a message of ours.
fn listed(messages: &[MqttMessage]) -> String {
    let lines: Vec<_> = messages
        .iter()
        .take(10)
        .map(|message| {
            let (topic, payload) = (visible(&message.topic), show(&message.payload));
            format!("  {}: {payload} on \"{topic}\"", message.component)
        })
        .collect();
    match lines.is_empty() {
        true => "no MQTT message was published".to_owned(),
        false => lines.join("\n"),
    }
}
