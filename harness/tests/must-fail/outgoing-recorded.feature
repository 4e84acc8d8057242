Feature: Recordings that do not answer

  Background:
    Given the app "../../../fixtures/apps/outgoing/spin.toml"

  # fails with: nothing answers GET https://api.example.com/users/8, and it is not in the recording tests/must-fail/recordings/api.toml; what is answered: GET https://api.example.com/users/7, POST https://api.example.com/orders with the body "{\"item\": \"tea\"}"; to record it: `spin-harness test --record https://api.example.com=URL`
  Scenario: a request that was not recorded names the nearest
    Given outgoing HTTP is replayed from "recordings/api.toml"
    When I send GET "/send?url=https://api.example.com/users/8"

  # fails with: nothing answers POST https://api.example.com/orders with the body "{\"item\":\"coffee\"}", and it is not in the recording
  # fails with: what is answered: POST https://api.example.com/orders with the body "{\"item\": \"tea\"}"
  Scenario: another body
    Given outgoing HTTP is replayed from "recordings/api.toml"
    When I send POST "/async/send?method=POST&url=https://api.example.com/orders" with body "{\"item\":\"coffee\"}"

  # fails with: nothing answers PUT https://api.example.com/users/7, and it is not in any of the recordings tests/must-fail/recordings/api.toml, ../features/recordings/counter.toml
  Scenario: of several recordings none has it
    Given outgoing HTTP is replayed from "recordings/api.toml"
    And outgoing HTTP is replayed from "../../../features/recordings/counter.toml"
    When I send GET "/send?method=PUT&url=https://api.example.com/users/7"

  # fails with: there is no recording tests/must-fail/recordings/none.toml
  # fails with: `spin-harness test --record ORIGIN=URL` makes it
  Scenario: a recording that is not there
    Given outgoing HTTP is replayed from "recordings/none.toml"
    When I send GET "/"

  # fails with: recordings/cut-off.toml:5:
  # fails with: record it again with `spin-harness test --record ORIGIN=URL`
  Scenario: a recording that was cut off
    Given outgoing HTTP is replayed from "recordings/cut-off.toml"
    When I send GET "/"

  # fails with: missing field `status`
  # fails with: did you mean `status`?
  # fails with: recordings/misspelt.toml:4:1
  Scenario: a recording with a field that there is not
    Given outgoing HTTP is replayed from "recordings/misspelt.toml"
    When I send GET "/"
