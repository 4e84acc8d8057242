Feature: SQLite
  A real SQLite in memory, one for each label of the runtime config, through every version of the interface.

  Background:
    Given the app "../fixtures/apps/sqlite/spin.toml"
    And the runtime config "../fixtures/apps/sqlite/runtime-config.toml"

  Rule: statements

    Scenario Outline: values of every type come back as they were sent, through <path>
      When I send POST "<path>/execute" with the body:
        """
        {"statement": "select ? as i, ? as r, ? as t, ? as b, ? as n", "parameters": [41, 1.5, "text", {"blob": "AP8="}, null]}
        """
      Then the response status is 200
      And the response body is JSON:
        """
        {"columns": ["i", "r", "t", "b", "n"], "rows": [[41, 1.5, "text", {"blob": "AP8="}, null]]}
        """

      Examples:
        | path   |
        | /1     |
        | /2     |
        | /3     |
        | /async |

    Scenario Outline: what a scenario puts in, guests find, and what they change, a scenario sees, through <path>
      Given the SQLite database "default" has run:
        """
        create table orders (id integer primary key, state text, note blob);
        insert into orders values (1, 'new', null);
        """
      And the SQLite database "default" has run "insert into orders values (2, 'null', x'00ff')"
      When I send POST "<path>/execute" with body "select state from orders order by id"
      Then the JSON path "$.rows" is [["new"], ["null"]]
      When I send POST "<path>/execute" with body "update orders set state = 'paid' where id = 1"
      Then the response status is 200
      And the query "select * from orders order by id" on the SQLite database "default" returns:
        | id | state     | note        |
        | 1  | paid      | null        |
        | 2  | text:null | base64:AP8= |
      And the query "select * from orders where state = 'new'" on the SQLite database "default" returns nothing

      Examples:
        | path   |
        | /1     |
        | /2     |
        | /3     |
        | /async |

    Scenario Outline: SQLite's own messages, through <path>
      When I send POST "<path>/execute" with body "<statement>"
      Then the response status is 500
      And the response body is "<error>"

      # Texts of SQLite 3.49 and of rusqlite, which Spin uses: `crates/sqlite-inproc/src/lib.rs`.
      Examples:
        | path   | statement            | error                                         |
        | /1     | select * from nobody | io: no such table: nobody                     |
        | /2     | select * from nobody | io: no such table: nobody                     |
        | /3     | select * from nobody | io: no such table: nobody                     |
        | /async | select * from nobody | io: no such table: nobody                     |
        | /2     | select ?             | io: Wrong number of parameters passed to query. Got 0, needed 1 |
        | /2     | attach 'a.db' as a   | io: not authorized                            |
        # `MAX_HOST_BUFFERED_BYTES` of Spin.
        | /2     | select zeroblob(134217729) | io: query result exceeds limit of 134217728 bytes |

    # Spin's connection panics, and says so to whoever uses it from then on: `crates/sqlite-inproc/src/lib.rs`.
    Scenario: a text that is none
      When I send POST "/2/script" with the body:
        """
        select cast(x'ff' as text)
        select 1
        """
      Then the response body is:
        """
        ! io: internal runtime error
        ! io: internal runtime error
        """

    Scenario: a database is loaded from a file of Spin's
      Given the SQLite database "default" is loaded from "data/sqlite_key_value.db"
      When I send POST "/2/execute" with body "select count(*) > 0 from spin_key_value"
      Then the JSON path "$.rows" is [[1]]

    Scenario: the last insert and what changed
      Given the SQLite database "default" has run "create table t (id integer primary key, x)"
      When I send POST "/3/changes" with body "insert into t (x) values ('a'), ('b')"
      Then the response body is "2 2"
      When I send POST "/async/changes" with body "update t set x = 'c'"
      Then the response body is "2 0"

    Scenario: a transaction lives in its connection
      Given the SQLite database "default" has run "create table t (x)"
      When I send POST "/2/script" with the body:
        """
        begin
        insert into t values (1)
        rollback
        begin
        insert into t values (2)
        commit
        select x from t
        """
      Then the response body is:
        """
        ok
        ok
        ok
        ok
        ok
        ok
        2
        """

    # A connection of its own that nobody closes properly: what it began is undone.
    Scenario: a transaction that is not committed is gone with its instance
      Given the SQLite database "default" has run "create table t (x)"
      When I send POST "/2/script" with the body:
        """
        begin
        insert into t values (1)
        """
      Then the query "select count(*) as n from t" on the SQLite database "default" returns:
        | n |
        | 0 |

    Scenario: SQL sees the scenario's time
      Given the time is "2026-03-01T12:00:00Z"
      When I send POST "/2/execute" with body "select datetime('now')"
      Then the JSON path "$.rows" is [["2026-03-01 12:00:00"]]
      When 90 minutes pass
      And I send POST "/2/execute" with body "select current_timestamp"
      Then the JSON path "$.rows" is [["2026-03-01 13:30:00"]]

    # Worked out by SplitMix64 from the seed, so it is the same wherever it runs.
    Scenario: what SQL draws at random follows from the seed
      Given the random seed is 7
      When I send POST "/2/execute" with body "select typeof(random()), length(randomblob(16))"
      Then the JSON path "$.rows" is [["integer", 16]]
      When I send POST "/2/execute" with body "select random() = random()"
      Then the JSON path "$.rows" is [[0]]

    Scenario: several statements at once, of one asynchronous guest
      When I send GET "/async/concurrent?n=3"
      Then the response status is 200
      And "sqlite execute" was called 3 times

  Rule: databases and who may open them

    Scenario Outline: a database that is not granted, through <path>
      When I send POST "<path>/execute?db=ungranted" with body "select 1"
      Then the response status is 500
      And the response body is "access-denied"
      And component "<component>" is denied the SQLite database "ungranted"

      Examples:
        | path   | component    |
        | /1     | v1        |
        | /2     | v2        |
        | /3     | v3        |
        | /async | async     |

    Scenario: each label is a database of its own, one of libsql too
      Given the SQLite database "other" has run "create table t (x)"
      And the SQLite database "remote" has run "create table u (x)"
      When I send POST "/2/execute?db=other" with body "select count(*) from t"
      Then the JSON path "$.rows" is [[0]]
      When I send POST "/2/execute?db=remote" with body "select count(*) from u"
      Then the JSON path "$.rows" is [[0]]
      When I send POST "/2/execute" with body "select count(*) from t"
      Then the response body is "io: no such table: t"

    # A database of type `spin` without a path is in memory, and each connection has one of its own: `crates/sqlite-inproc`.
    Scenario: databases that each connection has for itself
      Given the runtime config:
        """
        [sqlite_database.default]
        type = "spin"
        [sqlite_database.other]
        type = "spin"
        [sqlite_database.remote]
        type = "spin"
        """
      When I send POST "/2/execute" with body "create table t (x)"
      Then the response status is 200
      When I send POST "/2/execute" with body "select * from t"
      Then the response body is "io: no such table: t"

    Scenario: a scenario takes a database away
      Given component "v2" may use no SQLite database
      When I send POST "/2/execute" with body "select 1"
      Then the response body is "access-denied"

    Scenario: a connection that is closed is none
      When I send POST "/1/use-closed" with body "select 1"
      Then the response status is 500
      And the response body is "invalid-connection"

    # `crates/factor-sqlite/src/host.rs`: a table of 256.
    Scenario: more connections than there may be
      When I send GET "/2/open-many?n=256"
      Then the response body is "256"
      When I send GET "/2/open-many?n=257"
      Then the response status is 500
      And the response body is "io: too many connections opened"

  Rule: what goes wrong

    Background:
      Given the SQLite database "default" has run "create table t (x)"

    Scenario Outline: every error of the interface, through <path>: <error>
      Given every "sqlite execute" fails with "<error>"
      When I send POST "<path>/execute" with body "insert into t values (1)"
      Then the response status is 500
      And the response body is "<error>"
      And the query "select * from t" on the SQLite database "default" returns nothing

      Examples:
        | path   | error               |
        | /1     | io: disk I/O error  |
        | /2     | io: disk I/O error  |
        | /3     | io: disk I/O error  |
        | /async | io: disk I/O error  |
        | /1     | database-full       |
        | /2     | database-full       |
        | /3     | database-full       |
        | /async | database-full       |
        | /1     | invalid-connection  |
        | /2     | no-such-database    |
        | /3     | access-denied       |

    Scenario Outline: an open that fails, through <path>
      Given the 1st "sqlite open" on database "default" fails with "no-such-database"
      When I send POST "<path>/execute" with body "select 1"
      Then the response body is "no-such-database"
      When I send POST "<path>/execute" with body "select 1"
      Then the response status is 200

      Examples:
        | path   |
        | /1     |
        | /2     |
        | /3     |
        | /async |

    Scenario Outline: a write that happens, and whose answer is lost, through <path>
      Given every "sqlite execute" of statement "insert*" applies, then fails with "io: connection reset"
      When I send POST "<path>/execute" with body "insert into t values (1)"
      Then the response body is "io: connection reset"
      And the query "select x from t" on the SQLite database "default" returns:
        | x |
        | 1 |

      Examples:
        | path   |
        | /2     |
        | /async |

    Scenario: what changes nothing is not applied before it fails
      Given every "sqlite execute" applies, then fails with "io: connection reset"
      When I send POST "/2/script" with the body:
        """
        select 1
        insert into t values (1)
        """
      Then the response body is:
        """
        1
        ! io: connection reset
        """

    # A statement whose rows are streamed fails when they are fetched.
    Scenario Outline: what fails by itself is not applied before it does, through <path>
      Given optionally, every "sqlite execute" applies, then fails with "io: connection reset"
      When I send POST "<path>/execute" with body "insert into nobody values (1)"
      Then the response body is "io: no such table: nobody"

      Examples:
        | path   |
        | /2     |
        | /async |

    Scenario: what begins and ends a transaction without keeping anything cannot be lost
      Given every "sqlite execute" is lost
      When I send POST "/2/script" with the body:
        """
        begin
        insert into t values (1)
        savepoint s
        release s
        rollback
        insert into t values (2)
        vacuum
        """
      Then the response body is:
        """
        ok
        ok
        ok
        ok
        ok
        ok
        ok
        """
      And the query "select * from t" on the SQLite database "default" returns nothing

    Scenario: a write that is lost
      Given the 1st "sqlite execute" of statement "insert*" is lost
      When I send POST "/2/execute" with body "insert into t values (1)"
      Then the response status is 200
      And the query "select * from t" on the SQLite database "default" returns nothing

    Scenario: a transaction that is lost when it is committed
      Given every "sqlite execute" of statement "commit" is lost
      When I send POST "/2/script" with the body:
        """
        begin
        insert into t values (1)
        commit
        select count(*) from t
        """
      Then the response body is:
        """
        ok
        ok
        ok
        0
        """

    Scenario: a slow database takes virtual time
      Given every "sqlite execute" takes 250 ms
      When I send POST "/async/execute" with body "select 1"
      Then the response status is 200
      And the response took 250 ms

    Scenario: a database at which the instance dies
      Given the 1st "sqlite execute" applies, then traps
      When I send POST "/2/execute" with body "insert into t values (1)"
      Then the response status is 500
      And component "v2" trapped
      And the query "select x from t" on the SQLite database "default" returns:
        | x |
        | 1 |

    Scenario: a statement that never ends
      Given every "sqlite execute" hangs
      When I send POST "/2/execute" with body "select 1"
      Then the response status is 500
      And the response took 60 s

    Scenario: a query without end meets the bound on compute
      When I send POST "/2/execute" with body "with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n"
      Then the response status is 500
      And component "v2" trapped

    # Each takes less than the bound, all together more.
    Scenario: statements share the bound on compute
      Given the compute bound is "50 ms"
      When I send POST "/2/script" with the body:
        """
        with recursive c(x) as (select 1 union all select x+1 from c where x < 150000) select count(*) from c
        with recursive c(x) as (select 1 union all select x+1 from c where x < 150000) select count(*) from c
        with recursive c(x) as (select 1 union all select x+1 from c where x < 150000) select count(*) from c
        with recursive c(x) as (select 1 union all select x+1 from c where x < 150000) select count(*) from c
        """
      Then the response status is 500
      And component "v2" trapped

    # rusqlite has SQLite wait for 5 s, and so does Spin, which uses it.
    Scenario Outline: a database that another connection holds for <time>
      Given every "sqlite execute" of statement "commit" takes <time>
      And every "sqlite open" by component "v3" takes 1 s
      When these requests are sent at once:
        | method | path       | body                                              |
        | POST   | /2/script  | begin immediate\ninsert into t values (1)\ncommit |
        | POST   | /3/execute | insert into t values (2)                          |
      Then <served> responses have status 200
      And the query "select count(*) as n from t" on the SQLite database "default" returns:
        | n        |
        | <served> |

      Examples:
        | time | served |
        | 3 s  | 2      |
        | 20 s | 1      |

  Rule: the calls

    Scenario: they stand in the journal with their statements
      Given the SQLite database "default" has run "create table t (x)"
      And every "sqlite execute" of statement "insert*" fails with "database-full"
      When I send POST "/2/script" with the body:
        """
        select * from t
        insert into t values (1)
        """
      Then the service calls are:
        | component | operation      | store   | key                      | outcome       |
        | v2        | sqlite open    | default |                          | ok            |
        | v2        | sqlite execute | default | select * from t          | ok            |
        | v2        | sqlite execute | default | insert into t values (1) | database-full |
      And "sqlite execute" was called 2 times on store "default"

    Scenario: rows that are streamed and break off are an error in the journal too
      When I send POST "/async/execute" with body "select * from nobody"
      Then the service calls are:
        | operation      | key                  | outcome                   |
        | sqlite open    |                      | ok                        |
        | sqlite execute | select * from nobody | io: no such table: nobody |

    # open, and each statement; the insert after it has taken effect, too.
    @fault-sweep
    Scenario: each call fails in turn
      Given the SQLite database "default" has run "create table t (x)"
      When I send POST "/2/execute" with body "insert into t values (1)"
      Then the response status is one of 200, 500
