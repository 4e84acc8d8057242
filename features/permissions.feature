Feature: Permissions
  What components may use is asked at the gate, what they used is read from the journal, and a scenario can grant anything
  that a manifest can grant.

  Rule: what components may use

    Background:
      Given the app "../fixtures/apps/grants/spin.toml"
      And the runtime config "../fixtures/apps/grants/runtime-config.toml"

    Scenario: a matrix of components and stores, without a request
      Then the components may use the key-value stores:
        | component | default | orders  |
        | catalog   | allowed | denied  |
        | checkout  | allowed | allowed |

    Scenario Outline: component by component, store by store
      Then component "<component>" is <access> the key-value store "<store>"

      Examples:
        | component | store   | access  |
        | catalog   | default | allowed |
        | catalog   | orders  | denied  |
        | checkout  | default | allowed |
        | checkout  | orders  | allowed |

    Scenario: what the scenario grants is what the gate says
      Given component "catalog" may use the key-value stores "orders"
      And component "checkout" may use no key-value store
      Then the components may use the key-value stores:
        | component | default | orders  |
        | catalog   | denied  | allowed |
        | checkout  | denied  | denied  |

    Scenario: asking the gate is no call
      Then component "checkout" is allowed the key-value store "orders"
      And "open" was never called

  Rule: what components used

    Background:
      Given the app "../fixtures/apps/grants/spin.toml"
      And the runtime config "../fixtures/apps/grants/runtime-config.toml"

    Scenario: nobody was denied anything
      When I send GET "/checkout/get?store=orders&key=1"
      Then no component was denied anything
      And component "checkout" used only the key-value stores "orders"
      And component "catalog" used no key-value store

    Scenario: what was denied was not used
      When I send GET "/catalog/get?store=orders&key=1"
      Then component "catalog" was denied the store "orders"
      And component "catalog" used no key-value store

    Scenario: what a component used is what it opened, whatever came of it
      Given every "get" fails with "other: disk full"
      When I send GET "/checkout/get?key=1"
      And I send POST "/checkout/set?store=orders&key=2" with body "shoes"
      Then component "checkout" used only the key-value stores "default, orders"
      And no component was denied anything

    Scenario: an access-denied that a fault injects is no denial
      Given every "open" fails with "access-denied"
      When I send GET "/checkout/open"
      Then the response body is "access-denied"
      And no component was denied anything

    Scenario: the permissions of a scenario are a snapshot
      When I send GET "/checkout/get?store=orders&key=1"
      And I send GET "/catalog/get?store=orders&key=1"
      And I send POST "/catalog/set?key=seen" with body "yes"
      Then the permissions match the snapshot "shop"

  Rule: other kinds of grants

    Scenario: hosts, databases and models of the manifest
      Given the app "../fixtures/apps/unprovided/spin.toml"
      Then the components may use the outbound hosts:
        | component  | http://example.com/x | https://example.com | redis://localhost | mysql://localhost:3307 |
        | unprovided | allowed              | denied              | allowed           | denied                 |
      And component "unprovided" is allowed the SQLite database "default"
      And component "unprovided" is allowed the AI model "llama2-chat"
      And component "unprovided" is denied the AI model "all-minilm-l6-v2"
      And component "unprovided" is denied the key-value store "default"

    Scenario: hosts, databases and models that the scenario grants
      Given the app "../fixtures/apps/unprovided/spin.toml"
      And component "unprovided" may use the outbound hosts "https://*.example.com, http://10.0.0.0/8:8000..9000"
      And component "unprovided" may use no SQLite database
      And component "unprovided" may use the AI models "all-minilm-l6-v2, llama2-chat"
      Then the components may use the outbound hosts:
        | component  | https://api.example.com | https://example.com | http://10.1.2.3:8999 | http://10.1.2.3:9000 |
        | unprovided | allowed                 | denied              | allowed              | denied               |
      And component "unprovided" is denied the SQLite database "default"
      And component "unprovided" is allowed the AI model "all-minilm-l6-v2"

    Scenario Outline: what a component opens is what it used: <kind>
      Given the app "../fixtures/apps/unprovided/spin.toml"
      When I send GET "<path>"
      Then the response body is "opened"
      And component "unprovided" used only the <kind> "<name>"
      And no component was denied anything

      Examples:
        | path      | kind            | name                      |
        | /sqlite   | SQLite database | default                   |
        | /redis    | outbound host   | redis://localhost:6379    |

    Scenario: variables that a component has
      Given the app "../fixtures/apps/variables/spin.toml"
      And the variable "token" is "abc"
      When I send GET "/v2?name=greeting"
      Then the response body is "hello"
      And component "variables" used only the variable "greeting"
      And component "variables" is allowed the variable "url"
      And component "variables" is denied the variable "token"

    Scenario: a variable that the scenario takes away is undefined, as one that the component never had
      Given the app "../fixtures/apps/variables/spin.toml"
      And the variable "token" is "abc"
      And component "variables" may use the variables "fixed, token"
      When I send GET "/v2?name=greeting"
      Then the response body contains "no variable for \"variables\".\"greeting\""
      When I send GET "/wasi-all"
      Then the response body is:
        """
        fixed=42
        token=abc
        """
      And component "variables" is allowed the variable "token"
      And component "variables" is denied the variable "greeting"

    Scenario: no variable at all
      Given the app "../fixtures/apps/variables/spin.toml"
      And the variable "token" is "abc"
      And component "variables" may use no variable
      When I send GET "/wasi-all"
      Then the response body is empty

    Scenario: a variable that the component does not have is denied
      Given the app "../fixtures/apps/variables/spin.toml"
      And the variable "token" is "abc"
      When I send GET "/v2?name=planet"
      Then the response status is 500
      And component "variables" used no variable

    Scenario: environment variables
      Given the app "../fixtures/apps/sandboxed/spin.toml"
      And the environment variable "EXTRA" is "1"
      Then component "sandboxed" is allowed the environment variable "MODE"
      And component "sandboxed" is allowed the environment variable "EXTRA"
      And component "sandboxed" is denied the environment variable "HOME"

    Scenario: environment variables that the scenario grants are all there are
      Given the app "../fixtures/apps/sandboxed/spin.toml"
      And the environment variable "EXTRA" is "1"
      And component "sandboxed" may use the environment variables "EXTRA"
      When I send GET "/env-all"
      Then the response body is "EXTRA=1"
      And component "sandboxed" is denied the environment variable "MODE"

    Scenario: no environment variable at all
      Given the app "../fixtures/apps/sandboxed/spin.toml"
      And component "sandboxed" may use no environment variable
      When I send GET "/env-all"
      Then the response body is empty

    Scenario: files
      Given the app "../fixtures/apps/sandboxed/spin.toml"
      Then the components may use the files:
        | component | /single.txt | public/index.txt | /texts/secret.txt | /etc/passwd |
        | sandboxed | allowed     | allowed          | denied            | denied      |

    Scenario: files that the scenario grants are all there are
      Given the app "../fixtures/apps/sandboxed/spin.toml"
      And component "sandboxed" may use the files "/single.txt, public/*.txt"
      When I send GET "/list?path=/"
      Then the response body is:
        """
        public/
        single.txt
        """
      When I send GET "/read?path=/texts/first.txt"
      Then the response status is 500
      And component "sandboxed" is denied the file "/texts/first.txt"
      And component "sandboxed" is allowed the file "/public/index.txt"
      And component "sandboxed" is denied the file "/public/deep/leaf.txt"

    Scenario: no file at all
      Given the app "../fixtures/apps/sandboxed/spin.toml"
      And component "sandboxed" may use no file
      When I send GET "/read?path=/single.txt"
      Then the response status is 500

  Rule: components of components

    Scenario: what a composed component does is done with the grants of the whole
      Given the app "../fixtures/apps/composed/spin.toml"
      And the key-value store "default" contains:
        | key       | value |
        | price:tea | 3     |
      When I send GET "/price?item=tea"
      Then the response body is "3"
      And component "till" used only the key-value store "default"

    Scenario: a composed component without a grant
      Given the app "../fixtures/apps/composed/spin.toml"
      And component "till" may use no key-value store
      When I send GET "/price?item=tea"
      Then the response status is 503
      And the response body is "access-denied"
      And component "till" was denied the store "default"
