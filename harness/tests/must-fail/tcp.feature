Feature: Mistakes about TCP servers

  Background:
    Given the app "../../../fixtures/apps/sockets/spin.toml"

  # fails with: component "sockets" reached for tcp://10.0.0.7:5432, and spin-harness has no network
  # fails with: `Given the TCP server at "10.0.0.7:5432" takes everything`
  Scenario: nobody says what is there
    When I send GET "/p2/talk?ip=10.0.0.7&port=5432"
    Then the response status is 200

  # fails with: component "sockets" sent "b\r\n" to the TCP server at 10.0.0.7:5432, which waits for "a\r\n"
  Scenario: something else is sent
    Given the TCP server at "10.0.0.7:5432" converses:
      | receives | sends |
      | a\\r\\n  | A     |
    When I send GET "/p2/talk?ip=10.0.0.7&port=5432&lines=b"
    Then the response status is 200

  # fails with: component "sockets-async" sent "b\r\n" to the TCP server at 10.0.0.7:5432, which waits for "a*"
  Scenario: something is sent that does not fit
    Given the TCP server at "10.0.0.7:5432" converses:
      | receives | sends |
      | a*       | A     |
    When I send GET "/p3/talk?ip=10.0.0.7&port=5432&lines=b"
    Then the response status is 200

  # fails with: component "sockets" sent "b\r\n" to the TCP server at 10.0.0.7:5432, which waits for "a*"
  Scenario: the same through the earlier interface
    Given the TCP server at "10.0.0.7:5432" converses:
      | receives | sends |
      | a*       | A     |
    When I send GET "/p2/talk?ip=10.0.0.7&port=5432&lines=b"
    Then the response status is 200

  # fails with: component "sockets" sent "a\r\n" to the TCP server at 10.0.0.7:5432, which waits for "a\r\nb\r\n"
  Scenario: only the beginning is sent
    Given the TCP server at "10.0.0.7:5432" converses:
      | receives       | sends |
      | a\\r\\nb\\r\\n | A     |
    When I send GET "/p2/talk?ip=10.0.0.7&port=5432&lines=a"
    Then the response status is 200

  # fails with: "10.0.0.7:0" is no address that a component could connect to
  Scenario: nothing listens at no port
    Given the TCP server at "10.0.0.7:0" takes everything
    When I send GET "/p2/talk?ip=10.0.0.7&port=5432"

  # fails with: no connection to the TCP server at 10.0.0.7:5432 was sent just "a"
  # fails with: sockets to 10.0.0.7:5432: sent "a\r\n", received "A"
  Scenario: only a part of what was sent
    Given the TCP server at "10.0.0.7:5432" converses:
      | receives | sends |
      | a\\r\\n  | A     |
    When I send GET "/p2/talk?ip=10.0.0.7&port=5432&lines=a"
    Then the TCP server at "10.0.0.7:5432" was sent "a"

  # fails with: the TCP server at 10.0.0.7:5432 was sent something
  Scenario: something was sent
    Given the TCP server at "10.0.0.7:5432" converses:
      | receives | sends |
      | a\\r\\n  | A     |
    When I send GET "/p2/talk?ip=10.0.0.7&port=5432&lines=a"
    Then the TCP server at "10.0.0.7:5432" was sent nothing

  # fails with: no step says that a TCP server is at 10.0.0.7:5433
  Scenario: nothing can be sent where nothing is
    Given the TCP server at "10.0.0.7:5432" takes everything
    When I send GET "/p2/talk?ip=10.0.0.7&port=5432"
    Then the TCP server at "10.0.0.7:5433" was sent nothing

  # fails with: a TCP connection was made
  Scenario: a connection was made
    Given the TCP server at "10.0.0.7:5432" takes everything
    When I send GET "/p2/talk?ip=10.0.0.7&port=5432"
    Then no TCP connection was made

  # fails with: "localhost:5432" is no address that a component could connect to
  Scenario: names are not resolved
    Given the TCP server at "localhost:5432" takes everything
    When I send GET "/p2/talk?ip=10.0.0.7&port=5432"

  # fails with: the server has ended the connection after row 1, so that no later row can come about
  Scenario: a row that never comes
    Given the TCP server at "10.0.0.7:5432" converses:
      | receives | sends | then   |
      | a        | A     | closes |
      | b        | B     |        |
    When I send GET "/p2/talk?ip=10.0.0.7&port=5432"

  # fails with: what a server does then is `closes`, `resets` or nothing, and not "hangs up"
  # fails with: in row 1 of the table
  Scenario: a server that does something else
    Given the TCP server at "10.0.0.7:5432" converses:
      | sends | then     |
      | A     | hangs up |
    When I send GET "/p2/talk?ip=10.0.0.7&port=5432"

  # fails with: the environment variable NOT_SET_HERE is not set to an IP address and a port
  Scenario: a real server without an address
    Given the TCP server at "$NOT_SET_HERE" is real
    When I send GET "/p2/talk?ip=10.0.0.7&port=5432"
