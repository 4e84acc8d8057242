//! MQTT brokers: none is there, and each takes what guests publish to it. The messages are written down.

mod broker;
mod publish;

pub(crate) use broker::Broker;
pub(crate) use publish::Publishing;

use super::kept::Kept;
use bytes::Bytes;
use std::fmt;
use std::sync::Arc;

/// How sure a message is to arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Qos {
    /// It may be lost.
    AtMostOnce,
    /// It arrives, perhaps more than once.
    AtLeastOnce,
    /// It arrives once.
    ExactlyOnce,
}

/// As the interface has it.
impl fmt::Display for Qos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AtMostOnce => "at-most-once",
            Self::AtLeastOnce => "at-least-once",
            Self::ExactlyOnce => "exactly-once",
        })
    }
}

/// A message that a broker took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MqttMessage {
    /// The component that published it.
    pub component: Arc<str>,
    /// The broker, without the name and the password of the user: `mqtt://localhost:1883`.
    pub address: Arc<str>,
    /// The topic.
    pub topic: String,
    /// What it says.
    pub payload: Bytes,
    /// How sure it is to arrive.
    pub qos: Qos,
}

/// What was published so far.
#[derive(Debug, Default)]
pub struct Mqtt {
    messages: Vec<MqttMessage>,
    pub(in crate::sandbox) kept: Kept,
}

impl Mqtt {
    /// The messages, in the order in which brokers took them.
    pub fn messages(&self) -> &[MqttMessage] {
        &self.messages
    }
}
