Feature: Requests as a component sees them
  A component sees the client's request, and in headers of Spin's what became of it on the way.

  Background:
    Given the app "../fixtures/apps/echo/spin.toml"

  Scenario: what Spin says about a prefix route
    When I send GET "/prefix/a/b?x=1&y=%20"
    Then the JSON path "$.uri" is "/prefix/a/b?x=1&y=%20"
    And the JSON path "$.scheme" is "http"
    And the JSON path "$.authority" is "localhost:3000"
    And the JSON path "$.headers[?@[0] == 'spin-path-info'][1]" is "/a/b"
    And the JSON path "$.headers[?@[0] == 'spin-full-url'][1]" is "http://localhost:3000/prefix/a/b?x=1&y=%20"
    And the JSON path "$.headers[?@[0] == 'spin-matched-route'][1]" is "/prefix/..."
    And the JSON path "$.headers[?@[0] == 'spin-base-path'][1]" is "/"
    And the JSON path "$.headers[?@[0] == 'spin-raw-component-route'][1]" is "/prefix/..."
    And the JSON path "$.headers[?@[0] == 'spin-component-route'][1]" is "/prefix"
    And the JSON path "$.headers[?@[0] == 'spin-client-addr'][1]" is "127.0.0.1:1"
    And the JSON path "$.headers[7]" does not exist

  Scenario: what Spin says about an exact route
    When I send GET "/exact"
    Then the JSON path "$.headers[?@[0] == 'spin-path-info'][1]" is ""
    And the JSON path "$.headers[?@[0] == 'spin-matched-route'][1]" is "/exact"
    And the JSON path "$.headers[?@[0] == 'spin-component-route'][1]" is "/exact"

  Scenario: what Spin says about named parts of a path
    When I send GET "/users/7/posts/a%20b"
    Then the JSON path "$.headers[?@[0] == 'spin-path-match-id'][1]" is "7"
    And the JSON path "$.headers[?@[0] == 'spin-path-match-post'][1]" is "a%20b"
    And the JSON path "$.headers[?@[0] == 'spin-matched-route'][1]" is "/users/:id/posts/:post"
    And the JSON path "$.headers[?@[0] == 'spin-raw-component-route'][1]" is "/users/:id/posts/:post"

  Scenario: the client's headers come as they are, several of one name in their order
    When I send GET "/exact" with the headers:
      | name   | value |
      | X-One  | 1     |
      | Accept | a/b   |
      | X-Two  | 2     |
      | accept | c/d   |
    Then the JSON path "$.headers[?@[0] == 'x-one'][1]" is "1"
    And the JSON path "$.headers[?@[0] == 'x-two'][1]" is "2"
    And the response body contains "[\"accept\",\"a/b\"],[\"accept\",\"c/d\"]"

  Scenario: headers come in their order, but for the last, which takes the place of the host
    When I send the request:
      """
      POST /exact HTTP/1.1
      X-One: 1
      Host: example.com
      X-Two: 2
      X-Three: 3

      four
      """
    Then the response body contains "\"headers\":[[\"spin-client-addr\",\"127.0.0.1:1\"],[\"x-one\",\"1\"],[\"x-two\",\"2\"],[\"x-three\",\"3\"],[\"content-length\",\"4\"],[\"spin-path-info\""
    And the JSON path "$.authority" is "example.com"

  Scenario Outline: a component never sees the header <name>
    When I send GET "/exact" with the headers:
      | name   | value   |
      | <name> | <value> |
      | x-kept | yes     |
    Then the JSON path "$.headers[?@[0] == '<name>']" does not exist
    And the JSON path "$.headers[?@[0] == 'x-kept'][1]" is "yes"

    Examples:
      | name       | value       |
      | host       | example.com |
      | connection | x-kept      |
      | keep-alive | timeout=5   |
      | upgrade    | h2c         |

  Scenario: the host that a client asks for is the authority
    When I send GET "/exact" with the headers:
      | name | value            |
      | host | example.com:8080 |
    Then the JSON path "$.authority" is "example.com:8080"
    And the JSON path "$.headers[?@[0] == 'spin-full-url'][1]" is "http://example.com:8080/exact"

  Scenario: a scenario can choose the authority for all of its requests
    Given the authority is "shop.example.com"
    When I send GET "/exact"
    Then the JSON path "$.authority" is "shop.example.com"

  Scenario: a scenario can choose the address that requests come from
    Given the client address is "[2001:db8::1]:4000"
    When I send GET "/exact"
    Then the JSON path "$.headers[?@[0] == 'spin-client-addr'][1]" is "[2001:db8::1]:4000"

  Scenario: a header of Spin's that the client sends itself is not replaced but joined
    When I send GET "/exact" with the headers:
      | name             | value     |
      | spin-client-addr | 1.2.3.4:5 |
    Then the response body contains "[\"spin-client-addr\",\"1.2.3.4:5\"],[\"spin-client-addr\",\"127.0.0.1:1\"]"

  Scenario: a body has a length
    When I send POST "/exact" with body "four"
    Then the JSON path "$.body" is "four"
    And the JSON path "$.headers[?@[0] == 'content-length'][1]" is "4"

  Scenario: no body has none
    When I send POST "/exact"
    Then the JSON path "$.body" is ""
    And the JSON path "$.headers[?@[0] == 'content-length']" does not exist
