Feature: middleware
  A request passes through what an HTTP trigger names in `dependencies.middleware` before its component has it.

  Background:
    Given the app "../fixtures/apps/middleware/spin.toml"

  Scenario: a trigger without middleware leads to the component alone
    When I send GET "/open"
    Then the response body is "passed : GET "
    And the response header "x-passed" is absent

  Scenario: the first has the request first, and the response last
    Given every request has the header "x-token" with "7"
    When I send POST "/both" with body "some text"
    Then the response status is 200
    And the response body is "passed stamp, guard: POST some text"
    And the response header "x-passed" is "guard, stamp"

  Scenario: middleware can answer itself
    When I send GET "/both"
    Then the response status is 401
    And the response header "x-passed" is "stamp"
    And the key-value store "default" is empty

  Scenario: what it inherits it may use, in the name of the component
    Given every request has the header "x-token" with "7"
    When I send GET "/both?remember=me"
    Then the response header "x-counted" is "1"
    And the storage calls are:
      | component | operation | store   | key    | outcome |
      | guarded   | open      | default |        | ok      |
      | guarded   | get       | default | passed | ok      |
      | guarded   | set       | default | passed | ok      |
      | guarded   | open      | default |        | ok      |
      | guarded   | set       | default | me     | ok      |

  Scenario: what it does not inherit it is denied, and the component behind it is not
    Given every request has the header "x-token" with "7"
    When I send GET "/denied?remember=me"
    Then the response status is 200
    And the response body is "remembered"
    And the response header "x-counted" contains "AccessDenied"
    And the storage calls are:
      | component | operation | store   | key | outcome       |
      | guarded   | open      | default |     | access-denied |
      | guarded   | open      | default |     | ok            |
      | guarded   | set       | default | me  | ok            |

  Scenario: who calls what runs for a trigger by its own name passes through that trigger's middleware
    When I send GET "/asks/send?url=http://guarded-for-stamped.spin.internal/x"
    Then the JSON path "$.body" is "passed stamp: GET "
    When I send GET "/asks/send?url=http://guarded.spin.internal/x"
    Then the JSON path "$.body" is "passed : GET "
    When I send GET "/asks/send?url=http://guarded-for-open.spin.internal/x"
    Then the response status is 502

  Scenario: one component may stand there twice
    When I send GET "/alone"
    Then the response body is "passed stamp, stamp: GET "

  Scenario: faults hit what middleware does
    Given every request has the header "x-token" with "7"
    And the 1st "get" fails with "other: disk full"
    When I send GET "/both"
    Then the response header "x-counted" contains "disk full"

  Scenario: a component has no instance in common with a variant of it
    Given instances are reused
    When I send GET "/open"
    And I send GET "/stamped"
    Then the response body is "passed stamp: GET "
    When I send GET "/open"
    Then the response body is "passed : GET "
