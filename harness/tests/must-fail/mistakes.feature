Feature: Mistakes in scenarios
  Each scenario asks for something that cannot be; it fails where that is known, and says what can be.

  Background:
    Given the app "../../../fixtures/apps/visits"

  # fails with: no step has these words; the nearest are:
  # fails with: Then the response status is 200
  Scenario: a step that nobody wrote names the nearest
    When I send GET "/"
    Then the response's status is 200

  # fails with: no step has these words; the nearest are:
  # fails with: When I send GET
  Scenario: a When that nobody wrote
    When I sent GET "/"

  # fails with: no key-value store has the label "defualt"; the runtime config defines "default"
  Scenario: a store that is not there, in a Given
    Given the key-value store "defualt" is empty
    When I send GET "/"

  # fails with: no key-value store has the label "cache"; the runtime config defines "default"
  Scenario: a store that is not there, in a Then
    When I send GET "/"
    Then the key-value store "cache" is empty

  # fails with: no key-value store has the label "cache"
  Scenario: a store that is not there, in a fault
    Given every "set" on store "cache" fails with "other: disk full"
    When I send GET "/"

  # fails with: the app has no component "visit"; it has "visits"
  Scenario: a component that is not there
    When I send GET "/"
    Then component "visit" did not trap

  # fails with: the app has no component "visit"; it has "visits"
  Scenario: a grant to a component that is not there
    Given component "visit" may use no key-value store
    When I send GET "/"

  # fails with: unknown key_value_stores label "cache" for component "visits"
  Scenario: a grant of a store that is not there
    Given component "visits" may use the key-value stores "default, cache"
    When I send GET "/"

  # fails with: the app does not load
  # fails with: nowhere
  Scenario: an app that is not there
    Given the app "../../../fixtures/apps/nowhere"
    When I send GET "/"

  # fails with: the app does not load
  # fails with: unknown key_value_stores label "cache" for component "v2"
  Scenario: an app whose store is not there
    Given the app "../../../fixtures/apps/key-value-2"
    When I send GET "/open"

  # fails with: the app does not load
  # fails with: token
  Scenario: a required variable without a value
    Given the app "../../../fixtures/apps/variables"
    When I send GET "/v2?name=url"

  # fails with: the app declares no variable "plannet"; did you mean "planet"?
  Scenario: a variable that the app does not declare
    Given the app "../../../fixtures/apps/variables"
    And the variable "token" is "s3cret"
    And the variable "plannet" is "Mars"
    When I send GET "/v2?name=message"

  # fails with: the app declares no variable "planet"; it declares none
  Scenario: a variable of an app that declares none
    Given the variable "planet" is "Mars"
    When I send GET "/"

  # fails with: nothing is remembered as "token"
  # fails with: in the header "authorization" that every request has
  Scenario: a header of every request with a name that was not remembered
    Given every request has the header "authorization" with "Bearer ${token}"
    When I send GET "/"

  # fails with: `applied then ERROR`
  Scenario: an effect that there is not
    Given storage faults:
      | operation | effect  |
      | set       | explode |
    When I send GET "/"

  # fails with: the app does not load
  # fails with: mistakes.feature
  # fails with: sqlite
  Scenario: a runtime config of an unknown type
    Given the runtime config:
      """
      [key_value_store.default]
      type = "sqlite"
      """
    When I send GET "/"

  # fails with: the app can't change while the scenario runs: this step must stand before the first When
  Scenario: another app in the middle of a scenario
    When I send GET "/"
    Given the app "../../../fixtures/apps/echo"

  # fails with: the random seed can't change while the scenario runs
  Scenario: another seed in the middle of a scenario
    When I send GET "/"
    Given the random seed is 7

  # fails with: `json:` needs one JSON value
  Scenario: a value that is no JSON
    Given the key-value store "default" contains:
      | key | value  |
      | a   | json:{ |
    When I send GET "/"

  # fails with: `base64:` needs base64
  Scenario: a value that is no base64
    Given the key-value store "default" contains:
      | key | value     |
      | a   | base64:!! |
    When I send GET "/"

  # fails with: cannot read the file
  # fails with: nowhere.json
  Scenario: a value whose file is not there
    When I send POST "/" with body "file:nowhere.json"

  # fails with: `bytes:` needs a number of bytes
  Scenario: a value without a number
    When I send POST "/" with body "bytes:many"

  # fails with: is larger than a value may be
  Scenario: a value that is too large
    When I send POST "/" with body "bytes:999999999999"

  # fails with: the table has the heading "vaule"; this step knows | key | value |
  Scenario: a table with another heading
    Given the key-value store "default" contains:
      | key | vaule |
      | a   | 1     |
    When I send GET "/"

  # fails with: the table lacks the heading "value"
  Scenario: a table without a heading
    Given the key-value store "default" contains:
      | key |
      | a   |
    When I send GET "/"

  # fails with: the table has the key "a" twice
  Scenario: a table with one key twice
    Given the key-value store "default" contains:
      | key | value |
      | a   | 1     |
      | a   | 2     |
    When I send GET "/"

  # fails with: this step needs a table below it
  Scenario: a step without its table
    Given the key-value store "default" contains:
    When I send GET "/"

  # fails with: this step needs a text below it
  Scenario: a step without its text
    When I send POST "/" with the body:

  # fails with: did you mean `set`?
  Scenario: an operation that there is not, in a fault
    Given every "sett" fails with "other: disk full"
    When I send GET "/"

  # fails with: did you mean `delete`?
  Scenario: an operation that there is not, in a table of calls
    When I send GET "/"
    Then the storage calls are:
      | operation |
      | delet     |

  # fails with: an outcome may also be `ok`, `trap` or `cancelled`
  Scenario: an outcome that there is not
    When I send GET "/visit"
    Then the storage calls are:
      | outcome |
      | okay    |

  # fails with: nothing is remembered as "id"
  # fails with: `When I remember the JSON path "$.id" as "id"`
  Scenario: a name that was not remembered
    When I send GET "/count?name=${id}"

  # fails with: is not a JSON path
  Scenario: a JSON path that is none
    When I send GET "/.well-known/spin/info"
    Then the JSON path "name" exists

  # fails with: regex
  Scenario: a pattern that is none
    When I send GET "/"
    Then the response body matches "(unclosed"

  # fails with: is no path; expected one that begins with `/`
  Scenario: a path that is none
    When I send GET "visit"

  # fails with: is no HTTP method
  Scenario: a method that is none
    When I send G(T "/visit"

  # fails with: is no header name
  Scenario: a header that is none
    When I send GET "/" with the headers:
      | name  | value |
      | a b c | 1     |

  # fails with: is no request line
  Scenario: a request that is none
    When I send the request:
      """
      one two three four
      """

  # fails with: is no time from 1970 on
  Scenario: a time that is none
    Given the time is "tomorrow"

  # fails with: are no key-value limits; there are "documented" and "none"
  Scenario: limits that there are not
    Given the key-value limits are "strict"

  # fails with: there is no bound `disk`
  Scenario: a bound that there is not
    Given the disk bound is "1 MB"

  # fails with: is no size
  Scenario: a bound without a unit
    Given the memory bound is "64"

  # fails with: can't be a seed
  Scenario: a seed that is too large
    Given the random seed is 18446744073709551616

  # fails with: can't hold 1 tuple
  Scenario: fewer tuples than there are
    Given the key-value store "default" contains:
      | key | value |
      | a   | 1     |
      | b   | 2     |
    And the key-value store "default" holds 1 tuple
    When I send GET "/"

  # fails with: holds nothing of the store "orders"
  # fails with: it has "default", "orders2"
  Scenario: a file of Spin without the store
    Given the runtime config:
      """
      [key_value_store.orders]
      type = "spin"
      """
    And the key-value store "orders" is loaded from "sqlite_key_value.db"
    When I send GET "/"

  # fails with: must hold one JSON object
  Scenario: a file of tuples that is none
    Given the key-value store "default" is loaded from "list.json"
    When I send GET "/"

  # fails with: is not JSON
  Scenario: a file of tuples that is no JSON
    Given the key-value store "default" is loaded from "mistakes.feature"
    When I send GET "/"

  # fails with: `two hundred` stands where a number is expected:
  # fails with: Then the response status is 200
  Scenario: a step with an argument of another kind
    When I send GET "/"
    Then the response status is two hundred

  # fails with: `/visit` stands where a text in double quotes is expected:
  # fails with: When I send GET "/path"
  Scenario: an argument without its quotes
    When I send GET /visit

  # fails with: `999` is no status of a response: those are numbers from 100 to 599
  Scenario: a status that there is not
    When I send GET "/"
    Then the response status is 999

  # fails with: `99` is no status of a response
  Scenario: a status that there is not, among others
    When I send GET "/"
    Then the response status is one of 200, 99

  # fails with: `20` is no status of a response
  Scenario: a status that there is not, of several responses
    When 2 clients send GET "/" at once
    Then every response status is 20

  # fails with: 0 clients send nothing: at least 1 is needed for something to happen
  Scenario: nobody sends
    When 0 clients send GET "/" at once

  # fails with: is no column of the examples: did you mean
  Scenario Outline: a placeholder that is no column
    Given the app "../../../fixtures/apps/visits"
    When I send GET "<path>"
    Then the response status is <staus>

    Examples:
      | path   | status |
      | /visit | 200    |

  # fails with: is no column of the examples: did you mean
  Scenario Outline: a cell that is no column
    Given the app "../../../fixtures/apps/visits"
    And the key-value store "default" contains:
      | key    | value   |
      | visits | <nmber> |
    When I send GET "/visit"

    Examples:
      | number |
      | 41     |
