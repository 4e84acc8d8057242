//! Application variables for guests: four interfaces over what the app's files and the scenario say.

use super::InstanceState;
use super::bindings::{config_1, variables_2, variables_3, wasi_config};
use crate::app::VariableError;
use crate::sandbox::{Call, Outcome, Service};
use wasmtime::component::{Accessor, HasSelf};

impl InstanceState {
    /// Looks a variable up and writes the call into the journal.
    fn variable(&self, interface: &'static str, name: &str) -> Result<String, VariableError> {
        let value = self.session.app().variable(&self.caller.component, name);
        let outcome = match &value {
            Ok(_) => Outcome::Ok,
            Err(error) => Outcome::Failed(error.to_string()),
        };
        let mut state = self.session.state();
        self.session.journal(
            &mut state,
            Call {
                sequence: 0,
                time: self.session.clock().elapsed(),
                component: self.caller.component.clone(),
                instance: self.caller.instance,
                service: Service::Variables(interface),
                store: self.session.no_label(),
                key: name.to_owned(),
                size: value.as_ref().map_or(0, String::len),
                outcome,
                fault: None,
                note: None,
            },
        );
        value
    }
}

impl config_1::Host for InstanceState {
    async fn get_config(
        &mut self,
        key: String,
    ) -> wasmtime::Result<Result<String, config_1::Error>> {
        Ok(self
            .variable("fermyon:spin/config", &key)
            .map_err(|error| match error {
                VariableError::InvalidName(text) => config_1::Error::InvalidKey(text),
                // Spin gives an undefined variable as a provider's error here, and any other in its debug form.
                VariableError::Undefined(text) => config_1::Error::Provider(text),
                VariableError::Provider(text) => {
                    config_1::Error::Other(format!("Error::Provider({text:?})"))
                }
                VariableError::Other(text) => {
                    config_1::Error::Other(format!("Error::Other({text:?})"))
                }
            }))
    }
}

impl variables_2::Host for InstanceState {
    async fn get(&mut self, name: String) -> wasmtime::Result<Result<String, variables_2::Error>> {
        Ok(self
            .variable("fermyon:spin/variables@2.0.0", &name)
            .map_err(|error| match error {
                VariableError::InvalidName(text) => variables_2::Error::InvalidName(text),
                VariableError::Undefined(text) => variables_2::Error::Undefined(text),
                VariableError::Provider(text) => variables_2::Error::Provider(text),
                VariableError::Other(text) => variables_2::Error::Other(text),
            }))
    }
}

impl variables_3::Host for InstanceState {}

impl<T: Send> variables_3::HostWithStore<T> for HasSelf<InstanceState> {
    async fn get(
        accessor: &Accessor<T, Self>,
        name: String,
    ) -> wasmtime::Result<Result<String, variables_3::Error>> {
        let value = accessor.with(|mut access| {
            access
                .get()
                .variable("spin:variables/variables@3.0.0", &name)
        });
        Ok(value.map_err(|error| match error {
            VariableError::InvalidName(text) => variables_3::Error::InvalidName(text),
            VariableError::Undefined(text) => variables_3::Error::Undefined(text),
            VariableError::Provider(text) => variables_3::Error::Provider(text),
            VariableError::Other(text) => variables_3::Error::Other(text),
        }))
    }
}

const WASI_CONFIG: &str = "wasi:config/store@0.2.0-draft-2024-09-27";

impl wasi_config::Host for InstanceState {
    async fn get(
        &mut self,
        key: String,
    ) -> wasmtime::Result<Result<Option<String>, wasi_config::Error>> {
        Ok(match self.variable(WASI_CONFIG, &key) {
            Ok(value) => Ok(Some(value)),
            Err(VariableError::Undefined(_) | VariableError::InvalidName(_)) => Ok(None),
            Err(error) => Err(upstream_or_io(error)),
        })
    }

    async fn get_all(
        &mut self,
    ) -> wasmtime::Result<Result<Vec<(String, String)>, wasi_config::Error>> {
        let names = self.session.app().variable_names(&self.caller.component);
        let mut all = Vec::with_capacity(names.len());
        for name in names {
            match self.variable(WASI_CONFIG, &name) {
                Ok(value) => all.push((name, value)),
                Err(error) => return Ok(Err(upstream_or_io(error))),
            }
        }
        Ok(Ok(all))
    }
}

fn upstream_or_io(error: VariableError) -> wasi_config::Error {
    match error {
        VariableError::Provider(text) => wasi_config::Error::Upstream(text),
        VariableError::InvalidName(text)
        | VariableError::Undefined(text)
        | VariableError::Other(text) => wasi_config::Error::Io(text),
    }
}
