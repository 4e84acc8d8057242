Feature: When a rule is due, and at which calls
  A rule counts the calls that it fits, from where it is stated. It is written as a sentence, as a row of a table, or in
  a TOML file, and means the same in each.

  Background:
    Given the app "../fixtures/apps/key-value"
    And the runtime config "../fixtures/apps/key-value/runtime-config.toml"

  Scenario Outline: in a table: <when>
    Given storage faults:
      | operation | when   | effect   |
      | get       | <when> | other: x |
    When I send POST "/v2/sequence" with the body:
      """
      get k
      get k
      get k
      get k
      get k
      get k
      """
    Then the storage calls are:
      | operation | outcome |
      | open      | ok      |
      | get       | <1>     |
      | get       | <2>     |
      | get       | <3>     |
      | get       | <4>     |
      | get       | <5>     |
      | get       | <6>     |

    Examples:
      | when                 | 1        | 2        | 3        | 4        | 5        | 6        |
      |                      | other: x | other: x | other: x | other: x | other: x | other: x |
      | always               | other: x | other: x | other: x | other: x | other: x | other: x |
      | first 1              | other: x | ok       | ok       | ok       | ok       | ok       |
      | first 2              | other: x | other: x | ok       | ok       | ok       | ok       |
      | nth 1                | other: x | ok       | ok       | ok       | ok       | ok       |
      | nth 2                | ok       | other: x | ok       | ok       | ok       | ok       |
      | 3rd                  | ok       | ok       | other: x | ok       | ok       | ok       |
      | the 4th              | ok       | ok       | ok       | other: x | ok       | ok       |
      | every 2              | ok       | other: x | ok       | other: x | ok       | other: x |
      | every 3rd            | ok       | ok       | other: x | ok       | ok       | other: x |
      | after 4              | ok       | ok       | ok       | ok       | other: x | other: x |
      | from 2 to 4          | ok       | other: x | other: x | other: x | ok       | ok       |
      | from 6 to 100        | ok       | ok       | ok       | ok       | ok       | other: x |
      | chance 1             | other: x | other: x | other: x | other: x | other: x | other: x |
      | chance 100%          | other: x | other: x | other: x | other: x | other: x | other: x |
      | between 0 s and 1 ms | other: x | other: x | other: x | other: x | other: x | other: x |

  Scenario Outline: in a sentence: <rule>
    Given <rule>
    When I send POST "/v2/sequence" with the body:
      """
      get k
      get k
      get k
      get k
      get k
      get k
      """
    Then the storage calls are:
      | operation | outcome |
      | open      | ok      |
      | get       | <1>     |
      | get       | <2>     |
      | get       | <3>     |
      | get       | <4>     |
      | get       | <5>     |
      | get       | <6>     |

    Examples:
      | rule                                                     | 1        | 2        | 3        | 4        | 5        | 6        |
      | every "get" fails with "other: x"                        | other: x | other: x | other: x | other: x | other: x | other: x |
      | the first 2 "get" fail with "other: x"                   | other: x | other: x | ok       | ok       | ok       | ok       |
      | the 2nd "get" fails with "other: x"                      | ok       | other: x | ok       | ok       | ok       | ok       |
      | every 3rd "get" fails with "other: x"                    | ok       | ok       | other: x | ok       | ok       | other: x |
      | after 4, every "get" fails with "other: x"               | ok       | ok       | ok       | ok       | other: x | other: x |
      | from 2 to 4, every "get" fails with "other: x"           | ok       | other: x | other: x | other: x | ok       | ok       |
      | with chance 1, every "get" fails with "other: x"         | other: x | other: x | other: x | other: x | other: x | other: x |
      | between 0 ms and 1 ms, every "get" fails with "other: x" | other: x | other: x | other: x | other: x | other: x | other: x |
      | optionally, the 7th "get" fails with "other: x"          | ok       | ok       | ok       | ok       | ok       | ok       |
      | optionally, the 6th "get" fails with "other: x"          | ok       | ok       | ok       | ok       | ok       | other: x |

  Scenario: the rules of a TOML file
    Given the storage faults in "data/faults.toml"
    And the random seed is 4
    When I send POST "/v2/sequence" with the body:
      """
      get always
      get always
      get first
      get first
      get first
      get nth
      get nth
      get nth
      get every
      get every
      get after
      get after
      get after
      get after
      get from
      get from
      get from
      get from
      get between
      """
    Then the response body is:
      """
      ! other: x
      ! other: x
      ! other: x
      ! other: x
      missing
      missing
      ! other: x
      missing
      missing
      ! other: x
      missing
      missing
      missing
      ! other: x
      missing
      ! other: x
      ! other: x
      missing
      ! other: x
      """
    When I send POST "/v2/sequence" with the body:
      """
      get chance
      get chance
      get chance
      get chance
      get chance
      get chance
      get chance
      get chance
      get chance
      get chance
      """
    Then the response body contains "missing"
    And the response body contains "! other: x"
    When 1 s passes
    And I send GET "/v2/get?key=between"
    Then the response body is "missing"

  Scenario: the rules of a TOML file may all be optional
    Given optionally, the storage faults in "data/faults.toml"
    When I send POST "/v2/set?store=cache&key=k" with body "1"
    Then the response body is "other: read only"
    And the response took 250 ms

  Scenario: the rules of a table may all be optional
    Given optionally, storage faults:
      | operation | when    | effect        |
      | get       | nth 100 | access-denied |
      | delete    |         | access-denied |
    When I send GET "/v2/get?key=k"
    Then the response body is "missing"

  Scenario: a sentence, a table and a file that say the same; the first that is due wins
    Given the 1st "get" of key "first" fails with "other: sentence"
    And storage faults:
      | operation | key   | when    | effect       |
      | get       | first | first 2 | other: table |
    And optionally, the storage faults in "data/faults.toml"
    When I send POST "/v2/sequence" with the body:
      """
      get first
      get first
      get first
      """
    Then the response body is:
      """
      ! other: sentence
      ! other: table
      missing
      """

  Scenario Outline: chance: with the seed <seed> these calls are hit
    Given the random seed is <seed>
    And with chance 0.5, every "get" fails with "other: x"
    When I send POST "/<interface>/sequence" with the body:
      """
      get k
      get k
      get k
      get k
      get k
      get k
      """
    Then the storage calls are:
      | operation | outcome |
      | open      | ok      |
      | get       | <1>     |
      | get       | <2>     |
      | get       | <3>     |
      | get       | <4>     |
      | get       | <5>     |
      | get       | <6>     |

    Examples: the same seed, the same calls
      | interface | seed | 1        | 2        | 3        | 4        | 5        | 6        |
      | v2        | 1    | other: x | other: x | ok       | ok       | ok       | other: x |
      | v2        | 1    | other: x | other: x | ok       | ok       | ok       | other: x |
      | v2        | 4    | ok       | other: x | other: x | other: x | ok       | other: x |
      | v2        | 5    | other: x | ok       | ok       | other: x | other: x | ok       |

  Scenario: a rule's chance does not depend on what other calls there are
    Given the random seed is 4
    And with chance 0.5, every "get" of key "k" fails with "other: x"
    When I send POST "/v2/sequence" with the body:
      """
      get k
      set k 1
      get other
      get k
      get other
      get k
      """
    Then the response body is:
      """
      missing
      ok
      missing
      ! other: x
      missing
      ! other: x
      """

  Scenario: between two times since the scenario began, the first included
    Given between 5 s and 10 s, every "get" fails with "other: maintenance"
    When 4999 ms pass
    And I send GET "/v2/get?key=k"
    Then the response body is "missing"
    When 1 ms passes
    And I send GET "/v2/get?key=k"
    Then the response body is "other: maintenance"
    When 4999 ms pass
    And I send GET "/v2/get?key=k"
    Then the response body is "other: maintenance"
    When 1 ms passes
    And I send GET "/v2/get?key=k"
    Then the response body is "missing"

  Scenario: it is the time at which a call begins that counts
    Given every "get" takes 2 s
    And between 1 s and 10 s, every "get" fails with "other: maintenance"
    When I send POST "/v2/sequence" with the body:
      """
      get k
      get k
      """
    Then the response body is:
      """
      missing
      ! other: maintenance
      """

  Scenario: until storage recovers
    Given every "set" fails with "other: disk full"
    And every "get" takes 1 s
    When I send POST "/v2/sequence" with the body:
      """
      set k 1
      get k
      """
    Then the response body is:
      """
      ! other: disk full
      missing
      """
    And the response took 1 s
    When storage recovers
    And I send POST "/v2/sequence" with the body:
      """
      set k 1
      get k
      """
    Then the response body is:
      """
      ok
      1
      """
    And the response took 0 ms

  Scenario: what is stated after storage recovered holds
    Given the 1st "set" fails with "other: before"
    When I send POST "/v2/set?key=k" with body "1"
    And storage recovers
    Given the 2nd "set" fails with "other: after"
    When I send POST "/v2/sequence" with the body:
      """
      set k 2
      set k 3
      """
    Then the response body is:
      """
      ok
      ! other: after
      """

  Scenario: a rule counts from where it is stated
    When I send GET "/v2/get?key=k"
    Given the 1st "get" fails with "other: x"
    When I send GET "/v2/get?key=k"
    Then the response body is "other: x"
    When I send GET "/v2/get?key=k"
    Then the response body is "missing"

  Scenario Outline: calls of one component: <component>
    Given every "get" by component "<component>" fails with "other: x"
    When I send GET "/v1/get?key=k"
    Then the response body is "<v1>"
    When I send GET "/v2/get?key=k"
    Then the response body is "<v2>"
    When I send GET "/wasi/get?key=k"
    Then the response body is "<wasi>"
    When I send GET "/v3/get?key=k"
    Then the response body is "<v3>"

    Examples:
      | component | v1          | v2       | wasi     | v3       |
      | v1        | io: x       | missing  | missing  | missing  |
      | v2        | no-such-key | other: x | missing  | missing  |
      | wasi      | no-such-key | missing  | other: x | missing  |
      | v3        | no-such-key | missing  | missing  | other: x |

  Scenario: the columns of a table, each of which narrows it
    Given storage faults:
      | operation | store   | key | component | when  | effect   |
      | get       |         |     |           | nth 8 | other: a |
      |           | cache   |     |           |       | other: b |
      |           | default | k   |           |       | other: c |
      | set       | default |     | wasi      |       | other: d |
      | *         |         | x?  | v2        |       | other: e |
    When I send GET "/v1/open?store=cache"
    Then the response body is "io: b"
    When I send GET "/v3/get?key=k"
    Then the response body is "other: c"
    When I send POST "/wasi/set?key=x1"
    Then the response body is "other: d"
    When I send POST "/v2/set?key=x1"
    Then the response body is "other: e"
    When I send POST "/v3/set?key=x1"
    Then the response status is 200
    When I send POST "/v2/sequence" with the body:
      """
      get 2
      get 3
      get 4
      get 5
      get 6
      get 7
      get 8
      get 9
      """
    Then the response body matches "^(missing\n){6}! other: a\nmissing$"

  Scenario Outline: keys that fit <pattern>
    Given every "set" of key "<pattern>" fails with "other: x"
    When I send POST "/v2/sequence" with the body:
      """
      set user:1 v
      set user:12 v
      set user:1/name v
      set order:1 v
      set a*b v
      """
    Then the storage calls are:
      | operation | key         | outcome |
      | open      |             | ok      |
      | set       | user:1      | <1>     |
      | set       | user:12     | <2>     |
      | set       | user:1/name | <3>     |
      | set       | order:1     | <4>     |
      | set       | a*b         | <5>     |

    Examples:
      | pattern        | 1        | 2        | 3        | 4        | 5        |
      | user:1         | other: x | ok       | ok       | ok       | ok       |
      | user:*         | other: x | other: x | other: x | ok       | ok       |
      | user:?         | other: x | ok       | ok       | ok       | ok       |
      | *:1*           | other: x | other: x | other: x | other: x | ok       |
      | *[12]          | other: x | other: x | ok       | other: x | ok       |
      | {user,order}:1 | other: x | ok       | ok       | other: x | ok       |
      | *              | other: x | other: x | other: x | other: x | other: x |
      | a\\\\*b        | ok       | ok       | ok       | ok       | other: x |
      | a*b            | ok       | ok       | ok       | ok       | other: x |

  Scenario Outline: a batch fits when one of its keys does: <operation>
    Given every "<operation>" of key "user:*" fails with "other: x"
    When I send POST "/wasi/<operation>?keys=a,user:1" with the body:
      """
      a=1
      user:1=2
      """
    Then the response body is "other: x"
    And the key-value store "default" is empty
    When I send POST "/wasi/<operation>?keys=a,b" with body "a=1"
    Then the response status is 200

    Examples:
      | operation   |
      | get-many    |
      | set-many    |
      | delete-many |

  Scenario: list-keys is another name for get-keys
    Given every "list-keys" fails with "other: x"
    When I send GET "/wasi/get-keys"
    Then the response body is "other: x"
    When I send GET "/v2/get-keys"
    Then the response body is "other: x"

  Scenario: a remembered value names a key of a rule
    When I send POST "/v2/set?key=id" with body "user:7"
    And I send GET "/v2/get?key=id"
    And I remember the response body as "id"
    Given the 1st "get" of key "${id}" fails with "other: ${id} is gone"
    When I send GET "/v2/get?key=user:7"
    Then the response body is "other: user:7 is gone"
