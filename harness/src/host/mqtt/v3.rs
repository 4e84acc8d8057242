//! `spin:mqtt/mqtt@3.0.0`: every call is asynchronous.

use crate::host::InstanceState;
use crate::host::bindings::mqtt_3::{
    Connection, Error, Host, HostConnection, HostConnectionWithStore, Qos,
};
use crate::host::instance::asynchronous_caller;
use crate::sandbox::service::mqtt::MQTT_3;
use crate::sandbox::{self, Failure, Publishing};
use wasmtime::component::{Accessor, HasSelf, Resource};

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
    async fn drop(&mut self, connection: Resource<Connection>) -> wasmtime::Result<()> {
        self.mqtt.remove(connection.rep());
        Ok(())
    }
}

impl<T: Send> HostConnectionWithStore<T> for HasSelf<InstanceState> {
    async fn open(
        accessor: &Accessor<T, Self>,
        address: String,
        _username: String,
        _password: String,
        _keep_alive_interval_in_secs: u64,
    ) -> wasmtime::Result<Result<Resource<Connection>, Error>> {
        let (session, caller, open) = accessor.with(|mut access| {
            let caller = asynchronous_caller(&mut access)?;
            let state = access.get();
            wasmtime::error::Ok((state.session.clone(), caller, state.mqtt.len()))
        })?;
        let opened = session.open_mqtt(&caller, &MQTT_3, &address, open).await?;
        Ok(match opened {
            Ok(broker) => {
                let handle = accessor.with(|mut access| access.get().mqtt.push(broker));
                Ok(Resource::new_own(handle))
            }
            Err(failure) => Err(say(failure)),
        })
    }

    async fn publish(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        topic: String,
        payload: Vec<u8>,
        qos: Qos,
    ) -> wasmtime::Result<Result<(), Error>> {
        let (session, caller, broker) = accessor.with(|mut access| {
            let caller = asynchronous_caller(&mut access)?;
            let state = access.get();
            let broker = state.mqtt.get(connection.rep()).cloned();
            wasmtime::error::Ok((state.session.clone(), caller, broker))
        })?;
        let publishing = Publishing {
            topic,
            payload: payload.into(),
            qos: match qos {
                Qos::AtMostOnce => sandbox::Qos::AtMostOnce,
                Qos::AtLeastOnce => sandbox::Qos::AtLeastOnce,
                Qos::ExactlyOnce => sandbox::Qos::ExactlyOnce,
            },
        };
        let published = session
            .publish_mqtt(&caller, &MQTT_3, broker.as_ref(), publishing)
            .await?;
        Ok(published.map_err(say))
    }
}
