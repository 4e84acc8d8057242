Feature: scenarios that run many times
  A tag has a scenario run again with each of its storage calls failing, or with its requests at once in each order.

  @fault-sweep:all
  Scenario: a visit is counted, refused or cut short
    Given the app "../fixtures/apps/visits"
    And the key-value store "default" contains:
      | key    | value |
      | visits | 41    |
    When I send GET "/visit"
    Then the response status is one of 200, 500, 503
    And the key-value store "default" holds 1 tuple

  @fault-sweep:pairs
  Scenario: what comes after storage recovers is left alone
    Given the app "../fixtures/apps/visits"
    When I send GET "/visit"
    And storage recovers
    And I send GET "/visit"
    Then the response status is 200
    And the response body matches "^[12]$"

  @fault-sweep @schedule-sweep
  Scenario: a rule of the scenario has to fire in the first run only
    Given the app "../fixtures/apps/visits"
    And the 1st "set" of key "visits" on store "default" fails with "other: disk full"
    When I send GET "/visit"
    Then the response status is 503

  @schedule-sweep
  Scenario Outline: visits at once are never refused, in whatever order
    Given the app "../fixtures/apps/<app>"
    When 3 clients send GET "/visit" at once
    Then every response status is 200
    And "set" was called 3 times on store "default"
    Examples:
      | app          |
      | visits       |
      | visits-async |
