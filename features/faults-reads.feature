Feature: A read that does not see what is there
  A stale read sees the store as it was, though never older than what the Given steps stored. A corrupt value has one bit
  flipped, or its end is gone. A store that is eventually consistent sometimes lets a read miss the last write.

  Background:
    Given the app "../fixtures/apps/key-value"
    And the runtime config:
      """
      [key_value_store.cache]
      type = "aws_dynamo"
      region = "eu-central-1"
      table = "t"
      """
    And the key-value store "default" contains:
      | key | value |
      | k   | old   |

  # Stale.

  Scenario Outline: <operation> of <interface> is stale: it misses the last write
    Given every "<operation>" is stale
    When I send POST "/<interface>/delete?key=k"
    And I send GET "/<interface>/<operation>?key=k&keys=k"
    Then the response status is 200
    And the response body is "<before>"
    And the key-value store "default" is empty

    Examples:
      | interface | operation   | before |
      | v1        | get         | old    |
      | v1        | exists      | true   |
      | v1        | get-keys    | k      |
      | v2        | get         | old    |
      | v2        | exists      | true   |
      | v2        | get-keys    | k      |
      | wasi      | get         | old    |
      | wasi      | exists      | true   |
      | wasi      | get-keys    | k      |
      | wasi      | get-many    | k=old  |
      | wasi      | cas-current | old    |
      | v3        | get         | old    |
      | v3        | exists      | true   |
      | v3        | get-keys    | k      |

  Scenario Outline: <operation> of <interface> is stale: it misses a key that is new
    Given every "<operation>" is stale
    When I send POST "/<interface>/set?key=n" with body "new"
    And I send GET "/<interface>/<operation>?key=n&keys=k,n"
    Then the response body is "<before>"
    And the key "n" of store "default" is "new"

    Examples:
      | interface | operation   | before      |
      | v1        | get         | no-such-key |
      | v1        | exists      | false       |
      | v1        | get-keys    | k           |
      | v2        | get         | missing     |
      | v2        | exists      | false       |
      | v2        | get-keys    | k           |
      | wasi      | get         | missing     |
      | wasi      | exists      | false       |
      | wasi      | get-keys    | k           |
      | wasi      | get-many    | k=old       |
      | wasi      | cas-current | missing     |
      | v3        | get         | missing     |
      | v3        | exists      | false       |
      | v3        | get-keys    | k           |

  Scenario Outline: a read of one key counts the writes to that key: stale by <how far>
    Given every "get" is stale by <how far>
    When I send POST "/v2/sequence" with the body:
      """
      set k 1
      set k 2
      set other 1
      set k 3
      set other 2
      get k
      """
    Then the response body matches "(?m)^<seen>\z"

    Examples: never further back than what the Given step stored
      | how far        | seen |
      | 1 write        | 2    |
      | 2 writes       | 1    |
      | 3 writes       | old  |
      | 4 writes       | old  |
      | 1000000 writes | old  |

  Scenario Outline: through <interface>, as it was before two writes
    Given every "get" is stale by 2 writes
    When I send POST "/<interface>/set?key=k" with body "1"
    And I send POST "/<interface>/set?key=k" with body "2"
    And I send GET "/<interface>/get?key=k"
    Then the response body is "old"
    When I send POST "/<interface>/set?key=k" with body "3"
    And I send GET "/<interface>/get?key=k"
    Then the response body is "1"

    Examples:
      | interface |
      | v1        |
      | v2        |
      | wasi      |
      | v3        |

  Scenario Outline: a listing counts all writes: stale by <how far>
    Given every "get-keys" is stale by <how far>
    When I send POST "/v2/sequence" with the body:
      """
      set a 1
      set b 2
      delete k
      get-keys
      """
    Then the response body matches "(?m)^<seen>\z"

    Examples:
      | how far   | seen  |
      | 1 write   | a,b,k |
      | 2 writes  | a,k   |
      | 3 writes  | k     |
      | 10 writes | k     |

  Scenario: a write to a whole batch is one write
    Given every "get-many" is stale
    When I send POST "/wasi/set-many" with the body:
      """
      k=new
      n=new
      """
    And I send GET "/wasi/get-many?keys=k,n"
    Then the response body is "k=old"

  Scenario Outline: stale by a duration: written at 0 s, 4 s and 8 s, read at 10 s, as it was <how long> ago
    Given every "get" is stale by <how long>
    When I send POST "/<interface>/set?key=k" with body "at 0 s"
    And 4 s pass
    And I send POST "/<interface>/set?key=k" with body "at 4 s"
    And 4 s pass
    And I send POST "/<interface>/set?key=k" with body "at 8 s"
    And 2 s pass
    And I send GET "/<interface>/get?key=k"
    Then the response body is "<seen>"

    Examples: by each interface
      | interface | how long | seen   |
      | v1        | 3 s      | at 4 s |
      | v2        | 3 s      | at 4 s |
      | wasi      | 3 s      | at 4 s |
      | v3        | 3 s      | at 4 s |

    Examples: to the millisecond
      | interface | how long | seen   |
      | v2        | 2001 ms  | at 4 s |
      | v2        | 6 s      | at 4 s |
      | v2        | 6001 ms  | at 0 s |
      | v2        | 10 s     | at 0 s |

    Examples: before the scenario began there was what the Given step stored
      | interface | how long | seen |
      | v2        | 10001 ms | old  |
      | v2        | 1 hour   | old  |

  Scenario: what was just written is too young to be seen
    Given every "get" is stale by 5 s
    When I send POST "/v2/set?key=k" with body "new"
    And I send GET "/v2/get?key=k"
    Then the response body is "old"
    When 5 s pass
    And I send GET "/v2/get?key=k"
    Then the response body is "new"

  Scenario: what a Given step stores between two requests is never missed
    Given every "get" is stale by 9 writes
    When I send POST "/v2/set?key=k" with body "new"
    Given the key-value store "default" contains:
      | key | value |
      | k   | given |
    When I send GET "/v2/get?key=k"
    Then the response body is "given"
    When I send POST "/v2/set?key=k" with body "newer"
    And I send GET "/v2/get?key=k"
    Then the response body is "given"

  Scenario: only some reads are stale
    Given the 2nd "get" is stale
    When I send POST "/v2/sequence" with the body:
      """
      set k new
      get k
      get k
      get k
      """
    Then the response body is:
      """
      ok
      new
      old
      new
      """

  Scenario: who swaps what was stale loses, and the guest learns what is there
    Given the 1st "cas-current" is stale
    When I send POST "/v2/set?key=k" with body "new"
    And I send POST "/wasi/swap?key=k" with body "newer"
    Then the response status is 500
    And the response body is "cas-failed: new"
    And the key "k" of store "default" is "new"

  Scenario: who tries again wins
    Given the 1st "cas-current" is stale
    When I send POST "/v2/set?key=k" with body "new"
    And I send POST "/wasi/swap?key=k&retry=yes" with body "newer"
    Then the response status is 200
    And the key "k" of store "default" is "newer"

  # Corrupt.

  Scenario Outline: what <operation> of <interface> reads has lost its end
    Given the key-value store "default" contains:
      | key | value |
      | k   | hello |
    And the 1st "<operation>" is corrupt, truncated
    When I send GET "/<interface>/<operation>?key=k&keys=k"
    Then the response status is 200
    And the response body matches "^<before>(h|he|hel|hell)?$"
    And the key-value store "default" is unchanged
    When I send GET "/<interface>/<operation>?key=k&keys=k"
    Then the response body is "<before>hello"

    Examples:
      | interface | operation   | before |
      | v1        | get         |        |
      | v2        | get         |        |
      | wasi      | get         |        |
      | wasi      | get-many    | k=     |
      | wasi      | cas-current |        |
      | v3        | get         |        |

  Scenario Outline: what <operation> of <interface> reads has one bit flipped
    Given the random seed is 7
    And the key-value store "default" contains:
      | key | value |
      | k   | hello |
    And the 1st "<operation>" is corrupt, flipped
    When I send GET "/<interface>/<operation>?key=k&keys=k"
    Then the response status is 200
    And the response body is "<before>henlo"
    And the key-value store "default" is unchanged

    Examples: l is 6c, n is 6e
      | interface | operation   | before |
      | v1        | get         |        |
      | v2        | get         |        |
      | wasi      | get         |        |
      | wasi      | get-many    | k=     |
      | wasi      | cas-current |        |
      | v3        | get         |        |

  Scenario Outline: the seed chooses what is damaged, here <seed>
    Given the random seed is <seed>
    And the key-value store "default" contains:
      | key | value |
      | k   | hello |
    And the 1st "get" is corrupt
    When I send GET "/v2/get?key=k"
    Then the response body is "<damaged>"

    Examples: the same seed, the same damage
      | seed | damaged |
      | 1    | henlo   |
      | 2    | hel,o   |
      | 3    | hmllo   |
      | 4    | he      |
      | 4    | he      |
      | 6    |         |
      | 9    | h       |

  Scenario: of a batch one value is damaged, one that the rule is about
    Given every "get-many" of key "user:*" is corrupt, truncated
    And the key-value store "default" contains:
      | key    | value |
      | a      | 1     |
      | user:1 | 2     |
      | z      | 3     |
    When I send GET "/wasi/get-many?keys=a,user:1,z"
    Then the response body is:
      """
      a=1
      user:1=
      z=3
      """

  Scenario: a value that is missing or empty cannot be damaged; the next one is
    Given every "get" is corrupt, truncated
    And the key-value store "default" contains:
      | key   | value |
      | empty |       |
      | one   | 1     |
    When I send POST "/v2/sequence" with the body:
      """
      get none
      get empty
      get one
      """
    Then the response body is:
      """
      missing
      ok
      ok
      """

  Scenario Outline: what <operation> of <interface> stores has lost its end, and the guest is told that all is well
    Given the 1st "<operation>" is corrupt, truncated
    When I send POST "/<interface>/<operation>?key=k" with body "<body>"
    Then the response status is 200
    And the key "k" of store "default" matches "^(h|he|hel|hell)?$"
    And component "<interface>" did not trap

    Examples:
      | interface | operation | body    |
      | v1        | set       | hello   |
      | v2        | set       | hello   |
      | wasi      | set       | hello   |
      | wasi      | set-many  | k=hello |
      | wasi      | swap      | hello   |
      | v3        | set       | hello   |

  Scenario Outline: what <operation> of <interface> stores has one bit flipped
    Given the random seed is 7
    And the 1st "<operation>" is corrupt, flipped
    When I send POST "/<interface>/<operation>?key=k" with body "<body>"
    Then the response status is 200
    And the key "k" of store "default" is "henlo"

    Examples:
      | interface | operation | body    |
      | v1        | set       | hello   |
      | v2        | set       | hello   |
      | wasi      | set       | hello   |
      | wasi      | set-many  | k=hello |
      | wasi      | swap      | hello   |
      | v3        | set       | hello   |

  Scenario: an increment answers the right number and stores a wrong one
    Given the random seed is 3
    And the 1st "increment" is corrupt, flipped
    When I send POST "/wasi/increment?key=hits"
    Then the response body is "1"
    And the key "hits" of store "default" is "base64:CQAAAAAAAAA="
    When I send POST "/wasi/increment?key=hits"
    Then the response body is "10"

  Scenario: who swaps what was corrupt when it was read loses
    Given the 1st "cas-current" is corrupt
    When I send POST "/wasi/swap?key=k" with body "new"
    Then the response body is "cas-failed: old"
    And the key-value store "default" is unchanged

  Scenario: of a batch that is stored one value is damaged, one that the rule is about
    Given every "set-many" of key "user:*" is corrupt, truncated
    When I send POST "/wasi/set-many" with the body:
      """
      a=1
      user:1=2
      z=3
      """
    Then the response status is 200
    And the key-value store "default" contains exactly:
      | key    | value |
      | a      | 1     |
      | k      | old   |
      | user:1 |       |
      | z      | 3     |

  # Eventually consistent.

  Scenario Outline: a read of an eventually consistent store may miss a write of the last second; the seed decides
    Given the key-value store "cache" is eventually consistent
    And the random seed is <seed>
    When I send POST "/<interface>/set?store=cache&key=k" with body "new"
    And I send GET "/<interface>/exists?store=cache&key=k"
    Then the response body is "<seen>"
    And the key "k" of store "cache" is "new"

    Examples:
      | interface | seed | seen  |
      | v1        | 1    | true  |
      | v1        | 2    | false |
      | v2        | 1    | true  |
      | v2        | 2    | false |
      | wasi      | 1    | true  |
      | wasi      | 2    | false |
      | v3        | 1    | true  |
      | v3        | 2    | false |

  Scenario: about half of the reads miss the write
    Given the key-value store "cache" is eventually consistent
    And the random seed is 1
    When I send POST "/v2/sequence?store=cache" with the body:
      """
      set k new
      get k
      get k
      get k
      get k
      get k
      get k
      """
    Then the response body is:
      """
      ok
      missing
      new
      new
      missing
      missing
      missing
      """

  Scenario Outline: every read of <interface> may miss it
    Given the key-value store "cache" is eventually consistent
    And the random seed is 2
    And the key-value store "cache" contains:
      | key | value |
      | k   | old   |
    When I send POST "/<interface>/delete?store=cache&key=k"
    And I send GET "/<interface>/<operation>?store=cache&key=k&keys=k"
    Then the response body is "<before>"

    Examples:
      | interface | operation | before |
      | v1        | get       | old    |
      | v1        | get-keys  | k      |
      | v2        | get       | old    |
      | v2        | get-keys  | k      |
      | wasi      | get       | old    |
      | wasi      | get-keys  | k      |
      | wasi      | get-many  | k=old  |
      | wasi      | exists    | true   |
      | v3        | get       | old    |
      | v3        | get-keys  | k      |

  Scenario: after a second every read sees it, whatever the seed
    Given the key-value store "cache" is eventually consistent
    When I send POST "/v2/set?store=cache&key=k" with body "new"
    And 1 s passes
    And I send POST "/v2/sequence?store=cache" with the body:
      """
      get k
      get k
      get k
      get k
      get k
      get k
      get k
      get k
      """
    Then the response body matches "^(new\n){7}new$"

  Scenario: it is never older than the last write but one
    Given the key-value store "cache" is eventually consistent
    When I send POST "/v2/sequence?store=cache" with the body:
      """
      set k 1
      set k 2
      set k 3
      get k
      get k
      get k
      get k
      get k
      get k
      """
    Then the response body matches "^ok\nok\nok\n([23]\n){5}[23]$"

  Scenario: without the step a store is consistent, also one that does not promise it
    When I send POST "/v2/sequence?store=cache" with the body:
      """
      set k new
      get k
      get k
      get k
      get k
      get k
      get k
      """
    Then the response body matches "^ok\n(new\n){5}new$"

  Scenario: only the store that is named
    Given the key-value store "cache" is eventually consistent
    When I send POST "/v2/sequence" with the body:
      """
      set k new
      get k
      get k
      get k
      get k
      get k
      get k
      """
    Then the response body matches "^ok\n(new\n){5}new$"
