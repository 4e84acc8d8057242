Feature: The snapshots of WASI of 2023
  Components of 0.2.0-rc-2023-10-18 and of 0.2.0-rc-2023-11-10 run whole, as under Spin: what is the same in 0.2.0 is that.

  Background:
    Given the app "../fixtures/apps/wasi-2023/spin.toml"

  Scenario Outline: a request is answered: <snapshot>
    When I send the request:
      """
      POST /<snapshot>/echo?a=b
      x-of-client: 7

      some text
      """
    Then the response status is 200
    And the response header "content-type" is "text/plain"
    And the response body is "POST /<snapshot>/echo?a=b 7 some text"
    When I send GET "/<snapshot>/headers"
    Then the response body is "x-a=1 x-a=2 x-b=3"
    When I send GET "/<snapshot>/nowhere"
    Then the response status is 404

    Examples:
      | snapshot |
      | 10       |
      | 11       |

  # The first one cannot say that a header is refused: that ends the instance.
  Scenario: a header that is none
    When I send GET "/11/bad-header"
    Then the response body is "HeaderError::InvalidSyntax"
    When I send GET "/10/bad-header"
    Then the response status is 500
    And component "october" trapped

  Scenario Outline: an answer that is an error, and an instance that traps: <snapshot>
    When I send GET "/<snapshot>/refuses"
    Then the response status is 500
    When I send GET "/<snapshot>/panics"
    Then the response status is 500
    And component "<component>" trapped

    Examples:
      | snapshot | component |
      | 10       | october   |
      | 11       | november  |

  Scenario Outline: requests are sent, and can fail: <snapshot>
    Given GET "https://api.example.com/users" answers 200 with "maria"
    When I send GET "/<snapshot>/send?url=https://api.example.com/users"
    Then the response status is 200
    And the response body is "200  maria"
    And the outgoing requests are:
      | component            | url                           | outcome |
      | <component> | https://api.example.com/users | 200     |
    Given every "http GET" fails with "connection-refused"
    When I send GET "/<snapshot>/send?url=https://api.example.com/users"
    Then the response status is 502
    And the response body contains "<kind>"
    And the response body contains "ConnectionRefused"
    When I send GET "/<snapshot>/send?url=https://other.example.com/"
    Then the response status is 502
    And the response body contains "<kind>"
    And the response body contains "HttpRequestDenied"

    Examples:
      | snapshot | component | kind                   |
      | 10       | october   | Error::UnexpectedError |
      | 11       | november  | ErrorCode::            |

  # The first one's timeouts end the instance, as under Spin 4.1. The second one's are nanoseconds, whatever they are called.
  Scenario: how long a request may take
    Given outgoing requests are answered:
      | method | url                           | body  | takes |
      | GET    | https://api.example.com/users | maria | 2 s   |
    When I send GET "/11/send?timeout=1000&url=https://api.example.com/users"
    Then the response status is 502
    And the response body contains "ErrorCode::ConnectionReadTimeout"
    And the response took 1 s
    When I send GET "/11/send?timeout=3000&url=https://api.example.com/users"
    Then the response body is "200  maria"
    When I send GET "/10/send?timeout=3000&url=https://api.example.com/users"
    Then the response status is 500
    And component "october" trapped

  Scenario Outline: trailers: <snapshot>
    When I send the request:
      """
      POST /<snapshot>/trailers

      some text
      """
    Then the response body is "<trailers>"
    When I send GET "/<snapshot>/with-trailers"
    Then the response matches the snapshot "trailers of WASI of 2023"

    # The first one cannot say that there are none.
    Examples:
      | snapshot | trailers          |
      | 10       | 0 trailers        |
      | 11       | no trailers, true |

  Scenario Outline: a body is passed on by the host: <snapshot>
    When I send the request:
      """
      POST /<snapshot>/splice

      some text
      """
    Then the response status is 200
    And the response body is "some text"

    Examples:
      | snapshot |
      | 10       |
      | 11       |

  # Spin has no `forward` any more.
  Scenario: what came to nothing ends the instance
    When I send the request:
      """
      POST /10/forward

      some text
      """
    Then component "october" trapped
    When I send GET "/10/files/lock?path=note.txt"
    Then the response status is 500
    And component "october" trapped

  Scenario Outline: the store is reached, and faults reach it: <snapshot>
    Given the key-value store "default" contains:
      | key  | value |
      | hits | 41    |
    When I send GET "/<snapshot>/count?name=hits"
    Then the response body is "42"
    Given every "set" fails with "other: disk full"
    When I send GET "/<snapshot>/count?name=hits"
    Then the response status is 503
    And the response body contains "disk full"

    Examples:
      | snapshot |
      | 10       |
      | 11       |

  Scenario Outline: files, the environment and the log: <snapshot>
    When I send GET "/<snapshot>/files/read?path=note.txt"
    Then the response body is "a note false"
    When I send GET "/<snapshot>/files/stream?path=note.txt"
    Then the response body is "note"
    When I send GET "/<snapshot>/files/list"
    Then the response body is "note.txt DescriptorType::RegularFile"
    When I send GET "/<snapshot>/files/stat?path=note.txt"
    Then the response body is "DescriptorType::RegularFile 6 true"
    When I send GET "/<snapshot>/files/read?path=other.txt"
    Then the response status is 500
    And the response body is "no-entry"
    When I send GET "/<snapshot>/files/remove?path=note.txt"
    Then the response body is "<refused>"
    When I send GET "/<snapshot>/files/make?path=new.txt"
    Then the response body is "<refused>"
    When I send GET "/<snapshot>/env?name=GREETING"
    Then the response body is "hello"
    When I send GET "/<snapshot>/log?text=written"
    Then component "<component>" logged "written"

    Examples:
      | snapshot | component | refused       |
      | 10       | october   | not-permitted |
      | 11       | november  | not-permitted |

  Scenario Outline: clocks are the scenario's: <snapshot>
    Given the time is "2026-01-01T00:00:00Z"
    When I send GET "/<snapshot>/now"
    Then the response body is "1767225600.000000000"
    When I send GET "/<snapshot>/sleep?ms=250"
    Then the response body is "250 [0]"
    And the response took 250 ms
    When I send GET "/<snapshot>/sleep?ms=40&until=it"
    Then the response body is "40 [0]"
    When I send GET "/<snapshot>/now"
    Then the response body is "1767225600.290000000"

    Examples:
      | snapshot |
      | 10       |
      | 11       |

  # The numbers that an instance of other versions draws: `features/chance.feature`.
  Scenario Outline: chance follows from the seed: <snapshot>
    Given the random seed is 7
    When I send GET "/<snapshot>/random"
    Then the response body matches "^de88813aec504435 [0-9a-f]{16}$"
    When I send GET "/<snapshot>/insecure"
    Then the response body matches "^8ddad38bdcdf450d [0-9a-f]{16}$"
    When I send GET "/<snapshot>/insecure-seed"
    Then the response body is "e880a903bcff6547 a1cc9157ea05f676"

    Examples:
      | snapshot |
      | 10       |
      | 11       |

  Scenario Outline: sockets are asked for as those of 0.2.0: <snapshot>
    When I send GET "/<snapshot>/tcp?ip=127.0.0.1&port=5432"
    Then the response status is 500
    And the response body is "access-denied"
    Given every "sockets connect" on store "10.0.0.7:5432" fails with "remote-unreachable"
    When I send GET "/<snapshot>/tcp?ip=10.0.0.7&port=5432"
    Then the response body is "remote-unreachable"
    When I send GET "/<snapshot>/udp"
    Then the response body is "access-denied"
    When I send GET "/<snapshot>/resolve?name=localhost"
    Then the response body is "permanent-resolver-failure"
    When I send GET "/<snapshot>/tcp-options"
    Then the response body is "true 7 IpAddressFamily::Ipv4"

    Examples:
      | snapshot |
      | 10       |
      | 11       |
