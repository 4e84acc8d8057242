Feature: Permissions that are not as expected

  Background:
    Given the app "../../../fixtures/apps/grants/spin.toml"
    And the runtime config "../../../fixtures/apps/grants/runtime-config.toml"

  # fails with: component "catalog" is denied the key-value store "orders", and not allowed
  # fails with: its `key_value_stores` in the manifest: "default"
  Scenario: a grant that is not there
    Then component "catalog" is allowed the key-value store "orders"

  # fails with: component "checkout" is allowed the key-value store "orders", and not denied
  # fails with: this scenario grants it "orders"
  Scenario: a grant that the scenario made
    Given component "checkout" may use the key-value store "orders"
    Then component "checkout" is denied the key-value store "orders"

  # fails with: component "catalog" is allowed the key-value store "default", and not denied
  # fails with: component "checkout" is allowed the key-value store "orders", and not denied
  Scenario: every wrong cell of a matrix is told
    Then the components may use the key-value stores:
      | component | default | orders |
      | catalog   | denied  | denied |
      | checkout  | allowed | denied |

  # fails with: no key-value store has the label "odrers"; the runtime config defines "default", "orders"
  Scenario: a label that nothing stands behind would be denied to everybody
    Then component "catalog" is denied the key-value store "odrers"

  # fails with: "yes" says nothing of the key-value store "default" for component "catalog"; write `allowed` or `denied`
  Scenario: a cell that says nothing
    Then the components may use the key-value stores:
      | component | default |
      | catalog   | yes     |

  # fails with: this step needs a table below it, which begins with the heading `component`
  Scenario: a matrix without its heading
    Then the components may use the key-value stores:
      | catalog | default |
      | x       | allowed |

  # fails with: the app has no component "katalog"
  Scenario: a matrix with a component that is not there
    Then the components may use the key-value stores:
      | component | default |
      | katalog   | allowed |

  # fails with: the app has no component "katalog"
  Scenario: a component that is not there
    Then component "katalog" is denied the key-value store "default"

  # fails with: component "catalog" was denied the key-value store "orders" 2 times
  Scenario: somebody was denied something
    When I send GET "/catalog/open?store=orders"
    And I send GET "/catalog/open?store=orders"
    Then no component was denied anything

  # fails with: component "checkout" used the key-value stores "default", "orders"
  # fails with: not expected: "orders"
  Scenario: a store that was used besides
    When I send GET "/checkout/open?store=orders"
    And I send GET "/checkout/open"
    Then component "checkout" used only the key-value store "default"

  # fails with: not used: "orders"
  Scenario: a store that was not used
    When I send GET "/checkout/open"
    Then component "checkout" used only the key-value stores "default, orders"

  # fails with: component "checkout" used the key-value stores "default"
  Scenario: something was used
    When I send GET "/checkout/open"
    Then component "checkout" used no key-value store

  # fails with: no key-value store is named; to grant none, say `component "catalog" may use no key-value store`
  Scenario: an empty list
    Given component "catalog" may use the key-value stores ""
    When I send GET "/catalog/open"

  # fails with: unknown sqlite_databases label "orders" for component "catalog": the runtime config defines "default"
  Scenario: a database that is not there
    Given component "catalog" may use the SQLite database "orders"
    When I send GET "/catalog/open"

  # fails with: component "catalog" cannot be granted the outbound host "example.com": "example.com" does not contain a scheme
  Scenario: a host that is none
    Given component "catalog" may use the outbound host "example.com"
    When I send GET "/catalog/open"

  # fails with: component "catalog" cannot be granted the variable "token": neither it nor the app declares one; there are none
  Scenario: a variable that is not there
    Given component "catalog" may use the variable "token"
    When I send GET "/catalog/open"

  # fails with: component "catalog" cannot be granted the environment variable "HOME": the manifest gives it none
  Scenario: an environment variable that is not there
    Given component "catalog" may use the environment variable "HOME"
    When I send GET "/catalog/open"

  # fails with: component "sandboxed" cannot be granted the file "/etc/*": the manifest gives it "/public/deep/leaf.txt"
  Scenario: a file that is not there
    Given the app "../../../fixtures/apps/sandboxed/spin.toml"
    And component "sandboxed" may use the files "/etc/*"
    When I send GET "/env-all"

  # fails with: a grant can't change while the scenario runs
  Scenario: a grant after the first request
    When I send GET "/catalog/open"
    Given component "catalog" may use no variable

  # fails with: permissions
  # fails with: catalog
  Scenario: permissions without a snapshot
    When I send GET "/catalog/open"
    Then the permissions match the snapshot "none"

  # fails with: "htps://api.example.com" is no address: no interface speaks `htps`: there are https, http, redis
  Scenario: an address with a typo in its scheme
    Given the app "../../../fixtures/apps/outgoing/spin.toml"
    Then component "outgoing" is denied the outbound host "htps://api.example.com"

  # fails with: "https//api.example.com" is no address: it has a path, and no scheme before its host
  Scenario: an address without a colon
    Given the app "../../../fixtures/apps/outgoing/spin.toml"
    Then component "outgoing" is denied the outbound host "https//api.example.com"

  # fails with: "" is no address: it is no address of one host
  Scenario: no address at all
    Given the app "../../../fixtures/apps/outgoing/spin.toml"
    Then component "outgoing" is denied the outbound host ""

  # fails with: "http://*.example.com:8080" is no address: it is no address of one host
  Scenario: a pattern is no address
    Given the app "../../../fixtures/apps/outgoing/spin.toml"
    Then component "outgoing" is denied the outbound host "http://*.example.com:8080"

  # fails with: "https://api.example.com:99999" is no address: invalid port number
  Scenario: a port that is none
    Given the app "../../../fixtures/apps/outgoing/spin.toml"
    Then component "outgoing" is denied the outbound host "https://api.example.com:99999"

  # fails with: no variable is called "tokne"; the app and its components have
  Scenario: a variable that there is not
    Given the app "../../../fixtures/apps/outgoing/spin.toml"
    Then component "outgoing" is denied the variable "tokne"

  # fails with: called by the dependency "shop:pricing/quote@1.0.0", which does not inherit it
  # fails with: dependency "shop:pricing/quote@1.0.0" of component "till" was denied the store "default": it does not inherit `key_value_stores`
  Scenario: a dependency that lacks a store is named
    Given the app "../../../fixtures/apps/dependencies/denied.toml"
    When I send GET "/price?item=bread"
    Then the response status is 200

  # fails with: called by the middleware "guard.wasm", which does not inherit it
  Scenario: middleware that lacks a store is named
    Given the app "../../../fixtures/apps/middleware"
    And every request has the header "x-token" with "7"
    When I send GET "/denied"
    Then the response status is 403

  # fails with: dependency "probing:inside/ask@1.0.0" of component "prober" was denied the AI model "llama2"
  # fails with: it does not inherit `ai_models`
  Scenario: a dependency that lacks a model is named
    Given the app "../../../fixtures/apps/dependencies/probe.toml"
    When I send GET "/inside?what=llm&name=llama2"
    Then the response status is 503

  # fails with: `http://self` is a grant and no address; the app itself is sent to by a path alone, such as `/x`, or by `http://self.alt/x`
  Scenario: the app itself under a name that is none
    Given the app "../../../fixtures/apps/chain"
    And component "front" may use the outbound host "http://self"
    When I send GET "/front/send?url=http://self/public/a"
    Then the response status is 200
