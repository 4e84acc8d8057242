Feature: MQTT messages that are not as expected

  Background:
    Given the app "../../../fixtures/apps/mqtt/spin.toml"

  # fails with: the MQTT message "y" was not published on topic "news"
  # fails with: mqtt: "x" on "news"
  Scenario: another message
    When I send POST "/v2/publish" with body "x"
    Then the MQTT message "y" was published on topic "news"

  # fails with: the MQTT message "x" was not published on topic "weather"
  # fails with: no MQTT message was published
  Scenario: no message
    When I send GET "/v2/open"
    Then the MQTT message "x" was published on topic "weather"

  # fails with: on topic "news" something was published once and not 2 times
  Scenario: a wrong number of messages
    When I send POST "/v3/publish" with body "x"
    Then 2 MQTT messages were published on topic "news"

  # fails with: an MQTT message was published
  # fails with: mqtt-async: "x" on "news"
  Scenario: a message that should not be
    When I send POST "/v3/publish" with body "x"
    Then no MQTT message was published

  # fails with: the MQTT messages are not as expected
  Scenario: another quality of service
    When I send POST "/v2/publish?qos=2" with body "x"
    Then the MQTT messages are:
      | message | qos          |
      | x       | at-most-once |

  # The journal keeps no secret of an address.
  # fails with: connection-failed: address mqtt://other.example is not permitted
  Scenario: a refused address in a report
    When I send GET "/v2/open?address=mqtt://eve:pa55@other.example%3Fclient_id=1"
    Then no component was denied anything
