Feature: Every order
  With `@schedule-sweep` a scenario runs once for each order in which the storage calls of its requests at once can
  interleave. What it says must hold in all of them. Orders that lose an update are looked for in the project's own tests,
  since a scenario that fails has no place here.

  Background:
    Given the app "../fixtures/apps/visits/spin.toml"

  @schedule-sweep
  Scenario: counters of different keys disturb nobody
    When these requests are sent at once:
      | method | path              |
      | POST   | /count?name=one   |
      | POST   | /count?name=two   |
      | POST   | /count?name=three |
    Then the response bodies are, in any order:
      | 1 |
      | 1 |
      | 1 |
    And the key-value store "default" contains exactly:
      | key   | value |
      | one   | 1     |
      | two   | 1     |
      | three | 1     |

  @schedule-sweep
  Scenario: what holds in every order of two counters of one key
    When 2 clients send POST "/count?name=hits" at once
    Then every response status is 200
    And the key "hits" of store "default" matches "^[12]$"
    And "set" was called 2 times

  @schedule-sweep
  Scenario: and in one instance that both share
    Given the app "../fixtures/apps/visits-async/spin.toml"
    And instances are reused
    When 2 clients send POST "/count?name=hits" at once
    Then every response status is 200
    And the key "hits" of store "default" matches "^[12]$"
    And "set" was called 2 times

  @schedule-sweep
  Scenario: storage that takes time wakes its requests in every order
    Given every "get" takes 5 ms
    When 2 clients send POST "/count?name=hits" at once
    Then every response status is 200
    And the key "hits" of store "default" matches "^[12]$"

  @schedule-sweep
  Scenario: requests are sent at once twice
    When 2 clients send POST "/count?name=first" at once
    And 2 clients send POST "/count?name=second" at once
    Then the key "first" of store "default" matches "^[12]$"
    And the key "second" of store "default" matches "^[12]$"

  @schedule-sweep
  Scenario: whichever comes first fails
    Given the 1st "set" on store "default" fails with "other: disk full"
    When 2 clients send POST "/count?name=hits" at once
    Then 1 response has status 200
    And 1 response has status 503
    And the key "hits" of store "default" is "1"

  @schedule-sweep:50
  Scenario: ten counters, of whose orders fifty are tried
    When 10 clients send POST "/count?name=hits" at once
    Then every response status is 200
    And the key "hits" of store "default" matches "^([1-9]|10)$"

  @schedule-sweep
  Scenario: an atomic increment loses nothing
    Given the app "../fixtures/apps/key-value-wasi"
    And the runtime config "../fixtures/apps/key-value-wasi/runtime-config.toml"
    When 3 clients send POST "/increment?key=hits&delta=1" at once
    Then the response bodies are, in any order:
      | 1 |
      | 2 |
      | 3 |
    And the key "hits" of store "default" is "base64:AwAAAAAAAAA="

  @schedule-sweep
  Scenario: one request has one order
    When I send POST "/count?name=hits"
    Then the response body is "1"
