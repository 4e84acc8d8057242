Feature: Snapshots that are missing or different
  With `--snapshots check`, as where CI is set, nothing is written and each scenario fails.

  Background:
    Given the app "../../../fixtures/apps/visits"

  # fails with: the snapshot "never accepted" does not exist yet
  # fails with: 200 OK
  # fails with: hello
  # fails with: nothing was written; to accept it: `spin-harness test --snapshots update`
  Scenario: a response without a snapshot
    When I send GET "/"
    Then the response matches the snapshot "never accepted"

  # fails with: the snapshot "page" is different
  # fails with: -hullo
  # fails with: +hello
  # fails with: nothing was written; to accept it: `spin-harness test --snapshots update`
  Scenario: a response that has changed
    When I send GET "/"
    Then the response matches the snapshot "page"

  # fails with: two steps give different content for the snapshot
  # fails with: give the snapshots or the scenarios different names
  Scenario: one name for two contents
    When I send GET "/visit"
    Then the response matches the snapshot "visit"
    When I send GET "/visit"
    Then the response matches the snapshot "visit"

  # fails with: not a readable snapshot
  Scenario: a snapshot that is damaged
    When I send GET "/"
    Then the response matches the snapshot "damaged"

  # fails with: the snapshot "calls" does not exist yet
  Scenario: storage calls without a snapshot
    When I send GET "/visit"
    Then the storage calls match the snapshot "calls"

  # fails with: the snapshot "store" does not exist yet
  Scenario: a store without a snapshot
    When I send GET "/visit"
    Then the key-value store "default" matches the snapshot "store"
