//! Language models as the gate sees them.

use super::{ErrorCase, Family, ServiceInterface, ServiceOperation, Turns};
use crate::sandbox::KeyPattern;

/// The first word of its operations.
const FAMILY: &str = "llm";

/// What a component can ask of a model.
pub(super) static SERVICE: Family = Family {
    name: FAMILY,
    interfaces: &[&LLM_1, &LLM_2],
    operations: &[&INFER, &GENERATE_EMBEDDINGS],
    key_words: "of prompt",
    label_words: Some("of model"),
    normal_label: str::to_owned,
    key_pattern: KeyPattern::new,
    answers_in_turn: |state| state.llm.answers_in_turn(),
    swept: |_, _, _| true,
};

/// What both interfaces have.
const LLM: ServiceInterface = ServiceInterface {
    name: "fermyon:spin/llm",
    family: FAMILY,
    errors: &[
        ErrorCase::plain("model-not-supported"),
        ErrorCase::with_text("runtime-error"),
        ErrorCase::with_text("invalid-input"),
    ],
    injected: "runtime-error: injected failure",
    injected_after: "runtime-error: injected failure",
    is_async: false,
    turns: Turns::WhereTold,
    also: &[],
};

/// `fermyon:spin/llm`, without a version.
pub(crate) static LLM_1: ServiceInterface = LLM;

/// `fermyon:spin/llm@2.0.0`.
pub(crate) static LLM_2: ServiceInterface = ServiceInterface {
    name: "fermyon:spin/llm@2.0.0",
    ..LLM
};

/// A prompt: its label is the model, its key the prompt.
pub(crate) static INFER: ServiceOperation = ServiceOperation::reads("llm infer");

/// Texts whose embeddings are wanted: the label is the model, the key the texts, joined by `, `.
pub(crate) static GENERATE_EMBEDDINGS: ServiceOperation =
    ServiceOperation::reads("llm generate-embeddings");
