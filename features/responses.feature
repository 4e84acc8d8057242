Feature: Responses as a client sees them
  Status, headers in their order, body and trailers come as a client of `spin up` would get them.

  Background:
    Given the app "../fixtures/apps/echo/spin.toml"

  Scenario Outline: the status <status>
    When I send GET "/status/<status>"
    Then the response status is <status>
    And the response body is empty

    Examples:
      | status |
      | 200    |
      | 201    |
      | 204    |
      | 301    |
      | 304    |
      | 404    |
      | 418    |
      | 500    |
      | 503    |

  Scenario: headers, several of one name too
    When I send GET "/headers"
    Then the response header "x-first" is "1"
    And the response header "X-Last" is "2"
    And the response header "set-cookie" is "a=1; Path=/, b=2; HttpOnly"
    And the response header "set-cookie" contains "HttpOnly"
    And the response header "content-type" contains "text/plain"
    And the response header "content-type" matches "charset=[a-z]+-8$"
    And the response header "x-nothing" is absent
    And the response matches the snapshot "headers in their order"

  Scenario: a length that the guest states
    When I send GET "/length"
    Then the response header "content-length" is "5"
    And the response body is "12345"

  Scenario Outline: no length where the guest states none: <path>
    When I send GET "<path>"
    Then the response header "content-length" is absent
    And the response header "transfer-encoding" is absent
    And the response body is "<body>"

    Examples:
      | path       | body          |
      | /no-length | 12345         |
      | /empty     |               |
      | /chunks    | one two three |

  Scenario: trailers come after the body
    When I send GET "/trailers"
    Then the response body is "12345"
    And the response header "x-checksum" is absent
    And the response matches the snapshot "trailers"

  Scenario: HEAD has the headers and no body
    When I send HEAD "/length"
    Then the response status is 200
    And the response header "content-length" is "5"
    And the response body is empty

  Scenario: a response may be large
    When I send GET "/big?bytes=3000000"
    Then the response body is "bytes:3000000"
