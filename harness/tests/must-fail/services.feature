Feature: Several services at once

  Background:
    Given the app "../../../fixtures/apps/orders"
    And the key-value store "default" contains:
      | key          | value |
      | stock:widget | 2     |
    And the SQLite database "default" has run "create table orders (id text primary key, amount integer, state text)"
    And POST "https://payments.example.com/charge" answers 201

  # Both read the stock before either writes it.
  # fails with: the key "stock:widget" of store "default" is not as expected
  @schedule-sweep
  Scenario: two orders sell two widgets
    When these requests are sent at once:
      | method | path                 |
      | POST   | /order?id=a&amount=1 |
      | POST   | /order?id=b&amount=2 |
    Then every response status is 201
    And the key "stock:widget" of store "default" is "0"

  # The customer was charged, and is told that the payment failed.
  # fails with: ErrorCode::ConnectionTerminated
  # fails with: http POST
  Scenario: a charge whose answer is lost
    Given the 1st "http POST" to "https://payments.example.com/*" applies, then fails with "connection-terminated"
    When I send POST "/order?id=a&amount=1"
    Then the response status is 201

  # fails with: the fault never fired: every "sqlite execute" of statement "delete*" fails with "database-full"
  # fails with: "sqlite execute" of statement "insert into orders
  Scenario: a rule about a statement that is never run
    Given every "sqlite execute" of statement "delete*" fails with "database-full"
    When I send POST "/order?id=a&amount=1"
    Then the response status is 201

  # fails with: no component of the app imports an interface of sqlite
  Scenario: a rule about a service that the app does not use
    Given the app "../../../fixtures/apps/visits"
    And every "sqlite execute" fails with "database-full"
    When I send GET "/visit"
    Then the response status is 200

  # fails with: "sqlite execute" can never fail with "no-such-key"; its service has `no-such-database`
  Scenario: an error that SQLite does not have
    Given every "sqlite execute" fails with "no-such-key"
    When I send POST "/order?id=a&amount=1"
    Then the response status is 201

  # fails with: "http POST" is made on nothing that has a label, such as "payments"; what it is about follows `to`
  Scenario: a label where there is none
    Given storage faults:
      | operation | store    | effect             |
      | http POST | payments | connection-refused |
    When I send POST "/order?id=a&amount=1"
    Then the response status is 201

  # fails with: "http POST" is made on nothing that has a label, such as "payments"; leave `on store` out
  Scenario: calls on a label where there is none
    When I send POST "/order?id=a&amount=1"
    Then "http POST" was called 1 time on store "payments"

  # fails with: "payments.example.com/charge" fits no request: it has no `://`
  Scenario: a rule about a URL that is none
    Given every "http POST" to "payments.example.com/charge" fails with "connection-refused"
    When I send POST "/order?id=a&amount=1"
    Then the response status is 201

  # fails with: `disk-full` is no error; its service has `no-such-database`, `access-denied`
  Scenario: an error that nothing has
    Given every "sqlite execute" fails with "disk-full"
    When I send POST "/order?id=a&amount=1"
    Then the response status is 201

  # fails with: `<wrong>` is no error (did you mean `<meant>`?); its service has
  Scenario Outline: an error that is misspelt: <wrong>
    Given every "<operation>" fails with "<wrong>"
    When I send POST "/order?id=a&amount=1"

    Examples:
      | operation      | wrong             | meant                |
      | http POST      | connection-refsed | connection-refused   |
      | sqlite execute | database_full     | database-full        |
      | mysql query    | query-faild: no   | query-failed: some text |
      | mysql query    | query-failed      | query-failed: some text |

  # fails with: `<wrong>` is nothing that can happen to a call (did you mean `<meant>`?); expected an error
  Scenario Outline: an effect that is misspelt: <wrong>
    Given storage faults:
      | operation   | effect  |
      | <operation> | <wrong> |
    When I send POST "/order?id=a&amount=1"

    Examples:
      | operation | wrong             | meant              |
      | http POST | connection-refsed | connection-refused |
      | http POST | tarps             | traps              |
      | set       | corupt            | corrupt            |

  # fails with: `explodes` is nothing that can happen to a call; expected an error (`no-such-database`
  Scenario: an effect that nothing has
    Given storage faults:
      | operation      | effect   |
      | sqlite execute | explodes |
    When I send POST "/order?id=a&amount=1"
    Then the response status is 201

  # fails with: "set" can never fail with "dns-error"; a store has `other: some text`, `access-denied`
  Scenario: an error of another service
    Given every "set" fails with "dns-error"
    When I send POST "/order?id=a&amount=1"
    Then the response status is 201

  # fails with: no SQLite database has the label "ordres"; the runtime config defines "default"
  Scenario: a database that nobody defined
    Given the SQLite database "ordres" has run "select 1"
    When I send POST "/order?id=a&amount=1"
    Then the response status is 201

  # fails with: `Given the SQLite database "default" has run "insert into ordres values ('a')"` at tests/must-fail/services.feature:124 failed:
  # fails with: no such table: ordres
  # fails with: what was run: insert into ordres values ('a')
  Scenario: a Given statement that fails
    Given the SQLite database "default" has run "insert into ordres values ('a')"
    When I send POST "/order?id=a&amount=1"
    Then the response status is 201

  # fails with: features is a folder; a SQLite database is a file
  Scenario: a folder in place of a database
    Given the SQLite database "default" is loaded from "../../../features"
    When I send POST "/order?id=a&amount=1"
    Then the response status is 201

  # fails with: every connection has an empty database of its own
  Scenario: a database that no step can see
    Given the runtime config:
      """
      [sqlite_database.default]
      type = "spin"
      """
    When I send POST "/order?id=a&amount=1"
    Then the response status is 201

  # fails with: near "selectt": syntax error
  Scenario: a statement that is none
    Given the SQLite database "default" has run "selectt 1"
    When I send POST "/order?id=a&amount=1"
    Then the response status is 201

  # fails with: is no query: a Then step only looks at the database "default"
  Scenario: a Then step that would change something
    When I send POST "/order?id=a&amount=1"
    Then the query "delete from orders" on the SQLite database "default" returns nothing

  # fails with: the columns of `select id from orders` are | id |, and not | name |
  Scenario: other columns
    When I send POST "/order?id=a&amount=1"
    Then the query "select id from orders" on the SQLite database "default" returns:
      | name |
      | a    |

  # fails with: does not return what is expected
  # fails with: failed
  Scenario: other rows
    When I send POST "/order?id=a&amount=1"
    Then the query "select id, state from orders" on the SQLite database "default" returns:
      | id | state  |
      | a  | failed |

  # fails with: the service calls are not as expected
  Scenario: other calls
    When I send POST "/order?id=a&amount=1"
    Then the service calls are:
      | operation   |
      | sqlite open |

  # fails with: `sqlite query` is no operation of sqlite; there are `sqlite open`, `sqlite execute`
  Scenario: an operation that SQLite does not have
    When I send POST "/order?id=a&amount=1"
    Then "sqlite query" was called 1 time
