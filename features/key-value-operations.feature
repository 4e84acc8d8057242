Feature: Every operation of the key-value interfaces
  Each operation does what the store of `spin up` does, through each of the four interfaces that can name it.

  Background:
    Given the app "../fixtures/apps/key-value/spin.toml"
    And the runtime config "../fixtures/apps/key-value/runtime-config.toml"

  Scenario Outline: open, by <interface>
    When I send GET "/<interface>/open"
    Then the response status is 200
    And the response header "x-interface" is "<name>"
    And the storage calls are:
      | component   | operation | store   | key | outcome |
      | <interface> | open      | default |     | ok      |

    Examples:
      | interface | name                             |
      | v1        | fermyon:spin/key-value           |
      | v2        | fermyon:spin/key-value@2.0.0     |
      | wasi      | wasi:keyvalue/store@0.2.0-draft2 |
      | v3        | spin:key-value/key-value@3.0.0   |

  Scenario Outline: get, by <interface>
    Given the key-value store "default" contains:
      | key      | value |
      | greeting | hello |
    When I send GET "/<interface>/get?key=greeting"
    Then the response status is 200
    And the response body is "hello"
    And the storage calls are:
      | operation | store   | key      | outcome |
      | open      | default |          | ok      |
      | get       | default | greeting | ok      |
    And the key-value store "default" is unchanged

    Examples:
      | interface |
      | v1        |
      | v2        |
      | wasi      |
      | v3        |

  Scenario Outline: get of a missing key, by <interface>
    When I send GET "/<interface>/get?key=nothing"
    Then the response status is <status>
    And the response body is "<answer>"
    And the storage calls are:
      | operation | store   | key     | outcome |
      | open      | default |         | ok      |
      | get       | default | nothing | ok      |

    Examples: only the first interface has an error for it
      | interface | status | answer      |
      | v1        | 500    | no-such-key |
      | v2        | 404    | missing     |
      | wasi      | 404    | missing     |
      | v3        | 404    | missing     |

  Scenario Outline: set of a new key and of one that exists, by <interface>
    Given the key-value store "default" contains:
      | key   | value |
      | old   | 1     |
      | other | 2     |
    When I send POST "/<interface>/set?key=new" with body "first"
    Then the response status is 200
    When I send POST "/<interface>/set?key=old" with body "second"
    Then the response status is 200
    And the key-value store "default" contains exactly:
      | key   | value  |
      | new   | first  |
      | old   | second |
      | other | 2      |
    And the storage calls are:
      | operation | store   | key | outcome |
      | open      | default |     | ok      |
      | set       | default | new | ok      |
      | open      | default |     | ok      |
      | set       | default | old | ok      |

    Examples:
      | interface |
      | v1        |
      | v2        |
      | wasi      |
      | v3        |

  Scenario Outline: an empty value is a value, by <interface>
    When I send POST "/<interface>/set?key=empty"
    And I send GET "/<interface>/get?key=empty"
    Then the response status is 200
    And the response body is empty
    And the key "empty" of store "default" is ""
    When I send GET "/<interface>/exists?key=empty"
    Then the response body is "true"

    Examples:
      | interface |
      | v1        |
      | v2        |
      | wasi      |
      | v3        |

  Scenario Outline: values are bytes, by <interface>
    When I send POST "/<interface>/set?key=binary" with body "base64:AAH/gA=="
    Then the key "binary" of store "default" is "base64:AAH/gA=="
    When I send GET "/<interface>/get?key=binary"
    Then the response body is "base64:AAH/gA=="

    Examples:
      | interface |
      | v1        |
      | v2        |
      | wasi      |
      | v3        |

  Scenario Outline: keys are any text, the empty one too, by <interface>
    When I send POST "/<interface>/set?key=" with body "nothing"
    And I send POST "/<interface>/set?key=a%20b/%C3%BC%E2%98%83%0A" with body "much"
    Then the key-value store "default" holds 2 tuples
    And the key "" of store "default" is "nothing"
    When I send GET "/<interface>/get?key=a%20b/%C3%BC%E2%98%83%0A"
    Then the response body is "much"

    Examples:
      | interface |
      | v1        |
      | v2        |
      | wasi      |
      | v3        |

  Scenario Outline: delete, also of a key that is not there, by <interface>
    Given the key-value store "default" contains:
      | key  | value |
      | gone | 1     |
      | kept | 2     |
    When I send GET "/<interface>/delete?key=gone"
    Then the response status is 200
    When I send GET "/<interface>/delete?key=gone"
    Then the response status is 200
    And the key-value store "default" contains exactly:
      | key  | value |
      | kept | 2     |
    And "delete" was called 2 times on store "default"

    Examples:
      | interface |
      | v1        |
      | v2        |
      | wasi      |
      | v3        |

  Scenario Outline: exists, by <interface>
    Given the key-value store "default" contains:
      | key   | value |
      | there | 1     |
    When I send GET "/<interface>/exists?key=there"
    Then the response body is "true"
    When I send GET "/<interface>/exists?key=nowhere"
    Then the response body is "false"
    And the storage calls are:
      | operation | store   | key     | outcome |
      | open      | default |         | ok      |
      | exists    | default | there   | ok      |
      | open      | default |         | ok      |
      | exists    | default | nowhere | ok      |

    Examples:
      | interface |
      | v1        |
      | v2        |
      | wasi      |
      | v3        |

  Scenario Outline: get-keys gives keys in the order of their bytes, by <interface>
    Given the key-value store "default" contains:
      | key | value |
      | é   | 1     |
      | b   | 2     |
      | a   | 3     |
      | B   | 4     |
      | aa  | 5     |
    When I send GET "/<interface>/get-keys"
    Then the response body is:
      """
      B
      a
      aa
      b
      é
      """
    And the storage calls are:
      | operation | store   | key | outcome |
      | open      | default |     | ok      |
      | get-keys  | default |     | ok      |

    Examples:
      | interface |
      | v1        |
      | v2        |
      | wasi      |
      | v3        |

  Scenario Outline: get-keys of an empty store, by <interface>
    When I send GET "/<interface>/get-keys"
    Then the response status is 200
    And the response body is empty

    Examples:
      | interface |
      | v1        |
      | v2        |
      | wasi      |
      | v3        |

  Scenario Outline: what <writer> writes, every interface reads
    When I send POST "/<writer>/set?key=shared" with body "by <writer>"
    And I send GET "/v1/get?key=shared"
    Then the response body is "by <writer>"
    When I send GET "/v2/get?key=shared"
    Then the response body is "by <writer>"
    When I send GET "/wasi/get?key=shared"
    Then the response body is "by <writer>"
    When I send GET "/v3/get?key=shared"
    Then the response body is "by <writer>"

    Examples:
      | writer |
      | v1     |
      | v2     |
      | wasi   |
      | v3     |

  Scenario Outline: two stores keep their keys apart, by <interface>
    When I send POST "/<interface>/set?key=k&store=cache" with body "cached"
    And I send GET "/<interface>/get?key=k"
    Then the response status is <status of a missing key>
    And the key-value store "default" is empty
    And the key-value store "cache" contains exactly:
      | key | value  |
      | k   | cached |

    Examples:
      | interface | status of a missing key |
      | v1        | 500                     |
      | v2        | 404                     |
      | wasi      | 404                     |
      | v3        | 404                     |

  Scenario: an operation that an interface lacks is for the guest to refuse
    When I send GET "/v1/get-many?keys=a"
    Then the response status is 400
    And the response body is "no such operation: get-many"
    And "get-many" was never called

  Scenario: two thousand handles may be open at once
    When I send GET "/v2/open-many?n=2000"
    Then the response status is 200
    And the response body is "2000"
    And "open" was called 2000 times on store "default"

  Scenario: one handle serves many operations
    Given the key-value store "default" contains:
      | key | value |
      | a   | 1     |
    When I send POST "/v2/sequence" with the body:
      """
      get a
      set b 2
      exists b
      get-keys
      delete a
      get a
      open cache
      get b
      """
    Then the response body is:
      """
      1
      ok
      true
      a,b
      ok
      missing
      ok
      missing
      """
    And the storage calls are:
      | operation | store   | key |
      | open      | default |     |
      | get       | default | a   |
      | set       | default | b   |
      | exists    | default | b   |
      | get-keys  | default |     |
      | delete    | default | a   |
      | get       | default | a   |
      | open      | cache   |     |
      | get       | cache   | b   |

  Scenario: several asynchronous calls of one instance may be under way at once
    Given the key-value store "default" contains:
      | key | value |
      | a   | 1     |
      | b   | 2     |
    When I send GET "/v3/concurrent?keys=a,b,nothing,a"
    Then the response body is:
      """
      1
      2
      missing
      1
      """
    And "get" was called 4 times on store "default"

  Scenario: handles that were closed do not count
    When I send GET "/v1/open"
    And I send GET "/v1/open"
    Then "open" was called 2 times
    And component "v1" did not trap

  Scenario: a result of more than 128 MiB is an error
    Given the key-value store "default" contains:
      | key | value           |
      | big | bytes:134217728 |
    When I send GET "/v2/get?key=big"
    Then the response status is 500
    And the response body is "other: query result exceeds limit of 134217728 bytes"
    When I send GET "/v2/exists?key=big"
    Then the response body is "true"
