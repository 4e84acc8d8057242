//! What a scenario says that models answer.

use super::Llm;
use crate::sandbox::TextPattern;
use crate::sandbox::nearest::nearest;
use crate::sandbox::service::Failure;

/// What a model says.
#[derive(Clone, Debug, PartialEq)]
pub enum ModelSays {
    /// It goes on with a text.
    Text {
        /// The text.
        text: String,
        /// Tokens of the prompt; as many as it has words where none are given.
        prompt_tokens: Option<u32>,
        /// Tokens of the text; as many as it has words where none are given.
        generated_tokens: Option<u32>,
    },
    /// It gives the embedding of a text.
    Embedding(Vec<f32>),
    /// It fails, whatever it is asked for.
    Fails(Failure),
}

impl ModelSays {
    /// A text, with as many tokens as there are words.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text {
            text: text.into(),
            prompt_tokens: None,
            generated_tokens: None,
        }
    }

    fn is_about(&self, wanted: Wanted) -> bool {
        match self {
            Self::Text { .. } => wanted == Wanted::Text,
            Self::Embedding(_) => wanted == Wanted::Embedding,
            Self::Fails(_) => true,
        }
    }
}

/// What a model is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Text,
    Embedding,
}

/// Prompts of a model, and what it says to them.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelAnswer {
    model: String,
    prompt: TextPattern,
    says: Vec<ModelSays>,
    /// How many prompts it has answered.
    answered: usize,
}

impl ModelAnswer {
    /// Prompts of a model that fit a pattern, answered in turn; the last answer is repeated.
    pub fn new(model: impl Into<String>, prompt: TextPattern, says: Vec<ModelSays>) -> Self {
        Self {
            model: model.into(),
            prompt,
            says,
            answered: 0,
        }
    }

    /// Whether it is of the same prompts: a table answers them in turn.
    pub fn is_about_the_same(&self, other: &Self) -> bool {
        self.model == other.model && self.prompt == other.prompt
    }

    pub(super) fn is_in_turn(&self) -> bool {
        self.says.len() > 1
    }

    /// Adds what is said next.
    pub fn then(&mut self, says: ModelSays) {
        self.says.push(says);
    }

    fn next(&mut self) -> Option<ModelSays> {
        let last = self.says.len().saturating_sub(1);
        let says = self.says.get(self.answered.min(last)).cloned();
        self.answered += 1;
        says
    }
}

impl Llm {
    /// What a model says to a text, if the scenario says it.
    pub(super) fn answer(&mut self, model: &str, text: &str, wanted: Wanted) -> Option<ModelSays> {
        let fits = |answer: &&mut ModelAnswer| {
            answer.model == model
                && answer.prompt.fits(text)
                && answer.says.iter().any(|says| says.is_about(wanted))
        };
        let mut answers = self.answers.iter_mut().rev();
        answers.find(fits).and_then(ModelAnswer::next)
    }

    /// What is answered that is most like something that is not.
    pub(super) fn nearest(&self, model: &str, text: &str, wanted: Wanted) -> Vec<String> {
        let about = |answer: &&ModelAnswer| answer.says.iter().any(|says| says.is_about(wanted));
        let told = |model: &str, prompt: &str| format!("model \"{model}\", \"{prompt}\"");
        let stated = self.answers.iter().filter(about);
        nearest(
            &told(model, text),
            stated.map(|answer| told(&answer.model, &answer.prompt.to_string())),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn llm(answers: &[(&str, &str, &[ModelSays])]) -> Llm {
        let mut llm = Llm::default();
        for (model, prompt, says) in answers {
            let prompt = TextPattern::new(prompt).unwrap();
            llm.push(ModelAnswer::new(*model, prompt, says.to_vec()));
        }
        llm
    }

    #[test]
    fn the_last_stated_answer_that_fits_is_given() {
        let mut llm = llm(&[
            ("a", "*", &[ModelSays::text("anything")]),
            ("a", "*weather*", &[ModelSays::text("sunny")]),
            ("b", "*", &[ModelSays::Embedding(vec![0.5])]),
        ]);
        let mut text = |model, prompt| llm.answer(model, prompt, Wanted::Text);
        assert_eq!(text("a", "the weather?"), Some(ModelSays::text("sunny")));
        assert_eq!(text("a", "hello"), Some(ModelSays::text("anything")));
        assert_eq!(text("b", "hello"), None);
        assert_eq!(text("c", "hello"), None);
        let embedding = llm.answer("b", "hello", Wanted::Embedding);
        assert_eq!(embedding, Some(ModelSays::Embedding(vec![0.5])));
    }

    #[test]
    fn answers_come_in_turn_and_a_failure_is_for_both_kinds_of_question() {
        let failure = ModelSays::Fails(Failure::new("model-not-supported"));
        let mut llm = llm(&[("a", "*", &[ModelSays::text("one"), failure.clone()])]);
        let mut text = || llm.answer("a", "x", Wanted::Text);
        assert_eq!(text(), Some(ModelSays::text("one")));
        assert_eq!(text(), Some(failure.clone()));
        assert_eq!(text(), Some(failure.clone()));
        let embedding = llm.answer("a", "x", Wanted::Embedding);
        assert_eq!(embedding, Some(failure));
    }

    #[test]
    fn the_nearest_are_of_the_same_kind_and_the_most_similar_first() {
        let llm = llm(&[
            ("llama2-chat", "something else", &[ModelSays::text("")]),
            ("llama2-chat", "Hello!", &[ModelSays::text("")]),
            ("llama2-chat", "Hello", &[ModelSays::Embedding(Vec::new())]),
        ]);
        assert_eq!(
            llm.nearest("llama2-chat", "Hello", Wanted::Text),
            [
                r#"model "llama2-chat", "Hello!""#,
                r#"model "llama2-chat", "something else""#
            ]
        );
    }
}
