Feature: Faults
  A scenario says which storage calls go wrong and how; the app then shows how it copes.

  Background:
    Given the app "../fixtures/apps/key-value-2"
    And the runtime config "../fixtures/apps/key-value-2/runtime-config.toml"

  Scenario: every call of an operation
    Given every "set" fails with "other: disk full"
    When I send POST "/sequence" with the body:
      """
      set a 1
      set b 2
      get a
      """
    Then the response body is:
      """
      ! other: disk full
      ! other: disk full
      missing
      """
    And the storage calls are:
      | operation | key | outcome          |
      | open      |     | ok               |
      | set       | a   | other: disk full |
      | set       | b   | other: disk full |
      | get       | a   | ok               |

  Scenario: one call by its number
    Given the 2nd "set" fails with "other: disk full"
    When I send POST "/sequence" with the body:
      """
      set a 1
      set b 2
      set c 3
      """
    Then the response body is:
      """
      ok
      ! other: disk full
      ok
      """
    And the key-value store "default" has no key "b"

  Scenario: the first calls
    Given the first 2 "set" fail with "other: disk full"
    When I send POST "/sequence" with the body:
      """
      set a 1
      set b 2
      set c 3
      """
    Then the key-value store "default" contains exactly:
      | key | value |
      | c   | 3     |

  Scenario: calls on keys that fit a pattern
    Given every "set" of key "user:*" fails with "other: disk full"
    When I send POST "/sequence" with the body:
      """
      set user:1 a
      set order:1 b
      set user:2:name c
      get user:1
      """
    Then the response body is:
      """
      ! other: disk full
      ok
      ! other: disk full
      missing
      """

  Scenario: a number counts the calls that fit, and no others
    Given the 2nd "set" of key "user:?" on store "default" fails with "other: disk full"
    When I send POST "/sequence" with the body:
      """
      set order:1 x
      set user:1 a
      set user:10 b
      open cache
      set user:2 c
      open default
      set user:3 d
      set user:4 e
      """
    Then the response body is:
      """
      ok
      ok
      ok
      ok
      ok
      ok
      ! other: disk full
      ok
      """

  Scenario: calls on one store
    Given every "set" on store "cache" fails with "other: disk full"
    When I send POST "/sequence" with the body:
      """
      set a 1
      open cache
      set a 1
      """
    Then the response body is:
      """
      ok
      ok
      ! other: disk full
      """
    And the key-value store "cache" is empty

  Scenario: a call that takes effect and fails all the same
    Given the 1st "set" applies, then fails with "other: timeout"
    When I send POST "/sequence" with the body:
      """
      set a 1
      get a
      """
    Then the response body is:
      """
      ! other: timeout
      1
      """
    And the key "a" of store "default" is "1"

  Scenario: a table of faults
    Given storage faults:
      | operation | store   | key | when    | effect                      |
      | get       |         |     | nth 2   | no-such-store               |
      | set       | cache   |     | always  | other: read only            |
      | delete    | default | x*  | first 1 | applied then other: timeout |
      | exists    |         |     |         | access-denied               |
    When I send POST "/sequence" with the body:
      """
      set x1 1
      get x1
      get x1
      get x1
      delete x1
      delete x1
      exists x1
      open cache
      set x1 1
      """
    Then the response body is:
      """
      ok
      1
      ! no-such-store
      1
      ! other: timeout
      ok
      ! access-denied
      ok
      ! other: read only
      """
    And the key-value store "default" is empty

  Scenario: of several rules the first that is due wins, and all of them count
    Given the 2nd "set" fails with "other: second"
    And every "set" of key "a" fails with "other: always"
    When I send POST "/sequence" with the body:
      """
      set a 1
      set a 2
      set a 3
      set b 4
      """
    Then the response body is:
      """
      ! other: always
      ! other: second
      ! other: always
      ok
      """

  Scenario: any operation
    Given storage faults:
      | operation | when  | effect          |
      | *         | nth 3 | other: injected |
    When I send POST "/sequence" with the body:
      """
      set a 1
      get a
      get a
      """
    Then the response body is:
      """
      ok
      ! other: injected
      1
      """

  Scenario: one component among several
    Given the app "../fixtures/apps/grants/spin.toml"
    And the runtime config "../fixtures/apps/grants/runtime-config.toml"
    And storage faults:
      | operation | component | effect           |
      | set       | catalog   | other: disk full |
    When I send POST "/checkout/set?key=a" with body "1"
    Then the response status is 200
    When I send POST "/catalog/set?key=a" with body "2"
    Then the response body is "other: disk full"

  Scenario: storage recovers
    Given every "set" fails with "other: disk full"
    When I send POST "/set?key=a" with body "1"
    Then the response status is 500
    When storage recovers
    And I send POST "/set?key=a" with body "1"
    Then the response status is 200
    And the key "a" of store "default" is "1"

  Scenario: a fault may begin after some requests
    When I send POST "/set?key=a" with body "1"
    Then the response status is 200
    Given the 1st "set" fails with "other: disk full"
    When I send POST "/set?key=a" with body "2"
    Then the response status is 500
    And the key "a" of store "default" is "1"

  Scenario: a call that a grant denies is no call to go wrong
    Given component "v2" may use the key-value store "default"
    And the 1st "open" fails with "other: disk full"
    When I send GET "/open?store=cache"
    Then the response body is "access-denied"
    When I send GET "/open"
    Then the response body is "other: disk full"

  Scenario: what a text may hold
    Given the 1st "set" of key "a \"b\" \\\\ c" fails with "other: \"quoted\": \\"
    When I send POST "/set?key=a%20%22b%22%20%5C%20c" with body "1"
    Then the response body is "other: \"quoted\": \\"
