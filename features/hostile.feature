Feature: Guests that trap, loop or flood
  Whatever a guest does, its client gets an answer, the scenario goes on, and so do all others.

  Background:
    Given the app "../fixtures/apps/hostile/spin.toml"

  Scenario Outline: a guest that <does>
    When I send GET "<path>"
    Then the response status is 500
    And the response body is empty
    And the response header "content-length" is "0"
    And component "hostile" trapped
    When I send GET "/harmless"
    Then the response status is 200
    And the response body is "harmless"

    Examples:
      | does                 | path         |
      | panics               | /panics      |
      | traps                | /unreachable |
      | recurses without end | /recurse     |
      | floods its log       | /floods-log  |

  Scenario: what a guest logged before it panicked is kept, with the message of the panic
    When I send GET "/panics"
    Then component "hostile" logged "about to panic"
    And component "hostile" logged "the guest panics on purpose"

  Scenario: a guest that computes without end
    Given the compute bound is "50 ms"
    When I send GET "/loop"
    Then the response status is 500
    And the response body is empty
    And component "hostile" trapped
    And the response took 0 ms
    When I send GET "/harmless"
    Then the response status is 200

  Scenario: a guest that eats memory
    Given the memory bound is "32 MiB"
    When I send GET "/memory"
    Then the response status is 500
    And component "hostile" trapped
    When I send GET "/harmless"
    Then the response status is 200

  Scenario: a guest that sleeps for ever is given a minute
    When I send GET "/sleeps-forever"
    Then the response status is 500
    And component "hostile" trapped
    And the response took 60 s
    When I send GET "/harmless"
    Then the response status is 200
    And the response took 0 ms

  Scenario: a scenario can give less time
    Given the time bound is "2 s"
    When I send GET "/sleeps-forever"
    Then the response status is 500
    And the response took 2 s

  Scenario: a guest that ends without an answer
    When I send GET "/never-answers"
    Then the response status is 500
    And the response body is empty
    And component "hostile" did not trap

  Scenario: a guest that panics in the middle of its answer leaves it cut
    When I send GET "/panics-after-head"
    Then the response status is 200
    And the response body is "the first part, "
    And component "hostile" trapped
    And component "hostile" logged "in the middle of the response"
    And the response matches the snapshot "cut"

  Scenario: an answer without end is cut at the bound
    Given the response bound is "8 KiB"
    When I send GET "/floods-response"
    Then the response status is 200
    And the response body is "bytes:8192"
    And component "hostile" trapped

  Scenario: a log without end is kept up to the bound
    Given the log bound is "100 bytes"
    When I send GET "/floods-log"
    Then the response status is 500
    And component "hostile" trapped
    And component "hostile" logged "all work and no play makes a guest a dull guest all work and no play makes a guest a dull guest all "
    And component "hostile" did not log "all work and no play makes a guest a dull guest all work and no play makes a guest a dull guest all w"

  Scenario: a guest that works on after its answer is waited for
    When I send GET "/works-on"
    Then the response status is 200
    And the response body is "answered"
    And the response took 0 ms
    And component "hostile" logged "worked on"
    And the key-value store "default" contains exactly:
      | key  | value |
      | late | done  |
    And component "hostile" did not trap

  Scenario: work after the answer is bounded too, and the answer stands
    Given the time bound is "1 s"
    When I send GET "/works-on"
    Then the response status is 200
    And the response body is "answered"
    And component "hostile" trapped
    And the key-value store "default" is empty

  Scenario: one that traps among requests at once does not disturb the others
    When these requests are sent at once:
      | method | path      |
      | GET    | /harmless |
      | GET    | /panics   |
      | GET    | /recurse  |
      | GET    | /harmless |
    Then 2 responses have status 200
    And 2 responses have status 500
