Feature: Sockets that reach for the network

  Background:
    Given the app "../../../fixtures/apps/sockets/spin.toml"

  # fails with: component "sockets" reached for tcp://10.0.0.7:5432, and spin-harness has no network
  # fails with: Given every "sockets connect" on store "10.0.0.7:5432" fails with "connection-refused"
  # fails with: sockets connect
  Scenario: a connection that is allowed
    When I send GET "/p2/tcp?ip=10.0.0.7&port=5432"

  # fails with: component "sockets-async" reached for tcp://10.0.0.8:53, and spin-harness has no network
  Scenario: a connection that is allowed, of WASI 0.3
    When I send GET "/p3/tcp?ip=10.0.0.8&port=53"

  # fails with: component "sockets" reached for udp://10.0.0.8:53, and spin-harness has no network
  Scenario: a datagram that is allowed
    When I send GET "/p2/udp?ip=10.0.0.8&port=53"

  # fails with: component "sockets-async" reached for udp://10.0.0.8:53, and spin-harness has no network
  Scenario: a datagram that is allowed, of WASI 0.3
    When I send GET "/p3/udp?ip=10.0.0.8&port=53"

  # fails with: component "sockets" was denied the outbound host "tcp://127.0.0.1:1" once
  Scenario: a connection that is denied
    When I send GET "/p2/tcp?ip=127.0.0.1&port=1"
    Then no component was denied anything

  # fails with: sockets        sockets bind        127.0.0.1:8080
  # fails with: sockets        sockets create-udp
  # fails with: sockets-async  sockets create-udp
  Scenario: what is refused before it is a connection leaves lines too
    Given component "sockets" may use the outbound host "tcp://10.0.0.7:5432"
    And component "sockets-async" may use the outbound host "tcp://10.0.0.7:5432"
    When I send GET "/p2/listen?ip=127.0.0.1&port=8080"
    And I send GET "/p2/udp?ip=10.0.0.7&port=5432"
    And I send GET "/p3/udp?ip=10.0.0.7&port=5432"
    Then the response status is 200
