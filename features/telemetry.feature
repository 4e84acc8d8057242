Feature: Telemetry
  What components hand to wasi:otel is written down and can be asserted; none of it leaves the machine.

  Background:
    Given the app "../fixtures/apps/telemetry/spin.toml"

  Scenario: spans, one inside the other and both inside the request's
    When I send GET "/spans"
    Then the response body is "recorded"
    And a span "order" was recorded
    And a span "order" was recorded with the attributes:
      | key   | value |
      | items | 3     |
      | user  | maria |
    And no span "invoice" was recorded
    And the spans are:
      | component | name  | parent  | kind   | status | attributes          |
      | telemetry | query | order   | client | unset  |                     |
      | telemetry | order | request | server | ok     | user=maria, items=3 |

  Scenario: a span that ended badly
    When I send GET "/spans?error=no%20such%20table"
    Then the spans are:
      | name  | status               |
      | query | error: no such table |
      | order | ok                   |

  Scenario: the ids of the request's span follow from the seed, and each request has its own
    Given the random seed is 7
    When I send GET "/context"
    Then the response body matches "^[0-9a-f]{32} [0-9a-f]{16}$"
    When I remember the response body as "first"
    And I send GET "/context"
    Then the response body matches "^[0-9a-f]{32} [0-9a-f]{16}$"
    And no span was recorded

  # Spin: crates/factor-otel/src/host.rs.
  Scenario: a span that was never started ends the instance
    When I send GET "/unstarted"
    Then the response status is 500
    And component "telemetry" trapped
    And no span was recorded

  Scenario: a sum is added up over instances, and replaces itself within one
    When I send GET "/metric?name=visits&value=3&times=2"
    Then the metric "visits" is 3
    When I send GET "/metric?name=visits&value=4"
    Then the metric "visits" is 7
    And no metric "sales" was exported
    And the metrics are:
      | component | name   | kind | value | count | unit | attributes |
      | telemetry | visits | sum  | 7     |       | 1    |            |

  Scenario: deltas are added up
    When I send GET "/metric?name=visits&value=3&kind=delta&times=2"
    Then the metric "visits" is 6

  Scenario: of a gauge the last value counts
    When I send GET "/metric?name=depth&value=3&kind=gauge"
    And I send GET "/metric?name=depth&value=-1&kind=gauge"
    Then the metric "depth" is -1

  Scenario: a histogram has a sum and a count
    When I send GET "/metric?name=size&value=5&kind=histogram"
    Then the metric "size" is 7.5
    And the metric "size" is 7.50
    And the metrics are:
      | name | kind      | value | count |
      | size | histogram | 7.5   | 2     |

  Scenario: a metric has a value for each set of attributes
    When I send GET "/metric?name=visits&value=3&path=/a"
    And I send GET "/metric?name=visits&value=4&path=/b"
    Then the metric "visits" is 4 with the attributes:
      | key  | value |
      | path | /b    |
    And the metrics are:
      | name   | value | attributes |
      | visits | 3.0   | path=/a    |
      | visits | 4     | path=/b    |

  Scenario: metrics that cannot be exported
    Given the 1st "otel export" of key "visits" fails with "other: Operation timed out."
    When I send GET "/metric?name=visits"
    Then the response status is 500
    And the response body is "Operation timed out."
    And no metric "visits" was exported

  Scenario: log records
    When I send GET "/log?body=out%20of%20stock&severity=WARN"
    And I send GET "/log?body=bye"
    Then a log record "out of stock" was emitted
    And the log records are:
      | component | severity | body         | attributes |
      | telemetry | WARN     | out of stock | user=maria |
      | telemetry |          | bye          | user=maria |

  Scenario: nothing is recorded that nobody hands over
    When I send GET "/context"
    Then no span was recorded
    And no log record was emitted

  Scenario: a fault can slow telemetry down, and lose it
    Given every "otel on-emit" takes 2 s
    And every "otel on-end" of key "query" is lost
    When I send GET "/log?body=slow"
    Then the response took 2 s
    And a log record "slow" was emitted
    When I send GET "/spans"
    Then the spans are:
      | name  | parent  |
      | order | request |

  @fault-sweep
  Scenario: metrics that fail in a sweep
    When I send GET "/spans"
    Then the response status is 200
    When I send GET "/metric?name=visits"
    Then the response status is one of 200, 500
