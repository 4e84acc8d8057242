Feature: A batch or a listing that breaks off
  Only the first entries are delivered; then the call fails. This can happen to set-many and delete-many, which
  `wasi:keyvalue` has, and to get-keys of 3.0.0, whose keys come one by one.

  Background:
    Given the app "../fixtures/apps/key-value"
    And the runtime config "../fixtures/apps/key-value/runtime-config.toml"
    And the key-value store "default" contains:
      | key | value |
      | a   | 1     |
      | b   | 2     |
      | c   | 3     |

  Scenario Outline: of set-many the first <entries> are stored
    Given the 1st "set-many" is torn after <entries>
    When I send POST "/wasi/set-many" with the body:
      """
      c=new
      b=new
      d=new
      """
    Then the response status is 500
    And the response body is "other: torn after <entries>"
    And the key-value store "default" contains exactly:
      | key | value |
      | a   | 1     |
      | b   | <b>   |
      | c   | <c>   |

    Examples:
      | entries | c   | b   |
      | 0       | 3   | 2   |
      | 1       | new | 2   |
      | 2       | new | new |

  Scenario: all of it is stored, and the guest is told that it broke off
    Given the 1st "set-many" is torn after 2
    When I send POST "/wasi/set-many" with the body:
      """
      a=new
      d=new
      """
    Then the response body is "other: torn after 2"
    And the key-value store "default" contains exactly:
      | key | value |
      | a   | new   |
      | b   | 2     |
      | c   | 3     |
      | d   | new   |

  Scenario Outline: of delete-many the first <entries> are removed
    Given the 1st "delete-many" is torn after <entries>
    When I send POST "/wasi/delete-many?keys=c,none,a"
    Then the response status is 500
    And the response body is "other: torn after <entries>"
    When I send GET "/wasi/get-keys"
    Then the response body matches "^<left>$"

    Examples: a key that was not there is an entry too
      | entries | left    |
      | 0       | a\nb\nc |
      | 1       | a\nb    |
      | 2       | a\nb    |
      | 3       | b       |

  Scenario: of get-keys of 3.0.0 the first keys come, then the stream ends, and the future has the error
    Given the 1st "get-keys" is torn after 2
    When I send GET "/v3/get-keys"
    Then the response status is 500
    And the response body is:
      """
      a
      b
      ! other: torn after 2
      """
    When I send GET "/v3/get-keys"
    Then the response status is 200
    And the response body is:
      """
      a
      b
      c
      """

  Scenario Outline: the error may be another one: <error>
    Given storage faults:
      | operation   | effect              |
      | set-many    | torn 1 then <error> |
      | delete-many | torn 1 then <error> |
      | get-keys    | torn 1 then <error> |
    When I send POST "/wasi/set-many" with body "d=4"
    Then the response body is "<wasi>"
    And the key "d" of store "default" is "4"
    When I send POST "/wasi/delete-many?keys=d,a"
    Then the response body is "<wasi>"
    And the key-value store "default" has no key "d"
    And the key "a" of store "default" is "1"
    When I send GET "/v3/get-keys"
    Then the response body is:
      """
      a
      ! <3.0.0>
      """
    And the storage calls are:
      | operation   | key  | outcome |
      | open        |      | ok      |
      | set-many    | d    | <error> |
      | open        |      | ok      |
      | delete-many | d, a | <error> |
      | open        |      | ok      |
      | get-keys    |      | <error> |

    Examples:
      | error            | wasi                    | 3.0.0            |
      | access-denied    | access-denied           | access-denied    |
      | no-such-store    | no-such-store           | no-such-store    |
      | store-table-full | other: store table full | store-table-full |
      | other: timeout   | other: timeout          | other: timeout   |

  Scenario: in a sentence too
    Given every "set-many" is torn after 1, then fails with "access-denied"
    When I send POST "/wasi/set-many" with the body:
      """
      a=new
      b=new
      """
    Then the response body is "access-denied"
    And the key "a" of store "default" is "new"
    And the key "b" of store "default" is "2"

  Scenario: a batch with fewer entries is not torn
    Given the 1st "set-many" of key "c" is torn after 2
    And optionally, the 1st "set-many" is torn after 2
    When I send POST "/wasi/set-many" with body "a=new"
    Then the response status is 200
    And the key "a" of store "default" is "new"
    When I send POST "/wasi/set-many" with the body:
      """
      a=newer
      b=new
      c=new
      """
    Then the response body is "other: torn after 2"
    And the key "c" of store "default" is "3"

  Scenario: a rule about any call tears what can be torn, and nothing else
    Given every "*" by component "wasi" is torn after 1
    When I send POST "/wasi/set?key=d" with body "4"
    Then the response status is 200
    When I send GET "/wasi/get-many?keys=a,b"
    Then the response status is 200
    When I send POST "/wasi/delete-many?keys=a,b"
    Then the response body is "other: torn after 1"
    And the key-value store "default" has no key "a"
    And the key "b" of store "default" is "2"

  Scenario: it takes time until it breaks off
    Given every "get-keys" takes 1 s, then is torn after 1
    When I send GET "/v3/get-keys"
    Then the response body is:
      """
      a
      ! other: torn after 1
      """
    And the response took 1 s
