//! MQTT as the gate sees it.

use super::{ErrorCase, Family, ServiceInterface, ServiceOperation, Turns};
use crate::sandbox::KeyPattern;

/// The first word of its operations.
const FAMILY: &str = "mqtt";

/// What a component can do with a broker.
pub(super) static SERVICE: Family = Family {
    name: FAMILY,
    interfaces: &[&MQTT_2, &MQTT_3],
    operations: &[&OPEN, &PUBLISH],
    key_words: "on topic",
    label_words: Some("at"),
    normal_label: crate::value::without_secrets,
    key_pattern: KeyPattern::new,
    answers_in_turn: |_| false,
    swept: |_, _, _| true,
};

/// What both interfaces have.
const MQTT: ServiceInterface = ServiceInterface {
    name: "fermyon:spin/mqtt@2.0.0",
    family: FAMILY,
    errors: &[
        ErrorCase::plain("invalid-address"),
        ErrorCase::plain("too-many-connections"),
        ErrorCase::with_text("connection-failed"),
        ErrorCase::with_text("other"),
    ],
    injected: "connection-failed: injected failure",
    injected_after: "connection-failed: injected failure",
    is_async: false,
    turns: Turns::WhereTold,
    also: &[],
};

/// `fermyon:spin/mqtt@2.0.0`.
pub(crate) static MQTT_2: ServiceInterface = MQTT;

/// `spin:mqtt/mqtt@3.0.0`.
pub(crate) static MQTT_3: ServiceInterface = ServiceInterface {
    name: "spin:mqtt/mqtt@3.0.0",
    is_async: true,
    ..MQTT
};

/// A connection: its label is the address without its secrets, its key nothing.
pub(crate) static OPEN: ServiceOperation = ServiceOperation::opens("mqtt open");

/// A message: its label is the address of the connection, its key the topic.
pub(crate) static PUBLISH: ServiceOperation =
    ServiceOperation::writes("mqtt publish").that_can_be_lost();
