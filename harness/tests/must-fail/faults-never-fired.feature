Feature: Rules that never fired
  A rule that hits nothing hides a mistake: each scenario fails for one, and is told why, as far as that can be seen.

  Background:
    Given the app "../../../fixtures/apps/key-value"
    And the runtime config "../../../fixtures/apps/key-value/runtime-config.toml"

  # fails with: the fault never fired: every "set" of key "usr:*" <effect>
  # fails with: the nearest calls:
  # fails with: "set" of key "user:1" on store "default" by component "<interface>": ok
  Scenario Outline: a mistyped key: it <effect>, by <interface>
    Given every "set" of key "usr:*" <effect>
    When I send POST "/<interface>/set?key=user:1" with body "1"

    Examples:
      | interface | effect                                      |
      | v1        | fails with "invalid-store"                  |
      | v1        | takes 250 ms                                |
      | v1        | is lost                                     |
      | v2        | fails with "other: disk full"               |
      | v2        | applies, then fails with "other: disk full" |
      | v2        | hangs                                       |
      | wasi      | traps                                       |
      | wasi      | applies, then traps                         |
      | wasi      | is corrupt                                  |
      | v3        | takes 2 s, then fails with "access-denied"  |
      | v3        | takes 20 ms (p99 400 ms)                    |
      | v3        | is throttled to 1 per second                |

  # fails with: the fault never fired: every "get" on store "cache" is stale
  # fails with: "get" of key "k" on store "default" by component "v2": ok
  Scenario: a store that nobody opened
    Given every "get" on store "cache" is stale
    When I send GET "/v2/get?key=k"

  # fails with: the fault never fired: every "get" by component "v1" fails with "other: x"
  # fails with: "get" of key "k" on store "default" by component "v2": ok
  Scenario: a component that was not called
    Given every "get" by component "v1" fails with "other: x"
    When I send GET "/v2/get?key=k"

  # fails with: the fault never fired: <rule>
  # fails with: only 2 calls matched
  Scenario Outline: too few calls: <rule>
    Given <rule>
    When I send GET "/v2/get?key=k"
    And I send GET "/v2/get?key=k"

    Examples:
      | rule                                           |
      | the 3rd "get" fails with "other: x"            |
      | every 3rd "get" fails with "other: x"          |
      | after 2, every "get" fails with "other: x"     |
      | from 3 to 9, every "get" fails with "other: x" |
      | the 11th "get" traps                           |

  # fails with: the fault never fired: with chance 0.0001, every "get" fails with "other: x"
  # fails with: 1 matched, and chance chose none that it could hit; with another seed it may
  Scenario: chance
    Given with chance 0.0001, every "get" fails with "other: x"
    When I send GET "/v2/get?key=k"

  # fails with: the fault never fired: between 5 s and 10 s, every "get" fails with "other: x"
  # fails with: 2 matched, and none that it could hit came between these times
  Scenario: the wrong time
    Given between 5 s and 10 s, every "get" fails with "other: x"
    When I send GET "/v2/get?key=k"
    And 10 s pass
    And I send GET "/v2/get?key=k"

  # fails with: the fault never fired: every "<operation>" is stale
  # fails with: no read that matched had a write before it that it could have missed
  Scenario Outline: nothing was written that <operation> of <interface> could miss
    Given every "<operation>" is stale
    And the key-value store "default" contains:
      | key | value |
      | k   | 1     |
    When I send GET "/<interface>/<operation>?key=k&keys=k"

    Examples:
      | interface | operation   |
      | v1        | get         |
      | v1        | exists      |
      | v1        | get-keys    |
      | v2        | get         |
      | v2        | exists      |
      | v2        | get-keys    |
      | wasi      | get         |
      | wasi      | exists      |
      | wasi      | get-keys    |
      | wasi      | get-many    |
      | wasi      | cas-current |
      | v3        | get         |
      | v3        | exists      |
      | v3        | get-keys    |

  # fails with: no read that matched had a write before it that it could have missed
  Scenario: another key was written
    Given every "get" is stale
    When I send POST "/v2/set?key=other" with body "1"
    And I send GET "/v2/get?key=k"

  # fails with: the fault never fired: every "get" is stale by 5 s
  # fails with: no read that matched had a write before it that it could have missed
  Scenario: it was written too long ago
    Given every "get" is stale by 5 s
    When I send POST "/v2/set?key=k" with body "1"
    And 5 s pass
    And I send GET "/v2/get?key=k"

  # fails with: the fault never fired: every "get" is throttled to 2 per second
  # fails with: no call went past the rate
  Scenario Outline: <interface> kept to the rate
    Given every "get" is throttled to 2 per second
    When I send GET "/<interface>/get?key=k"
    And I send GET "/<interface>/get?key=k"
    And 1 s passes
    And I send GET "/<interface>/get?key=k"

    Examples:
      | interface |
      | v1        |
      | v2        |
      | wasi      |
      | v3        |

  # fails with: the fault never fired: every "*" on store "default" has a quota of <quota>
  # fails with: no write went past the quota
  Scenario Outline: <interface> kept to a quota of <quota>
    Given the key-value store "default" has a quota of <quota>
    When I send POST "/<interface>/set?key=a" with body "1"
    And I send POST "/<interface>/set?key=b" with body "2"

    Examples:
      | interface | quota    |
      | v1        | 2 tuples |
      | v2        | 4 bytes  |
      | wasi      | 2 tuples |
      | v3        | 4 bytes  |

  # fails with: the fault never fired: every "<operation>" is corrupt
  # fails with: no call that matched had a value that could be damaged
  Scenario Outline: <operation> of <interface> had no value
    Given every "<operation>" is corrupt
    When I send POST "/<interface>/<operation>?key=k&keys=k"

    Examples: a missing one that is read, an empty one that is stored
      | interface | operation   |
      | v1        | get         |
      | v1        | set         |
      | v2        | get         |
      | v2        | set         |
      | wasi      | get         |
      | wasi      | get-many    |
      | wasi      | cas-current |
      | wasi      | set         |
      | wasi      | swap        |
      | v3        | get         |
      | v3        | set         |

  # fails with: the fault never fired: every "<operation>" is torn after 3
  # fails with: no batch or listing that matched had so many entries
  Scenario Outline: <operation> of <interface> had two entries
    Given every "<operation>" is torn after 3
    And the key-value store "default" contains:
      | key | value |
      | a   | 1     |
      | b   | 2     |
    When I send POST "/<interface>/<operation>?keys=a,b" with the body:
      """
      a=1
      b=2
      """

    Examples:
      | interface | operation   |
      | wasi      | set-many    |
      | wasi      | delete-many |
      | v3        | get-keys    |

  # fails with: the fault never fired: every "set" <effect>
  # fails with: no write that matched would have succeeded without it
  Scenario Outline: a value of <interface> was too large anyway: it never <effect>
    Given every "set" <effect>
    And the key-value limits are "documented"
    When I send POST "/<interface>/set?key=k" with body "bytes:1048577"
    Then the response status is 500

    Examples:
      | interface | effect                                    |
      | v1        | is lost                                   |
      | v2        | applies, then fails with "other: timeout" |
      | wasi      | applies, then traps                       |
      | v3        | is lost                                   |

  # fails with: no write that matched would have succeeded without it
  Scenario: a swap that lost its race anyway was not lost
    Given every "swap" is lost
    And the 1st "cas-current" is stale
    When I send POST "/v2/set?key=k" with body "1"
    And I send POST "/v2/set?key=k" with body "2"
    And I send POST "/wasi/swap?key=k" with body "3"

  # fails with: the fault never fired: every "*" <effect>
  # fails with: 2 matched, and none that can <deed> when it was due; what can is <operations>
  Scenario Outline: a rule about any call, and none that could <deed>
    Given every "*" <effect>
    When I send <request>

    Examples:
      | effect                                    | request                 | deed                                           | operations                      |
      | is lost                                   | GET "/v2/get?key=k"     | be lost                                        | set, delete, set-many           |
      | applies, then fails with "other: timeout" | GET "/v2/get?key=k"     | be applied and then fail with "other: timeout" | set, delete, set-many           |
      | is stale                                  | POST "/v2/set?key=k"    | be stale                                       | get, exists, get-keys           |
      | is corrupt                                | POST "/v2/delete?key=k" | be corrupt                                     | get, set, get-many              |
      | is torn after 0                           | POST "/v2/set?key=k"    | break off                                      | get-keys, set-many, delete-many |

  # fails with: the fault never fired: every "set" <effect>
  # fails with: an earlier rule decided every call that it could have hit
  Scenario Outline: an earlier rule was due at every call: it never <effect>, by <interface>
    Given every "set" fails with "other: first"
    And every "set" <effect>
    When I send POST "/<interface>/set?key=k" with body "1"

    Examples:
      | interface | effect                                    |
      | v1        | fails with "other: later"                 |
      | v1        | is lost                                   |
      | v2        | traps                                     |
      | v2        | hangs                                     |
      | wasi      | applies, then fails with "other: timeout" |
      | wasi      | applies, then traps                       |
      | v3        | fails with "access-denied"                |
      | v3        | is corrupt                                |

  # fails with: the fault never fired: every "<operation>" <effect>
  # fails with: an earlier rule decided every call that it could have hit
  Scenario Outline: an earlier rule was due at every call, and not what else might have kept it: it never <effect>
    Given every "<operation>" fails with "other: first"
    And every "<operation>" <effect>
    When I send POST "/wasi/<operation>?key=k" with body "k=1"
    And I send POST "/wasi/<operation>?key=k" with body "k=1"

    Examples:
      | operation | effect                       |
      | get       | is stale                     |
      | get       | is throttled to 1 per second |
      | get       | is corrupt                   |
      | set-many  | is torn after 5              |

  # fails with: the fault never fired: every "set" fails with "other: disk full"
  # fails with: a rule counts calls from where it is stated until storage recovers
  Scenario: storage recovered before it could
    Given every "set" fails with "other: disk full"
    When storage recovers
    And I send POST "/v2/set?key=k" with body "1"

  # fails with: the fault never fired: the 1st "set" fails with "other: disk full"
  # fails with: a rule counts calls from where it is stated until storage recovers
  Scenario: it was stated after the last call
    When I send POST "/v2/set?key=k" with body "1"
    Given the 1st "set" fails with "other: disk full"

  # fails with: the fault never fired: the 1st "open" on store "cache" fails with "other: disk full"
  # fails with: and none that a grant or a handle that is not open refuses
  # fails with: "open" on store "cache" by component "v2": access-denied
  Scenario: the call was denied before any rule
    Given component "v2" may use the key-value store "default"
    And the 1st "open" on store "cache" fails with "other: disk full"
    When I send GET "/v2/open?store=cache"

  # fails with: the fault never fired: the 2nd "get" fails with "other: b"
  # fails with: only 1 call matched
  Scenario: one rule of a table
    Given storage faults:
      | operation | when  | effect   |
      | get       | nth 1 | other: a |
      | get       | nth 2 | other: b |
    When I send GET "/v2/get?key=k"

  # fails with: the fault never fired: every "delete" fails with "other: b"
  # fails with: "set" of key "k" on store "default" by component "v2": other: a
  Scenario: one rule of a file
    Given the storage faults in "faults/two.toml"
    When I send POST "/v2/set?key=k" with body "1"

  # fails with: the fault never fired: every "set" fails with "other: one"
  # fails with: the fault never fired: every "delete" fails with "other: two"
  Scenario: several rules are all named
    Given every "set" fails with "other: one"
    And every "delete" fails with "other: two"
    And optionally, every "exists" fails with "other: three"
    When I send GET "/v2/get?key=k"

  # fails with: the fault never fired: every "sqlite execute" <effect>
  # fails with: <why>
  Scenario Outline: statements of which nothing can be lost or applied: <statements>: it never <effect>
    Given the app "../../../fixtures/apps/sqlite"
    And the runtime config "../../../fixtures/apps/sqlite/runtime-config.toml"
    And every "sqlite execute" <effect>
    When I send POST "/3/execute" with body "<first>"
    And I send POST "/3/execute" with body "<second>"

    Examples:
      | statements           | first    | second   | effect                     | why                                                                                                                              |
      | two reads            | select 1 | select 2 | is lost                    | 2 calls that it was due at change nothing, and so cannot be lost                                                                 |
      | one cannot be undone | select 1 | analyze  | is lost                    | 1 call that it was due at changes nothing, 1 call that it was due at changes what cannot be taken back, and so cannot be lost    |
      | one fails anyway     | select 1 | update t | applies, then traps        | 1 call that it was due at changes nothing, and so cannot be applied and then trap                                                |
