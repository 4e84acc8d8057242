//! The way of a connection and of a message to a broker through the gate.

use super::{Broker, MqttMessage, Qos};
use crate::sandbox::service::mqtt::{OPEN, PUBLISH};
use crate::sandbox::service::{Failure, ServiceInterface};
use crate::sandbox::session::Session;
use crate::sandbox::{Asked, CallTrap, Caller, Changes, Keep, MOST_CONNECTIONS, Served};
use crate::value::without_secrets;
use bytes::Bytes;
use std::sync::Arc;

/// A message on its way.
#[derive(Debug)]
pub(crate) struct Publishing {
    pub topic: String,
    pub payload: Bytes,
    pub qos: Qos,
}

impl Session {
    /// Opens a connection, where `open` are open already. The outer error ends the instance.
    ///
    /// As Spin does, it says nothing to the broker: whether one is there shows when something is published.
    pub(crate) async fn open_mqtt(
        &self,
        caller: &Caller,
        interface: &'static ServiceInterface,
        address: &str,
        open: usize,
    ) -> Result<Result<Broker, Failure>, CallTrap> {
        // Journals are read by others: an address may have a password in it.
        let label = without_secrets(address);
        let is_allowed = self
            .allowed_host(&caller.component, address, "mqtt")
            .is_some();
        let not_permitted = |address: &str| {
            let text = format!("address {address} is not permitted");
            Failure::with_text("connection-failed", text)
        };
        let asked = Asked {
            interface,
            operation: &OPEN,
            label: &label,
            key: String::new(),
            size: 0,
            changes: Changes::Nothing,
            admitted: match is_allowed {
                true => Ok(()),
                false => Err(not_permitted(&label)),
            },
        };
        let connect = |_| async move {
            let reply = match Broker::parse(address) {
                None => Err(Failure::new("invalid-address")),
                Some(_) if open >= MOST_CONNECTIONS => Err(Failure::new("too-many-connections")),
                Some(broker) => Ok(broker),
            };
            Ok(Served {
                reply,
                size: 0,
                note: None,
            })
        };
        let answer = self.service_call(caller, asked, connect).await?;
        // The guest, which knows it, is told the address as it gave it.
        Ok(answer.map_err(|failure| match is_allowed {
            true => failure,
            false => not_permitted(address),
        }))
    }

    /// Publishes a message on a connection; `None` is one that is not open. The outer error ends the instance.
    pub(crate) async fn publish_mqtt(
        &self,
        caller: &Caller,
        interface: &'static ServiceInterface,
        broker: Option<&Broker>,
        publishing: Publishing,
    ) -> Result<Result<(), Failure>, CallTrap> {
        let Publishing {
            topic,
            payload,
            qos,
        } = publishing;
        let size = payload.len();
        let asked = Asked {
            interface,
            operation: &PUBLISH,
            label: broker.map_or("", |broker| &broker.label),
            key: topic.clone(),
            size,
            changes: Changes::of(&PUBLISH, true),
            admitted: match broker {
                Some(_) => Ok(()),
                None => Err(Failure::with_text(
                    "other",
                    "could not find connection for resource",
                )),
            },
        };
        let publish = |keep| async move {
            let refused = self.too_large_for_config(size).or_else(|| {
                let why = broker?.refuses(&topic, size, qos)?;
                Some(Failure::with_text("connection-failed", why))
            });
            let reply = match refused {
                Some(failure) => Err(failure),
                None => Ok(()),
            };
            if reply.is_ok() && keep == Keep::Kept {
                let mut state = self.state();
                let bytes = size + topic.len();
                state.mqtt.kept.add(1, bytes, "MQTT messages")?;
                state.mqtt.messages.push(MqttMessage {
                    component: Arc::clone(&caller.component),
                    address: broker.map_or_else(|| Arc::from(""), |it| Arc::clone(&it.label)),
                    topic,
                    payload,
                    qos,
                });
            }
            Ok(Served {
                reply,
                size: 0,
                note: None,
            })
        };
        self.service_call(caller, asked, publish).await
    }

    /// What Spin says to a message that is larger than `[outbound_mqtt]` of the runtime config lets it be.
    fn too_large_for_config(&self, size: usize) -> Option<Failure> {
        let config = &self.app().locked().runtime_config;
        let section = config.connections.get("outbound_mqtt")?;
        let limit = section.get("max_payload_size_bytes")?.as_integer()?;
        let is_larger = i64::try_from(size).map_or(true, |size| size > limit);
        is_larger.then(|| {
            let text =
                format!("payload size {size} exceeds the maximum allowed size of {limit} bytes");
            Failure::with_text("other", text)
        })
    }
}
