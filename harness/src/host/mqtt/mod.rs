//! MQTT for guests: two interfaces, a module each, over the brokers of the sandbox.

mod v2;
mod v3;
