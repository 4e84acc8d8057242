//! Given steps about what language models answer.

use super::table::Column;
use super::world::number;
use super::{Failed, World};
use crate::sandbox::service::llm::LLM_2;
use crate::sandbox::{Failure, ModelAnswer, ModelSays, TextPattern};
use cucumber::gherkin::Step;
use cucumber::given;

#[given(expr = "the model {string} answers {string}")]
fn answers(world: &mut World, model: String, answer: String) -> Result<(), Failed> {
    let says = ModelSays::text(world.text(&answer)?);
    let any = TextPattern::new("*")?;
    world.model_answers(&model, any, says)
}

#[given(expr = "the model {string} answers prompts like {string} with {string}")]
fn answers_like(
    world: &mut World,
    model: String,
    prompt: String,
    answer: String,
) -> Result<(), Failed> {
    let says = ModelSays::text(world.text(&answer)?);
    let prompt = TextPattern::new(&world.text(&prompt)?)?;
    world.model_answers(&model, prompt, says)
}

#[given(expr = "the model {string} fails with {string}")]
fn fails_with(world: &mut World, model: String, failure: String) -> Result<(), Failed> {
    let says = ModelSays::Fails(failure_of(&world.text(&failure)?)?);
    let any = TextPattern::new("*")?;
    world.model_answers(&model, any, says)
}

/// The columns of a table of answers.
const COLUMNS: [Column; 5] = [
    Column::Needed("prompt"),
    Column::Optional("answer"),
    Column::Optional("prompt tokens"),
    Column::Optional("generated tokens"),
    Column::Optional("fails with"),
];

#[given(expr = "the model {string} answers:")]
fn answers_by_table(world: &mut World, model: String, step: &Step) -> Result<(), Failed> {
    let model = world.text(&model)?;
    let mut answers: Vec<ModelAnswer> = Vec::new();
    for (at, row) in world.table(step, COLUMNS)?.rows.into_iter().enumerate() {
        let in_row = |failed: Failed| failed.note(&format!("in row {} of the table", at + 1));
        let [prompt, answer, prompt_tokens, generated_tokens, fails] = row;
        let says = match fails.is_empty() {
            false => ModelSays::Fails(failure_of(&fails).map_err(in_row)?),
            true => ModelSays::Text {
                text: answer,
                prompt_tokens: tokens(&prompt_tokens).map_err(in_row)?,
                generated_tokens: tokens(&generated_tokens).map_err(in_row)?,
            },
        };
        let answer = ModelAnswer::new(&model, TextPattern::new(&prompt)?, vec![says.clone()]);
        // Rows of the same prompt answer it in turn.
        let mut known = answers.iter_mut();
        match known.find(|known| known.is_about_the_same(&answer)) {
            Some(known) => known.then(says),
            None => answers.push(answer),
        }
    }
    answers
        .into_iter()
        .try_for_each(|answer| world.model_answer(answer))
}

#[given(expr = "the embedding of {string} by model {string} is {string}")]
fn embedding_is(
    world: &mut World,
    text: String,
    model: String,
    vector: String,
) -> Result<(), Failed> {
    let says = ModelSays::Embedding(vector_of(&world.text(&vector)?)?);
    let text = TextPattern::new(&world.text(&text)?)?;
    world.model_answers(&model, text, says)
}

#[given(expr = "the embeddings by model {string} are:")]
fn embeddings_are(world: &mut World, model: String, step: &Step) -> Result<(), Failed> {
    let columns = [Column::Needed("text"), Column::Needed("embedding")];
    for (at, [text, vector]) in world.table(step, columns)?.rows.into_iter().enumerate() {
        let in_row = |failed: Failed| failed.note(&format!("in row {} of the table", at + 1));
        let says = ModelSays::Embedding(vector_of(&vector).map_err(in_row)?);
        world.model_answers(&model, TextPattern::new(&text)?, says)?;
    }
    Ok(())
}

impl World {
    fn model_answers(
        &mut self,
        model: &str,
        prompt: TextPattern,
        says: ModelSays,
    ) -> Result<(), Failed> {
        let model = self.text(model)?;
        self.model_answer(ModelAnswer::new(model, prompt, vec![says]))
    }

    fn model_answer(&mut self, answer: ModelAnswer) -> Result<(), Failed> {
        match self.started() {
            // What a model answers may change while the scenario runs.
            Some(session) => session.with_llm(|llm| llm.push(answer)),
            None => self.arrangement.model_answers.push(answer),
        }
        Ok(())
    }
}

/// An error that a model can fail with.
fn failure_of(text: &str) -> Result<Failure, Failed> {
    let failure: Failure = text.parse()?;
    if LLM_2.can_say(&failure) {
        return Ok(failure);
    }
    let cases: Vec<_> = LLM_2
        .errors
        .iter()
        .map(|case| format!("`{case}`"))
        .collect();
    Err(Failed::new(format!(
        "a model cannot fail with `{failure}`; it can with {}",
        cases.join(", ")
    )))
}

fn tokens(text: &str) -> Result<Option<u32>, Failed> {
    match text {
        "" => Ok(None),
        text => number(text, "a number of tokens").map(Some),
    }
}

/// Numbers, separated by commas.
fn vector_of(text: &str) -> Result<Vec<f32>, Failed> {
    text.split(',')
        .map(str::trim)
        .filter(|number| !number.is_empty())
        .map(|text| number(text, "a number of an embedding, such as `0.25`"))
        .collect()
}
