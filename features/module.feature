Feature: A core module under a manifest of the first version
  What Spin 1 ran, runs: a module of WASI preview 1 becomes a component in memory.

  Background:
    Given the app "../fixtures/apps/module/spin.toml"

  Scenario: it answers
    When I send GET "/"
    Then the response status is 200
    And the response body is "hello from a module"
    And component "module" logged "the module was asked for /"

  Scenario: it reaches its store
    Given the key-value store "default" contains:
      | key  | value |
      | hits | 41    |
    When I send GET "/count?name=hits"
    Then the response body is "42"
    And the storage calls are:
      | component | operation | store   | key  | outcome |
      | module    | open      | default |      | ok      |
      | module    | get       | default | hits | ok      |
      | module    | set       | default | hits | ok      |

  Scenario: faults reach it
    Given every "get" fails with "no-such-store"
    When I send GET "/count?name=hits"
    Then the response status is 503
    And the response body contains "NoSuchStore"
