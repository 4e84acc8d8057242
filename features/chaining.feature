Feature: Components that call one another
  A request to NAME.spin.internal runs that component, one to a path alone (or http://self.alt) whatever the routes lead to, within
  the scenario and as Spin does it. What the scenario states for such a URL still answers in place of the app.

  Background:
    Given the app "../fixtures/apps/chain/spin.toml"

  Rule: who answers

    Scenario Outline: a private component, by its name, through <path>
      When I send GET "<path>/send?url=http://pages.spin.internal/a/b?x=1"
      Then the response status is 200
      And the JSON path "$.status" is 200
      And the response body contains "\"component\\\":\\\"pages\\\""
      And the response body contains "\"uri\\\":\\\"/a/b?x=1\\\""
      And the outgoing requests are:
        | component   | method | url                                     | outcome |
        | <component> | GET    | http://pages.spin.internal/a/b?x=1      | 200     |
      And component "<component>" used only the outbound host "http://*.spin.internal"

      Examples:
        | path   | component   |
        | /front | front       |
        | /async | front-async |

    Scenario: a private component has no route for clients
      When I send GET "/pages"
      Then the response status is 404

    Scenario Outline: what the component is told about a request by its name, through <path>
      When I send POST "<path>/send?method=POST&header=x-token:abc&url=http://pages.spin.internal/a/b?x=1" with body "tea"
      Then the JSON path "$.status" is 200
      And the response body contains "\\\"method\\\":\\\"POST\\\""
      And the response body contains "\\\"body\\\":\\\"tea\\\""
      And the response body contains "[\\\"x-token\\\",\\\"abc\\\"]"
      And the response body contains "[\\\"spin-path-info\\\",\\\"/a/b\\\"]"
      And the response body contains "[\\\"spin-full-url\\\",\\\"http://localhost/a/b?x=1\\\"]"
      And the response body contains "[\\\"spin-matched-route\\\",\\\"/...\\\"]"
      And the response body contains "[\\\"spin-base-path\\\",\\\"/\\\"]"
      And the response body contains "[\\\"spin-raw-component-route\\\",\\\"/...\\\"]"
      And the response body contains "[\\\"spin-component-route\\\",\\\"\\\"]"
      And the response body contains "[\\\"spin-client-addr\\\",\\\"0.0.0.0:0\\\"]"
      And the response body contains "\\\"authority\\\":\\\"pages.spin.internal\\\""

      Examples:
        | path   |
        | /front |
        | /async |

    Scenario Outline: <url> leads to the app's routes, through <path>
      When I send GET "<path>/send?url=<url>"
      Then the JSON path "$.status" is 200
      And the response body contains "\\\"component\\\":\\\"public-pages\\\""
      And the response body contains "[\\\"spin-path-info\\\",\\\"/a\\\"]"
      And the response body contains "[\\\"spin-full-url\\\",\\\"http://127.0.0.1:3000/public/a\\\"]"
      And the response body contains "[\\\"spin-matched-route\\\",\\\"/public/...\\\"]"
      And the response body contains "[\\\"spin-client-addr\\\",\\\"127.0.0.1:1\\\"]"
      And the response body contains "\\\"authority\\\":\\\"127.0.0.1:3000\\\""
      And the outgoing requests are:
        | url   | outcome |
        | <url> | 200     |
      And component "<component>" used only the outbound host "http://self"

      Examples:
        | url                      | path   | component   |
        | /public/a                | /front | front       |
        | http://self.alt/public/a | /front | front       |
        | http://self.alt/public/a | /async | front-async |

    Scenario: every route of the app answers, as for a client
      When I send GET "/front/send?url=/static"
      Then the JSON path "$.status" is 202
      And the JSON path "$.body" is "static"
      And the response body contains "[\"x-static\",\"yes\"]"
      When I send GET "/front/send?url=/nowhere"
      Then the JSON path "$.status" is 404
      When I send GET "/front/send?url=/.well-known/spin/health"
      Then the JSON path "$.status" is 200
      And the JSON path "$.body" is "OK"

    Scenario: a component by its name has no well-known paths
      When I send GET "/front/send?url=http://pages.spin.internal/.well-known/spin/health"
      Then the response body contains "\\\"component\\\":\\\"pages\\\""

    Scenario: what the scenario states goes before the app
      Given GET "http://pages.spin.internal/*" answers 418 with "stated"
      When I send GET "/front/send?url=http://pages.spin.internal/a"
      Then the JSON path "$.status" is 418
      And the JSON path "$.body" is "stated"
      When I send GET "/front/send?url=http://visits.spin.internal/visit"
      Then the JSON path "$.body" is "1"

  Rule: the journal

    Scenario: calls of the component that was called stand before the end of the request to it
      When I send GET "/front/store-and-send?url=http://visits.spin.internal/visit"
      Then the response body is "done"
      And the key-value store "default" contains exactly:
        | key      | value |
        | sent     | yes   |
        | visits   | 1     |
        | answered | 200   |
      And the storage calls are:
        | component | operation | key      | outcome |
        | front     | open      |          | ok      |
        | front     | set       | sent     | ok      |
        | visits    | open      |          | ok      |
        | visits    | get       | visits   | ok      |
        | visits    | set       | visits   | ok      |
        | front     | set       | answered | ok      |
      And the service calls are:
        | component | operation | key                               | outcome |
        | front     | http GET  | http://visits.spin.internal/visit | 200     |

    Scenario Outline: two components in a row, and two at once, through <path>
      When I send GET "<path>/send?url=http://front.spin.internal/send?url%3Dhttp://visits.spin.internal/visit"
      Then the JSON path "$.status" is 200
      And the key "visits" of store "default" is "1"
      When I send GET "<path>/two?a=http://visits.spin.internal/count?name%3Da&b=http://visits.spin.internal/count?name%3Db"
      Then the response body is "1,1"

      Examples:
        | path   |
        | /front |
        | /async |

    Scenario: reused instances serve such requests too
      Given instances are reused
      When I send GET "/front/send?url=http://front-async.spin.internal/send?url%3Dhttp://visits.spin.internal/visit"
      And I send GET "/async/send?url=http://front-async.spin.internal/send?url%3Dhttp://visits.spin.internal/visit"
      Then the JSON path "$.status" is 200
      And the key "visits" of store "default" is "2"

  Rule: what is denied, and what is not there

    Scenario Outline: a component may call those that it is allowed to: <url>
      When I send GET "/narrow/send?url=<url>"
      Then the response status is 502
      And the response body contains "HttpRequestDenied"
      And component "narrow" is denied the outbound host "<host>"

      Examples:
        | url                                | host                        |
        | http://visits.spin.internal/visit  | http://visits.spin.internal |
        | /public/a                          | /public/a                   |
        | http://self.alt/public/a           | http://self.alt             |

    Scenario: a wildcard stands for the components of the app alone
      When I send GET "/front/send?url=http://nobody.spin.internal/"
      Then the response status is 502
      And the response body contains "HttpRequestDenied"

    Scenario Outline: calling a component that no trigger names ends the caller, through <path>
      When I send GET "<path>/send?url=http://idle.spin.internal/"
      Then the response status is 500
      And component "<component>" trapped
      And the outgoing requests are:
        | url                        | outcome |
        | http://idle.spin.internal/ | trap    |

      Examples:
        | path   | component   |
        | /front | front       |
        | /async | front-async |

    Scenario: http://self is a host like any other
      Given component "front" may use the outbound host "http://self"
      When I send GET "/front/send?url=http://self/public/a"
      Then the response status is 502
      And the response body contains "HttpRequestDenied"

  Rule: what goes wrong

    Scenario Outline: a component that traps has answered 500, through <path>
      When I send GET "<path>/send?url=http://broken.spin.internal/panics"
      Then the response status is 200
      And the JSON path "$.status" is 500
      And the JSON path "$.headers" is []
      And component "broken" trapped
      And component "<component>" did not trap

      Examples:
        | path   | component   |
        | /front | front       |
        | /async | front-async |

    Scenario Outline: a component that traps in the middle of its answer breaks it off, through <path>
      When I send GET "<path>/send?url=http://broken.spin.internal/panics-after-head"
      Then the response status is 502
      And the response body contains "body: "
      And component "broken" trapped

      Examples:
        | path   |
        | /front |
        | /async |

    Scenario: a component works on when its caller is done
      When I send GET "/front/send?url=http://broken.spin.internal/works-on"
      Then the JSON path "$.body" is "answered"
      And the key "late" of store "default" is "done"

    Scenario Outline: faults hit the request, and the calls of the component behind it: <fault>
      Given <fault>
      When I send GET "/front/send?method=POST&url=http://visits.spin.internal/visit"
      Then the response body contains "<seen>"
      And the key-value store "default" holds <tuples> tuples

      Examples:
        | fault                                                                    | seen                 | tuples |
        | every "http POST" fails with "connection-refused"                        | ConnectionRefused    | 0      |
        | every "http POST" applies, then fails with "connection-terminated"       | ConnectionTerminated | 1      |
        | every "set" fails with "other: disk full"                                | 503                  | 0      |
        | every "open" traps                                                       | 500                  | 0      |

    Scenario: latency adds up along a chain
      Given every "get" takes 200 ms
      And every "http GET" takes 100 ms
      When I send GET "/front/send?url=http://visits.spin.internal/visit"
      Then the response took 300 ms

    Scenario Outline: <who> waits for a component without Spin's client and its timeouts, through <path>
      Given every "get" takes 300 ms
      When I send GET "<path>/send?timeout=250&url=http://visits.spin.internal/visit"
      Then the JSON path "$.status" is 200
      And the response took 300 ms

      Examples:
        | who      | path   |
        | WASI 0.2 | /front |
        | WASI 0.3 | /async |

    Scenario Outline: a route is asked by Spin's client, which waits so long and no longer, through <path>
      Given every "set" takes 300 ms
      When I send GET "<path>/send?timeout=250&url=http://self.alt/front/store-and-send?url%3Dhttp://pages.spin.internal/"
      Then the response status is 502
      And the response body contains "ConnectionReadTimeout"

      Examples:
        | path   |
        | /front |
        | /async |

  Rule: bounds

    Scenario Outline: an app that calls itself without end comes to one: by <to>
      When I send GET "<path>/again?to=<to>"
      Then component "<component>" trapped
      And the outgoing requests are:
        | outcome |
        | trap    |
        | 500     |
        | 200     |
        | 200     |
        | 200     |
        | 200     |
        | 200     |
        | 200     |
        | 200     |
        | 200     |
        | 200     |
        | 200     |
        | 200     |
        | 200     |
        | 200     |
        | 200     |
        | 200     |

      Examples:
        | path   | to                               | component   |
        | /front | http://front.spin.internal       | front       |
        | /front | /front                           | front       |
        | /async | http://front-async.spin.internal | front-async |

    Scenario: reused instances come to an end too
      Given instances are reused
      When I send GET "/async/again?to=http://front-async.spin.internal"
      Then component "front-async" trapped

    Scenario: a component that computes without end ends at its bound, and its caller goes on
      Given the compute bound is "50 ms"
      When I send GET "/front/send?url=http://broken.spin.internal/loop"
      Then the JSON path "$.status" is 500
      And component "broken" trapped
      And component "front" did not trap

    Scenario: what is called shares one bound on compute
      Given the compute bound is "50 ms"
      When I send GET "/front/two?a=http://broken.spin.internal/loop&b=http://visits.spin.internal/visit"
      Then component "broken" trapped

    Scenario: a component that never ends takes its caller's time
      When I send GET "/front/send?url=http://broken.spin.internal/sleeps-forever"
      Then component "broken" trapped
      And the response took 60 s

  Rule: many runs

    @fault-sweep
    Scenario: whatever call of the chain fails, the customer has an answer
      When I send GET "/front/send?url=http://visits.spin.internal/visit"
      Then the response status is one of 200, 502
      And component "front" did not trap
      And component "visits" did not trap

    @schedule-sweep
    Scenario: two chains at once lose nothing where they touch nothing in common
      When these requests are sent at once:
        | method | path                                                                |
        | GET    | /front/send?url=http://visits.spin.internal/count?name%3Da          |
        | GET    | /async/send?url=http://visits.spin.internal/count?name%3Db          |
      Then every response status is 200
      And the key-value store "default" contains exactly:
        | key | value |
        | a   | 1     |
        | b   | 1     |

    Scenario: the storage calls of chains at once interleave
      When 5 clients send GET "/front/send?url=http://visits.spin.internal/visit" at once
      Then every response status is 200
