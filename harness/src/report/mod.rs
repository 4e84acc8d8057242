//! What the user reads, made of the events of a run and nothing else.

pub(crate) mod audit;
mod failure;
mod lanes;
mod order;
mod paint;
mod terminal;
mod words;

pub use order::InOrder;
pub use terminal::{Detail, Terminal, TerminalOptions};
pub use words::{shell_text, shell_word};
