//! `fermyon:spin/mqtt@2.0.0`: a connection is a resource.

use crate::host::InstanceState;
use crate::host::bindings::mqtt_2::{Connection, Error, Host, HostConnection, Qos};
use crate::sandbox::service::mqtt::MQTT_2;
use crate::sandbox::{self, Failure, Publishing};
use wasmtime::component::Resource;

fn say(failure: Failure) -> Error {
    let text = failure.text().to_owned();
    match failure.case() {
        "invalid-address" => Error::InvalidAddress,
        "too-many-connections" => Error::TooManyConnections,
        "connection-failed" => Error::ConnectionFailed(text),
        // The gate lets no other case through to this interface.
        _ => Error::Other(text),
    }
}

impl Host for InstanceState {}

impl HostConnection for InstanceState {
    async fn open(
        &mut self,
        address: String,
        _username: String,
        _password: String,
        _keep_alive_interval_in_secs: u64,
    ) -> wasmtime::Result<Result<Resource<Connection>, Error>> {
        let open = self.mqtt.len();
        let opened = self
            .session
            .open_mqtt(&self.caller, &MQTT_2, &address, open)
            .await?;
        Ok(opened
            .map(|broker| Resource::new_own(self.mqtt.push(broker)))
            .map_err(say))
    }

    async fn publish(
        &mut self,
        connection: Resource<Connection>,
        topic: String,
        payload: Vec<u8>,
        qos: Qos,
    ) -> wasmtime::Result<Result<(), Error>> {
        let broker = self.mqtt.get(connection.rep());
        let publishing = Publishing {
            topic,
            payload: payload.into(),
            qos: match qos {
                Qos::AtMostOnce => sandbox::Qos::AtMostOnce,
                Qos::AtLeastOnce => sandbox::Qos::AtLeastOnce,
                Qos::ExactlyOnce => sandbox::Qos::ExactlyOnce,
            },
        };
        let published = self
            .session
            .publish_mqtt(&self.caller, &MQTT_2, broker, publishing)
            .await?;
        Ok(published.map_err(say))
    }

    async fn drop(&mut self, connection: Resource<Connection>) -> wasmtime::Result<()> {
        self.mqtt.remove(connection.rep());
        Ok(())
    }
}
