Feature: Batches of wasi:keyvalue
  get-many, set-many and delete-many are one call each, whatever the number of keys.

  Background:
    Given the app "../fixtures/apps/key-value-wasi/spin.toml"
    And the runtime config "../fixtures/apps/key-value-wasi/runtime-config.toml"

  Scenario: get-many leaves out what is not there, and gives a key once
    Given the key-value store "default" contains:
      | key   | value |
      | a     | 1     |
      | b     | 2     |
      | c     | 3     |
      | empty |       |
    When I send GET "/get-many?keys=c,nothing,a,empty,c"
    Then the response status is 200
    And the response body is:
      """
      a=1
      c=3
      empty=
      """
    And the storage calls are:
      | operation | store   | key                     | outcome |
      | open      | default |                         | ok      |
      | get-many  | default | c, nothing, a, empty, c | ok      |

  Scenario: set-many stores all of its pairs, the later of two that have one key
    Given the key-value store "default" contains:
      | key | value |
      | a   | old   |
      | z   | kept  |
    When I send POST "/set-many" with the body:
      """
      a=1
      b=2
      b=3
      """
    Then the response status is 200
    And the key-value store "default" contains exactly:
      | key | value |
      | a   | 1     |
      | b   | 3     |
      | z   | kept  |
    And the storage calls are:
      | operation | store   | key     | outcome |
      | open      | default |         | ok      |
      | set-many  | default | a, b, b | ok      |

  Scenario: delete-many does not mind keys that are not there
    Given the key-value store "default" contains:
      | key | value |
      | a   | 1     |
      | b   | 2     |
      | c   | 3     |
    When I send GET "/delete-many?keys=a,nothing,c"
    Then the response status is 200
    And the key-value store "default" contains exactly:
      | key | value |
      | b   | 2     |
    And the storage calls are:
      | operation   | store   | key           | outcome |
      | open        | default |               | ok      |
      | delete-many | default | a, nothing, c | ok      |

  Scenario Outline: an empty <operation> is answered before it reaches the store
    Given the key-value store "default" contains:
      | key | value |
      | a   | 1     |
    And the 2nd "<operation>" fails with "other: disk full"
    When I send POST "/<operation>"
    Then the response status is 200
    And the response body is empty
    And the key-value store "default" is unchanged
    When I send POST "<one key>" with body "a=2"
    And I send POST "<one key>" with body "a=2"
    Then the response body is "other: disk full"

    Examples:
      | operation   | one key             |
      | get-many    | /get-many?keys=a    |
      | set-many    | /set-many           |
      | delete-many | /delete-many?keys=a |

  Scenario: a batch that fails changes nothing
    Given every "set-many" of key "b" fails with "other: disk full"
    When I send POST "/set-many" with the body:
      """
      a=1
      b=2
      """
    Then the response body is "other: disk full"
    And the key-value store "default" is empty

  Scenario: the cursor of list-keys is not supported
    Given the key-value store "default" contains:
      | key | value |
      | a   | 1     |
    When I send GET "/list-keys-cursor?cursor=a"
    Then the response status is 500
    And the response body is "other: list_keys: cursor not supported"
    And the storage calls are:
      | operation | store   | outcome                                |
      | open      | default | ok                                     |
      | get-keys  | default | other: list_keys: cursor not supported |
