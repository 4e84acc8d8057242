Feature: Several services at once
  A store, a database and another host in one request: one journal, one set of fault rules, one sweep.

  Background:
    Given the app "../fixtures/apps/orders/spin.toml"
    And the key-value store "default" contains:
      | key          | value |
      | stock:widget | 2     |
    And the SQLite database "default" has run "create table orders (id text primary key, amount integer, state text)"
    And POST "https://payments.example.com/charge" answers 201

  Scenario: an order that is paid
    When I send POST "/order?id=a&amount=7"
    Then the response status is 201
    And the key "stock:widget" of store "default" is "1"
    And the query "select * from orders" on the SQLite database "default" returns:
      | id | amount | state |
      | a  | 7      | paid  |
    And the last request to "https://payments.example.com/charge" had the JSON:
      """
      {"id": "a", "amount": 7}
      """
    And the storage calls are:
      | operation | key          | outcome |
      | open      |              | ok      |
      | get       | stock:widget | ok      |
      | set       | stock:widget | ok      |
    And the service calls are:
      | operation      | store   | key                                                           | outcome |
      | sqlite open    | default |                                                               | ok      |
      | sqlite execute | default | insert into orders (id, amount, state) values (?, ?, 'new')   | ok      |
      | http POST      |         | https://payments.example.com/charge                           | 201     |
      | sqlite execute | default | update orders set state = ? where id = ?                      | ok      |

  Scenario: an order that is not paid
    Given POST "https://payments.example.com/charge" answers 402
    When I send POST "/order?id=a&amount=7"
    Then the response status is 402
    And the key "stock:widget" of store "default" is "2"

  # Seven calls, and the four of them that change something once more, after they have: eleven runs.
  @fault-sweep
  Scenario: whatever call fails, the customer is told
    When I send POST "/order?id=a&amount=7"
    Then the response status is one of 201, 503
    And component "orders" did not trap

  # Three statements that two customers' orders can change places at.
  @schedule-sweep:40
  Scenario: two orders at once
    When these requests are sent at once:
      | method | path                 |
      | POST   | /order?id=a&amount=1 |
      | POST   | /order?id=b&amount=2 |
    Then every response status is 201
    And the query "select id, state from orders order by id" on the SQLite database "default" returns:
      | id | state |
      | a  | paid  |
      | b  | paid  |
