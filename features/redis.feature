Feature: Redis
  A server in memory for each address. Guests reach it through three interfaces; scenarios fill it, watch it and make it fail.

  Background:
    Given the app "../fixtures/apps/redis/spin.toml"

  Rule: every function of every interface

    Scenario Outline: strings, through <interface>
      When I send POST "/<version>/set?key=greeting" with body "hello"
      Then the response status is 200
      And the key "greeting" of Redis at "redis://localhost" is "hello"
      When I send GET "/<version>/get?key=greeting"
      Then the response body is "hello"
      And "redis set" was called 1 time on store "redis://localhost"
      And component "redis-v<version>" used only the outbound host "redis://localhost:6379"

      Examples:
        | interface                 | version |
        | fermyon:spin/redis        | 1       |
        | fermyon:spin/redis@2.0.0  | 2       |
        | spin:redis/redis@3.0.0    | 3       |

    Scenario Outline: a missing key, through version <version>
      When I send GET "/<version>/get?key=nothing"
      Then the response status is <status>
      And the response body is "<body>"

      Examples:
        | version | status | body    |
        | 1       | 200    |         |
        | 2       | 404    | missing |
        | 3       | 404    | missing |

    Scenario Outline: numbers, through version <version>
      Given the Redis at "redis://localhost:6379" contains:
        | key    | value |
        | visits | 41    |
      When I send POST "/<version>/incr?key=visits"
      Then the response body is "42"
      When I send POST "/<version>/incr?key=new"
      Then the response body is "1"
      And the Redis at "redis://localhost:6379" contains exactly:
        | key    | value |
        | new    | 1     |
        | visits | 42    |

      Examples:
        | version |
        | 1       |
        | 2       |
        | 3       |

    Scenario Outline: removing keys, through version <version>
      Given the Redis at "redis://localhost:6379" contains:
        | key | value |
        | a   | 1     |
        | b   | 2     |
        | c   | 3     |
      When I send POST "/<version>/del?keys=a,c,nothing"
      Then the response body is "2"
      And the Redis at "redis://localhost:6379" has no key "a"
      And the Redis at "redis://localhost:6379" contains exactly:
        | key | value |
        | b   | 2     |

      Examples:
        | version |
        | 1       |
        | 2       |
        | 3       |

    Scenario Outline: sets, through version <version>
      When I send POST "/<version>/sadd?key=tags&values=red,green,red"
      Then the response body is "2"
      When I send POST "/<version>/srem?key=tags&values=red,blue"
      Then the response body is "1"
      When I send POST "/<version>/sadd?key=tags&values=amber"
      And I send GET "/<version>/smembers?key=tags"
      Then the response body is:
        """
        amber
        green
        """
      And the key "tags" of Redis at "redis://localhost" is "json:[\"amber\", \"green\"]"

      Examples:
        | version |
        | 1       |
        | 2       |
        | 3       |

    Scenario Outline: messages are published, through version <version>
      When I send POST "/<version>/publish?channel=orders" with body "order 7"
      Then the response status is 200
      And the Redis message "order 7" was published on channel "orders"
      And no Redis message was published on channel "parcels"
      And the published Redis messages are:
        | component       | server                 | channel | message |
        | redis-v<version> | redis://localhost:6379 | orders  | order 7 |

      Examples:
        | version |
        | 1       |
        | 2       |
        | 3       |

    Scenario Outline: any command and every kind of result, through version <version>
      When I send POST "/<version>/execute?command=SET&arguments=a,1,EX,int:60"
      Then the response body is "status OK"
      And the key "a" of Redis at "redis://localhost" expires in 60 s
      When I send POST "/<version>/execute?command=mget&arguments=a,nothing"
      Then the response body is:
        """
        binary 1
        nil
        """
      When I send POST "/<version>/execute?command=HSET&arguments=user:1,name,Ada,age,int:36"
      Then the response body is "int 2"
      When I send POST "/<version>/execute?command=HGETALL&arguments=user:1"
      Then the response body is:
        """
        binary age
        binary 36
        binary name
        binary Ada
        """
      And the service calls are:
        | operation     | store                  | key          | outcome |
        | redis execute | redis://localhost:6379 | SET a        | ok      |
        | redis execute | redis://localhost:6379 | mget a       | ok      |
        | redis execute | redis://localhost:6379 | HSET user:1  | ok      |
        | redis execute | redis://localhost:6379 | HGETALL user:1 | ok    |

      # No connections, so no calls that open them.
      Examples:
        | version |
        | 1       |

    Scenario Outline: results of commands, through version <version>
      When I send POST "/<version>/execute?command=SET&arguments=a,1,EX,int:60"
      Then the response body is "status OK"
      When I send POST "/<version>/execute?command=mget&arguments=a,nothing"
      Then the response body is:
        """
        binary 1
        nil
        """
      When I send POST "/<version>/execute?command=RPUSH&arguments=queue,a,b"
      Then the response body is "int 2"
      And the key "queue" of Redis at "redis://localhost" is "json:[\"a\",\"b\"]"

      Examples:
        | version |
        | 2       |
        | 3       |

  Rule: what is there

    Scenario: commands fill a server
      Given the Redis at "redis://localhost" has run:
        """
        SET greeting "hello, world"
        RPUSH queue first second
        HSET user:1 name Ada
        ZADD scores 1.5 Ada
        """
      And the Redis at "redis://localhost" has run "SADD tags b a"
      When I send GET "/2/get?key=greeting"
      Then the response body is "hello, world"
      And the Redis at "redis://localhost" contains exactly:
        | key      | value                      |
        | greeting | hello, world               |
        | queue    | json:["first", "second"]   |
        | scores   | json:{"Ada": 1.5}          |
        | tags     | json:["a", "b"]            |
        | user:1   | json:{"name": "Ada"}       |

    Scenario: keys expire in virtual time
      When I send POST "/2/execute?command=SETEX&arguments=session,60,Ada"
      And 59 s pass
      Then the key "session" of Redis at "redis://localhost" is "Ada"
      When 1 s passes
      Then the Redis at "redis://localhost" is empty
      When I send GET "/2/get?key=session"
      Then the response status is 404

    Scenario: servers and databases are apart
      When I send POST "/2/set?key=a&address=redis://cache.example/3" with body "1"
      Then the Redis at "redis://localhost" is empty
      And the Redis at "redis://cache.example" is empty
      And the key "a" of Redis at "redis://cache.example:6379/3" is "1"

    Scenario: a step between requests changes a server
      When I send POST "/2/set?key=a" with body "1"
      Given the Redis at "redis://localhost" contains:
        | key | value |
        | a   | 2     |
      When I send GET "/2/get?key=a"
      Then the response body is "2"

  Rule: errors

    Scenario Outline: a value of another type, <operation> through version <version>
      Given the Redis at "redis://localhost" has run:
        """
        SET text hello
        SADD tags red
        """
      When I send POST "/<version>/<operation>"
      Then the response status is 500
      And the response body is "<error>"

      Examples:
        | version | operation                   | error                                                                    |
        | 1       | get?key=tags                | error                                                                    |
        | 1       | incr?key=text               | error                                                                    |
        | 2       | get?key=tags                | other: WRONGTYPE: Operation against a key holding the wrong kind of value |
        | 2       | sadd?key=text&values=a      | other: WRONGTYPE: Operation against a key holding the wrong kind of value |
        | 2       | incr?key=text               | other: An error was signalled by the server - ResponseError: value is not an integer or out of range |
        | 2       | del                         | other: An error was signalled by the server - ResponseError: wrong number of arguments for 'del' command |
        | 3       | smembers?key=text           | other: WRONGTYPE: Operation against a key holding the wrong kind of value |
        | 3       | srem?key=text&values=a      | other: WRONGTYPE: Operation against a key holding the wrong kind of value |
        | 3       | incr?key=text               | other: An error was signalled by the server - ResponseError: value is not an integer or out of range |

    # The error is Redis's own, in the words of Spin's client.
    Scenario Outline: a server whose memory is full, through version <version>
      Given the Redis at "redis://localhost" contains:
        | key | value           |
        | big | bytes:268435456 |
      When I send POST "/<version>/set?key=a" with body "1"
      Then the response status is 500
      And the response body is "<error>"
      And the Redis at "redis://localhost" has no key "a"
      When I send POST "/<version>/del?keys=big"
      And I send POST "/<version>/set?key=a" with body "1"
      Then the response status is 200
      And the key "a" of Redis at "redis://localhost" is "1"

      Examples:
        | version | error                                                             |
        | 1       | error                                                             |
        | 3       | other: OOM: command not allowed when used memory > 'maxmemory'.   |

    Scenario Outline: a server that the manifest does not allow, through version <version>
      When I send GET "/<version>/get?key=a&address=redis://elsewhere.example"
      Then the response status is 500
      And the response body is "<error>"
      And component "redis-v<version>" is denied the outbound host "redis://elsewhere.example"

      Examples:
        | version | error           |
        | 1       | error           |
        | 2       | invalid-address |
        | 3       | invalid-address |

    Scenario Outline: an allowed address that is none: <address>
      Given component "redis-v2" may use the outbound hosts "*://*:*"
      When I send GET "/2/open?address=<address>"
      Then the response body is "invalid-address"

      Examples:
        | address            |
        | localhost:6379     |
        | http://localhost   |
        | redis://localhost/x |

    Scenario: as many connections as Spin has
      When I send GET "/2/open-many?n=1024"
      Then the response body is "1024"
      When I send GET "/2/open-many?n=1025"
      Then the response body is "1024 then too-many-connections"

  Rule: faults

    Scenario Outline: <effect>, through version <version>
      Given the Redis at "redis://localhost" contains:
        | key | value |
        | a   | old   |
      And every "redis set" <effect>
      When I send POST "/<version>/set?key=a" with body "new"
      Then the response status is 500
      And the response body is "<error>"
      And the key "a" of Redis at "redis://localhost" is "<value>"

      Examples:
        | version | effect                                          | error                | value |
        | 1       | fails with "error"                              | error                | old   |
        | 2       | fails with "other: broken pipe"                 | other: broken pipe   | old   |
        | 2       | fails with "type-error"                         | type-error           | old   |
        | 3       | fails with "type-error"                         | type-error           | old   |
        | 3       | fails with "too-many-connections"               | too-many-connections | old   |
        | 1       | applies, then fails with "error"                | error                | new   |
        | 2       | applies, then fails with "other: broken pipe"   | other: broken pipe   | new   |
        | 3       | applies, then fails with "other: broken pipe"   | other: broken pipe   | new   |
        | 2       | traps                                           |                      | old   |
        | 3       | applies, then traps                             |                      | new   |
        | 2       | hangs                                           |                      | old   |

    Scenario: a rule names the server as the scenario likes
      Given the 2nd "redis set" of key "a" on store "redis://localhost" fails with "other: broken pipe"
      When I send POST "/2/set?key=a" with body "1"
      Then the response status is 200
      When I send POST "/2/set?key=a" with body "2"
      Then the response body is "other: broken pipe"

    Scenario: a command is known by its first argument
      Given every "redis execute" of key "HSET user:*" fails with "other: read only"
      When I send POST "/2/execute?command=HSET&arguments=user:1,name,Ada"
      Then the response body is "other: read only"
      When I send POST "/2/execute?command=HSET&arguments=page:1,name,start"
      Then the response body is "int 1"

    Scenario Outline: only a command that changes something can apply and then fail, through version <version>
      Given the Redis at "redis://localhost" contains:
        | key | value |
        | a   | old   |
      And every "redis execute" applies, then fails with "other: gone"
      When I send POST "/<version>/execute?command=GET&arguments=a"
      Then the response status is 200
      And the response body is "binary old"
      When I send POST "/<version>/execute?command=SET&arguments=a,new"
      Then the response status is 500
      And the response body is "other: gone"
      And the key "a" of Redis at "redis://localhost" is "new"

      Examples:
        | version |
        | 2       |
        | 3       |

    Scenario: a server takes its time
      Given every "redis get" takes 250 ms
      When I send GET "/3/get?key=a"
      Then the response took 250 ms

    Scenario: a write is lost
      Given every "redis set" is lost
      And every "redis publish" is lost
      When I send POST "/2/set?key=a" with body "1"
      Then the response status is 200
      And the Redis at "redis://localhost" is empty
      When I send POST "/2/publish?channel=orders" with body "1"
      Then the response status is 200
      And no Redis message was published

    @fault-sweep
    Scenario: a request meets every failure
      When I send POST "/2/set?key=a" with body "1"
      Then the response status is one of 200, 500
      When storage recovers
      And I send POST "/2/set?key=a" with body "2"
      Then the key "a" of Redis at "redis://localhost" is "2"

    @schedule-sweep
    Scenario: Redis adds up whatever comes first
      When 2 clients send POST "/2/incr?key=visits" at once
      Then the key "visits" of Redis at "redis://localhost" is "2"
