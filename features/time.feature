Feature: Virtual time
  A scenario has a clock of its own: it starts where the scenario says, moves only when something waits, and takes no real time.

  Background:
    Given the app "../fixtures/apps/sandboxed/spin.toml"

  Scenario: without a word about it, it is the beginning of 2026
    When I send GET "/now"
    Then the response body is "1767225600000"
    When I send GET "/monotonic"
    Then the response body is "0"

  Scenario: a scenario can choose the time
    Given the time is "2000-02-29T12:00:00Z"
    When I send GET "/now"
    Then the response body is "951825600000"

  Scenario: the time may be that of another zone
    Given the time is "2026-01-01T01:00:00+01:00"
    When I send GET "/now"
    Then the response body is "1767225600000"

  Scenario: a guest that sleeps takes virtual time
    When I send GET "/sleep?ms=250"
    Then the response body is "250"
    And the response took 250 ms
    And the response took at most 250 ms
    When I send GET "/sleep?ms=7200000"
    Then the response status is 500
    And the response took at most 1 minute

  Scenario: work that does not wait takes no time
    When I send GET "/hashmap"
    Then the response took 0 ms

  Scenario: time passes when a scenario says so
    When 5 minutes pass
    And I send GET "/now"
    Then the response body is "1767225900000"
    When 1 hour passes
    And I send GET "/now"
    Then the response body is "1767229500000"
    And the response took 0 ms
    When I send GET "/monotonic"
    Then the response body is "3900000000000"

  Scenario: requests at once sleep at once
    When 3 clients send GET "/sleep?ms=1000" at once
    Then every response status is 200
    When I send GET "/monotonic"
    Then the response body is "1000000000"
