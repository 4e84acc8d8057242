Feature: Atomics of wasi:keyvalue
  Increment and compare-and-swap as the SQLite store of `spin up` does them, with what is odd about it.

  Background:
    Given the app "../fixtures/apps/key-value/spin.toml"
    And the runtime config "../fixtures/apps/key-value/runtime-config.toml"

  Scenario: increment starts from nothing and keeps eight bytes, the lowest first
    When I send GET "/wasi/increment?key=n"
    Then the response body is "1"
    And the key "n" of store "default" is "base64:AQAAAAAAAAA="
    When I send GET "/wasi/increment?key=n&delta=299"
    Then the response body is "300"
    And the key "n" of store "default" is "base64:LAEAAAAAAAA="
    When I send GET "/wasi/increment?key=n&delta=-301"
    Then the response body is "-1"
    And the key "n" of store "default" is "base64://////////8="
    And the storage calls are:
      | operation | store   | key | outcome |
      | open      | default |     | ok      |
      | increment | default | n   | ok      |
      | open      | default |     | ok      |
      | increment | default | n   | ok      |
      | open      | default |     | ok      |
      | increment | default | n   | ok      |

  Scenario: increment takes any eight bytes for a number
    Given the key-value store "default" contains:
      | key  | value    |
      | text | !!!!!!!! |
    When I send GET "/wasi/increment?key=text"
    Then the response body is "2387225703656530210"
    And the key "text" of store "default" is "\"!!!!!!!"

  Scenario: increment of a value of another length traps, and so does every later call on that store
    Given the key-value store "default" contains:
      | key   | value |
      | text  | 41    |
      | other | 1     |
    When I send GET "/wasi/increment?key=text"
    Then the response status is 500
    And the response body is empty
    And component "wasi" trapped
    When I send GET "/v2/get?key=other"
    Then the response status is 500
    And the response body is empty
    And component "v2" trapped
    And the key-value store "default" is unchanged
    And the storage calls are:
      | component | operation | store   | key   | outcome |
      | wasi      | open      | default |       | ok      |
      | wasi      | increment | default | text  | trap    |
      | v2        | open      | default |       | ok      |
      | v2        | get       | default | other | trap    |

  Scenario: a swap reads, compares and writes
    Given the key-value store "default" contains:
      | key  | value |
      | turn | white |
    When I send POST "/wasi/swap?key=turn" with body "black"
    Then the response status is 200
    And the key "turn" of store "default" is "black"
    And the storage calls are:
      | operation   | store   | key  | outcome |
      | open        | default |      | ok      |
      | cas-new     | default | turn | ok      |
      | cas-current | default | turn | ok      |
      | swap        | default | turn | ok      |

  Scenario Outline: the current value of a handle, where the key is <what>
    Given the key-value store "default" contains:
      | key   | value |
      | there | 7     |
    When I send GET "/wasi/cas-current?key=<key>"
    Then the response status is <status>
    And the response body is "<answer>"

    Examples:
      | what    | key   | status | answer  |
      | there   | there | 200    | 7       |
      | missing | gone  | 404    | missing |

  Scenario: a swap whose value was never read overwrites
    Given the key-value store "default" contains:
      | key  | value |
      | turn | white |
    When I send POST "/wasi/swap?key=turn&current=no" with body "black"
    Then the response status is 200
    And the key "turn" of store "default" is "black"
    And "cas-current" was never called

  Scenario: a lost race is told, with a handle that has read the new value
    Given the random seed is 1
    And the key-value store "default" contains:
      | key  | value |
      | turn | white |
    When these requests are sent at once:
      | method | path                | body  |
      | POST   | /wasi/swap?key=turn | black |
      | POST   | /v2/set?key=turn    | red   |
    Then the storage calls are:
      | operation   | outcome    |
      | open        | ok         |
      | open        | ok         |
      | cas-new     | ok         |
      | cas-current | ok         |
      | set         | ok         |
      | swap        | cas-failed |
      | cas-current | ok         |
    And the response bodies are, in any order:
      | cas-failed: red |
      |                 |
    And the key "turn" of store "default" is "red"

  Scenario: the handle that comes with a lost race can win the next one
    Given the key-value store "default" contains:
      | key  | value |
      | turn | white |
    And the 1st "swap" fails with "cas-failed"
    When I send POST "/wasi/swap?key=turn&retry=yes" with body "black"
    Then the response status is 200
    And the key "turn" of store "default" is "black"
    And the storage calls are:
      | operation   | store   | key  | outcome    |
      | open        | default |      | ok         |
      | cas-new     | default | turn | ok         |
      | cas-current | default | turn | ok         |
      | swap        | default | turn | cas-failed |
      | swap        | default | turn | ok         |

  Scenario: a value that went and came back is not noticed
    Given the random seed is 129
    And the key-value store "default" contains:
      | key  | value |
      | turn | white |
    When these requests are sent at once:
      | method | path                | body  |
      | POST   | /wasi/swap?key=turn | black |
      | POST   | /v2/set?key=turn    | red   |
      | POST   | /v2/set?key=turn    | white |
    Then every response status is 200
    And the storage calls are:
      | operation   |
      | open        |
      | open        |
      | open        |
      | cas-new     |
      | cas-current |
      | set         |
      | set         |
      | swap        |
    And the key "turn" of store "default" is "black"

  Scenario: from a missing key a swap overwrites what came meanwhile
    Given the random seed is 1
    When these requests are sent at once:
      | method | path                | body   |
      | POST   | /wasi/swap?key=turn | ours   |
      | POST   | /v2/set?key=turn    | theirs |
    Then every response status is 200
    And the storage calls are:
      | operation   |
      | open        |
      | open        |
      | cas-new     |
      | cas-current |
      | set         |
      | swap        |
    And the key "turn" of store "default" is "ours"

  Scenario: a key that was deleted meanwhile is a lost race
    Given the random seed is 1
    And the key-value store "default" contains:
      | key  | value |
      | turn | white |
    When these requests are sent at once:
      | method | path                | body  |
      | POST   | /wasi/swap?key=turn | black |
      | POST   | /v2/delete?key=turn |       |
    Then the response bodies are, in any order:
      | cas-failed: missing |
      |                     |
    And the key-value store "default" is empty

  Scenario: no increment is lost among ten clients
    When 10 clients send POST "/wasi/increment?key=n" at once
    Then every response status is 200
    And the key "n" of store "default" is "base64:CgAAAAAAAAA="
    And the response bodies are, in any order:
      | 1  |
      | 2  |
      | 3  |
      | 4  |
      | 5  |
      | 6  |
      | 7  |
      | 8  |
      | 9  |
      | 10 |

  Scenario: of ten clients that swap and try again, each wins once
    Given the key-value store "default" contains:
      | key  | value |
      | turn | white |
    When 10 clients send POST "/wasi/swap?key=turn&retry=yes" with body "mine" at once
    Then every response status is 200
    And the key "turn" of store "default" is "mine"
