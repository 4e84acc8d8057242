Feature: Remembering
  What a scenario remembers of one response, it can say in every later step.

  Background:
    Given the app "../fixtures/apps/echo/spin.toml"

  Scenario: a place in JSON
    When I send POST "/orders?id=7" with JSON:
      """
      {"items": [{"name": "a \"b\" \\c"}, {"name": "second"}]}
      """
    And I remember the JSON path "$.method" as "method"
    And I remember the JSON path "$.uri" as "the uri"
    And I remember the JSON path "$.body" as "body"
    And I send POST "${the uri}&again" with body "${body}"
    Then the JSON path "$.uri" is "/orders?id=7&again"
    And the JSON path "$.body" is "{\"items\": [{\"name\": \"a \\\"b\\\" \\\\c\"}, {\"name\": \"second\"}]}"

  Scenario: a whole body, and a header
    When I send GET "/length"
    And I remember the response body as "number"
    And I remember the response header "content-length" as "length"
    And I send GET "/status/20${length}"
    Then the response status is 205
    When I send GET "/exact?n=${number}"
    Then the JSON path "$.uri" is "/exact?n=12345"

  Scenario: remembered values stand in tables and doc strings, and a `$$` keeps a `$`
    When I send GET "/length"
    And I remember the response body as "n"
    And I send POST "/exact" with the body:
      """
      n is ${n}, not $${n}
      """
    Then the JSON path "$.body" is "n is 12345, not $${n}"
    When I send GET "/exact" with the headers:
      | name | value  |
      | x-n  | <${n}> |
    Then the JSON path "$.headers[?@[0] == 'x-n'][1]" is "<12345>"
    And the response body contains JSON:
      """
      {"method": "GET", "component": "exact"}
      """

  Scenario: remembered values reach what is stored
    Given the app "../fixtures/apps/visits/spin.toml"
    When I send GET "/visit"
    And I remember the response body as "n"
    Given the key-value store "default" contains:
      | key    | value    |
      | visits | ${n}${n} |
    When I send GET "/visit"
    Then the response body is "12"
    And the key "visits" of store "default" is "${n}2"
    And the key-value store "default" contains exactly:
      | key    | value |
      | visits | ${n}2 |

  Scenario: a header that every request has
    Given every request has the header "authorization" with "Bearer abc"
    And every request has the header "accept" with "text/plain"
    When I send GET "/exact"
    Then the JSON path "$.headers[?@[0] == 'authorization'][1]" is "Bearer abc"
    When I send POST "/exact" with the headers:
      | name   | value            |
      | accept | application/json |
    Then the JSON path "$.headers[?@[0] == 'authorization'][1]" is "Bearer abc"
    And the JSON path "$.headers[?@[0] == 'accept'][1]" is "application/json"

  Scenario: a header that every request has from here on
    When I send GET "/length"
    And I remember the response body as "token"
    Given every request has the header "authorization" with "Bearer ${token}"
    When I send GET "/exact"
    Then the JSON path "$.headers[?@[0] == 'authorization'][1]" is "Bearer 12345"
