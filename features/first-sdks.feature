Feature: Modules of the first SDKs
  They were made by wit-bindgen 0.2, before there were components, and import the interfaces of Spin under names of their own.

  Background:
    Given the app "../fixtures/apps/first-sdk/spin.toml"

  Rule: requests

    Scenario: what the guest sees, and what its client gets
      When I send the request:
        """
        POST /seen?x=1 HTTP/1.1
        x-token: abc

        tea
        """
      Then the response status is 200
      And the JSON path "$.method" is "POST"
      And the JSON path "$.uri" is "/seen?x=1"
      And the JSON path "$.params" is 0
      And the JSON path "$.body" is "tea"
      And the response body contains "[\"host\",\"localhost:3000\"],[\"x-token\",\"abc\"]"
      And the response body contains "[\"spin-path-info\",\"/seen\"]"

    Scenario: a status, headers and a body
      When I send GET "/pairs"
      Then the response status is 201
      And the response header "x-first" is "1"
      And the response header "x-second" is ""
      And the response body is "pairs"
      And component "old" did not trap

    Scenario: neither headers nor a body
      When I send GET "/nothing"
      Then the response status is 204
      And the response body is empty

    Scenario: a trap
      When I send GET "/panics"
      Then the response status is 500
      And component "old" trapped

    Scenario: several at once
      When 3 clients send GET "/nothing" at once
      Then every response status is 204

  Rule: what the host asks of the module besides

    # Names and values of two headers, their list, and the body.
    Scenario: a response is freed once it has been read
      When I send GET "/pairs?frees=6"
      Then the response status is 201
      And component "old" did not trap
      When I send GET "/pairs?frees=5"
      Then the response status is 500
      And component "old" trapped

    # The linker put them before the allocator, too: there they may not ask the host for anything.
    Scenario: constructors run before each export, and learn something of the host only before the handler
      When I send GET "/key-value/open"
      Then the response status is 200
      And component "old" logged "constructed"
      And component "old" did not trap

    Scenario Outline: the environment is there all the same: <name>
      When I send GET "/environment?name=<name>"
      Then the response body is "<value>"

      Examples:
        | name    | value                          |
        | COLOUR  | blue                           |
        | EMPTY   |                                |
        | NOTHING | environment variable not found |

  Rule: messages

    Scenario: a message is handled
      When a Redis message "order 7" arrives on channel "orders"
      Then the message was handled
      And the key "message" of store "default" is "order 7"

    Scenario: an error
      When a Redis message "error" arrives on channel "orders"
      Then handling the message failed with "error"
      And component "old" did not trap

    Scenario: a trap
      When a Redis message "panic" arrives on channel "orders"
      Then component "old" trapped

    Scenario: a store that fails
      Given every "set" on store "default" fails with "other: disk full"
      When a Redis message "order 7" arrives on channel "orders"
      Then handling the message failed with "error"

  Rule: key-value stores

    Scenario: every operation
      Given the key-value store "default" contains:
        | key | value |
        | a   | 1     |
      When I send POST "/key-value/set?key=b" with body "base64:AP8="
      Then the response status is 200
      And the key "b" of store "default" is "base64:AP8="
      When I send GET "/key-value/get?key=a"
      Then the response body is "1"
      When I send GET "/key-value/exists?key=b"
      Then the response body is "true"
      When I send GET "/key-value/get-keys"
      Then the response body is:
        """
        a
        b
        """
      When I send POST "/key-value/delete?key=a"
      Then the response status is 200
      When I send GET "/key-value/exists?key=a"
      Then the response body is "false"
      And the storage calls are:
        | component | operation | store   | key | outcome |
        | old       | open      | default |     | ok      |
        | old       | set       | default | b   | ok      |
        | old       | open      | default |     | ok      |
        | old       | get       | default | a   | ok      |
        | old       | open      | default |     | ok      |
        | old       | exists    | default | b   | ok      |
        | old       | open      | default |     | ok      |
        | old       | get-keys  | default |     | ok      |
        | old       | open      | default |     | ok      |
        | old       | delete    | default | a   | ok      |
        | old       | open      | default |     | ok      |
        | old       | exists    | default | a   | ok      |

    Scenario: a component of today reads what the module wrote
      When I send POST "/key-value/set?key=a" with body "old"
      And I send GET "/new/get?key=a"
      Then the response body is "old"

    Scenario: a store that is not granted
      When I send GET "/key-value/open?store=secret"
      Then the response status is 500
      And the response body is "access-denied"
      And component "old" was denied the store "secret"

    Scenario: a missing key
      When I send GET "/key-value/get?key=nothing"
      Then the response body is "no-such-key"

    Scenario: a handle that never was ends the instance
      When I send GET "/key-value/get?handle=unopened&key=a"
      Then the response status is 500
      And component "old" trapped

    Scenario Outline: faults in the words of the interface: <fault> of <operation>
      Given every "<operation>" fails with "<fault>"
      When I send GET "/key-value/<operation>?key=a"
      Then the response status is 500
      And the response body is "<error>"

      Examples:
        | operation | fault             | error             |
        | open      | store-table-full  | store-table-full  |
        | open      | no-such-store     | no-such-store     |
        | open      | access-denied     | access-denied     |
        | get       | invalid-store     | invalid-store     |
        | get       | no-such-key       | no-such-key       |
        | get       | other: disk full  | io: disk full     |
        | set       | other: disk full  | io: disk full     |
        | delete    | access-denied     | access-denied     |
        | exists    | other: é          | io: é             |
        | get-keys  | other: disk full  | io: disk full     |

    @fault-sweep
    Scenario: whatever storage call fails, the client is told
      When I send POST "/key-value/set?key=a" with body "1"
      Then the response status is one of 200, 500
      And component "old" did not trap

  Rule: requests that go out

    Scenario: an answer that is stated
      Given outgoing requests are answered:
        | method | url                       | status | body | header     |
        | POST   | https://api.example.com/a | 201    | tea  | x-first: 1 |
      When I send POST "/send?method=POST&url=https://api.example.com/a&header=x-token:abc" with body "order"
      Then the JSON path "$.status" is 201
      And the JSON path "$.body" is "tea"
      And the response body contains "[\"x-first\",\"1\"]"
      And the last request to "https://api.example.com/a" had the body "order"
      And the last request to "https://api.example.com/a" had the header "x-token" with "abc"
      And component "old" used only the outbound host "https://api.example.com"

    Scenario Outline: <url> is refused
      When I send GET "/send?url=<url>"
      Then the response status is 502
      And the response body is "<error>"

      Examples:
        | url                           | error                   |
        | https://elsewhere.example.com | destination-not-allowed |
        | api.example.com               | invalid-url             |

    Scenario Outline: faults in the words of the interface: <fault>
      Given GET "https://api.example.com/a" answers 200
      And every "http GET" fails with "<fault>"
      When I send GET "/send?url=https://api.example.com/a"
      Then the response body is "<error>"

      Examples:
        | fault              | error             |
        | request-error      | request-error     |
        | runtime-error      | runtime-error     |
        | too-many-requests  | too-many-requests |

    Scenario: a request that fails on its way
      Given GET "https://api.example.com/a" fails with "connection-refused"
      When I send GET "/send?url=https://api.example.com/a"
      Then the response body is "runtime-error"

    Scenario: the module calls itself
      When I send GET "/send?url=/nothing"
      Then the JSON path "$.status" is 204
      And the JSON path "$.body" is ""

  Rule: Redis

    Scenario: every function
      When I send POST "/redis/set?key=greeting" with body "hello"
      Then the response status is 200
      And the key "greeting" of Redis at "redis://localhost" is "hello"
      When I send GET "/redis/get?key=greeting"
      Then the response body is "hello"
      When I send POST "/redis/incr?key=visits"
      Then the response body is "1"
      When I send POST "/redis/sadd?key=letters&values=a,b"
      Then the response body is "2"
      When I send GET "/redis/smembers?key=letters"
      Then the response body matches "^(a\nb|b\na)$"
      When I send POST "/redis/srem?key=letters&values=b,c"
      Then the response body is "1"
      When I send POST "/redis/del?keys=greeting,visits,nothing"
      Then the response body is "2"
      When I send POST "/redis/publish?channel=news" with body "tea"
      Then the Redis message "tea" was published on channel "news"
      When I send POST "/redis/execute?command=SET&arguments=a,int:5"
      Then the response body is "status OK"
      When I send POST "/redis/execute?command=GET&arguments=a"
      Then the response body is "binary 5"
      When I send POST "/redis/execute?command=INCR&arguments=a"
      Then the response body is "int 6"
      When I send POST "/redis/execute?command=GET&arguments=nothing"
      Then the response body is "nil"

    Scenario: a server that is not granted
      When I send GET "/redis/get?key=a&address=redis://elsewhere.example"
      Then the response status is 500
      And the response body is "error"

    Scenario: a fault
      Given every "redis incr" fails with "error"
      When I send POST "/redis/incr?key=visits"
      Then the response status is 500
      And the response body is "error"

  Rule: Postgres and MySQL

    Scenario: rows of Postgres
      Given the Postgres query like "select %" returns:
        | id: int32 | score: floating64 | name: str | gone: bool |
        | 7         | 1.5               | Ann       | null       |
      When I send GET "/postgres/query?sql=select%20*%20from%20users%20where%20id%3D%241&p1=int32:7&p2=floating64:0.5&p3=null&p4=Ann"
      Then the response body is:
        """
        id: 3 | score: 10 | name: 11 | gone: 0
        7 | 1.5 | Ann | null
        """
      And the Postgres statement like "select %" with parameters "7, 0.5, NULL, Ann" was executed 1 time

    Scenario: how many rows a statement of Postgres affected
      Given the Postgres statement like "delete%" affects 3 rows
      When I send GET "/postgres/execute?sql=delete%20from%20users&p1=int64:-7"
      Then the response body is "3"

    Scenario: MySQL
      Given the MySQL query like "select %" returns:
        | id: int32 | name: str |
        | -7        | Ann       |
      And the MySQL statement like "delete%" affects 3 rows
      When I send GET "/mysql/query?sql=select%201"
      Then the response body is:
        """
        id: 3 | name: 11
        -7 | Ann
        """
      When I send GET "/mysql/execute?sql=delete%20from%20users"
      Then the response status is 200
      And the response body is empty

    Scenario Outline: <server> fails with <fault>
      Given every "<server> <operation>" fails with "<fault>"
      When I send GET "/<server>/<operation>?sql=select%201"
      Then the response status is 500
      And the response body is "<error>"

      Examples:
        | server   | operation | fault                     | error                     |
        | postgres | query     | connection-failed: gone   | connection-failed: gone   |
        | postgres | execute   | query-failed: deadlock    | query-failed: deadlock    |
        | mysql    | query     | bad-parameter: 1          | bad-parameter: 1          |
        | mysql    | execute   | other: too late           | other-error: too late     |

    Scenario: a server that is not granted
      When I send GET "/postgres/query?sql=select%201&address=postgres://elsewhere.example"
      Then the response status is 500
      And the response body contains "connection-failed: "

  Rule: SQLite

    Scenario: values of every type come back as they were sent
      When I send GET "/sqlite/execute?sql=select%20%3F%20as%20i,%20%3F%20as%20r,%20%3F%20as%20t,%20%3F%20as%20n,%20x'00ff'%20as%20b&p1=int:41&p2=real:1.5&p3=text&p4=null"
      Then the response body is:
        """
        i | r | t | n | b
        41 | 1.5 | text | null | [0, 255]
        """

    Scenario: what the module changes
      Given the SQLite database "default" has run "create table orders (id integer primary key, state text)"
      When I send POST "/sqlite/execute?sql=insert%20into%20orders%20values%20(%3F,%20%3F)&p1=int:1&p2=new"
      Then the query "select * from orders" on the SQLite database "default" returns:
        | id | state |
        | 1  | new   |

    Scenario Outline: what fails: <error>
      When I send GET "/sqlite/execute?<query>"
      Then the response status is 500
      And the response body is "<error>"

      Examples:
        | query                             | error                     |
        | store=secret                      | access-denied             |
        | sql=select%20*%20from%20nobody    | io: no such table: nobody |
        | handle=unopened&sql=select%201    | invalid-connection        |

  Rule: language models

    Scenario: a model answers
      Given the model "llama2-chat" answers "Good morning to you."
      When I send GET "/llm/infer?prompt=Say%20hello"
      Then the response body is:
        """
        Good morning to you.
        2
        4
        """
      When I send GET "/llm/infer?prompt=Say%20hello&max-tokens=7"
      Then the prompts are:
        | prompt    | max tokens | temperature | top k | top p | repeat penalty | repeat penalty last n |
        | Say hello | 100        | 0.8         | 40    | 0.9   | 1.1            | 64                    |
        | Say hello | 7          | 0.5         | 40    | 0.9   | 1.1            | 64                    |

    Scenario: embeddings
      Given the embeddings by model "all-minilm-l6-v2" are:
        | text | embedding |
        | one  | 1, 0.5    |
        | two  | -1, 0     |
      When I send GET "/llm/embed?model=all-minilm-l6-v2&texts=one,two"
      Then the response body matches "^1 0\.5\n-1 0\n[0-9]+$"

    Scenario Outline: a model fails with <error>
      Given the model "llama2-chat" fails with "<error>"
      When I send GET "/llm/infer?prompt=hello"
      Then the response body is "<error>"

      Examples:
        | error                     |
        | model-not-supported       |
        | runtime-error: overloaded |
        | invalid-input: too long   |

  Rule: variables

    Scenario: a template
      Given the variable "greeting" is "good evening"
      When I send GET "/config?name=message"
      Then the response body is "good evening, world!"

    Scenario Outline: <name> is refused
      When I send GET "/config?name=<name>"
      Then the response status is 500
      And the response body is "<error>"

      Examples:
        | name     | error                                                                                                                           |
        | nothing  | provider: no variable for \\"old\\".\\"nothing\\"                                                                            |
        | Bad-Name | invalid-key: \\"Bad-Name\\": invalid character 'B'. Variable names may contain only lower-case letters, numbers, and underscores. |

    Scenario: a fault
      Given every "variables get" of variable "message" fails with "provider: the vault is sealed"
      When I send GET "/config?name=message"
      Then the response status is 500
      And the response body is "provider: the vault is sealed"
