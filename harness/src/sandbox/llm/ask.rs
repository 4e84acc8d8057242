//! The way of a question to a model through the gate.

use super::answer::Wanted;
use super::{Embedded, Inference, InferencingParams, ModelSays};
use crate::app::GrantKind;
use crate::sandbox::Mistake;
use crate::sandbox::service::llm::{GENERATE_EMBEDDINGS, INFER};
use crate::sandbox::service::{Failure, ServiceInterface};
use crate::sandbox::session::Session;
use crate::sandbox::{Asked, CallTrap, Caller, Changes, Served};
use std::sync::Arc;

/// A text that a model made.
#[derive(Debug)]
pub(crate) struct Completion {
    pub text: String,
    pub prompt_tokens: u32,
    pub generated_tokens: u32,
}

/// The vectors that a model made, one for each text.
#[derive(Debug)]
pub(crate) struct Embeddings {
    pub vectors: Vec<Vec<f32>>,
    pub prompt_tokens: u32,
}

impl Session {
    /// Asks a model to go on with a prompt. The outer error ends the instance.
    pub(crate) async fn infer(
        &self,
        caller: &Caller,
        interface: &'static ServiceInterface,
        model: &str,
        prompt: &str,
        params: InferencingParams,
    ) -> Result<Result<Completion, Failure>, CallTrap> {
        let asked = Asked {
            interface,
            operation: &INFER,
            label: model,
            key: prompt.to_owned(),
            size: prompt.len(),
            changes: Changes::Nothing,
            admitted: self.may_ask(caller, model),
        };
        let complete = |_| async move {
            let asked = model.len() + prompt.len();
            self.state().llm.kept.add(1, asked, "prompts")?;
            let reply = self.complete(model, prompt);
            let size = reply.as_ref().map_or(0, |it| it.text.len());
            let mut state = self.state();
            state.llm.kept.add(0, size, "answers to prompts")?;
            state.llm.inferences.push(Inference {
                component: Arc::clone(&caller.component),
                model: model.to_owned(),
                prompt: prompt.to_owned(),
                params,
                answer: match &reply {
                    Ok(completion) => Ok(completion.text.clone()),
                    Err(failure) => Err(failure.clone()),
                },
            });
            Ok(Served {
                reply,
                size,
                note: None,
            })
        };
        self.service_call(caller, asked, complete).await
    }

    /// Asks a model for the embeddings of texts. The outer error ends the instance.
    pub(crate) async fn generate_embeddings(
        &self,
        caller: &Caller,
        interface: &'static ServiceInterface,
        model: &str,
        texts: &[String],
    ) -> Result<Result<Embeddings, Failure>, CallTrap> {
        let sent: usize = texts.iter().map(String::len).sum();
        let asked = Asked {
            interface,
            operation: &GENERATE_EMBEDDINGS,
            label: model,
            key: texts.join(", "),
            size: sent,
            changes: Changes::Nothing,
            admitted: self.may_ask(caller, model),
        };
        let embed = |_| async move {
            let embedded = texts.iter().map(|text| Embedded {
                component: Arc::clone(&caller.component),
                model: model.to_owned(),
                text: text.clone(),
            });
            {
                let mut state = self.state();
                let bytes = sent.saturating_add(texts.len().saturating_mul(model.len()));
                state.llm.kept.add(texts.len(), bytes, "texts to embed")?;
                state.llm.embedded.extend(embedded);
            }
            let vectors: Result<Vec<_>, _> =
                texts.iter().map(|text| self.embed(model, text)).collect();
            let reply = vectors.map(|vectors| Embeddings {
                prompt_tokens: texts.iter().map(|text| words(text)).sum(),
                vectors,
            });
            let numbers = reply
                .as_ref()
                .map_or(0, |it| it.vectors.iter().map(Vec::len).sum());
            Ok(Served {
                reply,
                size: size_of::<f32>() * numbers,
                note: None,
            })
        };
        self.service_call(caller, asked, embed).await
    }

    /// The grant, and what Spin says without it (`crates/factor-llm/src/host.rs`).
    fn may_ask(&self, caller: &Caller, model: &str) -> Result<(), Failure> {
        if self.may_use(&caller.component, GrantKind::AiModel, model) {
            return Ok(());
        }
        let text = format!(
            "The component does not have access to use '{model}'. To give the component access, add '{model}' to the \
             'ai_models' key for the component in your spin.toml manifest"
        );
        Err(Failure::with_text("invalid-input", text))
    }

    fn complete(&self, model: &str, prompt: &str) -> Result<Completion, Failure> {
        match self.model_says(model, prompt, Wanted::Text)? {
            ModelSays::Text {
                text,
                prompt_tokens,
                generated_tokens,
            } => Ok(Completion {
                prompt_tokens: prompt_tokens.unwrap_or_else(|| words(prompt)),
                generated_tokens: generated_tokens.unwrap_or_else(|| words(&text)),
                text,
            }),
            ModelSays::Fails(failure) => Err(failure),
            ModelSays::Embedding(_) => Err(Failure::new("model-not-supported")),
        }
    }

    fn embed(&self, model: &str, text: &str) -> Result<Vec<f32>, Failure> {
        match self.model_says(model, text, Wanted::Embedding)? {
            ModelSays::Embedding(vector) => Ok(vector),
            ModelSays::Fails(failure) => Err(failure),
            ModelSays::Text { .. } => Err(Failure::new("model-not-supported")),
        }
    }

    /// What the scenario says that a model answers; a question that it says nothing of is a mistake in it.
    fn model_says(&self, model: &str, text: &str, wanted: Wanted) -> Result<ModelSays, Failure> {
        let mut state = self.state();
        if let Some(says) = state.llm.answer(model, text, wanted) {
            return Ok(says);
        }
        let nearest = state.llm.nearest(model, text, wanted);
        let mistake = match wanted {
            Wanted::Text => Mistake::UnansweredPrompt {
                model: model.to_owned(),
                prompt: text.to_owned(),
                nearest,
            },
            Wanted::Embedding => Mistake::UnknownEmbedding {
                model: model.to_owned(),
                text: text.to_owned(),
                nearest,
            },
        };
        let why = "the scenario says nothing of this prompt";
        state.mistakes.push(mistake);
        Err(Failure::with_text("runtime-error", why))
    }
}

/// Tokens where the scenario gives no number: words, which are about as many.
fn words(text: &str) -> u32 {
    u32::try_from(text.split_whitespace().count()).unwrap_or(u32::MAX)
}
