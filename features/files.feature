Feature: Files of a component
  A guest reads the files that its manifest names, under the paths that Spin gives them, and writes none.

  Background:
    Given the app "../fixtures/apps/sandboxed/spin.toml"

  Scenario Outline: <path> is there
    When I send GET "/read?path=<path>"
    Then the response status is 200
    And the response body contains "<content>"

    Examples:
      | path                  | content         |
      | /public/index.txt     | the front page  |
      | /public/deep/leaf.txt | a leaf          |
      | /texts/first.txt      | the first text  |
      | /texts/second.txt     | the second text |
      | /single.txt           | one file        |

  Scenario Outline: <path> is not: <why>
    When I send GET "/read?path=<path>"
    Then the response status is 500
    And the response body is "<error>"

    Examples:
      | path              | why                           | error                                   |
      | /public/draft.txt | it is excluded                | No such file or directory (os error 44) |
      | /texts/secret.txt | it is excluded from a pattern | No such file or directory (os error 44) |
      | /texts/data.bin   | the pattern does not fit      | No such file or directory (os error 44) |
      | /spin.toml        | the manifest names it nowhere | No such file or directory (os error 44) |
      | /assets/index.txt | a mount has another name      | No such file or directory (os error 44) |

  Scenario: folders list what is in them
    When I send GET "/list?path=/"
    Then the response body is:
      """
      public/
      single.txt
      texts/
      """
    When I send GET "/list?path=/public"
    Then the response body is:
      """
      deep/
      index.txt
      """
    When I send GET "/list?path=/texts"
    Then the response body is:
      """
      first.txt
      second.txt
      """

  Scenario Outline: <what> can't be written
    When I send GET "/write?path=<path>&text=changed"
    Then the response status is 500
    And the response body is "Operation not permitted (os error 63)"

    Examples:
      | what               | path              |
      | a file that exists | /public/index.txt |
      | a single file      | /single.txt       |
      | a new file         | /public/new.txt   |
      | a file at the root | /new.txt          |

  Scenario: a path out of the mounts leads nowhere
    When I send GET "/read?path=../../../../etc/hostname"
    Then the response status is 500
