Feature: Instances
  Each request has a new instance, unless a scenario asks for what Spin does with WASI 0.3: one instance for many requests.

  Background:
    Given the app "../fixtures/apps/visits-async/spin.toml"

  Scenario: an instance is fresh
    When I send GET "/requests-served"
    Then the response body is "1"
    When I send GET "/requests-served"
    Then the response body is "1"

  Scenario: state in a static variable leaks where instances are reused
    Given instances are reused
    When I send GET "/requests-served"
    Then the response body is "1"
    When I send GET "/requests-served"
    Then the response body is "2"

  Scenario: an instance that was idle for a second is dropped
    Given instances are reused
    When I send GET "/requests-served"
    And 900 ms pass
    And I send GET "/requests-served"
    Then the response body is "2"
    When 1 s passes
    And I send GET "/requests-served"
    Then the response body is "1"

  Scenario: one instance serves requests at once
    Given instances are reused
    When 3 clients send GET "/requests-served" at once
    Then the response bodies are, in any order:
      | 1 |
      | 2 |
      | 3 |

  Scenario: sixteen at once and no more
    Given instances are reused
    When 17 clients send GET "/requests-served" at once
    Then the response bodies are, in any order:
      | 1  |
      | 1  |
      | 2  |
      | 3  |
      | 4  |
      | 5  |
      | 6  |
      | 7  |
      | 8  |
      | 9  |
      | 10 |
      | 11 |
      | 12 |
      | 13 |
      | 14 |
      | 15 |
      | 16 |

  Scenario: an instance serves 128 requests in all
    Given instances are reused
    When 16 clients send GET "/requests-served" at once
    And 16 clients send GET "/requests-served" at once
    And 16 clients send GET "/requests-served" at once
    And 16 clients send GET "/requests-served" at once
    And 16 clients send GET "/requests-served" at once
    And 16 clients send GET "/requests-served" at once
    And 16 clients send GET "/requests-served" at once
    And 15 clients send GET "/requests-served" at once
    And I send GET "/requests-served"
    Then the response body is "128"
    When I send GET "/requests-served"
    Then the response body is "1"

  Scenario: reused or not, the store is the same
    Given instances are reused
    And the key-value store "default" contains:
      | key    | value |
      | visits | 41    |
    When I send GET "/visit"
    Then the response body is "42"

  Scenario: components of WASI 0.2 are never reused
    Given the app "../fixtures/apps/key-value/spin.toml"
    And the runtime config "../fixtures/apps/key-value/runtime-config.toml"
    And instances are reused
    When I send GET "/v1/open"
    And I send GET "/v1/use-unopened?op=get&key=a"
    Then component "v1" trapped
    When I send GET "/v1/open"
    Then the response status is 200
