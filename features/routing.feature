Feature: Routing
  The component whose route fits a path best answers: an exact route before a longer prefix before a shorter one.

  Background:
    Given the app "../fixtures/apps/echo/spin.toml"

  Scenario Outline: <path> is answered by <component>
    When I send GET "<path>"
    Then the response status is 200
    And the JSON path "$.component" is "<component>"

    Examples:
      | path                   | component  |
      | /                      | everything |
      | /anything/at/all       | everything |
      | /exact                 | exact      |
      | /exact?with=a&query    | exact      |
      | /exact/more            | everything |
      | /exactly               | everything |
      | /Exact                 | everything |
      | /prefix                | prefix     |
      | /prefix/               | prefix     |
      | /prefix/a/b            | prefix     |
      | /prefixed              | everything |
      | /prefix/deeper         | deeper     |
      | /prefix/deeper/still/x | deeper     |
      | /prefix/deep           | prefix     |
      | /users/7               | user       |
      | /users                 | everything |
      | /users/7/posts/9       | post       |
      | /users/7/posts         | everything |
      | /internal              | everything |

  Scenario Outline: <method> is routed like any other
    When I send <method> "/exact"
    Then the JSON path "$.component" is "exact"
    And the JSON path "$.method" is "<method>"

    Examples:
      | method   |
      | GET      |
      | POST     |
      | PUT      |
      | PATCH    |
      | DELETE   |
      | OPTIONS  |
      | PROPFIND |

  Scenario: a path without a route is not found, by an empty answer
    Given the app "../fixtures/apps/grants/spin.toml"
    And the runtime config "../fixtures/apps/grants/runtime-config.toml"
    When I send GET "/nowhere"
    Then the response status is 404
    And the response body is empty
    And the response header "content-length" is "0"
    And the response header "content-type" is absent
    And the response header "date" is absent
    And component "catalog" did not trap

  Scenario: Spin itself says that it is well
    When I send GET "/.well-known/spin/health"
    Then the response status is 200
    And the response body is "OK"
    And the response header "content-length" is "2"

  Scenario: Spin itself says which app it runs
    When I send GET "/.well-known/spin/info"
    Then the response status is 200
    And the response header "content-type" is "application/json"
    And the response body is JSON:
      """
      {"name": "echo", "version": "1.0.0"}
      """

  Scenario: other well-known paths of Spin are not found, whatever the routes
    When I send GET "/.well-known/spin/secrets"
    Then the response status is 404
    And the response body is empty

  Scenario: well-known paths of others are for the app
    When I send GET "/.well-known/security.txt"
    Then the JSON path "$.component" is "everything"

  Scenario Outline: the host <host> is none for a route, which is all that needs one: <path>
    When I send GET "<path>" with the headers:
      | name | value  |
      | host | <host> |
    Then the response status is <status>
    And component "everything" did not trap

    Examples:
      | host                   | path                      | status |
      | bad host               | /exact                    | 500    |
      | bad host               | /.well-known/spin/health  | 200    |
      | bad host               | /.well-known/spin/secrets | 404    |
      |                        | /exact                    | 500    |
      |                        | /.well-known/spin/health  | 200    |
      | a:1:2                  | /exact                    | 500    |
      | exact.spin.internal    | /exact                    | 500    |
      | exact.spin.internal:80 | /exact                    | 500    |
      | spin.internal          | /exact                    | 200    |

  Scenario: a static response needs a host, a path without a route none
    Given the app "../fixtures/apps/static/spin.toml"
    When I send GET "/hello" with the headers:
      | name | value    |
      | host | bad host |
    Then the response status is 500
    And the response body is empty
    When I send GET "/nowhere" with the headers:
      | name | value    |
      | host | bad host |
    Then the response status is 404
