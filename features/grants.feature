Feature: Grants
  A component opens the key-value stores that its manifest grants, and no other, unless the scenario says otherwise.

  Background:
    Given the app "../fixtures/apps/grants/spin.toml"
    And the runtime config "../fixtures/apps/grants/runtime-config.toml"
    And the key-value store "orders" contains:
      | key | value |
      | 1   | shoes |

  Scenario: a granted store opens
    When I send GET "/checkout/get?store=orders&key=1"
    Then the response status is 200
    And the response body is "shoes"

  Scenario: a store that is granted to another component does not
    When I send GET "/catalog/get?store=orders&key=1"
    Then the response status is 500
    And the response body is "access-denied"
    And component "catalog" was denied the store "orders"
    And "get" was never called
    And component "catalog" did not trap

  Scenario: components share a store that both are granted
    When I send POST "/catalog/set?key=seen" with body "yes"
    And I send GET "/checkout/get?key=seen"
    Then the response body is "yes"
    And the storage calls are:
      | component | operation | store   | key  |
      | catalog   | open      | default |      |
      | catalog   | set       | default | seen |
      | checkout  | open      | default |      |
      | checkout  | get       | default | seen |

  Scenario: a scenario can grant more
    Given component "catalog" may use the key-value stores "default, orders"
    When I send GET "/catalog/get?store=orders&key=1"
    Then the response body is "shoes"

  Scenario: a scenario can grant less
    Given component "checkout" may use the key-value store "default"
    When I send GET "/checkout/get?store=orders&key=1"
    Then the response body is "access-denied"
    When I send GET "/checkout/get?key=1"
    Then the response body is "missing"

  Scenario: a scenario's grants are all there are
    Given component "checkout" may use the key-value store "orders"
    When I send GET "/checkout/get?key=1"
    Then the response body is "access-denied"
    And component "checkout" was denied the store "default"

  Scenario: a scenario can grant nothing, and other components keep what they have
    Given component "checkout" may use no key-value store
    When I send GET "/checkout/open"
    Then the response body is "access-denied"
    When I send GET "/catalog/open"
    Then the response status is 200

  Scenario: of two statements about one component the later holds
    Given component "catalog" may use no key-value store
    And component "catalog" may use the key-value store "orders"
    When I send GET "/catalog/get?store=orders&key=1"
    Then the response body is "shoes"

  Scenario: a handle that is open does not need the grant again
    When I send POST "/catalog/sequence" with the body:
      """
      set a 1
      open orders
      get a
      """
    Then the response body is:
      """
      ok
      ! access-denied
      1
      """
