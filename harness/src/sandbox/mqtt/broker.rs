//! The address of a broker, as Spin's MQTT client reads it.

use super::Qos;
use crate::value::without_secrets;
use std::collections::BTreeMap;
use std::sync::Arc;
use url::Url;

/// A broker that a connection is open to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broker {
    /// The address without what it says of the user.
    pub label: Arc<str>,
    /// Bytes of the largest packet that the client sends.
    largest_packet: usize,
}

/// What the client sends at most where the address says nothing.
const LARGEST_PACKET: usize = 10 * 1024;

/// Parameters of an address that are numbers; `client_id` and `clean_session` are read by themselves.
const NUMBERS: [&str; 7] = [
    "keep_alive_secs",
    "max_incoming_packet_size_bytes",
    "max_outgoing_packet_size_bytes",
    "request_channel_capacity_num",
    "max_request_batch_num",
    "pending_throttle_usecs",
    "inflight_num",
];

impl Broker {
    /// Reads an address as `rumqttc` 0.25 does, which Spin hands it to: a URL of a known scheme with a `client_id`, and no
    /// parameter that it does not know. `None` is an invalid one.
    pub fn parse(address: &str) -> Option<Self> {
        let url = Url::parse(address).ok()?;
        if !matches!(url.scheme(), "mqtt" | "tcp" | "mqtts" | "ssl") {
            return None;
        }
        // Of a parameter that is there twice the last counts.
        let parameters: BTreeMap<_, _> = url.query_pairs().collect();
        parameters.get("client_id")?;
        let mut numbers: BTreeMap<&str, u64> = BTreeMap::new();
        for (name, value) in &parameters {
            match name.as_ref() {
                "client_id" => {}
                "clean_session" => drop(value.parse::<bool>().ok()?),
                "inflight_num" => drop(value.parse::<u16>().ok()?),
                name => {
                    let name = NUMBERS.iter().find(|known| **known == name)?;
                    numbers.insert(name, value.parse().ok()?);
                }
            }
        }
        // The client takes the two sizes only together.
        let incoming = numbers.get("max_incoming_packet_size_bytes");
        let outgoing = numbers.get("max_outgoing_packet_size_bytes");
        let largest_packet = match incoming.and(outgoing) {
            Some(bytes) => usize::try_from(*bytes).ok()?,
            None => LARGEST_PACKET,
        };
        Some(Self {
            label: without_secrets(address).into(),
            largest_packet,
        })
    }

    /// Why the client does not send a message, if it is too large for it: what Spin gives as text of
    /// `connection-failed`.
    pub fn refuses(&self, topic: &str, payload: usize, qos: Qos) -> Option<String> {
        let packet_id = match qos {
            Qos::AtMostOnce => 0,
            Qos::AtLeastOnce | Qos::ExactlyOnce => 2,
        };
        // MQTT 3.1.1, section 3.3: topic with its length, packet id, payload, after a fixed header.
        let rest = 2 + topic.len() + packet_id + payload;
        let size = 1 + length_of_length(rest) + rest;
        (size > self.largest_packet).then(|| {
            format!(
                "Mqtt state: Mqtt serialization/deserialization error: Cannot send packet of size '{size}'. It's greater \
                 than the broker's maximum packet size of: '{}'",
                self.largest_packet
            )
        })
    }
}

/// Bytes that a length takes: seven bits in each.
fn length_of_length(length: usize) -> usize {
    match length {
        0..=127 => 1,
        128..=16_383 => 2,
        16_384..=2_097_151 => 3,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_needs_a_client_id_and_nothing_unknown() {
        for (address, label) in [
            ("mqtt://localhost:1883?client_id=1", "mqtt://localhost:1883"),
            (
                "mqtts://u:p@broker.example?client_id=",
                "mqtts://broker.example",
            ),
            (
                "tcp://a?client_id=1&keep_alive_secs=5&clean_session=true&inflight_num=1",
                "tcp://a",
            ),
        ] {
            let broker = Broker::parse(address).unwrap();
            assert_eq!(&*broker.label, label, "{address}");
        }
        for address in [
            "mqtt://localhost:1883",
            "localhost:1883",
            "http://localhost?client_id=1",
            "mqtt://localhost?client_id=1&color=red",
            "mqtt://localhost?client_id=1&keep_alive_secs=soon",
            "mqtt://localhost?client_id=1&clean_session=1",
            "mqtt://localhost?client_id=1&inflight_num=65536",
        ] {
            assert_eq!(Broker::parse(address), None, "{address}");
        }
    }

    #[test]
    fn a_packet_may_be_of_10_kib_unless_the_address_says_both_sizes() {
        let broker =
            Broker::parse("mqtt://a?client_id=1&max_outgoing_packet_size_bytes=100").unwrap();
        // 1 + 2 of the header, 2 + 4 of the topic.
        assert_eq!(broker.refuses("news", 10_240 - 9, Qos::AtMostOnce), None);
        assert_eq!(
            broker
                .refuses("news", 10_240 - 8, Qos::AtMostOnce)
                .as_deref(),
            Some(
                "Mqtt state: Mqtt serialization/deserialization error: Cannot send packet of size '10241'. \
                 It's greater than the broker's maximum packet size of: '10240'"
            )
        );
        assert!(
            broker
                .refuses("news", 10_240 - 9, Qos::AtLeastOnce)
                .is_some()
        );
        let address = "mqtt://a?client_id=1&max_incoming_packet_size_bytes=1&max_outgoing_packet_size_bytes=100";
        let broker = Broker::parse(address).unwrap();
        // 1 + 2 of the header, 2 + 11 of the topic, 2 of the packet id.
        let why = Broker {
            largest_packet: 200,
            ..broker.clone()
        }
        .refuses("hello/world", 265, Qos::AtLeastOnce);
        assert!(why.unwrap().contains("'283'"));
        assert!(broker.refuses("news", 100, Qos::AtMostOnce).is_some());
        assert_eq!(broker.refuses("news", 10, Qos::AtMostOnce), None);
    }
}
