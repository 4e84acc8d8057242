Feature: Requests at once
  Requests that are sent at once interleave at their storage calls, in an order that the seed decides.

  Scenario: a lost update is seen
    Given the app "../fixtures/apps/visits/spin.toml"
    And the random seed is 3
    When 2 clients send POST "/count?name=hits" at once
    Then every response status is 200
    And the response bodies are, in any order:
      | 1 |
      | 1 |
    And the key "hits" of store "default" is "1"
    And the storage calls are:
      | operation | key  |
      | open      |      |
      | open      |      |
      | get       | hits |
      | get       | hits |
      | set       | hits |
      | set       | hits |

  Scenario: it is with asynchronous calls too
    Given the app "../fixtures/apps/visits-async/spin.toml"
    And the random seed is 1
    When 10 clients send POST "/count?name=hits" at once
    Then every response status is 200
    And the key "hits" of store "default" matches "^[1-9]$"
    And "set" was called 10 times on store "default"

  Scenario: requests of several kinds
    Given the app "../fixtures/apps/key-value-2"
    And the runtime config "../fixtures/apps/key-value-2/runtime-config.toml"
    And the key-value store "default" contains:
      | key | value |
      | a   | 1     |
    When these requests are sent at once:
      | method | path                   | body |
      | GET    | /get?key=a             |      |
      | GET    | /get?key=nothing       |      |
      | POST   | /set?key=b&store=cache | new  |
      | GET    | /no-such-operation     |      |
    Then 2 responses have status 200
    And 1 response has status 404
    And 1 response has status 400
    And the response bodies are, in any order:
      | 1                                    |
      | missing                              |
      |                                      |
      | no such operation: no-such-operation |
    And the key-value store "cache" contains exactly:
      | key | value |
      | b   | new   |

  Scenario: bodies may be patterns
    Given the app "../fixtures/apps/sandboxed/spin.toml"
    When 3 clients send GET "/random" at once
    Then the response bodies are, in any order:
      | matches:^[0-9a-f]{16}$ |
      | matches:^[0-9a-f]{16}$ |
      | matches:^[0-9a-f]{16}$ |

  Scenario: each with a body
    Given the app "../fixtures/apps/key-value-2"
    And the runtime config "../fixtures/apps/key-value-2/runtime-config.toml"
    When 3 clients send POST "/set?key=a" with body "same" at once
    Then every response status is 200
    And "set" was called 3 times
    And the key "a" of store "default" is "same"

  Scenario: one alone is at once with nobody
    Given the app "../fixtures/apps/visits/spin.toml"
    When 1 client sends GET "/visit" at once
    Then every response status is 200
    And 1 response has status 200
    And the response body is "1"
