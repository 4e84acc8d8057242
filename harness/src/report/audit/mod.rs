//! What an audit found, as people and other programs read it: one function for each form.

mod terminal;

pub(crate) use terminal::terminal;
