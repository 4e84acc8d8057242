Feature: The environment of a component
  A guest sees the environment that its manifest and the scenario state, and nothing of the machine it runs on.

  Background:
    Given the app "../fixtures/apps/sandboxed/spin.toml"

  Scenario: the manifest's environment is all there is
    When I send GET "/env-all"
    Then the response body is:
      """
      EMPTY=
      MODE=test
      """

  Scenario Outline: <name> is "<value>"
    When I send GET "/env?name=<name>"
    Then the response status is <status>
    And the response body is "<value>"

    Examples:
      | name  | status | value   |
      | MODE  | 200    | test    |
      | EMPTY | 200    |         |
      | PATH  | 404    | missing |
      | HOME  | 404    | missing |

  Scenario: a scenario can add to it and replace what is there
    Given the environment variable "REGION" is "eu"
    And the environment variable "MODE" is "production"
    When I send GET "/env-all"
    Then the response body is:
      """
      EMPTY=
      MODE=production
      REGION=eu
      """

  Scenario: there are no arguments
    When I send GET "/arguments"
    Then the response body is empty

  Scenario: what a guest writes to its output and its errors is its log
    When I send GET "/log?out=to%20the%20output&err=to%20the%20errors"
    Then component "sandboxed" logged "to the output"
    And component "sandboxed" logged "to the errors"
    And component "sandboxed" did not log "anything else"
