//! The way of a question for an application variable through the gate.

use super::service::variables::{CONFIG, GET, WASI_CONFIG};
use super::service::{Failure, ServiceInterface};
use super::session::Session;
use super::{Asked, CallTrap, Caller, Changes, Served};
use crate::app::VariableError;

impl Session {
    /// The value of a variable, or what its interface says in place of one.
    pub(crate) async fn get_variable(
        &self,
        caller: &Caller,
        interface: &'static ServiceInterface,
        name: &str,
    ) -> Result<Result<String, Failure>, CallTrap> {
        let found = self.variable(&caller.component, name);
        let admitted = match &found {
            // Of one that is not there Spin asks no provider, so that none can fail.
            Err(error @ (VariableError::InvalidName(_) | VariableError::Undefined(_))) => {
                Err(said_by(interface, error))
            }
            _ => Ok(()),
        };
        let asked = Asked {
            interface,
            operation: &GET,
            label: "",
            key: name.to_owned(),
            size: 0,
            changes: Changes::Nothing,
            admitted,
        };
        let effect = |_| async {
            let reply = found.map_err(|error| said_by(interface, &error));
            Ok(Served {
                size: reply.as_ref().map_or(0, String::len),
                reply,
                note: None,
            })
        };
        self.service_call(caller, asked, effect).await
    }
}

/// What an interface says of an error (`crates/factor-variables/src/host.rs` in Spin). That of WASI has nothing for a variable
/// that is not there: its `undefined` is for the journal, and no error to the guest.
fn said_by(interface: &ServiceInterface, error: &VariableError) -> Failure {
    let of_wasi = interface == &WASI_CONFIG;
    let of_spin_1 = interface == &CONFIG;
    // Spin 1 gets any other error in the debug form of Spin 2's.
    let (case, text) = match error {
        VariableError::InvalidName(text) if of_spin_1 => ("invalid-key", text.clone()),
        VariableError::InvalidName(text) => ("invalid-name", text.clone()),
        VariableError::Undefined(text) if of_spin_1 => ("provider", text.clone()),
        VariableError::Undefined(text) => ("undefined", text.clone()),
        VariableError::Provider(text) if of_spin_1 => {
            ("other", format!("Error::Provider({text:?})"))
        }
        VariableError::Provider(text) if of_wasi => ("upstream", text.clone()),
        VariableError::Provider(text) => ("provider", text.clone()),
        VariableError::Other(text) if of_spin_1 => ("other", format!("Error::Other({text:?})")),
        VariableError::Other(text) if of_wasi => ("io", text.clone()),
        VariableError::Other(text) => ("other", text.clone()),
    };
    Failure::with_text(case, text)
}
