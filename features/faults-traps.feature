Feature: A call at which the instance dies
  As if the host had stopped it: the client gets 500, the next request has a new instance, and the stores keep what they
  have. `traps` is before the call takes effect, `applied then traps` after it; the latter can only happen to writes.

  Background:
    Given the app "../fixtures/apps/key-value"
    And the runtime config "../fixtures/apps/key-value/runtime-config.toml"
    And the key-value store "default" contains:
      | key  | value               |
      | k    | 1                   |
      | hits | base64:AQAAAAAAAAA= |

  Scenario Outline: <operation> of <interface> traps before it takes effect
    Given the 1st "<operation>" traps
    When I send POST "/<interface>/<operation>?key=k&keys=k" with body "k=2"
    Then the response status is 500
    And the response body is empty
    And component "<interface>" trapped
    And the key-value store "default" is unchanged
    And "<operation>" was called 1 time
    When I send GET "/<interface>/get?key=k"
    Then the response status is 200
    And the response body is "1"

    Examples:
      | interface | operation   |
      | v1        | open        |
      | v1        | get         |
      | v1        | set         |
      | v1        | delete      |
      | v1        | exists      |
      | v1        | get-keys    |
      | v2        | open        |
      | v2        | get         |
      | v2        | set         |
      | v2        | delete      |
      | v2        | exists      |
      | v2        | get-keys    |
      | wasi      | open        |
      | wasi      | get         |
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
      | v3        | get         |
      | v3        | set         |
      | v3        | delete      |
      | v3        | exists      |
      | v3        | get-keys    |

  Scenario Outline: before or after: what the store of <interface> holds when the instance <dies>
    Given the 1st "set" <dies>
    When I send POST "/<interface>/set?key=k" with body "2"
    Then the response status is 500
    And component "<interface>" trapped
    And the storage calls are:
      | component   | operation | key | outcome |
      | <interface> | open      |     | ok      |
      | <interface> | set       | k   | trap    |
    And the key "k" of store "default" is "<value>"

    Examples:
      | interface | dies                | value |
      | v1        | traps               | 1     |
      | v1        | applies, then traps | 2     |
      | v2        | traps               | 1     |
      | v2        | applies, then traps | 2     |
      | wasi      | traps               | 1     |
      | wasi      | applies, then traps | 2     |
      | v3        | traps               | 1     |
      | v3        | applies, then traps | 2     |

  Scenario: what was done before the trap stays done
    Given the 2nd "set" traps
    When I send POST "/v2/sequence" with the body:
      """
      set a 1
      set b 2
      set c 3
      """
    Then the response status is 500
    And component "v2" trapped
    And "set" was called 2 times
    And the key-value store "default" contains exactly:
      | key  | value               |
      | a    | 1                   |
      | k    | 1                   |
      | hits | base64:AQAAAAAAAAA= |

  Scenario: it takes a while until the instance dies
    Given the 1st "get" takes 5 s, then traps
    When I send GET "/v2/get?key=k"
    Then component "v2" trapped
    And the response took 5 s

  Scenario: a batch is applied, and the instance dies
    Given the 1st "set-many" applies, then traps
    When I send POST "/wasi/set-many" with the body:
      """
      a=1
      b=2
      """
    Then component "wasi" trapped
    And the key "a" of store "default" is "1"
    And the key "b" of store "default" is "2"

  Scenario: of requests at once only the one dies that is hit
    Given the 1st "get" by component "v1" traps
    When these requests are sent at once:
      | method | path            |
      | GET    | /v1/get?key=k   |
      | GET    | /v2/get?key=k   |
      | GET    | /wasi/get?key=k |
      | GET    | /v3/get?key=k   |
    Then 1 response has status 500
    And 3 responses have status 200
    And component "v1" trapped
    And component "v2" did not trap

  Scenario: an instance that several requests share takes all of them with it
    Given the app "../fixtures/apps/visits-async"
    And instances are reused
    And the 3rd "get" takes 1 s, then traps
    And the first 2 "get" take 2 s
    And the key-value store "default" is empty
    When 3 clients send GET "/visit" at once
    Then every response status is 500
    And "get" was called 3 times
    And "set" was never called
    When I send GET "/visit"
    Then the response body is "1"
