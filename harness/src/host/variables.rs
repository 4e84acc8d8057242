//! Application variables for guests: four interfaces over what the app's files and the scenario say.

use super::InstanceState;
use super::bindings::{config_1, variables_2, variables_3, wasi_config};
use crate::app::VariableError;
use crate::sandbox::{CallTrap, Caller, Outcome, Service, Session};
use wasmtime::component::{Accessor, HasSelf};

/// The interfaces that give application variables.
pub(super) const INTERFACES: [&str; 4] = [
    "fermyon:spin/config",
    "fermyon:spin/variables@2.0.0",
    "spin:variables/variables@3.0.0",
    "wasi:config/store@0.2.0-draft-2024-09-27",
];

/// Looks a variable up, through the gate.
async fn variable(
    session: Session,
    caller: Caller,
    interface: &'static str,
    name: &str,
) -> Result<Result<String, VariableError>, CallTrap> {
    let look_up = || {
        let value = session.variable(&caller.component, name);
        let outcome = match &value {
            Ok(_) => Outcome::Ok,
            Err(error) => Outcome::Failed(error.to_string()),
        };
        let size = value.as_ref().map_or(0, String::len);
        (value, size, outcome, None)
    };
    let service = Service::Variables(interface);
    session.other_call(&caller, service, name, look_up).await
}

impl InstanceState {
    async fn variable(
        &mut self,
        interface: &'static str,
        name: &str,
    ) -> wasmtime::Result<Result<String, VariableError>> {
        let (session, caller) = (self.session.clone(), self.caller.clone());
        Ok(variable(session, caller, interface, name).await?)
    }
}

impl config_1::Host for InstanceState {
    async fn get_config(
        &mut self,
        key: String,
    ) -> wasmtime::Result<Result<String, config_1::Error>> {
        Ok(self
            .variable("fermyon:spin/config", &key)
            .await?
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
            .await?
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
        let (session, caller) = accessor.with(|mut access| {
            let state = access.get();
            (state.session.clone(), state.caller.clone())
        });
        let value = variable(session, caller, "spin:variables/variables@3.0.0", &name).await?;
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
        Ok(match self.variable(WASI_CONFIG, &key).await? {
            Ok(value) => Ok(Some(value)),
            Err(VariableError::Undefined(_) | VariableError::InvalidName(_)) => Ok(None),
            Err(error) => Err(upstream_or_io(error)),
        })
    }

    async fn get_all(
        &mut self,
    ) -> wasmtime::Result<Result<Vec<(String, String)>, wasi_config::Error>> {
        let names = self.session.variable_names(&self.caller.component);
        let mut all = Vec::with_capacity(names.len());
        for name in names {
            match self.variable(WASI_CONFIG, &name).await? {
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
