Feature: Redis

  Rule: out

    Background:
      Given the app "../../../fixtures/apps/redis/spin.toml"

    # fails with: component "redis-v2" asks for what spin-harness's Redis cannot do: the command XADD is not played here; did you mean SADD? (asked of redis://localhost:6379)
    Scenario: a command that is not there
      When I send POST "/2/execute?command=XADD&arguments=orders,*,id,7"

    # fails with: component "redis-v3" asks for what spin-harness's Redis cannot do
    # fails with: the option BYSCORE of the command ZRANGE
    Scenario: an option that is not there
      When I send POST "/3/execute?command=ZRANGE&arguments=scores,0,1,BYSCORE"

    # fails with: speaks no RESP3
    Scenario: a protocol that is not there
      When I send POST "/2/open?address=redis://localhost:6379?protocol=resp3"

    # fails with: `Given the Redis at "redis://localhost" has run:` at tests/must-fail/redis.feature:25 failed:
    # fails with: the Redis at "redis://localhost:6379" cannot run LPUSH text a
    # fails with: WRONGTYPE
    Scenario: a Given command that fails
      Given the Redis at "redis://localhost" has run:
        """
        SET text hello
        LPUSH text a
        """
      When I send GET "/2/get?key=text"

    # fails with: "localhost:6379" is no address of a Redis server
    Scenario: an address that is none
      Given the Redis at "localhost:6379" contains:
        | key | value |
        | a   | 1     |

    # fails with: the key "a" of Redis at "redis://localhost:6379" is not as expected
    # fails with: "1"
    Scenario: a key with another value
      Given the Redis at "redis://localhost" has run "SET a 1"
      Then the key "a" of Redis at "redis://localhost" is "2"

    # fails with: no component may use the Redis at "redis://localhots:6379", and no step has stored anything there; did you mean "redis://localhost:6379"?
    Scenario Outline: an address that nobody may use: <what>
      Given the Redis at "redis://localhost" has run "SET a 1"
      Then the Redis at "redis://localhots" <what>

      Examples:
        | what           |
        | is empty       |
        | has no key "a" |

    # fails with: the key "b" of Redis at "redis://localhost:6379" does not exist: its keys are "a"
    Scenario: a key that is not there
      Given the Redis at "redis://localhost" has run "SET a 1"
      Then the key "b" of Redis at "redis://localhost" is "2"

    # fails with: the time in which the key "a" of Redis at "redis://localhost:6379" expires
    # fails with: never
    Scenario: a key that does not expire
      Given the Redis at "redis://localhost" has run "SET a 1"
      Then the key "a" of Redis at "redis://localhost" expires in 60 s

    # fails with: the Redis at "redis://localhost:6379" does not contain what is expected
    Scenario: more than exactly
      Given the Redis at "redis://localhost" has run "MSET a 1 b 2"
      Then the Redis at "redis://localhost" contains exactly:
        | key | value |
        | a   | 1     |

    # fails with: the Redis at "redis://localhost:6379" is not empty
    Scenario: not empty
      Given the Redis at "redis://localhost" has run "SET a 1"
      Then the Redis at "redis://localhost" is empty

    # fails with: has the key "a": its value is "1"
    Scenario: a key that should not be there
      Given the Redis at "redis://localhost" has run "SET a 1"
      Then the Redis at "redis://localhost" has no key "a"

    # fails with: was not published on channel "orders"
    # fails with: redis-v2 published "order 7" on channel "parcels"
    Scenario: published on another channel
      When I send POST "/2/publish?channel=parcels" with body "order 7"
      Then the Redis message "order 7" was published on channel "orders"

    # fails with: a Redis message was published
    Scenario: published all the same
      When I send POST "/2/publish?channel=orders" with body "order 7"
      Then no Redis message was published on channel "orders"

    # fails with: the published Redis messages are not as expected
    Scenario: other messages
      When I send POST "/2/publish?channel=orders" with body "order 7"
      Then the published Redis messages are:
        | channel | message |
        | orders  | order 8 |

    # fails with: the fault never fired
    # fails with: redis set
    Scenario: a rule about another server
      Given every "redis set" on store "redis://other" fails with "other: broken pipe"
      When I send POST "/2/set?key=a" with body "1"

    # fails with: "redis get" can never fail with "access-denied"
    Scenario: an error that only other interfaces have
      Given every "redis get" fails with "access-denied"
      When I send GET "/2/get?key=a"

    # fails with: Then the response status is 200
    # fails with: redis set#1: other: injected failure
    # fails with: ▶ 1  redis-v2   redis open
    @fault-sweep
    Scenario: a sweep finds who gives up
      When I send POST "/2/set?key=a" with body "1"
      Then the response status is 200

    # Both read the key before either writes it. In the other order the second finds what it looks for.
    # fails with: schedule sweep: 2 orders, 1 passed, 1 failed
    @schedule-sweep
    Scenario: two writes of one key
      When these requests are sent at once:
        | method | path                                    |
        | POST   | /1/execute?command=SET&arguments=a,first  |
        | POST   | /1/execute?command=SET&arguments=a,second |
      Then the key "a" of Redis at "redis://localhost" is "second"

    # The oldest interface has one error for all: why is told beside it.
    # fails with: the Redis servers of a scenario hold 256 MiB together at most
    Scenario: a full server through an interface that cannot say so
      Given the Redis at "redis://localhost" contains:
        | key | value           |
        | big | bytes:268435456 |
      When I send POST "/1/set?key=a" with body "1"
      Then the response status is 200

  Rule: in

    Background:
      Given the app "../../../fixtures/apps/redis-messages/spin.toml"

    # fails with: no trigger of the app listens for Redis messages on channel "order"; it listens on "orders" of redis://localhost:6379
    Scenario: a channel that nobody listens on
      When a Redis message "order 7" arrives on channel "order"

    # fails with: no trigger of the app listens for Redis messages on channel "orders" of redis://elsewhere:6379
    Scenario: a server that nobody listens on
      When a Redis message "order 7" arrives on channel "orders" of "redis://elsewhere"

    # fails with: triggers listen on channel "news" of "redis://localhost:6379", "redis://other.example:6379"; say which
    Scenario: a channel of several servers
      When a Redis message "text" arrives on channel "news"

    # fails with: the message was not handled
    # fails with: component "counter" failed with "error"
    Scenario: an error
      When a Redis message "fail" arrives on channel "both"
      Then the message was handled

    # fails with: the message was not handled
    # fails with: component "counter" trapped
    Scenario: a trap
      When a Redis message "panic" arrives on channel "orders"
      Then the message was handled

    # fails with: handling the message did not fail with "error"
    # fails with: component "counter" handled it
    Scenario: no error
      When a Redis message "order 7" arrives on channel "orders"
      Then handling the message failed with "error"

    # fails with: the last When let no message arrive
    Scenario: no message at all
      When 1 s passes
      Then the message was handled

    # fails with: Redis message on channel "orders"
    # fails with: received order 7
    Scenario: the report has the message
      When a Redis message "order 7" arrives on channel "orders"
      Then component "counter" trapped
