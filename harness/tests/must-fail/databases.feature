Feature: Statements to Postgres and MySQL that are not as expected

  Background:
    Given the app "../../../fixtures/apps/databases"

  # fails with: nothing answers the Postgres statement "select * from users" with parameters "7, Ann" at "postgres://localhost/shop"; what is answered: like "select * from user"; like "insert into users%" with parameters "7"
  Scenario: a statement that nothing answers names the nearest
    Given the Postgres statement like "insert into users%" with parameters "7" affects 1 row
    And the Postgres query like "select * from user" returns:
      | id |
    And the MySQL statement like "select * from users" affects 1 row
    When I send GET "/postgres/4/query?sql=select%20*%0A%20from%20users&p1=int32:7&p2=str:Ann"

  # fails with: nothing answers the MySQL statement "delete" at "mysql://localhost/shop"; say what does: `Given the MySQL query like "delete" returns:`
  Scenario: a statement that nothing answers, in a scenario that answers none
    When I send GET "/async/mysql/execute?sql=delete"

  # fails with: nothing answers the Postgres statement "select \"a\" from t"
  # fails with: say what does: `Given the Postgres query like "select \"a\" from t" returns:`
  Scenario: a statement with quotes, in a scenario that answers none
    When I send GET "/postgres/4/query?sql=select%20%22a%22%20from%20t"

  # fails with: nothing answers the MySQL statement "delete" at "mysql://localhost/shop"; what is answered: like "delete" at "db.example.com"
  Scenario: a statement to another server
    Given the MySQL statement like "delete" at "db.example.com" affects 1 row
    When I send GET "/mysql/execute?sql=delete"

  # fails with: the Postgres statement like "insert%" with parameters "2" was executed never and not once
  # fails with: postgres: insert with parameters "1" (ok)
  Scenario: a statement with other parameters
    Given the Postgres statement like "insert" affects 1 row
    When I send GET "/postgres/4/execute?sql=insert&p1=int32:1"
    Then the Postgres statement like "insert%" with parameters "2" was executed 1 time

  # fails with: the MySQL statement like "insert%" was executed once and not never
  Scenario: a statement that was executed
    Given the MySQL statement like "insert" affects 1 row
    When I send GET "/mysql/execute?sql=insert"
    Then the MySQL statement like "insert%" was never executed

  # fails with: the Postgres statement like "insert%" was executed never and not 2 times
  # fails with: no statement was sent
  Scenario: a statement that was not sent
    When I send GET "/postgres/4/open"
    Then the Postgres statement like "insert%" was executed 2 times

  # fails with: Postgres was sent statements
  # fails with: postgres: insert (query-failed: no)
  Scenario: something was executed
    Given the Postgres statement like "insert" fails with "query-failed: no"
    When I send GET "/postgres/4/execute?sql=insert"
    Then no Postgres statement was executed

  # fails with: the Postgres statements are not as expected
  # fails with: query-failed: no
  Scenario: another outcome
    Given the Postgres statement like "insert" fails with "query-failed: no"
    When I send GET "/postgres/4/execute?sql=insert"
    Then the Postgres statements are:
      | statement | outcome |
      | insert    | ok      |

  # fails with: "one" is no int32; write a whole number that it can hold, such as `42`, or `NULL`
  # fails with: in column "id", row 2
  Scenario: a cell that its column cannot hold
    Given the Postgres query like "select" returns:
      | id: int32 |
      | 1         |
      | one       |
    When I send GET "/"

  # fails with: "int8" is no type that Postgres answers with: it has no integers of 8 bits, and calls int8 those of 64: write `int64`
  Scenario: a type that Postgres calls otherwise
    Given the Postgres query like "select" returns:
      | id: int8 |
    When I send GET "/"

  # fails with: "uint32" is no type that Postgres answers with: it has no unsigned integers
  Scenario: a type that only MySQL has
    Given the Postgres query like "select" returns:
      | id: uint32 |
    When I send GET "/"

  # fails with: "uuid" is no type that MySQL answers with; there are int16, int32
  Scenario: a type that only Postgres has
    Given the MySQL query like "select" returns:
      | id: uuid |
    When I send GET "/"

  # fails with: this step needs a table below it: the columns, such as `id: int32`, and the rows
  Scenario: no rows and no columns
    Given the MySQL query like "select" returns:
    When I send GET "/"

  # fails with: a statement cannot fail with "refused"; there are `connection-failed: some text`
  Scenario: an error that there is not
    Given the MySQL query like "select" fails with "refused"
    When I send GET "/"

  # fails with: "unique" is no SQLSTATE: it has five letters and digits, such as 23505
  Scenario: a code that is none
    Given the Postgres statement like "insert" fails with the database error:
      | code   | message |
      | unique | no      |
    When I send GET "/"

  # fails with: a statement either affects a number of rows or fails with an error
  # fails with: in row 2 of the table
  Scenario: an answer that is two
    Given Postgres statements are answered:
      | statement | affects | fails with |
      | insert    | 1       |            |
      | insert    | 1       | other: no  |
    When I send GET "/"

  # fails with: "some" is no number of rows, such as `1`
  Scenario: a number of rows that is none
    Given MySQL statements are answered:
      | statement | affects |
      | insert    | some    |
    When I send GET "/"

  # fails with: the MySQL at mysql://127.0.0.1:1/shop cannot be used: Connection refused
  Scenario: a real MySQL that is not there
    Given MySQL at "mysql://u:secret@127.0.0.1:1/shop"
    When I send GET "/"

  # fails with: "mysql://db.example.com/shop" is no address of a MySQL server: its host is not this machine
  Scenario: a real MySQL on another machine
    Given MySQL at "mysql://u:secret@db.example.com/shop"
    When I send GET "/"

  # fails with: the environment variable SPIN_HARNESS_NO_SUCH is not set, or empty; the address of the real server is in it, such as SPIN_HARNESS_NO_SUCH=mysql://USER:PASSWORD@localhost/DATABASE
  Scenario: a real MySQL whose address nobody tells
    Given MySQL at "$SPIN_HARNESS_NO_SUCH"
    When I send GET "/"

  # fails with: the Postgres at postgres://127.0.0.1:1/shop cannot be used: error connecting to server: Connection refused
  Scenario: a real server that is not there
    Given Postgres at "postgres://u:secret@127.0.0.1:1/shop"
    When I send GET "/"

  # fails with: the environment variable SPIN_HARNESS_NO_SUCH is not set
  Scenario: a real server whose address nobody tells
    Given Postgres at "localhost" is the real server at "$SPIN_HARNESS_NO_SUCH"
    When I send GET "/"

  # fails with: "localhost" is no address of a Postgres server: invalid connection string
  Scenario: a real server whose address is none
    Given Postgres at "localhost"
    When I send GET "/"

  # fails with: spin-harness does not speak TLS with a real server
  Scenario: a real server that is to speak TLS
    Given Postgres at "postgres://localhost/shop?sslmode=require"
    When I send GET "/"

  # Whichever statement comes first gets the first answer.
  # fails with: 2 orders, 1 passed, 1 failed
  @schedule-sweep
  Scenario: answers that are given in turn
    Given Postgres statements are answered:
      | statement | affects |
      | insert%   | 1       |
      | insert%   | 2       |
    When these requests are sent at once:
      | method | path                            |
      | GET    | /postgres/4/execute?sql=insert1 |
      | GET    | /postgres/4/execute?sql=insert2 |
    Then the Postgres statements are:
      | statement |
      | insert1   |
      | insert2   |

  # fails with: 6 orders, 3 passed, 3 failed
  @schedule-sweep
  Scenario: a rule that counts
    Given the Postgres statement like "%" affects 1 row
    And the 1st "postgres execute" fails with "other: no"
    When these requests are sent at once:
      | method | path                            |
      | GET    | /postgres/4/execute?sql=insert1 |
      | GET    | /postgres/4/execute?sql=insert2 |
    Then the Postgres statements are:
      | statement | outcome   |
      | insert1   | other: no |
      | insert2   | ok        |

  # fails with: component "postgres" was denied the outbound host "postgres://evil.example" once
  Scenario: a denied server is a denial
    When I send GET "/postgres/4/open?address=postgres://u:p@evil.example"
    Then no component was denied anything

  # fails with: component "mysql" was denied the outbound host "mysql://evil.example" once
  # fails with: connection-failed: address mysql://evil.example/db is not permitted
  Scenario: no password is told
    When I send GET "/mysql/open?address=mysql://u:p@evil.example/db"
    Then no component was denied anything

  # fails with: "mysql query" can never be lost
  Scenario: what cannot happen to a statement
    Given every "mysql query" is lost
    When I send GET "/"
