//! Tests for apps that run on [Spin](https://spinframework.dev), in-process and without a network: the app's real
//! `spin.toml`, its real components on wasmtime, and a key-value store whose every failure can be scripted.
//!
//! ```
//! use spin_harness::{App, Error, Fault, Operation};
//!
//! # let manifest = "../fixtures/apps/visits/spin.toml";
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let app = App::load(manifest)?;
//! let mut sandbox = app.sandbox();
//! sandbox.key_value("default").set("visits", "41");
//! sandbox.faults().push(Fault::on(Operation::Set).nth(1).fails_with(Error::other("disk full")));
//! let response = sandbox.get("/visit").await?;
//! assert_eq!(response.status(), 503);
//! # Ok::<(), Box<dyn std::error::Error>>(()) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! **An app is loaded once.** [`App`] is what the files say, checked as Spin checks it, compiled and linked. It never
//! changes and is cheap to clone; every test on every thread shares it.
//!
//! **A sandbox is one test's world.** [`Sandbox`] has the stores, the clock, the random numbers, the fault rules, the
//! journal and the log of one test. It is made in microseconds and dropped after. Its time is virtual: sleeping guests and
//! slow stores take no real time.
//!
//! **Every call goes through one gate,** in [`sandbox`]: whether it is granted, whether a [`Fault`] hits it, whether a
//! documented limit holds it back, what it does to the store, and its line in the [journal](sandbox::Journal).
//!
//! **Gherkin is one way to use it.** [`steps`] is the vocabulary, over a [`World`](steps::World) that steps of your own
//! can share; [`runner`] runs feature files, and [`cli`] is the command `spin-harness`.

pub mod app;
pub mod audit;
pub mod cli;
pub mod diff;
pub mod engine;
pub mod explore;
mod host;
mod report;
pub mod runner;
pub mod sandbox;
pub mod snapshot;
pub mod steps;
pub mod storage;
pub mod trigger;
pub mod value;

pub use host::support;

pub use engine::{App, AppBuilder, AppError};
pub use sandbox::{Fault, Sandbox};
pub use storage::{Error, Operation};
pub use trigger::{Request, Response};

/// The code of the pages about the library compiles.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../../docs/library.md")]
    mod library {}
    #[doc = include_str!("../../docs/own-steps.md")]
    mod own_steps {}
}
