Feature: Requests to other hosts that are not as expected

  Background:
    Given the app "../../../fixtures/apps/outgoing/spin.toml"

  # fails with: nothing answers GET https://api.example.com/users/7; what is answered: GET https://api.example.com/user/*, POST https://api.example.com/orders
  Scenario: a request that nothing answers names the nearest
    Given POST "https://api.example.com/orders" answers 201
    And GET "https://api.example.com/user/*" answers 200
    When I send GET "/send?url=https://api.example.com/users/7"

  # fails with: nothing answers GET https://api.example.com/; say what does: `Given GET "https://api.example.com/" answers 200`
  Scenario: a request that nothing answers, in a scenario that answers none
    When I send GET "/async/send?url=https://api.example.com/"

  # fails with: GET "https://api.example.com/*" was requested once and not 2 times
  # fails with: outgoing: GET https://api.example.com/a (200)
  Scenario: a wrong number of requests
    Given GET "https://api.example.com/a" answers 200
    When I send GET "/send?url=https://api.example.com/a"
    Then GET "https://api.example.com/*" was requested 2 times

  # fails with: POST "https://api.example.com/a" was requested never and not once
  # fails with: no request was sent
  Scenario: a request that was not sent
    When I send GET "/"
    Then POST "https://api.example.com/a" was requested 1 time

  # fails with: other hosts were asked
  # fails with: outgoing: GET https://api.example.com/a (connection-refused)
  Scenario: something was requested
    Given GET "https://api.example.com/a" fails with "connection-refused"
    When I send GET "/send?url=https://api.example.com/a"
    Then nothing was requested of other hosts

  # fails with: the outgoing requests are not as expected
  # fails with: 503
  Scenario: another outcome
    Given GET "https://api.example.com/a" answers 503
    When I send GET "/send?url=https://api.example.com/a"
    Then the outgoing requests are:
      | method | outcome |
      | GET    | 200     |

  # fails with: had no header "x-token" with "abd"; it had
  # fails with: x-token: abc
  Scenario: another header
    Given GET "https://api.example.com/a" answers 200
    When I send GET "/send?url=https://api.example.com/a&header=x-token:abc"
    Then the last request to "https://api.example.com/a" had the header "x-token" with "abd"

  # fails with: the body of the last request to https://api.example.com/a is not as expected
  # fails with: expected: "ab"
  # fails with: actual: "abc"
  Scenario: another body
    Given POST "https://api.example.com/a" answers 200
    When I send POST "/send?method=POST&url=https://api.example.com/a" with body "abc"
    Then the last request to "https://api.example.com/a" had the body "ab"

  # fails with: nothing was sent to "https://api.example.com/b"
  Scenario: the last request to somebody who was not asked
    Given GET "https://api.example.com/a" answers 200
    When I send GET "/send?url=https://api.example.com/a"
    Then the last request to "https://api.example.com/b" had the body ""

  # fails with: a request cannot fail with "refused"; there are `http-request-denied`
  Scenario: a failure that there is not
    Given GET "https://api.example.com/a" fails with "refused"
    When I send GET "/"

  # fails with: "api.example.com" fits no request: it has no `://`; write a URL such as "https://example.com/users/*"
  Scenario: a URL that is none
    Given GET "api.example.com" answers 200
    When I send GET "/"

  # fails with: 42 is no status; there are 100 to 599
  Scenario: a status that is none
    Given GET "https://api.example.com/a" answers 42
    When I send GET "/"

  # fails with: "x-first" is no header; write `name: value`
  # fails with: in row 1 of the table
  Scenario: a header that is none
    Given outgoing requests are answered:
      | method | url                       | header  |
      | GET    | https://api.example.com/a | x-first |
    When I send GET "/"

  # fails with: "some" is no number of bytes
  Scenario: a number of bytes that is none
    Given outgoing requests are answered:
      | method | url                       | cut after |
      | GET    | https://api.example.com/a | some      |
    When I send GET "/"

  # fails with: component "outgoing" was denied the outbound host "https://elsewhere.example.com" once
  Scenario: a denied host is a denial
    When I send GET "/send?url=https://elsewhere.example.com/"
    Then no component was denied anything

  # fails with: GET "https://api.example.com/a" was requested once and not never
  # fails with: outgoing: GET https://api.example.com/a (trap)
  Scenario: a request that was never answered was sent
    Given GET "https://api.example.com/a" never answers
    When I send GET "/send?url=https://api.example.com/a"
    Then GET "https://api.example.com/a" was never requested

  # fails with: component "outgoing" was denied the outbound host "https://evil.example": the manifest does not grant it; to grant it, add "https://evil.example" to `allowed_outbound_hosts` of component "outgoing"
  Scenario: a denied host is told where the response is not as expected
    When I send GET "/send?url=https://evil.example/a"
    Then the response status is 200

  # fails with: had no header "x-a" with "1"; it had none at all
  Scenario: a request without headers
    Given GET "https://api.example.com/a" answers 200
    When I send GET "/async/send?url=https://api.example.com/a"
    Then the last request to "https://api.example.com/a" had the header "x-a" with "1"

  # fails with: "htps://api.example.com" fits no request: requests go to `http` or `https`, and not to `htps`
  Scenario: another scheme
    Given GET "htps://api.example.com" answers 200
    When I send GET "/"

  # fails with: "https://" fits no request: it names no host
  Scenario: no host
    Given GET "https://" answers 200
    When I send GET "/"

  # fails with: "https://api.example.com:99999/" fits no request: invalid port number
  Scenario: a port that is none
    When I send GET "/"
    Then GET "https://api.example.com:99999/" was never requested

  # fails with: "https://api example.com/a" fits no request: there is a blank in it
  Scenario: a blank
    When I send GET "/"
    Then GET "https://api example.com/a" was never requested

  # fails with: component "front" was denied the outbound host "http://visist.spin.internal": the app has no component "visist"; did you mean "visits"? those with an HTTP trigger are "broken", "front", "front-async", "narrow", "pages", "public-pages", "visits"
  Scenario: a misspelt component, where a wildcard stands for those that there are
    Given the app "../../../fixtures/apps/chain/spin.toml"
    When I send GET "/front/send?url=http://visist.spin.internal/visit"
    Then the response status is 200

  # fails with: GET "https://elsewhere.example.com/*" was requested once and not never
  # fails with: outgoing: GET https://elsewhere.example.com/ (http-request-denied)
  Scenario: a request that was denied was tried
    When I send GET "/send?url=https://elsewhere.example.com/"
    Then GET "https://elsewhere.example.com/*" was never requested
