Feature: A call that takes time
  Time is virtual: a call that takes an hour takes none of yours. A call takes effect at the end of its time.

  Background:
    Given the app "../fixtures/apps/key-value"
    And the runtime config "../fixtures/apps/key-value/runtime-config.toml"
    And the key-value store "default" contains:
      | key | value |
      | k   | 1     |

  Scenario Outline: <operation> of <interface> takes as long as a rule says, and then goes on as ever
    Given every "<operation>" takes 250 ms
    When I send POST "/<interface>/<operation>?key=k&keys=k" with body "<body>"
    Then the response status is 200
    And the response body is "<answer>"
    And the response took 250 ms
    And component "<interface>" did not trap

    Examples:
      | interface | operation   | body | answer |
      | v1        | open        |      |        |
      | v1        | get         |      | 1      |
      | v1        | set         | 2    |        |
      | v1        | delete      |      |        |
      | v1        | exists      |      | true   |
      | v1        | get-keys    |      | k      |
      | v2        | open        |      |        |
      | v2        | get         |      | 1      |
      | v2        | set         | 2    |        |
      | v2        | delete      |      |        |
      | v2        | exists      |      | true   |
      | v2        | get-keys    |      | k      |
      | wasi      | open        |      |        |
      | wasi      | get         |      | 1      |
      | wasi      | set         | 2    |        |
      | wasi      | delete      |      |        |
      | wasi      | exists      |      | true   |
      | wasi      | get-keys    |      | k      |
      | wasi      | get-many    |      | k=1    |
      | wasi      | set-many    | k=2  |        |
      | wasi      | delete-many |      |        |
      | wasi      | cas-new     |      |        |
      | wasi      | cas-current |      | 1      |
      | wasi      | swap        | 2    |        |
      | v3        | open        |      |        |
      | v3        | get         |      | 1      |
      | v3        | set         | 2    |        |
      | v3        | delete      |      |        |
      | v3        | exists      |      | true   |
      | v3        | get-keys    |      | k      |

  Scenario: an increment takes time too
    Given every "increment" takes 1 hour
    And the time bound is "2 hours"
    When I send POST "/wasi/increment?key=hits"
    Then the response body is "1"
    And the response took 1 hour

  Scenario: each call of a request takes its time
    Given every "get" takes 100 ms
    When I send POST "/v2/sequence" with the body:
      """
      get k
      set k 2
      get k
      get k
      """
    Then the response took 300 ms

  Scenario: times of several rules add up
    Given every "*" takes 50 ms
    And every "get" takes 100 ms
    And the 1st "get" of key "k" takes 1 s
    When I send GET "/v2/get?key=k"
    Then the response body is "1"
    And the response took 1200 ms
    When I send GET "/v2/get?key=k"
    Then the response took 200 ms

  Scenario: the time of a rule counts too when an earlier rule decides how the call ends
    Given every "get" fails with "other: disk full"
    And every "get" takes 250 ms
    When I send GET "/v2/get?key=k"
    Then the response body is "other: disk full"
    And the response took 250 ms

  Scenario: parts of a millisecond are rounded up
    Given every "get" takes 0.2 ms
    When I send GET "/v2/get?key=k"
    Then the response took 1 ms

  Scenario Outline: between two times, all equally likely: by <interface>
    Given the time bound is "301 ms"
    And every "get" takes 100 ms to 300 ms
    When 20 clients send GET "/<interface>/get?key=k" at once
    Then every response status is 200
    When I send GET "/<interface>/get?key=k"
    Then the response took at most 300 ms

    Examples:
      | interface |
      | v1        |
      | v2        |
      | wasi      |
      | v3        |

  Scenario: never shorter than the first of the two
    Given the time bound is "99 ms"
    And every "get" takes 100 ms to 300 ms
    When 20 clients send GET "/v2/get?key=k" at once
    Then every response status is 500

  Scenario: half of the calls are shorter than the middle, give or take
    Given the random seed is 34
    And the time bound is "200 ms"
    And every "get" takes 100 ms to 300 ms
    When 100 clients send GET "/v2/get?key=k" at once
    Then 50 responses have status 200

  Scenario Outline: which time it is follows from the seed, here <seed>, by <interface>
    Given the random seed is <seed>
    And every "get" takes 100 ms to 300 ms
    When I send GET "/<interface>/get?key=k"
    Then the response took <time>

    Examples: the same seed, the same time
      | interface | seed | time   |
      | v1        | 7    | 217 ms |
      | v1        | 8    | 254 ms |
      | v2        | 7    | 217 ms |
      | v2        | 8    | 254 ms |
      | wasi      | 7    | 217 ms |
      | wasi      | 8    | 254 ms |
      | v3        | 7    | 217 ms |
      | v3        | 8    | 254 ms |

  Scenario Outline: log-normal, as networks are: half of the calls take at most the median, by <interface>
    Given the random seed is 39
    And the time bound is "20 ms"
    And every "get" takes 20 ms (p99 400 ms)
    When 100 clients send GET "/<interface>/get?key=k" at once
    Then 51 responses have status 200
    And 49 responses have status 500

    Examples:
      | interface |
      | v1        |
      | v2        |
      | wasi      |
      | v3        |

  Scenario: log-normal, as networks are: one call in a hundred takes longer than the 99th percentile
    Given the random seed is 39
    And the time bound is "400 ms"
    And every "get" takes 20 ms (p99 400 ms)
    When 100 clients send GET "/v2/get?key=k" at once
    Then 99 responses have status 200
    And 1 response has status 500

  Scenario Outline: a log-normal time follows from the seed, here <seed>
    Given the random seed is <seed>
    And every "get" takes 20 ms (p99 400 ms)
    When I send GET "/v2/get?key=k"
    Then the response took <time>

    Examples:
      | seed | time  |
      | 7    | 66 ms |
      | 8    | 5 ms  |
      | 9    | 86 ms |

  Scenario Outline: a time, and then a failure: by <interface>
    Given every "<operation>" takes 2 s, then fails with "other: timeout"
    When I send POST "/<interface>/<operation>?key=k&keys=k" with body "k=2"
    Then the response status is 500
    And the response body is "<answer>"
    And the response took 2 s
    And the key-value store "default" is unchanged

    Examples:
      | interface | operation   | answer           |
      | v1        | open        | io: timeout      |
      | v1        | get         | io: timeout      |
      | v1        | set         | io: timeout      |
      | v2        | get         | other: timeout   |
      | v2        | set         | other: timeout   |
      | wasi      | get-many    | other: timeout   |
      | wasi      | delete-many | other: timeout   |
      | wasi      | increment   | other: timeout   |
      | wasi      | swap        | other: timeout   |
      | v3        | delete      | other: timeout   |
      | v3        | get-keys    | ! other: timeout |

  Scenario: a time, and then anything else
    Given storage faults:
      | operation | when  | effect                                  |
      | set       | nth 1 | takes 1 s then applied then other: late |
      | set       | nth 2 | takes 1 s then lost                     |
      | get       |       | takes 1 s then stale                    |
      | delete    |       | takes 1 s then traps                    |
    When I send POST "/v2/set?key=k" with body "2"
    Then the response body is "other: late"
    And the response took 1 s
    And the key "k" of store "default" is "2"
    When I send POST "/v2/set?key=k" with body "3"
    Then the response status is 200
    And the response took 1 s
    And the key "k" of store "default" is "2"
    When I send GET "/v2/get?key=k"
    Then the response body is "1"
    And the response took 1 s
    When I send POST "/v2/delete?key=k"
    Then component "v2" trapped
    And the response took 1 s

  Scenario: a write takes effect at the end of its time
    Given every "set" takes 2 s
    And every "get" takes 1 s
    When these requests are sent at once:
      | method | path          | body |
      | POST   | /v2/set?key=k | 2    |
      | GET    | /v2/get?key=k |      |
    Then the response bodies are, in any order:
      |   |
      | 1 |
    And the key "k" of store "default" is "2"

  Scenario: a read sees the store at the end of its time
    Given every "get" takes 2 s
    And every "set" takes 1 s
    When these requests are sent at once:
      | method | path          | body |
      | POST   | /v2/set?key=k | 2    |
      | GET    | /v2/get?key=k |      |
    Then the response bodies are, in any order:
      |   |
      | 2 |

  Scenario Outline: <operation> of <interface> never ends, so the request ends at its time bound
    Given the 1st "<operation>" hangs
    When I send POST "/<interface>/<operation>?key=k&keys=k" with body "k=2"
    Then the response status is 500
    And the response body is empty
    And the response took 60 s
    And component "<interface>" trapped
    And the key-value store "default" is unchanged
    When I send GET "/<interface>/get?key=k"
    Then the response body is "1"

    Examples:
      | interface | operation   |
      | v1        | open        |
      | v1        | get         |
      | v1        | set         |
      | v1        | delete      |
      | v1        | exists      |
      | v1        | get-keys    |
      | v2        | open        |
      | v2        | set         |
      | v2        | delete      |
      | v2        | exists      |
      | v2        | get-keys    |
      | wasi      | open        |
      | wasi      | set         |
      | wasi      | delete      |
      | wasi      | exists      |
      | wasi      | get-keys    |
      | wasi      | get-many    |
      | wasi      | set-many    |
      | wasi      | delete-many |
      | wasi      | increment   |
      | wasi      | cas-new     |
      | wasi      | cas-current |
      | wasi      | swap        |
      | v3        | open        |
      | v3        | set         |
      | v3        | delete      |
      | v3        | exists      |
      | v3        | get-keys    |

  Scenario: the time bound can be another one
    Given the time bound is "3 s"
    And the 1st "get" hangs
    When I send GET "/v2/get?key=k"
    Then the response took 3 s
    And component "v2" trapped

  Scenario Outline: a call that takes longer than the time bound does not end, by <interface>
    Given the 1st "set" takes 61 s
    When I send POST "/<interface>/set?key=k" with body "2"
    Then the response status is 500
    And the response took 60 s
    And component "<interface>" trapped
    And the key-value store "default" is unchanged
    And the storage calls are:
      | component   | operation | key | outcome |
      | <interface> | open      |     | ok      |
      | <interface> | set       | k   | trap    |

    Examples:
      | interface |
      | v1        |
      | v2        |
      | wasi      |
      | v3        |

  Scenario: a call that takes as long as the time bound still ends
    Given every "get" takes 60 s
    When I send GET "/v2/get?key=k"
    Then the response body is "1"
    And the response took 60 s

  Scenario Outline: requests at once wait at once, by <interface>
    Given every "get" takes 1 s
    And between 1 s and 1001 ms, every "open" on store "cache" fails with "other: it is one second past"
    When 10 clients send GET "/<interface>/get?key=k" at once
    Then every response status is 200
    When I send GET "/v2/open?store=cache"
    Then the response body is "other: it is one second past"

    Examples:
      | interface |
      | v1        |
      | v2        |
      | wasi      |
      | v3        |

  Scenario: calls are written down when they end, not when they begin
    Given every "get" of key "slow" takes 2 s
    And every "get" of key "fast" takes 1 s
    When these requests are sent at once:
      | method | path             |
      | GET    | /v1/get?key=slow |
      | GET    | /v2/get?key=fast |
    Then 1 response has status 404
    And the storage calls are:
      | operation | key  | outcome |
      | open      |      | ok      |
      | open      |      | ok      |
      | get       | fast | ok      |
      | get       | slow |         |

  Scenario: a guest of WASI 0.3 waits for several calls at once
    Given the key-value store "default" contains:
      | key | value |
      | a   | 1     |
      | b   | 2     |
      | c   | 3     |
    And every "get" takes 1 s
    When I send GET "/v3/concurrent?keys=a,b,c"
    Then the response body is:
      """
      1
      2
      3
      """
    And the response took 1 s

  Scenario: the slowest of several calls says how long they take
    Given every "get" of key "a" takes 3 s
    And every "get" of key "b" takes 2 s
    And every "get" of key "c" takes 1 s, then fails with "other: timeout"
    When I send GET "/v3/concurrent?keys=a,b,c"
    Then the response body is:
      """
      missing
      missing
      ! other: timeout
      """
    And the response took 3 s
    And the storage calls are:
      | operation | key | outcome        |
      | open      |     | ok             |
      | get       | c   | other: timeout |
      | get       | b   | ok             |
      | get       | a   | ok             |

  Scenario: of several calls one hangs
    Given every "get" of key "b" hangs
    When I send GET "/v3/concurrent?keys=a,b,c"
    Then the response status is 500
    And the response took 60 s
    And component "v3" trapped
    And "get" was called 3 times

  Scenario: a client that waits for a slow store does not keep others waiting
    Given the 1st "get" of key "k" by component "v1" hangs
    When these requests are sent at once:
      | method | path          |
      | GET    | /v1/get?key=k |
      | GET    | /v2/get?key=k |
    Then the response bodies are, in any order:
      |   |
      | 1 |
    And component "v1" trapped
    And component "v2" did not trap
