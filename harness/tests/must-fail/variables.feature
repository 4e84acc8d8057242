Feature: Mistakes about variables, and what sweeps find in those who read them

  Background:
    Given the app "../../../fixtures/apps/variables/spin.toml"
    And the variable "token" is "s3cret"

  # fails with: variables get#1: provider: injected failure
  @fault-sweep
  Scenario: a sweep finds who needs a vault
    Given the runtime config:
      """toml
      [[variables_provider]]
      type = "azure_key_vault"
      vault_url = "https://v"
      """
    When I send GET "/v2?name=message"
    Then the response status is 200

  # fails with: variables get#1: other: Error::Provider("injected failure")
  @fault-sweep
  Scenario: a sweep says it as the first interface does
    Given the runtime config:
      """toml
      [[variables_provider]]
      type = "azure_key_vault"
      vault_url = "https://v"
      """
    When I send GET "/v1?name=message"
    Then the response status is 200

  # fails with: the fault never fired
  Scenario: a rule about a variable that is not there
    Given every "variables get" of variable "nothing" fails with "provider: sealed"
    When I send GET "/v2?name=nothing"
    Then the response status is 500

  # fails with: fermyon:spin/variables@2.0.0 has no way to answer "variables get" with "upstream: sealed"
  Scenario: an error of another interface
    Given every "variables get" fails with "upstream: sealed"
    When I send GET "/v2?name=message"
    Then the response status is 500

  # fails with: is made on nothing that has a label
  Scenario: a variable is of no store
    Given every "variables get" on store "default" fails with "provider: sealed"
    When I send GET "/v2?name=message"
    Then the response status is 500

  # fails with: "variables get" can never be lost; no operation of its service can
  Scenario: what changes nothing is never lost
    Given every "variables get" is lost
    When I send GET "/v2?name=message"
    Then the response status is 200
