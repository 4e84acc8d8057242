Feature: Requests to other hosts, answered as a real server answered once
  The recordings were made by `spin-harness test --record https://api.example.com=http://127.0.0.1:8080`, with the server of
  harness/tests/recording.rs behind that address.

  Rule: a recording answers

    Background:
      Given outgoing HTTP is replayed from "recordings/api.toml"

    Scenario Outline: a user, through <interface>
      Given the app "../fixtures/apps/<app>/spin.toml"
      When I send GET "<path>/send?url=https://api.example.com/users/7"
      Then the JSON path "$.status" is 200
      And the JSON path "$.body" is "{\"name\": \"Ada\"}"
      And the response body contains "[\"content-type\",\"application/json\"]"
      And the response body contains "sid="
      And the response took 0 ms
      And the outgoing requests are:
        | method | url                             | outcome |
        | GET    | https://api.example.com/users/7 | 200     |

      Examples:
        | interface        | app      | path   |
        | WASI 0.2         | outgoing |        |
        | WASI 0.3         | outgoing | /async |
        | fermyon:spin/http | http-1   |        |

    Scenario Outline: the body decides, through <interface>
      Given the app "../fixtures/apps/<app>/spin.toml"
      When I send POST "<path>/send?method=POST&url=https://api.example.com/orders&header=authorization:Bearer%20s3cret" with JSON:
        """
        {"item": "tea", "pieces": 2}
        """
      Then the JSON path "$.status" is 201
      And the JSON path "$.body" is "{\"ordered\": \"tea\"}"
      When I send POST "<path>/send?method=POST&url=https://api.example.com/orders" with JSON:
        """
        {"item": "coffee", "pieces": 1}
        """
      Then the JSON path "$.body" is "{\"ordered\": \"coffee\"}"
      # Of JSON it does not matter how it is spelled.
      When I send POST "<path>/send?method=POST&url=https://api.example.com/orders" with JSON:
        """
        {"pieces":2,"item":"tea"}
        """
      Then the JSON path "$.body" is "{\"ordered\": \"tea\"}"

      Examples:
        | interface        | app      | path   |
        | WASI 0.2         | outgoing |        |
        | WASI 0.3         | outgoing | /async |
        | fermyon:spin/http | http-1   |        |

    Scenario: bytes, a redirection, an answer without a body and one to HEAD
      Given the app "../fixtures/apps/outgoing/spin.toml"
      When I send GET "/send?url=https://api.example.com/logo"
      Then the response body contains "[\"content-length\",\"3\"]"
      When I send GET "/send?url=https://api.example.com/old"
      Then the JSON path "$.status" is 302
      And the response body contains "[\"location\",\"/users/7\"]"
      When I send GET "/send?method=DELETE&url=https://api.example.com/users/7"
      Then the JSON path "$.status" is 204
      And the JSON path "$.body" is ""
      When I send GET "/send?method=HEAD&url=https://api.example.com/users/7"
      Then the response body contains "[\"content-length\",\"15\"]"
      And the JSON path "$.body" is ""

    Scenario: the last answer is repeated
      Given the app "../fixtures/apps/outgoing/spin.toml"
      When 3 clients send GET "/send?url=https://api.example.com/users/7" at once
      Then every response status is 200
      And GET "https://api.example.com/users/7" was requested 3 times

    Scenario: what a step says goes before what was recorded
      Given the app "../fixtures/apps/outgoing/spin.toml"
      And GET "https://api.example.com/users/*" answers 503
      When I send GET "/send?url=https://api.example.com/users/7"
      Then the JSON path "$.status" is 503
      When I send GET "/send?url=https://api.example.com/old"
      Then the JSON path "$.status" is 302

    Scenario: a host that the manifest does not allow is denied as ever
      Given the app "../fixtures/apps/outgoing/spin.toml"
      When I send GET "/send?url=https://elsewhere.example.com/"
      Then the response body contains "HttpRequestDenied"

  Rule: equal requests are answered in the order of the recording

    Scenario: a counter counts
      Given the app "../fixtures/apps/outgoing/spin.toml"
      And outgoing HTTP is replayed from "recordings/counter.toml"
      When I send GET "/send?url=https://api.example.com/count"
      Then the JSON path "$.body" is "1"
      When I send GET "/send?url=https://api.example.com/users/7"
      Then the JSON path "$.status" is 200
      When I send GET "/send?url=https://api.example.com/count"
      Then the JSON path "$.body" is "2"
      When I send GET "/send?url=https://api.example.com/count"
      Then the JSON path "$.body" is "3"

  Rule: what was recorded goes wrong as what is stated does

    Background:
      Given the app "../fixtures/apps/outgoing/spin.toml"
      And outgoing HTTP is replayed from "recordings/api.toml"

    Scenario: a slow network
      Given every "http GET" takes 250 ms
      When I send GET "/send?url=https://api.example.com/users/7"
      Then the JSON path "$.status" is 200
      And the response took 250 ms

    Scenario: an answer that is lost
      Given the 1st "http POST" applies, then fails with "connection-terminated"
      When I send POST "/send?method=POST&url=https://api.example.com/orders" with body "{\"item\": \"tea\", \"pieces\": 2}"
      Then the response status is 502
      And the response body contains "ConnectionTerminated"
      When I send POST "/send?method=POST&url=https://api.example.com/orders" with body "{\"item\": \"tea\", \"pieces\": 2}"
      Then the JSON path "$.status" is 201

    @fault-sweep
    Scenario: a sweep makes requests fail that were recorded
      When I send GET "/store-and-send?url=https://api.example.com/users/7"
      Then the response status is one of 200, 503

    @schedule-sweep
    Scenario: requests at once
      When 2 clients send GET "/store-and-send?url=https://api.example.com/users/7" at once
      Then every response status is 200
