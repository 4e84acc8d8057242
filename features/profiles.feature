Feature: build profiles

  A component may define another source, more environment variables and other dependencies for a build profile, which
  `--profile`, the manifest's `[application.tool.harness]` or a step chooses. `Given the app` takes no profile from the command line.

  Scenario Outline: environment variables of the profile take the place of those of the same name: <profile> <name>
    Given the app "../fixtures/apps/profiles/spin.toml"
    And the build profile "<profile>"
    When I send GET "/own?what=environment&name=<name>"
    Then the response body is "<value>"

    Examples:
      | profile | name   | value |
      | loud    | COLOUR | red   |
      | loud    | SIZE   | small |
      | open    | COLOUR | green |

  Scenario: without a profile
    Given the app "../fixtures/apps/profiles/spin.toml"
    When I send GET "/own?what=environment&name=COLOUR"
    Then the response body is "green"

  Scenario Outline: dependencies of the profile take the place of those of the same name: <profile>
    Given the app "../fixtures/apps/profiles/spin.toml"
    And the build profile "<profile>"
    When I send GET "/inside?what=key-value&name=default"
    Then the response body is "<answer>"

    Examples:
      | profile | answer              |
      | loud    | Error::AccessDenied |
      | open    | ok                  |

  Scenario Outline: a component with another source in a profile: <profile>
    Given the app "../fixtures/apps/profiles/spin.toml"
    And the build profile "<profile>"
    When I send GET "/"
    Then the response body is "<answer>"

    Examples:
      | profile | answer              |
      | loud    | hello from a module |
      | open    | hello               |
