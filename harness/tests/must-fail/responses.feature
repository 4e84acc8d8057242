Feature: Responses that are other than expected
  Each scenario fails, and its failure shows what was expected, what came, and what happened on the way.

  Background:
    Given the app "../../../fixtures/apps/visits"

  # fails with: the response status is not as expected
  # fails with: expected: 201
  # fails with: actual: 200
  # fails with: GET /visit
  # fails with: content-type: text/plain
  # fails with: visits     open       default          ok
  # fails with: visits     set        default  visits  ok
  # fails with: --seed 4711
  # fails with: to run it alone:
  Scenario: a status
    Given the random seed is 4711
    When I send GET "/visit"
    Then the response status is 201

  # fails with: one of 500, 503
  Scenario: a status of several
    When I send GET "/visit"
    Then the response status is one of 500, 503

  # fails with: the response status is not as expected
  # fails with: other: disk full
  # fails with: the 1st "set" fails with "other: disk full"
  Scenario: a status that a fault changed
    Given the 1st "set" fails with "other: disk full"
    When I send GET "/visit"
    Then the response status is 200

  # fails with: the response status is not as expected
  # fails with: component "visits" was denied the store "default": this scenario's `Given component "visits" may use …` does not list it
  Scenario: a status that a grant of the scenario changed
    Given component "visits" may use no key-value store
    When I send GET "/visit"
    Then the response status is 200

  # fails with: component "catalog" was denied the store "orders": the manifest does not grant it
  # fails with: add "orders" to `key_value_stores` of component "catalog"
  Scenario: a status that a grant of the manifest changed
    Given the app "../../../fixtures/apps/grants"
    And the runtime config "../../../fixtures/apps/grants/runtime-config.toml"
    When I send GET "/catalog/get?store=orders&key=1"
    Then the response status is 200

  # fails with: the response body is not as expected
  # fails with: expected: "hello!"
  # fails with: actual: "hello"
  Scenario: a body
    When I send GET "/"
    Then the response body is "hello!"

  # fails with: the response body is not as expected
  # fails with: -second
  # fails with: +zweite
  Scenario: a body of several lines
    Given the app "../../../fixtures/apps/key-value-2"
    And the runtime config "../../../fixtures/apps/key-value-2/runtime-config.toml"
    When I send POST "/set?key=k" with the body:
      """
      first
      zweite
      third
      """
    And I send GET "/get?key=k"
    Then the response body is:
      """
      first
      second
      third
      """

  # fails with: something with "bye"
  Scenario: a part of a body
    When I send GET "/"
    Then the response body contains "bye"

  # fails with: a match of /^[0-9]+$/
  # fails with: "hello"
  Scenario: a pattern
    When I send GET "/"
    Then the response body matches "^[0-9]+$"

  # fails with: expected: nothing
  Scenario: an empty body
    When I send GET "/"
    Then the response body is empty

  # fails with: 1000000 bytes
  Scenario: a long body is shown shortened
    Given the app "../../../fixtures/apps/echo"
    When I send GET "/big?bytes=1000000"
    Then the response body is "short"

  # fails with: the response header "content-type" is not as expected
  # fails with: "text/html"
  # fails with: "text/plain"
  Scenario: a header
    When I send GET "/"
    Then the response header "content-type" is "text/html"

  # fails with: the response has no header "x-nothing"; it has "content-type"
  Scenario: a header that is not there
    When I send GET "/"
    Then the response header "x-nothing" is "something"

  # fails with: no such header
  Scenario: a header that is there
    When I send GET "/"
    Then the response header "content-type" is absent

  # fails with: nothing is at $.nothing
  Scenario: a JSON path without a match
    Given the app "../../../fixtures/apps/echo"
    When I send GET "/exact"
    Then the JSON path "$.nothing" exists

  # fails with: $.nothing
  Scenario: the value of a JSON path without a match
    Given the app "../../../fixtures/apps/echo"
    When I send GET "/exact"
    Then the JSON path "$.nothing" is 3

  # fails with: the value at $.component is not as expected
  # fails with: "everything"
  # fails with: "exact"
  Scenario: the value of a JSON path
    Given the app "../../../fixtures/apps/echo"
    When I send GET "/exact"
    Then the JSON path "$.component" is "everything"

  # fails with: the response body:
  # fails with: JSON
  Scenario: JSON where there is none
    When I send GET "/"
    Then the JSON path "$.a" exists

  # fails with: the response body is other JSON than expected
  # fails with: version
  Scenario: other JSON
    When I send GET "/.well-known/spin/info"
    Then the response body is JSON:
      """
      {"name": "visits", "version": "2.0.0"}
      """

  # fails with: the response body lacks a part of the expected JSON
  # fails with: author
  Scenario: JSON that lacks a part
    When I send GET "/.well-known/spin/info"
    Then the response body contains JSON:
      """
      {"author": "me"}
      """

  # fails with: the time the response took is not as expected
  # fails with: expected: 1 s
  # fails with: actual: 250 ms
  Scenario: the time it took
    Given the app "../../../fixtures/apps/sandboxed"
    When I send GET "/sleep?ms=250"
    Then the response took 1 s

  # fails with: at most 100 ms
  Scenario: the time it took at most
    Given the app "../../../fixtures/apps/sandboxed"
    When I send GET "/sleep?ms=250"
    Then the response took at most 100 ms

  # fails with: not every response has status 503: 3 × 200
  Scenario: statuses of requests at once
    When 3 clients send GET "/" at once
    Then every response status is 503

  # fails with: 3 responses have status 200, and not 2; there were 3 × 200
  Scenario: numbers of statuses
    When 3 clients send GET "/" at once
    Then 2 responses have status 200

  # fails with: the response bodies are not as expected
  # fails with: - "bye"
  # fails with: + "hello"
  Scenario: bodies of requests at once
    When 2 clients send GET "/" at once
    Then the response bodies are, in any order:
      | hello |
      | bye   |

  # fails with: the last When sent 2 requests at once, so "the response" could be any of theirs
  Scenario: the one response of several
    When 2 clients send GET "/" at once
    Then the response status is 200

  # fails with: there is no response yet
  Scenario: a response before any request
    Then the response status is 200
