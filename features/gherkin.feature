# Comments may stand anywhere.
@specification
Feature: Gherkin
  Everything that the language has for writing scenarios can be used.

  Background:
    Given the app "../fixtures/apps/key-value-2"
    And the runtime config "../fixtures/apps/key-value-2/runtime-config.toml"

  Example: an example is a scenario
    * the key-value store "default" is empty
    When I send GET "/get-keys"
    Then the response body is empty
    But the response status is 200

  @tagged
  Scenario: cells may hold bars, backslashes and line ends
    Given the key-value store "default" contains:
      | key        | value |
      | a\|b       | \\    |
      | two\nlines | \n    |
    When I send GET "/get-keys"
    Then the response body is:
      """
      a|b
      two
      lines
      """
    And the key "a|b" of store "default" is "\\"
    And the key-value store "default" holds 2 tuples

  Scenario: texts keep their indentation, their quotes and their backslashes
    When I send POST "/set?key=text" with the body:
      ```
      first
        "second" \ third

      ```
    And I send GET "/get?key=text"
    Then the response body is:
      """
      first
        "second" \ third

      """

  Scenario: a text may say what it is, for editors
    When I send POST "/set?key=text" with the body:
      """text/plain
      first
        second
      """
    And I send GET "/get?key=text"
    Then the response body is:
      ```text
      first
        second
      ```

  Scenario Template: columns stand in sentences, tables and texts: <key>
    Given the key-value store "default" contains:
      | key   | value   |
      | <key> | <value> |
    When I send POST "/sequence" with the body:
      """
      get <key>
      get <other>
      """
    Then the response body is:
      """
      <value>
      missing
      """

    Scenarios:
      | key | value   | other |
      | a   | 1       | b     |
      | b   | <a> < 2 | a     |

  Rule: a rule has scenarios of its own

    Background: which begin with steps of their own
      Given the key-value store "default" contains:
        | key  | value |
        | rule | yes   |

    Scenario: after those of the feature
      When I send GET "/get?key=rule"
      Then the response body is "yes"

  Rule: another rule knows nothing of it

    Scenario: nor of its steps
      When I send GET "/get?key=rule"
      Then the response body is "missing"
