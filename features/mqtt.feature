Feature: MQTT
  There is no broker: what components publish is taken and written down.

  Background:
    Given the app "../fixtures/apps/mqtt/spin.toml"

  Scenario Outline: a message is published, through <path>
    When I send POST "<path>/publish?topic=orders/new&qos=1" with body "order 7"
    Then the response status is 200
    And the response body is "published"
    And the MQTT message "order 7" was published on topic "orders/new"
    And 1 MQTT message was published on topic "orders/new"
    And the MQTT messages are:
      | component   | address                    | topic      | message | qos           |
      | <component> | mqtt://broker.example:1883 | orders/new | order 7 | at-least-once |
    And component "<component>" used only the outbound host "mqtt://broker.example:1883"

    Examples:
      | path | component |
      | /v2  | mqtt      |
      | /v3  | mqtt-async    |

  Scenario Outline: each quality of service, through <path>
    When I send POST "<path>/publish?qos=0" with body "a"
    And I send POST "<path>/publish?qos=1" with body "b"
    And I send POST "<path>/publish?qos=2" with body "c"
    Then the MQTT messages are:
      | topic | message | qos           |
      | news  | a       | at-most-once  |
      | news  | b       | at-least-once |
      | news  | c       | exactly-once  |

    Examples:
      | path |
      | /v2  |
      | /v3  |

  Scenario: opening a connection publishes nothing
    When I send GET "/v2/open"
    And I send GET "/v3/open"
    Then the response body is "opened"
    And no MQTT message was published

  Scenario: JSON and bytes
    When I send POST "/v2/publish" with body "text:json:{"
    Then the MQTT message "text:json:{" was published on topic "news"
    When I send POST "/v3/publish" with JSON:
      """
      {"a": [1, 2]}
      """
    Then 2 MQTT messages were published on topic "news"
    And 0 MQTT messages were published on topic "weather"

  # Spin: crates/factor-outbound-mqtt/src/host.rs. The guest is told the address as it gave it.
  Scenario Outline: an address that the manifest does not allow, through <path>
    When I send GET "<path>/open?address=mqtt://other.example:1883%3Fclient_id=1"
    Then the response status is 500
    And the response body is "connection-failed: address mqtt://other.example:1883?client_id=1 is not permitted"
    When I send GET "<path>/open?address=mqtt://eve:pa55@other.example%3Fclient_id=1"
    Then the response body is "connection-failed: address mqtt://eve:pa55@other.example?client_id=1 is not permitted"
    And component "<component>" used no outbound host

    Examples:
      | path | component |
      | /v2  | mqtt      |
      | /v3  | mqtt-async    |

  Scenario: an address without a scheme is one of mqtt, and no address that the client can read
    When I send GET "/v2/open?address=broker.example:1883"
    Then the response body is "invalid-address"

  Scenario Outline: an address without a client id, or with something unknown, is invalid: <address>
    When I send GET "/v2/open?address=<address>"
    Then the response status is 500
    And the response body is "invalid-address"
    When I send GET "/v3/open?address=<address>"
    Then the response body is "invalid-address"

    Examples:
      | address                                               |
      | mqtt://broker.example:1883                            |
      | mqtt://broker.example:1883%3Fclient_id=1%26color=red  |

  Scenario: other brokers may be allowed by a wildcard
    When I send POST "/v2/publish?address=mqtts://eve:pa55@b.example:8883%3Fclient_id=1" with body "x"
    Then the response body is "published"
    And the MQTT messages are:
      | address                |
      | mqtts://b.example:8883 |

  Scenario Outline: 1024 connections are as many as Spin holds for an instance, through <path>
    When I send GET "<path>/open-many?n=1024"
    Then the response body is "1024"
    When I send GET "<path>/open-many?n=1025"
    Then the response body is "too-many-connections"

    Examples:
      | path |
      | /v2  |
      | /v3  |

  # The client that Spin uses, rumqttc, sends no packet of more than 10 KiB unless the address says so.
  Scenario Outline: a message that is too large for the client, through <path>
    When I send POST "<path>/publish" with body "bytes:10231"
    Then the response body is "published"
    When I send POST "<path>/publish" with body "bytes:10232"
    Then the response status is 500
    And the response body contains "connection-failed: Mqtt state:"
    And the response body contains "packet of size '10241'"
    When I send POST "<path>/publish?address=mqtt://broker.example:1883%3Fclient_id=1%26max_incoming_packet_size_bytes=20000%26max_outgoing_packet_size_bytes=20000" with body "bytes:10232"
    Then the response body is "published"
    And 2 MQTT messages were published on topic "news"

    Examples:
      | path |
      | /v2  |
      | /v3  |

  Scenario Outline: the runtime config may bound messages, through <path>
    Given the runtime config:
      """
      [outbound_mqtt]
      max_payload_size_bytes = 4
      """
    When I send POST "<path>/publish" with body "12345"
    Then the response body is "other: payload size 5 exceeds the maximum allowed size of 4 bytes"
    When I send POST "<path>/publish" with body "1234"
    Then the response body is "published"

    Examples:
      | path |
      | /v2  |
      | /v3  |

  Scenario Outline: publishing fails with <error>, through <path>
    Given every "mqtt publish" of key "orders/*" on store "mqtt://broker.example:1883" fails with "<error>"
    When I send POST "<path>/publish?topic=orders/new" with body "x"
    Then the response status is 500
    And the response body is "<error>"
    And no MQTT message was published
    When I send POST "<path>/publish?topic=news" with body "x"
    Then the response status is 200

    Examples:
      | path | error                                 |
      | /v2  | connection-failed: Connection refused |
      | /v2  | other: broken                         |
      | /v2  | too-many-connections                  |
      | /v2  | invalid-address                       |
      | /v3  | connection-failed: Connection refused |
      | /v3  | other: broken                         |
      | /v3  | too-many-connections                  |
      | /v3  | invalid-address                       |

  Scenario Outline: a message that arrives though the guest is told that it did not, through <path>
    Given every "mqtt publish" applies, then fails with "connection-failed: Network timeout"
    When I send POST "<path>/publish" with body "x"
    Then the response body is "connection-failed: Network timeout"
    And the MQTT message "x" was published on topic "news"

    Examples:
      | path |
      | /v2  |
      | /v3  |

  Scenario: a message that is lost though the guest is told that it arrived
    Given the 2nd "mqtt publish" is lost
    When I send POST "/v2/publish?times=3" with body "x"
    Then the response body is "published"
    And 2 MQTT messages were published on topic "news"

  Scenario: a connection that cannot be opened
    Given the 1st "mqtt open" fails with "too-many-connections"
    When I send POST "/v3/publish" with body "x"
    Then the response body is "too-many-connections"
    When I send POST "/v3/publish" with body "x"
    Then the response body is "published"

  Scenario: a broker that is slow
    Given every "mqtt publish" takes 3 s
    When I send POST "/v3/publish?times=2" with body "x"
    Then the response took 6 s

  @fault-sweep
  Scenario: whatever fails, the client is told
    When I send POST "/v2/publish?times=2" with body "x"
    Then the response status is one of 200, 500
