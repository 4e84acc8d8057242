//! Spin's SQLite store as the harness asks it beside its own, with the handles of a guest.

use super::backend::{Answer, Backend, Operation};
use super::real::{Handles, answer};
use crate::storage::real::RealSqlite;

pub struct Sqlite {
    store: RealSqlite,
    handles: Handles,
}

impl Sqlite {
    pub fn new() -> Self {
        Self {
            store: RealSqlite::in_memory("default").unwrap(),
            handles: Handles::default(),
        }
    }
}

impl Backend for Sqlite {
    fn name(&self) -> &'static str {
        "SQLite"
    }

    fn begin(&mut self) {
        *self = Self::new();
    }

    fn apply(&mut self, operation: &Operation) -> Answer {
        answer(&mut self.store, &mut self.handles, operation)
    }
}
