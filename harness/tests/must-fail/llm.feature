Feature: Language models that are not as expected

  Background:
    Given the app "../../../fixtures/apps/llm/spin.toml"

  # fails with: nothing answers the prompt "the wether?" of model "llama2-chat"; what is answered: model "llama2-chat", "*weather*"; model "llama2-chat", "news"
  Scenario: a prompt that nothing answers names the nearest
    Given the model "llama2-chat" answers prompts like "*weather*" with "sunny"
    And the model "llama2-chat" answers prompts like "news" with "none"
    When I send GET "/infer?prompt=the%20wether%3F"

  # fails with: nothing answers the prompt "Say \"hello\" to all of these: xxx
  # fails with: …" (3029 bytes) of model "llama2-chat"; what is answered: model "llama2-chat", "Say goodbye"
  Scenario: a long prompt that nothing answers names the nearest too
    Given the model "llama2-chat" answers prompts like "Say goodbye" with "bye"
    When I send POST "/infer" with the body of file "../../../features/data/long-prompt.txt"

  # fails with: nothing answers the prompt "x" of model "llama2-chat"; say what does: `Given the model "llama2-chat" answers "text"`
  Scenario: a prompt that nothing answers, in a scenario that answers none
    When I send GET "/v1/infer?prompt=x"

  # fails with: no step gives the embedding of "carrot" by model "all-minilm-l6-v2"; say what does: `Given the embedding of "text" by model "all-minilm-l6-v2" is "0.1, 0.2"`
  Scenario: an embedding that no step gives
    Given the model "all-minilm-l6-v2" answers "a text"
    When I send GET "/embed?model=all-minilm-l6-v2&text=carrot"

  # fails with: the model "llama2-chat" was not asked "goodbye"
  # fails with: llm: llama2-chat was asked "hello"
  Scenario: another prompt
    Given the model "llama2-chat" answers "ok"
    When I send GET "/infer?prompt=hello"
    Then the model "llama2-chat" was asked "goodbye"

  # fails with: the model "all-minilm-l6-v2" was not asked "hello"
  # fails with: llm: llama2-chat was asked "hello"
  Scenario: the prompt, and another model
    Given the model "llama2-chat" answers "ok"
    When I send GET "/infer?prompt=hello"
    Then the model "all-minilm-l6-v2" was asked "hello"

  # fails with: the model "llama2-chat" was not asked for the embedding of "carrot"
  Scenario: the text, and another model
    Given the embedding of "*" by model "all-minilm-l6-v2" is "1"
    When I send GET "/embed?model=all-minilm-l6-v2&text=carrot"
    Then the model "llama2-chat" was asked for the embedding of "carrot"

  # fails with: nothing answers the prompt "hello" of model "llama2-chat"
  Scenario: an answer of another model
    Given the model "all-minilm-l6-v2" answers "ok"
    When I send GET "/infer?prompt=hello"

  # fails with: the model "llama2-chat" was asked once and not 2 times
  Scenario: a wrong number of questions
    Given the model "llama2-chat" answers "ok"
    When I send GET "/infer?prompt=hello"
    Then the model "llama2-chat" was asked 2 times

  # fails with: the model "llama2-chat" was asked once and not never
  Scenario: a model that was asked
    Given the model "llama2-chat" answers "ok"
    When I send GET "/infer?prompt=hello"
    Then the model "llama2-chat" was never asked

  # fails with: a model was asked
  # fails with: all-minilm-l6-v2 was asked for the embedding of "carrot"
  Scenario: a model was asked for an embedding
    Given the embedding of "*" by model "all-minilm-l6-v2" is "1"
    When I send GET "/embed?model=all-minilm-l6-v2&text=carrot"
    Then no model was asked

  # fails with: the model "all-minilm-l6-v2" was not asked for the embedding of "turnip"
  Scenario: another text
    When I send GET "/"
    Then the model "all-minilm-l6-v2" was asked for the embedding of "turnip"

  # fails with: the prompts are not as expected
  Scenario: other parameters
    Given the model "llama2-chat" answers "ok"
    When I send GET "/infer?prompt=hello"
    Then the prompts are:
      | prompt | max tokens |
      | hello  | 50         |

  # fails with: a model cannot fail with `access-denied`; it can with `model-not-supported`, `runtime-error: some text`, `invalid-input: some text`
  Scenario: an error that no model has
    Given the model "llama2-chat" fails with "access-denied"
    When I send GET "/"

  # fails with: `a lot` can't be a number of tokens
  # fails with: in row 1 of the table
  Scenario: no number of tokens
    Given the model "llama2-chat" answers:
      | prompt | answer | prompt tokens |
      | *      | ok     | a lot         |
    When I send GET "/"

  # fails with: `x` can't be a number of an embedding, such as `0.25`
  Scenario: no embedding
    Given the embedding of "text" by model "all-minilm-l6-v2" is "0.5, x"
    When I send GET "/"

  # Whoever asks first gets the first answer.
  # fails with: 2 orders, 1 passed, 1 failed
  @schedule-sweep
  Scenario: answers in turn to two who ask at once
    Given the app "../../../fixtures/apps/llm/spin.toml"
    And the model "llama2-chat" answers:
      | prompt | answer |
      | *      | one    |
      | *      | two    |
    When these requests are sent at once:
      | method | path            |
      | GET    | /infer?prompt=a |
      | GET    | /infer?prompt=b |
    Then the service calls are:
      | operation | key |
      | llm infer | a   |
      | llm infer | b   |
