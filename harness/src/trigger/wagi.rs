//! Serves requests with CGI programs, which the executor `wagi` runs: the request stands in their environment, arguments
//! and standard input, the answer is what they write (`crates/trigger-http/src/wagi.rs`).

use super::bounded::{note_trap, within_bounds};
use super::cgi::answer_of;
use super::client::Answer;
use super::drive::{Job, SharedAnswer, not_started, taken, with};
use super::instantiate::instantiate;
use crate::engine::CompiledComponent;
use crate::host::{InstanceState, Program};
use crate::sandbox::{Bound, Session};
use http_body_util::BodyExt as _;
use std::sync::Arc;
use wasmtime_wasi::I32Exit;
use wasmtime_wasi::p2::bindings::CommandPre;
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;

/// Runs the program once.
pub(super) async fn serve_program(
    session: &Session,
    component: &CompiledComponent,
    command: &CommandPre<InstanceState>,
    job: Job,
) -> Answer {
    let answer = SharedAnswer::default();
    let (lane, chain) = (job.lane(), Arc::clone(&job.chain));
    let call = job.program.unwrap_or_default();
    let bound = session.options().bounds.response;
    // One byte more, by which it is known that the bound was met.
    let most = usize::try_from(bound)
        .unwrap_or(usize::MAX)
        .saturating_add(1);
    let output = MemoryOutputPipe::new(most);
    // The body is in memory: reading it cannot fail.
    let input = job.request.into_body().collect().await;
    let program = Program {
        arguments: call.arguments,
        environment: call.environment,
        input: input.map(|body| body.to_bytes()).unwrap_or_default(),
        output: output.clone(),
    };
    let made = InstanceState::of_program(session, component, lane, Arc::clone(&chain), program);
    let state = match made {
        Ok(state) => state,
        Err(error) => return not_started(&error),
    };
    let (instance, stop) = (state.caller.instance, Arc::clone(&state.stop));
    let serving = async {
        let (mut store, command) = instantiate(component, command, state).await?;
        let called = command.wasi_cli_run().call_run(&mut store).await;
        let written = output.contents();
        if written.len() as u64 > bound {
            stop.exceed(Bound::Response);
        }
        with(&answer, |answer| {
            answer.ended = Some(session.clock().elapsed());
        });
        match called {
            // That it did not succeed is only logged, and what it wrote counts.
            Ok(Ok(()) | Err(())) => Ok(written),
            Err(error) if exits_with_success(&error) => Ok(written),
            Err(error) => Err(error),
        }
    };
    let ended = within_bounds(session, &stop, &chain, serving).await;
    match ended {
        Ok(written) => with(&answer, |answer| answer_of(answer, component.id(), written)),
        Err(ended) => note_trap(session, component, instance, &ended, &answer),
    }
    taken(&answer)
}

fn exits_with_success(error: &wasmtime::Error) -> bool {
    let exit = error.root_cause().downcast_ref::<I32Exit>();
    exit.is_some_and(|exit| exit.0 == 0)
}
