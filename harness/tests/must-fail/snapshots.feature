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

  # fails with: the snapshot "calls" does not exist yet
  Scenario: storage calls without a snapshot
    When I send GET "/visit"
    Then the storage calls match the snapshot "calls"

  # fails with: the snapshot "store" does not exist yet
  Scenario: a store without a snapshot
    When I send GET "/visit"
    Then the key-value store "default" matches the snapshot "store"
