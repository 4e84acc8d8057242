//! Application variables for guests: four interfaces over what the app's files and the scenario say.

use super::InstanceState;
use super::bindings::{config_1, variables_2, variables_3, wasi_config};
use crate::sandbox::service::variables::{CONFIG, VARIABLES_2, VARIABLES_3, WASI_CONFIG};
use crate::sandbox::{Failure, ServiceInterface};
use wasmtime::component::{Accessor, HasSelf};

impl InstanceState {
    async fn variable(
        &mut self,
        interface: &'static ServiceInterface,
        name: &str,
    ) -> wasmtime::Result<Result<String, Failure>> {
        let value = self.session.get_variable(&self.caller, interface, name);
        Ok(value.await?)
    }
}

impl config_1::Host for InstanceState {
    async fn get_config(
        &mut self,
        key: String,
    ) -> wasmtime::Result<Result<String, config_1::Error>> {
        let value = self.variable(&CONFIG, &key).await?;
        Ok(value.map_err(|failure| {
            let text = failure.text().to_owned();
            match failure.case() {
                "invalid-key" => config_1::Error::InvalidKey(text),
                "invalid-schema" => config_1::Error::InvalidSchema(text),
                "provider" => config_1::Error::Provider(text),
                // The gate lets no other case through to this interface.
                _ => config_1::Error::Other(text),
            }
        }))
    }
}

impl variables_2::Host for InstanceState {
    async fn get(&mut self, name: String) -> wasmtime::Result<Result<String, variables_2::Error>> {
        let value = self.variable(&VARIABLES_2, &name).await?;
        Ok(value.map_err(|failure| {
            let text = failure.text().to_owned();
            match failure.case() {
                "invalid-name" => variables_2::Error::InvalidName(text),
                "undefined" => variables_2::Error::Undefined(text),
                "provider" => variables_2::Error::Provider(text),
                _ => variables_2::Error::Other(text),
            }
        }))
    }
}

impl variables_3::Host for InstanceState {}

impl<T: Send> variables_3::HostWithStore<T> for HasSelf<InstanceState> {
    async fn get(
        accessor: &Accessor<T, Self>,
        name: String,
    ) -> wasmtime::Result<Result<String, variables_3::Error>> {
        let (session, caller) = accessor.with(|mut access| {
            let state = access.get();
            (state.session.clone(), state.caller.clone())
        });
        let value = session.get_variable(&caller, &VARIABLES_3, &name).await?;
        Ok(value.map_err(|failure| {
            let text = failure.text().to_owned();
            match failure.case() {
                "invalid-name" => variables_3::Error::InvalidName(text),
                "undefined" => variables_3::Error::Undefined(text),
                "provider" => variables_3::Error::Provider(text),
                _ => variables_3::Error::Other(text),
            }
        }))
    }
}

impl wasi_config::Host for InstanceState {
    async fn get(
        &mut self,
        key: String,
    ) -> wasmtime::Result<Result<Option<String>, wasi_config::Error>> {
        let value = self.variable(&WASI_CONFIG, &key).await?;
        Ok(match value {
            Ok(value) => Ok(Some(value)),
            Err(failure) if ["undefined", "invalid-name"].contains(&failure.case()) => Ok(None),
            Err(failure) => Err(upstream_or_io(&failure)),
        })
    }

    async fn get_all(
        &mut self,
    ) -> wasmtime::Result<Result<Vec<(String, String)>, wasi_config::Error>> {
        let names = self.session.variable_names(&self.caller.component);
        let mut all = Vec::with_capacity(names.len());
        for name in names {
            match self.variable(&WASI_CONFIG, &name).await? {
                Ok(value) => all.push((name, value)),
                Err(failure) => return Ok(Err(upstream_or_io(&failure))),
            }
        }
        Ok(Ok(all))
    }
}

fn upstream_or_io(failure: &Failure) -> wasi_config::Error {
    let text = failure.text().to_owned();
    match failure.case() {
        "upstream" => wasi_config::Error::Upstream(text),
        _ => wasi_config::Error::Io(text),
    }
}
