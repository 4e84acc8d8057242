Feature: Isolation
  What one scenario does, no other ever sees: stores, clocks, faults and instances are made anew for each.

  Background:
    Given the app "../fixtures/apps/visits-async/spin.toml"

  Scenario: one scenario writes a key
    When I send GET "/visit"
    Then the response body is "1"

  Scenario: another finds nothing of it
    When I send GET "/visit"
    Then the response body is "1"

  Scenario Outline: nor do rows of one outline, here the <row>
    Given instances are reused
    When I send GET "/visit"
    Then the response body is "1"
    When I send GET "/requests-served"
    Then the response body is "2"
    When 5 minutes pass

    Examples:
      | row    |
      | first  |
      | second |
      | third  |

  Scenario: a fault holds in its own scenario
    Given every "set" fails with "other: disk full"
    When I send GET "/visit"
    Then the response status is 503

  Scenario: and in no other
    When I send GET "/visit"
    Then the response status is 200

  Scenario: grants of a scenario hold in it
    Given component "visits-async" may use no key-value store
    When I send GET "/visit"
    Then the response status is 503
    And component "visits-async" was denied the store "default"

  Scenario: others have those of the manifest
    When I send GET "/visit"
    Then the response status is 200
