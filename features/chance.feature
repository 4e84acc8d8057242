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

  Scenario Outline: with the seed <seed> it does so for WASI 0.3
    Given the app "../fixtures/apps/sandboxed-async"
    And the random seed is <seed>
    When I send GET "/random"
    Then the response body is "<random>"
    When I send GET "/insecure-random"
    Then the response body is "<insecure>"
    When I send GET "/insecure-seed"
    Then the response body is "<two halves>"
    When I send GET "/hashmap"
    Then the response body is "<order>"

    Examples: each of another instance
      | seed                 | random           | insecure         | two halves                        | order           |
      | 7                    | de88813aec504435 | 8ddad38bdcdf450d | e880a903bcff6547 a1cc9157ea05f676 | b,d,g,a,f,h,c,e |
      | 7                    | de88813aec504435 | 8ddad38bdcdf450d | e880a903bcff6547 a1cc9157ea05f676 | b,d,g,a,f,h,c,e |
      | 8                    | ef2cf86d96dbdd14 | 8425f2abf94fc6b4 | 967dba0b719c2f41 1f6f6c8decc13e92 | f,g,c,b,d,a,e,h |
      | 18446744073709551615 | f1da0df4775d2307 | 784e1c4df6a7651f | 2952c3e2c00a4478 1f3b7a1acee1a315 | b,d,h,e,c,f,a,g |

  Scenario: two instances of WASI 0.3 do not draw the same numbers
    Given the app "../fixtures/apps/sandboxed-async"
    And the random seed is 7
    When I send GET "/random"
    Then the response body is "de88813aec504435"
    When I send GET "/random"
    Then the response body is "39be7638c17de1f6"

  Scenario: an instance that is reused goes on drawing
    Given the app "../fixtures/apps/sandboxed-async"
    And instances are reused
    And the random seed is 7
    When I send GET "/random"
    Then the response body is "de88813aec504435"
    When I send GET "/random"
    Then the response body is "573d672eec40b2a6"
    When I send GET "/insecure-random"
    Then the response body is "513500e0b4000ccf"
    When I send GET "/insecure-random"
    Then the response body is "d1e8cdb3f1f79b13"
    When I send GET "/insecure-seed"
    Then the response body is "bca402f674ddd08d 2371c8a9b8068eba"
    When I send GET "/insecure-seed"
    Then the response body is "bca402f674ddd08d 2371c8a9b8068eba"

  Scenario: the hash maps of an instance take their seed from the same numbers, once
    Given the app "../fixtures/apps/sandboxed-async"
    And instances are reused
    And the random seed is 7
    When I send GET "/hashmap"
    Then the response body is "f,h,e,c,a,g,d,b"
    When I send GET "/hashmap"
    Then the response body is "e,f,a,g,b,d,h,c"
    When I send GET "/random"
    Then the response body is "fcccf651a528a99e"

  Scenario: requests at once in one instance share what it draws
    Given the app "../fixtures/apps/sandboxed-async"
    And instances are reused
    And the random seed is 7
    When 3 clients send GET "/random" at once
    Then the response bodies are, in any order:
      | de88813aec504435 |
      | 573d672eec40b2a6 |
      | f723388f9516889d |

  Scenario Outline: with the seed <seed> a bare module draws the same each time
    Given the app "../fixtures/apps/module"
    And the random seed is <seed>
    When I send GET "/random"
    Then the response body is "<first>"
    When I send GET "/random"
    Then the response body is "<second>"

    Examples: two instances, one after the other
      | seed                 | first            | second           |
      | 7                    | 7c1873e7afc19fab | 66ee76c008e2f308 |
      | 7                    | 7c1873e7afc19fab | 66ee76c008e2f308 |
      | 8                    | e773577611e54b5f | 69f4e9b61672ae0b |
      | 18446744073709551615 | 60ae600450992183 | 27ec8e4569104fad |

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
