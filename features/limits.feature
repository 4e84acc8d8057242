Feature: Limits of the key-value stores
  What the documentation of a store's provider allows passes, one more is refused: a test should fail where production would.
  `spin up` itself refuses nothing of this, and a scenario can ask for exactly that.

  Background:
    Given the app "../fixtures/apps/key-value/spin.toml"
    And the runtime config "../fixtures/apps/key-value/runtime-config.toml"

  Scenario Outline: a value of 1 MB is stored, one more byte is not, by <interface>
    When I send POST "/<interface>/set?key=k" with body "bytes:1048576"
    Then the response status is 200
    And the key "k" of store "default" is "bytes:1048576"
    When I send POST "/<interface>/set?key=k" with body "bytes:1048577"
    Then the response status is 500
    And the response body contains "<error>: value of 1048577 bytes exceeds the documented limit of 1048576 bytes"
    And the response body contains "lift it with `Given the key-value limits are \"none\"`"
    And the key "k" of store "default" is "bytes:1048576"

    Examples:
      | interface | error |
      | v1        | io    |
      | v2        | other |
      | wasi      | other |
      | v3        | other |

  Scenario: a key of 256 bytes is stored, one more byte is not
    # Where a line of the body has no `=`, all of it is the key.
    When I send POST "/wasi/set-many" with body "bytes:256"
    Then the response status is 200
    And the key-value store "default" holds 1 tuple
    When I send POST "/wasi/set-many" with body "bytes:257"
    Then the response status is 500
    And the response body contains "other: key of 257 bytes exceeds the documented limit of 256 bytes"
    And the key-value store "default" holds 1 tuple

  Scenario Outline: the bytes of a key count and not its characters: <what>
    When I send POST "/wasi/set-many" with body "<key>"
    Then the response status is <status>

    Examples:
      | what                      | status | key                                                                                    |
      | 85 of three bytes are 255 | 200    | ☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃  |
      | 85 of three bytes and one | 200    | ☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃a |
      | 86 of three bytes are 258 | 500    | ☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃ |

  Scenario Outline: a key that is too long is refused by <operation> as well
    When I send POST "/wasi/<operation>?key=kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk&keys=short,kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk" with the body:
      """
      short=1
      kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk=2
      """
    Then the response status is 500
    And the response body contains "other: key of 257 bytes exceeds the documented limit of 256 bytes"
    And the key-value store "default" is empty

    Examples:
      | operation   |
      | get         |
      | set         |
      | delete      |
      | exists      |
      | increment   |
      | get-many    |
      | set-many    |
      | delete-many |

  Scenario Outline: a store takes 1,024 tuples and no more, by <interface>
    Given the key-value store "default" holds 1023 tuples
    When I send POST "/<interface>/set?key=last" with body "1"
    Then the response status is 200
    When I send POST "/<interface>/set?key=beyond" with body "1"
    Then the response status is 500
    And the response body contains "<error>: store of 1025 tuples exceeds the documented limit of 1024 tuples"
    When I send POST "/<interface>/set?key=last" with body "2"
    Then the response status is 200
    When I send POST "/<interface>/delete?key=last"
    And I send POST "/<interface>/set?key=beyond" with body "1"
    Then the response status is 200
    And the key-value store "default" holds 1024 tuples

    Examples:
      | interface | error |
      | v1        | io    |
      | v2        | other |
      | wasi      | other |
      | v3        | other |

  Scenario Outline: a full store refuses a new key from <operation> too
    Given the key-value store "default" holds 1024 tuples
    When I send POST "/wasi/<operation>" with body "new=1"
    Then the response status is 500
    And the response body contains "store of 1025 tuples"
    And the key-value store "default" is unchanged

    Examples:
      | operation         |
      | set-many          |
      | increment?key=new |
      | swap?key=new      |

  Scenario: each store has limits of its own
    Given the key-value store "default" holds 1024 tuples
    When I send POST "/v2/set?key=new&store=cache" with body "1"
    Then the response status is 200

  Scenario: what a Given step stores is not limited
    Given the key-value store "default" holds 1030 tuples
    When I send POST "/v2/set?key=tuple-1" with body "changed"
    Then the response status is 200
    And the key-value store "default" holds 1030 tuples

  Scenario: with limits none everything goes through, as with `spin up`
    Given the key-value limits are "none"
    And the key-value store "default" holds 1024 tuples
    When I send POST "/wasi/set-many" with body "bytes:257"
    Then the response status is 200
    When I send POST "/v2/set?key=k" with body "bytes:1048577"
    Then the response status is 200
    And the key-value store "default" holds 1026 tuples

  Scenario: Redis takes 128 MB for a key and its value together
    Given the runtime config:
      """
      [key_value_store.cache]
      type = "redis"
      url = "redis://localhost:6379"
      """
    When I send POST "/v2/set?store=cache&key=k" with body "bytes:134217727"
    Then the response status is 200
    # A swap hands over its key earlier: in one call with the value it would be more than wasmtime copies.
    When I send POST "/wasi/swap?store=cache&key=k&current=no" with body "bytes:134217728"
    Then the response status is 500
    And the response body contains "key and value of together 134217729 bytes exceeds the documented limit of 134217728 bytes"

  Scenario: Redis limits neither keys alone nor the number of tuples
    Given the runtime config:
      """
      [key_value_store.cache]
      type = "redis"
      url = "redis://localhost:6379"
      """
    And the key-value store "cache" holds 1024 tuples
    When I send POST "/wasi/set-many?store=cache" with body "bytes:5000"
    Then the response status is 200

  Scenario: Cosmos DB takes keys of 255 characters
    Given the runtime config:
      """
      [key_value_store.cache]
      type = "azure_cosmos"
      key = "a2V5"
      account = "account"
      database = "database"
      container = "container"
      """
    When I send POST "/wasi/set-many?store=cache" with body "bytes:255"
    Then the response status is 200
    When I send POST "/wasi/set-many?store=cache" with body "bytes:256"
    Then the response status is 500
    And the response body contains "key of 256 characters exceeds the documented limit of 255 characters"
    When I send POST "/wasi/set-many?store=cache" with body "éééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé"
    Then the response status is 200

  Scenario Outline: Cosmos DB takes no key with a <name>
    Given the runtime config:
      """
      [key_value_store.cache]
      type = "azure_cosmos"
      key = "a2V5"
      account = "account"
      database = "database"
      container = "container"
      """
    When I send POST "/v2/set?store=cache&key=a<encoded>b" with body "1"
    Then the response status is 500
    And the response body contains "a key with the character `<character>`, which the store's provider does not allow"

    Examples:
      | name          | encoded | character |
      | slash         | %2F     | /         |
      | backslash     | %5C     | \\\\      |
      | question mark | %3F     | ?         |
      | hash          | %23     | #         |

  Scenario Outline: an item of <provider> has 400 KB for key and value together
    Given the runtime config:
      """
      key_value_store.cache = { type = "<provider>", <settings> }
      """
    When I send POST "/v2/set?store=cache&key=k" with body "bytes:409599"
    Then the response status is 200
    When I send POST "/v2/set?store=cache&key=k" with body "bytes:409600"
    Then the response status is 500
    And the response body contains "key and value of together 409601 bytes exceeds the documented limit of 409600 bytes"

    Examples:
      | provider     | settings                                                     |
      | azure_cosmos | account = "a", database = "d", container = "c", key = "a2V5" |
      | aws_dynamo   | region = "eu-central-1", table = "t"                         |

  Scenario: DynamoDB takes keys of 2,048 bytes
    Given the runtime config:
      """
      key_value_store.cache = { type = "aws_dynamo", region = "eu-central-1", table = "t" }
      """
    When I send POST "/wasi/set-many?store=cache" with body "bytes:2048"
    Then the response status is 200
    When I send POST "/wasi/set-many?store=cache" with body "bytes:2049"
    Then the response status is 500
    And the response body contains "key of 2049 bytes exceeds the documented limit of 2048 bytes"
