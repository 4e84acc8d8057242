Feature: Language models
  No model runs. A scenario says what a model answers, and sees what it was asked.

  Background:
    Given the app "../fixtures/apps/llm/spin.toml"

  Scenario Outline: a model answers, through <path>
    Given the model "llama2-chat" answers "Good morning to you."
    When I send GET "<path>?prompt=Say%20hello"
    Then the response status is 200
    And the response body is "Good morning to you."
    And the response header "x-prompt-tokens" is "2"
    And the response header "x-generated-tokens" is "4"
    And the model "llama2-chat" was asked "Say hello"
    And the model "llama2-chat" was asked 1 time
    And component "llm" used only the AI model "llama2-chat"

    Examples:
      | path      |
      | /infer    |
      | /v1/infer |

  Scenario: what it answers depends on the prompt; the last statement that fits counts
    Given the model "llama2-chat" answers "I do not know."
    And the model "llama2-chat" answers prompts like "*weather*" with "sunny"
    When I send POST "/infer" with body "How is the weather [in Oslo]?"
    Then the response body is "sunny"
    When I send POST "/infer" with body "Who are you?"
    Then the response body is "I do not know."

  Scenario: what it answers may change while the scenario runs
    Given the model "llama2-chat" answers "one"
    When I send GET "/infer?prompt=count"
    Then the response body is "one"
    Given the model "llama2-chat" answers "two"
    When I send GET "/infer?prompt=count"
    Then the response body is "two"

  Scenario: answers in turn, with numbers of tokens
    Given the model "llama2-chat" answers:
      | prompt | answer | prompt tokens | generated tokens | fails with                |
      | count  | one    | 12            | 34               |                           |
      | count  |        |               |                  | runtime-error: overloaded |
      | count  | three  |               |                  |                           |
    When I send GET "/infer?prompt=count"
    Then the response body is "one"
    And the response header "x-prompt-tokens" is "12"
    And the response header "x-generated-tokens" is "34"
    When I send GET "/infer?prompt=count"
    Then the response status is 500
    And the response body is "runtime-error: overloaded"
    When I send GET "/infer?prompt=count"
    Then the response body is "three"
    When I send GET "/infer?prompt=count"
    Then the response body is "three"

  Scenario: the prompts with what they were asked with; without parameters they are Spin's own
    Given the model "llama2-chat" answers "ok"
    When I send GET "/infer?prompt=one"
    And I send GET "/v1/infer?prompt=two&max-tokens=7&temperature=0.25"
    Then the prompts are:
      | component | model       | prompt | answer | max tokens | temperature | top k | top p | repeat penalty | repeat penalty last n |
      | llm       | llama2-chat | one    | ok     | 100        | 0.8         | 40    | 0.9   | 1.1            | 64                    |
      | llm       | llama2-chat | two    | ok     | 7          | 0.25        | 40    | 0.9   | 1.1            | 64                    |

  Scenario Outline: a model fails with <error>, through <path>
    Given the model "llama2-chat" fails with "<error>"
    When I send GET "<path>?prompt=hello"
    Then the response status is 500
    And the response body is "<error>"

    Examples:
      | path      | error                     |
      | /infer    | model-not-supported       |
      | /infer    | runtime-error: overloaded |
      | /infer    | invalid-input: too long   |
      | /v1/infer | model-not-supported       |
      | /v1/infer | runtime-error: overloaded |
      | /v1/infer | invalid-input: too long   |

  Scenario Outline: embeddings, through <path>
    Given the embedding of "turnip" by model "all-minilm-l6-v2" is "0.5, -0.25"
    And the embeddings by model "all-minilm-l6-v2" are:
      | text      | embedding |
      | a carrot* | 1, 0      |
    When I send GET "<path>?model=all-minilm-l6-v2&text=turnip&text=a%20carrot%20cake"
    Then the response status is 200
    And the response body is:
      """
      0.5, -0.25
      1, 0
      """
    And the response header "x-prompt-tokens" is "4"
    And the model "all-minilm-l6-v2" was asked for the embedding of "a carrot cake"
    And the model "all-minilm-l6-v2" was asked 2 times

    Examples:
      | path      |
      | /embed    |
      | /v1/embed |

  Scenario Outline: embeddings fail with <error>
    Given the model "all-minilm-l6-v2" fails with "<error>"
    When I send GET "/embed?model=all-minilm-l6-v2&text=turnip"
    Then the response status is 500
    And the response body is "<error>"

    Examples:
      | error                   |
      | model-not-supported     |
      | runtime-error: no space |

  # The text is Spin's: crates/factor-llm/src/host.rs.
  Scenario Outline: a model that the manifest does not name, through <path>
    Given the model "codellama-instruct" answers "never"
    When I send GET "<path>?model=codellama-instruct&prompt=x&text=x"
    Then the response status is 500
    And the response body is "invalid-input: The component does not have access to use 'codellama-instruct'. To give the component access, add 'codellama-instruct' to the 'ai_models' key for the component in your spin.toml manifest"
    And no model was asked
    And component "llm" used no AI model

    Examples:
      | path      |
      | /infer    |
      | /embed    |
      | /v1/infer |
      | /v1/embed |

  Scenario: a scenario may grant other models
    Given component "llm" may use the AI model "codellama-instruct"
    And the model "codellama-instruct" answers "fn main() {}"
    When I send GET "/infer?model=codellama-instruct&prompt=x"
    Then the response body is "fn main() {}"
    When I send GET "/infer?model=llama2-chat&prompt=x"
    Then the response status is 500
    And the model "llama2-chat" was never asked

  Scenario: a fault hits one prompt and not another
    Given the model "llama2-chat" answers "ok"
    And every "llm infer" of key "*weather*" on store "llama2-chat" fails with "runtime-error: overloaded"
    When I send GET "/infer?prompt=the%20weather"
    Then the response body is "runtime-error: overloaded"
    When I send GET "/infer?prompt=hello"
    Then the response body is "ok"
    And the model "llama2-chat" was asked 1 time

  Scenario: a model takes its time
    Given the model "llama2-chat" answers "ok"
    And every "llm infer" takes 12 s
    When I send GET "/infer?prompt=hello"
    Then the response took 12 s

  Scenario: what one model was told and asked is another's in nothing
    Given the model "llama2-chat" answers "from llama"
    And the embedding of "turnip" by model "all-minilm-l6-v2" is "1"
    And component "llm" may use the AI models "llama2-chat, all-minilm-l6-v2, codellama-instruct"
    And the model "codellama-instruct" answers prompts like "x" with "from codellama"
    When I send GET "/infer?prompt=x"
    Then the response body is "from llama"
    When I send GET "/infer?model=codellama-instruct&prompt=x"
    Then the response body is "from codellama"
    When I send GET "/embed?model=all-minilm-l6-v2&text=turnip"
    Then the model "llama2-chat" was asked 1 time
    And the model "codellama-instruct" was asked 1 time
    And the model "all-minilm-l6-v2" was asked 1 time
    And the model "all-minilm-l6-v2" was asked for the embedding of "turnip"
    And the prompts are:
      | model              | prompt | answer         |
      | llama2-chat        | x      | from llama     |
      | codellama-instruct | x      | from codellama |

  @fault-sweep
  Scenario: whatever fails, the client is told
    Given the model "llama2-chat" answers "ok"
    When I send GET "/infer?prompt=hello"
    Then the response status is one of 200, 500
