Feature: Faults that do something else than the scenario says
  Each scenario is the twin of one in features/faults-*.feature, with one figure or word changed.

  Background:
    Given the app "../../../fixtures/apps/key-value"
    And the runtime config:
      """
      [key_value_store.cache]
      type = "aws_dynamo"
      region = "eu-central-1"
      table = "t"
      """
    And the key-value store "default" contains:
      | key | value |
      | k   | 1     |

  # fails with: expected: "<wrong>"
  # fails with: actual: "<right>"
  # fails with: ↳ the 1st "<operation>" fails with "<error>"
  Scenario Outline: an error that reads otherwise, of <operation> by <interface>
    Given the 1st "<operation>" fails with "<error>"
    When I send POST "/<interface>/<operation>?key=k" with body "k=2"
    Then the response body is "<wrong>"

    Examples:
      | interface | operation | error            | wrong            | right                   |
      | v1        | set       | other: disk full | other: disk full | io: disk full           |
      | v1        | get       | no-such-key      | missing          | no-such-key             |
      | v2        | get       | no-such-store    | access-denied    | no-such-store           |
      | wasi      | open      | store-table-full | store-table-full | other: store table full |
      | wasi      | swap      | cas-failed       | cas-failed: 2    | cas-failed: 1           |
      | v3        | delete    | access-denied    |                  | access-denied           |

  # fails with: expected: 249 ms
  # fails with: actual: 250 ms
  # fails with: ↳ every "get" takes 250 ms
  Scenario Outline: a wrong duration, by <interface>
    Given every "get" takes 250 ms
    When I send GET "/<interface>/get?key=k"
    Then the response took 249 ms

    Examples:
      | interface |
      | v1        |
      | v2        |
      | wasi      |
      | v3        |

  # fails with: expected: at most 249 ms
  # fails with: actual: 250 ms
  Scenario: too small a bound
    Given every "get" takes 250 ms
    When I send GET "/v2/get?key=k"
    Then the response took at most 249 ms

  # fails with: expected: 218 ms
  # fails with: actual: 217 ms
  Scenario Outline: a uniform time of this seed, by <interface>
    Given the random seed is 7
    And every "get" takes 100 ms to 300 ms
    When I send GET "/<interface>/get?key=k"
    Then the response took 218 ms

    Examples:
      | interface |
      | v1        |
      | v2        |
      | wasi      |
      | v3        |

  # fails with: expected: at most 65 ms
  # fails with: actual: 66 ms
  Scenario Outline: a log-normal time of this seed, by <interface>
    Given the random seed is 7
    And every "get" takes 20 ms (p99 400 ms)
    When I send GET "/<interface>/get?key=k"
    Then the response took at most 65 ms

    Examples:
      | interface |
      | v1        |
      | v2        |
      | wasi      |
      | v3        |

  # fails with: expected: 1999 ms
  # fails with: actual: 2 s
  # fails with: ↳ every "set" takes 2 s, then fails with "other: timeout"
  Scenario Outline: a failure after a while, by <interface>
    Given every "set" takes 2 s, then fails with "other: timeout"
    When I send POST "/<interface>/set?key=k" with body "2"
    Then the response status is 500
    And the response took 1999 ms

    Examples:
      | interface |
      | v1        |
      | v2        |
      | wasi      |
      | v3        |

  # fails with: expected: 250 ms
  # fails with: actual: 350 ms
  # fails with: every "*" takes 50 ms; every "get" takes 250 ms
  Scenario: times that add up
    Given every "*" takes 50 ms
    And every "get" takes 250 ms
    When I send GET "/v2/get?key=k"
    Then the response took 250 ms

  # fails with: expected: 3 s
  # fails with: actual: 1 s
  Scenario: calls that overlap
    Given every "get" takes 1 s
    When I send GET "/v3/concurrent?keys=a,b,c"
    Then the response took 3 s

  # fails with: expected: 61 s
  # fails with: actual: 1 minute
  # fails with: component "<interface>" trapped: it was not done after 60s of virtual time
  # fails with: `Given the time bound is "…"`
  # fails with: ↳ the 1st "set" hangs
  Scenario Outline: a call that hangs ends at the time bound, by <interface>
    Given the 1st "set" hangs
    When I send POST "/<interface>/set?key=k" with body "2"
    Then the response took 61 s

    Examples:
      | interface |
      | v1        |
      | v2        |
      | wasi      |
      | v3        |

  # fails with: the key-value store "default" is not as the Given steps made it
  # fails with: ↳ the 1st "<operation>" applies, then fails with "other: timeout"
  Scenario Outline: <operation> of <interface> was applied
    Given the 1st "<operation>" applies, then fails with "other: timeout"
    When I send POST "/<interface>/<operation>?key=k&keys=k" with body "k=2"
    Then the response status is 500
    And the key-value store "default" is unchanged

    Examples:
      | interface | operation   |
      | v1        | set         |
      | v1        | delete      |
      | v2        | set         |
      | v2        | delete      |
      | wasi      | set         |
      | wasi      | delete      |
      | wasi      | set-many    |
      | wasi      | delete-many |
      | wasi      | swap        |
      | v3        | set         |
      | v3        | delete      |

  # fails with: the response status is not as expected
  # fails with: ended by a fault
  # fails with: component "<interface>" trapped
  Scenario Outline: an instance that <dies>, of <interface>
    Given the 1st "set" <dies>
    When I send POST "/<interface>/set?key=k" with body "2"
    Then the response status is 200

    Examples:
      | interface | dies                |
      | v1        | traps               |
      | v1        | applies, then traps |
      | v2        | traps               |
      | v2        | applies, then traps |
      | wasi      | traps               |
      | wasi      | applies, then traps |
      | v3        | traps               |
      | v3        | applies, then traps |

  # fails with: the key "k" of store "default"
  # fails with: expected: "2"
  # fails with: actual: "1"
  # fails with: ↳ the 1st "set" is lost
  Scenario Outline: a write that was lost, of <interface>
    Given the 1st "set" is lost
    When I send POST "/<interface>/set?key=k" with body "2"
    Then the response status is 200
    And the key "k" of store "default" is "2"

    Examples:
      | interface |
      | v1        |
      | v2        |
      | wasi      |
      | v3        |

  # fails with: expected: "<now>"
  # fails with: actual: "<before>"
  # fails with: ↳ every "<operation>" is stale
  Scenario Outline: <operation> of <interface> that was stale
    Given every "<operation>" is stale
    When I send POST "/<interface>/set?key=k" with body "2"
    And I send POST "/<interface>/set?key=n" with body "2"
    And I send GET "/<interface>/<operation>?key=n&keys=k"
    Then the response body is "<now>"

    Examples:
      | interface | operation | now  | before      |
      | v1        | get       | 2    | no-such-key |
      | v1        | exists    | true | false       |
      | v2        | get       | 2    | missing     |
      | v2        | exists    | true | false       |
      | wasi      | get       | 2    | missing     |
      | wasi      | exists    | true | false       |
      | wasi      | get-many  | k=2  | k=1         |
      | v3        | get       | 2    | missing     |
      | v3        | exists    | true | false       |

  # fails with: actual: "old, or older"
  Scenario: older than what the Given step stored
    Given every "get" is stale by 100 writes
    And the key-value store "default" contains:
      | key | value         |
      | k   | old, or older |
    When I send POST "/v2/set?key=k" with body "2"
    And I send GET "/v2/get?key=k"
    Then the response body is "missing"

  # fails with: expected: "hello"
  # fails with: actual: "henlo"
  # fails with: ↳ the 1st "get" is corrupt, flipped
  Scenario Outline: a value that was damaged on its way to <interface>
    Given the random seed is 7
    And the key-value store "default" contains:
      | key | value |
      | k   | hello |
    And the 1st "get" is corrupt, flipped
    When I send GET "/<interface>/get?key=k"
    Then the response body is "hello"

    Examples:
      | interface |
      | v1        |
      | v2        |
      | wasi      |
      | v3        |

  # fails with: expected: "hello"
  # fails with: actual: "henlo"
  # fails with: ↳ the 1st "set" is corrupt, flipped
  Scenario Outline: a value that was damaged on its way from <interface>
    Given the random seed is 7
    And the 1st "set" is corrupt, flipped
    When I send POST "/<interface>/set?key=k" with body "hello"
    Then the response status is 200
    And the key "k" of store "default" is "hello"

    Examples:
      | interface |
      | v1        |
      | v2        |
      | wasi      |
      | v3        |

  # fails with: ↳ the 1st "set-many" is torn after 1
  # fails with: - | b   | "2"   |
  Scenario: a batch that broke off
    Given the 1st "set-many" is torn after 1
    When I send POST "/wasi/set-many" with the body:
      """
      a=1
      b=2
      """
    Then the key-value store "default" contains:
      | key | value |
      | a   | 1     |
      | b   | 2     |

  # fails with: ↳ every "get-keys" is torn after 1
  # fails with: ! other: torn after 1
  Scenario: a listing that broke off
    Given every "get-keys" is torn after 1
    And the key-value store "default" contains:
      | key | value |
      | l   | 2     |
    When I send GET "/v3/get-keys"
    Then the response body is "k\nl"

  # fails with: expected: "1"
  # fails with: actual: "<refusal>"
  # fails with: ↳ every "get" is throttled to 1 per second
  Scenario Outline: too many calls in a second, by <interface>
    Given every "get" is throttled to 1 per second
    When I send GET "/<interface>/get?key=k"
    And 999 ms pass
    And I send GET "/<interface>/get?key=k"
    Then the response body is "1"

    Examples:
      | interface | refusal                  |
      | v1        | io: too many requests    |
      | v2        | other: too many requests |
      | wasi      | other: too many requests |
      | v3        | other: too many requests |

  # fails with: expected: 200
  # fails with: actual: 500
  # fails with: quota exceeded: the store holds at most <quota>
  Scenario Outline: a store that is full at <quota>, to <interface>
    Given the key-value store "default" has a quota of <quota>
    When I send POST "/<interface>/set?key=n" with body "2"
    Then the response status is 200

    Examples:
      | interface | quota   |
      | v1        | 1 tuple |
      | v1        | 3 bytes |
      | v2        | 1 tuple |
      | v2        | 3 bytes |
      | wasi      | 1 tuple |
      | wasi      | 3 bytes |
      | v3        | 1 tuple |
      | v3        | 3 bytes |

  # fails with: expected: "true"
  # fails with: actual: "false"
  # fails with: ↳ the store is eventually consistent: this read misses the last write
  Scenario Outline: a store that is eventually consistent, to <interface>
    Given the key-value store "cache" is eventually consistent
    And the random seed is 2
    When I send POST "/<interface>/set?store=cache&key=k" with body "new"
    And I send GET "/<interface>/exists?store=cache&key=k"
    Then the response body is "true"

    Examples:
      | interface |
      | v1        |
      | v2        |
      | wasi      |
      | v3        |

  # fails with: other: x
  Scenario Outline: another call is hit: <when>
    Given storage faults:
      | operation | when   | effect   |
      | get       | <when> | other: x |
    When I send POST "/v2/sequence" with the body:
      """
      get k
      get k
      get k
      """
    Then the response body is:
      """
      1
      ! other: x
      1
      """

    Examples:
      | when                |
      | always              |
      | first 1             |
      | nth 3               |
      | every 1             |
      | after 1             |
      | from 2 to 3         |
      | chance 1            |
      | between 0 s and 9 s |
