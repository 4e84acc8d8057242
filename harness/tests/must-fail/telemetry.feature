Feature: Telemetry that is not as expected

  Background:
    Given the app "../../../fixtures/apps/telemetry/spin.toml"

  # fails with: no span "invoice" was recorded
  # fails with: telemetry: span "order", ok (user=maria, items=3)
  Scenario: another span
    When I send GET "/spans"
    Then a span "invoice" was recorded

  # fails with: no span "order" was recorded with these attributes
  Scenario: another attribute
    When I send GET "/spans"
    Then a span "order" was recorded with the attributes:
      | key  | value |
      | user | paul  |

  # fails with: a span "query" was recorded
  Scenario: a span that should not be
    When I send GET "/spans"
    Then no span "query" was recorded

  # fails with: a span was recorded
  Scenario: any span
    When I send GET "/spans"
    Then no span was recorded

  # fails with: the spans are not as expected
  Scenario: another parent
    When I send GET "/spans"
    Then the spans are:
      | name  | parent  |
      | query | request |
      | order | request |

  # fails with: the metric "visits" is 3 and not 4
  # fails with: telemetry: sum "visits" is 3
  Scenario: another value
    When I send GET "/metric?name=visits&value=3"
    Then the metric "visits" is 4

  # fails with: the metric "sales" was not exported
  Scenario: another metric
    When I send GET "/metric?name=visits&value=3"
    Then the metric "sales" is 3

  # fails with: the metric "visits" has 2 series; say which: `is 3 with the attributes:`
  Scenario: a metric with several series
    When I send GET "/metric?name=visits&value=3&path=/a"
    And I send GET "/metric?name=visits&value=3&path=/b"
    Then the metric "visits" is 3

  # fails with: a metric "visits" was exported
  Scenario: a metric that should not be
    When I send GET "/metric?name=visits"
    Then no metric "visits" was exported

  # fails with: the metrics are not as expected
  Scenario: another kind of metric
    When I send GET "/metric?name=visits"
    Then the metrics are:
      | name   | kind  |
      | visits | gauge |

  # fails with: no log record "hello" was emitted
  # fails with: telemetry: INFO "bye"
  Scenario: another log record
    When I send GET "/log?body=bye&severity=INFO"
    Then a log record "hello" was emitted

  # fails with: a log record was emitted
  Scenario: a log record that should not be
    When I send GET "/log?body=bye"
    Then no log record was emitted

  # fails with: the log records are not as expected
  Scenario: another severity
    When I send GET "/log?body=bye&severity=INFO"
    Then the log records are:
      | severity | body |
      | WARN     | bye  |

  # Told at the Given: `wasi:otel/tracing` has no errors.
  # fails with: "otel on-end" can never fail with "other: no"; it never fails
  Scenario: an error of what has none
    Given every "otel on-end" fails with "other: no"
    When I send GET "/spans"
    Then a span "order" was recorded
