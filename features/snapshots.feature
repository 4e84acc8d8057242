Feature: Snapshots
  A scenario can compare a response, the storage calls or a store with what was accepted once.

  Background:
    Given the app "../fixtures/apps/visits/spin.toml"

  Scenario: a response
    When I send GET "/visit"
    Then the response matches the snapshot "first visit"
    When I send GET "/visit"
    Then the response matches the snapshot "second visit"

  Scenario: a response that is JSON
    Given the app "../fixtures/apps/echo/spin.toml"
    When I send GET "/users/7?q=1"
    Then the response matches the snapshot "echo"

  Scenario: the storage calls
    When I send GET "/visit"
    And I send GET "/count?name=other"
    Then the storage calls match the snapshot "calls"

  Scenario: a store
    Given the key-value store "default" contains:
      | key    | value       |
      | binary | base64:AP8= |
      | long   | bytes:1000  |
      | text   | text        |
    When I send GET "/visit"
    Then the key-value store "default" matches the snapshot "store"

  Scenario: one snapshot may be looked at twice
    When I send GET "/"
    Then the response matches the snapshot "hello"
    When I send GET "/"
    Then the response matches the snapshot "hello"

  Scenario Outline: each row of an outline has its own
    Given the key-value store "default" contains:
      | key    | value    |
      | visits | <before> |
    When I send GET "/visit"
    Then the response matches the snapshot "visit"

    Examples:
      | before |
      | 1      |
      | 10     |

    Examples: of a second table
      | before |
      | 100    |
