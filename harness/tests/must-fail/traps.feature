Feature: Why a guest ended
  Each scenario expects an answer that the guest did not give; the failure says why it could not.

  Background:
    Given the app "../../../fixtures/apps/hostile"

  # fails with: component "hostile" trapped
  # fails with: inner_call
  # fails with: middle_call
  # fails with: outer_call
  # fails with: the guest panics on purpose
  # fails with: hostile: about to panic
  Scenario: a panic shows its functions, and the log
    When I send GET "/panics"
    Then the response status is 200

  # fails with: component "hostile" trapped: wasm trap: wasm `unreachable` instruction executed
  # fails with: 0: hostile::traps
  Scenario: a trap shows its function
    When I send GET "/unreachable"
    Then component "hostile" did not trap

  # fails with: call stack exhausted
  # fails with: recurses
  Scenario: a recursion without end
    When I send GET "/recurse"
    Then the response status is 200

  # fails with: it used more than
  # fails with: `Given the compute bound is "…"`, `--bound compute=…` or `bounds.compute` under [application.tool.harness]
  Scenario: the bound on computing
    Given the compute bound is "10 ms"
    When I send GET "/loop"
    Then the response status is 200

  # fails with: its memory grew past 33554432 bytes
  # fails with: `Given the memory bound is "…"`
  Scenario: the bound on memory
    Given the memory bound is "32 MiB"
    When I send GET "/memory"
    Then the response status is 200

  # fails with: it was not done after 60s of virtual time
  # fails with: `Given the time bound is "…"`
  Scenario: the bound on time
    When I send GET "/sleeps-forever"
    Then the response status is 200

  # fails with: it wrote more than 1048576 bytes to its log
  # fails with: `Given the log bound is "…"`
  Scenario: the bound on the log
    When I send GET "/floods-log"
    Then the response status is 200

  # fails with: its response grew past 65536 bytes
  # fails with: `Given the response bound is "…"`
  Scenario: the bound on the response
    Given the response bound is "64 KiB"
    When I send GET "/floods-response"
    Then component "hostile" did not trap

  # fails with: guest failed to produce a response
  Scenario: no answer
    When I send GET "/never-answers"
    Then the response status is 200

  # fails with: the first part,
  # fails with: in the middle of the response
  Scenario: half an answer
    When I send GET "/panics-after-head"
    Then the response body is "all of it"

  # fails with: spin-harness does not provide acme:widget/api@1.0.0, and it is no interface of Spin or WASI
  # fails with: turn
  Scenario: an interface that nobody knows
    Given the app "../../../fixtures/apps/unprovided"
    When I send GET "/unknown"
    Then the response status is 200

  # fails with: the store's lock is poisoned
  Scenario: a store after its host panicked
    Given the app "../../../fixtures/apps/key-value-wasi"
    And the runtime config "../../../fixtures/apps/key-value-wasi/runtime-config.toml"
    And the key-value store "default" contains:
      | key  | value |
      | text | 41    |
    When I send GET "/increment?key=text"
    And I send GET "/get?key=text"
    Then the response status is 200

  # fails with: increment of a value that is not eight bytes long (key `text`)
  Scenario: an increment of what is no number
    Given the app "../../../fixtures/apps/key-value-wasi"
    And the runtime config "../../../fixtures/apps/key-value-wasi/runtime-config.toml"
    And the key-value store "default" contains:
      | key  | value |
      | text | 41    |
    When I send GET "/increment?key=text"
    Then the response status is 200
