Feature: Expecting responses
  Every form in which a scenario can say what a response is.

  Background:
    Given the app "../fixtures/apps/echo/spin.toml"

  Scenario: the status
    When I send GET "/status/202"
    Then the response status is 202
    And the response status is one of 200, 202
    And the response status is one of 201 or 202

  Scenario: the body as text
    When I send GET "/chunks"
    Then the response body is "one two three"
    And the response body contains "two"
    And the response body matches "^one .* three$"
    And the response body matches "w"
    And the response body is:
      """
      one two three
      """
    And the response body is "matches:t.o"

  Scenario: the body as JSON
    When I send POST "/exact" with JSON:
      """
      [1, {"b": null}]
      """
    Then the JSON path "$.body" is "[1, {\"b\": null}]"
    And the response body contains JSON:
      """
      {
        "method": "POST",
        "component": "exact"
      }
      """
    When I send GET "/.well-known/spin/info"
    Then the response body is "json:{\"version\": \"1.0.0\", \"name\": \"echo\"}"

  Scenario: places in JSON
    Given the app "../fixtures/apps/key-value-2"
    And the runtime config "../fixtures/apps/key-value-2/runtime-config.toml"
    And the key-value store "default" contains:
      | key   | value                                                                                  |
      | order | json:{"id": 7.0, "items": [{"n": 1}, {"n": 2}], "open": true, "by": null, "to": "x y"} |
    When I send GET "/get?key=order"
    Then the JSON path "$.id" is 7
    And the JSON path "$.items[1].n" is 2
    And the JSON path "$.items[0]" is {"n": 1}
    And the JSON path "$.items" is [{"n": 1}, {"n": 2}]
    And the JSON path "$.open" is true
    And the JSON path "$.by" is null
    And the JSON path "$.to" is "x y"
    And the JSON path "$.by" exists
    And the JSON path "$.items[?@.n > 1]" exists
    And the JSON path "$.items[2]" does not exist
    And the JSON path "$.nothing" does not exist
    And the response body is JSON:
      """
      {"by": null, "id": 7, "items": [{"n": 1}, {"n": 2}],
       "open": true, "to": "x y"}
      """
    And the response body contains JSON:
      """
      {"items": [{"n": 1}, {"n": 2}], "id": 7}
      """
