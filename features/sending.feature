Feature: Sending requests
  Every form in which a scenario can send a request.

  Background:
    Given the app "../fixtures/apps/echo/spin.toml"

  Scenario: without a body
    When I send DELETE "/exact"
    Then the JSON path "$.method" is "DELETE"
    And the JSON path "$.body" is ""

  Scenario: with a body in the sentence
    When I send POST "/exact" with body "say \"hi\" \\ bye"
    Then the JSON path "$.body" is "say \"hi\" \\ bye"

  Scenario: with a typed body
    When I send POST "/exact" with body "bytes:3"
    Then the JSON path "$.body" is "xxx"
    When I send POST "/exact" with body "text:bytes:3"
    Then the JSON path "$.body" is "bytes:3"
    When I send POST "/exact" with body "base64:aGk="
    Then the JSON path "$.body" is "hi"
    When I send POST "/exact" with body "file:data/note.txt"
    Then the JSON path "$.body" is "a note"

  Scenario: with a body of several lines, taken as it stands
    When I send PUT "/exact" with the body:
      """
      first

        text:third
      """
    Then the JSON path "$.body" is "first\n\n  text:third"
    And the JSON path "$.headers[?@[0] == 'content-type']" does not exist

  Scenario: with JSON
    When I send PATCH "/exact" with JSON:
      """
      {"a": [1, 2.50]}
      """
    Then the JSON path "$.body" is "{\"a\": [1, 2.50]}"
    And the JSON path "$.headers[?@[0] == 'content-type'][1]" is "application/json"

  Scenario: with the body of a file
    When I send POST "/exact" with the body of file "data/note.txt"
    Then the JSON path "$.body" is "a note"

  Scenario: with headers
    When I send GET "/exact" with the headers:
      | name  | value     |
      | x-one | a: b, "c" |
    Then the JSON path "$.headers[?@[0] == 'x-one'][1]" is "a: b, \"c\""

  Scenario: written down as a whole
    When I send the request:
      """
      POST /exact?x=1 HTTP/1.1
      Content-Type: text/plain
      X-Time: 10:30

      first

      third
      """
    Then the JSON path "$.method" is "POST"
    And the JSON path "$.uri" is "/exact?x=1"
    And the JSON path "$.headers[?@[0] == 'x-time'][1]" is "10:30"
    And the JSON path "$.body" is "first\n\nthird"

  Scenario: a path may have blanks and letters of any alphabet
    When I send GET "/a b/ü?q=☃"
    Then the JSON path "$.uri" is "/a%20b/%C3%BC?q=%E2%98%83"

  Scenario: a length that is stated must be the body's
    When I send the request:
      """
      POST /exact HTTP/1.1
      Content-Length: 4

      four
      """
    Then the JSON path "$.body" is "four"
    And the JSON path "$.headers[?@[0] == 'content-length'][1]" is "4"
