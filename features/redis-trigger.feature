Feature: Redis trigger
  A message arrives on a channel; every component whose trigger listens there handles it.

  Background:
    Given the app "../fixtures/apps/redis-messages/spin.toml"

  Scenario: a message is handled
    When a Redis message "order 7" arrives on channel "orders"
    Then the message was handled
    And component "counter" logged "received order 7"
    And component "counter" did not trap
    And the key-value store "default" contains exactly:
      | key   | value   |
      | count | 1       |
      | last  | order 7 |

  Scenario: each message has an instance of its own, and the stores stay
    When a Redis message "a" arrives on channel "orders"
    And a Redis message arrives on channel "orders" with the message:
      """
      two
      lines
      """
    Then the message was handled
    And the key-value store "default" contains:
      | key   | value               |
      | count | 2                   |
      | last  | matches:^two\nlines$ |

  Scenario: through WASI 0.3
    When a Redis message "parcel 7" arrives on channel "parcels"
    Then the message was handled
    And component "forwarder" logged "received parcel 7"
    And the key "handled" of Redis at "redis://localhost" is "1"
    And the Redis message "parcel 7" was published on channel "done"

  Scenario: a message may be anything that a value can be
    When a Redis message "base64:AAEC" arrives on channel "orders"
    Then the key "last" of store "default" is "base64:AAEC"

  Scenario: the channel and the server come from variables
    Given the variable "channel" is "purchases"
    When a Redis message "order 7" arrives on channel "purchases"
    Then the message was handled

  Scenario: two components listen on one channel
    When a Redis message "order 7" arrives on channel "both"
    Then the message was handled
    And component "counter" logged "received order 7"
    And component "forwarder" logged "received order 7"

  Scenario: one channel of two servers
    When a Redis message "first" arrives on channel "news" of "redis://localhost"
    Then the message was handled
    And component "counter" logged "received first"
    When a Redis message "second" arrives on channel "news" of "redis://other.example"
    Then component "forwarder" logged "received second"
    And component "counter" did not log "received second"

  Scenario: an error is seen, and others handle the message all the same
    When a Redis message "fail" arrives on channel "orders"
    Then handling the message failed with "error"
    And component "counter" logged "told to fail"
    When a Redis message "fail" arrives on channel "parcels"
    Then handling the message failed with "other: told to fail"
    When a Redis message "fine" arrives on channel "orders"
    Then the message was handled

  Scenario Outline: <component> traps
    When a Redis message "panic" arrives on channel "<channel>"
    Then component "<component>" trapped
    And component "<component>" logged "told to panic"

    Examples:
      | component | channel |
      | counter   | orders  |
      | forwarder | parcels |

  Scenario: a message has the bounds of a request
    Given the compute bound is "50 ms"
    When a Redis message "loop" arrives on channel "orders"
    Then component "counter" trapped

  Scenario: a call that hangs ends at the bound on time
    Given every "get" hangs
    When a Redis message "order 7" arrives on channel "orders"
    Then component "counter" trapped
    And the key-value store "default" contains exactly:
      | key  | value   |
      | last | order 7 |

  Scenario: what a handler calls can fail
    Given every "set" of key "count" fails with "other: disk full"
    When a Redis message "order 7" arrives on channel "orders"
    Then handling the message failed with "error"
    And the key-value store "default" has no key "count"

  @fault-sweep
  Scenario: a message that could not be counted is counted when it comes again
    When a Redis message "order 7" arrives on channel "orders"
    And storage recovers
    And a Redis message "order 7" arrives on channel "orders"
    Then the message was handled
    And the key "count" of store "default" matches "^[12]$"

  @fault-sweep
  Scenario: a forwarder survives a Redis that fails
    When a Redis message "parcel 7" arrives on channel "parcels"
    Then component "forwarder" did not trap
