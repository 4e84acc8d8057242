Feature: Requests to other hosts
  Nothing leaves the machine. What is answered stands in the scenario, what was sent can be asserted.

  Rule: answers

    Background:
      Given the app "../fixtures/apps/outgoing/spin.toml"

    Scenario Outline: a text, through <generation>
      Given GET "https://api.example.com/hello" answers 200 with "good day"
      When I send GET "<path>/send?url=https://api.example.com/hello"
      Then the JSON path "$.status" is 200
      And the JSON path "$.body" is "good day"
      And GET "https://api.example.com/hello" was requested 1 time
      And component "<component>" used only the outbound host "https://api.example.com"

      Examples:
        | generation | path   | component      |
        | WASI 0.2   |        | outgoing       |
        | WASI 0.3   | /async | outgoing-async |

    Scenario Outline: JSON has its content type, through <generation>
      Given GET "https://api.example.com/users/*" answers 200 with JSON:
        """
        {"name": "Ada"}
        """
      When I send GET "<path>/send?url=https://api.example.com/users/7"
      Then the JSON path "$.body" is "{\"name\": \"Ada\"}"
      And the response body contains "application/json"

      Examples:
        | generation | path   |
        | WASI 0.2   |        |
        | WASI 0.3   | /async |

    Scenario Outline: what was sent is known, through <generation>
      Given POST "https://api.example.com/orders" answers 201
      When I send POST "<path>/send?method=POST&url=https://api.example.com/orders&header=x-token:abc" with JSON:
        """
        {"item": "tea", "pieces": 2}
        """
      Then the JSON path "$.status" is 201
      And the last request to "https://api.example.com/orders" had the header "x-token" with "abc"
      And the last request to "https://api.example.com/orders" had the JSON:
        """
        {"pieces": 2, "item": "tea"}
        """
      And the outgoing requests are:
        | method | url                            | outcome |
        | POST   | https://api.example.com/orders | 201     |

      Examples:
        | generation | path   |
        | WASI 0.2   |        |
        | WASI 0.3   | /async |

    Scenario: of several statements the last that fits answers
      Given * "https://api.example.com/*" answers 404
      And GET "https://api.example.com/a" answers 200
      When I send GET "/send?url=https://api.example.com/a"
      Then the JSON path "$.status" is 200
      When I send GET "/send?url=https://api.example.com/b"
      Then the JSON path "$.status" is 404
      When I send GET "/send?url=https://api.example.com/a&method=DELETE"
      Then the JSON path "$.status" is 404
      And * "https://api.example.com/*" was requested 3 times
      And DELETE "https://api.example.com/b" was never requested

    Scenario: rows about the same requests answer in turn
      Given outgoing requests are answered:
        | method | url                       | status | body          | header      | fails with         |
        | GET    | https://api.example.com/a | 200    | json:{"n": 1} | x-first: 1  |                    |
        | GET    | https://api.example.com/a |        |               |             | connection-refused |
        | GET    | https://api.example.com/a | 503    | later         |             |                    |
      When I send GET "/send?url=https://api.example.com/a"
      Then the JSON path "$.status" is 200
      And the response body contains "x-first"
      When I send GET "/send?url=https://api.example.com/a"
      Then the response status is 502
      When I send GET "/send?url=https://api.example.com/a"
      Then the JSON path "$.status" is 503
      When I send GET "/send?url=https://api.example.com/a"
      Then the JSON path "$.status" is 503
      And the outgoing requests are:
        | url                       | outcome            |
        | https://api.example.com/a | 200                |
        | https://api.example.com/a | connection-refused |
        | https://api.example.com/a | 503                |
        |                           | 503                |

    Scenario: a header decides
      Given outgoing requests are answered:
        | method | url                       | with header  | status |
        | *      | https://api.example.com/* |              | 401    |
        | *      | https://api.example.com/* | x-token: abc | 200    |
      When I send GET "/send?url=https://api.example.com/a&header=x-token:abc"
      Then the JSON path "$.status" is 200
      When I send GET "/send?url=https://api.example.com/a&header=x-token:abcd"
      Then the JSON path "$.status" is 401

    Scenario: an answer may change while the scenario runs
      Given GET "https://api.example.com/a" answers 200
      When I send GET "/send?url=https://api.example.com/a"
      Then the JSON path "$.status" is 200
      Given GET "https://api.example.com/a" answers 503
      When I send GET "/send?url=https://api.example.com/a"
      Then the JSON path "$.status" is 503

    Scenario: nothing is requested of anybody
      When I send GET "/"
      Then nothing was requested of other hosts

    Scenario: the requests are a snapshot
      Given GET "https://api.example.com/a" answers 200
      When I send GET "/send?url=https://api.example.com/a"
      And I send GET "/async/send?url=https://elsewhere.example.com/?x=1"
      Then the outgoing requests match the snapshot "requests"

    Scenario: a port, a wildcard and the app itself, as the manifest has them
      Given * "*" answers 204
      When I send GET "/send?url=http://a.example.com:8080/x"
      And I send GET "/send?url=http://a.example.com/x"
      And I send GET "/send?url=http://self.alt/x"
      And I send GET "/send?url=http://outgoing-async.spin.internal/x"
      And I send GET "/send?url=http://outgoing.spin.internal/x"
      Then the outgoing requests are:
        | url                                   | outcome             |
        | http://a.example.com:8080/x           | 204                 |
        | http://a.example.com/x                | http-request-denied |
        | http://self.alt/x                     | 204                 |
        | http://outgoing-async.spin.internal/x | 204                 |
        | http://outgoing.spin.internal/x       | http-request-denied |

    Scenario Outline: answers by what the body says, through <path>
      Given outgoing requests are answered:
        | method | url                       | with body              | status |
        | POST   | https://api.example.com/a |                        | 400    |
        | POST   | https://api.example.com/a | json:{"kind": "order"} | 201    |
        | POST   | https://api.example.com/a | matches:^plain         | 202    |
      When I send POST "<path>/send?method=POST&url=https://api.example.com/a" with the body:
        """
        {"id": 7, "kind": "order"}
        """
      Then the JSON path "$.status" is 201
      When I send POST "<path>/send?method=POST&url=https://api.example.com/a" with body "plain text"
      Then the JSON path "$.status" is 202
      When I send POST "<path>/send?method=POST&url=https://api.example.com/a" with body "{}"
      Then the JSON path "$.status" is 400

      Examples:
        | path   |
        |        |
        | /async |

    Scenario Outline: a body that takes its time, through <path>
      Given outgoing requests are answered:
        | method | url                       | body          | takes  | body takes |
        | GET    | https://api.example.com/a | a long answer | 200 ms | 1 s        |
      When I send GET "<path>/send?url=https://api.example.com/a"
      Then the response status is 200
      And the JSON path "$.body" is "a long answer"
      And the response took 1200 ms

      Examples:
        | path   |
        |        |
        | /async |

  Rule: what goes wrong

    Background:
      Given the app "../fixtures/apps/outgoing/spin.toml"

    Scenario Outline: <failure>, through <path>
      Given GET "https://api.example.com/a" fails with "<failure>"
      When I send GET "<path>/send?url=https://api.example.com/a"
      Then the response status is 502
      And the response body contains "<text>"
      And the outgoing requests are:
        | outcome   |
        | <failure> |

      Examples:
        | failure                 | path   | text                  |
        | dns-error               |        | DnsError              |
        | connection-refused      |        | ConnectionRefused     |
        | connection-terminated   |        | ConnectionTerminated  |
        | connection-timeout      |        | ConnectionTimeout     |
        | connection-read-timeout |        | ConnectionReadTimeout |
        | tls-certificate-error   |        | TlsCertificateError   |
        | http-protocol-error     |        | HttpProtocolError     |
        | dns-error               | /async | DnsError              |
        | connection-refused      | /async | ConnectionRefused     |
        | connection-terminated   | /async | ConnectionTerminated  |
        | connection-timeout      | /async | ConnectionTimeout     |
        | connection-read-timeout | /async | ConnectionReadTimeout |
        | tls-certificate-error   | /async | TlsCertificateError   |
        | http-protocol-error     | /async | HttpProtocolError     |

    Scenario Outline: a host that the manifest does not allow is denied, whatever is stated, through <path>
      Given GET "https://elsewhere.example.com/" answers 200
      When I send GET "<path>/send?url=https://elsewhere.example.com/"
      Then the response status is 502
      And the response body contains "HttpRequestDenied"
      And the outgoing requests are:
        | outcome             |
        | http-request-denied |

      Examples:
        | path   |
        |        |
        | /async |

    Scenario: a scenario can allow more
      Given component "outgoing" may use the outbound host "https://elsewhere.example.com"
      And GET "https://elsewhere.example.com/" answers 200
      When I send GET "/send?url=https://elsewhere.example.com/"
      Then the JSON path "$.status" is 200

    Scenario: a slow answer takes virtual time
      Given outgoing requests are answered:
        | method | url                       | takes |
        | GET    | https://api.example.com/a | 20 s  |
      When I send GET "/send?url=https://api.example.com/a"
      Then the JSON path "$.status" is 200
      And the response took 20 s

    Scenario Outline: two requests at once take as long as the longer, through <path>
      Given outgoing requests are answered:
        | method | url                       | body | takes  |
        | GET    | https://api.example.com/a | one  | 300 ms |
        | GET    | https://api.example.com/b | two  | 200 ms |
      When I send GET "<path>/two?a=https://api.example.com/a&b=https://api.example.com/b"
      Then the response body is "one,two"
      And the response took 300 ms

      Examples:
        | path   |
        |        |
        | /async |

    Scenario Outline: a guest that waits for so long and no longer, through <path>
      Given GET "https://api.example.com/a" never answers
      When I send GET "<path>/send?url=https://api.example.com/a&timeout=250"
      Then the response status is 502
      And the response body contains "ConnectionReadTimeout"
      And the response took 250 ms

      Examples:
        | path   |
        |        |
        | /async |

    Scenario Outline: an answer that would come later than the guest waits, through <path>
      Given outgoing requests are answered:
        | method | url                       | takes |
        | GET    | https://api.example.com/a | 20 s  |
      When I send GET "<path>/send?url=https://api.example.com/a&timeout=250"
      Then the response status is 502
      And the response body contains "ConnectionReadTimeout"
      And the response took 250 ms

      Examples:
        | path   |
        |        |
        | /async |

    Scenario Outline: who waits forever ends at the request's bound on time, through <path>
      Given GET "https://api.example.com/a" never answers
      When I send GET "<path>/send?url=https://api.example.com/a"
      Then the response status is 500
      And component "<component>" trapped
      # It was sent all the same.
      And GET "https://api.example.com/a" was requested 1 time
      And the outgoing requests are:
        | component   | method | url                       | outcome |
        | <component> | GET    | https://api.example.com/a | trap    |
      And component "<component>" used only the outbound host "https://api.example.com"

      Examples:
        | path   | component      |
        |        | outgoing       |
        | /async | outgoing-async |

    Scenario Outline: an answer that breaks off, through <path>
      Given outgoing requests are answered:
        | method | url                       | body          | cut after |
        | GET    | https://api.example.com/a | a long answer | 6         |
      When I send GET "<path>/send?url=https://api.example.com/a"
      Then the response status is 502
      And the response body contains "body: "

      Examples:
        | path   |
        |        |
        | /async |

    Scenario: storage and other hosts stand in one journal
      Given GET "https://api.example.com/a" fails with "connection-refused"
      When I send GET "/store-and-send?url=https://api.example.com/a"
      Then the response status is 503
      And the key "sent" of store "default" is "yes"
      And the key-value store "default" has no key "answered"

  Rule: faults hit requests as they hit storage calls

    Background:
      Given the app "../fixtures/apps/outgoing/spin.toml"

    Scenario Outline: a request that never gets there, through <path>
      Given POST "https://api.example.com/a" answers 201
      And the 2nd "http POST" to "https://api.example.com/*" fails with "dns-error"
      When I send POST "<path>/send?method=POST&url=https://api.example.com/a"
      Then the response status is 200
      When I send POST "<path>/send?method=POST&url=https://api.example.com/a"
      Then the response status is 502
      And the response body contains "DnsError"

      Examples:
        | path   |
        |        |
        | /async |

    # A pattern of URLs means in a rule what it means in an answer: `?` begins a query, and no path is the path `/`.
    Scenario: the URL of a rule
      Given GET "https://api.example.com/*" answers 200
      And every "http GET" to "https://api.example.com" fails with "dns-error"
      And every "http GET" to "https://api.example.com/a?x=1" fails with "connection-refused"
      When I send GET "/send?url=https://api.example.com/"
      Then the response body contains "DnsError"
      When I send GET "/send?url=https://api.example.com/a%3Fx%3D1"
      Then the response body contains "ConnectionRefused"
      When I send GET "/send?url=https://api.example.com/abx=1"
      Then the response status is 200

    Scenario: an order that arrives, and whose answer is lost
      Given POST "https://api.example.com/orders" answers 201
      And every "http POST" applies, then fails with "connection-terminated"
      When I send POST "/send?method=POST&url=https://api.example.com/orders"
      Then the response status is 502
      And the response body contains "ConnectionTerminated"
      And POST "https://api.example.com/orders" was requested 1 time

    Scenario: a slow network
      Given GET "https://api.example.com/a" answers 200
      And every "http GET" takes 250 ms
      When I send GET "/send?url=https://api.example.com/a"
      Then the response status is 200
      And the response took 250 ms

    Scenario: a request at which the instance dies
      Given GET "https://api.example.com/a" answers 200
      And the 1st "http GET" traps
      When I send GET "/send?url=https://api.example.com/a"
      Then the response status is 500
      And component "outgoing" trapped

    Scenario: a request that hangs ends at the request's bound on time
      Given GET "https://api.example.com/a" answers 200
      And every "http GET" hangs
      When I send GET "/send?url=https://api.example.com/a"
      Then the response status is 500
      And component "outgoing" trapped

    Scenario: once storage recovers, so does the network
      Given GET "https://api.example.com/a" answers 200
      And every "http GET" fails with "connection-refused"
      When I send GET "/send?url=https://api.example.com/a"
      Then the response status is 502
      When storage recovers
      And I send GET "/send?url=https://api.example.com/a"
      Then the response status is 200

    # open, set, the request and set again: each fails, and each set after it has taken effect too.
    @fault-sweep
    Scenario: a sweep makes requests fail as it does storage calls
      Given GET "https://api.example.com/a" answers 200
      When I send GET "/store-and-send?url=https://api.example.com/a"
      Then the response status is one of 200, 503

  Rule: hosts with variables

    # As in Spin: values are put into all entries at once, and where one has none nothing is allowed.
    Scenario: a variable that is not declared denies every host
      Given the app "../fixtures/apps/audit/undefined-variable/spin.toml"
      And GET "https://api.example.com/a" answers 200
      When I send GET "/send?url=https://api.example.com/a"
      Then the response status is 502
      And the response body contains "HttpRequestDenied"
      And component "sender" is denied the outbound host "https://api.example.com"
