Feature: Sockets
  No socket ever reaches the network. Grants are asked as under Spin, with the schemes tcp and udp; rules may say how an allowed
  connection fails.

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
