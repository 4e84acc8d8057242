Feature: Rules that cannot be
  What is wrong with a rule is told as soon as it can be known, with the place.

  Background:
    Given the app "../../../fixtures/apps/key-value"
    And the runtime config "../../../fixtures/apps/key-value/runtime-config.toml"

  # fails with: <message>
  # fails with: <rule>
  # fails with: <place>
  Scenario Outline: a sentence that goes wrong: <rule>
    Given <rule>
    When I send GET "/v2/get?key=k"

    Examples: the place is underlined below the sentence
      | rule                                     | message                                                                           | place            |
      | every "get" takes 250 mss                | "mss" is not a unit of time; durations are written `250 ms`, `30 s`               | ^^^^^^^          |
      | every "get" takes 300 ms to 100 ms       | the second duration must be longer than the first                                 | ^^^^^^^^^^^^^^^^ |
      | every "get" takes 20 ms (p99 10 ms)      | the 99th percentile must be longer than the median                                | ^^^^^^^^^^^^^^^^ |
      | every "get" takes 20 ms (p99 40 ms       | expected `)`                                                                      | ^                |
      | every "get" fails with "disk full"       | `disk full` is no error that a key-value store gives; expected `other: some text` | ^^^^^^^^^^^      |
      | every "get" fails with "other: x" twice  | nothing is expected here                                                          | ^^^^^            |
      | every "get" is tornn                     | `tornn` is nothing that can happen to a call; expected an error                   | ^^^^^            |
      | every "set-many" is torn                 | expected how many entries are delivered, a whole number                           | ^                |
      | every "get" is throttled to 5            | expected `per second`                                                             | ^                |
      | every "get" is throttled to 0 per second | expected a number of operations, 1 at least                                       | ^                |
      | every "get" is stale by 0 writes         | a read that is stale by nothing is none                                           | ^                |
      | every "get" is stale by a while          | expected how stale, such as `by 3 writes` or `by 5 s`                             | ^                |
      | every "get" is corrupt, broken           | expected `flipped` or `truncated`                                                 | ^^^^^^           |
      | with chance 2, every "get" hangs         | expected a chance above 0 and at most 1, such as `0.1` or `10%`                   | ^                |
      | with chance 0, every "get" hangs         | expected a chance above 0 and at most 1, such as `0.1` or `10%`                   | ^                |
      | from 4 to 2, every "get" hangs           | the second call must not come before the first                                    | ^^^^^^           |
      | between 5 s and 3 s, every "get" hangs   | the second time must come after the first                                         | ^^^^^^^^^^^      |
      | every 0th "get" hangs                    | calls are counted from 1                                                          | ^                |
      | the first 0 "get" hang                   | calls are counted from 1                                                          | ^                |
      | every "get" hangs forever                | nothing is expected here                                                          | ^^^^^^^          |

  # fails with: `gett` is no storage operation (did you mean `get`?)
  Scenario: a sentence about an operation that there is not
    Given every "gett" hangs
    When I send GET "/v2/get?key=k"

  # fails with: expected `tuples`, `bytes`, `KiB` or `MiB`
  # fails with: quota 5 elephants
  # fails with: ^^^^^^^^^
  Scenario: a quota in what is no unit
    Given the key-value store "default" has a quota of 5 elephants
    When I send GET "/v2/get?key=k"

  # fails with: in rule 2 of the table: <message>
  # fails with: <place>
  Scenario Outline: a table that goes wrong: when <when>, <effect>
    Given storage faults:
      | operation | when   | effect   |
      | set       |        | other: x |
      | get       | <when> | <effect> |
    When I send GET "/v2/get?key=k"

    Examples:
      | when            | effect                     | message                                                                     | place     |
      | sometimes       | other: x                   | `sometimes` does not say when a fault happens; expected `always`, `first N` | ^^^^^^^^^ |
      | nth two         | other: x                   | expected the number of a call, a whole number                                             | ^^^       |
      | from 2          | other: x                   | expected `to` and a number, such as `from 2 to 4`                           | ^         |
      | between 5 s     | other: x                   | expected `and` and a time, such as `between 5 s and 10 s`                   | ^         |
      | chance of a cat | other: x                   | expected a chance above 0 and at most 1, such as `0.1` or `10%`             | ^^        |
      | first 2 or 3    | other: x                   | nothing is expected here                                                    | ^^^^      |
      |                 | takes 250 ms then explodes | `explodes` is nothing that can happen to a call; expected an error          | ^^^^^^^^  |
      |                 | applied then lost          | `lost` is no error that a key-value store gives                             | ^^^^      |
      |                 | quota of ten               | expected how much the store holds, a whole number                           | ^^        |
      |                 |                            | an effect is missing; expected an error                                     |           |
      |                 | lost                       | "get" can never be lost; what can is set, delete, set-many, delete-many     |           |

  # fails with: the table has the heading "whenn"; this step knows | operation | store | key | component | when | effect |
  Scenario: a heading that there is not
    Given storage faults:
      | operation | whenn | effect   |
      | get       |       | other: x |
    When I send GET "/v2/get?key=k"

  # fails with: the table lacks the heading "effect"
  Scenario: a table without effects
    Given storage faults:
      | operation | when  |
      | get       | nth 1 |
    When I send GET "/v2/get?key=k"

  # fails with: the fault rules cannot be read:
  # fails with: faults/when.toml:3:9
  # fails with: when = "sometimes"
  # fails with: `sometimes` does not say when a fault happens
  Scenario: a file with a when that is none
    Given the storage faults in "faults/when.toml"
    When I send GET "/v2/get?key=k"

  # fails with: faults/effect.toml:4:17
  # fails with: effect = "takes 250 mss then other: timeout"
  # fails with: "mss" is not a unit of time
  Scenario: a file with a duration that is none
    Given the storage faults in "faults/effect.toml"
    When I send GET "/v2/get?key=k"

  # fails with: faults/operation.toml:2:13
  # fails with: `gett` is no storage operation (did you mean `get`?)
  Scenario: a file with an operation that there is not
    Given the storage faults in "faults/operation.toml"
    When I send GET "/v2/get?key=k"

  # fails with: faults/unknown.toml
  # fails with: effects
  Scenario: a file with a field that there is not
    Given the storage faults in "faults/unknown.toml"
    When I send GET "/v2/get?key=k"

  # fails with: faults/unconcerned.toml:3
  # fails with: "get" can never be lost; what can is set, delete, set-many, delete-many, increment, swap
  Scenario: a file with an effect that cannot happen to the operation
    Given the storage faults in "faults/unconcerned.toml"
    When I send GET "/v2/get?key=k"

  # fails with: faults/not-toml.toml:1
  Scenario: a file that is no TOML
    Given the storage faults in "faults/not-toml.toml"
    When I send GET "/v2/get?key=k"

  # fails with: `[a` is no pattern for keys
  # fails with: `explodes` is nothing that can happen to a call
  # fails with: fautl
  Scenario: all that is wrong in a file is told at once
    Given the storage faults in "faults/several.toml"
    When I send GET "/v2/get?key=k"

  # fails with: there is no fault rule in
  # fails with: a rule is a table `[[fault]]` with an `effect`
  Scenario: a file without a rule
    Given the storage faults in "faults/empty.toml"
    When I send GET "/v2/get?key=k"

  # fails with: cannot read the fault rules
  # fails with: missing.toml
  Scenario: a file that there is not
    Given the storage faults in "faults/missing.toml"
    When I send GET "/v2/get?key=k"

  # fails with: "<operation>" can never <deed>; what can is <concerned>
  Scenario Outline: what cannot happen to <operation>: it <effect>
    Given every "<operation>" <effect>
    When I send GET "/v2/get?key=k"

    Examples:
      | operation | effect                                      | deed                                     | concerned                                                  |
      | open      | applies, then fails with "other: x"         | be applied and then fail with "other: x" | set, delete, set-many, delete-many, increment, swap        |
      | get       | applies, then traps                         | be applied and then trap                 | set, delete, set-many, delete-many, increment, swap        |
      | exists    | is lost                                     | be lost                                  | set, delete, set-many, delete-many, increment, swap        |
      | cas-new   | is stale                                    | be stale                                 | get, exists, get-keys, get-many, cas-current               |
      | swap      | is stale by 5 s                             | be stale                                 | get, exists, get-keys, get-many, cas-current               |
      | delete    | is corrupt                                  | be corrupt                               | get, set, get-many, set-many, increment, cas-current, swap |
      | get-keys  | is corrupt                                  | be corrupt                               | get, set, get-many, set-many, increment, cas-current, swap |
      | get-many  | is torn after 1                             | break off                                | get-keys, set-many, delete-many                            |
      | increment | is torn after 1, then fails with "other: x" | break off with "other: x"                | get-keys, set-many, delete-many                            |

  # fails with: the rule `every "<operation>" fails with "<error>"` can never hold: the app imports "fermyon:spin/key-value",
  # fails with: which cannot answer with "<error>"; no key-value interface can
  Scenario Outline: no interface lets <operation> fail with <error>
    Given every "<operation>" fails with "<error>"
    When I send GET "/v2/get?key=k"

    Examples:
      | operation   | error         |
      | set         | no-such-key   |
      | get-many    | no-such-key   |
      | open        | invalid-store |
      | swap        | invalid-store |
      | get         | cas-failed    |
      | cas-current | cas-failed    |

  # fails with: the rule `<rule>` can never hold: the app imports "fermyon:spin/key-value@2.0.0", which cannot <deed>; only "<able>" can
  Scenario Outline: only another interface than the app's can: <rule>
    Given the app "../../../fixtures/apps/key-value-2"
    And the runtime config "../../../fixtures/apps/key-value-2/runtime-config.toml"
    And <rule>
    When I send GET "/get?key=k"

    Examples:
      | rule                                                 | deed                                          | able                           |
      | every "get" fails with "no-such-key"                 | answer with "no-such-key"                     | fermyon:spin/key-value         |
      | every "set" fails with "invalid-store"               | answer with "invalid-store"                   | fermyon:spin/key-value         |
      | every "set" applies, then fails with "invalid-store" | be applied and then fail with "invalid-store" | fermyon:spin/key-value         |
      | every "get-keys" is torn after 1                     | break off                                     | spin:key-value/key-value@3.0.0 |

  # fails with: the rule `<rule>` can never hold: the app imports "fermyon:spin/key-value@2.0.0", which has no "<operation>"; only "wasi:keyvalue@0.2.0-draft2" has
  Scenario Outline: only another interface than the app's has the operation: <rule>
    Given the app "../../../fixtures/apps/key-value-2"
    And the runtime config "../../../fixtures/apps/key-value-2/runtime-config.toml"
    And <rule>
    When I send GET "/get?key=k"

    Examples:
      | operation   | rule                                   |
      | swap        | every "swap" fails with "cas-failed"   |
      | set-many    | every "set-many" fails with "other: x" |
      | delete-many | every "delete-many" is torn after 1    |
      | increment   | every "increment" is lost              |
      | get-many    | every "get-many" is stale              |
      | cas-current | every "cas-current" is corrupt         |
      | cas-new     | every "cas-new" takes 1 s              |

  # fails with: the rule `<rule>` cannot hold: <interface name> has no way to <deed>
  # fails with: component "<interface>" trapped
  Scenario Outline: it is told when it is due that <interface> cannot: <rule>
    Given <rule>
    When I send POST "/<interface>/<operation>?key=k"
    Then the response status is 500

    Examples:
      | interface | operation | rule                                                 | interface name                 | deed                              |
      | v2        | get       | every "get" fails with "no-such-key"                 | fermyon:spin/key-value@2.0.0   | answer "get" with "no-such-key"   |
      | wasi      | get       | every "get" fails with "no-such-key"                 | wasi:keyvalue@0.2.0-draft2     | answer "get" with "no-such-key"   |
      | v3        | get       | every "get" fails with "no-such-key"                 | spin:key-value/key-value@3.0.0 | answer "get" with "no-such-key"   |
      | v2        | set       | every "set" fails with "invalid-store"               | fermyon:spin/key-value@2.0.0   | answer "set" with "invalid-store" |
      | wasi      | set       | every "set" applies, then fails with "invalid-store" | wasi:keyvalue@0.2.0-draft2     | answer "set" with "invalid-store" |
      | v3        | set       | every "set" fails with "invalid-store"               | spin:key-value/key-value@3.0.0 | answer "set" with "invalid-store" |
      | v1        | get-keys  | every "get-keys" is torn after 0                     | fermyon:spin/key-value         | break "get-keys" off              |
      | v2        | get-keys  | every "get-keys" is torn after 0                     | fermyon:spin/key-value@2.0.0   | break "get-keys" off              |
      | wasi      | get-keys  | every "get-keys" is torn after 0                     | wasi:keyvalue@0.2.0-draft2     | break "get-keys" off              |

  # fails with: no key-value store has the label "nowhere"; the runtime config defines "cache", "default"
  # fails with: in the rule `<rule>`
  Scenario Outline: a rule about a store that there is not: <rule>
    Given <step>
    When I send GET "/v2/get?key=k"

    Examples:
      | step                                                  | rule                                                 |
      | every "get" on store "nowhere" hangs                  | every "get" on store "nowhere" hangs                 |
      | the key-value store "nowhere" has a quota of 5 tuples | every "*" on store "nowhere" has a quota of 5 tuples |

  # fails with: no key-value store has the label "nowhere"; the runtime config defines "cache", "default"
  Scenario: eventual consistency of a store that there is not
    Given the key-value store "nowhere" is eventually consistent
    When I send GET "/v2/get?key=k"

  # fails with: the app has no component "v4"; it has "v1", "v2", "wasi", "v3"
  # fails with: in the rule `every "get" by component "v4" hangs`
  Scenario: a rule about a component that there is not
    Given every "get" by component "v4" hangs
    When I send GET "/v2/get?key=k"

  # fails with: the key-value store "cache" is never eventually consistent: of all providers only `aws_dynamo` without `consistent_read = true` is
  # fails with: say `every "get" is stale`
  Scenario Outline: a store that is always consistent: <why>
    Given the runtime config:
      """
      [key_value_store.cache]
      <type>
      """
    And the key-value store "cache" is eventually consistent
    When I send GET "/v2/get?key=k"

    Examples:
      | why      | type                                                                              |
      | its type | type = "spin"                                                                     |
      | its type | type = "redis"\nurl = "redis://localhost:1"                                       |
      | it asks  | type = "aws_dynamo"\nregion = "eu-central-1"\ntable = "t"\nconsistent_read = true |

  # fails with: no component of the app imports a key-value interface
  Scenario: an app without a store
    Given the app "../../../fixtures/apps/echo"
    And every "get" takes 1 s
    When I send GET "/"

  # fails with: no component of the app imports a key-value interface
  Scenario: a rule that is stated between two requests is looked at too
    Given the app "../../../fixtures/apps/echo"
    When I send GET "/"
    Given every "get" fails with "other: x"
