Feature: Generations of SDKs
  Components of older SDKs run as under Spin: `spin-sdk` 6 with the release candidate of WASI 0.3, 0.3.0-rc-2026-03-15, and
  `spin-sdk` 2 with a snapshot of WASI 0.2, 0.2.0-rc-2023-10-18.

  Background:
    Given the app "../fixtures/apps/generations/spin.toml"

  Scenario Outline: it takes requests: <generation>
    When I send the request:
      """
      POST /<generation>/echo?a=b
      x-of-client: 7

      some text
      """
    Then the response status is 200
    And the response header "content-type" is "text/plain"
    And the response body is "POST /<generation>/echo?a=b 7 some text"

    Examples:
      | generation |
      | 6          |
      | 2          |

  Scenario Outline: it reaches its store, and faults reach it: <generation>
    Given the key-value store "default" contains:
      | key  | value |
      | hits | 41    |
    When I send GET "/<generation>/count?name=hits"
    Then the response body is "42"
    Given every "set" fails with "other: disk full"
    When I send GET "/<generation>/count?name=hits"
    Then the response status is 503
    And the response body contains "disk full"

    Examples:
      | generation |
      | 6          |
      | 2          |

  Scenario Outline: it sends requests: <generation>
    Given GET "https://api.example.com/users" answers 200 with "maria"
    When I send GET "/<generation>/send?url=https://api.example.com/users"
    Then the response status is 200
    And the response body is "maria"
    And "http GET" was called 1 time

    Examples:
      | generation |
      | 6          |
      | 2          |

  Scenario Outline: its grants hold: <generation>
    When I send GET "/<generation>/send?url=https://other.example.com/"
    Then the response status is 502
    And the response body contains "<error>"
    And the outgoing requests are:
      | component       | url                        | outcome   |
      | sdk<generation> | https://other.example.com/ | <outcome> |

    Examples:
      | generation | error             | outcome             |
      | 6          | HttpRequestDenied | http-request-denied |
      | 2          | HttpRequestDenied | http-request-denied |

  Scenario Outline: a request that it sends can fail: <generation>
    Given every "http GET" fails with "connection-refused"
    When I send GET "/<generation>/send?url=https://api.example.com/users"
    Then the response status is 502
    And the response body contains "<error>"

    Examples:
      | generation | error             |
      | 6          | ConnectionRefused |
      | 2          | ConnectionRefused |

  Scenario Outline: its clock is the scenario's: <generation>
    Given the time is "2026-01-01T00:00:00Z"
    When I send GET "/<generation>/sleep?ms=250"
    Then the response body is "250"
    And the response took 250 ms
    When I send GET "/<generation>/now"
    Then the response body is "1767225600"

    Examples:
      | generation |
      | 6          |
      | 2          |

  Scenario: chance
    When I send GET "/6/random"
    Then the response body matches "^[0-9a-f]{16}$"

  Scenario Outline: the environment and files: <generation>
    When I send GET "/<generation>/env?name=GREETING"
    Then the response body is "hello"
    When I send GET "/<generation>/read?path=note.txt"
    Then the response body is "a note"

    Examples:
      | generation |
      | 6          |
      | 2          |

  Scenario Outline: it traps: <generation>
    When I send GET "/<generation>/panics"
    Then the response status is 500
    And component "sdk<generation>" trapped

    Examples:
      | generation |
      | 6          |
      | 2          |

  Scenario: Spin uses no instance of the candidate again
    Given instances are reused
    When I send GET "/6/requests-served"
    Then the response body is "1"
    When I send GET "/6/requests-served"
    Then the response body is "1"
    When 2 clients send GET "/6/requests-served" at once
    Then the response bodies are, in any order:
      | 1 |
      | 1 |
