Feature: Interfaces that the harness does not provide
  A component starts whatever it imports; only the call of what is not there ends it.

  Background:
    Given the app "../fixtures/apps/unprovided/spin.toml"

  Scenario: importing is not calling
    When I send GET "/"
    Then the response status is 200
    And the response body is "nothing was called"
    And component "unprovided" did not trap

  Scenario Outline: a call traps: <path>
    When I send GET "<path>"
    Then the response status is 500
    And the response body is empty
    And component "unprovided" trapped
    When I send GET "/"
    Then the response status is 200

    Examples:
      | path           |
      | /unknown       |

  Scenario: such calls are no storage calls
    When I send GET "/sqlite"
    Then the storage calls are:
      | operation |
