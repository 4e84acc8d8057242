Feature: Chance
  Everything random follows from the scenario's seed: random numbers, the order of hash maps, the order of requests at once.

  Background:
    Given the app "../fixtures/apps/sandboxed/spin.toml"

  Scenario Outline: with the seed <seed> it always comes out the same
    Given the random seed is <seed>
    When I send GET "/random"
    Then the response body is "<random>"
    When I send GET "/insecure-random"
    Then the response body is "<insecure>"
    When I send GET "/hashmap"
    Then the response body is "<order>"

    Examples:
      | seed                 | random | insecure | order |
      | 7                    | R7     | I7       | O7    |
      | 7                    | R7     | I7       | O7    |
      | 8                    | R8     | I8       | O8    |
      | 18446744073709551615 | RM     | IM       | OM    |

  Scenario: two instances do not draw the same numbers
    Given the random seed is 7
    When I send GET "/random"
    Then the response body is "R7"
    When I send GET "/random"
    Then the response body is "R7SECOND"

  Scenario Outline: with the seed <seed> two visits at once are counted as <hits>
    Given the app "../fixtures/apps/visits/spin.toml"
    And the random seed is <seed>
    When 2 clients send POST "/count?name=hits" at once
    Then every response status is 200
    And the key "hits" of store "default" is "<hits>"

    Examples: one order loses an update, another does not
      | seed | hits |
      | 1    | 1    |
      | 1    | 1    |
      | 2    | 2    |
