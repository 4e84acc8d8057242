Feature: Faults that cannot be, or never were
  A rule that does nothing hides a mistake: each scenario fails for one.

  # fails with: the fault never fired: every "delete" fails with "other: disk full"
  # fails with: the nearest calls:
  # fails with: "get" of key "visits" on store "default" by component "visits": ok
  Scenario: an operation that was not called
    Given the app "../../../fixtures/apps/visits"
    And every "delete" fails with "other: disk full"
    When I send GET "/visit"
    Then the response status is 200

  # fails with: the fault never fired: every "set" of key "user:*" fails with "other: disk full"
  # fails with: "set" of key "visits" on store "default" by component "visits": ok
  Scenario: a key that was not written
    Given the app "../../../fixtures/apps/visits"
    And every "set" of key "user:*" fails with "other: disk full"
    When I send GET "/visit"
    Then the response status is 200

  # fails with: the fault never fired: the 2nd "set" fails with "other: disk full"
  # fails with: only 1 call matched
  Scenario: a call that was not made often enough
    Given the app "../../../fixtures/apps/visits"
    And the 2nd "set" fails with "other: disk full"
    When I send GET "/visit"
    Then the response status is 200

  # fails with: the fault never fired: every "set" fails with "other: later"
  # fails with: an earlier rule decided every call that it could have hit
  Scenario: a rule behind another
    Given the app "../../../fixtures/apps/visits"
    And every "set" fails with "other: first"
    And every "set" fails with "other: later"
    When I send GET "/visit"
    Then the response status is 503

  # fails with: the fault never fired
  # fails with: there was no storage call
  Scenario: no call at all
    Given the app "../../../fixtures/apps/visits"
    And every "set" fails with "other: disk full"
    When I send GET "/"
    Then the response status is 200

  # fails with: the fault never fired
  # fails with: no request was sent
  Scenario: no request at all
    Given the app "../../../fixtures/apps/visits"
    And every "set" fails with "other: disk full"

  # fails with: can never hold: the app imports
  # fails with: fermyon:spin/key-value@2.0.0
  # fails with: only "fermyon:spin/key-value" can
  Scenario: an error that no interface of the app can express is told before anything runs
    Given the app "../../../fixtures/apps/visits"
    And every "get" fails with "no-such-key"
    When I send GET "/visit"

  # fails with: can never hold
  # fails with: no key-value interface can
  Scenario: an error that no interface can express
    Given the app "../../../fixtures/apps/key-value"
    And the runtime config "../../../fixtures/apps/key-value/runtime-config.toml"
    And every "set" fails with "no-such-key"
    When I send GET "/v1/open"

  # fails with: cannot hold: fermyon:spin/key-value@2.0.0 has no way to answer "get" with "no-such-key"
  Scenario: an error that another interface of the app can express is told when it is due
    Given the app "../../../fixtures/apps/key-value"
    And the runtime config "../../../fixtures/apps/key-value/runtime-config.toml"
    And every "get" fails with "no-such-key"
    When I send GET "/v2/get?key=a"

  # fails with: `disk full` is no error that a key-value store gives
  Scenario: an error that there is not
    Given the app "../../../fixtures/apps/visits"
    And every "set" fails with "disk full"
    When I send GET "/visit"

  # fails with: changes nothing that could be applied before it fails
  Scenario: a read that takes effect
    Given the app "../../../fixtures/apps/visits"
    And every "get" applies, then fails with "other: timeout"
    When I send GET "/visit"

  # fails with: calls are counted from 1
  Scenario: the call before the first
    Given the app "../../../fixtures/apps/visits"
    And the 0th "get" fails with "other: timeout"
    When I send GET "/visit"

  # fails with: `sometimes` does not say when a fault happens
  Scenario: a time that is none
    Given the app "../../../fixtures/apps/visits"
    And storage faults:
      | operation | when      | effect        |
      | get       | sometimes | no-such-store |
    When I send GET "/visit"

  # fails with: is no pattern for keys
  Scenario: a pattern that is none
    Given the app "../../../fixtures/apps/visits"
    And every "get" of key "[a" fails with "no-such-store"
    When I send GET "/visit"
