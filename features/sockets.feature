Feature: Sockets
  No socket reaches the network, but loopback addresses that a scenario names. Grants are asked as under Spin, with the schemes tcp
  and udp; a scenario says what is at the other end, or how the connection fails.

  Background:
    Given the app "../fixtures/apps/sockets/spin.toml"

  Scenario Outline: an address that the manifest does not allow, through <path>
    When I send GET "<path>/tcp?ip=127.0.0.1&port=5432"
    Then the response status is 500
    And the response body is "access-denied"
    # Of an allowed host another port.
    When I send GET "<path>/tcp?ip=10.0.0.7&port=5433"
    Then the response body is "access-denied"
    And component "<component>" used no outbound host
    And component "<component>" did not trap

    Examples:
      | path | component     |
      | /p2  | sockets       |
      | /p3  | sockets-async |

  Scenario Outline: an allowed address, and a rule that says <error>, through <path>
    Given every "sockets connect" on store "10.0.0.7:5432" fails with "<error>"
    When I send GET "<path>/tcp?ip=10.0.0.7&port=5432"
    Then the response status is 500
    And the response body is "<error>"
    And no component was denied anything

    Examples:
      | path | error              |
      | /p2  | connection-refused |
      | /p2  | connection-reset   |
      | /p2  | connection-aborted |
      | /p2  | remote-unreachable |
      | /p2  | timeout            |
      | /p2  | access-denied      |
      | /p3  | connection-refused |
      | /p3  | connection-reset   |
      | /p3  | connection-aborted |
      | /p3  | remote-unreachable |
      | /p3  | timeout            |
      | /p3  | access-denied      |

  Scenario Outline: a grant is known by its entry, through <path>
    Given every "sockets connect" takes 2 s, then fails with "timeout"
    When I send GET "<path>/tcp?ip=10.0.0.8&port=53"
    Then the response body is "timeout"
    And the response took 2 s
    And component "<component>" used only the outbound host "*://10.0.0.8:53"

    Examples:
      | path | component     |
      | /p2  | sockets       |
      | /p3  | sockets-async |

  Scenario Outline: a scenario may grant other addresses, through <path>
    Given component "<component>" may use the outbound hosts "tcp://127.0.0.1:*"
    And every "sockets connect" fails with "connection-refused"
    When I send GET "<path>/tcp?ip=127.0.0.1&port=6000"
    Then the response body is "connection-refused"
    When I send GET "<path>/tcp?ip=10.0.0.7&port=5432"
    Then the response body is "access-denied"

    Examples:
      | path | component     |
      | /p2  | sockets       |
      | /p3  | sockets-async |

  # Spin lets no component bind a TCP socket, whatever the manifest says: crates/factor-outbound-networking/src/lib.rs.
  Scenario Outline: listening is denied, through <path>
    Given component "<component>" may use the outbound hosts "*://*:*"
    When I send GET "<path>/listen?ip=127.0.0.1&port=8080"
    Then the response body is "access-denied"
    And the service calls are:
      | component   | store          | outcome       |
      | <component> | 127.0.0.1:8080 | access-denied |

    Examples:
      | path | component     |
      | /p2  | sockets       |
      | /p3  | sockets-async |

  # Under Spin the socket can be made, and not be bound.
  Scenario Outline: a datagram that the manifest does not allow, through <path>
    Given component "<component>" may use the outbound hosts "tcp://10.0.0.7:5432"
    When I send GET "<path>/udp?ip=10.0.0.7&port=5432"
    Then the response body is "access-denied"
    And the service calls are:
      | component   | outcome       |
      | <component> | access-denied |

    Examples:
      | path | component     |
      | /p2  | sockets       |
      | /p3  | sockets-async |

  # Spin leaves wasmtime's default, which resolves no name.
  Scenario Outline: names are not resolved, through <path>
    Given component "<component>" may use the outbound hosts "*://*:*"
    When I send GET "<path>/resolve?name=localhost"
    Then the response body is "permanent-resolver-failure"

    Examples:
      | path | component     |
      | /p2  | sockets       |
      | /p3  | sockets-async |

  Scenario Outline: a server that takes everything, through <path>
    Given the TCP server at "10.0.0.7:5432" takes everything
    When I send GET "<path>/talk?ip=10.0.0.7&port=5432"
    Then the response body is "connected | closed"
    And the TCP server at "10.0.0.7:5432" was sent nothing
    And the TCP connections are:
      | component   | address       | sent | received | ended  |
      | <component> | 10.0.0.7:5432 |      |          | closed |
    And the service calls are:
      | component   | operation       | store         | outcome |
      | <component> | sockets connect | 10.0.0.7:5432 | ok      |

    Examples:
      | path | component     |
      | /p2  | sockets       |
      | /p3  | sockets-async |

  Scenario Outline: a conversation, through <path>
    Given the TCP server at "10.0.0.7:5432" converses:
      | receives | sends              | takes  | then   |
      |          | 220 ready\\r\\n      | 2 s    |        |
      | PING\\r\\n | PONG\\r\\n           |        |        |
      | GET *    | base64:aGVsbG8=    | 500 ms |        |
      | QUIT\\r\\n | text:bye           |        | closes |
    When I send GET "<path>/talk?ip=10.0.0.7&port=5432&greeting=1&lines=PING,GET%20a,QUIT"
    Then the response body is "connected | 220 ready | PONG | hello | bye | closed"
    And the response took 2500 ms
    And the TCP server at "10.0.0.7:5432" was sent "PING\r\nGET a\r\nQUIT\r\n"
    And the TCP connections are:
      | sent                         | received                              | ended  |
      | PING\\r\\nGET a\\r\\nQUIT\\r\\n    | 220 ready\\r\\nPONG\\r\\nhellobye         | closed |

    Examples:
      | path |
      | /p2  |
      | /p3  |

  Scenario Outline: a line that sends nothing takes its time too, through <path>
    Given the TCP server at "10.0.0.7:5432" converses:
      | receives | sends | takes | then   |
      | a\\r\\n  |       | 30 s  |        |
      |          | late  | 2 s   | closes |
    When I send GET "<path>/talk?ip=10.0.0.7&port=5432&lines=a"
    Then the response body is "connected | late | closed"
    And the response took 32 s

    Examples:
      | path |
      | /p2  |
      | /p3  |

  Scenario Outline: bytes that are no text, through <path>
    Given the TCP server at "10.0.0.7:5432" converses:
      | sends        |
      | base64:/wD+  |
    When I send GET "<path>/talk?ip=10.0.0.7&port=5432&greeting=1"
    Then the TCP connections are:
      | received    |
      | base64:/wD+ |

    Examples:
      | path |
      | /p2  |
      | /p3  |

  Scenario Outline: each connection begins the conversation anew, through <path>
    Given the TCP server at "10.0.0.7:5432" converses:
      | receives | sends |
      | a\\r\\n    | A     |
    When I send GET "<path>/talk?ip=10.0.0.7&port=5432&lines=a"
    And I send GET "<path>/talk?ip=10.0.0.7&port=5432&lines=a"
    Then the response body is "connected | A | closed"
    And the TCP connections are:
      | sent  | received |
      | a\\r\\n | A        |
      | a\\r\\n | A        |

    Examples:
      | path |
      | /p2  |
      | /p3  |

  Scenario Outline: a server that resets the connection, through <path>
    Given the TCP server at "10.0.0.7:5432" converses:
      | receives | sends | then   |
      | a\\r\\n    | A     | resets |
    When I send GET "<path>/talk?ip=10.0.0.7&port=5432&lines=a"
    Then the response body is "connected | A | connection-reset"
    And the TCP connections are:
      | sent  | received | ended |
      | a\\r\\n | A        | reset |

    Examples:
      | path |
      | /p2  |
      | /p3  |

  Scenario Outline: nothing can be sent to a server that has ended the connection, through <path>
    Given the TCP server at "10.0.0.7:5432" converses:
      | receives | sends | then   |
      |          | bye   | closes |
    When I send GET "<path>/talk?ip=10.0.0.7&port=5432&greeting=1&lines=a"
    Then the response body is "connected | bye | not sent: connection-reset"

    Examples:
      | path |
      | /p2  |
      | /p3  |

  Scenario Outline: a server that never answers, through <path>
    Given the TCP server at "10.0.0.7:5432" takes everything
    And the time bound is "5 s"
    When I send GET "<path>/talk?ip=10.0.0.7&port=5432&lines=a"
    Then the response status is 500
    And component "<component>" trapped
    And the TCP server at "10.0.0.7:5432" was sent "a\r\n"

    Examples:
      | path | component     |
      | /p2  | sockets       |
      | /p3  | sockets-async |

  Scenario Outline: what a server does may change, and a rule goes before it, through <path>
    Given the TCP server at "10.0.0.7:5432" takes everything
    And the 2nd "sockets connect" fails with "timeout"
    When I send GET "<path>/talk?ip=10.0.0.7&port=5432"
    Then the response body is "connected | closed"
    When I send GET "<path>/talk?ip=10.0.0.7&port=5432"
    Then the response body is "timeout"
    Given the TCP server at "10.0.0.7:5432" converses:
      | sends |
      | new   |
    When I send GET "<path>/talk?ip=10.0.0.7&port=5432&greeting=1"
    Then the response body is "connected | new | closed"

    Examples:
      | path |
      | /p2  |
      | /p3  |

  @fault-sweep
  Scenario Outline: a sweep lets the connection fail, through <path>
    Given the TCP server at "10.0.0.7:5432" takes everything
    When I send GET "<path>/talk?ip=10.0.0.7&port=5432"
    Then the response body matches "connected|connection-refused"

    Examples:
      | path |
      | /p2  |
      | /p3  |

  Scenario Outline: no connection is made where none is allowed, through <path>
    Given the TCP server at "10.0.0.9:5432" takes everything
    When I send GET "<path>/talk?ip=10.0.0.9&port=5432"
    Then the response body is "access-denied"
    And no TCP connection was made

    Examples:
      | path |
      | /p2  |
      | /p3  |

  Scenario Outline: an address that nothing can be at, through <path>
    Given component "<component>" may use the outbound hosts "*://*:*"
    When I send GET "<path>/tcp?ip=0.0.0.0&port=5432"
    Then the response body is "<error>"

    Examples:
      | path | component     | error            |
      | /p2  | sockets       | invalid-argument |
      | /p3  | sockets-async | ErrorCode::InvalidArgument |
