Feature: A write that did not do what the guest was told
  A write can take effect and fail all the same, take effect and end the instance, or be lost without a word.
  Writes are set, delete, set-many, delete-many, increment and swap.

  Background:
    Given the app "../fixtures/apps/key-value"
    And the runtime config "../fixtures/apps/key-value/runtime-config.toml"
    And the key-value store "default" contains:
      | key  | value               |
      | k    | 1                   |
      | kept | as it is            |
      | hits | base64:AQAAAAAAAAA= |

  Scenario Outline: <operation> of <interface> takes effect, and the guest is told that it failed
    Given the 1st "<operation>" applies, then fails with "other: timeout"
    When I send POST "/<interface>/<operation>?key=k&keys=k,n" with body "<body>"
    Then the response status is 500
    And the response body is "<answer>"
    And the key "k" of store "default" is "2"
    And the key "kept" of store "default" is "as it is"
    And component "<interface>" did not trap
    When I send GET "/<interface>/get?key=k"
    Then the response body is "2"

    Examples: writes that store a value
      | interface | operation | body | answer         |
      | v1        | set       | 2    | io: timeout    |
      | v2        | set       | 2    | other: timeout |
      | wasi      | set       | 2    | other: timeout |
      | wasi      | set-many  | k=2  | other: timeout |
      | wasi      | swap      | 2    | other: timeout |
      | v3        | set       | 2    | other: timeout |

  Scenario Outline: <operation> of <interface> removes, and the guest is told that it did not
    Given the 1st "<operation>" applies, then fails with "<error>"
    When I send POST "/<interface>/<operation>?key=k&keys=k,none"
    Then the response status is 500
    And the response body is "<answer>"
    And the key-value store "default" contains exactly:
      | key  | value               |
      | kept | as it is            |
      | hits | base64:AQAAAAAAAAA= |
    And component "<interface>" did not trap

    Examples:
      | interface | operation   | error            | answer                  |
      | v1        | delete      | other: timeout   | io: timeout             |
      | v1        | delete      | invalid-store    | invalid-store           |
      | v2        | delete      | access-denied    | access-denied           |
      | wasi      | delete      | store-table-full | other: store table full |
      | wasi      | delete-many | other: timeout   | other: timeout          |
      | v3        | delete      | no-such-store    | no-such-store           |

  Scenario: an increment counts, and the guest is told that it did not: who tries again counts twice
    Given the 1st "increment" applies, then fails with "other: timeout"
    When I send POST "/wasi/increment?key=hits"
    Then the response body is "other: timeout"
    And the key "hits" of store "default" is "base64:AgAAAAAAAAA="
    When I send POST "/wasi/increment?key=hits"
    Then the response body is "3"

  Scenario: a swap takes effect and is said to be a lost race: the value that won is the guest's own
    Given the 1st "swap" applies, then fails with "cas-failed"
    When I send POST "/wasi/swap?key=k" with body "2"
    Then the response status is 500
    And the response body is "cas-failed: 2"
    And the key "k" of store "default" is "2"

  Scenario: the journal has the error that the guest was told, and the rule takes effect once
    Given the 1st "set" applies, then fails with "other: timeout"
    When I send POST "/v2/sequence" with the body:
      """
      set k 2
      get k
      set k 3
      """
    Then the response body is:
      """
      ! other: timeout
      2
      ok
      """
    And the storage calls are:
      | operation | key | outcome        |
      | open      |     | ok             |
      | set       | k   | other: timeout |
      | get       | k   | ok             |
      | set       | k   | ok             |

  Scenario: what fails by itself is not applied, and its own error is told
    Given optionally, every "set" applies, then fails with "other: timeout"
    And the key-value store "default" has a quota of 3 tuples
    When I send POST "/v2/set?key=fourth" with body "4"
    Then the response body is "other: quota exceeded: the store holds at most 3 tuples"
    And the key-value store "default" is unchanged

  Scenario Outline: <operation> of <interface> takes effect, and the instance dies
    Given the 1st "<operation>" applies, then traps
    When I send POST "/<interface>/<operation>?key=k&keys=k" with body "<body>"
    Then the response status is 500
    And the response body is empty
    And component "<interface>" trapped
    And the key "k" of store "default" is "2"
    When I send GET "/<interface>/get?key=k"
    Then the response body is "2"

    Examples: writes that store a value
      | interface | operation | body |
      | v1        | set       | 2    |
      | v2        | set       | 2    |
      | wasi      | set       | 2    |
      | wasi      | set-many  | k=2  |
      | wasi      | swap      | 2    |
      | v3        | set       | 2    |

  Scenario Outline: <operation> of <interface> removes, and the instance dies
    Given the 1st "<operation>" applies, then traps
    When I send POST "/<interface>/<operation>?key=k&keys=k"
    Then the response status is 500
    And component "<interface>" trapped
    And the key-value store "default" has no key "k"
    And the storage calls are:
      | operation   | key | outcome |
      | open        |     | ok      |
      | <operation> | k   | trap    |
    When I send GET "/<interface>/exists?key=k"
    Then the response body is "false"

    Examples:
      | interface | operation   |
      | v1        | delete      |
      | v2        | delete      |
      | wasi      | delete      |
      | wasi      | delete-many |
      | v3        | delete      |

  Scenario: an increment counts, and the instance dies
    Given the 1st "increment" applies, then traps
    When I send POST "/wasi/increment?key=hits"
    Then component "wasi" trapped
    And the key "hits" of store "default" is "base64:AgAAAAAAAAA="

  Scenario Outline: <operation> of <interface> is lost, and the guest is told that it was done
    Given the 1st "<operation>" is lost
    When I send POST "/<interface>/<operation>?key=k&keys=k,kept" with body "<body>"
    Then the response status is 200
    And the response body is empty
    And the key-value store "default" is unchanged
    And component "<interface>" did not trap
    When I send GET "/<interface>/get?key=k"
    Then the response body is "1"

    Examples:
      | interface | operation   | body |
      | v1        | set         | 2    |
      | v1        | delete      |      |
      | v2        | set         | 2    |
      | v2        | delete      |      |
      | wasi      | set         | 2    |
      | wasi      | delete      |      |
      | wasi      | set-many    | k=2  |
      | wasi      | delete-many |      |
      | wasi      | swap        | 2    |
      | v3        | set         | 2    |
      | v3        | delete      |      |

  Scenario: a whole batch is lost, new keys and old
    Given the 1st "set-many" is lost
    When I send POST "/wasi/set-many" with the body:
      """
      new=1
      k=2
      new=3
      """
    Then the response status is 200
    And the key-value store "default" is unchanged

  Scenario: a lost increment answers the number that it should have stored
    Given the 1st "increment" is lost
    When I send POST "/wasi/increment?key=hits"
    Then the response body is "2"
    And the key-value store "default" is unchanged
    When I send POST "/wasi/increment?key=hits"
    Then the response body is "2"
    And the key "hits" of store "default" is "base64:AgAAAAAAAAA="

  Scenario: the journal says ok, as the guest was told, and only that write is lost
    Given the 2nd "set" is lost
    When I send POST "/v2/sequence" with the body:
      """
      set k 2
      set k 3
      get k
      set k 4
      get k
      """
    Then the response body is:
      """
      ok
      ok
      2
      ok
      4
      """
    And the storage calls are:
      | operation | key | outcome |
      | open      |     | ok      |
      | set       | k   | ok      |
      | set       | k   | ok      |
      | get       | k   | ok      |
      | set       | k   | ok      |
      | get       | k   | ok      |

  Scenario: two requests at once, and the write of one is lost
    Given the 1st "set" of key "k" is lost
    When these requests are sent at once:
      | method | path            | body |
      | POST   | /v1/set?key=k   | 2    |
      | POST   | /wasi/set?key=k | 2    |
    Then every response status is 200
    And the key "k" of store "default" is "2"
