//! Language models for guests: two interfaces of the same shape, over what the scenario says.

use super::InstanceState;
use super::bindings::{llm_1, llm_2};
use crate::sandbox::service::llm::{LLM_1, LLM_2};
use crate::sandbox::{Failure, InferencingParams};

/// Serves one of the interfaces: they differ in their names alone, and so do the types that are made of them.
macro_rules! serve {
    ($bindings:ident, $interface:ident) => {
        impl $bindings::Host for InstanceState {
            async fn infer(
                &mut self,
                model: String,
                prompt: String,
                params: Option<$bindings::InferencingParams>,
            ) -> wasmtime::Result<Result<$bindings::InferencingResult, $bindings::Error>> {
                let params =
                    params.map_or_else(InferencingParams::default, |params| InferencingParams {
                        max_tokens: params.max_tokens,
                        repeat_penalty: params.repeat_penalty,
                        repeat_penalty_last_n_token_count: params.repeat_penalty_last_n_token_count,
                        temperature: params.temperature,
                        top_k: params.top_k,
                        top_p: params.top_p,
                    });
                let asked = self
                    .session
                    .infer(&self.caller, &$interface, &model, &prompt, params);
                let answer = asked.await?.map_err($bindings::Error::from);
                Ok(answer.map(|it| $bindings::InferencingResult {
                    text: it.text,
                    usage: $bindings::InferencingUsage {
                        prompt_token_count: it.prompt_tokens,
                        generated_token_count: it.generated_tokens,
                    },
                }))
            }

            async fn generate_embeddings(
                &mut self,
                model: String,
                text: Vec<String>,
            ) -> wasmtime::Result<Result<$bindings::EmbeddingsResult, $bindings::Error>> {
                let asked =
                    self.session
                        .generate_embeddings(&self.caller, &$interface, &model, &text);
                let answer = asked.await?.map_err($bindings::Error::from);
                Ok(answer.map(|it| $bindings::EmbeddingsResult {
                    embeddings: it.vectors,
                    usage: $bindings::EmbeddingsUsage {
                        prompt_token_count: it.prompt_tokens,
                    },
                }))
            }
        }

        impl From<Failure> for $bindings::Error {
            fn from(failure: Failure) -> Self {
                let text = failure.text().to_owned();
                match failure.case() {
                    "model-not-supported" => Self::ModelNotSupported,
                    "invalid-input" => Self::InvalidInput(text),
                    // The gate lets no other case through to these interfaces.
                    _ => Self::RuntimeError(text),
                }
            }
        }
    };
}

serve!(llm_1, LLM_1);
serve!(llm_2, LLM_2);
