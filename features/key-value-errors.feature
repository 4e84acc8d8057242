Feature: Errors of the key-value interfaces
  Each error reaches the guest in the words of the interface that it uses.

  Background:
    Given the app "../fixtures/apps/key-value/spin.toml"
    And the runtime config "../fixtures/apps/key-value/runtime-config.toml"

  Scenario Outline: a label that is not granted is denied, whether it exists or not, by <interface>
    Given component "<interface>" may use the key-value store "default"
    When I send GET "/<interface>/open?store=cache"
    Then the response status is 500
    And the response body is "access-denied"
    And component "<interface>" was denied the store "cache"
    When I send GET "/<interface>/open?store=nowhere"
    Then the response body is "access-denied"
    And component "<interface>" was denied the store "nowhere"
    And the storage calls are:
      | operation | store   | outcome       |
      | open      | cache   | access-denied |
      | open      | nowhere | access-denied |

    Examples:
      | interface |
      | v1        |
      | v2        |
      | wasi      |
      | v3        |

  Scenario Outline: open that fails with <error>, by <interface>
    Given every "open" on store "cache" fails with "<error>"
    When I send GET "/<interface>/open?store=cache"
    Then the response status is 500
    And the response body is "<answer>"
    And the storage calls are:
      | operation | store | outcome |
      | open      | cache | <error> |
    When I send GET "/<interface>/open"
    Then the response status is 200

    Examples:
      | interface | error            | answer                  |
      | v1        | store-table-full | store-table-full        |
      | v1        | no-such-store    | no-such-store           |
      | v1        | access-denied    | access-denied           |
      | v1        | other: disk full | io: disk full           |
      | v2        | store-table-full | store-table-full        |
      | v2        | no-such-store    | no-such-store           |
      | v2        | access-denied    | access-denied           |
      | v2        | other: disk full | other: disk full        |
      | wasi      | store-table-full | other: store table full |
      | wasi      | no-such-store    | no-such-store           |
      | wasi      | access-denied    | access-denied           |
      | wasi      | other: disk full | other: disk full        |
      | v3        | store-table-full | store-table-full        |
      | v3        | no-such-store    | no-such-store           |
      | v3        | access-denied    | access-denied           |
      | v3        | other: disk full | other: disk full        |

  Scenario Outline: <operation> that fails, by <interface>
    Given the key-value store "default" contains:
      | key | value |
      | k   | 1     |
    And every "<operation>" fails with "other: disk full"
    When I send POST "/<interface>/<operation>?key=k&keys=k" with body "k=2"
    Then the response status is 500
    And the response body is "<answer>"
    And the key-value store "default" is unchanged

    Examples:
      | interface | operation   | answer             |
      | v1        | get         | io: disk full      |
      | v1        | set         | io: disk full      |
      | v1        | delete      | io: disk full      |
      | v1        | exists      | io: disk full      |
      | v1        | get-keys    | io: disk full      |
      | v2        | get         | other: disk full   |
      | v2        | set         | other: disk full   |
      | v2        | delete      | other: disk full   |
      | v2        | exists      | other: disk full   |
      | v2        | get-keys    | other: disk full   |
      | wasi      | get         | other: disk full   |
      | wasi      | set         | other: disk full   |
      | wasi      | delete      | other: disk full   |
      | wasi      | exists      | other: disk full   |
      | wasi      | get-keys    | other: disk full   |
      | wasi      | get-many    | other: disk full   |
      | wasi      | set-many    | other: disk full   |
      | wasi      | delete-many | other: disk full   |
      | wasi      | increment   | other: disk full   |
      | wasi      | cas-new     | other: disk full   |
      | wasi      | cas-current | other: disk full   |
      | wasi      | swap        | other: disk full   |
      | v3        | get         | other: disk full   |
      | v3        | set         | other: disk full   |
      | v3        | delete      | other: disk full   |
      | v3        | exists      | other: disk full   |
      | v3        | get-keys    | ! other: disk full |

  Scenario Outline: the errors that only the first interface has, <error> from <operation>
    Given the key-value store "default" contains:
      | key | value |
      | k   | 1     |
    And the 1st "<operation>" fails with "<error>"
    When I send POST "/v1/<operation>?key=k" with body "2"
    Then the response status is 500
    And the response body is "<error>"
    And the key-value store "default" is unchanged

    Examples:
      | operation | error         |
      | get       | no-such-key   |
      | get       | invalid-store |
      | set       | invalid-store |
      | delete    | invalid-store |
      | exists    | invalid-store |
      | get-keys  | invalid-store |

  Scenario Outline: a handle that is closed traps, in <operation> of the first interface
    Given the key-value store "default" contains:
      | key | value |
      | k   | 1     |
    When I send POST "/v1/use-closed?op=<operation>&key=k" with body "2"
    Then the response status is 500
    And the response body is empty
    And component "v1" trapped
    And the key-value store "default" is unchanged
    And the storage calls are:
      | operation   | store   | outcome |
      | open        | default | ok      |
      | <operation> |         | trap    |

    Examples:
      | operation |
      | get       |
      | set       |
      | delete    |
      | exists    |
      | get-keys  |

  Scenario: a handle that never was open traps too
    When I send GET "/v1/use-unopened?op=get&key=k"
    Then the response status is 500
    And component "v1" trapped
    And "open" was never called

  Scenario: closing twice does no harm
    When I send GET "/v1/use-closed?op=close"
    Then the response status is 200
    And component "v1" did not trap

  Scenario: a swap that fails is no lost race
    Given every "swap" fails with "other: disk full"
    When I send POST "/wasi/swap?key=k" with body "1"
    Then the response body is "other: disk full"
    And the key-value store "default" is empty

  Scenario: a swap that is said to be a lost race is one to the guest
    Given the key-value store "default" contains:
      | key | value |
      | k   | 1     |
    And every "swap" fails with "cas-failed"
    When I send POST "/wasi/swap?key=k" with body "2"
    Then the response body is "cas-failed: 1"
    And the key-value store "default" is unchanged
