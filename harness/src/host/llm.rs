//! Language models for guests: two interfaces of the same shape, over what the scenario says.

use super::InstanceState;
use super::bindings::{llm_1, llm_2};
use crate::sandbox::service::llm::{LLM_1, LLM_2};
use crate::sandbox::{Failure, InferencingParams};

impl llm_1::Host for InstanceState {
    async fn infer(
        &mut self,
        model: String,
        prompt: String,
        params: Option<llm_1::InferencingParams>,
    ) -> wasmtime::Result<Result<llm_1::InferencingResult, llm_1::Error>> {
        let params = params.map_or_else(InferencingParams::default, |params| InferencingParams {
            max_tokens: params.max_tokens,
            repeat_penalty: params.repeat_penalty,
            repeat_penalty_last_n_token_count: params.repeat_penalty_last_n_token_count,
            temperature: params.temperature,
            top_k: params.top_k,
            top_p: params.top_p,
        });
        let answer = self
            .session
            .infer(&self.caller, &LLM_1, &model, &prompt, params)
            .await?;
        Ok(answer.map_err(say_1).map(|it| llm_1::InferencingResult {
            text: it.text,
            usage: llm_1::InferencingUsage {
                prompt_token_count: it.prompt_tokens,
                generated_token_count: it.generated_tokens,
            },
        }))
    }

    async fn generate_embeddings(
        &mut self,
        model: String,
        text: Vec<String>,
    ) -> wasmtime::Result<Result<llm_1::EmbeddingsResult, llm_1::Error>> {
        let answer = self
            .session
            .generate_embeddings(&self.caller, &LLM_1, &model, &text)
            .await?;
        Ok(answer.map_err(say_1).map(|it| llm_1::EmbeddingsResult {
            embeddings: it.vectors,
            usage: llm_1::EmbeddingsUsage {
                prompt_token_count: it.prompt_tokens,
            },
        }))
    }
}

impl llm_2::Host for InstanceState {
    async fn infer(
        &mut self,
        model: String,
        prompt: String,
        params: Option<llm_2::InferencingParams>,
    ) -> wasmtime::Result<Result<llm_2::InferencingResult, llm_2::Error>> {
        let params = params.map_or_else(InferencingParams::default, |params| InferencingParams {
            max_tokens: params.max_tokens,
            repeat_penalty: params.repeat_penalty,
            repeat_penalty_last_n_token_count: params.repeat_penalty_last_n_token_count,
            temperature: params.temperature,
            top_k: params.top_k,
            top_p: params.top_p,
        });
        let answer = self
            .session
            .infer(&self.caller, &LLM_2, &model, &prompt, params)
            .await?;
        Ok(answer.map_err(say_2).map(|it| llm_2::InferencingResult {
            text: it.text,
            usage: llm_2::InferencingUsage {
                prompt_token_count: it.prompt_tokens,
                generated_token_count: it.generated_tokens,
            },
        }))
    }

    async fn generate_embeddings(
        &mut self,
        model: String,
        text: Vec<String>,
    ) -> wasmtime::Result<Result<llm_2::EmbeddingsResult, llm_2::Error>> {
        let answer = self
            .session
            .generate_embeddings(&self.caller, &LLM_2, &model, &text)
            .await?;
        Ok(answer.map_err(say_2).map(|it| llm_2::EmbeddingsResult {
            embeddings: it.vectors,
            usage: llm_2::EmbeddingsUsage {
                prompt_token_count: it.prompt_tokens,
            },
        }))
    }
}

fn say_1(failure: Failure) -> llm_1::Error {
    let text = failure.text().to_owned();
    match failure.case() {
        "model-not-supported" => llm_1::Error::ModelNotSupported,
        "invalid-input" => llm_1::Error::InvalidInput(text),
        // The gate lets no other case through to this interface.
        _ => llm_1::Error::RuntimeError(text),
    }
}

fn say_2(failure: Failure) -> llm_2::Error {
    let text = failure.text().to_owned();
    match failure.case() {
        "model-not-supported" => llm_2::Error::ModelNotSupported,
        "invalid-input" => llm_2::Error::InvalidInput(text),
        _ => llm_2::Error::RuntimeError(text),
    }
}
