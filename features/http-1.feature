Feature: HTTP of Spin 1
  Components of the first SDKs take requests by fermyon:spin/inbound-http and send them by fermyon:spin/http.

  Background:
    Given the app "../fixtures/apps/http-1/spin.toml"

  Rule: requests that come in

    Scenario: what the guest sees
      When I send the request:
        """
        POST /seen?x=1 HTTP/1.1
        x-token: abc

        tea
        """
      Then the response status is 200
      And the JSON path "$.method" is "Method::Post"
      And the JSON path "$.uri" is "/seen?x=1"
      And the JSON path "$.params" is 0
      And the JSON path "$.body" is "tea"
      And the response body contains "[\"host\",\"localhost:3000\"],[\"x-token\",\"abc\"]"
      And the response body contains "[\"spin-path-info\",\"/seen\"]"
      And the response body contains "[\"spin-full-url\",\"http://localhost:3000/seen?x=1\"]"
      And the response body contains "[\"spin-client-addr\",\"127.0.0.1:1\"]"

    Scenario: a request without a body has one of no bytes
      When I send GET "/seen"
      Then the JSON path "$.body" is ""

    Scenario: the server states how long the answer is
      When I send GET "/headers"
      Then the response status is 200
      And the response header "x-first" is "1"
      And the response header "content-length" is "7"
      # Of headers of one name the last counts.
      And the response header "x-twice" is "b"

    Scenario: an answer without headers and body
      When I send GET "/nothing"
      Then the response status is 204
      And the response body is empty

    Scenario Outline: <what> is answered <status>
      When I send <method> "<path>"
      Then the response status is <status>
      And the response body is empty

      Examples:
        | what                               | method  | path        | status |
        | a method that the interface lacks  | TRACE   | /seen       | 405    |
        | a status that is none              | GET     | /status/99  | 500    |
        | a header that is none              | GET     | /bad-header | 500    |
        | a trap                             | GET     | /panics     | 500    |

    Scenario: a trap is told
      When I send GET "/panics"
      Then component "old" trapped

    Scenario: an answer that is larger than its bound
      Given the response bound is "1 KiB"
      When I send GET "/big?bytes=1025"
      Then the response status is 500
      And component "old" trapped
      When I send GET "/big?bytes=1024"
      Then the response status is 200

    Scenario: several at once
      When 3 clients send GET "/status/201" at once
      Then every response status is 201

  Rule: requests that go out

    Scenario: an answer that is stated
      Given outgoing requests are answered:
        | method | url                       | status | body | header     | takes | body takes |
        | POST   | https://api.example.com/a | 201    | tea  | x-first: 1 | 1 s   | 2 s        |
      When I send POST "/send?method=POST&url=https://api.example.com/a&header=x-token:abc" with body "order"
      Then the response status is 200
      And the JSON path "$.status" is 201
      And the JSON path "$.body" is "tea"
      And the response body contains "[\"x-first\",\"1\"]"
      And the response took 3 s
      And the last request to "https://api.example.com/a" had the body "order"
      And the last request to "https://api.example.com/a" had the header "x-token" with "abc"
      # What Spin's client for this interface adds.
      And the last request to "https://api.example.com/a" had the header "accept" with "*/*"
      And component "old" used only the outbound host "https://api.example.com"

    Scenario Outline: what goes wrong on the way is a runtime error: <failure>
      Given GET "https://api.example.com/a" fails with "<failure>"
      When I send GET "/send?url=https://api.example.com/a"
      Then the response status is 502
      And the response body is "runtime-error"
      And the outgoing requests are:
        | outcome   |
        | <failure> |

      Examples:
        | failure               |
        | dns-error             |
        | connection-refused    |
        | connection-timeout    |
        | tls-certificate-error |

    Scenario: a body that breaks off is a runtime error
      Given outgoing requests are answered:
        | method | url                       | body          | cut after |
        | GET    | https://api.example.com/a | a long answer | 6         |
      When I send GET "/send?url=https://api.example.com/a"
      Then the response body is "runtime-error"

    Scenario Outline: <url> is refused
      When I send GET "/send?url=<url>"
      Then the response status is 502
      And the response body is "<error>"

      Examples:
        | url                           | error                            |
        | https://elsewhere.example.com | destination-not-allowed          |
        | http://other.spin.internal/   | destination-not-allowed          |
        | http://idle.spin.internal/    | runtime-error                    |
        | api.example.com               | invalid-url                      |

    Scenario: a header that is none is a runtime error
      When I send GET "/send?url=https://api.example.com/&header=not%20a%20name:1"
      Then the response body is "runtime-error"
      And the outgoing requests are:
        | outcome       |
        | runtime-error |

    Scenario Outline: faults in the words of the interface: <fault>
      Given GET "https://api.example.com/a" answers 200
      And every "http GET" fails with "<fault>"
      When I send GET "/send?url=https://api.example.com/a"
      Then the response body is "<error>"

      Examples:
        | fault                   | error                            |
        | destination-not-allowed | destination-not-allowed          |
        | invalid-url             | invalid-url                      |
        | request-error           | request-error                    |
        | runtime-error           | runtime-error                    |
        | too-many-requests       | too-many-requests                |

    Scenario: a request at which the instance dies
      Given every "http GET" traps
      When I send GET "/send?url=https://api.example.com/a"
      Then the response status is 500
      And component "old" trapped

    @fault-sweep
    Scenario: whatever request fails, somebody is told
      Given POST "https://api.example.com/a" answers 201
      When I send POST "/send?method=POST&url=https://api.example.com/a"
      Then the response status is one of 200, 502
      And component "old" did not trap

  Rule: components that call one another

    Scenario: an old component calls one of today
      When I send POST "/send?method=POST&url=http://pages.spin.internal/a?x=1" with body "tea"
      Then the JSON path "$.status" is 200
      And the response body contains "\\\"component\\\":\\\"pages\\\""
      And the response body contains "[\\\"spin-path-info\\\",\\\"/a\\\"]"
      And the response body contains "\\\"body\\\":\\\"tea\\\""

    Scenario: an old component is called, and nothing lies between
      When I send GET "/new/send?url=http://old.spin.internal/headers"
      Then the JSON path "$.status" is 200
      And the JSON path "$.body" is "headers"
      And the JSON path "$.headers" is [["x-first", "1"], ["x-twice", "b"]]

    Scenario: a path leads to the routes of the app
      When I send GET "/send?url=/nothing"
      Then the JSON path "$.status" is 204
      When I send POST "/send?method=POST&url=/seen" with body "tea"
      Then the response body contains "[\\\"accept\\\",\\\"*/*\\\"],[\\\"content-length\\\",\\\"3\\\"],[\\\"host\\\",\\\"127.0.0.1:3000\\\"]"

    Scenario: another host than that of the URL is refused
      When I send GET "/send?url=http://pages.spin.internal/a&header=host:example.com"
      Then the response body is "runtime-error"

    Scenario Outline: an app that calls itself without end comes to one: by <to>
      When I send GET "/again?to=<to>"
      Then component "old" trapped

      Examples:
        | to                       |
        | http://old.spin.internal |
        |                          |
