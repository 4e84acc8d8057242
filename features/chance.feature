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
      | seed                 | random           | insecure         | order           |
      | 7                    | fcccf651a528a99e | 8ddad38bdcdf450d | c,d,e,f,g,h,a,b |
      | 7                    | fcccf651a528a99e | 8ddad38bdcdf450d | c,d,e,f,g,h,a,b |
      | 8                    | 02c912bb54b08594 | 8425f2abf94fc6b4 | a,b,f,e,g,c,h,d |
      | 18446744073709551615 | 196f4138d75c87cf | 784e1c4df6a7651f | c,e,h,f,b,a,g,d |

  Scenario: two instances do not draw the same numbers
    Given the random seed is 7
    When I send GET "/random"
    Then the response body is "fcccf651a528a99e"
    When I send GET "/random"
    Then the response body is "db3962239f86d720"

  Scenario Outline: with the seed <seed> two visits at once are counted as <hits>
    Given the app "../fixtures/apps/visits/spin.toml"
    And the random seed is <seed>
    When 2 clients send POST "/count?name=hits" at once
    Then every response status is 200
    And the key "hits" of store "default" is "<hits>"

    Examples: one order loses an update, another does not
      | seed | hits |
      | 3    | 1    |
      | 3    | 1    |
      | 1    | 2    |
