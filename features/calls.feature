Feature: Storage calls
  Every call on a store is written down, in order; a scenario can say what they are as exactly as it likes.

  Background:
    Given the app "../fixtures/apps/visits/spin.toml"

  Scenario: all columns
    When I send GET "/visit"
    Then the storage calls are:
      | component | operation | store   | key    | outcome |
      | visits    | open      | default |        | ok      |
      | visits    | get       | default | visits | ok      |
      | visits    | set       | default | visits | ok      |

  Scenario: some columns, in any order, and an empty cell for whatever it is
    When I send GET "/visit"
    Then the storage calls are:
      | outcome | operation |
      |         | open      |
      |         |           |
      | ok      | set       |

  Scenario: a pattern
    When I send GET "/count?name=a-17"
    Then the storage calls are:
      | operation | key               |
      | open      |                   |
      | get       | matches:^a-[0-9]+ |
      | set       | matches:7$        |

  Scenario: they are those of all requests so far
    When I send GET "/visit"
    And I send GET "/visit"
    Then the storage calls are:
      | operation |
      | open      |
      | get       |
      | set       |
      | open      |
      | get       |
      | set       |

  Scenario: there may be none
    When I send GET "/"
    Then the storage calls are:
      | operation |
    And "open" was never called
    And "set" was never called on store "default"

  Scenario: how many there were
    When I send GET "/visit"
    Then "open" was called 1 time
    And "get" was called 1 time on store "default"
    When I send GET "/visit"
    Then "set" was called 2 times on store "default"
    And "delete" was called 0 times
    And "delete" was never called
