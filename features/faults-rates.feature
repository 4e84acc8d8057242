Feature: A store that takes only so much
  A throttled store answers `other: too many requests` to what goes past so many calls in any second of virtual time. A
  store with a quota refuses what would make it larger than that, in tuples or in bytes of its keys and values.

  Background:
    Given the app "../fixtures/apps/key-value"
    And the runtime config "../fixtures/apps/key-value/runtime-config.toml"

  Scenario Outline: two calls a second, and what goes past it is refused to <interface>
    Given every "get" is throttled to 2 per second
    And the key-value store "default" contains:
      | key | value |
      | k   | 1     |
    When I send GET "/<interface>/get?key=k"
    Then the response body is "1"
    When I send GET "/<interface>/get?key=k"
    Then the response body is "1"
    When I send GET "/<interface>/get?key=k"
    Then the response status is 500
    And the response body is "<refusal>"
    And component "<interface>" did not trap
    When 999 ms pass
    And I send GET "/<interface>/get?key=k"
    Then the response body is "<refusal>"
    When 1 ms passes
    And I send GET "/<interface>/get?key=k"
    Then the response body is "1"

    Examples:
      | interface | refusal                  |
      | v1        | io: too many requests    |
      | v2        | other: too many requests |
      | wasi      | other: too many requests |
      | v3        | other: too many requests |

  Scenario Outline: <operation> of <interface> is refused and has no effect
    Given every "<operation>" is throttled to 1 per second
    And the key-value store "default" contains:
      | key | value |
      | k   | 1     |
    When I send POST "/<interface>/<operation>?key=x&keys=x" with body "x=2"
    Then the response status is one of 200, 404
    When I send POST "/<interface>/<operation>?key=k&keys=k" with body "k=2"
    Then the response status is 500
    And the response body is "<refusal>"
    And the key "k" of store "default" is "1"

    Examples:
      | interface | operation   | refusal                    |
      | v1        | open        | io: too many requests      |
      | v1        | set         | io: too many requests      |
      | v1        | delete      | io: too many requests      |
      | v2        | exists      | other: too many requests   |
      | v2        | set         | other: too many requests   |
      | wasi      | get-many    | other: too many requests   |
      | wasi      | set-many    | other: too many requests   |
      | wasi      | delete-many | other: too many requests   |
      | wasi      | increment   | other: too many requests   |
      | wasi      | cas-new     | other: too many requests   |
      | wasi      | cas-current | other: too many requests   |
      | wasi      | swap        | other: too many requests   |
      | v3        | delete      | other: too many requests   |
      | v3        | get-keys    | ! other: too many requests |

  Scenario: any second, not only whole ones
    Given every "get" is throttled to 2 per second
    When I send GET "/v2/get?key=k"
    And 600 ms pass
    And I send GET "/v2/get?key=k"
    Then the response body is "missing"
    When 500 ms pass
    And I send GET "/v2/get?key=k"
    Then the response body is "missing"
    When I send GET "/v2/get?key=k"
    Then the response body is "other: too many requests"

  Scenario: what is refused does not count
    Given every "get" is throttled to 1 per second
    When I send GET "/v2/get?key=k"
    And 900 ms pass
    And I send GET "/v2/get?key=k"
    Then the response body is "other: too many requests"
    When 100 ms pass
    And I send GET "/v2/get?key=k"
    Then the response body is "missing"

  Scenario: all operations share a rate that is about any
    Given every "*" is throttled to 3 per second
    When I send POST "/v2/sequence" with the body:
      """
      set k 1
      get k
      get k
      get-keys
      """
    Then the response body is:
      """
      ok
      1
      ! other: too many requests
      ! other: too many requests
      """

  Scenario: a rate may be that of one store, and others are not slower
    Given every "*" on store "cache" is throttled to 1 per second
    When I send POST "/v2/sequence" with the body:
      """
      get k
      get k
      open cache
      get k
      """
    Then the response body is:
      """
      missing
      missing
      ok
      ! other: too many requests
      """

  Scenario: clients at once share a rate
    Given every "get" is throttled to 3 per second
    When 10 clients send GET "/v2/get?key=k" at once
    Then 3 responses have status 404
    And 7 responses have status 500

  Scenario Outline: no more than two tuples: to <interface>
    Given the key-value store "default" has a quota of 2 tuples
    And the key-value store "default" contains:
      | key | value |
      | a   | 1     |
      | b   | 2     |
    When I send POST "/<interface>/set?key=c" with body "3"
    Then the response status is 500
    And the response body is "<refusal>: quota exceeded: the store holds at most 2 tuples"
    And the key-value store "default" is unchanged
    And component "<interface>" did not trap
    When I send POST "/<interface>/set?key=a" with body "a longer value"
    Then the response status is 200
    And the key "a" of store "default" is "a longer value"
    When I send POST "/<interface>/delete?key=b"
    And I send POST "/<interface>/set?key=c" with body "3"
    Then the response status is 200
    And the key "c" of store "default" is "3"

    Examples:
      | interface | refusal |
      | v1        | io      |
      | v2        | other   |
      | wasi      | other   |
      | v3        | other   |

  Scenario Outline: no more than ten bytes of keys and values: to <interface>
    Given the key-value store "default" has a quota of 10 bytes
    And the key-value store "default" contains:
      | key | value |
      | ab  | 12    |
      | cd  | 34    |
    When I send POST "/<interface>/set?key=ab" with body "12345"
    Then the response body is "<refusal>: quota exceeded: the store holds at most 10 bytes"
    And the key-value store "default" is unchanged
    When I send POST "/<interface>/set?key=ab" with body "1234"
    Then the response status is 200
    When I send POST "/<interface>/set?key=x"
    Then the response status is 500
    When I send POST "/<interface>/delete?key=cd"
    And I send POST "/<interface>/set?key=xy" with body "zz"
    Then the response status is 200
    And the key-value store "default" contains exactly:
      | key | value |
      | ab  | 1234  |
      | xy  | zz    |

    Examples:
      | interface | refusal |
      | v1        | io      |
      | v2        | other   |
      | wasi      | other   |
      | v3        | other   |

  Scenario Outline: <operation> is a write too
    Given the key-value store "default" has a quota of 1 tuple
    And the key-value store "default" contains:
      | key | value |
      | a   | 1     |
    When I send POST "/wasi/<operation>?key=b" with body "a=2"
    Then the response status is 500
    And the response body is "other: quota exceeded: the store holds at most 1 tuple"
    And the key-value store "default" is unchanged

    Examples:
      | operation |
      | set       |
      | increment |
      | swap      |

  Scenario: a batch is refused whole
    Given the key-value store "default" has a quota of 2 tuples
    When I send POST "/wasi/set-many" with the body:
      """
      a=1
      b=2
      c=3
      """
    Then the response body is "other: quota exceeded: the store holds at most 2 tuples"
    And the key-value store "default" is empty
    When I send POST "/wasi/set-many" with the body:
      """
      a=1
      b=2
      a=3
      """
    Then the response status is 200
    When I send POST "/wasi/delete-many?keys=a,b"
    And I send POST "/wasi/set-many" with the body:
      """
      c=3
      d=4
      """
    Then the response status is 200

  Scenario: a store that is fuller than its quota takes what makes it no larger
    Given the key-value store "default" holds 5 tuples
    And the key-value store "default" has a quota of 3 tuples
    When I send POST "/v2/sequence" with the body:
      """
      set tuple-1 new
      delete tuple-2
      set new 1
      delete tuple-3
      delete tuple-4
      set new 1
      """
    Then the response body is:
      """
      ok
      ok
      ! other: quota exceeded: the store holds at most 3 tuples
      ok
      ok
      ok
      """

  Scenario: kilobytes of 1024 bytes
    Given the key-value store "default" has a quota of 1 KiB
    When I send POST "/v2/set?key=k" with body "bytes:1023"
    Then the response status is 200
    When I send POST "/v2/set?key=k" with body "bytes:1024"
    Then the response body is "other: quota exceeded: the store holds at most 1024 bytes"

  Scenario: reads and other stores have no quota
    Given the key-value store "default" has a quota of 0 tuples
    When I send POST "/v2/sequence" with the body:
      """
      get k
      get-keys
      set k 1
      open cache
      set k 1
      """
    Then the response body is:
      """
      missing
      ok
      ! other: quota exceeded: the store holds at most 0 tuples
      ok
      ok
      """

  Scenario: a quota that begins when the store has grown, and ends
    When I send POST "/v2/set?key=a" with body "1"
    Then the response status is 200
    Given the key-value store "default" has a quota of 1 tuple
    When I send POST "/v2/set?key=b" with body "2"
    Then the response status is 500
    When storage recovers
    And I send POST "/v2/set?key=b" with body "2"
    Then the response status is 200

  Scenario: rates and quotas in a table
    Given storage faults:
      | operation | store   | key   | effect                 |
      | get       |         |       | throttled 1 per second |
      |           | default |       | quota 2 tuples         |
      | set       | cache   | big:* | quota 8 bytes          |
    When I send POST "/v2/sequence" with the body:
      """
      get k
      get k
      set a 1
      set b 2
      set c 3
      open cache
      set big:1 123
      set big:1 1234
      set other 1234
      """
    Then the response body is:
      """
      missing
      ! other: too many requests
      ok
      ok
      ! other: quota exceeded: the store holds at most 2 tuples
      ok
      ok
      ! other: quota exceeded: the store holds at most 8 bytes
      ok
      """
