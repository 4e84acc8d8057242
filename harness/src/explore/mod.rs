//! Runs one scenario many times.

pub(crate) mod schedule_sweep;
