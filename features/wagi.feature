Feature: The executor wagi
  A CGI program has the request in its environment, its arguments and its standard input; what it writes is the answer.

  Background:
    Given the app "../fixtures/apps/wagi/spin.toml"

  Rule: what the program is told

    Scenario: the request
      When I send the request:
        """
        POST /cgi/a%20b/c?x=1&y=2 HTTP/1.1
        content-type: text/plain
        x-token: abc
        authorization: Bearer secret

        tea
        """
      Then the response status is 200
      And the response header "content-type" is "text/plain"
      And the response header "x-wagi" is "yes"
      And the response body is:
        """
        argument /cgi/a%20b/c
        argument x=1
        argument y=2
        AUTH_TYPE=
        CONTENT_LENGTH=3
        CONTENT_TYPE=
        GATEWAY_INTERFACE=CGI/1.1
        GREETING=hello
        HTTP_CONTENT_LENGTH=3
        HTTP_CONTENT_TYPE=text/plain
        HTTP_HOST=localhost:3000
        HTTP_X_TOKEN=abc
        PATH_INFO=/a%20b/c
        PATH_TRANSLATED=/a b/c
        QUERY_STRING=x=1&y=2
        REMOTE_ADDR=127.0.0.1
        REMOTE_HOST=127.0.0.1
        REMOTE_USER=
        REQUEST_METHOD=POST
        SCRIPT_NAME=/cgi
        SERVER_NAME=localhost
        SERVER_PORT=3000
        SERVER_PROTOCOL=HTTP/1.1
        SERVER_SOFTWARE=WAGI/1
        X_BASE_PATH=/
        X_CLIENT_ADDR=127.0.0.1:1
        X_COMPONENT_ROUTE=/cgi
        X_FULL_URL=http://localhost:3000/cgi/a%20b/c?x=1&y=2
        X_MATCHED_ROUTE=/cgi/...
        X_RAW_COMPONENT_ROUTE=/cgi/...
        X_RAW_PATH_INFO=/a%20b/c
        body tea

        """

    Scenario: arguments as the manifest has them, and parts of the route
      When I send GET "/users/ada/x?a=1&b=2"
      Then the response body matches "^argument first\\nargument /users/ada/x\\nargument a=1\\nargument b=2\\nargument last\\nAUTH_TYPE"
      And the response body matches "\\nX_PATH_MATCH_USER=ada\\n"
      And the response body matches "\\nPATH_INFO=/x\\n"

    Scenario: without a query there is an empty argument
      When I send GET "/cgi/x"
      Then the response body matches "^argument /cgi/x\\nargument \\nAUTH_TYPE"

    Scenario: files and the log are those of any component
      When I send GET "/cgi/file?name=/note.txt"
      Then the response body contains "a note"
      When I send GET "/cgi/logs"
      Then the response body is "logged"
      And component "program" logged "a line for the log"

  Rule: what becomes of its output

    Scenario Outline: <output> is answered <status>
      When I send GET "/cgi/says?text=<output>"
      Then the response status is <status>
      And the response body is "<body>"

      Examples:
        | output                                     | status | body                                                          |
        | content-type:%20text/plain%0A%0Atea        | 200    | tea                                                           |
        | content-type:%20text/plain%0D%0A%0D%0Atea  | 200    | tea                                                           |
        | Status:%20418%20teapot%0A%0Atea            | 418    | tea                                                           |
        | status:%20tea%0A%0Atea                     | 502    | tea                                                           |
        | location:%20/x%0A%0A                       | 302    |                                                               |
        | status:%20301%0Alocation:%20/x%0A%0A       | 301    |                                                               |
        | tea                                        | 500    | Exactly one of 'location' or 'content-type' must be specified |
        | x-a:%201%0A%0Atea                          | 500    | Exactly one of 'location' or 'content-type' must be specified |

    Scenario: the server states how long the answer is
      When I send GET "/cgi/says?text=content-type:%20text/plain%0Ax-a:%201%0A%0Atea"
      Then the response header "content-length" is "3"
      And the response header "x-a" is "1"

    Scenario Outline: a program that <what>
      When I send GET "/cgi/<path>"
      Then the response status is <status>
      And the response body is "<body>"

      Examples:
        | what                            | path                  | status | body |
        | exits, and that was all         | says-and-exits        | 200    | said |
        | says something, and then fails  | says-and-exits?code=1 | 500    |      |
        | says nothing                    | nothing               | 500    |      |
        | traps                           | panics                | 500    |      |

    Scenario: a program that fails has trapped
      When I send GET "/cgi/exits?code=3"
      Then component "program" trapped

  Rule: bounds and time

    Scenario: a program that writes without end
      Given the response bound is "64 KiB"
      When I send GET "/cgi/floods"
      Then the response status is 500
      And component "program" trapped

    Scenario: a program that computes without end
      Given the compute bound is "50 ms"
      When I send GET "/cgi/loop"
      Then the response status is 500
      And component "program" trapped

    Scenario: a program that sleeps takes virtual time
      When I send GET "/cgi/sleeps?ms=1500"
      Then the response body is "slept"
      And the response took 1500 ms

    Scenario: several at once
      When 3 clients send GET "/cgi/x" at once
      Then every response status is 200

  Rule: another component calls it

    Scenario: by its name, without a host
      When I send GET "/front/send?url=http://program.spin.internal/a?x%3D1"
      Then the JSON path "$.status" is 200
      And the response body contains "argument /a\\u000aargument x=1"
      And the response body contains "SERVER_NAME=default_host"
      And the response body contains "SERVER_PORT=80"
      And the response body contains "X_FULL_URL=http://localhost/a?x=1"
      And the response body contains "PATH_INFO=/a"
      And the response body contains "X_MATCHED_ROUTE=/..."
      And the response body contains "REMOTE_ADDR=0.0.0.0"
