//! The key-value model behind the gate, free of wasm: what a store holds, what each operation does to it,
//! and the sizes that hosted stores accept.
//!
//! One [`Store`] stands behind all four key-value interfaces of Spin. An operation arrives as a
//! [`Request`], leaves as a [`Reply`] or an [`Error`], and never waits: time, faults, permissions and
//! the journal belong to the gate in [`crate::sandbox`]. What a [`RealStore`] is asked does wait, in real time.

mod error;
mod history;
mod limits;
mod operation;
pub(crate) mod real;
pub mod spin_file;
mod store;

pub use error::{Error, UnknownError};
pub use limits::{LimitExceeded, Limits, ProviderLimits};
pub use operation::{Operation, Reply, Request, UnknownOperation};
pub use real::{BadRealStore, RealStore, RealStoreError};
pub use store::{Abort, MAX_RESULT_BYTES, Store};

pub(crate) use history::Past;
