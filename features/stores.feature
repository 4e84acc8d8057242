Feature: Stores and their labels
  The runtime config says which labels there are and what stands behind each; without it there is `default`.

  Scenario: `default` needs no runtime config
    Given the app "../fixtures/apps/visits/spin.toml"
    When I send GET "/visit"
    Then the response body is "1"
    And the key-value store "default" contains exactly:
      | key    | value |
      | visits | 1     |

  Scenario: the runtime config can stand in the scenario
    Given the app "../fixtures/apps/key-value-2"
    And the runtime config:
      """
      [key_value_store.cache]
      type = "spin"
      path = "cache.db"
      """
    When I send POST "/set?store=cache&key=a" with body "1"
    Then the key-value store "cache" contains exactly:
      | key | value |
      | a   | 1     |

  Scenario: two labels over one file keep their keys apart
    Given the app "../fixtures/apps/key-value-2"
    And the runtime config:
      """
      [key_value_store.default]
      type = "spin"
      path = "one.db"

      [key_value_store.cache]
      type = "spin"
      path = "one.db"
      """
    When I send POST "/set?store=cache&key=a" with body "1"
    Then the key-value store "default" is empty

  Scenario: labels over one Redis share their keys
    Given the app "../fixtures/apps/key-value-2"
    And the runtime config:
      """
      [key_value_store.default]
      type = "redis"
      url = "redis://localhost:6379"

      [key_value_store.cache]
      type = "redis"
      url = "redis://localhost:6379"
      """
    When I send POST "/set?store=cache&key=a" with body "1"
    And I send GET "/get?key=a"
    Then the response body is "1"
    And the key-value store "default" contains exactly:
      | key | value |
      | a   | 1     |
    And the key-value store "cache" contains exactly:
      | key | value |
      | a   | 1     |

  Scenario: labels over two databases of Redis do not
    Given the app "../fixtures/apps/key-value-2"
    And the runtime config:
      """
      [key_value_store.default]
      type = "redis"
      url = "redis://localhost:6379/0"

      [key_value_store.cache]
      type = "redis"
      url = "redis://localhost:6379/1"
      """
    When I send POST "/set?store=cache&key=a" with body "1"
    And I send GET "/get?key=a"
    Then the response body is "missing"

  Scenario: Redis counts in decimal text
    Given the app "../fixtures/apps/key-value-wasi"
    And the runtime config:
      """
      [key_value_store.default]
      type = "redis"
      url = "redis://localhost:6379"

      [key_value_store.cache]
      type = "spin"
      """
    And the key-value store "default" contains:
      | key  | value |
      | hits | 41    |
    When I send GET "/increment?key=hits"
    Then the response body is "42"
    And the key "hits" of store "default" is "42"
    When I send GET "/increment?key=hits&store=cache"
    Then the key "hits" of store "cache" is "base64:AQAAAAAAAAA="

  Scenario Outline: a store of type <type> is served by the harness
    Given the app "../fixtures/apps/key-value-2"
    And the runtime config:
      """
      key_value_store.cache = { type = "<type>", <settings> }
      """
    When I send POST "/set?store=cache&key=a" with body "1"
    And I send GET "/get?store=cache&key=a"
    Then the response body is "1"

    Examples:
      | type         | settings                                                     |
      | spin         | path = "kv.db"                                               |
      | redis        | url = "redis://redis.example.com"                            |
      | azure_cosmos | account = "a", database = "d", container = "c", key = "a2V5" |
      | aws_dynamo   | region = "eu-central-1", table = "t"                         |

  Scenario: a store can be filled in several ways at once
    Given the app "../fixtures/apps/key-value-2"
    And the runtime config "../fixtures/apps/key-value-2/runtime-config.toml"
    And the key-value store "default" contains:
      | key   | value              |
      | plain | 41                 |
      | text  | text:json:{        |
      | json  | json:{"a": [1]}    |
      | bytes | base64:/wA=        |
      | file  | file:data/note.txt |
      | long  | bytes:5            |
    And the key-value store "default" is loaded from "data/seed.json"
    And the key-value store "cache" holds 3 tuples
    When I send GET "/get-keys"
    Then the key-value store "default" contains exactly:
      | key         | value                     |
      | plain       | 41                        |
      | text        | text:json:{               |
      | json        | text:{"a": [1]}           |
      | bytes       | base64:/wA=               |
      | file        | a note                    |
      | long        | xxxxx                     |
      | from a file | yes                       |
      | a number    | 7                         |
      | an object   | text:{"deep":[true,null]} |
    And the key-value store "cache" holds 3 tuples

  Scenario: what a store holds can be stated in several ways
    Given the app "../fixtures/apps/key-value-2"
    And the runtime config "../fixtures/apps/key-value-2/runtime-config.toml"
    And the key-value store "default" contains:
      | key    | value                        |
      | order  | json:{"id": 7, "open": true} |
      | number | 41                           |
    When I send GET "/get?key=order"
    Then the key-value store "default" contains:
      | key   | value                     |
      | order | json:{"open":true,"id":7} |
    And the key-value store "default" contains:
      | key    | value              |
      | number | matches:^[0-9]{2}$ |
    And the key "order" of store "default" is "json:{\"id\": 7.0, \"open\": true}"
    And the key "order" of store "default" contains "open"
    And the key "number" of store "default" matches "^4"
    And the key-value store "default" has no key "another"
    And the key-value store "default" holds 2 tuples
    And the key-value store "default" is unchanged
    And the key-value store "cache" is empty

  Scenario: a Given step between requests changes the store at once
    Given the app "../fixtures/apps/visits/spin.toml"
    When I send GET "/visit"
    Then the response body is "1"
    Given the key-value store "default" contains:
      | key    | value |
      | visits | 41    |
    When I send GET "/visit"
    Then the response body is "42"
    Given the key-value store "default" is empty
    When I send GET "/visit"
    Then the response body is "1"

  Scenario: a store can be loaded from the file in which Spin keeps it
    Given the app "../fixtures/apps/visits/spin.toml"
    And the key-value store "default" is loaded from "data/sqlite_key_value.db"
    When I send GET "/visit"
    Then the response body is "42"
    And the key-value store "default" contains exactly:
      | key    | value         |
      | bytes  | base64:AP8K   |
      | visits | 42            |

  Scenario: Spin's file is read and never changed
    Given the app "../fixtures/apps/visits/spin.toml"
    And the key-value store "default" is loaded from "data/sqlite_key_value.db"
    Then the key "visits" of store "default" is "41"
