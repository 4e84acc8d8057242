//! Where a Given step stands whose work is done later, when the app starts: what fails then is told with it.

use super::{Failed, World};
use cucumber::gherkin::Step;

/// A step and its place.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// Feature file and line.
    at: String,
    /// The step as it is written.
    step: String,
    /// Which row of its table, counted from 1 below the headings, or nothing.
    row: Option<usize>,
}

impl Place {
    /// The place of a step of this scenario.
    pub fn of(world: &World, step: &Step) -> Result<Self, Failed> {
        let feature = world.context()?.feature_path.display();
        Ok(Self {
            at: format!("{feature}:{}", step.position.line),
            step: format!("{} {}", step.keyword.trim(), step.value),
            row: None,
        })
    }

    /// The same, of one row of its table.
    pub fn row(&self, row: usize) -> Self {
        Self {
            row: Some(row),
            ..self.clone()
        }
    }

    /// A failure of the step at this place, told at another.
    pub fn tell(&self, failed: &Failed) -> Failed {
        let Self { at, step, row } = self;
        let row = row.map_or_else(String::new, |row| format!(", in row {row} of its table"));
        Failed::new(format!("`{step}` at {at} failed{row}:")).note(failed.message())
    }
}
