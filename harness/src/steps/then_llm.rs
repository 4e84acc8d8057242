//! Then steps about what language models were asked.

use super::table::Column;
use super::world::number;
use super::{Failed, World};
use crate::sandbox::{Inference, Llm, TextPattern};
use crate::value::{times, visible};
use cucumber::gherkin::Step;
use cucumber::then;

/// The columns of a table of prompts.
const COLUMNS: [&str; 10] = [
    "component",
    "model",
    "prompt",
    "answer",
    "max tokens",
    "temperature",
    "top k",
    "top p",
    "repeat penalty",
    "repeat penalty last n",
];

#[then(expr = "the model {string} was asked {string}")]
fn was_asked(world: &mut World, model: String, prompt: String) -> Result<(), Failed> {
    let (model, text) = (world.text(&model)?, world.text(&prompt)?);
    let pattern = TextPattern::new(&text)?;
    world.session()?.with_llm(|llm| {
        let mut inferences = llm.inferences().iter();
        if inferences.any(|it| it.model == model && pattern.fits(&it.prompt)) {
            return Ok(());
        }
        Err(Failed::new(format!(
            "the model \"{model}\" was not asked \"{}\"",
            visible(&text)
        ))
        .note(&listed(llm)))
    })
}

#[then(expr = "the model {string} was asked for the embedding of {string}")]
fn was_asked_to_embed(world: &mut World, model: String, text: String) -> Result<(), Failed> {
    let (model, text) = (world.text(&model)?, world.text(&text)?);
    let pattern = TextPattern::new(&text)?;
    world.session()?.with_llm(|llm| {
        let mut embedded = llm.embedded().iter();
        if embedded.any(|it| it.model == model && pattern.fits(&it.text)) {
            return Ok(());
        }
        Err(Failed::new(format!(
            "the model \"{model}\" was not asked for the embedding of \"{}\"",
            visible(&text)
        ))
        .note(&listed(llm)))
    })
}

#[then(expr = "the model {string} was asked {int} time(s)")]
fn was_asked_times(world: &mut World, model: String, count: String) -> Result<(), Failed> {
    let count = number(&count, "a number of questions")?;
    world.expect_asked(&model, count)
}

#[then(expr = "the model {string} was never asked")]
fn was_never_asked(world: &mut World, model: String) -> Result<(), Failed> {
    world.expect_asked(&model, 0)
}

#[then(expr = "no model was asked")]
fn none_was_asked(world: &mut World) -> Result<(), Failed> {
    world.session()?.with_llm(|llm| {
        match llm.inferences().is_empty() && llm.embedded().is_empty() {
            true => Ok(()),
            false => Err(Failed::new("a model was asked").note(&listed(llm))),
        }
    })
}

#[then(expr = "the prompts are:")]
fn prompts_are(world: &mut World, step: &Step) -> Result<(), Failed> {
    let table = world.table(step, COLUMNS.map(Column::Optional))?;
    let actual: Vec<_> = world
        .session()?
        .with_llm(|llm| llm.inferences().iter().map(row).collect());
    world.rows_are("the prompts", &table, &actual, &COLUMNS)
}

impl World {
    fn expect_asked(&mut self, model: &str, expected: usize) -> Result<(), Failed> {
        let model = self.text(model)?;
        self.session()?.with_llm(|llm| {
            let prompts = llm.inferences().iter().filter(|it| it.model == model);
            let texts = llm.embedded().iter().filter(|it| it.model == model);
            let count = prompts.count() + texts.count();
            if count == expected {
                return Ok(());
            }
            Err(Failed::new(format!(
                "the model \"{model}\" was asked {} and not {}",
                times(count),
                times(expected)
            ))
            .note(&listed(llm)))
        })
    }
}

fn row(inference: &Inference) -> [String; 10] {
    let params = &inference.params;
    [
        inference.component.to_string(),
        inference.model.clone(),
        inference.prompt.clone(),
        match &inference.answer {
            Ok(text) => text.clone(),
            Err(failure) => failure.to_string(),
        },
        params.max_tokens.to_string(),
        params.temperature.to_string(),
        params.top_k.to_string(),
        params.top_p.to_string(),
        params.repeat_penalty.to_string(),
        params.repeat_penalty_last_n_token_count.to_string(),
    ]
}

/// The first questions for a message.
fn listed(llm: &Llm) -> String {
    let prompts = llm.inferences().iter().map(|it| {
        let prompt = visible(&it.prompt);
        format!("  {}: {} was asked \"{prompt}\"", it.component, it.model)
    });
    let texts = llm.embedded().iter().map(|it| {
        let text = visible(&it.text);
        format!(
            "  {}: {} was asked for the embedding of \"{text}\"",
            it.component, it.model
        )
    });
    let lines: Vec<_> = prompts.chain(texts).take(10).collect();
    match lines.is_empty() {
        true => "no model was asked anything".to_owned(),
        false => lines.join("\n"),
    }
}
