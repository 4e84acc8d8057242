Feature: Variables
  A component reads its own variables, which are templates over the app's, through four interfaces.

  Background:
    Given the app "../fixtures/apps/variables/spin.toml"
    And the variable "token" is "s3cret"

  Scenario Outline: a fixed value, through <interface>
    When I send GET "<path>?name=fixed"
    Then the response status is 200
    And the response body is "<value>"

    Examples:
      | interface                                | path  | value |
      | fermyon:spin/config                      | /v1   | 42    |
      | fermyon:spin/variables@2.0.0             | /v2   | 42    |
      | wasi:config/store@0.2.0-draft-2024-09-27 | /wasi | 42    |
      | spin:variables/variables@3.0.0           | /v3   | 43    |

  Scenario Outline: templates are filled in from the manifest's defaults, through <path>
    When I send GET "<path>?name=message"
    Then the response body is "<message>"

    Examples:
      | path  | message             |
      | /v1   | hello, world!       |
      | /v2   | hello, world!       |
      | /wasi | hello, world!       |
      | /v3   | hello, async world! |

  Scenario Outline: the scenario's values go before the defaults, through <path>
    Given the variable "planet" is "mars"
    And the variable "greeting" is "good \"morning\""
    When I send GET "<path>?name=message"
    Then the response body is "<message>"

    Examples:
      | path  | message                         |
      | /v1   | good \\"morning\\", mars!       |
      | /v2   | good \\"morning\\", mars!       |
      | /wasi | good \\"morning\\", mars!       |
      | /v3   | good \\"morning\\", async mars! |

  Scenario: a required variable that is given, among others in one template
    When I send GET "/v2?name=url"
    Then the response body is "https://world.example.com/?token=s3cret"

  Scenario: a secret is no secret to the component
    When I send GET "/v2?name=password"
    Then the response body is "open sesame"

  Scenario Outline: a variable that the component does not have, through <path>
    When I send GET "<path>?name=nothing"
    Then the response status is <status>
    And the response body is "<answer>"

    Examples:
      | path  | status | answer                                                         |
      | /v1   | 500    | provider: no variable for \\"variables\\".\\"nothing\\"        |
      | /v2   | 500    | undefined: no variable for \\"variables\\".\\"nothing\\"       |
      | /wasi | 404    | missing                                                        |
      | /v3   | 500    | undefined: no variable for \\"variables-async\\".\\"nothing\\" |

  Scenario: the app's variables are not the component's
    When I send GET "/v2?name=planet"
    Then the response body is "undefined: no variable for \"variables\".\"planet\""

  Scenario: one component does not see the variables of another
    When I send GET "/v3?name=url"
    Then the response body is "undefined: no variable for \"variables-async\".\"url\""

  Scenario Outline: a name that can't be one, through <path>
    When I send GET "<path>?name=Bad-Name"
    Then the response status is <status>
    And the response body is "<answer>"

    Examples:
      | path  | status | answer                                                                                                                             |
      | /v1   | 500    | invalid-key: \\"Bad-Name\\": invalid character 'B'. Variable names may contain only lower-case letters, numbers, and underscores.  |
      | /v2   | 500    | invalid-name: \\"Bad-Name\\": invalid character 'B'. Variable names may contain only lower-case letters, numbers, and underscores. |
      | /wasi | 404    | missing                                                                                                                            |
      | /v3   | 500    | invalid-name: \\"Bad-Name\\": invalid character 'B'. Variable names may contain only lower-case letters, numbers, and underscores. |

  Scenario: all of a component's variables at once
    When I send GET "/wasi-all"
    Then the response body contains "message=hello, world!"
    And the response body contains "fixed=42"
    And the response body contains "password=open sesame"
    And the response body contains "url=https://world.example.com/?token=s3cret"
    And the response body contains "greeting=hello"

  Scenario: reading variables is no storage call
    When I send GET "/v2?name=fixed"
    Then the storage calls are:
      | operation |

  Scenario: what was asked for is in the journal
    When I send GET "/v2?name=fixed"
    And I send GET "/v1?name=nothing"
    And I send GET "/wasi?name=nothing"
    Then the service calls are:
      | operation     | key     | outcome                                               |
      | variables get | fixed   | ok                                                    |
      | variables get | nothing | provider: no variable for "variables"."nothing"       |
      | variables get | nothing | undefined: no variable for "variables"."nothing"      |

  Scenario Outline: a vault that fails, through <path>
    Given every "variables get" of variable "message" fails with "<error>"
    When I send GET "<path>?name=message"
    Then the response status is 500
    And the response body is "<error>"
    When I send GET "<path>?name=fixed"
    Then the response status is 200

    Examples:
      | path  | error                                           |
      | /v1   | other: Error::Provider(\\"the vault is sealed\\") |
      | /v1   | invalid-schema: no text                         |
      | /v2   | provider: the vault is sealed                   |
      | /v2   | other: invalid template                         |
      | /wasi | upstream: the vault is sealed                   |
      | /wasi | io: the disk is full                            |
      | /v3   | provider: the vault is sealed                   |

  Scenario: a vault that fails in the middle of all variables
    Given the 3rd "variables get" fails with "upstream: the vault is sealed"
    When I send GET "/wasi-all"
    Then the response status is 500
    And the response body is "upstream: the vault is sealed"
    And "variables get" was called 3 times

  Scenario: a vault that is slow
    Given every "variables get" takes 2s
    When I send GET "/v3?name=fixed"
    Then the response body is "43"
    And the response took 2s

  Scenario: of a variable that is not there no vault is asked
    Given optionally, every "variables get" fails with "provider: the vault is sealed"
    When I send GET "/v2?name=nothing"
    Then the response body is "undefined: no variable for \"variables\".\"nothing\""

  # A vault is asked for what a template names, and not for what is fixed.
  @fault-sweep
  Scenario: a sweep has nothing to let fail where the value is fixed
    Given the runtime config:
      """toml
      [[variables_provider]]
      type = "azure_key_vault"
      vault_url = "https://v"
      """
    When I send GET "/v2?name=fixed"
    Then the response status is 200

  # Nothing that Spin would ask could fail.
  @fault-sweep
  Scenario: a sweep has nothing to let fail where all values are in files
    When I send GET "/v2?name=message"
    Then the response status is 200

  @fault-sweep
  Scenario: a sweep lets a vault fail
    Given the runtime config:
      """
      [[variables_provider]]
      type = "vault"
      url = "http://127.0.0.1:8200"
      token = "root"
      mount = "secret"
      """
    When I send GET "/v2?name=message"
    Then the response status is one of 200, 500
