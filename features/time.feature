Feature: Virtual time
  A scenario has a clock of its own: it starts where the scenario says, moves only when something waits, and takes no real time.
  That holds for guests of both WASI generations, 0.2 (sandboxed) and 0.3 (sandboxed-async), and for bare modules.

  Scenario Outline: without a word about it, it is the beginning of 2026: <guest>
    Given the app "../fixtures/apps/<guest>"
    When I send GET "/now"
    Then the response body is "1767225600000"

    Examples:
      | guest           |
      | sandboxed       |
      | sandboxed-async |
      | module          |

  Scenario Outline: the monotonic clock starts at 1 s, since runtimes take 0 for no clock: <guest>
    Given the app "../fixtures/apps/<guest>"
    And the time is "2000-02-29T12:00:00Z"
    When I send GET "/monotonic"
    Then the response body is "1000000000"

    Examples:
      | guest           |
      | sandboxed       |
      | sandboxed-async |

  Scenario Outline: a scenario can choose the time: <guest>
    Given the app "../fixtures/apps/<guest>"
    And the time is "2000-02-29T12:00:00Z"
    When I send GET "/now"
    Then the response body is "951825600000"

    Examples:
      | guest           |
      | sandboxed       |
      | sandboxed-async |
      | module          |

  Scenario: the time may be that of another zone
    Given the app "../fixtures/apps/sandboxed"
    And the time is "2026-01-01T01:00:00+01:00"
    When I send GET "/now"
    Then the response body is "1767225600000"

  Scenario Outline: a guest that sleeps takes virtual time: <guest>, <path>
    Given the app "../fixtures/apps/<guest>"
    When I send GET "<path>"
    Then the response body is "<milliseconds>"
    And the response took <milliseconds> ms
    And the response took at most <milliseconds> ms
    When I send GET "/now"
    Then the response body is "<now>"

    Examples: to the millisecond
      | guest           | path                     | milliseconds | now           |
      | sandboxed       | /sleep?ms=250            | 250          | 1767225600250 |
      | sandboxed-async | /sleep?ms=250            | 250          | 1767225600250 |
      | sandboxed-async | /sleep?ms=0              | 0            | 1767225600000 |
      | sandboxed-async | /sleep-blocking?ms=250   | 250          | 1767225600250 |
      | module          | /sleep?ms=250            | 250          | 1767225600250 |

    Examples: as long as the time bound and no longer
      | guest           | path                     | milliseconds | now           |
      | sandboxed       | /sleep?ms=60000          | 60000        | 1767225660000 |
      | sandboxed-async | /sleep?ms=60000          | 60000        | 1767225660000 |
      | module          | /sleep?ms=60000          | 60000        | 1767225660000 |

    Examples: two waits at once take as long as the longer one
      | guest           | path                     | milliseconds | now           |
      | sandboxed-async | /two-sleeps?a=300&b=1000 | 1000         | 1767225601000 |
      | sandboxed-async | /two-sleeps?a=1000&b=300 | 1000         | 1767225601000 |
      | sandboxed-async | /two-sleeps?a=500&b=500  | 500          | 1767225600500 |

  Scenario Outline: a sleep beyond the time bound ends there: <guest>, <path>
    Given the app "../fixtures/apps/<guest>"
    When I send GET "<path>"
    Then the response status is 500
    And the response body is empty
    And the response took 60 s
    And component "<guest>" trapped
    When I send GET "/now"
    Then the response body is "1767225660000"

    Examples:
      | guest           | path                       |
      | sandboxed       | /sleep?ms=7200000          |
      | sandboxed-async | /sleep?ms=7200000          |
      | sandboxed-async | /sleep?ms=60001            |
      | sandboxed-async | /sleep-blocking?ms=7200000 |
      | sandboxed-async | /two-sleeps?a=1&b=60001    |
      | module          | /sleep?ms=7200000          |

  Scenario Outline: work that does not wait takes no time: <guest>
    Given the app "../fixtures/apps/<guest>"
    When I send GET "/hashmap"
    Then the response took 0 ms

    Examples:
      | guest           |
      | sandboxed       |
      | sandboxed-async |

  Scenario Outline: time passes when a scenario says so: <guest>
    Given the app "../fixtures/apps/<guest>"
    When 5 minutes pass
    And I send GET "/now"
    Then the response body is "1767225900000"
    When 1 hour passes
    And I send GET "/now"
    Then the response body is "1767229500000"
    And the response took 0 ms
    When I send GET "/monotonic"
    Then the response body is "3901000000000"

    Examples:
      | guest           |
      | sandboxed       |
      | sandboxed-async |

  Scenario: a guest of WASI 0.3 can wait for a moment, one that has passed too
    Given the app "../fixtures/apps/sandboxed-async"
    When 1 s passes
    And I send GET "/sleep-until?ms=2250"
    Then the response body is "250"
    And the response took 250 ms
    When I send GET "/sleep-until?ms=2000"
    Then the response body is "0"
    And the response took 0 ms

  Scenario Outline: requests at once sleep at once: <guest>
    Given the app "../fixtures/apps/<guest>"
    When 3 clients send GET "/sleep?ms=1000" at once
    Then every response status is 200
    When I send GET "/monotonic"
    Then the response body is "2000000000"

    Examples:
      | guest           |
      | sandboxed       |
      | sandboxed-async |

  Scenario Outline: requests at once in one instance, to <path>, are done after <milliseconds> ms
    Given the app "../fixtures/apps/sandboxed-async"
    And instances are reused
    When 3 clients send GET "<path>" at once
    Then every response status is 200
    When I send GET "/monotonic"
    Then the response body is "<clock>000000"

    Examples: they sleep at once
      | path                     | milliseconds | clock |
      | /sleep?ms=1000           | 1000         | 2000  |
      | /two-sleeps?a=1000&b=300 | 1000         | 2000  |

    Examples: a synchronous sleep stops its whole instance, so these sleep one after the other
      | path                     | milliseconds | clock |
      | /sleep-blocking?ms=1000  | 3000         | 4000  |

  Scenario: a request that sleeps too long ends the others of its instance
    Given the app "../fixtures/apps/sandboxed-async"
    And instances are reused
    And the time bound is "2 s"
    When these requests are sent at once:
      | method | path           |
      | GET    | /sleep?ms=1000 |
      | GET    | /sleep?ms=2001 |
    Then 1 response has status 200
    And 1 response has status 500
    And component "sandboxed-async" trapped
    When I send GET "/monotonic"
    Then the response body is "3000000000"

  Scenario: a guest of WASI 0.3 that works on after its answer is waited for
    Given the app "../fixtures/apps/sandboxed-async"
    When I send GET "/works-on?ms=2000"
    Then the response body is "answered"
    And the response took 0 ms
    And component "sandboxed-async" logged "worked on"
    When I send GET "/monotonic"
    Then the response body is "3000000000"

  Scenario: such work is bounded too, and the answer stands
    Given the app "../fixtures/apps/sandboxed-async"
    And the time bound is "1 s"
    When I send GET "/works-on?ms=2000"
    Then the response status is 200
    And the response body is "answered"
    And component "sandboxed-async" trapped
    And component "sandboxed-async" did not log "worked on"
    When I send GET "/monotonic"
    Then the response body is "2000000000"

  Scenario Outline: a guest's sleep of <sleep> ms and a store's <latency> ms count against one bound of 2 s: <interface>
    Given the app "../fixtures/apps/key-value"
    And the runtime config "../fixtures/apps/key-value/runtime-config.toml"
    And the time bound is "2 s"
    And the key-value store "default" contains:
      | key | value |
      | k   | 1     |
    And every "set" takes <latency> ms
    When I send POST "/<interface>/set?key=k&after=<sleep>" with body "2"
    Then the response status is <status>
    And the response took <took> ms
    And the key "k" of store "default" is "<stored>"

    Examples:
      | interface | sleep | latency | status | took | stored |
      | v2        | 1000  | 1000    | 200    | 2000 | 2      |
      | v2        | 1000  | 1001    | 500    | 2000 | 1      |
      | v2        | 1001  | 1000    | 500    | 2000 | 1      |
      | v2        | 2000  | 1       | 500    | 2000 | 1      |
      | v3        | 1000  | 1000    | 200    | 2000 | 2      |
      | v3        | 1000  | 1001    | 500    | 2000 | 1      |
      | v3        | 1001  | 1000    | 500    | 2000 | 1      |
      | v3        | 2000  | 1       | 500    | 2000 | 1      |

  Scenario Outline: each request has the whole bound, however many there are: <interface>
    Given the app "../fixtures/apps/key-value"
    And the runtime config "../fixtures/apps/key-value/runtime-config.toml"
    And the time bound is "2 s"
    And every "get" of key "slow" takes 1500 ms
    When these requests are sent at once:
      | method | path                                 |
      | GET    | /<interface>/get?key=fast&after=2000 |
      | GET    | /<interface>/get?key=slow&after=500  |
      | GET    | /<interface>/get?key=slow&after=501  |
    Then 2 responses have status 404
    And 1 response has status 500
    And component "<interface>" trapped
    When I send GET "/<interface>/get?key=slow&after=500"
    Then the response status is 404
    And the response took 2 s

    Examples:
      | interface |
      | v2        |
      | v3        |
