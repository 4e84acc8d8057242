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

  Scenario Outline: the status <status> announces an answer and is none: Spin's server sends an empty 500
    When I send GET "/status/<status>"
    Then the response status is 500
    And the response header "content-length" is "0"
    And the response body is empty
    And component "everything" did not trap

    Examples:
      | status |
      | 100    |
      | 103    |

  Scenario: the status 101 is sent
    When I send GET "/status/101"
    Then the response status is 101
    And the response body is empty

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

  Scenario Outline: <method> <path>, which Spin answers itself
    Given the app "../fixtures/apps/static/spin.toml"
    When I send <method> "<path>"
    Then the response status is <status>
    And the response body is "<body>"
    And the response header "content-length" is "<length>"
    And the response header "date" is absent
    And the response header "transfer-encoding" is absent

    Examples:
      | method | path                     | status | body  | length |
      | GET    | /.well-known/spin/health | 200    | OK    | 2      |
      | HEAD   | /.well-known/spin/health | 200    |       | 2      |
      | GET    | /hello                   | 203    | hello | 5      |
      | HEAD   | /hello                   | 203    |       | 5      |
      | POST   | /hello                   | 203    | hello | 5      |
      | GET    | /nothing                 | 200    |       | 0      |
      | HEAD   | /nothing                 | 200    |       | 5      |
      | GET    | /empty                   | 200    |       | 0      |
      | GET    | /short                   | 200    | hel   | 3      |
      | GET    | /nowhere                 | 404    |       | 0      |

  Scenario Outline: <method> <path>, whose length nobody states
    Given the app "../fixtures/apps/static/spin.toml"
    When I send <method> "<path>"
    Then the response status is <status>
    And the response body is "<body>"
    And the response header "content-length" is absent
    And the response header "transfer-encoding" is absent

    Examples:
      | method | path     | status | body  |
      | GET    | /gone    | 204    |       |
      | GET    | /chunked | 200    | hello |
      | HEAD   | /empty   | 200    |       |
      | HEAD   | /nowhere | 404    |       |

  Scenario: the headers of a static response come in the order of the manifest
    Given the app "../fixtures/apps/static/spin.toml"
    When I send GET "/hello"
    Then the response header "x-first" is "1"
    And the response header "x-last" is "2"
