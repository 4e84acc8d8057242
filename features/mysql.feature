Feature: MySQL
  No server is reached. What it answers stands in the scenario, what was sent to it can be asserted.

  Background:
    Given the app "../fixtures/apps/databases"

  Rule: answers

    Scenario Outline: rows, through <interface>
      Given the MySQL query like "select % from users%" returns:
        | id: int32 | name |
        | 1         | Ann  |
        | NULL      | NULL |
      When I send GET "<path>/query?sql=SELECT%20*%20FROM%20users"
      Then the response body is:
        """
        id: DbDataType::Int32 | name: DbDataType::Str
        DbValue::Int32(1) | DbValue::Str("Ann")
        DbValue::DbNull | DbValue::DbNull
        """
      And the MySQL statement like "select * from users" was executed 1 time
      And component "<component>" used only the outbound host "mysql://localhost"

      Examples:
        | interface                | path               | component   |
        | fermyon:spin/mysql       | /unversioned/mysql | unversioned |
        | fermyon:spin/mysql@2.0.0 | /mysql             | mysql       |
        | spin:mysql/mysql@3.0.0   | /async/mysql       | async       |

    Scenario Outline: a statement that changes rows, through <interface>
      Given the MySQL statement like "delete%" with parameters "7, Ann" affects 3 rows
      When I send GET "<path>/execute?sql=delete%20from%20users&p1=int32:7&p2=str:Ann"
      Then the response status is 200
      And the MySQL statements are:
        | component   | address                | statement         | parameters | outcome |
        | <component> | mysql://localhost/shop | delete from users | <shown>    | ok      |

      Examples:
        | interface                | path               | component   | shown  |
        | fermyon:spin/mysql@2.0.0 | /mysql             | mysql       | 7, Ann |
        | spin:mysql/mysql@3.0.0   | /async/mysql       | async       | 7, Ann |

    Scenario: without rows there are columns all the same
      Given the MySQL query like "select%" returns:
        | id: int32 |
      When I send GET "/mysql/query?sql=select"
      Then the response body is "id: DbDataType::Int32"

    Scenario: what Postgres answers is no answer of MySQL
      Given the MySQL query like "select%" returns:
        | n: int32 |
        | 1        |
      And the Postgres query like "select%" returns:
        | n: int32 |
        | 2        |
      When I send GET "/mysql/query?sql=select"
      Then the response body contains "Int32(1)"
      When I send GET "/postgres/4/query?sql=select"
      Then the response body contains "Int32(2)"
      And the MySQL statement like "%" was executed 1 time

    Scenario: rows about the same statements answer them in turn
      Given MySQL statements are answered:
        | statement | at             | affects | fails with            |
        | insert%   |                | 1       |                       |
        | insert%   |                |         | query-failed: no room |
        | insert%   | db.example.com |         | query-failed: asleep  |
      When I send GET "/mysql/execute?sql=insert"
      Then the response status is 200
      When I send GET "/mysql/execute?sql=insert"
      Then the response body is "query-failed: no room"
      When I send GET "/mysql/execute?sql=insert&address=mysql://u:p@db.example.com:3307/shop"
      Then the response body is "query-failed: asleep"
      And the MySQL statement like "insert" at "db.example.com:3307" was executed 1 time

  Rule: types

    Scenario Outline: <type>
      Given the MySQL query like "select%" returns:
        | it: <type> |
        | <cell>     |
      When I send GET "/mysql/query?sql=select"
      Then the response body is:
        """
        it: DbDataType::<its type>
        DbValue::<value>
        """
      When I send GET "/unversioned/mysql/query?sql=select"
      Then the response body is:
        """
        it: DbDataType::<its type>
        DbValue::<value>
        """
      When I send GET "/async/mysql/query?sql=select"
      Then the response body is:
        """
        it: DbDataType::<its type>
        DbValue::<value>
        """

      Examples:
        | type       | cell                 | its type   | value                        |
        | boolean    | true                 | Int8       | Int8(1)                      |
        | int8       | -128                 | Int8       | Int8(-128)                   |
        | int16      | -3                   | Int16      | Int16(-3)                    |
        | int32      | -3                   | Int32      | Int32(-3)                    |
        | int64      | -3                   | Int64      | Int64(-3)                    |
        | uint8      | 255                  | Uint8      | Uint8(255)                   |
        | uint16     | 65535                | Uint16     | Uint16(65535)                |
        | uint32     | 3                    | Uint32     | Uint32(3)                    |
        | uint64     | 18446744073709551615 | Uint64     | Uint64(18446744073709551615) |
        | floating32 | 1.5                  | Floating32 | Floating32(1.5)              |
        | floating64 | 1.5                  | Floating64 | Floating64(1.5)              |
        | str        | a                    | Str        | Str("a")                     |
        | binary     | base64:AAEC          | Binary     | Binary([0, 1, 2])            |
        | uint8      | NULL                 | Uint8      | DbNull                       |
        | decimal    | NULL                 | Other      | DbNull                       |

    Scenario Outline: <type>, which Spin cannot read
      Given the MySQL query like "select%" returns:
        | n: int32 | it: <type> |
        | 1        | NULL       |
        | 2        | <cell>     |
      When I send GET "/mysql/query?sql=select"
      Then the response body is:
        """
        value-conversion-failed: Cannot convert value <value> in column it data type DbDataType::Other
        """
      When I send GET "/async/mysql/query?sql=select"
      Then the response body is:
        """
        n: DbDataType::Int32 | it: DbDataType::Other
        DbValue::Int32(1) | DbValue::DbNull
        ! value-conversion-failed: Cannot convert value <value> in column it data type DbDataType::Other
        """

      Examples:
        | type        | cell                  | value                                |
        | decimal     | 12.50                 | Bytes("12.50")                       |
        | date        | 2026-01-31            | Date("'2026-01-31'")                 |
        | datetime    | 2026-01-31T12:30:00   | Date("'2026-01-31 12:30:00'")        |
        | timestamp   | 2026-01-31T12:30:00.5 | Date("'2026-01-31 12:30:00.500000'") |
        | time        | 12:30:00              | Time("'012:30:00'")                  |
        | json        | {"a": true}           | Bytes("{\\"a\\": tr..")            |
        | other(enum) | red                   | Bytes("red")                         |

    Scenario Outline: a parameter that is <type>
      Given the MySQL statement like "insert%" with parameters "<shown>, z" affects 1 row
      When I send GET "/mysql/execute?sql=insert&p1=<type>:<value>&p2=str:z"
      Then the response status is 200

      Examples:
        | type       | value | shown       |
        | boolean    | true  | true        |
        | int8       | -1    | -1          |
        | int16      | 1     | 1           |
        | int32      | 1     | 1           |
        | int64      | 1     | 1           |
        | uint8      | 1     | 1           |
        | uint16     | 1     | 1           |
        | uint32     | 1     | 1           |
        | uint64     | 1     | 1           |
        | floating32 | 1.5   | 1.5         |
        | floating64 | 2     | 2           |
        | str        | a     | a           |
        | binary     | a     | base64:YQ== |
        | null       |       | NULL        |

  Rule: errors

    Scenario Outline: <error>, through <path>
      Given the MySQL statement like "insert%" fails with "<error>: some: text"
      When I send GET "<path>/execute?sql=insert"
      Then the response status is 500
      And the response body is "<told>: some: text"
      And the MySQL statements are:
        | statement | outcome             |
        | insert    | <error>: some: text |

      Examples:
        | path               | error                   | told                    |
        | /unversioned/mysql | connection-failed       | connection-failed       |
        | /unversioned/mysql | bad-parameter           | bad-parameter           |
        | /unversioned/mysql | query-failed            | query-failed            |
        | /unversioned/mysql | value-conversion-failed | value-conversion-failed |
        | /unversioned/mysql | other                   | other-error             |
        | /mysql             | connection-failed       | connection-failed       |
        | /mysql             | bad-parameter           | bad-parameter           |
        | /mysql             | query-failed            | query-failed            |
        | /mysql             | value-conversion-failed | value-conversion-failed |
        | /mysql             | other                   | other                   |
        | /async/mysql       | connection-failed       | connection-failed       |
        | /async/mysql       | bad-parameter           | bad-parameter           |
        | /async/mysql       | query-failed            | query-failed            |
        | /async/mysql       | value-conversion-failed | value-conversion-failed |
        | /async/mysql       | other                   | other                   |

    Scenario: what the server says of a query is lost in 3.0.0, as under Spin
      Given the MySQL query like "select%" fails with "query-failed: no such table"
      When I send GET "/mysql/query?sql=select"
      Then the response body is "query-failed: no such table"
      When I send GET "/async/mysql/query?sql=select"
      Then the response body is "other: async error: channel closed"

    Scenario: rows of a statement that has none
      Given the MySQL statement like "insert%" affects 1 row
      When I send GET "/mysql/query?sql=insert"
      Then the response status is 200
      And the response body is empty
      When I send GET "/async/mysql/query?sql=insert"
      Then the response status is 200
      And the response body is empty
      And the service calls are:
        | operation   | store                  | key    | outcome |
        | mysql open  | mysql://localhost/shop |        | ok      |
        | mysql query | mysql://localhost/shop | insert | ok      |
        | mysql open  | mysql://localhost/shop |        | ok      |
        | mysql query | mysql://localhost/shop | insert | ok      |

    Scenario Outline: a host that the manifest does not allow, through <path>
      When I send GET "<path>/query?sql=select&address=mysql://u:p@evil.example:3307/db"
      Then the response status is 500
      And the response body is "connection-failed: address mysql://u:p@evil.example:3307/db is not permitted"
      And no MySQL statement was executed

      Examples:
        | path               | component   |
        | /unversioned/mysql | unversioned |
        | /mysql             | mysql       |
        | /async/mysql       | async       |

  Rule: faults

    Scenario Outline: a server that cannot be reached, through <path>
      Given every "mysql <operation>" fails with "connection-failed: refused"
      When I send GET "<path>/query?sql=select"
      Then the response body is "connection-failed: refused"

      Examples:
        | path               | operation |
        | /unversioned/mysql | query     |
        | /mysql             | open      |
        | /async/mysql       | open      |

    Scenario: a statement that is executed, and fails all the same
      Given MySQL statements are answered:
        | statement | affects | fails with        |
        | insert    | 1       |                   |
        | insert    |         | query-failed: two |
      And the 1st "mysql execute" applies, then fails with "query-failed: connection closed"
      When I send GET "/mysql/execute?sql=insert"
      Then the response body is "query-failed: connection closed"
      When I send GET "/mysql/execute?sql=insert"
      Then the response body is "query-failed: two"

    Scenario Outline: a statement that takes its time, through <path>
      Given the MySQL statement like "insert" affects 1 row
      And every "mysql execute" takes 250 ms
      When I send GET "<path>/execute?sql=insert"
      Then the response status is 200
      And the response took 250 ms

      Examples:
        | path               |
        | /unversioned/mysql |
        | /mysql             |
        | /async/mysql       |

    Scenario: an instance that ends after a statement
      Given the MySQL statement like "insert" affects 1 row
      And the 1st "mysql execute" applies, then traps
      When I send GET "/mysql/execute?sql=insert"
      Then the response status is 500
      And component "mysql" trapped

    @fault-sweep
    Scenario: every call fails in turn
      Given the MySQL statement like "insert%" affects 1 row
      And the MySQL query like "select%" returns:
        | n: int64 |
        | 1        |
      When I send GET "/mysql/both?sql=insert&then=select"
      Then the response status is one of 200, 500
