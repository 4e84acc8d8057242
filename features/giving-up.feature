Feature: A guest that gives a call up
  A guest of WASI 0.3 can stop waiting for a call, as a timeout of its own does. The call is cancelled: it has no effect, the
  journal says so, and the request is over when the guest is done, not when the call would have ended.

  Background:
    Given the app "../fixtures/apps/key-value-3"
    And the runtime config "../fixtures/apps/key-value-3/runtime-config.toml"
    And the key-value store "default" contains:
      | key | value |
      | k   | 1     |

  Scenario Outline: <operation> that <effect> is given up after 250 ms
    Given storage faults:
      | operation   | when  | effect   |
      | <operation> | nth 1 | <effect> |
    When I send POST "/give-up?op=<operation>&key=k&ms=250" with body "2"
    Then the response status is 200
    And the response body is "gave up"
    And the response took 250 ms
    And component "v3" did not trap
    And the storage calls are:
      | operation   | store   | key   | outcome   |
      | open        | default |       | ok        |
      | <operation> | default | <key> | cancelled |
    And the key-value store "default" is unchanged
    When I send GET "/get?key=k"
    Then the response body is "1"
    And the response took 0 ms

    Examples:
      | operation | key | effect                                  |
      | get       | k   | takes 1 s                               |
      | get       | k   | takes 2 hours                           |
      | get       | k   | hangs                                   |
      | get       | k   | takes 1 s then traps                    |
      | set       | k   | takes 1 s                               |
      | set       | k   | hangs                                   |
      | set       | k   | takes 1 s then applied then other: late |
      | delete    | k   | takes 1 s                               |
      | exists    | k   | takes 1 s                               |
      | get-keys  |     | takes 1 s                               |
      | get-keys  |     | hangs                                   |

  Scenario Outline: a guest that waits <patience> ms for a call of 1 s has it
    Given every "get" takes 1 s
    When I send GET "/give-up?key=k&ms=<patience>"
    Then the response body is "1"
    And the response took 1 s
    And the storage calls are:
      | operation | key | outcome |
      | open      |     | ok      |
      | get       | k   | ok      |

    Examples:
      | patience |
      | 1001     |
      | 60000    |

  Scenario: a write that ends in time takes effect
    Given every "set" takes 1 s
    When I send POST "/give-up?op=set&key=k&ms=2000" with body "2"
    Then the response status is 200
    And the response took 1 s
    And the key "k" of store "default" is "2"

  Scenario: an error that comes in time is told
    Given every "get" takes 100 ms, then fails with "other: timeout"
    When I send GET "/give-up?key=k&ms=250"
    Then the response body is "other: timeout"
    And the response took 100 ms

  Scenario: an instance that gave calls up serves on
    Given instances are reused
    And the first 3 "get" take 1 s
    When 3 clients send GET "/give-up?key=k&ms=250" at once
    Then every response status is 200
    And the response bodies are, in any order:
      | gave up |
      | gave up |
      | gave up |
    When I send GET "/get?key=k"
    Then the response body is "1"
    And the response took 0 ms
    And "get" was called 4 times

  Scenario: a call counts for the rules although it is given up
    Given every "get" takes 1 s
    And the 2nd "get" fails with "other: the second"
    When I send GET "/give-up?key=k&ms=250"
    And I send GET "/give-up?key=k&ms=2000"
    Then the response body is "other: the second"

  @fault-sweep
  Scenario: a sweep lets a call fail that is given up
    Given every "set" takes 1 s
    When I send POST "/give-up?op=set&key=k&ms=250" with body "2"
    Then the response status is one of 200, 500
    And the key-value store "default" is unchanged

  @schedule-sweep
  Scenario: whatever the order, a write that hangs and is given up is never seen
    Given the 1st "set" hangs
    When these requests are sent at once:
      | method | path                          | body |
      | POST   | /give-up?op=set&key=k&ms=1000 | 2    |
      | GET    | /get?key=k                    |      |
    Then every response status is 200
    And the response bodies are, in any order:
      | gave up |
      | 1       |
    And the key-value store "default" is unchanged
