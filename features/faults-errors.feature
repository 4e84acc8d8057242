Feature: A call that fails
  A rule can give a call any error that its interface has. The call then has no effect.

  What each interface has:

  | error            | v1               | v2               | wasi                    | v3               |
  | other: T         | io: T            | other: T         | other: T                | other: T         |
  | access-denied    | access-denied    | access-denied    | access-denied           | access-denied    |
  | no-such-store    | no-such-store    | no-such-store    | no-such-store           | no-such-store    |
  | store-table-full | store-table-full | store-table-full | other: store table full | store-table-full |
  | no-such-key      | of get only      |                  |                         |                  |
  | invalid-store    | but not of open  |                  |                         |                  |
  | cas-failed       |                  |                  | of swap only            |                  |

  Background:
    Given the app "../fixtures/apps/key-value"
    And the runtime config "../fixtures/apps/key-value/runtime-config.toml"
    And the key-value store "default" contains:
      | key | value |
      | k   | 1     |

  Scenario Outline: <operation> of <interface> fails with every error that the interface has
    Given storage faults:
      | operation   | when  | effect           |
      | <operation> | nth 1 | access-denied    |
      | <operation> | nth 2 | no-such-store    |
      | <operation> | nth 3 | store-table-full |
      | <operation> | nth 4 | other: disk full |
    When I send POST "/<interface>/<operation>?key=k&keys=k" with body "k=2"
    Then the response status is 500
    And the response body is "access-denied"
    When I send POST "/<interface>/<operation>?key=k&keys=k" with body "k=2"
    Then the response body is "no-such-store"
    When I send POST "/<interface>/<operation>?key=k&keys=k" with body "k=2"
    Then the response body is "<table full>"
    When I send POST "/<interface>/<operation>?key=k&keys=k" with body "k=2"
    Then the response body is "<other>"
    And the key-value store "default" is unchanged
    And "<operation>" was called 4 times
    And component "<interface>" did not trap

    Examples: `fermyon:spin/key-value` of Spin 1 says io where the others say other
      | interface | operation | table full       | other         |
      | v1        | open      | store-table-full | io: disk full |
      | v1        | get       | store-table-full | io: disk full |
      | v1        | set       | store-table-full | io: disk full |
      | v1        | delete    | store-table-full | io: disk full |
      | v1        | exists    | store-table-full | io: disk full |
      | v1        | get-keys  | store-table-full | io: disk full |

    Examples: `fermyon:spin/key-value@2.0.0`
      | interface | operation | table full       | other            |
      | v2        | open      | store-table-full | other: disk full |
      | v2        | get       | store-table-full | other: disk full |
      | v2        | set       | store-table-full | other: disk full |
      | v2        | delete    | store-table-full | other: disk full |
      | v2        | exists    | store-table-full | other: disk full |
      | v2        | get-keys  | store-table-full | other: disk full |

    Examples: `wasi:keyvalue` has no store-table-full, and says it in words
      | interface | operation   | table full              | other            |
      | wasi      | open        | other: store table full | other: disk full |
      | wasi      | get         | other: store table full | other: disk full |
      | wasi      | set         | other: store table full | other: disk full |
      | wasi      | delete      | other: store table full | other: disk full |
      | wasi      | exists      | other: store table full | other: disk full |
      | wasi      | get-keys    | other: store table full | other: disk full |
      | wasi      | get-many    | other: store table full | other: disk full |
      | wasi      | set-many    | other: store table full | other: disk full |
      | wasi      | delete-many | other: store table full | other: disk full |
      | wasi      | increment   | other: store table full | other: disk full |
      | wasi      | cas-new     | other: store table full | other: disk full |
      | wasi      | cas-current | other: store table full | other: disk full |
      | wasi      | swap        | other: store table full | other: disk full |

    Examples: `spin:key-value/key-value@3.0.0`
      | interface | operation | table full       | other            |
      | v3        | open      | store-table-full | other: disk full |
      | v3        | get       | store-table-full | other: disk full |
      | v3        | set       | store-table-full | other: disk full |
      | v3        | delete    | store-table-full | other: disk full |
      | v3        | exists    | store-table-full | other: disk full |

  Scenario Outline: a listing of 3.0.0 that fails with <error> is an empty stream, and its future has the error
    Given every "get-keys" fails with "<error>"
    When I send GET "/v3/get-keys"
    Then the response status is 500
    And the response body is "! <error>"
    And the storage calls are:
      | operation | outcome |
      | open      | ok      |
      | get-keys  | <error> |

    Examples:
      | error            |
      | access-denied    |
      | no-such-store    |
      | store-table-full |
      | other: disk full |

  Scenario: in Spin 1 a key can be said to be missing that is there
    Given the 1st "get" fails with "no-such-key"
    When I send GET "/v1/get?key=k"
    Then the response body is "no-such-key"
    And the storage calls are:
      | operation | key | outcome     |
      | open      |     | ok          |
      | get       | k   | no-such-key |
    When I send GET "/v1/get?key=k"
    Then the response body is "1"

  Scenario Outline: in Spin 1 <operation> can find its handle to be no store
    Given the 1st "<operation>" fails with "invalid-store"
    When I send POST "/v1/<operation>?key=k" with body "2"
    Then the response body is "invalid-store"
    And the key-value store "default" is unchanged
    And component "v1" did not trap

    Examples:
      | operation |
      | get       |
      | set       |
      | delete    |
      | exists    |
      | get-keys  |

  Scenario: a swap that lost a race which nobody ran may be tried again
    Given the first 2 "swap" fail with "cas-failed"
    When I send POST "/wasi/swap?key=k&retry=yes" with body "2"
    Then the response status is 200
    And the key "k" of store "default" is "2"
    And the storage calls are:
      | operation   | key | outcome    |
      | open        |     | ok         |
      | cas-new     | k   | ok         |
      | cas-current | k   | ok         |
      | swap        | k   | cas-failed |
      | swap        | k   | cas-failed |
      | swap        | k   | ok         |

  Scenario: the text of an error may be empty, and is passed on as it is
    Given the 1st "get" fails with "other: "
    And the 2nd "get" fails with "other: a: b (ü), 100 %"
    When I send GET "/v2/get?key=k"
    Then the response body is "other: "
    When I send GET "/v2/get?key=k"
    Then the response body is "other: a: b (ü), 100 %"

  Scenario: one rule hits all interfaces
    Given every "get" fails with "other: disk full"
    When these requests are sent at once:
      | method | path            |
      | GET    | /v1/get?key=k   |
      | GET    | /v2/get?key=k   |
      | GET    | /wasi/get?key=k |
      | GET    | /v3/get?key=k   |
    Then every response status is 500
    And the response bodies are, in any order:
      | io: disk full    |
      | other: disk full |
      | other: disk full |
      | other: disk full |

  Scenario: an instance goes on after an error, and so does its handle
    Given the 1st "set" fails with "no-such-store"
    When I send POST "/v2/sequence" with the body:
      """
      set k 2
      get k
      set k 3
      get k
      """
    Then the response body is:
      """
      ! no-such-store
      1
      ok
      3
      """
