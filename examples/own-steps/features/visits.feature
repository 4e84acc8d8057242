Feature: visits, in the words of the app

  Background:
    Given the app "../../../fixtures/apps/visits"

  Scenario: the next visitor is counted
    Given 41 people were here before
    When I send GET "/visit"
    Then the response body is "42"
    And the answer is the number of visits in the store
