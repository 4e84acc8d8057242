Feature: dependencies

  Other components satisfy the imports of one, which `dependencies` of its table names. They do so with none of its
  permissions, unless they inherit them.

  Rule: a dependency answers what the component asks it

    Scenario: a dependency that inherits the store
      Given the app "../fixtures/apps/dependencies/spin.toml"
      And the key-value store "default" contains:
        | key         | value |
        | price:bread | 3     |
      When I send GET "/price?item=bread"
      Then the response status is 200
      And the response body is "3"
      And the storage calls are:
        | component | operation | store   | key         | outcome |
        | till      | open      | default |             | ok      |
        | till      | get       | default | price:bread | ok      |
      And component "till" used only the key-value store "default"

    Scenario: faults hit what a dependency does
      Given the app "../fixtures/apps/dependencies/spin.toml"
      And every "get" of key "price:*" fails with "other: disk full"
      When I send GET "/price?item=bread"
      Then the response status is 503
      And the response body is "other: disk full"

    @fault-sweep
    Scenario: whatever fails, the till says so
      Given the app "../fixtures/apps/dependencies/spin.toml"
      When I send GET "/price?item=bread"
      Then the response status is one of 404, 503

    Scenario: a component of the app, of which an export of another name is taken
      Given the app "../fixtures/apps/dependencies/all.toml"
      When I send GET "/inside?what=environment&name=COLOUR"
      Then the response body is "GREEN"

    Scenario: a function that is imported by a plain name
      Given the app "../fixtures/apps/dependencies/probe.toml"
      When I send GET "/plain?what=key-value&name=default"
      Then the response body is "ok"

    Scenario: what no dependency satisfies is not provided
      Given the app "../fixtures/apps/dependencies/all.toml"
      When I send GET "/plain?what=key-value&name=default"
      Then the response status is 500
      And component "prober" trapped

  Rule: a dependency may do nothing that it does not inherit

    Scenario: a store that only the component may open
      Given the app "../fixtures/apps/dependencies/denied.toml"
      And the key-value store "default" contains:
        | key         | value |
        | price:bread | 3     |
      When I send GET "/price?item=bread"
      Then the response status is 503
      And the response body is "access-denied"
      And component "till" was denied the store "default"
      And the storage calls are:
        | operation | store   | outcome       |
        | open      | default | access-denied |

    # What Spin's own adapter answers: `crates/capabilities/deny-adapter/src/lib.rs`.
    Scenario Outline: what is denied is told as Spin tells it: <what>
      Given the app "../fixtures/apps/dependencies/probe.toml"
      When I send GET "/inside?what=<what>&name=<name>"
      Then the response status is 200
      And the response body is:
        """
        <answer>
        """

      Examples:
        | what        | name                   | answer                                                                 |
        | key-value   | default                | Error::AccessDenied                                                    |
        | sqlite      | default                | Error::AccessDenied                                                    |
        | sqlite3     | default                | Error::AccessDenied                                                    |
        | redis       | redis://localhost      | Error::Other("\\"fermyon:spin/redis\\" is not permitted")                |
        | mysql       | mysql://localhost      | Error::Other("\\"fermyon:spin/mysql\\" is not permitted")                |
        | pg          | postgres://localhost   | Error::Other("\\"fermyon:spin/postgres\\" is not permitted")             |
        | pg3         | postgres://localhost   | Error::Other("\\"spin:postgres/postgres\\" is not permitted")            |
        | pg4         | postgres://localhost   | Error::Other("\\"spin:postgres/postgres\\" is not permitted")            |
        | mqtt        | mqtt://localhost       | Error::Other("\\"fermyon:spin/mqtt\\" is not permitted")                 |
        | llm         | llama2-chat            | Error::ModelNotSupported                                               |
        | variable    | greeting               | Error::Undefined("greeting")                                           |
        | environment | COLOUR                 | unset                                                                  |
        | file        | /note.txt              | unreadable                                                             |
        | http        | http://api.example/    | ErrorCode::InternalError(Some("\\"wasi:http/outgoing-handler\\" is not permitted")) |

    Scenario Outline: the component itself may do what its dependency may not: <what>
      Given the app "../fixtures/apps/dependencies/probe.toml"
      And GET "http://api.example/" answers 204
      When I send GET "/own?what=<what>&name=<name>"
      Then the response body contains "<answer>"

      Examples:
        | what        | name                | answer |
        | key-value   | default             | ok     |
        | variable    | greeting            | hello  |
        | environment | COLOUR              | green  |
        | file        | /note.txt           | a note |
        | http        | http://api.example/ | 204    |

    Scenario Outline: a dependency may do what it inherits, and nothing else: <what>
      Given the app "../fixtures/apps/dependencies/probe.toml"
      When I send GET "/plain?what=<what>&name=<name>"
      Then the response body is "<answer>"

      Examples:
        | what        | name      | answer                     |
        | key-value   | default   | ok                         |
        | key-value   | secret    | Error::AccessDenied        |
        | variable    | greeting  | hello                      |
        | environment | COLOUR    | unset                      |
        | llm         | llama2    | Error::ModelNotSupported   |

    Scenario Outline: every dependency inherits everything: <what>
      Given the app "../fixtures/apps/dependencies/all.toml"
      When I send GET "/inside?what=<what>&name=<name>"
      Then the response body contains "<answer>"

      Examples:
        | what        | name      | answer |
        | key-value   | default   | OK     |
        | environment | COLOUR    | GREEN  |
        | file        | /note.txt | A NOTE |
