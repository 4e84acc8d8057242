//! How an outgoing request can fail: the errors of `wasi:http` that a server or the network can be the cause of.

use crate::sandbox::service::Failure;
use std::fmt;
use std::str::FromStr;

/// Why a request has no answer, or no whole one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HttpFailure {
    /// The manifest does not allow the host.
    Denied,
    /// The name of the host has no address.
    DnsError,
    /// Nobody listens there.
    Refused,
    /// The connection ended before there was an answer.
    Terminated,
    /// No connection came about in time.
    ConnectTimeout,
    /// No answer came in time.
    ReadTimeout,
    /// The server's certificate is none that is trusted.
    Certificate,
    /// The server did not speak HTTP.
    Protocol,
}

/// With the names that `wasi:http` has for them, in lower case.
const NAMES: [(HttpFailure, &str); 8] = [
    (HttpFailure::Denied, "http-request-denied"),
    (HttpFailure::DnsError, "dns-error"),
    (HttpFailure::Refused, "connection-refused"),
    (HttpFailure::Terminated, "connection-terminated"),
    (HttpFailure::ConnectTimeout, "connection-timeout"),
    (HttpFailure::ReadTimeout, "connection-read-timeout"),
    (HttpFailure::Certificate, "tls-certificate-error"),
    (HttpFailure::Protocol, "http-protocol-error"),
];

impl fmt::Display for HttpFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = NAMES.iter().find(|(failure, _)| failure == self);
        f.write_str(named.map_or("", |(_, name)| name))
    }
}

/// As the gate has it: by its name.
impl From<&HttpFailure> for Failure {
    fn from(failure: &HttpFailure) -> Self {
        Self::new(&failure.to_string())
    }
}

impl From<&Failure> for HttpFailure {
    fn from(failure: &Failure) -> Self {
        // The gate lets no other through: its interface has these cases.
        failure.case().parse().unwrap_or(Self::Terminated)
    }
}

/// A word that names no failure.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a request cannot fail with {text:?}; there are {}", names())]
pub struct UnknownHttpFailure {
    text: String,
}

fn names() -> String {
    let names: Vec<_> = NAMES.iter().map(|(_, name)| format!("`{name}`")).collect();
    names.join(", ")
}

impl FromStr for HttpFailure {
    type Err = UnknownHttpFailure;

    fn from_str(text: &str) -> Result<Self, UnknownHttpFailure> {
        let named = NAMES.iter().find(|(_, name)| *name == text);
        named
            .map(|(failure, _)| failure.clone())
            .ok_or_else(|| UnknownHttpFailure {
                text: text.to_owned(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_has_a_name() {
        for (failure, name) in &NAMES {
            assert_eq!(name.parse().as_ref(), Ok(failure));
            assert_eq!(failure.to_string(), *name);
            assert!(crate::sandbox::service::HTTP.can_say(&Failure::from(failure)));
        }
        let message = "refused".parse::<HttpFailure>().unwrap_err().to_string();
        assert!(message.contains("`connection-refused`"), "{message}");
    }
}
