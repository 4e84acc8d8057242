Feature: Stores and calls that are other than expected
  Each scenario fails, with the difference between what it expects and what there is.

  Background:
    Given the app "../../../fixtures/apps/visits"

  # fails with: the key-value store "default" does not contain what is expected
  # fails with: 41
  # fails with: 1
  Scenario: a value
    When I send GET "/visit"
    Then the key-value store "default" contains:
      | key    | value |
      | visits | 41    |

  # fails with: the key-value store "default" does not contain what is expected
  # fails with: other
  Scenario: a key too many
    Given the key-value store "default" contains:
      | key   | value |
      | other | 1     |
    When I send GET "/visit"
    Then the key-value store "default" contains exactly:
      | key    | value |
      | visits | 1     |

  # fails with: the key "visitors" of store "default" does not exist: it holds 1 tuple: "visits"
  Scenario: a key that is not there
    When I send GET "/visit"
    Then the key "visitors" of store "default" is "1"

  # fails with: the key "visits" of store "default" is not as expected
  # fails with: expected: "2"
  # fails with: actual: "1"
  Scenario: the value of a key
    When I send GET "/visit"
    Then the key "visits" of store "default" is "2"

  # fails with: the key-value store "default" has the key "visits": its value is "1"
  Scenario: a key that should not be there
    When I send GET "/visit"
    Then the key-value store "default" has no key "visits"

  # fails with: the key-value store "default" is not empty: it holds 1 tuple: "visits"
  Scenario: a store that is not empty
    When I send GET "/visit"
    Then the key-value store "default" is empty

  # fails with: the number of tuples in the key-value store "default" is not as expected
  # fails with: expected: 3
  # fails with: actual: 1
  Scenario: a number of tuples
    When I send GET "/visit"
    Then the key-value store "default" holds 3 tuples

  # fails with: the key-value store "default" is not as the Given steps made it
  # fails with: 41
  # fails with: 42
  Scenario: a store that has changed
    Given the key-value store "default" contains:
      | key    | value |
      | visits | 41    |
    When I send GET "/visit"
    Then the key-value store "default" is unchanged

  # fails with: the storage calls are not as expected
  # fails with: delete
  # fails with: set
  Scenario: the storage calls
    When I send GET "/visit"
    Then the storage calls are:
      | operation | key    |
      | open      |        |
      | get       | visits |
      | delete    | visits |

  # fails with: the storage calls are not as expected
  Scenario: a storage call too many
    When I send GET "/visit"
    Then the storage calls are:
      | operation |
      | open      |
      | get       |

  # fails with: "set" was called once and not 2 times on store "default"
  # fails with: "set" of key "visits" on store "default" by component "visits": ok
  Scenario: a number of calls
    When I send GET "/visit"
    Then "set" was called 2 times on store "default"

  # fails with: "get" was called once and not never
  Scenario: calls that should never be
    When I send GET "/visit"
    Then "get" was never called

  # fails with: component "visits" was not denied the store "default"
  Scenario: a denial that was none
    When I send GET "/visit"
    Then component "visits" was denied the store "default"

  # fails with: component "visits" did not trap
  Scenario: a trap that was none
    When I send GET "/visit"
    Then component "visits" trapped

  # fails with: component "visits" did not log "anything"
  Scenario: a log that was not written
    When I send GET "/visit"
    Then component "visits" logged "anything"
