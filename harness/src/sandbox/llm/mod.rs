//! Language models: a scenario says what they answer, and what they were asked is written down. No model runs.

mod answer;
mod ask;

pub use answer::{ModelAnswer, ModelSays};

use super::kept::Kept;
use super::service::Failure;
use std::sync::Arc;

/// How a completion is to be made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InferencingParams {
    /// Tokens that are to be generated at most.
    pub max_tokens: u32,
    /// How much repeating is avoided.
    pub repeat_penalty: f32,
    /// The number of tokens that the penalty looks back at.
    pub repeat_penalty_last_n_token_count: u32,
    /// How random the choice of the next token is.
    pub temperature: f32,
    /// Among how many tokens the next one is chosen.
    pub top_k: u32,
    /// Among what share of all likelihood the next one is chosen.
    pub top_p: f32,
}

/// What Spin takes where a guest says nothing (`crates/factor-llm/src/host.rs`).
impl Default for InferencingParams {
    fn default() -> Self {
        Self {
            max_tokens: 100,
            repeat_penalty: 1.1,
            repeat_penalty_last_n_token_count: 64,
            temperature: 0.8,
            top_k: 40,
            top_p: 0.9,
        }
    }
}

/// A prompt that reached a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Inference {
    /// The component that asked.
    pub component: Arc<str>,
    /// The model.
    pub model: String,
    /// What it was asked.
    pub prompt: String,
    /// How the answer was to be made.
    pub params: InferencingParams,
    /// What it answered.
    pub answer: Result<String, Failure>,
}

/// A text whose embedding a model was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Embedded {
    /// The component that asked.
    pub component: Arc<str>,
    /// The model.
    pub model: String,
    /// The text.
    pub text: String,
}

/// The answers that a scenario gives, and what models were asked so far.
#[derive(Debug, Default)]
pub struct Llm {
    answers: Vec<ModelAnswer>,
    inferences: Vec<Inference>,
    embedded: Vec<Embedded>,
    pub(in crate::sandbox) kept: Kept,
}

impl Llm {
    /// Adds an answer. Of several that fit a prompt the one stated last answers it.
    pub fn push(&mut self, answer: ModelAnswer) {
        self.answers.push(answer);
    }

    /// Whether one prompt is answered differently when it comes again.
    pub(crate) fn answers_in_turn(&self) -> bool {
        self.answers.iter().any(ModelAnswer::is_in_turn)
    }

    /// The prompts that reached a model, in order.
    pub fn inferences(&self) -> &[Inference] {
        &self.inferences
    }

    /// The texts whose embeddings were asked for, in order.
    pub fn embedded(&self) -> &[Embedded] {
        &self.embedded
    }
}
