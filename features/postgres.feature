Feature: Postgres
  No server is reached. What it answers stands in the scenario, what was sent to it can be asserted.

  Background:
    Given the app "../fixtures/apps/databases"

  Rule: answers

    Scenario Outline: rows, through <interface>
      Given the Postgres query like "select % from users%" returns:
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
      And the Postgres statement like "select * from users" was executed 1 time
      And component "<component>" used only the outbound host "postgres://localhost"

      Examples:
        | interface                     | path                  | component   |
        | fermyon:spin/postgres         | /unversioned/postgres | unversioned |
        | fermyon:spin/postgres@2.0.0   | /postgres/2           | postgres    |
        | spin:postgres/postgres@3.0.0  | /postgres/3           | postgres    |
        | spin:postgres/postgres@4.0.0  | /postgres/4           | postgres    |
        | spin:postgres/postgres@4.2.0  | /async/postgres       | async       |

    Scenario Outline: the number of rows that changed, through <interface>
      Given the Postgres statement like "delete%" affects 3 rows
      When I send GET "<path>/execute?sql=delete%20from%20users&p1=int32:7"
      Then the response body is "3"
      And the Postgres statements are:
        | component   | address                   | statement         | parameters | outcome |
        | <component> | postgres://localhost/shop | delete from users | 7          | ok      |

      Examples:
        | interface                     | path                  | component   |
        | fermyon:spin/postgres         | /unversioned/postgres | unversioned |
        | fermyon:spin/postgres@2.0.0   | /postgres/2           | postgres    |
        | spin:postgres/postgres@3.0.0  | /postgres/3           | postgres    |
        | spin:postgres/postgres@4.0.0  | /postgres/4           | postgres    |
        | spin:postgres/postgres@4.2.0  | /async/postgres       | async       |

    Scenario: neither case nor blanks matter, nor whether rows are asked for
      Given the Postgres statement like "INSERT  into users%returning id" returns:
        | id: int64 |
        | 8         |
      When I send GET "/postgres/4/query?sql=insert%20into%0Ausers(name)%20values%20('Ann')%20RETURNING%20%20id"
      Then the response body is:
        """
        id: DbDataType::Int64
        DbValue::Int64(8)
        """
      When I send GET "/postgres/4/execute?sql=insert%20into%20users%20returning%20id"
      Then the response body is "1"

    Scenario: without rows there are no columns, as under Spin
      Given the Postgres query like "select%" returns:
        | id: int32 |
      When I send GET "/postgres/4/query?sql=select%201"
      Then the response body is empty
      And the response status is 200

    Scenario: rows of a statement that has none
      Given the Postgres statement like "delete%" affects 1 row
      When I send GET "/postgres/4/query?sql=delete"
      Then the response body is empty

    Scenario: of several statements the last that fits answers
      Given the Postgres statement like "%" affects 1 row
      And the Postgres statement like "delete%" affects 2 rows
      And the Postgres statement like "delete%" with parameters "7, Ann" affects 3 rows
      And the Postgres statement like "delete%" at "db.example.com" affects 4 rows
      When I send GET "/postgres/4/execute?sql=update"
      Then the response body is "1"
      When I send GET "/postgres/4/execute?sql=delete&p1=int32:7"
      Then the response body is "2"
      When I send GET "/postgres/4/execute?sql=delete&p1=int32:7&p2=str:Ann"
      Then the response body is "3"
      When I send GET "/postgres/4/execute?sql=delete&p1=int32:7&address=host%3Ddb.example.com%20password%3Dx"
      Then the response body is "4"
      And the Postgres statements are:
        | address                   | statement | parameters |
        | postgres://localhost/shop | update    |            |
        | postgres://localhost/shop | delete    | 7          |
        | postgres://localhost/shop | delete    | 7, Ann     |
        | host=db.example.com       | delete    | 7          |
      And the Postgres statement like "delete" at "db.example.com" with parameters "7" was executed 1 time
      And the Postgres statement like "%" was executed 4 times
      And the Postgres statement like "select%" was never executed

    Scenario: rows about the same statements answer them in turn
      Given Postgres statements are answered:
        | statement | parameters | affects | fails with            |
        | insert%   |            | 1       |                       |
        | insert%   |            |         | query-failed: no room |
        | insert%   | 7          | 5 rows  |                       |
      When I send GET "/postgres/4/execute?sql=insert"
      Then the response body is "1"
      When I send GET "/postgres/4/execute?sql=insert"
      Then the response body is "query-failed: no room"
      When I send GET "/postgres/4/execute?sql=insert"
      Then the response body is "query-failed: no room"
      When I send GET "/postgres/4/execute?sql=insert&p1=int32:7"
      Then the response body is "5"

    Scenario: an answer may change while the scenario runs
      Given the Postgres statement like "insert%" affects 1 row
      When I send GET "/postgres/4/execute?sql=insert"
      Then the response body is "1"
      Given the Postgres statement like "insert%" affects 2 rows
      When I send GET "/postgres/4/execute?sql=insert"
      Then the response body is "2"

    Scenario: nothing was sent
      When I send GET "/postgres/4/open"
      Then no Postgres statement was executed

  Rule: types

    Scenario Outline: <type>, through 4.0.0
      Given the Postgres query like "select%" returns:
        | it: <type> |
        | <cell>     |
      When I send GET "/postgres/4/query?sql=select"
      Then the response body is:
        """
        it: DbDataType::<its type>
        DbValue::<value>
        """

      Examples:
        | type          | cell                                 | its type       | value                                                                                              |
        | boolean       | true                                 | Boolean        | Boolean(true)                                                                                      |
        | int16         | -3                                   | Int16          | Int16(-3)                                                                                          |
        | int32         | 2147483647                           | Int32          | Int32(2147483647)                                                                                  |
        | int64         | 9007199254740993                     | Int64          | Int64(9007199254740993)                                                                            |
        | floating32    | 1.5                                  | Floating32     | Floating32(1.5)                                                                                    |
        | floating64    | -0.25                                | Floating64     | Floating64(-0.25)                                                                                  |
        | str           | text:NULL                            | Str            | Str("NULL")                                                                                        |
        | binary        | base64:AAEC                          | Binary         | Binary([0, 1, 2])                                                                                  |
        | date          | 2024-02-29                           | Date           | Date((2024, 2, 29))                                                                                |
        | time          | 12:30:00.5                           | Time           | Time((12, 30, 0, 500000000))                                                                       |
        | datetime      | 2026-01-31T12:30:00                  | Datetime       | Datetime((2026, 1, 31, 12, 30, 0, 0))                                                              |
        | timestamptz   | 2026-01-31 12:30:00Z                 | Datetime       | Datetime((2026, 1, 31, 12, 30, 0, 0))                                                              |
        | uuid          | 6F1D3C1E-8a1b-4f0e-9d63-0a4c1d2e3f40 | Uuid           | Uuid("6f1d3c1e-8a1b-4f0e-9d63-0a4c1d2e3f40")                                                       |
        | jsonb         | [1, {}]                              | Jsonb          | Jsonb([91, 49, 44, 123, 125, 93])                                                                  |
        | decimal       | 12.50                                | Decimal        | Decimal("12.50")                                                                                   |
        | range-int32   | [1,9]                                | RangeInt32     | RangeInt32((Some((1, RangeBoundKind::Inclusive)), Some((10, RangeBoundKind::Exclusive))))          |
        | range-int64   | (,10)                                | RangeInt64     | RangeInt64((None, Some((10, RangeBoundKind::Exclusive))))                                          |
        | range-decimal | (1.5,2.5]                            | RangeDecimal   | RangeDecimal((Some(("1.5", RangeBoundKind::Exclusive)), Some(("2.5", RangeBoundKind::Inclusive)))) |
        | array-int32   | {1,NULL}                             | ArrayInt32     | ArrayInt32([Some(1), None])                                                                        |
        | array-int64   | {}                                   | ArrayInt64     | ArrayInt64([])                                                                                     |
        | array-decimal | {1.50}                               | ArrayDecimal   | ArrayDecimal([Some("1.50")])                                                                       |
        | array-str     | {a,"b, c",NULL}                      | ArrayStr       | ArrayStr([Some("a"), Some("b, c"), None])                                                          |
        | interval      | 1 year 2 days 00:00:03               | Interval       | Interval(Interval { micros: 3000000, days: 2, months: 12 })                                        |
        | other(point)  | base64:AAEC                          | Other("point") | Unsupported([0, 1, 2])                                                                             |
        | json          | {}                                   | Other("json")  | Unsupported([123, 125])                                                                            |
        | uuid          | NULL                                 | Uuid           | DbNull                                                                                             |

    Scenario Outline: <type>, through 3.0.0
      Given the Postgres query like "select%" returns:
        | it: <type> |
        | <cell>     |
      When I send GET "/postgres/3/query?sql=select"
      Then the response body is:
        """
        it: DbDataType::<its type>
        DbValue::<value>
        """

      Examples:
        | type         | cell                                 | its type   | value                                 |
        | boolean      | false                                | Boolean    | Boolean(false)                        |
        | int16        | -3                                   | Int16      | Int16(-3)                             |
        | int32        | 3                                    | Int32      | Int32(3)                              |
        | int64        | 3                                    | Int64      | Int64(3)                              |
        | floating32   | 1.5                                  | Floating32 | Floating32(1.5)                       |
        | floating64   | 1.5                                  | Floating64 | Floating64(1.5)                       |
        | str          | a                                    | Str        | Str("a")                              |
        | binary       | a                                    | Binary     | Binary([97])                          |
        | date         | 2024-02-29                           | Date       | Date((2024, 2, 29))                   |
        | time         | 12:30:00                             | Time       | Time((12, 30, 0, 0))                  |
        | datetime     | 2026-01-31T12:30:00                  | Datetime   | Datetime((2026, 1, 31, 12, 30, 0, 0)) |
        | uuid         | 6f1d3c1e-8a1b-4f0e-9d63-0a4c1d2e3f40 | Other      | Unsupported                           |
        | jsonb        | {}                                   | Other      | Unsupported                           |
        | decimal      | 1                                    | Other      | Unsupported                           |
        | range-int32  | [1,2)                                | Other      | Unsupported                           |
        | array-str    | {a}                                  | Other      | Unsupported                           |
        | interval     | 1 day                                | Other      | Unsupported                           |
        | other(point) | a                                    | Other      | Unsupported                           |

    Scenario Outline: <type>, through <path>
      Given the Postgres query like "select%" returns:
        | it: <type> |
        | <cell>     |
      When I send GET "<path>/query?sql=select"
      Then the response body is:
        """
        it: DbDataType::<its type>
        DbValue::<value>
        """

      Examples:
        | path                  | type       | cell       | its type   | value           |
        | /postgres/2           | boolean    | true       | Boolean    | Boolean(true)   |
        | /postgres/2           | int16      | 3          | Int16      | Int16(3)        |
        | /postgres/2           | int64      | 3          | Int64      | Int64(3)        |
        | /postgres/2           | floating32 | 1.5        | Floating32 | Floating32(1.5) |
        | /postgres/2           | floating64 | 1.5        | Floating64 | Floating64(1.5) |
        | /postgres/2           | binary     | a          | Binary     | Binary([97])    |
        | /postgres/2           | date       | 2024-02-29 | Other      | Unsupported     |
        | /postgres/2           | decimal    | 1          | Other      | Unsupported     |
        | /unversioned/postgres | int64      | 3          | Int64      | Int64(3)        |
        | /unversioned/postgres | time       | 12:30:00   | Other      | Unsupported     |
        | /async/postgres       | uuid       | NULL       | Uuid       | DbNull          |
        | /async/postgres       | decimal    | 1.50       | Decimal    | Decimal("1.50") |

    Scenario: columns without a type are text, JSON or binary, as their cells say
      Given the Postgres query like "select%" returns:
        | id | about    | picture     |
        | 1  | json:{}  | base64:AAEC |
        | 2  | NULL     | NULL        |
      When I send GET "/postgres/4/query?sql=select"
      Then the response body is:
        """
        id: DbDataType::Str | about: DbDataType::Jsonb | picture: DbDataType::Binary
        DbValue::Str("1") | DbValue::Jsonb([123, 125]) | DbValue::Binary([0, 1, 2])
        DbValue::Str("2") | DbValue::DbNull | DbValue::DbNull
        """

    Scenario Outline: a parameter that is <type>
      Given the Postgres statement like "insert%" with parameters "<shown>, z" affects 1 row
      When I send GET "/postgres/4/execute?sql=insert&p1=<type>:<value>&p2=str:z"
      Then the response body is "1"

      Examples:
        | type          | value                                | shown                                |
        | boolean       | true                                 | true                                 |
        | int8          | -1                                   | -1                                   |
        | int16         | 1                                    | 1                                    |
        | int32         | 1                                    | 1                                    |
        | int64         | 1                                    | 1                                    |
        | floating32    | 1.5                                  | 1.5                                  |
        | floating64    | 2                                    | 2                                    |
        | str           | a%20b                                | a b                                  |
        | binary        | a                                    | base64:YQ==                          |
        | date          | 2026,1,31                            | 2026-01-31                           |
        | time          | 12,30,0,1000                         | 12:30:00.000001                      |
        | datetime      | 2026,1,31,12,30,0,0                  | 2026-01-31T12:30:00                  |
        | timestamp     | 60                                   | 60                                   |
        | uuid          | 6f1d3c1e-8a1b-4f0e-9d63-0a4c1d2e3f40 | 6f1d3c1e-8a1b-4f0e-9d63-0a4c1d2e3f40 |
        | jsonb         | [1,{}]                               | [1,{}]                               |
        | decimal       | 1.50                                 | 1.50                                 |
        | range-int32   | 1,5                                  | [1,5)                                |
        | range-int64   | 1,5                                  | [1,5)                                |
        | range-decimal | 1.5,5                                | [1.5,5)                              |
        | array-int32   | 1,x                                  | {1,NULL}                             |
        | array-int64   | 1                                    | {1}                                  |
        | array-decimal | 1.5                                  | {1.5}                                |
        | array-str     | a,b%20c                              | {a,\\"b c\\"}                        |
        | interval      | 1000000,2,3                          | 3 months 2 days 00:00:01             |
        | null          |                                      | NULL                                 |

  Rule: errors

    Scenario Outline: <error>, through <path>
      Given the Postgres statement like "insert%" fails with "<error>: some: text"
      When I send GET "<path>/execute?sql=insert"
      Then the response status is 500
      And the response body is "<told>: some: text"
      When I send GET "<path>/query?sql=insert"
      Then the response body is "<told>: some: text"
      And the Postgres statements are:
        | statement | outcome             |
        | insert    | <error>: some: text |
        | insert    | <error>: some: text |

      Examples:
        | path                  | error                   | told                    |
        | /unversioned/postgres | connection-failed       | connection-failed       |
        | /unversioned/postgres | bad-parameter           | bad-parameter           |
        | /unversioned/postgres | query-failed            | query-failed            |
        | /unversioned/postgres | value-conversion-failed | value-conversion-failed |
        | /unversioned/postgres | other                   | other-error             |
        | /postgres/2           | connection-failed       | connection-failed       |
        | /postgres/2           | bad-parameter           | bad-parameter           |
        | /postgres/2           | query-failed            | query-failed            |
        | /postgres/2           | value-conversion-failed | value-conversion-failed |
        | /postgres/2           | other                   | other                   |
        | /postgres/3           | connection-failed       | connection-failed       |
        | /postgres/3           | bad-parameter           | bad-parameter           |
        | /postgres/3           | query-failed            | query-failed            |
        | /postgres/3           | value-conversion-failed | value-conversion-failed |
        | /postgres/3           | other                   | other                   |
        | /postgres/4           | connection-failed       | connection-failed       |
        | /postgres/4           | bad-parameter           | bad-parameter           |
        | /postgres/4           | query-failed            | query-failed            |
        | /postgres/4           | value-conversion-failed | value-conversion-failed |
        | /postgres/4           | other                   | other                   |
        | /async/postgres       | connection-failed       | connection-failed       |
        | /async/postgres       | bad-parameter           | bad-parameter           |
        | /async/postgres       | query-failed            | query-failed            |
        | /async/postgres       | value-conversion-failed | value-conversion-failed |
        | /async/postgres       | other                   | other                   |

    Scenario Outline: an error that the server takes apart, through <path>
      Given the Postgres statement like "insert%" fails with the database error:
        | code  | message       | detail                        | constraint | table |
        | 23505 | duplicate key | Key (name)=(Ann) exists. | users_name | users |
      When I send GET "<path>/execute?sql=insert"
      Then the response body is:
        """
        db-error: ERROR 23505 "duplicate key" Some("Key (name)=(Ann) exists.") [("constraint", "users_name"), ("table", "users")]
        """
      And the Postgres statements are:
        | statement | outcome                             |
        | insert    | query-failed: duplicate key (23505) |

      Examples:
        | path            |
        | /postgres/4     |
        | /async/postgres |

    Scenario Outline: the same through an interface that has one text for it, <path>
      Given the Postgres statement like "insert%" fails with the database error:
        | code  | message       | constraint |
        | 23505 | duplicate key | users_name |
      When I send GET "<path>/query?sql=insert"
      Then the response body is:
        """
        query-failed: Error { kind: Db, cause: Some(DbError { severity: "ERROR", parsed_severity: Some(Error), code: SqlState(E23505), message: "duplicate key", detail: None, hint: None, position: None, where_: None, schema: None, table: None, column: None, datatype: None, constraint: Some("users_name"), file: None, line: None, routine: None }) }
        """

      Examples:
        | path                  |
        | /unversioned/postgres |
        | /postgres/2           |
        | /postgres/3           |

    Scenario Outline: a parameter that Spin cannot send: <parameter>, through <path>
      When I send GET "<path>/query?sql=select&p1=<parameter>"
      Then the response body is "bad-parameter: <why>"
      When I send GET "<path>/execute?sql=insert&p1=<parameter>"
      Then the response body is "value-conversion-failed: <why>"
      And no Postgres statement was executed

      Examples:
        | path            | parameter              | why                             |
        | /postgres/3     | date:2026,2,30         | invalid date y=2026, m=2, d=30  |
        | /postgres/4     | date:2026,2,30         | invalid date y=2026, m=2, d=30  |
        | /postgres/4     | time:25,0,0,0          | invalid time 25:0:0:0           |
        | /postgres/4     | datetime:2026,1,1,1,60 | invalid time 1:60:0:0           |

    Scenario Outline: the same with what the parser of it says: <parameter>, through <path>
      When I send GET "<path>/query?sql=select&p1=<parameter>"
      Then the response body is:
        """
        bad-parameter: <what>

        Caused by:
            <why>
        """
      When I send GET "<path>/execute?sql=insert&p1=<parameter>"
      Then the response body is:
        """
        value-conversion-failed: <what>

        Caused by:
            <why>
        """
      And no Postgres statement was executed

      Examples:
        | path            | parameter   | what                | why                                                           |
        | /postgres/4     | uuid:7      | invalid UUID 7      | invalid length: found 1 |
        | /async/postgres | uuid:7      | invalid UUID 7      | invalid length: found 1 |
        | /postgres/4     | decimal:1e5 | invalid decimal 1e5 | Invalid decimal: unknown character                            |

    Scenario Outline: a decimal that is written otherwise than usual: <decimal>
      Given the Postgres statement like "insert%" affects 1 row
      When I send GET "/postgres/4/execute?sql=insert&p1=decimal:<decimal>"
      Then the response status is 200
      And the Postgres statement like "insert" with parameters "<decimal>" was executed 1 time

      Examples:
        | decimal                       |
        | .5                            |
        | 1.                            |
        | 1_000                         |
        | 79228162514264337593543950335 |

    Scenario Outline: an unsigned parameter, through <path>
      When I send GET "<path>/query?sql=select&p1=uint32:1"
      Then the response body is "value-conversion-failed: Postgres does not support unsigned integers"
      And no Postgres statement was executed

      Examples:
        | path                  |
        | /unversioned/postgres |
        | /postgres/2           |

  Rule: connections

    Scenario Outline: a host that the manifest does not allow, through <path>
      When I send GET "<path>/query?sql=select&address=<address>"
      Then the response status is 500
      And the response body is "connection-failed: address postgres://<told> is not permitted"
      And no Postgres statement was executed

      Examples:
        | path                  | address                                        | told           | component   |
        | /unversioned/postgres | postgres://u:p@evil.example/db                 | evil.example:5432 | unversioned |
        | /postgres/2           | postgres://u:p@evil.example/db                 | evil.example:5432 | postgres    |
        | /postgres/3           | postgresql://evil.example:6543                 | evil.example:6543 | postgres    |
        | /postgres/4           | postgres://localhost:1                         | localhost:1    | postgres    |
        | /async/postgres       | postgres://evil.example                        | evil.example:5432 | async       |
        | /postgres/4           | host%3Devil.example%20port%3D7%20password%3Dx  | evil.example:7 | postgres    |
        | /postgres/4           | host%3Dlocalhost,evil.example%20port%3D5432,8  | evil.example:8 | postgres    |

    Scenario Outline: an address that Spin does not take: <address>
      When I send GET "/postgres/4/open?address=<address>"
      Then the response body is "connection-failed: <why>"

      Examples:
        | address                | why                                          |
        | localhost              | invalid connection string                    |
        | host%3Da%20colour%3Dred | invalid connection string                   |
        | host%3D/var/run        | Unix sockets are not supported on WebAssembly |

    Scenario Outline: several hosts that are all allowed: <address>
      When I send GET "/postgres/4/open?address=<address>"
      Then the response status is 200
      And component "postgres" used only the outbound host "postgres://localhost"

      Examples:
        | address                                          |
        | postgres://u:p@localhost,db.example.com:7/shop   |
        | host%3Dlocalhost,db.example.com%20port%3D5432,7  |

    Scenario: an address without a host
      When I send GET "/postgres/4/open?address=user%3Dapp"
      Then the response body contains "both host and hostaddr are missing"

    Scenario: a certificate that is none
      When I send GET "/async/postgres/open?certificate=x"
      Then the response body is "other: invalid root certificate: invalid root certificate"

    Scenario: a connection with a certificate
      Given the Postgres query like "select 1" returns:
        | n: int32 |
        | 1        |
      When I send GET "/async/postgres/query?sql=select%201&certificate=-----BEGIN%20CERTIFICATE-----%0A-----END%20CERTIFICATE-----"
      Then the response status is 200
      When I send GET "/async/postgres/open?address=host%3Devil.example&certificate=-----BEGIN%20CERTIFICATE-----%0A-----END%20CERTIFICATE-----"
      Then the response body is "connection-failed: address postgres://evil.example is not permitted"

  Rule: faults

    Scenario Outline: a server that cannot be reached, through <path>
      Given every "postgres <operation>" fails with "connection-failed: refused"
      When I send GET "<path>/query?sql=select"
      Then the response body is "connection-failed: refused"

      Examples:
        | path                  | operation |
        | /unversioned/postgres | query     |
        | /postgres/2           | open      |
        | /postgres/3           | open      |
        | /postgres/4           | open      |
        | /async/postgres       | open      |

    Scenario: a rule can name the server and the statement
      Given the Postgres statement like "%" affects 1 row
      And the 1st "postgres execute" of key "insert*" on store "postgres://localhost/shop" fails with "query-failed: gone"
      When I send GET "/postgres/4/execute?sql=delete"
      Then the response body is "1"
      When I send GET "/postgres/4/execute?sql=insert"
      Then the response body is "query-failed: gone"
      When I send GET "/postgres/4/execute?sql=insert"
      Then the response body is "1"
      And the Postgres statements are:
        | statement | outcome            |
        | delete    | ok                 |
        | insert    | query-failed: gone |
        | insert    | ok                 |

    Scenario: a statement that is executed, and fails all the same
      Given Postgres statements are answered:
        | statement | affects |
        | insert    | 1       |
        | insert    | 2       |
      And the 1st "postgres execute" applies, then fails with "query-failed: connection closed"
      When I send GET "/postgres/4/execute?sql=insert"
      Then the response body is "query-failed: connection closed"
      When I send GET "/postgres/4/execute?sql=insert"
      Then the response body is "2"

    Scenario Outline: a statement that takes its time, through <path>
      Given the Postgres statement like "insert" affects 1 row
      And every "postgres execute" takes 250 ms
      When I send GET "<path>/execute?sql=insert"
      Then the response body is "1"
      And the response took 250 ms

      Examples:
        | path                  |
        | /unversioned/postgres |
        | /postgres/2           |
        | /postgres/3           |
        | /postgres/4           |
        | /async/postgres       |

    Scenario: an instance that ends at a statement
      Given the 1st "postgres query" traps
      When I send GET "/postgres/4/query?sql=select"
      Then the response status is 500
      And component "postgres" trapped
      And the Postgres statements are:
        | statement | outcome |
        | select    | trap    |

    @fault-sweep
    Scenario: every call fails in turn
      Given the Postgres statement like "insert%" affects 1 row
      And the Postgres query like "select%" returns:
        | n: int64 |
        | 1        |
      When I send GET "/postgres/4/both?sql=insert&then=select"
      Then the response status is one of 200, 500
